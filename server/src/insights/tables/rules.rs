//! What an admin types is read here, and refused line by line. Pure.

use std::{borrow::Cow, collections::BTreeMap, str::FromStr};

use entity::enums::{Network, ReferenceTableKind as Kind};
use influence::{text::Lang, types::Tier, vetting::KINDS};

use super::content::{Content, INNOCENT, Worth, columns};
use crate::{
    base::{money::Currency, text},
    error::{Check, Code, Error, Problem, Result, Wrong},
    insights::rules,
};

/// Characters of a table: thousands of words.
pub const MOST: usize = 100_000;
/// Characters of a note.
pub const NOTE: usize = 200;
/// So many lines are named as wrong at once.
const SHOWN: usize = 20;

/// The field of a line, as problems name it.
pub fn field(line: u64) -> Cow<'static, str> {
    format!("content.{line}").into()
}

/// The line that a problem is about.
pub fn line_of(field: &str) -> Option<u64> {
    field.strip_prefix("content.")?.parse().ok()
}

/// A row and where it stands.
struct Row {
    line: u64,
    cells: Vec<String>,
}

/// The rows below the heads; what cannot be read is remembered.
fn rows(kind: Kind, text: &str, wrong: &mut Vec<Problem>) -> Vec<Row> {
    let heads = columns(kind);
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let mut out = Vec::new();
    let mut record = csv::StringRecord::new();
    let mut first = true;
    loop {
        let line = reader.position().line();
        match reader.read_record(&mut record) {
            Ok(false) => break,
            Ok(true) => {}
            Err(_) => {
                wrong.push(Problem::new(field(line), Wrong::new(Code::Invalid, "insights.tables.problem.unreadable")));
                break;
            }
        }
        // Empty lines are passed over by the reader, so a row's own place is asked for.
        let line = record.position().map_or(line, csv::Position::line);
        let cells: Vec<String> = record.iter().map(|cell| cell.trim_start_matches('\u{feff}').to_owned()).collect();
        if first {
            first = false;
            if !cells.iter().map(|cell| cell.to_lowercase()).eq(heads.iter().copied()) {
                let said = Wrong::new(Code::Invalid, "insights.tables.problem.heads").with("heads", heads.join(","));
                wrong.push(Problem::new(field(line), said));
            }
            continue;
        }
        if cells.len() == heads.len() {
            out.push(Row { line, cells });
        } else {
            let said = Wrong::new(Code::Invalid, "insights.tables.problem.cells").with("n", cells.len()).with("most", heads.len());
            wrong.push(Problem::new(field(line), said));
        }
    }
    out
}

fn invalid(key: &'static str) -> Wrong {
    Wrong::new(Code::Invalid, key)
}

fn network(cell: &str) -> Result<Option<Network>, Wrong> {
    if cell.is_empty() {
        return Ok(None);
    }
    Network::from_str(cell).map(Some).map_err(|_| invalid("insights.tables.problem.network").with("word", cell))
}

fn number(cell: &str, low: f64, high: f64) -> Result<f64, Wrong> {
    let found = cell.parse::<f64>().ok().filter(|n| n.is_finite() && (low..=high).contains(n));
    found.ok_or_else(|| invalid("insights.tables.problem.number").with("low", low).with("high", high))
}

/// Where rows of one name stand, so that a second one is told.
struct Once<K>(BTreeMap<K, u64>);

impl<K: Ord> Once<K> {
    fn new() -> Self {
        Self(BTreeMap::new())
    }

    fn takes(&mut self, key: K, line: u64) -> Result<(), Wrong> {
        match self.0.insert(key, line) {
            None => Ok(()),
            Some(first) => Err(Wrong::new(Code::Taken, "insights.tables.problem.twice").with("line", first)),
        }
    }
}

/// One currency throughout, since amounts of several are never added.
fn one_currency(held: &mut Option<Currency>, cell: &str) -> Result<(), Wrong> {
    let found = Currency::parse(&cell.to_uppercase())?;
    match held.replace(found) {
        Some(before) if before != found => Err(invalid("insights.tables.problem.currencies").with("code", before.code())),
        _ => Ok(()),
    }
}

