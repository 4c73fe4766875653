//! Stage 5, *propagate*: a graph network says how likely each candidate pair belongs together.
//!
//! [`gnn`] is the network, [`tensors`] the graph in its terms, [`reasons`] says what carried a
//! score. `docalign train aligner` makes the weights. [`encoder`] is stage 6, *encode*.

pub mod encoder;
pub mod gnn;
mod reasons;
pub mod tensors;

use std::{borrow::Cow, sync::OnceLock};

use rayon::prelude::*;

use crate::{
    graph::{Features, PAIR_FEATURES, PARAGRAPH_FEATURES, VISUAL_FEATURES},
    network::{Array, Input, Network, NetworkError, once},
};

use tensors::{INDICES, NUMBERS, Window, windows};

/// The weights that the program carries; `src/train/README.md` says how they were made.
static WEIGHTS: &[u8] = include_bytes!("weights/aligner.onnx");

/// What the weights' property `features` must say: names of all features, in order. Weights that
/// were trained with others would be read wrongly.
pub fn feature_names() -> String {
    let pairs = PAIR_FEATURES.iter().map(|(_, name, _)| *name);
    let ends = PARAGRAPH_FEATURES.iter().chain(VISUAL_FEATURES);
    let names = pairs.chain(ends.map(|(name, _)| *name));
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

/// What the network says of a candidate.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Score {
    /// How likely its paragraph belongs to its visual, if it belongs to any.
    pub pair: f32,
    /// How likely its paragraph belongs to a visual at all.
    pub any: f32,
}

impl Score {
    /// How likely its paragraph belongs to its visual.
    pub fn probability(self) -> f32 {
        self.pair * self.any
    }
}

impl Aligner {
    /// The weights that the program carries.
    ///
    /// # Errors
    /// When the weights that were built in are damaged.
    pub fn embedded() -> Result<&'static Aligner, NetworkError> {
        static EMBEDDED: OnceLock<Aligner> = OnceLock::new();
        once(&EMBEDDED, || Self::load(Cow::Borrowed(WEIGHTS)))
    }

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

    /// Scores the candidates of a document in their order, windows side by side.
    ///
    /// # Errors
    /// When the network fails, which sound weights do not.
    pub fn score(&self, features: &Features) -> Result<Vec<Score>, NetworkError> {
        let windows = windows(features).into_par_iter();
        let scores = windows.map(|window| self.score_window(features, &window));
        Ok(scores.collect::<Result<Vec<_>, _>>()?.concat())
    }

    fn score_window(
        &self,
        features: &Features,
        window: &Window,
    ) -> Result<Vec<Score>, NetworkError> {
        let [pairs, paragraphs] = run(&self.network, window, ["pair_logits", "paragraph_logits"])?;
        let score = |at: usize| {
            let logit = at
                .checked_sub(window.candidates.start)
                .and_then(|at| pairs.values.get(at));
            let row = features
                .candidates
                .get(at)
                .and_then(|candidate| window.rows.get(&candidate.paragraph.0));
            let any = row.and_then(|row| paragraphs.values.get(*row));
            let known = |logit: &f32| (sigmoid(*logit) / self.known.max(1e-3)).min(1.0);
            Score {
                pair: logit.map_or(0.0, |logit| self.pairs.probability(*logit)),
                any: any.map_or(0.0, known),
            }
        };
        Ok(window.core.clone().map(score).collect())
    }
}

/// Outputs of a window: logits of its pairs `[e, 1]`, or of its paragraphs `[p, 1]`.
fn run<const N: usize>(
    network: &Network,
    window: &Window,
    outputs: [&str; N],
) -> Result<[Array; N], NetworkError> {
    let numbers = NUMBERS.iter().zip(&window.numbers);
    let indices = INDICES.iter().zip(&window.indices);
    let inputs: Vec<(&str, Input<'_>)> = numbers
        .map(|(name, numbers)| (*name, Input::Numbers(&numbers.shape, &numbers.values)))
        .chain(
            indices.map(|(name, indices)| (*name, Input::Indices(&indices.shape, &indices.values))),
        )
        .collect();
    network.run(&inputs, outputs)
}

/// The logistic function.
pub fn sigmoid(logit: f32) -> f32 {
    1.0 / (1.0 + (-logit).exp())
}
