//! What of an answer could not be read, for whoever runs the installation: where it stood and how it is called, never what was there.
//! Creators read of the same figures that they could not be read. Pure.

use std::collections::BTreeMap;

use connectors::{Metric, Slices};

use super::read::Reading;

/// How many endpoints, and fields of each, are named.
const MOST: usize = 8;

/// One line for all of a reading; empty = everything could be read.
pub(super) fn told(reading: &Reading) -> String {
    let mut found: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    let mut look = |endpoint, field, metric: Metric| {
        if metric == Metric::Failed {
            *found.entry(endpoint).or_default().entry(field).or_default() += 1;
        }
    };
    match reading {
        Reading::Profile(profile) => {
            for (field, metric) in [("followers", profile.followers), ("following", profile.following), ("posts", profile.posts)] {
                look(&profile.endpoint, field, metric);
            }
        }
        Reading::Posts(page) | Reading::Backfill(page) => {
            for one in &page.items {
                one.counters.iter().for_each(|reading| look(&one.endpoint, &reading.word, reading.metric));
            }
        }
        Reading::PostFigures(sets) | Reading::StoryFigures(sets) => {
            for set in sets.iter().filter_map(|(_, set)| set.as_ref()) {
                set.readings.iter().for_each(|reading| look(&set.endpoint, &reading.word, reading.metric));
            }
        }
        Reading::Insights(sets) => {
            for (_, set) in sets {
                set.readings.iter().for_each(|reading| look(&set.endpoint, &reading.word, reading.metric));
            }
        }
        Reading::Audience(told) => {
            for part in &told.breakdowns {
                if let Slices::Missing(metric) = part.slices {
                    look(&told.endpoint, dimension(part.by), metric);
                }
            }
        }
        Reading::Comments(pages) => {
            for (_, heard) in pages {
                for one in &heard.items {
                    look("comments", "likes", one.likes);
                    look("comments", "replies", one.replies);
                }
                further("comments", heard.is_broken, &mut look);
            }
        }
        Reading::Mentions(heard) => {
            for one in &heard.items {
                one.counters.iter().for_each(|reading| look("mentions", &reading.word, reading.metric));
            }
            further("mentions", heard.is_broken, &mut look);
        }
        Reading::Grant => {}
        Reading::Stories(stories) => {
            for one in stories.iter().map(|story| &story.media) {
                one.counters.iter().for_each(|reading| look(&one.endpoint, &reading.word, reading.metric));
            }
        }
    }
    let line = |(endpoint, fields): (&&str, &BTreeMap<&str, usize>)| {
        let names: Vec<String> = fields.iter().take(MOST).map(|(field, n)| format!("{field} ({n})")).collect();
        format!("{endpoint}: {}", names.join(", "))
    };
    let lines: Vec<String> = found.iter().take(MOST).map(line).collect();
    match lines.is_empty() {
        true => String::new(),
        false => format!("could not be read: {}", lines.join("; ")),
    }
}

fn further<'a>(of: &'a str, is_broken: bool, look: &mut impl FnMut(&'a str, &'a str, Metric)) {
    if is_broken {
        look(of, "a further page", Metric::Failed);
    }
}

const fn dimension(by: connectors::Dimension) -> &'static str {
    use connectors::Dimension;
    match by {
        Dimension::Age => "age",
        Dimension::Gender => "gender",
        Dimension::AgeGender => "age and gender",
        Dimension::City => "city",
        Dimension::Country => "country",
    }
}

#[cfg(test)]
mod tests {
    use connectors::{Measure, MetricSet, Reading as Figure};

    use super::*;

    #[test]
    fn endpoint_and_field_are_named_and_what_is_only_missing_is_not() {
        let set = |metrics: &[(Measure, &str, Metric)]| MetricSet {
            external_id: "1".into(),
            window: None,
            readings: metrics.iter().map(|(measure, word, metric)| Figure::new(*measure, word, *metric)).collect(),
            endpoint: "youtube reports".into(),
            fetched_at: chrono::DateTime::UNIX_EPOCH,
        };
        let good = set(&[(Measure::Views, "views", Metric::Value(3)), (Measure::Likes, "likes", Metric::NotReady)]);
        assert_eq!(told(&Reading::Insights(vec![(1, good.clone())])), "");
        let bad = set(&[(Measure::Views, "views", Metric::Failed), (Measure::Likes, "likes", Metric::Failed)]);
        let reading = Reading::Insights(vec![(1, bad.clone()), (28, bad), (28, good)]);
        assert_eq!(told(&reading), "could not be read: youtube reports: likes (2), views (2)");
    }
}
