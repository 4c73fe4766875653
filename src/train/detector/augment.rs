//! Page images as the network meets them: cut, turned and scaled a little, and worn as scans are.
//! Pixels are counted as ink: 0 for white, 1 for black.

use image::{GrayImage, codecs::jpeg::JpegEncoder};

use crate::{detect::network::ObjectClass, random::SplitMix};

use super::{
    data::LabelledPage,
    targets::{PixelObject, Targets},
};

/// How often a page stays as clean as it was drawn.
const CLEAN: f64 = 0.4;
/// How often a page keeps its place and size.
const IN_PLACE: f64 = 0.25;
/// The largest turn, in degrees.
const MAX_TURN: f64 = 2.0;
/// The farthest a page is scaled up or down.
const MAX_ZOOM: f64 = 1.25;
/// The farthest its proportions change.
const MAX_STRETCH: f64 = 1.06;
/// Samples of the page per pixel of the image, both ways: pages shrink to less than half.
const SAMPLES: usize = 3;
/// Of an object that the cut leaves less of, nothing is known.
const MIN_VISIBLE: f32 = 0.6;

/// An image of the network's size and what is on it.
#[derive(Debug, Clone, PartialEq)]
pub struct Example {
    /// `[h, w]`: ink.
    pub ink: Vec<f32>,
    /// What the network should say of it.
    pub targets: Targets,
}

/// How a page lies on the image: `image = factors * turn * (page - center) + offset`, in pixels of
/// each.
#[derive(Debug, Clone, Copy)]
struct Placement {
    center: [f32; 2],
    factors: [f32; 2],
    /// Sine and cosine.
    turn: [f32; 2],
    offset: [f32; 2],
}

impl Placement {
    /// As inference places pages: as large as fits, at the top left.
    fn plain(page: &GrayImage, width: usize, height: usize) -> Self {
        let (page_width, page_height) = (page.width() as f32, page.height() as f32);
        let factor = (width as f32 / page_width).min(height as f32 / page_height);
        let center = [page_width / 2.0, page_height / 2.0];
        Self {
            center,
            factors: [factor; 2],
            turn: [0.0, 1.0],
            offset: center.map(|c| c * factor),
        }
    }

    /// Turned, scaled and moved by chance.
    fn random(page: &GrayImage, width: usize, height: usize, random: &mut SplitMix) -> Self {
        let mut placement = Self::plain(page, width, height);
        if random.chance(IN_PLACE) {
            return placement;
        }
        let zoom = MAX_ZOOM.powf(random.between(-1.0, 1.0));
        let stretch = MAX_STRETCH.powf(random.between(-1.0, 1.0)).sqrt();
        let [fx, fy] = placement.factors;
        placement.factors = [fx * (zoom * stretch) as f32, fy * (zoom / stretch) as f32];
        if random.chance(0.3) {
            let angle = random.between(-MAX_TURN, MAX_TURN).to_radians();
            placement.turn = [angle.sin() as f32, angle.cos() as f32];
        }
        for (axis, side) in [width, height].into_iter().enumerate() {
            let (Some(center), Some(factor), Some(offset)) = (
                placement.center.get(axis),
                placement.factors.get(axis),
                placement.offset.get_mut(axis),
            ) else {
                continue;
            };
            // From flush at one border to flush at the other, whether it fits or sticks out.
            let half = center * factor;
            let (low, high) = (f64::from(half), side as f64 - f64::from(half));
            *offset = random.between(low.min(high), low.max(high)) as f32;
        }
        placement
    }

    fn to_image(self, [x, y]: [f32; 2]) -> [f32; 2] {
        let ([cx, cy], [fx, fy], [sin, cos], [ox, oy]) =
            (self.center, self.factors, self.turn, self.offset);
        let (x, y) = (x - cx, y - cy);
        [fx * (cos * x - sin * y) + ox, fy * (sin * x + cos * y) + oy]
    }

    fn to_page(self, [x, y]: [f32; 2]) -> [f32; 2] {
        let ([cx, cy], [fx, fy], [sin, cos], [ox, oy]) =
            (self.center, self.factors, self.turn, self.offset);
        let (x, y) = ((x - ox) / fx, (y - oy) / fy);
        [cos * x + sin * y + cx, cos * y - sin * x + cy]
    }

