//! What is still to be done.

use std::{
    collections::{HashMap, HashSet},
    fs::{self, File},
    io::{self, BufRead, BufReader},
    path::{Path, PathBuf},
    sync::Arc,
};

use sha2::{Digest, Sha256};

use crate::{
    output::atomic::directory,
    worker::{CropsList, hex},
};

use super::{
    OutputFile, Record, Shard, Stamp, Status, Tally,
    inputs::Inputs,
    journal::{Entry, Part},
    ledger::{Claims, Settled},
};

/// A file to work on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// The file; shared with what is known of its content, which may be much of a run's memory.
    pub path: Arc<Path>,
    /// What it looked like when the work was planned; `None` if it was not there.
    pub stamp: Option<Stamp>,
}

impl Task {
    fn new(path: PathBuf) -> Task {
        let stamp = fs::metadata(&path).ok().map(|found| Stamp::of(&found));
        Task {
            path: path.into(),
            stamp,
        }
    }
}

/// What the journal says.
#[derive(Debug, Default)]
pub struct Known {
    /// The last record of each file.
    records: HashMap<PathBuf, Record>,
    parts: Vec<Part>,
    last_record: u64,
}

impl Known {
    /// Takes an entry in.
    pub fn add(&mut self, entry: Entry) {
        match entry {
            Entry::File(record) => {
                self.last_record = self.last_record.max(record.number);
                self.records.insert(record.path.clone(), *record);
            }
            Entry::Part(part) => self.parts.push(part),
        }
    }
}

/// What that has an outcome is doubted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Doubts {
    /// Failed files: they are worked on again.
    pub failed: bool,
    /// Files with a partial output.
    pub partial: bool,
    /// Outputs that look untouched: every byte of them is read and compared with its hash.
    pub untouched: bool,
}

/// What is to be done and what is.
#[derive(Debug, Default)]
pub struct Plan {
    /// The files to work on, in the order of the inputs.
    pub tasks: Vec<Task>,
    /// The inputs that have their outcome.
    pub settled: Tally,
    /// The contents that have theirs.
    pub claims: Claims,
    /// Outcomes that are in no table yet.
    pub untabled: Vec<Record>,
    /// The tables that still hold.
    pub parts: Vec<Part>,
    /// Alignment files whose content is in tables.
    pub tabled: Vec<OutputFile>,
    /// The number of the last record and of the last part.
    pub last: (u64, u64),
}

impl Plan {
    /// Compares the inputs with what the journal knows.
    ///
    /// A file is done when it looks as it did (by size and time of change) and its output is there
    /// and is what was written, or is in a table. An output that was touched since is read to find
    /// out, others are where there are doubts. Tables hold while each of their files stays as it was.
    pub fn new(inputs: Inputs, shard: Shard, known: Known, outputs: Outputs<'_>) -> Plan {
        let files = inputs.files.into_iter().filter(|path| shard.owns(path));
        let tasks: Vec<Task> = files.map(Task::new).collect();
        let standing = Standing::new(&tasks, &known, outputs);
        let mut plan = Plan {
            last: (
                known.last_record,
                known
                    .parts
                    .iter()
                    .map(|part| part.number)
                    .max()
                    .unwrap_or(0),
            ),
            claims: standing.claims,
            ..Plan::default()
        };
        for task in tasks {
            match known.records.get(&*task.path) {
                Some(record) if standing.records.contains(&record.number) => {
                    plan.settled.add(record);
                }
                _ => plan.tasks.push(task),
            }
        }
        for record in known.records.into_values() {
            if standing.tabled.contains(&record.number) {
                plan.tabled.extend(record.output);
            } else if standing.records.contains(&record.number) {
                plan.untabled.push(record);
            }
        }
        // In the order in which they came, whatever the map's.
        plan.untabled.sort_unstable_by_key(|record| record.number);
        let parts = known.parts.into_iter();
        plan.parts = parts
            .filter(|part| standing.parts.contains(&part.number))
            .collect();
        plan
    }
}

/// What of the journal still holds, by its numbers.
#[derive(Default)]
struct Standing {
    records: HashSet<u64>,
    parts: HashSet<u64>,
    /// The records that are in those parts.
    tabled: HashSet<u64>,
    claims: Claims,
}

impl Standing {
    fn new(tasks: &[Task], known: &Known, outputs: Outputs<'_>) -> Standing {
        let sound = Sound::new(tasks, known, outputs);
        let is_whole = |part: &&Part| part.files.iter().all(|file| outputs.is_whole(file));
        let mut parts: Vec<&Part> = known.parts.iter().filter(is_whole).collect();
        // A table with a row that holds no more takes the others with it; without json these may
        // have been all that was left of their files, whose copies then go too.
        loop {
            let standing = Standing::with(&parts, &sound, outputs.json);
            let found = parts.len();
            parts.retain(|part| standing.parts.contains(&part.number));
            if parts.len() == found {
                return standing;
            }
        }
    }

