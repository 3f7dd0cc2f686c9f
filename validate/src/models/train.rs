//! Training on an operator's own labels: reads a table, writes a parameter file of the form that ships.
//!
//! | what | columns |
//! | --- | --- |
//! | `accounts` | followers, following, posts, picture, private, bio_length, link, name_words, handle_digits, age_days, idle_days, copied_picture (all may be empty or absent), fake |
//! | `comments` | text, spam; own_link (a part of the post's address) may be empty or absent |
//! | `sponsored` | text, names_brand, brand_shared, paid |
//!
//! Flags are 0 or 1.

use std::collections::HashMap;
use std::path::Path;

use influence::quality::{Account, AccountExample, AccountModel, CommentExample, SpamModel};
use influence::sponsored::{Context, Model as SponsoredModel};

use super::files::{Table, read};

/// n-grams kept: some 250 kB of parameters; V7 measures what it costs.
pub const GRAMS_KEPT: usize = 15_000;

/// Reads `table`, learns `what` and gives the parameter file's text, with what was learnt from in its `source`. Errors are sentences for the operator.
pub fn train(what: &str, table: &Path) -> Result<String, String> {
    let read = read(table).ok_or_else(|| format!("{} cannot be read as a table with a head line", table.display()))?;
    let source = table.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let few = || "at least 20 labelled rows of each class are needed".to_owned();
    let text = match what {
        "accounts" => {
            let rows: Vec<AccountExample> = read.rows.iter().filter_map(account).collect();
            serde_json::to_string_pretty(&AccountModel::train(&source, &rows).ok_or_else(few)?)
        }
        "comments" => {
            let row = |row: &HashMap<_, String>| {
                let own = row.get("own_link").filter(|o: &&String| !o.is_empty()).cloned();
                Some(CommentExample { text: row.get("text")?.clone(), own, is_spam: flag(row, "spam")? })
            };
            let rows: Vec<CommentExample> = read.rows.iter().filter_map(row).collect();
            serde_json::to_string(&SpamModel::train(&source, &rows).ok_or_else(few)?.pruned(GRAMS_KEPT))
        }
        "sponsored" => {
            let row = |row: &HashMap<_, String>| {
                let context = Context {
                    names_brand: flag(row, "names_brand").unwrap_or(false),
                    brand_shared: flag(row, "brand_shared").unwrap_or(false),
                };
                Some(((row.get("text")?.clone(), context), flag(row, "paid")?))
            };
            let (posts, paid): (Vec<_>, Vec<_>) = read.rows.iter().filter_map(row).unzip();
            serde_json::to_string_pretty(&SponsoredModel::train(&source, &posts, &paid).ok_or_else(few)?)
        }
        other => return Err(format!("`{other}` cannot be trained; accounts, comments and sponsored can")),
    };
    text.map_err(|e| e.to_string())
}

fn flag(row: &HashMap<String, String>, column: &str) -> Option<bool> {
    Table::number(row, column).map(|v| v > 0.5)
}

fn account(row: &HashMap<String, String>) -> Option<AccountExample> {
    let count = |column| Table::number(row, column).filter(|v| *v >= 0.0).map(|v| v as u64);
    let account = Account {
        followers: count("followers"),
        following: count("following"),
        posts: count("posts"),
        picture: flag(row, "picture"),
        private: flag(row, "private"),
        bio_length: count("bio_length"),
        link: flag(row, "link"),
        name_words: count("name_words"),
        handle_digits: Table::number(row, "handle_digits"),
        age_days: Table::number(row, "age_days"),
        idle_days: Table::number(row, "idle_days"),
        copied_picture: flag(row, "copied_picture"),
    };
    Some(AccountExample { account, is_fake: flag(row, "fake")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_what_the_models_read() {
        let folder = std::env::temp_dir().join(format!("hibiki-train-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let table = |name: &str, head: &str, row: &dyn Fn(usize) -> String| {
            let path = folder.join(name);
            let rows: Vec<String> = (0..60).map(row).collect();
            std::fs::write(&path, format!("{head}\n{}\n", rows.join("\n"))).unwrap();
            path
        };
        let accounts =
            table("a.csv", "followers,following,fake", &|i| format!("{},{},{}", 900 - 14 * i, 100 + 50 * i, usize::from(i >= 30)));
        let comments =
            table("c.csv", "text,spam", &|i| if i % 2 == 0 { format!("\"win cash, {i}\",1") } else { format!("calm view {i},0") });
        let posts =
            table("p.csv", "text,names_brand,paid", &|i| if i % 2 == 0 { "use code AB12 now,1,1".into() } else { "by the sea,0,0".into() });
        let model: AccountModel = serde_json::from_str(&train("accounts", &accounts).unwrap()).unwrap();
        assert!(model.source.starts_with("a.csv: 60 accounts"), "{}", model.source);
        let model: SpamModel = serde_json::from_str(&train("comments", &comments).unwrap()).unwrap();
        assert!(model.probability("win cash, 7") > 0.5 && model.probability("calm view 3") < 0.5);
        let model: SponsoredModel = serde_json::from_str(&train("sponsored", &posts).unwrap()).unwrap();
        assert!(model.probability("use code AB12", Context { names_brand: true, brand_shared: false }).0 > 0.5);
        assert!(train("accounts", &comments).unwrap_err().contains("20 labelled"));
        assert!(train("weather", &comments).unwrap_err().contains("weather"));
        assert!(train("accounts", &folder.join("none.csv")).unwrap_err().contains("none.csv"));
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
