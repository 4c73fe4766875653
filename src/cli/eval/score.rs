//! `docalign eval score`.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use docalign::evaluate::{self, Gold, PairPictures, Prediction};

use super::{
    files::{failed, find_files, read_list, read_text},
    finish,
};
use crate::cli::report::CommandError;

/// Flags of `docalign eval score`.
#[derive(Debug, Args)]
pub struct ScoreFlags {
    /// Folder of files as `docalign gold` writes them, or one such file
    #[arg(value_name = "GOLD")]
    gold: PathBuf,
    /// Folder of alignment files (docalign/1), or one such file
    #[arg(value_name = "PREDICTIONS")]
    predictions: PathBuf,
    /// Folder for report.json, report.md and report.html; made where it is missing
    #[arg(short, long, value_name = "REPORT")]
    output: Option<PathBuf>,
    /// Table that says what the documents are (package, sha256, language, genre, ...)
    #[arg(long, value_name = "TSV")]
    list: Option<PathBuf>,
}

/// Scores predictions of any program.
pub fn run(flags: &ScoreFlags) -> Result<ExitCode, CommandError> {
    let list = read_list(flags.list.as_deref())?;
    let golds = find_json(&flags.gold)?
        .iter()
        .map(|path| Gold::read_json(&read_text(path)?).map_err(|error| failed(path, &error)))
        .collect::<Result<Vec<Gold>, CommandError>>()?;
    if golds.is_empty() {
        return Err(CommandError::Usage(format!(
            "{}: no gold file found",
            flags.gold.display()
        )));
    }
    let predictions = find_json(&flags.predictions)?
        .iter()
        .map(|path| Ok(Prediction::new(&file_name(path), read_text(path)?)))
        .collect::<Result<Vec<Prediction>, CommandError>>()?;
    let report = evaluate::score(&golds, &predictions, &list);
    finish(&report, &PairPictures::default(), flags.output.as_deref())
}

fn find_json(path: &Path) -> Result<Vec<PathBuf>, CommandError> {
    find_files(std::slice::from_ref(&path.to_owned()), "json")
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}
