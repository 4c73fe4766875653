//! What is still to be done.

use std::{
    collections::{HashMap, HashSet},
    fs,
    path::{Path, PathBuf},
    sync::Arc,
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
    /// A file is done when it looks as it did (by size and time of change) and its output is there,
    /// whole by its size, or in a table. Failed ones are done too, unless they are to be tried again.
    /// Tables hold while each of their files stays as it was.
    pub fn new(
        inputs: Inputs,
        shard: Shard,
        known: Known,
        retry_failed: bool,
        root: &Path,
    ) -> Plan {
        let files = inputs.files.into_iter().filter(|path| shard.owns(path));
        let tasks: Vec<Task> = files.map(Task::new).collect();
        let standing = Standing::new(&tasks, &known, retry_failed, root);
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
    fn new(tasks: &[Task], known: &Known, retry_failed: bool, root: &Path) -> Standing {
        let mut standing = Standing::default();
        let unchanged = unchanged(tasks, known, retry_failed);
        // The last part that holds a record counts.
        for part in known.parts.iter().rev() {
            let holds =
                |number: &u64| unchanged.contains_key(number) && !standing.tabled.contains(number);
            if part.records.iter().all(holds) && part.files.iter().all(|file| is_there(file, root))
            {
                standing.parts.insert(part.number);
                standing.tabled.extend(&part.records);
            }
        }
        let (copies, firsts): (Vec<&Record>, Vec<&Record>) = unchanged
            .into_values()
            .partition(|record| record.duplicate_of.is_some());
        for record in firsts {
            let has =
                |file: &Option<OutputFile>| file.as_ref().is_none_or(|file| is_there(file, root));
            let in_table = standing.tabled.contains(&record.number);
            if (in_table || has(&record.output)) && has(&record.crops) {
                standing.records.insert(record.number);
                if let Some((sha256, settled)) = Settled::of(record) {
                    standing.claims.settle(sha256, settled);
                }
            }
        }
        for record in copies {
            let settled = Settled::of(record);
            if settled.is_some_and(|(sha256, _)| standing.claims.has(&sha256)) {
                standing.records.insert(record.number);
            }
        }
        standing
    }
}

/// The records of files that look as they did and are not to be tried again.
fn unchanged<'a>(tasks: &[Task], known: &'a Known, retry_failed: bool) -> HashMap<u64, &'a Record> {
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
        let again = retry_failed && record.status == Status::Failed;
        !again && !changed.contains(record.path.as_path())
    });
    records.map(|record| (record.number, record)).collect()
}

fn is_there(file: &OutputFile, root: &Path) -> bool {
    fs::metadata(root.join(&file.name)).is_ok_and(|found| found.len() == file.bytes)
}
