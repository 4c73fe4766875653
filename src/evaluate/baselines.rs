//! What simple systems look at: place, plain mentions, words in common.

use std::collections::{BTreeMap, HashMap};

use unicode_segmentation::UnicodeSegmentation;

use super::family::Family;
use crate::{detect::Visual, pipeline::AlignedDocument, segment::Paragraph};

/// Gaps on one page are measured in parts of this, in points: about a page's height, so that any
/// gap is less than a page.
const PAGE_HEIGHT: f32 = 850.0;

/// 1 for touching boxes, more than one half on one page, one half on the next, and so on.
pub(super) fn nearness(paragraph: &Paragraph, visual: &Visual) -> f32 {
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

/// Nouns before numbers in the commonest languages of books; no grammar, no lists, no ranges.
pub(super) fn named_labels(text: &str) -> Vec<NamedLabel> {
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
pub(super) struct Words {
    weights: HashMap<String, f32>,
    /// Visuals with a word, with the word's share of the visual's vector of length 1.
    visuals: HashMap<String, Vec<(usize, f32)>>,
}

impl Words {
    pub(super) fn new(aligned: &AlignedDocument) -> Words {
        let visuals: Vec<BTreeMap<String, f32>> = aligned
            .visuals
            .iter()
            .map(|visual| {
                let caption = visual.captions();
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

    /// How alike the words of each visual are, 0 to 1.
    pub(super) fn cosines(&self, paragraph: &Paragraph, visuals: usize) -> Vec<f32> {
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