    /// What holds if these parts do, and which of them then do.
    fn with(parts: &[&Part], sound: &Sound<'_>, json: bool) -> Standing {
        let mut standing = Standing::default();
        let in_parts: HashSet<u64> = parts
            .iter()
            .flat_map(|part| &part.records)
            .copied()
            .collect();
        for (record, has_document) in &sound.firsts {
            if *has_document || (!json && in_parts.contains(&record.number)) {
                standing.records.insert(record.number);
                if let Some((sha256, settled)) = Settled::of(record) {
                    standing.claims.settle(sha256, settled);
                }
            }
        }
        for record in &sound.copies {
            let settled = Settled::of(record);
            if settled.is_some_and(|(sha256, _)| standing.claims.has(&sha256)) {
                standing.records.insert(record.number);
            }
        }
        // The last part that holds a record counts.
        for part in parts.iter().rev() {
            let holds = |number: &u64| {
                standing.records.contains(number) && !standing.tabled.contains(number)
            };
            if part.records.iter().all(holds) {
                standing.parts.insert(part.number);
                standing.tabled.extend(&part.records);
            }
        }
        standing
    }
}

/// The records of files that look as they did and are not to be tried again.
struct Sound<'a> {
    /// Those with their pictures, and whether their alignment file is there too.
    firsts: Vec<(&'a Record, bool)>,
    /// Copies of others.
    copies: Vec<&'a Record>,
}

impl<'a> Sound<'a> {
    fn new(tasks: &[Task], known: &'a Known, outputs: Outputs<'_>) -> Sound<'a> {
        let (copies, firsts): (Vec<&Record>, Vec<&Record>) =
            unchanged(tasks, known, outputs.doubts)
                .into_iter()
                .partition(|record| record.duplicate_of.is_some());
        let firsts = firsts.into_iter().filter(|record| {
            let crops = record.crops.as_ref();
            crops.is_none_or(|list| outputs.has_crops(list))
        });
        let firsts = firsts.map(|record| {
            let document = record.output.as_ref();
            (record, document.is_none_or(|file| outputs.is_whole(file)))
        });
        Sound {
            firsts: firsts.collect(),
            copies,
        }
    }
}

/// The records of files that look as they did and are not to be tried again.
fn unchanged<'a>(tasks: &[Task], known: &'a Known, doubts: Doubts) -> Vec<&'a Record> {
    let is_changed = |task: &&Task| {
        let record = known.records.get(&*task.path);
        record.is_some_and(|record| record.stamp != task.stamp)
    };
    let changed: HashSet<&Path> = tasks
        .iter()
        .filter(is_changed)
        .map(|task| &*task.path)
        .collect();
    let records = known.records.values().filter(|record| {
        let again = match record.status {
            Status::Done => false,
            Status::Partial => doubts.partial,
            Status::Failed => doubts.failed,
        };
        !again && !changed.contains(record.path.as_path())
    });
    records.collect()
}

/// The outputs that lie there, and how far to trust them.
#[derive(Debug, Clone, Copy)]
pub struct Outputs<'a> {
    /// The corpus' folder.
    pub root: &'a Path,
    /// Whether alignment files stay once their content is in tables.
    pub json: bool,
    /// What is doubted.
    pub doubts: Doubts,
}

impl Outputs<'_> {
    /// Whether an output is what was written.
    fn is_whole(self, file: &OutputFile) -> bool {
        let path = self.root.join(&file.name);
        let Ok(found) = fs::metadata(&path) else {
            return false;
        };
        let untouched = Stamp::of(&found).modified == file.modified;
        let trusted = untouched && !self.doubts.untouched;
        found.len() == file.bytes
            && (trusted || hash_of(&path).is_ok_and(|hash| hash == file.sha256))
    }

    /// Whether the list of a document's pictures is whole; and they, where there are doubts.
    fn has_crops(self, list: &OutputFile) -> bool {
        if !self.is_whole(list) {
            return false;
        }
        if !self.doubts.untouched {
            return true;
        }
        let path = self.root.join(&list.name);
        let crops = fs::read(&path).ok();
        let crops = crops.and_then(|text| serde_json::from_slice::<CropsList>(&text).ok());
        let there = Outputs {
            root: directory(&path),
            ..self
        };
        crops.is_some_and(|crops| crops.values().flatten().all(|file| there.is_whole(file)))
    }
}

fn hash_of(path: &Path) -> io::Result<String> {
    let mut file = BufReader::with_capacity(1 << 16, File::open(path)?);
    let mut hash = Sha256::new();
    loop {
        let bytes = file.fill_buf()?;
        if bytes.is_empty() {
            return Ok(hex(&hash.finalize()));
        }
        hash.update(bytes);
        let length = bytes.len();
        file.consume(length);
    }
}
