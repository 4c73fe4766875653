//! Many files: one outcome each, whatever is in them, and a run that can be ended at any moment and
//! gone on with.
//!
//! [`inputs`] finds the files and [`plan`] leaves out what is done; [`run()`] gives each to a worker
//! process ([`attempt`]), publishes its output in the corpus' [`folder`] and adds a [`Record`] to
//! the [`journal`]. An output has its name before its record is written: what is recorded is there.

mod attempt;
mod folder;
pub mod inputs;
pub mod journal;
mod ledger;
mod lock;
mod merge;
mod plan;
mod record;
mod run;
mod shard;
pub mod tables;
mod tally;

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::output::atomic::OutputError;

pub use inputs::{InputProblem, Inputs, Separator};
pub use merge::{MergedReport, merge_reports};
pub use plan::Doubts;
pub use record::{Cause, OutputFile, Record, Stamp, Status};
pub use run::{CorpusOptions, Event, Formats, OnEvent, Summary, run};
pub use shard::{Shard, ShardError};
pub use tally::Tally;

/// Why a corpus cannot be worked on at all.
#[derive(Debug, thiserror::Error)]
pub enum CorpusError {
    /// Another run works on the folder.
    #[error("{}: {owner} is working on it", folder.display())]
    Locked {
        /// The folder.
        folder: PathBuf,
        /// Who.
        owner: String,
    },
    /// The folder holds outputs that were made with other settings.
    #[error(
        "{}: made with other settings ({changes}); give another folder",
        folder.display()
    )]
    OtherSettings {
        /// The folder.
        folder: PathBuf,
        /// What differs.
        changes: String,
    },
    /// Something cannot be written, or not be read of what was.
    #[error(transparent)]
    Output(#[from] OutputError),
}

impl CorpusError {
    fn output(path: &Path, cause: io::Error) -> CorpusError {
        CorpusError::Output(OutputError {
            path: path.to_path_buf(),
            cause,
        })
    }
}
