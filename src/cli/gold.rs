//! `docalign gold`.

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::Args;

use super::{
    UiFlags,
    align::LimitFlags,
    report::CommandError,
    worker::{WorkerSettings, input_file},
};

/// Flags of `docalign gold`.
#[derive(Debug, Args)]
pub struct GoldFlags {
    /// The PDF
    #[arg(value_name = "INPUT.pdf")]
    input: PathBuf,
    /// Where the JSON goes; `-` is standard output
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    output: PathBuf,
    #[command(flatten)]
    limits: LimitFlags,
}

/// Prints what a document's own links say about its paragraphs and visuals.
pub fn run(flags: GoldFlags, ui: &UiFlags) -> Result<ExitCode, CommandError> {
    let mut supervisor = WorkerSettings::new(&flags.limits, ui).supervisor()?;
    let gold = supervisor
        .read_gold(input_file(&flags.input, &flags.limits))
        .map_err(|failure| CommandError::Failed(format!("{}: {failure}", flags.input.display())))?;
    let mut text = serde_json::to_string_pretty(&gold)
        .map_err(|error| CommandError::Failed(error.to_string()))?;
    text.push('\n');
    if flags.output.as_os_str() == "-" {
        io::stdout().write_all(text.as_bytes())?;
    } else {
        std::fs::write(&flags.output, text).map_err(|error| {
            CommandError::Failed(format!("cannot write {}: {error}", flags.output.display()))
        })?;
    }
    Ok(ExitCode::SUCCESS)
}
