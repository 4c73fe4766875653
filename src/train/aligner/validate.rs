//! Measures the network on the validation packages, and makes its scores probabilities.

use std::collections::BTreeMap;

use tch::Tensor;

use super::{
    data::{Example, Row},
    loss::{inputs, known_scores, loss},
};
use crate::{
    evaluate::Mode,
    model::{
        Platt,
        gnn::{GnnConfig, forward},
        sigmoid,
    },
    network::torch::Torch,
    train::TrainError,
};

/// What a validation found.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Measured {
    /// Mean loss of a known paragraph.
    pub(super) loss: f64,
    /// Pairs and errors by mode, in long documents, as the evaluation counts them.
    pub(super) errors: BTreeMap<Mode, (usize, usize)>,
    /// Logit of each candidate of the paragraphs with gold, and whether it is meant.
    pub(super) judged: Vec<(f32, bool)>,
    /// Scores of the paragraphs that are known to belong to a visual, hidden mentions only.
    pub(super) known: Vec<f32>,
}

impl Measured {
    /// The share of errors in a mode.
    pub(super) fn error(&self, mode: Mode) -> f64 {
        let (pairs, errors) = self.errors.get(&mode).copied().unwrap_or_default();
        errors as f64 / pairs.max(1) as f64
    }

    /// By which the best weights are chosen: the mean of right pairs over the modes.
    pub(super) fn score(&self) -> f64 {
        let modes = self.errors.keys();
        let errors: f64 = modes.map(|mode| self.error(*mode)).sum();
        1.0 - errors / self.errors.len().max(1) as f64
    }

    /// Logistic regression of "is meant" on the logit, by gradient descent on its two numbers.
    pub(super) fn platt(&self) -> Platt {
        let (mut slope, mut offset) = (1.0f64, 0.0f64);
        let n = self.judged.len().max(1) as f64;
        for _ in 0..2000 {
            let (mut by_slope, mut by_offset) = (0.0, 0.0);
            for (logit, meant) in &self.judged {
                let logit = f64::from(*logit);
                let wrong =
                    1.0 / (1.0 + (-(slope * logit + offset)).exp()) - f64::from(u8::from(*meant));
                by_slope += wrong * logit;
                by_offset += wrong;
            }
            slope -= 0.5 * by_slope / n;
            offset -= 0.5 * by_offset / n;
        }
        Platt {
            slope: slope as f32,
            offset: offset as f32,
        }
    }

    /// The mean score of known paragraphs.
    pub(super) fn known(&self) -> f32 {
        let sum: f32 = self.known.iter().sum();
        sum / self.known.len().max(1) as f32
    }
}

/// Runs the network over examples.
pub(super) fn validate(
    torch: &Torch,
    config: &GnnConfig,
    examples: &[Example],
) -> Result<Measured, TrainError> {
    torch.set_training(false);
    let mut measured = Measured::default();
    let mut known = 0;
    for example in examples {
        tch::no_grad(|| -> Result<(), TrainError> {
            let inputs = inputs(torch, example);
            let outputs = forward(torch, config, &inputs);
            let of_example = loss(torch, example, &outputs, &inputs);
            measured.loss += of_example.double_value(&[]);
            known += example.known.len();
            let scores = known_scores(torch, example, &inputs, &outputs)?;
            for (row, scores) in example.known.iter().zip(&scores) {
                measured.count(example, row, scores);
            }
            measured.note_known(example, &outputs.paragraphs)
        })?;
    }
    measured.loss /= f64::from(u32::try_from(known.max(1)).unwrap_or(u32::MAX));
    Ok(measured)
}

impl Measured {
    fn count(&mut self, example: &Example, row: &Row, scores: &[f32]) {
        if !row.gold {
            return;
        }
        // What a visible mention says is not the network's to say.
        let judged = scores.iter().filter(|_| example.mode != Mode::Open);
        for (at, logit) in judged.enumerate() {
            let meant = row.targets.iter().any(|places| places.contains(&at));
            self.judged.push((*logit, meant));
        }
        if !example.long {
            return;
        }
        let mut order: Vec<usize> = (0..scores.len()).collect();
        let score = |at: &usize| scores.get(*at).copied().unwrap_or(f32::MIN);
        order.sort_by(|a, b| score(b).total_cmp(&score(a)));
        order.truncate(row.targets.len());
        let errors = row
            .targets
            .iter()
            .filter(|places| !places.iter().any(|place| order.contains(place)));
        let slot = self.errors.entry(example.mode).or_default();
        slot.0 += row.targets.len();
        slot.1 += errors.count();
    }

    fn note_known(&mut self, example: &Example, paragraphs: &Tensor) -> Result<(), TrainError> {
        if example.mode == Mode::Open {
            return Ok(());
        }
        let flat = paragraphs.reshape([-1]).to_device(tch::Device::Cpu);
        let logits = Vec::<f32>::try_from(flat)?;
        let rows = example.known.iter().filter_map(|row| logits.get(row.row));
        self.known.extend(rows.map(|logit| sigmoid(*logit)));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_makes_logits_probabilities() {
        // Of the logits -1, one in ten is meant; of 1, eight in ten.
        let judged = (0..100)
            .map(|at| (-1.0, at % 10 == 0))
            .chain((0..100).map(|at| (1.0, at % 10 < 8)))
            .collect();
        let platt = Measured {
            judged,
            ..Measured::default()
        }
        .platt();
        assert!((platt.probability(-1.0) - 0.1).abs() < 0.02);
        assert!((platt.probability(1.0) - 0.8).abs() < 0.02);
    }
}
