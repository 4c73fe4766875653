//! The whole way from the bytes of a PDF to its alignment, each step of it public.

use std::{
    any::Any,
    collections::BTreeMap,
    panic::{self, AssertUnwindSafe},
    sync::Arc,
    thread,
};

use thiserror::Error;

use crate::{
    align::{self, Alignment},
    blind::{Scope, hide_mentions},
    detect::{LookOptions, LookProgress, Seen, Visual, detect, look},
    graph::{AlignmentGraph, Features, connect},
    model::Aligner,
    network::NetworkError,
    pdf::{self, Document, PdfSource, ReadError, ReadErrorKind, ReadOptions, ReadProgress},
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
    /// Stage 4's result, without the features, which only stage 5 reads.
    pub graph: AlignmentGraph,
    /// Stage 7's result.
    pub alignment: Alignment,
    /// Hashes of the networks that took part, by their role.
    pub models: BTreeMap<String, String>,
}

/// The networks of the stages; copies are free.
#[derive(Debug, Clone, Default)]
pub struct Models {
    /// Stage 3's, and which pages it looks at.
    pub look: LookOptions,
    /// Stage 5's; the program's own when `None`.
    pub aligner: Option<Arc<Aligner>>,
}

impl Models {
    /// Hashes of the weights, by the role of their network.
    ///
    /// # Errors
    /// When weights that were built in are damaged.
    pub fn hashes(&self) -> Result<BTreeMap<String, String>, NetworkError> {
        Ok(hashes(self.look.weights()?, self.aligner()?))
    }

    fn aligner(&self) -> Result<&Aligner, NetworkError> {
        match &self.aligner {
            Some(aligner) => Ok(aligner),
            None => Aligner::embedded(),
        }
    }
}

/// Hashes by role, of the detector where it looks.
fn hashes(detector: Option<String>, aligner: &Aligner) -> BTreeMap<String, String> {
    let detector = detector.map(|hash| ("detector".to_owned(), hash));
    let aligner = ("aligner".to_owned(), aligner.hash().to_owned());
    detector.into_iter().chain([aligner]).collect()
}

/// What the stages should do.
#[derive(Debug, Clone, Default)]
pub struct AlignOptions {
    /// Stage 1's options.
    pub read: ReadOptions,
    /// Hide every mention from the stages after the first.
    pub blind: bool,
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
    let (mut aligned, features) = align_paragraphs(source, document, paragraphs, seen, models)?;
    align::explain(&mut aligned.alignment, &features, models.aligner()?)?;
    Ok(aligned)
}

/// Stack of each thread that works on a document.
///
/// Readers recurse as deep as a file nests its objects; 64 MiB hold nesting that no honest file has
/// and cost only what is used of them.
pub const STACK_BYTES: usize = 64 << 20;

/// How to work on a file that is in memory.
#[derive(Debug, Clone, Default)]
pub struct BytesOptions {
    /// The file's name, as outputs show it.
    pub file_name: String,
    /// Its password, empty for none.
    pub password: String,
    /// Threads to work with; one for each processor when 0.
    pub threads: usize,
    /// What the stages should do.
    pub align: AlignOptions,
    /// Their networks.
    pub models: Models,
}

/// Runs all stages on a file in memory, for callers of any kind: on threads of its own with deep
/// stacks, which end with the call, and with a panic inside as an error. Memory is not limited;
/// [`crate::worker`] does that with processes.
///
/// # Errors
/// When the file gives no document at all, a network fails, or no threads can be started.
pub fn align_bytes(bytes: &[u8], options: &BytesOptions) -> Result<AlignedDocument, AlignError> {
    let internal =
        |cause: String| AlignError::from(ReadError::from(ReadErrorKind::Internal(cause)));
    let threads = match options.threads {
        0 => thread::available_parallelism().map_or(1, usize::from),
        threads => threads,
    };
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .stack_size(STACK_BYTES)
        .build()
        .map_err(|error| internal(error.to_string()))?;
    let source = PdfSource {
        file_name: options.file_name.clone(),
        bytes: Arc::new(bytes.to_vec()),
        password: options.password.clone(),
    };
    let work = || {
        pool.install(|| {
            align(
                source,
                &options.align,
                &options.models,
                AlignProgress::SILENT,
            )
        })
    };
    panic::catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|payload| Err(internal(panic_text(payload.as_ref()).to_owned())))
}

/// What a panic said.
pub fn panic_text(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}

/// Runs the stages after the first on a document on whose pages this was seen, as [`look`] says.
/// The links come without reasons.
///
/// # Errors
/// When a network fails, which sound weights do not.
pub fn align_document(
    source: PdfSource,
    document: Document,
    seen: Seen,
    models: &Models,
) -> Result<AlignedDocument, NetworkError> {
    let paragraphs = segment(&document);
    let (aligned, _) = align_paragraphs(source, document, paragraphs, seen, models)?;
    Ok(aligned)
}

/// The result, and the features that reasons are found in.
fn align_paragraphs(
    source: PdfSource,
    document: Document,
    mut paragraphs: Vec<Paragraph>,
    seen: Seen,
    models: &Models,
) -> Result<(AlignedDocument, Features), NetworkError> {
    let visuals = detect(&document, &mut paragraphs, &seen);
    let mut graph = connect(&document, &paragraphs, &visuals);
    let aligner = models.aligner()?;
    let alignment = align::align(&graph, aligner)?;
    let features = std::mem::take(&mut graph.features);
    let hashes = hashes(seen.weights.clone(), aligner);
    let aligned = AlignedDocument {
        source,
        document,
        paragraphs,
        seen: seen.kept(&models.look),
        visuals,
        graph,
        alignment,
        models: hashes,
    };
    Ok((aligned, features))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_aligned_wherever_the_call_comes_from() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/article/article.pdf");
        let bytes = std::fs::read(path).unwrap();
        // A thread as small as hosts of other languages have them.
        let small = thread::Builder::new().stack_size(64 << 10);
        let call = small.spawn(move || {
            let options = BytesOptions {
                threads: 1,
                ..BytesOptions::default()
            };
            let aligned = align_bytes(&bytes, &options).unwrap();
            let error = align_bytes(b"no PDF", &options).unwrap_err();
            (aligned, error)
        });
        let (aligned, error) = call.unwrap().join().unwrap();
        assert!(!aligned.alignment.links.is_empty());
        assert_eq!(
            error.to_string(),
            ReadErrorKind::NotAPdf.to_string(),
            "the cause is told"
        );
    }
}
