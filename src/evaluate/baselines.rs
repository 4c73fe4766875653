//! What simple systems would say of the same paragraphs and visuals.
//!
//! Each ranks all visuals of the document for a paragraph; the rank of the right one is kept.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, HashMap},
};

use serde::{Deserialize, Serialize};
use unicode_segmentation::UnicodeSegmentation;

use super::{family::Family, metrics::Case};
use crate::{
    detect::Visual,
    pipeline::AlignedDocument,
    segment::{Paragraph, ParagraphId},
};

/// Gaps on one page are measured in parts of this, in points: about a page's height, so that any
/// gap is less than a page.
const PAGE_HEIGHT: f32 = 850.0;

/// A simple system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Baseline {
    /// The nearest: on the same page by the gap between the boxes, else by pages.
    Proximity,
    /// Visuals whose noun and number stand in the text, by a plain pattern; no others.
    MentionRule,
    /// Cosine of the words of the paragraph with those of caption and visual.
    TfIdf,
    /// The product of the two.
    TfIdfProximity,
}

impl Baseline {
    /// All of them, in order.
    pub const ALL: [Baseline; 4] = [
        Baseline::Proximity,
        Baseline::MentionRule,
        Baseline::TfIdf,
        Baseline::TfIdfProximity,
    ];

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Baseline::Proximity => "proximity",
            Baseline::MentionRule => "mention-rule",
            Baseline::TfIdf => "tf-idf",
            Baseline::TfIdfProximity => "tf-idf-proximity",
        }
    }
}

/// What a baseline says of a document's pairs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BaselineRanks {
    /// Which one.
    pub baseline: Baseline,
    /// The rank of the right visual, from 1, for each of the pairs in their order; `null` where
    /// there is none.
    pub ranks: Vec<Option<u32>>,
}

