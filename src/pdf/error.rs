//! Why a file could not be read at all.

use std::fmt;

/// A file that gives no document. What concerns single pages is a
/// [`Warning`](crate::warning::Warning) instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind}")]
pub struct ReadError {
    kind: ReadErrorKind,
}

impl ReadError {
    /// What went wrong.
    pub fn kind(&self) -> &ReadErrorKind {
        &self.kind
    }
}

impl From<ReadErrorKind> for ReadError {
    fn from(kind: ReadErrorKind) -> ReadError {
        ReadError { kind }
    }
}

/// The ways in which reading fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadErrorKind {
    /// The file has no bytes.
    Empty,
    /// The file does not look like a PDF, or is too broken to find its pages.
    NotAPdf,
    /// A password is needed, or the one given is wrong.
    Encrypted {
        /// Whether a password was given.
        password_given: bool,
    },
    /// The encryption scheme is not supported.
    UnsupportedEncryption,
    /// The file opens but has no page.
    NoPages,
    /// The pages asked for are not in the file.
    NoSuchPages {
        /// How many pages the file has.
        page_count: u32,
    },
    /// A reader failed where it should not; the text is its own.
    Internal(String),
}

impl ReadErrorKind {
    /// A short name for programs, stable across versions.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty | Self::NotAPdf => "not-a-pdf",
            Self::Encrypted { .. } | Self::UnsupportedEncryption => "encrypted",
            Self::NoPages => "no-pages",
            Self::NoSuchPages { .. } => "no-such-pages",
            Self::Internal(_) => "unreadable",
        }
    }
}

impl fmt::Display for ReadErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the file is empty"),
            Self::NotAPdf => {
                f.write_str("not a PDF, or too damaged to find its pages; try to re-save it with another program")
            }
            Self::Encrypted {
                password_given: false,
            } => f.write_str("the file is encrypted; give its password with --password"),
            Self::Encrypted {
                password_given: true,
            } => f.write_str("the password does not open this file"),
            Self::UnsupportedEncryption => {
                f.write_str("the file is encrypted in a way that is not supported; save it without encryption first")
            }
            Self::NoPages => f.write_str("the file has no pages"),
            Self::NoSuchPages { page_count } => write!(
                f,
                "no page of the range is in the file, which has {page_count} pages"
            ),
            Self::Internal(cause) => write!(f, "reading failed: {cause}"),
        }
    }
}
