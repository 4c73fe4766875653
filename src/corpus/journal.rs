//! The journal: one line for each outcome, appended and never changed.
//!
//! A line is a checksum, a space and a JSON value. A program killed while it writes leaves half a
//! line, a power cut perhaps some bytes of anything: lines whose checksum is wrong are passed over,
//! and what they told is done again.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write},
    path::Path,
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{OutputFile, Record};

/// A longer line is none of ours.
const MAX_LINE_BYTES: u64 = 1 << 22;
/// Hex digits of the checksum.
const SUM_DIGITS: usize = 8;

/// What the journal holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Entry {
    /// The outcome of a file; the last one counts.
    File(Box<Record>),
    /// Tables of a batch of files.
    Part(Part),
}

/// Tables of a batch of files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Which one it is of its journal's, from 1.
    pub number: u64,
    /// The numbers of the records that are in it.
    pub records: Vec<u64>,
    /// The files.
    pub files: Vec<OutputFile>,
}

/// A journal that is being written.
#[derive(Debug)]
pub struct Journal {
    file: File,
}

impl Journal {
    /// Opens a journal to append to it.
    ///
    /// # Errors
    /// When it cannot be made, or its end not be mended.
    pub fn open(path: &Path) -> io::Result<Journal> {
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(path)?;
        let length = file.metadata()?.len();
        if length > 0 {
            let mut last = [0];
            file.seek(SeekFrom::Start(length - 1))?;
            file.read_exact(&mut last)?;
            if last != *b"\n" {
                file.write_all(b"\n")?;
            }
        }
        Ok(Journal { file })
    }

    /// Adds an entry, which survives the end of this process but not yet that of the machine.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn append(&mut self, entry: &Entry) -> io::Result<()> {
        let json = serde_json::to_vec(entry)?;
        let mut line = checksum(&json).into_bytes();
        line.push(b' ');
        line.extend(json);
        line.push(b'\n');
        // In one piece, so that other lines cannot stand inside it.
        self.file.write_all(&line)
    }

    /// Brings all entries to the disk.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }
}

/// Reads a journal, if there is one; gives back how many lines were damaged.
///
/// # Errors
/// When it cannot be read.
pub fn read(path: &Path, mut on_entry: impl FnMut(Entry)) -> io::Result<u64> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(error),
    };
    let mut file = BufReader::with_capacity(1 << 16, file);
    let mut damaged = 0;
    let mut line = Vec::new();
    loop {
        line.clear();
        let length = (&mut file)
            .take(MAX_LINE_BYTES)
            .read_until(b'\n', &mut line)?;
        if length == 0 {
            return Ok(damaged);
        }
        match parse(&line) {
            Some(entry) => on_entry(entry),
            // Where the end of a journal was mended there may be an empty line.
            None if line == b"\n" => {}
            None => damaged += 1,
        }
    }
}

fn parse(line: &[u8]) -> Option<Entry> {
    let line = line.strip_suffix(b"\n")?;
    let (sum, json) = line.split_at_checked(SUM_DIGITS)?;
    let json = json.strip_prefix(b" ")?;
    if checksum(json).as_bytes() != sum {
        return None;
    }
    serde_json::from_slice(json).ok()
}

fn checksum(json: &[u8]) -> String {
    let digest = Sha256::digest(json);
    let mut sum: String = digest.iter().take(4).map(|b| format!("{b:02x}")).collect();
    sum.truncate(SUM_DIGITS);
    sum
}

#[cfg(test)]
mod tests {
    use std::{fs, path::PathBuf};

    use super::*;
    use crate::{
        corpus::{Cause, Status},
        worker::{Failure, FailureCode},
    };

    fn record(path: &str) -> Entry {
        Entry::File(Box::new(Record {
            number: 3,
            path: PathBuf::from(path),
            stamp: None,
            sha256: None,
            status: Status::Failed,
            cause: Some(Cause::from(Failure::new(FailureCode::NotAPdf, "no\nPDF"))),
            duplicate_of: Some(PathBuf::from("other")),
            output: None,
            crops: None,
            pages: 0,
            page_count: 0,
            warnings: 0,
            cache: crate::detect::CacheUse { hits: 5, misses: 1 },
            millis: 7,
        }))
    }

    fn entries(path: &Path) -> (Vec<Entry>, u64) {
        let mut entries = Vec::new();
        let damaged = read(path, |entry| entries.push(entry)).unwrap();
        (entries, damaged)
    }

    #[test]
    fn what_was_written_is_read_whatever_the_end_looks_like() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal");
        assert_eq!(entries(&path), (Vec::new(), 0));
        let mut journal = Journal::open(&path).unwrap();
        journal.append(&record("a\nb")).unwrap();
        journal.append(&record("c")).unwrap();
        drop(journal);
        let whole = fs::read(&path).unwrap();
        for cut in 0..whole.len() - 1 {
            fs::write(&path, &whole[..cut]).unwrap();
            let mut journal = Journal::open(&path).unwrap();
            journal.append(&record("d")).unwrap();
            let (read, damaged) = entries(&path);
            // Without its line's end an entry is mended by the one that follows.
            let left = usize::from(cut >= first_length(&whole) - 1);
            let expected = [record("a\nb"), record("d")];
            assert_eq!(read, expected[1 - left..], "cut at {cut}");
            let ends = [0, first_length(&whole) - 1, first_length(&whole)];
            assert_eq!(damaged, u64::from(!ends.contains(&cut)), "cut at {cut}");
        }
    }

    fn first_length(bytes: &[u8]) -> usize {
        bytes.iter().position(|&b| b == b'\n').unwrap() + 1
    }

    #[test]
    fn a_damaged_line_does_not_hide_the_next() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal");
        let mut journal = Journal::open(&path).unwrap();
        for name in ["a", "b", "c"] {
            journal.append(&record(name)).unwrap();
        }
        let mut bytes = fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&path, bytes).unwrap();
        assert_eq!(entries(&path), (vec![record("a"), record("c")], 1));
    }

    #[test]
    #[cfg(unix)]
    fn names_of_any_bytes_come_back() {
        use std::{ffi::OsStr, os::unix::ffi::OsStrExt};

        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal");
        let Entry::File(mut odd) = record("") else {
            panic!();
        };
        odd.path = OsStr::from_bytes(b"\xff\n-.pdf").into();
        odd.duplicate_of = Some(OsStr::from_bytes(b"\xfe").into());
        let entry = Entry::File(odd);
        Journal::open(&path).unwrap().append(&entry).unwrap();
        assert_eq!(entries(&path), (vec![entry], 0));
    }
}
