//! What a training did so far, and whether to go on.

use serde::{Deserialize, Serialize};

use super::curves::{Curve, curves};

/// One look at the losses.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Steps done.
    pub step: usize,
    /// The number.
    pub value: f64,
}

/// Losses by step.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct History {
    /// Mean loss of the steps since the point before.
    pub training: Vec<Point>,
    /// Loss on the validation data.
    pub validation: Vec<Point>,
    /// The measure by which the best weights are chosen; higher is better.
    pub score: Vec<Point>,
}

impl History {
    /// Whether the last score is the best so far.
    pub fn is_best(&self) -> bool {
        let last = self.score.last().map(|p| p.value);
        let best = self.score.iter().map(|p| p.value).reduce(f64::max);
        last.is_some() && last >= best
    }

    /// Whether this many scores in a row were below the best.
    pub fn is_stuck(&self, patience: usize) -> bool {
        let best = self
            .score
            .iter()
            .enumerate()
            .max_by(|(_, a), (_, b)| a.value.total_cmp(&b.value));
        best.is_some_and(|(at, _)| self.score.len() - 1 - at >= patience.max(1))
    }

    /// The curves as a picture of their own.
    pub fn svg(&self, name: &str) -> String {
        let curve = |label, points: &[Point]| Curve {
            label,
            points: points.iter().map(|p| (p.step as f64, p.value)).collect(),
        };
        curves(
            name,
            &[
                curve("training loss", &self.training),
                curve("validation loss", &self.validation),
                curve("validation score", &self.score),
            ],
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(scores: &[f64]) -> History {
        let point = |(step, value): (usize, &f64)| Point {
            step,
            value: *value,
        };
        History {
            score: scores.iter().enumerate().map(point).collect(),
            ..History::default()
        }
    }

    #[test]
    fn the_best_is_the_highest() {
        let cases: [(&[f64], bool, bool); 5] = [
            (&[], false, false),
            (&[0.2], true, false),
            (&[0.2, 0.3], true, false),
            (&[0.3, 0.2], false, false),
            (&[0.3, 0.2, 0.25], false, true),
        ];
        for (scores, best, stuck) in cases {
            let history = history(scores);
            assert_eq!(history.is_best(), best, "{scores:?}");
            assert_eq!(history.is_stuck(2), stuck, "{scores:?}");
        }
    }

    #[test]
    fn the_picture_shows_each_curve() {
        let svg = history(&[0.1, 0.5]).svg("detector");
        assert!(svg.starts_with("<svg xmlns") && svg.contains("validation score"));
    }
}
