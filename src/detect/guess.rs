//! A place for the visual of a caption whose picture was not found: pictures made of text alone,
//! drawn in ways that leave no marks, or lost with an unreadable object.

use crate::{
    geometry::{Rect, Region},
    segment::ParagraphKind,
};

use super::{
    assign::{Assignment, Side},
    captions::{Caption, Family},
    page::{Block, PageView},
};

/// Text that belongs to a caption is at most this far from it, in points.
const MAX_GAP: f32 = 45.0;
/// Less than this, in points, is no picture.
const MIN_ROOM: f32 = 24.0;
/// Entries set as text are at most this long, in bytes, ...
const MAX_ENTRY: usize = 300;
/// ... this far apart, in points, ...
const MAX_ENTRY_GAP: f32 = 24.0;
/// ... and at least this many.
const MIN_ENTRIES: usize = 4;

/// The best guess; `None` where nothing around the caption can be its picture.
pub(super) fn region(
    pages: &[PageView],
    caption: &Caption,
    assignment: &Assignment,
) -> Option<Region> {
    let at = pages.binary_search_by_key(&caption.page, |view| view.index);
    let view = pages.get(at.ok()?)?;
    let sides = match assignment.usual_side(caption.family) {
        Side::Below => [Side::Below, Side::Above],
        _ => [Side::Above, Side::Below],
    };
    let on_sides = |guess: fn(&PageView, &Caption, Side) -> Option<Rect>| {
        sides.iter().find_map(|side| guess(view, caption, *side))
    };
    let bbox = on_sides(text_block)
        .or_else(|| on_sides(ink))
        .or_else(|| short_paragraphs(view, caption, sides[0]))?;
    Some(Region {
        page: caption.page,
        bbox,
    })
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

/// What is drawn between the caption and the next text.
fn ink(view: &PageView, caption: &Caption, side: Side) -> Option<Rect> {
    let next = in_order(view, caption, side)
        .into_iter()
        .find(|block| block.parts());
    let heads = view.furniture.iter().filter(|head| match side {
        Side::Below => head.center_y() > caption.bbox.y1,
        _ => head.center_y() < caption.bbox.y0,
    });
    let ends = heads.chain(next.map(|block| &block.bbox));
    let column = column(view, caption);
    let room = match side {
        Side::Below => {
            let end = ends.fold(view.bbox.y1, |end, other| end.min(other.y0));
            Rect::new(
                column.x0,
                caption.bbox.y1,
                column.x1,
                end.max(caption.bbox.y1),
            )
        }
        _ => {
            let start = ends.fold(view.bbox.y0, |start, other| start.max(other.y1));
            Rect::new(
                column.x0,
                start.min(caption.bbox.y0),
                column.x1,
                caption.bbox.y0,
            )
        }
    };
    let marks = view.ink.iter().filter(|mark| room.contains(mark.center()));
    let texts = view
        .blocks
        .iter()
        .filter(|block| room.contains(block.bbox.center()));
    let all = marks.copied().chain(texts.map(|block| block.bbox));
    let found = Rect::union_all(all)?.intersection(&room)?;
    (found.width().min(found.height()) >= MIN_ROOM).then_some(found)
}

/// Entries under each other that follow a caption: algorithms and tables that are set as text.
fn short_paragraphs(view: &PageView, caption: &Caption, side: Side) -> Option<Rect> {
    if caption.family == Family::Figure {
        return None;
    }
    let mut found: Vec<Rect> = Vec::new();
    let mut edge = caption.bbox;
    for block in in_order(view, caption, side) {
        let ends = matches!(block.kind, ParagraphKind::Caption | ParagraphKind::Heading);
        let near = block.bbox.y_gap(&edge) <= MAX_ENTRY_GAP;
        if ends || !near || block.length > MAX_ENTRY {
            break;
        }
        edge = edge.union(&block.bbox);
        found.push(block.bbox);
    }
    // Fewer are rather the text that goes on after the caption.
    let enough = found.len() >= MIN_ENTRIES;
    enough.then(|| Rect::union_all(found)).flatten()
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
