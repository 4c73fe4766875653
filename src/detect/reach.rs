//! How far a captioned figure reaches: its caption vouches for all that the network takes for one
//! figure, however faintly, where graphics know of a part alone.

use crate::geometry::Rect;

use super::{
    fuse::{MARGIN, snap},
    network::ObjectClass,
    page::{Block, PageView},
};

/// Fainter objects than this are chance.
const FAINT: f32 = 0.2;
/// A whole is like what is seen of it; a frame around the page is not.
const LIKE: f32 = 0.8;
/// Text that takes up less of the whole's width is a label.
const NARROW: f32 = 0.35;
/// The part lies in the whole to this share.
const INSIDE: f32 = 0.9;

/// The box of the figure of which `part` is a part; `None` where the network sees no more.
/// `others` are the places of other figures and of all captions on the page.
pub(super) fn reach(view: &PageView, part: &Rect, others: &[Rect]) -> Option<Rect> {
    let objects = view.objects.as_deref().unwrap_or(&[]);
    // Where an object is a zone, fusion has said how far that one reaches.
    let is_zone = |at: &usize| view.zones.iter().any(|zone| zone.seen == Some(*at));
    let figures = objects.iter().enumerate().filter(|(at, object)| {
        let found = &object.found;
        found.class == ObjectClass::Figure && found.score >= FAINT && !is_zone(at)
    });
    let mut wholes = figures.filter_map(|(_, object)| {
        let (seen, whole) = (object.found.bbox, snap(view, &object.found.bbox));
        let larger = part.covered_by(&whole) > INSIDE && whole.covered_by(part) < INSIDE;
        (larger && whole.iou(&seen) > LIKE).then_some(whole)
    });
    wholes
        .find(|whole| is_free(view, part, whole, others))
        .map(|whole| whole.union(part))
}

/// Whether what a box has more than a part of it is nothing but drawing and labels.
fn is_free(view: &PageView, part: &Rect, whole: &Rect, others: &[Rect]) -> bool {
    let is_new = |bbox: &Rect| whole.contains(bbox.center()) && !part.contains(bbox.center());
    let is_other = |bbox: &Rect| whole.inflate(-MARGIN).intersects(bbox);
    // What stands in the nodes of a drawing can be long, but is narrow.
    let is_running = |block: &Block| block.is_text() && block.bbox.width() > NARROW * whole.width();
    let mut texts = view.blocks.iter().filter(|block| is_running(block));
    !texts.any(|block| is_new(&block.bbox)) && !others.iter().any(is_other)
}
