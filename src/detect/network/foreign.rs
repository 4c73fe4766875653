//! Detectors of others: an ONNX file with a JSON file of the same name beside it that says what
//! goes in and what comes out. README.md has an example.

use image::{RgbImage, imageops};
use serde::{Deserialize, Serialize};

use crate::{
    geometry::{Dpi, Rect},
    network::{Array, Input, Network, NetworkError},
};

use super::{FoundBox, ObjectClass, boxes::best_of_each};

/// More numbers in an image would take too much memory.
const MAX_SIDE_PX: usize = 4096;

/// What is to be known of a detector of others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForeignConfig {
    /// The input that takes the image, `[1, channels, height, width]`.
    input: String,
    /// Width and height of the image in pixels.
    size_px: [usize; 2],
    /// Grey or red, green, blue.
    #[serde(default)]
    color: Color,
    /// How a page becomes an image of that size.
    #[serde(default)]
    fit: Fit,
    /// Taken off each channel, whose values are from 0 (black) to 1, ...
    #[serde(default)]
    mean: Vec<f32>,
    /// ... which are divided by this then.
    #[serde(default)]
    std: Vec<f32>,
    /// An input of whole numbers, `[1, 2]`, that takes the image's height and width, as
    /// exports of RT-DETR have.
    size_input: Option<String>,
    /// What comes out.
    head: Head,
    /// What the network's classes are, in their order; `null` for those that are no object here.
    labels: Vec<Option<ObjectClass>>,
    /// The score from which on an object counts.
    threshold: f32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Color {
    Grey,
    #[default]
    Rgb,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Fit {
    /// As large as fits, in the middle of grey.
    #[default]
    Letterbox,
    /// To the size, whatever becomes of its proportions.
    Stretch,
}

/// What comes out, N boxes at the most.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
enum Head {
    /// `[1, 4 + classes, N]`: middle, width, height in pixels, a score for each class.
    Yolo { output: String },
    /// `[1, N, 6]`: left, top, right, bottom in pixels, score, class.
    Rows { output: String },
    /// `[1, N, classes]` logits; `[1, N, 4]` middle, width, height as shares of the image's.
    Detr { logits: String, boxes: String },
    /// `[1, N, 4]` left, top, right, bottom in pixels; `[1, N]` scores; `[1, N]` classes. The first
    /// axis may be missing.
    Lists {
        boxes: String,
        scores: String,
        labels: String,
    },
}

/// Grey around a page in a letterbox.
const PAD: u8 = 114;
/// Boxes below this score are not looked at.
const LEAST_SCORE: f32 = 0.05;

/// A box as it comes out: class, score; left, top, right, bottom in pixels.
type RawBox = (usize, f32, [f32; 4]);

/// Where the page lies on the image.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Placement {
    /// Pixels a point, both ways.
    scale: [f32; 2],
    offset: [f32; 2],
}

impl ForeignConfig {
    /// Reads the JSON file and checks it against the network.
    pub(super) fn read(text: &str, network: &Network) -> Result<Self, NetworkError> {
        let config: Self = serde_json::from_str(text)
            .map_err(|e| network.mismatch(format!("its description cannot be read: {e}")))?;
        let channels = config.channels();
        let fits = |list: &Vec<f32>| list.is_empty() || list.len() == channels;
        let why = if config
            .size_px
            .iter()
            .any(|side| !(1..=MAX_SIDE_PX).contains(side))
        {
            "its image has no size that can be drawn"
        } else if !fits(&config.mean) || !fits(&config.std) {
            "mean and std need a number for each channel"
        } else if config.std.contains(&0.0) {
            "std has a zero"
        } else {
            return Ok(config);
        };
        Err(network.mismatch(why.to_owned()))
    }

    pub(super) fn threshold(&self) -> f32 {
        self.threshold
    }

