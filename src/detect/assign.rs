//! Which zones each caption belongs to.
//!
//! First every caption takes the cheapest zone on its page by distance, kind and side; the sides
//! that a document's figures, tables and listings then turn out to use make the costs of a second
//! round. Panels beside the first zone, pictures on the neighbouring page, and the further pages
//! of long tables are added at the end.

use crate::{
    geometry::{PageIndex, Rect},
    segment::{ParagraphKind, ZoneKind},
};

use super::{
    captions::{Caption, Family},
    page::{Block, Candidate, MAX_LABEL, PageView},
    reach::reach,
};

/// What it costs to leave a caption without a zone: a zone that costs more is none.
const UNASSIGNED: f32 = 220.0;
/// What the less usual side costs before the document's own custom is known.
const DEFAULT_SIDE: f32 = 12.0;
/// What the other side costs in a document that always uses one.
const LEARNED_SIDE: f32 = 70.0;
/// Captions beside their picture are rare.
const BESIDE: f32 = 25.0;
/// Text of more weight than this parts a picture from a caption.
const MAX_BETWEEN: f32 = 100.0;
/// What is left on a page is a caption's when it is at most this far from it, in points, ...
const MAX_REST: f32 = 100.0;
/// ... as large as this, in points, ...
const MIN_REST: f32 = 24.0;
/// ... and when no longer paragraph, in bytes, stands between.
const MAX_REST_TEXT: usize = 900;
/// What the less usual side costs then.
const REST_SIDE: f32 = 60.0;
/// Panels are at most this far from each other, in points.
const PANEL_GAP: f32 = 60.0;
/// Titles of panels are at most this share of the panels' width off their middle.
const CENTERED: f32 = 0.05;
/// Parts of a table under each other are at most this far apart.
const TABLE_GAP: f32 = 12.0;
/// Ends of a long table's parts agree to within this, in points.
const SAME_COLUMN: f32 = 8.0;

/// Where the picture is, seen from its caption.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Above,
    Below,
    Beside,
}

/// A zone: the place of its page among the views, and its own on that page.
type ZoneAt = (usize, usize);

/// Which zones belong to which captions.
#[derive(Debug, Default)]
pub(super) struct Assignment {
    /// For each caption, its zones, the first one first.
    zones: Vec<Vec<ZoneAt>>,
    /// For each caption of whose picture its zones are but a part, the page and the whole of it.
    wholes: Vec<Option<(usize, Rect)>>,
    /// The usual side of each family.
    customs: [Custom; Family::ALL.len()],
}

#[derive(Debug, Clone, Copy)]
struct Custom {
    side: Side,
    cost: f32,
}

impl Default for Custom {
    fn default() -> Custom {
        Custom {
            side: Side::Above,
            cost: DEFAULT_SIDE,
        }
    }
}

impl Assignment {
    /// The zones of a caption with their pages, by page, then from the top.
    pub(super) fn zones_of<'v>(
        &self,
        pages: &'v [PageView],
        caption: usize,
    ) -> Vec<(PageIndex, &'v Candidate)> {
        let mut places = self.zones.get(caption).cloned().unwrap_or_default();
        places.sort_unstable();
        places
            .into_iter()
            .filter_map(|(page, zone)| {
                let view = pages.get(page)?;
                Some((view.index, view.zones.get(zone)?))
            })
            .collect()
    }

    /// The page and the box of a caption's picture where its zones are but a part of it.
    pub(super) fn whole_of(&self, pages: &[PageView], caption: usize) -> Option<(PageIndex, Rect)> {
        let (page, whole) = self.wholes.get(caption).copied().flatten()?;
        Some((pages.get(page)?.index, whole))
    }

    /// What a caption's largest zone looks like to the network; empty where it sees none of them.
    pub(super) fn appearance_of(&self, pages: &[PageView], caption: usize) -> Vec<f32> {
        let places = self.zones.get(caption).map_or(&[][..], Vec::as_slice);
        let seen = places.iter().filter_map(|(page, zone)| {
            let view = pages.get(*page)?;
            let zone = view.zones.get(*zone)?;
            zone.seen.map(|_| (view, zone))
        });
        let largest = seen.max_by(|a, b| a.1.bbox.area().total_cmp(&b.1.bbox.area()));
        largest.map_or_else(Vec::new, |(view, zone)| view.appearance(zone))
    }

    /// Whether a zone belongs to a caption.
    pub(super) fn is_taken(&self, page: usize, zone: usize) -> bool {
        self.zones.iter().flatten().any(|at| *at == (page, zone))
    }

    /// All zones that belong to captions, sorted.
    pub(super) fn taken(&self) -> Vec<(usize, usize)> {
        let mut taken: Vec<ZoneAt> = self.zones.iter().flatten().copied().collect();
        taken.sort_unstable();
        taken
    }

    /// The side on which a family's pictures usually are.
    pub(super) fn usual_side(&self, family: Family) -> Side {
        self.custom(family).side
    }

    fn custom(&self, family: Family) -> Custom {
        let at = Family::ALL.iter().position(|f| *f == family);
        at.and_then(|at| self.customs.get(at).copied())
            .unwrap_or_default()
    }
}

