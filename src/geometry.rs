//! Places on a page, in page points (1/72 inch), origin top-left of the visible page
//! (CropBox, after /Rotate), y growing downwards.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// 0-based position of a page in its file.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct PageIndex(pub u32);

impl PageIndex {
    /// The page's place in a slice of pages.
    pub fn as_usize(self) -> usize {
        self.0 as usize
    }

    /// The 1-based number that people count by.
    pub fn number(self) -> u32 {
        self.0 + 1
    }

    /// The page after this one.
    pub fn next(self) -> PageIndex {
        PageIndex(self.0 + 1)
    }

    /// How many pages lie between two, 0 for the same page.
    pub fn distance(self, other: PageIndex) -> u32 {
        self.0.abs_diff(other.0)
    }
}

/// Dots per inch of a raster.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Dpi(pub f32);

impl Dpi {
    /// Pixels per page point.
    pub fn scale(self) -> f32 {
        self.0 / 72.0
    }
}

/// A point in page points.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Point {
    /// Distance from the page's left edge.
    pub x: f32,
    /// Distance from the page's top edge.
    pub y: f32,
}

/// A box `[x0, y0, x1, y1]` in page points, `x0 <= x1`, `y0 <= y1`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Rect {
    /// Left edge.
    pub x0: f32,
    /// Top edge.
    pub y0: f32,
    /// Right edge.
    pub x1: f32,
    /// Bottom edge.
    pub y1: f32,
}

impl Rect {
    /// The box with these edges, put in order.
    pub fn new(x0: f32, y0: f32, x1: f32, y1: f32) -> Rect {
        Rect {
            x0: x0.min(x1),
            y0: y0.min(y1),
            x1: x0.max(x1),
            y1: y0.max(y1),
        }
    }

    /// Width in points.
    pub fn width(&self) -> f32 {
        self.x1 - self.x0
    }

    /// Height in points.
    pub fn height(&self) -> f32 {
        self.y1 - self.y0
    }

    /// Area in square points.
    pub fn area(&self) -> f32 {
        self.width() * self.height()
    }

    /// Horizontal middle.
    pub fn center_x(&self) -> f32 {
        (self.x0 + self.x1) / 2.0
    }

    /// Vertical middle.
    pub fn center_y(&self) -> f32 {
        (self.y0 + self.y1) / 2.0
    }

    /// The smallest box that holds both.
    pub fn union(&self, other: &Rect) -> Rect {
        Rect {
            x0: self.x0.min(other.x0),
            y0: self.y0.min(other.y0),
            x1: self.x1.max(other.x1),
            y1: self.y1.max(other.y1),
        }
    }

    /// The smallest box that holds all of `rects`, `None` for none.
    pub fn union_all(rects: impl IntoIterator<Item = Rect>) -> Option<Rect> {
        rects.into_iter().reduce(|a, b| a.union(&b))
    }

    /// The common part, `None` where the boxes do not touch.
    pub fn intersection(&self, other: &Rect) -> Option<Rect> {
        let r = Rect {
            x0: self.x0.max(other.x0),
            y0: self.y0.max(other.y0),
            x1: self.x1.min(other.x1),
            y1: self.y1.min(other.y1),
        };
        (r.x0 <= r.x1 && r.y0 <= r.y1).then_some(r)
    }

    /// Whether the boxes touch or overlap.
    pub fn intersects(&self, other: &Rect) -> bool {
        self.intersection(other).is_some()
    }

    /// The share of this box's area that lies in `other`, 0 to 1; for a box without area
    /// (a rule), 1 when its middle lies in `other`.
    pub fn covered_by(&self, other: &Rect) -> f32 {
        if self.area() <= 0.0 {
            return f32::from(u8::from(other.contains(self.center())));
        }
        self.intersection(other)
            .map_or(0.0, |i| i.area() / self.area())
    }

    /// Intersection over union of the two areas, 0 to 1.
    pub fn iou(&self, other: &Rect) -> f32 {
        let common = self.intersection(other).map_or(0.0, |i| i.area());
        let all = self.area() + other.area() - common;
        if all > 0.0 { common / all } else { 0.0 }
    }

    /// The middle of the box.
    pub fn center(&self) -> Point {
        Point {
            x: self.center_x(),
            y: self.center_y(),
        }
    }

    /// Whether a point lies in the box, edges included.
    pub fn contains(&self, p: Point) -> bool {
        (self.x0..=self.x1).contains(&p.x) && (self.y0..=self.y1).contains(&p.y)
    }

    /// The box grown by `by` points on every side (shrunk when negative, at most to its middle).
    pub fn inflate(&self, by: f32) -> Rect {
        let (dx, dy) = (by.max(-self.width() / 2.0), by.max(-self.height() / 2.0));
        Rect {
            x0: self.x0 - dx,
            y0: self.y0 - dy,
            x1: self.x1 + dx,
            y1: self.y1 + dy,
        }
    }

    /// Length of the overlap of the horizontal extents, 0 where they are apart.
    pub fn x_overlap(&self, other: &Rect) -> f32 {
        (self.x1.min(other.x1) - self.x0.max(other.x0)).max(0.0)
    }

    /// Length of the overlap of the vertical extents, 0 where they are apart.
    pub fn y_overlap(&self, other: &Rect) -> f32 {
        (self.y1.min(other.y1) - self.y0.max(other.y0)).max(0.0)
    }

    /// Horizontal gap between the boxes, 0 where their extents overlap.
    pub fn x_gap(&self, other: &Rect) -> f32 {
        (self.x0.max(other.x0) - self.x1.min(other.x1)).max(0.0)
    }

    /// Vertical gap between the boxes, 0 where their extents overlap.
    pub fn y_gap(&self, other: &Rect) -> f32 {
        (self.y0.max(other.y0) - self.y1.min(other.y1)).max(0.0)
    }

    /// Whether every edge is a finite number.
    pub fn is_finite(&self) -> bool {
        [self.x0, self.y0, self.x1, self.y1]
            .iter()
            .all(|v| v.is_finite())
    }
}

/// Written as `[x0, y0, x1, y1]` rounded to 1/100 point: finer is noise, and a fixed grid keeps
/// outputs comparable.
impl Serialize for Rect {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let round = |v: f32| (f64::from(v) * 100.0).round() / 100.0;
        [
            round(self.x0),
            round(self.y0),
            round(self.x1),
            round(self.y1),
        ]
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Rect {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Rect, D::Error> {
        let [x0, y0, x1, y1] = <[f32; 4]>::deserialize(deserializer)?;
        Ok(Rect::new(x0, y0, x1, y1))
    }
}

impl JsonSchema for Rect {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Rect".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let mut schema = <[f32; 4]>::json_schema(generator);
        schema.insert(
            "description".to_owned(),
            "[x0, y0, x1, y1] in page points, origin top-left of the visible page".into(),
        );
        schema
    }
}

/// A box on a page.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Region {
    /// The page.
    pub page: PageIndex,
    /// The box on it.
    pub bbox: Rect,
}
