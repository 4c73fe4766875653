//! Clusters of boxes that lie near each other, by painting them on a coarse grid: linear in the
//! number of boxes, however large they are.

use crate::geometry::Rect;

/// Grid cells are this wide, in points, on pages of usual size ...
const CELL: f32 = 3.0;
/// ... and never more than this many a side.
const MAX_CELLS: usize = 320;

/// The cells of a page.
struct Grid {
    cell: f32,
    columns: usize,
    rows: usize,
}

impl Grid {
    fn new(page: Rect) -> Grid {
        let longest = page.width().max(page.height()).max(1.0);
        let cell = CELL.max(longest / MAX_CELLS as f32);
        let count = |side: f32| ((side / cell).ceil() as usize).clamp(1, MAX_CELLS + 1);
        Grid {
            cell,
            columns: count(page.width()),
            rows: count(page.height()),
        }
    }

    /// The half-open ranges of columns and rows that a box touches.
    fn range(&self, bbox: &Rect) -> (usize, usize, usize, usize) {
        let low = |v: f32, n: usize| ((v / self.cell).floor().max(0.0) as usize).min(n - 1);
        let (x0, y0) = (low(bbox.x0, self.columns), low(bbox.y0, self.rows));
        let (x1, y1) = (low(bbox.x1, self.columns), low(bbox.y1, self.rows));
        (x0, x1 + 1, y0, y1 + 1)
    }

    /// For each cell, how many boxes cover it. Differences at the corners, summed up afterwards.
    fn coverage(&self, boxes: impl Iterator<Item = Rect>) -> Vec<i32> {
        let stride = self.columns + 1;
        let mut sums = vec![0_i32; stride * (self.rows + 1)];
        let mut add = |x: usize, y: usize, by: i32| {
            if let Some(v) = sums.get_mut(y * stride + x) {
                *v += by;
            }
        };
        for bbox in boxes {
            let (x0, x1, y0, y1) = self.range(&bbox);
            add(x0, y0, 1);
            add(x1, y0, -1);
            add(x0, y1, -1);
            add(x1, y1, 1);
        }
        let mut above = vec![0_i32; stride];
        for row in sums.chunks_mut(stride) {
            let mut left = 0;
            for (value, above) in row.iter_mut().zip(&mut above) {
                left += *value;
                *above += left;
                *value = *above;
            }
        }
        sums
    }
}

/// Groups boxes that touch when each is grown by `reach`; growth does not go over `walls`.
/// Returns the groups, each with the indices of its boxes in order.
pub(super) fn cluster(page: Rect, boxes: &[Rect], walls: &[Rect], reach: f32) -> Vec<Vec<usize>> {
    if boxes.is_empty() {
        // Most pages of text; the grids would cost more than everything else on them.
        return Vec::new();
    }
    let grid = Grid::new(page);
    let stride = grid.columns + 1;
    // Painting rounds boxes up to whole cells, on average by half of one on a side.
    let grown = (reach - grid.cell / 2.0).max(0.0);
    let mut cells = grid.coverage(boxes.iter().map(|b| b.inflate(grown)));
    let solid = grid.coverage(boxes.iter().copied());
    let wall = grid.coverage(walls.iter().copied());
    for ((cell, solid), wall) in cells.iter_mut().zip(&solid).zip(&wall) {
        *cell = i32::from(*cell > 0 && (*wall == 0 || *solid > 0));
    }
    let labels = components(&cells, stride);
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (index, bbox) in boxes.iter().enumerate() {
        let (x0, _, y0, _) = grid.range(bbox);
        let label = labels.get(y0 * stride + x0).copied().unwrap_or(0) as usize;
        if label == 0 {
            continue;
        }
        if groups.len() < label {
            groups.resize_with(label, Vec::new);
        }
        if let Some(group) = groups.get_mut(label - 1) {
            group.push(index);
        }
    }
    groups.retain(|group| !group.is_empty());
    groups
}

/// Numbers the 4-connected components of the cells that are 1, from 1 on.
fn components(cells: &[i32], stride: usize) -> Vec<u32> {
    let mut labels = vec![0_u32; cells.len()];
    let mut next = 0;
    let mut stack = Vec::new();
    for start in 0..cells.len() {
        if cells.get(start) != Some(&1) || labels.get(start) != Some(&0) {
            continue;
        }
        next += 1;
        stack.push(start);
        while let Some(at) = stack.pop() {
            let Some(label) = labels.get_mut(at) else {
                continue;
            };
            if *label != 0 || cells.get(at) != Some(&1) {
                continue;
            }
            *label = next;
            // The last column of the grid is a margin that is never 1, so rows do not run over.
            stack.extend([at + 1, at + stride]);
            stack.extend(at.checked_sub(1));
            stack.extend(at.checked_sub(stride));
        }
    }
    labels
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: Rect = Rect {
        x0: 0.0,
        y0: 0.0,
        x1: 600.0,
        y1: 800.0,
    };

    #[test]
    fn near_boxes_join_and_far_ones_do_not() {
        let boxes = [
            Rect::new(10.0, 10.0, 100.0, 100.0),
            Rect::new(106.0, 10.0, 200.0, 100.0),
            Rect::new(300.0, 10.0, 400.0, 100.0),
            Rect::new(590.0, 10.0, 600.0, 20.0),
            Rect::new(0.0, 13.0, 5.0, 16.0),
        ];
        let groups = cluster(PAGE, &boxes, &[], 5.0);
        assert_eq!(groups.len(), 3);
        assert!(groups.contains(&vec![0, 1, 4]));
        assert!(groups.contains(&vec![2]));
        // The right edge of one row is not next to the left edge of the following one.
        assert!(groups.contains(&vec![3]));
    }

    #[test]
    fn a_wall_keeps_boxes_apart() {
        let boxes = [
            Rect::new(100.0, 100.0, 200.0, 150.0),
            Rect::new(100.0, 168.0, 200.0, 250.0),
        ];
        assert_eq!(cluster(PAGE, &boxes, &[], 10.0).len(), 1);
        let wall = Rect::new(60.0, 153.0, 300.0, 164.0);
        assert_eq!(cluster(PAGE, &boxes, &[wall], 10.0).len(), 2);
    }

    #[test]
    fn absurd_boxes_do_no_harm() {
        let boxes = [
            Rect::new(-1e9, -1e9, 1e9, 1e9),
            Rect::new(f32::MAX, f32::MAX, f32::MAX, f32::MAX),
        ];
        let groups = cluster(Rect::new(0.0, 0.0, 14_400.0, 1.0), &boxes, &[], 5.0);
        assert_eq!(groups.iter().map(Vec::len).sum::<usize>(), 2);
    }
}
