//! Zones that nobody wants, for captions that have none.

use crate::segment::{ParagraphKind, ZoneKind};

use super::{
    super::{
        captions::{Caption, Family},
        page::{Candidate, PageView},
    },
    Assignment, Pair, Side, best_matching,
};

/// What is left on a page is a caption's when it is at most this far from it, in points, ...
const MAX_REST: f32 = 100.0;
/// ... as large as this, in points, ...
const MIN_REST: f32 = 24.0;
/// ... and when no longer paragraph, in bytes, stands between.
const MAX_REST_TEXT: usize = 900;
/// What the less usual side costs then.
const REST_SIDE: f32 = 60.0;

/// Gives captions without a zone what is left on their page near them, whatever stands between:
/// a picture nobody else names is more likely theirs than none.
pub(super) fn take_what_is_left(
    pages: &[PageView],
    captions: &[Caption],
    page: usize,
    here: &[usize],
    assignment: &mut Assignment,
) {
    let Some(view) = pages.get(page) else { return };
    let mut pairs: Vec<Pair> = Vec::new();
    for index in here {
        let Some(caption) = captions.get(*index) else {
            continue;
        };
        if assignment.zones.get(*index).is_none_or(|z| !z.is_empty()) {
            continue;
        }
        let usual = assignment.usual_side(caption.family);
        pairs.extend(view.zones.iter().enumerate().filter_map(|(zone, z)| {
            if assignment.is_taken(page, zone) {
                return None;
            }
            let (cost, side) = rest_cost(view, caption, z, usual)?;
            Some(Pair {
                caption: *index,
                zone,
                cost,
                side,
            })
        }));
    }
    for pair in best_matching(pairs) {
        if let Some(zones) = assignment.zones.get_mut(pair.caption) {
            zones.push((page, pair.zone));
        }
    }
}

/// What it costs to give a caption a zone that nobody wants.
fn rest_cost(
    view: &PageView,
    caption: &Caption,
    zone: &Candidate,
    usual: Side,
) -> Option<(f32, Side)> {
    let (a, c) = (&zone.bbox, &caption.bbox);
    let large = a.width().min(a.height()) >= MIN_REST && zone.kind != ZoneKind::Rule;
    let boxed = zone.kind == ZoneKind::Boxed && caption.family != Family::Program;
    if !large || boxed {
        return None;
    }
    let (side, y0, y1) = if a.center_y() < c.y0 {
        (Side::Above, a.y1, c.y0)
    } else if a.center_y() > c.y1 {
        (Side::Below, c.y1, a.y0)
    } else {
        return None;
    };
    // Another caption, or a paragraph and more, stands between.
    let lost = view.blocks.iter().any(|block| {
        let between = (y0..y1).contains(&block.bbox.center_y());
        let caption = block.kind == ParagraphKind::Caption;
        between && block.parts() && (caption || block.length > MAX_REST_TEXT)
    });
    let distance = (y1 - y0).max(0.0) + 0.5 * a.x_gap(c);
    let other_side = if side == usual { 0.0 } else { REST_SIDE };
    (!lost && distance <= MAX_REST).then_some((distance + other_side, side))
}