    /// The box around a page's box on the image.
    fn bbox(self, [x0, y0, x1, y1]: [f32; 4]) -> [f32; 4] {
        let corners = [[x0, y0], [x1, y0], [x1, y1], [x0, y1]].map(|c| self.to_image(c));
        let xs = corners.map(|[x, _]| x);
        let ys = corners.map(|[_, y]| y);
        let low = |values: [f32; 4]| values.into_iter().fold(f32::INFINITY, f32::min);
        let high = |values: [f32; 4]| values.into_iter().fold(f32::NEG_INFINITY, f32::max);
        [low(xs), low(ys), high(xs), high(ys)]
    }
}

/// A page as inference would see it.
pub fn plain_example(
    page: &LabelledPage,
    image: &GrayImage,
    width: usize,
    height: usize,
) -> Example {
    let placement = Placement::plain(image, width, height);
    example(page, image, width, height, placement)
}

/// A page moved and worn by chance.
pub fn random_example(
    page: &LabelledPage,
    image: &GrayImage,
    width: usize,
    height: usize,
    random: &mut SplitMix,
) -> Example {
    let placement = Placement::random(image, width, height, random);
    let mut example = example(page, image, width, height, placement);
    if !random.chance(CLEAN) {
        wear(&mut example.ink, width, height, random);
    }
    example
}

fn example(
    page: &LabelledPage,
    image: &GrayImage,
    width: usize,
    height: usize,
    placement: Placement,
) -> Example {
    let scale = image.width() as f32 / page.size.width();
    let place = |bbox: &crate::geometry::Rect| {
        placement.bbox([bbox.x0, bbox.y0, bbox.x1, bbox.y1].map(|side| side * scale))
    };
    let (w, h) = (width as f32, height as f32);
    let mut objects = Vec::new();
    let mut ignored: Vec<[f32; 4]> = page.ignored.iter().map(place).collect();
    for object in &page.objects {
        let [x0, y0, x1, y1] = place(&object.bbox);
        let cut = [x0.max(0.0), y0.max(0.0), x1.min(w), y1.min(h)];
        let [cx0, cy0, cx1, cy1] = cut;
        if cx0 >= cx1 || cy0 >= cy1 {
            continue;
        }
        if (cx1 - cx0) * (cy1 - cy0) < MIN_VISIBLE * (x1 - x0) * (y1 - y0) {
            ignored.push(cut);
        } else {
            objects.push(PixelObject {
                class: object.class,
                bbox: cut,
            });
        }
    }
    debug_assert_eq!(page.known.len(), ObjectClass::ALL.len());
    Example {
        ink: sampled(image, width, height, placement),
        targets: Targets::new(width, height, &objects, &ignored, &page.known),
    }
}

/// The page's ink on the image, each pixel the mean of some samples.
fn sampled(image: &GrayImage, width: usize, height: usize, placement: Placement) -> Vec<f32> {
    let (columns, rows) = (image.width() as usize, image.height() as usize);
    let pixels = image.as_raw();
    let ink_at = |x: f32, y: f32| {
        if x < 0.0 || y < 0.0 || x >= columns as f32 || y >= rows as f32 {
            return 0_u32;
        }
        let pixel = pixels.get(y as usize * columns + x as usize);
        u32::from(255 - pixel.copied().unwrap_or(255))
    };
    // One step of a sample on the image is this step on the page.
    let origin = placement.to_page([0.0, 0.0]);
    let step = 1.0 / SAMPLES as f32;
    let [right, down] = [[step, 0.0], [0.0, step]].map(|to| {
        let [x, y] = placement.to_page(to);
        [x - origin[0], y - origin[1]]
    });
    let total = (SAMPLES * SAMPLES * 255) as f32;
    let mut ink = Vec::with_capacity(width * height);
    for y in 0..height {
        for x in 0..width {
            let mut sum = 0;
            for j in 0..SAMPLES {
                for i in 0..SAMPLES {
                    let across = (x * SAMPLES + i) as f32 + 0.5;
                    let along = (y * SAMPLES + j) as f32 + 0.5;
                    sum += ink_at(
                        origin[0] + right[0] * across + down[0] * along,
                        origin[1] + right[1] * across + down[1] * along,
                    );
                }
            }
            ink.push(sum as f32 / total);
        }
    }
    ink
}

