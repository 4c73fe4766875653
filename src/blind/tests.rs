//! Mentions in every language of the lexicon, on pages of our own.

use super::*;
use crate::{
    geometry::{PageIndex, Rect},
    mention::{caption_label, find_mentions, tests::languages::CASES},
    pdf::{Page, test_page::page},
    segment::{ParagraphKind, is_rtl},
};

fn document(pages: Vec<Page>) -> Document {
    Document {
        page_count: pages.len() as u32,
        pages: (0..)
            .zip(pages)
            .map(|(index, page)| Page {
                index: PageIndex(index),
                ..page
            })
            .collect(),
        ..Document::default()
    }
}

/// A text as it is drawn from left to right: right-to-left text reversed, its numbers not.
fn drawn(text: &str) -> String {
    if !text.chars().any(is_rtl) {
        return text.to_owned();
    }
    let mut drawn = String::new();
    let mut number = String::new();
    for ch in text.chars().rev() {
        let of_number = ch.is_numeric() || (!number.is_empty() && ".-".contains(ch));
        if of_number {
            number.push(ch);
        } else {
            drawn.extend(number.drain(..).rev());
            drawn.push(ch);
        }
    }
    drawn.extend(number.drain(..).rev());
    drawn
}

/// A page with a text, the same text broken in the midst of its mention, and a caption.
fn page_of(text: &str, mention: &str, caption: &str) -> Page {
    let start = text.find(mention).unwrap();
    let letters: Vec<(usize, char)> = mention.char_indices().collect();
    let space = letters.iter().find(|(_, ch)| *ch == ' ');
    let at = start + space.unwrap_or(&letters[letters.len() / 2]).0;
    let (head, tail) = text.split_at(at);
    let lines = [
        drawn(text),
        drawn(head),
        drawn(tail.trim_start()),
        drawn(caption),
    ];
    page(&[
        (50.0, 100.0, &lines[0]),
        (50.0, 140.0, &lines[1]),
        (50.0, 152.0, &lines[2]),
        (50.0, 300.0, &lines[3]),
    ])
}

fn texts(document: &Document) -> Vec<String> {
    let paragraphs = segment(document);
    paragraphs.into_iter().map(|p| p.text).collect()
}

fn mentions(document: &Document) -> Vec<String> {
    segment(document)
        .iter()
        .flat_map(|paragraph| {
            mentions_of(paragraph)
                .into_iter()
                .map(|span| paragraph.text[span].to_owned())
        })
        .collect()
}

#[test]
fn no_mention_survives_in_any_language() {
    for (language, caption, _, text, mention, ..) in CASES {
        // A line that begins with a mention could be a caption.
        let text = &if text.starts_with(mention) {
            format!("ok {text}")
        } else {
            (*text).to_owned()
        };
        let mut document = document(vec![page_of(text, mention, caption)]);
        assert!(
            !mentions(&document).is_empty(),
            "{language}: {:?}",
            texts(&document)
        );
        hide_mentions(&mut document, Scope::Everywhere, &[]);
        assert_eq!(mentions(&document), [""; 0], "{language}");
        let left = texts(&document);
        // What stands in the text by itself may stay; the mention as a whole may not.
        let captions = usize::from(caption.contains(mention));
        let named = left.iter().filter(|text| text.contains(mention)).count();
        assert!(named <= captions, "{language}: {left:?}");
    }
}

/// A mention at the start of a paragraph, of a line by itself and of a caption in other type looks
/// like the label of a caption.
#[test]
fn no_mention_survives_at_the_start_of_a_text() {
    let mut tried = 0;
    for (language, _, _, text, mention, ..) in CASES {
        let place = text.find(mention).unwrap();
        // What is written together with the mention stays so.
        let (before, after) = (&text[..place], &text[place + mention.len()..]);
        let begun = format!("{mention}{after} {}.", before.trim());
        let is_mention = find_mentions(&begun).iter().any(|m| m.span.start == 0);
        // In some languages what follows a number decides whether there is a mention at all; and
        // where nothing else is in the text, the full stop makes a caption of it.
        if !is_mention || caption_label(&begun).is_some_and(|label| label.delimited) {
            continue;
        }
        tried += 1;
        let first = find::mentions_of_line(&begun).into_iter().next();
        assert!(
            first.is_some_and(|span| span.start == 0),
            "{language}: {begun}"
        );
        let line = drawn(&begun);
        let mut document = document(vec![page(&[
            (50.0, 100.0, &line),
            (50.0, 112.0, &line),
            (50.0, 300.0, &line),
        ])]);
        hide_mentions(&mut document, Scope::Everywhere, &[]);
        let left = texts(&document);
        assert_eq!(mentions(&document), [""; 0], "{language}: {left:?}");
        assert!(
            left.iter().all(|text| !text.contains(mention)),
            "{language}: {left:?}"
        );
    }
    assert!(tried * 10 > CASES.len() * 9, "{tried} of {}", CASES.len());
}