/// Gives the captions their zones.
pub(super) fn assign(pages: &[PageView], captions: &[Caption]) -> Assignment {
    let mut assignment = Assignment {
        zones: vec![Vec::new(); captions.len()],
        wholes: vec![None; captions.len()],
        customs: Family::ALL.map(|family| Custom {
            side: if family == Family::Figure {
                Side::Above
            } else {
                Side::Below
            },
            cost: DEFAULT_SIDE,
        }),
    };
    let by_page = captions_by_page(pages, captions);
    let first = assign_pages(pages, captions, &by_page, &assignment);
    assignment.customs = learn(captions, &first, &assignment);
    for (caption, _, at) in assign_pages(pages, captions, &by_page, &assignment) {
        if let Some(zones) = assignment.zones.get_mut(caption) {
            zones.push(at);
        }
    }
    for (page, here) in by_page.iter().enumerate() {
        add_panels(pages, captions, page, here, &mut assignment);
    }
    for (page, here) in by_page.iter().enumerate() {
        take_what_is_left(pages, captions, page, here, &mut assignment);
    }
    for (page, here) in by_page.iter().enumerate() {
        reach_out(pages, captions, page, here, &mut assignment);
    }
    look_on_next_pages(pages, captions, &mut assignment);
    follow_tables(pages, captions, &mut assignment);
    assignment
}

/// For each page, the captions on it.
fn captions_by_page(pages: &[PageView], captions: &[Caption]) -> Vec<Vec<usize>> {
    let mut by_page = vec![Vec::new(); pages.len()];
    for (index, caption) in captions.iter().enumerate() {
        let at = pages.binary_search_by_key(&caption.page, |view| view.index);
        if let Some(list) = at.ok().and_then(|at| by_page.get_mut(at)) {
            list.push(index);
        }
    }
    by_page
}

/// A caption, the side of its zone, the zone.
type Match = (usize, Side, ZoneAt);

fn assign_pages(
    pages: &[PageView],
    captions: &[Caption],
    by_page: &[Vec<usize>],
    assignment: &Assignment,
) -> Vec<Match> {
    let mut matches = Vec::new();
    for (at, (view, here)) in pages.iter().zip(by_page).enumerate() {
        let mut pairs: Vec<Pair> = Vec::new();
        for index in here {
            let Some(caption) = captions.get(*index) else {
                continue;
            };
            let custom = assignment.custom(caption.family);
            pairs.extend(view.zones.iter().enumerate().filter_map(|(zone, z)| {
                let (cost, side) = cost(view, caption, z, custom)?;
                Some(Pair {
                    caption: *index,
                    zone,
                    cost,
                    side,
                })
            }));
        }
        matches.extend(
            best_matching(pairs)
                .into_iter()
                .map(|pair| (pair.caption, pair.side, (at, pair.zone))),
        );
    }
    matches
}

#[derive(Debug, Clone, Copy)]
struct Pair {
    caption: usize,
    zone: usize,
    cost: f32,
    side: Side,
}

/// Pairs captions with zones one to one: the cheapest first, then exchanged as long as the total
/// sinks.
fn best_matching(mut pairs: Vec<Pair>) -> Vec<Pair> {
    pairs.retain(|pair| pair.cost < UNASSIGNED);
    pairs.sort_by(|a, b| {
        (a.cost.total_cmp(&b.cost)).then((a.caption, a.zone).cmp(&(b.caption, b.zone)))
    });
    let mut chosen: Vec<Pair> = Vec::new();
    for pair in &pairs {
        let free = chosen
            .iter()
            .all(|c| c.caption != pair.caption && c.zone != pair.zone);
        if free {
            chosen.push(*pair);
        }
    }
    // Each exchange lowers the total; real pages need none or one.
    for _ in 0..pairs.len().min(32) {
        let Some(better) = pairs
            .iter()
            .find_map(|pair| exchange(pair, &pairs, &chosen))
        else {
            break;
        };
        chosen = better;
    }
    chosen
}

