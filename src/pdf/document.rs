//! The [`Document`]: everything later stages may know about a file.

use std::{collections::BTreeSet, ops::Range};

use crate::geometry::{PageIndex, Point, Rect};
use crate::warning::{Warning, WarningCode};

/// What a PDF file holds, page by page.
#[derive(Debug, Clone, Default)]
pub struct Document {
    /// SHA-256 of the file, lower-case hex.
    pub sha256: String,
    /// The pages that were asked for, in the file's order. [`Page::index`] is the place in the file.
    pub pages: Vec<Page>,
    /// Number of pages in the file.
    pub page_count: u32,
    /// The fonts that runs refer to by [`FontId`].
    pub fonts: Vec<Font>,
    /// What the file says about itself.
    pub structure: Structure,
    /// What could not be read.
    pub warnings: Vec<Warning>,
}

impl Document {
    /// The pages that ran into a limit of size or time in reading, or could not be read at all. In
    /// drawing they would do so again, where nothing can stop it.
    pub fn broken_pages(&self) -> BTreeSet<PageIndex> {
        let broken = self.warnings.iter().filter(|warning| {
            matches!(
                warning.code,
                WarningCode::PageTruncated | WarningCode::PageUnreadable
            )
        });
        broken.filter_map(|warning| warning.page).collect()
    }
}

/// Index into [`Document::fonts`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FontId(pub u16);

/// A typeface as far as layout analysis needs it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Hash, PartialOrd, Ord)]
pub struct Font {
    /// `/BaseFont` without its subset prefix, empty when unknown.
    pub name: String,
    /// Bold by name, descriptor or font program.
    pub bold: bool,
    /// Italic or oblique by name, descriptor or font program.
    pub italic: bool,
    /// Fixed pitch by name, descriptor or font program.
    pub monospace: bool,
    /// A mathematical typeface by its name (CMMI, CMSY, ...Math...).
    pub math: bool,
}

/// One page.
#[derive(Debug, Clone)]
pub struct Page {
    /// Place in the file.
    pub index: PageIndex,
    /// Width of the visible page in points, after rotation.
    pub width: f32,
    /// Height of the visible page in points, after rotation.
    pub height: f32,
    /// Pieces of text set in one go, in drawing order.
    pub runs: Vec<TextRun>,
    /// The glyphs of all runs; each run names its range.
    pub glyphs: Vec<Glyph>,
    /// Paths, images and shadings, in drawing order.
    pub graphics: Vec<Graphic>,
    /// Boxes of form XObjects (included pictures and the like) and of rectangular clips, smaller
    /// than the page, in drawing order.
    pub frames: Vec<Frame>,
}

impl Page {
    /// The whole page as a box.
    pub fn bbox(&self) -> Rect {
        Rect::new(0.0, 0.0, self.width, self.height)
    }

    /// The glyphs of a run, in logical order as drawn.
    pub fn run_glyphs(&self, run: &TextRun) -> &[Glyph] {
        self.glyphs
            .get(run.glyphs.start as usize..run.glyphs.end as usize)
            .unwrap_or(&[])
    }

    /// The box of one glyph of a run: its advance by the font's nominal ascent and descent.
    pub fn glyph_box(&self, run: &TextRun, glyph: &Glyph) -> Rect {
        let up = run.size * NOMINAL_ASCENT;
        let down = run.size * NOMINAL_DESCENT;
        match run.direction {
            Direction::Right | Direction::Oblique => Rect::new(
                glyph.start,
                run.baseline - up,
                glyph.end,
                run.baseline + down,
            ),
            Direction::Left => Rect::new(
                glyph.start,
                run.baseline - down,
                glyph.end,
                run.baseline + up,
            ),
            // Rotated a quarter counter-clockwise: the glyphs' tops point left.
            Direction::Up => Rect::new(
                run.baseline - up,
                glyph.start,
                run.baseline + down,
                glyph.end,
            ),
            // Rotated a quarter clockwise: the glyphs' tops point right.
            Direction::Down => Rect::new(
                run.baseline - down,
                glyph.start,
                run.baseline + up,
                glyph.end,
            ),
            // Vertical writing: the baseline is the column's middle.
            Direction::Vertical => Rect::new(
                run.baseline - run.size / 2.0,
                glyph.start,
                run.baseline + run.size / 2.0,
                glyph.end,
            ),
        }
    }

    /// The box of a run, `None` when it has no glyphs.
    pub fn run_box(&self, run: &TextRun) -> Option<Rect> {
        Rect::union_all(
            self.run_glyphs(run)
                .iter()
                .map(|glyph| self.glyph_box(run, glyph)),
        )
    }
}

/// How far a line's box reaches above its baseline, in parts of the font size. Real fonts say
/// 0.68 to 0.95; one value keeps the lines of mixed fonts level.
pub const NOMINAL_ASCENT: f32 = 0.75;
/// How far a line's box reaches below its baseline, in parts of the font size.
pub const NOMINAL_DESCENT: f32 = 0.22;

