//! Collects glyphs and graphics from a page's drawing operations.

use std::time::Instant;

use hayro_interpret::{
    BlendMode, ClipPath, Device, DrawMode, DrawProps, Image, ImageDrawProps, Paint, SoftMask,
    font::{Glyph as PdfGlyph, GlyphRun},
    hayro_cmap::{BfString, WritingMode},
};
use kurbo::{Affine, BezPath, PathEl, Point, Shape, Vec2};

use crate::geometry::Rect;

use super::{
    document::{Direction, FontId, Frame, Glyph, Graphic, GraphicKind, TextRun},
    fonts::FontTable,
};

/// Units of glyph space to the em.
const UNITS_PER_EM: f64 = 1000.0;
/// Glyphs and graphics of one page. The densest real pages (maps, scatter plots) have 10^5
/// graphics; beyond the limits only memory grows, not what can be told of the page.
const MAX_GLYPHS: usize = 400_000;
const MAX_GRAPHICS: usize = 20_000;
/// A path's subpaths are kept apart up to this number (tables draw all rules as one path), and
/// counted as one mark beyond it.
const MAX_SUBPATHS: usize = 400;
/// From this number of graphics on, a mark that touches the one before is merged into it.
const MERGE_FROM: usize = 1_500;
/// Frames larger than this part of the page are wrappers of whole pages, not pictures.
const MAX_FRAME_SHARE: f32 = 0.85;
/// Smaller frames, in square points, are icons or parts of glyph-like drawings.
const MIN_FRAME_AREA: f32 = 400.0;
/// How many calls pass between two looks at the clock.
const CLOCK_INTERVAL: u32 = 256;
/// Longest text for which "drawn twice" (fill, then stroke; imitated bold) is looked for.
const MAX_TWICE: usize = 512;

/// Thrown (by `resume_unwind`) through the interpreter when a page takes too long: it has no other
/// way to stop.
pub(super) struct PageLimitReached;

/// What a page's operations drew.
#[derive(Debug, Default)]
pub(super) struct Drawn {
    pub(super) runs: Vec<TextRun>,
    pub(super) glyphs: Vec<Glyph>,
    pub(super) graphics: Vec<Graphic>,
    pub(super) frames: Vec<Frame>,
}

/// The clip and the form XObject in force.
#[derive(Clone, Copy)]
struct Scope {
    clip: Rect,
    frame: Option<u16>,
}

/// A [`Device`] that notes instead of painting.
pub(super) struct Collector<'c, 'a> {
    pub(super) drawn: Drawn,
    fonts: &'c mut FontTable<'a>,
    scopes: Vec<Scope>,
    page: Rect,
    deadline: Instant,
    calls: u32,
}

impl<'c, 'a> Collector<'c, 'a> {
    /// A collector for a page of this size in points.
    pub(super) fn new(page: Rect, fonts: &'c mut FontTable<'a>, deadline: Instant) -> Self {
        Collector {
            drawn: Drawn::default(),
            fonts,
            scopes: vec![Scope {
                clip: page,
                frame: None,
            }],
            page,
            deadline,
            calls: 0,
        }
    }

    fn scope(&self) -> Scope {
        self.scopes.last().copied().unwrap_or(Scope {
            clip: self.page,
            frame: None,
        })
    }

    fn tick(&mut self) {
        self.calls = self.calls.wrapping_add(1);
        if self.calls.is_multiple_of(CLOCK_INTERVAL) && Instant::now() > self.deadline {
            std::panic::resume_unwind(Box::new(PageLimitReached));
        }
    }

    fn push_clip(&mut self, bbox: Rect, is_frame: bool) {
        let outer = self.scope();
        let clip = outer.clip.intersection(&bbox).unwrap_or(Rect {
            x1: outer.clip.x0,
            y1: outer.clip.y0,
            ..outer.clip
        });
        let is_picture = is_frame
            && clip.area() < MAX_FRAME_SHARE * self.page.area()
            && clip.area() > MIN_FRAME_AREA;
        let frame = match u16::try_from(self.drawn.frames.len()) {
            Ok(index) if is_picture => {
                self.drawn.frames.push(Frame {
                    bbox: clip,
                    parent: outer.frame,
                });
                Some(index)
            }
            _ => outer.frame,
        };
        self.scopes.push(Scope { clip, frame });
    }

