//! `docalign eval`.

mod compare;
pub mod files;
mod run;
mod score;

use std::{
    io::{self, Write},
    path::Path,
    process::ExitCode,
};

use clap::{Args, Subcommand};
use docalign::evaluate::{PairPictures, Report};

use super::{UiFlags, report, report::CommandError};

/// Flags of `docalign eval` and its subcommands.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct EvalFlags {
    #[command(subcommand)]
    command: Option<EvalCommand>,
    #[command(flatten)]
    run: run::RunFlags,
}

#[derive(Debug, Subcommand)]
enum EvalCommand {
    /// Say what got better and worse from one report to another
    Compare(compare::CompareFlags),
    /// Score alignment files of any program against gold files
    Score(score::ScoreFlags),
}

/// Measures how often paragraphs and visuals are wrongly associated.
pub fn run(flags: EvalFlags, ui: &UiFlags) -> Result<ExitCode, CommandError> {
    match flags.command {
        Some(EvalCommand::Compare(flags)) => compare::run(&flags),
        Some(EvalCommand::Score(flags)) => score::run(&flags),
        None => run::run(&flags.run, ui),
    }
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

fn summarise(report: &Report) -> Result<(), CommandError> {
    let mut stdout = io::stdout().lock();
    let first = report.modes().into_iter();
    let first = first.filter_map(|mode| report.in_mode(mode).next());
    let groups =
        first.flat_map(|system| system.totals.iter().map(move |group| (system.mode, group)));
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
