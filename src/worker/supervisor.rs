//! The first process's side: starts workers, watches the clock, maps their deaths to failures.

use std::{
    ffi::OsString,
    io::{self, BufRead, BufReader, Read, Write},
    path::PathBuf,
    process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio},
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use super::{
    CorpusJob, EvaluateJob, Failure, FailureCode, InputFile, Job, Outcome, PlanJob, Processed,
    Progress, Reply, Request, Stop, WrittenFile, confine::Gaps, death, job::clean_up, limits,
    protocol::Message, stderr::StderrTail,
};
use crate::{
    corpus::tables::TablesJob,
    evaluate::{DocumentReport, Gold},
    plan::Plan,
};

/// How workers are started and how long they may take.
#[derive(Debug, Clone)]
pub struct SupervisorOptions {
    /// The program that serves as a worker when started with `arguments`.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// Longest time for one job.
    pub time_limit: Duration,
    /// Longest time without any message from the worker.
    pub silence_limit: Duration,
    /// The memory limit that the arguments set, for messages.
    pub memory_mib: u32,
    /// Pass the worker's standard error on.
    pub show_stderr: bool,
    /// After so many jobs a worker is replaced: what a reader's bug leaves behind does not add up.
    pub max_jobs: u32,
    /// Ends the job under way and all further ones.
    pub stop: Stop,
}

/// A worker that keeps more than this part of its memory limit after a job is replaced: the next
/// job is to find all of it.
const MAX_KEPT_SHARE: u64 = 4;

/// How often a waiting supervisor looks whether it is to stop.
const STOP_INTERVAL: Duration = Duration::from_millis(100);

/// Runs jobs one after the other in a worker process, which it starts when needed and replaces when
/// it died.
#[derive(Debug)]
pub struct Supervisor {
    options: SupervisorOptions,
    worker: Option<Worker>,
    gaps: Option<Gaps>,
}

impl Supervisor {
    /// A supervisor without a worker yet.
    pub fn new(options: SupervisorOptions) -> Supervisor {
        Supervisor {
            options,
            worker: None,
            gaps: None,
        }
    }

    /// What the workers could not forbid themselves, as far as they said.
    pub fn gaps(&self) -> Option<Gaps> {
        self.gaps
    }

    /// Aligns a file, whatever happens to the worker; `progress` hears how far it is.
    pub fn run(&mut self, job: &Job, progress: &mut dyn FnMut(Progress)) -> Outcome {
        let request = Request::Align(Box::new(job.clone()));
        match self.ask(&request, progress)? {
            Reply::Aligned(success) => Ok(success),
            _ => Err(other_reply()),
        }
    }

    /// Evaluates a file, whatever happens to the worker.
    ///
    /// # Errors
    /// When the file cannot be evaluated.
    pub fn evaluate(&mut self, job: EvaluateJob) -> Result<DocumentReport, Failure> {
        match self.ask(&Request::Evaluate(job), &mut |_| ())? {
            Reply::Evaluated(report) => Ok(*report),
            _ => Err(other_reply()),
        }
    }

