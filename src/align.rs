//! Stage 7, *align*: the edges of the graph and the network's scores become the document's
//! [`Alignment`]: links with a probability and the evidence for it, and what could not be linked.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    detect::VisualId,
    graph::{AlignmentGraph, Aspect, Edge, Features, Neighbour, Node, Resolution},
    model::{Aligner, Score},
    network::NetworkError,
    segment::ParagraphId,
};

pub use crate::graph::UnresolvedMention;

/// Reasons are found for links of at least this probability; less likely ones are rarely shown.
const REASONS_FROM: f32 = 0.3;

/// What speaks for a link.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// The paragraph names the visual's label.
    Mention,
    /// A link annotation in the paragraph leads to the visual.
    Annotation,
    /// The paragraph points at it without a number ("the figure above").
    Pointer,
    /// They stand next to each other in reading order.
    Adjacency,
    /// The graph network takes the paragraph to be about the visual.
    Model,
}

/// A paragraph that belongs to a visual.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// The paragraph.
    pub paragraph: ParagraphId,
    /// The visual.
    pub visual: VisualId,
    /// How likely the two belong together, 0 to 1.
    pub probability: f32,
    /// What speaks for it, sorted.
    pub evidence: Vec<Evidence>,
    /// What carried the network's score, the strongest first.
    pub reasons: Vec<Aspect>,
    /// Index of the first mention in the paragraph that states the link.
    pub mention: Option<u32>,
}

/// The links of a document.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Alignment {
    /// Sorted by paragraph, then by falling probability, then by visual. All candidates are here;
    /// outputs show those of at least the probability asked for.
    pub links: Vec<Link>,
    /// Mentions without a visual.
    pub unresolved_mentions: Vec<UnresolvedMention>,
}

/// What is known of a pair.
#[derive(Default)]
struct Pair {
    edges: Vec<Edge>,
    /// What the network says.
    score: Option<Score>,
}

/// Decides on the links of a graph.
///
/// Each edge has a prior probability by its kind; what states a link outright and the network are
/// taken as independent witnesses, so a link is wrong only if all of them are. Where the network
/// has an opinion it stands for the place of the two, which it has seen.
///
/// # Errors
/// When the network fails, which sound weights do not.
pub fn align(graph: &AlignmentGraph, aligner: &Aligner) -> Result<Alignment, NetworkError> {
    let scores = aligner.score(&graph.features)?;
    let mut pairs: BTreeMap<(ParagraphId, VisualId), Pair> = BTreeMap::new();
    // Captions of one family are alike in words, and about their own visual alone.
    let mut captions: BTreeSet<ParagraphId> = BTreeSet::new();
    for (paragraph, visual, edge) in graph.pairs() {
        let pair = pairs.entry((paragraph, visual)).or_default();
        pair.edges.push(*edge);
        if matches!(edge, Edge::CaptionOf) {
            captions.insert(paragraph);
        }
    }
    for (candidate, score) in graph.features.candidates.iter().zip(scores) {
        if !captions.contains(&candidate.paragraph) {
            let ends = (candidate.paragraph, candidate.visual);
            pairs.entry(ends).or_default().score = Some(score);
        }
    }
    let bare = Bare::of(graph);
    let taken = taken(&pairs);
    // A caption belongs to its visual by being its caption.
    pairs.retain(|_, pair| {
        !pair
            .edges
            .iter()
            .any(|edge| matches!(edge, Edge::CaptionOf))
    });
    let mut links: Vec<Link> = pairs
        .into_iter()
        .map(|((paragraph, visual), pair)| {
            let free = 1.0 - taken.get(&paragraph).copied().unwrap_or(0.0);
            let nearness = |neighbour: &Neighbour| bare.nearness(visual, neighbour, free);
            link(paragraph, visual, &pair, nearness)
        })
        .collect();
    links.sort_by(|a, b| {
        (a.paragraph.cmp(&b.paragraph))
            .then(b.probability.total_cmp(&a.probability))
            .then(a.visual.cmp(&b.visual))
    });
    Ok(Alignment {
        links,
        unresolved_mentions: graph.unresolved.clone(),
    })
}

/// How likely each paragraph belongs to a visual that has a caption, as far as the network says: a
/// bare one beside it gets what is left.
fn taken(pairs: &BTreeMap<(ParagraphId, VisualId), Pair>) -> BTreeMap<ParagraphId, f32> {
    let mut taken = BTreeMap::new();
    for ((paragraph, _), pair) in pairs {
        if let Some(score) = pair.score {
            let most = taken.entry(*paragraph).or_insert(0.0f32);
            *most = most.max(score.probability());
        }
    }
    taken
}

fn link(
    paragraph: ParagraphId,
    visual: VisualId,
    pair: &Pair,
    nearness: impl Fn(&Neighbour) -> f32,
) -> Link {
    // A paragraph that names a figure twice is not surer than one that names it once: of each
    // kind of evidence the best counts.
    let mut best: BTreeMap<Evidence, f32> = BTreeMap::new();
    for edge in &pair.edges {
        let (evidence, prior) = prior(edge, &nearness);
        let slot = best.entry(evidence).or_insert(0.0);
        *slot = slot.max(prior);
    }
    if let Some(score) = pair.score {
        best.remove(&Evidence::Adjacency);
        best.insert(Evidence::Model, score.probability());
    }
    let doubt: f32 = best.values().map(|prior| 1.0 - prior).product();
    // What is stated does not need its place or its words to speak for it.
    let stated = best.keys().any(|evidence| evidence.states());
    Link {
        paragraph,
        visual,
        probability: 1.0 - doubt,
        evidence: best
            .into_keys()
            .filter(|evidence| !stated || evidence.states())
            .collect(),
        reasons: Vec::new(),
        mention: pair.edges.iter().find_map(|edge| match edge {
            Edge::Mention { mention, .. } => Some(*mention),
            _ => None,
        }),
    }
}

