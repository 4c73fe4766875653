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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        detect::page::sample::{caption, object, page, rect, zone},
        segment::{ParagraphKind, ZoneKind},
    };

    /// The lower panel of a figure that the network sees whole, if faintly.
    const PART: [f32; 4] = [100.0, 300.0, 400.0, 500.0];
    const WHOLE: [f32; 4] = [100.0, 100.0, 400.0, 500.0];

    fn view() -> PageView {
        let mut view = page();
        view.objects = Some(vec![object(ObjectClass::Figure, 0.3, WHOLE)]);
        view
    }

    fn text(bbox: [f32; 4]) -> Block {
        Block {
            kind: ParagraphKind::Body,
            length: 200,
            ..caption(bbox)
        }
    }

    fn reached(view: &PageView, others: &[Rect]) -> Option<Rect> {
        reach(view, &rect(PART), others)
    }

    #[test]
    fn a_figure_reaches_as_far_as_it_is_seen() {
        assert_eq!(reached(&view(), &[]), Some(rect(WHOLE)));
        // What stands in a node of a tree is its text.
        let mut labelled = view();
        labelled.blocks = vec![text([150.0, 150.0, 210.0, 200.0])];
        assert_eq!(reached(&labelled, &[]), Some(rect(WHOLE)));
    }

    #[test]
    fn it_reaches_no_farther_than_text_and_other_figures() {
        let mut parted = view();
        parted.blocks = vec![text([100.0, 150.0, 400.0, 200.0])];
        assert_eq!(reached(&parted, &[]), None);
        let other = rect([120.0, 110.0, 380.0, 280.0]);
        assert_eq!(reached(&view(), &[other]), None);
        // An object that is a zone already ends where fusion said.
        let mut known = view();
        let mut same = zone(PART, ZoneKind::Figure);
        same.seen = Some(0);
        known.zones = vec![same];
        assert_eq!(reached(&known, &[]), None);
        let mut faint = view();
        faint.objects = Some(vec![object(ObjectClass::Figure, 0.1, WHOLE)]);
        assert_eq!(reached(&faint, &[]), None);
    }
}
