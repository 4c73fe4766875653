//! Stage 7, *align*: the edges of the graph become the document's [`Alignment`]: links with a
//! probability and the evidence for it, and what could not be linked.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{detect::VisualId, segment::ParagraphId};

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

/// A mention that leads nowhere in this document.
#[derive(Debug, Clone, PartialEq)]
pub struct UnresolvedMention {
    /// The paragraph.
    pub paragraph: ParagraphId,
    /// Index of the mention in it.
    pub mention: u32,
    /// Why, for people.
    pub reason: String,
}

/// The links of a document.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Alignment {
    /// Sorted by paragraph, then by falling probability, then by visual.
    pub links: Vec<Link>,
    /// Visuals without a link of at least the asked probability.
    pub unaligned_visuals: Vec<VisualId>,
    /// Mentions without a visual.
    pub unresolved_mentions: Vec<UnresolvedMention>,
}
