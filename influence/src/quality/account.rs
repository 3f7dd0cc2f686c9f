//! P(suspicious) of one account from what its public profile shows: a logistic model whose every part can be read. Parameters are a file:
//! ours is set by hand, `train` writes the same form from an operator's own labels.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::share::{Counted, Share, share};
use crate::learn::{Curve, Row, fit, isotonic, rates, sigmoid};
use crate::math::rank::auc;

/// What a profile shows. `None` = not known, which counts as average: it speaks neither for nor against.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Account {
    /// Followers.
    pub followers: Option<u64>,
    /// Accounts that it follows.
    pub following: Option<u64>,
    /// Posts ever.
    pub posts: Option<u64>,
    /// Has a picture of its own.
    pub picture: Option<bool>,
    /// Shows its posts to followers only.
    pub private: Option<bool>,
    /// Length of the biography, in characters.
    pub bio_length: Option<u64>,
    /// Has a link.
    pub link: Option<bool>,
    /// Words in the full name.
    pub name_words: Option<u64>,
    /// Share of digits in the handle, 0–1.
    pub handle_digits: Option<f64>,
    /// Age in days.
    pub age_days: Option<f64>,
    /// Days since its last post.
    pub idle_days: Option<f64>,
    /// Its picture is that of another account too.
    pub copied_picture: Option<bool>,
}

/// The features by name, in their order; parameter files name them.
pub const FEATURES: [&str; 12] = [
    "ln_followers",
    "ln_following",
    "ln_posts",
    "picture",
    "private",
    "ln_bio_length",
    "link",
    "ln_name_words",
    "handle_digits",
    "ln_age_days",
    "ln_idle_days",
    "copied_picture",
];

impl Account {
    /// The features; counts as ln(1 + count). ln(following/followers) is not one: in a sum it is the difference of two that are there.
    #[must_use]
    pub fn features(&self) -> [Option<f64>; 12] {
        #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
        let ln = |count: Option<u64>| count.map(|c| (c as f64).ln_1p());
        let days = |d: Option<f64>| d.filter(|d| d.is_finite()).map(|d| d.max(0.0).ln_1p());
        let flag = |f: Option<bool>| f.map(|f| f64::from(u8::from(f)));
        let digits = self.handle_digits.filter(|d| d.is_finite()).map(|d| d.clamp(0.0, 1.0));
        [
            ln(self.followers),
            ln(self.following),
            ln(self.posts),
            flag(self.picture),
            flag(self.private),
            ln(self.bio_length),
            flag(self.link),
            ln(self.name_words),
            digits,
            days(self.age_days),
            days(self.idle_days),
            flag(self.copied_picture),
        ]
    }
}

/// One feature's part in the sum: weight × (value − mean)/sd.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// Change of the ln odds for one sd.
    pub weight: f64,
    /// The value that speaks neither way.
    pub mean: f64,
    /// The scale; above 0.
    pub sd: f64,
}

/// Why a model leans one way: the feature and its part of the ln odds, above 0 = towards suspicious.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reason {
    /// One of [`FEATURES`].
    pub feature: &'static str,
    /// Part of the ln odds.
    pub part: f64,
}

/// An account with what somebody who knows says of it.
#[derive(Clone, Debug)]
pub struct Example {
    /// The profile.
    pub account: Account,
    /// It is fake.
    pub is_fake: bool,
}

/// The parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// Where the numbers come from, in words.
    pub source: String,
    /// ln odds of the account that is average in all.
    pub bias: f64,
    /// The parts, by feature.
    pub terms: BTreeMap<String, Term>,
    /// From the model's own probability to the one seen; empty = as it is.
    #[serde(default)]
    pub calibration: Curve,
    /// Above this an account is flagged when a share is counted: chosen so that genuine accounts are flagged rarely, since
    /// at a share of 10 % each point of false alarms costs nine tenths of a point.
    pub flag_above: f64,
    /// Fakes that are flagged, as measured.
    pub sensitivity: Counted,
    /// Genuine accounts that are not, as measured.
    pub specificity: Counted,
}

/// What is left of a detector's power in another source: published detectors of automated accounts fall from F1 .83 within a data set to .685 across data
/// sets (BotArtist, arXiv 2306.00037).
pub const TRANSFER: f64 = 0.685 / 0.83;
/// The share of genuine accounts that may be flagged when the threshold is chosen.
const FALSE_ALARMS: f64 = 0.01;
/// Strong, since what is learnt in one source must hold in another.
const RIDGE: f64 = 1.0 / 0.03;
const FOLDS: usize = 5;

