//! Links that are no gold though they lead to a float: entries of lists of figures, links in
//! captions and in table cells.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use super::{
    gold::{GoldPage, GoldPages},
    lines::neighbour,
};
use crate::{geometry::PageIndex, mention::caption_label};

/// As many dots in a row lead to a page number.
const MIN_LEADERS: usize = 4;
/// As many list entries make a page a list.
const MIN_ENTRIES: usize = 3;
/// A row with as many cells is a table's.
const MIN_CELLS: usize = 3;
/// Longest caption that is followed upwards, in lines.
const MAX_CAPTION_LINES: usize = 15;

/// The pages on which links stand in rows that end with a page number: lists of figures and
/// tables, contents, indexes.
pub(super) fn list_pages(
    pages: &GoldPages,
    links: impl Iterator<Item = (PageIndex, usize)>,
) -> BTreeSet<PageIndex> {
    let mut rows: BTreeMap<PageIndex, BTreeSet<usize>> = BTreeMap::new();
    for (index, at) in links {
        let Some(page) = pages.get(index) else {
            continue;
        };
        if is_list_row(page, at)
            && let Some(line) = page.lines.get(at)
        {
            rows.entry(index).or_default().insert(line.row);
        }
    }
    rows.retain(|_, rows| rows.len() >= MIN_ENTRIES);
    rows.into_keys().collect()
}

/// Whether the row of a line has leaders, or a page number apart at its end.
pub(super) fn is_list_row(page: &GoldPage, at: usize) -> bool {
    let Some(line) = page.lines.get(at) else {
        return false;
    };
    let row: Vec<&str> = page
        .lines
        .iter()
        .filter(|other| other.row == line.row)
        .map(|other| other.text.as_str())
        .collect();
    row.iter().any(|text| has_leaders(text))
        || (row.len() == 2 && row.last().is_some_and(|last| is_page_number(last)))
}

/// Whether a link's words are one name with a number inside, of a function or class ("Plot3D").
pub(super) fn is_identifier(text: &str) -> bool {
    let number = text.find(|c: char| c.is_ascii_digit());
    let after = number
        .and_then(|at| text.get(at..))
        .map(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit()));
    text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && after.is_some_and(|rest| rest.len() > 1 || rest.starts_with(|c: char| !c.is_lowercase()))
}

fn has_leaders(text: &str) -> bool {
    let mut dots = 0;
    for ch in text.chars() {
        match ch {
            '.' | '\u{b7}' | '\u{2024}' | '\u{2026}' => dots += 1,
            ' ' => {}
            _ => dots = 0,
        }
        if dots >= MIN_LEADERS {
            return true;
        }
    }
    false
}

fn is_page_number(text: &str) -> bool {
    text.len() <= 6
        && (text.chars().all(|c| c.is_ascii_digit()) || text.chars().all(|c| "ivxlc".contains(c)))
}

/// Whether a line is one cell of several in its row.
pub(super) fn is_table_row(page: &GoldPage, at: usize) -> bool {
    page.lines.get(at).is_some_and(|line| {
        page.lines
            .iter()
            .filter(|other| other.row == line.row)
            .count()
            >= MIN_CELLS
    })
}

/// Whether a link stands in a caption: the block of lines above it, itself included, begins with
/// a label that is not the link itself, or with one that goes on ("Table 3 (continued)").
pub(super) fn is_inside_caption(page: &GoldPage, at: usize, link: &Range<usize>) -> bool {
    let mut at = at;
    let mut own_line = true;
    for _ in 0..MAX_CAPTION_LINES {
        let Some(line) = page.lines.get(at) else {
            return false;
        };
        if let Some(label) = caption_label(&line.text)
            && (label.delimited || label.continued)
            && (label.continued || !own_line || link.start >= label.span.end)
        {
            return true;
        }
        let Some(above) = neighbour(&page.lines, at, -1) else {
            return false;
        };
        let Some(next) = page.lines.get(above) else {
            return false;
        };
        // Captions are set tight and in one size; a looser or larger line above is other text.
        let pitch = line.bbox.y1 - next.bbox.y1;
        if pitch > 1.5 * line.size || (next.size - line.size).abs() > 0.1 * line.size {
            return false;
        }
        at = above;
        own_line = false;
    }
    false
}
