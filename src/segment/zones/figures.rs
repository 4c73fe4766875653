//! Pictures: clusters of the marks that neither tables nor text explain.

use crate::{
    geometry::Rect,
    pdf::{Direction, Graphic, GraphicKind, Page},
    segment::TextLine,
};

use super::{
    Zone, ZoneKind,
    cluster::cluster,
    rules::ruled_boxes,
    text::{PageText, Role, names_itself},
};

/// Marks up to this far apart, in points, belong to one picture: arrows end a little before
/// their nodes, axes stand off their data, tiles of a raster touch.
const REACH: f32 = 12.0;
/// Panels of one picture lie at most this far apart, in points, with no text between ...
const PANEL_GAP: f32 = 18.0;
/// ... or this share of the smaller one's side, up to a limit.
const PANEL_GAP_SHARE: f32 = 0.45;
const LEGEND_GAP_SHARE: f32 = 0.15;
const MAX_PANEL_GAP: f32 = 60.0;
/// A caption stands at most this far from its picture, in points, where two captions side by
/// side keep two pictures apart.
const CAPTION_REACH: f32 = 45.0;
/// The parts of the page, from its top and from its bottom, where running heads and feet are.
const MARGIN_SHARE: f32 = 0.15;
/// Smaller pictures, in points, are bullets, boxes to tick and ends of proofs.
const MIN_SIDE: f32 = 12.0;
const MIN_AREA: f32 = 400.0;
/// Labels stand at most this many font sizes from the marks, ...
const LABEL_REACH: f32 = 1.2;
/// ... and those set unlike the text, as the titles of axes are, this many.
const OTHER_FONT_REACH: f32 = 2.4;
/// Labels are at most this share of the usual line long.
const LABEL_WIDTH: f32 = 0.6;
/// How often labels may draw in further labels (tick labels, then the axis title).
const LABEL_ROUNDS: usize = 3;
/// Images with this many lines of running text on them are a background.
const BACKGROUND_LINES: usize = 3;

/// The pictures, boxes and separators of a page, without what `tables` explain.
pub(super) fn figures(
    page: &Page,
    marks: &[Graphic],
    text: &PageText<'_>,
    tables: &[Zone],
) -> Vec<Zone> {
    let mut zones = Vec::new();
    let rest: Vec<Graphic> = marks
        .iter()
        .filter(|mark| {
            !tables.iter().any(|table| {
                let outer = table.bbox.inflate(3.0);
                outer.contains(mark.bbox.center()) && mark.bbox.area() < 1.3 * outer.area()
            })
        })
        .filter(|mark| !decorates(mark, text))
        .copied()
        .collect();
    let (separators, rest): (Vec<Graphic>, Vec<Graphic>) = rest
        .into_iter()
        .partition(|mark| is_page_rule(mark, page, text));
    zones.extend(
        separators
            .iter()
            .map(|mark| zone(mark.bbox, ZoneKind::Rule)),
    );
    let mut rest = rest;
    rest.extend(ruled_boxes(&rest).into_iter().map(|bbox| Graphic {
        bbox,
        kind: GraphicKind::Stroke,
        lightness: 0,
        frame: None,
    }));
    let (boxes, rest) = split_boxes(&rest, text);
    zones.extend(boxes.iter().map(|bbox| zone(*bbox, ZoneKind::Boxed)));
    let mut pictures = Vec::new();
    for group in groups(page, &rest, text) {
        match group.judge(text) {
            Some(ZoneKind::Figure) => pictures.push(group.zone()),
            Some(kind) => zones.push(zone(group.bbox, kind)),
            None => {}
        }
    }
    for picture in &mut pictures {
        add_labels(picture, text);
    }
    join_panels(&mut pictures, text);
    // Labels may have brought a picture near another, or near more labels.
    for picture in &mut pictures {
        add_labels(picture, text);
    }
    zones.retain(|zone| zone.kind != ZoneKind::Boxed || !is_inside_any(&zone.bbox, &pictures));
    zones.extend(pictures);
    zones
}

