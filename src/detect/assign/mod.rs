//! Which zones each caption belongs to.
//!
//! First every caption takes the cheapest zone on its page by distance, kind and side; the sides
//! that a document's figures, tables and listings then turn out to use make the costs of a second
//! round. [`panels`] adds what else belongs to a picture, [`left`] what nobody wants, [`neighbours`]
//! pictures on the page before or after and the further pages of long tables.

mod left;
mod neighbours;
mod panels;

use crate::{
    geometry::{PageIndex, Rect},
    segment::ZoneKind,
};

use super::{
    captions::{Caption, Family},
    page::{Candidate, PageView},
};

use left::take_what_is_left;
use neighbours::{follow_tables, look_on_next_pages};
use panels::{add_panels, reach_out};

pub(super) use neighbours::next_part;

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