    fn push_graphic(&mut self, bbox: kurbo::Rect, kind: GraphicKind, lightness: u8) {
        let scope = self.scope();
        let Some(bbox) = to_rect(bbox).and_then(|r| r.intersection(&scope.clip)) else {
            return;
        };
        let graphic = Graphic {
            bbox,
            kind,
            lightness,
            frame: scope.frame,
        };
        let count = self.drawn.graphics.len();
        if count >= MERGE_FROM
            && let Some(last) = self.drawn.graphics.last_mut()
        {
            let same = last.kind == kind && last.frame == graphic.frame;
            if count >= MAX_GRAPHICS || (same && last.bbox.inflate(2.0).intersects(&bbox)) {
                last.bbox = last.bbox.union(&bbox);
                return;
            }
        }
        self.drawn.graphics.push(graphic);
    }

    fn push_path(&mut self, path: &BezPath, props: &DrawProps<'_>, mode: &DrawMode) {
        let (kind, pen) = match mode {
            DrawMode::Fill(_) => (GraphicKind::Fill, 0.0),
            DrawMode::Stroke(stroke) | DrawMode::FillAndStroke(_, stroke) => (
                GraphicKind::Stroke,
                f64::from(stroke.line_width) * scale_of(props.transform) / 2.0,
            ),
            DrawMode::Invisible => return,
        };
        let kind = match props.paint {
            Paint::Pattern(_) if kind == GraphicKind::Fill => GraphicKind::Shading,
            _ => kind,
        };
        let lightness = lightness_of(&props.paint);
        for bbox in subpath_boxes(path, props.transform) {
            self.push_graphic(bbox.inflate(pen, pen), kind, lightness);
        }
    }

    fn push_run(&mut self, run: &GlyphRun<'_, '_>, props: &DrawProps<'_>, mode: &DrawMode) {
        let Some(first) = run.glyphs().first() else {
            return;
        };
        if self.drawn.glyphs.len() + run.glyphs().len() > MAX_GLYPHS {
            return;
        }
        let font = self.fonts.index_of(first);
        let embedded = self.fonts.entry(font).is_none_or(|entry| entry.embedded);
        let vertical = matches!(run.writing_mode(), WritingMode::Vertical);
        let Some(pen) = Pen::new(props.transform * first.transform(), vertical, embedded) else {
            return;
        };
        let start = self.drawn.glyphs.len();
        let mut baseline = None;
        let mut ink: Option<(f32, f32)> = None;
        for glyph in run.glyphs() {
            let place = props.transform * glyph.transform();
            let Some((base, extent)) = pen.extent(place, advance_of(glyph)) else {
                continue;
            };
            let center = pen.center(base, extent);
            if !self.page.contains(center) {
                continue;
            }
            baseline.get_or_insert(base);
            if pen.direction == Direction::Right
                && let Some((low, high)) = self.fonts.reach_of(glyph)
            {
                let at = |y: f64| (place * Point::new(0.0, y)).y as f32;
                let (top, bottom) = (at(low).min(at(high)), at(low).max(at(high)));
                ink = Some(ink.map_or((top, bottom), |(t, b)| (t.min(top), b.max(bottom))));
            }
            let unicode = glyph
                .as_unicode()
                .or_else(|| self.fonts.unicode_by_encoding(glyph));
            push_characters(&mut self.drawn.glyphs, unicode, extent);
        }
        let end = self.drawn.glyphs.len();
        let (Some(baseline), Ok(start), Ok(end)) =
            (baseline, u32::try_from(start), u32::try_from(end))
        else {
            return;
        };
        if end == start {
            return;
        }
        let run = TextRun {
            glyphs: start..end,
            font: FontId(font),
            size: pen.size,
            baseline,
            direction: pen.direction,
            ink: ink.filter(|(top, bottom)| top.is_finite() && bottom.is_finite()),
            invisible: matches!(mode, DrawMode::Invisible),
            frame: self.scope().frame,
        };
        if self.is_drawn_twice(&run) {
            self.drawn.glyphs.truncate(start as usize);
        } else {
            self.drawn.runs.push(run);
        }
    }

    /// Whether the run repeats the one before it in nearly the same place.
    fn is_drawn_twice(&self, run: &TextRun) -> bool {
        let Some(last) = self.drawn.runs.last() else {
            return false;
        };
        let range = |run: &TextRun| run.glyphs.start as usize..run.glyphs.end as usize;
        let (Some(a), Some(b)) = (
            self.drawn.glyphs.get(range(last)),
            self.drawn.glyphs.get(range(run)),
        ) else {
            return false;
        };
        let near = run.size * 0.12;
        a.len() == b.len()
            && a.len() <= MAX_TWICE
            && (last.baseline - run.baseline).abs() < near
            && a.iter()
                .zip(b)
                .all(|(a, b)| a.ch == b.ch && (a.start - b.start).abs() < near)
    }
}

