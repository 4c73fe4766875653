//! The words of a document's paragraphs and visuals, and how much pairs of them share.

use std::{
    collections::{BTreeMap, HashMap},
    hash::{BuildHasherDefault, DefaultHasher},
};

use super::{
    VisualWords,
    terms::{TermCounts, TermId, Terms, counts, symbols, term},
    vector::{Rarity, TermVector},
    wording::wordings,
};
use crate::{
    detect::{Visual, VisualId},
    segment::Paragraph,
};

/// Words in this share of all texts say nothing of a single visual; skipping them keeps the
/// search linear.
const COMMON: f32 = 0.2;
/// The same where paragraphs are sought: they are many more than visuals.
const COMMON_WORD: f32 = 0.05;
/// The same for letter groups, of which each text has far more.
const COMMON_GROUP: f32 = 0.05;
/// Texts inside visuals count up to so many words: the rest of a long table repeats itself.
const MAX_INNER_WORDS: usize = 600;
/// Paragraphs count up to so many words, for the same reason.
const MAX_WORDS: usize = 2000;

/// How much the words of a paragraph and a visual have in common. All from 0 to 1.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(in crate::graph) struct Likeness {
    /// Cosine with the caption.
    pub caption: f32,
    /// Cosine with the text inside the visual.
    pub inner: f32,
    /// Cosine with caption and inner text together.
    pub whole: f32,
    /// Highest cosine of one of its sentences with the caption.
    pub sentence: f32,
    /// Cosine with the caption, words weighed by how few other captions have them.
    pub distinctive: f32,
    /// Share of the caption's weight that the paragraph repeats.
    pub coverage: f32,
    /// Cosine of the letter groups with those of the caption.
    pub groups: f32,
    /// Cosine of the letter groups with those of caption and inner text.
    pub groups_whole: f32,
    /// Cosine of numbers, names of files, commands and variables.
    pub symbols: f32,
    /// Cosine with the titles of the sections that the visual stands in.
    pub section: f32,
    /// Cosine of the paragraph's section titles with the caption.
    pub section_caption: f32,
    /// Words of the longest run of words that the caption has too, over 8.
    pub run: f32,
}

struct ParagraphText {
    words: TermVector,
    terms: Vec<TermId>,
    wordings: Vec<u16>,
}

struct VisualText {
    caption: TermVector,
    caption_terms: Vec<TermId>,
    inner: TermVector,
    whole: TermVector,
    distinctive: TermVector,
    groups: TermVector,
    groups_whole: TermVector,
    symbols: TermVector,
    section: TermVector,
}

/// Paragraphs that can be found by their words.
pub(in crate::graph) struct FoundByWords {
    paragraphs: Vec<usize>,
    postings: Postings,
}

type Postings = HashMap<TermId, Vec<(u32, f32)>, BuildHasherDefault<DefaultHasher>>;

/// All that is known of the words of a document.
pub(in crate::graph) struct TextIndex<'a> {
    terms: Terms,
    source: &'a [Paragraph],
    paragraphs: Vec<ParagraphText>,
    visuals: Vec<VisualText>,
    word_postings: Postings,
    group_postings: Postings,
    words: Rarity,
    groups: Rarity,
    symbols: Rarity,
    captions: Rarity,
}

