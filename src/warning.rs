//! What went wrong without stopping the work; part of every output.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::geometry::PageIndex;

/// Something that could not be done, or was done by guess.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Warning {
    /// The page it is about, `null` for the whole document.
    pub page: Option<PageIndex>,
    /// What happened, for programs.
    pub code: WarningCode,
    /// What happened, for people.
    pub message: String,
}

/// The kinds of warnings.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum WarningCode {
    /// A page could not be read; it is empty in the output.
    PageUnreadable,
    /// A page was read up to a limit of size or time.
    PageTruncated,
    /// Pages were left out because reading more of them ran into a limit.
    PagesLeftOut,
    /// Page images were not looked at because doing so ran into a limit.
    NotLookedAt,
    /// A page's text has no Unicode (or there is only a picture of text): it needs OCR.
    NeedsOcr,
    /// A page's text came from the second reader, without exact places.
    SecondReader,
    /// Outline, links, labels and structure tree could not be read.
    NoStructure,
    /// A page's text is set vertically or at an angle and its order is a guess.
    UnusualDirection,
}
