//! The flags as they are typed.

use std::{path::PathBuf, thread};

use clap::{Args, ValueEnum, ValueHint};
use docalign::{corpus::Shard, worker::limits::MemoryLimit};

use crate::cli::{
    align::{PasswordFlags, parse_probability},
    models::ModelFlags,
};

/// Raw flags.
#[derive(Debug, Args)]
pub struct RunFlags {
    /// PDFs, folders that are searched for them, patterns, lists
    ///
    /// A file that ends in .txt is a list with one path a line, `-` is such a list on standard
    /// input. Patterns know `*`, `?`, `[a-z]` and `**` for any depth of folders. Links to folders
    /// are not followed.
    #[arg(value_name = "INPUT", required = true, value_hint = ValueHint::AnyPath)]
    pub inputs: Vec<PathBuf>,
    /// Folder for the outputs; made where it is missing
    ///
    /// A run that was ended, however it was, is gone on with by the same command.
    #[arg(short, long, value_name = "OUTDIR", required = true, value_hint = ValueHint::DirPath)]
    pub output: Option<PathBuf>,
    /// The paths in lists end with null bytes, as `find -print0` writes them
    #[arg(short = '0', long)]
    pub null: bool,
    /// Take one of n parts of the corpus, as one of n machines: 0/4 to 3/4 are four parts
    ///
    /// Which part a file belongs to follows from its path as given or found; all machines must be
    /// given the same inputs in the same way. They may share OUTDIR, or have one each.
    #[arg(
        long,
        value_name = "I/N",
        default_value = "0/1",
        hide_default_value = true
    )]
    pub shard: Shard,
    /// Try files again that have an outcome, of these kinds
    #[arg(long, value_name = "WHICH", value_enum, value_delimiter = ',')]
    pub retry: Vec<RetryFlag>,
    /// Read all outputs that are there already, and do again what is not as it was written
    ///
    /// Without it only outputs that were touched since are read.
    #[arg(long)]
    pub verify: bool,
    /// What to write, of these
    #[arg(short, long, value_name = "FORMATS", value_enum, value_delimiter = ',', default_values_t = [CorpusFormat::Json, CorpusFormat::Parquet])]
    pub format: Vec<CorpusFormat>,
    /// Write the pictures of the visuals too, as files in crops/: PNG if no kind is given
    #[arg(long, value_name = "KIND", value_enum, num_args = 0..=1, require_equals = true, default_missing_value = "png")]
    pub crops: Option<CropFlag>,
    #[command(flatten)]
    pub password: PasswordFlags,
    /// Leave link annotations unread
    #[arg(long)]
    pub ignore_annotations: bool,
    /// Leave out links that are less likely than this; 0 lists every candidate
    #[arg(long, value_name = "P", default_value_t = 0.5, value_parser = parse_probability)]
    pub min_probability: f32,
    /// How to tell what goes on
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "text",
        help_heading = "Messages"
    )]
    pub log: LogFlag,
    #[command(flatten)]
    pub models: ModelFlags,
    #[command(flatten)]
    pub limits: CorpusLimitFlags,
}

/// How much of the machine to take.
#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "Limits")]
pub struct CorpusLimitFlags {
    /// Processes that read files, each one file at a time [default: one for each processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    workers: Option<u16>,
    /// Give a file up after so many seconds; what fits into half of its pages is tried then
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..))]
    pub timeout: u32,
    /// Memory of each of the processes in MiB
    #[arg(long, value_name = "MIB", default_value_t = 2048, value_parser = clap::value_parser!(u32).range(i64::from(MemoryLimit::MIN_MIB)..))]
    pub memory: u32,
}

/// The outputs as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CorpusFormat {
    /// documents/: an alignment file for each content (see `docalign schema`).
    Json,
    /// tables/: Parquet files of the whole corpus (see `docalign schema --tables`).
    Parquet,
}

/// What to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RetryFlag {
    /// Files without an output.
    Failed,
    /// Files of which some pages are missing or cut, as by a limit that is higher now.
    Partial,
}

/// The kinds of pictures as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CropFlag {
    /// Read by everything.
    Png,
    /// Without loss too, in half of the space.
    Webp,
}

/// How to tell what goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFlag {
    /// A bar on a terminal, else a line a minute.
    Text,
    /// A JSON object for each event, one a line, on standard error.
    Json,
}

/// Files that this process has open for a worker while it is started: both ends of its three pipes,
/// and two to hear whether it could be.
const FILES_PER_WORKER: u64 = 8;
/// Files that this process has open besides: streams, lock, journal, folders being searched.
const OTHER_FILES: u64 = 24;

impl CorpusLimitFlags {
    /// How many workers to start, where so many files may be open.
    pub fn workers(&self, open_files: Option<u64>) -> usize {
        let wanted = match self.workers {
            Some(workers) => usize::from(workers),
            None => thread::available_parallelism().map_or(1, usize::from),
        };
        let possible = open_files.map_or(u64::MAX, |files| {
            files.saturating_sub(OTHER_FILES) / FILES_PER_WORKER
        });
        wanted.min(usize::try_from(possible).unwrap_or(usize::MAX).max(1))
    }
}
