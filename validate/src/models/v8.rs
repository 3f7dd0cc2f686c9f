//! V8: which topics an entity belongs to. Learnt from some entities, tried on others; no entity is on both sides.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use influence::learn::{f1, interval};
use influence::math::rank::auc;
use influence::text::hash;
use influence::topics::{EntityExample, EntityModel, EntityPair, Imported, klout};

use super::files::{Table, find, tables};
use super::report::{DRAWS, Figure, Report};

const SAYS: &str = "an entity's topics are told for entities that were not learnt from";
const BAR: &str = "trained elsewhere (five parts by entity): AUC ≥ .88";
const FOLDS: u32 = 5;
/// How the labels write a name that is not known.
const NO_NAME: &str = "_display_unknown_";

/// The pairs below `test`, in five parts by entity, each learnt from the other parts and from the pairs below `train`, never from its own entities. The ontology may lie below either.
#[must_use]
pub fn run_on(train: &Path, test: &Path) -> Report {
    let examples = read(test);
    let Some(read) = ontology(test).or_else(|| ontology(train)).filter(|_| examples.len() >= 100) else {
        return Report::no_data("V8", SAYS, BAR, "klout-entity-topics (100 pairs at least) and klout-topics");
    };
    let labels: Vec<bool> = examples.iter().map(|e| e.fits).collect();
    let pairs: Vec<EntityPair> = examples.iter().map(|e| e.pair.clone()).collect();
    let tried: BTreeSet<&str> = pairs.iter().map(entity).collect();
    let known: Vec<EntityExample> = if train == test { Vec::new() } else { self::read(train) };
    let known: Vec<&EntityExample> = known.iter().filter(|e| !tried.contains(entity(&e.pair))).collect();
    let part: Vec<u32> = pairs.iter().map(|p| hash(entity(p).as_bytes(), 20) % FOLDS).collect();
    let mut trained = vec![0.0; pairs.len()];
    let mut prior = vec![0.0; pairs.len()];
    for fold in 0..FOLDS {
        let others = examples.iter().zip(&part).filter(|(_, f)| **f != fold).map(|(e, _)| e);
        let train: Vec<EntityExample> = known.iter().copied().chain(others).cloned().collect();
        let Some(model) = EntityModel::train("other entities", &read.ontology, &train) else {
            return Report::no_data("V8", SAYS, BAR, "too few pairs of a class");
        };
        let test: Vec<usize> = (0..pairs.len()).filter(|i| part[*i] == fold).collect();
        let scores = model.probabilities(&read.ontology, &test.iter().map(|i| pairs[*i].clone()).collect::<Vec<_>>());
        let priors = topic_priors(&train);
        for (i, score) in test.into_iter().zip(scores) {
            trained[i] = score;
            prior[i] = priors.get(&pairs[i].topic).copied().unwrap_or(0.5);
        }
    }
    let shipped = EntityModel::shipped().probabilities(&read.ontology, &pairs);
    let mut report = Report {
        claim: "V8",
        says: SAYS,
        n: pairs.len(),
        figures: Vec::new(),
        bar: BAR,
        met: None,
        notes: vec![
            "the collection's negatives are often entities without a name; on pairs with a name the task is harder, see those figures"
                .into(),
            format!("edges of the ontology left out since they lead nowhere or close a ring: {}", read.dropped.len()),
        ],
    };
    let named: Vec<usize> = (0..pairs.len()).filter(|i| pairs[*i].name.is_some()).collect();
    let all: Vec<usize> = (0..pairs.len()).collect();
    for (column, scores) in [("baseline", &prior), ("shipped", &shipped), ("trained elsewhere", &trained)] {
        judge(&mut report, column, "all pairs", scores, &labels, &pairs, &all);
        judge(&mut report, column, &format!("pairs with a name ({})", named.len()), scores, &labels, &pairs, &named);
    }
    report.met = report.value("trained elsewhere", "AUC, all").map(|a| a >= 0.88);
    report
}

/// AUC and F1 with an interval that draws entities, not pairs.
fn judge(report: &mut Report, column: &'static str, name: &str, scores: &[f64], labels: &[bool], pairs: &[EntityPair], rows: &[usize]) {
    let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    rows.iter().for_each(|i| groups.entry(entity(&pairs[*i])).or_default().push(*i));
    let groups: Vec<Vec<usize>> = groups.into_values().collect();
    let pick = |of: &[usize]| (of.iter().map(|i| scores[*i]).collect::<Vec<_>>(), of.iter().map(|i| labels[*i]).collect::<Vec<_>>());
    let (s, l) = pick(rows);
    let of = |drawn: &[usize]| {
        let (s, l) = pick(&drawn.iter().flat_map(|g| groups[*g].iter().copied()).collect::<Vec<_>>());
        auc(&s, &l)
    };
    let label = if column == "baseline" { "topic prior, " } else { "" };
    report.figures.push(Figure {
        name: format!("AUC, {label}{name}"),
        column,
        value: auc(&s, &l),
        interval: interval(groups.len(), DRAWS, 8, of),
    });
    report.figures.push(Figure { name: format!("F1, {label}{name}"), column, value: Some(f1(&s, &l, 0.5)), interval: None });
}

/// The share of right pairs of each topic, drawn to one half by two.
fn topic_priors(train: &[EntityExample]) -> BTreeMap<String, f64> {
    let mut seen: BTreeMap<String, (f64, f64)> = BTreeMap::new();
    for example in train {
        let entry = seen.entry(example.pair.topic.clone()).or_default();
        *entry = (entry.0 + f64::from(u8::from(example.fits)), entry.1 + 1.0);
    }
    seen.into_iter().map(|(topic, (right, n))| (topic, (right + 1.0) / (n + 2.0))).collect()
}

fn entity(pair: &EntityPair) -> &str {
    pair.item.as_deref().or(pair.name.as_deref()).unwrap_or_default()
}

fn read(data: &Path) -> Vec<EntityExample> {
    let known = |row: &std::collections::HashMap<String, String>, column| {
        row.get(column).filter(|v: &&String| !v.is_empty() && v.as_str() != NO_NAME).cloned()
    };
    let mut seen = BTreeSet::new();
    let rows = tables(data, "klout-entity-topics", &["entityId", "topicId", "label"]);
    rows.iter()
        .flat_map(|t| &t.rows)
        .filter_map(|row| {
            let pair = EntityPair {
                item: known(row, "entityId"),
                name: known(row, "entityDisplayName"),
                topic: known(row, "topicId")?,
                topic_name: known(row, "topicDisplayName"),
            };
            seen.insert((pair.item.clone(), pair.topic.clone())).then_some(EntityExample { pair, fits: Table::number(row, "label")? > 0.5 })
        })
        .collect()
}

fn ontology(data: &Path) -> Option<Imported> {
    let text = |part: &str| std::fs::read_to_string(find(data, "klout-topics", part)?).ok();
    klout(&text("klout_topic_ontology")?, &text("klout_topic_edge")?, &text("klout_topic_display")?).ok()
}
