//! JSON lines for retrieval: groups of paragraphs of one section, each with the visuals that
//! belong to it.
//!
//! Tokens are the words of Unicode's text segmentation (UAX #29), in which a Han or Hiragana
//! character is a word of its own; punctuation counts nothing. They are independent of any model's
//! vocabulary, which makes of English text about 1.3 times as many.
//!
//! A chunk never reaches over the beginning of a section. A paragraph that is too long for one
//! chunk is split between sentences, a sentence that is too long between words. Running heads and
//! page numbers are left out; headings open the chunk of their section.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    io::{self, Write},
    ops::Range,
};

use serde::Serialize;
use unicode_segmentation::UnicodeSegmentation;

use crate::{
    align::Link,
    detect::{VisualId, VisualKind},
    geometry::PageIndex,
    segment::{Paragraph, ParagraphId, ParagraphKind},
};

use super::{
    AlignedDocument, OutputOptions,
    crops::CropNames,
    shown::{ShownLinks, rounded},
};

/// One line of the output.
#[derive(Debug, Serialize)]
struct Chunk<'a> {
    /// "c1", "c2", ...
    id: String,
    /// The paragraphs' texts, an empty line between them.
    text: String,
    /// How many tokens the text has.
    tokens: usize,
    /// Titles of the sections it stands in, outermost first.
    section: &'a [String],
    /// 0-based pages in order.
    pages: Vec<PageIndex>,
    /// Its paragraphs, also those of which it holds a part.
    paragraphs: Vec<ParagraphId>,
    /// What belongs to its paragraphs, the surest first.
    visuals: Vec<ChunkVisual<'a>>,
}

#[derive(Debug, Serialize)]
struct ChunkVisual<'a> {
    id: VisualId,
    label: Option<&'a str>,
    caption: Option<&'a str>,
    kind: VisualKind,
    /// 0-based.
    page: PageIndex,
    /// Path of its picture relative to the file, `/` between its parts.
    crop: Option<Cow<'a, str>>,
    /// Of its surest link to the chunk; 1 where the chunk holds its caption.
    probability: f64,
}

/// Writes the chunks. `crops` are the pictures that lie in `folder`, a path relative to the file.
///
/// # Errors
/// When `out` cannot be written to.
pub fn write(
    aligned: &AlignedDocument,
    options: &OutputOptions,
    crops: &CropNames,
    folder: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    let links = ShownLinks::new(aligned, options);
    let describe = Describe {
        aligned,
        links: &links,
        crops,
        folder,
        captions: captions(aligned),
    };
    let limit = options.chunk_tokens.max(1);
    let mut number = 0;
    let mut open = Group::default();
    let mut flush = |group: &mut Group<'_>| -> io::Result<()> {
        let group = std::mem::take(group);
        if group.pieces.is_empty() {
            return Ok(());
        }
        number += 1;
        serde_json::to_writer(&mut *out, &describe.chunk(number, &group))?;
        out.write_all(b"\n")
    };
    for paragraph in aligned.paragraphs.iter().filter(|p| is_content(p)) {
        if open.ends_before(paragraph) {
            flush(&mut open)?;
        }
        for (span, tokens) in pieces(paragraph, limit) {
            if open.tokens + tokens > limit {
                flush(&mut open)?;
            }
            open.push(Piece { paragraph, span }, tokens);
        }
    }
    flush(&mut open)
}

fn is_content(paragraph: &Paragraph) -> bool {
    !paragraph.kind.is_furniture() && !paragraph.text.trim().is_empty()
}

/// A paragraph or a part of one.
struct Piece<'a> {
    paragraph: &'a Paragraph,
    span: Range<usize>,
}

impl<'a> Piece<'a> {
    fn text(&self) -> &'a str {
        let text = self.paragraph.text.get(self.span.clone());
        text.unwrap_or_default().trim()
    }

    /// Whether a link of the paragraph is about this part: the part has its mention, or the link
    /// has none.
    fn has(&self, link: &Link) -> bool {
        let mention = link
            .mention
            .and_then(|index| self.paragraph.mentions.get(index as usize));
        mention.is_none_or(|mention| self.span.contains(&mention.span.start))
    }
}

/// The pieces of the chunk that is being filled.
#[derive(Default)]
struct Group<'a> {
    pieces: Vec<Piece<'a>>,
    tokens: usize,
}

impl<'a> Group<'a> {
    fn push(&mut self, piece: Piece<'a>, tokens: usize) {
        self.pieces.push(piece);
        self.tokens += tokens;
    }

    /// Whether a section begins with `next`, or `next` stands in another one.
    fn ends_before(&self, next: &Paragraph) -> bool {
        let Some(last) = self.pieces.last() else {
            return false;
        };
        let after_heading = last.paragraph.kind == ParagraphKind::Heading;
        if next.kind == ParagraphKind::Heading {
            // A title and the first subtitle under it go together.
            return !(after_heading && next.section.len() > last.paragraph.section.len());
        }
        // A heading's own path lacks its title; what follows it stands under it.
        !after_heading && next.section != last.paragraph.section
    }

    fn section(&self) -> &'a [String] {
        self.pieces
            .last()
            .map_or(&[], |piece| &piece.paragraph.section)
    }
}

