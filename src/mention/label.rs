//! A visual's printed label: its kind and its number.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::numeral::roman_value;

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

/// A number as printed on a label, in a normal form.
///
/// Its parts (chapter, number) are joined by one dot, whatever was printed between them; digits are
/// ASCII without leading zeros; letters and Roman numerals are in upper case; a subfigure letter
/// directly after a digit, or in parentheses, is kept apart in lower case. Letters directly before
/// a digit stay with it. A supplementary figure's number starts with `S`, one of extended data's
/// with `ED`, an appendix's with `A`, printed or not.
///
/// "3-2" and "3.2" are `3.2`; "Fig. 3a", "Fig. 3A" and "Fig. 3(a)" are number `3`, part `a`;
/// "Table A.IV" is `A.IV`; "Figure S1" and "Supplementary Figure 1" are `S1`; "图三" is `3`.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct LabelNumber {
    /// The number without the subfigure letter, in normal form.
    pub number: String,
    /// The subfigure letter(s), lower case: "a" in "3a".
    pub part: Option<String>,
}

impl LabelNumber {
    /// A whole number or one of its parts.
    pub fn new(number: impl Into<String>, part: Option<&str>) -> Self {
        Self {
            number: number.into(),
            part: part.map(str::to_owned),
        }
    }

    /// Whether both name the same visual, its parts left out of account: equal numbers, also when
    /// one has Roman numerals where the other has Arabic ones ("IV" and "4"), or when a dot between
    /// letter and digit is missing ("A.3" and "A3").
    pub fn matches(&self, other: &Self) -> bool {
        if self.number == other.number {
            return true;
        }
        let (ours, theirs) = (split(&self.number), split(&other.number));
        ours.len() == theirs.len()
            && ours
                .iter()
                .zip(&theirs)
                .all(|(a, b)| a == b || arabic_and_roman(a, b) || arabic_and_roman(b, a))
    }
}

/// The runs of digits and of letters of a number.
fn split(number: &str) -> Vec<&str> {
    number
        .split('.')
        .flat_map(|part| {
            let digits = part.find(|c: char| c.is_ascii_digit()).unwrap_or(0);
            let (letters, digits) = part.split_at(digits);
            [letters, digits]
        })
        .filter(|run| !run.is_empty())
        .collect()
}

fn arabic_and_roman(arabic: &str, roman: &str) -> bool {
    arabic
        .parse()
        .is_ok_and(|value: u32| roman_value(roman) == Some(value))
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
