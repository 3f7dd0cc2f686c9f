//! V6: fake accounts. Learnt from one collection of Instagram accounts, tried on another, at a mix of one fake in ten.

use std::path::Path;

use influence::learn::{f1, interval, rates};
use influence::math::rank::auc;
use influence::quality::{Account, AccountExample, AccountModel, Counted};

use super::files::{Table, tables};
use super::report::{DRAWS, Figure, Report};

const SAYS: &str = "fake accounts are told, and their share counted, in a source that was not learnt from";
const BAR: &str = "trained elsewhere, 10 % fakes, each direction: AUC ≥ .90 and error of the share ≤ 3 points";
/// The share of fakes to which the examples are weighted.
const MIX: f64 = 0.1;

type Read = fn(&Path) -> Vec<AccountExample>;

/// Learning from the collections below one folder and trying those below another: each collection against the other one.
#[must_use]
pub fn run_on(train: &Path, test: &Path) -> Report {
    let sources: [(&str, Read); 2] = [("instafake", instafake), ("kaggle-instagram-fake", kaggle)];
    let mut report = Report {
        claim: "V6",
        says: SAYS,
        n: 0,
        figures: Vec::new(),
        bar: BAR,
        met: None,
        notes: vec![
            "both collections are small, old and picked by hand; the genuine accounts of one are ordinary people, of the other often well known".into(),
            "the error of the share is that of the whole method: flagged share of the weighted mix, corrected by the rates measured in the other source".into(),
        ],
    };
    for ((from, learn), (to, try_on)) in [(sources[0], sources[1]), (sources[1], sources[0])] {
        let (learn, try_on) = (learn(train), try_on(test));
        let both = common(&learn, &try_on);
        let Some(model) = AccountModel::train(from, &both.0).filter(|_| !try_on.is_empty()) else {
            report.notes.push(format!("no data for {from} → {to}"));
            continue;
        };
        report.n += try_on.len();
        judge(&mut report, "baseline", &format!("following/followers on {to}"), &try_on, None);
        judge(&mut report, "shipped", &format!("set by hand, on {to}"), &try_on, Some(&measured(&learn)));
        let ok = judge(&mut report, "trained elsewhere", &format!("{from} → {to}"), &both.1, Some(&model));
        report.met = Some(report.met.unwrap_or(true) && ok);
    }
    if report.n == 0 {
        Report::no_data("V6", SAYS, BAR, "instafake and kaggle-instagram-fake, one to learn from and the other to try")
    } else {
        report
    }
}

/// The shipped model with the error rates that it shows in one source.
fn measured(source: &[AccountExample]) -> AccountModel {
    let mut model = AccountModel::shipped();
    let scores: Vec<f64> = source.iter().map(|e| model.raw(&e.account)).collect();
    let labels: Vec<bool> = source.iter().map(|e| e.is_fake).collect();
    let ((hit, fakes), (spared, genuine)) = rates(&scores, &labels, model.flag_above);
    (model.sensitivity, model.specificity) = (Counted::of(hit, fakes), Counted::of(spared, genuine));
    model
}

