//! What the two processes say to each other: one JSON value a line, jobs in, messages out.

use std::{collections::BTreeMap, ops::RangeInclusive, path::PathBuf};

use serde::{Deserialize, Serialize};

use crate::{
    corpus::{OutputFile, tables::TablesJob},
    detect::{CacheUse, DetectMode},
    evaluate::{DocumentReport, Gold, Mode},
    geometry::PageIndex,
    output::{Format, crops::CropFormat},
    plan::Plan,
};

use super::{Failure, confine::Gaps};

/// What a worker is asked to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Request {
    /// To align a file.
    Align(Box<Job>),
    /// To evaluate one.
    Evaluate(EvaluateJob),
    /// To read a file's gold.
    ReadGold(InputFile),
    /// To estimate what aligning a file will take.
    Plan(PlanJob),
    /// To hash a file.
    Hash(InputFile),
    /// To align a file of a corpus.
    Process(Box<CorpusJob>),
    /// To write tables of files of a corpus.
    Tables(TablesJob),
}

impl Request {
    /// The job that writes files, if it is one.
    pub(super) fn job(&self) -> Option<&Job> {
        match self {
            Self::Align(job) => Some(job),
            Self::Process(corpus) => Some(&corpus.job),
            Self::Evaluate(_)
            | Self::ReadGold(_)
            | Self::Plan(_)
            | Self::Hash(_)
            | Self::Tables(_) => None,
        }
    }
}

/// A file to be read whole.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InputFile {
    /// The PDF.
    #[serde(with = "os_path")]
    pub path: PathBuf,
    /// Its password, empty for none.
    pub password: String,
    /// Refuse larger inputs, in bytes.
    pub max_bytes: u64,
}

/// One file to evaluate.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EvaluateJob {
    /// The file.
    pub input: InputFile,
    /// What is true of it; what its link annotations say when `None`.
    pub gold: Option<Gold>,
    /// What the program sees of the mentions.
    pub modes: Vec<Mode>,
}

/// One file to estimate.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PlanJob {
    /// The file.
    pub input: InputFile,
    /// Which of its pages will be looked at.
    pub mode: DetectMode,
}

/// What a worker has done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Reply {
    /// The file is aligned.
    Aligned(Success),
    /// The file is evaluated.
    Evaluated(Box<DocumentReport>),
    /// The file's gold.
    Gold(Gold),
    /// What aligning the file will take.
    Plan(Plan),
    /// The SHA-256 of the file, lower-case hex.
    Hash(String),
    /// The file of a corpus is aligned.
    Processed(Processed),
    /// The tables are written.
    Tables(Vec<WrittenFile>),
}

/// A file of a corpus to align.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CorpusJob {
    /// What to do.
    pub job: Job,
    /// SHA-256 that the file had; with another one it has changed meanwhile.
    pub sha256: String,
    /// Why only some of the pages are read, where a limit is the reason.
    pub left_out: Option<Failure>,
    /// Why page images are not looked at, where a limit is the reason.
    pub not_looked_at: Option<Failure>,
    /// How to write the pictures of the visuals, if they are wanted too.
    pub crops: Option<CropFormat>,
}

/// The name of the list of pictures in their folder.
pub(crate) const CROPS_LIST: &str = "index.json";

/// The pictures of each visual that has some.
pub(crate) type CropsList = BTreeMap<String, Vec<OutputFile>>;

/// A file of a corpus that gave its output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Processed {
    /// The output.
    pub written: WrittenFile,
    /// The list of pictures, in a folder with them; `None` where there are none.
    pub crops: Option<WrittenFile>,
    /// Pages read.
    pub pages: u32,
    /// Pages of the file.
    pub page_count: u32,
    /// Warnings in the output.
    pub warnings: u32,
    /// The pages that could not be read, or not to their end.
    pub broken_pages: Vec<PageIndex>,
    /// How many of the pages that were to be looked at the cache knew.
    pub cache: CacheUse,
}

/// A file that was written and is on the disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenFile {
    /// Where it is.
    #[serde(with = "os_path")]
    pub path: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its SHA-256, lower-case hex.
    pub sha256: String,
}

/// One file to align.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Job {
    /// Unique among all jobs of all running programs; part of the names of temporary files.
    pub tag: String,
    /// The PDF.
    #[serde(with = "os_path")]
    pub input: PathBuf,
    /// Its password, empty for none.
    pub password: String,
    /// The pages to read; all when `None`.
    pub pages: Option<RangeInclusive<PageIndex>>,
    /// Leave link annotations unread.
    pub ignore_annotations: bool,
    /// Hide mentions from the program.
    pub blind: bool,
    /// Links of a lower probability are left out.
    pub min_probability: f32,
    /// The longest chunk in tokens.
    pub chunk_tokens: u32,
    /// Refuse larger inputs, in bytes.
    pub max_input_bytes: u64,
    /// What to write.
    pub format: Format,
    /// Where to write it.
    pub output: JobOutput,
    /// The terminal table to give back, if any.
    pub table: Option<TableStyle>,
}

/// Where a job's output goes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum JobOutput {
    /// To a file that appears when it is whole.
    File(#[serde(with = "os_path")] PathBuf),
    /// To a temporary file in this directory, for the supervisor's side to pass on; the outcome
    /// names it.
    Temporary(#[serde(with = "os_path")] PathBuf),
}

/// How the terminal table looks.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct TableStyle {
    /// Whether to colour it.
    pub color: bool,
    /// The width in columns.
    pub width: u16,
}

/// What a worker says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Message {
    /// The job goes on.
    Progress(Progress),
    /// The job is over.
    Outcome(Result<Reply, Failure>),
    /// What the worker could not forbid itself; said before its first job.
    Confined(Gaps),
}

/// How far a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Progress {
    /// So many pages are read of so many.
    Reading {
        /// Pages done.
        done: u32,
        /// Pages in all.
        total: u32,
    },
    /// So many pages are looked at of so many.
    Looking {
        /// Pages done.
        done: u32,
        /// Pages in all.
        total: u32,
    },
    /// The output is being written.
    Writing,
}

/// How the aligning of a file ended.
pub type Outcome = Result<Success, Failure>;

/// A job that gave its output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Success {
    /// The file that was written.
    #[serde(with = "os_path")]
    pub written: PathBuf,
    /// Pages read.
    pub pages: u32,
    /// Warnings in the output.
    pub warnings: u32,
    /// The terminal table, if one was asked for.
    pub table: Option<String>,
}

/// Paths as the operating system has them: as text where they are, else in a form of their own,
/// since JSON strings cannot hold all of them.
pub(crate) mod os_path {
    use std::{
        ffi::OsString,
        path::{Path, PathBuf},
    };

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Text(String),
        Raw(OsString),
    }

    pub fn serialize<S: Serializer>(path: &Path, to: S) -> Result<S::Ok, S::Error> {
        match path.to_str() {
            Some(text) => text.serialize(to),
            None => path.as_os_str().serialize(to),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<PathBuf, D::Error> {
        match Written::deserialize(from)? {
            Written::Text(text) => Ok(PathBuf::from(text)),
            Written::Raw(raw) => Ok(PathBuf::from(raw)),
        }
    }
}
