//! `docalign align`, the default command: aligns documents one after the other.

mod flags;
mod progress;
mod settings;
mod stdout;

use std::{
    fs::{self, File, OpenOptions},
    io,
    path::Path,
    process::ExitCode,
};

use docalign::worker::{Failure, FailureCode, Success, cause_chain};

use super::{
    UiFlags,
    report::{self, CommandError},
};
use progress::ProgressLine;
use settings::{AlignSettings, Delivery, Input};
use stdout::Stdout;

pub use flags::{AlignFlags, LimitFlags, PasswordFlags, max_input_bytes, parse_probability};
pub use settings::tag;

/// Aligns all inputs; one that fails is named and the others go on.
pub fn run(flags: AlignFlags, ui: &UiFlags) -> Result<ExitCode, CommandError> {
    let settings = AlignSettings::new(flags, ui)?;
    let mut supervisor = settings.worker.supervisor()?;
    let mut stdout = Stdout::default();
    let mut code = ExitCode::SUCCESS;
    for input in &settings.inputs {
        let progress = ProgressLine::new(&input.job.input, settings.show_progress);
        let outcome = supervisor.run(&input.job, &mut |so_far| progress.show(so_far));
        progress.clear();
        let delivered = outcome.and_then(|success| deliver(input, &success, &mut stdout));
        if let Err(failure) = delivered {
            report::error(&format_args!("{}: {failure}", input.job.input.display()));
            code = ExitCode::from(report::SOME_FAILED);
        }
    }
    Ok(code)
}

/// Passes on what does not go to a file of its own.
fn deliver(input: &Input, success: &Success, stdout: &mut Stdout) -> Result<(), Failure> {
    tracing::info!(
        file = %input.job.input.display(),
        pages = success.pages,
        warnings = success.warnings,
        "aligned"
    );
    match &input.delivery {
        Delivery::Written => Ok(()),
        Delivery::Stdout => take(&success.written)
            .and_then(|mut file| stdout.copy(&mut file))
            .map_err(|e| output_failure("standard output", &e)),
        Delivery::Device(path) => take(&success.written)
            .and_then(|file| copy_to_device(file, path))
            .map_err(|e| output_failure(&path.display().to_string(), &e)),
    }?;
    match &success.table {
        Some(table) => stdout
            .print(table)
            .map_err(|e| output_failure("standard output", &e)),
        None => Ok(()),
    }
}

/// Opens a temporary file; its name is gone at once, so that nothing can leave it behind.
fn take(path: &Path) -> io::Result<File> {
    let file = File::open(path)?;
    // Where open files cannot be removed, the worker removes it when it ends.
    let _ = fs::remove_file(path);
    Ok(file)
}

fn copy_to_device(mut from: File, device: &Path) -> io::Result<()> {
    let mut to = OpenOptions::new().write(true).open(device)?;
    io::copy(&mut from, &mut to).map(drop)
}

fn output_failure(place: &str, error: &io::Error) -> Failure {
    let cause = cause_chain(error);
    Failure::new(
        FailureCode::OutputFailed,
        format!("cannot write to {place}: {cause}"),
    )
}
