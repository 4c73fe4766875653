//! `docalign corpus`: many documents, one outcome each.

mod flags;
mod merge;
mod progress;
mod signals;

use std::{
    io::{self, Write},
    path::Path,
    process::ExitCode,
    time::Duration,
};

use clap::{Args, Subcommand};
use docalign::{
    corpus::{self, CorpusError, CorpusOptions, Doubts, Formats, Inputs, Separator, Summary},
    detect::DetectMode,
    output::{Format, OutputOptions, crops::CropFormat, json},
    worker::{Job, JobOutput, Stop, cause_chain, limits},
};

use super::{
    UiFlags, align,
    report::{self, CommandError},
    worker::{SILENCE_LIMIT, WorkerSettings},
};
use flags::{CorpusFormat, CropFlag, RetryFlag, RunFlags};
use progress::Progress;

/// Flags of `docalign corpus` and its subcommand.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true, after_help = EXIT_STATUS)]
pub struct CorpusFlags {
    #[command(subcommand)]
    command: Option<CorpusCommand>,
    #[command(flatten)]
    run: RunFlags,
}

const EXIT_STATUS: &str = "\
Exit status: 0 all files are done or partial, 1 some failed or are left, 2 wrong usage, another run \
on the folder, or a folder made with other options. Ctrl-C ends a run so that it can be gone on with; \
twice, at once.";

#[derive(Debug, Subcommand)]
enum CorpusCommand {
    /// Sum up the outcomes of folders and shards
    MergeReport(merge::MergeFlags),
}

/// Aligns all documents that have no outcome yet, or sums up what became of them.
pub fn run(flags: CorpusFlags, ui: &UiFlags) -> Result<ExitCode, CommandError> {
    match flags.command {
        Some(CorpusCommand::MergeReport(flags)) => merge::run(&flags),
        None => align_all(&flags.run, ui),
    }
}

fn align_all(flags: &RunFlags, ui: &UiFlags) -> Result<ExitCode, CommandError> {
    let options = options(flags)?;
    let inputs = inputs(flags);
    // From here on there is something to tidy up.
    let stop = Stop::default();
    signals::listen(&stop)
        .map_err(|error| CommandError::Failed(format!("cannot listen for signals: {error}")))?;
    if inputs.files.is_empty() && inputs.problems.is_empty() {
        return Err(CommandError::Usage("no PDF found".to_owned()));
    }
    let workers = flags.limits.workers(limits::open_files());
    let settings = WorkerSettings {
        memory_mib: flags.limits.memory,
        // Several files at once use the processors better than several threads on one.
        threads: 1,
        time_limit: Duration::from_secs(u64::from(flags.limits.timeout)),
        silence_limit: SILENCE_LIMIT,
        verbose: ui.verbose,
        models: flags.models.clone(),
        objects: false,
        stop: stop.clone(),
        confine: Some(options.staging()),
    };
    let supervisors = (0..workers)
        .map(|_| settings.supervisor())
        .collect::<Result<Vec<_>, _>>()?;
    let progress = Progress::new(flags.log, ui);
    let summary = corpus::run(inputs, &options, supervisors, &stop, &|event| {
        progress.tell(event);
    })
    .map_err(refusal)?;
    progress.finish(&summary);
    finish(&summary, ui)
}

fn options(flags: &RunFlags) -> Result<CorpusOptions, CommandError> {
    let output = OutputOptions {
        min_probability: flags.min_probability,
        ignore_annotations: flags.ignore_annotations,
        ..OutputOptions::default()
    };
    let models = flags.models.load(false)?;
    let hashes = models.hashes();
    let hashes = hashes.map_err(|error| CommandError::Failed(cause_chain(&error)))?;
    let generator = json::generator(hashes, models.look.mode, &output);
    let generator =
        serde_json::to_value(generator).map_err(|error| CommandError::Failed(error.to_string()))?;
    let folder = flags.output.clone();
    Ok(CorpusOptions {
        folder: folder.ok_or_else(|| CommandError::Usage("no folder given with -o".to_owned()))?,
        shard: flags.shard,
        doubts: Doubts {
            failed: flags.retry.contains(&RetryFlag::Failed),
            partial: flags.retry.contains(&RetryFlag::Partial),
            untouched: flags.verify,
        },
        formats: Formats {
            json: flags.format.contains(&CorpusFormat::Json),
            parquet: flags.format.contains(&CorpusFormat::Parquet),
            crops: flags.crops.map(|crops| match crops {
                CropFlag::Png => CropFormat::Png,
                CropFlag::Webp => CropFormat::Webp,
            }),
        },
        job: job(flags, &output)?,
        looks: models.look.mode != DetectMode::Never,
        generator,
    })
}

fn job(flags: &RunFlags, output: &OutputOptions) -> Result<Job, CommandError> {
    Ok(Job {
        tag: align::tag(),
        input: std::path::PathBuf::new(),
        password: flags.password.read()?,
        pages: None,
        ignore_annotations: output.ignore_annotations,
        blind: output.blind,
        min_probability: output.min_probability,
        chunk_tokens: u32::try_from(output.chunk_tokens).unwrap_or(u32::MAX),
        max_input_bytes: align::max_input_bytes(flags.limits.memory),
        format: Format::Json,
        output: JobOutput::File(std::path::PathBuf::new()),
        table: None,
    })
}

fn inputs(flags: &RunFlags) -> Inputs {
    let separator = if flags.null {
        Separator::Null
    } else {
        Separator::Line
    };
    let mut inputs = Inputs::default();
    for given in &flags.inputs {
        if given == Path::new("-") {
            inputs.add_list(Path::new("standard input"), io::stdin(), separator);
        } else {
            inputs.add(given, separator);
        }
    }
    inputs
}

/// A folder that is not to be written to is wrong usage.
fn refusal(error: CorpusError) -> CommandError {
    match error {
        CorpusError::Locked { .. } | CorpusError::OtherSettings { .. } => {
            CommandError::Usage(error.to_string())
        }
        CorpusError::Output(_) => CommandError::Failed(cause_chain(&error)),
    }
}

fn finish(summary: &Summary, ui: &UiFlags) -> Result<ExitCode, CommandError> {
    if !ui.quiet {
        writeln!(io::stdout(), "{}", summary.tally)?;
        if !summary.cache.is_none() {
            writeln!(io::stdout(), "{}", summary.cache)?;
        }
    }
    if let Some(error) = &summary.broken_off {
        report::error(&format_args!("broken off: {}", cause_chain(error)));
    }
    if summary.untabled > 0 {
        report::error(&format_args!(
            "{} files are in no table; the same command tries again",
            summary.untabled
        ));
    }
    if summary.left > 0 {
        report::error(&format_args!(
            "{} files are left; the same command goes on with them",
            summary.left
        ));
    }
    let well = summary.left == 0
        && summary.broken_off.is_none()
        && summary.problems == 0
        && summary.untabled == 0
        && summary.tally.failed == 0;
    Ok(if well {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(report::SOME_FAILED)
    })
}
