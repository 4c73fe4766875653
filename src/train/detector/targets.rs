//! What the network should say of a page: Liu et al., "Training-time-friendly network for
//! real-time object detection" (2020), section 3. Every cell near an object's middle learns the
//! object's sides, the nearer the more, so that few steps suffice.

use crate::detect::network::{ObjectClass, STRIDE};

/// The part of an object's width and height in which cells learn, as in the paper.
const ALPHA: f32 = 0.54;
/// Deviations on each side of the middle that make up that part.
const DEVIATIONS: f32 = 6.0;
/// A bell is at least this wide, in cells.
const MIN_DEVIATION: f32 = 0.35;
/// Cells below this height of the bell learn no sides.
const FOOT: f32 = 0.05;
/// The least distance to a side, in cells; the network gives logarithms.
const MIN_SIDE: f32 = 0.05;

/// An object on the network's image, in pixels: left, top, right, bottom.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PixelObject {
    /// What it is.
    pub class: ObjectClass,
    /// Where.
    pub bbox: [f32; 4],
}

/// The wanted output for one image.
#[derive(Debug, Clone, PartialEq)]
pub struct Targets {
    /// `[classes, h, w]`: 1 at middles, falling off around them.
    pub middles: Vec<f32>,
    /// `[classes, h, w]`: 0 where nothing is known, else 1.
    pub known: Vec<f32>,
    /// `[4, h, w]`: distances to the sides, in cells.
    pub sides: Vec<f32>,
    /// `[h, w]`: how much the sides count there; 1 in all for each object.
    pub weights: Vec<f32>,
}

impl Targets {
    /// For an image of this size in pixels. `known` says for each class whether objects of it are
    /// listed; in `ignored` places nothing counts.
    pub fn new(
        width_px: usize,
        height_px: usize,
        objects: &[PixelObject],
        ignored: &[[f32; 4]],
        known: &[bool],
    ) -> Self {
        let (width, height) = (width_px / STRIDE, height_px / STRIDE);
        let cells = width * height;
        let mut targets = Self {
            middles: vec![0.0; ObjectClass::ALL.len() * cells],
            known: known
                .iter()
                .flat_map(|known| vec![f32::from(u8::from(*known)); cells])
                .collect(),
            sides: vec![1.0; 4 * cells],
            weights: vec![0.0; cells],
        };
        for place in ignored {
            targets.ignore(width, height, place);
        }
        let mut objects = objects.to_vec();
        // Small objects come last: where two share cells, the larger has others.
        let area = |o: &PixelObject| {
            let [x0, y0, x1, y1] = o.bbox;
            (x1 - x0) * (y1 - y0)
        };
        objects.sort_by(|a, b| area(b).total_cmp(&area(a)));
        for object in &objects {
            targets.add(width, height, object);
        }
        targets
    }

    fn ignore(&mut self, width: usize, height: usize, place: &[f32; 4]) {
        let [x0, y0, x1, y1] = place.map(|side| side / STRIDE as f32);
        for (at, known) in self.known.iter_mut().enumerate() {
            let (x, y) = (at % width, at / width % height);
            let (x, y) = (x as f32 + 0.5, y as f32 + 0.5);
            if x0 <= x && x <= x1 && y0 <= y && y <= y1 {
                *known = 0.0;
            }
        }
    }

