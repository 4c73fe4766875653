//! Takes glyphs off a page and closes the gaps that they leave.
//!
//! A gap in a line would look like a gutter between columns, and a line that became short like the
//! end of a paragraph. So the rest of the line is set anew between the same edges, its word spaces
//! stretched as far as they may be and still be word spaces.

use std::collections::BTreeMap;

use super::find::HiddenLine;
use crate::{
    pdf::{Direction, Glyph, Page},
    segment::is_cjk,
};

/// Width of a space where words came together, in em.
const SPACE_EM: f32 = 0.3;
/// Word spaces are stretched to at most this, in em; wider ones separate columns.
const MAX_SPACE_EM: f32 = 0.6;
/// The same between ideographs, which have no spaces.
const MAX_CJK_SPACE_EM: f32 = 0.35;

/// Removes the hidden glyphs.
pub(super) fn erase(page: &mut Page, lines: &[HiddenLine]) {
    if lines.is_empty() {
        return;
    }
    let mut gone = vec![false; page.glyphs.len()];
    for line in lines {
        close_gaps(page, line);
        let hidden = line.line.glyphs.iter().zip(&line.hidden);
        for (glyph, _) in hidden.filter(|(_, hidden)| **hidden) {
            for index in std::iter::once(glyph.glyph).chain(glyph.mark) {
                if let Some(gone) = gone.get_mut(index as usize) {
                    *gone = true;
                }
            }
        }
    }
    remove(page, &gone);
}

fn remove(page: &mut Page, gone: &[bool]) {
    // How many glyphs stay before each place.
    let mut kept_before = Vec::with_capacity(gone.len() + 1);
    let mut kept = 0_u32;
    for gone in gone {
        kept_before.push(kept);
        kept += u32::from(!gone);
    }
    kept_before.push(kept);
    let place = |at: u32| kept_before.get(at as usize).copied().unwrap_or(kept);
    // Empty runs stay: the order of the others is told by their place.
    for run in &mut page.runs {
        run.glyphs = place(run.glyphs.start)..place(run.glyphs.end);
    }
    let mut at = 0;
    page.glyphs.retain(|_| {
        at += 1;
        gone.get(at - 1) != Some(&true)
    });
}

/// Glyphs that stay together: a word's, or one ideograph.
struct Cluster {
    start: f32,
    end: f32,
    /// Space before it, and how wide it may become.
    gap: f32,
    max_gap: f32,
    glyphs: Vec<u32>,
}

fn close_gaps(page: &mut Page, line: &HiddenLine) {
    let direction = line.line.line.direction;
    let all = line.line.glyphs.iter();
    let extents =
        all.filter_map(|glyph| Some(extent(page.glyphs.get(glyph.glyph as usize)?, direction)));
    let (left, right) = extents.fold(
        (f32::INFINITY, f32::NEG_INFINITY),
        |(left, right), (a, b)| (left.min(a), right.max(b)),
    );
    let mut clusters = clusters(page, line);
    let set =
        |clusters: &[Cluster]| -> f32 { clusters.iter().map(|c| c.gap + c.end - c.start).sum() };
    let free = right - left - set(&clusters);
    let gaps = clusters.len().saturating_sub(1).max(1);
    let share = (free / gaps as f32).max(0.0);
    for cluster in clusters.iter_mut().skip(1) {
        cluster.gap += share.min((cluster.max_gap - cluster.gap).max(0.0));
    }
    let mut at = if line.line.rtl {
        right - set(&clusters)
    } else {
        left
    };
    let mut shifts: BTreeMap<u32, f32> = BTreeMap::new();
    for cluster in &clusters {
        at += cluster.gap;
        for glyph in &cluster.glyphs {
            shifts.insert(*glyph, at - cluster.start);
        }
        at += cluster.end - cluster.start;
    }
    for (glyph, shift) in shifts {
        if let Some(glyph) = page.glyphs.get_mut(glyph as usize) {
            let shift = if is_mirrored(direction) {
                -shift
            } else {
                shift
            };
            glyph.start += shift;
            glyph.end += shift;
        }
    }
}

fn clusters(page: &Page, line: &HiddenLine) -> Vec<Cluster> {
    let em = line.line.line.size;
    let direction = line.line.line.direction;
    let mut clusters: Vec<Cluster> = Vec::new();
    let mut last: Option<(usize, char)> = None;
    let mut removed = false;
    for (place, hidden) in line.line.glyphs.iter().zip(&line.hidden) {
        let Some(glyph) = page.glyphs.get(place.glyph as usize) else {
            continue;
        };
        if *hidden {
            removed = true;
            continue;
        }
        let (start, end) = extent(glyph, direction);
        let both_cjk = last.is_some_and(|(_, ch)| is_cjk(ch) && is_cjk(glyph.ch));
        let same_word = !both_cjk && !removed && last.is_some_and(|(word, _)| word == place.word);
        let glyphs = std::iter::once(place.glyph).chain(place.mark);
        match clusters.last_mut() {
            Some(cluster) if same_word => {
                cluster.end = cluster.end.max(end);
                cluster.glyphs.extend(glyphs);
            }
            before => {
                let space = if both_cjk { 0.0 } else { SPACE_EM * em };
                let gap = match before {
                    None => 0.0,
                    Some(_) if removed => space,
                    Some(before) => start - before.end,
                };
                clusters.push(Cluster {
                    start,
                    end,
                    gap,
                    max_gap: if both_cjk {
                        MAX_CJK_SPACE_EM
                    } else {
                        MAX_SPACE_EM
                    } * em,
                    glyphs: glyphs.collect(),
                });
            }
        }
        removed = false;
        last = Some((place.word, glyph.ch));
    }
    clusters
}

/// Where a glyph begins and ends along its line.
fn extent(glyph: &Glyph, direction: Direction) -> (f32, f32) {
    if is_mirrored(direction) {
        (-glyph.end, -glyph.start)
    } else {
        (glyph.start, glyph.end)
    }
}

/// Whether text advances against the page's axis.
fn is_mirrored(direction: Direction) -> bool {
    matches!(direction, Direction::Left | Direction::Up)
}
