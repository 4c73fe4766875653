//! Chooses the documents of a part of the corpus.

use std::{fs, path::PathBuf};

use super::{
    corpus_list::{CorpusList, Split},
    run::sha256_hex,
};

/// The files that belong to a part of the corpus by its list. Those that the list does not have
/// belong to none; those that cannot be read stay, so that their failure is told.
pub fn of_split(files: &[PathBuf], list: &CorpusList, split: Split) -> Vec<PathBuf> {
    let belongs = |path: &&PathBuf| match fs::read(path) {
        Ok(bytes) => list
            .get(&sha256_hex(&bytes))
            .is_some_and(|entry| entry.split == split),
        Err(_) => true,
    };
    files.iter().filter(belongs).cloned().collect()
}
