//! Why a job gave no output: a stable code for programs, a cause for people.

use std::{error::Error, fmt, io};

use serde::{Deserialize, Serialize};

use crate::{output::atomic::OutputError, pdf::ReadError, pipeline::AlignError};

/// A job that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What happened, for programs.
    pub code: FailureCode,
    /// What happened, for people: the chain of causes, joined by ": ".
    pub message: String,
}

/// The kinds of failures; their names are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureCode {
    /// Not a PDF, or too damaged to find its pages.
    #[serde(rename = "not-a-pdf")]
    NotAPdf,
    /// A password is missing or wrong, or the encryption is not supported.
    Encrypted,
    /// The file has no page.
    NoPages,
    /// None of the pages asked for is in the file.
    NoSuchPages,
    /// The reader failed on this file.
    Unreadable,
    /// The input file could not be opened or is no regular file.
    InputFailed,
    /// The input file is too large for the memory limit.
    TooLarge,
    /// The input file changed while it was being worked on.
    InputChanged,
    /// An output file could not be written.
    OutputFailed,
    /// The job took longer than allowed.
    Timeout,
    /// The job stood still for longer than allowed.
    NoProgress,
    /// The job took more memory than allowed.
    OutOfMemory,
    /// The worker process was killed from outside.
    Killed,
    /// The worker process ended in a way it should not.
    Crash,
    /// The run was stopped before the job was over.
    Stopped,
}

impl FailureCode {
    /// Its stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotAPdf => "not-a-pdf",
            Self::Encrypted => "encrypted",
            Self::NoPages => "no-pages",
            Self::NoSuchPages => "no-such-pages",
            Self::Unreadable => "unreadable",
            Self::InputFailed => "input-failed",
            Self::TooLarge => "too-large",
            Self::InputChanged => "input-changed",
            Self::OutputFailed => "output-failed",
            Self::Timeout => "timeout",
            Self::NoProgress => "no-progress",
            Self::OutOfMemory => "out-of-memory",
            Self::Killed => "killed",
            Self::Crash => "crash",
            Self::Stopped => "stopped",
        }
    }
}

impl Failure {
    /// A failure with a message of its own.
    pub fn new(code: FailureCode, message: impl Into<String>) -> Failure {
        Failure {
            code,
            message: message.into(),
        }
    }

    /// A failure whose message is an error and its causes.
    pub fn from_error(code: FailureCode, error: &(dyn Error + 'static)) -> Failure {
        Failure::new(code, cause_chain(error))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Failure {
        let code = match error.kind().code() {
            "not-a-pdf" => FailureCode::NotAPdf,
            "encrypted" => FailureCode::Encrypted,
            "no-pages" => FailureCode::NoPages,
            "no-such-pages" => FailureCode::NoSuchPages,
            _ => FailureCode::Unreadable,
        };
        Failure::from_error(code, &error)
    }
}

impl From<AlignError> for Failure {
    fn from(error: AlignError) -> Failure {
        match error {
            AlignError::Read(error) => error.into(),
            AlignError::Network(error) => Failure::from_error(FailureCode::Crash, &error),
        }
    }
}

impl From<OutputError> for Failure {
    fn from(error: OutputError) -> Failure {
        let mut failure = Failure::from_error(FailureCode::OutputFailed, &error);
        if error.cause.kind() == io::ErrorKind::NotFound {
            // The file itself need not be there; its directory must.
            failure = Failure::new(
                FailureCode::OutputFailed,
                format!("{error}: its directory does not exist"),
            );
        }
        failure
    }
}

/// An error and its causes, joined by ": ", without the numbers of the operating system.
pub fn cause_chain(error: &(dyn Error + 'static)) -> String {
    let mut parts = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let text = match error.downcast_ref::<io::Error>() {
            Some(io) => io_cause(io),
            None => error.to_string(),
        };
        // An error that repeats its cause would say it twice.
        if !parts.iter().any(|p: &String| p.contains(&text)) {
            parts.push(text);
        }
        next = error.source();
    }
    parts.join(": ")
}

fn io_cause(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::StorageFull => "the disk is full".to_owned(),
        io::ErrorKind::QuotaExceeded => "the disk quota is used up".to_owned(),
        io::ErrorKind::ReadOnlyFilesystem => "the file system is read-only".to_owned(),
        io::ErrorKind::IsADirectory => "it is a directory".to_owned(),
        io::ErrorKind::NotADirectory => "a part of its path is not a directory".to_owned(),
        io::ErrorKind::FileTooLarge => "the limit on file sizes is reached".to_owned(),
        _ => {
            let text = error.to_string();
            match text.find(" (os error") {
                Some(end) => text.get(..end).unwrap_or(&text).to_lowercase(),
                None => text,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pdf::ReadErrorKind;

    #[test]
    fn the_codes_of_both_sides_are_the_same() {
        let kinds = [
            ReadErrorKind::Empty,
            ReadErrorKind::NotAPdf,
            ReadErrorKind::UnsupportedEncryption,
            ReadErrorKind::NoPages,
            ReadErrorKind::NoSuchPages { page_count: 3 },
            ReadErrorKind::Internal("x".into()),
        ];
        for kind in kinds {
            let code = kind.code();
            let failure = Failure::from(ReadError::from(kind));
            let written = serde_json::to_value(failure.code).unwrap();
            assert_eq!(written, code);
            assert_eq!(failure.code.name(), code);
        }
    }

    #[test]
    fn causes_are_joined_without_numbers() {
        let error = OutputError {
            path: "a/b.json".into(),
            cause: io::Error::from_raw_os_error(28),
        };
        let failure = Failure::from(error);
        assert_eq!(failure.message, "cannot write a/b.json: the disk is full");
    }
}
