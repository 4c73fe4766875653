//! The graph as tensors: the one place where petgraph's side meets a network's.
//!
//! A long document is cut into windows of whole paragraphs, so that memory does not grow with it;
//! a window knows some paragraphs to either side, whose own results are those of the window before
//! and after.

use std::{collections::BTreeMap, ops::Range};

use serde::{Deserialize, Serialize};

use super::gnn::RELATIONS;
use crate::{
    graph::{Aspect, Candidate, Features, PAIR_FEATURES},
    network::Array,
};

/// Pairs of a paragraph that it gathers; the graph gives fewer to nearly all.
pub const OF_PARAGRAPH: usize = 20;
/// Pairs of a visual that it gathers, those of the nearest texts.
pub const OF_VISUAL: usize = 32;
/// Paragraphs of a window.
const WINDOW: usize = 400;
/// Paragraphs to either side that a window knows besides.
pub const MARGIN: usize = 30;
/// Steps to the pairs beside: of the text, of the visual.
const STEPS: [(i64, i64); RELATIONS] = [(-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (1, 1)];

/// The inputs that hold numbers; see [`super::gnn::GnnInputs`].
pub const NUMBERS: [&str; 7] = [
    "pairs",
    "paragraphs",
    "visuals",
    "of_paragraph_mask",
    "of_visual_mask",
    "beside_mask",
    "wordings_mask",
];
/// The inputs that hold indices.
pub const INDICES: [&str; 6] = [
    "paragraph_of",
    "visual_of",
    "of_paragraph",
    "of_visual",
    "beside",
    "wordings",
];

/// Indices of a shape, row-major.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Indices {
    /// Lengths of the axes.
    pub shape: Vec<usize>,
    /// The indices.
    pub values: Vec<i32>,
}

/// A window's tensors, named and shaped as in [`super::gnn::GnnInputs`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Window {
    /// The window's candidates by their place in [`Features::candidates`].
    pub candidates: Range<usize>,
    /// Those of them whose results count: the others are margin.
    pub core: Range<usize>,
    /// Row of each paragraph (its number) in the window.
    pub rows: BTreeMap<u32, usize>,
    /// Those of [`NUMBERS`].
    pub numbers: [Array; 7],
    /// Those of [`INDICES`].
    pub indices: [Indices; 6],
}

/// The windows that cover a document.
pub fn windows(features: &Features) -> Vec<Window> {
    let starts = starts(&features.candidates);
    let rows = starts.len().saturating_sub(1);
    (0..rows)
        .step_by(WINDOW)
        .map(|from| window(features, &starts, from..(from + WINDOW).min(rows), MARGIN))
        .collect()
}

/// A window around each run of paragraphs (by number) near one of `centers`, for who asks of these
/// alone; they know `margin` paragraphs to either side.
pub fn windows_around(
    features: &Features,
    centers: impl Iterator<Item = u32>,
    margin: usize,
) -> Vec<Window> {
    let starts = starts(&features.candidates);
    let rows = starts.len().saturating_sub(1);
    let number = |row: usize| {
        let first = starts.get(row).and_then(|at| features.candidates.get(*at));
        first.map_or(u32::MAX, |candidate| candidate.paragraph.0)
    };
    let numbers: Vec<u32> = (0..rows).map(number).collect();
    let mut runs: Vec<Range<usize>> = Vec::new();
    let mut centers: Vec<u32> = centers.collect();
    centers.sort_unstable();
    for center in centers {
        let row = numbers.partition_point(|number| *number < center);
        match runs.last_mut() {
            Some(run) if row <= run.end + margin && row - run.start < WINDOW => run.end = row + 1,
            _ if row < rows => runs.push(row..row + 1),
            _ => {}
        }
    }
    let runs = runs.into_iter().map(|run| run.start..run.end.min(rows));
    runs.map(|run| window(features, &starts, run, margin))
        .collect()
}

/// Where each paragraph's candidates begin, and the end.
fn starts(candidates: &[Candidate]) -> Vec<usize> {
    let mut starts: Vec<usize> = Vec::new();
    let mut last = None;
    for (at, candidate) in candidates.iter().enumerate() {
        if last != Some(candidate.paragraph) {
            starts.push(at);
            last = Some(candidate.paragraph);
        }
    }
    starts.push(candidates.len());
    starts
}

