//! Tables: rules or cell boxes with aligned cells between them, and rows of aligned cells at the
//! caption of a table.

use crate::{
    geometry::Rect,
    mention::{LabelKind, caption_label},
    pdf::{Direction, Graphic, GraphicKind, Page},
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
/// Narrower tables, in points, need four rules.
const MIN_WIDTH: f32 = 80.0;
/// Rules without text between them belong together up to this distance, in points.
const MAX_EMPTY_BAND: f32 = 16.0;
/// A gap this wide, in font sizes, separates cells; spaces of justified lines stay below.
const CELL_GAP: f32 = 0.75;
/// A white corridor this wide, in font sizes, through all rows separates columns.
const CORRIDOR: f32 = 0.6;
/// Rows of a table without rules are at most this many font sizes apart.
const MAX_ROW_PITCH: f32 = 2.4;
/// Cells and notes inside a closed frame have at most this many lines of running text.
const MAX_CELL_LINES: usize = 12;
/// The parts of the page, from its top and from its bottom, where running heads and feet are.
const PAGE_MARGIN: f32 = 0.15;
/// A caption stands at most this far from what it names, in points.
const CAPTION_REACH: f32 = 70.0;
/// This many marks that are neither rules nor around text make a drawing, where a caption says so.
const MIN_SHAPES: usize = 3;
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
pub(super) fn tables(page: &Page, marks: &[Graphic], text: &PageText<'_>) -> Vec<Zone> {
    // A table inside an included picture is that picture's.
    let own: Vec<Graphic> = marks
        .iter()
        .filter(|mark| !mark.frame.is_some_and(|frame| text.is_picture_frame(frame)))
        .copied()
        .collect();
    let mut rules = horizontal_rules(&own, text.lines);
    drop_page_rules(&mut rules, page, text);
    let verticals = vertical_rules(&own);
    let mut found: Vec<Zone> = Vec::new();
    for group in rule_groups(&rules, &verticals, text) {
        let bbox = extend_rows(group, text);
        if !is_drawing(&bbox, &own, text) && !is_captioned_drawing(&bbox, &own, text) {
            push_table(&mut found, bbox, 0.85);
        }
    }
    add_captioned(&mut found, &rules, text);
    for zone in &mut found {
        zone.vector = marks.iter().any(|mark| mark.bbox.intersects(&zone.bbox));
    }
    found
}

/// Leaves out the rule under a running head and that over a running foot: the outermost ones of
/// the page, with a line or two right outside and nothing more between them and the page's edge.
fn drop_page_rules(rules: &mut Vec<Rule>, page: &Page, text: &PageText<'_>) {
    let margin = PAGE_MARGIN * page.height;
    let long = |rule: &Rule| rule.width() >= MIN_RULE;
    let first = rules.iter().copied().find(long);
    let last = rules.iter().copied().rfind(long);
    let is_page_rule = |rule: &Rule, at_top: bool| {
        let in_margin = if at_top {
            rule.y < margin
        } else {
            rule.y > page.height - margin
        };
        let outside: Vec<(&TextLine, Role)> = text
            .iter()
            .filter(|(line, _)| (line.bbox.center_y() < rule.y) == at_top)
            .collect();
        let touches = outside.iter().any(|(line, _)| {
            let gap = (rule.y - line.bbox.y1).max(line.bbox.y0 - rule.y);
            gap < 0.9 * line.size
        });
        let captions = outside.iter().any(|(_, role)| *role == Role::Caption);
        // The top rule of a table under a running head is as long as the table's others.
        let alone = !rules.iter().any(|other| {
            (margin..page.height - margin).contains(&other.y)
                && (other.x0 - rule.x0).abs() <= ALIGNED
                && (other.x1 - rule.x1).abs() <= ALIGNED
        });
        in_margin
            && alone
            && rule.width() > 0.7 * text.line_width
            && (1..=4).contains(&outside.len())
            && touches
            && !captions
    };
    let found: Vec<Rule> = [(first, true), (last, false)]
        .into_iter()
        .filter_map(|(rule, at_top)| rule.filter(|rule| is_page_rule(rule, at_top)))
        .collect();
    rules.retain(|rule| !found.contains(rule));
}

/// Whether the caption next to what rules make says that it is a figure, and something is drawn
/// in it besides rules: plots with a grid and columns of numbers look like tables.
fn is_captioned_drawing(bbox: &Rect, marks: &[Graphic], text: &PageText<'_>) -> bool {
    let near = |line: &&TextLine| {
        let block = text.caption_block(line);
        block.x_overlap(bbox) > 0.0 && block.y_gap(bbox) < CAPTION_REACH
    };
    let (mut tables, mut others) = (false, false);
    for line in text.caption_starts().filter(near) {
        match caption_label(&line.text).map(|label| label.label.kind) {
            Some(LabelKind::Table) => tables = true,
            Some(LabelKind::Figure | LabelKind::Chart | LabelKind::Diagram) => others = true,
            _ => {}
        }
    }
    let draws = |mark: &&Graphic| {
        let rule = mark.is_horizontal_rule() || mark.is_vertical_rule();
        let outer = mark.bbox.inflate(1.0);
        let around_text = (text.lines.iter()).any(|line| outer.contains(line.bbox.center()));
        !rule && !around_text && bbox.contains(mark.bbox.center())
    };
    others && !tables && marks.iter().filter(draws).count() >= MIN_SHAPES
}

/// Adds the tables that only their captions give away: without rules, or of one column.
fn add_captioned(found: &mut Vec<Zone>, rules: &[Rule], text: &PageText<'_>) {
    let captions: Vec<&TextLine> = text
        .caption_starts()
        .filter(|line| starts_table_caption(line))
        .collect();
    if captions.len() <= found.len() {
        return;
    }
    // All captions of a page stand on one side of their tables: the one that finds more.
    let search = |side: Side| {
        let mut all = found.clone();
        for caption in &captions {
            let bbox = unruled_table(caption, side, &all, text)
                .map(|bbox| (bbox, 0.6))
                .or_else(|| ruled_column(caption, side, rules, &all, text).map(|b| (b, 0.5)));
            if let Some((bbox, score)) = bbox {
                push_table(&mut all, bbox, score);
            }
        }
        all
    };
    let (below, above) = (search(Side::Below), search(Side::Above));
    *found = if above.len() > below.len() {
        above
    } else {
        below
    };
}

/// Where a table is, seen from its caption.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Above,
    Below,
}