impl<'a> TextIndex<'a> {
    /// Reads the texts of a document.
    pub(in crate::graph) fn new(paragraphs: &'a [Paragraph], visuals: &[Visual]) -> TextIndex<'a> {
        let terms = Terms::new(language(paragraphs));
        let mut index = TextIndex {
            terms,
            source: paragraphs,
            paragraphs: Vec::new(),
            visuals: Vec::new(),
            word_postings: Postings::default(),
            group_postings: Postings::default(),
            words: Rarity::default(),
            groups: Rarity::default(),
            symbols: Rarity::default(),
            captions: Rarity::default(),
        };
        let texts: Vec<VisualWords> = visuals
            .iter()
            .map(|visual| VisualWords::new(visual, paragraphs))
            .collect();
        let (cut, put): (Vec<Vec<TermId>>, Vec<Vec<u16>>) = paragraphs
            .iter()
            .map(|paragraph| {
                let stems = index.terms.stems(&paragraph.text).take(MAX_WORDS);
                let stems: Vec<String> = stems.collect();
                (
                    stems.iter().map(|stem| term(stem)).collect(),
                    wordings(&stems),
                )
            })
            .unzip();
        index.count(paragraphs, &cut, &texts);
        index.paragraphs = cut
            .into_iter()
            .zip(put)
            .map(|(terms, wordings)| ParagraphText {
                words: TermVector::new(&counts(&terms), &index.words),
                terms,
                wordings,
            })
            .collect();
        index.visuals = texts.iter().map(|text| index.visual(text)).collect();
        index.post();
        index
    }

    /// How each paragraph is put; see [`wordings`].
    pub(in crate::graph) fn into_wordings(self) -> Vec<Vec<u16>> {
        let paragraphs = self.paragraphs.into_iter();
        paragraphs.map(|paragraph| paragraph.wordings).collect()
    }

    fn cut(&self, text: &str, words: usize) -> Vec<TermId> {
        let mut terms = self.terms.words(text);
        terms.truncate(words);
        terms
    }

    /// Counts in how many texts each term stands: paragraphs, and the visuals' own texts.
    fn count(&mut self, paragraphs: &[Paragraph], cut: &[Vec<TermId>], visuals: &[VisualWords]) {
        for (paragraph, terms) in paragraphs.iter().zip(cut) {
            self.words.add(&counts(terms));
            self.groups
                .add(&counts(&self.terms.groups(&paragraph.text)));
            self.symbols.add(&counts(&symbols(&paragraph.text)));
        }
        for visual in visuals {
            let inner = counts(&self.cut(&visual.inner, MAX_INNER_WORDS));
            self.words.add(&inner);
            self.captions
                .add(&counts(&self.terms.words(&visual.caption)));
        }
    }

    fn visual(&self, text: &VisualWords) -> VisualText {
        let caption_terms = self.terms.words(&text.caption);
        let caption = counts(&caption_terms);
        let inner = counts(&self.cut(&text.inner, MAX_INNER_WORDS));
        let whole = joined(&caption, &inner);
        let groups = counts(&self.terms.groups(&text.caption));
        let inner_groups = counts(&self.terms.groups(text.short_inner()));
        let both = format!("{} {}", text.caption, text.short_inner());
        VisualText {
            caption: TermVector::new(&caption, &self.words),
            inner: TermVector::new(&inner, &self.words),
            whole: TermVector::new(&whole, &self.words),
            distinctive: self.distinctive(&caption),
            groups_whole: TermVector::new(&joined(&groups, &inner_groups), &self.groups),
            groups: TermVector::new(&groups, &self.groups),
            symbols: TermVector::new(&counts(&symbols(&both)), &self.symbols),
            section: TermVector::new(&counts(&self.terms.words(&text.section)), &self.words),
            caption_terms,
        }
    }

    fn distinctive(&self, caption: &TermCounts) -> TermVector {
        TermVector::weighted(caption, |term| {
            self.words.idf(term) * self.captions.idf(term)
        })
    }

    fn post(&mut self) {
        for (at, visual) in (0..).zip(&self.visuals) {
            for vector in [&visual.whole, &visual.caption] {
                post(&mut self.word_postings, vector, at, &self.words, COMMON);
            }
            let (postings, groups) = (&mut self.group_postings, &visual.groups);
            post(postings, groups, at, &self.groups, COMMON_GROUP);
        }
    }

    /// The visuals with words or letter groups of a paragraph, and how alike they are to it: with
    /// the caption, with all text, and by letter groups, added up.
    pub(in crate::graph) fn alike(&self, paragraph: usize) -> Vec<(VisualId, f32)> {
        let Some((source, text)) = self
            .source
            .get(paragraph)
            .zip(self.paragraphs.get(paragraph))
        else {
            return Vec::new();
        };
        let groups = TermVector::new(&counts(&self.terms.groups(&source.text)), &self.groups);
        let mut scores: BTreeMap<u32, f32> = BTreeMap::new();
        for (vector, postings) in [
            (&text.words, &self.word_postings),
            (&groups, &self.group_postings),
        ] {
            for (term, weight) in vector.weights() {
                for (visual, theirs) in postings.get(term).into_iter().flatten() {
                    *scores.entry(*visual).or_insert(0.0) += weight * theirs;
                }
            }
        }
        let scores = scores.into_iter();
        scores
            .map(|(visual, score)| (VisualId(visual), score))
            .collect()
    }

    /// The words of some paragraphs, by which others that are like them can be found.
    pub(in crate::graph) fn found_by_words(&self, paragraphs: Vec<usize>) -> FoundByWords {
        let mut postings = Postings::default();
        for (at, paragraph) in (0..).zip(&paragraphs) {
            if let Some(text) = self.paragraphs.get(*paragraph) {
                post(&mut postings, &text.words, at, &self.words, COMMON_WORD);
            }
        }
        FoundByWords {
            paragraphs,
            postings,
        }
    }

    /// Those of `known` that are most alike to a paragraph, itself left out, best first.
    pub(in crate::graph) fn most_alike_of(
        &self,
        paragraph: usize,
        known: &FoundByWords,
        most: usize,
    ) -> Vec<(usize, f32)> {
        let Some(text) = self.paragraphs.get(paragraph) else {
            return Vec::new();
        };
        let mut scores = vec![0.0; known.paragraphs.len()];
        for (term, weight) in text.words.weights() {
            for (at, theirs) in known.postings.get(term).into_iter().flatten() {
                if let Some(score) = scores.get_mut(*at as usize) {
                    *score += weight * theirs;
                }
            }
        }
        let mut found: Vec<(usize, f32)> = known
            .paragraphs
            .iter()
            .zip(scores)
            .filter(|(other, score)| **other != paragraph && *score > 0.0)
            .map(|(other, score)| (*other, score))
            .collect();
        found.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        found.truncate(most);
        found
    }

    /// How alike two paragraphs are.
    pub(in crate::graph) fn paragraphs_alike(&self, a: usize, b: usize) -> f32 {
        match (self.paragraphs.get(a), self.paragraphs.get(b)) {
            (Some(a), Some(b)) => a.words.cosine(&b.words),
            _ => 0.0,
        }
    }

    /// How alike a paragraph is to each of some visuals.
    pub(in crate::graph) fn likeness(
        &self,
        paragraph: usize,
        visuals: &[VisualId],
    ) -> Vec<Likeness> {
        let Some((source, text)) = self
            .source
            .get(paragraph)
            .zip(self.paragraphs.get(paragraph))
        else {
            return vec![Likeness::default(); visuals.len()];
        };
        let words = counts(&text.terms);
        let reader = Reader {
            text,
            distinctive: self.distinctive(&words),
            groups: TermVector::new(&counts(&self.terms.groups(&source.text)), &self.groups),
            symbols: TermVector::new(&counts(&symbols(&source.text)), &self.symbols),
            section: TermVector::new(
                &counts(&self.terms.words(&source.section.join(" "))),
                &self.words,
            ),
            sentences: self.sentences(source),
        };
        visuals
            .iter()
            .map(|id| {
                let visual = self.visuals.get(id.0 as usize);
                visual.map_or_else(Likeness::default, |visual| reader.likeness(visual))
            })
            .collect()
    }

    fn sentences(&self, paragraph: &Paragraph) -> Vec<TermVector> {
        paragraph
            .sentences
            .iter()
            .filter_map(|span| paragraph.text.get(span.clone()))
            .take(MAX_WORDS)
            .map(|sentence| TermVector::new(&counts(&self.terms.words(sentence)), &self.words))
            .collect()
    }
}

/// A paragraph while it is compared.
struct Reader<'a> {
    text: &'a ParagraphText,
    distinctive: TermVector,
    groups: TermVector,
    symbols: TermVector,
    section: TermVector,
    sentences: Vec<TermVector>,
}

