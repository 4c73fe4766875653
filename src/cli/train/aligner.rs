//! `docalign train aligner`.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, ValueHint};
use docalign::{
    evaluate::{self, Split},
    graph::Aspect,
    train::aligner::{AlignerTraining, Progress, train},
};
use indicatif::ProgressBar;

use super::bar;
use crate::cli::{
    UiFlags,
    eval::files::{find_files, read_list},
    report::{CommandError, note},
};

/// Flags of `docalign train aligner`.
#[derive(Debug, Args)]
pub struct AlignerFlags {
    /// Folders of PDFs, or PDFs
    #[arg(long, required = true, num_args = 1.., value_name = "DIR", value_hint = ValueHint::AnyPath)]
    data: Vec<PathBuf>,
    /// The corpus list that tells train from validation documents
    #[arg(long, value_name = "TSV", value_hint = ValueHint::FilePath)]
    list: PathBuf,
    /// Where checkpoints and the loss curves go; the same command again goes on from there
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    checkpoints: PathBuf,
    /// Where the weights go, as ONNX
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    output: PathBuf,
    /// Numbers of a pair's state
    #[arg(long, value_name = "N", default_value_t = 64)]
    hidden: usize,
    /// Rounds of messages; 0 is a scorer without a graph
    #[arg(long, value_name = "N", default_value_t = 3)]
    layers: usize,
    /// Networks that are trained side by side and whose logits are averaged
    #[arg(long, value_name = "N", default_value_t = 3)]
    members: usize,
    /// Share of the numbers dropped in training
    #[arg(long, value_name = "SHARE", default_value_t = 0.2)]
    dropout: f64,
    /// Shares of open, part-blind and blind examples
    #[arg(long, num_args = 3, value_name = "SHARE", default_values_t = [0.1, 0.45, 0.45])]
    modes: Vec<f64>,
    /// What the network is not to see of a pair, to learn what it is worth
    #[arg(long, value_name = "ASPECT", value_delimiter = ',', value_parser = aspect)]
    without: Vec<Aspect>,
    /// Learn from one in so many windows only, to learn what more of them bring
    #[arg(long, value_name = "N", default_value_t = 1)]
    one_in: usize,
    /// Steps in all
    #[arg(long, value_name = "N", default_value_t = 1600)]
    steps: usize,
    /// Windows of documents in a step
    #[arg(long, value_name = "N", default_value_t = 8)]
    batch: usize,
    /// The highest learning rate, after the first fifth of the steps
    #[arg(long, value_name = "RATE", default_value_t = 2e-3)]
    peak_rate: f64,
    /// The learning rate of the last step
    #[arg(long, value_name = "RATE", default_value_t = 2e-5)]
    end_rate: f64,
    /// Decides everything that is left to chance
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Steps from one validation, and checkpoint, to the next
    #[arg(long, value_name = "N", default_value_t = 100)]
    validate_every: usize,
    /// End after so many validations without a better one
    #[arg(long, value_name = "N", default_value_t = 10)]
    patience: usize,
}

/// Trains the graph network.
pub fn run(flags: AlignerFlags, ui: &UiFlags) -> Result<ExitCode, CommandError> {
    let list = read_list(Some(&flags.list))?;
    let files = find_files(&flags.data, "pdf")?;
    let mut modes = [0.0; 3];
    for (mode, share) in modes.iter_mut().zip(&flags.modes) {
        *mode = *share;
    }
    let training = AlignerTraining {
        train: evaluate::of_split(&files, &list, Split::Train),
        validation: evaluate::of_split(&files, &list, Split::Validation),
        hidden: flags.hidden,
        layers: flags.layers,
        members: flags.members,
        without: flags.without,
        one_in: flags.one_in,
        dropout: flags.dropout,
        modes,
        steps: flags.steps,
        batch: flags.batch,
        peak_rate: flags.peak_rate,
        end_rate: flags.end_rate,
        seed: flags.seed,
        validate_every: flags.validate_every,
        patience: flags.patience,
    };
    let bar = bar(training.steps, ui.quiet);
    let quiet = ui.quiet;
    let tell = |file: &Path, result: Result<(), String>| match result {
        Ok(()) if quiet => {}
        Ok(()) => note(&format!("read {}", file.display())),
        Err(error) => note(&format!("{}: {error}: left out", file.display())),
    };
    let mut report = |progress: Progress| show(&bar, quiet, &progress);
    let (checkpoints, output) = (&flags.checkpoints, &flags.output);
    let hash = train(&training, checkpoints, output, &tell, &mut report)
        .map_err(|error| CommandError::Failed(error.to_string()))?;
    bar.finish_and_clear();
    if !quiet {
        note(&format!("{}: weights {hash}", output.display()));
    }
    Ok(ExitCode::SUCCESS)
}

/// As the alignment file calls them.
fn aspect(name: &str) -> Result<Aspect, String> {
    let named = serde_json::from_value(serde_json::Value::from(name));
    named.map_err(|error: serde_json::Error| error.to_string())
}

fn show(bar: &ProgressBar, quiet: bool, progress: &Progress) {
    let line = match progress {
        Progress::Begun {
            train,
            validation,
            step,
        } => {
            bar.set_position(*step as u64);
            format!("{train} windows to learn from, {validation} to validate on, from step {step}")
        }
        Progress::Step { step, loss } => {
            bar.set_position(*step as u64);
            bar.set_message(format!("{loss:.3}"));
            return;
        }
        Progress::Validated { step, loss, errors } => {
            let errors = errors.iter();
            let errors =
                errors.map(|(mode, error)| format!("{} {:.1} %", mode.name(), error * 100.0));
            let errors = errors.collect::<Vec<_>>().join(", ");
            format!("step {step}: validation loss {loss:.4}, errors {errors}")
        }
    };
    if !quiet {
        bar.suspend(|| note(&line));
    }
}
