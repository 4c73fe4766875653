//! Pieces of pages that show what went wrong with a pair. They are text and pictures of the
//! document, so a report has them only when asked.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use image::{Rgb, RgbImage};

use super::{
    document::read_source,
    pair::{Pair, Verdict},
    report::Report,
    worst::{PairPlace, WrongPair, worst_pairs},
};
use crate::{
    geometry::{Dpi, PageIndex, Rect, Region},
    output::{crops::cut_out, html::data_uri},
    pdf::PageRenderer,
};

/// How many pairs are shown, and how many bytes of pictures at the most: the page is to open fast.
const MAX_PAIRS: usize = 60;
/// See [`MAX_PAIRS`].
const MAX_BYTES: usize = 9_000_000;
/// Text of 8 points can just be read.
const DPI: Dpi = Dpi(80.0);
/// What is shown above and below the words that mean a visual, in points.
const AROUND_WORDS: f32 = 70.0;
/// What is shown above and below a gold caption whose visual is not known, in points: it may
/// stand on either side.
const AROUND_CAPTION: f32 = 160.0;
/// What is shown around a visual, in points.
const MARGIN: f32 = 8.0;
/// Frame of the gold's boxes.
const GOLD: Rgb<u8> = Rgb([204, 34, 68]);
/// Frame of the program's visuals.
const OURS: Rgb<u8> = Rgb([51, 85, 200]);

/// Pictures of some pairs.
#[derive(Debug, Clone, Default)]
pub struct PairPictures {
    pictures: BTreeMap<PairPlace, PairPicture>,
}

/// What a pair is about, as addresses that hold the images.
#[derive(Debug, Clone, Default)]
pub(super) struct PairPicture {
    /// Around the words that mean the visual.
    pub(super) paragraph: Option<String>,
    /// The visual that they mean.
    pub(super) target: Option<String>,
    /// The visual that the program links instead.
    pub(super) predicted: Option<String>,
}

impl PairPictures {
    /// Draws the worst pairs of a report. `files` are those that the report was made of, in the
    /// same order; a file that cannot be drawn has no pictures.
    pub fn draw(report: &Report, files: &[PathBuf]) -> PairPictures {
        let mut by_document: BTreeMap<usize, Vec<WrongPair<'_>>> = BTreeMap::new();
        for wrong in worst_pairs(report, MAX_PAIRS) {
            let own = by_document.entry(wrong.place.document).or_default();
            own.push(wrong);
        }
        let mut pictures = BTreeMap::new();
        let mut bytes = 0;
        for (document, pairs) in by_document {
            let Some(mut pages) = files.get(document).and_then(|path| Pages::open(path)) else {
                continue;
            };
            for wrong in pairs {
                let picture = pages.picture(wrong.pair, wrong.verdict);
                bytes += picture.bytes();
                if bytes > MAX_BYTES {
                    return PairPictures { pictures };
                }
                pictures.insert(wrong.place, picture);
            }
        }
        PairPictures { pictures }
    }

    pub(super) fn of(&self, place: PairPlace) -> Option<&PairPicture> {
        self.pictures.get(&place)
    }
}

impl PairPicture {
    fn bytes(&self) -> usize {
        [&self.paragraph, &self.target, &self.predicted]
            .into_iter()
            .flatten()
            .map(String::len)
            .sum()
    }
}

/// The pages of a document, drawn when they are needed.
struct Pages {
    renderer: PageRenderer,
    drawn: BTreeMap<PageIndex, Option<RgbImage>>,
}

impl Pages {
    fn open(path: &Path) -> Option<Pages> {
        let source = read_source(path).ok()?;
        Some(Pages {
            renderer: PageRenderer::open(&source).ok()?,
            drawn: BTreeMap::new(),
        })
    }

    fn picture(&mut self, pair: &Pair, verdict: &Verdict) -> PairPicture {
        let words = band(&pair.bbox, AROUND_WORDS);
        let own = pair.visual.filter(|visual| visual.page == pair.target_page);
        let shown = match own {
            Some(visual) => visual.bbox.union(&pair.target).inflate(MARGIN),
            None => band(&pair.target, AROUND_CAPTION),
        };
        let frames = own.map(|visual| (visual.bbox, OURS));
        let frames: Vec<_> = frames.into_iter().chain([(pair.target, GOLD)]).collect();
        PairPicture {
            paragraph: self.cut(pair.page, &words, &[(pair.bbox, GOLD)]),
            target: self.cut(pair.target_page, &shown, &frames),
            predicted: verdict.predicted.and_then(|Region { page, bbox }| {
                self.cut(page, &bbox.inflate(MARGIN), &[(bbox, OURS)])
            }),
        }
    }

    /// A piece of a page with boxes framed.
    fn cut(&mut self, page: PageIndex, shown: &Rect, frames: &[(Rect, Rgb<u8>)]) -> Option<String> {
        let page_box = self.renderer.page_box(page)?;
        let renderer = &self.renderer;
        let raster = self
            .drawn
            .entry(page)
            .or_insert_with(|| renderer.render(page, DPI))
            .as_ref()?;
        let mut raster = raster.clone();
        for (bbox, color) in frames {
            frame(&mut raster, page_box, bbox, *color);
        }
        data_uri(&cut_out(&raster, page_box, shown)?)
    }
}

/// A stripe of the page's whole width.
fn band(bbox: &Rect, around: f32) -> Rect {
    /// Wider than any page.
    const FAR: f32 = 1e6;
    Rect {
        x0: -FAR,
        x1: FAR,
        y0: bbox.y0 - around,
        y1: bbox.y1 + around,
    }
}

/// Draws the edges of a box, one pixel outside it.
fn frame(raster: &mut RgbImage, page: Rect, bbox: &Rect, color: Rgb<u8>) {
    let (x_scale, y_scale) = (
        raster.width() as f32 / page.width(),
        raster.height() as f32 / page.height(),
    );
    // Numbers too large or not finite saturate and are clamped.
    let column = |x: f32| ((x * x_scale) as i64).clamp(0, i64::from(raster.width()) - 1) as u32;
    let line = |y: f32| ((y * y_scale) as i64).clamp(0, i64::from(raster.height()) - 1) as u32;
    let (x0, x1) = (column(bbox.x0 - 1.5), column(bbox.x1 + 1.5));
    let (y0, y1) = (line(bbox.y0 - 1.5), line(bbox.y1 + 1.5));
    for x in x0..=x1 {
        raster.put_pixel(x, y0, color);
        raster.put_pixel(x, y1, color);
    }
    for y in y0..=y1 {
        raster.put_pixel(x0, y, color);
        raster.put_pixel(x1, y, color);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_stay_in_the_picture() {
        let page = Rect::new(0.0, 0.0, 20.0, 10.0);
        let white = RgbImage::from_pixel(40, 20, Rgb([255; 3]));
        let mut raster = white.clone();
        frame(&mut raster, page, &Rect::new(5.0, 4.0, 8.0, 6.0), GOLD);
        assert_eq!(*raster.get_pixel(7, 10), GOLD);
        assert_eq!(*raster.get_pixel(12, 5), GOLD);
        assert_eq!(*raster.get_pixel(12, 10), Rgb([255; 3]));
        let mut raster = white;
        let absurd = Rect::new(-1e30, f32::NAN, f32::INFINITY, 1e30);
        frame(&mut raster, page, &absurd, GOLD);
        assert_eq!(raster.dimensions(), (40, 20));
    }
}
