//! Straight lines of a page, put together from the pieces they are drawn in.

use crate::{
    geometry::Rect,
    pdf::{Graphic, GraphicKind},
    segment::TextLine,
};

/// Pieces of one rule lie at one height to within this, in points.
const LEVEL: f32 = 0.9;
/// Gaps up to this, in points, are joints between the pieces of a rule.
const JOINT: f32 = 2.0;
/// More boxes than this on a page are no table's cells but a drawing's dots.
const MAX_CELLS: usize = 2_500;

/// A horizontal rule.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rule {
    pub(super) x0: f32,
    pub(super) x1: f32,
    pub(super) y: f32,
    /// Made of the edges of cell boxes, rather than drawn as a line.
    pub(super) edge: bool,
}

impl Rule {
    pub(super) fn width(&self) -> f32 {
        self.x1 - self.x0
    }
}

/// The horizontal rules of a page from top to bottom, with the edges of boxes that can be cells.
pub(super) fn horizontal_rules(marks: &[Graphic], lines: &[TextLine]) -> Vec<Rule> {
    let drawn = marks
        .iter()
        .filter(|mark| mark.is_horizontal_rule())
        .map(|mark| Rule {
            x0: mark.bbox.x0,
            x1: mark.bbox.x1,
            y: mark.bbox.center_y(),
            edge: false,
        })
        .collect();
    let mut rules = join(drawn);
    let edges = join(cell_edges(marks, lines));
    // A shaded cell ends at the rule beneath it: the rule says it all.
    let is_ruled = |edge: &Rule| {
        rules.iter().any(|rule| {
            (rule.y - edge.y).abs() < 2.0 && rule.x0.max(edge.x0) < rule.x1.min(edge.x1)
        })
    };
    let edges: Vec<Rule> = edges.into_iter().filter(|edge| !is_ruled(edge)).collect();
    rules.extend(edges);
    rules.sort_by(|a, b| a.y.total_cmp(&b.y).then(a.x0.total_cmp(&b.x0)));
    rules
}

/// The vertical rules of a page, as boxes.
pub(super) fn vertical_rules(marks: &[Graphic]) -> Vec<Rect> {
    let turned = marks
        .iter()
        .filter(|mark| mark.is_vertical_rule())
        .map(|mark| Rule {
            x0: mark.bbox.y0,
            x1: mark.bbox.y1,
            y: mark.bbox.center_x(),
            edge: false,
        })
        .collect();
    join(turned)
        .into_iter()
        .map(|rule| Rect::new(rule.y, rule.x0, rule.y, rule.x1))
        .collect()
}

/// Boxes drawn as four rules. A page with more rules than these is a grid or a drawing.
pub(super) fn ruled_boxes(marks: &[Graphic]) -> Vec<Rect> {
    const MAX_RULES: usize = 300;
    const CORNER: f32 = 2.0;
    let horizontals = horizontal_rules(marks, &[]);
    let verticals = vertical_rules(marks);
    if horizontals.len() > MAX_RULES || verticals.len() > MAX_RULES {
        return Vec::new();
    }
    let mut boxes = Vec::new();
    for (i, top) in horizontals.iter().enumerate() {
        let same_ends =
            |rule: &&Rule| (rule.x0 - top.x0).abs() < CORNER && (rule.x1 - top.x1).abs() < CORNER;
        let Some(bottom) = horizontals.iter().skip(i + 1).find(same_ends) else {
            continue;
        };
        let has_side = |x: f32| {
            verticals.iter().any(|side| {
                (side.x0 - x).abs() < CORNER
                    && side.y0 < top.y + CORNER
                    && side.y1 > bottom.y - CORNER
            })
        };
        if has_side(top.x0) && has_side(top.x1) {
            boxes.push(Rect::new(top.x0, top.y, top.x1, bottom.y));
        }
    }
    boxes
}

/// Top and bottom edges of the boxes that can be cells or coloured rows: those with text inside.
fn cell_edges(marks: &[Graphic], lines: &[TextLine]) -> Vec<Rule> {
    let cells: Vec<Rect> = marks
        .iter()
        .filter(|mark| matches!(mark.kind, GraphicKind::Fill | GraphicKind::Stroke))
        .map(|mark| mark.bbox)
        .filter(|bbox| (6.0..200.0).contains(&bbox.height()) && bbox.width() > 10.0)
        .collect();
    if cells.len() > MAX_CELLS {
        return Vec::new();
    }
    let has_text = |bbox: &&Rect| lines.iter().any(|line| bbox.contains(line.bbox.center()));
    cells
        .iter()
        .filter(has_text)
        .flat_map(|bbox| [bbox.y0, bbox.y1].map(|y| (bbox, y)))
        .map(|(bbox, y)| Rule {
            x0: bbox.x0,
            x1: bbox.x1,
            y,
            edge: true,
        })
        .collect()
}

/// Joins pieces that lie at one height and touch.
fn join(mut pieces: Vec<Rule>) -> Vec<Rule> {
    pieces.sort_by(|a, b| a.y.total_cmp(&b.y).then(a.x0.total_cmp(&b.x0)));
    let mut joined: Vec<Rule> = Vec::new();
    let mut level: Vec<Rule> = Vec::new();
    let mut flush = |level: &mut Vec<Rule>| {
        level.sort_by(|a, b| a.x0.total_cmp(&b.x0));
        let mut last: Option<Rule> = None;
        for piece in level.drain(..) {
            match &mut last {
                Some(rule) if piece.x0 <= rule.x1 + JOINT => rule.x1 = rule.x1.max(piece.x1),
                _ => joined.extend(last.replace(piece)),
            }
        }
        joined.extend(last);
    };
    for piece in pieces {
        if level.first().is_some_and(|first| piece.y - first.y > LEVEL) {
            flush(&mut level);
        }
        level.push(piece);
    }
    flush(&mut level);
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(x0: f32, y0: f32, x1: f32, y1: f32) -> Graphic {
        Graphic {
            bbox: Rect::new(x0, y0, x1, y1),
            kind: GraphicKind::Fill,
            lightness: 0,
            frame: None,
        }
    }

    fn line(text: &str, x: f32, y: f32) -> TextLine {
        TextLine::sample(text, Rect::new(x, y, x + 10.0, y + 10.0))
    }

    #[test]
    fn pieces_of_a_rule_are_joined_across_cells() {
        let marks = [
            mark(150.0, 100.1, 200.0, 100.5),
            mark(100.0, 100.0, 149.5, 100.4),
            mark(300.0, 100.0, 400.0, 100.4),
            mark(100.0, 120.0, 200.0, 120.4),
        ];
        let rules = horizontal_rules(&marks, &[]);
        let spans: Vec<(f32, f32)> = rules.iter().map(|r| (r.x0, r.x1)).collect();
        assert_eq!(spans, [(100.0, 200.0), (300.0, 400.0), (100.0, 200.0)]);
    }

    #[test]
    fn cells_side_by_side_give_the_edges_of_their_row() {
        let marks = [
            mark(100.0, 100.0, 150.0, 120.0),
            mark(150.0, 100.0, 220.0, 120.0),
        ];
        let lines = [line("12", 110.0, 105.0), line("7", 180.0, 105.0)];
        let rules = horizontal_rules(&marks, &lines);
        let edges: Vec<(f32, f32, f32)> = rules.iter().map(|r| (r.x0, r.x1, r.y)).collect();
        assert_eq!(edges, [(100.0, 220.0, 100.0), (100.0, 220.0, 120.0)]);
        assert!(rules.iter().all(|rule| rule.edge));
    }
}
