//! The result of the stage: visuals.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    geometry::{PageIndex, Region},
    mention::Label,
    segment::ParagraphId,
};

/// Index of a visual in document order, 0-based; printed "v1", "v2", ...
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VisualId(pub u32);

impl std::fmt::Display for VisualId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "v{}", self.0 + 1)
    }
}

/// What a visual is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum VisualKind {
    /// A figure of no more exact kind.
    Figure,
    /// A photograph or screenshot.
    Photo,
    /// A chart or plot.
    Chart,
    /// A diagram.
    Diagram,
    /// A table.
    Table,
    /// An algorithm or listing.
    Algorithm,
    /// A displayed formula.
    Formula,
}

/// What spoke for a visual.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The network that looks at page images.
    Detector,
    /// Vector drawings or rules on the page.
    Vector,
    /// A raster image on the page.
    Raster,
    /// Text set off from the running text: program text, cells in columns, another font.
    Text,
    /// The structure tree.
    Structure,
    /// A caption whose picture is only guessed at.
    Caption,
}

/// A thing to look at.
#[derive(Debug, Clone, PartialEq)]
pub struct Visual {
    /// Its place in document order.
    pub id: VisualId,
    /// What it is.
    pub kind: VisualKind,
    /// Its printed label.
    pub label: Option<Label>,
    /// Its caption.
    pub caption: Option<ParagraphId>,
    /// Further captions of the same visual: "Figure 3 (continued)", or in another language.
    pub continued: Vec<ParagraphId>,
    /// Where it stands, its first region first.
    pub regions: Vec<Region>,
    /// How sure we are that it is one visual with these bounds, 0 to 1.
    pub score: f32,
    /// What spoke for it, sorted.
    pub sources: Vec<Source>,
    /// Alternative text from the structure tree.
    pub alt_text: Option<String>,
    /// The text inside it (axis labels, cells), in reading order.
    pub text: String,
    /// What it looks like: the network's features averaged over it,
    /// [`FEATURES`](super::network::FEATURES) numbers; empty where the network does not see it.
    pub appearance: Vec<f32>,
}

impl Visual {
    /// The page on which it begins.
    pub fn page(&self) -> PageIndex {
        self.regions.first().map_or(PageIndex(0), |r| r.page)
    }

    /// Its caption and those that go on from it.
    pub fn captions(&self) -> impl Iterator<Item = ParagraphId> + '_ {
        self.caption.iter().chain(&self.continued).copied()
    }
}
