//! Fusion: what the network sees on a page and what the page's graphics say become one list of
//! candidates. Graphics tell exactly where something ends, the network what belongs together.

use crate::{geometry::Rect, segment::ZoneKind};

use super::{
    network::{ObjectClass, PageObject},
    page::{Block, Candidate, PageView},
};

/// A zone and an object are one when they overlap this much.
const SAME: f32 = 0.5;
/// An object's part lies in it to this share.
const PART: f32 = 0.8;
/// A zone of which no object covers this share is doubted.
const DOUBTED: f32 = 0.3;
/// What is left of a doubted zone's score.
const DOUBT: f32 = 0.6;
/// An object is new where no zone covers more of it, nor it more of a zone.
const NEW: f32 = 0.3;
/// Marks cover at least this share of a figure's sides where anything is drawn.
const DRAWN: f32 = 0.3;
/// An object's content sticks out of it by at most this, in points.
pub(super) const MARGIN: f32 = 4.0;
/// A zone is but a part of an object that it lies in to this share.
const INSIDE: f32 = 0.95;
/// Boxes that overlap by less, in points, but touch.
const TOUCH: f32 = 1.0;
/// An object keeps its own sides where its content's overlap it less than this.
const LIKE: f32 = 0.6;
/// A table that is seen and a zone that overlap less differ by whole rows or columns.
const ROWS: f32 = 0.8;
/// The network overrules what graphics say from this score on.
const CLEAR: f32 = 0.5;

/// Fuses the zones of a page that the network looked at with its objects.
pub(super) fn fuse(view: &mut PageView) {
    let Some(objects) = view.objects.take() else {
        return;
    };
    let visuals: Vec<Visible> = objects
        .iter()
        .enumerate()
        .filter_map(|(at, object)| Visible::new(view, at, object))
        .collect();
    drop_scans(view, &visuals);
    split(view, &visuals);
    for visible in &visuals {
        if !recognise(view, visible, &visuals) && !join(view, visible) {
            add(view, visible);
        }
    }
    doubt(view, &visuals);
    view.objects = Some(objects);
    view.zones.sort_by(|a, b| {
        (a.bbox.y0.total_cmp(&b.bbox.y0))
            .then(a.bbox.x0.total_cmp(&b.bbox.x0))
            .then(a.bbox.y1.total_cmp(&b.bbox.y1))
    });
}

/// An object that can be a visual.
#[derive(Debug, Clone, Copy)]
struct Visible {
    /// Its place among the page's objects.
    at: usize,
    kind: ZoneKind,
    score: f32,
    sure: bool,
    /// Where the network sees it.
    bbox: Rect,
    /// Where what it shows ends.
    snapped: Rect,
}

impl Visible {
    fn new(view: &PageView, at: usize, object: &PageObject) -> Option<Visible> {
        let kind = match object.found.class {
            ObjectClass::Figure => ZoneKind::Figure,
            ObjectClass::Table => ZoneKind::Table,
            ObjectClass::Algorithm => ZoneKind::Boxed,
            _ => return None,
        };
        let bbox = object.found.bbox;
        Some(Visible {
            at,
            kind,
            score: object.found.score,
            sure: object.sure,
            bbox,
            snapped: snap(view, &bbox),
        })
    }

    fn candidate(&self, raster: bool, vector: bool) -> Candidate {
        Candidate {
            bbox: self.snapped,
            kind: self.kind,
            score: self.score,
            raster,
            vector,
            seen: Some(self.at),
            sure: self.sure,
        }
    }
}

/// A box's content: the lines and marks that lie in it. Where there is none, as in scans, the box
/// itself.
pub(super) fn snap(view: &PageView, bbox: &Rect) -> Rect {
    let outer = bbox.inflate(MARGIN);
    let content = view.lines.iter().chain(&view.ink);
    let inside = content.filter(|part| part.covered_by(&outer) > PART);
    Rect::union_all(inside.copied())
        .filter(|content| content.iou(bbox) > LIKE)
        .unwrap_or(*bbox)
}

/// Leaves out the image of a scanned page under what it shows.
fn drop_scans(view: &mut PageView, visuals: &[Visible]) {
    let PageView {
        zones,
        bbox,
        scanned,
        ..
    } = view;
    zones.retain(|zone| {
        let is_scan = *scanned && zone.raster && zone.bbox.area() > SAME * bbox.area();
        !is_scan || visuals.iter().any(|v| v.bbox.iou(&zone.bbox) > SAME)
    });
}

