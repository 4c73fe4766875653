//! Whether probabilities are what they say: of the links given 0.7, seven in ten should be right.

use serde::{Deserialize, Serialize};

/// Probabilities are put together in so many classes of equal width.
const BINS: usize = 10;

/// How often links of each class of probability are right, over the paragraphs with gold. As with
/// precision, a link that is right without the gold saying so counts as wrong.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Reliability {
    /// From 0 to 0.1, to 0.2, and so on to 1.
    pub bins: [ReliabilityBin; BINS],
    /// Sum of the squares of what the probabilities are off, right being 1 and wrong 0.
    pub squares: f64,
}

/// Links of one class of probability.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct ReliabilityBin {
    /// How many.
    pub links: u32,
    /// How many of them are right.
    pub right: u32,
    /// Sum of their probabilities.
    pub sum: f64,
}

impl ReliabilityBin {
    /// Mean of the probabilities, 0 to 1.
    pub fn mean(&self) -> f64 {
        self.sum / f64::from(self.links.max(1))
    }

    /// Share of the links that are right, 0 to 1.
    pub fn right_share(&self) -> f64 {
        f64::from(self.right) / f64::from(self.links.max(1))
    }
}

impl Reliability {
    /// Counts a candidate link; a gold target that is none has probability 0.
    pub(super) fn add(&mut self, probability: f32, right: bool) {
        let p = f64::from(probability).clamp(0.0, 1.0);
        // In its own precision 0.7 is where its class begins.
        let at = ((probability * BINS as f32) as usize).min(BINS - 1);
        if let Some(bin) = self.bins.get_mut(at) {
            bin.links += 1;
            bin.right += u32::from(right);
            bin.sum += p;
        }
        self.squares += (p - f64::from(u8::from(right))).powi(2);
    }

    pub(super) fn merge(&mut self, other: &Reliability) {
        for (ours, theirs) in self.bins.iter_mut().zip(other.bins) {
            ours.links += theirs.links;
            ours.right += theirs.right;
            ours.sum += theirs.sum;
        }
        self.squares += other.squares;
    }

    /// All candidate links.
    pub fn links(&self) -> u32 {
        self.bins.iter().map(|bin| bin.links).sum()
    }

    /// Expected calibration error, 0 to 1: how far the classes' probabilities are from their
    /// shares of right links, in the mean over links (Naeini, Cooper and Hauskrecht 2015).
    pub fn expected_error(&self) -> f64 {
        let off =
            |bin: &ReliabilityBin| f64::from(bin.links) * (bin.mean() - bin.right_share()).abs();
        self.bins.iter().map(off).sum::<f64>() / f64::from(self.links().max(1))
    }

    /// Brier score, 0 to 1: mean square of what the probabilities are off.
    pub fn brier(&self) -> f64 {
        self.squares / f64::from(self.links().max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn honest_probabilities_have_no_error() {
        let mut honest = Reliability::default();
        for right in [true, true, true, false] {
            honest.add(0.75, right);
        }
        honest.add(1.0, true);
        honest.add(0.0, false);
        assert_eq!((honest.links(), honest.bins[7].links), (6, 4));
        assert!(honest.expected_error() < 1e-9);
        // Three times 1/16 and once 9/16 over six links.
        assert!((honest.brier() - 0.75 / 6.0).abs() < 1e-9);
    }

    #[test]
    fn what_is_off_counts_by_its_links() {
        let mut sure = Reliability::default();
        sure.add(0.9, true);
        sure.add(0.9, false);
        let mut other = Reliability::default();
        other.add(0.25, false);
        other.add(0.25, false);
        sure.merge(&other);
        // Half of the links are off by 0.4, half by 0.25.
        assert!((sure.expected_error() - 0.325).abs() < 1e-6);
        assert!((sure.brier() - (0.01 + 0.81 + 0.125) / 4.0).abs() < 1e-6);
    }
}