impl Model {
    /// The parameters that ship, set by hand.
    ///
    /// # Panics
    /// Never in a build whose tests passed: the file is read there.
    #[must_use]
    #[expect(clippy::expect_used, reason = "embedded and read in a test")]
    pub fn shipped() -> Self {
        serde_json::from_str(include_str!("../../data/account.json")).expect("data/account.json is a model")
    }

    /// P(suspicious), 0–1.
    #[must_use]
    pub fn probability(&self, account: &Account) -> f64 {
        self.calibration.at(self.raw(account))
    }

    /// P(suspicious) before calibration: what [`Self::flag_above`] is compared with.
    #[must_use]
    pub fn raw(&self, account: &Account) -> f64 {
        sigmoid(self.bias + self.reasons(account).iter().map(|r| r.part).sum::<f64>())
    }

    /// Counts as suspicious when a share is taken.
    #[must_use]
    pub fn flags(&self, account: &Account) -> bool {
        self.raw(account) > self.flag_above
    }

    /// The share of fakes among accounts of which some were [flagged](Self::flags), corrected for errors. The sensitivity is taken to be lower than it was
    /// where it was measured, since fakes differ from source to source: [`TRANSFER`]. `None` where nothing can be said.
    #[must_use]
    pub fn share(&self, flagged: Counted) -> Option<Share> {
        #[expect(clippy::cast_possible_truncation, reason = "counts of examples")]
        let elsewhere = Counted::of(self.sensitivity.rate() * TRANSFER, self.sensitivity.n as usize);
        share(flagged, elsewhere, self.specificity)
    }

    /// The parts of the ln odds, the strongest first.
    #[must_use]
    pub fn reasons(&self, account: &Account) -> Vec<Reason> {
        let known = FEATURES.iter().zip(account.features()).filter_map(|(feature, value)| {
            let term = self.terms.get(*feature)?;
            Some(Reason { feature, part: term.weight * (value? - term.mean) / term.sd })
        });
        let mut reasons: Vec<_> = known.collect();
        reasons.sort_by(|a, b| b.part.abs().total_cmp(&a.part.abs()).then(a.feature.cmp(b.feature)));
        reasons
    }

    /// Learns from labelled accounts, both classes weighing the same. Calibration, threshold and error rates come from parts of the examples that the
    /// model had not seen (five folds by number). Features that are missing in more than half of the examples are left out. `None` below 20 of a class.
    #[must_use]
    pub fn train(source: &str, examples: &[Example]) -> Option<Self> {
        let labels: Vec<bool> = examples.iter().map(|e| e.is_fake).collect();
        if labels.iter().filter(|l| **l).count() < 20 || labels.iter().filter(|l| !**l).count() < 20 {
            return None;
        }
        let mut unseen = vec![0.0; examples.len()];
        let folds = folds(&labels);
        for fold in 0..FOLDS {
            let train: Vec<&Example> = examples.iter().zip(&folds).filter(|(_, f)| **f != fold).map(|(e, _)| e).collect();
            let model = Self::bare(source, &train);
            for (i, example) in examples.iter().enumerate().filter(|(i, _)| folds[*i] == fold) {
                unseen[i] = model.raw(&example.account);
            }
        }
        let mut model = Self::bare(source, &examples.iter().collect::<Vec<_>>());
        let mut genuine: Vec<f64> = unseen.iter().zip(&labels).filter(|(_, l)| !**l).map(|(s, _)| *s).collect();
        genuine.sort_by(f64::total_cmp);
        #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a list")]
        let place = ((genuine.len() as f64 * (1.0 - FALSE_ALARMS)).ceil() as usize).clamp(1, genuine.len()) - 1;
        model.flag_above = genuine[place];
        let ((hit, fakes), (spared, honest)) = rates(&unseen, &labels, model.flag_above);
        model.sensitivity = Counted::of(hit, fakes);
        model.specificity = Counted::of(spared, honest);
        model.calibration = isotonic(&unseen, &labels);
        model.source = format!("{source}: {} accounts, AUC {:.3} on unseen fifths", examples.len(), auc(&unseen, &labels).unwrap_or(0.5));
        Some(model)
    }

