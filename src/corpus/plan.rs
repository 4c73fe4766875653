//! What is still to be done.

use std::{
    collections::{HashMap, HashSet},
    fs,
    path::{Path, PathBuf},
};

use super::{
    Record, Shard, Stamp, Status, Tally,
    inputs::Inputs,
    ledger::{Claims, Settled},
};

/// A file to work on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// The file.
    pub path: PathBuf,
    /// What it looked like when the work was planned; `None` if it was not there.
    pub stamp: Option<Stamp>,
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
}

/// The last record of each file.
pub type Known = HashMap<PathBuf, Record>;

impl Plan {
    /// Compares the inputs with what the journal knows.
    ///
    /// A file is done when it looks as it did (by size and time of change) and its output is there,
    /// whole by its size. Failed ones are done too, unless they are to be tried again.
    pub fn new(
        inputs: Inputs,
        shard: Shard,
        known: &Known,
        retry_failed: bool,
        root: &Path,
    ) -> Plan {
        let mut plan = Plan::default();
        let files = inputs.files.into_iter().filter(|path| shard.owns(path));
        let tasks: Vec<Task> = files.map(Task::new).collect();
        let changed: HashSet<&Path> = tasks
            .iter()
            .filter(|task| known.get(&task.path).is_some_and(|r| r.stamp != task.stamp))
            .map(|task| task.path.as_path())
            .collect();
        let stands = |record: &&Record| {
            let again = retry_failed && record.status == Status::Failed;
            !again && !changed.contains(record.path.as_path())
        };
        let mut standing: HashSet<&Path> = HashSet::new();
        let (copies, firsts): (Vec<&Record>, Vec<&Record>) = known
            .values()
            .filter(stands)
            .partition(|record| record.duplicate_of.is_some());
        for record in firsts.into_iter().filter(|record| has_output(record, root)) {
            standing.insert(&record.path);
            if let Some((sha256, settled)) = Settled::of(record) {
                plan.claims.settle(sha256, settled);
            }
        }
        for record in copies {
            if Settled::of(record).is_some_and(|(sha256, _)| plan.claims.has(&sha256)) {
                standing.insert(&record.path);
            }
        }
        for task in tasks {
            match known.get(&task.path) {
                Some(record) if standing.contains(task.path.as_path()) => plan.settled.add(record),
                _ => plan.tasks.push(task),
            }
        }
        plan
    }
}

impl Task {
    fn new(path: PathBuf) -> Task {
        let stamp = fs::metadata(&path).ok().map(|found| Stamp::of(&found));
        Task { path, stamp }
    }
}

fn has_output(record: &Record, root: &Path) -> bool {
    match &record.output {
        Some(output) => {
            fs::metadata(root.join(&output.name)).is_ok_and(|found| found.len() == output.bytes)
        }
        None => record.status == Status::Failed,
    }
}
