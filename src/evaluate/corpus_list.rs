//! The list of a corpus: what its documents are, found by their hash.

use std::{collections::BTreeMap, fmt, str::FromStr};

use sha2::{Digest, Sha256};

/// Which part of a corpus a document belongs to. What is learnt is learnt from the first, chosen by
/// the second and reported on the third.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    /// For learning.
    Train,
    /// For choosing.
    Validation,
    /// For reporting.
    Test,
}

impl Split {
    /// All of them, in order.
    pub const ALL: [Split; 3] = [Split::Train, Split::Validation, Split::Test];

    /// Its name in lists and flags.
    pub fn name(self) -> &'static str {
        match self {
            Split::Train => "train",
            Split::Validation => "validation",
            Split::Test => "test",
        }
    }

    /// The part that a package's documents belong to, so that documents of the same makers stay
    /// together: the first four bytes of the SHA-256 of its name, most significant first, modulo
    /// 100, are below 70 for training, below 85 for validation, else for the test.
    pub fn of_package(package: &str) -> Split {
        let digest = Sha256::digest(package.as_bytes());
        let number = digest
            .iter()
            .take(4)
            .fold(0_u32, |number, &byte| number << 8 | u32::from(byte));
        match number % 100 {
            0..70 => Split::Train,
            70..85 => Split::Validation,
            _ => Split::Test,
        }
    }
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Split {
    type Err = CorpusListError;

    fn from_str(name: &str) -> Result<Split, CorpusListError> {
        Split::ALL
            .into_iter()
            .find(|split| split.name() == name)
            .ok_or_else(|| CorpusListError::UnknownSplit(name.to_owned()))
    }
}

/// A document of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorpusEntry {
    /// Where the document comes from.
    pub package: String,
    /// Its language, an ISO 639-1 code.
    pub language: String,
    /// What sort of document it is: manual, book, thesis, paper.
    pub genre: String,
    /// Its pages.
    pub pages: u32,
    /// The part of the corpus it belongs to; the package's by [`Split::of_package`] where the list
    /// says nothing.
    pub split: Split,
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
    /// A part of the corpus that there is not.
    #[error("\"{0}\" is none of train, validation, test")]
    UnknownSplit(String),
}

impl CorpusList {
    /// Parses a table with tabs between its columns and their names in the first line.
    ///
    /// # Errors
    /// When a column is missing, or a split is none. Lines that are too short are skipped.
    pub fn parse(text: &str) -> Result<CorpusList, CorpusListError> {
        let mut lines = text.lines();
        let header: Vec<&str> = lines.next().unwrap_or_default().split('\t').collect();
        let find = |name: &str| header.iter().position(|title| *title == name);
        let column = |name: &'static str| find(name).ok_or(CorpusListError::MissingColumn(name));
        let [package, sha256, language, genre] = [
            column("package")?,
            column("sha256")?,
            column("language")?,
            column("genre")?,
        ];
        let links = [column("figure_links")?, column("table_links")?];
        let (pages, split) = (find("pages"), find("split"));
        let mut entries = BTreeMap::new();
        for line in lines {
            let cells: Vec<&str> = line.split('\t').collect();
            let cell = |at: usize| cells.get(at).copied();
            let count = |at: usize| cell(at)?.parse::<u32>().ok();
            let (Some(package), Some(sha256), Some(language), Some(genre)) =
                (cell(package), cell(sha256), cell(language), cell(genre))
            else {
                continue;
            };
            let entry = CorpusEntry {
                package: package.to_owned(),
                language: language.to_owned(),
                genre: genre.to_owned(),
                pages: pages.and_then(count).unwrap_or(0),
                split: match split.and_then(cell) {
                    Some(name) => name.parse()?,
                    None => Split::of_package(package),
                },
                expected_links: links.into_iter().filter_map(count).sum(),
            };
            entries.insert(sha256.to_owned(), entry);
        }
        Ok(CorpusList { entries })
    }

    /// The documents by their hash.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &CorpusEntry)> {
        let entries = self.entries.iter();
        entries.map(|(sha256, entry)| (sha256.as_str(), entry))
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
        assert_eq!(entry.split, Split::of_package("p1"));
        assert!(list.get("short").is_none());
        assert_eq!(
            CorpusList::parse("package\n").unwrap_err(),
            CorpusListError::MissingColumn("sha256")
        );
    }

    #[test]
    fn a_split_is_read_or_refused() {
        let list = |split: &str| {
            CorpusList::parse(&format!(
                "package\tsha256\tlanguage\tgenre\tfigure_links\ttable_links\tsplit\n\
                 p\tab\ten\tbook\t0\t0\t{split}\n"
            ))
        };
        let read = list("validation").unwrap();
        assert_eq!(read.get("ab").unwrap().split, Split::Validation);
        assert_eq!(
            list("dev").unwrap_err(),
            CorpusListError::UnknownSplit("dev".to_owned())
        );
    }
}
