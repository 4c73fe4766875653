//! Evaluates one document in all modes.

use std::{
    collections::BTreeSet,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::Arc,
};

use super::{
    cases::folds,
    gold::{Gold, GoldLink, Origin, gold_from_annotations},
    holder::Holding,
    measure::{Scene, failed},
    mode::Mode,
    report::{DocumentReport, ModeResult},
    view::AlignmentView,
};
use crate::{
    blind::{Scope, hide_mentions},
    detect::{Seen, look},
    geometry::Region,
    pdf::{self, Document, PdfSource, ReadError, ReadOptions, read_structure},
    pipeline::{AlignedDocument, Models, align_document},
    segment::{ParagraphId, segment},
};

/// In part-blind mode the paragraphs are hidden in so many parts.
pub(super) const FOLDS: u64 = 5;

/// The gold of a file.
///
/// # Errors
/// When the file, its text or its annotations cannot be read.
pub fn gold_of(source: &PdfSource) -> Result<Gold, String> {
    let document = read(source).map_err(|error| error.to_string())?;
    annotated(source, &document)
}

pub(super) fn read_source(path: &Path) -> Result<PdfSource, String> {
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    Ok(PdfSource {
        file_name: path
            .file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
        bytes: Arc::new(bytes),
        password: String::new(),
    })
}

/// The document as the program sees it: without its link annotations.
fn read(source: &PdfSource) -> Result<Document, ReadError> {
    let options = ReadOptions {
        ignore_annotations: true,
        ..ReadOptions::default()
    };
    pdf::read(source, &options, &|_, _| {})
}

fn annotated(source: &PdfSource, document: &Document) -> Result<Gold, String> {
    let structure = read_structure(source, document.page_count)?;
    Ok(gold_from_annotations(
        &source.file_name,
        document,
        &structure.links,
    ))
}

/// Aligns a document without showing the program its link annotations, and compares the result
/// with them, or with `gold` where it is given.
///
/// What the report says of language and genre is for others to fill in.
///
/// # Errors
/// When the document cannot be read.
pub fn evaluate_document(
    source: PdfSource,
    gold: Option<Gold>,
    modes: &[Mode],
    models: &Models,
) -> Result<DocumentReport, ReadError> {
    let document = read(&source)?;
    let mut report = DocumentReport {
        sha256: document.sha256.clone(),
        pages: document.page_count,
        ..DocumentReport::unknown(source.file_name.clone())
    };
    let gold = match gold {
        Some(gold) => Ok(gold),
        None => fenced(|| annotated(&source, &document)),
    };
    let gold = match gold {
        Ok(gold) => gold,
        // No gold can be had: the document says nothing, good or bad.
        Err(error) => {
            report.error = Some(format!("no gold: {error}"));
            return Ok(report);
        }
    };
    // Where nothing is scored nothing need be done.
    if gold.links.is_empty() {
        return Ok(report);
    }
    // No mention can be read on the small images, so that one look serves all modes.
    let paragraphs = segment(&document);
    let seen = fenced(|| {
        let seen = look(&source, &document, &paragraphs, &models.look, &|_, _| {});
        seen.map_err(|error| error.to_string())
    });
    let seen = match seen {
        Ok(seen) => seen,
        Err(error) => {
            report.modes = modes
                .iter()
                .map(|mode| failed(*mode, &gold.links))
                .collect();
            report.error = Some(error);
            return Ok(report);
        }
    };
    let subject = Subject {
        source,
        document,
        gold,
        seen,
        models,
    };
    for mode in modes {
        let result = fenced(|| subject.measure(*mode)).unwrap_or_else(|cause| {
            report.error = Some(format!("{}: {cause}", mode.name()));
            failed(*mode, &subject.gold.links)
        });
        report.modes.push(result);
    }
    Ok(report)
}

/// The report of a document that could not be evaluated: all of its pairs are errors; where not
/// even its gold can be had, as many as are expected.
pub fn failed_document(
    file_name: String,
    gold: Option<&Gold>,
    expected_links: u32,
    modes: &[Mode],
    error: String,
) -> DocumentReport {
    let links = gold.map_or(&[][..], |gold| &gold.links);
    DocumentReport {
        error: Some(error),
        unread_links: if gold.is_some() { 0 } else { expected_links },
        modes: modes.iter().map(|mode| failed(*mode, links)).collect(),
        ..DocumentReport::unknown(file_name)
    }
}

/// Runs one document's work so that its panic is that document's failure only.
fn fenced<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err("stopped at an inner error".to_owned()))
}

/// What is needed of a document in every mode.
struct Subject<'a> {
    source: PdfSource,
    document: Document,
    gold: Gold,
    seen: Seen,
    models: &'a Models,
}

impl Subject<'_> {
    fn align(&self, document: Document) -> Result<AlignedDocument, String> {
        let (source, seen) = (self.source.clone(), self.seen.clone());
        let aligned = align_document(source, document, seen, self.models);
        aligned.map_err(|error| error.to_string())
    }

    fn measure(&self, mode: Mode) -> Result<ModeResult, String> {
        let links: Vec<&GoldLink> = self.gold.links.iter().collect();
        match mode {
            Mode::Open => {
                let aligned = self.align(self.document.clone())?;
                Ok(Scene::new(&aligned).measure(mode, links, Holding::Strict))
            }
            Mode::Blind => self.measure_hidden(mode, Scope::Everywhere, &links),
            Mode::PartBlind => self.measure_parts(),
        }
    }

    /// Hides the mentions in scope and all words of the links, then scores these.
    fn measure_hidden(
        &self,
        mode: Mode,
        scope: Scope<'_>,
        links: &[&GoldLink],
    ) -> Result<ModeResult, String> {
        let mut document = self.document.clone();
        hide_mentions(&mut document, scope, &link_words(links));
        let aligned = self.align(document)?;
        let links = links.iter().copied();
        Ok(Scene::new(&aligned).measure(mode, links, Holding::Nearest))
    }

    fn measure_parts(&self) -> Result<ModeResult, String> {
        let open = self.align(self.document.clone())?;
        let folds = folds(&AlignmentView::from(&open), &self.gold.links, FOLDS);
        let mut all: Option<ModeResult> = None;
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
            let part = self.measure_hidden(Mode::PartBlind, Scope::Lines(&lines), &links)?;
            match &mut all {
                Some(all) => all.extend(part),
                None => all = Some(part),
            }
        }
        // Without links nothing is measured.
        Ok(all.unwrap_or_else(|| failed(Mode::PartBlind, &[])))
    }
}

/// The places of the words that are links. A link that a person added may have any box in its
/// paragraph, which is not to vanish.
fn link_words(links: &[&GoldLink]) -> Vec<Region> {
    let annotated = links
        .iter()
        .filter(|link| link.origin == Origin::Annotation);
    annotated
        .map(|link| Region {
            page: link.page,
            bbox: link.bbox,
        })
        .collect()
}
