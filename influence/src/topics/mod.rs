//! Topics: what a text, a creator and an audience are about. The ontology that ships is ours (`data/topics.csv`, English and Japanese); those of Klout and of
//! the IAB can be read in their published files. `docs/science.md`, section 8.

mod audience;
mod entity;
mod expertise;
mod import;
mod ontology;
mod signs;
mod strong;
mod tagger;

pub use audience::{FEWEST_PEOPLE, Interest, interests};
pub use entity::{Example as EntityExample, Model as EntityModel, Pair as EntityPair, SIGNS as ENTITY_SIGNS};
pub use expertise::{Expertise, Mention, Network, Source, Weights, expertise};
pub use import::{Imported, iab, klout};
pub use ontology::{Fault, Ontology, Topic};
pub use strong::{Post, Strong, strong};
pub use tagger::{Tagged, Tagger};
