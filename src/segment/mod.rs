//! Stage 2, *segment*: a [`Document`] becomes [`Paragraph`]s in reading order, by layout and by
//! syntax.
//!
//! Glyphs make lines ([`lines`]), lines make one flow per page ([`flow`]: furniture, zones of
//! figures and tables, [`displays`], reading order), the flow is cut into drafts by layout ([`build`]), drafts
//! get a kind ([`classify`]) and are joined by syntax ([`join`]).

mod build;
mod classify;
mod displays;
mod flow;
mod furniture;
mod join;
mod language;
mod lines;
mod marker;
mod order;
mod paragraph;
mod script;
mod sections;
mod sentences;
mod zones;

use std::sync::Arc;

use rayon::prelude::*;

use crate::{
    geometry::{Rect, Region},
    mention::{Mention, find_mentions},
    pdf::Document,
};

pub use build::has_leaders;
pub use classify::equation_number;
pub use lines::{GlyphLine, LineGlyph, TextLine, Word, glyph_lines, text_lines};
pub use paragraph::{Line, Paragraph, ParagraphId, ParagraphKind, is_fragment};
pub use script::{is_cjk, is_rtl};
pub use sentences::{ends_sentence, sentences};
pub use zones::{Zone, ZoneKind, zones};

use build::Usual;
use classify::{Classified, OutlineTitles};
use join::Vocabulary;

/// Finds the paragraphs of a document, in reading order.
pub fn segment(document: &Document) -> Vec<Paragraph> {
    let flow = flow::flow(document);
    let usual = Usual::of(&flow);
    let drafts = build::drafts(flow, &usual);
    let classified = classify::classify(drafts, &usual, &OutlineTitles::of(document));
    let joined = join::join(classified);
    let words = Vocabulary::of(&joined);
    let sizes: Vec<f32> = joined
        .iter()
        .map(|d| d.draft.first().map_or(0.0, |line| line.size))
        .collect();
    let mut paragraphs: Vec<Paragraph> = joined
        .into_par_iter()
        .enumerate()
        .map(|(i, classified)| finish(i, &classified, &words))
        .collect();
    sections::set_sections(document, &mut paragraphs, &sizes);
    set_languages(&mut paragraphs);
    paragraphs
}

fn finish(index: usize, classified: &Classified, words: &Vocabulary) -> Paragraph {
    let kind = classified.kind;
    let (text, lines) = join::text_of(&classified.draft.lines, kind, words);
    let language = if kind.is_running_text() || kind == ParagraphKind::Caption {
        language::language_of(&text)
    } else {
        None
    };
    let mentions = match kind {
        ParagraphKind::Header | ParagraphKind::Footer | ParagraphKind::Code => Vec::new(),
        ParagraphKind::ListItem if classify::is_contents_entry(&classified.draft) => Vec::new(),
        ParagraphKind::TableText => mentions_in_cells(&text),
        _ => find_mentions(&text),
    };
    Paragraph {
        id: ParagraphId(u32::try_from(index).unwrap_or(u32::MAX)),
        kind,
        language,
        section: Arc::from([]),
        sentences: sentences(&text),
        regions: regions(&lines),
        mentions: without_own_label(kind, classified, mentions),
        lines,
        text,
    }
}

/// Mentions do not run over the edges of cells.
fn mentions_in_cells(text: &str) -> Vec<Mention> {
    let mut mentions = Vec::new();
    let mut start = 0;
    for cell in text.split_inclusive(['\t', '\n']) {
        mentions.extend(find_mentions(cell).into_iter().map(|mut mention| {
            mention.span = mention.span.start + start..mention.span.end + start;
            mention
        }));
        start += cell.len();
    }
    mentions
}

/// A caption's own label is no mention.
fn without_own_label(
    kind: ParagraphKind,
    classified: &Classified,
    mut mentions: Vec<Mention>,
) -> Vec<Mention> {
    if kind == ParagraphKind::Caption
        && let Some(label) = &classified.draft.label
    {
        mentions.retain(|mention| mention.span.start >= label.span.end);
    }
    mentions
}

/// One region for each stretch of lines down one column.
fn regions(lines: &[Line]) -> Vec<Region> {
    let mut regions: Vec<Region> = Vec::new();
    let mut last: Option<Rect> = None;
    for line in lines {
        let bbox = line.region.bbox;
        let goes_on = last.is_some_and(|last| {
            bbox.center_y() > last.y0 && bbox.y0 - last.y1 < 12.0 * bbox.height().max(1.0)
        });
        match regions.last_mut() {
            Some(region) if region.page == line.region.page && goes_on => {
                region.bbox = region.bbox.union(&bbox);
            }
            _ => regions.push(line.region),
        }
        last = Some(bbox);
    }
    regions
}

/// Texts too short to tell are in the document's language.
fn set_languages(paragraphs: &mut [Paragraph]) {
    let usual = language::majority(paragraphs.iter().filter_map(|p| p.language));
    for paragraph in paragraphs {
        paragraph.language = paragraph.language.or(usual);
    }
}
