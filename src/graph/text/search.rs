//! Texts found by the words of a question.

use super::{
    terms::{TermCounts, Terms, counts},
    vector::{Rarity, TermVector},
};

/// Texts ready to be searched: their words, and their letter groups, which find inflected and
/// joined words too.
pub(crate) struct WordSearch {
    terms: Terms,
    words: Part,
    groups: Part,
}

#[derive(Default)]
struct Part {
    rarity: Rarity,
    texts: Vec<TermVector>,
}

impl WordSearch {
    /// Reads texts in a language (ISO 639-1), where it is known.
    pub(crate) fn new<'a>(
        texts: impl Iterator<Item = &'a str> + Clone,
        language: Option<&str>,
    ) -> WordSearch {
        let terms = Terms::new(language);
        let words = Part::new(
            texts
                .clone()
                .map(|text| counts(&terms.words(text)))
                .collect(),
        );
        let groups = Part::new(texts.map(|text| counts(&terms.groups(text))).collect());
        WordSearch {
            terms,
            words,
            groups,
        }
    }

    /// The cosine of each text with a question, 0 to 1: the mean of both kinds.
    pub(crate) fn likeness(&self, question: &str) -> Vec<f32> {
        let words = self.words.cosines(&counts(&self.terms.words(question)));
        let groups = self.groups.cosines(&counts(&self.terms.groups(question)));
        let both = words.into_iter().zip(groups);
        both.map(|(words, groups)| (words + groups) / 2.0).collect()
    }
}

impl Part {
    fn new(counted: Vec<TermCounts>) -> Part {
        let mut rarity = Rarity::default();
        counted.iter().for_each(|counts| rarity.add(counts));
        let texts = counted.iter();
        Part {
            texts: texts
                .map(|counts| TermVector::new(counts, &rarity))
                .collect(),
            rarity,
        }
    }

    fn cosines(&self, question: &TermCounts) -> Vec<f32> {
        let question = TermVector::new(question, &self.rarity);
        self.texts
            .iter()
            .map(|text| question.cosine(text))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_finds_the_text_with_its_rare_words() {
        let texts = ["the pump moves water", "the valves are closed", "the end"];
        let search = WordSearch::new(texts.into_iter(), Some("en"));
        let likeness = search.likeness("which valve is the closing one?");
        assert!(
            likeness[1] > likeness[0] && likeness[1] > likeness[2],
            "{likeness:?}"
        );
        assert!(likeness.iter().all(|cosine| (0.0..=1.001).contains(cosine)));
    }
}
