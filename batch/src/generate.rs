//! Made-up interactions to measure with: creators by Zipf's law, a few actors who act all day, and what a scorer needs beside them (a post and an
//! account's counters for each creator). Each line follows from the seed and its number alone, so that any part can be made again anywhere.

use std::io::Write as _;

use influence::types::{DAY, Day, Millis};

use crate::row::{KIND_NAMES, NETWORK_NAMES};

/// What to make.
#[derive(Clone, Debug, PartialEq)]
pub struct Generator {
    /// The seed.
    pub seed: u64,
    /// Interactions.
    pub rows: u64,
    /// Creators.
    pub creators: u64,
    /// The exponent of Zipf's law.
    pub skew: f64,
    /// Accounts that act now and then.
    pub actors: u64,
    /// Share of interactions by heavy actors, each of whom acts some 200 times.
    pub heavy: f64,
    /// The last day.
    pub day: Day,
    /// Share of interactions that are told late, by up to three days.
    pub late: f64,
    /// Write posts and counters of the creators first.
    pub events: bool,
}

impl Generator {
    /// Ten interactions for each creator and three for each actor, 5 % by heavy actors.
    pub fn sized(rows: u64, day: Day) -> Self {
        Self {
            seed: 1,
            rows,
            creators: (rows / 100).max(1),
            skew: 1.0,
            actors: (rows / 3).max(1),
            heavy: 0.05,
            day,
            late: 0.0,
            events: true,
        }
    }

    /// Lines in all.
    pub fn lines(&self) -> u64 {
        self.rows + self.before()
    }

    /// Lines before the first interaction: two for each creator.
    fn before(&self) -> u64 {
        if self.events { 2 * self.creators } else { 0 }
    }

    /// A number that stands for all it makes.
    pub fn print(&self) -> u64 {
        crate::manifest::fingerprint(format!("{self:?}").as_bytes())
    }

    /// Writes one line.
    pub fn line(&self, number: u64, into: &mut Vec<u8>) {
        match number.checked_sub(self.before()) {
            Some(row) => self.interaction(row, into),
            None => self.event(number / 2, number.is_multiple_of(2), into),
        }
    }

    /// A creator by rank: its id, network and followers.
    fn creator(&self, rank: u64) -> (u64, &'static str, u64) {
        let id = mix(self.seed ^ 0xC0FF_EE00, rank);
        let followers = 2_000_000.0 / (1.0 + rank as f64).powf(0.7) + 200.0;
        (id, NETWORK_NAMES[(id % 9) as usize], followers as u64)
    }