/// Finds the reasons of the links that the network carries: a step of its own, as it costs more
/// than the links themselves and only readers want it.
///
/// # Errors
/// When the network fails, which sound weights do not.
pub fn explain(
    alignment: &mut Alignment,
    features: &Features,
    aligner: &Aligner,
) -> Result<(), NetworkError> {
    let candidates = &features.candidates;
    let carried =
        |link: &Link| link.evidence.contains(&Evidence::Model) && link.probability >= REASONS_FROM;
    let place = |link: &Link| {
        let ends = (link.paragraph, link.visual);
        candidates.binary_search_by_key(&ends, |candidate| (candidate.paragraph, candidate.visual))
    };
    let wanted = alignment.links.iter().filter(|link| carried(link));
    let wanted: Vec<usize> = wanted.filter_map(|link| place(link).ok()).collect();
    let mut reasons = aligner.reasons(features, &wanted)?;
    for link in &mut alignment.links {
        let found = place(link).ok().and_then(|at| reasons.remove(&at));
        link.reasons = found.unwrap_or_default();
    }
    Ok(())
}

impl Evidence {
    /// Whether the document states the link outright.
    pub fn states(self) -> bool {
        matches!(self, Self::Mention | Self::Annotation | Self::Pointer)
    }
}

/// The prior probability of a link by one kind of evidence: shares of right links seen on manuals
/// and papers whose link annotations tell the truth, rounded down.
fn prior(edge: &Edge, nearness: impl Fn(&Neighbour) -> f32) -> (Evidence, f32) {
    match edge {
        Edge::Mention { resolution, .. } => match resolution {
            Resolution::Unique => (Evidence::Mention, 0.97),
            Resolution::Nearest => (Evidence::Mention, 0.85),
            Resolution::OtherKind => (Evidence::Mention, 0.75),
            Resolution::Within => (Evidence::Mention, 0.8),
            Resolution::Place => (Evidence::Pointer, 0.8),
        },
        Edge::Annotation => (Evidence::Annotation, 0.97),
        Edge::Near(neighbour) => (Evidence::Adjacency, nearness(neighbour)),
        Edge::CaptionOf => (Evidence::Mention, 1.0),
    }
}

/// What is known of the visuals that no text can name, having neither label nor caption: only
/// where they stand.
struct Bare {
    /// Their share of all visuals. Where most have captions, the bare ones are mostly decoration.
    share: f32,
    /// Those that a text leads to: nothing stands between.
    led: BTreeSet<VisualId>,
}

impl Bare {
    fn of(graph: &AlignmentGraph) -> Bare {
        let nodes = graph.graph.node_weights();
        let visuals = nodes.filter(|node| matches!(node, Node::Visual(_))).count();
        let leads = |edge: &Edge| match edge {
            Edge::Near(neighbour) => neighbour.touching && neighbour.after,
            _ => false,
        };
        let pairs = graph.pairs();
        Bare {
            share: 1.0 - graph.features.order.len() as f32 / visuals.max(1) as f32,
            led: pairs
                .filter(|(_, _, edge)| leads(edge))
                .map(|(_, visual, _)| visual)
                .collect(),
        }
    }

    /// How likely a paragraph belongs to a visual beside it, as far as other visuals leave it
    /// `free` where that one is bare: it can be pointed at only by standing next to its text. One
    /// with a label would have been named.
    fn nearness(&self, visual: VisualId, neighbour: &Neighbour, free: f32) -> f32 {
        let rank = neighbour.rank as f32;
        let near = by_pages(neighbour.pages) / (1.0 + rank);
        if neighbour.labelled {
            return if neighbour.touching { 0.3 } else { 0.12 } * near;
        }
        let by_place = match (neighbour.touching, neighbour.after) {
            // The text that leads to the picture, on whichever page it ends; pictures in a row
            // all belong to it.
            (true, true) if neighbour.pages <= 1 => 0.7 / (1.0 + 0.3 * rank),
            // Where a heading leads to the picture, the text that goes on from it.
            (true, false) if !self.led.contains(&visual) => 0.6 * near,
            (true, _) => 0.45 * near,
            (false, _) => 0.2 * near,
        };
        by_place * self.share * free
    }
}

/// What is left of a likelihood by place over so many pages.
fn by_pages(pages: u32) -> f32 {
    match pages {
        0 => 1.0,
        1 => 0.6,
        2..=5 => 0.3,
        _ => 0.1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PICTURE: VisualId = VisualId(0);

    fn nearness(led: bool, after: bool, touching: bool, pages: u32, rank: u32) -> f32 {
        let bare = Bare {
            share: 1.0,
            led: led.then_some(PICTURE).into_iter().collect(),
        };
        let neighbour = Neighbour {
            pages,
            rank,
            after,
            touching,
            labelled: false,
        };
        bare.nearness(PICTURE, &neighbour, 1.0)
    }

    #[test]
    fn a_bare_picture_belongs_to_the_text_that_leads_to_it() {
        assert!(nearness(true, true, true, 0, 0) > 0.5);
        assert!(nearness(true, true, true, 1, 0) > 0.5, "over a page's end");
        assert!(
            nearness(true, true, true, 0, 1) > 0.5,
            "the second in a row"
        );
        assert!(nearness(true, true, true, 2, 0) < 0.5, "too far");
        assert!(nearness(true, false, true, 0, 0) < 0.5, "the text after it");
    }

    #[test]
    fn a_bare_picture_under_a_heading_belongs_to_the_text_after_it() {
        assert!(nearness(false, false, true, 0, 0) > 0.5);
        assert!(nearness(false, true, false, 0, 0) < 0.5);
    }
}
