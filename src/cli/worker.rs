//! `docalign worker`: the hidden command as which the program starts itself to read files.

use std::{
    io,
    process::{self, ExitCode},
    time::Duration,
};

use clap::Args;
use docalign::worker::{
    ServeOptions, Supervisor, SupervisorOptions,
    limits::{self, MemoryLimit},
    serve,
};

use super::report::CommandError;

/// Raw flags; [`WorkerSettings`] writes them.
#[derive(Debug, Args)]
pub struct WorkerFlags {
    /// Memory limit in MiB
    #[arg(long)]
    memory: u32,
    /// Threads
    #[arg(long)]
    threads: usize,
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
    };
    serve(io::stdin(), io::stdout(), options, end).map_err(|e| CommandError::Failed(chain(&e)))?;
    Ok(ExitCode::SUCCESS)
}

/// Ends the process from the thread that saw the supervisor go, whatever the others do.
#[expect(clippy::exit, reason = "the other threads cannot be asked to stop")]
fn end() {
    process::exit(0)
}

fn chain(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

/// How workers are to be started.
#[derive(Debug, Clone, Copy)]
pub struct WorkerSettings {
    /// Memory limit in MiB.
    pub memory_mib: u32,
    /// Threads that work on a document.
    pub threads: usize,
    /// Longest time for one file.
    pub time_limit: Duration,
    /// How often `-v` was given.
    pub verbose: u8,
}

/// A document gives a sign at least after each page, which has its own, shorter limit.
const SILENCE_LIMIT: Duration = Duration::from_secs(60);

impl WorkerSettings {
    /// A supervisor whose worker is this very program.
    pub fn supervisor(self) -> io::Result<Supervisor> {
        let mut arguments = vec![
            "worker".to_owned(),
            format!("--memory={}", self.memory_mib),
            format!("--threads={}", self.threads),
        ];
        arguments.extend((0..self.verbose).map(|_| "-v".to_owned()));
        Ok(Supervisor::new(SupervisorOptions {
            program: std::env::current_exe()?,
            arguments,
            time_limit: self.time_limit,
            silence_limit: SILENCE_LIMIT,
            memory_mib: self.memory_mib,
            show_stderr: self.verbose > 0,
        }))
    }
}
