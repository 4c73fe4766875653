//! Evaluates many documents.

use std::{
    collections::{BTreeMap, BTreeSet},
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use sha2::{Digest, Sha256};

use super::{
    baselines::{Baseline, BaselineRanks, rank},
    corpus_list::CorpusList,
    gold::{Gold, GoldLink, gold_from_annotations},
    metrics::{Holding, Pair, cases, failed_pairs, folds, judge_all},
    mode::Mode,
    report::{DocumentReport, ModeResult, Report},
    view::AlignmentView,
};
use crate::{
    blind::{Scope, hide_mentions},
    geometry::Region,
    pdf::{self, Document, PdfSource, ReadOptions, read_structure},
    pipeline::{AlignOptions, AlignedDocument, align_document},
    segment::ParagraphId,
};

/// In part-blind mode the paragraphs are hidden in so many parts.
pub(super) const FOLDS: u64 = 5;

/// How to evaluate.
#[derive(Debug, Clone)]
pub struct EvaluateOptions {
    /// What is known of the documents.
    pub list: CorpusList,
    /// What the program sees of the mentions; the first is the one in the report's main tables.
    pub modes: Vec<Mode>,
    /// How to align them. Annotations are hidden in any case.
    pub align: AlignOptions,
}

impl Default for EvaluateOptions {
    fn default() -> EvaluateOptions {
        EvaluateOptions {
            list: CorpusList::default(),
            modes: Mode::ALL.to_vec(),
            align: AlignOptions::default(),
        }
    }
}

/// Why a document's gold cannot be had.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {cause}", path = .path.display())]
pub struct EvaluateError {
    path: PathBuf,
    cause: String,
}

/// Reads the gold of one file from its link annotations.
///
/// # Errors
/// When the file, its text or its annotations cannot be read.
pub fn read_gold(path: &Path) -> Result<Gold, EvaluateError> {
    let error = |cause: String| EvaluateError {
        path: path.to_owned(),
        cause,
    };
    let source = read_source(path).map_err(error)?;
    gold_of(&source).map_err(error)
}

/// Aligns files without showing the program their link annotations, and compares the result with
/// them. `progress` is called from any thread after each document.
///
/// The report is in the order of `files`, whatever the number of threads.
pub fn run(files: &[PathBuf], options: &EvaluateOptions, progress: &(dyn Fn() + Sync)) -> Report {
    let next = AtomicUsize::new(0);
    let done: Mutex<BTreeMap<usize, DocumentReport>> = Mutex::default();
    // Threads of their own rather than the pool's: a thread of the pool that waits for a
    // document's pages would begin another document in the meantime, and so on, until its stack
    // is full.
    std::thread::scope(|scope| {
        for _ in 0..rayon::current_num_threads().min(files.len()) {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(path) = files.get(at) else {
                        return;
                    };
                    let report = evaluate_file(path, options);
                    done.lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .insert(at, report);
                    progress();
                }
            });
        }
    });
    let documents = done
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner)
        .into_values()
        .collect();
    Report::new(documents)
}

pub(super) fn read_source(path: &Path) -> Result<PdfSource, String> {
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    Ok(PdfSource {
        file_name: file_name(path),
        bytes: Arc::new(bytes),
        password: String::new(),
    })
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

fn gold_of(source: &PdfSource) -> Result<Gold, String> {
    let options = ReadOptions {
        ignore_annotations: true,
        ..ReadOptions::default()
    };
    let document = pdf::read(source, &options, &|_, _| {}).map_err(|error| error.to_string())?;
    let structure = read_structure(source, document.page_count)?;
    Ok(gold_from_annotations(
        &source.file_name,
        &document,
        &structure.links,
    ))
}

/// What is needed of a document in every mode.
struct Subject {
    source: PdfSource,
    document: Document,
    gold: Gold,
}

fn evaluate_file(path: &Path, options: &EvaluateOptions) -> DocumentReport {
    let blank = DocumentReport {
        file_name: file_name(path),
        language: "?".to_owned(),
        genre: "?".to_owned(),
        ..DocumentReport::default()
    };
    let source = match read_source(path) {
        Ok(source) => source,
        Err(error) => {
            return DocumentReport {
                error: Some(error),
                ..blank
            };
        }
    };
    let report = described(blank, &source, options);
    let read_options = ReadOptions {
        ignore_annotations: true,
        ..options.align.read.clone()
    };
    let document =
        fenced(|| pdf::read(&source, &read_options, &|_, _| {}).map_err(|error| error.to_string()));
    match document {
        Ok(document) => compare(report, source, document, &options.modes),
        Err(error) => failed(report, &source, error, options),
    }
}

/// Runs one document's work so that its panic is that document's failure only.
fn fenced<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err("stopped at an inner error".to_owned()))
}