fn count_tokens(text: &str) -> usize {
    text.unicode_words().count()
}

/// A paragraph in parts of at most `limit` tokens, with their numbers of tokens.
fn pieces(paragraph: &Paragraph, limit: usize) -> Vec<(Range<usize>, usize)> {
    let text = paragraph.text.as_str();
    let all = count_tokens(text);
    if all <= limit {
        return vec![(0..text.len(), all)];
    }
    let mut parts: Vec<(Range<usize>, usize)> = Vec::new();
    for sentence in sentences(paragraph) {
        for (span, tokens) in split_words(text, sentence, limit) {
            match parts.last_mut() {
                Some((last, sum)) if *sum + tokens <= limit => {
                    last.end = span.end;
                    *sum += tokens;
                }
                _ => parts.push((span, tokens)),
            }
        }
    }
    parts
}

/// The sentences with what stands between them, so that nothing of the text is lost.
fn sentences(paragraph: &Paragraph) -> Vec<Range<usize>> {
    let text = paragraph.text.as_str();
    let mut spans = Vec::with_capacity(paragraph.sentences.len() + 1);
    let mut start = 0;
    for next in paragraph.sentences.iter().skip(1).map(|s| s.start) {
        if next > start && text.is_char_boundary(next) {
            spans.push(start..next);
            start = next;
        }
    }
    spans.push(start..text.len());
    spans
}

/// A span cut after every `limit` words.
fn split_words(text: &str, span: Range<usize>, limit: usize) -> Vec<(Range<usize>, usize)> {
    let part = text.get(span.clone()).unwrap_or_default();
    let mut parts = Vec::new();
    let (mut start, mut words) = (span.start, 0);
    for (offset, _) in part.unicode_word_indices() {
        if words == limit {
            parts.push((start..span.start + offset, words));
            (start, words) = (span.start + offset, 0);
        }
        words += 1;
    }
    parts.push((start..span.end, words));
    parts
}

/// The visual of each caption.
fn captions(aligned: &AlignedDocument) -> BTreeMap<ParagraphId, VisualId> {
    let visuals = aligned.visuals.iter();
    let captions = visuals.flat_map(|visual| visual.captions().map(|caption| (caption, visual.id)));
    captions.collect()
}

/// Makes the output's lines.
struct Describe<'a> {
    aligned: &'a AlignedDocument,
    links: &'a ShownLinks<'a>,
    crops: &'a CropNames,
    folder: &'a str,
    captions: BTreeMap<ParagraphId, VisualId>,
}

impl<'a> Describe<'a> {
    fn chunk(&self, number: usize, group: &Group<'a>) -> Chunk<'a> {
        let texts: Vec<&str> = group.pieces.iter().map(Piece::text).collect();
        let regions = |piece: &Piece<'a>| piece.paragraph.regions.iter().map(|r| r.page);
        let mut pages: Vec<PageIndex> = group.pieces.iter().flat_map(regions).collect();
        pages.sort_unstable();
        pages.dedup();
        let mut paragraphs: Vec<ParagraphId> = group
            .pieces
            .iter()
            .map(|piece| piece.paragraph.id)
            .collect();
        paragraphs.dedup();
        Chunk {
            id: format!("c{number}"),
            text: texts.join("\n\n"),
            tokens: group.tokens,
            section: group.section(),
            pages,
            paragraphs,
            visuals: self.visuals(group),
        }
    }

    fn visuals(&self, group: &Group<'a>) -> Vec<ChunkVisual<'a>> {
        let mut best: BTreeMap<VisualId, f32> = BTreeMap::new();
        for piece in &group.pieces {
            let id = piece.paragraph.id;
            if let Some(&visual) = self.captions.get(&id) {
                best.insert(visual, 1.0);
            }
            for link in self.links.of_paragraph(id).filter(|link| piece.has(link)) {
                let most = best.entry(link.visual).or_default();
                *most = most.max(link.probability);
            }
        }
        let mut best: Vec<(VisualId, f32)> = best.into_iter().collect();
        best.sort_by(|a, b| b.1.total_cmp(&a.1));
        best.into_iter()
            .filter_map(|(id, probability)| self.visual(id, probability))
            .collect()
    }

    fn visual(&self, id: VisualId, probability: f32) -> Option<ChunkVisual<'a>> {
        let visual = self.aligned.visual(id)?;
        let crop = self.crops.of(id).first();
        Some(ChunkVisual {
            id,
            label: visual.label.as_ref().map(|label| label.text.as_str()),
            caption: self.aligned.caption_text(visual),
            kind: visual.kind,
            page: visual.page(),
            crop: crop.map(|name| Cow::Owned(format!("{}/{name}", self.folder))),
            probability: rounded(probability),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_sentences_are_cut_between_words() {
        let text = "one two three four five.";
        let parts = split_words(text, 0..text.len(), 2);
        let texts: Vec<&str> = parts.iter().map(|(span, _)| &text[span.clone()]).collect();
        assert_eq!(texts, ["one two ", "three four ", "five."]);
        assert_eq!(count_tokens("图示系统 ab"), 5);
    }
}
