//! Which paragraph holds a gold link.

use std::collections::BTreeMap;

use super::{gold::GoldLink, view::ParagraphView};
use crate::{
    geometry::{PageIndex, Point, Rect},
    segment::{ParagraphId, ParagraphKind},
};

/// How far outside a line's box, in points, the middle of a link may lie.
const LINE_SLACK: f32 = 2.0;
/// How far away, in heights of lines, the rest of a paragraph may be whose line is gone.
const MAX_LINES_AWAY: f32 = 2.5;

/// How far beside the rest of its line, in heights of lines, a link may have stood.
const MAX_GAP: f32 = 2.0;

/// How a link's paragraph is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holding {
    /// It has a line around the middle of the link.
    Strict,
    /// Else it has the nearest line: the link's own may have gone with its words.
    Nearest,
}

/// The boxes of all paragraphs by page.
pub(super) struct LineIndex {
    lines: BTreeMap<PageIndex, Vec<IndexedLine>>,
}

struct IndexedLine {
    paragraph: ParagraphId,
    kind: ParagraphKind,
    bbox: Rect,
}

impl LineIndex {
    pub(super) fn new(paragraphs: &BTreeMap<ParagraphId, ParagraphView>) -> LineIndex {
        let mut lines: BTreeMap<PageIndex, Vec<IndexedLine>> = BTreeMap::new();
        for (id, paragraph) in paragraphs {
            for line in &paragraph.boxes {
                lines.entry(line.page).or_default().push(IndexedLine {
                    paragraph: *id,
                    kind: paragraph.kind,
                    bbox: line.bbox,
                });
            }
        }
        LineIndex { lines }
    }

    pub(super) fn holder(&self, link: &GoldLink, holding: Holding) -> Option<ParagraphId> {
        let around = self.paragraph_at(link.page, link.bbox);
        match holding {
            Holding::Strict => around,
            Holding::Nearest => around.or_else(|| self.nearest(link.page, link.bbox)),
        }
    }

    /// The paragraph of the line that ends before the box, else of the nearest in the same column.
    fn nearest(&self, page: PageIndex, bbox: Rect) -> Option<ParagraphId> {
        let running = self.lines.get(&page)?.iter();
        let running = running.filter(|line| line.kind.is_running_text());
        let middle = bbox.center();
        let off = |line: &IndexedLine| off_middle(&line.bbox, middle);
        let nearer = |a: &&IndexedLine, b: &&IndexedLine| off(a).total_cmp(&off(b));
        // A line that ended in the mention is shorter without it.
        let shortened = running.clone().filter(|line| {
            let sideways = (line.bbox.x0 - middle.x).max(middle.x - line.bbox.x1);
            off(line) < line.bbox.height() / 2.0
                && sideways < bbox.width() + MAX_GAP * line.bbox.height()
        });
        let gone = || {
            let column = running.filter(|line| {
                line.bbox.x_overlap(&bbox) > 0.0 && off(line) < MAX_LINES_AWAY * line.bbox.height()
            });
            column.min_by(nearer)
        };
        let nearest = shortened.min_by(nearer).or_else(gone);
        nearest.map(|line| line.paragraph)
    }

    /// The paragraph with a line around the middle of a box, the nearest line's where several are.
    fn paragraph_at(&self, page: PageIndex, bbox: Rect) -> Option<ParagraphId> {
        let middle = bbox.center();
        // A line that needs the slack gives way to a whole paragraph's box that does not.
        let off = |line: &IndexedLine| {
            let bbox = &line.bbox;
            (!bbox.contains(middle), off_middle(bbox, middle))
        };
        self.lines
            .get(&page)?
            .iter()
            .filter(|line| line.bbox.inflate(LINE_SLACK).contains(middle))
            .min_by(|a, b| {
                let ((a_out, a_off), (b_out, b_off)) = (off(a), off(b));
                a_out.cmp(&b_out).then(a_off.total_cmp(&b_off))
            })
            .map(|line| line.paragraph)
    }
}

/// How far a point lies from the middle of a line's height.
fn off_middle(line: &Rect, point: Point) -> f32 {
    (line.center_y() - point.y).abs()
}
