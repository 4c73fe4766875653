//! Sums pairs up, by document, language, kind and distance, and writes them as JSON and Markdown.

use std::{collections::BTreeMap, fmt::Write as _, io};

use serde::{Deserialize, Serialize};

use super::{
    baselines::{Baseline, BaselineRanks},
    bootstrap::interval,
    file_error::{EvaluationFileError, expect_schema},
    metrics::{Outcome, Pair},
    mode::Mode,
};
use crate::output::json::write_line_per_item;

/// The program's name among the systems.
const OWN_NAME: &str = "docalign";

/// Version of the report's JSON.
pub const REPORT_SCHEMA: &str = "docalign-eval/1";
/// How many of the worst documents the summary names.
const WORST: usize = 10;
/// How many wrong pairs of each of these it names.
const WORST_PAIRS: usize = 5;
/// The headline counts documents of at least this many pages.
const LONG_DOCUMENT: u32 = 20;
/// And is named so.
const LONG_DOCUMENTS: &str = "20 pages or more";
/// Recall is counted among so many visuals.
const RECALL_AT: [u32; 3] = [1, 3, 5];

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
    /// The mode that the next three are of: the first that was asked for.
    #[serde(default)]
    pub mode: Mode,
    /// Its sums.
    pub tally: Tally,
    /// Its pairs.
    pub pairs: Vec<Pair>,
    /// What the baselines say of the pairs.
    #[serde(default)]
    pub baselines: Vec<BaselineRanks>,
    /// The same in the other modes.
    #[serde(default)]
    pub other_modes: Vec<ModeResult>,
}

/// What was measured on one document in one mode.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModeResult {
    /// The mode.
    pub mode: Mode,
    /// Its sums.
    pub tally: Tally,
    /// Its pairs.
    pub pairs: Vec<Pair>,
    /// What the baselines say of the pairs.
    pub baselines: Vec<BaselineRanks>,
}

impl ModeResult {
    /// Sums pairs up.
    pub(super) fn new(
        mode: Mode,
        pairs: Vec<Pair>,
        baselines: Vec<BaselineRanks>,
        unread_links: u32,
    ) -> ModeResult {
        let mut tally = Tally::of(pairs.iter());
        tally.add_unread(unread_links);
        ModeResult {
            mode,
            tally,
            pairs,
            baselines,
        }
    }
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
    /// Pairs whose target is the most probable visual, among the 3, among the 5 most probable.
    #[serde(default)]
    pub recalled: [u32; 3],
    /// Links of the paragraphs with pairs, right or wrong.
    #[serde(default)]
    pub links_made: u32,
    /// Different targets.
    #[serde(default)]
    pub targets: u32,
    /// Targets that no pair gets right: visuals that nobody would find by their paragraphs.
    #[serde(default)]
    pub targets_missed: u32,
    /// Targets whose captions the program has.
    #[serde(default)]
    pub captions_found: u32,
    /// Targets whose pictures or tables it found too.
    #[serde(default)]
    pub visuals_found: u32,
}

/// What the sums need to know of a target.
#[derive(Default)]
struct TargetState {
    reached: bool,
    caption: bool,
    visual: bool,
}