#[test]
fn captions_keep_their_labels() {
    let mut document = document(vec![page(&[
        (
            50.0,
            100.0,
            "It can be seen in Figure 3 that the rest is as before.",
        ),
        (50.0, 300.0, "Figure 3: The works, unlike Figure 4, at rest"),
    ])]);
    hide_mentions(&mut document, Scope::Everywhere, &[]);
    assert_eq!(
        texts(&document),
        [
            "It can be seen in that the rest is as before.",
            "Figure 3: The works, unlike , at rest"
        ]
    );
}

#[test]
fn lines_keep_their_edges_and_stay_whole() {
    let line = "It can be seen in Figure 3 that the rest of it is as it was before.";
    let mut document = document(vec![page(&[(50.0, 100.0, line)])]);
    let before = segment(&document)[0].lines[0].region.bbox;
    hide_mentions(&mut document, Scope::Everywhere, &[]);
    let paragraphs = segment(&document);
    assert_eq!(paragraphs.len(), 1);
    let after = paragraphs[0].lines[0].region.bbox;
    assert_eq!(after.x0, before.x0);
    // Eight word spaces grow from 5 to 6 points; the words that went took 50.
    assert!(after.x1 > before.x1 - 40.0, "{before:?} {after:?}");
}

#[test]
fn a_mention_goes_over_the_end_of_a_page() {
    let filler = "The text goes on in this way until the end of the line is reached at last";
    let last = format!("{filler} as in Figure");
    let mut document = document(vec![
        page(&[(50.0, 700.0, filler), (50.0, 712.0, &last)]),
        page(&[
            (50.0, 60.0, "3 of this book, and then the text goes on."),
            (50.0, 72.0, filler),
        ]),
    ]);
    assert_eq!(mentions(&document), ["Figure 3"]);
    hide_mentions(&mut document, Scope::Everywhere, &[]);
    let left = texts(&document).join(" ");
    assert!(!left.contains("Figure") && !left.contains('3'), "{left}");
}

#[test]
fn only_the_lines_in_scope_lose_their_mentions() {
    let mut document = document(vec![page(&[
        (
            50.0,
            100.0,
            "One paragraph is about Figure 3 and nothing else.",
        ),
        (
            50.0,
            200.0,
            "Another paragraph is about Figure 3 too, and is left.",
        ),
    ])]);
    let scope = [Region {
        page: PageIndex(0),
        bbox: segment(&document)[0].lines[0].region.bbox,
    }];
    hide_mentions(&mut document, Scope::Lines(&scope), &[]);
    assert_eq!(
        texts(&document),
        [
            "One paragraph is about and nothing else.",
            "Another paragraph is about Figure 3 too, and is left."
        ]
    );
}

#[test]
fn words_in_boxes_go_with_the_noun_before_them() {
    let mut document = document(vec![page(&[(50.0, 100.0, "as the Gizmo 3 shows it all")])]);
    assert_eq!(mentions(&document), [""; 0]);
    let number = Region {
        page: PageIndex(0),
        bbox: Rect::new(115.0, 90.0, 120.0, 102.0),
    };
    hide_mentions(&mut document, Scope::Everywhere, &[number]);
    assert_eq!(texts(&document), ["as the shows it all"]);
}

#[test]
fn words_inside_pictures_go_too() {
    let first = |text: &str| find::mentions_of_line(text).into_iter().next();
    assert_eq!(first("as in Figure 3"), Some(6..14));
    assert_eq!(first("Figure 3: not Figure 4"), Some(14..22));
    let kinds = segment(&document(vec![page(&[(50.0, 300.0, "Figure 3: One")])]));
    assert_eq!(kinds[0].kind, ParagraphKind::Caption);
}
