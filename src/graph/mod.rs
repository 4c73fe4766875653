//! Stage 4, *connect*: paragraphs and visuals become the nodes of a sparse graph, and whatever
//! speaks for a link between two of them an edge.
//!
//! | edges | file | at most |
//! |---|---|---|
//! | mentions, resolved to visuals | [`resolve`] | one per visual a mention names |
//! | link annotations | [`annotation`] | one per annotation |
//! | neighbours in reading order | [`adjacency`] | 4 per paragraph |
//! | candidate pairs, with their [`features`] | [`candidates`] | some 14 per paragraph, and those it names |

mod adjacency;
mod annotation;
mod candidates;
mod features;
mod place;
mod resolve;
mod text;

use petgraph::{
    graph::{DiGraph, NodeIndex},
    visit::EdgeRef,
};

use crate::{
    detect::{Visual, VisualId},
    pdf::Document,
    segment::{Paragraph, ParagraphId},
};

pub use adjacency::Neighbour;
pub use features::{
    Aspect, Candidate, FAMILIES, Feature, Features, PAIR_FEATURES, PARAGRAPH_FEATURES,
    VISUAL_FEATURES,
};
pub use text::WORDINGS;
pub(crate) use text::{WordSearch, without_label};

pub use resolve::{Resolution, UnresolvedMention};

use place::Places;

/// A node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Node {
    /// A paragraph.
    Paragraph(ParagraphId),
    /// A visual.
    Visual(VisualId),
}

/// What speaks for a link from a paragraph to a visual.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Edge {
    /// Mention number `mention` of the paragraph names the visual.
    Mention {
        /// Index in the paragraph's mentions.
        mention: u32,
        /// How it was resolved.
        resolution: Resolution,
    },
    /// A link annotation in the paragraph leads to the visual.
    Annotation,
    /// The visual is near in reading order.
    Near(Neighbour),
    /// The paragraph is the visual's caption.
    CaptionOf,
}

/// The sparse graph of a document. Paragraph and visual nodes come first, in their order, so a
/// node's index follows from its id.
#[derive(Debug, Clone, Default)]
pub struct AlignmentGraph {
    /// Nodes and edges; all edges lead from a paragraph to a visual.
    pub graph: DiGraph<Node, Edge>,
    /// Mentions that lead to no visual.
    pub unresolved: Vec<UnresolvedMention>,
    /// Candidate pairs and the numbers that the network is told.
    pub features: Features,
    paragraphs: usize,
}

impl AlignmentGraph {
    fn new(paragraphs: &[Paragraph], visuals: &[Visual]) -> AlignmentGraph {
        let mut graph = DiGraph::with_capacity(paragraphs.len() + visuals.len(), 0);
        for paragraph in paragraphs {
            graph.add_node(Node::Paragraph(paragraph.id));
        }
        for visual in visuals {
            graph.add_node(Node::Visual(visual.id));
        }
        AlignmentGraph {
            graph,
            unresolved: Vec::new(),
            features: Features::default(),
            paragraphs: paragraphs.len(),
        }
    }

    /// The node of a paragraph.
    pub fn paragraph(&self, id: ParagraphId) -> NodeIndex {
        NodeIndex::new(id.0 as usize)
    }

    /// The node of a visual.
    pub fn visual(&self, id: VisualId) -> NodeIndex {
        NodeIndex::new(self.paragraphs + id.0 as usize)
    }

    /// The edges from paragraphs to visuals, in the order in which they were added.
    pub fn pairs(&self) -> impl Iterator<Item = (ParagraphId, VisualId, &Edge)> {
        self.graph.edge_references().filter_map(|edge| {
            let ends = (
                self.graph.node_weight(edge.source())?,
                self.graph.node_weight(edge.target())?,
            );
            match ends {
                (Node::Paragraph(paragraph), Node::Visual(visual)) => {
                    Some((*paragraph, *visual, edge.weight()))
                }
                _ => None,
            }
        })
    }

    fn add(&mut self, paragraph: ParagraphId, visual: VisualId, edge: Edge) {
        let (from, to) = (self.paragraph(paragraph), self.visual(visual));
        let exists = |node: NodeIndex| self.graph.node_weight(node).is_some();
        if exists(from) && exists(to) {
            self.graph.add_edge(from, to, edge);
        }
    }
}

/// Connects the paragraphs and visuals of a document. Ids must be places in the slices, as
/// [`crate::segment::segment`] and [`crate::detect::detect`] give them.
pub fn connect(
    document: &Document,
    paragraphs: &[Paragraph],
    visuals: &[Visual],
) -> AlignmentGraph {
    let places = Places::new(paragraphs, visuals);
    let mut graph = AlignmentGraph::new(paragraphs, visuals);
    for visual in visuals {
        for caption in visual.captions() {
            graph.add(caption, visual.id, Edge::CaptionOf);
        }
    }
    resolve::add_mentions(&mut graph, document, paragraphs, visuals, &places);
    annotation::add_annotations(&mut graph, document, paragraphs, visuals);
    adjacency::add_neighbours(&mut graph, paragraphs, visuals, &places);
    graph.features = features::features(&graph, document, paragraphs, visuals, &places);
    graph
}