fn window(features: &Features, starts: &[usize], core: Range<usize>, margin: usize) -> Window {
    let last = starts.len().saturating_sub(1);
    let with_margin = core.start.saturating_sub(margin)..(core.end + margin).min(last);
    let at = |row: usize| starts.get(row).copied().unwrap_or(0);
    let pairs = at(with_margin.start)..at(with_margin.end);
    let candidates = features.candidates.get(pairs.clone()).unwrap_or(&[]);
    let ends = Ends::new(features, candidates);
    let lists = Lists::new(candidates, &ends);
    let table = |rows: &[Vec<f32>], wanted: &[u32]| {
        let rows = wanted.iter().filter_map(|at| rows.get(*at as usize));
        numbers(rows.map(Vec::as_slice))
    };
    let paragraphs: Vec<u32> = ends.paragraphs.keys().copied().collect();
    let visuals: Vec<u32> = ends.visuals.keys().copied().collect();
    let column = |values: &[usize]| Indices {
        shape: vec![values.len()],
        values: values.iter().map(|at| index(*at)).collect(),
    };
    let (of_paragraph, of_paragraph_mask) = padded(&lists.of_paragraph, OF_PARAGRAPH);
    let (of_visual, of_visual_mask) = padded(&lists.of_visual, OF_VISUAL);
    let (beside, beside_mask) = beside(candidates, &ends);
    let (wordings, wordings_mask) = wordings(features, &paragraphs);
    Window {
        core: at(core.start)..at(core.end),
        candidates: pairs,
        numbers: [
            numbers(candidates.iter().map(|c| c.features.as_slice())),
            table(&features.paragraphs, &paragraphs),
            table(&features.visuals, &visuals),
            of_paragraph_mask,
            of_visual_mask,
            beside_mask,
            wordings_mask,
        ],
        indices: [
            column(&ends.paragraph_of),
            column(&ends.visual_of),
            of_paragraph,
            of_visual,
            beside,
            wordings,
        ],
        rows: ends.paragraphs,
    }
}

fn index(at: usize) -> i32 {
    i32::try_from(at).unwrap_or(i32::MAX)
}

fn numbers<'a>(rows: impl Iterator<Item = &'a [f32]>) -> Array {
    let mut values = Vec::new();
    let (mut count, mut width) = (0, 0);
    for row in rows {
        (count, width) = (count + 1, row.len());
        values.extend_from_slice(row);
    }
    Array {
        shape: vec![count, width],
        values,
    }
}

/// The paragraphs and visuals of a window, numbered anew.
struct Ends {
    paragraphs: BTreeMap<u32, usize>,
    visuals: BTreeMap<u32, usize>,
    paragraph_of: Vec<usize>,
    visual_of: Vec<usize>,
    /// Place of each visual of the document among those that have a label or caption.
    order: BTreeMap<u32, i64>,
}

impl Ends {
    fn new(features: &Features, candidates: &[Candidate]) -> Ends {
        let renumbered = |ids: &mut dyn Iterator<Item = u32>| {
            let mut rows: BTreeMap<u32, usize> = ids.map(|id| (id, 0)).collect();
            for (at, row) in rows.values_mut().enumerate() {
                *row = at;
            }
            rows
        };
        let paragraphs = renumbered(&mut candidates.iter().map(|c| c.paragraph.0));
        let visuals = renumbered(&mut candidates.iter().map(|c| c.visual.0));
        let row = |rows: &BTreeMap<u32, usize>, id: u32| rows.get(&id).copied().unwrap_or(0);
        Ends {
            paragraph_of: candidates
                .iter()
                .map(|c| row(&paragraphs, c.paragraph.0))
                .collect(),
            visual_of: candidates
                .iter()
                .map(|c| row(&visuals, c.visual.0))
                .collect(),
            order: features
                .order
                .iter()
                .map(|visual| visual.0)
                .zip(0..)
                .collect(),
            paragraphs,
            visuals,
        }
    }
}

/// The pairs of each paragraph and of each visual.
struct Lists {
    of_paragraph: Vec<Vec<usize>>,
    of_visual: Vec<Vec<usize>>,
}

