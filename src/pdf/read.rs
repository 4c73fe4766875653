//! Reads all pages of a file in parallel.

use std::{ops::RangeInclusive, time::Duration};

use crate::geometry::PageIndex;

use super::{Document, PdfSource, ReadError};

/// What to read, and how long at most.
#[derive(Debug, Clone)]
pub struct ReadOptions {
    /// The pages to read; all when `None`.
    pub pages: Option<RangeInclusive<PageIndex>>,
    /// Leave link annotations unread, as evaluation against them must.
    pub ignore_annotations: bool,
    /// Longest time for one page; what was drawn by then is kept.
    pub page_time_limit: Duration,
}

impl Default for ReadOptions {
    fn default() -> ReadOptions {
        ReadOptions {
            pages: None,
            ignore_annotations: false,
            // Real pages take 1 to 5 ms, the worst maps under 2 s.
            page_time_limit: Duration::from_secs(10),
        }
    }
}

/// Called from any thread after each page with the pages done so far and the pages in all.
pub type ReadProgress<'a> = &'a (dyn Fn(u32, u32) + Sync);

/// Reads a document.
///
/// # Errors
/// When no page can be found. A page that cannot be read is empty and has a warning.
pub fn read(
    _source: &PdfSource,
    _options: &ReadOptions,
    _progress: ReadProgress<'_>,
) -> Result<Document, ReadError> {
    todo!("being written")
}
