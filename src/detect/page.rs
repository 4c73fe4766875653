//! What stands on each page besides captions: zones, and the blocks of text around them.

use std::collections::HashMap;

use rayon::prelude::*;

use crate::{
    geometry::{PageIndex, Rect},
    pdf::{Document, GraphicKind, Page},
    segment::{Paragraph, ParagraphKind, TextLine, Zone, ZoneKind, text_lines, zones},
};

use super::{
    fuse::fuse,
    look::Seen,
    looks::{PageLooks, Running},
    network::PageObjects,
    visual::Source,
};

/// Zones in the same place on this many pages are furniture.
const REPEATED: usize = 4;
/// Boxes are in the same place when they agree to about this much, in points.
const SAME_PLACE: f32 = 4.0;
/// Longest sub-caption, in bytes.
const MAX_SUB_CAPTION: usize = 200;

/// Longest label of an axis, in bytes, and what it weighs.
pub(super) const MAX_LABEL: usize = 40;
const LABEL: f32 = 15.0;
/// Longest note between a picture and its caption, in bytes, and what it weighs.
const MAX_NOTE: usize = 700;
const NOTE: f32 = 90.0;

/// So much of the text of a program is set in a font of fixed pitch; its comments need not be.
const PROGRAM_SHARE: f32 = 0.7;
/// Thinner marks, in points, are rules and frames; so many others are ornaments.
const MIN_SHAPE: f32 = 3.0;
const MAX_SHAPES: usize = 2;

/// An image over this share of the page is that of a scanned page.
const SCAN_SHARE: f32 = 0.5;

/// A page's marks are kept up to this number, for a look where no zone was found.
const MAX_INK: usize = 2_000;

/// A paragraph's part on a page.
#[derive(Debug, Clone, Copy)]
pub(super) struct Block {
    pub(super) bbox: Rect,
    pub(super) kind: ParagraphKind,
    /// Bytes of the whole paragraph's text.
    pub(super) length: usize,
    /// "(a) Left": belongs to a picture although it is text.
    pub(super) sub_caption: bool,
    /// Unlike running text by kind, font or size.
    pub(super) set_off: bool,
}

impl Block {
    /// Whether the block stands between a picture and a caption that is not that picture's.
    pub(super) fn parts(&self) -> bool {
        !self.sub_caption
            && matches!(
                self.kind,
                ParagraphKind::Body
                    | ParagraphKind::Heading
                    | ParagraphKind::ListItem
                    | ParagraphKind::Caption
            )
    }

    /// Whether it is more than a label of a drawing.
    pub(super) fn is_text(&self) -> bool {
        self.parts() && self.weight() > LABEL
    }

    /// What it costs to look past the block: axis titles and legends come as short paragraphs,
    /// and some documents put a sentence or two between a picture and its caption.
    pub(super) fn weight(&self) -> f32 {
        match self.kind {
            ParagraphKind::Caption | ParagraphKind::Heading => f32::INFINITY,
            _ if self.length <= MAX_LABEL => LABEL,
            _ if self.length <= MAX_NOTE => NOTE,
            _ => f32::INFINITY,
        }
    }
}

/// What can be a visual: a zone of the page's graphics, something that the network sees, or both.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Candidate {
    pub(super) bbox: Rect,
    pub(super) kind: ZoneKind,
    /// How sure it is, 0 to 1.
    pub(super) score: f32,
    /// A raster image is part of it.
    pub(super) raster: bool,
    /// Paths are part of it.
    pub(super) vector: bool,
    /// Its place among the objects that the network sees on the page.
    pub(super) seen: Option<usize>,
    /// The network is sure of it.
    pub(super) sure: bool,
}

impl Candidate {
    /// What speaks for it.
    pub(super) fn sources(&self) -> Vec<Source> {
        let all = [
            (self.seen.is_some(), Source::Detector),
            (self.vector, Source::Vector),
            (self.raster, Source::Raster),
        ];
        let mut sources: Vec<Source> = all
            .into_iter()
            .filter_map(|(speaks, source)| speaks.then_some(source))
            .collect();
        // A table without rules.
        if sources.is_empty() {
            sources.push(Source::Text);
        }
        sources
    }
}

impl From<Zone> for Candidate {
    fn from(zone: Zone) -> Candidate {
        Candidate {
            bbox: zone.content,
            kind: zone.kind,
            score: zone.score,
            raster: zone.raster,
            vector: zone.vector,
            seen: None,
            sure: false,
        }
    }
}

/// A page as far as detection needs it.
#[derive(Debug, Clone)]
pub(super) struct PageView {
    pub(super) index: PageIndex,
    pub(super) bbox: Rect,
    /// Pictures, tables and boxes.
    pub(super) zones: Vec<Candidate>,
    /// What the network sees; `None` where it did not look.
    pub(super) objects: Option<PageObjects>,
    /// Lines of text.
    pub(super) lines: Vec<Rect>,
    /// Those among them in a font of fixed pitch.
    pub(super) code: Vec<Rect>,
    /// An image fills most of the page: it is a scan, whatever its text layer says.
    pub(super) scanned: bool,
    /// Text, without running heads and feet.
    pub(super) blocks: Vec<Block>,
    /// Running heads and feet.
    pub(super) furniture: Vec<Rect>,
    /// Everything that is drawn, but for what fills the page.
    pub(super) ink: Vec<Rect>,
}

