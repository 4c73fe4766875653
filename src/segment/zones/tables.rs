//! Tables: rules or cell boxes with aligned cells between them, and rows of aligned cells at the
//! caption of a table.

use crate::{
    geometry::Rect,
    mention::{LabelKind, caption_label},
    pdf::{Direction, Graphic, GraphicKind},
    segment::TextLine,
};

use super::{
    Zone, ZoneKind,
    rules::{Rule, horizontal_rules, vertical_rules},
    text::{PageText, Role},
};

/// Ends of a table's rules agree to within this, in points.
const ALIGNED: f32 = 4.0;
/// Shorter rules, in points, are fraction bars and underlines.
const MIN_RULE: f32 = 36.0;
/// Rules without text between them belong together up to this distance, in points.
const MAX_EMPTY_BAND: f32 = 16.0;
/// A gap this wide, in font sizes, separates cells; spaces of justified lines stay below.
const CELL_GAP: f32 = 0.75;
/// A white corridor this wide, in font sizes, through all rows separates columns.
const CORRIDOR: f32 = 0.6;
/// Rows of a table without rules are at most this many font sizes apart.
const MAX_ROW_PITCH: f32 = 2.4;
/// Fewest rows of a table without rules.
const MIN_ROWS: usize = 3;

/// What the text between two rules looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Band {
    /// Cells in columns.
    Cells,
    /// Neither cells nor running text.
    Unsure,
    /// Running text.
    Text,
}

/// The tables of a page.
pub(super) fn tables(marks: &[Graphic], text: &PageText<'_>) -> Vec<Zone> {
    let rules = horizontal_rules(marks);
    let verticals = vertical_rules(marks);
    let mut found: Vec<Zone> = Vec::new();
    for group in rule_groups(&rules, &verticals, text) {
        let bbox = extend_rows(group, text);
        if !is_drawing(&bbox, marks, text) {
            push_table(&mut found, bbox, 0.85);
        }
    }
    for (line, role) in text.iter() {
        if role != Role::Caption || !starts_table_caption(line) {
            continue;
        }
        let has_table = found.iter().any(|zone| {
            zone.bbox.y_gap(&line.bbox) < 60.0 && zone.bbox.x_overlap(&line.bbox) > 0.0
        });
        if !has_table && let Some(bbox) = unruled_table(line, text) {
            push_table(&mut found, bbox, 0.6);
        }
    }
    for zone in &mut found {
        zone.vector = marks.iter().any(|mark| mark.bbox.intersects(&zone.bbox));
    }
    found
}

/// Adds a table; tables that overlap are one.
fn push_table(found: &mut Vec<Zone>, bbox: Rect, score: f32) {
    let mut bbox = bbox;
    while let Some(at) = found.iter().position(|zone| zone.bbox.intersects(&bbox)) {
        bbox = bbox.union(&found.swap_remove(at).bbox);
    }
    found.push(Zone {
        bbox,
        kind: ZoneKind::Table,
        score,
        raster: false,
        vector: false,
        frame: false,
    });
}

fn starts_table_caption(line: &TextLine) -> bool {
    caption_label(&line.text).is_some_and(|label| label.label.kind == LabelKind::Table)
}

/// Rules that belong together, from the first to the last.
struct Group {
    x0: f32,
    x1: f32,
    top: f32,
    bottom: f32,
    /// Rules with the group's own ends.
    rules: usize,
    cell_bands: usize,
    edges_only: bool,
}

impl Group {
    fn new(rule: &Rule) -> Group {
        Group {
            x0: rule.x0,
            x1: rule.x1,
            top: rule.y,
            bottom: rule.y,
            rules: 1,
            cell_bands: 0,
            edges_only: rule.edge,
        }
    }

    fn bbox(&self) -> Rect {
        Rect::new(self.x0, self.top, self.x1, self.bottom)
    }

    fn has_ends_of(&self, rule: &Rule) -> bool {
        (self.x0 - rule.x0).abs() <= ALIGNED && (self.x1 - rule.x1).abs() <= ALIGNED
    }

    fn holds(&self, rule: &Rule) -> bool {
        rule.x0 >= self.x0 - ALIGNED && rule.x1 <= self.x1 + ALIGNED
    }

    /// Boxes alone must be stacked: one box with a wide gap in its text is no table.
    fn is_table(&self) -> bool {
        let min_rules = if self.edges_only { 4 } else { 2 };
        let min_bands = if self.edges_only { 2 } else { 1 };
        self.rules >= min_rules && self.cell_bands >= min_bands
    }
}