/// What lies between the rules next to a table's caption, whatever it is: the caption says that
/// it is a table.
fn ruled_column(
    caption: &TextLine,
    side: Side,
    rules: &[Rule],
    found: &[Zone],
    text: &PageText<'_>,
) -> Option<Rect> {
    const MAX_GAP: f32 = 24.0;
    const MAX_HEIGHT: f32 = 250.0;
    let block = text.caption_block(caption);
    let gap = |rule: &Rule| match side {
        Side::Below => rule.y - block.y1,
        Side::Above => block.y0 - rule.y,
    };
    let mut near: Vec<&Rule> = rules
        .iter()
        .filter(|rule| !rule.edge && rule.width() >= MIN_RULE)
        .filter(|rule| rule.x0 < block.x1 && rule.x1 > block.x0 && gap(rule) > -1.0)
        .collect();
    near.sort_by(|a, b| gap(a).total_cmp(&gap(b)));
    let first = near.first().filter(|rule| gap(rule) < MAX_GAP)?;
    let aligned: Vec<&Rule> = near
        .iter()
        .filter(|rule| (rule.x0 - first.x0).abs() < ALIGNED && (rule.x1 - first.x1).abs() < ALIGNED)
        .take_while(|rule| (rule.y - first.y).abs() < MAX_HEIGHT)
        .take(3)
        .copied()
        .collect();
    let last = aligned.last()?;
    let bbox = Rect::new(first.x0, first.y, first.x1, last.y);
    let is_taken = found.iter().any(|zone| zone.bbox.intersects(&bbox));
    // Two rules with text between can be the ends of two things; three are a table, and so are
    // two right under its caption.
    let certain = aligned.len() > 2 || side == Side::Below || !text.has_prose_in(&bbox);
    let captions = text
        .caption_starts()
        .any(|line| bbox.contains(line.bbox.center()));
    (bbox.height() > caption.size && certain && !captions && !is_taken).then_some(bbox)
}

