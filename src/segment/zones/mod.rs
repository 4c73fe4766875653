//! The zones of a page that are not running text: pictures and tables, boxes around text, and
//! separating rules, from the page's graphics and the places of its lines.
//!
//! Order: [`text`] says which lines no picture may swallow; [`tables`] takes the rules and cell
//! boxes that hold aligned cells; [`figures`] clusters the marks that are left and gives the
//! clusters their labels.

mod cluster;
mod figures;
mod rules;
mod tables;
#[cfg(test)]
mod tests;
mod text;

use crate::{
    geometry::Rect,
    pdf::{Graphic, GraphicKind, Page},
    segment::TextLine,
};

use text::PageText;

/// What a zone holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ZoneKind {
    /// A drawing, chart or raster image with its labels.
    Figure,
    /// A table with all of its cells.
    Table,
    /// A framed or shaded box around running text or program text: no visual by itself.
    Boxed,
    /// A separator: the rule over footnotes or under a running head.
    Rule,
}

/// A part of a page that is not running text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Zone {
    /// Its place.
    pub bbox: Rect,
    /// What shows of it: its place without white margins.
    pub content: Rect,
    /// What it holds.
    pub kind: ZoneKind,
    /// How sure it is, 0 to 1.
    pub score: f32,
    /// A raster image is part of it.
    pub raster: bool,
    /// Paths are part of it.
    pub vector: bool,
    /// A form XObject vouches for its bounds.
    pub frame: bool,
}

/// Marks that cover more of the page than this are its background, its border or a scan.
const MAX_MARK_SHARE: f32 = 0.85;
/// Paint lighter than this is paper.
const PAPER: u8 = 252;

/// Finds the zones of a page, sorted from top to bottom, then left to right.
pub fn zones(page: &Page, lines: &[TextLine]) -> Vec<Zone> {
    let text = PageText::new(page, lines);
    let marks: Vec<Graphic> = page
        .graphics
        .iter()
        .copied()
        .filter(|graphic| is_ink(page, graphic))
        .collect();
    let mut found = tables::tables(page, &marks, &text);
    found.extend(figures::figures(page, &marks, &text, &found));
    for zone in &mut found {
        zone.content = match zone.frame {
            true => figures::content(&zone.bbox, &marks, &text),
            false => zone.bbox,
        };
    }
    found.sort_by(|a, b| {
        (a.bbox.y0.total_cmp(&b.bbox.y0))
            .then(a.bbox.x0.total_cmp(&b.bbox.x0))
            .then(a.bbox.y1.total_cmp(&b.bbox.y1))
    });
    found
}

/// Whether a graphic leaves something to see in a part of the page.
fn is_ink(page: &Page, graphic: &Graphic) -> bool {
    let paper = graphic.lightness >= PAPER && graphic.kind != GraphicKind::Image;
    let whole = graphic.bbox.area() > MAX_MARK_SHARE * page.bbox().area();
    !paper && !whole && graphic.bbox.is_finite()
}