/// Wears an image as printing, lying and scanning do; each kind of wear comes by chance.
fn wear(ink: &mut [f32], width: usize, height: usize, random: &mut SplitMix) {
    if random.chance(0.12) {
        bleed_through(ink, width, random.between(0.04, 0.15) as f32);
    }
    if random.chance(0.15) {
        coarsen(ink, width, height);
    }
    if random.chance(0.25) {
        blur(ink, width, height);
    }
    if random.chance(0.6) {
        tone(ink, random);
    }
    if random.chance(0.15) {
        shadow(ink, width, height, random);
    }
    if random.chance(0.12) {
        border(ink, width, height, random);
    }
    if random.chance(0.5) {
        let deviation = random.between(0.005, 0.07);
        for value in ink.iter_mut() {
            *value += (random.normal() * deviation) as f32;
        }
    }
    for value in ink.iter_mut() {
        *value = value.clamp(0.0, 1.0);
    }
    if random.chance(0.15) {
        compress(ink, width, height, 12 + random.below(50) as u8);
    } else if random.chance(0.07) {
        let limit = random.between(0.25, 0.5) as f32;
        for value in ink.iter_mut() {
            *value = f32::from(u8::from(*value > limit));
        }
    }
}

/// The other side of the sheet shows through, mirrored.
fn bleed_through(ink: &mut [f32], width: usize, share: f32) {
    for row in ink.chunks_exact_mut(width) {
        let back: Vec<f32> = row.iter().rev().copied().collect();
        for (value, back) in row.iter_mut().zip(back) {
            *value += back * share;
        }
    }
}

/// As scanned at half the resolution.
fn coarsen(ink: &mut [f32], width: usize, height: usize) {
    for y in (0..height.saturating_sub(1)).step_by(2) {
        for x in (0..width.saturating_sub(1)).step_by(2) {
            let at = [0, 1, width, width + 1].map(|off| y * width + x + off);
            let mean = at.iter().filter_map(|at| ink.get(*at)).sum::<f32>() / 4.0;
            for at in at {
                if let Some(value) = ink.get_mut(at) {
                    *value = mean;
                }
            }
        }
    }
}

/// Each pixel becomes the mean of itself and its neighbours.
fn blur(ink: &mut [f32], width: usize, height: usize) {
    let sharp = ink.to_vec();
    for y in 1..height.saturating_sub(1) {
        for x in 1..width.saturating_sub(1) {
            let rows =
                (y - 1..=y + 1).filter_map(|y| sharp.get(y * width + x - 1..y * width + x + 2));
            if let Some(value) = ink.get_mut(y * width + x) {
                *value = rows.flatten().sum::<f32>() / 9.0;
            }
        }
    }
}

/// Fainter or fatter ink on darker paper.
fn tone(ink: &mut [f32], random: &mut SplitMix) {
    let gamma = 1.8_f64.powf(random.between(-1.0, 1.0)) as f32;
    let paper = random.between(0.0, 0.15) as f32;
    let black = random.between(0.55, 1.0) as f32;
    for value in ink.iter_mut() {
        *value = paper + (black - paper) * value.clamp(0.0, 1.0).powf(gamma);
    }
}

/// One side of the page lies in the dark, as by the fold of a book.
fn shadow(ink: &mut [f32], width: usize, height: usize, random: &mut SplitMix) {
    let depth = random.between(0.1, 0.4) as f32;
    let reach = random.between(0.1, 0.6) as f32;
    let (upright, far) = (random.chance(0.3), random.chance(0.5));
    for (at, value) in ink.iter_mut().enumerate() {
        let place = if upright {
            (at / width) as f32 / height as f32
        } else {
            (at % width) as f32 / width as f32
        };
        let place = if far { 1.0 - place } else { place };
        *value += depth * (1.0 - place / reach).max(0.0);
    }
}

/// The scanner's lid shows at one side.
fn border(ink: &mut [f32], width: usize, height: usize, random: &mut SplitMix) {
    let side = random.below(4);
    let thickness = 1 + random.below(width.max(height) / 40);
    let dark = random.between(0.5, 1.0) as f32;
    for (at, value) in ink.iter_mut().enumerate() {
        let (x, y) = (at % width, at / width);
        let distance = match side {
            0 => x,
            1 => width - 1 - x,
            2 => y,
            _ => height - 1 - y,
        };
        if distance < thickness {
            *value = dark;
        }
    }
}

