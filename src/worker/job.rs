//! One job from the input's bytes to the output's name, in the worker.

use std::{
    io::{self, Write},
    iter,
    path::PathBuf,
};

use crate::{
    output::{
        Format, OutputOptions,
        atomic::{Staging, directory},
        json,
        terminal::{self, TerminalOptions},
    },
    pdf::ReadOptions,
    pipeline::{self, AlignOptions, AlignedDocument},
};

use super::{Failure, FailureCode, Job, JobOutput, Outcome, Progress, Success, input};

/// Does a job in this process.
///
/// # Errors
/// When there is no whole output; then none of it is left.
pub fn run_job(job: &Job, progress: &(dyn Fn(Progress) + Sync)) -> Outcome {
    let target = target(job);
    if input::is_same_file(&job.input, &target) {
        return Err(Failure::new(
            FailureCode::OutputFailed,
            "the output would overwrite the input; give another name with -o",
        ));
    }
    let mut staging = Staging::new(&job.tag);
    // The input first: without it the state of the output is of no interest. And both before the
    // long work.
    let source = input::read(job)?;
    staging.check(&target)?;
    let options = AlignOptions {
        read: ReadOptions {
            pages: job.pages.clone(),
            ignore_annotations: job.ignore_annotations,
            ..ReadOptions::default()
        },
    };
    let aligned = pipeline::align(source, &options, &|done, total| {
        progress(Progress::Reading { done, total });
    })?;
    progress(Progress::Writing);
    write(job, &aligned, &mut staging, progress)?;
    let table = table(job, &aligned)?;
    staging.commit()?;
    Ok(Success {
        written: target,
        pages: count(aligned.document.pages.len()),
        warnings: count(aligned.document.warnings.len()),
        table,
    })
}

fn target(job: &Job) -> PathBuf {
    match &job.output {
        JobOutput::File(file) => file.clone(),
        // Begins as a leftover does, so that it is tidied up as one if nobody fetches it.
        JobOutput::Temporary(dir) => dir.join(format!(".docalign-{}-output", job.tag)),
    }
}

/// The directories in which a job may leave temporary files.
pub(super) fn temporary_dirs(job: &Job) -> impl Iterator<Item = PathBuf> + use<> {
    iter::once(directory(&target(job)).to_path_buf())
}

fn count(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

/// Writes the output under temporary names.
fn write(
    job: &Job,
    aligned: &AlignedDocument,
    staging: &mut Staging,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<(), Failure> {
    let target = target(job);
    let options = output_options(job);
    match job.format {
        Format::Json => staging.write(&target, |out| {
            json::write(aligned, &options, &mut Heartbeat { out, progress })
        })?,
        Format::Html | Format::Md | Format::Chunks => {
            return Err(Failure::new(FailureCode::OutputFailed, "later"));
        }
    }
    Ok(())
}

fn output_options(job: &Job) -> OutputOptions {
    OutputOptions {
        min_probability: job.min_probability,
        chunk_tokens: job.chunk_tokens as usize,
        pages: job.pages.clone(),
        ignore_annotations: job.ignore_annotations,
        ..OutputOptions::default()
    }
}

/// The table for the terminal, if one is wanted.
fn table(job: &Job, aligned: &AlignedDocument) -> Result<Option<String>, Failure> {
    let Some(style) = job.table else {
        return Ok(None);
    };
    let look = TerminalOptions {
        width: usize::from(style.width),
        color: style.color,
    };
    let mut text = Vec::new();
    terminal::write(aligned, &output_options(job), look, &mut text)
        .map_err(|e| Failure::from_error(FailureCode::OutputFailed, &e))?;
    Ok(Some(String::from_utf8_lossy(&text).into_owned()))
}

/// Tells that the work goes on whenever something is written.
struct Heartbeat<'a> {
    out: &'a mut dyn Write,
    progress: &'a (dyn Fn(Progress) + Sync),
}

impl Write for Heartbeat<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (self.progress)(Progress::Writing);
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
