//! Neighbours in reading order: the candidates that need no words.

use crate::{
    detect::Visual,
    segment::{Paragraph, ParagraphKind, is_fragment},
};

use super::{AlignmentGraph, Edge, place::Places};

/// So many visuals before and after each paragraph are candidates.
const CANDIDATES: usize = 2;

/// How a paragraph and a visual lie to each other in reading order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Neighbour {
    /// Pages between them.
    pub pages: u32,
    /// How many visuals are nearer on the same side.
    pub rank: u32,
    /// Whether the visual comes after the paragraph.
    pub after: bool,
    /// Whether no other running text stands between them.
    pub touching: bool,
    /// Whether the visual has a printed label by which a text could name it.
    pub labelled: bool,
}

/// Adds the nearest visuals before and after each paragraph of running text.
pub(super) fn add_neighbours(
    graph: &mut AlignmentGraph,
    paragraphs: &[Paragraph],
    visuals: &[Visual],
    places: &Places,
) {
    let between = RunningText::new(paragraphs);
    for (index, paragraph) in paragraphs.iter().enumerate() {
        let can_discuss =
            paragraph.kind.is_running_text() && paragraph.kind != ParagraphKind::Footnote;
        if !can_discuss || is_fragment(&paragraph.text) {
            continue;
        }
        let sides = [
            (
                false,
                places.before(index).take(CANDIDATES).collect::<Vec<_>>(),
            ),
            (
                true,
                places.after(index).take(CANDIDATES).collect::<Vec<_>>(),
            ),
        ];
        for (after, near) in sides {
            for (rank, id) in (0..).zip(near) {
                let Some(visual) = visuals.get(id.0 as usize) else {
                    continue;
                };
                let neighbour = Neighbour {
                    pages: nearest_page(paragraph, visual),
                    rank,
                    after,
                    touching: between.none(index, places.anchor(id)),
                    labelled: visual.label.is_some(),
                };
                graph.add(paragraph.id, id, Edge::Near(neighbour));
            }
        }
    }
}

fn nearest_page(paragraph: &Paragraph, visual: &Visual) -> u32 {
    paragraph
        .regions
        .iter()
        .flat_map(|a| visual.regions.iter().map(|b| a.page.distance(b.page)))
        .min()
        .unwrap_or(u32::MAX)
}

/// Running counts of paragraphs that can discuss a visual.
struct RunningText(Vec<u32>);

impl RunningText {
    fn new(paragraphs: &[Paragraph]) -> RunningText {
        let mut count = 0;
        let counts = paragraphs.iter().map(|paragraph| {
            let before = count;
            let counts = matches!(
                paragraph.kind,
                ParagraphKind::Body | ParagraphKind::ListItem | ParagraphKind::Heading
            );
            count += u32::from(counts);
            before
        });
        RunningText(counts.collect())
    }

    /// Whether nothing that counts stands between a paragraph and a visual's anchor.
    fn none(&self, paragraph: usize, anchor: usize) -> bool {
        let upto = |i: usize| self.0.get(i).or(self.0.last()).copied().unwrap_or(0);
        if anchor >= paragraph {
            // The anchor itself may be the paragraph.
            upto(anchor.saturating_add(1)).saturating_sub(upto(paragraph.saturating_add(1))) == 0
        } else {
            upto(paragraph).saturating_sub(upto(anchor.saturating_add(1))) == 0
        }
    }
}