impl PageView {
    /// Leaves out the frame around a running head or foot.
    fn drop_around(&mut self, furniture: &Rect) {
        let max_height = 0.12 * self.bbox.height();
        self.zones.retain(|zone| {
            zone.bbox.height() > max_height || !zone.bbox.contains(furniture.center())
        });
    }

    /// What a zone looks like to the network; empty where it sees nothing there.
    pub(super) fn appearance(&self, zone: &Candidate) -> Vec<f32> {
        let objects = self.objects.as_deref().unwrap_or(&[]);
        let object = zone.seen.and_then(|at| objects.get(at));
        object.map_or_else(Vec::new, |object| object.appearance.clone())
    }

    /// Whether a box holds program text, or what a program printed, and no drawing.
    pub(super) fn is_program(&self, bbox: &Rect) -> bool {
        let outer = bbox.inflate(1.0);
        let area = |lines: &[Rect]| -> f32 {
            let inside = lines.iter().filter(|line| outer.contains(line.center()));
            inside.map(Rect::area).sum()
        };
        let drawn = self.ink.iter().filter(|mark| {
            let alone = !self
                .lines
                .iter()
                .any(|line| mark.inflate(1.0).contains(line.center()));
            alone && outer.contains(mark.center()) && mark.width().min(mark.height()) > MIN_SHAPE
        });
        let code = area(&self.code);
        code > 0.0 && code > PROGRAM_SHARE * area(&self.lines) && drawn.count() <= MAX_SHAPES
    }

    /// Whether a caption has its middle in the box.
    pub(super) fn holds_caption(&self, bbox: &Rect) -> bool {
        self.blocks
            .iter()
            .any(|block| block.kind == ParagraphKind::Caption && bbox.contains(block.bbox.center()))
    }

    /// Whether text or another zone follows below a box.
    pub(super) fn is_last(&self, bbox: &Rect) -> bool {
        let below = |other: &Rect| other.center_y() > bbox.y1;
        !self
            .blocks
            .iter()
            .any(|b| b.kind != ParagraphKind::Footnote && below(&b.bbox))
            && !self.zones.iter().any(|zone| below(&zone.bbox))
    }

    /// Whether text or another zone stands above a box.
    pub(super) fn is_first(&self, bbox: &Rect) -> bool {
        let above = |other: &Rect| other.center_y() < bbox.y0;
        !self.blocks.iter().any(|block| above(&block.bbox))
            && !self.zones.iter().any(|zone| above(&zone.bbox))
    }
}

/// The pages of a document, zones that repeat from page to page left out.
pub(super) fn page_views(
    document: &Document,
    paragraphs: &[Paragraph],
    seen: &Seen,
) -> Vec<PageView> {
    let (mut views, looks): (Vec<PageView>, Vec<PageLooks>) = document
        .pages
        .par_iter()
        .map(|page| view(document, page))
        .unzip();
    let running = Running::of(document, &looks);
    for view in &mut views {
        view.objects = seen.pages.get(&view.index).cloned();
    }
    drop_repeated(&mut views);
    let places: HashMap<PageIndex, usize> = views
        .iter()
        .enumerate()
        .map(|(at, view)| (view.index, at))
        .collect();
    for paragraph in paragraphs {
        let is_furniture = paragraph.kind.is_furniture();
        for region in &paragraph.regions {
            let at = places.get(&region.page);
            if let Some((view, looks)) = at.and_then(|at| views.get_mut(*at).zip(looks.get(*at))) {
                if is_furniture {
                    view.drop_around(&region.bbox);
                    view.furniture.push(region.bbox);
                    continue;
                }
                view.blocks.push(Block {
                    bbox: region.bbox,
                    kind: paragraph.kind,
                    length: paragraph.text.len(),
                    sub_caption: is_sub_caption(&paragraph.text),
                    set_off: match paragraph.kind {
                        ParagraphKind::Code
                        | ParagraphKind::FormulaText
                        | ParagraphKind::TableText
                        | ParagraphKind::FigureText => true,
                        ParagraphKind::Body | ParagraphKind::ListItem => {
                            running.differs_in(&region.bbox, looks)
                        }
                        _ => false,
                    },
                });
            }
        }
    }
    views.par_iter_mut().for_each(fuse);
    views
}

/// A page among the views, which are in the order of their pages.
pub(super) fn view_of(pages: &[PageView], page: PageIndex) -> Option<&PageView> {
    let at = pages.binary_search_by_key(&page, |view| view.index);
    at.ok().and_then(|at| pages.get(at))
}

/// What is drawn on a page, up to a number that tells where it is.
fn ink(page: &Page) -> Vec<Rect> {
    let whole = page.bbox().area();
    let drawn = page.graphics.iter().map(|graphic| graphic.bbox);
    drawn
        .filter(|bbox| bbox.is_finite() && bbox.area() < 0.5 * whole)
        .take(MAX_INK)
        .collect()
}

