//! Zones on the pages before and after: pictures away from their captions, and long tables.

use crate::segment::ZoneKind;

use super::{
    super::{
        captions::{Caption, Family},
        page::PageView,
    },
    Assignment, ZoneAt, kind_cost,
};

/// Ends of a long table's parts agree to within this, in points.
const SAME_COLUMN: f32 = 8.0;

/// Looks for the pictures of captions without any at the facing end of the page before and after.
pub(super) fn look_on_next_pages(
    pages: &[PageView],
    captions: &[Caption],
    assignment: &mut Assignment,
) {
    for (index, caption) in captions.iter().enumerate() {
        if assignment.zones.get(index).is_none_or(|z| !z.is_empty()) {
            continue;
        }
        let Ok(at) = pages.binary_search_by_key(&caption.page, |view| view.index) else {
            continue;
        };
        let Some(view) = pages.get(at) else { continue };
        let mut found = None;
        if view.is_first(&caption.bbox) {
            found = facing_zone(pages, at.checked_sub(1), caption, true, assignment);
        }
        if found.is_none() && view.is_last(&caption.bbox) {
            found = facing_zone(pages, Some(at + 1), caption, false, assignment);
        }
        if let (Some(found), Some(zones)) = (found, assignment.zones.get_mut(index)) {
            zones.push(found);
        }
    }
}

/// The free zone of the caption's kind that ends (or begins) a neighbouring page.
fn facing_zone(
    pages: &[PageView],
    page: Option<usize>,
    caption: &Caption,
    at_end: bool,
    assignment: &Assignment,
) -> Option<ZoneAt> {
    let page = page?;
    let view = pages.get(page)?;
    if view.index.distance(caption.page) != 1 {
        return None;
    }
    let zone = view.zones.iter().position(|zone| {
        let at_edge = if at_end {
            view.is_last(&zone.bbox)
        } else {
            view.is_first(&zone.bbox)
        };
        at_edge && kind_cost(caption.family, zone) < 30.0
    })?;
    (!assignment.is_taken(page, zone)).then_some((page, zone))
}

/// Adds the further pages of tables that run over the end of a page.
pub(super) fn follow_tables(pages: &[PageView], captions: &[Caption], assignment: &mut Assignment) {
    let taken = assignment.taken();
    for (index, caption) in captions.iter().enumerate() {
        if caption.family != Family::Table {
            continue;
        }
        let own = |pick: fn(&[ZoneAt]) -> Option<ZoneAt>| {
            let zones = assignment.zones.get(index)?;
            pick(zones)
        };
        let mut first = own(|zones| zones.iter().min().copied());
        let mut last = own(|zones| zones.iter().max().copied());
        // The caption can stand at the table's end.
        while let Some((page, zone)) = first {
            first = part_before(pages, page, zone).filter(|at| taken.binary_search(at).is_err());
            if let (Some(at), Some(zones)) = (first, assignment.zones.get_mut(index)) {
                zones.push(at);
            }
        }
        while let Some((page, zone)) = last {
            last = next_part(pages, page, zone).filter(|at| taken.binary_search(at).is_err());
            if let (Some(at), Some(zones)) = (last, assignment.zones.get_mut(index)) {
                zones.push(at);
            }
        }
    }
}

/// The table at the end of the page before that a table goes on.
fn part_before(pages: &[PageView], page: usize, zone: usize) -> Option<ZoneAt> {
    let before = page.checked_sub(1)?;
    let zones = pages.get(before)?.zones.len();
    (0..zones)
        .find(|other| next_part(pages, before, *other) == Some((page, zone)))
        .map(|other| (before, other))
}

/// The table at the head of the next page that goes on a table at a page's end.
pub(in crate::detect) fn next_part(pages: &[PageView], page: usize, zone: usize) -> Option<ZoneAt> {
    let view = pages.get(page)?;
    let table = view.zones.get(zone)?;
    let next = pages.get(page + 1)?;
    let goes_on = table.kind == ZoneKind::Table
        && view.is_last(&table.bbox)
        && next.index == view.index.next();
    let part = next.zones.iter().position(|other| {
        other.kind == ZoneKind::Table
            && next.is_first(&other.bbox)
            && (other.bbox.x0 - table.bbox.x0).abs() < SAME_COLUMN
            && (other.bbox.x1 - table.bbox.x1).abs() < SAME_COLUMN
    })?;
    goes_on.then_some((page + 1, part))
}
