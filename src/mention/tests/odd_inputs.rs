//! Whatever comes in, spans lie within the text, on character boundaries, in order, and the time
//! stays linear.

use std::time::{Duration, Instant};

use super::*;

/// Pieces that the texts below are made of.
const PIECES: &[&str] = &[
    "Fig. ",
    "ﬁgure",
    "Figures",
    " 3",
    "a",
    "–",
    "-",
    ", ",
    " and ",
    "(",
    ")",
    "[",
    "]",
    ".",
    "图",
    "表",
    "至",
    "和",
    "3",
    "٣",
    "४",
    "\u{301}",
    "\u{ad}",
    "\u{200f}",
    "\u{a0}",
    "\n",
    "ábra",
    "Tab",
    "le IV",
    "½",
    "㎝",
    "①",
    "e\u{301}",
    "\u{10ffff}",
    "рис.",
    "І",
    "ﷺ",
    "ﬃ",
    "𝟑",
    "第",
    "図",
    "continued",
    "of [1]",
    "the ",
    "above",
    "下",
    "S1 ",
    "Supplementary ",
    "٫",
    "İ",
    "ß",
    "Σχήμα",
    "ς",
    "그림",
    "ㄱ",
    "99999999999999999999",
];

/// A small linear congruential generator: the same texts in every run.
fn texts() -> impl Iterator<Item = String> {
    let mut state = 7u64;
    (0..20_000).map(move |_| {
        let mut text = String::new();
        for _ in 0..12 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            text.push_str(PIECES[(state >> 33) as usize % PIECES.len()]);
        }
        text
    })
}

#[test]
fn spans_lie_on_character_boundaries() {
    let mut mentions = 0;
    for text in texts() {
        let mut end = 0;
        for mention in find_mentions(&text) {
            assert!(
                mention.span.start >= end && !mention.span.is_empty(),
                "in {text:?}"
            );
            assert_eq!(
                text.get(mention.span.clone()),
                Some(mention.text.as_str()),
                "in {text:?}"
            );
            assert!(!mention.targets.is_empty(), "in {text:?}");
            end = mention.span.end;
            mentions += 1;
        }
        if let Some(caption) = caption_label(&text) {
            assert!(text.get(caption.span).is_some(), "in {text:?}");
        }
        ends_with_abbreviation(&text);
        is_list_of_visuals_heading(&text);
    }
    assert!(
        mentions > 1000,
        "the texts have too few mentions to test anything: {mentions}"
    );
}

#[test]
fn long_texts_take_linear_time() {
    // Far above what linear work takes, far below what quadratic work would.
    let limit = Duration::from_secs(20);
    for piece in [
        "Figure 3, ",
        "fig",
        "3, 4 and ",
        "Figures 1",
        "(",
        "图",
        "table ",
        "1. ",
        "é",
        "[",
        "ábra ",
        " ",
    ] {
        let text = piece.repeat(1_000_000 / piece.len());
        let start = Instant::now();
        find_mentions(&text);
        caption_label(&text);
        ends_with_abbreviation(&text);
        assert!(
            start.elapsed() < limit,
            "{piece:?} takes {:?}",
            start.elapsed()
        );
    }
}
