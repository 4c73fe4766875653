//! `docalign eval compare`.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use docalign::evaluate::{Comparison, Report};

use super::files::{failed, read_text};
use crate::cli::report::{CommandError, printable};

/// Flags of `docalign eval compare`.
#[derive(Debug, Args)]
pub struct CompareFlags {
    /// The earlier report.json, or its folder
    #[arg(value_name = "BEFORE")]
    before: PathBuf,
    /// The later one
    #[arg(value_name = "AFTER")]
    after: PathBuf,
}

/// Prints what got better and what worse.
pub fn run(flags: &CompareFlags) -> Result<ExitCode, CommandError> {
    let comparison = Comparison::new(&read(&flags.before)?, &read(&flags.after)?);
    let mut stdout = io::stdout().lock();
    for line in comparison.to_string().lines() {
        writeln!(stdout, "{}", printable(line))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn read(path: &Path) -> Result<Report, CommandError> {
    let path = if path.is_dir() {
        path.join("report.json")
    } else {
        path.to_owned()
    };
    Report::read_json(&read_text(&path)?).map_err(|error| failed(&path, &error))
}
