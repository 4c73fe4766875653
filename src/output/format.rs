//! The formats by name.

use std::path::Path;

use serde::{Deserialize, Serialize};

/// What a file can be written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// The alignment file.
    Json,
    /// One page for a browser.
    Html,
    /// Markdown, with the crops of the visuals beside it.
    Md,
    /// JSON lines for a retrieval index, with the crops of the visuals beside it.
    Chunks,
    /// The graph as GraphML.
    Graphml,
    /// The graph as DOT.
    Dot,
}

impl Format {
    /// How the name of such a file ends where the user gives none.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Json => "docalign.json",
            Self::Html => "docalign.html",
            Self::Md => "docalign.md",
            Self::Chunks => "docalign.jsonl",
            Self::Graphml => "docalign.graphml",
            Self::Dot => "docalign.dot",
        }
    }

    /// The format that the end of a file's name asks for.
    pub fn of_file(file: &Path) -> Option<Format> {
        match file.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "json" => Some(Self::Json),
            "html" | "htm" => Some(Self::Html),
            "md" | "markdown" => Some(Self::Md),
            "jsonl" | "ndjson" => Some(Self::Chunks),
            "graphml" => Some(Self::Graphml),
            "dot" | "gv" => Some(Self::Dot),
            _ => None,
        }
    }
}
