//! `docalign corpus merge-report`: what became of a corpus, wherever its parts were worked on.

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::Args;
use docalign::{
    corpus::{MergedReport, merge_reports},
    worker::cause_chain,
};
use serde_json::json;

use super::progress::outcome;
use crate::cli::report::{self, CommandError, printable};

/// Raw flags.
#[derive(Debug, Args)]
pub struct MergeFlags {
    /// Folders that `docalign corpus` wrote to
    #[arg(value_name = "OUTDIR", required = true)]
    folders: Vec<PathBuf>,
    /// Print the counts as JSON
    #[arg(long)]
    json: bool,
    /// Name the files that failed or are partial
    #[arg(long, conflicts_with = "json")]
    failures: bool,
}

/// Prints the counts of each shard and of all of them.
pub fn run(flags: &MergeFlags) -> Result<ExitCode, CommandError> {
    let merged =
        merge_reports(&flags.folders).map_err(|error| CommandError::Failed(cause_chain(&error)))?;
    if merged.journals.is_empty() {
        return Err(CommandError::Usage(
            "no journal of a corpus is there".to_owned(),
        ));
    }
    let mut out = io::stdout().lock();
    if flags.json {
        print_json(&merged, &mut out)?;
    } else {
        print_text(&merged, flags.failures, &mut out)?;
    }
    for shard in &merged.missing {
        report::error(&format_args!("shard {shard} is not there"));
    }
    let well = merged.missing.is_empty() && merged.total.failed == 0;
    Ok(if well {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(report::SOME_FAILED)
    })
}

fn print_text(merged: &MergedReport, failures: bool, out: &mut impl Write) -> io::Result<()> {
    if failures {
        for line in merged.unfinished.iter().filter_map(outcome) {
            writeln!(out, "{}", printable(&line))?;
        }
    }
    if merged.journals.len() > 1 {
        for (journal, tally) in &merged.journals {
            writeln!(out, "{}: {tally}", journal.display())?;
        }
    }
    writeln!(out, "{}; {} contents", merged.total, merged.contents)?;
    if !merged.total.cache.is_none() {
        writeln!(out, "{}", merged.total.cache)?;
    }
    Ok(())
}

fn print_json(merged: &MergedReport, out: &mut impl Write) -> io::Result<()> {
    let journals = merged
        .journals
        .iter()
        .map(|(path, tally)| json!({"journal": path.to_string_lossy(), "tally": tally}));
    let missing = merged.missing.iter().map(ToString::to_string);
    let value = json!({
        "total": merged.total,
        "contents": merged.contents,
        "journals": journals.collect::<Vec<_>>(),
        "missing_shards": missing.collect::<Vec<_>>(),
        "damaged_lines": merged.damaged,
    });
    writeln!(out, "{value}")
}