/// The matching with `pair` in it, when that is cheaper: who loses its zone takes the best of
/// those that are free then.
fn exchange(pair: &Pair, pairs: &[Pair], chosen: &[Pair]) -> Option<Vec<Pair>> {
    if chosen
        .iter()
        .any(|c| c.caption == pair.caption && c.zone == pair.zone)
    {
        return None;
    }
    let total = |list: &[Pair]| list.iter().map(|p| p.cost - UNASSIGNED).sum::<f32>();
    let loser = chosen.iter().find(|c| c.zone == pair.zone);
    let mut next: Vec<Pair> = chosen
        .iter()
        .filter(|c| c.caption != pair.caption && c.zone != pair.zone)
        .copied()
        .collect();
    next.push(*pair);
    if let Some(loser) = loser {
        let other = pairs
            .iter()
            .find(|p| p.caption == loser.caption && next.iter().all(|n| n.zone != p.zone));
        next.extend(other);
    }
    (total(&next) < total(chosen) - 0.01).then_some(next)
}

/// What it costs to give a zone to a caption on its page; `None` where it cannot be its.
fn cost(
    view: &PageView,
    caption: &Caption,
    zone: &Candidate,
    custom: Custom,
) -> Option<(f32, Side)> {
    let (a, c) = (&zone.bbox, &caption.bbox);
    let aligned = a.x_overlap(c) > 0.3 * a.width().min(c.width());
    let (distance, side) = if aligned && a.center_y() < c.y0 {
        ((c.y0 - a.y1).abs(), Side::Above)
    } else if aligned && a.center_y() > c.y1 {
        ((a.y0 - c.y1).abs(), Side::Below)
    } else if a.y_overlap(c) > 0.4 * a.height().min(c.height()) {
        (a.x_gap(c) + BESIDE, Side::Beside)
    } else {
        return None;
    };
    let gap = match side {
        Side::Above => Rect::new(a.x0.max(c.x0), a.y1, a.x1.min(c.x1), c.y0),
        Side::Below => Rect::new(a.x0.max(c.x0), c.y1, a.x1.min(c.x1), a.y0),
        Side::Beside => Rect::new(a.x1.min(c.x1), c.y0, a.x0.max(c.x0), c.y1),
    };
    let mut between = 0.0;
    for block in &view.blocks {
        let within = match side {
            Side::Beside => gap.contains(block.bbox.center()),
            _ => block.bbox.center_y() > gap.y0 && block.bbox.center_y() < gap.y1,
        };
        if within && block.parts() && block.bbox.x_overlap(&gap) > 0.0 {
            between += block.weight();
        }
    }
    if between > MAX_BETWEEN {
        return None;
    }
    let other_side = if side == custom.side {
        0.0
    } else {
        custom.cost
    };
    let off_center = (a.center_x() - c.center_x()).abs();
    let off_left = (a.x0 - c.x0).abs();
    let cost = distance
        + other_side
        + between
        + 0.1 * off_center.min(off_left)
        + kind_cost(caption.family, zone)
        + 20.0 * (1.0 - zone.score);
    Some((cost, side))
}

/// How unlike a family a zone is.
fn kind_cost(family: Family, zone: &Candidate) -> f32 {
    let small = if zone.bbox.width().min(zone.bbox.height()) < 24.0 && !zone.raster {
        40.0
    } else {
        0.0
    };
    small
        + match (family, zone.kind) {
            (Family::Figure, ZoneKind::Figure)
            | (Family::Table, ZoneKind::Table)
            | (Family::Program, ZoneKind::Boxed) => 0.0,
            (Family::Figure | Family::Program, ZoneKind::Table)
            | (Family::Program, ZoneKind::Figure) => 30.0,
            (Family::Figure, ZoneKind::Boxed) => 40.0,
            (Family::Table, _) => 50.0,
            (_, ZoneKind::Rule) => UNASSIGNED,
        }
}

