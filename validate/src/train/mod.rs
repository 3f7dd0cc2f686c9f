//! Fits the parameters to data, and tells what to expect on people and times that the fit has not seen. What V2 and V5 measure on (the last cascades, the
//! step from June to September) is not looked at here: earlier steps of the same data are.

mod reach;
mod score;

use std::{collections::BTreeMap, path::Path};

use influence::{
    Params,
    math::{Rng, rank::auc, stats::median},
    params::Listed,
    score::{Facts, Parts, valued},
    types::{Network, Tier},
};

use crate::{
    checks::v4::{error, within_two},
    data::{
        cascades,
        channels::{self, Channel},
        pairs::{self, Pair},
    },
};
use score::Pairs;

const PAIRS: usize = 4_000;
/// Users with fewer later adoptions are left out, as in V2.
const LEAST: f64 = 3.0;

/// Trains and writes.
pub fn run(data: &Path, out: &Path) -> anyhow::Result<()> {
    let mut params = Params::shipped().clone();
    let channels = channels::load(data)?;
    for network in [Network::Tiktok, Network::Youtube] {
        train_reach(network, &channels, &mut params);
    }
    let people = pairs::load(data)?;
    train_lists(&people, &mut params);
    let spread = train_web(data, &mut params)?;
    train_bonds(&channels, &people, &mut params);

    let mut sources = spread;
    sources.extend(future(&channels, &params));
    let judged = judged(&people, &params);
    if !judged.pairs.is_empty() {
        expect_people(&judged, &people, &params);
        sources.push(judged);
    }
    if sources.is_empty() {
        anyhow::bail!("no data to fit the exponents to");
    }
    let fitted = [Network::X, Network::Tiktok, Network::Youtube, Network::Instagram, Network::Blog];
    let knobs = score::knobs(&fitted);
    let before: Vec<f64> = sources.iter().map(|s| s.right(&params)).collect();
    let at = score::fit(&mut params, &knobs, &sources);
    println!("\nexponents");
    knobs.iter().zip(&at).for_each(|(k, x)| println!("    {:<20} {x:.3}   (start {})", k.name, k.start));
    sources
        .iter()
        .zip(before)
        .for_each(|(s, b)| println!("    {:<42} pairs in order {:.3} → {:.3}, n = {}", s.name, b, s.right(&params), s.pairs.len()));
    let mean = fitted.iter().map(|n| params.network(*n).bond_exponent).sum::<f64>() / fitted.len() as f64;
    params.networks.iter_mut().filter(|(n, _)| !fitted.contains(n)).for_each(|(_, p)| p.bond_exponent = mean);
    write(&params, out)
}

fn train_reach(network: Network, channels: &[Channel], params: &mut Params) {
    let rows: Vec<reach::Row> = channels.iter().filter(|c| c.network == network).filter_map(reach::Row::of).collect();
    if rows.len() < 200 {
        println!("{network:?}: {} rows with views, too few for a model", rows.len());
        return;
    }
    let like = params.network(network).clone();
    let say = |what: &str, pairs: &[(f64, f64)]| {
        let pairs: Vec<&(f64, f64)> = pairs.iter().collect();
        let (e, w) = (error(&pairs).unwrap_or(f64::NAN), within_two(&pairs).unwrap_or(f64::NAN));
        println!("{network:?} reach, {what}: median error {e:.3}, within a factor of two {w:.3}, n = {}", pairs.len());
    };
    say("five folds by channel", &reach::unseen_channels(&rows, &like));
    if let Some(later) = reach::unseen_time(&rows, &like) {
        say("last snapshot from earlier ones", &later);
    }
    if let Some(n) = params.networks.get_mut(&network) {
        n.model = reach::fit(&rows);
    }
}

/// Followers for each list of a typical account.
fn train_lists(people: &[Pair], params: &mut Params) {
    let ln: Vec<f64> = people.iter().flat_map(Pair::people).map(|p| p.followers.ln_1p() - p.listed.ln_1p()).collect();
    if let (Some(middle), Some(n)) = (median(&ln), params.networks.get_mut(&Network::X)) {
        n.listed = Some(Listed { share: n.listed.map_or(0.5, |l| l.share), followers_per_list: middle.exp() });
        n.cadence = median(&people.iter().flat_map(Pair::people).map(|p| p.posts).collect::<Vec<_>>()).unwrap_or(n.cadence);
    }
}

