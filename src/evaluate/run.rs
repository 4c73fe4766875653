//! Evaluates many documents.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use sha2::{Digest, Sha256};

use super::{
    corpus_list::CorpusList,
    gold::{Gold, gold_from_annotations},
    metrics::{evaluate, evaluate_failed},
    report::{DocumentReport, Report, Tally},
};
use crate::{
    pdf::{self, PdfSource, ReadOptions, read_structure},
    pipeline::{AlignOptions, AlignedDocument, align},
};

/// How to evaluate.
#[derive(Debug, Clone, Default)]
pub struct EvaluateOptions {
    /// What is known of the documents.
    pub list: CorpusList,
    /// How to align them. Annotations are hidden in any case.
    pub align: AlignOptions,
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

fn evaluate_file(path: &Path, options: &EvaluateOptions) -> DocumentReport {
    let blank = DocumentReport {
        file_name: file_name(path),
        sha256: String::new(),
        language: "?".to_owned(),
        genre: "?".to_owned(),
        pages: 0,
        error: None,
        unread_links: 0,
        tally: Tally::default(),
        pairs: Vec::new(),
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
    let blank = described(blank, &source, options);
    let aligned = fenced(|| {
        let mut align_options = options.align.clone();
        align_options.read.ignore_annotations = true;
        align(source.clone(), &align_options, &|_, _| {}).map_err(|error| error.to_string())
    });
    match aligned {
        Ok(aligned) => compare(blank, &aligned),
        Err(error) => failed(blank, &source, error, options),
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

fn compare(report: DocumentReport, aligned: &AlignedDocument) -> DocumentReport {
    let pages = aligned.document.page_count;
    let report = DocumentReport { pages, ..report };
    match read_structure(&aligned.source, pages) {
        Ok(structure) => {
            let gold = gold_from_annotations(
                &aligned.source.file_name,
                &aligned.document,
                &structure.links,
            );
            report.with_pairs(evaluate(aligned, &gold))
        }
        // No gold can be had: the document says nothing, good or bad.
        Err(error) => DocumentReport {
            error: Some(format!("no gold: {error}")),
            ..report
        },
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
    let report = DocumentReport {
        error: Some(error),
        ..report
    };
    match fenced(|| gold_of(source)) {
        Ok(gold) => report.with_pairs(evaluate_failed(&gold)),
        Err(_) => {
            let expected = options
                .list
                .get(&report.sha256)
                .map_or(0, |entry| entry.expected_links);
            DocumentReport {
                unread_links: expected,
                ..report
            }
            .with_pairs(Vec::new())
        }
    }
}
