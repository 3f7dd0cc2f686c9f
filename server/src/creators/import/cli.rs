//! The command line of the import: a progress bar while it runs, a summary at the end, and a report of what was refused.

use std::{
    fs::File,
    io::{BufReader, BufWriter, Write},
    path::Path,
};

use indicatif::{ProgressBar, ProgressStyle};

use super::{Refused, Totals, Watch, import, mapping::Mapping};
use crate::{app::App, auth::actors::Console, error::Result};

/// How many refused rows are shown when no report was asked for.
const SHOWN: u64 = 20;

/// `hibiki import creators FILE`.
pub async fn run(app: &App, by: &Console, list: &Path, maps: &[String], report: Option<&Path>) -> Result<Totals> {
    let map = mapping(maps)?;
    let file = File::open(list).map_err(|e| anyhow::anyhow!("{}: {e}", list.display()))?;
    let length = file.metadata().map(|m| m.len()).unwrap_or_default();
    let name = list.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let report = report.map(|path| File::create(path).map_err(|e| anyhow::anyhow!("{}: {e}", path.display()))).transpose()?;
    let mut console = Shown { bar: bar(length), report: report.map(|file| csv::Writer::from_writer(BufWriter::new(file))), shown: 0 };
    if let Some(report) = &mut console.report {
        report.write_record(["line", "account", "reason"])?;
    }
    let done = import(app, by, BufReader::new(file), &name, &map, &mut console).await;
    console.bar.finish_and_clear();
    if let Some(mut report) = console.report {
        report.flush()?;
    }
    done
}

/// Each `--map` is a file, or `field=column` as it stands; later ones win.
fn mapping(maps: &[String]) -> Result<Mapping> {
    maps.iter().try_fold(Mapping::default(), |all, text| {
        let path = Path::new(text);
        let text = if path.is_file() { std::fs::read_to_string(path)? } else { text.clone() };
        Ok(all.and(Mapping::parse(&text)?))
    })
}

fn bar(length: u64) -> ProgressBar {
    let bar = ProgressBar::new(length);
    if let Ok(style) = ProgressStyle::with_template("{bar:32} {percent:>3}%  {msg}  {elapsed}, {eta} left") {
        bar.set_style(style);
    }
    bar
}

/// Progress on standard error, refused rows in the report.
struct Shown {
    bar: ProgressBar,
    report: Option<csv::Writer<BufWriter<File>>>,
    shown: u64,
}

impl Watch for Shown {
    fn refused(&mut self, refused: Refused) -> Result<()> {
        if let Some(report) = &mut self.report {
            report.write_record([&refused.line.to_string(), &refused.account, &refused.reason])?;
        } else {
            self.shown += 1;
            match self.shown {
                1..=SHOWN => self.bar.suspend(|| eprintln!("line {}: {}: {}", refused.line, refused.account, refused.reason)),
                n if n == SHOWN + 1 => self.bar.suspend(|| eprintln!("… and more; ask for all with --report FILE")),
                _ => {}
            }
        }
        Ok(())
    }

    fn progress(&mut self, bytes: u64, totals: &Totals) {
        self.bar.set_position(bytes);
        if totals.rows.is_multiple_of(100) {
            self.bar.set_message(format!("{} rows, {} refused", totals.rows, totals.refused));
        }
    }
}

/// The summary that the command prints.
pub fn summary(totals: &Totals, mut out: impl Write) -> std::io::Result<()> {
    writeln!(
        out,
        "{} rows: {} taken, {} known already, {} refused; {} new profiles",
        totals.rows, totals.taken, totals.known, totals.refused, totals.creators
    )
}
