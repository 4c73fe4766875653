//! Runs the detector on pages.

use std::{borrow::Cow, sync::OnceLock};

use image::{GrayImage, RgbImage, imageops};

use crate::{
    geometry::{Dpi, Rect},
    network::{Array, Input, Network, NetworkError, once},
};

use super::{
    DetectorConfig, FEATURES, FoundBox, NETWORK, STRIDE, boxes, foreign::ForeignConfig, refine::Ink,
};

/// The weights that belong to this program; `train detector` made them.
const WEIGHTS: &[u8] = include_bytes!("../weights/detector.onnx");
/// Objects below their class's threshold are kept down to this score: something else can speak for
/// them.
const LEAST_SCORE: f32 = 0.1;
/// Blank pixels, as the network counts them.
const WHITE: f32 = 0.0;

/// The network with its weights, ready to look at pages. It can be shared among threads.
#[derive(Debug)]
pub struct Detector {
    network: Network,
    kind: Kind,
}

/// Whose network it is.
#[derive(Debug)]
enum Kind {
    Own(DetectorConfig),
    Foreign(ForeignConfig),
}

/// An object on a page with what it looks like.
#[derive(Debug, Clone, PartialEq)]
pub struct PageObject {
    /// Where and what it is.
    pub found: FoundBox,
    /// Its score reaches its class's threshold.
    pub sure: bool,
    /// The network's features averaged over the box, [`FEATURES`] numbers; none from networks of
    /// others.
    pub appearance: Vec<f32>,
}

/// The objects of one page, best first.
pub type PageObjects = Vec<PageObject>;

impl Detector {
    /// The program's own.
    ///
    /// # Errors
    /// When the weights that were built in are damaged.
    pub fn embedded() -> Result<&'static Self, NetworkError> {
        static EMBEDDED: OnceLock<Detector> = OnceLock::new();
        once(&EMBEDDED, || Self::load(Cow::Borrowed(WEIGHTS)))
    }

    /// Reads a file of weights with its config.
    ///
    /// # Errors
    /// When the file is damaged or holds another network.
    pub fn load(bytes: Cow<'static, [u8]>) -> Result<Self, NetworkError> {
        let network = Network::load("detector", bytes)?;
        network.expect_property("network", NETWORK)?;
        let config = network.property("config").unwrap_or_default();
        let config: DetectorConfig = serde_json::from_str(config)
            .map_err(|e| network.mismatch(format!("its config cannot be read: {e}")))?;
        let sides = [config.short_side_px, config.long_side_px];
        if sides
            .iter()
            .any(|side| *side == 0 || side % super::COARSEST != 0 || *side > 4096)
            || config.classes.len() != config.thresholds.len()
        {
            return Err(network.mismatch("its config makes no sense".to_owned()));
        }
        Ok(Self {
            network,
            kind: Kind::Own(config),
        })
    }

    /// Takes a network of others, and the JSON text that says what goes in and comes out.
    ///
    /// # Errors
    /// When the file is damaged or the text does not describe it.
    pub fn foreign(bytes: Cow<'static, [u8]>, description: &str) -> Result<Self, NetworkError> {
        let network = Network::load("detector", bytes)?;
        let config = ForeignConfig::read(description, &network)?;
        Ok(Self {
            network,
            kind: Kind::Foreign(config),
        })
    }

    /// Which weights these are.
    pub fn hash(&self) -> &str {
        self.network.hash()
    }

    /// What else than the weights decides what it says, as text.
    pub fn settings(&self) -> String {
        let settings = match &self.kind {
            Kind::Own(config) => serde_json::to_string(config),
            Kind::Foreign(config) => serde_json::to_string(config),
        };
        // Neither holds what JSON cannot.
        settings.unwrap_or_default()
    }

    /// The resolution at which a page of this size, in points, fits the network's image.
    pub fn dpi(&self, width: f32, height: f32) -> Dpi {
        match &self.kind {
            Kind::Own(config) => config.dpi(width, height),
            Kind::Foreign(config) => config.dpi(width, height),
        }
    }

    /// The objects on a page of `page`'s size, drawn at [`dpi`](Self::dpi).
    ///
    /// # Errors
    /// When the weights do not fit the network after all.
    pub fn look(&self, raster: &RgbImage, page: &Rect) -> Result<PageObjects, NetworkError> {
        match &self.kind {
            Kind::Own(config) => look(&self.network, config, raster, page),
            Kind::Foreign(config) => {
                let found = config.look(&self.network, raster, page)?.into_iter();
                Ok(found
                    .map(|found| PageObject {
                        sure: found.score >= config.threshold(),
                        found,
                        appearance: Vec::new(),
                    })
                    .collect())
            }
        }
    }
}