    /// The resolution at which a page of this size, in points, fits the image.
    pub(super) fn dpi(&self, width: f32, height: f32) -> Dpi {
        let [across, along] = self.size_px.map(|side| side as f32);
        let (x, y) = (across / width.max(1.0), along / height.max(1.0));
        Dpi(72.0
            * match self.fit {
                Fit::Letterbox => x.min(y),
                Fit::Stretch => x.max(y),
            })
    }

    fn channels(&self) -> usize {
        match self.color {
            Color::Grey => 1,
            Color::Rgb => 3,
        }
    }

    /// The objects on a page, best first.
    pub(super) fn look(
        &self,
        network: &Network,
        raster: &RgbImage,
        page: &Rect,
    ) -> Result<Vec<FoundBox>, NetworkError> {
        let (image, placement) = self.place(raster, page);
        let input = self.numbers(&image);
        let [width, height] = self.size_px;
        let shape = [1, self.channels(), height, width];
        let size = [height as i32, width as i32];
        let mut inputs = vec![(self.input.as_str(), Input::Numbers(&shape, &input))];
        if let Some(name) = &self.size_input {
            inputs.push((name.as_str(), Input::Indices(&[1, 2], &size)));
        }
        let raw = self.raw_boxes(network, &inputs)?;
        Ok(best_of_each(
            raw.into_iter()
                .filter_map(|raw| self.found(raw, placement, page))
                .collect(),
        ))
    }

    /// The page on an image of the network's size.
    fn place(&self, raster: &RgbImage, page: &Rect) -> (RgbImage, Placement) {
        let [width, height] = self.size_px.map(|side| side as u32);
        let (points_x, points_y) = (page.width().max(1.0), page.height().max(1.0));
        if self.fit == Fit::Stretch {
            let image = imageops::resize(raster, width, height, imageops::FilterType::Triangle);
            let scale = [width as f32 / points_x, height as f32 / points_y];
            let offset = [0.0; 2];
            return (image, Placement { scale, offset });
        }
        let mut image = RgbImage::from_pixel(width, height, image::Rgb([PAD; 3]));
        let x = width.saturating_sub(raster.width()) / 2;
        let y = height.saturating_sub(raster.height()) / 2;
        imageops::replace(&mut image, raster, i64::from(x), i64::from(y));
        let scale = [
            raster.width() as f32 / points_x,
            raster.height() as f32 / points_y,
        ];
        let offset = [x as f32, y as f32];
        (image, Placement { scale, offset })
    }

    /// `[channels, height, width]`.
    fn numbers(&self, image: &RgbImage) -> Vec<f32> {
        let norm = |channel: usize, value: u8| {
            let of = |list: &[f32], default| list.get(channel).copied().unwrap_or(default);
            (f32::from(value) / 255.0 - of(&self.mean, 0.0)) / of(&self.std, 1.0)
        };
        match self.color {
            Color::Grey => {
                let grey = imageops::grayscale(image);
                grey.as_raw().iter().map(|value| norm(0, *value)).collect()
            }
            Color::Rgb => (0..3)
                .flat_map(|channel| {
                    let values = image.as_raw().iter().skip(channel).step_by(3);
                    values.map(move |value| norm(channel, *value))
                })
                .collect(),
        }
    }

