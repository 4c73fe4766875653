//! Page images small enough to carry 500 of them in one file.
//!
//! Most pages are text in one or two colours: with 16 levels of each channel they have few colours
//! left, and as a PNG with a palette they take half of what a JPEG takes, without its noise around
//! letters. Pages of photographs become JPEG.

use image::{RgbImage, codecs::jpeg::JpegEncoder};
use png::{BitDepth, ColorType, Compression, Encoder, Filter};

/// Levels kept of each channel; letters keep smooth edges.
const LEVELS: u16 = 16;
/// Distance between two levels.
const STEP: u16 = 255 / (LEVELS - 1);
/// Every colour of so many levels.
const COLORS: usize = (LEVELS * LEVELS * LEVELS) as usize;
/// A PNG's palette holds no more.
const PALETTE_SIZE: usize = 256;
/// When more pixels than one in this many would have to change their colour for a palette, the page
/// counts as a photograph.
const MAX_MISFITS: usize = 100;
/// Noise around sharp edges shows at the page's resolution below this.
const JPEG_QUALITY: u8 = 72;

/// A page's image and its media type.
pub(super) fn encode(raster: &RgbImage) -> Option<(&'static str, Vec<u8>)> {
    let keys: Vec<u16> = raster.pixels().map(|pixel| key(pixel.0)).collect();
    match palette(&keys) {
        Some(palette) => Some(("image/png", indexed_png(raster, &keys, &palette)?)),
        None => Some(("image/jpeg", jpeg(raster)?)),
    }
}

/// A colour by the levels of its channels.
fn key(rgb: [u8; 3]) -> u16 {
    rgb.iter().fold(0, |key, &channel| {
        key * LEVELS + (u16::from(channel) + STEP / 2) / STEP
    })
}

fn channels(key: u16) -> [u8; 3] {
    let channel = |place: u16| ((key / place % LEVELS) * STEP) as u8;
    [channel(LEVELS * LEVELS), channel(LEVELS), channel(1)]
}

/// The colours of a palette, and the place in it for each colour.
struct Palette {
    colors: Vec<u16>,
    places: Vec<u8>,
}

/// The palette of an image, `None` when it has too many colours for one.
fn palette(keys: &[u16]) -> Option<Palette> {
    let mut counts = vec![0_usize; COLORS];
    for &key in keys {
        if let Some(count) = counts.get_mut(usize::from(key)) {
            *count += 1;
        }
    }
    let mut used: Vec<(usize, u16)> = counts
        .iter()
        .zip(0..)
        .filter(|&(&count, _)| count > 0)
        .map(|(&count, key)| (count, key))
        .collect();
    // The most frequent first; of equals the darker, so that the order is certain.
    used.sort_unstable_by_key(|&(count, key)| (std::cmp::Reverse(count), key));
    let rare = used.get(PALETTE_SIZE..).unwrap_or_default();
    let misfits: usize = rare.iter().map(|&(count, _)| count).sum();
    if misfits * MAX_MISFITS > keys.len() {
        return None;
    }
    let colors: Vec<u16> = used
        .iter()
        .take(PALETTE_SIZE)
        .map(|&(_, key)| key)
        .collect();
    let mut places = vec![0; COLORS];
    for &(_, key) in &used {
        if let Some(place) = places.get_mut(usize::from(key)) {
            *place = nearest(&colors, key);
        }
    }
    Some(Palette { colors, places })
}

/// The place of the colour most like `key`.
fn nearest(colors: &[u16], key: u16) -> u8 {
    let target = channels(key);
    let distance = |&color: &u16| -> u32 {
        let squares = channels(color)
            .into_iter()
            .zip(target)
            .map(|(a, b)| u32::from(a.abs_diff(b)).pow(2));
        squares.sum()
    };
    let all = colors.iter().zip(0..=u8::MAX);
    all.min_by_key(|(color, _)| distance(color))
        .map_or(0, |(_, place)| place)
}

fn indexed_png(raster: &RgbImage, keys: &[u16], palette: &Palette) -> Option<Vec<u8>> {
    let (width, height) = raster.dimensions();
    let place = |key: &u16| palette.places.get(usize::from(*key)).copied().unwrap_or(0);
    let depth = if palette.colors.len() <= 16 {
        BitDepth::Four
    } else {
        BitDepth::Eight
    };
    let mut data = Vec::with_capacity(keys.len());
    for row in keys.chunks(width.max(1) as usize) {
        match depth {
            BitDepth::Four => data.extend(row.chunks(2).map(|pair| {
                let low = pair.get(1).map_or(0, place);
                pair.first().map_or(0, place) << 4 | low
            })),
            _ => data.extend(row.iter().map(place)),
        }
    }
    let mut png = Vec::new();
    let mut encoder = Encoder::new(&mut png, width, height);
    encoder.set_color(ColorType::Indexed);
    encoder.set_depth(depth);
    encoder.set_compression(Compression::Balanced);
    // Places in a palette are no quantities: differences between them only add noise.
    encoder.set_filter(Filter::NoFilter);
    let colors: Vec<u8> = palette
        .colors
        .iter()
        .flat_map(|&key| channels(key))
        .collect();
    encoder.set_palette(colors);
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(&data).ok()?;
    writer.finish().ok()?;
    Some(png)
}

fn jpeg(raster: &RgbImage) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut out, JPEG_QUALITY);
    raster.write_with_encoder(encoder).ok()?;
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    fn decoded(image: &(&'static str, Vec<u8>)) -> RgbImage {
        image::load_from_memory(&image.1).unwrap().to_rgb8()
    }

    #[test]
    fn text_becomes_a_palette_and_keeps_its_colours() {
        let mut raster = RgbImage::from_pixel(31, 20, Rgb([255, 255, 255]));
        raster.put_pixel(30, 3, Rgb([0, 0, 0]));
        raster.put_pixel(0, 19, Rgb([204, 51, 51]));
        let image = encode(&raster).unwrap();
        assert_eq!(image.0, "image/png");
        assert_eq!(decoded(&image), raster);
    }

    #[test]
    fn more_than_sixteen_colours_fit_too() {
        let raster = RgbImage::from_fn(17, 5, |x, y| {
            Rgb([(x.min(15) * 17) as u8, (y * 17) as u8, 0])
        });
        assert_eq!(decoded(&encode(&raster).unwrap()), raster);
    }

    #[test]
    fn photographs_become_jpeg() {
        let raster = RgbImage::from_fn(128, 128, |x, y| {
            Rgb([2 * x as u8, 2 * y as u8, (x ^ y) as u8])
        });
        let image = encode(&raster).unwrap();
        assert_eq!(image.0, "image/jpeg");
        assert_eq!(decoded(&image).dimensions(), (128, 128));
    }
}
