//! What became of one file.

use std::{fs::Metadata, path::PathBuf, time::UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    detect::CacheUse,
    geometry::PageIndex,
    worker::{Failure, hex, os_path},
};

/// The outcome of a file, as the journal keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Which one it is of its journal's, from 1.
    pub number: u64,
    /// The file, as given or found.
    #[serde(with = "os_path")]
    pub path: PathBuf,
    /// What told the file from a changed one; `None` where it was not there.
    pub stamp: Option<Stamp>,
    /// SHA-256 of the content, lower-case hex; `None` where it could not be read.
    pub sha256: Option<String>,
    /// How it ended.
    pub status: Status,
    /// Why it is not done, or only partially.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
    /// The file of the same content that stands for this one.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "optional_path"
    )]
    pub duplicate_of: Option<PathBuf>,
    /// The alignment file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<OutputFile>,
    /// The list of the pictures of its visuals, in a folder with them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crops: Option<OutputFile>,
    /// Pages read.
    pub pages: u32,
    /// Pages of the file.
    pub page_count: u32,
    /// Warnings in the output.
    pub warnings: u32,
    /// How many of the pages that were to be looked at the cache knew.
    #[serde(default, skip_serializing_if = "CacheUse::is_none")]
    pub cache: CacheUse,
    /// How long it took.
    pub millis: u64,
}

/// How a file ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// All pages are in the output.
    Done,
    /// Some pages are missing in the output, or cut.
    Partial,
    /// There is no output.
    Failed,
}

impl Status {
    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Status::Done => "done",
            Status::Partial => "partial",
            Status::Failed => "failed",
        }
    }
}

/// Why a file is not done, or only partially.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// What happened.
    #[serde(flatten)]
    pub failure: Failure,
    /// The page at which it happened, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<PageIndex>,
}

impl From<Failure> for Cause {
    fn from(failure: Failure) -> Cause {
        Cause {
            failure,
            page: None,
        }
    }
}

/// A file that was written for an input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputFile {
    /// Its name in the corpus' folder, with "/" between the parts.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256, lower-case hex.
    pub sha256: String,
    /// When it was last changed, in nanoseconds since 1970; 0 where that was not asked.
    #[serde(default)]
    pub modified: u64,
}

impl OutputFile {
    /// A file of these bytes.
    pub(crate) fn of(name: &str, bytes: &[u8]) -> OutputFile {
        OutputFile {
            name: name.to_owned(),
            bytes: bytes.len() as u64,
            sha256: hex(&Sha256::digest(bytes)),
            modified: 0,
        }
    }
}

/// Size and time of change of a file: when both are the same, its content is taken to be so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Bytes.
    pub size: u64,
    /// Nanoseconds since 1970.
    pub modified: u64,
}

impl Stamp {
    /// The stamp of a file.
    pub fn of(metadata: &Metadata) -> Stamp {
        let since = metadata.modified().ok();
        let since = since.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        Stamp {
            size: metadata.len(),
            modified: since.map_or(0, |since| {
                u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
            }),
        }
    }
}

mod optional_path {
    use std::path::{Path, PathBuf};

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::worker::os_path;

    #[derive(Serialize)]
    struct Borrowed<'a>(#[serde(with = "os_path")] &'a Path);

    #[derive(Deserialize)]
    struct Owned(#[serde(with = "os_path")] PathBuf);

    pub fn serialize<S: Serializer>(path: &Option<PathBuf>, to: S) -> Result<S::Ok, S::Error> {
        path.as_deref().map(Borrowed).serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<PathBuf>, D::Error> {
        Ok(Option::<Owned>::deserialize(from)?.map(|path| path.0))
    }
}
