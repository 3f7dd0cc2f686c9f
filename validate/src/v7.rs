//! V7: spam under videos. Each video is judged by a model that learnt from the others only.

use std::path::Path;

use influence::learn::{auc, f1, interval};
use influence::quality::{CommentExample, SpamModel};

use crate::files::{Table, tables};
use crate::report::{DRAWS, Figure, Report};
use crate::train::GRAMS_KEPT;

const SAYS: &str = "spam comments are told under a video that was not learnt from";
const BAR: &str = "trained elsewhere, leave one video out: mean F1 ≥ .95";

struct Video {
    name: String,
    comments: Vec<CommentExample>,
}

/// Leaves one video out at a time; then, where another network's comments lie beside them, tries the whole on those.
#[must_use]
pub fn run(data: &Path) -> Report {
    let videos = read(data, "youtube-spam");
    if videos.len() < 2 {
        return Report::no_data("V7", SAYS, BAR, "youtube-spam needs two videos at least");
    }
    let mut report = Report {
        claim: "V7",
        says: SAYS,
        n: videos.iter().map(|v| v.comments.len()).sum(),
        figures: Vec::new(),
        bar: BAR,
        met: None,
        notes: vec![
            "half of these comments are spam, by construction of the collection: F1 under a usual post is lower".into(),
            "songs of 2012 to 2014, nearly all in English; nothing here says how the Japanese words do".into(),
            "in LMFAO those who beg for likes count as spam, elsewhere hardly any do".into(),
        ],
    };
    let shipped = SpamModel::shipped();
    let (mut means, mut small) = ((0.0, 0.0), 0.0);
    for (i, video) in videos.iter().enumerate() {
        let others: Vec<CommentExample> =
            videos.iter().enumerate().filter(|(j, _)| *j != i).flat_map(|(_, v)| v.comments.clone()).collect();
        let name = &video.name;
        let words = |text: &str| f64::from(u8::from(has_link_or_channel(text)));
        judge(&mut report, "baseline", &format!("link or “subscribe”, {name}"), &video.comments, words);
        judge(&mut report, "shipped", &format!("set by hand, {name}"), &video.comments, |text| shipped.probability(text));
        let Some(model) = SpamModel::train("other videos", &others) else {
            return Report::no_data("V7", SAYS, BAR, "too few comments of a class outside one of the videos");
        };
        let (f, a) =
            judge(&mut report, "trained elsewhere", &format!("others → {name}"), &video.comments, |text| model.probability(text));
        means = (means.0 + f, means.1 + a.unwrap_or(0.5));
        let pruned = model.pruned(GRAMS_KEPT);
        let labels: Vec<bool> = video.comments.iter().map(|c| c.is_spam).collect();
        small += f1(&video.comments.iter().map(|c| pruned.probability(&c.text)).collect::<Vec<_>>(), &labels, 0.5);
    }
    let n = videos.len() as f64;
    let mut mean = |name: &str, value: f64| {
        report.figures.push(Figure { name: name.into(), column: "trained elsewhere", value: Some(value / n), interval: None });
    };
    mean("mean F1 over videos", means.0);
    mean("mean AUC over videos", means.1);
    mean(&format!("mean F1 with the {GRAMS_KEPT} largest n-grams only"), small);
    report.met = Some(means.0 / n >= 0.95);
    transfer(&mut report, data, &videos);
    report
}

/// Another network's comments, if any folder of that kind is there.
fn transfer(report: &mut Report, data: &Path, videos: &[Video]) {
    let others: Vec<Video> =
        ["instagram-spam", "instagram-comments", "instagram-comment-spam"].iter().flat_map(|folder| read(data, folder)).collect();
    if others.is_empty() {
        report.notes.push("no data for the transfer to Instagram comments: not measured".into());
        return;
    }
    let all: Vec<CommentExample> = videos.iter().flat_map(|v| v.comments.clone()).collect();
    let Some(model) = SpamModel::train("YouTube", &all) else { return };
    let shipped = SpamModel::shipped();
    for other in others {
        judge(report, "shipped", &format!("transfer, {}", other.name), &other.comments, |text| shipped.probability(text));
        judge(report, "trained elsewhere", &format!("YouTube → {}", other.name), &other.comments, |text| model.probability(text));
    }
}

fn judge(
    report: &mut Report,
    column: &'static str,
    name: &str,
    comments: &[CommentExample],
    score: impl Fn(&str) -> f64,
) -> (f64, Option<f64>) {
    let labels: Vec<bool> = comments.iter().map(|c| c.is_spam).collect();
    let scores: Vec<f64> = comments.iter().map(|c| score(&c.text)).collect();
    let pick =
        |drawn: &[usize]| (drawn.iter().map(|i| scores[*i]).collect::<Vec<_>>(), drawn.iter().map(|i| labels[*i]).collect::<Vec<_>>());
    let (f, area) = (f1(&scores, &labels, 0.5), auc(&scores, &labels));
    let f_of = |drawn: &[usize]| {
        let (s, l) = pick(drawn);
        Some(f1(&s, &l, 0.5))
    };
    let auc_of = |drawn: &[usize]| {
        let (s, l) = pick(drawn);
        auc(&s, &l)
    };
    let n = comments.len();
    report.figures.push(Figure { name: format!("F1, {name}"), column, value: Some(f), interval: interval(n, DRAWS, 7, f_of) });
    report.figures.push(Figure { name: format!("AUC, {name}"), column, value: area, interval: interval(n, DRAWS, 7, auc_of) });
    (f, area)
}

fn has_link_or_channel(text: &str) -> bool {
    let lower = text.to_lowercase();
    ["http", "www.", ".com", "subscribe", "channel"].iter().any(|sign| lower.contains(sign))
}

fn read(data: &Path, folder: &str) -> Vec<Video> {
    let tables = tables(data, folder, &["content", "class"]);
    let videos = tables.into_iter().map(|table| Video {
        comments: table
            .rows
            .iter()
            .filter_map(|row| Some(CommentExample { text: row.get("content")?.clone(), is_spam: Table::number(row, "class")? > 0.5 }))
            .collect(),
        name: table.name,
    });
    videos.filter(|v| !v.comments.is_empty()).collect()
}
