//! What aligning a file will take, before it is done: a few of its pages are read, and what they hold says
//! how many pages will be drawn and looked at.

use serde::{Deserialize, Serialize};

use crate::{
    detect::{DetectMode, worth_a_look},
    pdf::{PdfSource, ReadError, sample},
    segment::segment,
};

/// So many pages are read, spread evenly over the file.
const SAMPLE: usize = 24;

/// Memory that any file takes, and what each MiB of the file and each page add, in bytes. Fitted, as the
/// seconds are, to 144 documents of the evaluation's corpus (parts train and validation) by `eval/plan.py`.
const BASE_BYTES: f64 = 68e6;
const BYTES_PER_MIB: f64 = 3.9e6;
const BYTES_PER_PAGE: f64 = 193e3;
/// What the network and the images of pages add where any page is looked at.
const LOOKING_BYTES: f64 = 7e6;
/// Seconds on one core of a plain cloud machine: of any file, of each MiB, page and page looked at.
const BASE_SECONDS: f64 = 0.003;
const SECONDS_PER_MIB: f64 = 0.1045;
const SECONDS_PER_PAGE: f64 = 0.0031;
const SECONDS_PER_LOOK: f64 = 0.0293;

/// What aligning a file will take.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Size of the file in bytes.
    pub file_bytes: u64,
    /// Pages of the file.
    pub pages: u32,
    /// Pages that will be drawn and shown to the network, as far as a sample of pages tells.
    pub looked_at: u32,
    /// Peak memory in bytes.
    pub memory_bytes: u64,
    /// Time of one processor in seconds.
    pub cpu_seconds: f64,
}

/// Estimates what a file will take when pages are looked at as `mode` says.
///
/// # Errors
/// When the file cannot be read.
pub fn plan(source: &PdfSource, mode: DetectMode) -> Result<Plan, ReadError> {
    let document = sample(source, SAMPLE)?;
    let worth = worth_a_look(&document, &segment(&document), mode).len();
    let share = worth as f64 / document.pages.len().max(1) as f64;
    let pages = f64::from(document.page_count);
    let looks = (share * pages).round();
    let mib = source.bytes.len() as f64 / f64::from(1 << 20);
    let looking = if looks > 0.0 { LOOKING_BYTES } else { 0.0 };
    let memory = BASE_BYTES + BYTES_PER_MIB * mib + BYTES_PER_PAGE * pages + looking;
    let seconds =
        BASE_SECONDS + SECONDS_PER_MIB * mib + SECONDS_PER_PAGE * pages + SECONDS_PER_LOOK * looks;
    Ok(Plan {
        file_bytes: source.bytes.len() as u64,
        pages: document.page_count,
        looked_at: looks as u32,
        memory_bytes: memory as u64,
        cpu_seconds: (seconds * 100.0).round() / 100.0,
    })
}
