//! `docalign eval score`.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, ValueEnum};
use docalign::evaluate::{self, Mode, PairPictures, Prediction, ScoreOptions};

use super::{
    files::{find_files, read_golds, read_list, read_text},
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
    /// What the report calls the program that made the alignment files
    #[arg(long, default_value = "predictions")]
    name: String,
    /// What that program saw: the documents as they are, or without any mention
    #[arg(long, value_enum, default_value_t = ScoreMode::Open)]
    mode: ScoreMode,
}

/// The modes in which a document has one alignment.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum ScoreMode {
    Open,
    Blind,
}

impl From<ScoreMode> for Mode {
    fn from(mode: ScoreMode) -> Mode {
        match mode {
            ScoreMode::Open => Mode::Open,
            ScoreMode::Blind => Mode::Blind,
        }
    }
}

/// Scores predictions of any program.
pub fn run(flags: &ScoreFlags) -> Result<ExitCode, CommandError> {
    let list = read_list(flags.list.as_deref())?;
    let golds = read_golds(&flags.gold)?;
    let predictions = find_files(std::slice::from_ref(&flags.predictions), "json")?
        .iter()
        .map(|path| Ok(Prediction::new(&file_name(path), read_text(path)?)))
        .collect::<Result<Vec<Prediction>, CommandError>>()?;
    let options = ScoreOptions {
        list,
        name: flags.name.clone(),
        mode: flags.mode.into(),
    };
    let report = evaluate::score(&golds, &predictions, &options);
    finish(&report, &PairPictures::default(), flags.output.as_deref())
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}
