//! Lessons as examples: windows of graphs in which it is known of some paragraphs where they
//! belong.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    evaluate::{Labelled, Lesson, Mode},
    graph::Features,
    model::tensors::{MARGIN, Window, windows_around},
    random::SplitMix,
};

/// Paragraphs from anywhere in a document that are looked at besides.
const ELSEWHERE: usize = 60;
/// Documents of at least so many pages count in validation: those that the program is for.
const LONG: u32 = 20;

/// A paragraph of a window of which it is known where it belongs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Row {
    /// Its row in the window.
    pub(super) row: usize,
    /// For each visual meant, the places of the candidates that are it in the paragraph's list of
    /// candidates; none where it is not among them.
    pub(super) targets: Vec<Vec<usize>>,
    /// Whether its author says so, rather than a mention alone.
    pub(super) gold: bool,
}

/// A window with what is known of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Example {
    pub(super) mode: Mode,
    pub(super) window: Window,
    pub(super) known: Vec<Row>,
    /// Rows of running text of which nothing is known.
    pub(super) unknown: Vec<usize>,
    /// Whether it counts in validation.
    pub(super) long: bool,
}

/// The examples of a lesson.
pub(super) fn examples_of(lesson: &Lesson) -> Vec<Example> {
    let features = &lesson.graph.features;
    let with_candidates: BTreeSet<u32> =
        features.candidates.iter().map(|c| c.paragraph.0).collect();
    let known: BTreeMap<u32, &Labelled> = lesson
        .labelled
        .iter()
        .map(|labelled| (labelled.paragraph.0, labelled))
        .collect();
    // Paragraphs without candidates teach nothing.
    let centers = known
        .keys()
        .copied()
        .filter(|id| with_candidates.contains(id));
    let centers = centers.chain(elsewhere(lesson, &with_candidates));
    let windows = windows_around(features, centers, MARGIN).into_iter();
    windows
        .map(|window| example(lesson, &known, window))
        .collect()
}

/// Some paragraphs from anywhere in the document: around those of which much is known, more belong
/// to a visual than elsewhere.
fn elsewhere(lesson: &Lesson, with_candidates: &BTreeSet<u32>) -> Vec<u32> {
    let hidden = lesson.mode != Mode::Open;
    let places = with_candidates.len().saturating_sub(ELSEWHERE).max(1);
    let mut random = SplitMix::named(lesson.labelled.len() as u64, "elsewhere");
    let from = random.below(places);
    let all = with_candidates.iter().copied();
    all.skip(from)
        .take(if hidden { ELSEWHERE } else { 0 })
        .collect()
}

fn example(lesson: &Lesson, known: &BTreeMap<u32, &Labelled>, window: Window) -> Example {
    let features = &lesson.graph.features;
    let core = features.candidates.get(window.core.clone()).unwrap_or(&[]);
    let ids: BTreeSet<u32> = core.iter().map(|c| c.paragraph.0).collect();
    let running = |id: &u32| {
        lesson
            .aligned
            .paragraphs
            .get(*id as usize)
            .is_some_and(|paragraph| paragraph.kind.is_running_text())
    };
    let row = |id: &u32| window.rows.get(id).copied();
    Example {
        mode: lesson.mode,
        known: ids
            .iter()
            .filter_map(|id| Some(row_of(features, &window, row(id)?, known.get(id)?)))
            .collect(),
        // In open mode, and in part-blind mode too, texts that name visuals are known well enough
        // by the mention itself; what is meant here are those that nothing is said of.
        unknown: ids
            .iter()
            .filter(|id| !known.contains_key(id) && running(id))
            .filter_map(row)
            .collect(),
        long: lesson.aligned.document.page_count >= LONG,
        window,
    }
}

fn row_of(features: &Features, window: &Window, row: usize, labelled: &Labelled) -> Row {
    let candidates = features
        .candidates
        .get(window.candidates.clone())
        .unwrap_or(&[]);
    let own: Vec<u32> = candidates
        .iter()
        .filter(|c| c.paragraph == labelled.paragraph)
        .map(|c| c.visual.0)
        .collect();
    let place = |visual: &crate::detect::VisualId| own.iter().position(|id| *id == visual.0);
    Row {
        row,
        targets: labelled
            .targets
            .iter()
            .map(|meant| meant.iter().filter_map(place).collect())
            .collect(),
        gold: labelled.gold,
    }
}
