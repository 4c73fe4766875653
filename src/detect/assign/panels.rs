//! What else belongs to a picture: free zones that are its panels, and what the network sees of it.

use crate::{
    geometry::Rect,
    segment::{ParagraphKind, ZoneKind},
};

use super::{
    super::{
        captions::{Caption, Family},
        page::{Block, MAX_LABEL, PageView},
        reach::reach,
    },
    Assignment, ZoneAt,
};

/// Panels are at most this far from each other, in points.
const PANEL_GAP: f32 = 60.0;
/// Titles of panels are at most this share of the panels' width off their middle.
const CENTERED: f32 = 0.05;
/// Parts of a table under each other are at most this far apart.
const TABLE_GAP: f32 = 12.0;

/// Adds the free zones on a page that are further panels of a caption's picture.
pub(super) fn add_panels(
    pages: &[PageView],
    captions: &[Caption],
    page: usize,
    here: &[usize],
    assignment: &mut Assignment,
) {
    let Some(view) = pages.get(page) else { return };
    let mut free: Vec<usize> = (0..view.zones.len())
        .filter(|zone| !here.iter().any(|c| holds(assignment, *c, (page, *zone))))
        .collect();
    loop {
        let mut best: Option<(f32, usize, usize)> = None;
        for zone in &free {
            for index in here {
                let gap = panel_gap(view, captions, *index, here, (page, *zone), assignment);
                if let Some(gap) = gap
                    && best.is_none_or(|(least, _, _)| gap < least)
                {
                    best = Some((gap, *index, *zone));
                }
            }
        }
        let Some((_, index, zone)) = best else { return };
        free.retain(|z| *z != zone);
        if let Some(zones) = assignment.zones.get_mut(index) {
            zones.push((page, zone));
        }
    }
}

fn holds(assignment: &Assignment, caption: usize, at: ZoneAt) -> bool {
    assignment
        .zones
        .get(caption)
        .is_some_and(|zones| zones.contains(&at))
}

/// The gap between a caption's picture and a free zone that can be its panel.
fn panel_gap(
    view: &PageView,
    captions: &[Caption],
    index: usize,
    here: &[usize],
    (page, zone): ZoneAt,
    assignment: &Assignment,
) -> Option<f32> {
    let caption = captions.get(index)?;
    let zone = view.zones.get(zone)?;
    let own = assignment.zones.get(index)?;
    let picture = union_on(view, page, own)?;
    let first = own.first().and_then(|(_, z)| view.zones.get(*z))?;
    let fits = zone.kind == first.kind
        || (caption.family == Family::Figure && zone.kind != ZoneKind::Boxed);
    let both = picture.union(&zone.bbox);
    let gap = picture.x_gap(&zone.bbox).max(picture.y_gap(&zone.bbox));
    let in_line = picture.y_overlap(&zone.bbox) > 0.3 * picture.height().min(zone.bbox.height())
        || picture.x_overlap(&zone.bbox) > 0.3 * picture.width().min(zone.bbox.width());
    let taken = here.iter().filter(|other| **other != index).any(|other| {
        let zones = assignment.zones.get(*other);
        let theirs = zones.and_then(|zones| union_on(view, page, zones));
        let is_in = |bbox: &Rect| both.contains(bbox.center());
        theirs.is_some_and(|bbox| bbox.intersects(&both) && is_in(&bbox))
            || captions.get(*other).is_some_and(|c| is_in(&c.bbox))
    });
    let caption_between = both.contains(caption.bbox.center());
    // Tables under each other are two, unless one runs on.
    let max_gap = if caption.family == Family::Table && picture.y_overlap(&zone.bbox) <= 0.0 {
        TABLE_GAP
    } else {
        PANEL_GAP
    };
    // Labels of panels come as short paragraphs, and their titles as headings in the middle.
    let is_title = |block: &Block| {
        let off = (block.bbox.center_x() - both.center_x()).abs();
        block.kind == ParagraphKind::Heading
            && block.length <= MAX_LABEL
            && off < CENTERED * both.width()
    };
    let parts = |block: &&Block| block.is_text() && !is_title(block);
    let mut between = view.blocks.iter().filter(parts);
    let parted = between.any(|block| both.contains(block.bbox.center()));
    (fits && in_line && gap <= max_gap && !taken && !caption_between && !parted).then_some(gap)
}

/// Lets figures on a page reach as far as the network sees them.
pub(super) fn reach_out(
    pages: &[PageView],
    captions: &[Caption],
    page: usize,
    here: &[usize],
    assignment: &mut Assignment,
) {
    let Some(view) = pages.get(page) else { return };
    for index in here {
        let figure = captions.get(*index).filter(|c| c.family == Family::Figure);
        let own = assignment.zones.get(*index).map_or(&[][..], Vec::as_slice);
        let Some(part) = figure.and_then(|_| union_on(view, page, own)) else {
            continue;
        };
        let captions = here
            .iter()
            .filter_map(|other| captions.get(*other).map(|c| c.bbox));
        let zones = here
            .iter()
            .filter(|other| *other != index)
            .filter_map(|other| union_on(view, page, assignment.zones.get(*other)?));
        let others: Vec<Rect> = captions.chain(zones).collect();
        let Some(whole) = reach(view, &part, &others) else {
            continue;
        };
        let inside = view.zones.iter().enumerate().filter(|(zone, candidate)| {
            whole.contains(candidate.bbox.center()) && !assignment.is_taken(page, *zone)
        });
        let inside: Vec<ZoneAt> = inside.map(|(zone, _)| (page, zone)).collect();
        if let (Some(zones), Some(slot)) = (
            assignment.zones.get_mut(*index),
            assignment.wholes.get_mut(*index),
        ) {
            zones.extend(inside);
            *slot = Some((page, whole));
        }
    }
}

/// The box of those of the zones that are on a page.
fn union_on(view: &PageView, page: usize, zones: &[ZoneAt]) -> Option<Rect> {
    let here = zones.iter().filter(|(p, _)| *p == page);
    Rect::union_all(here.filter_map(|(_, z)| view.zones.get(*z).map(|zone| zone.bbox)))
}
