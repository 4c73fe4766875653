//! A visual's printed label: its kind and its number.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a label calls its visual.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum LabelKind {
    /// Figure, illustration, image, picture, drawing.
    Figure,
    /// Table.
    Table,
    /// Algorithm.
    Algorithm,
    /// Listing, program, source code.
    Listing,
    /// Chart, graph.
    Chart,
    /// Diagram.
    Diagram,
    /// Scheme.
    Scheme,
    /// Plate.
    Plate,
    /// Photograph.
    Photo,
    /// Map.
    Map,
    /// Box, exhibit.
    Box,
    /// Equation, formula.
    Equation,
}

/// A number as printed on a label, in a normal form: parts joined by one dot, Arabic digits in
/// ASCII, letters in upper case except a trailing lower-case subfigure letter, which is kept apart.
///
/// "3-2" and "3.2" are equal; "Fig. 3a" is number `3`, part `a`; "Table A.IV" is `A.IV`.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct LabelNumber {
    /// The number without the subfigure letter, in normal form.
    pub number: String,
    /// The subfigure letter(s), lower case: "a" in "3a".
    pub part: Option<String>,
}

impl fmt::Display for LabelNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.number)?;
        f.write_str(self.part.as_deref().unwrap_or(""))
    }
}

/// The printed label of a visual.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct Label {
    /// What it is called.
    pub kind: LabelKind,
    /// Its number; `None` for an unnumbered caption ("Figure: ...").
    pub number: Option<LabelNumber>,
    /// As printed, white space folded: "Figure 3.2".
    pub text: String,
}
