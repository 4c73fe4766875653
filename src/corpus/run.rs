//! A run over a corpus, from its inputs to its counts.

use std::{
    fs, io, mem,
    path::PathBuf,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Instant,
};

use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    detect::CacheUse,
    output::{
        atomic::{OutputError, directory},
        crops::CropFormat,
    },
    worker::{
        CROPS_LIST, CorpusJob, Failure, FailureCode, InputFile, Job, JobOutput, Processed, Stop,
        Supervisor, WrittenFile, confine::Gaps,
    },
};

use super::{
    Cause, CorpusError, OutputFile, Record, Shard, Stamp, Status, Tally,
    attempt::{Attempt, attempt},
    folder::{Folder, crops_name, document_name, part_name, staging},
    inputs::{InputProblem, Inputs},
    journal::{self, Journal, Part},
    ledger::Ledger,
    plan::{self, Doubts, Known, Plan, Task},
    tables::{TABLES, TablesJob},
};

/// What to do with a corpus.
#[derive(Debug, Clone)]
pub struct CorpusOptions {
    /// The folder for the outputs.
    pub folder: PathBuf,
    /// The part of the corpus to take.
    pub shard: Shard,
    /// What that has an outcome is doubted.
    pub doubts: Doubts,
    /// What to write.
    pub formats: Formats,
    /// What to do with each file; its input, output and tag are filled in.
    pub job: Job,
    /// Whether page images are looked at.
    pub looks: bool,
    /// What the outputs are made by and with, as the alignment files say it.
    pub generator: Value,
}

impl CorpusOptions {
    /// The only folder that workers write in.
    pub fn staging(&self) -> PathBuf {
        staging(&self.folder, self.shard)
    }
}

/// What to write of a corpus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Formats {
    /// An alignment file for each content.
    pub json: bool,
    /// Tables of the whole corpus.
    pub parquet: bool,
    /// The pictures of the visuals, as files of this kind.
    pub crops: Option<CropFormat>,
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
    /// How many pages of this run the cache knew.
    pub cache: CacheUse,
    /// Inputs without one, because the run was stopped.
    pub left: usize,
    /// Folders and lists that could not be read.
    pub problems: usize,
    /// Files whose tables could not be written.
    pub untabled: usize,
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
    mut supervisors: Vec<Supervisor>,
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
    let outputs = plan::Outputs {
        root: folder.root(),
        json: options.formats.json,
        doubts: options.doubts,
    };
    let mut plan = Plan::new(inputs, options.shard, known, outputs);
    folder.remove_other_parts(&plan.parts)?;
    if !options.formats.json {
        folder.remove(&plan.tabled);
    }
    on_event(Event::Planned {
        files: plan.tasks.len(),
        settled: &plan.settled,
    });
    let journal = Journal::open(&folder.journal())
        .map_err(|error| CorpusError::output(&folder.journal(), error))?;
    let tasks = mem::take(&mut plan.tasks);
    let settled = plan.settled.clone();
    let on_record = |record: &Record| on_event(Event::File(record));
    let work = Work {
        options,
        folder: &folder,
        ledger: Ledger::new(&folder, journal, plan, options.formats.parquet, &on_record),
        stop,
        on_event,
        broken_off: Mutex::new(None),
        untabled: AtomicUsize::new(0),
    };
    work.on_all(&tasks, &mut supervisors);
    if let Some(supervisor) = supervisors.first_mut() {
        work.tabulate(true, supervisor);
    }
    let gaps = supervisors.iter().find_map(Supervisor::gaps);
    if let Some(text) = gaps.and_then(Gaps::text) {
        on_event(Event::Note(text));
    }
    Ok(work.finish(tasks.len(), &settled, problems))
}

/// What may not change between the runs on a folder.
fn settings(options: &CorpusOptions) -> Value {
    json!({
        "schema": "docalign-corpus/1",
        "generator": options.generator,
        "formats": options.formats,
        "shards": options.shard.count(),
    })
}

fn read_journal(folder: &Folder, on_event: OnEvent<'_>) -> Result<Known, CorpusError> {
    let path = folder.journal();
    let mut known = Known::default();
    let damaged = journal::read(&path, |entry| known.add(entry))
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
    /// Files whose tables could not be written.
    untabled: AtomicUsize,
}

