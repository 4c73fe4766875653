//! Which kinds of labels may name the same visual.

use serde::{Deserialize, Serialize};

use crate::mention::LabelKind;

/// Kinds that are told apart when labels are compared. Within a family, words differ more between
/// caption and mention ("Fig. 3" of "Chart 3") than numbers clash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// Pictures of all kinds.
    Figure,
    /// Tables.
    Table,
    /// Algorithms and listings.
    Listing,
    /// Formulas.
    Equation,
}

impl Family {
    /// The family of a label's kind.
    pub fn of(kind: LabelKind) -> Family {
        match kind {
            LabelKind::Table => Family::Table,
            LabelKind::Algorithm | LabelKind::Listing => Family::Listing,
            LabelKind::Equation => Family::Equation,
            LabelKind::Figure
            | LabelKind::Chart
            | LabelKind::Diagram
            | LabelKind::Scheme
            | LabelKind::Plate
            | LabelKind::Photo
            | LabelKind::Map
            | LabelKind::Box => Family::Figure,
        }
    }

    /// The family that a destination's name tells: `figure.caption.3`, `fig:setup`, `lstlisting.2`.
    pub(super) fn of_destination(name: &str) -> Option<Family> {
        const PREFIXES: [(&str, Family); 9] = [
            ("subfig", Family::Figure),
            ("fig", Family::Figure),
            ("subtable", Family::Table),
            ("table", Family::Table),
            ("tab:", Family::Table),
            ("tab.", Family::Table),
            ("lst", Family::Listing),
            ("listing", Family::Listing),
            ("algo", Family::Listing),
        ];
        let name = name.to_lowercase();
        PREFIXES
            .iter()
            .find(|(prefix, _)| name.starts_with(prefix))
            .map(|(_, family)| *family)
    }

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Family::Figure => "figure",
            Family::Table => "table",
            Family::Listing => "listing",
            Family::Equation => "equation",
        }
    }
}
