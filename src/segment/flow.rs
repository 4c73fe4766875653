//! From the lines of each page to one flow of lines through the document: furniture marked, table
//! cells gathered, text inside figures left out, the rest in reading order.

use rayon::prelude::*;

use crate::{
    geometry::{PageIndex, Rect},
    mention::caption_label,
    pdf::{Direction, Document, Page},
};

use super::{
    build::has_colon,
    displays::take_displays,
    furniture::{Furniture, PageLines, furniture},
    lines::{TextLine, text_lines},
    order::reading_order,
    script::{is_cjk, is_rtl},
    zones::{Zone, ZoneKind, zones},
};

/// Parts of a row further apart than this, in em, are not joined: they are columns.
const MAX_ROW_GAP_EM: f32 = 40.0;
/// Parts of a row drawn further apart than this are not one line: a margin note beside the text.
const MAX_ORDER_GAP: u32 = 6;
/// Margin notes have at most so many lines.
const MAX_ASIDE_LINES: usize = 12;
/// A marker, number or page number is at most so many characters.
const MAX_MARKER_CHARS: usize = 12;

/// What a line is to the flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Text,
    Header,
    Footer,
    /// Inside the page's table zone of this number.
    Table(u16),
    /// A displayed formula.
    Formula,
}

/// A line in the flow.
#[derive(Debug, Clone)]
pub(super) struct FlowLine {
    pub(super) page: PageIndex,
    pub(super) role: Role,
    pub(super) bbox: Rect,
    pub(super) baseline: f32,
    pub(super) size: f32,
    pub(super) text: String,
    pub(super) style: Style,
    pub(super) upright: bool,
    /// Written from right to left.
    pub(super) rtl: bool,
    /// Drawing order on its page.
    pub(super) order: u32,
    /// Width of the first word: what would have had to fit on the line before.
    pub(super) first_word: f32,
    /// Left and right edge of the column that the line stands in.
    pub(super) column: (f32, f32),
    /// Whether a figure or table zone of the page touches the line's surroundings.
    pub(super) beside_zone: bool,
}

impl FlowLine {
    /// Where the line begins, growing in the direction of reading.
    pub(super) fn start(&self) -> f32 {
        if self.rtl {
            -self.bbox.x1
        } else {
            self.bbox.x0
        }
    }

    /// How far the line begins behind its column's edge.
    pub(super) fn indent(&self) -> f32 {
        if self.rtl {
            self.column.1 - self.bbox.x1
        } else {
            self.bbox.x0 - self.column.0
        }
    }

