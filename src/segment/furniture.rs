//! Running heads and feet, found by repetition: rows near the page's edges that stand at the same
//! height on many pages and repeat their words or count the pages; and the remarks "continued on
//! next page" where a page's end cuts a table or listing.

use std::collections::HashMap;

use crate::{geometry::Rect, mention::caption_label};

use super::lines::TextLine;

/// Rows within this share of the page's height from its top or bottom can be furniture.
const EDGE_SHARE: f32 = 0.14;
/// Rows whose heights agree within this many points count as one place.
const PLACE_PT: f32 = 3.0;
/// At least so many pages must agree; in shorter documents, all.
const MIN_PAGES: usize = 3;
/// The share of a place's rows that must repeat or count.
const MIN_SHARE: f32 = 0.5;
/// Where this share speaks, the others at the place are furniture too (the heads of pages on which
/// a chapter's title appears once).
const MIN_SILENT_SHARE: f32 = 0.75;
/// How far, in pages, a repetition is looked for: odd and even pages differ, chapters change.
const REACH: usize = 4;

/// Longer lines, in parts of the page's width, are no remarks that a page's end cuts something.
const MAX_REMARK_SHARE: f32 = 0.5;
/// Fewer letters are a word like any other, or none.
const MIN_REMARK_LETTERS: usize = 3;

/// What a line is to its page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Furniture {
    /// Part of the page's content.
    None,
    /// A running head.
    Header,
    /// A running foot.
    Footer,
}

/// The lines of one page with its size.
pub(super) struct PageLines<'l> {
    pub(super) page: Rect,
    pub(super) lines: &'l [TextLine],
}

/// A row near an edge, its digits masked.
struct EdgeRow {
    page: usize,
    line: usize,
    top: bool,
    y: f32,
    masked: String,
    numbers: Vec<i64>,
}

