//! Chooses the documents of a part of the corpus.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use super::corpus_list::{CorpusList, Split};

/// The files that belong to a part of the corpus by its list. Those that the list does not have
/// belong to none; those that cannot be read stay, so that their failure is told.
pub fn of_split(files: &[PathBuf], list: &CorpusList, split: Split) -> Vec<PathBuf> {
    let belongs = |path: &&PathBuf| match sha256_of_file(path) {
        Ok(sha256) => list.get(&sha256).is_some_and(|entry| entry.split == split),
        Err(_) => true,
    };
    files.iter().filter(belongs).cloned().collect()
}

/// The hash by which files, lists and gold find each other, in hexadecimal digits.
///
/// # Errors
/// When the file cannot be read.
pub fn sha256_of_file(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    // Piece by piece: a file can be larger than the memory.
    let mut piece = vec![0; 1 << 16];
    loop {
        let read = file.read(&mut piece)?;
        let Some(bytes) = piece.get(..read).filter(|bytes| !bytes.is_empty()) else {
            let digest = hash.finalize();
            return Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect());
        };
        hash.update(bytes);
    }
}
