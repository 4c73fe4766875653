//! `docalign eval`.

use std::{
    fs,
    io::{self, IsTerminal, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, ValueEnum};
use docalign::evaluate::{self, CorpusList, EvaluateOptions, Mode, Report};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{UiFlags, report, report::CommandError};

/// Flags of `docalign eval`.
#[derive(Debug, Args)]
pub struct EvalFlags {
    /// PDFs, and folders that are searched for them
    #[arg(value_name = "CORPUS", required = true)]
    corpus: Vec<PathBuf>,
    /// Folder for report.json and report.md; made where it is missing
    #[arg(short, long, value_name = "REPORT")]
    output: PathBuf,
    /// Table that says what the documents are (package, sha256, language, genre, ...)
    #[arg(long, value_name = "TSV")]
    list: Option<PathBuf>,
    /// What the program may see: the document as it is, without the mentions of a fifth of the
    /// paragraphs at a time, without any mention; the first is shown in detail
    #[arg(long, value_name = "MODES", value_enum, value_delimiter = ',', default_values_t = ModeFlag::ALL)]
    mode: Vec<ModeFlag>,
}

/// The modes as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ModeFlag {
    Open,
    PartBlind,
    Blind,
}

impl ModeFlag {
    const ALL: [ModeFlag; 3] = [ModeFlag::Open, ModeFlag::PartBlind, ModeFlag::Blind];
}

impl From<ModeFlag> for Mode {
    fn from(flag: ModeFlag) -> Mode {
        match flag {
            ModeFlag::Open => Mode::Open,
            ModeFlag::PartBlind => Mode::PartBlind,
            ModeFlag::Blind => Mode::Blind,
        }
    }
}

/// Measures how often paragraphs and visuals are wrongly associated.
pub fn run(flags: EvalFlags, ui: &UiFlags) -> Result<ExitCode, CommandError> {
    let files = find_files(&flags.corpus)?;
    if files.is_empty() {
        return Err(CommandError::Usage(
            "no PDF found in the corpus given".to_owned(),
        ));
    }
    let options = EvaluateOptions {
        list: read_list(flags.list.as_deref())?,
        modes: modes(&flags.mode),
        ..EvaluateOptions::default()
    };
    // Before the work, so that it is not lost.
    fs::create_dir_all(&flags.output).map_err(|error| failed(&flags.output, &error))?;
    let bar = progress_bar(files.len() as u64, ui);
    let result = evaluate::run(&files, &options, &|| bar.inc(1));
    bar.finish_and_clear();
    write_report(&result, &flags.output)?;
    summarise(&result)?;
    let failures = result.documents.iter().filter_map(|document| {
        let error = document.error.as_deref()?;
        Some(format!("{}: {error}", document.file_name))
    });
    let mut code = ExitCode::SUCCESS;
    for failure in failures {
        report::error(&failure);
        code = ExitCode::from(report::SOME_FAILED);
    }
    Ok(code)
}

/// Each once, in the order given.
fn modes(flags: &[ModeFlag]) -> Vec<Mode> {
    let mut modes: Vec<Mode> = Vec::new();
    for flag in flags {
        let mode = Mode::from(*flag);
        if !modes.contains(&mode) {
            modes.push(mode);
        }
    }
    modes
}

fn failed(path: &Path, error: &dyn std::fmt::Display) -> CommandError {
    CommandError::Failed(format!("{}: {error}", path.display()))
}

fn read_list(path: Option<&Path>) -> Result<CorpusList, CommandError> {
    let Some(path) = path else {
        return Ok(CorpusList::default());
    };
    let text = fs::read_to_string(path).map_err(|error| failed(path, &error))?;
    CorpusList::parse(&text).map_err(|error| failed(path, &error))
}

/// The files given and those in the folders given, sorted within each folder.
fn find_files(corpus: &[PathBuf]) -> Result<Vec<PathBuf>, CommandError> {
    let mut files = Vec::new();
    for path in corpus {
        if path.is_dir() {
            find_in_folder(path, &mut files).map_err(|error| failed(path, &error))?;
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}

fn find_in_folder(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        // A link to a folder may lead back to where we are.
        if entry.file_type()?.is_dir() {
            find_in_folder(&path, files)?;
        } else if path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("pdf"))
        {
            files.push(path);
        }
    }
    Ok(())
}

fn progress_bar(documents: u64, ui: &UiFlags) -> ProgressBar {
    let bar = ProgressBar::new(documents);
    if ui.quiet || !io::stderr().is_terminal() {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    } else if let Ok(style) =
        ProgressStyle::with_template("{bar:30} {pos} of {len} documents, {eta} to go")
    {
        bar.set_style(style);
    }
    bar
}

fn write_report(report: &Report, folder: &Path) -> Result<(), CommandError> {
    let json = serde_json::to_string_pretty(report)
        .map_err(|error| CommandError::Failed(error.to_string()))?;
    for (name, text) in [
        ("report.json", json + "\n"),
        ("report.md", report.to_markdown()),
    ] {
        let path = folder.join(name);
        let part = folder.join(format!(".{name}.part"));
        fs::write(&part, text)
            .and_then(|()| fs::rename(&part, &path))
            .map_err(|error| failed(&path, &error))?;
    }
    Ok(())
}

fn summarise(report: &Report) -> Result<(), CommandError> {
    let mut stdout = io::stdout().lock();
    let own = report
        .systems
        .iter()
        .filter(|system| system.name == "docalign");
    let groups = own.flat_map(|system| system.totals.iter().map(move |group| (system.mode, group)));
    for (mode, group) in groups {
        writeln!(
            stdout,
            "{}, {}: {} of {} pairs linked ({:.1} %), association error {:.1} %",
            mode.name(),
            group.name,
            group.tally.linked,
            group.tally.pairs,
            group.tally.linked_share() * 100.0,
            group.tally.error_rate() * 100.0
        )?;
    }
    Ok(())
}
