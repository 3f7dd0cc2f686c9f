//! Load: every connection sends its request again and again for some seconds, and each answer is looked at.

use std::time::{Duration, Instant};

use serde::Serialize;

use crate::{
    http::{Connection, find},
    scenarios::Variant,
};

/// What load showed.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Measured {
    /// Answers in a second.
    pub per_second: f64,
    /// Half of them came within so many milliseconds.
    pub p50_ms: f64,
    /// Of a hundred ninety-nine.
    pub p99_ms: f64,
    /// How many answers there were.
    pub answers: usize,
    /// How many were not what they should be.
    pub wrong: usize,
    /// The bytes of the last answer.
    pub bytes: usize,
}

/// Sends each variant on a connection of its own.
pub async fn run(host: &str, variants: &[Variant], lasts: Duration) -> anyhow::Result<Measured> {
    let began = Instant::now();
    let tasks: Vec<_> = variants
        .iter()
        .cloned()
        .map(|variant| {
            let host = host.to_owned();
            tokio::spawn(async move {
                let mut connection = Connection::open(&host).await?;
                let (mut times, mut wrong, mut bytes) = (Vec::new(), 0, 0);
                while began.elapsed() < lasts {
                    let sent = Instant::now();
                    let answer = connection.send(&variant.request).await?;
                    times.push(sent.elapsed());
                    bytes = answer.body.len();
                    if answer.status != 200 || find(&answer.body, variant.proof.as_bytes()).is_none() {
                        wrong += 1;
                    }
                }
                anyhow::Ok((times, wrong, bytes))
            })
        })
        .collect();
    let (mut times, mut all) = (Vec::new(), Measured::default());
    for task in tasks {
        let (own, wrong, bytes) = task.await??;
        times.extend(own);
        all.wrong += wrong;
        all.bytes = bytes;
    }
    times.sort_unstable();
    all.answers = times.len();
    all.per_second = times.len() as f64 / began.elapsed().as_secs_f64();
    let at = |share: usize| times.get(times.len() * share / 100).or(times.last()).map_or(0.0, |time| time.as_secs_f64() * 1000.0);
    (all.p50_ms, all.p99_ms) = (at(50), at(99));
    Ok(all)
}
