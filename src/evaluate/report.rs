//! What was measured on a corpus: every document, every pair, every system, and their sums.

use std::io;

use serde::{Deserialize, Serialize};

use super::{
    corpus_list::CorpusList,
    earlier,
    file_error::{EvaluationFileError, expect_schema},
    group::{Breakdown, Group, Seen, SplitBy, breakdowns, totals},
    judge::SystemResult,
    mode::Mode,
    pair::{Pair, Verdict},
    reliability::Reliability,
    tally::Tally,
};
use crate::output::json::write_line_per_item;

/// Version of the report's JSON.
pub const REPORT_SCHEMA: &str = "docalign-eval/2";

/// What was measured on a corpus.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// [`REPORT_SCHEMA`].
    pub schema: String,
    /// Version of the program.
    pub version: String,
    /// The sums of every system in every mode, in the order of the documents' results.
    pub systems: Vec<SystemReport>,
    /// Every document, in the order given.
    pub documents: Vec<DocumentReport>,
}

/// What was measured on one document.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct DocumentReport {
    /// The file's name.
    pub file_name: String,
    /// SHA-256 of the file.
    pub sha256: String,
    /// ISO 639-1 code; "?" where nobody says.
    pub language: String,
    /// What sort of document it is; "?" where nobody says.
    pub genre: String,
    /// Its pages.
    pub pages: u32,
    /// Why it could not be aligned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Errors that stand for the gold links of a document of which not even those could be read.
    #[serde(default)]
    pub unread_links: u32,
    /// What was measured in each mode; nothing where there is no gold.
    pub modes: Vec<ModeResult>,
}

/// What was measured on one document in one mode.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModeResult {
    /// The mode.
    pub mode: Mode,
    /// What was to be found.
    pub pairs: Vec<Pair>,
    /// How each system did.
    pub systems: Vec<SystemResult>,
}

/// What was measured of one system in one mode.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SystemReport {
    /// The system's name.
    pub name: String,
    /// What it saw of the mentions.
    pub mode: Mode,
    /// All documents, then those that are long.
    pub totals: Vec<Group>,
    /// The pairs divided in several ways.
    pub breakdowns: Vec<Breakdown>,
    /// How its probabilities fare, where it gives any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reliability: Option<Reliability>,
}

impl ModeResult {
    /// Puts pairs and verdicts together. Only the first system's keep what was preferred, which
    /// is much and is shown of that one only.
    pub(super) fn new(mode: Mode, pairs: Vec<Pair>, mut systems: Vec<SystemResult>) -> ModeResult {
        for system in systems.iter_mut().skip(1) {
            for verdict in &mut system.verdicts {
                verdict.predicted = None;
            }
        }
        ModeResult {
            mode,
            pairs,
            systems,
        }
    }

    /// Takes up more pairs of the same document.
    pub(super) fn extend(&mut self, other: ModeResult) {
        self.pairs.extend(other.pairs);
        for (ours, theirs) in self.systems.iter_mut().zip(other.systems) {
            ours.verdicts.extend(theirs.verdicts);
            match (&mut ours.reliability, theirs.reliability) {
                (Some(ours), Some(theirs)) => ours.merge(&theirs),
                (ours @ None, theirs) => *ours = theirs,
                (Some(_), None) => {}
            }
        }
    }

    /// The pairs as the first system did on them.
    pub(super) fn judged(&self) -> impl Iterator<Item = (&Pair, &Verdict)> {
        let verdicts = self.systems.first().map(|system| &system.verdicts);
        self.pairs.iter().zip(verdicts.into_iter().flatten())
    }
}

impl DocumentReport {
    /// A document of which nothing is known yet.
    pub(super) fn unknown(file_name: String) -> DocumentReport {
        DocumentReport {
            file_name,
            language: "?".to_owned(),
            genre: "?".to_owned(),
            ..DocumentReport::default()
        }
    }

    /// Takes over what a list says of the document; a list says nothing of those it lacks.
    pub fn described(self, list: &CorpusList) -> DocumentReport {
        match list.get(&self.sha256) {
            Some(entry) => DocumentReport {
                language: entry.language.clone(),
                genre: entry.genre.clone(),
                pages: if self.pages == 0 {
                    entry.pages
                } else {
                    self.pages
                },
                ..self
            },
            None => self,
        }
    }

