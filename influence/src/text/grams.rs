//! Character n-grams, hashed: features of text that need no dictionary and no word bounds, so they serve every language.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// n-grams fall into 2^18 buckets, as `docs/science.md` section 6 says.
pub const GRAM_BITS: u32 = 18;

/// FNV-1a, 64 bits, folded to `bits`: stable over machines and versions, since it ends up in parameter files.
#[must_use]
pub fn hash(bytes: &[u8], bits: u32) -> u32 {
    let full = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3));
    let mixed = full ^ (full >> 32) ^ (full >> 47);
    #[expect(clippy::cast_possible_truncation, reason = "cut to the buckets on purpose")]
    let cut = mixed as u32;
    cut & ((1_u32 << bits.min(31)) - 1)
}

/// How often each n-gram of the lengths `sizes` occurs, by bucket. Spaces are kept as one blank, and the text is put between blanks, so that
/// beginnings and ends of words can be told. The order of the result is that of the buckets.
#[must_use]
pub fn grams(text: &str, sizes: RangeInclusive<usize>, bits: u32) -> BTreeMap<u32, f64> {
    let mut padded = String::with_capacity(text.len() + 2);
    padded.push(' ');
    for word in text.split_whitespace() {
        padded.push_str(word);
        padded.push(' ');
    }
    let bounds: Vec<usize> = padded.char_indices().map(|(at, _)| at).chain([padded.len()]).collect();
    let mut counts = BTreeMap::new();
    for size in sizes {
        for window in bounds.windows(size + 1) {
            *counts.entry(hash(&padded.as_bytes()[window[0]..window[size]], bits)).or_insert(0.0) += 1.0;
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hashing_is_stable() {
        // Parameter files depend on these: they may never change.
        assert_eq!([hash(b"", 18), hash(b"abc", 18), hash("無料".as_bytes(), 18)], [75_812, 211_821, 160_660]);
    }

    #[test]
    fn counts_by_length() {
        let found = grams("ab  ab", 3..=3, GRAM_BITS);
        assert_eq!(found.values().sum::<f64>(), 5.0, "' ab', 'ab ', 'b a', ' ab', 'ab '");
        assert_eq!(found[&hash(b" ab", GRAM_BITS)], 2.0);
        assert!(grams("", 3..=5, GRAM_BITS).is_empty());
    }

    proptest! {
        #[test]
        fn buckets_are_in_range(text in any::<String>()) {
            prop_assert!(grams(&text, 3..=5, 10).keys().all(|k| *k < 1024));
        }
    }
}