/// Cuts zones that hold a caption: into the several objects that the network sees there, or off where
/// the one ends that it sees beside the caption.
fn split(view: &mut PageView, visuals: &[Visible]) {
    let mut cut = Vec::new();
    let mut zones = std::mem::take(&mut view.zones);
    zones.retain(|zone| {
        let inner: Vec<&Visible> = visuals
            .iter()
            .filter(|v| v.score >= CLEAR && v.snapped.covered_by(&zone.bbox) > PART)
            .filter(|v| v.snapped.iou(&zone.bbox) < PART)
            .collect();
        let apart = match inner.as_slice() {
            [] => false,
            // A frame around the page holds everything.
            [one] => {
                one.sure
                    && !view.holds_caption(&one.snapped)
                    && zone.bbox.area() < SAME * view.bbox.area()
            }
            _ => true,
        };
        if !apart || !view.holds_caption(&zone.bbox) {
            return true;
        }
        cut.extend(inner.iter().map(|v| v.candidate(zone.raster, zone.vector)));
        false
    });
    zones.extend(cut);
    view.zones = zones;
}

/// Marks the zone that the object is.
fn recognise(view: &mut PageView, visible: &Visible, all: &[Visible]) -> bool {
    // A frame around text is no figure, nor is one around the page; one around a drawing may be.
    let framed = visible.kind == ZoneKind::Figure
        && visible.score >= CLEAR
        && visible.snapped.area() < SAME * view.bbox.area()
        && !view.is_program(&visible.snapped);
    let same = view
        .zones
        .iter_mut()
        .map(|zone| (zone.bbox.iou(&visible.snapped), zone))
        .filter(|(overlap, _)| *overlap > SAME)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    let Some((_, zone)) = same else {
        return false;
    };
    if zone.seen.is_some() {
        return true;
    }
    if visible.score >= CLEAR {
        zone.bbox = seen_ends(zone, visible, all, &view.blocks);
    }
    zone.seen = Some(visible.at);
    // Shaded program text looks like a table to graphics, and not to the network.
    let other = zone.kind == ZoneKind::Table && visible.kind == ZoneKind::Boxed;
    zone.sure = visible.sure && !other;
    zone.score = 1.0 - (1.0 - zone.score) * (1.0 - visible.score);
    let fits = match zone.kind {
        ZoneKind::Boxed => framed,
        _ => visible.kind != ZoneKind::Boxed,
    };
    // An image of a table is an image.
    if visible.sure && fits && !zone.raster {
        zone.kind = visible.kind;
    }
    true
}

/// Where a zone ends that is an object: an image's white margins are not seen; labels around a drawing
/// are, and rows under the last rule. Rules say less of a table's rows than what is seen.
fn seen_ends(zone: &Candidate, visible: &Visible, all: &[Visible], blocks: &[Block]) -> Rect {
    let mut own = zone.bbox;
    if visible.kind == ZoneKind::Table && visible.sure && own.iou(&visible.snapped) < ROWS {
        let seen = visible.snapped;
        let is_new = |bbox: &Rect| seen.contains(bbox.center()) && !own.contains(bbox.center());
        let mut others = blocks.iter().filter(|b| b.parts() && is_new(&b.bbox));
        if others.all(|block| block.weight().is_finite()) {
            return seen;
        }
    }
    // Several images may lie in one zone: what is seen apart from this one is no margin.
    let besides = |other: &Visible| {
        other.sure
            && other.bbox.covered_by(&own) > PART
            && other.bbox.covered_by(&visible.bbox) < 1.0 - PART
    };
    let image = zone.raster && !zone.vector;
    if image && visible.bbox.covered_by(&own) > INSIDE && !all.iter().any(besides) {
        own = visible.bbox.intersection(&own).unwrap_or(own);
    }
    let grown = own.union(&visible.snapped);
    let brings_text = || {
        let reaches_into =
            |bbox: &Rect, block: &Block| bbox.inflate(-TOUCH).intersects(&block.bbox);
        let brings = |b: &Block| b.is_text() && reaches_into(&grown, b) && !reaches_into(&own, b);
        blocks.iter().any(brings)
    };
    if own.covered_by(&visible.snapped) > INSIDE && !brings_text() {
        grown
    } else {
        own
    }
}

