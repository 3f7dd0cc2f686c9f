//! Serialises maps whose keys are no strings as lists of pairs, in the order of the keys.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// For `#[serde(with)]`.
pub fn serialize<K: Serialize, V: Serialize, S: Serializer>(map: &BTreeMap<K, V>, to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(map)
}

/// For `#[serde(with)]`.
pub fn deserialize<'de, K: Deserialize<'de> + Ord, V: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<K, V>, D::Error> {
    Vec::<(K, V)>::deserialize(from).map(BTreeMap::from_iter)
}
