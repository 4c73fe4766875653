//! The image path of the stage: pages are drawn and shown to the network.
//!
//! Most pages of a manual hold text alone; [`DetectMode::Auto`] spends nothing on them.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    geometry::{Dpi, PageIndex},
    network::NetworkError,
    pdf::{Direction, Document, GraphicKind, Page, PageRenderer, PdfSource},
    segment::{Paragraph, ParagraphKind},
};

use super::{
    cache::{CacheUse, Key, Keys, LookCache},
    network::{Detector, PageObjects},
};

/// Which pages the network looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DetectMode {
    /// All of them.
    Always,
    /// Those that can hold a visual.
    #[default]
    Auto,
    /// None: graphics and text alone say where visuals are.
    Never,
}

/// How pages are looked at.
#[derive(Debug, Clone, Default)]
pub struct LookOptions {
    /// Which pages.
    pub mode: DetectMode,
    /// By which network; the program's own when `None`.
    pub detector: Option<Arc<Detector>>,
    /// Keep what it sees for outputs that show it.
    pub keep: bool,
    /// Where what was seen is kept for other runs.
    pub cache: Option<Arc<LookCache>>,
}

impl LookOptions {
    /// The network that looks.
    fn detector(&self) -> Result<&Detector, NetworkError> {
        match &self.detector {
            Some(detector) => Ok(detector),
            None => Detector::embedded(),
        }
    }

    /// Which weights it has; `None` when it never looks.
    ///
    /// # Errors
    /// When the weights that were built in are damaged.
    pub fn weights(&self) -> Result<Option<String>, NetworkError> {
        let looks = self.mode != DetectMode::Never;
        let hash = looks.then(|| self.detector().map(|detector| detector.hash().to_owned()));
        hash.transpose()
    }
}

/// What the network sees on the pages that it looked at.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// Which pages were to be looked at.
    pub mode: DetectMode,
    /// Which weights it has; `None` when no page was looked at.
    pub weights: Option<String>,
    /// The objects of each page, best first.
    pub pages: BTreeMap<PageIndex, PageObjects>,
    /// How many of the pages the cache knew.
    pub cache: CacheUse,
}

impl Seen {
    /// What is to be kept of it once the visuals are found.
    pub fn kept(mut self, options: &LookOptions) -> Seen {
        if !options.keep {
            self.pages.clear();
        }
        self
    }
}

/// Hears how many pages of how many are done.
pub type LookProgress<'a> = &'a (dyn Fn(u32, u32) + Sync);

/// Draws the pages that are worth it and finds their objects. A page that cannot be drawn is not
/// looked at.
///
/// # Errors
/// When the network fails.
pub fn look(
    source: &PdfSource,
    document: &Document,
    paragraphs: &[Paragraph],
    options: &LookOptions,
    progress: LookProgress<'_>,
) -> Result<Seen, NetworkError> {
    let mut pages = worth_a_look(document, paragraphs, options.mode);
    let mut seen = Seen {
        mode: options.mode,
        ..Seen::default()
    };
    let Some(renderer) = PageRenderer::open(source)
        .ok()
        .filter(|_| !pages.is_empty())
    else {
        return Ok(seen);
    };
    let detector = options.detector()?;
    seen.weights = Some(detector.hash().to_owned());
    let all = u32::try_from(pages.len()).unwrap_or(u32::MAX);
    let done = AtomicU32::new(0);
    let one_done = || progress(done.fetch_add(1, Ordering::Relaxed) + 1, all);
    let mut keys = BTreeMap::new();
    if let Some(cache) = &options.cache {
        keys = recall(cache, detector, &renderer, &pages, &mut seen, &one_done);
        pages.retain(|page| !seen.pages.contains_key(page));
        seen.cache.misses = pages.len() as u64;
    }
    let page_of = |index: PageIndex| {
        let at = document.pages.binary_search_by_key(&index, |p| p.index);
        at.ok().and_then(|at| document.pages.get(at))
    };
    let dpi = |index| page_of(index).map_or(Dpi(0.0), |page| detector.dpi(page.width, page.height));
    let make = |index, raster: Option<image::RgbImage>| {
        let objects = page_of(index)
            .zip(raster)
            .map(|(page, raster)| detector.look(&raster, &page.bbox()));
        if let (Some(cache), Some(key), Some(Ok(objects))) =
            (&options.cache, keys.get(&index), &objects)
        {
            cache.put(key, objects);
        }
        one_done();
        objects.transpose()
    };
    let mut failure = None;
    let drawn = renderer.render_all(&pages, dpi, make, |index, objects| match objects {
        Ok(objects) => {
            seen.pages.extend(objects.map(|objects| (index, objects)));
            Ok(())
        }
        Err(error) => {
            failure = Some(error);
            Err(io::ErrorKind::Other.into())
        }
    });
    match (drawn, failure) {
        (Err(_), Some(failure)) => Err(failure),
        _ => Ok(seen),
    }
}