/// How the glyphs of a run lie on the page.
struct Pen {
    direction: Direction,
    size: f32,
    vertical: bool,
    embedded: bool,
}

impl Pen {
    fn new(place: Affine, vertical: bool, embedded: bool) -> Option<Pen> {
        let [a, b, c, d, _, _] = place.as_coeffs();
        let size = (Vec2::new(c, d).hypot() * UNITS_PER_EM) as f32;
        if !size.is_finite() || size <= 0.0 {
            return None;
        }
        let direction = if vertical {
            Direction::Vertical
        } else if a.abs() >= 8.0 * b.abs() {
            if a >= 0.0 {
                Direction::Right
            } else {
                Direction::Left
            }
        } else if b.abs() >= 8.0 * a.abs() {
            if b < 0.0 {
                Direction::Up
            } else {
                Direction::Down
            }
        } else {
            Direction::Oblique
        };
        Some(Pen {
            direction,
            size,
            vertical,
            embedded,
        })
    }

    /// The baseline and the extent along it of a glyph; `advance` in units of glyph space.
    fn extent(&self, place: Affine, advance: f64) -> Option<(f32, (f32, f32))> {
        let [a, b, c, d, _, _] = place.as_coeffs();
        let origin = place * Point::ZERO;
        if self.vertical {
            // The origin is the outline's, at the left of the baseline.
            let em = Vec2::new(c, d) * UNITS_PER_EM;
            let wide = Vec2::new(a, b) * advance.clamp(0.0, UNITS_PER_EM);
            let middle = origin + wide / 2.0;
            let top = (middle + em * 0.88).y as f32;
            let bottom = (middle - em * 0.12).y as f32;
            return ordered(middle.x as f32, top, bottom);
        }
        let along = Vec2::new(a, b);
        let along = if self.embedded || along.hypot() == 0.0 {
            along
        } else {
            along * (Vec2::new(c, d).hypot() / along.hypot())
        };
        let tip = origin + along * advance;
        match self.direction {
            Direction::Up | Direction::Down => {
                ordered(origin.x as f32, origin.y as f32, tip.y as f32)
            }
            _ => ordered(origin.y as f32, origin.x as f32, tip.x as f32),
        }
    }

    fn center(&self, baseline: f32, extent: (f32, f32)) -> crate::geometry::Point {
        let along = (extent.0 + extent.1) / 2.0;
        match self.direction {
            Direction::Up | Direction::Down | Direction::Vertical => crate::geometry::Point {
                x: baseline,
                y: along,
            },
            _ => crate::geometry::Point {
                x: along,
                y: baseline,
            },
        }
    }
}

fn ordered(base: f32, a: f32, b: f32) -> Option<(f32, (f32, f32))> {
    (base.is_finite() && a.is_finite() && b.is_finite()).then_some((base, (a.min(b), a.max(b))))
}

fn advance_of(glyph: &PdfGlyph<'_>) -> f64 {
    let advance = match glyph {
        PdfGlyph::Outline(outline) => outline.advance_width(),
        PdfGlyph::Type3(glyph) => glyph.advance_width(),
    };
    f64::from(advance.unwrap_or(500.0))
}

/// Adds the characters of one glyph, which share its extent evenly. Typographic ligatures are
/// spelled out: "ﬁ" is a way to draw "fi".
fn push_characters(glyphs: &mut Vec<Glyph>, unicode: Option<BfString>, (start, end): (f32, f32)) {
    let mut push_all = |chars: &[char]| {
        let step = (end - start) / chars.len().max(1) as f32;
        let rtl = chars
            .first()
            .is_some_and(|ch| ('\u{590}'..='\u{8ff}').contains(ch));
        for (i, ch) in chars.iter().enumerate() {
            // The first letter of a right-to-left ligature stands at its right.
            let place = if rtl { chars.len() - 1 - i } else { i };
            let start = start + step * place as f32;
            glyphs.push(Glyph {
                ch: *ch,
                start,
                end: start + step,
            });
        }
    };
    match unicode {
        None => push_all(&[char::REPLACEMENT_CHARACTER]),
        Some(BfString::Char(ch)) => match ch {
            'ﬀ' => push_all(&['f', 'f']),
            'ﬁ' => push_all(&['f', 'i']),
            'ﬂ' => push_all(&['f', 'l']),
            'ﬃ' => push_all(&['f', 'f', 'i']),
            'ﬄ' => push_all(&['f', 'f', 'l']),
            'ﬅ' | 'ﬆ' => push_all(&['s', 't']),
            _ => push_all(&[clean(ch)]),
        },
        Some(BfString::String(text)) => {
            let chars: Vec<char> = text.chars().take(16).map(clean).collect();
            push_all(&chars);
        }
    }
}

