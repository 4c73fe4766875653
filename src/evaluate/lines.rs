//! Lines of a page's text, made from its glyphs alone.
//!
//! The gold must not inherit the mistakes of the stages that it measures, so it has its own, much
//! simpler, reading of a page: glyphs on one baseline are a row, wide gaps cut it into lines.

use crate::{
    geometry::Rect,
    pdf::{Direction, Page},
};

/// Glyphs belong to one row when their baselines differ by less than this many sizes.
const ROW_TOLERANCE: f32 = 0.35;
/// A gap of this many sizes is a word space.
const WORD_GAP: f32 = 0.16;
/// A gap of this many sizes is no word space any more but a gutter between columns or cells.
const LINE_GAP: f32 = 1.15;
/// The same character again within this many points is drawn twice for boldness.
const DOUBLE_STRIKE: f32 = 0.3;

/// A line of text, or the part of one that lies in one column or cell.
#[derive(Debug, Clone)]
pub(super) struct TextLine {
    /// Its text, with single spaces between words.
    pub(super) text: String,
    /// Its box.
    pub(super) bbox: Rect,
    /// Largest font size in it.
    pub(super) size: f32,
    /// Which row of the page it stands in, from the top.
    pub(super) row: usize,
    /// The glyphs other than white space: byte offset in `text` and box.
    pub(super) glyphs: Vec<(usize, Rect)>,
}

struct Placed {
    ch: char,
    bbox: Rect,
    baseline: f32,
    size: f32,
    after_space: bool,
}

/// The lines of a page from top to bottom, from left to right within a row. Only upright text.
pub(super) fn page_lines(page: &Page) -> Vec<TextLine> {
    let mut glyphs = upright_glyphs(page);
    glyphs.sort_by(|a, b| a.baseline.total_cmp(&b.baseline));
    let mut lines = Vec::new();
    let mut row: Vec<Placed> = Vec::new();
    let mut rows = 0;
    for glyph in glyphs {
        let starts_row = row.first().is_some_and(|first| {
            glyph.baseline - first.baseline > ROW_TOLERANCE * first.size.max(glyph.size)
        });
        if starts_row {
            cut_row(std::mem::take(&mut row), rows, &mut lines);
            rows += 1;
        }
        row.push(glyph);
    }
    cut_row(row, rows, &mut lines);
    lines
}

fn upright_glyphs(page: &Page) -> Vec<Placed> {
    let mut glyphs = Vec::new();
    for run in &page.runs {
        if run.direction != Direction::Right {
            continue;
        }
        let mut after_space = false;
        for glyph in page.run_glyphs(run) {
            if glyph.ch.is_whitespace() {
                after_space = true;
                continue;
            }
            glyphs.push(Placed {
                ch: glyph.ch,
                bbox: page.glyph_box(run, glyph),
                baseline: run.baseline,
                size: run.size,
                after_space,
            });
            after_space = false;
        }
    }
    glyphs
}

fn cut_row(mut row: Vec<Placed>, at: usize, lines: &mut Vec<TextLine>) {
    row.sort_by(|a, b| a.bbox.x0.total_cmp(&b.bbox.x0));
    row.dedup_by(|b, a| a.ch == b.ch && (a.bbox.x0 - b.bbox.x0).abs() < DOUBLE_STRIKE);
    let mut line: Option<TextLine> = None;
    let mut end = 0.0;
    for glyph in row {
        let gap = glyph.bbox.x0 - end;
        let size = line.as_ref().map_or(glyph.size, |l| l.size.max(glyph.size));
        if gap > LINE_GAP * size {
            lines.extend(line.take());
        }
        end = glyph.bbox.x1;
        let line = line.get_or_insert_with(|| TextLine {
            text: String::new(),
            bbox: glyph.bbox,
            size: 0.0,
            row: at,
            glyphs: Vec::new(),
        });
        if !line.text.is_empty() && (glyph.after_space || gap > WORD_GAP * size) {
            line.text.push(' ');
        }
        line.glyphs.push((line.text.len(), glyph.bbox));
        line.text.push(glyph.ch);
        line.bbox = line.bbox.union(&glyph.bbox);
        line.size = line.size.max(glyph.size);
    }
    lines.extend(line);
}

/// The line of the same column right above (`step` -1) or below (`step` 1) line `at`, when it is
/// set as close as lines of one paragraph are.
pub(super) fn neighbour(lines: &[TextLine], at: usize, step: i32) -> Option<usize> {
    /// Lines of one paragraph are at most this many sizes apart, double spacing included.
    const MAX_PITCH: f32 = 2.6;
    let line = lines.get(at)?;
    let distance = |other: &TextLine| (other.bbox.y1 - line.bbox.y1) * step as f32;
    lines
        .iter()
        .enumerate()
        .filter(|(_, other)| other.row != line.row && line.bbox.x_overlap(&other.bbox) > 0.0)
        .filter(|(_, other)| (0.0..MAX_PITCH * line.size).contains(&distance(other)))
        .min_by(|(_, a), (_, b)| distance(a).total_cmp(&distance(b)))
        .map(|(index, _)| index)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pdf::test_page::page;

    fn texts(lines: &[TextLine]) -> Vec<&str> {
        lines.iter().map(|line| line.text.as_str()).collect()
    }

    #[test]
    fn rows_words_and_columns() {
        let page = page(&[
            (50.0, 100.0, "left column"),
            (300.0, 101.0, "right column"),
            (50.0, 112.0, "second"),
        ]);
        let lines = page_lines(&page);
        assert_eq!(texts(&lines), ["left column", "right column", "second"]);
        assert_eq!(lines[0].row, lines[1].row);
        assert_eq!(neighbour(&lines, 2, -1), Some(0));
        assert_eq!(neighbour(&lines, 0, 1), Some(2));
        assert_eq!(neighbour(&lines, 1, 1), None);
    }

    #[test]
    fn glyphs_know_their_place_in_the_text() {
        let page = page(&[(50.0, 100.0, "é 3")]);
        let lines = page_lines(&page);
        let offsets: Vec<usize> = lines[0].glyphs.iter().map(|(offset, _)| *offset).collect();
        assert_eq!(offsets, [0, 3]);
    }

    #[test]
    fn text_struck_twice_counts_once() {
        let page = page(&[(50.0, 100.0, "bold"), (50.1, 100.0, "bold")]);
        assert_eq!(texts(&page_lines(&page)), ["bold"]);
    }
}
