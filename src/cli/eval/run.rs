//! Evaluates a corpus: a worker process for each thread, so that a file that crashes or hangs is an
//! error in the rate and not the end of the run.

use std::{
    collections::{BTreeMap, VecDeque},
    fs,
    io::{self, IsTerminal},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
};

use clap::{Args, ValueEnum};
use docalign::{
    evaluate::{
        self, CorpusList, DocumentReport, Gold, Mode, PairPictures, Report, Split, failed_document,
        sha256_of_file,
    },
    worker::{EvaluateJob, Supervisor},
};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{
    files::{failed, find_files, read_golds, read_list},
    finish,
};
use crate::cli::{
    UiFlags,
    align::LimitFlags,
    models::ModelFlags,
    report::CommandError,
    worker::{WorkerSettings, input_file},
};

/// Flags of `docalign eval`.
#[derive(Debug, Args)]
pub struct RunFlags {
    /// PDFs, and folders that are searched for them
    #[arg(value_name = "CORPUS", required = true)]
    corpus: Vec<PathBuf>,
    /// Folder for report.json, report.md and report.html; made where it is missing
    #[arg(short, long, value_name = "REPORT", required = true)]
    output: Option<PathBuf>,
    /// Table that says what the documents are (package, sha256, language, genre, ...)
    #[arg(long, value_name = "TSV")]
    list: Option<PathBuf>,
    /// Folder of files as `docalign gold` writes them: the truth, instead of the documents' link
    /// annotations; only the documents that they are about are evaluated
    #[arg(long, value_name = "DIR", conflicts_with = "split")]
    gold: Option<PathBuf>,
    /// What the program may see: the document as it is, without the mentions of a fifth of the
    /// paragraphs at a time, without any mention; the first is shown in detail
    #[arg(long, value_name = "MODES", value_enum, value_delimiter = ',', default_values_t = ModeFlag::ALL)]
    mode: Vec<ModeFlag>,
    /// Only the documents of this part of the list: train, validation or test
    #[arg(long, value_name = "PART", requires = "list")]
    split: Option<Split>,
    /// Show pieces of the pages in report.html
    #[arg(long)]
    crops: bool,
    #[command(flatten)]
    models: ModelFlags,
    #[command(flatten)]
    limits: LimitFlags,
}

/// The modes as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ModeFlag {
    Open,
    PartBlind,
    Blind,
}

impl ModeFlag {
    const ALL: [ModeFlag; 3] = [ModeFlag::Open, ModeFlag::PartBlind, ModeFlag::Blind];
}

impl From<ModeFlag> for Mode {
    fn from(flag: ModeFlag) -> Mode {
        match flag {
            ModeFlag::Open => Mode::Open,
            ModeFlag::PartBlind => Mode::PartBlind,
            ModeFlag::Blind => Mode::Blind,
        }
    }
}

/// Measures how often paragraphs and visuals of a corpus are wrongly associated.
pub fn run(flags: &RunFlags, ui: &UiFlags) -> Result<ExitCode, CommandError> {
    let output = flags
        .output
        .as_deref()
        .ok_or_else(|| CommandError::Usage("no folder for the report given with -o".to_owned()))?;
    let list = read_list(flags.list.as_deref())?;
    let mut files = find_files(&flags.corpus, "pdf")?;
    if let Some(split) = flags.split {
        files = evaluate::of_split(&files, &list, split);
    }
    let work = match &flags.gold {
        Some(folder) => Work::of_gold(&files, read_golds(folder)?),
        None => Work::of_files(files),
    };
    if work.tasks.is_empty() && work.missing.is_empty() {
        return Err(CommandError::Usage(
            "no PDF found in the corpus given".to_owned(),
        ));
    }
    flags.models.load(false)?;
    // Before the work, so that it is not lost.
    fs::create_dir_all(output).map_err(|error| failed(output, &error))?;
    let files: Vec<PathBuf> = work.tasks.iter().map(|task| task.path.clone()).collect();
    let report = Run {
        list: &list,
        modes: &modes(&flags.mode),
        models: &flags.models,
        limits: &flags.limits,
        ui,
    }
    .evaluate(work)?;
    let pictures = if flags.crops {
        PairPictures::draw(&report, &files)
    } else {
        PairPictures::default()
    };
    finish(&report, &pictures, Some(output))
}

/// Each once, in the order given.
fn modes(flags: &[ModeFlag]) -> Vec<Mode> {
    let mut modes: Vec<Mode> = Vec::new();
    for flag in flags {
        let mode = Mode::from(*flag);
        if !modes.contains(&mode) {
            modes.push(mode);
        }
    }
    modes
}

