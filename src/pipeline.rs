//! The whole way from the bytes of a PDF to its alignment, each step of it public.

use thiserror::Error;

use crate::{
    align::Alignment,
    blind::{Scope, hide_mentions},
    detect::{LookOptions, LookProgress, Seen, Visual, detect, look},
    graph::connect,
    network::NetworkError,
    pdf::{self, Document, PdfSource, ReadError, ReadOptions, ReadProgress},
    segment::{Paragraph, segment},
};

/// A document with everything the stages found in it.
#[derive(Debug, Clone)]
pub struct AlignedDocument {
    /// The file, for outputs that show its pages.
    pub source: PdfSource,
    /// Stage 1's result.
    pub document: Document,
    /// Stage 2's result.
    pub paragraphs: Vec<Paragraph>,
    /// What stage 3's network saw; the objects only where they were asked for.
    pub seen: Seen,
    /// Stage 3's result.
    pub visuals: Vec<Visual>,
    /// Stage 7's result.
    pub alignment: Alignment,
}

/// What the stages should do.
#[derive(Debug, Clone, Default)]
pub struct AlignOptions {
    /// Stage 1's options.
    pub read: ReadOptions,
    /// Hide every mention from the stages after the first.
    pub blind: bool,
}

/// The networks of the stages.
#[derive(Debug, Clone, Default)]
pub struct Models {
    /// Stage 3's, and which pages it looks at.
    pub look: LookOptions,
}

/// A document that could not be aligned.
#[derive(Debug, Error)]
pub enum AlignError {
    /// The file gives no document at all.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A network fails.
    #[error(transparent)]
    Network(#[from] NetworkError),
}

/// Who hears how far the work is.
#[derive(Clone, Copy)]
pub struct AlignProgress<'a> {
    /// Of stage 1.
    pub read: ReadProgress<'a>,
    /// Of the pages that stage 3 looks at.
    pub look: LookProgress<'a>,
}

impl AlignProgress<'_> {
    /// Nobody.
    pub const SILENT: AlignProgress<'static> = AlignProgress {
        read: &|_, _| {},
        look: &|_, _| {},
    };
}

/// Runs all stages on a file.
///
/// # Errors
/// When the file gives no document at all, or a network fails, which sound weights do not.
pub fn align(
    source: PdfSource,
    options: &AlignOptions,
    models: &Models,
    progress: AlignProgress<'_>,
) -> Result<AlignedDocument, AlignError> {
    let mut document = pdf::read(&source, &options.read, progress.read)?;
    if options.blind {
        hide_mentions(&mut document, Scope::Everywhere, &[]);
    }
    let paragraphs = segment(&document);
    let seen = look(&source, &document, &paragraphs, &models.look, progress.look)?;
    Ok(align_paragraphs(source, document, paragraphs, seen, models))
}

/// Runs the stages after the first on a document on whose pages this was seen, as [`look`] says.
pub fn align_document(
    source: PdfSource,
    document: Document,
    seen: Seen,
    models: &Models,
) -> AlignedDocument {
    let paragraphs = segment(&document);
    align_paragraphs(source, document, paragraphs, seen, models)
}

fn align_paragraphs(
    source: PdfSource,
    document: Document,
    paragraphs: Vec<Paragraph>,
    seen: Seen,
    models: &Models,
) -> AlignedDocument {
    let visuals = detect(&document, &paragraphs, &seen);
    let alignment = crate::align::align(connect(&document, &paragraphs, &visuals));
    AlignedDocument {
        source,
        document,
        paragraphs,
        seen: seen.kept(&models.look),
        visuals,
        alignment,
    }
}