fn zone(bbox: Rect, kind: ZoneKind) -> Zone {
    Zone {
        bbox,
        content: bbox,
        kind,
        score: 0.8,
        raster: false,
        vector: true,
        frame: false,
    }
}

fn is_inside_any(bbox: &Rect, zones: &[Zone]) -> bool {
    zones.iter().any(|zone| bbox.covered_by(&zone.bbox) > 0.9)
}

/// Whether a mark belongs to a line of text: an underline, a colour box behind words, a bar of
/// a fraction, a small picture between words.
fn decorates(mark: &Graphic, text: &PageText<'_>) -> bool {
    if mark.bbox.height() > 2.2 * text.body_size {
        return false;
    }
    text.iter().any(|(line, role)| {
        let rule = mark.is_horizontal_rule();
        if line.direction != Direction::Right || (role == Role::Free && !rule) {
            return false;
        }
        let near = line.bbox.inflate(0.15 * line.size);
        let within = mark.bbox.x0 > near.x0 - 1.0 && mark.bbox.x1 < near.x1 + 1.0;
        if rule {
            return within
                && mark.bbox.y1 > near.y0
                && mark.bbox.y0 < line.baseline + 0.28 * line.size;
        }
        let beside =
            mark.bbox.x0 > near.x0 - 2.0 * line.size && mark.bbox.x1 < near.x1 + 2.0 * line.size;
        beside && mark.bbox.y_overlap(&near) > 0.6 * mark.bbox.height()
    })
}

/// Whether a mark is the rule under a running head or over a running foot: wide, and with next
/// to nothing between it and the edge of the page.
fn is_page_rule(mark: &Graphic, page: &Page, text: &PageText<'_>) -> bool {
    let y = mark.bbox.center_y();
    let margin = MARGIN_SHARE * page.height;
    let (from, to) = if y < margin {
        (0.0, y)
    } else if y > page.height - margin {
        (y, page.height)
    } else {
        return false;
    };
    let outside = text
        .lines
        .iter()
        .filter(|line| (from..to).contains(&line.bbox.center_y()))
        .count();
    mark.is_horizontal_rule()
        && mark.bbox.width() > 0.7 * text.line_width
        && (1..=4).contains(&outside)
}

/// Takes out the marks that are frames or shades around text.
fn split_boxes(marks: &[Graphic], text: &PageText<'_>) -> (Vec<Rect>, Vec<Graphic>) {
    let mut boxes: Vec<Rect> = Vec::new();
    let mut rest = Vec::new();
    for mark in marks {
        if is_around_text(mark, marks, text) {
            boxes.push(mark.bbox);
        } else {
            rest.push(*mark);
        }
    }
    // The pieces of a box (shade, border, title bar) are one.
    boxes.sort_by(|a, b| b.area().total_cmp(&a.area()));
    let mut outer: Vec<Rect> = Vec::new();
    for bbox in boxes {
        if let Some(near) = outer.iter_mut().find(|o| {
            o.inflate(2.0).intersects(&bbox)
                && (o.x0 - bbox.x0).abs() < 6.0
                && (o.x1 - bbox.x1).abs() < 6.0
        }) {
            *near = near.union(&bbox);
        } else if !outer.iter().any(|o| bbox.covered_by(o) > 0.9) {
            outer.push(bbox);
        }
    }
    // Borders drawn as four lines, corners, shadows.
    rest.retain(|mark| !outer.iter().any(|bbox| lines_edge(&mark.bbox, bbox)));
    (outer, rest)
}

/// Whether a mark lies along an edge of a box.
fn lines_edge(mark: &Rect, bbox: &Rect) -> bool {
    const OFF: f32 = 4.0;
    let outer = bbox.inflate(OFF);
    let in_x = mark.x0 >= outer.x0 && mark.x1 <= outer.x1;
    let in_y = mark.y0 >= outer.y0 && mark.y1 <= outer.y1;
    let at = |v: f32, edge: f32| (v - edge).abs() <= OFF;
    let flat = in_x
        && (at(mark.y0, bbox.y0) && at(mark.y1, bbox.y0)
            || at(mark.y0, bbox.y1) && at(mark.y1, bbox.y1));
    let upright = in_y
        && (at(mark.x0, bbox.x0) && at(mark.x1, bbox.x0)
            || at(mark.x0, bbox.x1) && at(mark.x1, bbox.x1));
    flat && in_y || upright && in_x
}

