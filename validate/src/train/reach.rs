//! The reach model (section 5, rule 3): ln views from visible counters, every slope at least 0, small absolute error rather than small squares.

use std::collections::BTreeMap;

use influence::{
    math::{
        fit::{Weight, absolute},
        stats::{mad, median, quantile},
    },
    params::{NetworkParams, ReachModel, Term},
    reach::{Seen, views},
};

use crate::data::channels::Channel;

/// Rows of a country below which it gets no term, and rows that hide a counter below which their mean is not fitted.
const LEAST: usize = 20;
/// Pull of slopes and offsets to 0.
const RIDGE: f64 = 1e-3;
/// Errors in ln much smaller than this count as squares, larger ones by size.
const DELTA: f64 = 0.15;
const ROUNDS: usize = 1_500;

/// A row to learn from.
#[derive(Clone)]
pub struct Row {
    handle: String,
    snapshot: String,
    /// Followers, likes, comments, shares.
    counters: [Option<f64>; 4],
    country: Option<String>,
    ln_views: f64,
}

impl Row {
    /// A channel that shows its views.
    pub fn of(channel: &Channel) -> Option<Self> {
        let seen = channel.visible();
        let views = channel.views_avg.filter(|v| *v > 0.0)?;
        (seen.likes.is_some() || seen.comments.is_some() || seen.shares.is_some()).then(|| Self {
            handle: channel.handle.to_lowercase(),
            snapshot: channel.snapshot.clone(),
            counters: [channel.followers, seen.likes, seen.comments, seen.shares],
            country: channel.country().map(|c| String::from_utf8_lossy(&c).into_owned()),
            ln_views: views.ln(),
        })
    }
}

/// Slopes for a term: below the knot, above it; `None` for the hidden.
fn pieces(x: Option<f64>, knot: f64) -> [f64; 3] {
    x.map_or([0.0, 0.0, 1.0], |x| {
        let l = x.max(0.0).ln_1p();
        [l.min(knot), (l - knot).max(0.0), 0.0]
    })
}

/// Fits the model to rows.
pub fn fit(rows: &[Row]) -> ReachModel {
    let known = |i: usize| rows.iter().filter_map(|r| r.counters[i]).map(|x| x.max(0.0).ln_1p()).collect::<Vec<f64>>();
    let knots: [f64; 4] = std::array::from_fn(|i| median(&known(i)).unwrap_or(0.0));
    // Beyond one row in a hundred the model knows nothing.
    let from: [f64; 4] = std::array::from_fn(|i| quantile(&known(i), 0.01).unwrap_or(0.0));
    let hidden: [usize; 4] = std::array::from_fn(|i| rows.iter().filter(|r| r.counters[i].is_none()).count());
    // A counter that nobody shows has no term; where few hide one, those rows are left out.
    let used: [bool; 4] = std::array::from_fn(|i| rows.len() - hidden[i] >= LEAST);
    let fits = |r: &&Row| (0..4).all(|i| !used[i] || hidden[i] >= LEAST || r.counters[i].is_some());
    let rows: Vec<&Row> = rows.iter().filter(fits).collect();
    let mut countries: BTreeMap<&str, usize> = BTreeMap::new();
    rows.iter().filter_map(|r| r.country.as_deref()).for_each(|c| *countries.entry(c).or_default() += 1);
    countries.retain(|_, n| *n >= LEAST);

    let mut weights =
        vec![Weight { start: median(&rows.iter().map(|r| r.ln_views).collect::<Vec<_>>()).unwrap_or(0.0), ..Weight::free(0.0) }];
    for i in 0..4 {
        let slope = if used[i] { Weight::positive(0.0, RIDGE) } else { Weight { most: 0.0, ..Weight::positive(0.0, 0.0) } };
        let offset =
            if used[i] && hidden[i] >= LEAST { Weight::free(RIDGE / 10.0) } else { Weight { least: 0.0, most: 0.0, ..Weight::free(0.0) } };
        weights.extend([slope, slope, offset]);
    }
    weights.extend(countries.keys().map(|_| Weight::free(RIDGE)));
    let mut design: Vec<Vec<f64>> = rows
        .iter()
        .map(|r| {
            let terms = (0..4).flat_map(|i| pieces(r.counters[i], knots[i]));
            let there = countries.keys().map(|c| f64::from(u8::from(r.country.as_deref() == Some(*c))));
            std::iter::once(1.0).chain(terms).chain(there).collect()
        })
        .collect();
    // Around their means, so that the steps of the fit are even.
    let width = weights.len();
    let means: Vec<f64> =
        (0..width).map(|j| if j == 0 { 0.0 } else { design.iter().map(|d| d[j]).sum::<f64>() / design.len().max(1) as f64 }).collect();
    design.iter_mut().for_each(|d| d.iter_mut().zip(&means).for_each(|(x, m)| *x -= m));
    let y: Vec<f64> = rows.iter().map(|r| r.ln_views).collect();
    let w = absolute(&design, &y, &weights, DELTA, ROUNDS);
    let missed: Vec<f64> = design.iter().zip(&y).map(|(d, y)| d.iter().zip(&w).map(|(x, w)| x * w).sum::<f64>() - y).collect();
    let term = |i: usize| {
        let [low, high, offset] = [w[1 + 3 * i], w[2 + 3 * i], w[3 + 3 * i]];
        let mean = rows
            .iter()
            .filter_map(|r| r.counters[i])
            .map(|x| {
                let [l, h, _] = pieces(Some(x), knots[i]);
                low * l + high * h
            })
            .sum::<f64>()
            / rows.iter().filter(|r| r.counters[i].is_some()).count().max(1) as f64;
        Term { from: from[i], knot: knots[i], low, high, hidden: if hidden[i] >= LEAST { offset } else { mean } }
    };
    ReachModel {
        intercept: w[0] - w.iter().zip(&means).skip(1).map(|(w, m)| w * m).sum::<f64>(),
        followers: term(0),
        likes: term(1),
        comments: term(2),
        shares: term(3),
        country: countries.keys().enumerate().map(|(i, c)| ((*c).to_owned(), w[13 + i])).collect(),
        sd: mad(&missed).unwrap_or(1.0),
        n: rows.len(),
    }
}