/// The side that each family uses in this document, by majority.
fn learn(
    captions: &[Caption],
    matches: &[Match],
    assignment: &Assignment,
) -> [Custom; Family::ALL.len()] {
    Family::ALL.map(|family| {
        let sides = matches
            .iter()
            .filter(|(index, _, _)| captions.get(*index).is_some_and(|c| c.family == family));
        let (mut above, mut below) = (0_usize, 0_usize);
        for (_, side, _) in sides {
            match side {
                Side::Above => above += 1,
                Side::Below => below += 1,
                Side::Beside => {}
            }
        }
        let all = above + below;
        let usual = assignment.custom(family);
        let (side, votes) = match above.cmp(&below) {
            std::cmp::Ordering::Greater => (Side::Above, above),
            std::cmp::Ordering::Less => (Side::Below, below),
            std::cmp::Ordering::Equal => return usual,
        };
        // Two votes of two say less than twenty of twenty-two.
        let excess = (2 * votes - all) as f32 / (all + 2) as f32;
        Custom {
            side,
            cost: DEFAULT_SIDE + (LEARNED_SIDE - DEFAULT_SIDE) * excess,
        }
    })
}

/// Adds the free zones on a page that are further panels of a caption's picture.
fn add_panels(
    pages: &[PageView],
    captions: &[Caption],
    page: usize,
    here: &[usize],
    assignment: &mut Assignment,
) {
    let Some(view) = pages.get(page) else { return };
    let mut free: Vec<usize> = (0..view.zones.len())
        .filter(|zone| !here.iter().any(|c| holds(assignment, *c, (page, *zone))))
        .collect();
    loop {
        let mut best: Option<(f32, usize, usize)> = None;
        for zone in &free {
            for index in here {
                let gap = panel_gap(view, captions, *index, here, (page, *zone), assignment);
                if let Some(gap) = gap
                    && best.is_none_or(|(least, _, _)| gap < least)
                {
                    best = Some((gap, *index, *zone));
                }
            }
        }
        let Some((_, index, zone)) = best else { return };
        free.retain(|z| *z != zone);
        if let Some(zones) = assignment.zones.get_mut(index) {
            zones.push((page, zone));
        }
    }
}

fn holds(assignment: &Assignment, caption: usize, at: ZoneAt) -> bool {
    assignment
        .zones
        .get(caption)
        .is_some_and(|zones| zones.contains(&at))
}

/// The gap between a caption's picture and a free zone that can be its panel.
fn panel_gap(
    view: &PageView,
    captions: &[Caption],
    index: usize,
    here: &[usize],
    (page, zone): ZoneAt,
    assignment: &Assignment,
) -> Option<f32> {
    let caption = captions.get(index)?;
    let zone = view.zones.get(zone)?;
    let own = assignment.zones.get(index)?;
    let picture = union_on(view, page, own)?;
    let first = own.first().and_then(|(_, z)| view.zones.get(*z))?;
    let fits = zone.kind == first.kind
        || (caption.family == Family::Figure && zone.kind != ZoneKind::Boxed);
    let both = picture.union(&zone.bbox);
    let gap = picture.x_gap(&zone.bbox).max(picture.y_gap(&zone.bbox));
    let in_line = picture.y_overlap(&zone.bbox) > 0.3 * picture.height().min(zone.bbox.height())
        || picture.x_overlap(&zone.bbox) > 0.3 * picture.width().min(zone.bbox.width());
    let taken = here.iter().filter(|other| **other != index).any(|other| {
        let zones = assignment.zones.get(*other);
        let theirs = zones.and_then(|zones| union_on(view, page, zones));
        let is_in = |bbox: &Rect| both.contains(bbox.center());
        theirs.is_some_and(|bbox| bbox.intersects(&both) && is_in(&bbox))
            || captions.get(*other).is_some_and(|c| is_in(&c.bbox))
    });
    let caption_between = both.contains(caption.bbox.center());
    // Tables under each other are two, unless one runs on.
    let max_gap = if caption.family == Family::Table && picture.y_overlap(&zone.bbox) <= 0.0 {
        TABLE_GAP
    } else {
        PANEL_GAP
    };
    // Labels of panels come as short paragraphs, and their titles as headings in the middle.
    let is_title = |block: &Block| {
        let off = (block.bbox.center_x() - both.center_x()).abs();
        block.kind == ParagraphKind::Heading
            && block.length <= MAX_LABEL
            && off < CENTERED * both.width()
    };
    let parts = |block: &&Block| block.is_text() && !is_title(block);
    let mut between = view.blocks.iter().filter(parts);
    let parted = between.any(|block| both.contains(block.bbox.center()));
    (fits && in_line && gap <= max_gap && !taken && !caption_between && !parted).then_some(gap)
}

