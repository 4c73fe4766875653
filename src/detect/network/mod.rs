//! The detector: figures, tables and the like on page images.
//!
//! One pass of a small convolutional network without anchors: every cell of a grid says for each
//! class whether an object's middle is there (Zhou, Wang and Kraehenbuehl, "Objects as points",
//! 2019) and how far that object's four sides are (Tian et al., "FCOS", 2019). `boxes` makes
//! boxes of that, `refine` lets them end where the ink ends; `run` draws a page as the network wants
//! it and brings the boxes back to page points; `foreign` does so with networks of others.

mod boxes;
#[cfg(any(test, feature = "train"))]
mod export;
mod foreign;
mod refine;
mod run;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    geometry::Dpi,
    network::{Conv, Init, Ops, Unary},
};

pub use boxes::{FoundBox, boxes};
#[cfg(any(test, feature = "train"))]
pub use export::onnx;
pub use run::{Detector, PageObject, PageObjects};

/// What the file of weights calls this network; another number means other inputs or outputs.
pub const NETWORK: &str = "docalign detector 1";
/// Pixels of a page image per cell of the grid, both ways.
pub const STRIDE: usize = 8;
/// Pixels per cell of the coarsest level; an image's sides are multiples of it.
pub const COARSEST: usize = 64;

/// Channels after the first convolution, at half the size.
const STEM: usize = 16;
/// Channels at a quarter of the size.
const QUARTER: usize = 24;
/// Channels and residual blocks at an eighth of the size, a sixteenth, and so on.
const LEVELS: [(usize, usize); 4] = [(48, 1), (96, 2), (128, 2), (128, 1)];
/// Channels of the pyramid, and numbers of an appearance vector.
pub const FEATURES: usize = 64;
/// How likely an object is at a cell before training: so rare are they (Lin et al., "Focal loss",
/// 2017, section 4.1).
const PRIOR: f32 = 0.01;

/// What the network tells apart.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ObjectClass {
    /// A figure without its caption.
    Figure,
    /// A table without its caption.
    Table,
    /// A caption.
    Caption,
    /// A displayed formula.
    Formula,
    /// An algorithm or listing.
    Algorithm,
    /// A running head; told apart so that it is not taken for something else.
    Header,
    /// A running foot.
    Footer,
}

impl ObjectClass {
    /// All of them, in the order of the network's output.
    pub const ALL: [Self; 7] = [
        Self::Figure,
        Self::Table,
        Self::Caption,
        Self::Formula,
        Self::Algorithm,
        Self::Header,
        Self::Footer,
    ];

    /// Its place in the network's output.
    pub fn index(self) -> usize {
        Self::ALL.iter().position(|c| *c == self).unwrap_or(0)
    }
}

/// What belongs to a set of weights; stored with them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DetectorConfig {
    /// The shorter side of a page image, in pixels.
    pub short_side_px: usize,
    /// The longer side; a page is scaled to fit, the rest stays white.
    pub long_side_px: usize,
    /// The classes, in the order of the output.
    pub classes: Vec<ObjectClass>,
    /// For each class, the score from which on an object counts.
    pub thresholds: Vec<f32>,
}

impl Default for DetectorConfig {
    fn default() -> Self {
        Self {
            // A4 upright at 54 dpi: words are blots, but lines, columns and drawings show.
            short_side_px: 448,
            long_side_px: 640,
            classes: ObjectClass::ALL.to_vec(),
            thresholds: vec![0.3; ObjectClass::ALL.len()],
        }
    }
}

impl DetectorConfig {
    /// Width and height in pixels of the image of a page that is upright or landscape.
    pub fn image_size(&self, landscape: bool) -> (usize, usize) {
        if landscape {
            (self.long_side_px, self.short_side_px)
        } else {
            (self.short_side_px, self.long_side_px)
        }
    }

    /// The resolution at which a page of this size, in points, fits the image.
    fn dpi(&self, width: f32, height: f32) -> Dpi {
        let (width_px, height_px) = self.image_size(width > height);
        let scale = (width_px as f32 / width).min(height_px as f32 / height);
        Dpi(scale * 72.0)
    }

    /// The score from which on an object of a class counts.
    fn threshold(&self, class: ObjectClass) -> f32 {
        let at = self.classes.iter().position(|c| *c == class);
        at.and_then(|at| self.thresholds.get(at).copied())
            .unwrap_or(1.0)
    }

