//! Who works on which content, and the journal: what the threads of a run share.

use std::{
    collections::{BTreeSet, HashMap},
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crate::{
    output::atomic::OutputError,
    worker::{Failure, FailureCode},
};

use super::{
    Cause, Record, Status, Tally,
    folder::{Folder, folder_of},
    journal::{Entry, Journal},
    plan::Task,
};

/// How long an outcome may stay in the system's memory alone. A power cut in that time costs the
/// work of that time; to wait for the disk after each file would cost more than a small file takes.
const SYNC_INTERVAL: Duration = Duration::from_secs(1);

/// SHA-256 of a file.
pub type Hash = [u8; 32];

/// The outcome of a content, as far as its copies need it.
#[derive(Debug, Clone)]
pub struct Settled {
    path: PathBuf,
    status: Status,
    code: Option<FailureCode>,
    page_count: u32,
}

impl Settled {
    /// What a record says of its content, if it knows that.
    pub fn of(record: &Record) -> Option<(Hash, Settled)> {
        let settled = Settled {
            path: record.path.clone(),
            status: record.status,
            code: record.cause.as_ref().map(|cause| cause.failure.code),
            page_count: record.page_count,
        };
        Some((parse_hash(record.sha256.as_deref()?)?, settled))
    }

    /// The record of a copy.
    fn copy(&self, task: Task, sha256: &str) -> Record {
        let cause = self.code.map(|code| {
            let message = format!("the same content as {}, which see", self.path.display());
            Cause::from(Failure::new(code, message))
        });
        Record {
            path: task.path,
            stamp: task.stamp,
            sha256: Some(sha256.to_owned()),
            status: self.status,
            cause,
            duplicate_of: Some(self.path.clone()),
            output: None,
            pages: 0,
            page_count: self.page_count,
            warnings: 0,
            millis: 0,
        }
    }
}

/// Reads 64 hex digits.
pub fn parse_hash(hex: &str) -> Option<Hash> {
    let mut hash = [0; 32];
    if hex.len() != 2 * hash.len() {
        return None;
    }
    for (at, byte) in hash.iter_mut().enumerate() {
        *byte = u8::from_str_radix(hex.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(hash)
}

/// The contents that are done or being worked on.
#[derive(Debug, Default)]
pub struct Claims(HashMap<Hash, Claim>);

#[derive(Debug)]
enum Claim {
    /// Somebody works on it; these files wait for the outcome.
    Running(Vec<Task>),
    Settled(Settled),
}

impl Claims {
    /// Takes a content's outcome down; gives back the files that waited for it.
    pub fn settle(&mut self, hash: Hash, settled: Settled) -> Vec<Task> {
        match self.0.insert(hash, Claim::Settled(settled)) {
            Some(Claim::Running(waiting)) => waiting,
            _ => Vec::new(),
        }
    }

    /// Whether a content is done or being worked on.
    pub fn has(&self, hash: &Hash) -> bool {
        self.0.contains_key(hash)
    }
}

/// Hears of each record.
pub type OnRecord<'a> = &'a (dyn Fn(&Record) + Sync);

/// The journal and the claims of a run.
pub struct Ledger<'a> {
    folder: &'a Folder,
    on_record: OnRecord<'a>,
    state: Mutex<State>,
}

struct State {
    journal: Journal,
    claims: Claims,
    tally: Tally,
    /// Folders with names that may not be on the disk yet.
    unsynced: BTreeSet<String>,
    synced: Instant,
}

impl<'a> Ledger<'a> {
    /// A ledger that goes on from what is done.
    pub fn new(
        folder: &'a Folder,
        journal: Journal,
        claims: Claims,
        tally: Tally,
        on_record: OnRecord<'a>,
    ) -> Ledger<'a> {
        let state = State {
            journal,
            claims,
            tally,
            unsynced: BTreeSet::new(),
            synced: Instant::now(),
        };
        Ledger {
            folder,
            on_record,
            state: Mutex::new(state),
        }
    }

    /// Whether a file's content is still to be worked on, by whoever asks. If not, the file has its
    /// outcome, or will when the file has that is being worked on.
    ///
    /// # Errors
    /// When the outcome of a copy cannot be written.
    pub fn claim(&self, task: &Task, sha256: &str) -> Result<bool, OutputError> {
        let Some(hash) = parse_hash(sha256) else {
            return Ok(true);
        };
        let mut state = self.lock();
        let settled = match state.claims.0.get_mut(&hash) {
            None => {
                state.claims.0.insert(hash, Claim::Running(Vec::new()));
                return Ok(true);
            }
            Some(Claim::Running(waiting)) => {
                waiting.push(task.clone());
                return Ok(false);
            }
            Some(Claim::Settled(settled)) => settled.clone(),
        };
        self.write(&mut state, settled.copy(task.clone(), sha256))?;
        Ok(false)
    }

    /// Takes the outcome of a file down, and of the copies that waited for it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn record(&self, record: Record) -> Result<(), OutputError> {
        let mut state = self.lock();
        let settled = Settled::of(&record);
        let sha256 = record.sha256.clone().unwrap_or_default();
        if let Some(output) = &record.output {
            state.unsynced.insert(folder_of(&output.name).to_owned());
        }
        self.write(&mut state, record)?;
        if let Some((hash, settled)) = settled {
            for task in state.claims.settle(hash, settled.clone()) {
                self.write(&mut state, settled.copy(task, &sha256))?;
            }
        }
        if state.synced.elapsed() >= SYNC_INTERVAL {
            self.sync(&mut state)?;
        }
        Ok(())
    }

    /// Brings everything to the disk; gives back the counts.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn close(self) -> Result<Tally, (OutputError, Tally)> {
        let mut state = self.lock();
        let synced = self.sync(&mut state);
        let tally = std::mem::take(&mut state.tally);
        match synced {
            Ok(()) => Ok(tally),
            Err(error) => Err((error, tally)),
        }
    }

    fn write(&self, state: &mut State, record: Record) -> Result<(), OutputError> {
        let entry = Entry::File(Box::new(record));
        state
            .journal
            .append(&entry)
            .map_err(|e| self.journal_error(e))?;
        let Entry::File(record) = entry;
        state.tally.add(&record);
        (self.on_record)(&record);
        Ok(())
    }

    /// The names first: what the journal tells is to be there.
    fn sync(&self, state: &mut State) -> Result<(), OutputError> {
        while let Some(folder) = state.unsynced.pop_first() {
            self.folder.sync_names(&folder)?;
        }
        state.journal.sync().map_err(|e| self.journal_error(e))?;
        state.synced = Instant::now();
        Ok(())
    }

    fn journal_error(&self, cause: std::io::Error) -> OutputError {
        OutputError {
            path: self.folder.journal(),
            cause,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