/// Adds a table; tables that overlap are one.
fn push_table(found: &mut Vec<Zone>, bbox: Rect, score: f32) {
    let mut bbox = bbox;
    while let Some(at) = found.iter().position(|zone| zone.bbox.intersects(&bbox)) {
        bbox = bbox.union(&found.swap_remove(at).bbox);
    }
    found.push(Zone {
        bbox,
        content: bbox,
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
    split_rows: usize,
    /// Vertical rules stand at both ends.
    closed: bool,
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
            split_rows: 0,
            closed: false,
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

    /// Boxes alone must be stacked: one box with a wide gap in its text is no table. Two short
    /// rules are the bars of fractions under each other.
    fn is_table(&self) -> bool {
        if self.x1 - self.x0 < MIN_WIDTH && self.rules < 4 {
            return false;
        }
        // A wide space in one framed line makes no table.
        if self.rules < 3 && self.split_rows < 2 {
            return false;
        }
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
            let sides = Sides::new(&band, verticals);
            let (kind, split) = band_kind(&band, sides, text, group.edges_only && rule.edge);
            // Between two frames lies no part of either.
            if kind == Band::Text
                || (group.closed && !sides.closed && band.height() > 2.0 * ALIGNED)
            {
                continue;
            }
            group.closed |= sides.closed;
            group.cell_bands += usize::from(kind == Band::Cells);
            group.split_rows += split;
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

/// The vertical rules along a band between two horizontal ones.
#[derive(Debug, Clone, Copy)]
struct Sides {
    /// One stands well inside.
    grid: bool,
    /// One stands at either end.
    closed: bool,
}

impl Sides {
    fn new(band: &Rect, verticals: &[Rect]) -> Sides {
        let crossing: Vec<f32> = verticals
            .iter()
            .filter(|rule| rule.y_overlap(band) > 0.8 * band.height())
            .map(|rule| rule.x0)
            .collect();
        let is_at = |end: f32| crossing.iter().any(|x| (x - end).abs() < ALIGNED);
        Sides {
            grid: crossing
                .iter()
                .any(|x| *x > band.x0 + 6.0 && *x < band.x1 - 6.0),
            closed: is_at(band.x0) && is_at(band.x1),
        }
    }
}

/// Judges the text between two rules, or between the edges of boxes; also says how many of its
/// rows have several cells.
fn band_kind(band: &Rect, sides: Sides, text: &PageText<'_>, edges: bool) -> (Band, usize) {
    let inside: Vec<(&TextLine, Role)> = text
        .iter()
        .filter(|(line, _)| line.direction == Direction::Right)
        .filter(|(line, _)| {
            let across = line.bbox.x_overlap(band) > 0.3 * line.bbox.width().min(band.width());
            across && band.inflate(1.0).y_overlap(&line.bbox) > 0.5 * line.bbox.height()
        })
        .collect();
    if inside.is_empty() {
        let near = band.height() <= MAX_EMPTY_BAND;
        return (if near { Band::Unsure } else { Band::Text }, 0);
    }
    if inside.iter().any(|(_, role)| *role == Role::Caption) {
        return (Band::Text, 0);
    }
    let inner = Inner::new(&inside, band);
    let split = if sides.grid { inner.rows } else { inner.split };
    if inner.is_cells(sides, edges) {
        (Band::Cells, split)
    } else if (sides.closed && !edges && inner.rows <= MAX_CELL_LINES)
        || (inner.prose == 0 && inner.rows <= 3)
    {
        (Band::Unsure, 0)
    } else {
        (Band::Text, 0)
    }
}

/// The text between two rules.
struct Inner {
    lines: usize,
    rows: usize,
    prose: usize,
    math: usize,
    code: usize,
    /// Lines of digits alone: program text can have them before its own.
    digits: usize,
    leaves: bool,
    columns: bool,
    /// Rows with more than one cell, line numbers not counted.
    split: usize,
}

impl Inner {
    fn new(inside: &[(&TextLine, Role)], band: &Rect) -> Inner {
        let rows = rows(inside.iter().map(|(line, _)| *line));
        let count = |test: &dyn Fn(&TextLine, Role) -> bool| {
            inside
                .iter()
                .filter(|(line, role)| test(line, *role))
                .count()
        };
        Inner {
            lines: inside.len(),
            rows: rows.len(),
            prose: count(&|_, role| role == Role::Prose),
            math: count(&|line, _| line.math),
            code: count(&|line, _| line.monospace),
            digits: count(&|line, _| line.text.chars().all(char::is_numeric)),
            leaves: leaves(inside, band),
            columns: has_columns(&rows) || has_staggered_columns(inside),
            split: rows.iter().filter(|row| row.has_cells(inside)).count(),
        }
    }

    fn is_cells(&self, sides: Sides, edges: bool) -> bool {
        let mostly = |n: usize| n * 2 > self.lines;
        if self.leaves {
            return false;
        }
        if sides.grid {
            // A rule between two columns of running text is no grid.
            return !(mostly(self.prose) && self.rows > MAX_CELL_LINES);
        }
        // Shaded program text has gaps too; two columns of running text have a corridor.
        let is_code = self.code * 2 > self.lines - self.digits
            && (edges || sides.closed || self.split * 10 < self.rows * 7);
        let one_line = self.rows == 1 && self.lines == 1 && self.prose == 1;
        let few_cells = self.rows > 3 || (self.split < 2 && self.rows > 1);
        let is_text =
            one_line || (mostly(self.prose) && few_cells) || (edges && self.prose > 0) || is_code;
        self.columns && !is_text && !mostly(self.math)
    }
}

/// Whether the lines stand in columns without common baselines: a white corridor with text at
/// the same height on both sides.
fn has_staggered_columns(inside: &[(&TextLine, Role)]) -> bool {
    let mut boxes: Vec<(Rect, f32)> = inside
        .iter()
        .map(|(line, _)| (line.bbox, line.size))
        .collect();
    boxes.sort_by(|a, b| a.0.x0.total_cmp(&b.0.x0));
    let mut left: Option<Rect> = None;
    let mut rest = boxes.as_slice();
    while let Some(((bbox, size), tail)) = rest.split_first() {
        if let Some(left) = left
            && bbox.x0 - left.x1 > CORRIDOR * size
            && let Some(right) = Rect::union_all(rest.iter().map(|(bbox, _)| *bbox))
        {
            return left.y_overlap(&right) > 0.5 * left.height().min(right.height());
        }
        left = Some(left.map_or(*bbox, |all| all.union(bbox)));
        rest = tail;
    }
    false
}

/// Whether running text goes on beyond the ends of the rules.
fn leaves(inside: &[(&TextLine, Role)], band: &Rect) -> bool {
    inside.iter().any(|(line, role)| {
        *role == Role::Prose && line.bbox.width() - line.bbox.x_overlap(band) > 2.0 * line.size
    })
}

/// A row: the words of all lines on one baseline, from left to right.
pub(super) struct Row {
    pub(super) bbox: Rect,
    size: f32,
    /// Horizontal extents of its cells.
    cells: Vec<(f32, f32)>,
}

impl Row {
    /// Whether it has more than one cell, a line's number not counted.
    fn has_cells(&self, lines: &[(&TextLine, Role)]) -> bool {
        let numbered = self.cells.first().is_some_and(|(x0, x1)| {
            lines.iter().any(|(line, _)| {
                line.bbox.y_overlap(&self.bbox) > 0.5 * line.bbox.height()
                    && (line.bbox.x0 - x0).abs() < 0.5
                    && line.bbox.x1 <= x1 + 0.5
                    && line.text.chars().all(|ch| ch.is_numeric())
            })
        });
        self.cells.len() > 1 + usize::from(numbered)
    }
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
    let is_next = |row: &Row, gap: f32, reach: f32| {
        row.cells.len() > 1
            && gap < reach * row.size
            && row.bbox.width() > 0.5 * bbox.width()
            && has_columns(std::slice::from_ref(row))
    };
    for row in rows.iter().filter(|row| row.bbox.y0 > bbox.y0) {
        if is_next(row, row.bbox.y0 - grown.y1, 1.3) {
            grown = grown.union(&row.bbox);
        }
    }
    for row in rows.iter().rev().filter(|row| row.bbox.y1 < bbox.y1) {
        if is_next(row, grown.y0 - row.bbox.y1, 0.7) {
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
fn unruled_table(
    caption: &TextLine,
    side: Side,
    found: &[Zone],
    text: &PageText<'_>,
) -> Option<Rect> {
    let column = text.caption_block(caption);
    let free = text.iter().filter(|(line, role)| {
        *role == Role::Free
            && line.direction == Direction::Right
            && !text.in_picture(line)
            && line.bbox.x_gap(&column) < 0.25 * text.line_width
    });
    let is_taken = |row: &Row| found.iter().any(|zone| zone.bbox.intersects(&row.bbox));
    let rows = rows(free.map(|(line, _)| line));
    // Rows of a table that is known end the run as running text would.
    let below = |start: f32| {
        let rows = rows.iter().filter(move |row| row.bbox.y0 > start - 1.0);
        run_of_rows(rows.take_while(|row| !is_taken(row)), start, text)
    };
    let above = rows
        .iter()
        .rev()
        .filter(|row| row.bbox.y1 < caption.bbox.y0 + 1.0)
        .take_while(|row| !is_taken(row));
    match side {
        Side::Above => run_of_rows(above, caption.bbox.y0, text),
        Side::Below => below(column.y1).or_else(|| below(note_end(&column, text)?)),
    }
}

/// The end of a note of a few lines between a caption and its table.
fn note_end(caption: &Rect, text: &PageText<'_>) -> Option<f32> {
    const MAX_LINES: usize = 4;
    let mut lines: Vec<&TextLine> = text
        .iter()
        .filter(|(line, role)| *role == Role::Prose && line.bbox.center_y() > caption.y1)
        .map(|(line, _)| line)
        .collect();
    lines.sort_by(|a, b| a.baseline.total_cmp(&b.baseline));
    let mut end = caption.y1;
    for line in lines.iter().take(MAX_LINES + 1) {
        if line.bbox.y0 - end > 1.5 * line.size {
            break;
        }
        end = line.bbox.y1;
    }
    let read = lines.iter().filter(|line| line.bbox.y1 <= end).count();
    (1..=MAX_LINES).contains(&read).then_some(end)
}

/// The rows that follow one another from a height on, as long as they have cells.
fn run_of_rows<'a>(
    rows: impl Iterator<Item = &'a Row>,
    start: f32,
    text: &PageText<'_>,
) -> Option<Rect> {
    let mut edge = start;
    let mut widest: Option<f32> = None;
    let mut taken: Vec<&Row> = Vec::new();
    for row in rows {
        let gap = (row.bbox.y0 - edge).max(edge - row.bbox.y1);
        let band = Rect::new(row.bbox.x0, edge, row.bbox.x1, row.bbox.center_y());
        let max_gap = match widest {
            _ if taken.is_empty() => 40.0,
            // A wider gap than all before ends the table.
            Some(widest) if taken.len() > 2 => (MAX_ROW_PITCH * row.size).min(1.6 * widest + 3.0),
            _ => MAX_ROW_PITCH * row.size,
        };
        if gap > max_gap || (row.cells.len() < 2 && taken.is_empty()) || text.has_prose_in(&band) {
            break;
        }
        if !taken.is_empty() {
            widest = Some(widest.map_or(gap, |w| w.max(gap)));
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