/// Lets figures on a page reach as far as the network sees them.
fn reach_out(
    pages: &[PageView],
    captions: &[Caption],
    page: usize,
    here: &[usize],
    assignment: &mut Assignment,
) {
    let Some(view) = pages.get(page) else { return };
    for index in here {
        let figure = captions.get(*index).filter(|c| c.family == Family::Figure);
        let own = assignment.zones.get(*index).map_or(&[][..], Vec::as_slice);
        let Some(part) = figure.and_then(|_| union_on(view, page, own)) else {
            continue;
        };
        let captions = here
            .iter()
            .filter_map(|other| captions.get(*other).map(|c| c.bbox));
        let zones = here
            .iter()
            .filter(|other| *other != index)
            .filter_map(|other| union_on(view, page, assignment.zones.get(*other)?));
        let others: Vec<Rect> = captions.chain(zones).collect();
        let Some(whole) = reach(view, &part, &others) else {
            continue;
        };
        let inside = view.zones.iter().enumerate().filter(|(zone, candidate)| {
            whole.contains(candidate.bbox.center()) && !assignment.is_taken(page, *zone)
        });
        let inside: Vec<ZoneAt> = inside.map(|(zone, _)| (page, zone)).collect();
        if let (Some(zones), Some(slot)) = (
            assignment.zones.get_mut(*index),
            assignment.wholes.get_mut(*index),
        ) {
            zones.extend(inside);
            *slot = Some((page, whole));
        }
    }
}

/// The box of those of the zones that are on a page.
fn union_on(view: &PageView, page: usize, zones: &[ZoneAt]) -> Option<Rect> {
    let here = zones.iter().filter(|(p, _)| *p == page);
    Rect::union_all(here.filter_map(|(_, z)| view.zones.get(*z).map(|zone| zone.bbox)))
}

/// Gives captions without a zone what is left on their page near them, whatever stands between:
/// a picture nobody else names is more likely theirs than none.
fn take_what_is_left(
    pages: &[PageView],
    captions: &[Caption],
    page: usize,
    here: &[usize],
    assignment: &mut Assignment,
) {
    let Some(view) = pages.get(page) else { return };
    let mut pairs: Vec<Pair> = Vec::new();
    for index in here {
        let Some(caption) = captions.get(*index) else {
            continue;
        };
        if assignment.zones.get(*index).is_none_or(|z| !z.is_empty()) {
            continue;
        }
        let usual = assignment.usual_side(caption.family);
        pairs.extend(view.zones.iter().enumerate().filter_map(|(zone, z)| {
            if assignment.is_taken(page, zone) {
                return None;
            }
            let (cost, side) = rest_cost(view, caption, z, usual)?;
            Some(Pair {
                caption: *index,
                zone,
                cost,
                side,
            })
        }));
    }
    for pair in best_matching(pairs) {
        if let Some(zones) = assignment.zones.get_mut(pair.caption) {
            zones.push((page, pair.zone));
        }
    }
}

/// What it costs to give a caption a zone that nobody wants.
fn rest_cost(
    view: &PageView,
    caption: &Caption,
    zone: &Candidate,
    usual: Side,
) -> Option<(f32, Side)> {
    let (a, c) = (&zone.bbox, &caption.bbox);
    let large = a.width().min(a.height()) >= MIN_REST && zone.kind != ZoneKind::Rule;
    let boxed = zone.kind == ZoneKind::Boxed && caption.family != Family::Program;
    if !large || boxed {
        return None;
    }
    let (side, y0, y1) = if a.center_y() < c.y0 {
        (Side::Above, a.y1, c.y0)
    } else if a.center_y() > c.y1 {
        (Side::Below, c.y1, a.y0)
    } else {
        return None;
    };
    // Another caption, or a paragraph and more, stands between.
    let lost = view.blocks.iter().any(|block| {
        let between = (y0..y1).contains(&block.bbox.center_y());
        let caption = block.kind == ParagraphKind::Caption;
        between && block.parts() && (caption || block.length > MAX_REST_TEXT)
    });
    let distance = (y1 - y0).max(0.0) + 0.5 * a.x_gap(c);
    let other_side = if side == usual { 0.0 } else { REST_SIDE };
    (!lost && distance <= MAX_REST).then_some((distance + other_side, side))
}