/// Whether a mark is a frame, a shade or another thing that goes around running text.
fn is_around_text(mark: &Graphic, marks: &[Graphic], text: &PageText<'_>) -> bool {
    let bbox = mark.bbox;
    if bbox.height() < 6.0 || bbox.width() < 24.0 {
        return false;
    }
    let inside: Vec<(&TextLine, Role)> = text
        .iter()
        .filter(|(line, _)| bbox.contains(line.bbox.center()) && !text.in_picture(line))
        .collect();
    let prose = inside
        .iter()
        .filter(|(_, role)| *role == Role::Prose)
        .count();
    if mark.kind == GraphicKind::Image {
        return prose >= BACKGROUND_LINES;
    }
    if prose > 0 {
        return true;
    }
    let ink: f32 = inside.iter().map(|(line, _)| line.bbox.area()).sum();
    let share = ink / bbox.area().max(1.0);
    let code = inside.iter().filter(|(line, _)| line.monospace).count();
    if code > 0
        && code * 3 >= inside.len() * 2
        && share > 0.1
        && bbox.width() > 0.4 * text.line_width
    {
        return true;
    }
    let wide = bbox.width() > 0.5 * text.line_width;
    wide && !inside.is_empty() && share > 0.08 && !holds_marks(&bbox, marks)
}

/// Whether other marks lie well inside a box.
fn holds_marks(bbox: &Rect, marks: &[Graphic]) -> bool {
    let inner = bbox.inflate(-3.0);
    marks.iter().any(|mark| {
        inner.contains(mark.bbox.center())
            && mark.bbox.area() < 0.7 * bbox.area()
            && !mark.is_horizontal_rule()
    })
}

/// Marks that lie together.
struct Group {
    bbox: Rect,
    marks: Vec<Graphic>,
    frame: bool,
}

fn groups(page: &Page, marks: &[Graphic], text: &PageText<'_>) -> Vec<Group> {
    let frames = picture_frames(page, text);
    let mut boxes: Vec<Rect> = marks.iter().map(|mark| mark.bbox).collect();
    boxes.extend(&frames);
    let walls: Vec<Rect> = text.obstacles().map(|line| line.bbox).collect();
    cluster(page.bbox(), &boxes, &walls, REACH / 2.0)
        .into_iter()
        .filter_map(|members| {
            let bbox = Rect::union_all(members.iter().filter_map(|i| boxes.get(*i).copied()))?;
            Some(Group {
                bbox,
                marks: members
                    .iter()
                    .filter_map(|i| marks.get(*i).copied())
                    .collect(),
                frame: members.iter().any(|i| *i >= marks.len()),
            })
        })
        .collect()
}

/// What shows of a frame: programs that plot leave white margins around their pictures.
pub(super) fn content(frame: &Rect, marks: &[Graphic], text: &PageText<'_>) -> Rect {
    let drawn = marks.iter().map(|mark| mark.bbox);
    let lines = text.lines.iter().map(|line| line.bbox);
    let inside = drawn.chain(lines).filter(|b| b.covered_by(frame) > 0.9);
    Rect::union_all(inside)
        .and_then(|content| content.intersection(frame))
        .unwrap_or(*frame)
}

/// The outermost frames that hold a picture and nothing of the page's own text.
fn picture_frames(page: &Page, text: &PageText<'_>) -> Vec<Rect> {
    let holds = |index: usize| text.picture_frames.get(index) == Some(&true);
    page.frames
        .iter()
        .enumerate()
        .filter(|(index, frame)| {
            let outermost = !frame
                .parent
                .is_some_and(|parent| holds(usize::from(parent)));
            holds(*index) && outermost && text.frame_is_used(*index)
        })
        .map(|(_, frame)| frame.bbox)
        .filter(|bbox| {
            !text
                .obstacles()
                .any(|line| bbox.contains(line.bbox.center()))
        })
        .collect()
}