    /// What was measured in a mode.
    pub fn in_mode(&self, mode: Mode) -> Option<&ModeResult> {
        self.modes.iter().find(|result| result.mode == mode)
    }

    /// The first system's sums in a mode.
    pub fn tally(&self, mode: Mode) -> Tally {
        let result = self.in_mode(mode);
        let mut tally = Tally::of(result.into_iter().flat_map(ModeResult::judged));
        tally.add_unread(self.unread_links);
        tally
    }

    /// The first system's pairs in a mode.
    pub(super) fn judged(&self, mode: Mode) -> impl Iterator<Item = (&Pair, &Verdict)> {
        let result = self.in_mode(mode);
        result.into_iter().flat_map(ModeResult::judged)
    }
}

impl SystemReport {
    fn new(name: &str, mode: Mode, documents: &[DocumentReport]) -> SystemReport {
        let seen: Vec<Seen<'_>> = documents
            .iter()
            .filter_map(|document| {
                let result = document.in_mode(mode)?;
                let mut systems = result.systems.iter();
                Some(Seen {
                    document,
                    result,
                    system: systems.find(|system| system.name == name)?,
                })
            })
            .collect();
        let mut reliability: Option<Reliability> = None;
        for own in seen
            .iter()
            .filter_map(|seen| seen.system.reliability.as_ref())
        {
            reliability.get_or_insert_default().merge(own);
        }
        SystemReport {
            name: name.to_owned(),
            mode,
            totals: totals(&seen),
            breakdowns: breakdowns(&seen),
            reliability,
        }
    }

    /// The headline: the group of long documents, else that of all.
    pub fn headline(&self) -> Option<&Group> {
        self.totals.last()
    }

    /// The groups of a split.
    pub fn by(&self, split: SplitBy) -> &[Group] {
        let mut breakdowns = self.breakdowns.iter();
        breakdowns
            .find(|breakdown| breakdown.by == split)
            .map_or(&[], |breakdown| &breakdown.groups)
    }
}

impl Report {
    /// Sums up documents.
    pub fn new(documents: Vec<DocumentReport>) -> Report {
        let mut names: Vec<(Mode, &str)> = Vec::new();
        for result in documents.iter().flat_map(|document| &document.modes) {
            for system in &result.systems {
                let name = (result.mode, system.name.as_str());
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        let systems = names
            .into_iter()
            .map(|(mode, name)| SystemReport::new(name, mode, &documents))
            .collect();
        Report {
            schema: REPORT_SCHEMA.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            systems,
            documents,
        }
    }

    /// The first system in the first mode, of which most is shown.
    pub fn main(&self) -> Option<&SystemReport> {
        self.systems.first()
    }

    /// The mode of which most is shown.
    pub fn main_mode(&self) -> Mode {
        self.main().map_or_else(Mode::default, |main| main.mode)
    }

    /// The modes, in order.
    pub fn modes(&self) -> Vec<Mode> {
        let mut modes: Vec<Mode> = self.systems.iter().map(|system| system.mode).collect();
        modes.dedup();
        modes
    }

    /// The systems in a mode; the first is the one that the report is about.
    pub fn in_mode(&self, mode: Mode) -> impl Iterator<Item = &SystemReport> {
        let systems = self.systems.iter();
        systems.filter(move |system| system.mode == mode)
    }

    /// Writes the report as JSON, a document a line.
    ///
    /// # Errors
    /// When `out` cannot be written to.
    pub fn write_json(&self, out: &mut dyn io::Write) -> io::Result<()> {
        write_line_per_item(self, out)
    }

    /// Reads a report of this version or the one before.
    ///
    /// # Errors
    /// When the text is not JSON of these versions.
    pub fn read_json(text: &str) -> Result<Report, EvaluationFileError> {
        #[derive(Deserialize)]
        struct Head {
            schema: String,
        }
        let head: Head = serde_json::from_str(text)?;
        if head.schema == earlier::SCHEMA {
            return earlier::read_json(text);
        }
        expect_schema(&head.schema, REPORT_SCHEMA)?;
        Ok(serde_json::from_str(text)?)
    }
}
