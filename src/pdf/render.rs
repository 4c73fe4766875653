//! Page rasters, for crops and for outputs that show the pages.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
};

use hayro::{
    RenderCache, RenderSettings,
    hayro_interpret::{InterpreterSettings, util::TransformExt},
    vello_cpu::{
        Pixmap, RasterizerSettings, RenderContext, Resources, TargetInit,
        color::palette::css::WHITE,
    },
};
use hayro_syntax::{Pdf, page::Page as PdfPage};
use image::RgbImage;
use kurbo::Affine;
use rayon::prelude::*;

use crate::geometry::{Dpi, PageIndex, Rect};

use super::{PageDigests, PdfSource, ReadError, read::open};

/// More pixels than this are not drawn; the resolution falls until they are not needed. An A2 sheet
/// at 150 dpi has half as many; a raster of this size takes 64 MiB while it is drawn.
const MAX_PIXELS: f32 = 16_000_000.0;
/// The longest side of a raster in pixels; the rasteriser counts them in 16 bits.
const MAX_SIDE_PX: f32 = 16_000.0;
/// A page that would have to be drawn coarser than this shows nothing.
const MIN_DPI: f32 = 6.0;
/// Pages that one thread draws with one cache of fonts and glyphs.
const PAGES_PER_CACHE: usize = 8;
/// Pages after which the file is opened anew: what was decoded for its pages stays in memory as
/// long as it is open.
const PAGES_PER_OPENING: usize = 64;

/// Draws pages of a file.
pub struct PageRenderer {
    source: PdfSource,
    pdf: Pdf,
}

impl PageRenderer {
    /// Opens a file for drawing.
    ///
    /// # Errors
    /// When the file cannot be opened or has no pages.
    pub fn open(source: &PdfSource) -> Result<PageRenderer, ReadError> {
        Ok(PageRenderer {
            source: source.clone(),
            pdf: open(source)?,
        })
    }

    /// Draws one page on white; `None` when the file has no such page or it cannot be drawn.
    ///
    /// The resolution is lower than asked for where the raster would be too large, so a caller
    /// finds the scale from the raster's size. Many pages are drawn faster by
    /// [`render_all`](Self::render_all).
    pub fn render(&self, page: PageIndex, dpi: Dpi) -> Option<RgbImage> {
        draw(&self.pdf, &mut RenderCache::new(), page, dpi)
    }

    /// The hashes of what the pages draw.
    pub fn digests(&self) -> PageDigests<'_> {
        PageDigests::new(&self.pdf)
    }

    /// The visible part of a page, in page points; `None` when the file has no such page.
    pub fn page_box(&self, page: PageIndex) -> Option<Rect> {
        let (width, height) = self.pdf.pages().get(page.as_usize())?.render_dimensions();
        Some(Rect::new(0.0, 0.0, width, height))
    }

    /// Draws pages on all threads, each at its resolution, makes something of each raster on its
    /// thread, and hands the results over in the order of `pages`. Only a few rasters are held at
    /// any time.
    ///
    /// # Errors
    /// The first error of `take`, after which no further page is begun.
    pub fn render_all<T: Send>(
        &self,
        pages: &[PageIndex],
        dpi: impl Fn(PageIndex) -> Dpi + Sync,
        make: impl Fn(PageIndex, Option<RgbImage>) -> T + Sync,
        mut take: impl FnMut(PageIndex, T) -> io::Result<()>,
    ) -> io::Result<()> {
        for group in pages.chunks(PAGES_PER_OPENING) {
            let reopened = open(&self.source).ok();
            let pdf = reopened.as_ref().unwrap_or(&self.pdf);
            let made: Vec<Vec<T>> = group
                .par_chunks(PAGES_PER_CACHE)
                .map(|share| {
                    let mut cache = RenderCache::new();
                    let draw_one =
                        |&page: &PageIndex| make(page, draw(pdf, &mut cache, page, dpi(page)));
                    share.iter().map(draw_one).collect()
                })
                .collect();
            for (&page, value) in group.iter().zip(made.into_iter().flatten()) {
                take(page, value)?;
            }
        }
        Ok(())
    }
}

/// Draws a page, `None` when the drawing library fails on it.
fn draw<'a>(
    pdf: &'a Pdf,
    cache: &mut RenderCache<'a>,
    index: PageIndex,
    dpi: Dpi,
) -> Option<RgbImage> {
    let page = pdf.pages().get(index.as_usize())?;
    let drawn = catch_unwind(AssertUnwindSafe(|| rasterise(page, cache, dpi)));
    drawn.unwrap_or_else(|_| {
        // The caches may be half-filled.
        *cache = RenderCache::new();
        None
    })
}

fn rasterise<'a>(page: &'a PdfPage<'a>, cache: &RenderCache<'a>, dpi: Dpi) -> Option<RgbImage> {
    let (width, height) = page.render_dimensions();
    let scale = affordable(width, height, dpi)?;
    let mut context = RenderContext::new(pixels(width * scale), pixels(height * scale));
    let transform = Affine::scale(f64::from(scale)) * page.initial_transform(true).to_kurbo();
    hayro::render_into(
        page,
        cache,
        &InterpreterSettings::default(),
        &RenderSettings::default(),
        &mut context,
        transform,
    );
    context.flush();
    let mut pixmap = Pixmap::new(context.width(), context.height());
    let on_white = RasterizerSettings {
        target_init: TargetInit::Clear(WHITE),
        ..RasterizerSettings::default()
    };
    context.render_with(&mut pixmap, &mut Resources::default(), on_white);
    opaque(&pixmap)
}

/// Pixels per point, lowered until the raster is small enough.
fn affordable(width: f32, height: f32, dpi: Dpi) -> Option<f32> {
    if !(width.is_finite() && height.is_finite() && width > 0.0 && height > 0.0) {
        return None;
    }
    let scale = dpi
        .scale()
        .min((MAX_PIXELS / width / height).sqrt())
        .min(MAX_SIDE_PX / width.max(height));
    (scale >= Dpi(MIN_DPI).scale()).then_some(scale)
}

/// A length in whole pixels, at least one; the caller keeps it under [`MAX_SIDE_PX`].
fn pixels(length: f32) -> u16 {
    length.round().clamp(1.0, MAX_SIDE_PX) as u16
}

/// The colours of a raster on an opaque ground.
fn opaque(pixmap: &Pixmap) -> Option<RgbImage> {
    let mut rgb = Vec::with_capacity(pixmap.data().len() * 3);
    for pixel in pixmap.data() {
        rgb.extend_from_slice(&[pixel.r, pixel.g, pixel.b]);
    }
    RgbImage::from_raw(u32::from(pixmap.width()), u32::from(pixmap.height()), rgb)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_pages_are_drawn_coarser_and_absurd_ones_not() {
        let cases = [
            (612.0, 792.0, Some(100.0 / 72.0)),
            (4000.0, 4000.0, Some(1.0)),
            (100.0, 14_400.0, Some(16_000.0 / 14_400.0)),
            (1e7, 1e7, None),
            (f32::NAN, 100.0, None),
            (0.0, 100.0, None),
        ];
        for (width, height, expected) in cases {
            let scale = affordable(width, height, Dpi(100.0));
            match (scale, expected) {
                (Some(a), Some(b)) => assert!((a - b).abs() < 1e-3, "{width} {height}: {a}"),
                (a, b) => assert_eq!(a, b, "{width} {height}"),
            }
        }
    }
}