impl Group {
    fn judge(&self, text: &PageText<'_>) -> Option<ZoneKind> {
        let (w, h) = (self.bbox.width(), self.bbox.height());
        let rules = self
            .marks
            .iter()
            .filter(|mark| mark.is_horizontal_rule())
            .count();
        if !self.frame && rules == self.marks.len() {
            return Some(ZoneKind::Rule);
        }
        if w.min(h) < MIN_SIDE || w * h < MIN_AREA {
            return None;
        }
        let raster = self
            .marks
            .iter()
            .any(|mark| mark.kind == GraphicKind::Image);
        if self.frame || raster {
            return Some(ZoneKind::Figure);
        }
        let uprights = self
            .marks
            .iter()
            .filter(|mark| mark.is_vertical_rule())
            .count();
        if uprights == self.marks.len() {
            return None;
        }
        let shapes = self.marks.len() - rules - uprights;
        let prose = text
            .iter()
            .filter(|(line, role)| *role == Role::Prose && self.bbox.contains(line.bbox.center()))
            .count();
        if self.is_boxed(text) || prose > shapes / 8 {
            return Some(ZoneKind::Boxed);
        }
        (shapes > 0 || (rules > 0 && uprights > 0 && h > 20.0)).then_some(ZoneKind::Figure)
    }

    /// Whether the marks only go around text: one box (with its border and shade), or boxes of
    /// one width under each other.
    fn is_boxed(&self, text: &PageText<'_>) -> bool {
        let inside = text
            .iter()
            .filter(|(line, _)| self.bbox.contains(line.bbox.center()))
            .count();
        let spans = self.marks.iter().all(|mark| {
            lines_edge(&mark.bbox, &self.bbox)
                || ((mark.bbox.x0 - self.bbox.x0).abs() < 6.0
                    && (mark.bbox.x1 - self.bbox.x1).abs() < 6.0)
        });
        inside > 0 && (spans || self.is_text_boxes(text))
    }

    /// Whether every mark is a box with text in it or a side of one, with nothing to connect them.
    fn is_text_boxes(&self, text: &PageText<'_>) -> bool {
        let holds = |bbox: &Rect| {
            text.lines
                .iter()
                .any(|line| bbox.inflate(1.0).contains(line.bbox.center()))
        };
        let (full, other): (Vec<&Graphic>, Vec<&Graphic>) =
            self.marks.iter().partition(|mark| holds(&mark.bbox));
        !full.is_empty()
            && self.marks.len() < 40
            && other
                .iter()
                .all(|mark| full.iter().any(|bbox| lines_edge(&mark.bbox, &bbox.bbox)))
    }

    fn zone(&self) -> Zone {
        let raster = self
            .marks
            .iter()
            .any(|mark| mark.kind == GraphicKind::Image);
        // A picture made of text alone is drawn too.
        let vector = !raster
            || self
                .marks
                .iter()
                .any(|mark| mark.kind != GraphicKind::Image);
        let score = if self.frame || raster {
            0.9
        } else if self.marks.len() > 4 {
            0.8
        } else {
            0.6
        };
        Zone {
            bbox: self.bbox,
            content: self.bbox,
            kind: ZoneKind::Figure,
            score,
            raster,
            vector,
            frame: self.frame,
        }
    }
}

/// Grows a picture by the labels that touch it.
fn add_labels(picture: &mut Zone, text: &PageText<'_>) {
    // A frame or an image has its labels inside.
    let reach = if picture.frame || (picture.raster && !picture.vector) {
        0.3
    } else {
        LABEL_REACH
    };
    for _ in 0..LABEL_ROUNDS {
        let bbox = picture.bbox;
        for (line, role) in text.iter() {
            if role == Role::Free && is_label(line, &bbox, reach, text) {
                picture.bbox = picture.bbox.union(&line.bbox);
            }
        }
        if picture.bbox == bbox {
            break;
        }
    }
}