/// Through JPEG and back.
fn compress(ink: &mut [f32], width: usize, height: usize, quality: u8) {
    let pixels = ink.iter().map(|v| 255 - (v * 255.0) as u8).collect();
    let Some(image) = GrayImage::from_raw(width as u32, height as u32, pixels) else {
        return;
    };
    let mut file = Vec::new();
    // An image that cannot be written so stays as it is.
    if JpegEncoder::new_with_quality(&mut file, quality)
        .encode_image(&image)
        .is_err()
    {
        return;
    }
    if let Ok(read) = image::load_from_memory(&file) {
        for (value, pixel) in ink.iter_mut().zip(read.into_luma8().as_raw()) {
            *value = f32::from(255 - pixel) / 255.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        geometry::Rect,
        train::detector::data::{Labelled, Split},
    };

    const WIDTH: usize = 64;
    const HEIGHT: usize = 96;

    /// A page of 150 by 220 pixels at 2 pixels a point, with a black figure.
    fn page() -> (LabelledPage, GrayImage) {
        let bbox = Rect::new(20.0, 30.0, 50.0, 60.0);
        let page = LabelledPage {
            image: "none".into(),
            size: Rect::new(0.0, 0.0, 75.0, 110.0),
            split: Split::Train,
            objects: vec![Labelled {
                class: ObjectClass::Figure,
                bbox,
            }],
            ignored: Vec::new(),
            known: vec![true; 7],
        };
        let image = GrayImage::from_fn(150, 220, |x, y| {
            let (x, y) = (x as f32 / 2.0, y as f32 / 2.0);
            let inside = (20.0..50.0).contains(&x) && (30.0..60.0).contains(&y);
            image::Luma([if inside { 0 } else { 255 }])
        });
        (page, image)
    }

    /// The box around what is dark, in pixels.
    fn dark(ink: &[f32]) -> [f32; 4] {
        let places = ink.iter().enumerate().filter(|(_, v)| **v > 0.5);
        let places: Vec<(usize, usize)> = places.map(|(at, _)| (at % WIDTH, at / WIDTH)).collect();
        let x = places.iter().map(|p| p.0);
        let y = places.iter().map(|p| p.1);
        [
            x.clone().min().unwrap() as f32,
            y.clone().min().unwrap() as f32,
            x.max().unwrap() as f32 + 1.0,
            y.max().unwrap() as f32 + 1.0,
        ]
    }

    /// The box of the only object, from the cell that counts most.
    fn wanted(targets: &Targets) -> Option<[f32; 4]> {
        let columns = WIDTH / 8;
        let cells = columns * HEIGHT / 8;
        let (cell, weight) = targets
            .weights
            .iter()
            .enumerate()
            .max_by(|a, b| a.1.total_cmp(b.1))?;
        let (x, y) = (cell % columns, cell / columns);
        let (x, y) = (x as f32 * 8.0 + 4.0, y as f32 * 8.0 + 4.0);
        let side = |channel: usize| targets.sides[channel * cells + cell] * 8.0;
        (*weight > 0.0).then(|| [x - side(0), y - side(1), x + side(2), y + side(3)])
    }

    #[test]
    fn boxes_follow_the_ink() {
        let (page, image) = page();
        let mut random = SplitMix::new(5);
        for round in 0..40 {
            let example = if round == 0 {
                plain_example(&page, &image, WIDTH, HEIGHT)
            } else {
                let placement = Placement::random(&image, WIDTH, HEIGHT, &mut random);
                super::example(&page, &image, WIDTH, HEIGHT, placement)
            };
            let Some(wanted) = wanted(&example.targets) else {
                continue;
            };
            for (found, wanted) in dark(&example.ink).into_iter().zip(wanted) {
                assert!((found - wanted).abs() < 2.0, "{round}: {found} {wanted}");
            }
        }
    }

    #[test]
    fn to_the_page_and_back_is_the_same_place() {
        let (_, image) = page();
        let mut random = SplitMix::new(9);
        for _ in 0..20 {
            let placement = Placement::random(&image, WIDTH, HEIGHT, &mut random);
            let [x, y] = placement.to_image(placement.to_page([12.0, 34.0]));
            assert!(
                (x - 12.0).abs() < 1e-2 && (y - 34.0).abs() < 1e-2,
                "{x} {y}"
            );
        }
    }

    #[test]
    fn wear_leaves_ink_between_white_and_black() {
        let (page, image) = page();
        let clean = plain_example(&page, &image, WIDTH, HEIGHT).ink;
        let mut changed = 0;
        for seed in 0..60 {
            let mut ink = clean.clone();
            wear(&mut ink, WIDTH, HEIGHT, &mut SplitMix::new(seed));
            assert!(ink.iter().all(|v| (0.0..=1.0).contains(v)), "seed {seed}");
            changed += usize::from(ink != clean);
        }
        assert!(changed > 40, "{changed}");
    }

    #[test]
    fn the_same_seed_gives_the_same_example() {
        let (page, image) = page();
        let make = |seed| {
            let mut random = SplitMix::new(seed);
            random_example(&page, &image, WIDTH, HEIGHT, &mut random)
        };
        assert_eq!(make(3), make(3));
        assert_ne!(make(3), make(4));
    }
}
