//! From the network's grid to boxes on the page.

use crate::{geometry::Rect, network::Array};

use super::{DetectorConfig, ObjectClass, STRIDE};

/// Two boxes of one class that overlap more than this are one object.
const SAME_OBJECT: f32 = 0.45;
/// Boxes of different classes of visuals are one object when they overlap more than this.
const SAME_VISUAL: f32 = 0.7;
/// More objects than this are on no page.
const MAX_OBJECTS: usize = 200;

/// An object on a page.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundBox {
    /// What it is.
    pub class: ObjectClass,
    /// How sure, 0 to 1.
    pub score: f32,
    /// Where, in page points.
    pub bbox: Rect,
}

/// The objects of one page: local maxima of the middles that reach their class's threshold, best
/// first, each kept unless a better one covers it. `middles` is `[1, classes, h, w]`, `sides`
/// `[1, 4, h, w]` in pixels; `scale` is pixels per point.
pub fn boxes(
    config: &DetectorConfig,
    middles: &Array,
    sides: &Array,
    scale: f32,
    page: &Rect,
) -> Vec<FoundBox> {
    let (&[_, _, height, width], true) =
        (middles.shape.first_chunk().unwrap_or(&[0; 4]), scale > 0.0)
    else {
        return Vec::new();
    };
    let grid = Grid { height, width };
    let mut found = Vec::new();
    let classes = config.classes.iter().zip(&config.thresholds);
    for (at, (&class, &threshold)) in classes.enumerate() {
        for (x, y, score) in grid.peaks(&middles.values, at, threshold) {
            let bbox = grid.bbox(&sides.values, x, y).map(|side| side / scale);
            let bbox = Rect::new(bbox[0], bbox[1], bbox[2], bbox[3]);
            let inside = bbox.intersection(page).filter(|b| b.area() > 0.0);
            found.extend(inside.map(|bbox| FoundBox { class, score, bbox }));
        }
    }
    best_of_each(found)
}

/// The network's cells.
struct Grid {
    height: usize,
    width: usize,
}

impl Grid {
    fn value(&self, values: &[f32], channel: usize, x: usize, y: usize) -> Option<f32> {
        if x >= self.width || y >= self.height {
            return None;
        }
        let at = (channel * self.height + y) * self.width + x;
        values.get(at).copied()
    }

    /// Cells of a channel that no neighbour exceeds.
    fn peaks(&self, values: &[f32], channel: usize, threshold: f32) -> Vec<(usize, usize, f32)> {
        let mut peaks = Vec::new();
        for y in 0..self.height {
            for x in 0..self.width {
                let Some(score) = self
                    .value(values, channel, x, y)
                    .filter(|s| *s >= threshold)
                else {
                    continue;
                };
                let neighbours = (y.saturating_sub(1)..=y + 1)
                    .flat_map(|y| (x.saturating_sub(1)..=x + 1).map(move |x| (x, y)));
                let highest = neighbours
                    .filter_map(|(x, y)| self.value(values, channel, x, y))
                    .fold(0.0, f32::max);
                if score >= highest {
                    peaks.push((x, y, score));
                }
            }
        }
        peaks
    }

    /// The box that a cell sees, in pixels.
    fn bbox(&self, sides: &[f32], x: usize, y: usize) -> [f32; 4] {
        let side = |channel| {
            let length = self.value(sides, channel, x, y).unwrap_or(0.0);
            if length.is_finite() { length } else { 0.0 }
        };
        let middle = |cell: usize| (cell as f32 + 0.5) * STRIDE as f32;
        let (x, y) = (middle(x), middle(y));
        [x - side(0), y - side(1), x + side(2), y + side(3)]
    }
}

/// The boxes that no better one covers, best first.
pub(super) fn best_of_each(mut found: Vec<FoundBox>) -> Vec<FoundBox> {
    found.sort_by(|a, b| {
        b.score
            .total_cmp(&a.score)
            .then(a.bbox.y0.total_cmp(&b.bbox.y0))
            .then(a.bbox.x0.total_cmp(&b.bbox.x0))
            .then(a.class.cmp(&b.class))
    });
    let mut kept: Vec<FoundBox> = Vec::new();
    for object in found {
        if kept.len() >= MAX_OBJECTS {
            break;
        }
        let known = kept.iter().any(|other| {
            let limit = if other.class == object.class {
                SAME_OBJECT
            } else {
                SAME_VISUAL
            };
            other.bbox.iou(&object.bbox) > limit
        });
        if !known {
            kept.push(object);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTH: usize = 6;
    const HEIGHT: usize = 8;

    /// A grid with these middles `(class, x, y, score)`; every cell sees the same box.
    fn found(middles: &[(ObjectClass, usize, usize, f32)], sides: [f32; 4]) -> Vec<FoundBox> {
        let config = DetectorConfig::default();
        let cells = WIDTH * HEIGHT;
        let mut values = vec![0.0; config.classes.len() * cells];
        for (class, x, y, score) in middles {
            values[class.index() * cells + y * WIDTH + x] = *score;
        }
        let array = |channels, values| Array {
            shape: vec![1, channels, HEIGHT, WIDTH],
            values,
        };
        boxes(
            &config,
            &array(config.classes.len(), values),
            &array(4, sides.iter().flat_map(|s| vec![*s; cells]).collect()),
            0.5,
            &Rect::new(0.0, 0.0, 90.0, 200.0),
        )
    }

    #[test]
    fn a_cell_becomes_a_box_in_page_points() {
        let found = found(&[(ObjectClass::Table, 2, 3, 0.9)], [4.0, 8.0, 12.0, 2.0]);
        let expected = FoundBox {
            class: ObjectClass::Table,
            score: 0.9,
            // The cell's middle is at 20, 28 pixels; half a pixel is a point.
            bbox: Rect::new(32.0, 40.0, 64.0, 60.0),
        };
        assert_eq!(found, [expected]);
    }

    #[test]
    fn boxes_end_at_the_page() {
        let found = found(&[(ObjectClass::Figure, 5, 0, 0.9)], [20.0; 4]);
        assert_eq!(found[0].bbox, Rect::new(48.0, 0.0, 90.0, 48.0));
    }

    #[test]
    fn the_best_of_overlapping_boxes_stays() {
        use ObjectClass::{Caption, Figure, Table};
        let cases: [(&[_], usize); 5] = [
            // Neighbours: the higher one is the peak.
            (&[(Figure, 2, 2, 0.8), (Figure, 3, 2, 0.9)], 1),
            // Two peaks, nearly the same box.
            (&[(Figure, 2, 2, 0.8), (Figure, 4, 2, 0.9)], 1),
            (&[(Figure, 0, 0, 0.8), (Figure, 5, 7, 0.9)], 2),
            // One place, two classes.
            (&[(Figure, 2, 2, 0.8), (Table, 2, 2, 0.9)], 1),
            (&[(Figure, 2, 2, 0.29), (Caption, 2, 2, 0.1)], 0),
        ];
        for (middles, count) in cases {
            let found = found(middles, [24.0; 4]);
            assert_eq!(found.len(), count, "{middles:?}");
            assert!(found.iter().all(|o| o.score > 0.8 || count == 2));
        }
    }

    #[test]
    fn what_is_no_number_is_no_box() {
        let found = found(&[(ObjectClass::Figure, 2, 2, 0.8)], [f32::NAN; 4]);
        assert!(found.is_empty(), "{found:?}");
        let config = DetectorConfig::default();
        let empty = Array::default();
        let page = Rect::new(0.0, 0.0, 9.0, 9.0);
        assert!(boxes(&config, &empty, &empty, 1.0, &page).is_empty());
    }
}
