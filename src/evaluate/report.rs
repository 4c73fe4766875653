//! Sums pairs up, by document, language, kind and distance, and writes them as JSON and Markdown.

use std::{collections::BTreeMap, fmt::Write as _, io};

use serde::{Deserialize, Serialize};

use super::{
    file_error::{EvaluationFileError, expect_schema},
    metrics::{Outcome, Pair},
};
use crate::output::json::write_line_per_item;

/// Version of the report's JSON.
pub const REPORT_SCHEMA: &str = "docalign-eval/1";
/// How many of the worst documents the summary names.
const WORST: usize = 10;
/// How many wrong pairs of each of these it names.
const WORST_PAIRS: usize = 5;
/// The headline counts documents of at least this many pages.
const LONG_DOCUMENT: u32 = 20;

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
    pub error: Option<String>,
    /// Errors that stand for the gold links of a document of which not even those could be read.
    pub unread_links: u32,
    /// Its sums.
    pub tally: Tally,
    /// Its pairs.
    pub pairs: Vec<Pair>,
}

/// Sums over pairs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    /// All pairs.
    pub pairs: u32,
    /// Pairs that the program links.
    pub linked: u32,
    /// Pairs whose target is not among the k most probable visuals of the paragraph.
    pub errors: u32,
    /// Pairs by what went wrong first.
    pub causes: BTreeMap<Outcome, u32>,
}

impl Tally {
    fn add(&mut self, pair: &Pair) {
        self.pairs += 1;
        self.linked += u32::from(pair.outcome == Outcome::Linked);
        self.errors += u32::from(!pair.in_top_k);
        *self.causes.entry(pair.outcome).or_default() += 1;
    }

    /// Adds another's sums.
    pub(super) fn merge(&mut self, other: &Tally) {
        self.pairs += other.pairs;
        self.linked += other.linked;
        self.errors += other.errors;
        for (cause, count) in &other.causes {
            *self.causes.entry(*cause).or_default() += count;
        }
    }

    fn add_unread(&mut self, links: u32) {
        self.pairs += links;
        self.errors += links;
        if links > 0 {
            *self.causes.entry(Outcome::DocumentFailed).or_default() += links;
        }
    }

    /// Share of pairs that the program links, 0 to 1; 1 for none.
    pub fn linked_share(&self) -> f64 {
        share(self.linked, self.pairs).unwrap_or(1.0)
    }

    /// Association error rate, 0 to 1; 0 for no pairs.
    pub fn error_rate(&self) -> f64 {
        share(self.errors, self.pairs).unwrap_or(0.0)
    }
}

fn share(part: u32, whole: u32) -> Option<f64> {
    (whole > 0).then(|| f64::from(part) / f64::from(whole))
}

/// Documents or pairs that have something in common.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// What they have in common.
    pub name: String,
    /// Documents with pairs in the group.
    pub documents: u32,
    /// Their sums, each pair counting the same.
    pub tally: Tally,
    /// Mean of the documents' linked shares, each document counting the same.
    pub macro_linked: f64,
    /// Mean of the documents' error rates, each document counting the same.
    pub macro_error: f64,
}

/// What was measured on a corpus.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// `docalign-eval/1`.
    pub schema: String,
    /// Version of the program.
    pub version: String,
    /// All documents, then those that are long.
    pub totals: Vec<Group>,
    /// By language.
    pub languages: Vec<Group>,
    /// By the documents' number of pages.
    pub lengths: Vec<Group>,
    /// By the kind of visual.
    pub kinds: Vec<Group>,
    /// By the number of pages from paragraph to visual.
    pub distances: Vec<Group>,
    /// Every document, in the order given.
    pub documents: Vec<DocumentReport>,
}

impl DocumentReport {
    /// Sums up a document's pairs.
    pub(super) fn with_pairs(mut self, pairs: Vec<Pair>) -> DocumentReport {
        self.tally = Tally::default();
        for pair in &pairs {
            self.tally.add(pair);
        }
        self.tally.add_unread(self.unread_links);
        self.pairs = pairs;
        self
    }
}