/// The ranks of all baselines.
pub(super) fn rank(aligned: &AlignedDocument, cases: &[Case<'_>]) -> Vec<BaselineRanks> {
    let words = Words::new(aligned);
    let mut scores: HashMap<ParagraphId, Scores> = HashMap::new();
    let mut result: Vec<BaselineRanks> = Baseline::ALL
        .into_iter()
        .map(|baseline| BaselineRanks {
            baseline,
            ranks: Vec::with_capacity(cases.len()),
        })
        .collect();
    for case in cases {
        let paragraph = case
            .paragraph
            .and_then(|id| aligned.paragraphs.get(id.0 as usize));
        let scores = paragraph.map(|paragraph| {
            &*scores
                .entry(paragraph.id)
                .or_insert_with(|| Scores::new(aligned, paragraph, &words))
        });
        for ranks in &mut result {
            let rank = scores.and_then(|scores| scores.rank(ranks.baseline, case));
            ranks.ranks.push(rank);
        }
    }
    result
}

/// What the systems think of each visual, for one paragraph.
struct Scores {
    nearness: Vec<f32>,
    named: Vec<bool>,
    cosine: Vec<f32>,
}

impl Scores {
    fn new(aligned: &AlignedDocument, paragraph: &Paragraph, words: &Words) -> Scores {
        let named = named_labels(&paragraph.text);
        Scores {
            nearness: aligned
                .visuals
                .iter()
                .map(|visual| nearness(paragraph, visual))
                .collect(),
            named: aligned
                .visuals
                .iter()
                .map(|visual| label_of(visual).is_some_and(|label| named.contains(&label)))
                .collect(),
            cosine: words.cosines(paragraph, aligned.visuals.len()),
        }
    }

    /// The rank of the best of the right visuals; equal ones stand in document order.
    fn rank(&self, baseline: Baseline, case: &Case<'_>) -> Option<u32> {
        let right = |at: usize| case.right.iter().any(|id| id.0 as usize == at);
        let best = (0..self.nearness.len())
            .filter(|at| right(*at) && self.ranks(baseline, *at))
            .min_by(|a, b| self.compare(baseline, *a, *b))?;
        let before = (0..self.nearness.len())
            .filter(|at| self.ranks(baseline, *at))
            .filter(|at| self.compare(baseline, *at, best) == Ordering::Less);
        u32::try_from(before.count() + 1).ok()
    }

    /// Whether the system has anything to say of a visual.
    fn ranks(&self, baseline: Baseline, at: usize) -> bool {
        baseline != Baseline::MentionRule || self.named.get(at) == Some(&true)
    }

    fn compare(&self, baseline: Baseline, a: usize, b: usize) -> Ordering {
        let near = |at: usize| self.nearness.get(at).copied().unwrap_or(0.0);
        let alike = |at: usize| self.cosine.get(at).copied().unwrap_or(0.0);
        let score = |at: usize| match baseline {
            Baseline::Proximity | Baseline::MentionRule => near(at),
            Baseline::TfIdf => alike(at),
            Baseline::TfIdfProximity => alike(at) * near(at),
        };
        let by_score = score(b).total_cmp(&score(a));
        match baseline {
            // Without a word in common only the place is left.
            Baseline::TfIdfProximity => by_score.then(near(b).total_cmp(&near(a))),
            _ => by_score,
        }
        .then(a.cmp(&b))
    }
}

/// 1 for touching boxes, more than one half on one page, one half on the next, and so on.
fn nearness(paragraph: &Paragraph, visual: &Visual) -> f32 {
    let regions = paragraph.regions.iter();
    let distances = regions.flat_map(|a| {
        visual
            .regions
            .iter()
            .map(move |b| match a.page.distance(b.page) {
                0 => (a.bbox.y_gap(&b.bbox).max(0.0) / PAGE_HEIGHT).min(0.999),
                pages => pages as f32,
            })
    });
    1.0 / (1.0 + distances.fold(f32::INFINITY, f32::min))
}

/// A family and a number.
type NamedLabel = (Family, String);

fn label_of(visual: &Visual) -> Option<NamedLabel> {
    let label = visual.label.as_ref()?;
    Some((
        Family::of(label.kind),
        label.number.as_ref()?.number.clone(),
    ))
}

/// Nouns before numbers in the commonest languages of books; no grammar, no lists, no ranges.
fn named_labels(text: &str) -> Vec<NamedLabel> {
    const NOUNS: [(&str, Family); 24] = [
        ("figure", Family::Figure),
        ("figures", Family::Figure),
        ("fig", Family::Figure),
        ("figs", Family::Figure),
        ("abbildung", Family::Figure),
        ("abb", Family::Figure),
        ("figura", Family::Figure),
        ("figuur", Family::Figure),
        ("рис", Family::Figure),
        ("рисунок", Family::Figure),
        ("рисунке", Family::Figure),
        ("table", Family::Table),
        ("tables", Family::Table),
        ("tab", Family::Table),
        ("tabelle", Family::Table),
        ("tabella", Family::Table),
        ("tabla", Family::Table),
        ("tableau", Family::Table),
        ("tabela", Family::Table),
        ("табл", Family::Table),
        ("таблица", Family::Table),
        ("таблице", Family::Table),
        ("algorithm", Family::Listing),
        ("listing", Family::Listing),
    ];
    let mut named = Vec::new();
    let mut noun = None;
    for word in text.split_whitespace() {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        if let (Some(family), Some(number)) = (noun, number(bare)) {
            named.push((family, number));
        }
        let lower = bare.to_lowercase();
        noun = NOUNS
            .iter()
            .find(|(noun, _)| *noun == lower)
            .map(|(_, family)| *family);
    }
    named
}

/// A number with its parts joined by dots: "3-2" is 3.2.
fn number(word: &str) -> Option<String> {
    let end = word
        .find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-' || c.is_ascii_uppercase()))
        .unwrap_or(word.len());
    let number = word.get(..end)?.trim_end_matches(['.', '-']);
    number
        .contains(|c: char| c.is_ascii_digit())
        .then(|| number.replace('-', "."))
}

/// The words of the visuals, by word, and how much each word says.
struct Words {
    weights: HashMap<String, f32>,
    /// Visuals with a word, with the word's share of the visual's vector of length 1.
    visuals: HashMap<String, Vec<(usize, f32)>>,
}

impl Words {
    fn new(aligned: &AlignedDocument) -> Words {
        let visuals: Vec<BTreeMap<String, f32>> = aligned
            .visuals
            .iter()
            .map(|visual| {
                let caption = visual.caption.iter().chain(&visual.continued);
                let caption = caption.filter_map(|id| aligned.paragraphs.get(id.0 as usize));
                let mut text: String = caption
                    .map(|p| p.text.as_str())
                    .collect::<Vec<_>>()
                    .join(" ");
                text.push(' ');
                text.push_str(&visual.text);
                counts(&text)
            })
            .collect();
        let mut documents: HashMap<String, u32> = HashMap::new();
        let running = aligned
            .paragraphs
            .iter()
            .filter(|p| p.kind.is_running_text());
        let paragraphs: Vec<_> = running.map(|p| counts(&p.text)).collect();
        for counts in visuals.iter().chain(&paragraphs) {
            for word in counts.keys() {
                *documents.entry(word.clone()).or_default() += 1;
            }
        }
        let all = (visuals.len() + paragraphs.len()) as f32;
        let weights: HashMap<String, f32> = documents
            .into_iter()
            .map(|(word, with)| (word, ((1.0 + all) / (1.0 + with as f32)).ln()))
            .collect();
        let mut postings: HashMap<String, Vec<(usize, f32)>> = HashMap::new();
        for (at, counts) in visuals.iter().enumerate() {
            for (word, share) in vector(counts, &weights) {
                postings
                    .entry(word.to_owned())
                    .or_default()
                    .push((at, share));
            }
        }
        Words {
            weights,
            visuals: postings,
        }
    }

    fn cosines(&self, paragraph: &Paragraph, visuals: usize) -> Vec<f32> {
        let mut cosines = vec![0.0; visuals];
        for (word, share) in vector(&counts(&paragraph.text), &self.weights) {
            for (at, theirs) in self.visuals.get(word).into_iter().flatten() {
                if let Some(cosine) = cosines.get_mut(*at) {
                    *cosine += share * theirs;
                }
            }
        }
        cosines
    }
}

fn counts(text: &str) -> BTreeMap<String, f32> {
    let mut counts = BTreeMap::new();
    for word in text.unicode_words() {
        *counts.entry(word.to_lowercase()).or_insert(0.0) += 1.0;
    }
    counts
}

/// Weighted by `1 + ln(count)` and how rare each word is, scaled to length 1.
fn vector<'a>(
    counts: &'a BTreeMap<String, f32>,
    weights: &HashMap<String, f32>,
) -> Vec<(&'a str, f32)> {
    let mut vector: Vec<(&str, f32)> = counts
        .iter()
        .filter_map(|(word, count)| Some((word.as_str(), (1.0 + count.ln()) * weights.get(word)?)))
        .collect();
    let length = vector.iter().map(|(_, x)| x * x).sum::<f32>().sqrt();
    for (_, share) in &mut vector {
        *share /= length.max(f32::MIN_POSITIVE);
    }
    vector
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plain_pattern_reads_nouns_before_numbers() {
        let found = named_labels("see Fig. 3, Tables 2 and 4, (Abb. 3-2) and Figure A1; figure it");
        assert_eq!(
            found,
            [
                (Family::Figure, "3".to_owned()),
                (Family::Table, "2".to_owned()),
                (Family::Figure, "3.2".to_owned()),
                (Family::Figure, "A1".to_owned()),
            ]
        );
    }

    #[test]
    fn rare_words_weigh_more() {
        let weights = HashMap::from([("the".to_owned(), 0.1), ("pump".to_owned(), 2.0)]);
        let counts = counts("The pump, the");
        let vector = vector(&counts, &weights);
        assert_eq!(vector[0].0, "pump");
        assert!(vector[0].1 > 0.99 && vector[1].1 < 0.1, "{vector:?}");
    }
}