/// The objects on a page, by the program's own network.
fn look(
    network: &Network,
    config: &DetectorConfig,
    raster: &RgbImage,
    page: &Rect,
) -> Result<PageObjects, NetworkError> {
    let grey = imageops::grayscale(raster);
    let (width_px, height_px) = config.image_size(page.width() > page.height());
    let input = page_input(&grey, width_px, height_px);
    let [middles, sides, features] = network.run(
        &[("page", Input::Numbers(&[1, 1, height_px, width_px], &input))],
        ["middles", "sides", "features"],
    )?;
    let scale = grey.width() as f32 / page.width().max(1.0);
    let (drawn_x, drawn_y) = (grey.width() as usize, grey.height() as usize);
    let ink = Ink::new(&input, width_px, drawn_x, drawn_y);
    let found = boxes(&config.lenient(LEAST_SCORE), &middles, &sides, scale, page);
    Ok(found
        .into_iter()
        .map(|found| PageObject {
            appearance: appearance(&features, &found.bbox, scale),
            sure: found.score >= config.threshold(found.class),
            found: FoundBox {
                bbox: refined(&ink, &found.bbox, scale),
                ..found
            },
        })
        .collect())
}

/// A box in page points that ends where the ink does.
fn refined(ink: &Ink, bbox: &Rect, scale: f32) -> Rect {
    let pixels = [bbox.x0, bbox.y0, bbox.x1, bbox.y1].map(|side| side * scale);
    let [x0, y0, x1, y1] = ink.refine(pixels).map(|side| side / scale);
    Rect::new(x0, y0, x1, y1)
}

/// The network's image of a page: 0 for white and 1 for black, the page at the top left.
fn page_input(grey: &GrayImage, width_px: usize, height_px: usize) -> Vec<f32> {
    let mut input = vec![WHITE; width_px * height_px];
    for (row, pixels) in input
        .chunks_exact_mut(width_px.max(1))
        .zip(grey.as_raw().chunks_exact(grey.width().max(1) as usize))
    {
        for (value, pixel) in row.iter_mut().zip(pixels) {
            *value = f32::from(255 - pixel) / 255.0;
        }
    }
    input
}

