//! `docalign gold`.

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::Args;
use docalign::evaluate::read_gold;

use super::report::CommandError;

/// Flags of `docalign gold`.
#[derive(Debug, Args)]
pub struct GoldFlags {
    /// The PDF
    #[arg(value_name = "INPUT.pdf")]
    input: PathBuf,
    /// Where the JSON goes; `-` is standard output
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    output: PathBuf,
}

/// Prints what a document's own links say about its paragraphs and visuals.
pub fn run(flags: GoldFlags) -> Result<ExitCode, CommandError> {
    let gold = read_gold(&flags.input).map_err(|error| CommandError::Failed(error.to_string()))?;
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