/// Control characters carry no text; most come from fonts whose encoding is unknown.
fn clean(ch: char) -> char {
    match ch {
        '\t' | '\n' | '\r' | '\u{a0}' => ' ',
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' => char::REPLACEMENT_CHARACTER,
        _ => ch,
    }
}

fn to_rect(r: kurbo::Rect) -> Option<Rect> {
    let rect = Rect::new(r.x0 as f32, r.y0 as f32, r.x1 as f32, r.y1 as f32);
    rect.is_finite().then_some(rect)
}

fn scale_of(transform: Affine) -> f64 {
    transform.determinant().abs().sqrt()
}

fn lightness_of(paint: &Paint<'_>) -> u8 {
    match paint {
        Paint::Color(color) => {
            let [r, g, b, a] = color.to_rgba().to_rgba8().map(u32::from);
            let luma = (r * 299 + g * 587 + b * 114) / 1000;
            // Over white paper, transparent paint is light.
            u8::try_from((luma * a + 255 * (255 - a)) / 255).unwrap_or(u8::MAX)
        }
        Paint::Pattern(_) => 128,
    }
}

/// Boxes of a path's subpaths on the page, by their control points; one for all where they are
/// too many.
fn subpath_boxes(path: &BezPath, transform: Affine) -> Vec<kurbo::Rect> {
    let mut boxes: Vec<kurbo::Rect> = Vec::new();
    let mut current: Option<kurbo::Rect> = None;
    let add = |current: &mut Option<kurbo::Rect>, p: Point| {
        let p = transform * p;
        let r = kurbo::Rect::from_points(p, p);
        *current = Some(current.map_or(r, |c| c.union(r)));
    };
    for element in path.elements() {
        match *element {
            PathEl::MoveTo(p) => {
                boxes.extend(current.take());
                if boxes.len() > MAX_SUBPATHS {
                    return vec![transform.transform_rect_bbox(path.control_box())];
                }
                add(&mut current, p);
            }
            PathEl::LineTo(p) => add(&mut current, p),
            PathEl::QuadTo(a, b) => [a, b].into_iter().for_each(|p| add(&mut current, p)),
            PathEl::CurveTo(a, b, c) => [a, b, c].into_iter().for_each(|p| add(&mut current, p)),
            PathEl::ClosePath => {}
        }
    }
    boxes.extend(current);
    boxes
}

impl<'a> Device<'a> for Collector<'_, 'a> {
    fn draw_path(&mut self, path: &BezPath, props: DrawProps<'a>, draw_mode: &DrawMode) {
        self.tick();
        self.push_path(path, &props, draw_mode);
    }

    fn draw_rect(&mut self, rect: &kurbo::Rect, props: DrawProps<'a>, draw_mode: &DrawMode) {
        self.tick();
        self.push_path(&rect.to_path(0.1), &props, draw_mode);
    }

    fn push_clip_path(&mut self, clip_path: &ClipPath) {
        self.tick();
        // Form XObjects clip to their box by this call; rectangular `W` clips use the other one.
        let is_box = clip_path.path.elements().len() <= 6;
        let bbox = to_rect(clip_path.path.bounding_box()).unwrap_or(self.page);
        self.push_clip(bbox, is_box);
    }

    fn push_clip_rect(&mut self, rect: &kurbo::Rect) {
        self.tick();
        self.push_clip(to_rect(*rect).unwrap_or(self.page), false);
    }

    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {
        self.tick();
    }

    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, mode: &DrawMode) {
        self.tick();
        self.push_run(run, &props, mode);
    }

    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        self.tick();
        // The transform places one pixel, not the unit square.
        let pixels = kurbo::Rect::new(0.0, 0.0, image.width().into(), image.height().into());
        self.push_graphic(
            props.transform.transform_rect_bbox(pixels),
            GraphicKind::Image,
            128,
        );
    }

    fn pop_clip(&mut self) {
        if self.scopes.len() > 1 {
            self.scopes.pop();
        }
    }

    fn pop_transparency_group(&mut self) {}
}
