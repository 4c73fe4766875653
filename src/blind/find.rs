//! Which glyphs are the words of mentions.

use std::{collections::BTreeMap, ops::Range};

use rayon::prelude::*;

use super::{Scope, own_label::own_label_end};
use crate::{
    geometry::{PageIndex, Rect, Region},
    mention::{Mention, find_mentions},
    pdf::{Document, Page},
    segment::{GlyphLine, Paragraph, ParagraphKind, glyph_lines},
};

/// A line with words to hide.
pub(super) struct HiddenLine {
    pub(super) line: GlyphLine,
    /// Of each of its glyphs whether it goes.
    pub(super) hidden: Vec<bool>,
}

/// A paragraph's line, as segmentation has it.
struct ParagraphLine<'a> {
    text: &'a str,
    bbox: Rect,
    /// Bytes of `text` to hide; a range to the line's end is open.
    hidden: Vec<Range<usize>>,
}

/// The mentions in a paragraph's text, those included that are not resolved for the paragraph's
/// kind. A caption's own label is none.
pub fn mentions_of(paragraph: &Paragraph) -> Vec<Range<usize>> {
    let known = &paragraph.mentions;
    let from = match paragraph.kind {
        ParagraphKind::Caption => own_label_end(&paragraph.text),
        ParagraphKind::TableText => return spans(known, 0),
        _ if !known.is_empty() => return spans(known, 0),
        _ => 0,
    };
    spans(&find_mentions(&paragraph.text), from)
}

fn spans(mentions: &[Mention], from: usize) -> Vec<Range<usize>> {
    let spans = mentions.iter().map(|mention| mention.span.clone());
    spans.filter(|span| span.start >= from).collect()
}

/// The lines with words to hide, page by page.
pub(super) fn find(
    document: &Document,
    paragraphs: &[Paragraph],
    scope: Scope<'_>,
    also: &[Region],
) -> Vec<Vec<HiddenLine>> {
    let mut lines: BTreeMap<PageIndex, Vec<ParagraphLine<'_>>> = BTreeMap::new();
    let mentions: Vec<Vec<Range<usize>>> = paragraphs.par_iter().map(mentions_of).collect();
    for (paragraph, mentions) in paragraphs.iter().zip(&mentions) {
        for line in &paragraph.lines {
            let in_scope = scope.holds(&line.region);
            let hidden = mentions.iter().filter(|_| in_scope);
            lines
                .entry(line.region.page)
                .or_default()
                .push(ParagraphLine {
                    text: paragraph.text.get(line.span.clone()).unwrap_or(""),
                    bbox: line.region.bbox,
                    hidden: hidden
                        .filter_map(|mention| within(mention, &line.span))
                        .collect(),
                });
        }
    }
    document
        .pages
        .par_iter()
        .map(|page| {
            let lines = lines.get(&page.index).map_or(&[][..], Vec::as_slice);
            let also: Vec<Rect> = also
                .iter()
                .filter(|region| region.page == page.index)
                .map(|region| region.bbox)
                .collect();
            let concerned = scope == Scope::Everywhere
                || !also.is_empty()
                || lines.iter().any(|line| !line.hidden.is_empty());
            if concerned {
                find_on_page(document, page, lines, scope, &also)
            } else {
                Vec::new()
            }
        })
        .collect()
}

impl Scope<'_> {
    fn holds(&self, line: &Region) -> bool {
        match self {
            Scope::Everywhere => true,
            Scope::Lines(regions) => regions.iter().any(|region| {
                region.page == line.page
                    && (region.bbox.contains(line.bbox.center())
                        || line.bbox.contains(region.bbox.center()))
            }),
        }
    }
}

/// The part of a mention on a line, in bytes of the line.
fn within(mention: &Range<usize>, line: &Range<usize>) -> Option<Range<usize>> {
    let start = mention.start.max(line.start);
    let end = mention.end.min(line.end);
    // What stands behind the last letter is the hyphen that the joint took away.
    let goes_on = mention.end > line.end;
    (start < end).then(|| {
        let end = if goes_on {
            usize::MAX
        } else {
            end - line.start
        };
        start - line.start..end
    })
}