/// A file to evaluate.
struct Task {
    path: PathBuf,
    /// What is true of it, where its link annotations don't say.
    gold: Option<Gold>,
}

/// What is to be done.
struct Work {
    tasks: Vec<Task>,
    /// Gold of documents that are not there.
    missing: Vec<Gold>,
}

impl Work {
    fn of_files(files: Vec<PathBuf>) -> Work {
        let tasks = files.into_iter().map(|path| Task { path, gold: None });
        Work {
            tasks: tasks.collect(),
            missing: Vec::new(),
        }
    }

    fn of_gold(files: &[PathBuf], golds: Vec<Gold>) -> Work {
        let mut by_hash: BTreeMap<String, &PathBuf> = BTreeMap::new();
        for path in files {
            if let Ok(sha256) = sha256_of_file(path) {
                by_hash.entry(sha256).or_insert(path);
            }
        }
        let mut work = Work {
            tasks: Vec::new(),
            missing: Vec::new(),
        };
        for gold in golds {
            match by_hash.get(&gold.sha256) {
                Some(path) => work.tasks.push(Task {
                    path: (*path).clone(),
                    gold: Some(gold),
                }),
                None => work.missing.push(gold),
            }
        }
        work
    }
}

/// What all tasks have in common.
#[derive(Clone, Copy)]
struct Run<'a> {
    list: &'a CorpusList,
    modes: &'a [Mode],
    models: &'a ModelFlags,
    limits: &'a LimitFlags,
    ui: &'a UiFlags,
}

impl Run<'_> {
    /// The report is in the order of the tasks, whatever the number of threads.
    fn evaluate(self, work: Work) -> Result<Report, CommandError> {
        let bar = progress_bar(work.tasks.len() as u64, self.ui);
        let threads = self.limits.threads().min(work.tasks.len());
        let tasks: Mutex<VecDeque<(usize, Task)>> =
            Mutex::new(work.tasks.into_iter().enumerate().collect());
        let done: Mutex<BTreeMap<usize, DocumentReport>> = Mutex::default();
        let settings = WorkerSettings {
            threads: 1,
            // Nothing is heard of a document before it is done.
            silence_limit: WorkerSettings::new(self.limits, self.ui).time_limit,
            models: self.models.clone(),
            ..WorkerSettings::new(self.limits, self.ui)
        };
        let supervisors = (0..threads)
            .map(|_| settings.supervisor())
            .collect::<Result<Vec<Supervisor>, CommandError>>()?;
        thread::scope(|scope| {
            for mut supervisor in supervisors {
                let (tasks, done, bar) = (&tasks, &done, &bar);
                scope.spawn(move || {
                    loop {
                        // The lock is not held during the work.
                        let next = locked(tasks).pop_front();
                        let Some((at, task)) = next else {
                            return;
                        };
                        let report = self.evaluate_file(&mut supervisor, task);
                        locked(done).insert(at, report);
                        bar.inc(1);
                    }
                });
            }
        });
        bar.finish_and_clear();
        let done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        let missing = work.missing.iter().map(|gold| self.missing(gold));
        Ok(Report::new(done.into_values().chain(missing).collect()))
    }

    fn evaluate_file(self, supervisor: &mut Supervisor, task: Task) -> DocumentReport {
        let input = input_file(&task.path, self.limits);
        let outcome = supervisor.evaluate(EvaluateJob {
            input: input.clone(),
            gold: task.gold.clone(),
            modes: self.modes.to_vec(),
        });
        let report = outcome.unwrap_or_else(|failure| {
            let sha256 = sha256_of_file(&task.path).unwrap_or_default();
            let entry = self.list.get(&sha256);
            let gold = task.gold.or_else(|| supervisor.read_gold(input).ok());
            DocumentReport {
                sha256,
                ..failed_document(
                    name_of(&task.path),
                    gold.as_ref(),
                    entry.map_or(0, |entry| entry.expected_links),
                    self.modes,
                    failure.to_string(),
                )
            }
        });
        report.described(self.list)
    }

    fn missing(self, gold: &Gold) -> DocumentReport {
        let error = "the document is not in the corpus".to_owned();
        DocumentReport {
            sha256: gold.sha256.clone(),
            ..failed_document(gold.file_name.clone(), Some(gold), 0, self.modes, error)
        }
        .described(self.list)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

fn progress_bar(documents: u64, ui: &UiFlags) -> ProgressBar {
    let bar = ProgressBar::new(documents);
    if ui.quiet || !io::stderr().is_terminal() {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    } else if let Ok(style) =
        ProgressStyle::with_template("{bar:30} {pos} of {len} documents, {eta} to go")
    {
        bar.set_style(style);
    }
    bar
}
