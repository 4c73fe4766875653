//! What of the mentions the program sees while it is measured.

use serde::{Deserialize, Serialize};

/// Link annotations, which are the gold, are hidden in all modes.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// The document as it is.
    #[default]
    Open,
    /// The mentions in one fifth of the gold paragraphs are hidden, and only these are scored;
    /// five times, so that each gets its turn. The case of a paragraph that discusses a visual
    /// without naming it, in a document whose other paragraphs do name theirs.
    PartBlind,
    /// All mentions are hidden, and link annotations, bookmarks and the structure tree.
    Blind,
}

impl Mode {
    /// All of them, in order.
    pub const ALL: [Mode; 3] = [Mode::Open, Mode::PartBlind, Mode::Blind];

    /// Its name in reports and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Mode::Open => "open",
            Mode::PartBlind => "part-blind",
            Mode::Blind => "blind",
        }
    }
}
