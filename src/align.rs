//! Stage 7, *align*: the edges of the graph become the document's [`Alignment`]: links with a
//! probability and the evidence for it, and what could not be linked.

use std::collections::BTreeMap;

use petgraph::visit::EdgeRef;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    detect::VisualId,
    graph::{AlignmentGraph, Edge, Neighbour, Node, Resolution},
    segment::ParagraphId,
};

pub use crate::graph::UnresolvedMention;

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

/// Decides on the links of a graph.
///
/// Each edge has a prior probability by its kind; a pair's edges are taken as independent
/// witnesses, so its links are wrong only if all of them are.
pub fn align(graph: AlignmentGraph) -> Alignment {
    let mut pairs: BTreeMap<(ParagraphId, VisualId), Vec<Edge>> = BTreeMap::new();
    for edge in graph.graph.edge_references() {
        let ends = (
            graph.graph.node_weight(edge.source()),
            graph.graph.node_weight(edge.target()),
        );
        if let (Some(Node::Paragraph(paragraph)), Some(Node::Visual(visual))) = ends {
            let edges = pairs.entry((*paragraph, *visual)).or_default();
            edges.push(*edge.weight());
        }
    }
    let mut links: Vec<Link> = pairs
        .into_iter()
        // A caption belongs to its visual by being its caption.
        .filter(|(_, edges)| !edges.iter().any(|edge| matches!(edge, Edge::CaptionOf)))
        .map(|((paragraph, visual), edges)| link(paragraph, visual, &edges))
        .collect();
    links.sort_by(|a, b| {
        (a.paragraph.cmp(&b.paragraph))
            .then(b.probability.total_cmp(&a.probability))
            .then(a.visual.cmp(&b.visual))
    });
    Alignment {
        links,
        unresolved_mentions: graph.unresolved,
    }
}

fn link(paragraph: ParagraphId, visual: VisualId, edges: &[Edge]) -> Link {
    // A paragraph that names a figure twice is not surer than one that names it once: of each
    // kind of evidence the best counts.
    let mut best: BTreeMap<Evidence, f32> = BTreeMap::new();
    for edge in edges {
        let (evidence, prior) = prior(edge);
        let slot = best.entry(evidence).or_insert(0.0);
        *slot = slot.max(prior);
    }
    let doubt: f32 = best.values().map(|prior| 1.0 - prior).product();
    // A mention does not need its place to speak for it.
    let named = best.len() > 1;
    Link {
        paragraph,
        visual,
        probability: 1.0 - doubt,
        evidence: best
            .into_keys()
            .filter(|evidence| !named || *evidence != Evidence::Adjacency)
            .collect(),
        mention: edges.iter().find_map(|edge| match edge {
            Edge::Mention { mention, .. } => Some(*mention),
            _ => None,
        }),
    }
}

/// The prior probability of a link by one kind of evidence: shares of right links seen on manuals
/// and papers whose link annotations tell the truth, rounded down. A trained, calibrated model is
/// to take their place.
fn prior(edge: &Edge) -> (Evidence, f32) {
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

/// A picture without a label can be pointed at only by standing next to its text; one with a label
/// would have been named.
fn nearness(neighbour: &Neighbour) -> f32 {
    let by_place = match (neighbour.labelled, neighbour.touching, neighbour.after) {
        // The text that leads to the picture, and the text that goes on from it.
        (false, true, true) => 0.7,
        (false, true, false) => 0.45,
        (true, true, _) => 0.3,
        (false, false, _) => 0.2,
        (true, false, _) => 0.12,
    };
    let by_pages = match neighbour.pages {
        0 => 1.0,
        1 => 0.6,
        2..=5 => 0.3,
        _ => 0.1,
    };
    by_place * by_pages / (1.0 + neighbour.rank as f32)
}
