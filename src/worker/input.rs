//! Opens a job's input, or says why it is none.

use std::{
    fs::{self, File, Metadata},
    io::{self, Read},
    path::Path,
    sync::Arc,
};

use crate::pdf::PdfSource;

use super::{Failure, FailureCode, InputFile};

/// Reads the whole input.
pub(super) fn read(input: &InputFile) -> Result<PdfSource, Failure> {
    let metadata = fs::metadata(&input.path).map_err(unreadable)?;
    if metadata.is_dir() {
        return Err(input_failure("it is a directory, not a file"));
    }
    if !metadata.is_file() {
        // A pipe or device may never end, and cannot be read twice.
        return Err(input_failure(
            "it is not a regular file; save its content to a file first",
        ));
    }
    let size = metadata.len();
    if size > input.max_bytes {
        return Err(too_large(size, input.max_bytes));
    }
    let bytes = read_bytes(&input.path, &metadata, input.max_bytes).map_err(unreadable)?;
    if bytes.len() as u64 > input.max_bytes {
        return Err(too_large(bytes.len() as u64, input.max_bytes));
    }
    let name = input.path.file_name().unwrap_or_default();
    Ok(PdfSource {
        file_name: name.to_string_lossy().into_owned(),
        bytes: Arc::new(bytes),
        password: input.password.clone(),
    })
}

fn read_bytes(path: &Path, metadata: &Metadata, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let size = usize::try_from(metadata.len()).unwrap_or(usize::MAX);
    bytes
        .try_reserve_exact(size)
        .map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))?;
    // A file that grows meanwhile is read up to one byte over the limit, which tells.
    File::open(path)?
        .take(limit.saturating_add(1))
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Whether two paths lead to one file.
pub(super) fn is_same_file(a: &Path, b: &Path) -> bool {
    let (Ok(a), Ok(b)) = (fs::canonicalize(a), fs::canonicalize(b)) else {
        return false;
    };
    a == b || has_two_names(&a, &b)
}

#[cfg(unix)]
fn has_two_names(a: &Path, b: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;

    match (fs::metadata(a), fs::metadata(b)) {
        (Ok(a), Ok(b)) => (a.dev(), a.ino()) == (b.dev(), b.ino()),
        _ => false,
    }
}

#[cfg(not(unix))]
fn has_two_names(_a: &Path, _b: &Path) -> bool {
    false
}

fn unreadable(error: io::Error) -> Failure {
    let failure = Failure::from_error(FailureCode::InputFailed, &error);
    input_failure(&format!("cannot read it: {failure}"))
}

fn input_failure(message: &str) -> Failure {
    Failure::new(FailureCode::InputFailed, message)
}

fn too_large(size: u64, limit: u64) -> Failure {
    let mib = |bytes: u64| bytes.div_ceil(1 << 20);
    Failure::new(
        FailureCode::TooLarge,
        format!(
            "the file has {} MiB, and with this memory limit at most {} MiB are read; raise --memory",
            mib(size),
            limit >> 20
        ),
    )
}
