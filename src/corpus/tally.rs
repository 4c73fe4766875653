//! How many files ended how.

use std::{collections::BTreeMap, fmt};

use serde::Serialize;

use crate::detect::CacheUse;

use super::{Record, Status};

/// Counts over files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Files with an outcome.
    pub files: u64,
    /// Those whose pages are all in the output.
    pub done: u64,
    /// Those with some pages missing or cut.
    pub partial: u64,
    /// Those without an output.
    pub failed: u64,
    /// Those whose content is another's; they are counted above too.
    pub duplicates: u64,
    /// Pages read, duplicates' not counted.
    pub pages: u64,
    /// How many of the pages that were to be looked at the cache knew.
    #[serde(skip_serializing_if = "CacheUse::is_none")]
    pub cache: CacheUse,
    /// How often each cause made a file fail or stay partial.
    pub causes: BTreeMap<&'static str, u64>,
}

impl Tally {
    /// Counts a file.
    pub fn add(&mut self, record: &Record) {
        self.files += 1;
        match record.status {
            Status::Done => self.done += 1,
            Status::Partial => self.partial += 1,
            Status::Failed => self.failed += 1,
        }
        self.duplicates += u64::from(record.duplicate_of.is_some());
        self.pages += u64::from(record.pages);
        self.cache += record.cache;
        if let Some(cause) = &record.cause {
            *self.causes.entry(cause.failure.code.name()).or_default() += 1;
        }
    }
}

/// One line: "12 files: 9 done, 1 partial, 2 failed (encrypted 1, not-a-pdf 1)".
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tally {
            files,
            done,
            partial,
            failed,
            ..
        } = self;
        write!(
            f,
            "{files} files: {done} done, {partial} partial, {failed} failed"
        )?;
        if !self.causes.is_empty() {
            let causes = self.causes.iter();
            let causes: Vec<String> = causes.map(|(code, n)| format!("{code} {n}")).collect();
            write!(f, " ({})", causes.join(", "))?;
        }
        if self.duplicates > 0 {
            write!(f, "; {} of them duplicates", self.duplicates)?;
        }
        write!(f, "; {} pages", self.pages)
    }
}