    /// The same with no threshold above this.
    fn lenient(&self, most: f32) -> Self {
        Self {
            thresholds: self.thresholds.iter().map(|t| t.min(most)).collect(),
            ..self.clone()
        }
    }
}

/// What the network says of a batch of pages, before the last functions.
#[derive(Debug)]
pub struct Outputs<T> {
    /// `[batch, classes, h / 8, w / 8]`: logits of an object's middle.
    pub middles: T,
    /// `[batch, 4, h / 8, w / 8]`: logarithms of the distances from the cell's middle to the
    /// object's left, top, right and bottom side, in cells.
    pub sides: T,
    /// `[batch, FEATURES, h / 8, w / 8]`: what the page looks like there.
    pub features: T,
}

/// The forward pass. `page` is `[batch, 1, h, w]`, 0 for white and 1 for black; its sides are
/// multiples of [`COARSEST`].
pub fn forward<O: Ops>(ops: &O, page: &O::Tensor) -> Outputs<O::Tensor> {
    let stem = conv_relu(ops, "stem/0", page, &Conv::same(1, STEM, 3, 2));
    let mut x = conv_relu(ops, "stem/1", &stem, &Conv::same(STEM, QUARTER, 3, 2));
    let mut inputs = QUARTER;
    let mut levels = Vec::new();
    for (level, (channels, blocks)) in LEVELS.into_iter().enumerate() {
        let path = format!("level/{level}");
        let down = Conv::same(inputs, channels, 3, 2);
        x = conv_relu(ops, &format!("{path}/down"), &x, &down);
        for number in 0..blocks {
            x = block(ops, &format!("{path}/block/{number}"), &x, channels);
        }
        let lateral = Conv::same(channels, FEATURES, 1, 1);
        levels.push(ops.conv_norm(&format!("{path}/lateral"), &x, &lateral));
        inputs = channels;
    }
    let pyramid = levels.into_iter().rev().reduce(|coarse, fine| {
        let coarse = ops.upsample(&ops.relu(&coarse), 2);
        ops.add(&fine, &coarse)
    });
    // There is always a level; the last features of the backbone are no grid of this size.
    let joined = pyramid.unwrap_or(x);
    let wide = Conv::same(FEATURES, FEATURES, 3, 1);
    let features = conv_relu(ops, "features", &ops.relu(&joined), &wide);
    let narrow = Conv::same(FEATURES, FEATURES, 1, 1);
    let middles = conv_relu(ops, "middles/0", &features, &narrow);
    let sides = conv_relu(ops, "sides/0", &features, &narrow);
    Outputs {
        middles: head(ops, "middles/1", &middles, ObjectClass::ALL.len(), {
            -((1.0 - PRIOR) / PRIOR).ln()
        }),
        // Objects are some cells wide at first.
        sides: head(ops, "sides/1", &sides, 4, 1.0),
        features,
    }
}

fn conv_relu<O: Ops>(ops: &O, path: &str, x: &O::Tensor, conv: &Conv) -> O::Tensor {
    ops.relu(&ops.conv_norm(path, x, conv))
}

/// Two convolutions beside a shortcut: He et al., "Deep residual learning" (2016), figure 2.
fn block<O: Ops>(ops: &O, path: &str, x: &O::Tensor, channels: usize) -> O::Tensor {
    let conv = Conv::same(channels, channels, 3, 1);
    let inner = conv_relu(ops, &format!("{path}/0"), x, &conv);
    let inner = ops.conv_norm(&format!("{path}/1"), &inner, &conv);
    ops.relu(&ops.add(x, &inner))
}

fn head<O: Ops>(ops: &O, path: &str, x: &O::Tensor, outputs: usize, bias: f32) -> O::Tensor {
    let conv = Conv::same(FEATURES, outputs, 1, 1);
    let weight = ops.parameter(
        &format!("{path}/weight"),
        &conv.weight_shape(),
        Init::Normal(0.01),
    );
    let bias = ops.parameter(&format!("{path}/bias"), &[outputs], Init::Constant(bias));
    ops.conv(x, &weight, Some(&bias), &conv)
}

/// The forward pass as it is exported: scores from 0 to 1, and sides in pixels.
pub fn scored<O: Ops>(ops: &O, page: &O::Tensor) -> Outputs<O::Tensor> {
    let outputs = forward(ops, page);
    let sides = ops.unary(Unary::Exp, &outputs.sides);
    Outputs {
        middles: ops.sigmoid(&outputs.middles),
        sides: ops.scale(&sides, STRIDE as f32),
        features: outputs.features,
    }
}
