//! `docalign eval`.

mod compare;
pub mod files;
mod score;

use std::{
    fs,
    io::{self, IsTerminal, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, Subcommand, ValueEnum};
use docalign::evaluate::{self, EvaluateOptions, Mode, PairPictures, Report, Split};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{UiFlags, report, report::CommandError};
use files::{failed, find_files, read_list};

/// Flags of `docalign eval` and its subcommands.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct EvalFlags {
    #[command(subcommand)]
    command: Option<EvalCommand>,
    #[command(flatten)]
    run: Option<RunFlags>,
}

#[derive(Debug, Subcommand)]
enum EvalCommand {
    /// Say what got better and worse from one report to another
    Compare(compare::CompareFlags),
    /// Score alignment files of any program against gold files
    Score(score::ScoreFlags),
}

#[derive(Debug, Args)]
struct RunFlags {
    /// PDFs, and folders that are searched for them
    #[arg(value_name = "CORPUS", required = true)]
    corpus: Vec<PathBuf>,
    /// Folder for report.json, report.md and report.html; made where it is missing
    #[arg(short, long, value_name = "REPORT")]
    output: PathBuf,
    /// Table that says what the documents are (package, sha256, language, genre, ...)
    #[arg(long, value_name = "TSV")]
    list: Option<PathBuf>,
    /// What the program may see: the document as it is, without the mentions of a fifth of the
    /// paragraphs at a time, without any mention; the first is shown in detail
    #[arg(long, value_name = "MODES", value_enum, value_delimiter = ',', default_values_t = ModeFlag::ALL)]
    mode: Vec<ModeFlag>,
    /// Only the documents of this part of the list: train, validation or test
    #[arg(long, value_name = "PART", requires = "list")]
    split: Option<Split>,
    /// Show pieces of the pages in report.html
    #[arg(long)]
    crops: bool,
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
    match (flags.command, flags.run) {
        (Some(EvalCommand::Compare(flags)), _) => compare::run(&flags),
        (Some(EvalCommand::Score(flags)), _) => score::run(&flags),
        (None, Some(flags)) => evaluate_corpus(&flags, ui),
        (None, None) => Err(CommandError::Usage("no corpus given".to_owned())),
    }
}

fn evaluate_corpus(flags: &RunFlags, ui: &UiFlags) -> Result<ExitCode, CommandError> {
    let list = read_list(flags.list.as_deref())?;
    let mut files = find_files(&flags.corpus, "pdf")?;
    if let Some(split) = flags.split {
        files = evaluate::of_split(&files, &list, split);
    }
    if files.is_empty() {
        return Err(CommandError::Usage(
            "no PDF found in the corpus given".to_owned(),
        ));
    }
    // Before the work, so that it is not lost.
    fs::create_dir_all(&flags.output).map_err(|error| failed(&flags.output, &error))?;
    let options = EvaluateOptions {
        list,
        modes: modes(&flags.mode),
        ..EvaluateOptions::default()
    };
    let bar = progress_bar(files.len() as u64, ui);
    let result = evaluate::run(&files, &options, &|| bar.inc(1));
    bar.finish_and_clear();
    let pictures = if flags.crops {
        PairPictures::draw(&result, &files)
    } else {
        PairPictures::default()
    };
    finish(&result, &pictures, Some(&flags.output))
}

/// Writes a report, sums it up and names the documents that failed.
fn finish(
    result: &Report,
    pictures: &PairPictures,
    folder: Option<&Path>,
) -> Result<ExitCode, CommandError> {
    if let Some(folder) = folder {
        files::write_report(result, pictures, folder)?;
    }
    summarise(result)?;
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