    fn add(&mut self, width: usize, height: usize, object: &PixelObject) {
        let [x0, y0, x1, y1] = object.bbox.map(|side| side / STRIDE as f32);
        let middle = |low: f32, high: f32, count: usize| {
            let cell = ((low + high) / 2.0).floor().max(0.0) as usize;
            cell.min(count.saturating_sub(1))
        };
        let (mx, my) = (middle(x0, x1, width), middle(y0, y1, height));
        let deviation = |length: f32| (ALPHA * length / DEVIATIONS).max(MIN_DEVIATION);
        let (dx, dy) = (deviation(x1 - x0), deviation(y1 - y0));
        let reach = |deviation: f32| (deviation * 3.0).ceil() as usize;
        let mut touched: Vec<(usize, f32)> = Vec::new();
        for y in my.saturating_sub(reach(dy))..(my + reach(dy) + 1).min(height) {
            for x in mx.saturating_sub(reach(dx))..(mx + reach(dx) + 1).min(width) {
                let off =
                    ((x as f32 - mx as f32) / dx).powi(2) + ((y as f32 - my as f32) / dy).powi(2);
                let bell = (-off / 2.0).exp();
                let cell = y * width + x;
                let at = object.class.index() * width * height + cell;
                if let Some(value) = self.middles.get_mut(at) {
                    *value = value.max(bell);
                }
                let sides = [
                    x as f32 + 0.5 - x0,
                    y as f32 + 0.5 - y0,
                    x1 - x as f32 - 0.5,
                    y1 - y as f32 - 0.5,
                ];
                let inside = sides.iter().all(|side| *side > 0.0);
                // The middle cell learns even where a line passes above or below its middle.
                if bell >= FOOT && (inside || (x, y) == (mx, my)) {
                    self.set_sides(cell, width * height, sides.map(|side| side.max(MIN_SIDE)));
                    touched.push((cell, bell));
                }
            }
        }
        let sum: f32 = touched.iter().map(|(_, bell)| bell).sum();
        for (cell, bell) in touched {
            if let Some(weight) = self.weights.get_mut(cell) {
                *weight = bell / sum;
            }
        }
    }

    fn set_sides(&mut self, cell: usize, cells: usize, sides: [f32; 4]) {
        for (channel, side) in sides.into_iter().enumerate() {
            if let Some(value) = self.sides.get_mut(channel * cells + cell) {
                *value = side;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [bool; 7] = [true; 7];

    fn table(bbox: [f32; 4]) -> PixelObject {
        PixelObject {
            class: ObjectClass::Table,
            bbox,
        }
    }

    #[test]
    fn the_middle_of_an_object_is_1_and_knows_its_sides() {
        let targets = Targets::new(64, 64, &[table([8.0, 16.0, 48.0, 40.0])], &[], &KNOWN);
        // The middle, 28, 28 pixels, is in cell 3, 3.
        let cell = 3 * 8 + 3;
        assert_eq!(targets.middles[64 + cell], 1.0);
        assert!(targets.middles[64 + cell + 1] < 1.0);
        assert_eq!(targets.middles[..64], [0.0; 64]);
        let sides: Vec<f32> = (0..4).map(|i| targets.sides[i * 64 + cell]).collect();
        assert_eq!(sides, [2.5, 1.5, 2.5, 1.5]);
        let sum: f32 = targets.weights.iter().sum();
        assert!((sum - 1.0).abs() < 1e-5, "{sum}");
    }

    #[test]
    fn a_small_object_inside_a_large_one_keeps_its_cell() {
        let (large, small) = (
            table([0.0, 0.0, 64.0, 64.0]),
            table([30.0, 30.0, 42.0, 36.0]),
        );
        for objects in [[large, small], [small, large]] {
            let targets = Targets::new(64, 64, &objects, &[], &KNOWN);
            let cell = 4 * 8 + 4;
            assert!(targets.sides[cell] < 1.0, "{}", targets.sides[cell]);
        }
    }

    #[test]
    fn nothing_counts_where_nothing_is_known() {
        let mut known = KNOWN;
        known[0] = false;
        let targets = Targets::new(64, 64, &[], &[[0.0, 0.0, 16.0, 8.0]], &known);
        assert_eq!(targets.known[..64], [0.0; 64]);
        assert_eq!(targets.known[64..67], [0.0, 0.0, 1.0]);
        assert_eq!(targets.known[72], 1.0);
    }

    #[test]
    fn lines_thinner_than_a_cell_are_found_again() {
        let line = table([8.0, 9.0, 60.0, 12.0]);
        let targets = Targets::new(64, 64, &[line], &[], &KNOWN);
        let cell = 8 + 4;
        assert_eq!(targets.middles[64 + cell], 1.0);
        assert!(targets.weights[cell] > 0.0);
        assert_eq!(targets.sides[64 + cell], 3.0 / 8.0);
        assert_eq!(targets.sides[3 * 64 + cell], MIN_SIDE);
    }
}
