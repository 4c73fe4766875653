//! The graph for other programs: GraphML for network tools (Gephi, yEd, NetworkX), DOT for Graphviz.
//!
//! Nodes are paragraphs and visuals, running heads and feet left out. Edges lead from a paragraph
//! to the next, from a caption to its visual, and from a paragraph to the visuals that it belongs
//! to with at least the probability asked for; with 0 these are all candidates.

use std::{
    collections::HashMap,
    fmt,
    io::{self, Write},
};

use petgraph::{
    dot::Dot,
    graph::{DiGraph, NodeIndex},
};
use petgraph_graphml::GraphMl;

use super::{
    AlignedDocument, OutputOptions,
    alignment_file::name_of,
    shown::{ShownLinks, folded, rounded, visual_name},
};
use crate::{
    align::Link,
    detect::{Visual, VisualId},
    graph::{Edge, Node},
    segment::{Paragraph, ParagraphId},
};

/// Texts are cut to so many letters.
const EXCERPT: usize = 120;

/// A node as it is shown.
struct ShownNode {
    id: String,
    kind: String,
    page: String,
    text: String,
}

/// An edge as it is shown.
struct ShownEdge {
    kind: &'static str,
    probability: Option<f32>,
    evidence: String,
}

type Shown = DiGraph<ShownNode, ShownEdge>;

/// Writes GraphML.
///
/// # Errors
/// When `out` cannot be written to.
pub fn write_graphml(
    aligned: &AlignedDocument,
    options: &OutputOptions,
    out: &mut dyn Write,
) -> io::Result<()> {
    let graph = shown(aligned, options);
    GraphMl::new(&graph)
        .pretty_print(true)
        .export_node_weights(Box::new(|node| {
            vec![
                ("id".into(), node.id.clone().into()),
                ("kind".into(), node.kind.clone().into()),
                ("page".into(), node.page.clone().into()),
                ("text".into(), node.text.clone().into()),
            ]
        }))
        .export_edge_weights(Box::new(|edge| {
            let probability = edge.probability.map(|p| rounded(p).to_string());
            vec![
                ("kind".into(), edge.kind.into()),
                ("probability".into(), probability.unwrap_or_default().into()),
                ("evidence".into(), edge.evidence.clone().into()),
            ]
        }))
        .to_writer(out)
        .map_err(io::Error::other)
}

/// Writes DOT.
///
/// # Errors
/// When `out` cannot be written to.
pub fn write_dot(
    aligned: &AlignedDocument,
    options: &OutputOptions,
    out: &mut dyn Write,
) -> io::Result<()> {
    write!(out, "{}", Dot::new(&shown(aligned, options)))
}

impl fmt::Display for ShownNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {}, p. {}\n{}",
            self.id, self.kind, self.page, self.text
        )
    }
}

impl fmt::Display for ShownEdge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind)?;
        match self.probability {
            Some(probability) => write!(f, " {} ({})", rounded(probability), self.evidence),
            None => Ok(()),
        }
    }
}

fn shown(aligned: &AlignedDocument, options: &OutputOptions) -> Shown {
    let mut graph = Shown::new();
    let mut places: HashMap<Node, NodeIndex> = HashMap::new();
    let mut last = None;
    for paragraph in aligned.paragraphs.iter().filter(|p| !p.kind.is_furniture()) {
        let node = graph.add_node(paragraph_node(aligned, paragraph));
        places.insert(Node::Paragraph(paragraph.id), node);
        if let Some(last) = last.replace(node) {
            graph.add_edge(last, node, plain("next"));
        }
    }
    for visual in &aligned.visuals {
        let node = graph.add_node(visual_node(aligned, visual));
        places.insert(Node::Visual(visual.id), node);
    }
    let mut join = |paragraph: ParagraphId, visual: VisualId, edge: ShownEdge| {
        let ends = (
            places.get(&Node::Paragraph(paragraph)),
            places.get(&Node::Visual(visual)),
        );
        if let (Some(paragraph), Some(visual)) = ends {
            graph.add_edge(*paragraph, *visual, edge);
        }
    };
    for (paragraph, visual, edge) in aligned.graph.pairs() {
        if matches!(edge, Edge::CaptionOf) {
            join(paragraph, visual, plain("caption_of"));
        }
    }
    for link in &ShownLinks::new(aligned, options).all {
        join(link.paragraph, link.visual, link_edge(link));
    }
    graph
}

fn plain(kind: &'static str) -> ShownEdge {
    ShownEdge {
        kind,
        probability: None,
        evidence: String::new(),
    }
}

fn link_edge(link: &Link) -> ShownEdge {
    let evidence = link.evidence.iter().map(name_of);
    ShownEdge {
        kind: "belongs_to",
        probability: Some(link.probability),
        evidence: evidence.collect::<Vec<_>>().join(" "),
    }
}

fn paragraph_node(aligned: &AlignedDocument, paragraph: &Paragraph) -> ShownNode {
    ShownNode {
        id: paragraph.id.to_string(),
        kind: name_of(&paragraph.kind),
        page: aligned.page_name(paragraph.page()),
        text: excerpt(&paragraph.text),
    }
}

fn visual_node(aligned: &AlignedDocument, visual: &Visual) -> ShownNode {
    let caption = aligned.caption_title(visual).unwrap_or_default();
    ShownNode {
        id: visual.id.to_string(),
        kind: name_of(&visual.kind),
        page: aligned.page_name(visual.page()),
        text: excerpt(&format!("{} {caption}", visual_name(visual))),
    }
}

/// The first words, without what XML cannot hold.
fn excerpt(text: &str) -> String {
    let text = folded(text);
    let letters = text.chars().filter(|ch| !ch.is_control()).take(EXCERPT);
    letters
        .filter(|ch| !matches!(ch, '\u{fffe}' | '\u{ffff}'))
        .collect()
}