fn find_on_page(
    document: &Document,
    page: &Page,
    paragraph_lines: &[ParagraphLine<'_>],
    scope: Scope<'_>,
    also: &[Rect],
) -> Vec<HiddenLine> {
    let mut lines: Vec<HiddenLine> = glyph_lines(document, page)
        .into_iter()
        .map(|line| HiddenLine {
            hidden: vec![false; line.glyphs.len()],
            line,
        })
        .collect();
    let mut claimed = vec![false; lines.len()];
    for wanted in paragraph_lines {
        match claim(&lines, &mut claimed, wanted) {
            Some(parts) => {
                for (at, offset) in parts {
                    if let Some(line) = lines.get_mut(at) {
                        line.hide_bytes(offset, &wanted.hidden);
                    }
                }
            }
            // Rather too much than a word of a mention.
            None if !wanted.hidden.is_empty() => hide_boxes(&mut lines, page, &[wanted.bbox]),
            None => {}
        }
    }
    if scope == Scope::Everywhere {
        for (line, claimed) in lines.iter_mut().zip(claimed) {
            if !claimed {
                let spans = mentions_of_line(&line.line.line.text);
                line.hide_bytes(0, &spans);
            }
        }
    }
    hide_words_in(&mut lines, page, also);
    lines.retain(|line| line.hidden.contains(&true));
    lines
}

/// The mentions on a line that no paragraph has, such as one inside a figure; the label at its
/// start is that of a caption.
pub(super) fn mentions_of_line(text: &str) -> Vec<Range<usize>> {
    spans(&find_mentions(text), own_label_end(text))
}

/// The page's lines that a paragraph's line was made of, each with its place in the text; `None`
/// when they do not make up the text.
fn claim(
    lines: &[HiddenLine],
    claimed: &mut [bool],
    wanted: &ParagraphLine<'_>,
) -> Option<Vec<(usize, usize)>> {
    let around = wanted.bbox.inflate(1.0);
    let mut parts = Vec::new();
    let mut at = 0;
    while let Some(rest) = wanted.text.get(at..).filter(|rest| !rest.is_empty()) {
        let fits = |text: &str| rest.starts_with(text) || text.starts_with(rest);
        let (index, line) = lines
            .iter()
            .enumerate()
            .filter(|(index, _)| claimed.get(*index) == Some(&false))
            .filter(|(_, line)| around.contains(line.line.line.bbox.center()))
            .filter(|(_, line)| fits(&line.line.line.text))
            .max_by_key(|(_, line)| line.line.line.text.len())?;
        parts.push((index, at));
        if let Some(claimed) = claimed.get_mut(index) {
            *claimed = true;
        }
        // A space stands between the parts of a row.
        at += line.line.line.text.len() + 1;
    }
    Some(parts)
}

impl HiddenLine {
    /// Hides bytes of a text in which this line begins at `offset`.
    fn hide_bytes(&mut self, offset: usize, ranges: &[Range<usize>]) {
        for (glyph, hidden) in self.line.glyphs.iter().zip(&mut self.hidden) {
            let start = glyph.bytes.start + offset;
            let end = glyph.bytes.end + offset;
            *hidden |= ranges
                .iter()
                .any(|range| range.start < end && start < range.end);
        }
    }
}

/// Of each glyph of a line whether its middle lies in one of the boxes.
fn glyphs_in(line: &HiddenLine, page: &Page, boxes: &[Rect]) -> Vec<bool> {
    line.line
        .glyphs
        .iter()
        .map(|glyph| {
            let run = page.runs.get(glyph.run as usize);
            run.zip(page.glyphs.get(glyph.glyph as usize))
                .is_some_and(|(run, glyph)| {
                    let middle = page.glyph_box(run, glyph).center();
                    boxes.iter().any(|bbox| bbox.contains(middle))
                })
        })
        .collect()
}

fn hide_boxes(lines: &mut [HiddenLine], page: &Page, boxes: &[Rect]) {
    for line in lines {
        let inside = glyphs_in(line, page, boxes);
        for (hidden, inside) in line.hidden.iter_mut().zip(inside) {
            *hidden |= inside;
        }
    }
}

/// Hides the words in boxes. Where none of them was known as a mention's, the word before is taken
/// for the noun, which the lexicon lacks.
fn hide_words_in(lines: &mut [HiddenLine], page: &Page, boxes: &[Rect]) {
    for bbox in boxes {
        for line in lines.iter_mut() {
            if !line.line.line.bbox.intersects(bbox) {
                continue;
            }
            let inside = glyphs_in(line, page, std::slice::from_ref(bbox));
            let Some(first) = inside.iter().position(|inside| *inside) else {
                continue;
            };
            let known = line.hidden.iter().zip(&inside).any(|(h, i)| *h && *i);
            let word = line.line.glyphs.get(first).map_or(0, |glyph| glyph.word);
            let noun = word.checked_sub(1).filter(|_| !known && !line.line.rtl);
            let glyphs = line.line.glyphs.iter().zip(inside);
            for (hidden, (glyph, inside)) in line.hidden.iter_mut().zip(glyphs) {
                *hidden |= inside || noun == Some(glyph.word);
            }
        }
    }
}
