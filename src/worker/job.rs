//! One job from the input's bytes to the output's name, in the worker.

use std::{fs, path::PathBuf};

use sha2::{Digest, Sha256};

use crate::{
    detect::DetectMode,
    evaluate::{DocumentReport, Gold, evaluate_document, gold_of},
    output::atomic::{Staging, directory, remove_leftovers},
    pdf::{Document, PdfSource, ReadOptions},
    pipeline::{self, AlignOptions, AlignProgress, AlignedDocument, Models},
    plan::{Plan, plan},
    warning::{Warning, WarningCode},
};

use super::{
    CorpusJob, EvaluateJob, Failure, FailureCode, InputFile, Job, JobOutput, Outcome, PlanJob,
    Processed, Progress, Success, input,
    write::{hex, terminal_table, write, write_pictures},
};

/// Does a job in this process.
///
/// # Errors
/// When there is no whole output; then none of it is left.
pub fn run_job(job: &Job, models: &Models, progress: &(dyn Fn(Progress) + Sync)) -> Outcome {
    let target = target(job);
    if input::is_same_file(&job.input, &target) {
        return Err(Failure::new(
            FailureCode::OutputFailed,
            "the output would overwrite the input; give another name with -o",
        ));
    }
    // The input first: without it the state of the output is of no interest. And both before the
    // long work.
    let source = input::read(&job.input_file())?;
    let mut staging = Staging::new(&job.tag);
    staging.check(&target)?;
    let aligned = align(job, source, models, progress)?;
    progress(Progress::Writing);
    write(job, &aligned, &mut staging, progress)?;
    let table = terminal_table(job, &aligned)?;
    staging.commit()?;
    Ok(Success {
        written: target,
        pages: count(aligned.document.pages.len()),
        warnings: count(aligned.document.warnings.len()),
        table,
    })
}

/// Aligns a file of a corpus in this process.
///
/// # Errors
/// When there is no whole output; then none of it is left.
pub(super) fn process(
    corpus: &CorpusJob,
    models: &Models,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Processed, Failure> {
    let job = &corpus.job;
    let source = input::read(&job.input_file())?;
    if sha256(&source) != corpus.sha256 {
        return Err(Failure::new(
            FailureCode::InputChanged,
            "the file changed while it was being read; run again when it is whole",
        ));
    }
    let mut staging = Staging::new(&job.tag);
    staging.check(&target(job))?;
    let mut models = models.clone();
    if corpus.not_looked_at.is_some() {
        models.look.mode = DetectMode::Never;
    }
    let mut aligned = align(job, source, &models, progress)?;
    let document = &mut aligned.document;
    document.warnings.extend(left_out(corpus, document));
    document.warnings.extend(not_looked_at(corpus));
    progress(Progress::Writing);
    let written = write(job, &aligned, &mut staging, progress)?;
    let crops = match corpus.crops {
        Some(format) => write_pictures(job, &aligned, format, &mut staging, progress)?,
        None => None,
    };
    staging.commit()?;
    let document = &aligned.document;
    Ok(Processed {
        written,
        crops,
        pages: count(document.pages.len()),
        page_count: document.page_count,
        warnings: count(document.warnings.len()),
        broken_pages: document.broken_pages().into_iter().collect(),
        cache: aligned.seen.cache,
    })
}

fn align(
    job: &Job,
    source: PdfSource,
    models: &Models,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<AlignedDocument, Failure> {
    let options = AlignOptions {
        read: ReadOptions {
            pages: job.pages.clone(),
            ignore_annotations: job.ignore_annotations,
            ..ReadOptions::default()
        },
        blind: job.blind,
    };
    let heard = AlignProgress {
        read: &|done, total| progress(Progress::Reading { done, total }),
        look: &|done, total| progress(Progress::Looking { done, total }),
    };
    Ok(pipeline::align(source, &options, models, heard)?)
}

/// Says in the document itself that a limit left pages out.
fn left_out(corpus: &CorpusJob, document: &Document) -> Option<Warning> {
    let reason = corpus.left_out.as_ref()?;
    let pages = document.pages.len();
    Some(Warning {
        page: None,
        code: WarningCode::PagesLeftOut,
        message: format!(
            "only the first {pages} of {} pages were read: {reason}",
            document.page_count
        ),
    })
}

/// Says so in the document itself when its page images were not looked at.
fn not_looked_at(corpus: &CorpusJob) -> Option<Warning> {
    let reason = corpus.not_looked_at.as_ref()?;
    Some(Warning {
        page: None,
        code: WarningCode::NotLookedAt,
        message: format!("the images of the pages were not looked at: {reason}"),
    })
}

/// Hashes a file in this process.
///
/// # Errors
/// When it cannot be read.
pub(super) fn hash(input: &InputFile) -> Result<String, Failure> {
    input::read(input).map(|source| sha256(&source))
}

fn sha256(source: &PdfSource) -> String {
    hex(&Sha256::digest(source.bytes.as_slice()))
}

/// Evaluates a file in this process.
///
/// # Errors
/// When the file cannot be read.
pub(super) fn evaluate(job: EvaluateJob, models: &Models) -> Result<DocumentReport, Failure> {
    let source = input::read(&job.input)?;
    Ok(evaluate_document(source, job.gold, &job.modes, models)?)
}

/// Estimates in this process what aligning a file will take.
///
/// # Errors
/// When the file cannot be read.
pub(super) fn estimate(job: &PlanJob) -> Result<Plan, Failure> {
    let source = input::read(&job.input)?;
    Ok(plan(&source, job.mode)?)
}

/// Reads a file's gold in this process.
///
/// # Errors
/// When the file, its text or its annotations cannot be read.
pub(super) fn read_gold(input: &InputFile) -> Result<Gold, Failure> {
    let source = input::read(input)?;
    gold_of(&source).map_err(|cause| Failure::new(FailureCode::Unreadable, cause))
}

/// The main file of the output.
pub(super) fn target(job: &Job) -> PathBuf {
    match &job.output {
        JobOutput::File(file) => file.clone(),
        // Begins as a leftover does, so that it is tidied up as one if nobody fetches it.
        JobOutput::Temporary(dir) => dir.join(format!(".docalign-{}-output", job.tag)),
    }
}

/// The folder beside the main file for its pictures: "a.crops" for "a.md"; none for a file that
/// goes elsewhere.
pub(super) fn crops_folder(job: &Job) -> Option<PathBuf> {
    match &job.output {
        JobOutput::File(file) => Some(file.with_extension("crops")),
        JobOutput::Temporary(_) => None,
    }
}

/// Removes what a job left that nobody will finish.
pub(super) fn clean_up(job: &Job) {
    remove_leftovers(directory(&target(job)), &job.tag);
    if let Some(folder) = crops_folder(job) {
        remove_leftovers(&folder, &job.tag);
        // Goes only if it is empty.
        let _ = fs::remove_dir(folder);
    }
}

impl Job {
    fn input_file(&self) -> InputFile {
        InputFile {
            path: self.input.clone(),
            password: self.password.clone(),
            max_bytes: self.max_input_bytes,
        }
    }
}

fn count(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}
