//! The outcomes of several folders and shards, summed up.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    fs,
    path::{Path, PathBuf},
};

use super::{
    CorpusError, Record, Shard, Tally,
    folder::shard_of_journal,
    journal::{self, Entry},
    ledger::{Hash, parse_hash},
};

/// What became of a corpus, wherever its parts were worked on.
#[derive(Debug, Default)]
pub struct MergedReport {
    /// The counts of each journal.
    pub journals: BTreeMap<PathBuf, Tally>,
    /// All of them.
    pub total: Tally,
    /// Different contents that were read, in whatever shard.
    pub contents: usize,
    /// Shards of which others are there, but they are not.
    pub missing: Vec<Shard>,
    /// Files that failed or are partial.
    pub unfinished: Vec<Record>,
    /// Lines of journals that could not be read.
    pub damaged: u64,
}

/// Sums up the journals of some folders.
///
/// # Errors
/// When a folder or a journal cannot be read.
pub fn merge_reports(folders: &[PathBuf]) -> Result<MergedReport, CorpusError> {
    let mut report = MergedReport::default();
    let mut contents: HashSet<Hash> = HashSet::new();
    let mut shards: BTreeSet<(u32, u32)> = BTreeSet::new();
    for folder in folders {
        for (path, shard) in journals_in(folder)? {
            shards.insert((shard.count(), shard.index()));
            let tally = report.add_journal(&path, &mut contents)?;
            report.journals.insert(path, tally);
        }
    }
    report.contents = contents.len();
    let counts: BTreeSet<u32> = shards.iter().map(|&(count, _)| count).collect();
    report.missing = counts
        .into_iter()
        .flat_map(Shard::all)
        .filter(|shard| !shards.contains(&(shard.count(), shard.index())))
        .collect();
    Ok(report)
}

impl MergedReport {
    fn add_journal(
        &mut self,
        path: &Path,
        contents: &mut HashSet<Hash>,
    ) -> Result<Tally, CorpusError> {
        let mut records: HashMap<PathBuf, Box<Record>> = HashMap::new();
        let damaged = journal::read(path, |entry| {
            if let Entry::File(record) = entry {
                records.insert(record.path.clone(), record);
            }
        });
        self.damaged += damaged.map_err(|error| CorpusError::output(path, error))?;
        let mut tally = Tally::default();
        let mut records: Vec<Box<Record>> = records.into_values().collect();
        records.sort_unstable_by_key(|record| record.number);
        for record in records {
            tally.add(&record);
            self.total.add(&record);
            contents.extend(record.sha256.as_deref().and_then(parse_hash));
            if record.cause.is_some() {
                self.unfinished.push(*record);
            }
        }
        Ok(tally)
    }
}

fn journals_in(folder: &Path) -> Result<Vec<(PathBuf, Shard)>, CorpusError> {
    let error = |error| CorpusError::output(folder, error);
    let mut journals = Vec::new();
    for entry in fs::read_dir(folder).map_err(error)? {
        let entry = entry.map_err(error)?;
        if let Some(shard) = shard_of_journal(&entry.file_name().to_string_lossy()) {
            journals.push((entry.path(), shard));
        }
    }
    journals.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(journals)
}