impl Work<'_> {
    fn on_all(&self, tasks: &[Task], supervisors: &mut [Supervisor]) {
        let next = AtomicUsize::new(0);
        thread::scope(|scope| {
            for supervisor in supervisors {
                let next = &next;
                scope.spawn(move || {
                    while !self.stop.is_requested() {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        let Some(task) = tasks.get(number) else {
                            return;
                        };
                        if let Err(error) = self.on_one(task, number, supervisor) {
                            self.break_off(error);
                        }
                        self.tabulate(false, supervisor);
                    }
                });
            }
        });
    }

    /// Writes the tables of a batch if there is one, or of all that is left.
    fn tabulate(&self, all: bool, supervisor: &mut Supervisor) {
        while !self.stop.is_requested() {
            let Some((number, records)) = self.ledger.take_batch(all) else {
                return;
            };
            if let Err(error) = self.write_part(number, records, supervisor) {
                self.break_off(error);
            }
        }
    }

    fn write_part(
        &self,
        number: u64,
        records: Vec<Record>,
        supervisor: &mut Supervisor,
    ) -> Result<(), OutputError> {
        let job = TablesJob {
            tag: format!("{}-part-{number}", self.options.job.tag),
            root: self.folder.root().to_path_buf(),
            staging: self.folder.staging(),
            keeps_json: self.options.formats.json,
            records,
        };
        let written = match supervisor.tables(job.clone()) {
            Ok(written) => written,
            Err(failure) => return self.without_tables(&job, &failure),
        };
        let mut files = Vec::new();
        for (table, written) in TABLES.iter().zip(written) {
            let name = part_name(table.name, self.options.shard, number);
            files.push(self.publish(&written, name)?);
        }
        self.ledger.record_part(Part {
            number,
            records: job.records.iter().map(|record| record.number).collect(),
            files,
        })?;
        if !self.options.formats.json {
            let outputs = job.records.into_iter().filter_map(|record| record.output);
            self.folder.remove(&outputs.collect::<Vec<_>>());
        }
        Ok(())
    }

    fn without_tables(&self, job: &TablesJob, failure: &Failure) -> Result<(), OutputError> {
        match failure.code {
            FailureCode::Stopped => Ok(()),
            FailureCode::OutputFailed => Err(self.unwritten(failure)),
            _ => {
                let files = job.records.len();
                self.untabled.fetch_add(files, Ordering::Relaxed);
                let text = format!("no tables of {files} files: {failure}");
                (self.on_event)(Event::Note(&text));
                Ok(())
            }
        }
    }

    fn finish(self, tasks: usize, settled: &Tally, problems: usize) -> Summary {
        let broken_off = self.broken_off.into_inner();
        let mut broken_off = broken_off.unwrap_or_else(PoisonError::into_inner);
        let tally = self.ledger.close().unwrap_or_else(|(error, tally)| {
            broken_off.get_or_insert(error);
            tally
        });
        let finished = usize::try_from(tally.files - settled.files).unwrap_or(usize::MAX);
        Summary {
            cache: tally.cache.since(settled.cache),
            left: tasks.saturating_sub(finished),
            tally,
            problems,
            untabled: self.untabled.into_inner(),
            broken_off,
        }
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
                    not_looked_at: None,
                    crops: self.options.formats.crops,
                };
                let on_pages = |pages| (self.on_event)(Event::Pages(pages));
                (
                    Some(job.sha256.clone()),
                    attempt(supervisor, &job, self.options.looks, &on_pages),
                )
            }
            Err(failure) => (None, Attempt::unhashed(failure)),
        };
        let Some(attempt) = attempt else {
            return Ok(());
        };
        let outputs = match (&attempt.processed, &sha256) {
            (Some(processed), Some(sha256)) => self.publish_all(processed, sha256, task)?,
            _ => Outputs::default(),
        };
        // A disk that is full is no fault of the file's, and ends the run.
        if let Some(failure) = attempt.output_failure() {
            return Err(self.unwritten(failure));
        }
        if let (None, Some(sha256)) = (&attempt.processed, &sha256) {
            // From when it gave one.
            self.folder.remove_outputs_of(sha256, &task.path);
        }
        self.ledger
            .record(task, record(task, sha256, attempt, outputs, start))
    }

    fn job(&self, task: &Task, number: usize) -> Job {
        Job {
            tag: format!("{}-{number}", self.options.job.tag),
            input: task.path.to_path_buf(),
            output: JobOutput::Temporary(self.folder.staging()),
            ..self.options.job.clone()
        }
    }

    /// Gives the outputs of a file their names, its alignment file last.
    fn publish_all(
        &self,
        processed: &Processed,
        sha256: &str,
        task: &Task,
    ) -> Result<Outputs, OutputError> {
        let mut crops = None;
        if let Some(list) = &processed.crops {
            let folder = crops_name(sha256, &task.path);
            let staged = directory(&list.path);
            self.folder.publish_folder(staged, &folder)?;
            crops = Some(self.published(list, format!("{folder}/{CROPS_LIST}"))?);
        }
        let name = document_name(sha256, &task.path);
        Ok(Outputs {
            document: Some(self.publish(&processed.written, name)?),
            crops,
        })
    }

    /// Gives an output its name.
    fn publish(&self, written: &WrittenFile, name: String) -> Result<OutputFile, OutputError> {
        self.folder.publish(&written.path, &name)?;
        self.published(written, name)
    }

    /// What was written, under the name that it has now.
    fn published(&self, written: &WrittenFile, name: String) -> Result<OutputFile, OutputError> {
        let path = self.folder.root().join(&name);
        let found = fs::metadata(&path).map_err(|cause| OutputError { path, cause })?;
        Ok(OutputFile {
            name,
            bytes: written.bytes,
            sha256: written.sha256.clone(),
            modified: Stamp::of(&found).modified,
        })
    }

    fn unwritten(&self, failure: &Failure) -> OutputError {
        OutputError {
            path: self.folder.root().to_path_buf(),
            cause: io::Error::other(failure.message.clone()),
        }
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

/// What was written for a file.
#[derive(Default)]
struct Outputs {
    document: Option<OutputFile>,
    crops: Option<OutputFile>,
}

fn record(
    task: &Task,
    sha256: Option<String>,
    attempt: Attempt,
    outputs: Outputs,
    start: Instant,
) -> Record {
    let processed = attempt.processed.as_ref();
    Record {
        number: 0,
        path: task.path.to_path_buf(),
        stamp: task.stamp,
        sha256,
        status: attempt.status,
        cause: attempt.cause,
        duplicate_of: None,
        output: outputs.document,
        crops: outputs.crops,
        pages: processed.map_or(0, |processed| processed.pages),
        page_count: processed.map_or(0, |processed| processed.page_count),
        warnings: processed.map_or(0, |processed| processed.warnings),
        cache: processed.map_or_else(CacheUse::default, |processed| processed.cache),
        millis: u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX),
    }
}
