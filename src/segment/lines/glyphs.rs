//! Lines that know the glyphs they were made of, for who must find words on the page again.

use std::ops::Range;

use super::{Piece, TextLine, Word, is_rtl_segment, line_of, lines_with, push_piece, to_page};
use crate::{
    geometry::Rect,
    pdf::{Direction, Document, Page},
};

/// A line that knows the glyphs it was made of.
#[derive(Debug, Clone, PartialEq)]
pub struct GlyphLine {
    /// The line.
    pub line: TextLine,
    /// Its glyphs in the order in which they stand, along the direction of the line.
    pub glyphs: Vec<LineGlyph>,
    /// Whether it is read from right to left.
    pub rtl: bool,
}

/// A glyph of a line.
#[derive(Debug, Clone, PartialEq)]
pub struct LineGlyph {
    /// Its place in [`Page::glyphs`].
    pub glyph: u32,
    /// Its run, an index into [`Page::runs`].
    pub run: u32,
    /// The glyph of the accent set on top of it.
    pub mark: Option<u32>,
    /// The bytes of the line's text that it stands for; all of its word's from right to left.
    pub bytes: Range<usize>,
    /// Its word, an index into [`TextLine::words`].
    pub word: usize,
}

/// The same lines as [`text_lines`](super::text_lines) in the same order, with their glyphs.
pub fn glyph_lines(document: &Document, page: &Page) -> Vec<GlyphLine> {
    lines_with(page, |direction, segment| {
        let line = line_of(document, direction, segment)?;
        let rtl = is_rtl_segment(segment);
        let glyphs = if rtl {
            glyphs_by_place(page, direction, &line, segment)
        } else {
            glyphs_by_text(&line, segment)
        };
        Some(GlyphLine { line, glyphs, rtl })
    })
}

/// From left to right the pieces stand in the order of the text.
fn glyphs_by_text(line: &TextLine, segment: &[Piece]) -> Vec<LineGlyph> {
    let mut at = 0;
    let mut word = 0;
    let mut pushed = String::new();
    let mut glyphs = Vec::with_capacity(segment.len());
    for piece in segment {
        if line.words.get(word).is_some_and(|w| at >= w.span.end) {
            word += 1;
            at = line.words.get(word).map_or(at, |w| w.span.start);
        }
        pushed.clear();
        push_piece(&mut pushed, piece);
        let end = at + pushed.len();
        glyphs.push(LineGlyph {
            glyph: piece.glyph,
            run: piece.order,
            mark: piece.mark_glyph,
            bytes: at..end,
            word,
        });
        at = end;
    }
    glyphs
}

/// Where parts of a line are turned around, its words are found by their boxes.
fn glyphs_by_place(
    page: &Page,
    direction: Direction,
    line: &TextLine,
    segment: &[Piece],
) -> Vec<LineGlyph> {
    let off = |word: &Word, piece: &Piece| {
        let along = Rect {
            x0: piece.a0,
            x1: piece.a1,
            y0: piece.base,
            y1: piece.base,
        };
        let center = to_page(direction, along, 0.0).center();
        let word = word.bbox.center();
        (word.x - center.x).abs() + (word.y - center.y).abs()
    };
    let word_of = |piece: &Piece| {
        let inside = |word: &&(usize, &Word)| {
            let run = page.runs.get(piece.order as usize);
            let glyph = page.glyphs.get(piece.glyph as usize);
            run.zip(glyph).is_some_and(|(run, glyph)| {
                word.1
                    .bbox
                    .inflate(0.05)
                    .contains(page.glyph_box(run, glyph).center())
            })
        };
        let words: Vec<(usize, &Word)> = line.words.iter().enumerate().collect();
        let near =
            |a: &&(usize, &Word), b: &&(usize, &Word)| off(a.1, piece).total_cmp(&off(b.1, piece));
        let found = words.iter().filter(inside).min_by(near);
        found.or_else(|| words.iter().min_by(near)).copied()
    };
    segment
        .iter()
        .filter_map(|piece| {
            let (at, word) = word_of(piece)?;
            Some(LineGlyph {
                glyph: piece.glyph,
                run: piece.order,
                mark: piece.mark_glyph,
                bytes: word.span.clone(),
                word: at,
            })
        })
        .collect()
}
