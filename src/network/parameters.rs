//! Parameters by path: how they begin, and the trained ones on their way into an export.

use std::{borrow::Cow, collections::BTreeMap};

use thiserror::Error;

use super::Array;
use crate::random::SplitMix;

/// How a parameter begins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Init {
    /// The same number everywhere.
    Constant(f32),
    /// Normally distributed around 0 with this deviation.
    Normal(f32),
}

impl Init {
    /// For a layer of so many inputs before a rectifier: He et al., "Delving deep into rectifiers"
    /// (2015), section 2.2.
    pub fn for_relu(inputs: usize) -> Self {
        Self::Normal((2.0 / inputs.max(1) as f32).sqrt())
    }

    /// For a layer of so many inputs and outputs: Glorot and Bengio, "Understanding the difficulty
    /// of training deep feedforward neural networks" (2010), equation 12.
    pub fn balanced(inputs: usize, outputs: usize) -> Self {
        Self::Normal((2.0 / (inputs + outputs).max(1) as f32).sqrt())
    }

    /// A parameter's first numbers, the same for the same seed and path.
    pub fn values(self, seed: u64, path: &str, count: usize) -> Vec<f32> {
        match self {
            Self::Constant(value) => vec![value; count],
            Self::Normal(deviation) => {
                let mut random = SplitMix::named(seed, path);
                (0..count)
                    .map(|_| random.normal() as f32 * deviation)
                    .collect()
            }
        }
    }
}

/// Where an export takes its numbers from.
#[derive(Debug, Clone)]
pub enum Weights {
    /// An untrained network's, from a seed.
    Seeded(u64),
    /// Trained ones, by path.
    Trained(BTreeMap<String, Array>),
}

/// What is wrong with the weights for a network.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum WeightsError {
    /// The network asks for one that is not there.
    #[error("the network's parameter {0} has no weights")]
    Missing(String),
    /// One is there in another shape.
    #[error("the network's parameter {path} has shape {wanted:?}, its weights {found:?}")]
    Shape {
        /// The parameter.
        path: String,
        /// What the network asks for.
        wanted: Vec<usize>,
        /// What is there.
        found: Vec<usize>,
    },
}

impl Weights {
    /// The numbers of a parameter.
    ///
    /// # Errors
    /// When trained weights lack it or hold it in another shape.
    pub fn get(
        &self,
        path: &str,
        shape: &[usize],
        init: Init,
    ) -> Result<Cow<'_, [f32]>, WeightsError> {
        let count = shape.iter().product();
        match self {
            Self::Seeded(seed) => Ok(Cow::Owned(init.values(*seed, path, count))),
            Self::Trained(weights) => {
                let weight = weights
                    .get(path)
                    .ok_or_else(|| WeightsError::Missing(path.to_owned()))?;
                if weight.shape != shape || weight.values.len() != count {
                    return Err(WeightsError::Shape {
                        path: path.to_owned(),
                        wanted: shape.to_vec(),
                        found: weight.shape.clone(),
                    });
                }
                Ok(Cow::Borrowed(&weight.values))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_numbers_depend_on_seed_and_path() {
        let init = Init::for_relu(8);
        assert_eq!(init.values(1, "a", 5), init.values(1, "a", 5));
        assert_ne!(init.values(1, "a", 5), init.values(2, "a", 5));
        assert_ne!(init.values(1, "a", 5), init.values(1, "b", 5));
    }

    #[test]
    fn trained_weights_must_be_there_and_fit() {
        let weight = Array {
            shape: vec![2],
            values: vec![1.0, 2.0],
        };
        let weights = Weights::Trained(BTreeMap::from([("a".to_owned(), weight)]));
        let init = Init::Constant(0.0);
        assert_eq!(*weights.get("a", &[2], init).unwrap(), [1.0, 2.0]);
        assert_eq!(
            weights.get("b", &[2], init),
            Err(WeightsError::Missing("b".to_owned()))
        );
        let error = weights.get("a", &[3], init).unwrap_err().to_string();
        assert!(error.contains("[3]") && error.contains("[2]"), "{error}");
    }
}
