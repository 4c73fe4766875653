//! What texts that name a visual have in common with a paragraph: who writes of the same things
//! in another place means the same figure.

use std::collections::{BTreeMap, BTreeSet};

use super::scene::Scene;
use crate::{
    detect::VisualId,
    graph::{
        resolve::Family,
        text::{FoundByWords, TextIndex},
    },
    segment::ParagraphId,
};

/// The texts most alike that have a say.
const VOTERS: usize = 12;
/// Visuals that become candidates by it.
const MOST: usize = 3;
/// Texts before and after a paragraph whose visuals become its candidates.
const BESIDE: usize = 4;
/// Visuals that become candidates so.
const MOST_BESIDE: usize = 4;

/// The texts of a document that name visuals.
pub(super) struct Discussion {
    texts: FoundByWords,
}

/// What the texts most alike to a paragraph say of a visual.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Vote {
    /// The highest cosine of those that name it.
    pub(super) best: f32,
    /// The same over the highest of all.
    pub(super) of_best: f32,
    /// Share of their cosines that is of texts that name it.
    pub(super) share: f32,
}

/// What is said of each visual, seen from one paragraph.
#[derive(Debug, Default)]
pub(super) struct Votes {
    visuals: BTreeMap<VisualId, Vote>,
    /// Share of the cosines that is of texts that name a visual of a family.
    families: BTreeMap<Family, f32>,
}

impl Votes {
    /// What is said of a visual.
    pub(super) fn of(&self, visual: VisualId) -> Vote {
        self.visuals.get(&visual).copied().unwrap_or_default()
    }

    /// Share of the cosines that is of texts that name a visual of a family.
    pub(super) fn of_family(&self, family: Family) -> f32 {
        self.families.get(&family).copied().unwrap_or(0.0)
    }
}

impl Discussion {
    pub(super) fn new(scene: &Scene<'_>, text: &TextIndex<'_>) -> Discussion {
        let texts = scene.named.iter().map(|(text, _, _)| *text).collect();
        Discussion {
            texts: text.found_by_words(texts),
        }
    }

    /// What is said of the visuals, seen from a paragraph.
    pub(super) fn votes(&self, scene: &Scene<'_>, text: &TextIndex<'_>, index: usize) -> Votes {
        let voters = text.most_alike_of(index, &self.texts, VOTERS);
        let highest = voters.first().map_or(0.0, |(_, cosine)| *cosine);
        let sum: f32 = voters.iter().map(|(_, cosine)| cosine).sum();
        let mut votes = Votes::default();
        for (voter, cosine) in voters {
            let named = scene.named_by(ParagraphId(voter as u32));
            for visual in named {
                let vote = votes.visuals.entry(*visual).or_default();
                vote.best = vote.best.max(cosine);
                vote.of_best = vote.best / highest;
                vote.share += cosine / sum;
            }
            let families: BTreeSet<Family> = named.iter().map(|id| scene.family(*id)).collect();
            for family in families {
                *votes.families.entry(family).or_default() += cosine / sum;
            }
        }
        votes
    }
}

/// The visuals that win votes, and those that the texts next to a paragraph name.
pub(super) fn candidates(scene: &Scene<'_>, index: usize, votes: &Votes) -> Vec<VisualId> {
    let mut by_vote: Vec<(VisualId, f32)> = votes
        .visuals
        .iter()
        .map(|(visual, vote)| (*visual, vote.best))
        .collect();
    by_vote.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let mut found: Vec<VisualId> = by_vote.into_iter().take(MOST).map(|(id, _)| id).collect();
    let at = scene.named.partition_point(|(text, _, _)| *text < index);
    let texts = |other: usize| {
        scene
            .before(index)
            .texts
            .abs_diff(scene.before(other).texts)
    };
    let (earlier, later) = scene.named.split_at(at.min(scene.named.len()));
    let near = |(text, _, _): &&(usize, usize, usize)| texts(*text) <= BESIDE as u32;
    let beside = earlier.iter().rev().take_while(near);
    let mut beside: Vec<usize> = beside
        .chain(later.iter().take_while(near))
        .map(|(text, _, _)| *text)
        .collect();
    beside.sort_by_key(|text| (texts(*text), *text));
    let named = beside
        .into_iter()
        .flat_map(|text| scene.named_by(ParagraphId(text as u32)));
    found.extend(named.take(MOST_BESIDE));
    found
}
