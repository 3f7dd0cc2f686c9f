//! Chance that falls the same way every time: each row has dice of its own, so no row depends on how many others there are.

use chrono::{DateTime, Utc};
use entity::ids::Id;
use uuid::Builder;

/// SplitMix64 (Steele, Lea and Flood, 2014): a few lines that will never change, which a library does not promise.
#[derive(Clone, Debug)]
pub(super) struct Dice(u64);

impl Dice {
    /// The dice of the `n`th row of a kind.
    pub(super) fn of(seed: u64, kind: &str, n: u64) -> Self {
        let name = kind.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        let mut dice = Self(seed ^ name.rotate_left(17));
        let mixed = dice.next();
        Self(mixed ^ n.wrapping_mul(0xd1b5_4a32_d192_ed03))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// 0 to `n` − 1; 0 for an empty range.
    pub(super) fn below(&mut self, n: u64) -> u64 {
        // The high half of a product is as even as we need, without a division.
        u64::try_from((u128::from(self.next()) * u128::from(n)) >> 64).unwrap_or_default()
    }

    /// Whether something happens that does so often in a hundred.
    pub(super) fn percent(&mut self, often: u64) -> bool {
        self.below(100) < often
    }

    /// One of a list that is not empty.
    pub(super) fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        let at = usize::try_from(self.below(list.len() as u64)).unwrap_or_default();
        list[at]
    }

    /// A log-normal figure: most are near the median, few are very large.
    pub(super) fn log_normal(&mut self, median: f64, spread: f64) -> i64 {
        // Twelve even ones make a normal one, near enough.
        let even = |dice: &mut Self| (dice.next() >> 11) as f64 / (1_u64 << 53) as f64;
        let normal: f64 = (0..12).map(|_| even(self)).sum::<f64>() - 6.0;
        (median * (normal * spread).exp()).round() as i64
    }

    /// An id in the shape of UUIDv7, as if made at that instant.
    pub(super) fn id<T: Id>(&mut self, at: DateTime<Utc>) -> T {
        let mut chance = [0; 10];
        chance[..8].copy_from_slice(&self.next().to_le_bytes());
        chance[8..].copy_from_slice(&self.next().to_le_bytes()[..2]);
        let millis = u64::try_from(at.timestamp_millis()).unwrap_or_default();
        T::from(Builder::from_unix_timestamp_millis(millis, &chance).into_uuid())
    }

    /// Bytes for a secret that nobody else will guess who does not know the seed.
    pub(super) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.next().to_le_bytes()[7])
    }
}

#[cfg(test)]
mod tests {
    use entity::ids::CreatorId;

    use super::*;

    #[test]
    fn the_same_dice_fall_the_same_way() {
        let roll = |seed, kind, n| Dice::of(seed, kind, n).id::<CreatorId>(DateTime::UNIX_EPOCH);
        assert_eq!(roll(1, "creator", 7), roll(1, "creator", 7));
        for other in [roll(2, "creator", 7), roll(1, "user", 7), roll(1, "creator", 8)] {
            assert_ne!(roll(1, "creator", 7), other);
        }
        // It must stay so: rows that were made with an earlier version are compared with new ones.
        assert_eq!(Dice::of(1, "creator", 7).below(1_000_000), 874_233);
    }

    #[test]
    fn figures_are_log_normal() {
        let mut dice = Dice::of(1, "figures", 0);
        let mut rolled: Vec<i64> = (0..10_001).map(|_| dice.log_normal(12_000.0, 1.6)).collect();
        rolled.sort_unstable();
        assert!((10_000..14_000).contains(&rolled[5_000]), "{}", rolled[5_000]);
        assert!(rolled[9_900] > 300_000, "{}", rolled[9_900]);
        assert_eq!(Dice::of(1, "x", 1).below(0), 0);
    }
}
