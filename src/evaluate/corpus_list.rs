//! The list of a corpus: what its documents are, found by their hash.

use std::collections::BTreeMap;

/// A document of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorpusEntry {
    /// Where the document comes from.
    pub package: String,
    /// Its language, an ISO 639-1 code.
    pub language: String,
    /// What sort of document it is: manual, book, thesis, paper.
    pub genre: String,
    /// How many gold links an independent count found; what a document weighs that cannot be
    /// read at all.
    pub expected_links: u32,
}

/// A corpus list, by SHA-256.
#[derive(Debug, Clone, Default)]
pub struct CorpusList {
    entries: BTreeMap<String, CorpusEntry>,
}

/// Why a list cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CorpusListError {
    /// A column is missing in the first line.
    #[error("the corpus list has no column \"{0}\"")]
    MissingColumn(&'static str),
}

impl CorpusList {
    /// Parses a table with tabs between its columns and their names in the first line.
    ///
    /// # Errors
    /// When a column is missing. Lines that are too short are skipped.
    pub fn parse(text: &str) -> Result<CorpusList, CorpusListError> {
        let mut lines = text.lines();
        let header: Vec<&str> = lines.next().unwrap_or_default().split('\t').collect();
        let column = |name: &'static str| {
            header
                .iter()
                .position(|title| *title == name)
                .ok_or(CorpusListError::MissingColumn(name))
        };
        let [package, sha256, language, genre] = [
            column("package")?,
            column("sha256")?,
            column("language")?,
            column("genre")?,
        ];
        let links = [column("figure_links")?, column("table_links")?];
        let entries = lines
            .filter_map(|line| {
                let cells: Vec<&str> = line.split('\t').collect();
                let cell = |at: usize| cells.get(at).map(|cell| (*cell).to_owned());
                let count = |at: &usize| cells.get(*at)?.parse::<u32>().ok();
                let entry = CorpusEntry {
                    package: cell(package)?,
                    language: cell(language)?,
                    genre: cell(genre)?,
                    expected_links: links.iter().filter_map(count).sum(),
                };
                Some((cell(sha256)?, entry))
            })
            .collect();
        Ok(CorpusList { entries })
    }

    /// What the list says of a document.
    pub fn get(&self, sha256: &str) -> Option<&CorpusEntry> {
        self.entries.get(sha256)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_name() {
        let list = CorpusList::parse(
            "sha256\tpackage\tgenre\tlanguage\tfigure_links\ttable_links\n\
             ab\tp1\tmanual\tde\t3\t4\nshort\n",
        )
        .unwrap();
        let entry = list.get("ab").unwrap();
        assert_eq!((entry.language.as_str(), entry.expected_links), ("de", 7));
        assert!(list.get("short").is_none());
        assert_eq!(
            CorpusList::parse("package\n").unwrap_err(),
            CorpusListError::MissingColumn("sha256")
        );
    }
}