    fn raw_boxes(
        &self,
        network: &Network,
        inputs: &[(&str, Input<'_>)],
    ) -> Result<Vec<RawBox>, NetworkError> {
        let size = self.size_px.map(|side| side as f32);
        Ok(match &self.head {
            Head::Yolo { output } => {
                let [table] = network.run(inputs, [output])?;
                yolo(&table)
            }
            Head::Rows { output } => {
                let [table] = network.run(inputs, [output])?;
                let rows = table.values.chunks_exact(6);
                rows.filter_map(|row| {
                    let &[x0, y0, x1, y1, score, class] = row.first_chunk()?;
                    Some((class_number(class)?, score, [x0, y0, x1, y1]))
                })
                .collect()
            }
            Head::Detr { logits, boxes } => {
                let [logits, boxes] = network.run(inputs, [logits, boxes])?;
                detr(&logits, &boxes, size)
            }
            Head::Lists {
                boxes,
                scores,
                labels,
            } => {
                let [boxes, scores, labels] = network.run(inputs, [boxes, scores, labels])?;
                let rows = boxes.values.chunks_exact(4).zip(&scores.values);
                rows.zip(&labels.values)
                    .filter_map(|((bbox, score), class)| {
                        Some((class_number(*class)?, *score, *bbox.first_chunk()?))
                    })
                    .collect()
            }
        })
    }

    fn found(&self, raw: RawBox, at: Placement, page: &Rect) -> Option<FoundBox> {
        let (class, score, [x0, y0, x1, y1]) = raw;
        let class = self.labels.get(class).copied().flatten()?;
        let ([scale_x, scale_y], [left, top]) = (at.scale, at.offset);
        let bbox = Rect::new(
            (x0 - left) / scale_x,
            (y0 - top) / scale_y,
            (x1 - left) / scale_x,
            (y1 - top) / scale_y,
        );
        // Comparisons with what is no number fail.
        let bbox = bbox.intersection(page).filter(|b| b.area() > 0.0)?;
        (score >= LEAST_SCORE.min(self.threshold)).then_some(FoundBox {
            class,
            score: score.min(1.0),
            bbox,
        })
    }
}

fn class_number(value: f32) -> Option<usize> {
    (0.0..1e6).contains(&value).then_some(value as usize)
}

/// The box around a middle.
fn around(x: f32, y: f32, width: f32, height: f32) -> [f32; 4] {
    [
        x - width / 2.0,
        y - height / 2.0,
        x + width / 2.0,
        y + height / 2.0,
    ]
}

/// The best class of some scores.
fn best(scores: impl Iterator<Item = f32>) -> Option<(usize, f32)> {
    scores.enumerate().max_by(|a, b| a.1.total_cmp(&b.1))
}

fn yolo(table: &Array) -> Vec<RawBox> {
    let &[_, rows, count] = table.shape.first_chunk().unwrap_or(&[0; 3]);
    let value = |row: usize, at: usize| table.values.get(row * count + at).copied();
    let boxes = (0..count).filter_map(|at| {
        let bbox = around(value(0, at)?, value(1, at)?, value(2, at)?, value(3, at)?);
        let (class, score) = best((4..rows).filter_map(|row| value(row, at)))?;
        Some((class, score, bbox))
    });
    boxes.collect()
}

fn detr(logits: &Array, boxes: &Array, [width, height]: [f32; 2]) -> Vec<RawBox> {
    let classes = logits.shape.last().copied().unwrap_or(0).max(1);
    let rows = logits.values.chunks_exact(classes);
    rows.zip(boxes.values.chunks_exact(4))
        .filter_map(|(logits, bbox)| {
            let &[x, y, w, h] = bbox.first_chunk()?;
            let (class, logit) = best(logits.iter().copied())?;
            let bbox = around(x * width, y * height, w * width, h * height);
            Some((class, 1.0 / (1.0 + (-logit).exp()), bbox))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::{
        detect::network::Detector,
        network::{
            Init, Ops, Reduction, Weights,
            record::{Length, Precision, Recorder},
        },
    };

    /// A detector of others for images of 64 by 96 pixels that sees fixed boxes, as sure as the
    /// image is bright: the mean of all its numbers times a table that sums to the output.
    fn model(outputs: &[(&str, &[usize], &[f32], bool)]) -> Vec<u8> {
        let tables = outputs.iter().map(|(name, shape, values, _)| {
            let table = Array {
                shape: shape.to_vec(),
                values: values.to_vec(),
            };
            ((*name).to_owned(), table)
        });
        let recorder = Recorder::new(Weights::Trained(tables.collect()), Precision::Full);
        let shape = [1, 3, 96, 64].map(Length::Fixed);
        let image = recorder.input("images", &shape);
        let mut bright = image;
        for axis in 0..4 {
            bright = recorder.reduce(Reduction::Mean, &bright, axis, true);
        }
        let bright = recorder.reshape(&bright, &[1]);
        for (name, shape, _, times) in outputs {
            let table = recorder.parameter(name, shape, Init::Constant(0.0));
            let output = if *times {
                recorder.mul(&table, &bright)
            } else {
                recorder.add(&table, &recorder.scale(&bright, 0.0))
            };
            recorder.output(&format!("{name}_out"), &output);
        }
        recorder.finish(&BTreeMap::new()).unwrap()
    }

    /// What such a detector sees on a white page of 128 by 128 points, which is half as large on
    /// its image and has grey above and below.
    fn seen(bytes: Vec<u8>, head: serde_json::Value) -> Vec<FoundBox> {
        let description = json!({
            "input": "images",
            "size_px": [64, 96],
            "head": head,
            "labels": ["table", null, "figure"],
            "threshold": 0.3,
        });
        let detector = Detector::foreign(bytes.into(), &description.to_string()).unwrap();
        let page = Rect::new(0.0, 0.0, 128.0, 128.0);
        let dpi = detector.dpi(page.width(), page.height());
        assert!((dpi.scale() - 0.5).abs() < 1e-6);
        let raster = RgbImage::from_pixel(64, 64, image::Rgb([255; 3]));
        let objects = detector.look(&raster, &page).unwrap();
        assert!(objects.iter().all(|o| o.appearance.is_empty()));
        objects.into_iter().map(|o| o.found).collect()
    }

    /// The mean of the image: white in the middle, grey above and below.
    fn brightness() -> f32 {
        (64.0 + 32.0 * f32::from(PAD) / 255.0) / 96.0
    }

    fn assert_seen(found: &[FoundBox], expected: &[(ObjectClass, f32, Rect)]) {
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for (found, (class, score, bbox)) in found.iter().zip(expected) {
            assert_eq!(found.class, *class);
            assert!((found.score - score).abs() < 1e-3, "{found:?}");
            assert!(found.bbox.iou(bbox) > 0.999, "{found:?}");
        }
    }

    const TABLE: Rect = Rect {
        x0: 20.0,
        y0: 8.0,
        x1: 60.0,
        y1: 28.0,
    };

    #[test]
    fn yolo_without_suppression() {
        // Columns: a table, the same again, something unwanted.
        #[rustfmt::skip]
        let table = [
            20.0, 20.5, 40.0,
            25.0, 25.0, 60.0,
            20.0, 20.0, 10.0,
            10.0, 10.0, 10.0,
        ];
        #[rustfmt::skip]
        let scores = [
            0.9, 0.8, 0.1,
            0.1, 0.1, 0.7,
            0.2, 0.0, 0.0,
        ];
        // Scores follow the brightness, places do not: two tables, joined by the same names.
        let mut all = table.map(|v| v / brightness()).to_vec();
        all.extend(scores);
        let bytes = model(&[("table", &[1, 7, 3], &all, true)]);
        let found = seen(bytes, json!({ "kind": "yolo", "output": "table_out" }));
        assert_seen(&found, &[(ObjectClass::Table, 0.9 * brightness(), TABLE)]);
    }

    #[test]
    fn rows_with_suppression_built_in() {
        let rows = [
            [10.0, 20.0, 30.0, 30.0, 0.9, 0.0],
            [10.0, 40.0, 30.0, 60.0, 0.8, 1.0],
            [40.0, 40.0, 60.0, 60.0, 0.01, 2.0],
            [40.0, 40.0, 60.0, f32::NAN, 0.9, 2.0],
            [40.0, 40.0, 60.0, 60.0, 0.9, -1.0],
            [40.0, 40.0, 60.0, 60.0, 0.9, 77.0],
        ];
        let bytes = model(&[("rows", &[1, 6, 6], rows.as_flattened(), false)]);
        let found = seen(bytes, json!({ "kind": "rows", "output": "rows_out" }));
        assert_seen(&found, &[(ObjectClass::Table, 0.9, TABLE)]);
    }

    #[test]
    fn detr_with_shares_and_logits() {
        let logits = [2.0, -9.0, -9.0, -9.0, 5.0, 1.0];
        let boxes = [20.0 / 64.0, 25.0 / 96.0, 20.0 / 64.0, 10.0 / 96.0];
        let bytes = model(&[
            ("logits", &[1, 2, 3], &logits, false),
            ("boxes", &[1, 2, 4], &[boxes, boxes].concat(), false),
        ]);
        let head = json!({ "kind": "detr", "logits": "logits_out", "boxes": "boxes_out" });
        let score = 1.0 / (1.0 + (-2.0_f32).exp());
        assert_seen(&seen(bytes, head), &[(ObjectClass::Table, score, TABLE)]);
    }

    #[test]
    fn lists_of_boxes_scores_and_labels() {
        let bytes = model(&[
            (
                "boxes",
                &[2, 4],
                &[10.0, 20.0, 30.0, 30.0, 0.0, 16.0, 64.0, 80.0],
                false,
            ),
            ("scores", &[2], &[0.5, 0.7], false),
            ("labels", &[2], &[0.0, 2.0], false),
        ]);
        let head = json!({
            "kind": "lists",
            "boxes": "boxes_out",
            "scores": "scores_out",
            "labels": "labels_out",
        });
        let whole = Rect::new(0.0, 0.0, 128.0, 128.0);
        let expected = [
            (ObjectClass::Figure, 0.7, whole),
            (ObjectClass::Table, 0.5, TABLE),
        ];
        assert_seen(&seen(bytes, head), &expected);
    }

    #[test]
    fn wrong_descriptions_say_what_is_wrong() {
        let bytes = model(&[("rows", &[1, 1, 6], &[0.0; 6], false)]);
        let good = json!({
            "input": "images",
            "size_px": [64, 96],
            "head": { "kind": "rows", "output": "rows_out" },
            "labels": [],
            "threshold": 0.3,
        });
        let load = |description: &serde_json::Value| {
            Detector::foreign(bytes.clone().into(), &description.to_string())
        };
        let cases = [
            ("size_px", json!([0, 96]), "no size that can be drawn"),
            (
                "size_px",
                json!([64, 1_000_000]),
                "no size that can be drawn",
            ),
            ("mean", json!([0.5]), "a number for each channel"),
            ("std", json!([0.0, 1.0, 1.0]), "std has a zero"),
            ("labels", json!(["chair"]), "unknown variant `chair`"),
            ("colour", json!("rgb"), "unknown field `colour`"),
        ];
        for (field, value, expected) in cases {
            let mut description = good.clone();
            description[field] = value;
            let error = load(&description).unwrap_err().to_string();
            assert!(error.contains(expected), "{field}: {error}");
        }
        let raster = RgbImage::new(64, 64);
        let page = Rect::new(0.0, 0.0, 128.0, 128.0);
        let mut description = good.clone();
        description["input"] = json!("picture");
        let error = load(&description)
            .unwrap()
            .look(&raster, &page)
            .unwrap_err();
        assert!(error.to_string().contains("no tensor picture"), "{error}");
        assert!(
            load(&good)
                .unwrap()
                .look(&raster, &page)
                .unwrap()
                .is_empty()
        );
    }

    #[test]
    fn an_image_can_be_stretched_grey_and_normalised() {
        let config: ForeignConfig = serde_json::from_value(json!({
            "input": "x", "size_px": [2, 1], "color": "grey", "fit": "stretch",
            "mean": [0.5], "std": [0.5], "head": { "kind": "rows", "output": "y" },
            "labels": [], "threshold": 0.3,
        }))
        .unwrap();
        let mut raster = RgbImage::from_pixel(2, 4, image::Rgb([255; 3]));
        for y in 0..4 {
            raster.put_pixel(0, y, image::Rgb([0; 3]));
        }
        let (image, placement) = config.place(&raster, &Rect::new(0.0, 0.0, 4.0, 8.0));
        assert_eq!(config.numbers(&image), [-1.0, 1.0]);
        assert_eq!(placement.scale, [0.5, 0.125]);
    }
}
