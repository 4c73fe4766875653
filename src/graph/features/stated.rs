//! What the mentions that can be seen say of a pair: those in the paragraph itself, and those of
//! the same visual, or of visuals next to it, in other paragraphs.

use std::collections::HashMap;

use super::{flag, scene::Scene};
use crate::{
    detect::VisualId,
    graph::{AlignmentGraph, Edge, Neighbour, Resolution, text::TextIndex},
    segment::ParagraphId,
};

/// What is said of a pair outright.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Stated {
    unique: bool,
    nearest: bool,
    other_kind: bool,
    place: bool,
    annotation: bool,
}

impl Stated {
    /// Whether the paragraph names the visual by its number.
    pub(super) fn names(self) -> bool {
        self.unique || self.nearest || self.other_kind || self.annotation
    }
}

impl Scene<'_> {
    /// Appends what is stated.
    pub(super) fn push_stated(
        &self,
        index: usize,
        id: VisualId,
        text: &TextIndex<'_>,
        features: &mut Vec<f32>,
    ) {
        let key = (ParagraphId(index as u32), id);
        let stated = self.stated.get(&key).copied().unwrap_or_default();
        features.extend([
            flag(stated.unique),
            flag(stated.nearest),
            flag(stated.other_kind),
            flag(stated.place),
            flag(stated.annotation),
        ]);
        let naming = self.naming.get(&id).map_or(&[][..], Vec::as_slice);
        let at = naming.partition_point(|text| *text < index);
        let earlier = naming.get(..at).and_then(|texts| texts.last()).copied();
        let later = naming
            .get(at..)
            .unwrap_or(&[])
            .iter()
            .find(|text| **text != index)
            .copied();
        let near = |other: Option<usize>| {
            other.map_or(0.0, |other| {
                let (a, b) = (self.before(index).texts, self.before(other).texts);
                (-(a.abs_diff(b) as f32) / 20.0).exp()
            })
        };
        let beside = [earlier, later].into_iter().flatten();
        let beside = beside.map(|other| {
            let (a, b) = (self.before(index).texts, self.before(other).texts);
            1.0 / (1.0 + a.abs_diff(b) as f32)
        });
        features.push(beside.fold(0.0, f32::max));
        features.extend([near(earlier), near(later)]);
        let rank = self.rank_of(id) as f32;
        let at = self.named.partition_point(|(text, _, _)| *text < index);
        let last = self.named.get(..at).and_then(|named| named.last());
        let next = self
            .named
            .get(at..)
            .unwrap_or(&[])
            .iter()
            .find(|(text, _, _)| *text != index);
        let step = |from: f32, to: f32| ((to - from) / 5.0).clamp(-1.0, 1.0);
        features.extend([
            last.map_or(0.0, |(_, _, last)| step(*last as f32, rank)),
            flag(last.is_some()),
            next.map_or(0.0, |(_, first, _)| step(rank, *first as f32)),
            flag(next.is_some()),
        ]);
        let discussing = earlier.into_iter().chain(later);
        let alike = discussing.map(|other| text.paragraphs_alike(index, other));
        features.push(alike.fold(0.0, f32::max));
    }
}

/// What the edges of a graph say outright.
pub(super) fn stated(graph: &AlignmentGraph) -> HashMap<(ParagraphId, VisualId), Stated> {
    let mut pairs: HashMap<(ParagraphId, VisualId), Stated> = HashMap::new();
    for (paragraph, visual, edge) in graph.pairs() {
        let slot = match edge {
            Edge::Mention { .. } | Edge::Annotation => {
                pairs.entry((paragraph, visual)).or_default()
            }
            Edge::Near(Neighbour { .. }) | Edge::CaptionOf => continue,
        };
        match edge {
            Edge::Mention { resolution, .. } => match resolution {
                Resolution::Unique => slot.unique = true,
                Resolution::Nearest | Resolution::Within => slot.nearest = true,
                Resolution::OtherKind => slot.other_kind = true,
                Resolution::Place => slot.place = true,
            },
            _ => slot.annotation = true,
        }
    }
    pairs
}
