//! A run over a corpus, from its inputs to its counts.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Instant,
};

use serde_json::{Value, json};

use crate::{
    output::atomic::OutputError,
    worker::{
        CorpusJob, Failure, FailureCode, InputFile, Job, JobOutput, Processed, Stop, Supervisor,
    },
};

use super::{
    Cause, CorpusError, OutputFile, Record, Shard, Status, Tally,
    attempt::{Attempt, attempt},
    folder::{Folder, document_name},
    inputs::{InputProblem, Inputs},
    journal::{self, Entry, Journal},
    ledger::Ledger,
    plan::{Known, Plan, Task},
};

/// What to do with a corpus.
#[derive(Debug, Clone)]
pub struct CorpusOptions {
    /// The folder for the outputs.
    pub folder: PathBuf,
    /// The part of the corpus to take.
    pub shard: Shard,
    /// Try those again that failed.
    pub retry_failed: bool,
    /// What to do with each file; its input, output and tag are filled in.
    pub job: Job,
    /// What the outputs are made by and with, as the alignment files say it.
    pub generator: Value,
}

/// What a run tells while it goes on.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// What is to be done is known.
    Planned {
        /// Files to work on.
        files: usize,
        /// Those that have their outcome from earlier runs.
        settled: &'a Tally,
    },
    /// A folder or list could not be read.
    Problem(&'a InputProblem),
    /// Something that whoever runs it may want to know.
    Note(&'a str),
    /// So many more pages are read.
    Pages(u32),
    /// A file has its outcome.
    File(&'a Record),
}

/// Hears what happens, from any thread.
pub type OnEvent<'a> = &'a (dyn Fn(Event<'_>) + Sync);

/// How a run ended.
#[derive(Debug)]
pub struct Summary {
    /// All inputs with an outcome, those of earlier runs too.
    pub tally: Tally,
    /// Inputs without one, because the run was stopped.
    pub left: usize,
    /// Folders and lists that could not be read.
    pub problems: usize,
    /// What made it impossible to go on.
    pub broken_off: Option<OutputError>,
}

/// Works on all files of a corpus that have no outcome yet, one at a time with each supervisor.
///
/// # Errors
/// When the folder cannot be used.
pub fn run(
    inputs: Inputs,
    options: &CorpusOptions,
    supervisors: Vec<Supervisor>,
    stop: &Stop,
    on_event: OnEvent<'_>,
) -> Result<Summary, CorpusError> {
    let folder = Folder::open(&options.folder, options.shard, &settings(options))?;
    if let Some(owner) = &folder.dead_owner {
        on_event(Event::Note(&format!(
            "{owner} ended without finishing; going on"
        )));
    }
    inputs
        .problems
        .iter()
        .for_each(|problem| on_event(Event::Problem(problem)));
    let problems = inputs.problems.len();
    let known = read_journal(&folder, on_event)?;
    let plan = Plan::new(
        inputs,
        options.shard,
        &known,
        options.retry_failed,
        folder.root(),
    );
    // As large as the whole corpus is long.
    drop(known);
    on_event(Event::Planned {
        files: plan.tasks.len(),
        settled: &plan.settled,
    });
    let journal = Journal::open(&folder.journal())
        .map_err(|error| CorpusError::output(&folder.journal(), error))?;
    let settled = plan.settled.files;
    let on_record = |record: &Record| on_event(Event::File(record));
    let work = Work {
        options,
        folder: &folder,
        ledger: Ledger::new(&folder, journal, plan.claims, plan.settled, &on_record),
        stop,
        on_event,
        broken_off: Mutex::new(None),
    };
    work.on_all(&plan.tasks, supervisors);
    let mut broken_off = work
        .broken_off
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    let tally = work.ledger.close().unwrap_or_else(|(error, tally)| {
        broken_off.get_or_insert(error);
        tally
    });
    let finished = usize::try_from(tally.files - settled).unwrap_or(usize::MAX);
    Ok(Summary {
        left: plan.tasks.len().saturating_sub(finished),
        tally,
        problems,
        broken_off,
    })
}

/// What may not change between the runs on a folder.
fn settings(options: &CorpusOptions) -> Value {
    json!({
        "schema": "docalign-corpus/1",
        "generator": options.generator,
        "shards": options.shard.count(),
    })
}

fn read_journal(folder: &Folder, on_event: OnEvent<'_>) -> Result<Known, CorpusError> {
    let path = folder.journal();
    let mut known: Known = HashMap::new();
    let damaged = journal::read(&path, |entry| match entry {
        Entry::File(record) => {
            known.insert(record.path.clone(), *record);
        }
    })
    .map_err(|error| CorpusError::output(&path, error))?;
    if damaged > 0 {
        on_event(Event::Note(&format!(
            "{}: {damaged} damaged lines passed over; what they told is done again",
            path.display()
        )));
    }
    Ok(known)
}

/// What the threads of a run share.
struct Work<'a> {
    options: &'a CorpusOptions,
    folder: &'a Folder,
    ledger: Ledger<'a>,
    stop: &'a Stop,
    on_event: OnEvent<'a>,
    broken_off: Mutex<Option<OutputError>>,
}

impl Work<'_> {
    fn on_all(&self, tasks: &[Task], supervisors: Vec<Supervisor>) {
        let next = AtomicUsize::new(0);
        thread::scope(|scope| {
            for mut supervisor in supervisors {
                let next = &next;
                scope.spawn(move || {
                    while !self.stop.is_requested() {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        let Some(task) = tasks.get(number) else {
                            return;
                        };
                        if let Err(error) = self.on_one(task, number, &mut supervisor) {
                            self.break_off(error);
                        }
                    }
                });
            }
        });
    }

    /// What cannot be written for one file cannot be written for the next.
    fn break_off(&self, error: OutputError) {
        let mut broken_off = self
            .broken_off
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        broken_off.get_or_insert(error);
        self.stop.request();
    }

    /// Works on a file, unless another of the same content is worked on or done.
    fn on_one(
        &self,
        task: &Task,
        number: usize,
        supervisor: &mut Supervisor,
    ) -> Result<(), OutputError> {
        let start = Instant::now();
        let job = self.job(task, number);
        let hashed = supervisor.hash(InputFile {
            path: job.input.clone(),
            password: job.password.clone(),
            max_bytes: job.max_input_bytes,
        });
        let (sha256, attempt) = match hashed {
            Ok(sha256) => {
                if !self.ledger.claim(task, &sha256)? {
                    return Ok(());
                }
                let job = CorpusJob {
                    job,
                    sha256,
                    left_out: None,
                };
                let on_pages = |pages| (self.on_event)(Event::Pages(pages));
                (
                    Some(job.sha256.clone()),
                    attempt(supervisor, &job, &on_pages),
                )
            }
            Err(failure) => (None, Attempt::unhashed(failure)),
        };
        let Some(attempt) = attempt else {
            return Ok(());
        };
        let output = match (&attempt.processed, &sha256) {
            (Some(processed), Some(sha256)) => Some(self.publish(processed, sha256, task)?),
            _ => None,
        };
        // A disk that is full is no fault of the file's, and ends the run.
        if let Some(failure) = attempt.output_failure() {
            return Err(OutputError {
                path: self.folder.root().to_path_buf(),
                cause: std::io::Error::other(failure.message.clone()),
            });
        }
        self.ledger
            .record(record(task, sha256, attempt, output, start))
    }

    fn job(&self, task: &Task, number: usize) -> Job {
        Job {
            tag: format!("{}-{number}", self.options.job.tag),
            input: task.path.clone(),
            output: JobOutput::Temporary(self.folder.staging()),
            ..self.options.job.clone()
        }
    }

    /// Gives an output its name.
    fn publish(
        &self,
        processed: &Processed,
        sha256: &str,
        task: &Task,
    ) -> Result<OutputFile, OutputError> {
        let name = document_name(sha256, &task.path);
        self.folder.publish(&processed.written.path, &name)?;
        Ok(OutputFile {
            name,
            bytes: processed.written.bytes,
            sha256: processed.written.sha256.clone(),
        })
    }
}

impl Attempt {
    /// A file that could not even be read; `None` when the run is stopped.
    fn unhashed(failure: Failure) -> Option<Attempt> {
        (failure.code != FailureCode::Stopped).then(|| Attempt {
            status: Status::Failed,
            cause: Some(Cause::from(failure)),
            processed: None,
        })
    }

    fn output_failure(&self) -> Option<&Failure> {
        let failure = self.cause.as_ref().map(|cause| &cause.failure);
        failure.filter(|failure| failure.code == FailureCode::OutputFailed)
    }
}

fn record(
    task: &Task,
    sha256: Option<String>,
    attempt: Attempt,
    output: Option<OutputFile>,
    start: Instant,
) -> Record {
    let processed = attempt.processed.as_ref();
    Record {
        path: task.path.clone(),
        stamp: task.stamp,
        sha256,
        status: attempt.status,
        cause: attempt.cause,
        duplicate_of: None,
        output,
        pages: processed.map_or(0, |processed| processed.pages),
        page_count: processed.map_or(0, |processed| processed.page_count),
        warnings: processed.map_or(0, |processed| processed.warnings),
        millis: u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX),
    }
}