/// Where a run's glyphs advance, as seen on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Upright text, left to right as drawn (right-to-left scripts too: their glyphs are drawn so
    /// or in reverse; [`crate::segment`] puts them in logical order).
    Right,
    /// Upside down.
    Left,
    /// Bottom to top.
    Up,
    /// Top to bottom, glyphs rotated.
    Down,
    /// Top to bottom, glyphs upright (CJK vertical writing).
    Vertical,
    /// At another angle; coordinates are those of the horizontal projection.
    Oblique,
}

/// Text set by one operator: one font, one size, one baseline.
#[derive(Debug, Clone, PartialEq)]
pub struct TextRun {
    /// Range in [`Page::glyphs`].
    pub glyphs: Range<u32>,
    /// The font.
    pub font: FontId,
    /// Font size in points as seen on the page.
    pub size: f32,
    /// y of the baseline for horizontal directions, its x for vertical ones.
    pub baseline: f32,
    /// Direction of advance.
    pub direction: Direction,
    /// Top and bottom, in points, of what upright text draws; `None` where that is not known.
    pub ink: Option<(f32, f32)>,
    /// Drawn without ink (the text layer of a scan).
    pub invisible: bool,
    /// Index into [`Page::frames`] of the innermost form XObject that draws the run.
    pub frame: Option<u16>,
}

/// A character and its extent along the run's direction, in points (x for horizontal runs, y for
/// vertical ones), `start <= end`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Glyph {
    /// The character; U+FFFD where the file gives none.
    pub ch: char,
    /// Where the advance starts.
    pub start: f32,
    /// Where the advance ends.
    pub end: f32,
}

/// A mark on the page that is not text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Graphic {
    /// Its box, clipped to the page and to the clip in force.
    pub bbox: Rect,
    /// What draws it.
    pub kind: GraphicKind,
    /// Lightness of its paint, 0 black to 255 white; 128 for patterns and images.
    pub lightness: u8,
    /// Index into [`Page::frames`] of the innermost form XObject that draws it.
    pub frame: Option<u16>,
}

/// The kinds of graphics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GraphicKind {
    /// A stroked path.
    Stroke,
    /// A filled path.
    Fill,
    /// A raster image.
    Image,
    /// A colour gradient.
    Shading,
}

impl Graphic {
    /// A thin horizontal line (a stroke or a flat filled box).
    pub fn is_horizontal_rule(&self) -> bool {
        self.kind != GraphicKind::Image
            && self.bbox.height() <= MAX_RULE_THICKNESS
            && self.bbox.width() > 3.0 * self.bbox.height().max(1.0)
    }

    /// A thin vertical line.
    pub fn is_vertical_rule(&self) -> bool {
        self.kind != GraphicKind::Image
            && self.bbox.width() <= MAX_RULE_THICKNESS
            && self.bbox.height() > 3.0 * self.bbox.width().max(1.0)
    }
}

/// Thicker lines than this, in points, are bars rather than rules.
const MAX_RULE_THICKNESS: f32 = 2.5;

/// The box of a form XObject.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame {
    /// Its box on the page, clipped to the page.
    pub bbox: Rect,
    /// The frame around it, an index into [`Page::frames`].
    pub parent: Option<u16>,
}

/// What the file says about itself; empty where it says nothing or could not be read.
#[derive(Debug, Clone, Default)]
pub struct Structure {
    /// `/Title` of the document information, trimmed.
    pub title: Option<String>,
    /// `/Lang` of the catalog, a BCP 47 tag.
    pub language: Option<String>,
    /// The bookmarks in order.
    pub outline: Vec<OutlineItem>,
    /// Annotations that lead to a place in the same file.
    pub links: Vec<LinkAnnotation>,
    /// The printed label of each page of the file ("xii", "3-4"); empty when the file has none.
    pub page_labels: Vec<String>,
    /// `/Figure` and `/Table` elements of the structure tree, in its order.
    pub figures: Vec<TaggedFigure>,
}

/// A bookmark.
#[derive(Debug, Clone, PartialEq)]
pub struct OutlineItem {
    /// Its text.
    pub title: String,
    /// Depth, 1 for the top.
    pub level: u8,
    /// Where it leads.
    pub target: Option<Destination>,
}

/// A place in the file.
#[derive(Debug, Clone, PartialEq)]
pub struct Destination {
    /// The page.
    pub page: PageIndex,
    /// The point on it, where one is given.
    pub point: Option<Point>,
    /// The name by which it was found (`figure.3.2`), where it has one.
    pub name: Option<String>,
}

/// A link annotation with a destination in the same file.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkAnnotation {
    /// The page it stands on.
    pub page: PageIndex,
    /// The clickable box.
    pub bbox: Rect,
    /// Where it leads.
    pub target: Destination,
}

/// A `/Figure` or `/Table` element of the structure tree.
#[derive(Debug, Clone, PartialEq)]
pub struct TaggedFigure {
    /// The page, where known.
    pub page: Option<PageIndex>,
    /// Its box, where the element has one.
    pub bbox: Option<Rect>,
    /// Whether it is a table.
    pub table: bool,
    /// `/Alt` or `/ActualText`.
    pub alt_text: Option<String>,
}
