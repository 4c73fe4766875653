//! The result of the stage: logical paragraphs.

use std::{ops::Range, sync::Arc};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    geometry::{PageIndex, Region},
    mention::Mention,
};

/// Index of a paragraph in reading order, 0-based; printed "p1", "p2", ...
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ParagraphId(pub u32);

impl std::fmt::Display for ParagraphId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "p{}", self.0 + 1)
    }
}

/// What a paragraph is for in its document.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ParagraphKind {
    /// Running text.
    Body,
    /// A section title.
    Heading,
    /// An item of a list.
    ListItem,
    /// The caption of a visual.
    Caption,
    /// A footnote.
    Footnote,
    /// Program text.
    Code,
    /// A displayed formula.
    FormulaText,
    /// Text inside a table.
    TableText,
    /// Text inside a figure: a label, a legend.
    FigureText,
    /// A running head.
    Header,
    /// A running foot, page numbers included.
    Footer,
}

impl ParagraphKind {
    /// Whether the paragraph is text that can discuss a visual.
    pub fn is_running_text(self) -> bool {
        matches!(self, Self::Body | Self::ListItem | Self::Footnote)
    }

    /// Whether the paragraph is text inside a table or figure.
    pub fn is_inside_visual(self) -> bool {
        matches!(self, Self::TableText | Self::FigureText)
    }

    /// Whether the paragraph is a running head or foot, which outputs leave out.
    pub fn is_furniture(self) -> bool {
        matches!(self, Self::Header | Self::Footer)
    }
}

/// One logical paragraph.
#[derive(Debug, Clone, PartialEq)]
pub struct Paragraph {
    /// Its place in reading order.
    pub id: ParagraphId,
    /// What it is for.
    pub kind: ParagraphKind,
    /// Its text, lines joined and hyphens at line ends undone.
    pub text: String,
    /// ISO 639-1 code of its language, where it can be told.
    pub language: Option<&'static str>,
    /// Titles of the sections it stands in, outermost first. A heading's own title is not in it.
    pub section: Arc<[String]>,
    /// Byte ranges of the sentences in `text`.
    pub sentences: Vec<Range<usize>>,
    /// Where it stands: one box per column or page it runs over.
    pub regions: Vec<Region>,
    /// The lines it was made of.
    pub lines: Vec<Line>,
    /// The mentions in `text`, in order.
    pub mentions: Vec<Mention>,
}

#[cfg(test)]
impl Paragraph {
    /// One line of text in one place.
    pub(crate) fn sample(id: u32, kind: ParagraphKind, text: &str, region: Region) -> Paragraph {
        Paragraph {
            id: ParagraphId(id),
            kind,
            text: text.to_owned(),
            language: None,
            section: Arc::from([]),
            sentences: Vec::new(),
            regions: vec![region],
            lines: vec![Line {
                span: 0..text.len(),
                region,
            }],
            mentions: Vec::new(),
        }
    }
}

impl Paragraph {
    /// The page on which it begins.
    pub fn page(&self) -> PageIndex {
        self.regions.first().map_or(PageIndex(0), |r| r.page)
    }
}

/// Texts with fewer letters are fragments. The shortest steps of manuals ("点击保存。") have more.
const MIN_LETTERS: usize = 4;

/// Whether a text is but a label, a tick or a number that got loose from a drawing: it says nothing
/// of a visual.
pub fn is_fragment(text: &str) -> bool {
    let letters = text.chars().filter(|ch| ch.is_alphabetic());
    letters.take(MIN_LETTERS).count() < MIN_LETTERS
}

/// One line of a paragraph.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Byte range in the paragraph's text.
    pub span: Range<usize>,
    /// Where it stands.
    pub region: Region,
}
