//! Stage 3, *detect*: figures, tables, algorithms and formulas with their captions, from page
//! graphics, the places of text, and what a network sees on images of the pages.
//!
//! [`look()`] shows pages to the [`network`], unless its [`cache`] knows them; `captions` lists the captions;
//! [`page`] says what else stands on each page, [`fuse`] what the network's objects add to that; `assign` gives
//! each caption the zones it belongs to, and [`reach`] what else the network sees of them; [`guess`] finds a place
//! for the captions that got none; [`loose`] takes up what has no caption; [`inside`] marks the text in what was
//! found; [`structure`] adds what the file's tags say.

mod assign;
mod cache;
mod captions;
mod fuse;
mod guess;
mod inside;
mod look;
mod looks;
mod loose;
pub mod network;
mod page;
mod reach;
mod structure;
#[cfg(test)]
mod tests;
mod visual;

use rayon::prelude::*;

use crate::{
    geometry::Region,
    mention::{Label, LabelKind},
    pdf::Document,
    segment::{Paragraph, text_lines},
};

use assign::{Assignment, assign};
use captions::{Caption, Family, captions};
use page::{PageView, page_views, view_of};

pub use cache::{CacheUse, LookCache};
pub use look::{DetectMode, LookOptions, LookProgress, Seen, look, worth_a_look};
pub use visual::{Source, Visual, VisualId, VisualKind};

/// Text inside a visual is kept up to this length, in bytes.
const MAX_TEXT: usize = 4_000;
/// Score of a visual whose caption and whose picture were found, before the picture's own score.
const CAPTIONED: f32 = 0.55;
/// How much the picture's own score adds to that.
const ZONE_WEIGHT: f32 = 0.4;
/// Score of a caption whose picture is on another page.
const OTHER_PAGE: f32 = 0.55;
/// A caption repeats that of the part before it at most this many pages on.
const MAX_PART_PAGES: u32 = 3;

/// Finds the visuals of a document, in document order (page, top, left). Paragraphs that turn out to
/// be text inside a visual get the kind that says so.
pub fn detect(document: &Document, paragraphs: &mut [Paragraph], seen: &Seen) -> Vec<Visual> {
    let pages = page_views(document, paragraphs, seen);
    let captions = captions(paragraphs);
    let assignment = assign(&pages, &captions);
    let mut visuals = captioned(&pages, &captions, &assignment, paragraphs);
    visuals.extend(loose::pictures(&pages, &assignment));
    inside::mark_inside(paragraphs, &visuals);
    visuals.extend(loose::formulas(paragraphs));
    structure::add_tags(document, &mut visuals);
    put_in_order(&mut visuals);
    add_text(document, &mut visuals);
    visuals
}

/// The visuals of the captions, parts of one visual joined.
fn captioned(
    pages: &[PageView],
    captions: &[Caption],
    assignment: &Assignment,
    paragraphs: &[Paragraph],
) -> Vec<Visual> {
    let mut visuals: Vec<Visual> = Vec::new();
    // The visual of each caption, to find the part before.
    let mut whole: Vec<usize> = Vec::new();
    for (index, caption) in captions.iter().enumerate() {
        let visual = visual_of(pages, caption, index, assignment);
        let first = (0..index).rev().find_map(|earlier| {
            let part = captions.get(earlier)?;
            is_next_part(part, caption, paragraphs)
                .then(|| whole.get(earlier).copied())
                .flatten()
        });
        match first.and_then(|at| Some((at, visuals.get_mut(at)?))) {
            Some((at, first)) => {
                first.regions.extend(visual.regions);
                if first.caption != Some(caption.paragraph) {
                    first.continued.push(caption.paragraph);
                }
                whole.push(at);
            }
            None => {
                whole.push(visuals.len());
                visuals.push(visual);
            }
        }
    }
    visuals
}

/// Whether a caption is that of a further part of an earlier one's visual.
fn is_next_part(earlier: &Caption, caption: &Caption, paragraphs: &[Paragraph]) -> bool {
    let same = earlier.family == caption.family
        && caption.label.number.is_some()
        && earlier.label.number == caption.label.number;
    if !same {
        return false;
    }
    let text = |c: &Caption| paragraphs.get(c.paragraph.0 as usize).map(|p| &p.text);
    let repeated = earlier.page.distance(caption.page) <= MAX_PART_PAGES
        && earlier.paragraph != caption.paragraph
        && text(earlier) == text(caption);
    caption.continued || repeated
}