/// The boxes of the tables that rules make.
fn rule_groups(rules: &[Rule], verticals: &[Rect], text: &PageText<'_>) -> Vec<Rect> {
    let mut open: Vec<Group> = Vec::new();
    let mut tables = Vec::new();
    for rule in rules.iter().filter(|rule| rule.width() >= MIN_RULE) {
        let mut joined = false;
        for group in &mut open {
            if !group.has_ends_of(rule) {
                // Rules under a few columns only.
                joined |= group.holds(rule) && rule.y - group.bottom < MAX_EMPTY_BAND;
                continue;
            }
            let band = Rect::new(group.x0, group.bottom, group.x1, rule.y);
            let kind = band_kind(&band, verticals, text);
            if kind == Band::Text {
                continue;
            }
            group.cell_bands += usize::from(kind == Band::Cells);
            group.rules += usize::from(rule.y - group.bottom > 1.5);
            group.bottom = rule.y;
            group.edges_only &= rule.edge;
            joined = true;
            break;
        }
        if !joined {
            open.retain(|group| {
                // A rule that could have joined and did not ends the group.
                let ended = group.has_ends_of(rule);
                if ended && group.is_table() {
                    tables.push(group.bbox());
                }
                !ended
            });
            open.push(Group::new(rule));
        }
    }
    let last = open.iter().filter(|group| group.is_table());
    tables.extend(last.map(Group::bbox));
    tables
}

/// Judges the text between two rules.
fn band_kind(band: &Rect, verticals: &[Rect], text: &PageText<'_>) -> Band {
    let inside: Vec<(&TextLine, Role)> = text
        .iter()
        .filter(|(line, _)| line.direction == Direction::Right)
        .filter(|(line, _)| band.inflate(1.0).contains(line.bbox.center()))
        .collect();
    if inside.is_empty() {
        return if band.height() <= MAX_EMPTY_BAND {
            Band::Unsure
        } else {
            Band::Text
        };
    }
    if inside.iter().any(|(_, role)| *role == Role::Caption) {
        return Band::Text;
    }
    let is_grid = verticals.iter().any(|rule| {
        rule.x0 > band.x0 + 6.0
            && rule.x0 < band.x1 - 6.0
            && rule.y_overlap(band) > 0.8 * band.height()
    });
    let rows = rows(inside.iter().map(|(line, _)| *line));
    let prose = inside
        .iter()
        .filter(|(_, role)| *role == Role::Prose)
        .count();
    // Two columns of running text have a corridor between them too.
    let is_text = prose * 2 > inside.len() && rows.len() > 3;
    if (is_grid && !is_text) || (!is_text && has_columns(&rows)) {
        return Band::Cells;
    }
    if prose > 0 || rows.len() > 3 {
        Band::Text
    } else {
        Band::Unsure
    }
}

/// A row: the words of all lines on one baseline, from left to right.
pub(super) struct Row {
    pub(super) bbox: Rect,
    size: f32,
    /// Horizontal extents of its cells.
    cells: Vec<(f32, f32)>,
}

/// Puts lines on one baseline together and splits them at wide gaps.
fn rows<'a>(lines: impl Iterator<Item = &'a TextLine>) -> Vec<Row> {
    let mut lines: Vec<&TextLine> = lines.collect();
    lines.sort_by(|a, b| a.baseline.total_cmp(&b.baseline));
    lines
        .chunk_by(|a, b| b.baseline - a.baseline < 0.35 * a.size.max(b.size))
        .filter_map(row_of)
        .collect()
}

fn row_of(lines: &[&TextLine]) -> Option<Row> {
    let bbox = Rect::union_all(lines.iter().map(|line| line.bbox))?;
    let size = lines.iter().map(|line| line.size).fold(0.0, f32::max);
    let mut words: Vec<(f32, f32)> = lines
        .iter()
        .flat_map(|line| line.words.iter().map(|word| (word.bbox.x0, word.bbox.x1)))
        .collect();
    words.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut cells: Vec<(f32, f32)> = Vec::new();
    for (x0, x1) in words {
        match cells.last_mut() {
            Some(cell) if x0 - cell.1 < CELL_GAP * size => cell.1 = cell.1.max(x1),
            _ => cells.push((x0, x1)),
        }
    }
    Some(Row { bbox, size, cells })
}

/// Whether a white corridor parts the rows into columns, with cells on both sides in a good
/// share of them.
fn has_columns(rows: &[Row]) -> bool {
    let split: Vec<&Row> = rows.iter().filter(|row| row.cells.len() > 1).collect();
    if split.is_empty() || split.len() * 4 < rows.len() {
        return false;
    }
    let Some(first) = split.first() else {
        return false;
    };
    // A corridor must go through a gap of some row; rows with one wide cell may span it.
    let spanning = rows.len() - split.len();
    first.cells.windows(2).any(|pair| {
        let [left, right] = pair else { return false };
        let (mut x0, mut x1) = (left.1, right.0);
        let crossed = split
            .iter()
            .filter(|row| {
                for (a, b) in &row.cells {
                    if *b <= x0 || *a >= x1 {
                        continue;
                    }
                    // A cell reaches into the corridor: keep the wider rest.
                    if *a - x0 > x1 - *b {
                        x1 = *a;
                    } else {
                        x0 = *b;
                    }
                }
                x1 - x0 < CORRIDOR * row.size
            })
            .count();
        crossed * 5 <= split.len() && spanning <= 3 * split.len()
    })
}