/// The mean of the features in a box; `features` is `[1, FEATURES, h, w]`.
fn appearance(features: &Array, bbox: &Rect, scale: f32) -> Vec<f32> {
    let &[_, channels, height, width] = features.shape.first_chunk().unwrap_or(&[0; 4]);
    let cell = |points: f32| (points * scale / STRIDE as f32).max(0.0);
    let columns = cell(bbox.x0) as usize..(cell(bbox.x1).ceil() as usize).min(width);
    let rows = cell(bbox.y0) as usize..(cell(bbox.y1).ceil() as usize).min(height);
    let count = (columns.len() * rows.len()).max(1) as f32;
    (0..channels.min(FEATURES))
        .map(|channel| {
            let sum: f32 = rows
                .clone()
                .filter_map(|row| {
                    let start = (channel * height + row) * width;
                    features
                        .values
                        .get(start + columns.start..start + columns.end)
                })
                .flatten()
                .sum();
            sum / count
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{detect::network::ObjectClass, network::Weights};

    #[test]
    fn a_page_lies_at_the_top_left_of_its_image() {
        let grey = GrayImage::from_fn(2, 3, |x, y| image::Luma([(x * 100 + y * 50) as u8]));
        let input = page_input(&grey, 3, 4);
        let black = |v: u8| f32::from(255 - v) / 255.0;
        assert_eq!(input[..3], [black(0), black(100), WHITE]);
        assert_eq!(input[6..9], [black(100), black(200), WHITE]);
        assert_eq!(input[9..], [WHITE; 3]);
        assert_eq!(page_input(&grey, 1, 1), [1.0]);
    }

    fn seeded(config: &DetectorConfig) -> Vec<u8> {
        super::super::onnx(Weights::Seeded(1), config, 0).unwrap()
    }

    #[test]
    fn a_page_is_looked_at_upright_and_landscape() {
        let mut config = DetectorConfig::default();
        // Untrained, the network takes no middle for likely: every cell is a peak then.
        config.thresholds = vec![0.0; config.classes.len()];
        let bytes = seeded(&config);
        assert!(bytes.len() < 6 << 20, "{} bytes", bytes.len());
        let detector = Detector::load(bytes.into()).unwrap();
        for page in [
            Rect::new(0.0, 0.0, 595.0, 842.0),
            Rect::new(0.0, 0.0, 960.0, 540.0),
        ] {
            let scale = detector.dpi(page.width(), page.height()).scale();
            let [w, h] = [page.width(), page.height()].map(|side| (side * scale).round() as u32);
            let noise = |x: u32, y: u32| image::Rgb([(x * 31 + y * 17) as u8; 3]);
            let raster = RgbImage::from_fn(w, h, noise);
            let objects = detector.look(&raster, &page).unwrap();
            assert!(!objects.is_empty());
            for object in &objects {
                assert_eq!(object.appearance.len(), FEATURES);
                assert!(object.found.bbox.covered_by(&page) > 0.999);
            }
        }
    }

    #[test]
    fn the_weights_that_are_built_in_see_a_table() {
        let detector = Detector::embedded().unwrap();
        assert!(WEIGHTS.len() < 6 << 20, "{} bytes", WEIGHTS.len());
        let page = Rect::new(0.0, 0.0, 595.0, 842.0);
        let mut raster = RgbImage::from_pixel(317, 448, image::Rgb([255; 3]));
        // Ten ruled rows of words in four columns.
        let (left, top, right, bottom) = (60, 100, 260, 220);
        for y in top..=bottom {
            for x in left..=right {
                let (row, column) = ((y - top) % 12, (x - left) % 50);
                let rule = row == 0 || column == 0;
                let word = (4..8).contains(&row) && (6..34).contains(&column) && x % 4 != 0;
                if rule || word {
                    raster.put_pixel(x, y, image::Rgb([60; 3]));
                }
            }
        }
        let objects = detector.look(&raster, &page).unwrap();
        let scale = 448.0 / 842.0;
        let table = [left, top, right + 1, bottom + 1].map(|side| side as f32 / scale);
        let table = Rect::new(table[0], table[1], table[2], table[3]);
        let best = objects.first().unwrap();
        assert_eq!(best.found.class, ObjectClass::Table);
        assert!(best.sure && best.found.bbox.iou(&table) > 0.9, "{best:?}");
        assert_eq!(best.appearance.len(), FEATURES);
    }

    #[test]
    fn weights_of_another_kind_are_refused() {
        let config = DetectorConfig {
            short_side_px: 100,
            ..DetectorConfig::default()
        };
        let error = Detector::load(seeded(&config).into()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the weights of the detector are those of another network: its config makes no sense"
        );
        let mut damaged = seeded(&DetectorConfig::default());
        damaged.truncate(damaged.len() / 2);
        let error = Detector::load(damaged.into()).unwrap_err();
        assert!(error.to_string().contains("cannot be read"), "{error}");
    }

    /// What one page costs; run it alone, with --ignored and --nocapture.
    #[test]
    #[ignore = "a measurement"]
    fn time_of_a_page() {
        let detector = Detector::load(seeded(&DetectorConfig::default()).into()).unwrap();
        let page = Rect::new(0.0, 0.0, 595.0, 842.0);
        let raster = RgbImage::from_pixel(317, 448, image::Rgb([255; 3]));
        let mut times: Vec<f64> = (0..30)
            .map(|_| {
                let start = std::time::Instant::now();
                detector.look(&raster, &page).unwrap();
                start.elapsed().as_secs_f64() * 1e3
            })
            .collect();
        times.sort_by(f64::total_cmp);
        let (least, median) = (times[0], times[times.len() / 2]);
        panic!("{least:.1} ms at the least, {median:.1} ms in the median");
    }

    #[test]
    fn the_appearance_is_the_mean_in_the_box() {
        let features = Array {
            shape: vec![1, 2, 2, 2],
            values: vec![1.0, 2.0, 3.0, 4.0, 10.0, 20.0, 30.0, 40.0],
        };
        let right = Rect::new(8.0, 0.0, 16.0, 16.0);
        assert_eq!(appearance(&features, &right, 1.0), [3.0, 30.0]);
        let outside = Rect::new(50.0, 50.0, 60.0, 60.0);
        assert_eq!(appearance(&features, &outside, 1.0), [0.0, 0.0]);
        assert!(appearance(&Array::default(), &right, 1.0).is_empty());
    }
}
