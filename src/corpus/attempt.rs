//! One file in a worker process: whole, or as far as its limits let it.

use crate::{
    geometry::PageIndex,
    worker::{CorpusJob, Failure, FailureCode, Processed, Progress, Supervisor},
};

use super::{Cause, Status};

/// How the work on a file ended.
#[derive(Debug)]
pub struct Attempt {
    /// How.
    pub status: Status,
    /// Why it is not done.
    pub cause: Option<Cause>,
    /// What was written.
    pub processed: Option<Processed>,
}

impl Attempt {
    fn failed(cause: Cause) -> Attempt {
        Attempt {
            status: Status::Failed,
            cause: Some(cause),
            processed: None,
        }
    }

    fn done(processed: Processed) -> Attempt {
        let cause = broken(&processed);
        let status = match cause {
            Some(_) => Status::Partial,
            None => Status::Done,
        };
        Attempt {
            status,
            cause,
            processed: Some(processed),
        }
    }
}

/// Works on a file; `None` when the run is stopped first.
///
/// Where a limit or a crash ends the work after some pages, those are read again alone; where it does
/// so after the reading, the file is worked on without a look at its page images, if it `looks` at them.
pub fn attempt(
    supervisor: &mut Supervisor,
    job: &CorpusJob,
    looks: bool,
    on_pages: &dyn Fn(u32),
) -> Option<Attempt> {
    let mut reached = Reached::default();
    let mut outcome = process(supervisor, job, &mut reached, on_pages);
    // Whoever kills a process seldom means this one file.
    if matches!(&outcome, Err(failure) if failure.code == FailureCode::Killed) {
        outcome = process(supervisor, job, &mut reached, on_pages);
    }
    let failure = match outcome {
        Ok(processed) => return Some(Attempt::done(processed)),
        Err(failure) if failure.code == FailureCode::Stopped => return None,
        Err(failure) => failure,
    };
    let cause = Cause {
        page: reached.place(failure.code),
        failure,
    };
    let mut shorter = job.clone();
    if looks && reached.all() && is_limit_or_crash(cause.failure.code) {
        shorter.not_looked_at = Some(cause.failure.clone());
    } else if let Some(last) = reached.worth_reading(cause.failure.code) {
        shorter.job.pages = Some(PageIndex(0)..=last);
        shorter.left_out = Some(cause.failure.clone());
    } else {
        return Some(Attempt::failed(cause));
    }
    match process(supervisor, &shorter, &mut Reached::default(), on_pages) {
        Ok(processed) => Some(Attempt {
            status: Status::Partial,
            cause: Some(cause),
            processed: Some(processed),
        }),
        Err(failure) => match failure.code {
            FailureCode::Stopped => None,
            FailureCode::OutputFailed => Some(Attempt::failed(failure.into())),
            // The first failure tells more.
            _ => Some(Attempt::failed(cause)),
        },
    }
}

fn process(
    supervisor: &mut Supervisor,
    job: &CorpusJob,
    reached: &mut Reached,
    on_pages: &dyn Fn(u32),
) -> Result<Processed, Failure> {
    supervisor.process(job.clone(), &mut |progress| {
        if let Progress::Reading { done, total } = progress {
            on_pages(done.saturating_sub(reached.done));
            *reached = Reached { done, total };
        }
    })
}

/// How many pages were read, in order, of how many.
#[derive(Debug, Clone, Copy, Default)]
struct Reached {
    done: u32,
    total: u32,
}

impl Reached {
    /// Whether the reading was over.
    fn all(self) -> bool {
        self.total > 0 && self.done == self.total
    }

    /// The page at which a failure happened.
    fn place(self, code: FailureCode) -> Option<PageIndex> {
        let in_reading = is_limit_or_crash(code) && self.done < self.total;
        in_reading.then_some(PageIndex(self.done))
    }

    /// The last page that is worth another attempt: the one before that which crashed, or half of
    /// what exhausted a limit, since the stages after reading need their part too.
    fn worth_reading(self, code: FailureCode) -> Option<PageIndex> {
        let pages = match code {
            FailureCode::Crash | FailureCode::NoProgress if self.done < self.total => self.done,
            FailureCode::Timeout | FailureCode::OutOfMemory | FailureCode::NoProgress => {
                self.done / 2
            }
            _ => 0,
        };
        pages.checked_sub(1).map(PageIndex)
    }
}

fn is_limit_or_crash(code: FailureCode) -> bool {
    matches!(
        code,
        FailureCode::Crash
            | FailureCode::Killed
            | FailureCode::NoProgress
            | FailureCode::Timeout
            | FailureCode::OutOfMemory
    )
}

/// Why a document with broken pages is not done.
fn broken(processed: &Processed) -> Option<Cause> {
    let first = *processed.broken_pages.first()?;
    let count = processed.broken_pages.len();
    let message = format!("{count} could not be read to their end");
    Some(Cause {
        failure: Failure::new(FailureCode::Unreadable, message),
        page: Some(first),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_worth_another_attempt() {
        let pages = |done, total, code| {
            let last = Reached { done, total }.worth_reading(code);
            last.map_or(0, |last| last.0 + 1)
        };
        assert_eq!(pages(7, 9, FailureCode::Crash), 7);
        assert_eq!(pages(9, 9, FailureCode::Crash), 0);
        assert_eq!(pages(0, 9, FailureCode::Crash), 0);
        assert_eq!(pages(7, 9, FailureCode::Timeout), 3);
        assert_eq!(pages(9, 9, FailureCode::OutOfMemory), 4);
        assert_eq!(pages(9, 9, FailureCode::NoProgress), 4);
        assert_eq!(pages(3, 9, FailureCode::NotAPdf), 0);
        assert_eq!(pages(1, 9, FailureCode::Timeout), 0);
    }
}