/// Fills in the pages that the cache knows; gives back under which names to keep the others.
fn recall(
    cache: &LookCache,
    detector: &Detector,
    renderer: &PageRenderer,
    pages: &[PageIndex],
    seen: &mut Seen,
    one_done: &dyn Fn(),
) -> BTreeMap<PageIndex, Key> {
    let names = Keys::of(detector);
    let mut digests = renderer.digests();
    let mut keys = BTreeMap::new();
    for &page in pages {
        let Some(key) = digests.of(page).map(|digest| names.key(&digest)) else {
            continue;
        };
        match cache.get(&key) {
            Some(objects) => {
                seen.pages.insert(page, objects);
                seen.cache.hits += 1;
                one_done();
            }
            None => {
                keys.insert(page, key);
            }
        }
    }
    keys
}

/// The pages to look at; none that broke in reading.
pub fn worth_a_look(
    document: &Document,
    paragraphs: &[Paragraph],
    mode: DetectMode,
) -> Vec<PageIndex> {
    if mode == DetectMode::Never {
        return Vec::new();
    }
    let broken = document.broken_pages();
    let captioned: BTreeSet<PageIndex> = paragraphs
        .iter()
        .filter(|paragraph| paragraph.kind == ParagraphKind::Caption)
        .flat_map(|paragraph| paragraph.regions.iter().map(|region| region.page))
        .collect();
    let pages = document.pages.iter().filter(|page| {
        let worth = mode == DetectMode::Always
            || captioned.contains(&page.index)
            || has_more_than_text(page)
            || has_rows_of_cells(page);
        worth && !broken.contains(&page.index) && page.bbox().area() > 0.0
    });
    pages.map(|page| page.index).collect()
}

/// Whether something is drawn on a page that is no ornament of its text.
fn has_more_than_text(page: &Page) -> bool {
    /// Smaller images, in points, are icons in the text.
    const MIN_IMAGE: f32 = 20.0;
    /// Lower marks, in points, underline, frame or shade words.
    const MIN_HEIGHT: f32 = 16.0;
    /// A page has a rule under its head and one over its footnotes; a table has three.
    const MIN_RULES: usize = 3;
    /// Shorter rules, in points, are bars of fractions and the like.
    const MIN_RULE: f32 = 30.0;
    /// Drawings of small strokes have many of them.
    const MIN_STROKES: usize = 24;
    /// Paint as light as this is paper.
    const PAPER: u8 = 252;
    let (mut rules, mut strokes) = (0, 0);
    for graphic in &page.graphics {
        let (width, height) = (graphic.bbox.width(), graphic.bbox.height());
        if graphic.kind == GraphicKind::Image {
            if width.min(height) >= MIN_IMAGE {
                return true;
            }
        } else if graphic.lightness >= PAPER {
        } else if graphic.is_horizontal_rule() {
            rules += usize::from(width >= MIN_RULE);
        } else if height >= MIN_HEIGHT {
            return true;
        } else {
            strokes += 1;
        }
    }
    rules >= MIN_RULES || strokes >= MIN_STROKES
}