fn visual_of(
    pages: &[PageView],
    caption: &Caption,
    index: usize,
    assignment: &Assignment,
) -> Visual {
    let zones = assignment.zones_of(pages, index);
    let mut sources = Vec::new();
    let mut regions: Vec<Region> = Vec::new();
    let mut best: f32 = 0.0;
    for (page, zone) in &zones {
        sources.extend(zone.sources());
        best = best.max(zone.score);
        match regions.last_mut() {
            Some(region) if region.page == *page => region.bbox = region.bbox.union(&zone.bbox),
            _ => regions.push(Region {
                page: *page,
                bbox: zone.bbox,
            }),
        }
    }
    if let Some((page, whole)) = assignment.whole_of(pages, index) {
        let here = regions.iter_mut().find(|region| region.page == page);
        if let Some(region) = here {
            region.bbox = region.bbox.union(&whole);
        }
    }
    let mut score = CAPTIONED + ZONE_WEIGHT * best;
    if regions.is_empty() {
        let guess = guess::guess(pages, caption, assignment);
        sources.push(guess.source);
        score = guess.score;
        regions.push(guess.region);
    } else if regions.iter().all(|region| region.page != caption.page) {
        score = OTHER_PAGE;
    }
    sources.sort();
    sources.dedup();
    Visual {
        id: VisualId(0),
        kind: match kind_of(&caption.label, caption.family) {
            // Listings are captioned as figures too.
            VisualKind::Figure
                if !sources.contains(&Source::Raster) && is_program(pages, &regions) =>
            {
                VisualKind::Algorithm
            }
            kind => kind,
        },
        label: Some(caption.label.clone()),
        caption: Some(caption.paragraph),
        continued: caption.translations.clone(),
        regions,
        score,
        sources,
        alt_text: None,
        text: String::new(),
        appearance: assignment.appearance_of(pages, index),
    }
}

/// Whether all that is known of a visual is program text.
fn is_program(pages: &[PageView], regions: &[Region]) -> bool {
    !regions.is_empty()
        && regions.iter().all(|region| {
            view_of(pages, region.page).is_some_and(|view| view.is_program(&region.bbox))
        })
}

fn kind_of(label: &Label, family: Family) -> VisualKind {
    match (label.kind, family) {
        (_, Family::Table) => VisualKind::Table,
        (_, Family::Program) => VisualKind::Algorithm,
        (LabelKind::Photo, _) => VisualKind::Photo,
        (LabelKind::Chart, _) => VisualKind::Chart,
        (LabelKind::Diagram, _) => VisualKind::Diagram,
        (LabelKind::Equation, _) => VisualKind::Formula,
        _ => VisualKind::Figure,
    }
}

/// Document order, and the ids that go with it.
fn put_in_order(visuals: &mut [Visual]) {
    let place = |visual: &Visual| {
        let bbox = visual.regions.first().map(|region| region.bbox);
        (visual.page(), bbox.unwrap_or_default())
    };
    visuals.sort_by(|a, b| {
        let ((page_a, a_box), (page_b, b_box)) = (place(a), place(b));
        page_a
            .cmp(&page_b)
            .then(a_box.y0.total_cmp(&b_box.y0))
            .then(a_box.x0.total_cmp(&b_box.x0))
            .then(a.caption.cmp(&b.caption))
    });
    for (id, visual) in (0_u32..).zip(visuals) {
        visual.id = VisualId(id);
    }
}

/// Fills in the text inside the regions.
fn add_text(document: &Document, visuals: &mut [Visual]) {
    visuals
        .par_chunk_by_mut(|a, b| a.page() == b.page())
        .for_each(|group| {
            let mut lines_of = page::LineCache::new(document);
            for visual in group.iter_mut().filter(|visual| visual.text.is_empty()) {
                let mut text = String::new();
                for region in &visual.regions {
                    for line in lines_of.lines(region.page, text_lines) {
                        if region.bbox.inflate(1.0).contains(line.bbox.center()) {
                            if !text.is_empty() {
                                text.push('\n');
                            }
                            text.push_str(&line.text);
                        }
                    }
                }
                text.truncate(text.floor_char_boundary(MAX_TEXT.min(text.len())));
                visual.text = text;
            }
        });
}
