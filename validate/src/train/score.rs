//! The learned head (section 4): the form stays, its exponents are fitted so that P(a over b) = σ(κ (ln IR_a − ln IR_b)), none below 0, each pulled to
//! its start value. Five sources of pairs are fitted together: people's judgements, and what came later on four kinds of data.

use influence::{
    Params,
    math::Rng,
    score::{Facts, Parts},
    types::Network,
};

/// Items and the pairs among them, the first of each being the one that is more.
pub struct Pairs {
    /// Where from, for the log.
    pub name: &'static str,
    /// Items.
    pub items: Vec<Facts>,
    /// Pairs of places in `items`.
    pub pairs: Vec<(usize, usize)>,
    /// What each pair counts; their mean is 1.
    pub weights: Vec<f64>,
}

impl Pairs {
    /// Pairs drawn among items that have an outcome: more comes first, equal ones are left out. A pair counts by how far apart its outcomes are: what
    /// choosing the wrong one of the two costs, in people.
    pub fn by_outcome(name: &'static str, rows: Vec<(Facts, f64)>, most: usize, seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let n = rows.len();
        let (mut pairs, mut weights) = (Vec::new(), Vec::new());
        for _ in 0..most * 4 {
            if pairs.len() >= most || n < 2 {
                break;
            }
            let (a, b) = (rng.below(n), rng.below(n));
            if rows[a].1 > rows[b].1 {
                pairs.push((a, b));
                weights.push(rows[a].1 - rows[b].1);
            }
        }
        let mean = weights.iter().sum::<f64>() / weights.len().max(1) as f64;
        weights.iter_mut().for_each(|w| *w /= mean);
        Self { name, items: rows.into_iter().map(|r| r.0).collect(), pairs, weights }
    }

    /// Mean logistic loss at the best κ ≥ 0.
    fn loss(&self, params: &Params) -> f64 {
        // Below one person nothing can be told apart.
        let ln: Vec<f64> = self.items.iter().map(|f| Parts::of(f, params).map_or(0.0, |p| p.influence().ln_1p())).collect();
        let d: Vec<f64> = self.pairs.iter().map(|(a, b)| ln[*a] - ln[*b]).collect();
        best_scale(&d, &self.weights)
    }

    /// Share of pairs in the right order, ties half.
    pub fn right(&self, params: &Params) -> f64 {
        let ln: Vec<f64> = self.items.iter().map(|f| Parts::of(f, params).map_or(0.0, |p| p.influence().ln_1p())).collect();
        let won = self.pairs.iter().map(|(a, b)| {
            if ln[*a] > ln[*b] {
                1.0
            } else if ln[*a] == ln[*b] {
                0.5
            } else {
                0.0
            }
        });
        won.sum::<f64>() / self.pairs.len().max(1) as f64
    }
}

/// The weighted mean loss at its lowest over κ, in which it is convex: Newton from 0.
fn best_scale(d: &[f64], weights: &[f64]) -> f64 {
    let n = weights.iter().sum::<f64>().max(1e-9);
    let mut k = 0.0f64;
    for _ in 0..12 {
        let (mut slope, mut bend) = (1e-6 * k, 1e-6);
        for (x, w) in d.iter().zip(weights) {
            let p = 1.0 / (1.0 + (k * x).exp());
            slope -= w * x * p / n;
            bend += w * x * x * p * (1.0 - p) / n;
        }
        k = (k - (slope / bend).clamp(-2.0, 2.0)).max(0.0);
    }
    let loss = |z: f64| if z > 0.0 { (-z).exp().ln_1p() } else { z.exp().ln_1p() - z };
    d.iter().zip(weights).map(|(x, w)| w * loss(k * x)).sum::<f64>() / n
}

/// Outcomes such as later views cannot see whether anybody reacts; that it counts at all is our decision.
const LEAST_BOND: f64 = 0.1;

/// Writes a value into the parameters.
type Setter = Box<dyn Fn(&mut Params, f64)>;

/// A parameter that is fitted.
pub struct Knob {
    /// Its name, for the log.
    pub name: String,
    /// Start value, to which ridge pulls.
    pub start: f64,
    /// The least it may be.
    pub least: f64,
    /// The most it may be.
    pub most: f64,
    /// Writes it.
    pub set: Setter,
}

/// The exponents. The bonds of networks without pairs take the mean of the others afterwards.
pub fn knobs(networks: &[Network]) -> Vec<Knob> {
    let mut knobs: Vec<Knob> = vec![
        Knob { name: "cadence".to_owned(), start: 0.5, least: 0.0, most: 1.0, set: Box::new(|p, x| p.score.cadence = x) },
        Knob { name: "second hand".to_owned(), start: 0.5, least: 0.0, most: 0.5, set: Box::new(|p, x| p.score.second_hand = x) },
        Knob { name: "connections".to_owned(), start: 0.5, least: 0.0, most: 1.0, set: Box::new(|p, x| p.score.connections = x) },
        Knob {
            name: "trust in lists".to_owned(),
            start: 0.5,
            least: 0.0,
            most: 1.0,
            set: Box::new(|p, x| {
                if let Some(listed) = p.networks.get_mut(&Network::X).and_then(|n| n.listed.as_mut()) {
                    listed.share = x;
                }
            }),
        },
    ];
    knobs.extend(networks.iter().map(|&network| Knob {
        name: format!("bond on {network:?}"),
        start: 0.5,
        least: LEAST_BOND,
        most: 0.75,
        set: Box::new(move |p, x| {
            if let Some(n) = p.networks.get_mut(&network) {
                n.bond_exponent = x;
            }
        }),
    }));
    knobs
}

/// Pull to the start values, in loss for the square of a whole unit.
const RIDGE: f64 = 0.01;

/// Fits the knobs to all pairs, each source counting alike: one knob after the other by golden section, until none moves.
pub fn fit(params: &mut Params, knobs: &[Knob], sources: &[Pairs]) -> Vec<f64> {
    let mut at: Vec<f64> = knobs.iter().map(|k| k.start).collect();
    knobs.iter().for_each(|k| (k.set)(params, k.start));
    for _ in 0..6 {
        let before = at.clone();
        for (i, knob) in knobs.iter().enumerate() {
            let mut loss = |x: f64| {
                (knob.set)(params, x);
                sources.iter().map(|s| s.loss(params)).sum::<f64>() + RIDGE * (x - knob.start).powi(2)
            };
            at[i] = golden(knob.least, knob.most, &mut loss);
            (knob.set)(params, at[i]);
        }
        if before.iter().zip(&at).all(|(a, b)| (a - b).abs() < 2e-3) {
            break;
        }
    }
    at
}

/// The lowest point of a function with one valley.
fn golden(mut low: f64, mut high: f64, f: &mut impl FnMut(f64) -> f64) -> f64 {
    let ratio = (5f64.sqrt() - 1.0) / 2.0;
    let (mut a, mut b) = (high - ratio * (high - low), low + ratio * (high - low));
    let (mut fa, mut fb) = (f(a), f(b));
    while high - low > 1e-3 {
        if fa < fb {
            (high, b, fb) = (b, a, fa);
            a = high - ratio * (high - low);
            fa = f(a);
        } else {
            (low, a, fa) = (a, b, fb);
            b = low + ratio * (high - low);
            fb = f(b);
        }
    }
    (low + high) / 2.0
}
