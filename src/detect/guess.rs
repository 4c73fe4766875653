//! A place for the visual of a caption whose picture was not found: pictures made of text alone,
//! drawn in ways that leave no marks, or lost with an unreadable object.

use crate::{
    geometry::{Rect, Region},
    segment::ParagraphKind,
};

use super::{
    assign::{Assignment, Side},
    captions::Caption,
    page::{Block, PageView},
};

/// Text that belongs to a caption is at most this far from it, in points.
const MAX_GAP: f32 = 45.0;
/// A gap in the text, in points, that has room for a picture.
const MIN_ROOM: f32 = 36.0;
/// The neighbourhood of a caption, in points.
const NEIGHBOURHOOD: f32 = 48.0;

/// The best guess.
pub(super) fn region(pages: &[PageView], caption: &Caption, assignment: &Assignment) -> Region {
    let at = pages.binary_search_by_key(&caption.page, |view| view.index);
    let view = at.ok().and_then(|at| pages.get(at));
    let bbox = view.map_or(caption.bbox, |view| {
        let sides = match assignment.usual_side(caption.family) {
            Side::Below => [Side::Below, Side::Above],
            _ => [Side::Above, Side::Below],
        };
        let by_text = sides
            .iter()
            .find_map(|side| text_block(view, caption, *side));
        let by_room = || sides.iter().find_map(|side| room(view, caption, *side));
        by_text
            .or_else(by_room)
            .unwrap_or_else(|| neighbourhood(view, caption))
    });
    Region {
        page: caption.page,
        bbox,
    }
}

/// Program text, formulas or cells next to the caption.
fn text_block(view: &PageView, caption: &Caption, side: Side) -> Option<Rect> {
    let mut found: Option<Rect> = None;
    let mut edge = caption.bbox;
    for block in in_order(view, caption, side) {
        let fits = matches!(
            block.kind,
            ParagraphKind::Code | ParagraphKind::FormulaText | ParagraphKind::TableText
        );
        if (!fits && !block.sub_caption) || block.bbox.y_gap(&edge) > MAX_GAP {
            break;
        }
        edge = block.bbox;
        found = Some(found.map_or(block.bbox, |all| all.union(&block.bbox)));
    }
    found
}

/// The gap between the caption and the next text.
fn room(view: &PageView, caption: &Caption, side: Side) -> Option<Rect> {
    let margin = 0.08 * view.bbox.height();
    let next = in_order(view, caption, side).into_iter().next();
    let (y0, y1) = match side {
        Side::Below => {
            let end = next.map_or(view.bbox.y1 - margin, |block| block.bbox.y0);
            (caption.bbox.y1, end)
        }
        _ => {
            let start = next.map_or(view.bbox.y0 + margin, |block| block.bbox.y1);
            (start, caption.bbox.y0)
        }
    };
    (y1 - y0 >= MIN_ROOM).then(|| {
        let column = column(view, caption);
        Rect::new(column.x0, y0, column.x1, y1)
    })
}

/// The blocks on one side of a caption in its column, nearest first.
fn in_order<'v>(view: &'v PageView, caption: &Caption, side: Side) -> Vec<&'v Block> {
    let mut blocks: Vec<&Block> = view
        .blocks
        .iter()
        .filter(|block| block.bbox.x_overlap(&caption.bbox) > 0.0)
        .filter(|block| match side {
            Side::Below => block.bbox.center_y() > caption.bbox.y1,
            _ => block.bbox.center_y() < caption.bbox.y0,
        })
        .collect();
    blocks.sort_by(|a, b| {
        let gap = |block: &Block| block.bbox.y_gap(&caption.bbox);
        gap(a).total_cmp(&gap(b))
    });
    blocks
}

/// The extent of the text around the caption.
fn column(view: &PageView, caption: &Caption) -> Rect {
    view.blocks
        .iter()
        .filter(|block| block.parts() && block.bbox.x_overlap(&caption.bbox) > 0.0)
        .fold(caption.bbox, |all, block| all.union(&block.bbox))
}

fn neighbourhood(view: &PageView, caption: &Caption) -> Rect {
    let around = caption.bbox.inflate(NEIGHBOURHOOD);
    around.intersection(&view.bbox).unwrap_or(caption.bbox)
}
