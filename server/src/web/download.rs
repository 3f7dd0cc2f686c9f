//! Files that people take away.

use actix_web::{
    HttpResponse,
    http::header::{ContentDisposition, DispositionParam, DispositionType},
};

use crate::error::Result;

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