/// Adds the rows of cells that follow the outer rules: many tables have a rule under their head
/// only.
fn extend_rows(bbox: Rect, text: &PageText<'_>) -> Rect {
    let near = text.iter().filter(|(line, role)| {
        *role == Role::Free
            && line.direction == Direction::Right
            && line.bbox.x0 > bbox.x0 - 2.0 * ALIGNED
            && line.bbox.x1 < bbox.x1 + 2.0 * ALIGNED
            && !bbox.contains(line.bbox.center())
    });
    let rows = rows(near.map(|(line, _)| line));
    let mut grown = bbox;
    let is_next = |row: &Row, gap: f32| {
        row.cells.len() > 1
            && gap < 1.3 * row.size
            && row.bbox.width() > 0.5 * bbox.width()
            && has_columns(std::slice::from_ref(row))
    };
    for row in rows.iter().filter(|row| row.bbox.y0 > bbox.y0) {
        if is_next(row, row.bbox.y0 - grown.y1) {
            grown = grown.union(&row.bbox);
        }
    }
    for row in rows.iter().rev().filter(|row| row.bbox.y1 < bbox.y1) {
        if is_next(row, grown.y0 - row.bbox.y1) {
            grown = grown.union(&row.bbox);
        }
    }
    grown
}

/// Whether what rules make is rather a drawing with a grid: more marks that are neither rules
/// nor around text than cells.
fn is_drawing(bbox: &Rect, marks: &[Graphic], text: &PageText<'_>) -> bool {
    let cells: Vec<&TextLine> = text
        .iter()
        .map(|(line, _)| line)
        .filter(|line| bbox.contains(line.bbox.center()))
        .collect();
    let drawn = marks
        .iter()
        .filter(|mark| {
            mark.kind != GraphicKind::Image
                && !mark.is_horizontal_rule()
                && !mark.is_vertical_rule()
                && mark.bbox.width().max(mark.bbox.height()) > 3.0
                && bbox.contains(mark.bbox.center())
        })
        .filter(|mark| {
            let outer = mark.bbox.inflate(1.0);
            !cells.iter().any(|line| outer.contains(line.bbox.center()))
        })
        .count();
    drawn > 2 * cells.len().max(4)
}

/// The rows of cells at the caption of a table that has no rules.
fn unruled_table(caption: &TextLine, text: &PageText<'_>) -> Option<Rect> {
    let column = text.caption_block(caption);
    let free = text.iter().filter(|(line, role)| {
        *role == Role::Free
            && line.direction == Direction::Right
            && !text.in_picture(line)
            && line.bbox.x_gap(&column) < 0.25 * text.line_width
    });
    let rows = rows(free.map(|(line, _)| line));
    let below = rows.iter().filter(|row| row.bbox.y0 > column.y1 - 1.0);
    let above = rows
        .iter()
        .rev()
        .filter(|row| row.bbox.y1 < caption.bbox.y0 + 1.0);
    run_of_rows(below, column.y1, text).or_else(|| run_of_rows(above, caption.bbox.y0, text))
}

/// The rows that follow one another from a height on, as long as they have cells.
fn run_of_rows<'a>(
    rows: impl Iterator<Item = &'a Row>,
    start: f32,
    text: &PageText<'_>,
) -> Option<Rect> {
    let mut edge = start;
    let mut taken: Vec<&Row> = Vec::new();
    for row in rows {
        let gap = (row.bbox.y0 - edge).max(edge - row.bbox.y1);
        let band = Rect::new(row.bbox.x0, edge, row.bbox.x1, row.bbox.center_y());
        let max_gap = if taken.is_empty() {
            40.0
        } else {
            MAX_ROW_PITCH * row.size
        };
        if gap > max_gap || (row.cells.len() < 2 && taken.is_empty()) || text.has_prose_in(&band) {
            break;
        }
        edge = if row.bbox.y0 > start {
            row.bbox.y1
        } else {
            row.bbox.y0
        };
        taken.push(row);
    }
    while taken.last().is_some_and(|row| row.cells.len() < 2) {
        taken.pop();
    }
    let split = taken.iter().filter(|row| row.cells.len() > 1).count();
    let bbox = Rect::union_all(taken.iter().map(|row| row.bbox))?;
    let owned: Vec<Row> = taken
        .iter()
        .map(|row| Row {
            bbox: row.bbox,
            size: row.size,
            cells: row.cells.clone(),
        })
        .collect();
    (split >= MIN_ROWS && split * 2 >= taken.len() && has_columns(&owned)).then_some(bbox)
}