impl Tally {
    /// The sums of some pairs of one document.
    pub(super) fn of<'a>(pairs: impl Iterator<Item = &'a Pair>) -> Tally {
        let mut tally = Tally::default();
        let mut targets: BTreeMap<_, TargetState> = BTreeMap::new();
        let mut paragraphs: BTreeMap<&str, u32> = BTreeMap::new();
        for pair in pairs {
            tally.add(pair);
            let key = (pair.family, &pair.number, pair.target_page);
            let target = targets.entry(key).or_default();
            target.reached |= pair.in_top_k;
            target.caption |= pair.caption_found;
            target.visual |= pair.visual_found;
            if let Some(paragraph) = &pair.paragraph {
                paragraphs.insert(paragraph, pair.links_made);
            }
        }
        let count = |test: fn(&TargetState) -> bool| {
            u32::try_from(targets.values().filter(|t| test(t)).count()).unwrap_or(u32::MAX)
        };
        tally.targets = count(|_| true);
        tally.targets_missed = count(|target| !target.reached);
        tally.captions_found = count(|target| target.caption);
        tally.visuals_found = count(|target| target.visual);
        tally.links_made = paragraphs.values().sum();
        tally
    }

    fn add(&mut self, pair: &Pair) {
        self.pairs += 1;
        self.linked += u32::from(pair.outcome == Outcome::Linked);
        self.errors += u32::from(!pair.in_top_k);
        for (count, n) in self.recalled.iter_mut().zip(RECALL_AT) {
            *count += u32::from(pair.rank.is_some_and(|rank| rank <= n));
        }
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
        for (ours, theirs) in self.recalled.iter_mut().zip(other.recalled) {
            *ours += theirs;
        }
        self.links_made += other.links_made;
        self.targets += other.targets;
        self.targets_missed += other.targets_missed;
        self.captions_found += other.captions_found;
        self.visuals_found += other.visuals_found;
    }

    /// Share of targets that no pair gets right, 0 to 1.
    pub fn target_error_rate(&self) -> f64 {
        share(self.targets_missed, self.targets).unwrap_or(0.0)
    }

    /// Shares of pairs whose target is among the 1, 3 and 5 most probable visuals.
    pub fn recall(&self) -> [f64; 3] {
        self.recalled
            .map(|count| share(count, self.pairs).unwrap_or(1.0))
    }

    /// Share of the links made that are right, of paragraphs with gold. A link to a visual that a
    /// paragraph does discuss without saying so counts as wrong: it is a lower bound.
    pub fn precision(&self) -> f64 {
        share(self.linked.min(self.links_made), self.links_made).unwrap_or(1.0)
    }

    /// Harmonic mean of precision and the linked share.
    pub fn f1(&self) -> f64 {
        let (p, r) = (self.precision(), self.linked_share());
        if p + r > 0.0 {
            2.0 * p * r / (p + r)
        } else {
            0.0
        }
    }

    /// Share of targets whose captions were found.
    pub fn caption_share(&self) -> f64 {
        share(self.captions_found, self.targets).unwrap_or(1.0)
    }

    /// Share of targets whose pictures or tables were found.
    pub fn visual_share(&self) -> f64 {
        share(self.visuals_found, self.targets).unwrap_or(1.0)
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
    /// 95 % interval of the error rate over the choice of documents.
    #[serde(default)]
    pub error_interval: [f64; 2],
}

/// What was measured of one system in one mode.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SystemReport {
    /// `docalign` or a baseline.
    pub name: String,
    /// What it saw of the mentions.
    pub mode: Mode,
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
    /// By the sort of document.
    pub genres: Vec<Group>,
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
    /// By the sort of document.
    #[serde(default)]
    pub genres: Vec<Group>,
    /// The program and the baselines in each mode; the first is what the groups above show.
    #[serde(default)]
    pub systems: Vec<SystemReport>,
    /// Every document, in the order given.
    pub documents: Vec<DocumentReport>,
}

impl DocumentReport {
    /// Takes up the pairs of a document that was measured in one mode only.
    pub(super) fn with_pairs(self, pairs: Vec<Pair>) -> DocumentReport {
        self.with_modes(vec![ModeResult::new(Mode::Open, pairs, Vec::new(), 0)])
    }

    /// Takes up the results of all modes.
    pub(super) fn with_modes(mut self, results: Vec<ModeResult>) -> DocumentReport {
        let mut results = results.into_iter();
        if let Some(first) = results.next() {
            self.mode = first.mode;
            self.tally = first.tally;
            self.pairs = first.pairs;
            self.baselines = first.baselines;
        }
        self.other_modes = results.collect();
        self
    }

    /// Pairs and baselines in a mode.
    pub fn in_mode(&self, mode: Mode) -> (&[Pair], &[BaselineRanks]) {
        if self.mode == mode {
            return (&self.pairs, &self.baselines);
        }
        let other = self.other_modes.iter().find(|other| other.mode == mode);
        other.map_or((&[], &[]), |other| (&other.pairs, &other.baselines))
    }

