//! Stage 5, *propagate*: a graph network says how likely each candidate pair belongs together.
//!
//! [`gnn`] is the network, [`tensors`] the graph in its terms. `docalign train aligner` makes the
//! weights; stage 7 does not use them yet.

pub mod gnn;
pub mod tensors;

use std::borrow::Cow;

use crate::{
    graph::{Features, PAIR_FEATURES, PARAGRAPH_FEATURES, VISUAL_FEATURES},
    network::{Array, Input, Network, NetworkError},
};

use tensors::{INDICES, NUMBERS, Window, windows};

/// What the weights' property `features` must say: names of all features, in order. Weights that
/// were trained with others would be read wrongly.
pub fn feature_names() -> String {
    let lists = [PAIR_FEATURES, PARAGRAPH_FEATURES, VISUAL_FEATURES];
    let names = lists
        .iter()
        .flat_map(|list| list.iter().map(|(name, _)| *name));
    names.collect::<Vec<_>>().join(" ")
}

/// A straight line through logits that makes their sigmoid a probability (Platt, "Probabilistic
/// outputs for support vector machines", 1999).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Platt {
    /// Factor.
    pub slope: f32,
    /// Added after.
    pub offset: f32,
}

impl Platt {
    /// The probability of a logit.
    pub fn probability(self, logit: f32) -> f32 {
        1.0 / (1.0 + (-(self.slope * logit + self.offset)).exp())
    }

    /// As a property of weights.
    pub fn to_property(self) -> String {
        format!("{} {}", self.slope, self.offset)
    }

    fn from_property(text: &str) -> Option<Platt> {
        let (slope, offset) = text.split_once(' ')?;
        Some(Platt {
            slope: slope.parse().ok()?,
            offset: offset.parse().ok()?,
        })
    }
}

/// The graph network with its weights.
#[derive(Debug)]
pub struct Aligner {
    network: Network,
    pairs: Platt,
    /// The mean score of paragraphs that are known to belong to a visual: what the score of any
    /// paragraph is divided by (Elkan and Noto, "Learning classifiers from only positive and
    /// unlabeled data", 2008, section 2), since most that belong to one do not name it.
    known: f32,
}

/// What the network says of a document.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scores {
    /// Of each candidate, in their order: how likely its paragraph belongs to its visual, if it
    /// belongs to any.
    pub pairs: Vec<f32>,
    /// Of each candidate: how likely its paragraph belongs to a visual at all.
    pub paragraphs: Vec<f32>,
}

impl Aligner {
    /// Reads weights.
    ///
    /// # Errors
    /// When they are damaged, or those of another network or of other features.
    pub fn load(weights: Cow<'static, [u8]>) -> Result<Aligner, NetworkError> {
        let network = Network::load("aligner", weights)?;
        network.expect_property("features", &feature_names())?;
        let missing = |key: &str| network.mismatch(format!("it has no property {key}"));
        let pairs = network.property("pairs").and_then(Platt::from_property);
        let known = network
            .property("known")
            .and_then(|known| known.parse().ok());
        Ok(Aligner {
            pairs: pairs.ok_or_else(|| missing("pairs"))?,
            known: known.ok_or_else(|| missing("known"))?,
            network,
        })
    }

    /// Which weights these are.
    pub fn hash(&self) -> &str {
        self.network.hash()
    }

    /// Scores the candidates of a document, window by window.
    ///
    /// # Errors
    /// When the network fails, which sound weights do not.
    pub fn score(&self, features: &Features) -> Result<Scores, NetworkError> {
        let mut scores = Scores::default();
        for window in windows(features) {
            self.score_window(features, &window, &mut scores)?;
        }
        Ok(scores)
    }

    fn score_window(
        &self,
        features: &Features,
        window: &Window,
        scores: &mut Scores,
    ) -> Result<(), NetworkError> {
        let [pairs, paragraphs] = run(&self.network, window)?;
        for at in window.core.clone() {
            let logit = at
                .checked_sub(window.candidates.start)
                .and_then(|at| pairs.values.get(at));
            let row = features
                .candidates
                .get(at)
                .and_then(|candidate| window.rows.get(&candidate.paragraph.0));
            let any = row.and_then(|row| paragraphs.values.get(*row));
            let probability = |logit: &f32| self.pairs.probability(*logit);
            scores.pairs.push(logit.map_or(0.0, probability));
            let known = |logit: &f32| (sigmoid(*logit) / self.known.max(1e-3)).min(1.0);
            scores.paragraphs.push(any.map_or(0.0, known));
        }
        Ok(())
    }
}

/// The logits of a window: of its pairs `[e, 1]` and of its paragraphs `[p, 1]`.
fn run(network: &Network, window: &Window) -> Result<[Array; 2], NetworkError> {
    let numbers = NUMBERS.iter().zip(&window.numbers);
    let indices = INDICES.iter().zip(&window.indices);
    let inputs: Vec<(&str, Input<'_>)> = numbers
        .map(|(name, numbers)| (*name, Input::Numbers(&numbers.shape, &numbers.values)))
        .chain(
            indices.map(|(name, indices)| (*name, Input::Indices(&indices.shape, &indices.values))),
        )
        .collect();
    network.run(&inputs, ["pair_logits", "paragraph_logits"])
}

/// The logistic function.
pub fn sigmoid(logit: f32) -> f32 {
    1.0 / (1.0 + (-logit).exp())
}
