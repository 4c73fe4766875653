//! The grammar of labels and mentions around the words of the lexicon.

use std::ops::Range;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Label, LabelKind, LabelNumber};

/// A span of a paragraph that names visuals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Mention {
    /// Byte range in the text, the noun ("Figures") and all its numbers included.
    pub span: Range<usize>,
    /// The text of the span.
    pub text: String,
    /// What it calls the visuals.
    pub kind: LabelKind,
    /// Which visuals it names, ranges expanded.
    pub targets: Vec<MentionTarget>,
}

/// One visual that a mention names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum MentionTarget {
    /// By number: "Figure 3.2a".
    Number(LabelNumber),
    /// By place: "the figure above".
    Place(Place),
}

/// A place relative to the mention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// Above, preceding, previous.
    Above,
    /// Below, following, next.
    Below,
    /// On the next page, overleaf.
    NextPage,
    /// On the previous page.
    PreviousPage,
    /// "This figure", "the figure": near by.
    Here,
}

/// The label at the start of a caption.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaptionLabel {
    /// The label.
    pub label: Label,
    /// Byte range of the label in the text, from its start.
    pub span: Range<usize>,
    /// Whether a delimiter (":", ".", "-", a line's end) follows the number, as captions have it.
    pub delimited: bool,
    /// Whether it says "(continued)".
    pub continued: bool,
}

/// The label at the start of a text, if it begins as a caption does.
pub fn caption_label(_text: &str) -> Option<CaptionLabel> {
    None
}

/// All mentions in a text, in order, not overlapping.
pub fn find_mentions(_text: &str) -> Vec<Mention> {
    Vec::new()
}
