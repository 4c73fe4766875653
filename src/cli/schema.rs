//! `docalign schema`.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use docalign::output::json;

use super::report::CommandError;

/// Prints the JSON Schema of the alignment file.
pub fn run() -> Result<ExitCode, CommandError> {
    let mut text = serde_json::to_string_pretty(&json::schema())
        .map_err(|e| CommandError::Failed(e.to_string()))?;
    text.push('\n');
    io::stdout().write_all(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