    fn bare(source: &str, examples: &[&Example]) -> Self {
        let all: Vec<[Option<f64>; 12]> = examples.iter().map(|e| e.account.features()).collect();
        let mut terms = BTreeMap::new();
        for (i, feature) in FEATURES.iter().enumerate() {
            let known: Vec<f64> = all.iter().filter_map(|row| row[i]).collect();
            #[expect(clippy::cast_precision_loss, reason = "counts of examples")]
            let n = known.len() as f64;
            if known.len() * 2 < all.len() {
                continue;
            }
            let mean = known.iter().sum::<f64>() / n;
            let sd = (known.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt();
            if sd > 1e-9 {
                terms.insert((*feature).to_owned(), Term { weight: 0.0, mean, sd });
            }
        }
        let rows: Vec<Row> = all.iter().map(|row| standardised(row, &terms)).collect();
        let labels: Vec<bool> = examples.iter().map(|e| e.is_fake).collect();
        let fitted = fit(&rows, &labels, RIDGE, true);
        for (i, feature) in (0_u32..).zip(FEATURES) {
            if let Some(term) = terms.get_mut(feature) {
                term.weight = fitted.weights.get(&i).copied().unwrap_or(0.0);
            }
        }
        Self {
            source: source.to_owned(),
            bias: fitted.bias,
            terms,
            calibration: Curve::default(),
            flag_above: 0.5,
            sensitivity: Counted::default(),
            specificity: Counted::default(),
        }
    }
}

fn standardised(row: &[Option<f64>; 12], terms: &BTreeMap<String, Term>) -> Row {
    let parts = (0_u32..).zip(FEATURES).zip(row).filter_map(|((i, feature), value)| {
        let term = terms.get(feature)?;
        Some((i, ((*value)? - term.mean) / term.sd))
    });
    parts.collect()
}

/// Each class dealt out in turn, so that every fold has its share of both.
fn folds(labels: &[bool]) -> Vec<usize> {
    let mut dealt = [0, 0];
    let deal = |label: &bool| {
        let hand = &mut dealt[usize::from(*label)];
        *hand += 1;
        *hand % FOLDS
    };
    labels.iter().map(deal).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person() -> Account {
        Account {
            followers: Some(420),
            following: Some(390),
            posts: Some(85),
            picture: Some(true),
            bio_length: Some(40),
            handle_digits: Some(0.0),
            ..Account::default()
        }
    }

    fn husk() -> Account {
        Account {
            followers: Some(12),
            following: Some(3900),
            posts: Some(0),
            picture: Some(false),
            bio_length: Some(0),
            handle_digits: Some(0.4),
            ..Account::default()
        }
    }

    #[test]
    fn the_shipped_file_is_a_model_that_tells_a_husk_from_a_person() {
        let model = Model::shipped();
        assert!(model.terms.keys().all(|k| FEATURES.contains(&k.as_str())));
        assert!(model.terms.values().all(|t| t.sd > 0.0));
        assert!(model.probability(&person()) < 0.2, "{}", model.probability(&person()));
        assert!(model.probability(&husk()) > 0.8 && model.flags(&husk()));
        let reasons = model.reasons(&husk());
        let sum: f64 = reasons.iter().map(|r| r.part).sum();
        assert!((sigmoid(model.bias + sum) - model.raw(&husk())).abs() < 1e-12, "the reasons are the whole");
    }

    #[test]
    fn nothing_known_is_no_accusation() {
        assert!(Model::shipped().probability(&Account::default()) < 0.5);
    }

    #[test]
    fn learns_from_labels() {
        let mut examples = Vec::new();
        for i in 0..60 {
            let mut account = if i % 2 == 0 { person() } else { husk() };
            account.followers = account.followers.map(|f| f + i);
            examples.push(Example { account, is_fake: i % 2 == 1 });
        }
        let model = Model::train("test", &examples).unwrap();
        assert!(model.probability(&person()) < 0.1 && model.probability(&husk()) > 0.9);
        assert!(!model.terms.contains_key("ln_age_days"), "never known");
        let text = serde_json::to_string(&model).unwrap();
        assert_eq!(text, serde_json::to_string(&Model::train("test", &examples).unwrap()).unwrap(), "the same bytes");
        assert!(Model::train("test", &examples[..30]).is_none());
    }
}
