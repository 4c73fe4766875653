//! The flags as they are typed; [`AlignSettings`](super::settings::AlignSettings) are what they
//! mean together.

use std::{fs, ops::RangeInclusive, path::PathBuf, thread};

use clap::{Args, ValueEnum, ValueHint};
use docalign::{
    geometry::PageIndex,
    output,
    worker::{cause_chain, limits::MemoryLimit},
};

use crate::cli::{models::ModelFlags, report::CommandError};

/// Raw flags.
#[derive(Debug, Args)]
pub struct AlignFlags {
    /// The documents
    #[arg(required = true, value_name = "INPUT.pdf", value_hint = ValueHint::FilePath)]
    pub inputs: Vec<PathBuf>,
    /// Where to write: a file, a directory, or `-` for standard output
    ///
    /// By default the output stands beside the input: input.docalign.json. With several inputs
    /// this must be a directory. `md` and `chunks` put the
    /// pictures of visuals into a folder beside their file, and leave them out on standard output.
    #[arg(short, long, value_name = "OUT", value_hint = ValueHint::AnyPath)]
    pub output: Option<PathBuf>,
    /// What to write; by default what the name given with -o ends in, else JSON
    #[arg(short, long, value_name = "FORMAT")]
    pub format: Option<FormatFlag>,
    /// Read these pages only, counted from 1 in the file's order: 7, 5-40, 5-, -40
    #[arg(long, value_name = "PAGES", value_parser = parse_pages, allow_hyphen_values = true)]
    pub pages: Option<RangeInclusive<PageIndex>>,
    #[command(flatten)]
    pub password: PasswordFlags,
    /// Leave link annotations unread
    #[arg(long)]
    pub ignore_annotations: bool,
    /// Take all mentions off the pages first and link by content and place alone
    ///
    /// For evaluation: the words of every mention in running text are removed, captions keep their
    /// labels, and link annotations, bookmarks and the structure tree are left unread.
    #[arg(long)]
    pub blind: bool,
    /// Leave out links that are less likely than this; 0 lists every candidate
    #[arg(long, value_name = "P", default_value_t = 0.5, value_parser = parse_probability)]
    pub min_probability: f32,
    /// The longest chunk for --format chunks, in tokens
    #[arg(long, value_name = "N", default_value_t = 512, value_parser = clap::value_parser!(u32).range(1..))]
    pub chunk_tokens: u32,
    #[command(flatten)]
    pub models: ModelFlags,
    /// Write what the network sees on each page too, into `json` and, to be switched on, `html`
    #[arg(long)]
    pub objects: bool,
    #[command(flatten)]
    pub limits: LimitFlags,
}

/// What opens encrypted files.
#[derive(Debug, Args)]
pub struct PasswordFlags {
    /// Password of an encrypted file; other users of the machine can see it
    #[arg(long, value_name = "PASSWORD", conflicts_with = "password_file")]
    password: Option<String>,
    /// File whose first line is the password
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    password_file: Option<PathBuf>,
}

impl PasswordFlags {
    /// The password, empty for none.
    pub fn read(&self) -> Result<String, CommandError> {
        let Some(file) = &self.password_file else {
            return Ok(self.password.clone().unwrap_or_default());
        };
        let text = fs::read_to_string(file).map_err(|e| {
            CommandError::Usage(format!(
                "cannot read the password file {}: {}",
                file.display(),
                cause_chain(&e)
            ))
        })?;
        Ok(text.lines().next().unwrap_or_default().to_owned())
    }
}

/// How much of the machine to take.
#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "Limits")]
pub struct LimitFlags {
    /// Threads to work with [default: one for each processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Give a file up after so many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..))]
    pub timeout: u32,
    /// Give a file up that needs more memory than so many MiB
    #[arg(long, value_name = "MIB", default_value_t = 1024, value_parser = clap::value_parser!(u32).range(i64::from(MemoryLimit::MIN_MIB)..))]
    pub memory: u32,
}

/// An input may take this part of the memory limit; the rest is for what is made of it.
const INPUT_SHARE: u64 = 2;

impl LimitFlags {
    /// Threads to work with.
    pub fn threads(&self) -> usize {
        match self.threads {
            Some(threads) => usize::from(threads),
            None => thread::available_parallelism().map_or(1, usize::from),
        }
    }

    /// The largest input.
    pub fn max_input_bytes(&self) -> u64 {
        max_input_bytes(self.memory)
    }
}

/// The largest input under a memory limit.
pub fn max_input_bytes(memory_mib: u32) -> u64 {
    (u64::from(memory_mib) << 20) / INPUT_SHARE
}

/// The formats as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FormatFlag {
    /// The alignment file (see `docalign schema`)
    Json,
    /// One page for a browser, with page images
    Html,
    /// Markdown with the visuals as images beside it
    Md,
    /// JSON lines for a retrieval index
    Chunks,
    /// The graph of paragraphs and visuals for Gephi, yEd, NetworkX
    Graphml,
    /// The same for Graphviz
    Dot,
}

impl From<FormatFlag> for output::Format {
    fn from(flag: FormatFlag) -> output::Format {
        match flag {
            FormatFlag::Json => Self::Json,
            FormatFlag::Html => Self::Html,
            FormatFlag::Md => Self::Md,
            FormatFlag::Chunks => Self::Chunks,
            FormatFlag::Graphml => Self::Graphml,
            FormatFlag::Dot => Self::Dot,
        }
    }
}

fn parse_pages(text: &str) -> Result<RangeInclusive<PageIndex>, String> {
    let page = |text: &str| match text.trim().parse::<u32>() {
        Ok(0) => Err("pages are counted from 1".to_owned()),
        Ok(number) => Ok(PageIndex(number - 1)),
        Err(_) => Err(format!("`{text}` is no page number")),
    };
    let (first, last) = match text.split_once(['-', '–']) {
        None => (page(text)?, page(text)?),
        Some(("", "")) => return Err("give a first or a last page".to_owned()),
        Some(("", last)) => (PageIndex(0), page(last)?),
        Some((first, "")) => (page(first)?, PageIndex(u32::MAX - 1)),
        Some((first, last)) => (page(first)?, page(last)?),
    };
    if first > last {
        return Err("the first page comes after the last".to_owned());
    }
    Ok(first..=last)
}

pub fn parse_probability(text: &str) -> Result<f32, String> {
    match text.parse::<f32>() {
        Ok(p) if (0.0..=1.0).contains(&p) => Ok(p),
        _ => Err("give a number from 0 to 1".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_ranges() {
        let range = |first: u32, last: u32| Ok(PageIndex(first)..=PageIndex(last));
        assert_eq!(parse_pages("7"), range(6, 6));
        assert_eq!(parse_pages("5-40"), range(4, 39));
        assert_eq!(parse_pages("5–40"), range(4, 39));
        assert_eq!(parse_pages("-3"), range(0, 2));
        assert_eq!(parse_pages("3-"), range(2, u32::MAX - 1));
        for wrong in [
            "",
            "-",
            "0",
            "0-3",
            "4-3",
            "a",
            "1-2-3",
            "-0",
            "99999999999",
        ] {
            assert!(parse_pages(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn probabilities() {
        assert_eq!(parse_probability("0.25"), Ok(0.25));
        for wrong in ["-0.1", "1.1", "nan", "x"] {
            assert!(parse_probability(wrong).is_err(), "{wrong}");
        }
    }
}