/// Joins the zones that are parts of an object.
fn join(view: &mut PageView, visible: &Visible) -> bool {
    let parted = view.holds_caption(&visible.snapped);
    let is_part =
        |zone: &Candidate| zone.seen.is_none() && zone.bbox.covered_by(&visible.snapped) > PART;
    let parts: Vec<Candidate> = view.zones.iter().filter(|z| is_part(z)).copied().collect();
    let drawn = Rect::union_all(parts.iter().map(|part| part.bbox));
    // Text alone does not make a figure larger.
    let marks = marks_in(view, &visible.bbox);
    let drawn = drawn.map(|drawn| marks.map_or(drawn, |marks| marks.union(&drawn)));
    let alike =
        |drawn: &Rect| visible.kind == ZoneKind::Table || drawn.iou(&visible.snapped) > LIKE;
    if visible.score < CLEAR || parted || !drawn.as_ref().is_some_and(alike) {
        return false;
    }
    view.zones.retain(|zone| !is_part(zone));
    let any = |is: fn(&Candidate) -> bool| parts.iter().any(is);
    view.zones
        .push(visible.candidate(any(|z| z.raster), any(|z| z.vector)));
    true
}

/// What is drawn in a box.
fn marks_in(view: &PageView, bbox: &Rect) -> Option<Rect> {
    let outer = bbox.inflate(MARGIN);
    let inside = view.ink.iter().filter(|m| m.covered_by(&outer) > PART);
    Rect::union_all(inside.copied())
}

/// Adds an object where graphics show nothing.
fn add(view: &mut PageView, visible: &Visible) {
    let is_new = view.zones.iter().all(|zone| {
        zone.bbox.covered_by(&visible.snapped) < NEW && visible.snapped.covered_by(&zone.bbox) < NEW
    });
    // A caption can vouch for what is left out here: `guess` sees to that.
    let counts = match visible.kind {
        _ if view.scanned => visible.sure,
        ZoneKind::Figure => visible.sure && is_drawn(view, visible),
        ZoneKind::Table => visible.score >= CLEAR,
        ZoneKind::Boxed | ZoneKind::Rule => false,
    };
    if is_new && counts {
        view.zones.push(visible.candidate(false, false));
    }
}

/// Whether a page of text and graphics has in it what a figure is made of: one that is not drawn is
/// a formula or an example.
fn is_drawn(view: &PageView, visible: &Visible) -> bool {
    marks_in(view, &visible.bbox).is_some_and(|marks| {
        let bbox = visible.bbox;
        marks.width() > DRAWN * bbox.width() && marks.height() > DRAWN * bbox.height()
    })
}