/// Adds AUC, F1 and the error of the share; says whether the bar is reached.
fn judge(report: &mut Report, column: &'static str, name: &str, test: &[AccountExample], model: Option<&AccountModel>) -> bool {
    let labels: Vec<bool> = test.iter().map(|e| e.is_fake).collect();
    let scores: Vec<f64> = test.iter().map(|e| model.map_or_else(|| ratio(&e.account), |m| m.raw(&e.account))).collect();
    // AUC does not depend on the mix.
    let of =
        |drawn: &[usize]| auc(&drawn.iter().map(|i| scores[*i]).collect::<Vec<_>>(), &drawn.iter().map(|i| labels[*i]).collect::<Vec<_>>());
    let all: Vec<usize> = (0..test.len()).collect();
    let area = of(&all);
    report.figures.push(Figure { name: format!("AUC, {name}"), column, value: area, interval: interval(test.len(), DRAWS, 6, of) });
    let Some(model) = model else { return false };
    report.figures.push(Figure {
        name: format!("F1 as collected, {name}"),
        column,
        value: Some(f1(&scores, &labels, 0.5)),
        interval: None,
    });
    let ((hit, _), (spared, _)) = rates(&scores, &labels, model.flag_above);
    for (what, value) in [("sensitivity", hit), ("specificity", spared)] {
        report.figures.push(Figure { name: format!("{what} of the flag, {name}"), column, value: Some(value), interval: None });
    }
    let error = |drawn: &[usize]| {
        let flagged = |class: bool| {
            let of_class: Vec<_> = drawn.iter().filter(|i| labels[**i] == class).collect();
            let hits = of_class.iter().filter(|i| scores[***i] > model.flag_above).count();
            (!of_class.is_empty()).then(|| hits as f64 / of_class.len() as f64)
        };
        let mixed = MIX * flagged(true)? + (1.0 - MIX) * flagged(false)?;
        // A large sample of that mix: what is left is the error of the method, not of the sample.
        let found = model.share(Counted::of(mixed, 1_000_000))?;
        Some(100.0 * (found.value - MIX))
    };
    let points = error(&all);
    report.figures.push(Figure {
        name: format!("share − 10 %, points, {name}"),
        column,
        value: points,
        interval: interval(test.len(), DRAWS, 6, error),
    });
    area.is_some_and(|a| a >= 0.90) && points.is_some_and(|p| p.abs() <= 3.0)
}

fn ratio(account: &Account) -> f64 {
    let ln = |count: Option<u64>| (count.unwrap_or(0) as f64).ln_1p();
    ln(account.following) - ln(account.followers)
}

/// What only one of the two knows is taken away, so that a model does not rest on it.
fn common(a: &[AccountExample], b: &[AccountExample]) -> (Vec<AccountExample>, Vec<AccountExample>) {
    let strip = |examples: &[AccountExample]| {
        examples
            .iter()
            .map(|e| AccountExample { account: Account { link: None, name_words: None, ..e.account.clone() }, is_fake: e.is_fake })
            .collect()
    };
    (strip(a), strip(b))
}

fn count(value: Option<f64>) -> Option<u64> {
    value.filter(|v| *v >= 0.0).map(|v| v as u64)
}

fn instafake(data: &Path) -> Vec<AccountExample> {
    let read = |row: &_| {
        let number = |column| Table::number(row, column);
        let digits = number("usernameDigitCount").zip(number("usernameLength")).map(|(d, n)| d / n.max(1.0));
        Some(AccountExample {
            account: Account {
                followers: count(number("userFollowerCount")),
                following: count(number("userFollowingCount")),
                posts: count(number("userMediaCount")),
                picture: number("userHasProfilPic").map(|v| v > 0.5),
                private: number("userIsPrivate").map(|v| v > 0.5),
                bio_length: count(number("userBiographyLength")),
                handle_digits: digits,
                ..Account::default()
            },
            is_fake: number("isFake")? > 0.5,
        })
    };
    tables(data, "instafake", &["userFollowerCount", "isFake"]).iter().flat_map(|t| t.rows.iter().filter_map(read)).collect()
}

fn kaggle(data: &Path) -> Vec<AccountExample> {
    let read = |row: &_| {
        let number = |column| Table::number(row, column);
        Some(AccountExample {
            account: Account {
                followers: count(number("#followers")),
                following: count(number("#follows")),
                posts: count(number("#posts")),
                picture: number("profile pic").map(|v| v > 0.5),
                private: number("private").map(|v| v > 0.5),
                bio_length: count(number("description length")),
                link: number("external URL").map(|v| v > 0.5),
                name_words: count(number("fullname words")),
                handle_digits: number("nums/length username"),
                ..Account::default()
            },
            is_fake: number("fake")? > 0.5,
        })
    };
    tables(data, "kaggle-instagram-fake", &["#followers", "fake"]).iter().flat_map(|t| t.rows.iter().filter_map(read)).collect()
}