/// Looks for the pictures of captions without any at the facing end of the page before and after.
fn look_on_next_pages(pages: &[PageView], captions: &[Caption], assignment: &mut Assignment) {
    for (index, caption) in captions.iter().enumerate() {
        if assignment.zones.get(index).is_none_or(|z| !z.is_empty()) {
            continue;
        }
        let Ok(at) = pages.binary_search_by_key(&caption.page, |view| view.index) else {
            continue;
        };
        let Some(view) = pages.get(at) else { continue };
        let mut found = None;
        if view.is_first(&caption.bbox) {
            found = facing_zone(pages, at.checked_sub(1), caption, true, assignment);
        }
        if found.is_none() && view.is_last(&caption.bbox) {
            found = facing_zone(pages, Some(at + 1), caption, false, assignment);
        }
        if let (Some(found), Some(zones)) = (found, assignment.zones.get_mut(index)) {
            zones.push(found);
        }
    }
}

/// The free zone of the caption's kind that ends (or begins) a neighbouring page.
fn facing_zone(
    pages: &[PageView],
    page: Option<usize>,
    caption: &Caption,
    at_end: bool,
    assignment: &Assignment,
) -> Option<ZoneAt> {
    let page = page?;
    let view = pages.get(page)?;
    if view.index.distance(caption.page) != 1 {
        return None;
    }
    let zone = view.zones.iter().position(|zone| {
        let at_edge = if at_end {
            view.is_last(&zone.bbox)
        } else {
            view.is_first(&zone.bbox)
        };
        at_edge && kind_cost(caption.family, zone) < 30.0
    })?;
    (!assignment.is_taken(page, zone)).then_some((page, zone))
}

/// Adds the further pages of tables that run over the end of a page.
fn follow_tables(pages: &[PageView], captions: &[Caption], assignment: &mut Assignment) {
    let taken = assignment.taken();
    for (index, caption) in captions.iter().enumerate() {
        if caption.family != Family::Table {
            continue;
        }
        let own = |pick: fn(&[ZoneAt]) -> Option<ZoneAt>| {
            let zones = assignment.zones.get(index)?;
            pick(zones)
        };
        let mut first = own(|zones| zones.iter().min().copied());
        let mut last = own(|zones| zones.iter().max().copied());
        // The caption can stand at the table's end.
        while let Some((page, zone)) = first {
            first = part_before(pages, page, zone).filter(|at| taken.binary_search(at).is_err());
            if let (Some(at), Some(zones)) = (first, assignment.zones.get_mut(index)) {
                zones.push(at);
            }
        }
        while let Some((page, zone)) = last {
            last = next_part(pages, page, zone).filter(|at| taken.binary_search(at).is_err());
            if let (Some(at), Some(zones)) = (last, assignment.zones.get_mut(index)) {
                zones.push(at);
            }
        }
    }
}

/// The table at the end of the page before that a table goes on.
fn part_before(pages: &[PageView], page: usize, zone: usize) -> Option<ZoneAt> {
    let before = page.checked_sub(1)?;
    let zones = pages.get(before)?.zones.len();
    (0..zones)
        .find(|other| next_part(pages, before, *other) == Some((page, zone)))
        .map(|other| (before, other))
}

/// The table at the head of the next page that goes on a table at a page's end.
pub(super) fn next_part(pages: &[PageView], page: usize, zone: usize) -> Option<ZoneAt> {
    let view = pages.get(page)?;
    let table = view.zones.get(zone)?;
    let next = pages.get(page + 1)?;
    let goes_on = table.kind == ZoneKind::Table
        && view.is_last(&table.bbox)
        && next.index == view.index.next();
    let part = next.zones.iter().position(|other| {
        other.kind == ZoneKind::Table
            && next.is_first(&other.bbox)
            && (other.bbox.x0 - table.bbox.x0).abs() < SAME_COLUMN
            && (other.bbox.x1 - table.bbox.x1).abs() < SAME_COLUMN
    })?;
    goes_on.then_some((page + 1, part))
}