fn benchmarks(rows: &[Row], check: &mut Check) -> Content {
    let (mut out, mut once) = (BTreeMap::new(), Once::new());
    for Row { line, cells } in rows {
        let read = || {
            let key = (network(&cells[0])?, rules::tier_of(&cells[1]).ok_or_else(|| invalid("insights.tables.problem.tier"))?);
            Ok((key, number(&cells[2], 0.01, 100.0)?))
        };
        let taken = read().and_then(|(key, rate)| once.takes(key, *line).map(|()| (key, rate)));
        out.extend(check.take(field(*line), taken));
    }
    for tier in Tier::ALL {
        let missing = || Wrong::new(Code::Required, "insights.tables.problem.row").with("row", format!(",{}", rules::tier(tier)));
        check.that("content", out.contains_key(&(None, tier)), missing);
    }
    Content::Benchmarks(out)
}

fn media(rows: &[Row], check: &mut Check) -> Content {
    let (mut out, mut once, mut currency) = (BTreeMap::new(), Once::new(), None);
    for Row { line, cells } in rows {
        let mut read = || {
            let place = network(&cells[0])?;
            let what = Worth::ALL.into_iter().find(|one| one.as_str() == cells[1]);
            let what = what.ok_or_else(|| invalid("insights.tables.problem.what"))?;
            match what {
                Worth::Impressions => {}
                Worth::ImpressionsPerReaction if place.is_some() => return Err(invalid("insights.tables.problem.of_all")),
                Worth::ImpressionsPerReaction => {}
                _ if place.is_none() => return Err(invalid("insights.tables.problem.of_one")),
                _ => {}
            }
            if what != Worth::ImpressionsPerReaction {
                one_currency(&mut currency, &cells[3])?;
            } else if !cells[3].is_empty() {
                return Err(invalid("insights.tables.problem.no_money"));
            }
            once.takes((place, what), *line)?;
            Ok(((place, what), number(&cells[2], 0.0, 100_000.0)?))
        };
        out.extend(check.take(field(*line), read()));
    }
    for what in [Worth::Impressions, Worth::ImpressionsPerReaction] {
        let missing = || Wrong::new(Code::Required, "insights.tables.problem.row").with("row", format!(",{}", what.as_str()));
        check.that("content", out.contains_key(&(None, what)), missing);
    }
    Content::Media(out, currency.unwrap_or(Currency::Usd))
}

fn prices(rows: &[Row], check: &mut Check) -> Content {
    let (mut out, mut once, mut currency) = (BTreeMap::new(), Once::new(), None);
    for Row { line, cells } in rows {
        let mut read = || {
            let place = network(&cells[0])?.ok_or_else(|| invalid("insights.tables.problem.of_one"))?;
            one_currency(&mut currency, &cells[3])?;
            once.takes(place, *line)?;
            Ok((place, (number(&cells[1], 0.01, 10_000_000.0)?, number(&cells[2], 0.0, 2.0)?)))
        };
        out.extend(check.take(field(*line), read()));
    }
    Content::Prices(out, currency.unwrap_or(Currency::Usd))
}

fn words(rows: &[Row], check: &mut Check) -> Content {
    let (mut out, mut innocent, mut once) = (BTreeMap::new(), Vec::new(), Once::new());
    for Row { line, cells } in rows {
        let mut read = || {
            let listed: Vec<String> = cells[3].split('|').map(|word| word.trim().to_lowercase()).filter(|word| !word.is_empty()).collect();
            if listed.is_empty() {
                return Err(Wrong::required());
            }
            if let Some(short) = listed.iter().find(|word| word.chars().count() < 2) {
                return Err(invalid("insights.tables.problem.short").with("word", short));
            }
            if cells[2] == INNOCENT {
                for word in listed {
                    once.takes((None, word.clone()), *line)?;
                    innocent.push(word);
                }
                return Ok(());
            }
            let lang = match cells[0].as_str() {
                "en" => Lang::En,
                "ja" => Lang::Ja,
                _ => return Err(invalid("insights.tables.problem.lang")),
            };
            let severity = cells[1].parse::<u8>().ok().filter(|n| (1..=3).contains(n));
            let severity = severity.ok_or_else(|| invalid("insights.tables.problem.severity"))?;
            if !KINDS.contains(&cells[2].as_str()) {
                return Err(invalid("insights.tables.problem.kind").with("kinds", KINDS.join(", ")));
            }
            for word in listed {
                once.takes((Some(lang), word.clone()), *line).map_err(|wrong| wrong.with("word", &word))?;
                out.insert((lang, word), (severity, cells[2].clone()));
            }
            Ok(())
        };
        check.take(field(*line), read());
    }
    Content::Words(out, innocent)
}