/// (expected, true) views of rows by a model.
pub fn expected<'a>(rows: impl IntoIterator<Item = &'a Row>, model: &ReachModel, like: &NetworkParams) -> Vec<(f64, f64)> {
    let network = NetworkParams { model: model.clone(), ..like.clone() };
    rows.into_iter()
        .filter_map(|r| {
            let [followers, likes, comments, shares] = r.counters;
            let seen = Seen { likes, comments, shares, ..Default::default() };
            Some((views(&seen, followers, r.country.as_deref(), &network)?, r.ln_views.exp()))
        })
        .collect()
}

/// Expected views of rows whose channel the model did not see: five folds by channel.
pub fn unseen_channels(rows: &[Row], like: &NetworkParams) -> Vec<(f64, f64)> {
    let mut handles: Vec<&str> = rows.iter().map(|r| r.handle.as_str()).collect();
    handles.sort_unstable();
    handles.dedup();
    let mut rng = influence::math::Rng::new(1);
    let fold: BTreeMap<&str, usize> = handles.into_iter().map(|h| (h, rng.below(5))).collect();
    (0..5)
        .flat_map(|k| {
            let inside: Vec<Row> = rows.iter().filter(|r| fold[r.handle.as_str()] != k).cloned().collect();
            expected(rows.iter().filter(|r| fold[r.handle.as_str()] == k), &fit(&inside), like)
        })
        .collect()
}

/// Expected views of the last snapshot by a model of the earlier ones; `None` with one snapshot alone.
pub fn unseen_time(rows: &[Row], like: &NetworkParams) -> Option<Vec<(f64, f64)>> {
    let last =
        rows.iter().filter(|r| r.snapshot.split('-').skip(1).all(|p| p.bytes().all(|b| b.is_ascii_digit()))).map(|r| &r.snapshot).max()?;
    let before: Vec<Row> = rows.iter().filter(|r| r.snapshot != *last).cloned().collect();
    (!before.is_empty()).then(|| expected(rows.iter().filter(|r| r.snapshot == *last), &fit(&before), like))
}
