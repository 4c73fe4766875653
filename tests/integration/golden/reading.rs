//! The first stage alone: all words of the truth must be among the glyphs of their pages, so that
//! a fault of the reader is told from a fault of what comes after it.

use docalign::{
    geometry::PageIndex,
    pdf::{self, ReadOptions},
};

use super::{
    FIXTURES, source, truth,
    truth::{Truth, words},
};

/// Least share of the words that must be found: a word that a page break cuts in two is not.
const MIN_WORDS_READ: f32 = 0.99;

/// Shorter words are found anywhere.
const MIN_WORD_LETTERS: usize = 4;

#[test]
fn every_word_of_the_fixtures_is_read() {
    for name in FIXTURES {
        let document = pdf::read(&source(name), &ReadOptions::default(), &|_, _| {})
            .unwrap_or_else(|e| panic!("{name}: {e}"));
        let pages: Vec<String> = document.pages.iter().map(letters).collect();
        let truth = truth(name);
        let missing = missing_words(&truth, &pages);
        let share = 1.0 - missing.len() as f32 / word_count(&truth).max(1) as f32;
        assert!(
            share >= MIN_WORDS_READ,
            "{name}: only {share:.3} of the words were read; missing are {missing:?}"
        );
    }
}

/// The letters and digits of a page, run after run as drawn, each from left to right: a ligature
/// in a line that runs from right to left is spelled in the opposite order of its line.
fn letters(page: &pdf::Page) -> String {
    let mut text = String::new();
    for run in &page.runs {
        let mut glyphs = page.run_glyphs(run).to_vec();
        glyphs.sort_by(|a, b| a.start.total_cmp(&b.start));
        text.extend(glyphs.iter().map(|glyph| glyph.ch));
    }
    words(&text).replace(' ', "")
}

fn long_words(truth: &Truth) -> impl Iterator<Item = (PageIndex, String)> {
    truth.paragraphs.iter().flat_map(|paragraph| {
        let text = words(&paragraph.text);
        let long = |w: &&str| w.chars().count() >= MIN_WORD_LETTERS;
        text.split([' ', '\u{fffc}'])
            .filter(long)
            .map(|w| (paragraph.page, w.to_owned()))
            .collect::<Vec<_>>()
    })
}

fn word_count(truth: &Truth) -> usize {
    long_words(truth).count()
}

fn missing_words(truth: &Truth, pages: &[String]) -> Vec<String> {
    let is_on = |page: usize, word: &str| {
        // Lines from right to left are drawn in either direction.
        let reversed: String = word.chars().rev().collect();
        pages
            .get(page)
            .is_some_and(|text| text.contains(word) || text.contains(&reversed))
    };
    long_words(truth)
        .filter(|(page, word)| {
            let page = page.as_usize();
            !is_on(page, word) && !is_on(page + 1, word)
        })
        .map(|(_, word)| word)
        .collect()
}
