//! Suspected advertising in posts that disclose nothing: logistic over a handful of signs, with the disclosing words masked. A suspicion for a human, never a verdict.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::disclosure::without_disclosure;
use crate::learn::{Row, fit, sigmoid};
use crate::text::{Dictionary, narrow};

/// What is known besides the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// A brand's handle or link stands in the post.
    pub names_brand: bool,
    /// The brand shared the post.
    pub brand_shared: bool,
}

/// A sign, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sign {
    /// `use code SAVE10`, `クーポンコード`.
    PromoCode,
    /// A link with tracking or of an affiliate network.
    TrackedLink,
    /// A brand beside a call to action.
    BrandCall,
    /// Words of price and time limits.
    Discount,
    /// The brand shared it.
    BrandShared,
    /// A brand's handle or link.
    Brand,
}

const SIGNS: [Sign; 6] = [Sign::PromoCode, Sign::TrackedLink, Sign::BrandCall, Sign::Discount, Sign::BrandShared, Sign::Brand];

#[expect(clippy::expect_used, reason = "embedded and read in a test")]
static WORDS: LazyLock<Dictionary<Sign>> = LazyLock::new(|| {
    let lists: BTreeMap<Sign, Vec<String>> =
        serde_json::from_str(include_str!("../../data/suspected.json")).expect("data/suspected.json is lists");
    Dictionary::new(narrow, lists.into_iter().flat_map(|(sign, list)| list.into_iter().map(move |word| (word, sign))))
});

/// The parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// Where the numbers come from, in words.
    pub source: String,
    /// ln odds of a post without any sign.
    pub bias: f64,
    /// ln odds that each sign adds.
    pub weights: BTreeMap<Sign, f64>,
}

impl Default for Model {
    /// Set by hand so that one sign is no suspicion but a code, or two signs together, are. Not validated.
    fn default() -> Self {
        let weights = [
            (Sign::PromoCode, 3.6),
            (Sign::TrackedLink, 2.0),
            (Sign::BrandCall, 1.6),
            (Sign::Discount, 1.4),
            (Sign::BrandShared, 1.8),
            (Sign::Brand, 0.9),
        ];
        Self { source: "set by hand, not validated".into(), bias: -3.4, weights: weights.into() }
    }
}

impl Model {
    /// P(advertising), and the signs that speak for it.
    #[must_use]
    pub fn probability(&self, text: &str, context: Context) -> (f64, Vec<Sign>) {
        let signs = signs(text, context);
        let sum: f64 = signs.iter().filter_map(|s| self.weights.get(s)).sum();
        (sigmoid(self.bias + sum), signs)
    }

    /// Learns from an operator's own posts, whose disclosing words are masked first. `None` below 20 of a class.
    #[must_use]
    pub fn train(source: &str, posts: &[(String, Context)], is_paid: &[bool]) -> Option<Self> {
        let paid = is_paid.iter().filter(|p| **p).count();
        if posts.len() != is_paid.len() || paid < 20 || is_paid.len() - paid < 20 {
            return None;
        }
        let place = |sign: &Sign| (0_u32..).zip(SIGNS).find(|(_, s)| s == sign).map_or(0, |(i, _)| i);
        let rows: Vec<Row> = posts.iter().map(|(text, context)| signs(text, *context).iter().map(|s| (place(s), 1.0)).collect()).collect();
        let fitted = fit(&rows, is_paid, 1.0, false);
        let weights = SIGNS.iter().map(|s| (*s, fitted.weights.get(&place(s)).copied().unwrap_or(0.0))).collect();
        Some(Self { source: format!("{source}: {} posts", posts.len()), bias: fitted.bias, weights })
    }
}

fn signs(text: &str, context: Context) -> Vec<Sign> {
    let masked = without_disclosure(text);
    let prepared = WORDS.prepared(&masked);
    let hits = WORDS.find(&prepared);
    let has = |sign: Sign| hits.iter().any(|h| *h.value == sign);
    let holds = |sign: Sign| match sign {
        Sign::BrandCall => context.names_brand && has(sign),
        Sign::BrandShared => context.brand_shared,
        Sign::Brand => context.names_brand,
        Sign::TrackedLink => is_tracked(&prepared),
        Sign::PromoCode => has(sign) || names_code(&masked),
        Sign::Discount => has(sign),
    };
    SIGNS.into_iter().filter(|s| holds(*s)).collect()
}

/// `code` or `コード` followed by a word of capitals and digits, as codes are written.
fn names_code(text: &str) -> bool {
    let words: Vec<&str> = text.split(|c: char| c.is_whitespace() || "：:「」『』\"“”".contains(c)).filter(|w| !w.is_empty()).collect();
    words.windows(2).any(|pair| {
        let is_word = narrow(pair[0]).ends_with("code") || pair[0].ends_with("コード");
        let code = pair[1].trim_matches(|c: char| !c.is_alphanumeric());
        let has_digit = code.chars().any(|c| c.is_ascii_digit());
        is_word
            && has_digit
            && code.len() >= 4
            && code.chars().all(|c| c.is_ascii_alphanumeric())
            && code.chars().any(|c| c.is_ascii_alphabetic())
    })
}

fn is_tracked(folded: &str) -> bool {
    [
        "utm_",
        "?ref=",
        "&ref=",
        "affiliate",
        "amzn.to/",
        "a.r10.to/",
        "room.rakuten",
        "rstyle.me",
        "liketk.it",
        "shopmy.us",
        "go.magik.ly",
        "moshimo.com",
        "a8.net",
    ]
    .iter()
    .any(|sign| folded.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_or_two_signs() {
        let model = Model::default();
        let p = |text: &str, names_brand| model.probability(text, Context { names_brand, brand_shared: false }).0;
        assert!(p("Use code SAKURA10 at checkout", false) > 0.5);
        assert!(p("クーポンコード：SAKURA10 を入力してね", false) > 0.5);
        assert!(p("20% off until Sunday, link in bio @acme", true) > 0.5);
        assert!(p("@acme has a new shop in town", true) < 0.5, "a brand alone");
        assert!(p("Half price cakes today, 50% off!", false) < 0.5, "a discount alone");
        assert!(p("My code compiles on 2024 laptops", false) < 0.5);
    }

    #[test]
    fn disclosing_words_tell_nothing() {
        let model = Model::default();
        let context = Context { names_brand: true, brand_shared: false };
        assert_eq!(model.probability("Tea time with @acme #ad #PR", context), model.probability("Tea time with @acme", context));
    }

    #[test]
    fn learns_its_signs() {
        let posts: Vec<(String, Context)> =
            (0..60).map(|i| (if i % 2 == 0 { "use code AB12 now" } else { "a walk by the sea" }.to_owned(), Context::default())).collect();
        let labels: Vec<bool> = (0..60).map(|i| i % 2 == 0).collect();
        let model = Model::train("test", &posts, &labels).unwrap();
        assert!(model.weights[&Sign::PromoCode] > 1.0);
        assert!(Model::train("test", &posts[..10], &labels[..10]).is_none());
    }
}