/// Trusts zones less in which the network sees nothing of their kind.
fn doubt(view: &mut PageView, visuals: &[Visible]) {
    for zone in &mut view.zones {
        let shown = visuals.iter().any(|v| {
            v.sure
                && (v.kind == ZoneKind::Table || zone.kind != ZoneKind::Table)
                && (zone.bbox.covered_by(&v.bbox) > DOUBTED || v.bbox.covered_by(&zone.bbox) > SAME)
        });
        if !zone.sure && !shown {
            zone.score *= DOUBT;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::page::sample::{caption, object, page, rect, zone};

    /// Box, kind, object and sureness of each candidate after fusion.
    fn fused(
        mut view: PageView,
        objects: Vec<PageObject>,
    ) -> Vec<([f32; 4], ZoneKind, Option<usize>, bool)> {
        view.objects = Some(objects);
        fuse(&mut view);
        let sides = |b: Rect| [b.x0, b.y0, b.x1, b.y1];
        let zones = view.zones.iter();
        zones
            .map(|z| (sides(z.bbox), z.kind, z.seen, z.sure))
            .collect()
    }

    #[test]
    fn a_zone_that_is_seen_keeps_its_exact_box_and_takes_the_kind() {
        let mut view = page();
        view.zones = vec![zone([100.0, 100.0, 300.0, 200.0], ZoneKind::Figure)];
        let seen = object(ObjectClass::Table, 0.9, [96.0, 104.0, 305.0, 195.0]);
        let expected = ([100.0, 100.0, 300.0, 200.0], ZoneKind::Table, Some(0), true);
        assert_eq!(fused(view.clone(), vec![seen]), [expected]);
        // One that is not sure leaves the kind.
        let doubtful = object(ObjectClass::Table, 0.2, [96.0, 104.0, 305.0, 195.0]);
        assert_eq!(fused(view, vec![doubtful])[0].1, ZoneKind::Figure);
    }

    #[test]
    fn a_table_ends_where_its_rows_are_seen_to_end() {
        let mut view = page();
        let rule = [100.0, 100.0, 300.0, 170.0];
        view.zones = vec![zone(rule, ZoneKind::Table)];
        view.lines = (0..8)
            .map(|row| {
                rect([
                    102.0,
                    103.0 + 12.0 * row as f32,
                    298.0,
                    113.0 + 12.0 * row as f32,
                ])
            })
            .collect();
        let long = || object(ObjectClass::Table, 0.7, [100.0, 100.0, 300.0, 199.0]);
        let rows = [102.0, 103.0, 298.0, 197.0];
        assert_eq!(fused(view.clone(), vec![long()])[0].0, rows);
        // Its title is no row of it.
        let mut titled = view.clone();
        titled.blocks = vec![caption([102.0, 187.0, 298.0, 197.0])];
        assert_ne!(fused(titled, vec![long()])[0].0, rows);
        // A row more or less is told better by rules.
        view.zones = vec![zone([100.0, 100.0, 300.0, 190.0], ZoneKind::Table)];
        assert_ne!(fused(view, vec![long()])[0].0, rows);
    }

    #[test]
    fn a_drawing_in_a_frame_is_a_figure() {
        let kind_of = |view: PageView, bbox| {
            let seen = object(ObjectClass::Figure, 0.8, bbox);
            fused(view, vec![seen])[0].1
        };
        let small = [100.0, 100.0, 300.0, 200.0];
        let mut view = page();
        view.zones = vec![zone(small, ZoneKind::Boxed)];
        assert_eq!(kind_of(view.clone(), small), ZoneKind::Figure);
        // Program text in one is none.
        view.lines = vec![rect([110.0, 110.0, 290.0, 190.0])];
        view.code.clone_from(&view.lines);
        assert_eq!(kind_of(view.clone(), small), ZoneKind::Boxed);
        let whole = [20.0, 20.0, 580.0, 780.0];
        view.zones = vec![zone(whole, ZoneKind::Boxed)];
        view.code.clear();
        assert_eq!(kind_of(view, whole), ZoneKind::Boxed);
    }

    #[test]
    fn an_object_without_graphics_ends_where_its_text_ends() {
        let mut view = page();
        view.lines = vec![
            rect([105.0, 103.0, 280.0, 115.0]),
            rect([105.0, 180.0, 298.0, 192.0]),
            rect([105.0, 215.0, 298.0, 227.0]),
        ];
        let seen = || object(ObjectClass::Table, 0.9, [100.0, 100.0, 300.0, 196.0]);
        let expected = ([105.0, 103.0, 298.0, 192.0], ZoneKind::Table, Some(0), true);
        assert_eq!(fused(view.clone(), vec![seen()]), [expected]);
        let faint = object(ObjectClass::Table, 0.2, [100.0, 100.0, 300.0, 196.0]);
        assert!(fused(view.clone(), vec![faint]).is_empty());
        // Lines that it covers in a corner only are not its content.
        view.lines.truncate(1);
        assert_eq!(fused(view, vec![seen()])[0].0, [100.0, 100.0, 300.0, 196.0]);
    }

    #[test]
    fn a_zone_that_holds_its_caption_ends_where_the_figure_is_seen_to_end() {
        let figure = [100.0, 100.0, 300.0, 300.0];
        let mut view = page();
        view.zones = vec![zone([100.0, 100.0, 500.0, 300.0], ZoneKind::Figure)];
        view.blocks = vec![caption([320.0, 150.0, 480.0, 250.0])];
        let seen = || vec![object(ObjectClass::Figure, 0.8, figure)];
        assert_eq!(fused(view.clone(), seen())[0].0, figure);
        // Without one, graphics know better.
        view.blocks.clear();
        assert_ne!(fused(view, seen())[0].0, figure);
    }

    #[test]
    fn an_image_ends_where_it_is_seen_to_end_unless_another_lies_beside_it() {
        let mut view = page();
        view.zones = vec![Candidate {
            raster: true,
            vector: false,
            ..zone([100.0, 100.0, 300.0, 300.0], ZoneKind::Figure)
        }];
        let upper = [100.0, 100.0, 300.0, 220.0];
        let seen = object(ObjectClass::Figure, 0.8, upper);
        assert_eq!(fused(view.clone(), vec![seen.clone()])[0].0, upper);
        let lower = object(ObjectClass::Figure, 0.7, [150.0, 230.0, 250.0, 300.0]);
        let both = fused(view, vec![seen, lower]);
        assert_eq!(both[0].0, [100.0, 100.0, 300.0, 300.0]);
    }

    #[test]
    fn a_figure_without_a_mark_needs_a_scan() {
        let seen = || object(ObjectClass::Figure, 0.9, [100.0, 100.0, 300.0, 200.0]);
        assert!(fused(page(), vec![seen()]).is_empty());
        let scan = PageView {
            scanned: true,
            ..page()
        };
        assert!(fused(scan, vec![seen()])[0].3);
        let drawn = PageView {
            ink: vec![rect([110.0, 110.0, 290.0, 190.0])],
            ..page()
        };
        assert!(fused(drawn, vec![seen()])[0].3);
    }

    #[test]
    fn program_text_is_a_candidate_of_its_own_in_scans_only() {
        let seen = || object(ObjectClass::Algorithm, 0.9, [100.0, 100.0, 300.0, 200.0]);
        assert!(fused(page(), vec![seen()]).is_empty());
        let scan = PageView {
            scanned: true,
            ..page()
        };
        assert_eq!(fused(scan, vec![seen()])[0].1, ZoneKind::Boxed);
    }

    #[test]
    fn a_scan_is_no_picture_of_its_own() {
        let mut view = page();
        view.scanned = true;
        view.zones = vec![Candidate {
            raster: true,
            ..zone([10.0, 10.0, 590.0, 790.0], ZoneKind::Figure)
        }];
        let seen = object(ObjectClass::Figure, 0.9, [100.0, 100.0, 300.0, 200.0]);
        let expected = (
            [100.0, 100.0, 300.0, 200.0],
            ZoneKind::Figure,
            Some(0),
            true,
        );
        assert_eq!(fused(view.clone(), vec![seen]), [expected]);
        // But for a picture that fills the page.
        let plate = object(ObjectClass::Figure, 0.9, [12.0, 12.0, 588.0, 788.0]);
        assert_eq!(fused(view, vec![plate])[0].0, [10.0, 10.0, 590.0, 790.0]);
    }

    #[test]
    fn merged_figures_are_split_where_a_caption_lies_between() {
        let mut view = page();
        view.zones = vec![zone([100.0, 100.0, 300.0, 400.0], ZoneKind::Figure)];
        let seen = || {
            vec![
                object(ObjectClass::Figure, 0.9, [100.0, 100.0, 300.0, 220.0]),
                object(ObjectClass::Figure, 0.8, [100.0, 260.0, 300.0, 400.0]),
            ]
        };
        assert_eq!(fused(view.clone(), seen()).len(), 1);
        view.blocks = vec![caption([120.0, 230.0, 280.0, 245.0])];
        let split = fused(view, seen());
        assert_eq!(split.len(), 2);
        assert_eq!(split[0].0, [100.0, 100.0, 300.0, 220.0]);
        assert_eq!(split[1].0, [100.0, 260.0, 300.0, 400.0]);
    }

    #[test]
    fn parts_of_one_figure_are_joined_unless_a_caption_lies_among_them() {
        let mut view = page();
        view.zones = vec![
            zone([100.0, 100.0, 180.0, 200.0], ZoneKind::Figure),
            zone([220.0, 100.0, 300.0, 200.0], ZoneKind::Figure),
        ];
        view.ink = view.zones.iter().map(|zone| zone.bbox).collect();
        let seen = || vec![object(ObjectClass::Figure, 0.9, [98.0, 98.0, 303.0, 203.0])];
        let whole = (
            [100.0, 100.0, 300.0, 200.0],
            ZoneKind::Figure,
            Some(0),
            true,
        );
        assert_eq!(fused(view.clone(), seen()), [whole]);
        view.blocks = vec![caption([190.0, 140.0, 210.0, 160.0])];
        assert_eq!(fused(view, seen()).len(), 2);
    }

    #[test]
    fn zones_in_which_nothing_is_seen_are_doubted() {
        let mut view = page();
        view.zones = vec![zone([100.0, 100.0, 300.0, 200.0], ZoneKind::Figure)];
        fuse(&mut view);
        assert!(view.zones[0].score < 0.6);
        // Where the network did not look nothing changes.
        view.objects = None;
        let before = view.zones.clone();
        fuse(&mut view);
        assert_eq!(view.zones, before);
    }
}
