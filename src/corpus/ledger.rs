//! Who works on which content, and the journal: what the threads of a run share.

use std::{
    collections::{BTreeSet, HashMap},
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crate::{
    detect::CacheUse,
    output::atomic::OutputError,
    worker::{Failure, FailureCode},
};

use super::{
    Cause, Record, Status, Tally,
    folder::{Folder, folder_of},
    journal::{Entry, Journal, Part},
    plan::{Plan, Task},
};

/// How long an outcome may stay in the system's memory alone. A power cut in that time costs the
/// work of that time; to wait for the disk after each file would cost more than a small file takes.
const SYNC_INTERVAL: Duration = Duration::from_secs(1);

/// SHA-256 of a file.
pub type Hash = [u8; 32];

/// The outcome of a content, as far as its copies need it.
#[derive(Debug, Clone)]
pub struct Settled {
    path: Arc<Path>,
    status: Status,
    code: Option<FailureCode>,
    page_count: u32,
}

impl Settled {
    /// What a record says of its content, if it knows that.
    pub fn of(record: &Record) -> Option<(Hash, Settled)> {
        Settled::with_path(record, record.path.as_path().into())
    }

    fn with_path(record: &Record, path: Arc<Path>) -> Option<(Hash, Settled)> {
        let settled = Settled {
            path,
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
            number: 0,
            path: task.path.to_path_buf(),
            stamp: task.stamp,
            sha256: Some(sha256.to_owned()),
            status: self.status,
            cause,
            duplicate_of: Some(self.path.to_path_buf()),
            output: None,
            crops: None,
            pages: 0,
            page_count: self.page_count,
            warnings: 0,
            cache: CacheUse::default(),
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
    with_tables: bool,
    state: Mutex<State>,
}

struct State {
    journal: Journal,
    claims: Claims,
    tally: Tally,
    /// The numbers of the last record and of the last part.
    last: (u64, u64),
    /// Outcomes that are in no table yet.
    untabled: Vec<Record>,
    /// The size of their alignment files.
    untabled_bytes: u64,
    /// Folders with names that may not be on the disk yet.
    unsynced: BTreeSet<String>,
    synced: Instant,
}

/// Files of a batch of tables: each table takes some MiB then, whatever their sizes.
const BATCH_FILES: usize = 2_000;
/// Bytes of their alignment files: one worker holds the rows of them all.
const BATCH_BYTES: u64 = 128 << 20;

impl<'a> Ledger<'a> {
    /// A ledger that goes on from what is done.
    pub fn new(
        folder: &'a Folder,
        journal: Journal,
        plan: Plan,
        with_tables: bool,
        on_record: OnRecord<'a>,
    ) -> Ledger<'a> {
        let mut state = State {
            journal,
            claims: plan.claims,
            tally: plan.settled,
            last: plan.last,
            untabled: Vec::new(),
            untabled_bytes: 0,
            unsynced: BTreeSet::new(),
            synced: Instant::now(),
        };
        if with_tables {
            plan.untabled
                .into_iter()
                .for_each(|record| state.untable(record));
        }
        Ledger {
            folder,
            on_record,
            with_tables,
            state: Mutex::new(state),
        }
    }

    /// Takes a batch of outcomes for which there are no tables yet, and the number of the part that
    /// they are to be; when `all` is not set, only one that is large enough.
    pub fn take_batch(&self, all: bool) -> Option<(u64, Vec<Record>)> {
        let mut state = self.lock();
        let is_full = state.untabled.len() >= BATCH_FILES || state.untabled_bytes >= BATCH_BYTES;
        if state.untabled.is_empty() || !(all || is_full) {
            return None;
        }
        state.last.1 += 1;
        Some((state.last.1, state.take_batch()))
    }

    /// Takes the tables of a batch down.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn record_part(&self, part: Part) -> Result<(), OutputError> {
        let mut state = self.lock();
        for file in &part.files {
            state.unsynced.insert(folder_of(&file.name).to_owned());
        }
        self.append(&mut state, &Entry::Part(part))
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
    pub fn record(&self, task: &Task, record: Record) -> Result<(), OutputError> {
        let mut state = self.lock();
        let settled = Settled::with_path(&record, Arc::clone(&task.path));
        let sha256 = record.sha256.clone().unwrap_or_default();
        for output in record.output.iter().chain(&record.crops) {
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

    fn write(&self, state: &mut State, mut record: Record) -> Result<(), OutputError> {
        state.last.0 += 1;
        record.number = state.last.0;
        let entry = Entry::File(Box::new(record.clone()));
        self.append(state, &entry)?;
        state.tally.add(&record);
        (self.on_record)(&record);
        if self.with_tables {
            state.untable(record);
        }
        Ok(())
    }

    fn append(&self, state: &mut State, entry: &Entry) -> Result<(), OutputError> {
        let appended = state.journal.append(entry);
        appended.map_err(|cause| self.journal_error(cause))
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

impl State {
    fn untable(&mut self, record: Record) {
        self.untabled_bytes += size(&record);
        self.untabled.push(record);
    }

    /// The first outcomes, as many as make a batch.
    fn take_batch(&mut self) -> Vec<Record> {
        let mut bytes = 0;
        let mut files = 0;
        for record in self.untabled.iter().take(BATCH_FILES) {
            if files > 0 && bytes + size(record) > BATCH_BYTES {
                break;
            }
            bytes += size(record);
            files += 1;
        }
        self.untabled_bytes -= bytes;
        self.untabled.drain(..files).collect()
    }
}

fn size(record: &Record) -> u64 {
    record.output.as_ref().map_or(0, |output| output.bytes)
}
