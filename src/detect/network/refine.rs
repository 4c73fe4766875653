//! Boxes end where the ink ends: the network sees sides to within a few pixels, the image tells
//! them exactly.

/// How far from where the network saw it a side is looked for, as a share of the box's length
/// across it. Chosen with the numbers below on pages of the validation parts and their scans.
const REACH: f32 = 0.12;
/// That is at least so many pixels, and at most.
const MIN_REACH: usize = 4;
const MAX_REACH: usize = 30;
/// Wider blanks than this, in pixels, part no better.
const WIDE_BLANK: usize = 8;
/// What a pixel of blank is worth, where the whole reach of a side costs [`WIDE_BLANK`].
const BLANK_WORTH: f32 = 1.0;
/// The sides of a box bear on what is seen along the others: they are looked for so often.
const ROUNDS: usize = 2;
/// Ink stands out from the paper by at least this much.
const MIN_CONTRAST: f32 = 0.1;
/// Grain of the paper stays below this many of its own median deviations.
const GRAIN: f32 = 6.0;
/// Fewer pixels that touch are dust on a scan, or a full stop.
const MIN_MARK: usize = 4;

/// The ink of a page image.
#[derive(Debug)]
pub(super) struct Ink {
    width: usize,
    height: usize,
    /// `[height, width]`: whether a pixel is ink.
    marks: Vec<bool>,
}

impl Ink {
    /// Of the page that fills the first columns and rows of `page`, `[_, stride]`, 0 for white and
    /// 1 for black. What most of the page shows is its paper.
    pub(super) fn new(page: &[f32], stride: usize, width: usize, height: usize) -> Self {
        let width = width.min(stride);
        let rows = page.chunks_exact(stride.max(1)).take(height);
        let values: Vec<f32> = rows
            .flat_map(|row| row.iter().take(width))
            .copied()
            .collect();
        let paper = median(values.clone());
        let grain = median(values.iter().map(|v| (v - paper).abs()).collect());
        let limit = paper + MIN_CONTRAST.max(GRAIN * grain);
        let mut marks: Vec<bool> = values.iter().map(|value| *value > limit).collect();
        drop_specks(&mut marks, width);
        Self {
            width,
            height: values.len() / width.max(1),
            marks,
        }
    }

    /// A box whose sides are moved to where ink ends, in pixels: left, top, right, bottom. Of such
    /// places the nearer ones count more, and those before wide blanks. A side with none in its
    /// reach is drawn in to the first ink.
    pub(super) fn refine(&self, bbox: [f32; 4]) -> [f32; 4] {
        let mut refined = bbox;
        for _ in 0..ROUNDS {
            let [x0, _, x1, _] = refined;
            let rows = self.profile(x0, x1, bbox[1], bbox[3], Axis::Rows);
            let (y0, y1) = (rows.first_side(bbox[1]), rows.last_side(bbox[3]));
            let columns = self.profile(y0, y1, bbox[0], bbox[2], Axis::Columns);
            let (x0, x1) = (columns.first_side(bbox[0]), columns.last_side(bbox[2]));
            refined = [x0, y0, x1, y1];
        }
        let [x0, y0, x1, y1] = refined;
        let (y0, y1) = self.profile(x0, x1, y0, y1, Axis::Rows).drawn_in(y0, y1);
        let (x0, x1) = self.profile(y0, y1, x0, x1, Axis::Columns).drawn_in(x0, x1);
        [x0, y0, x1, y1]
    }

    /// Which rows (or columns) have ink between `from` and `to` across them; `low` and `high` are
    /// the box's extent along them.
    fn profile(&self, from: f32, to: f32, low: f32, high: f32, axis: Axis) -> Profile {
        let (count, across) = match axis {
            Axis::Rows => (self.height, self.width),
            Axis::Columns => (self.width, self.height),
        };
        let from = (from.round().max(0.0) as usize).min(across);
        let to = (to.round().max(0.0) as usize).clamp(from, across);
        let reach = ((high - low) * REACH) as usize;
        let has_ink = |line: usize| {
            (from..to).any(|at| {
                let (x, y) = match axis {
                    Axis::Rows => (at, line),
                    Axis::Columns => (line, at),
                };
                self.marks.get(y * self.width + x).copied().unwrap_or(false)
            })
        };
        Profile {
            inked: (0..count).map(has_ink).collect(),
            reach: reach.clamp(MIN_REACH, MAX_REACH),
        }
    }
}

/// Wipes out the marks of fewer than [`MIN_MARK`] pixels that touch, corners included.
fn drop_specks(marks: &mut [bool], width: usize) {
    let mut known = vec![false; marks.len()];
    let mut mark = Vec::new();
    for start in 0..marks.len() {
        if known.get(start) != Some(&false) || marks.get(start) != Some(&true) {
            continue;
        }
        mark.clear();
        mark.push(start);
        if let Some(known) = known.get_mut(start) {
            *known = true;
        }
        let mut next = 0;
        while let Some(at) = mark.get(next).copied() {
            next += 1;
            for neighbour in neighbours(at, width) {
                let is_mark = marks.get(neighbour) == Some(&true);
                if let Some(known) = known.get_mut(neighbour).filter(|known| is_mark && !**known) {
                    *known = true;
                    mark.push(neighbour);
                }
            }
        }
        if mark.len() < MIN_MARK {
            for at in &mark {
                if let Some(mark) = marks.get_mut(*at) {
                    *mark = false;
                }
            }
        }
    }
}