    fn event(&self, rank: u64, post: bool, into: &mut Vec<u8>) {
        let (creator, network, followers) = self.creator(rank);
        let at = Millis::from(self.day) * DAY + 3_600_000;
        // Writing to memory does not fail.
        let _ = if post {
            let id = mix(creator, 0);
            let published = at - DAY * 5;
            writeln!(
                into,
                r#"{{"event":"post","creator":{creator},"id":{id},"network":"{network}","format":"feed","published_at":{published}}}"#
            )
        } else {
            writeln!(into, r#"{{"event":"account_snapshot","creator":{creator},"network":"{network}","at":{at},"followers":{followers}}}"#)
        };
    }

    fn interaction(&self, row: u64, into: &mut Vec<u8>) {
        let mut dice = Dice(self.seed ^ mix(row, 7));
        // Zipf by the inverse of its continuous form.
        let u = dice.unit();
        let n = self.creators as f64;
        let rank = if (self.skew - 1.0).abs() < 1e-9 {
            (u * (n + 1.0).ln()).exp()
        } else {
            let e = 1.0 - self.skew;
            (u * ((n + 1.0).powf(e) - 1.0) + 1.0).powf(1.0 / e)
        };
        let (creator, network, _) = self.creator((rank as u64).saturating_sub(1).min(self.creators - 1));
        let kind = match dice.unit() {
            k if k < 0.40 => 0,
            k if k < 0.78 => 2,
            k if k < 0.86 => 3,
            k if k < 0.91 => 5,
            k if k < 0.94 => 9,
            k if k < 0.97 => 7,
            _ => (dice.next() % 15) as usize,
        };
        let heavy = dice.unit() < self.heavy;
        let actor = if heavy {
            let heavies = ((self.rows as f64 * self.heavy / 200.0) as u64).max(1);
            mix(self.seed ^ 0xAC70, dice.next() % heavies)
        } else {
            mix(self.seed ^ 0xAC71, dice.next() % self.actors)
        };
        let known = dice.unit() < 0.95;
        let post = mix(creator, dice.next() % 5);
        let late = if dice.unit() < self.late { 1 + (dice.next() % 3) as Day } else { 0 };
        let ts = Millis::from(self.day - late) * DAY + (dice.next() % DAY as u64) as Millis;
        put(into, br#"{"event":"interaction","ts":"#);
        digits(into, ts.unsigned_abs());
        put(into, br#","day":"#);
        digits(into, u64::from((self.day - late).unsigned_abs()));
        put(into, br#","network":""#);
        put(into, network.as_bytes());
        put(into, br#"","kind":""#);
        put(into, KIND_NAMES[kind].as_bytes());
        put(into, br#"","creator":"#);
        digits(into, creator);
        put(into, br#","post":"#);
        digits(into, post);
        if known {
            put(into, br#","actor":"#);
            digits(into, actor);
        }
        put(into, br#","n":1,"source":"#);
        digits(into, dice.next() % 4);
        put(into, b",\"link\":\"stated\"}\n");
    }
}

fn put(into: &mut Vec<u8>, text: &[u8]) {
    into.extend_from_slice(text);
}

/// Writes a number; `write!` is several times slower, and the generator must not be what is measured.
fn digits(into: &mut Vec<u8>, mut n: u64) {
    let mut text = [0u8; 20];
    let mut at = text.len();
    loop {
        at -= 1;
        text[at] = b'0' + (n % 10) as u8;
        n /= 10;
        if n == 0 {
            break;
        }
    }
    into.extend_from_slice(&text[at..]);
}

/// A number from two: splitmix64's finish.
fn mix(a: u64, b: u64) -> u64 {
    let mut z = a.wrapping_add(b.wrapping_mul(0x9E37_79B9_7F4A_7C15)).wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0, 0)
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::{
        parse::{Format, Line},
        row::Row,
    };

    fn rows(generator: &Generator) -> Vec<Row> {
        let mut text = Vec::new();
        (0..generator.lines()).for_each(|line| generator.line(line, &mut text));
        let lines = text.split(|b| *b == b'\n').map(|line| Format::Json.line(line).expect("a good line"));
        lines.filter_map(|line| if let Line::Row(row) = line { Some(row) } else { None }).collect()
    }

    #[test]
    fn a_few_creators_have_much_and_a_few_actors_do_much() {
        let generator = Generator { creators: 1_000, ..Generator::sized(20_000, 20_000) };
        let found = rows(&generator);
        assert_eq!(found.len(), 20_000);
        let mut creators: HashMap<u64, u32> = HashMap::new();
        let mut actors: HashMap<u64, u32> = HashMap::new();
        for row in &found {
            *creators.entry(row.creator).or_default() += 1;
            *actors.entry(row.actor).or_default() += u32::from(row.actor().is_some());
        }
        let most = creators.values().max().copied().unwrap_or(0);
        assert!(most > 1_000 && creators.len() > 500, "{most} {}", creators.len());
        let heavy = actors.values().filter(|n| **n > 100).count();
        assert!((3..=6).contains(&heavy), "{heavy}");
        assert_eq!(rows(&generator), found);
        assert_ne!(rows(&Generator { seed: 2, ..generator }), found);
    }
}
