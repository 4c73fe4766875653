//! The worker's side: takes jobs until its input ends.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    panic::{self, AssertUnwindSafe},
    sync::{
        Mutex, MutexGuard, PoisonError,
        mpsc::{self, Receiver, Sender},
    },
    thread,
    time::{Duration, Instant},
};

use crate::{
    corpus::tables,
    pipeline::{Models, STACK_BYTES, panic_text},
};

use super::{
    Failure, FailureCode, Progress, Reply, Request,
    confine::Gaps,
    job::{clean_up, estimate, evaluate, hash, process, read_gold, run_job},
    protocol::Message,
};

/// How a worker works.
#[derive(Debug, Clone)]
pub struct ServeOptions {
    /// Threads that work on a document.
    pub threads: usize,
    /// The networks of the stages.
    pub models: Models,
    /// What the process could not forbid itself, if it was to.
    pub gaps: Option<Gaps>,
}

/// A worker that cannot work.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The threads could not be started.
    #[error("the worker's threads could not be started")]
    Threads(#[source] io::Error),
    /// The supervisor said something that is no job.
    #[error("the worker was given a broken job")]
    Protocol(#[from] serde_json::Error),
}

/// Serves jobs from `input` until it ends; messages go to `output`.
///
/// When `input` ends during a job, the supervisor is gone: the job's temporary files are removed
/// and `orphaned` is called, which should end the process.
///
/// # Errors
/// When the threads cannot be started or the input is not as [`super::protocol`] says.
pub fn serve(
    input: impl Read + Send + 'static,
    output: impl Write + Send,
    options: ServeOptions,
    orphaned: impl FnOnce() + Send + 'static,
) -> Result<(), ServeError> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(options.threads)
        .stack_size(STACK_BYTES)
        .thread_name(|i| format!("worker-{i}"))
        .build()
        .map_err(|e| ServeError::Threads(io::Error::other(e)))?;
    let jobs = listen(input, orphaned).map_err(ServeError::Threads)?;
    let voice = Voice::new(output);
    if let Some(gaps) = options.gaps {
        voice.say(&Message::Confined(gaps));
    }
    for line in jobs {
        let request: Request = serde_json::from_slice(&line)?;
        // On the pool's own threads, which have the deep stacks.
        let outcome = pool.install(|| {
            guarded(request, &options.models, &|progress| {
                voice.progress(progress)
            })
        });
        voice.say(&Message::Outcome(outcome));
    }
    Ok(())
}

/// Does what is asked; a panic inside is a failure of this job.
fn guarded(
    request: Request,
    models: &Models,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Reply, Failure> {
    let work = || match request {
        Request::Align(job) => run_job(&job, models, progress).map(Reply::Aligned),
        Request::Evaluate(job) => {
            evaluate(job, models).map(|report| Reply::Evaluated(Box::new(report)))
        }
        Request::ReadGold(input) => read_gold(&input).map(Reply::Gold),
        Request::Plan(job) => estimate(&job).map(Reply::Plan),
        Request::Hash(input) => hash(&input).map(Reply::Hash),
        Request::Process(job) => process(&job, models, progress).map(Reply::Processed),
        Request::Tables(job) => {
            tables::write(&job, &|| progress(Progress::Writing)).map(Reply::Tables)
        }
    };
    panic::catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|payload| {
        let text = panic_text(payload.as_ref());
        Err(Failure::new(
            FailureCode::Crash,
            format!("internal error: {text}"),
        ))
    })
}

/// Reads jobs on a thread of its own, so that the end of the input is seen while a job runs.
fn listen(
    input: impl Read + Send + 'static,
    orphaned: impl FnOnce() + Send + 'static,
) -> io::Result<Receiver<Vec<u8>>> {
    let (sender, receiver) = mpsc::channel();
    thread::Builder::new()
        .name("worker-input".to_owned())
        .spawn(move || {
            if let Some(job) = read_requests(input, &sender)
                .as_ref()
                .and_then(Request::job)
            {
                clean_up(job);
            }
            orphaned();
        })?;
    Ok(receiver)
}

/// Passes requests on until the input ends; gives back the last one.
fn read_requests(input: impl Read, jobs: &Sender<Vec<u8>>) -> Option<Request> {
    let mut input = BufReader::new(input);
    let mut last = None;
    loop {
        let mut line = Vec::new();
        match input.read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return last,
            Ok(_) => {}
        }
        last = serde_json::from_slice(&line).ok();
        if jobs.send(line).is_err() {
            return last;
        }
    }
}

/// Where messages go, from any thread.
struct Voice<W>(Mutex<Speaking<W>>);

struct Speaking<W> {
    output: W,
    last_progress: Option<Instant>,
}

/// More often than this nobody looks at the writing. Pages are always told: a file that ends its
/// worker is read again up to the last one.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(50);

impl<W: Write> Voice<W> {
    fn new(output: W) -> Voice<W> {
        Voice(Mutex::new(Speaking {
            output,
            last_progress: None,
        }))
    }

    fn lock(&self) -> MutexGuard<'_, Speaking<W>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn progress(&self, progress: Progress) {
        let mut speaking = self.lock();
        let recent = speaking
            .last_progress
            .is_some_and(|last| last.elapsed() < PROGRESS_INTERVAL);
        if progress != Progress::Writing || !recent {
            speaking.last_progress = Some(Instant::now());
            speaking.say(&Message::Progress(progress));
        }
    }

    fn say(&self, message: &Message) {
        self.lock().say(message);
    }
}

impl<W: Write> Speaking<W> {
    fn say(&mut self, message: &Message) {
        // A supervisor that no longer listens is gone; the end of the input says so too.
        if let Ok(mut line) = serde_json::to_vec(message) {
            line.push(b'\n');
            let _ = self.output.write_all(&line);
            let _ = self.output.flush();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        output::Format,
        worker::{Job, JobOutput},
    };

    #[test]
    fn an_orphan_removes_its_files() {
        let dir = tempfile::tempdir().unwrap();
        let left = dir.path().join(".docalign-tag-output");
        std::fs::write(&left, "").unwrap();
        let job = Job {
            tag: "tag".to_owned(),
            input: dir.path().join("missing.pdf"),
            password: String::new(),
            pages: None,
            ignore_annotations: false,
            blind: false,
            min_probability: 0.5,
            chunk_tokens: 512,
            max_input_bytes: 1000,
            format: Format::Json,
            output: JobOutput::Temporary(dir.path().to_path_buf()),
            table: None,
        };
        let mut line = serde_json::to_vec(&Request::Align(Box::new(job))).unwrap();
        line.push(b'\n');
        let (ended, end) = mpsc::channel();
        let mut said = Vec::new();
        let options = ServeOptions {
            threads: 1,
            models: Models::default(),
            gaps: None,
        };
        serve(io::Cursor::new(line), &mut said, options, move || {
            ended.send(()).unwrap();
        })
        .unwrap();
        end.recv_timeout(Duration::from_secs(9)).unwrap();
        assert!(!left.exists());
        let said = String::from_utf8(said).unwrap();
        assert!(said.contains("input-failed"), "{said}");
    }
}