impl Lists {
    fn new(candidates: &[Candidate], ends: &Ends) -> Lists {
        let mut of_paragraph = vec![Vec::new(); ends.paragraphs.len()];
        let mut of_visual = vec![Vec::new(); ends.visuals.len()];
        let rows = ends.paragraph_of.iter().zip(&ends.visual_of);
        for (at, (paragraph, visual)) in rows.enumerate() {
            if let Some(list) = of_paragraph.get_mut(*paragraph) {
                list.push(at);
            }
            if let Some(list) = of_visual.get_mut(*visual) {
                list.push(at);
            }
        }
        // The nearest first: only so many are kept.
        let far = far_feature();
        let distance = |at: &usize| {
            let candidate = candidates.get(*at);
            let feature = candidate.and_then(|c| c.features.get(far));
            feature.map_or(f32::INFINITY, |feature| feature.abs())
        };
        for list in &mut of_visual {
            list.sort_by(|a, b| distance(a).total_cmp(&distance(b)).then(a.cmp(b)));
        }
        Lists {
            of_paragraph,
            of_visual,
        }
    }
}

/// The feature that tells how many texts stand between.
fn far_feature() -> usize {
    let is_far = |(_, name, _): &(Aspect, &str, &str)| *name == "paragraphs";
    PAIR_FEATURES.iter().position(is_far).unwrap_or(0)
}

/// How the paragraphs are put: lists as long as the longest, but not of no length.
fn wordings(features: &Features, paragraphs: &[u32]) -> (Indices, Array) {
    let of = |id: &u32| features.wordings.get(*id as usize);
    let numbers = |numbers: &Vec<u16>| numbers.iter().map(|at| usize::from(*at)).collect();
    let lists: Vec<Vec<usize>> = paragraphs
        .iter()
        .map(|id| of(id).map(numbers).unwrap_or_default())
        .collect();
    let longest = lists.iter().map(Vec::len).max().unwrap_or(0);
    padded(&lists, longest.max(1))
}

/// Lists of one length, and where they are not padding.
fn padded(lists: &[Vec<usize>], length: usize) -> (Indices, Array) {
    let mut values = Vec::with_capacity(lists.len() * length);
    let mut mask = Vec::with_capacity(lists.len() * length);
    for list in lists {
        for at in 0..length {
            let entry = list.get(at);
            values.push(entry.map_or(0, |entry| index(*entry)));
            mask.push(if entry.is_some() { 1.0 } else { 0.0 });
        }
    }
    let indices = Indices {
        shape: vec![lists.len(), length],
        values,
    };
    let mask = Array {
        shape: vec![lists.len(), length, 1],
        values: mask,
    };
    (indices, mask)
}

/// The pairs beside each pair, by relation.
fn beside(candidates: &[Candidate], ends: &Ends) -> (Indices, Array) {
    let place = |at: usize| {
        let row = *ends.paragraph_of.get(at)? as i64;
        let order = *ends.order.get(&candidates.get(at)?.visual.0)?;
        Some((row, order))
    };
    let places: BTreeMap<(i64, i64), usize> = (0..candidates.len())
        .filter_map(|at| Some((place(at)?, at)))
        .collect();
    let found: Vec<Option<usize>> = (0..candidates.len())
        .flat_map(|at| {
            let (place, places) = (place(at), &places);
            STEPS.iter().map(move |(text, visual)| {
                let (row, order) = place?;
                places.get(&(row + text, order + visual)).copied()
            })
        })
        .collect();
    let indices = Indices {
        shape: vec![candidates.len(), RELATIONS],
        values: found.iter().map(|at| at.map_or(0, index)).collect(),
    };
    let mask = Array {
        shape: vec![candidates.len(), RELATIONS, 1],
        values: found
            .iter()
            .map(|at| if at.is_some() { 1.0 } else { 0.0 })
            .collect(),
    };
    (indices, mask)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wordings_are_padded_to_the_longest_text() {
        let features = Features {
            wordings: vec![vec![], vec![7, 9], vec![], vec![5]],
            ..Features::default()
        };
        let (indices, mask) = wordings(&features, &[1, 2, 3]);
        assert_eq!(indices.shape, [3, 2]);
        assert_eq!(indices.values, [7, 9, 0, 0, 5, 0]);
        assert_eq!(mask.values, [1.0, 1.0, 0.0, 0.0, 1.0, 0.0]);
        // An axis without length is nothing that a network can be run on.
        assert_eq!(wordings(&features, &[2]).0.shape, [1, 1]);
    }
}
