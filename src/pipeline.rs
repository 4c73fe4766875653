//! The whole way from the bytes of a PDF to its alignment, each step of it public.

use crate::{
    align::Alignment,
    blind::{Scope, hide_mentions},
    detect::{Visual, detect},
    graph::connect,
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

/// Runs all stages on a file.
///
/// # Errors
/// When the file gives no document at all.
pub fn align(
    source: PdfSource,
    options: &AlignOptions,
    progress: ReadProgress<'_>,
) -> Result<AlignedDocument, ReadError> {
    let mut document = pdf::read(&source, &options.read, progress)?;
    if options.blind {
        hide_mentions(&mut document, Scope::Everywhere, &[]);
    }
    Ok(align_document(source, document))
}

/// Runs the stages after the first.
pub fn align_document(source: PdfSource, document: Document) -> AlignedDocument {
    let paragraphs = segment(&document);
    let visuals = detect(&document, &paragraphs);
    let alignment = crate::align::align(connect(&document, &paragraphs, &visuals));
    AlignedDocument {
        source,
        document,
        paragraphs,
        visuals,
        alignment,
    }
}