/// Sums over groups of pairs: per document first, for the macro means.
struct Grouping<'a, F> {
    documents: &'a [DocumentReport],
    group_of: F,
}

impl<F: Fn(&DocumentReport, Option<&Pair>) -> Option<String>> Grouping<'_, F> {
    fn groups(&self) -> Vec<Group> {
        let mut tallies: BTreeMap<String, Vec<Tally>> = BTreeMap::new();
        for document in self.documents {
            let mut own: BTreeMap<String, Tally> = BTreeMap::new();
            for pair in &document.pairs {
                if let Some(name) = (self.group_of)(document, Some(pair)) {
                    own.entry(name).or_default().add(pair);
                }
            }
            if document.unread_links > 0
                && let Some(name) = (self.group_of)(document, None)
            {
                own.entry(name)
                    .or_default()
                    .add_unread(document.unread_links);
            }
            for (name, tally) in own {
                tallies.entry(name).or_default().push(tally);
            }
        }
        tallies
            .into_iter()
            .map(|(name, tallies)| group(name, &tallies))
            .collect()
    }
}

fn group(name: String, tallies: &[Tally]) -> Group {
    let mut sum = Tally::default();
    for tally in tallies {
        sum.merge(tally);
    }
    let mean =
        |of: fn(&Tally) -> f64| tallies.iter().map(of).sum::<f64>() / tallies.len().max(1) as f64;
    Group {
        name,
        documents: u32::try_from(tallies.len()).unwrap_or(u32::MAX),
        macro_linked: mean(Tally::linked_share),
        macro_error: mean(Tally::error_rate),
        tally: sum,
    }
}

impl Report {
    /// Sums up documents.
    pub fn new(documents: Vec<DocumentReport>) -> Report {
        let by = |group_of: fn(&DocumentReport, Option<&Pair>) -> Option<String>| {
            Grouping {
                documents: &documents,
                group_of,
            }
            .groups()
        };
        let mut totals = by(|_, _| Some("all documents".to_owned()));
        totals.extend(by(|document, _| {
            (document.pages >= LONG_DOCUMENT).then(|| format!("{LONG_DOCUMENT} pages or more"))
        }));
        let mut lengths = by(|document, _| Some(length_class(document.pages).to_owned()));
        lengths.sort_by_key(|group| LENGTHS.iter().position(|(_, name)| *name == group.name));
        Report {
            schema: REPORT_SCHEMA.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            totals,
            languages: by(|document, _| Some(document.language.clone())),
            lengths,
            kinds: by(|_, pair| Some(pair?.family.name().to_owned())),
            distances: by(|_, pair| Some(distance_class(pair?.distance()).to_owned())),
            documents,
        }
    }

    /// Writes the report as JSON, a document a line.
    ///
    /// # Errors
    /// When `out` cannot be written to.
    pub fn write_json(&self, out: &mut dyn io::Write) -> io::Result<()> {
        write_line_per_item(self, out)
    }

    /// Reads a report.
    ///
    /// # Errors
    /// When the text is not JSON of this version.
    pub fn read_json(text: &str) -> Result<Report, EvaluationFileError> {
        let report: Report = serde_json::from_str(text)?;
        expect_schema(&report.schema, REPORT_SCHEMA)?;
        Ok(report)
    }

