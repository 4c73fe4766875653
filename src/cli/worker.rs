//! `docalign worker`: the hidden command as which the program starts itself to read files.

use std::{
    ffi::OsString,
    io, iter,
    path::{Path, PathBuf},
    process::{self, ExitCode},
    time::Duration,
};

use clap::Args;
use docalign::worker::{
    InputFile, ServeOptions, Stop, Supervisor, SupervisorOptions, cause_chain, confine,
    limits::{self, MemoryLimit},
    serve,
};

use super::{UiFlags, align::LimitFlags, models::ModelFlags, report::CommandError};

/// Raw flags; [`WorkerSettings`] writes them.
#[derive(Debug, Args)]
pub struct WorkerFlags {
    /// Memory limit in MiB
    #[arg(long)]
    memory: u32,
    /// Threads
    #[arg(long)]
    threads: usize,
    #[command(flatten)]
    models: ModelFlags,
    /// Keep what the network sees
    #[arg(long)]
    objects: bool,
    /// The only folder to write in besides the cache; no network then, and no other programs
    #[arg(long)]
    confine: Option<PathBuf>,
}

/// Serves jobs on the standard streams.
pub fn run(flags: WorkerFlags) -> Result<ExitCode, CommandError> {
    let limit = MemoryLimit {
        mib: flags.memory,
        threads: flags.threads,
    };
    if let Err(error) = limits::apply(limit) {
        tracing::warn!("memory is not limited: {error}");
    }
    let options = ServeOptions {
        threads: flags.threads,
        models: flags.models.load(flags.objects)?,
        gaps: flags.confine.as_deref().map(|folder| {
            let folders: Vec<&Path> = iter::once(folder).chain(flags.models.cache()).collect();
            confine::confine(&folders)
        }),
    };
    serve(io::stdin(), io::stdout(), options, end)
        .map_err(|e| CommandError::Failed(cause_chain(&e)))?;
    Ok(ExitCode::SUCCESS)
}

/// Ends the process from the thread that saw the supervisor go, whatever the others do.
#[expect(clippy::exit, reason = "the other threads cannot be asked to stop")]
fn end() {
    process::exit(0)
}

/// How workers are to be started.
#[derive(Debug, Clone)]
pub struct WorkerSettings {
    /// Memory limit in MiB.
    pub memory_mib: u32,
    /// Threads that work on a document.
    pub threads: usize,
    /// Longest time for one file.
    pub time_limit: Duration,
    /// Longest time without a sign from the worker.
    pub silence_limit: Duration,
    /// How often `-v` was given.
    pub verbose: u8,
    /// Stops the work.
    pub stop: Stop,
    /// Which networks.
    pub models: ModelFlags,
    /// Whether what the network sees is kept.
    pub objects: bool,
    /// The only folder besides the cache that workers may write in, if they are to be confined.
    pub confine: Option<PathBuf>,
}

/// Starting a worker costs as much as a few pages; a leak has grown by then if there is one.
const MAX_JOBS: u32 = 500;

/// A document that is aligned gives a sign at least after each page, which has its own, shorter
/// limit.
pub const SILENCE_LIMIT: Duration = Duration::from_secs(60);

impl WorkerSettings {
    /// What the flags say.
    pub fn new(limits: &LimitFlags, ui: &UiFlags) -> WorkerSettings {
        WorkerSettings {
            memory_mib: limits.memory,
            threads: limits.threads(),
            time_limit: Duration::from_secs(u64::from(limits.timeout)),
            silence_limit: SILENCE_LIMIT,
            verbose: ui.verbose,
            stop: Stop::default(),
            models: ModelFlags::default(),
            objects: false,
            confine: None,
        }
    }

    /// A supervisor whose worker is this very program.
    pub fn supervisor(&self) -> Result<Supervisor, CommandError> {
        let program = std::env::current_exe().map_err(|error| {
            CommandError::Failed(format!("cannot find its own program file: {error}"))
        })?;
        let mut arguments: Vec<OsString> = vec![
            "worker".into(),
            format!("--memory={}", self.memory_mib).into(),
            format!("--threads={}", self.threads).into(),
        ];
        arguments.extend(self.models.arguments());
        arguments.extend(self.objects.then(|| "--objects".into()));
        if let Some(folder) = &self.confine {
            arguments.extend(["--confine".into(), folder.into()]);
        }
        arguments.extend((0..self.verbose).map(|_| "-v".into()));
        Ok(Supervisor::new(SupervisorOptions {
            program,
            arguments,
            time_limit: self.time_limit,
            silence_limit: self.silence_limit,
            memory_mib: self.memory_mib,
            show_stderr: self.verbose > 0,
            max_jobs: MAX_JOBS,
            stop: self.stop.clone(),
        }))
    }
}

/// A file to be read whole, if the limits allow it.
pub fn input_file(path: &Path, limits: &LimitFlags) -> InputFile {
    InputFile {
        path: path.to_owned(),
        password: String::new(),
        max_bytes: limits.max_input_bytes(),
    }
}