/// The hash by which files, lists and gold find each other.
pub(super) fn sha256_hex(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn described(
    blank: DocumentReport,
    source: &PdfSource,
    options: &EvaluateOptions,
) -> DocumentReport {
    let sha256 = sha256_hex(&source.bytes);
    let entry = options.list.get(&sha256);
    DocumentReport {
        language: entry.map_or("?".to_owned(), |entry| entry.language.clone()),
        genre: entry.map_or("?".to_owned(), |entry| entry.genre.clone()),
        sha256,
        ..blank
    }
}

fn compare(
    report: DocumentReport,
    source: PdfSource,
    document: Document,
    modes: &[Mode],
) -> DocumentReport {
    let report = DocumentReport {
        pages: document.page_count,
        ..report
    };
    let gold = fenced(|| {
        let structure = read_structure(&source, document.page_count)?;
        Ok(gold_from_annotations(
            &source.file_name,
            &document,
            &structure.links,
        ))
    });
    let gold = match gold {
        Ok(gold) => gold,
        // No gold can be had: the document says nothing, good or bad.
        Err(error) => {
            return DocumentReport {
                error: Some(format!("no gold: {error}")),
                ..report
            };
        }
    };
    let subject = Subject {
        source,
        document,
        gold,
    };
    // Where nothing is scored nothing need be done.
    if subject.gold.links.is_empty() {
        return report;
    }
    let mut error = None;
    let results = modes
        .iter()
        .map(|mode| {
            let judged = fenced(|| Ok(subject.judge(*mode)));
            let judged = judged.unwrap_or_else(|cause| {
                error = Some(format!("{}: {cause}", mode.name()));
                Judged::failed(&subject.gold.links)
            });
            ModeResult::new(*mode, judged.pairs, judged.baselines, 0)
        })
        .collect();
    DocumentReport { error, ..report }.with_modes(results)
}

/// The pairs of a mode, and what the baselines say of each.
#[derive(Default)]
struct Judged {
    pairs: Vec<Pair>,
    baselines: Vec<BaselineRanks>,
}

impl Judged {
    fn of(aligned: &AlignedDocument, links: &[&GoldLink], holding: Holding) -> Judged {
        let view = AlignmentView::from(aligned);
        let cases = cases(&view, links.iter().copied(), holding);
        Judged {
            pairs: judge_all(&view, &cases),
            baselines: rank(aligned, &cases),
        }
    }

    fn failed(links: &[GoldLink]) -> Judged {
        let pairs = failed_pairs(links);
        let none = |baseline| BaselineRanks {
            baseline,
            ranks: vec![None; pairs.len()],
        };
        Judged {
            baselines: Baseline::ALL.into_iter().map(none).collect(),
            pairs,
        }
    }

    fn extend(&mut self, other: Judged) {
        self.pairs.extend(other.pairs);
        if self.baselines.is_empty() {
            self.baselines = other.baselines;
            return;
        }
        for (ours, theirs) in self.baselines.iter_mut().zip(other.baselines) {
            ours.ranks.extend(theirs.ranks);
        }
    }
}

impl Subject {
    fn judge(&self, mode: Mode) -> Judged {
        let links: Vec<&GoldLink> = self.gold.links.iter().collect();
        match mode {
            Mode::Open => {
                let aligned = align_document(self.source.clone(), self.document.clone());
                Judged::of(&aligned, &links, Holding::Strict)
            }
            Mode::Blind => self.judge_hidden(Scope::Everywhere, &links),
            Mode::PartBlind => self.judge_parts(),
        }
    }

    /// Hides the mentions in scope and all words of the links, then scores these.
    fn judge_hidden(&self, scope: Scope<'_>, links: &[&GoldLink]) -> Judged {
        let words: Vec<Region> = links
            .iter()
            .map(|link| Region {
                page: link.page,
                bbox: link.bbox,
            })
            .collect();
        let mut document = self.document.clone();
        hide_mentions(&mut document, scope, &words);
        let aligned = align_document(self.source.clone(), document);
        Judged::of(&aligned, links, Holding::Nearest)
    }

    fn judge_parts(&self) -> Judged {
        let open = align_document(self.source.clone(), self.document.clone());
        let folds = folds(&AlignmentView::from(&open), &self.gold.links, FOLDS);
        let mut judged = Judged::default();
        for fold in 0..FOLDS {
            let mut links: Vec<&GoldLink> = Vec::new();
            let mut paragraphs: BTreeSet<ParagraphId> = BTreeSet::new();
            for (link, (_, paragraph)) in self
                .gold
                .links
                .iter()
                .zip(&folds)
                .filter(|(_, (of, _))| *of == fold)
            {
                links.push(link);
                paragraphs.extend(paragraph);
            }
            if links.is_empty() {
                continue;
            }
            let lines: Vec<Region> = paragraphs
                .iter()
                .filter_map(|id| open.paragraphs.get(id.0 as usize))
                .flat_map(|paragraph| &paragraph.lines)
                .map(|line| line.region)
                .collect();
            judged.extend(self.judge_hidden(Scope::Lines(&lines), &links));
        }
        judged
    }
}

/// A document that fails is an error for all of its pairs; where not even its gold can be read,
/// for as many as the list expects.
fn failed(
    report: DocumentReport,
    source: &PdfSource,
    error: String,
    options: &EvaluateOptions,
) -> DocumentReport {
    let gold = fenced(|| gold_of(source)).ok();
    let expected = options
        .list
        .get(&report.sha256)
        .map_or(0, |entry| entry.expected_links);
    let unread_links = if gold.is_some() { 0 } else { expected };
    let links = gold.map_or(Vec::new(), |gold| gold.links);
    let results = options
        .modes
        .iter()
        .map(|mode| {
            let judged = Judged::failed(&links);
            ModeResult::new(*mode, judged.pairs, judged.baselines, unread_links)
        })
        .collect();
    DocumentReport {
        error: Some(error),
        unread_links,
        ..report
    }
    .with_modes(results)
}