/// A table as it was typed; or what is wrong with it, in the order of lines, the fields being `content.LINE`.
pub fn read(kind: Kind, typed: &str) -> Result<Content> {
    let typed = text::body(typed, MOST).map_err(|wrong| Problem::new("content", wrong))?;
    let mut wrong = Vec::new();
    let rows = rows(kind, &typed, &mut wrong);
    let mut check = Check::default();
    let content = match kind {
        Kind::EngagementBenchmarks => benchmarks(&rows, &mut check),
        Kind::MediaRates => media(&rows, &mut check),
        Kind::PostPrices => prices(&rows, &mut check),
        Kind::ExplicitWords => words(&rows, &mut check),
    };
    if let Err(Error::User(more)) = check.all(()) {
        wrong.extend(more);
    }
    if wrong.is_empty() {
        return Ok(content);
    }
    wrong.sort_by_key(|problem| line_of(&problem.field).unwrap_or(u64::MAX));
    wrong.truncate(SHOWN);
    Err(Error::User(wrong))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::insights::tables::content::differences;

    fn wrong(kind: Kind, text: &str) -> Vec<String> {
        match read(kind, text) {
            Err(Error::User(problems)) => problems.into_iter().map(|problem| problem.field.into_owned()).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_ships_reads_as_itself_and_changes_nothing() {
        for kind in Kind::ALL {
            let shipped = Content::shipped(*kind);
            let again = read(*kind, &shipped.csv()).unwrap_or_else(|error| panic!("{kind}: {error}"));
            assert!(differences(&shipped, &again).is_empty(), "{kind}");
            let mut params = influence::Params::shipped().clone();
            again.apply(&mut params, 0);
            params.engagement.seeds_of.clear();
            assert_eq!(&params, influence::Params::shipped(), "{kind}");
        }
    }

    #[test]
    fn each_line_is_told_what_is_wrong_with_it() {
        let benchmarks = "network,tier,rate\n,none,2\n,nano,2\n\n,micro,1\n,macro,101\n,mega,.9\nmyspace,nano,1\n,nano,3\ntiktok,nano\n";
        assert_eq!(wrong(Kind::EngagementBenchmarks, benchmarks), ["content.6", "content.8", "content.9", "content.10", "content"]);
        assert_eq!(wrong(Kind::EngagementBenchmarks, "tier,rate\n")[0], "content.1");
        let media = "network,what,price,currency\n,impressions,10,USD\n,impressions_per_reaction,8.7,USD\n,like,1,USD\nx,like,1,EUR\nx,wink,1,USD\n";
        assert_eq!(wrong(Kind::MediaRates, media), ["content.3", "content.4", "content.5", "content.6", "content"]);
        let words =
            "lang,severity,kind,words\nen,4,crude,foo\nfr,1,crude,foo\nen,1,odd,foo\nen,1,crude,x\nen,1,crude,foo|FOO\n,,innocent,foot\n";
        assert_eq!(wrong(Kind::ExplicitWords, words), ["content.2", "content.3", "content.4", "content.5", "content.6"]);
        assert_eq!(wrong(Kind::PostPrices, "network,price,growth,currency\n,1,.5,USD\nx,0,.5,USD\nx,1,3,USD\n").len(), 3);
        assert_eq!(wrong(Kind::PostPrices, " "), ["content"]);
    }

    #[test]
    fn a_comparison_names_what_came_went_and_changed() {
        let before = read(Kind::PostPrices, "network,price,growth,currency\nx,1,.5,USD\nyoutube,2,.5,USD\n").unwrap();
        let after = read(Kind::PostPrices, "network,price,growth,currency\nx,3,.5,USD\ntiktok,2,.5,USD\n").unwrap();
        let found = differences(&before, &after);
        let told: Vec<_> = found.iter().map(|one| (one.what.as_str(), one.before.is_some(), one.after.is_some())).collect();
        assert_eq!(told, [("tiktok", false, true), ("x", true, true), ("youtube", true, false)]);
    }

    proptest! {
        #[test]
        fn never_panics(text in "(\\PC|[\n\",|]){0,120}", at in 0..Kind::ALL.len()) {
            let kind = Kind::ALL[at];
            let heads = format!("{}\n{text}", columns(kind).join(","));
            let _ = (read(kind, &text), read(kind, &heads));
        }
    }
}
