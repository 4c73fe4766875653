//! The text of the fixtures against an independent reader: what it finds must be in our paragraphs
//! or visuals.

use docalign::pipeline::{AlignOptions, AlignProgress, Models, align};

use super::{source, truth::words};

/// Fixtures whose script the other reader handles: it has no idea of right-to-left order or of
/// CJK encodings, and gives nothing for scans.
const READABLE: [&str; 5] = ["article", "interrupted", "german", "code", "thesis"];

/// Least share of the other reader's words that must be found. It keeps words apart that a line's
/// end cuts in two, which ours joins.
const MIN_WORDS_SHARED: f32 = 0.93;

/// Shorter words are found anywhere.
const MIN_WORD_LETTERS: usize = 4;

#[test]
fn text_agrees_with_an_independent_reader() {
    for name in READABLE {
        let source = source(name);
        let other = pdf_extract::extract_text_from_mem(&source.bytes)
            .unwrap_or_else(|e| panic!("{name}: {e}"));
        let ours = align(
            source,
            &AlignOptions::default(),
            &Models::default(),
            AlignProgress::SILENT,
        )
        .unwrap_or_else(|e| panic!("{name}: {e}"));
        let paragraphs = ours.paragraphs.iter().map(|p| p.text.as_str());
        let visuals = ours.visuals.iter().map(|v| v.text.as_str());
        let text: String = paragraphs.chain(visuals).map(words).collect();
        let text = text.replace(' ', "");
        let other = words(&other);
        let long: Vec<&str> = other
            .split(' ')
            .filter(|w| w.chars().count() >= MIN_WORD_LETTERS)
            .collect();
        let missing: Vec<&&str> = long.iter().filter(|w| !text.contains(**w)).collect();
        let share = 1.0 - missing.len() as f32 / long.len().max(1) as f32;
        assert!(
            long.len() > 100,
            "{name}: the other reader found next to nothing"
        );
        assert!(
            share >= MIN_WORDS_SHARED,
            "{name}: only {share:.3} of the other reader's words; missing are {missing:?}"
        );
    }
}
