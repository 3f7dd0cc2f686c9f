//! Files that people take away.

use actix_web::{
    HttpResponse,
    http::header::{ContentDisposition, DispositionParam, DispositionType},
};
use entity::ids::OrgId;

use crate::{
    app::App,
    auth::actors::Person,
    base::paging::{self, Page, Slice},
    error::Result,
    events::Event,
};

/// The most rows of one file, whose name then says so; a narrower filter gives the rest.
const MOST: usize = 200_000;

/// Every row of a list, as far as one file goes. `read` gives a page of it.
pub async fn all<T>(read: impl AsyncFn(Slice) -> Result<Page<T>>) -> Result<Vec<T>> {
    Ok(paging::gather(MOST, read).await?.0)
}

/// Records that a list was taken away (B48), and gives it.
pub async fn list(app: &App, by: &Person, org: Option<OrgId>, name: &str, rows: Vec<Vec<String>>) -> Result<HttpResponse> {
    let count = rows.len().saturating_sub(1);
    let tx = app.begin().await?;
    let mut event = Event::new("list.downloaded", by.id()).by(by.id());
    event = event.with(serde_json::json!({ "list": name, "rows": count }));
    if let Some(org) = org {
        event = event.org(org);
    }
    tx.record(event).await?;
    tx.commit().await?;
    csv(&file_name(app, name, count), rows)
}

/// What a file of so many rows is called; of one that is not whole the name says so.
pub fn file_name(app: &App, what: &str, rows: usize) -> String {
    let part = if rows >= MOST { format!("-first-{rows}") } else { String::new() };
    format!("hibiki-{what}-{}{part}.csv", app.clock.now().date_naive())
}

/// A table as CSV in UTF-8 with a mark in front, so that spreadsheets read Japanese. Cells that a spreadsheet would take for a formula get
/// an apostrophe (B46).
pub fn csv(name: &str, rows: impl IntoIterator<Item = Vec<String>>) -> Result<HttpResponse> {
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(b"\xef\xbb\xbf".to_vec());
    for row in rows {
        writer.write_record(row.into_iter().map(harmless))?;
    }
    let disposition =
        ContentDisposition { disposition: DispositionType::Attachment, parameters: vec![DispositionParam::Filename(name.to_owned())] };
    let body = writer.into_inner().map_err(|error| anyhow::anyhow!("{error}"))?;
    Ok(HttpResponse::Ok().content_type("text/csv; charset=utf-8").insert_header(disposition).body(body))
}

fn harmless(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) { format!("'{cell}") } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_texts() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"] {
            assert_eq!(harmless(formula.into()), format!("'{formula}"));
        }
        assert_eq!(harmless("1-1".into()), "1-1");
    }
}