/// Typical sites, and pairs of them by what comes later: the past to 40 % of the cascades, the future to 70 %, beyond which V2 measures.
fn train_web(data: &Path, params: &mut Params) -> anyhow::Result<Vec<Pairs>> {
    let mut sources = Vec::new();
    for set in cascades::load(data)? {
        let Some(split) = set.split(0.4, 0.7) else { continue };
        let future = cascades::downstream(&split.future);
        let middle =
            |facts: &BTreeMap<u64, Facts>, of: &dyn Fn(&Facts) -> Option<f64>| median(&facts.values().filter_map(of).collect::<Vec<_>>());
        // Twice, since what is typical of sharers depends on what is typical of sites.
        for _ in 0..2 {
            let facts = cascades::facts(&split, params);
            let reach = middle(&facts, &|f| f.reach.map(|r| r.people));
            let (weight, cadence) = (middle(&facts, &|f| f.actor_weight), middle(&facts, &|f| f.cadence));
            if let Some(n) = params.networks.get_mut(&Network::Blog) {
                n.median_reach = reach.unwrap_or(n.median_reach);
                n.actor_weight = weight.unwrap_or(n.actor_weight);
                n.cadence = cadence.unwrap_or(n.cadence);
            }
        }
        let facts = cascades::facts(&split, params);
        let bond = middle(&facts, &|f| bond(f, params));
        if let (Some(bond), Some(n)) = (bond, params.networks.get_mut(&Network::Blog)) {
            n.bond.values_mut().for_each(|b| *b = bond);
        }
        // Spread is the number of people, so the outcome is their total.
        let later = |user: &u64| future.get(user).filter(|f| f.0 >= LEAST).map(|f| f.1);
        let rows: Vec<(Facts, f64)> = facts.iter().filter_map(|(user, f)| Some((f.clone(), later(user)?))).collect();
        sources.push(Pairs::by_outcome("cascades: later adopters", rows, PAIRS, 3));
    }
    Ok(sources)
}

fn bond(facts: &Facts, params: &Params) -> Option<f64> {
    let people = facts.reach?.people * facts.posts;
    (people > 0.0).then(|| valued(facts, params) / people)
}

/// The median bond of each network and tier that has thirty accounts; the other tiers take that of the nearest smaller one, else of the nearest larger.
/// Larger tiers never have more than smaller ones: where the medians say so, that is chance or the choice of accounts.
fn train_bonds(channels: &[Channel], people: &[Pair], params: &mut Params) {
    let mut all: BTreeMap<Network, Vec<(Tier, f64)>> = BTreeMap::new();
    let mut take = |facts: Facts, params: &Params| {
        let bond = Parts::of(&facts, params).and_then(|p| p.bond).filter(|b| *b > 0.0);
        if let (Some(bond), Some(followers)) = (bond, influence::reach::real_followers(&facts, params)) {
            all.entry(facts.network).or_default().push((Tier::of(followers), bond));
        }
    };
    channels.iter().filter_map(|c| c.facts(params)).for_each(|f| take(f, params));
    people.iter().flat_map(Pair::people).for_each(|p| take(p.facts(params), params));
    for (network, bonds) in &all {
        let own = |tier: &Tier| {
            let own: Vec<f64> = bonds.iter().filter(|b| b.0 == *tier).map(|b| b.1).collect();
            if own.len() >= 30 { median(&own) } else { None }
        };
        let Some(n) = params.networks.get_mut(network) else { continue };
        let Some(mut least) = Tier::ALL.iter().find_map(own) else { continue };
        for tier in Tier::ALL {
            least = own(&tier).map_or(least, |bond| bond.min(least));
            n.bond.insert(tier, least);
        }
    }
    // Networks without data have the reach model of Instagram, so its medians fit them best.
    let like = params.network(Network::Instagram).bond.clone();
    let without = params.networks.iter_mut().filter(|(network, _)| !all.contains_key(network) && **network != Network::Blog);
    without.for_each(|(_, n)| n.bond.clone_from(&like));
}