/// Tells for each line of each page whether it is furniture.
pub(super) fn furniture(pages: &[PageLines<'_>]) -> Vec<Vec<Furniture>> {
    let mut result: Vec<Vec<Furniture>> = pages
        .iter()
        .map(|page| vec![Furniture::None; page.lines.len()])
        .collect();
    let rows: Vec<EdgeRow> = pages
        .iter()
        .enumerate()
        .flat_map(|(index, page)| edge_rows(index, page))
        .collect();
    let offset = page_number_offset(&rows, pages.len());
    for place in places(&rows) {
        let speaking = speaking_pages(&place, offset, pages.len());
        let all = pages_of(&place).len();
        for row in place {
            let speaks = speaking.contains(&row.page);
            let share = speaking.len() as f32 / all as f32;
            if share < if speaks { MIN_SHARE } else { MIN_SILENT_SHARE } {
                continue;
            }
            mark(row, &mut result);
        }
    }
    mark_page_numbers(pages, &rows, offset, &mut result);
    mark_remarks(pages, &rows, &mut result);
    result
}

fn mark(row: &EdgeRow, result: &mut [Vec<Furniture>]) {
    let page = result.get_mut(row.page);
    if let Some(slot) = page.and_then(|lines| lines.get_mut(row.line)) {
        *slot = if row.top {
            Furniture::Header
        } else {
            Furniture::Footer
        };
    }
}

fn edge_rows(index: usize, page: &PageLines<'_>) -> Vec<EdgeRow> {
    let edge = EDGE_SHARE * page.page.height();
    page.lines
        .iter()
        .enumerate()
        .filter_map(|(line_index, line)| {
            let top = line.bbox.center_y() < edge;
            let bottom = line.bbox.center_y() > page.page.height() - edge;
            // "Table 1 (continued)" repeats at the head of each of its pages.
            let is_caption =
                caption_label(&line.text).is_some_and(|label| label.label.number.is_some());
            ((top || bottom) && !is_caption).then(|| EdgeRow {
                page: index,
                line: line_index,
                top,
                y: line.bbox.center_y(),
                masked: mask(&line.text),
                numbers: numbers(&line.text),
            })
        })
        .collect()
}

/// The text in lower case with each number as one `#`.
fn mask(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    for ch in text.chars() {
        if ch.is_numeric() {
            if !masked.ends_with('#') {
                masked.push('#');
            }
        } else {
            masked.extend(ch.to_lowercase());
        }
    }
    masked
}

/// The numbers at the start and end of a text, where page numbers stand; Roman ones too.
fn numbers(text: &str) -> Vec<i64> {
    let mut tokens = text
        .split(|ch: char| !ch.is_alphanumeric())
        .filter(|t| !t.is_empty());
    let first = tokens.next();
    let last = tokens.next_back();
    first
        .into_iter()
        .chain(last)
        .filter_map(|token| token.parse().ok().or_else(|| roman(token)))
        .collect()
}

/// The value of a lower- or upper-case Roman numeral up to 4,999.
fn roman(token: &str) -> Option<i64> {
    if token.len() > 12 {
        return None;
    }
    let mut total = 0;
    let mut before = 0;
    for ch in token.chars().rev() {
        let value = match ch.to_ascii_lowercase() {
            'i' => 1,
            'v' => 5,
            'x' => 10,
            'l' => 50,
            'c' => 100,
            'd' => 500,
            'm' => 1000,
            _ => return None,
        };
        total += if value < before { -value } else { value };
        before = before.max(value);
    }
    Some(total)
}

/// The most common difference between a number at an edge and the page's place in the file.
///
/// Documents of one or two pages cannot show a pattern: their numbers count from 1.
fn page_number_offset(rows: &[EdgeRow], pages: usize) -> Option<i64> {
    if pages < MIN_PAGES {
        return Some(1);
    }
    let mut counts: HashMap<i64, usize> = HashMap::new();
    for row in rows {
        for number in &row.numbers {
            *counts.entry(number - row.page as i64).or_default() += 1;
        }
    }
    counts
        .into_iter()
        .filter(|(_, count)| *count >= MIN_PAGES)
        .max_by_key(|(offset, count)| (*count, std::cmp::Reverse(offset.abs())))
        .map(|(offset, _)| offset)
}

/// Rows at the same edge and height, over all pages.
fn places(rows: &[EdgeRow]) -> Vec<Vec<&EdgeRow>> {
    let mut sorted: Vec<&EdgeRow> = rows.iter().collect();
    sorted.sort_by(|a, b| {
        (a.top.cmp(&b.top))
            .then(a.y.total_cmp(&b.y))
            .then(a.page.cmp(&b.page))
    });
    let mut places: Vec<Vec<&EdgeRow>> = Vec::new();
    for row in sorted {
        match places.last_mut() {
            Some(place)
                if place.last().is_some_and(|last| {
                    last.top == row.top && row.y - last.y <= PLACE_PT / 2.0
                }) && place
                    .first()
                    .is_some_and(|first| row.y - first.y <= 2.0 * PLACE_PT) =>
            {
                place.push(row);
            }
            _ => places.push(vec![row]),
        }
    }
    for place in &mut places {
        place.sort_by_key(|row| (row.page, row.line));
    }
    places
}

fn pages_of(place: &[&EdgeRow]) -> Vec<usize> {
    let mut pages: Vec<usize> = place.iter().map(|row| row.page).collect();
    pages.dedup();
    pages
}

/// The pages whose row at this place counts the pages or repeats another page's; none where the
/// place is too rare to tell.
fn speaking_pages(place: &[&EdgeRow], offset: Option<i64>, document_pages: usize) -> Vec<usize> {
    let pages = pages_of(place);
    if pages.len() < MIN_PAGES.min(document_pages.max(2)) {
        return Vec::new();
    }
    let counts = |row: &EdgeRow| {
        offset.is_some_and(|offset| row.numbers.iter().any(|n| n - row.page as i64 == offset))
    };
    // A page counts once, however many cells its row has.
    pages
        .into_iter()
        .filter(|page| {
            place
                .iter()
                .filter(|row| row.page == *page)
                .any(|row| counts(row) || repeats(row, place))
        })
        .collect()
}

/// Whether a page near by has the same words at this place.
fn repeats(row: &EdgeRow, place: &[&EdgeRow]) -> bool {
    let is_word = row.masked.chars().any(char::is_alphabetic);
    is_word
        && place.iter().any(|other| {
            other.page != row.page
                && other.page.abs_diff(row.page) <= REACH
                && other.masked == row.masked
        })
}

/// Lone page numbers on pages of their own layout (chapter openings).
fn mark_page_numbers(
    pages: &[PageLines<'_>],
    rows: &[EdgeRow],
    offset: Option<i64>,
    result: &mut [Vec<Furniture>],
) {
    let Some(offset) = offset else {
        return;
    };
    for row in rows {
        let alone = row.masked.chars().filter(|ch| ch.is_alphanumeric()).count() == 0
            && row.masked.contains('#');
        let is_number = row.numbers.iter().any(|n| n - row.page as i64 == offset);
        let is_outermost = pages.get(row.page).is_some_and(|page| {
            page.lines.iter().all(|line| {
                let y = line.bbox.center_y();
                if row.top {
                    y >= row.y - PLACE_PT
                } else {
                    y <= row.y + PLACE_PT
                }
            })
        });
        if alone && is_number && is_outermost {
            mark(row, result);
        }
    }
}

/// Remarks that a page's end cuts a table or listing: lines of their own at the edge of the text on
/// several pages, at any height, and nowhere else in the document, as headings and program text are.
fn mark_remarks(pages: &[PageLines<'_>], rows: &[EdgeRow], result: &mut [Vec<Furniture>]) {
    let mut places: HashMap<(bool, &str), Vec<&EdgeRow>> = HashMap::new();
    for row in rows {
        if let (Some(page), Some(marked)) = (pages.get(row.page), result.get(row.page))
            && let Some(line) = page.lines.get(row.line)
            && is_remark_like(line, row, page)
            && is_outermost_text(line, row, page, marked)
        {
            let place = (row.top, line.text.as_str());
            places.entry(place).or_default().push(row);
        }
    }
    places.retain(|_, rows| rows.len() >= MIN_PAGES);
    let mut occurrences: HashMap<&str, usize> = HashMap::new();
    for line in pages.iter().flat_map(|page| page.lines) {
        *occurrences.entry(&line.text).or_default() += 1;
    }
    for ((_, text), rows) in places {
        if occurrences.get(text) == Some(&rows.len()) {
            rows.into_iter().for_each(|row| mark(row, result));
        }
    }
}

/// A short line of words, no larger or bolder than most of its page. With a number it is rather a
/// footnote, a heading or a row of a table.
fn is_remark_like(line: &TextLine, row: &EdgeRow, page: &PageLines<'_>) -> bool {
    let letters = row.masked.chars().filter(|ch| ch.is_alphabetic()).count();
    let smaller = |other: &&TextLine| other.size < 0.99 * line.size;
    letters >= MIN_REMARK_LETTERS
        && !row.masked.contains('#')
        && !line.bold
        && line.bbox.width() < MAX_REMARK_SHARE * page.page.width()
        && page.lines.iter().filter(smaller).count() * 2 <= page.lines.len()
}

/// Whether no other text stands beside a line or between it and the page's edge, and the text next
/// to it is set in another way: the last line of a paragraph is no remark.
fn is_outermost_text(
    line: &TextLine,
    row: &EdgeRow,
    page: &PageLines<'_>,
    marked: &[Furniture],
) -> bool {
    let others = page.lines.iter().zip(marked).enumerate();
    let others =
        others.filter(|(index, (_, kind))| *index != row.line && **kind == Furniture::None);
    // How far each stands from the line, towards the middle of the page.
    let inwards = others.map(|(_, (other, _))| {
        let step = other.bbox.center_y() - row.y;
        (if row.top { step } else { -step }, other)
    });
    let nearest = inwards.min_by(|(a, _), (b, _)| a.total_cmp(b));
    nearest.is_some_and(|(step, other)| step > PLACE_PT && !is_set_alike(line, other))
}

fn is_set_alike(a: &TextLine, b: &TextLine) -> bool {
    let aligned = |x: f32, y: f32| (x - y).abs() < 0.5 * a.size;
    (a.size - b.size).abs() < 0.04 * a.size
        && a.italic == b.italic
        && (aligned(a.bbox.x0, b.bbox.x0) || aligned(a.bbox.x1, b.bbox.x1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_and_numbers() {
        assert_eq!(mask("2.5 Suporte 25"), "#.# suporte #");
        assert_eq!(numbers("iv Contents"), vec![4]);
        assert_eq!(numbers("2.5 Suporte 25"), vec![2, 25]);
        assert_eq!(roman("xlii"), Some(42));
        assert_eq!(roman("text"), None);
    }

    /// A page of prose with a line of its own text at its foot, `x` points from the left.
    fn page(index: usize, last: &str, x: f32) -> Vec<TextLine> {
        let prose = (0..50_u8).map(|row| {
            let y = 60.0 + 12.0 * f32::from(row);
            // Text without numbers, that no other row or page has.
            let text = format!("words {}{}", "of ".repeat(index), "a".repeat(row.into()));
            TextLine::sample(&text, Rect::new(60.0, y, 500.0, y + 10.0))
        });
        // No two feet are equally high.
        let y = 672.0 + 12.0 * index as f32;
        let foot = TextLine::sample(last, Rect::new(x, y, x + 90.0, y + 10.0));
        prose.chain([foot]).collect()
    }

    /// How many lines are furniture, by page.
    fn marked(pages: &[Vec<TextLine>]) -> Vec<usize> {
        let lines: Vec<PageLines<'_>> = pages
            .iter()
            .map(|lines| PageLines {
                page: Rect::new(0.0, 0.0, 560.0, 780.0),
                lines,
            })
            .collect();
        let found = furniture(&lines);
        let count = |page: &Vec<Furniture>| page.iter().filter(|f| **f != Furniture::None).count();
        found.iter().map(count).collect()
    }

    #[test]
    fn remarks_that_a_page_cuts_something_are_found_at_any_height() {
        let text = "fortgesetzt auf der nächsten Seite";
        let mut pages: Vec<Vec<TextLine>> = (0..4).map(|i| page(i, text, 380.0)).collect();
        assert_eq!(marked(&pages), [1, 1, 1, 1]);
        assert_eq!(marked(&pages[..2]), [0, 0], "two pages are too few");
        // A heading stands at the foot of pages by chance.
        if let Some(line) = pages.get_mut(3).and_then(|lines| lines.get_mut(20)) {
            text.clone_into(&mut line.text);
        }
        assert_eq!(marked(&pages), [0, 0, 0, 0]);
    }

    #[test]
    fn the_last_line_of_a_paragraph_and_a_note_are_no_remarks() {
        let ends: Vec<Vec<TextLine>> = (0..4).map(|i| page(i, "on the way.", 60.0)).collect();
        assert_eq!(marked(&ends), [0, 0, 0, 0]);
        let notes: Vec<Vec<TextLine>> = (0..4).map(|i| page(i, "¹See the way", 380.0)).collect();
        assert_eq!(marked(&notes), [0, 0, 0, 0]);
    }
}