/// The pixels around one; those beyond the last row too.
fn neighbours(at: usize, width: usize) -> impl Iterator<Item = usize> {
    let (x, y) = (at % width.max(1), at / width.max(1));
    let rows = y.saturating_sub(1)..=y + 1;
    rows.flat_map(move |row| {
        let columns = x.saturating_sub(1)..=(x + 1).min(width.saturating_sub(1));
        columns.map(move |column| row * width + column)
    })
}

#[derive(Debug, Clone, Copy)]
enum Axis {
    Rows,
    Columns,
}

/// The rows or columns of an image that have ink.
struct Profile {
    inked: Vec<bool>,
    reach: usize,
}

impl Profile {
    fn has_ink(&self, at: isize) -> bool {
        let at = usize::try_from(at).ok();
        at.and_then(|at| self.inked.get(at).copied())
            .unwrap_or(false)
    }

    /// The stretch between two sides without the blank at its ends; as it is where all is blank.
    fn drawn_in(&self, low: f32, high: f32) -> (f32, f32) {
        let (first, last) = (low.round() as isize, high.round() as isize);
        let mut inked = (first..last).filter(|at| self.has_ink(*at));
        let Some(start) = inked.next() else {
            return (low, high);
        };
        let end = inked.next_back().unwrap_or(start) + 1;
        (low.max(start as f32), high.min(end as f32))
    }

    /// The first line with ink of a box that seems to begin at `side`.
    fn first_side(&self, side: f32) -> f32 {
        self.best(side, |at| self.has_ink(at).then_some((at - 1, -1)))
    }

    /// The first blank line after a box that seems to end at `side`.
    fn last_side(&self, side: f32) -> f32 {
        self.best(side, |at| self.has_ink(at - 1).then_some((at, 1)))
    }

    /// The best place for a side; `outside` gives the first line outside the box that would end
    /// there and the way on from it.
    fn best(&self, side: f32, outside: impl Fn(isize) -> Option<(isize, isize)>) -> f32 {
        let reach = self.reach as isize;
        let at = side.round() as isize;
        let ends = (at - reach..=at + reach).filter_map(|at| {
            let (first, step) = outside(at)?;
            let blank = (0..WIDE_BLANK as isize)
                .take_while(|off| !self.has_ink(first + off * step))
                .count();
            let distance = (at as f32 - side).abs() / reach as f32;
            let worth = BLANK_WORTH * blank as f32 - distance * WIDE_BLANK as f32;
            (blank > 0).then_some((worth, at))
        });
        let best = ends.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
        best.map_or(side, |(_, at)| at as f32)
    }
}

/// The middle of some numbers; 0 of none.
fn median(mut values: Vec<f32>) -> f32 {
    let middle = values.len() / 2;
    if values.is_empty() {
        return 0.0;
    }
    *values.select_nth_unstable_by(middle, f32::total_cmp).1
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page of 40 by 50 pixels in an image 48 wide, with these black boxes on paper of a shade.
    fn ink(boxes: &[[usize; 4]], paper: f32) -> Ink {
        let mut page = vec![0.0; 48 * 60];
        for y in 0..50 {
            for x in 0..40 {
                // A little grain.
                page[y * 48 + x] = paper + ((x * 7 + y * 13) % 5) as f32 * 0.005;
                if boxes
                    .iter()
                    .any(|[x0, y0, x1, y1]| (*x0..*x1).contains(&x) && (*y0..*y1).contains(&y))
                {
                    page[y * 48 + x] = 0.9;
                }
            }
        }
        Ink::new(&page, 48, 40, 50)
    }

    #[test]
    fn sides_move_to_the_ends_of_ink() {
        let found = [8.4, 12.7, 29.0, 31.5];
        for paper in [0.0, 0.2] {
            let ink = ink(&[[10, 11, 30, 33]], paper);
            assert_eq!(ink.refine(found), [10.0, 11.0, 30.0, 33.0], "{paper}");
        }
    }

    #[test]
    fn near_ends_and_wide_blanks_count() {
        // A gap inside, a wide one below, and a caption under that.
        let ink = ink(&[[10, 10, 30, 18], [10, 19, 30, 30], [10, 36, 30, 39]], 0.0);
        assert_eq!(ink.refine([10.0, 10.0, 30.0, 29.4])[3], 30.0);
        // Nearer to the caption's end.
        assert_eq!(ink.refine([10.0, 10.0, 30.0, 38.6])[3], 39.0);
        // Nearer to the narrow gap.
        assert_eq!(ink.refine([10.0, 1.0, 30.0, 18.2])[3], 18.0);
        assert_eq!(ink.refine([10.0, 4.0, 30.0, 26.0])[3], 30.0);
    }

    #[test]
    fn a_box_is_drawn_in_over_blanks_and_dust() {
        let mark = [16, 10, 24, 30];
        // Two specks beside it, of two pixels and of one.
        let ink = ink(&[mark, [3, 20, 5, 21], [36, 15, 37, 16]], 0.0);
        assert_eq!(
            ink.refine([2.0, 10.0, 38.0, 30.0]),
            [16.0, 10.0, 24.0, 30.0]
        );
    }

    #[test]
    fn sides_without_an_end_near_them_stay() {
        let found = [10.0, 10.0, 30.0, 30.0];
        assert_eq!(ink(&[], 0.0).refine(found), found);
        assert_eq!(ink(&[[0, 0, 40, 50]], 0.0).refine(found), found);
        let empty = Ink::new(&[], 0, 0, 0);
        assert_eq!(empty.refine(found), found);
    }
}