/// Whether some lines of a page are parted as the rows of a table without rules are: columns of text
/// part a line once.
fn has_rows_of_cells(page: &Page) -> bool {
    /// Wider blanks than this, in font sizes, part cells.
    const MIN_GAP: f32 = 1.5;
    /// A row of a table has three cells.
    const MIN_GAPS: usize = 2;
    const MIN_ROWS: usize = 3;
    /// Baselines as near as this, in points, are one line's.
    const SAME_LINE: f32 = 2.0;
    // Where its characters begin, and from where on another is another cell's.
    let mut rows: BTreeMap<i32, Vec<(f32, f32)>> = BTreeMap::new();
    for run in &page.runs {
        if run.direction != Direction::Right {
            continue;
        }
        let row = rows.entry((run.baseline / SAME_LINE).round() as i32);
        let glyphs = page.run_glyphs(run).iter();
        let inked = glyphs.filter(|glyph| !glyph.ch.is_whitespace());
        let places = inked.map(|glyph| (glyph.start, glyph.end + MIN_GAP * run.size));
        row.or_default().extend(places);
    }
    let is_row_of_cells = |row: &mut Vec<(f32, f32)>| {
        row.sort_by(|a, b| a.0.total_cmp(&b.0));
        let gaps = row
            .windows(2)
            .filter(|pair| matches!(pair, [(_, far), (start, _)] if start > far));
        gaps.count() >= MIN_GAPS
    };
    let parted = rows.values_mut().map(is_row_of_cells);
    parted.filter(|parted| *parted).count() >= MIN_ROWS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        geometry::Rect,
        pdf::{Graphic, test_page},
    };

    #[test]
    fn rows_of_cells_are_worth_a_look() {
        let row = |y: f32| [(50.0, y, "BR"), (120.0, y, "PT"), (200.0, y, "0.5")];
        let rows: Vec<_> = [100.0, 114.0, 128.0].into_iter().flat_map(row).collect();
        assert!(has_rows_of_cells(&test_page::page(&rows)));
        assert!(!has_rows_of_cells(&test_page::page(&rows[..6])));
        // Two columns of text.
        let columns = |y: f32| {
            [
                (50.0, y, "some words of text"),
                (300.0, y, "and other words"),
            ]
        };
        let text: Vec<_> = [100.0, 114.0, 128.0]
            .into_iter()
            .flat_map(columns)
            .collect();
        assert!(!has_rows_of_cells(&test_page::page(&text)));
    }

    fn page(graphics: &[([f32; 4], GraphicKind, u8)]) -> Page {
        let graphic = |([x0, y0, x1, y1], kind, lightness): &([f32; 4], GraphicKind, u8)| Graphic {
            bbox: Rect::new(*x0, *y0, *x1, *y1),
            kind: *kind,
            lightness: *lightness,
            frame: None,
        };
        Page {
            index: PageIndex(0),
            width: 600.0,
            height: 800.0,
            runs: Vec::new(),
            glyphs: Vec::new(),
            graphics: graphics.iter().map(graphic).collect(),
            frames: Vec::new(),
        }
    }

    #[test]
    fn rules_and_shaded_words_are_no_visuals() {
        use GraphicKind::{Fill, Image, Stroke};
        let rule = |y: f32| ([50.0, y, 500.0, y + 0.5], Stroke, 0);
        let word = |x: f32| ([x, 100.0, x + 20.0, 112.0], Fill, 230);
        let cases: [(&[_], bool); 8] = [
            (&[], false),
            (&[rule(50.0), rule(700.0)], false),
            (&[rule(50.0), rule(100.0), rule(120.0)], true),
            (&[word(50.0), word(90.0)], false),
            (&[([100.0, 100.0, 112.0, 112.0], Image, 128)], false),
            (&[([100.0, 100.0, 200.0, 150.0], Image, 128)], true),
            (&[([100.0, 100.0, 200.0, 150.0], Fill, 200)], true),
            // White on white.
            (&[([0.0, 0.0, 600.0, 800.0], Fill, 255)], false),
        ];
        for (graphics, worth) in cases {
            assert_eq!(has_more_than_text(&page(graphics)), worth, "{graphics:?}");
        }
        let strokes: Vec<_> = (0..30).map(|i| word(i as f32 * 15.0)).collect();
        assert!(has_more_than_text(&page(&strokes)));
    }

    #[test]
    fn the_mode_chooses_the_pages() {
        let document = Document {
            pages: vec![page(&[])],
            ..Document::default()
        };
        let worth = |document: &Document, mode| worth_a_look(document, &[], mode).len();
        assert_eq!(worth(&document, DetectMode::Never), 0);
        assert_eq!(worth(&document, DetectMode::Auto), 0);
        assert_eq!(worth(&document, DetectMode::Always), 1);
        let broken = Document {
            warnings: vec![crate::warning::Warning {
                page: Some(PageIndex(0)),
                code: crate::warning::WarningCode::PageTruncated,
                message: String::new(),
            }],
            ..document
        };
        assert_eq!(worth(&broken, DetectMode::Always), 0);
    }
}
