//! Reading order of a page's lines.
//!
//! Most producers draw text in reading order: down a column, then from the top of the next. Where
//! the drawing order looks like that it is taken, since it also knows what geometry cannot tell
//! (margin notes, label columns, wrapped floats). Otherwise columns are found by their gutters.

use crate::geometry::Rect;

use super::lines::TextLine;

/// A step in drawing order that goes neither down nor to another column is an exception; up to
/// this share of exceptions the drawing order is trusted.
const MAX_EXCEPTIONS: f32 = 0.06;
/// A gutter is at least this wide, in em.
const MIN_GUTTER_EM: f32 = 0.9;
/// Each side of a gutter has at least so many lines.
const MIN_COLUMN_LINES: usize = 3;
/// A column is at least this share of the region's width.
const MIN_COLUMN_SHARE: f32 = 0.12;
/// Columns within columns, no deeper than this.
const MAX_DEPTH: usize = 4;

/// Indices of `lines` in reading order.
pub(super) fn reading_order(lines: &[TextLine]) -> Vec<usize> {
    let mut drawn: Vec<usize> = (0..lines.len()).collect();
    drawn.sort_by_key(|i| lines.get(*i).map_or((0, 0), |line| (line.order, *i)));
    let drawn = rows_left_to_right(lines, drawn);
    if exceptions(lines, &drawn) <= allowed(lines.len()) {
        return drawn;
    }
    let mut sorted: Vec<usize> = (0..lines.len()).collect();
    sort_by_rows(lines, &mut sorted);
    by_columns(lines, sorted, MAX_DEPTH)
}

fn allowed(lines: usize) -> usize {
    ((MAX_EXCEPTIONS * lines as f32) as usize).max(1)
}

/// Steps of an order that lead neither down nor to the top of another column.
fn exceptions(lines: &[TextLine], order: &[usize]) -> usize {
    order
        .windows(2)
        .filter(|pair| match pair {
            [a, b] => match (lines.get(*a), lines.get(*b)) {
                (Some(a), Some(b)) => is_exception(&a.bbox, &b.bbox),
                _ => false,
            },
            _ => false,
        })
        .count()
}

fn is_exception(from: &Rect, to: &Rect) -> bool {
    let goes_down = to.center_y() > from.center_y() - 0.5 * from.height();
    let goes_right = to.x0 > from.center_x() && to.x0 > from.x0;
    !goes_down && !goes_right
}

/// Within a drawing order, puts the parts of one row side by side.
fn rows_left_to_right(lines: &[TextLine], mut order: Vec<usize>) -> Vec<usize> {
    let row_of = |i: &usize| lines.get(*i).map_or((0.0, 0.0), |l| (l.baseline, l.size));
    let mut start = 0;
    while start < order.len() {
        let mut end = start + 1;
        let (base, size) = order.get(start).map_or((0.0, 0.0), row_of);
        while order
            .get(end)
            .is_some_and(|i| (row_of(i).0 - base).abs() < 0.2 * size)
        {
            end += 1;
        }
        if let Some(row) = order.get_mut(start..end) {
            row.sort_by(|a, b| x0(lines, *a).total_cmp(&x0(lines, *b)));
        }
        start = end;
    }
    order
}

fn x0(lines: &[TextLine], index: usize) -> f32 {
    lines.get(index).map_or(0.0, |line| line.bbox.x0)
}

/// Top to bottom, rows left to right.
fn sort_by_rows(lines: &[TextLine], order: &mut Vec<usize>) {
    order.sort_by(|a, b| {
        let y = |i: &usize| lines.get(*i).map_or(0.0, |line| line.baseline);
        y(a).total_cmp(&y(b))
    });
    *order = rows_left_to_right(lines, std::mem::take(order));
}

/// Orders a region: where a gutter divides it, the stretches between the lines that cross the
/// gutter are read column by column.
fn by_columns(lines: &[TextLine], order: Vec<usize>, depth: usize) -> Vec<usize> {
    let Some(gutter) = (depth > 0).then(|| find_gutter(lines, &order)).flatten() else {
        return order;
    };
    let mut result = Vec::with_capacity(order.len());
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for index in order {
        let Some(line) = lines.get(index) else {
            continue;
        };
        if line.bbox.x1 <= gutter {
            left.push(index);
        } else if line.bbox.x0 >= gutter {
            right.push(index);
        } else {
            result.extend(by_columns(lines, std::mem::take(&mut left), depth - 1));
            result.extend(by_columns(lines, std::mem::take(&mut right), depth - 1));
            result.push(index);
        }
    }
    result.extend(by_columns(lines, left, depth - 1));
    result.extend(by_columns(lines, right, depth - 1));
    result
}

/// The middle of the best gutter: an upright strip that few lines cross, with columns of lines on
/// both sides.
fn find_gutter(lines: &[TextLine], order: &[usize]) -> Option<f32> {
    let boxes: Vec<&TextLine> = order.iter().filter_map(|i| lines.get(*i)).collect();
    let all = Rect::union_all(boxes.iter().map(|line| line.bbox))?;
    if boxes.len() < 2 * MIN_COLUMN_LINES {
        return None;
    }
    let min_width = MIN_COLUMN_SHARE * all.width();
    // Candidate gutters end where some line begins.
    let mut starts: Vec<f32> = boxes.iter().map(|line| line.bbox.x0).collect();
    starts.sort_by(f32::total_cmp);
    starts.dedup_by(|a, b| (*a - *b).abs() < 2.0);
    let mut best: Option<(usize, f32)> = None;
    for start in starts {
        if start < all.x0 + min_width || start > all.x1 - min_width {
            continue;
        }
        let size = boxes.first().map_or(10.0, |line| line.size);
        let x = start - 0.5 * MIN_GUTTER_EM * size;
        let strip = (start - MIN_GUTTER_EM * size, start - 0.5);
        let left = boxes.iter().filter(|l| l.bbox.x1 <= strip.0 + 0.5).count();
        let right = boxes.iter().filter(|l| l.bbox.x0 >= strip.1).count();
        let crossing = boxes.len() - left - right;
        let enough = left.min(right) >= MIN_COLUMN_LINES.max(crossing);
        if enough && best.is_none_or(|(score, _)| left.min(right) > score + crossing) {
            best = Some((left.min(right), x));
        }
    }
    best.map(|(_, x)| x)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(x0: f32, y: f32, x1: f32, order: u32) -> TextLine {
        TextLine {
            order,
            ..TextLine::sample("x", Rect::new(x0, y - 8.0, x1, y + 2.0))
        }
    }

    #[test]
    fn columns_drawn_row_by_row_are_told_apart() {
        let mut lines = vec![line(50.0, 40.0, 500.0, 0)];
        for row in 0..6 {
            let y = 80.0 + 12.0 * row as f32;
            lines.push(line(50.0, y, 260.0, 20 - 2 * row));
            lines.push(line(290.0, y, 500.0, 21 - 2 * row));
        }
        let order = reading_order(&lines);
        assert_eq!(order, vec![0, 1, 3, 5, 7, 9, 11, 2, 4, 6, 8, 10, 12]);
    }

    #[test]
    fn drawing_order_is_kept_where_it_reads_well() {
        let mut lines = Vec::new();
        for row in 0..5 {
            lines.push(line(50.0, 80.0 + 12.0 * row as f32, 260.0, row));
        }
        for row in 0..5 {
            lines.push(line(290.0, 80.0 + 12.0 * row as f32, 500.0, 5 + row));
        }
        assert_eq!(reading_order(&lines), (0..10).collect::<Vec<_>>());
    }
}
