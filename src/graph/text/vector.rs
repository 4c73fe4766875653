//! Weighted term vectors.

use super::terms::{TermCounts, TermId};

/// How many texts of a document have a term.
#[derive(Debug, Default)]
pub(super) struct Rarity {
    with: TermCounts,
    texts: f32,
}

impl Rarity {
    /// Counts a text's terms.
    pub(super) fn add(&mut self, text: &TermCounts) {
        self.texts += 1.0;
        for term in text.keys() {
            *self.with.entry(*term).or_insert(0.0) += 1.0;
        }
    }

    /// Inverse document frequency, `ln((1 + N) / (1 + n))` (Spärck Jones 1972, smoothed), from 0.
    pub(super) fn idf(&self, term: TermId) -> f32 {
        let with = self.with.get(&term).copied().unwrap_or(0.0);
        ((1.0 + self.texts) / (1.0 + with)).ln().max(0.0)
    }

    /// The share of the texts that have a term.
    pub(super) fn share(&self, term: TermId) -> f32 {
        self.with.get(&term).copied().unwrap_or(0.0) / self.texts.max(1.0)
    }
}

/// A text as a vector of length 1, sorted by term; weights are `(1 + ln count) * idf`.
#[derive(Debug, Clone, Default)]
pub(in crate::graph) struct TermVector {
    weights: Vec<(TermId, f32)>,
}

impl TermVector {
    pub(super) fn new(counts: &TermCounts, rarity: &Rarity) -> TermVector {
        TermVector::weighted(counts, |term| rarity.idf(term))
    }

    pub(super) fn weighted(counts: &TermCounts, weight: impl Fn(TermId) -> f32) -> TermVector {
        let mut weights: Vec<(TermId, f32)> = counts
            .iter()
            .map(|(term, count)| (*term, (1.0 + count.ln()) * weight(*term)))
            .filter(|(_, weight)| *weight > 0.0)
            .collect();
        // In order, so that sums do not depend on the map's.
        weights.sort_by_key(|(term, _)| *term);
        let length = weights.iter().map(|(_, w)| w * w).sum::<f32>().sqrt();
        for (_, weight) in &mut weights {
            *weight /= length.max(f32::MIN_POSITIVE);
        }
        TermVector { weights }
    }

    /// Terms and weights, sorted by term.
    pub(super) fn weights(&self) -> &[(TermId, f32)] {
        &self.weights
    }

    /// The cosine of two texts, 0 to 1.
    pub(in crate::graph) fn cosine(&self, other: &TermVector) -> f32 {
        let mut sum = 0.0;
        let (mut a, mut b) = (
            self.weights.iter().peekable(),
            other.weights.iter().peekable(),
        );
        while let (Some((left, x)), Some((right, y))) = (a.peek(), b.peek()) {
            match left.cmp(right) {
                std::cmp::Ordering::Less => drop(a.next()),
                std::cmp::Ordering::Greater => drop(b.next()),
                std::cmp::Ordering::Equal => {
                    sum += x * y;
                    a.next();
                    b.next();
                }
            }
        }
        sum
    }

    /// Which share of this text's weight (squared) stands in the other text too.
    pub(in crate::graph) fn covered_by(&self, other: &TermVector) -> f32 {
        self.weights
            .iter()
            .filter(|(term, _)| other.has(*term))
            .map(|(_, weight)| weight * weight)
            .sum()
    }

    fn has(&self, term: TermId) -> bool {
        self.weights
            .binary_search_by_key(&term, |(id, _)| *id)
            .is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::terms::{Terms, counts},
        *,
    };

    fn vectors(texts: &[&str]) -> Vec<TermVector> {
        let terms = Terms::new(None);
        let counted: Vec<_> = texts
            .iter()
            .map(|text| counts(&terms.words(text)))
            .collect();
        let mut rarity = Rarity::default();
        counted.iter().for_each(|counts| rarity.add(counts));
        counted
            .iter()
            .map(|counts| TermVector::new(counts, &rarity))
            .collect()
    }

    #[test]
    fn rare_words_decide() {
        let vectors = vectors(&[
            "the red pump",
            "the pump leaks",
            "the green valve",
            "the dog",
        ]);
        let [a, b, c, _] = &vectors[..] else { panic!() };
        assert!(a.cosine(b) > 0.2, "{}", a.cosine(b));
        assert_eq!(a.cosine(c), 0.0, "a word that all have says nothing");
        assert!((a.cosine(a) - 1.0).abs() < 1e-5);
        assert!(b.covered_by(a) > 0.0 && b.covered_by(a) < 1.0);
    }
}