/// A page without its paragraphs, and what its lines look like.
fn view(document: &Document, page: &Page) -> (PageView, PageLooks) {
    let lines = text_lines(document, page);
    let mut zones = zones(page, &lines);
    zones.retain(|zone| zone.kind != ZoneKind::Rule);
    let view = PageView {
        index: page.index,
        bbox: page.bbox(),
        zones: zones.into_iter().map(Candidate::from).collect(),
        objects: None,
        lines: lines.iter().map(|line| line.bbox).collect(),
        code: (lines.iter().filter(|line| line.monospace))
            .map(|line| line.bbox)
            .collect(),
        scanned: page.graphics.iter().any(|graphic| {
            graphic.kind == GraphicKind::Image
                && graphic.bbox.area() > SCAN_SHARE * page.bbox().area()
        }),
        blocks: Vec::new(),
        furniture: Vec::new(),
        ink: ink(page),
    };
    (view, PageLooks::new(&lines))
}

/// Leaves out logos, framed page heads and the like: what is in the same place on many pages.
fn drop_repeated(views: &mut [PageView]) {
    let key =
        |bbox: &Rect| [bbox.x0, bbox.y0, bbox.x1, bbox.y1].map(|v| (v / SAME_PLACE).round() as i32);
    let mut counts: HashMap<[i32; 4], usize> = HashMap::new();
    for zone in views.iter().flat_map(|view| &view.zones) {
        *counts.entry(key(&zone.bbox)).or_default() += 1;
    }
    for view in views {
        let margin = 0.15 * view.bbox.height();
        let (top, bottom) = (view.bbox.y0 + margin, view.bbox.y1 - margin);
        view.zones.retain(|zone| {
            let repeated = counts.get(&key(&zone.bbox)).is_some_and(|n| *n >= REPEATED);
            // Screenshots of one size at the top of many pages are no furniture.
            let marginal = zone.bbox.y1 < top || zone.bbox.y0 > bottom;
            let small = zone.bbox.area() < 0.03 * view.bbox.area();
            !(repeated && (marginal || small))
        });
    }
}

/// "(a) Left", "b) Right", "c. Below": the caption of a part.
fn is_sub_caption(text: &str) -> bool {
    let mut chars = text.chars();
    let first = chars.next();
    let letter = if first == Some('(') {
        chars.next()
    } else {
        first
    };
    let close = chars.next();
    let bracketed = first == Some('(');
    text.len() <= MAX_SUB_CAPTION
        && letter.is_some_and(|ch| ch.is_ascii_lowercase())
        && (close == Some(')') || (!bracketed && close == Some('.')))
}

/// The lines of the pages that are asked for, each page's made once.
pub(super) struct LineCache<'a> {
    document: &'a Document,
    pages: HashMap<PageIndex, Vec<TextLine>>,
}

impl<'a> LineCache<'a> {
    pub(super) fn new(document: &'a Document) -> LineCache<'a> {
        LineCache {
            document,
            pages: HashMap::new(),
        }
    }

    pub(super) fn lines(
        &mut self,
        page: PageIndex,
        read: fn(&Document, &Page) -> Vec<TextLine>,
    ) -> &[TextLine] {
        self.pages.entry(page).or_insert_with(|| {
            let pages = &self.document.pages;
            let found = pages
                .binary_search_by_key(&page, |p| p.index)
                .ok()
                .and_then(|at| pages.get(at));
            found.map_or_else(Vec::new, |page| read(self.document, page))
        })
    }
}

/// Pages for tests.
#[cfg(test)]
pub(super) mod sample {
    use super::*;
    use crate::detect::network::{FoundBox, ObjectClass, PageObject};

    pub fn rect([x0, y0, x1, y1]: [f32; 4]) -> Rect {
        Rect::new(x0, y0, x1, y1)
    }

    pub fn page() -> PageView {
        PageView {
            index: PageIndex(0),
            bbox: rect([0.0, 0.0, 600.0, 800.0]),
            zones: Vec::new(),
            objects: Some(Vec::new()),
            lines: Vec::new(),
            code: Vec::new(),
            scanned: false,
            blocks: Vec::new(),
            furniture: Vec::new(),
            ink: Vec::new(),
        }
    }

    pub fn zone(bbox: [f32; 4], kind: ZoneKind) -> Candidate {
        Candidate {
            bbox: rect(bbox),
            kind,
            score: 0.8,
            raster: false,
            vector: true,
            seen: None,
            sure: false,
        }
    }

    pub fn object(class: ObjectClass, score: f32, bbox: [f32; 4]) -> PageObject {
        PageObject {
            found: FoundBox {
                class,
                score,
                bbox: rect(bbox),
            },
            sure: score >= 0.4,
            appearance: Vec::new(),
        }
    }

    pub fn caption(bbox: [f32; 4]) -> Block {
        Block {
            bbox: rect(bbox),
            kind: ParagraphKind::Caption,
            length: 30,
            sub_caption: false,
            set_off: false,
        }
    }
}