/// Pairs of channels by what comes in the next snapshot; the last step is left to V5.
fn future(channels: &[Channel], params: &Params) -> Vec<Pairs> {
    let mut snapshots: Vec<String> = channels.iter().map(|c| c.snapshot.clone()).collect();
    snapshots.sort();
    snapshots.dedup();
    let dated = channels::dated(channels);
    // An undated snapshot that says "early" stands before the first dated one.
    let early = snapshots.iter().find(|s| s.ends_with("early")).cloned();
    let order: Vec<String> = early.into_iter().chain(dated).collect();
    let mut sources = Vec::new();
    let named = [
        (Network::Instagram, "Instagram: later engagement"),
        (Network::Tiktok, "TikTok: later views"),
        (Network::Youtube, "YouTube: later likes"),
    ];
    for step in order.windows(2).take(order.len().saturating_sub(2).max(1)) {
        for (network, name) in named {
            let rows = channels::followed(channels, network, &step[0], &step[1]);
            let rows: Vec<(Facts, f64)> = rows.into_iter().filter_map(|(e, l)| Some((e.facts(params)?, l.outcome()?))).collect();
            if rows.len() >= 100 {
                sources.push(Pairs::by_outcome(name, rows, PAIRS, 4));
            }
        }
    }
    sources
}

fn judged(people: &[Pair], params: &Params) -> Pairs {
    let items: Vec<Facts> = people.iter().flat_map(Pair::people).map(|p| p.facts(params)).collect();
    let pairs = people.iter().enumerate().map(|(i, p)| if p.first() { (2 * i, 2 * i + 1) } else { (2 * i + 1, 2 * i) }).collect();
    Pairs { name: "X: people's judgements", items, weights: vec![1.0; people.len()], pairs }
}

/// V1 on people whom the fit has not seen: people are split in three, and pairs of two parts are told by a fit to pairs of neither.
fn expect_people(judged: &Pairs, people: &[Pair], params: &Params) {
    let mut areas = Vec::new();
    for seed in 1..=3 {
        let mut rng = Rng::new(seed);
        let mut part: BTreeMap<[u64; 6], usize> = BTreeMap::new();
        let mut parts: Vec<[usize; 2]> = Vec::new();
        for pair in people {
            parts.push(pair.people().map(|p| *part.entry(p.key()).or_insert_with(|| rng.below(3))));
        }
        let mut scores = vec![0.0; people.len()];
        for a in 0..3 {
            for b in a..3 {
                let pick =
                    |wanted: &dyn Fn(&[usize; 2]) -> bool| -> Vec<usize> { (0..people.len()).filter(|i| wanted(&parts[*i])).collect() };
                let inside = pick(&|p| p.iter().all(|x| *x != a && *x != b));
                let outside = pick(&|p| *p == [a, b] || *p == [b, a]);
                let train = Pairs {
                    name: judged.name,
                    items: judged.items.clone(),
                    pairs: inside.iter().map(|i| judged.pairs[*i]).collect(),
                    weights: vec![1.0; inside.len()],
                };
                let mut own = params.clone();
                score::fit(&mut own, &score::knobs(&[Network::X]), &[train]);
                for i in outside {
                    let ln = |f: &Facts| Parts::of(f, &own).map_or(0.0, |p| p.influence().ln_1p());
                    scores[i] = ln(&judged.items[2 * i]) - ln(&judged.items[2 * i + 1]);
                }
            }
        }
        areas.extend(auc(&scores, &people.iter().map(Pair::first).collect::<Vec<_>>()));
    }
    println!(
        "X, pairs of people the fit has not seen: AUC {:.3} (three splits: {areas:.3?}), n = {}",
        areas.iter().sum::<f64>() / areas.len() as f64,
        people.len()
    );
}

/// Four digits are more than the data carry.
fn rounded(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::Number(n) if n.is_f64() => {
            let x = n.as_f64().unwrap_or(0.0);
            let digits = 10f64.powi(4 - x.abs().max(1e-9).log10().floor().clamp(-4.0, 4.0) as i32);
            serde_json::json!((x * digits).round() / digits)
        }
        Value::Array(all) => Value::Array(all.into_iter().map(rounded).collect()),
        Value::Object(all) => Value::Object(all.into_iter().map(|(k, v)| (k, rounded(v))).collect()),
        other => other,
    }
}

fn write(params: &Params, out: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(out)?;
    let whole = serde_json::to_value(params)?;
    let sections: serde_json::Map<String, serde_json::Value> =
        ["day", "score", "reach", "growth", "engagement"].iter().map(|k| ((*k).to_owned(), whole[k].clone())).collect();
    let save = |name: &str, value: serde_json::Value| std::fs::write(out.join(name), serde_json::to_string_pretty(&value)? + "\n");
    save("formula.json", rounded(sections.into()))?;
    save("networks.json", rounded(whole["networks"].clone()))?;
    save("media.json", serde_json::json!({ "values": whole["media"], "prices": whole["prices"] }))?;
    println!("\nwritten to {}", out.display());
    Ok(())
}