fn is_label(line: &TextLine, picture: &Rect, reach: f32, text: &PageText<'_>) -> bool {
    if picture.contains(line.bbox.center()) {
        return true;
    }
    let upright = line.direction == Direction::Right;
    let other_font = line.size < 0.92 * text.body_size || text.body_font != Some(line.font);
    let reach = if other_font && reach >= LABEL_REACH && !line.monospace && !line.bold {
        OTHER_FONT_REACH
    } else {
        reach
    };
    let (dx, dy) = (line.bbox.x_gap(picture), line.bbox.y_gap(picture));
    if dx > reach * line.size || dy > reach * line.size || dx.min(dy) > 0.5 * line.size {
        return false;
    }
    if names_itself(line) || text.is_ruled_off_from(picture, line) {
        return false;
    }
    let grown = picture.union(&line.bbox);
    if text.has_prose_in(&grown) && !text.has_prose_in(picture) {
        return false;
    }
    let heading = upright
        && (line.size > 1.1 * text.body_size
            || (line.bold && dx == 0.0 && line.bbox.width() > 0.8 * picture.width()));
    !heading && (!upright || line.bbox.width() < LABEL_WIDTH * text.line_width.max(picture.width()))
}

/// Joins pictures that lie side by side or under each other with nothing between.
fn join_panels(pictures: &mut Vec<Zone>, text: &PageText<'_>) {
    let mut at = 0;
    while at < pictures.len() {
        let Some(picture) = pictures.get(at).copied() else {
            break;
        };
        let partner = pictures
            .iter()
            .enumerate()
            .skip(at + 1)
            .find(|(_, other)| are_panels(&picture.bbox, &other.bbox, text))
            .map(|(i, _)| i);
        let Some(partner) = partner else {
            at += 1;
            continue;
        };
        let other = pictures.swap_remove(partner);
        if let Some(picture) = pictures.get_mut(at) {
            picture.bbox = picture.bbox.union(&other.bbox);
            picture.score = picture.score.max(other.score);
            picture.raster |= other.raster;
            picture.vector |= other.vector;
            picture.frame |= other.frame;
        }
        // The larger picture may reach those passed before.
        at = 0;
    }
}

fn are_panels(a: &Rect, b: &Rect, text: &PageText<'_>) -> bool {
    let both = a.union(b);
    // A legend is small beside its chart.
    let reach = |small: f32, large: f32| {
        let share = (PANEL_GAP_SHARE * small).max(LEGEND_GAP_SHARE * large);
        share.clamp(PANEL_GAP, MAX_PANEL_GAP)
    };
    let (w, h) = (a.width().min(b.width()), a.height().min(b.height()));
    let (wide, high) = (a.width().max(b.width()), a.height().max(b.height()));
    let beside = a.x_gap(b) <= reach(w, wide) && a.y_overlap(b) > 0.5 * h;
    let stacked = a.y_gap(b) <= reach(h, high) && a.x_overlap(b) > 0.5 * w;
    if !(beside || stacked) || have_captions_each(a, b, text) {
        return false;
    }
    let between = |line: &TextLine| {
        let center = line.bbox.center();
        both.contains(center) && !a.contains(center) && !b.contains(center)
    };
    // A caption can be wider than the pictures above and below it.
    let parts = |line: &TextLine| {
        let middle = line.bbox.center_y();
        (both.y0..both.y1).contains(&middle)
            && line.bbox.x_overlap(&both) > 0.3 * both.width()
            && [a, b]
                .iter()
                .all(|panel| line.bbox.y_overlap(panel) < 0.5 * line.bbox.height())
    };
    !text.obstacles().any(parts)
        && !text.iter().any(|(line, role)| {
            between(line)
                && (role != Role::Free || line.bbox.width() > LABEL_WIDTH * text.line_width)
        })
}

/// Whether two pictures side by side have a caption each.
fn have_captions_each(a: &Rect, b: &Rect, text: &PageText<'_>) -> bool {
    let caption_of = |picture: &Rect| {
        text.caption_starts().position(|line| {
            let block = text.caption_block(line);
            (picture.x0..=picture.x1).contains(&block.center_x())
                && block.y_gap(picture) < CAPTION_REACH
        })
    };
    matches!((caption_of(a), caption_of(b)), (Some(a), Some(b)) if a != b)
}