    /// Reads a file's gold, whatever happens to the worker.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read_gold(&mut self, input: InputFile) -> Result<Gold, Failure> {
        match self.ask(&Request::ReadGold(input), &mut |_| ())? {
            Reply::Gold(gold) => Ok(gold),
            _ => Err(other_reply()),
        }
    }

    /// Estimates what aligning a file will take, whatever happens to the worker.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn plan(&mut self, job: PlanJob) -> Result<Plan, Failure> {
        match self.ask(&Request::Plan(job), &mut |_| ())? {
            Reply::Plan(plan) => Ok(plan),
            _ => Err(other_reply()),
        }
    }

    /// Hashes a file, whatever happens to the worker.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn hash(&mut self, input: InputFile) -> Result<String, Failure> {
        match self.ask(&Request::Hash(input), &mut |_| ())? {
            Reply::Hash(sha256) => Ok(sha256),
            _ => Err(other_reply()),
        }
    }

    /// Aligns a file of a corpus, whatever happens to the worker.
    ///
    /// # Errors
    /// When there is no whole output; then none of it is left.
    pub fn process(
        &mut self,
        job: CorpusJob,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Processed, Failure> {
        match self.ask(&Request::Process(Box::new(job)), progress)? {
            Reply::Processed(processed) => Ok(processed),
            _ => Err(other_reply()),
        }
    }

    /// Writes tables of files of a corpus, whatever happens to the worker.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn tables(&mut self, job: TablesJob) -> Result<Vec<WrittenFile>, Failure> {
        match self.ask(&Request::Tables(job), &mut |_| ())? {
            Reply::Tables(written) => Ok(written),
            _ => Err(other_reply()),
        }
    }

    fn ask(
        &mut self,
        request: &Request,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Reply, Failure> {
        self.retire();
        let used = self.worker.is_some();
        let outcome = self.attempt(request, progress);
        match outcome {
            // What earlier jobs left in the worker's memory must not count against this one.
            Err(failure) if used && failure.code == FailureCode::OutOfMemory => {
                self.attempt(request, progress)
            }
            outcome => outcome,
        }
    }

    /// Lets a worker go that should do no more. Not when it has just done a job: it removes what is
    /// left of its last one, and its output may not have been fetched yet.
    fn retire(&mut self) {
        if let Some(worker) = self.worker.take_if(|worker| worker.is_spent(&self.options)) {
            worker.dismiss();
        }
    }

    fn attempt(
        &mut self,
        request: &Request,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Reply, Failure> {
        let mut worker = match self.worker.take() {
            Some(worker) => worker,
            None => Worker::start(&self.options).map_err(|e| {
                let chain = super::failure::cause_chain(&e);
                Failure::new(
                    FailureCode::Crash,
                    format!("the worker process could not be started: {chain}"),
                )
            })?,
        };
        let end = match worker.give(request) {
            Ok(()) => worker.listen(&self.options, &mut self.gaps, progress),
            Err(_) => JobEnd::Died,
        };
        let failure = match end {
            JobEnd::Outcome(outcome) => {
                worker.jobs += 1;
                self.worker = Some(worker);
                return outcome;
            }
            JobEnd::Stopped => {
                worker.kill();
                Failure::new(FailureCode::Stopped, "the run was stopped")
            }
            JobEnd::Died => worker.post_mortem(self.options.memory_mib),
            JobEnd::TooLong => {
                worker.kill();
                timeout(self.options.time_limit)
            }
            JobEnd::TooSilent => {
                worker.kill();
                no_progress(self.options.silence_limit)
            }
        };
        if let Some(job) = request.job() {
            clean_up(job);
        }
        Err(failure)
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        if let Some(worker) = self.worker.take() {
            worker.dismiss();
        }
    }
}

/// Only a worker that is not ours says something else than it was asked.
fn other_reply() -> Failure {
    Failure::new(
        FailureCode::Crash,
        "the worker process answered another question",
    )
}

fn timeout(limit: Duration) -> Failure {
    let text = format!(
        "not done after {} s; raise --timeout or use --pages",
        limit.as_secs_f32()
    );
    Failure::new(FailureCode::Timeout, text)
}

fn no_progress(limit: Duration) -> Failure {
    let text = format!("no progress for {} s", limit.as_secs_f32());
    Failure::new(FailureCode::NoProgress, text)
}

/// A running worker process.
#[derive(Debug)]
struct Worker {
    child: Child,
    input: ChildStdin,
    messages: Receiver<Message>,
    stderr: StderrTail,
    jobs: u32,
}

/// How waiting for a job ended.
enum JobEnd {
    Outcome(Result<Reply, Failure>),
    Died,
    TooLong,
    TooSilent,
    Stopped,
}

impl Worker {
    fn start(options: &SupervisorOptions) -> io::Result<Worker> {
        let mut command = Command::new(&options.program);
        command
            .args(&options.arguments)
            // Read by glibc; without it every thread reserves address space of its own.
            .env("MALLOC_ARENA_MAX", limits::ARENAS.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if !options.show_stderr {
            // Nobody would see the backtraces, which take long.
            command.env("RUST_BACKTRACE", "0");
        }
        // Ctrl-C at a terminal goes to the whole group; the worker is to see the end of its input
        // instead and tidy up.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command.spawn()?;
        let missing = || io::Error::other("a standard stream is missing");
        let input = child.stdin.take().ok_or_else(missing)?;
        let output = child.stdout.take().ok_or_else(missing)?;
        let stderr = child.stderr.take().ok_or_else(missing)?;
        Ok(Worker {
            child,
            input,
            messages: hear(output)?,
            stderr: StderrTail::follow(stderr, options.show_stderr)?,
            jobs: 0,
        })
    }

    fn give(&mut self, request: &Request) -> io::Result<()> {
        let mut line = serde_json::to_vec(request)?;
        line.push(b'\n');
        self.input.write_all(&line)?;
        self.input.flush()
    }

    fn listen(
        &self,
        options: &SupervisorOptions,
        gaps: &mut Option<Gaps>,
        progress: &mut dyn FnMut(Progress),
    ) -> JobEnd {
        let start = Instant::now();
        let mut heard = start;
        loop {
            if options.stop.is_requested() {
                return JobEnd::Stopped;
            }
            let left = options.time_limit.saturating_sub(start.elapsed());
            let silence = options.silence_limit.saturating_sub(heard.elapsed());
            let wait = left.min(silence).min(STOP_INTERVAL);
            match self.messages.recv_timeout(wait) {
                Ok(Message::Progress(so_far)) => {
                    heard = Instant::now();
                    progress(so_far);
                }
                Ok(Message::Outcome(outcome)) => return JobEnd::Outcome(outcome),
                Ok(Message::Confined(found)) => *gaps = Some(found),
                Err(RecvTimeoutError::Disconnected) => return JobEnd::Died,
                Err(RecvTimeoutError::Timeout) if left.is_zero() => return JobEnd::TooLong,
                Err(RecvTimeoutError::Timeout) if silence.is_zero() => return JobEnd::TooSilent,
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    /// Whether the worker should do no more.
    fn is_spent(&self, options: &SupervisorOptions) -> bool {
        let limit = u64::from(options.memory_mib) << 20;
        let kept = limits::resident_bytes(self.child.id());
        self.jobs >= options.max_jobs || kept.is_some_and(|kept| kept > limit / MAX_KEPT_SHARE)
    }

    /// The failure behind the end of a worker that closed its output.
    fn post_mortem(self, memory_mib: u32) -> Failure {
        let (status, stderr) = self.bury();
        match status {
            Ok(status) => death::failure(status, &stderr, memory_mib),
            Err(e) => Failure::from_error(FailureCode::Crash, &e),
        }
    }

    fn kill(mut self) {
        // It may have ended by itself in the meantime. Its last words are of no interest.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Lets a worker without a job end by itself.
    fn dismiss(self) {
        let _ = self.bury();
    }

    /// Closes the worker's input, so that it ends if it hasn't yet, and waits for it.
    fn bury(self) -> (io::Result<ExitStatus>, Vec<String>) {
        let Worker {
            mut child,
            input,
            stderr,
            ..
        } = self;
        drop(input);
        let status = child.wait();
        (status, stderr.lines())
    }
}

/// Longer messages come from no worker of ours.
const MESSAGE_BYTES: u64 = 256 << 20;

/// Reads messages on a thread of its own, so that waiting for them can end with the clock.
fn hear(output: ChildStdout) -> io::Result<Receiver<Message>> {
    let (sender, receiver) = mpsc::channel();
    thread::Builder::new()
        .name("worker-output".to_owned())
        .spawn(move || {
            let mut output = BufReader::new(output);
            loop {
                let mut line = Vec::new();
                let read = (&mut output)
                    .take(MESSAGE_BYTES)
                    .read_until(b'\n', &mut line);
                if !matches!(read, Ok(1..)) {
                    return;
                }
                let Ok(message) = serde_json::from_slice(&line) else {
                    return;
                };
                if sender.send(message).is_err() {
                    return;
                }
            }
        })?;
    Ok(receiver)
}