    /// The document as one system did on it.
    fn seen_by(&self, mode: Mode, system: Option<Baseline>) -> DocumentReport {
        let (pairs, baselines) = self.in_mode(mode);
        let ranks = baselines
            .iter()
            .find(|ranks| Some(ranks.baseline) == system);
        let pairs = match (system, ranks) {
            (None, _) => pairs.to_vec(),
            (Some(_), ranks) => pairs
                .iter()
                .enumerate()
                .map(|(at, pair)| {
                    let rank = ranks.and_then(|ranks| ranks.ranks.get(at).copied().flatten());
                    ranked(pair, rank)
                })
                .collect(),
        };
        DocumentReport {
            language: self.language.clone(),
            genre: self.genre.clone(),
            pages: self.pages,
            unread_links: self.unread_links,
            mode,
            pairs,
            ..DocumentReport::default()
        }
    }
}

/// A pair as a system did on it that only ranks: its first k are its links.
fn ranked(pair: &Pair, rank: Option<u32>) -> Pair {
    let in_top_k = rank.is_some_and(|rank| rank <= pair.k);
    let unable = matches!(
        pair.outcome,
        Outcome::DocumentFailed | Outcome::NoParagraph | Outcome::NoSuchVisual
    );
    Pair {
        rank,
        in_top_k,
        links_made: pair.k,
        outcome: match (in_top_k, unable) {
            (true, _) => Outcome::Linked,
            (false, true) => pair.outcome,
            (false, false) if rank.is_none() => Outcome::NoLink,
            (false, false) => Outcome::WrongLink,
        },
        ..pair.clone()
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
            let mut own: BTreeMap<String, Vec<&Pair>> = BTreeMap::new();
            for pair in &document.pairs {
                if let Some(name) = (self.group_of)(document, Some(pair)) {
                    own.entry(name).or_default().push(pair);
                }
            }
            if document.unread_links > 0
                && let Some(name) = (self.group_of)(document, None)
            {
                own.entry(name).or_default();
            }
            let unread = (self.group_of)(document, None);
            for (name, pairs) in own {
                let mut tally = Tally::of(pairs.into_iter());
                if unread.as_ref() == Some(&name) {
                    tally.add_unread(document.unread_links);
                }
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
    let rates: Vec<(u32, u32)> = tallies.iter().map(|t| (t.errors, t.pairs)).collect();
    let mean =
        |of: fn(&Tally) -> f64| tallies.iter().map(of).sum::<f64>() / tallies.len().max(1) as f64;
    Group {
        name,
        documents: u32::try_from(tallies.len()).unwrap_or(u32::MAX),
        macro_linked: mean(Tally::linked_share),
        macro_error: mean(Tally::error_rate),
        error_interval: interval(&rates),
        tally: sum,
    }
}

impl SystemReport {
    fn new(documents: &[DocumentReport], mode: Mode, system: Option<Baseline>) -> SystemReport {
        let documents: Vec<DocumentReport> = documents
            .iter()
            .map(|document| document.seen_by(mode, system))
            .collect();
        let by = |group_of: fn(&DocumentReport, Option<&Pair>) -> Option<String>| {
            Grouping {
                documents: &documents,
                group_of,
            }
            .groups()
        };
        let mut totals = by(|_, _| Some("all documents".to_owned()));
        totals.extend(by(|document, _| {
            (document.pages >= LONG_DOCUMENT).then(|| LONG_DOCUMENTS.to_owned())
        }));
        let mut lengths = by(|document, _| Some(length_class(document.pages).to_owned()));
        lengths.sort_by_key(|group| LENGTHS.iter().position(|(_, name)| *name == group.name));
        SystemReport {
            name: system.map_or(OWN_NAME, Baseline::name).to_owned(),
            mode,
            totals,
            languages: by(|document, _| Some(document.language.clone())),
            lengths,
            kinds: by(|_, pair| Some(pair?.family.name().to_owned())),
            distances: by(|_, pair| Some(distance_class(pair?.distance()).to_owned())),
            genres: by(|document, _| Some(document.genre.clone())),
        }
    }

    /// The headline: the group of long documents, else that of all.
    pub fn headline(&self) -> Option<&Group> {
        self.totals.last()
    }
}

impl Report {
    /// Sums up documents.
    pub fn new(documents: Vec<DocumentReport>) -> Report {
        let modes = Mode::ALL.into_iter().filter(|mode| {
            documents
                .iter()
                .any(|d| d.mode == *mode || d.other_modes.iter().any(|other| other.mode == *mode))
        });
        let main_mode = documents
            .iter()
            .find(|document| !document.pairs.is_empty())
            .map_or(Mode::Open, |document| document.mode);
        let mut systems: Vec<SystemReport> = Vec::new();
        for mode in modes {
            systems.push(SystemReport::new(&documents, mode, None));
            let measured = documents
                .iter()
                .any(|document| !document.in_mode(mode).1.is_empty());
            for baseline in Baseline::ALL.into_iter().filter(|_| measured) {
                systems.push(SystemReport::new(&documents, mode, Some(baseline)));
            }
        }
        systems.sort_by_key(|system| system.mode != main_mode);
        let main = systems
            .first()
            .cloned()
            .unwrap_or_else(|| SystemReport::new(&documents, main_mode, None));
        Report {
            schema: REPORT_SCHEMA.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            totals: main.totals,
            languages: main.languages,
            lengths: main.lengths,
            kinds: main.kinds,
            distances: main.distances,
            genres: main.genres,
            systems,
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
    pub fn breakdowns(&self) -> [(&'static str, &[Group]); 5] {
        [
            ("Pages of the document", &self.lengths),
            ("Pages from paragraph to visual", &self.distances),
            ("Language", &self.languages),
            ("Kind of visual", &self.kinds),
            ("Sort of document", &self.genres),
        ]
    }

    /// The summary for people.
    pub fn to_markdown(&self) -> String {
        let mut text = String::from("# Association of paragraphs and visuals\n\n");
        text.push_str(
            "A pair is a paragraph that holds gold links and a visual that they mean. *Linked*: \
             the program links the paragraph with the visual. *Error*: the visual is not among the \
             paragraph's k most probable ones (k = its gold visuals). Micro: each pair counts the \
             same; macro: each document. Brackets: 95 % interval over the choice of documents.\n\n",
        );
        self.write_systems(&mut text);
        write_groups(&mut text, "", &self.totals);
        for (title, groups) in self.breakdowns() {
            write_groups(&mut text, title, groups);
        }
        self.write_causes(&mut text);
        self.write_worst(&mut text);
        self.write_failed(&mut text);
        text
    }

    /// The headline of every system, and what else is measured of it.
    fn write_systems(&self, text: &mut String) {
        let percent = |rate: f64| format!("{:.1} %", rate * 100.0);
        let headline = self.systems.iter().filter_map(SystemReport::headline);
        let name = headline.map(|group| group.name.as_str()).next();
        put(
            text,
            format_args!("## Systems ({})\n\n", name.unwrap_or("no documents")),
        );
        text.push_str(
            "| system | mode | documents | pairs | error | interval | macro | visuals missed | \
             recall at 1 | 3 | 5 | precision | recall | F1 | captions | visuals |\n\
             |---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n",
        );
        for system in &self.systems {
            let Some(group) = system.headline() else {
                continue;
            };
            let tally = &group.tally;
            let [low, high] = group.error_interval;
            let mut cells = vec![
                system.name.clone(),
                system.mode.name().to_owned(),
                group.documents.to_string(),
                tally.pairs.to_string(),
                percent(tally.error_rate()),
                format!("[{:.1}, {:.1}]", low * 100.0, high * 100.0),
                percent(group.macro_error),
                percent(tally.target_error_rate()),
            ];
            cells.extend(tally.recall().map(percent));
            cells.extend([tally.precision(), tally.linked_share(), tally.f1()].map(percent));
            cells.extend([tally.caption_share(), tally.visual_share()].map(percent));
            put(text, format_args!("| {} |\n", cells.join(" | ")));
        }
        text.push('\n');
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