    /// How far the line ends before its column's edge.
    pub(super) fn room(&self) -> f32 {
        if self.rtl {
            self.bbox.x0 - self.column.0
        } else {
            self.column.1 - self.bbox.x1
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Style {
    pub(super) bold: bool,
    /// The first word is bold.
    pub(super) lead_bold: bool,
    pub(super) italic: bool,
    pub(super) monospace: bool,
    pub(super) math: bool,
}

/// A page on the way.
struct Draft {
    index: PageIndex,
    bbox: Rect,
    lines: Vec<TextLine>,
    first_words: Vec<f32>,
    zones: Vec<Zone>,
}

/// All lines of the document in reading order, page by page.
pub(super) fn flow(document: &Document) -> Vec<Vec<FlowLine>> {
    let drafts: Vec<Draft> = document
        .pages
        .par_iter()
        .map(|page| draft(document, page))
        .collect();
    let pages: Vec<PageLines<'_>> = drafts
        .iter()
        .map(|draft| PageLines {
            page: draft.bbox,
            lines: &draft.lines,
        })
        .collect();
    let furniture = furniture(&pages);
    drafts
        .into_par_iter()
        .zip(furniture)
        .map(|(draft, furniture)| page_flow(draft, &furniture))
        .collect()
}

fn draft(document: &Document, page: &Page) -> Draft {
    let mut lines = text_lines(document, page);
    let zones = zones(page, &lines);
    let first_words = lines.iter().map(first_word_width).collect();
    // Words have done their part; 1,000 pages of them would weigh more than the text.
    for line in &mut lines {
        line.words = Vec::new();
    }
    Draft {
        index: page.index,
        bbox: page.bbox(),
        lines,
        first_words,
        zones,
    }
}

fn first_word_width(line: &TextLine) -> f32 {
    if line.text.chars().next().is_some_and(is_cjk) {
        return line.size;
    }
    line.words.first().map_or(0.0, |word| word.bbox.width())
}

fn page_flow(draft: Draft, furniture: &[Furniture]) -> Vec<FlowLine> {
    let mut headers = Vec::new();
    let mut footers = Vec::new();
    let mut tables: Vec<(u16, FlowLine)> = Vec::new();
    let mut kept: Vec<(TextLine, f32)> = Vec::new();
    let Draft {
        index,
        bbox: _,
        lines,
        first_words,
        zones,
    } = draft;
    for ((line, first_word), furniture) in lines.into_iter().zip(first_words).zip(furniture) {
        let make = |role, line: TextLine| flow_line(index, role, line, first_word);
        match (*furniture, holder(&zones, &line)) {
            (Furniture::Header, _) => headers.push(make(Role::Header, line)),
            (Furniture::Footer, _) => footers.push(make(Role::Footer, line)),
            (Furniture::None, Some((_, ZoneKind::Figure))) => {}
            (Furniture::None, Some((zone, ZoneKind::Table))) => {
                tables.push((zone, make(Role::Table(zone), line)));
            }
            (Furniture::None, _) => kept.push((line, first_word)),
        }
    }
    let displays = take_displays(&mut kept);
    let with_role = |role| move |(line, first_word)| (role, line, first_word);
    let kept: Vec<(Role, TextLine, f32)> = (kept.into_iter().map(with_role(Role::Text)))
        .chain(displays.into_iter().map(with_role(Role::Formula)))
        .collect();
    let order = {
        let lines: Vec<TextLine> = kept.iter().map(|(_, line, _)| line.clone()).collect();
        reading_order(&lines)
    };
    let mut slots: Vec<Option<(Role, TextLine, f32)>> = kept.into_iter().map(Some).collect();
    let ordered = order
        .into_iter()
        .filter_map(|i| slots.get_mut(i)?.take())
        .map(|(role, line, first_word)| flow_line(index, role, line, first_word));
    let mut text = defer_asides(join_rows(ordered.collect()));
    set_columns(&mut text);
    for line in &mut text {
        let around = line.bbox.inflate(2.5 * line.size);
        line.beside_zone = zones
            .iter()
            .any(|zone| zone.kind != ZoneKind::Rule && zone.bbox.intersects(&around));
    }
    sort_rows(&mut headers);
    sort_rows(&mut footers);
    let body = insert_tables(text, tables);
    headers.into_iter().chain(body).chain(footers).collect()
}

/// The figure or table zone that holds the line's middle.
fn holder(zones: &[Zone], line: &TextLine) -> Option<(u16, ZoneKind)> {
    zones
        .iter()
        .enumerate()
        .filter(|(_, zone)| matches!(zone.kind, ZoneKind::Figure | ZoneKind::Table))
        .find(|(_, zone)| zone.bbox.contains(line.bbox.center()))
        .filter(|_| !is_caption_line(line))
        .and_then(|(i, zone)| Some((u16::try_from(i).ok()?, zone.kind)))
}

/// A label inside a zone's box is its caption's, not one of its cells.
pub(super) fn is_caption_line(line: &TextLine) -> bool {
    line.direction == Direction::Right
        && caption_label(&line.text)
            .is_some_and(|label| label.label.number.is_some() && !label.sentence_like)
}

fn flow_line(page: PageIndex, role: Role, line: TextLine, first_word: f32) -> FlowLine {
    FlowLine {
        page,
        role,
        baseline: line.baseline,
        size: line.size,
        style: Style {
            bold: line.bold,
            lead_bold: line.lead_bold,
            italic: line.italic,
            monospace: line.monospace,
            math: line.math,
        },
        upright: line.direction == Direction::Right,
        rtl: line.text.chars().filter(|ch| is_rtl(*ch)).count() * 2
            > line
                .text
                .chars()
                .filter(|ch| ch.is_alphabetic())
                .count()
                .max(1),
        order: line.order,
        first_word,
        column: (line.bbox.x0, line.bbox.x1),
        beside_zone: false,
        bbox: line.bbox,
        text: line.text,
    }
}

fn sort_rows(lines: &mut [FlowLine]) {
    lines.sort_by(|a, b| {
        a.baseline
            .total_cmp(&b.baseline)
            .then(a.bbox.x0.total_cmp(&b.bbox.x0))
    });
}

/// Joins the parts of one row that follow each other: a section number and its title, a list
/// marker and its item, a formula and its number, a title and its page in a table of contents.
fn join_rows(lines: Vec<FlowLine>) -> Vec<FlowLine> {
    let mut joined: Vec<FlowLine> = Vec::with_capacity(lines.len());
    for line in lines {
        match joined.last_mut() {
            Some(last) if is_same_row(last, &line) => {
                last.text.push(' ');
                last.text.push_str(&line.text);
                last.bbox = last.bbox.union(&line.bbox);
                if line.text.chars().count() > last.text.chars().count() / 2 {
                    last.style = line.style;
                    last.size = line.size;
                }
            }
            _ => joined.push(line),
        }
    }
    joined
}

fn is_same_row(a: &FlowLine, b: &FlowLine) -> bool {
    let size = a.size.max(b.size);
    let gap = b.bbox.x0 - a.bbox.x1;
    let is_short = |line: &FlowLine| line.text.chars().count() <= MAX_MARKER_CHARS;
    [a, b]
        .iter()
        .all(|line| line.upright && line.role == Role::Text)
        && (a.baseline - b.baseline).abs() < 0.25 * size
        && gap > -0.5 * size
        && gap < MAX_ROW_GAP_EM * size
        && !has_colon(&b.text)
        && (is_short(a)
            || is_short(b)
            || gap < 4.0 * size
                && (a.size - b.size).abs() < 0.05 * size
                && a.order.abs_diff(b.order) <= MAX_ORDER_GAP)
}

/// Notes in the margin are drawn where they are mentioned, between two lines of the text; they are
/// read after the page's text.
fn defer_asides(lines: Vec<FlowLine>) -> Vec<FlowLine> {
    let mut text: Vec<FlowLine> = Vec::with_capacity(lines.len());
    let mut asides = Vec::new();
    let mut rest = lines.into_iter();
    let mut ahead: std::collections::VecDeque<FlowLine> = std::collections::VecDeque::new();
    loop {
        while ahead.len() < MAX_ASIDE_LINES {
            match rest.next() {
                Some(line) => ahead.push_back(line),
                None => break,
            }
        }
        let Some(line) = ahead.pop_front() else {
            break;
        };
        let is_aside = line.role == Role::Text
            && text.last().is_some_and(|last| {
                line.bbox.x_overlap(&last.bbox) <= 0.0
                    && (line.size - last.size).abs() > 0.05 * last.size
                    && ahead.iter().any(|later| is_next_line(last, later))
            });
        if is_aside {
            asides.push(line);
        } else {
            text.push(line);
        }
    }
    text.extend(asides);
    text
}

/// Whether `later` stands where the line after `last` is expected.
fn is_next_line(last: &FlowLine, later: &FlowLine) -> bool {
    let step = later.baseline - last.baseline;
    later.bbox.x_overlap(&last.bbox) > 0.0
        && (later.size - last.size).abs() < 0.05 * last.size
        && step > 0.5 * last.size
        && step < 2.2 * last.size
}

/// Gives each line the extent of its column: the text around it that is not interrupted by a step
/// to the side.
fn set_columns(lines: &mut [FlowLine]) {
    let mut start = 0;
    while start < lines.len() {
        let mut end = start + 1;
        while let (Some(a), Some(b)) = (lines.get(end - 1), lines.get(end)) {
            if !continues_column(a, b) {
                break;
            }
            end += 1;
        }
        let stretch = lines.get_mut(start..end).unwrap_or(&mut []);
        let column = column_of(stretch);
        for line in stretch {
            line.column = (column.0.min(line.bbox.x0), column.1.max(line.bbox.x1));
        }
        start = end;
    }
}

fn continues_column(a: &FlowLine, b: &FlowLine) -> bool {
    b.bbox.center_y() > a.bbox.center_y() && a.bbox.x_overlap(&b.bbox) > 0.0
}

/// Edges that most lines reach: the outermost ones shared by a tenth of the lines, or the
/// outermost of all.
fn column_of(lines: &[FlowLine]) -> (f32, f32) {
    // Displays stand in the middle.
    let text = || lines.iter().filter(|line| line.role != Role::Formula);
    let mut left: Vec<f32> = text().map(|line| line.bbox.x0).collect();
    let mut right: Vec<f32> = text().map(|line| -line.bbox.x1).collect();
    (edge(&mut left), -edge(&mut right))
}

fn edge(values: &mut [f32]) -> f32 {
    values.sort_by(f32::total_cmp);
    let least = (values.len() / 10).max(2).min(values.len());
    values
        .windows(least.max(1))
        .find(|window| match (window.first(), window.last()) {
            (Some(first), Some(last)) => last - first < 1.5,
            _ => false,
        })
        .and_then(|window| window.first())
        .or(values.first())
        .copied()
        .unwrap_or(f32::INFINITY)
}

/// Puts each table's cells, row by row, where the table stands between the lines.
fn insert_tables(text: Vec<FlowLine>, mut tables: Vec<(u16, FlowLine)>) -> Vec<FlowLine> {
    if tables.is_empty() {
        return text;
    }
    tables.sort_by(|(a, x), (b, y)| {
        a.cmp(b)
            .then(x.baseline.total_cmp(&y.baseline))
            .then(x.bbox.x0.total_cmp(&y.bbox.x0))
    });
    let mut result: Vec<FlowLine> = text;
    while let Some(zone) = tables.first().map(|(zone, _)| *zone) {
        let cells: Vec<FlowLine> = tables
            .extract_if(.., |(z, _)| *z == zone)
            .map(|(_, line)| line)
            .collect();
        let top = cells
            .iter()
            .map(|cell| cell.baseline)
            .fold(f32::INFINITY, f32::min);
        let bbox = Rect::union_all(cells.iter().map(|cell| cell.bbox)).unwrap_or_default();
        // After the last line above it in the same column.
        let place = result
            .iter()
            .rposition(|line| {
                line.role == Role::Text && line.baseline < top && line.bbox.x_overlap(&bbox) > 0.0
            })
            .map_or(0, |i| i + 1);
        result.splice(place..place, cells);
    }
    result
}