impl Reader<'_> {
    fn likeness(&self, visual: &VisualText) -> Likeness {
        let words = &self.text.words;
        let sentences = self.sentences.iter();
        Likeness {
            caption: words.cosine(&visual.caption),
            inner: words.cosine(&visual.inner),
            whole: words.cosine(&visual.whole),
            sentence: sentences
                .map(|sentence| sentence.cosine(&visual.caption))
                .fold(0.0, f32::max),
            distinctive: self.distinctive.cosine(&visual.distinctive),
            coverage: visual.caption.covered_by(words),
            groups: self.groups.cosine(&visual.groups),
            groups_whole: self.groups.cosine(&visual.groups_whole),
            symbols: self.symbols.cosine(&visual.symbols),
            section: words.cosine(&visual.section),
            section_caption: self.section.cosine(&visual.caption),
            run: (longest_run(&self.text.terms, &visual.caption_terms) as f32 / 8.0).min(1.0),
        }
    }
}

fn post(postings: &mut Postings, vector: &TermVector, visual: u32, rarity: &Rarity, common: f32) {
    for (term, weight) in vector.weights() {
        if rarity.share(*term) <= common {
            postings.entry(*term).or_default().push((visual, *weight));
        }
    }
}

/// The language of most of the paragraphs.
fn language(paragraphs: &[Paragraph]) -> Option<&'static str> {
    let mut of: BTreeMap<&'static str, usize> = BTreeMap::new();
    for language in paragraphs.iter().filter_map(|paragraph| paragraph.language) {
        *of.entry(language).or_default() += 1;
    }
    let most = of.into_iter().max_by_key(|(_, paragraphs)| *paragraphs);
    most.map(|(language, _)| language)
}

fn joined(a: &TermCounts, b: &TermCounts) -> TermCounts {
    let mut both = a.clone();
    for (term, count) in b {
        *both.entry(*term).or_insert(0.0) += count;
    }
    both
}

/// The length of the longest run of terms that stands in both.
fn longest_run(text: &[TermId], caption: &[TermId]) -> usize {
    let mut places: HashMap<TermId, Vec<usize>, BuildHasherDefault<DefaultHasher>> =
        HashMap::default();
    for (at, term) in caption.iter().enumerate() {
        places.entry(*term).or_default().push(at);
    }
    // Runs that end at the term before: place in the caption -> length.
    let mut runs: HashMap<usize, usize, BuildHasherDefault<DefaultHasher>> = HashMap::default();
    let mut longest = 0;
    for term in text {
        let mut next = HashMap::default();
        for at in places.get(term).into_iter().flatten() {
            let before = at.checked_sub(1).and_then(|before| runs.get(&before));
            let length = before.copied().unwrap_or(0) + 1;
            longest = longest.max(length);
            next.insert(*at, length);
        }
        runs = next;
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_run_is_found() {
        assert_eq!(longest_run(&[1, 2, 3, 9, 4], &[7, 2, 3, 9, 8]), 3);
        assert_eq!(longest_run(&[1], &[2]), 0);
    }
}
