//! `docalign train detector`.

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, ValueHint};
use docalign::{
    detect::network::DetectorConfig,
    train::detector::{DetectorTraining, Progress, train},
};
use indicatif::ProgressBar;

use super::bar;
use crate::cli::{
    UiFlags,
    report::{CommandError, note},
};

/// Flags of `docalign train detector`.
#[derive(Debug, Args)]
pub struct DetectorFlags {
    /// Folders of labelled pages, each with a pages.jsonl and the images it names; a folder named
    /// twice counts twice
    #[arg(long, required = true, num_args = 1.., value_name = "DIR", value_hint = ValueHint::DirPath)]
    data: Vec<PathBuf>,
    /// Where checkpoints and the loss curves go; the same command again goes on from there
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    checkpoints: PathBuf,
    /// Begin with the best weights of another training, whose checkpoints are in this folder, or with
    /// those of an ONNX file that this command wrote
    #[arg(long, value_name = "DIR|FILE", value_hint = ValueHint::AnyPath)]
    from: Option<PathBuf>,
    /// Where the weights go, as ONNX
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    output: PathBuf,
    /// Steps in all
    #[arg(long, value_name = "N", default_value_t = 4000)]
    steps: usize,
    /// Pages in a step
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
    #[arg(long, value_name = "N", default_value_t = 200)]
    validate_every: usize,
    /// Pages that a validation looks at
    #[arg(long, value_name = "N", default_value_t = 200)]
    validation_pages: usize,
    /// End after so many validations without a better one
    #[arg(long, value_name = "N", default_value_t = 12)]
    patience: usize,
}

/// Trains the detector.
pub fn run(flags: DetectorFlags, ui: &UiFlags) -> Result<ExitCode, CommandError> {
    let training = DetectorTraining {
        data: flags.data,
        from: flags.from,
        steps: flags.steps,
        batch: flags.batch,
        peak_rate: flags.peak_rate,
        end_rate: flags.end_rate,
        seed: flags.seed,
        validate_every: flags.validate_every,
        validation_pages: flags.validation_pages,
        patience: flags.patience,
        config: DetectorConfig::default(),
    };
    let bar = bar(training.steps, ui.quiet);
    let quiet = ui.quiet;
    let mut report = |progress: Progress| show(&bar, quiet, &progress);
    let hash = train(&training, &flags.checkpoints, &flags.output, &mut report)
        .map_err(|error| CommandError::Failed(error.to_string()))?;
    bar.finish_and_clear();
    if !quiet {
        note(&format!("{}: weights {hash}", flags.output.display()));
    }
    Ok(ExitCode::SUCCESS)
}

fn show(bar: &ProgressBar, quiet: bool, progress: &Progress) {
    let line = match progress {
        Progress::Begun {
            train,
            validation,
            step,
        } => {
            bar.set_position(*step as u64);
            format!("{train} pages to learn from, {validation} to validate on, from step {step}")
        }
        Progress::Step { step, loss } => {
            bar.set_position(*step as u64);
            bar.set_message(format!("{loss:.3}"));
            return;
        }
        Progress::Validated { step, loss, score } => {
            format!("step {step}: validation loss {loss:.4}, score {score:.4}")
        }
    };
    if !quiet {
        bar.suspend(|| note(&line));
    }
}
