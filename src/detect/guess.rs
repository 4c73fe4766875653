//! A place for the visual of a caption that no zone fits: visuals made of text alone (listings,
//! examples in another font), pictures drawn in ways that leave no marks, or lost with an
//! unreadable object.

use crate::{
    geometry::{Rect, Region},
    segment::ParagraphKind,
};

use super::{
    assign::{Assignment, Side},
    captions::{Caption, Family},
    fuse::snap,
    network::{ObjectClass, PageObject},
    page::{Block, PageView, view_of},
    visual::Source,
};

/// Score of a visual made of text that is set off.
const SET_OFF: f32 = 0.5;
/// Score of a caption whose picture was not found, but where something stands that can be it.
const GUESSED: f32 = 0.3;
/// Score of a caption with nothing around it that can be its picture: its own place stands in.
const UNKNOWN: f32 = 0.15;

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

/// A place, and how it was found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Guess {
    pub(super) region: Region,
    pub(super) source: Source,
    pub(super) score: f32,
}

/// The best guess; the caption's own place where nothing around it can be its picture.
pub(super) fn guess(pages: &[PageView], caption: &Caption, assignment: &Assignment) -> Guess {
    let around = view_of(pages, caption.page).and_then(|view| around(view, caption, assignment));
    let (bbox, source, score) = around.unwrap_or((caption.bbox, Source::Caption, UNKNOWN));
    Guess {
        region: Region {
            page: caption.page,
            bbox,
        },
        source,
        score,
    }
}

fn around(
    view: &PageView,
    caption: &Caption,
    assignment: &Assignment,
) -> Option<(Rect, Source, f32)> {
    let sides = match assignment.usual_side(caption.family) {
        Side::Below => [Side::Below, Side::Above],
        _ => [Side::Above, Side::Below],
    };
    let on_sides = |guess: fn(&PageView, &Caption, Side) -> Option<Rect>| {
        sides.iter().find_map(|side| guess(view, caption, *side))
    };
    if let Some((bbox, score)) = on_image(view, caption) {
        return Some((bbox, Source::Detector, score));
    }
    if let Some(bbox) = on_sides(text_block) {
        return Some((bbox, Source::Text, SET_OFF));
    }
    let bbox = on_sides(ink).or_else(|| short_paragraphs(view, caption, sides[0]))?;
    Some((bbox, Source::Caption, GUESSED))
}

/// What the network sees next to the caption, if only faintly: the caption vouches for it.
fn on_image(view: &PageView, caption: &Caption) -> Option<(Rect, f32)> {
    let objects = view.objects.as_deref().unwrap_or(&[]);
    let fits = |object: &&PageObject| {
        let bbox = object.found.bbox;
        let class = match caption.family {
            Family::Figure => ObjectClass::Figure,
            Family::Table => ObjectClass::Table,
            Family::Program => ObjectClass::Algorithm,
        };
        // A zone in the same place belongs to another caption, or to none for some reason.
        let is_taken = view.zones.iter().any(|zone| zone.bbox.intersects(&bbox));
        object.found.class == class
            && !is_taken
            && bbox.y_gap(&caption.bbox) <= MAX_GAP
            && bbox.x_gap(&caption.bbox) <= MAX_GAP
            && !bbox.contains(caption.bbox.center())
    };
    let best = objects.iter().find(fits)?;
    let score = GUESSED + (SET_OFF - GUESSED) * best.found.score;
    Some((snap(view, &best.found.bbox), score))
}

/// Program text, formulas, cells or text in another font next to the caption.
fn text_block(view: &PageView, caption: &Caption, side: Side) -> Option<Rect> {
    let mut found: Option<Rect> = None;
    let mut edge = caption.bbox;
    for block in in_order(view, caption, side) {
        let within = found.is_some_and(|found| block.bbox.y_overlap(&found) > 0.0);
        let fits = block.set_off || block.sub_caption || within && block.length <= MAX_ENTRY;
        if !fits || block.bbox.y_gap(&edge) > MAX_GAP {
            break;
        }
        edge = block.bbox;
        found = Some(found.map_or(block.bbox, |all| all.union(&block.bbox)));
    }
    let column = column(view, caption);
    // What stands beside it belongs to it too; a caption is often narrower than its picture.
    let large = found.filter(|found| found.height().min(found.width()) >= MIN_ROOM);
    large.map(|found| {
        let band = Rect::new(column.x0, found.y0, column.x1, found.y1);
        let beside = view
            .blocks
            .iter()
            .filter(|block| block.set_off && band.contains(block.bbox.center()));
        beside.fold(found, |all, block| all.union(&block.bbox))
    })
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
