//! What a run says of itself on standard error: stage, share done, rate, time left.

use std::{
    io::{IsTerminal as _, Write as _},
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// A line no more often than this.
const EVERY: Duration = Duration::from_secs(2);

/// The progress of one stage.
pub struct Progress {
    stage: &'static str,
    unit: &'static str,
    total: Option<u64>,
    done: AtomicU64,
    from: Instant,
    said: Mutex<Instant>,
}

impl Progress {
    /// Begins. `total`: how many units there are, where that is known.
    pub fn new(stage: &'static str, unit: &'static str, total: Option<u64>) -> Self {
        let now = Instant::now();
        Self { stage, unit, total, done: AtomicU64::new(0), from: now, said: Mutex::new(now) }
    }

    /// So many more are done.
    pub fn add(&self, n: u64) {
        let done = self.done.fetch_add(n, Ordering::Relaxed) + n;
        // Whoever finds it taken has nothing to say.
        if let Ok(mut said) = self.said.try_lock()
            && said.elapsed() >= EVERY
        {
            *said = Instant::now();
            let end = if std::io::stderr().is_terminal() { "\r" } else { "\n" };
            let _ = write!(std::io::stderr(), "{}{end}", line(self.stage, self.unit, done, self.total, self.from.elapsed()));
        }
    }

    /// Ends; says what it came to.
    pub fn end(self) -> (u64, Duration) {
        let (done, took) = (self.done.into_inner(), self.from.elapsed());
        eprintln!("{}", line(self.stage, self.unit, done, None, took));
        (done, took)
    }
}

fn line(stage: &str, unit: &str, done: u64, total: Option<u64>, took: Duration) -> String {
    let rate = done as f64 / took.as_secs_f64().max(1e-9);
    let left = total.filter(|_| rate > 0.0).map(|total| total.saturating_sub(done) as f64 / rate);
    let share = total.map_or(String::new(), |total| format!(" of {total} ({:.0} %)", 100.0 * done as f64 / total.max(1) as f64));
    let left = left.map_or(String::new(), |s| format!(", {s:.0} s left"));
    format!("{stage}: {done}{share} {unit} in {:.1} s, {rate:.0}/s{left}", took.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_share_rate_and_time_left() {
        let said = line("ingest", "rows", 50, Some(200), Duration::from_secs(10));
        assert_eq!(said, "ingest: 50 of 200 (25 %) rows in 10.0 s, 5/s, 30 s left");
        assert_eq!(line("seal", "rows", 50, None, Duration::from_secs(10)), "seal: 50 rows in 10.0 s, 5/s");
    }
}