    /// The ways in which the pairs are divided, with their titles.
    pub fn breakdowns(&self) -> [(&'static str, &[Group]); 4] {
        [
            ("Pages of the document", &self.lengths),
            ("Pages from paragraph to visual", &self.distances),
            ("Language", &self.languages),
            ("Kind of visual", &self.kinds),
        ]
    }

    /// The summary for people.
    pub fn to_markdown(&self) -> String {
        let mut text = String::from("# Association of paragraphs and visuals\n\n");
        text.push_str(
            "A pair is a paragraph that holds gold links and a visual that they mean. *Linked*: \
             the program links the paragraph with the visual. *Error*: the visual is not among the \
             paragraph's k most probable ones (k = its gold visuals). Micro: each pair counts the \
             same; macro: each document.\n\n",
        );
        write_groups(&mut text, "", &self.totals);
        for (title, groups) in self.breakdowns() {
            write_groups(&mut text, title, groups);
        }
        self.write_causes(&mut text);
        self.write_worst(&mut text);
        self.write_failed(&mut text);
        text
    }

    fn write_causes(&self, text: &mut String) {
        let Some(all) = self.totals.first() else {
            return;
        };
        text.push_str("## Causes\n\n| outcome | pairs |\n|---|---:|\n");
        for outcome in Outcome::ALL {
            let count = all.tally.causes.get(&outcome).copied().unwrap_or(0);
            put(text, format_args!("| {} | {count} |\n", outcome.name()));
        }
        text.push('\n');
    }

    fn write_worst(&self, text: &mut String) {
        let mut worst: Vec<&DocumentReport> = self
            .documents
            .iter()
            .filter(|document| document.tally.linked < document.tally.pairs)
            .collect();
        // By pairs not linked: a corpus improves most where most is lost.
        worst.sort_by_key(|document| {
            std::cmp::Reverse(document.tally.pairs - document.tally.linked)
        });
        put(
            text,
            format_args!("## The {WORST} documents with most pairs not linked\n\n"),
        );
        for document in worst.iter().take(WORST) {
            put(
                text,
                format_args!(
                    "- **{}** ({}, {} pages): {} of {} linked\n",
                    document.file_name,
                    document.language,
                    document.pages,
                    document.tally.linked,
                    document.tally.pairs
                ),
            );
            let wrong = document
                .pairs
                .iter()
                .filter(|pair| pair.outcome != Outcome::Linked);
            for pair in wrong.take(WORST_PAIRS) {
                put(
                    text,
                    format_args!(
                        "  - page {}: {}: {}\n",
                        pair.page.number(),
                        pair.target_name(),
                        pair.outcome.name()
                    ),
                );
            }
        }
        text.push('\n');
    }

    fn write_failed(&self, text: &mut String) {
        let failed: Vec<&DocumentReport> = self
            .documents
            .iter()
            .filter(|document| document.error.is_some())
            .collect();
        if failed.is_empty() {
            return;
        }
        text.push_str("## Documents that failed\n\n");
        for document in failed {
            put(
                text,
                format_args!(
                    "- **{}**: {}\n",
                    document.file_name,
                    document.error.as_deref().unwrap_or_default()
                ),
            );
        }
        text.push('\n');
    }
}

fn write_groups(text: &mut String, title: &str, groups: &[Group]) {
    if !title.is_empty() {
        put(text, format_args!("## {title}\n\n"));
    }
    text.push_str(
        "| | documents | pairs | linked | macro | error | macro |\n|---|---:|---:|---:|---:|---:|---:|\n",
    );
    for group in groups {
        put(
            text,
            format_args!(
                "| {} | {} | {} | {:.1} % | {:.1} % | {:.1} % | {:.1} % |\n",
                group.name,
                group.documents,
                group.tally.pairs,
                group.tally.linked_share() * 100.0,
                group.macro_linked * 100.0,
                group.tally.error_rate() * 100.0,
                group.macro_error * 100.0
            ),
        );
    }
    text.push('\n');
}

fn put(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = text.write_fmt(arguments);
}

/// Classes of documents by their number of pages: the first number past each, and its name.
const LENGTHS: [(u32, &str); 4] = [
    (20, "1 to 19"),
    (50, "20 to 49"),
    (200, "50 to 199"),
    (u32::MAX, "200 and more"),
];

fn length_class(pages: u32) -> &'static str {
    LENGTHS
        .iter()
        .find(|(end, _)| pages < *end)
        .map_or("", |(_, name)| name)
}

fn distance_class(pages: u32) -> &'static str {
    match pages {
        0 => "0",
        1 => "1",
        2..=5 => "2 to 5",
        _ => "6 and more",
    }
}
