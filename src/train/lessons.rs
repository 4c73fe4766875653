//! Documents as lessons, read once: hiding mentions and reading anew takes minutes, so what is
//! made of them is kept beside the checkpoints for the next start.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use serde::{Serialize, de::DeserializeOwned};

use super::TrainError;
use crate::{
    evaluate::{Lesson, Mode, lessons},
    output::atomic::Staging,
};

/// What is read of each file, for those who wait.
pub type Tell<'a> = &'a (dyn Fn(&Path, Result<(), String>) + Sync);

/// What `make` makes of the lessons of files, in their order; from `cache` where that is there.
pub(super) fn of_lessons<T: Serialize + DeserializeOwned + Send>(
    files: &[PathBuf],
    modes: &[Mode],
    cache: &Path,
    tell: Tell<'_>,
    make: impl Fn(&Lesson) -> Vec<T> + Sync,
) -> Result<Vec<T>, TrainError> {
    let failed = |e: std::io::Error| TrainError::file(cache, e);
    if cache.exists() {
        let bytes = fs::read(cache).map_err(failed)?;
        return serde_json::from_slice(&bytes).map_err(|e| failed(e.into()));
    }
    let made = read(files, modes, tell, make);
    let bytes = serde_json::to_vec(&made).map_err(|e| failed(e.into()))?;
    let mut staging = Staging::new("train");
    staging.write(cache, |file| file.write_all(&bytes))?;
    staging.commit()?;
    Ok(made)
}

fn read<T: Send>(
    files: &[PathBuf],
    modes: &[Mode],
    tell: Tell<'_>,
    make: impl Fn(&Lesson) -> Vec<T> + Sync,
) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let done: Mutex<BTreeMap<usize, Vec<T>>> = Mutex::default();
    // Threads of their own, as the stages inside use rayon's.
    std::thread::scope(|scope| {
        for _ in 0..rayon::current_num_threads().min(files.len()) {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(file) = files.get(at) else {
                        return;
                    };
                    let mut made = Vec::new();
                    let result = lessons(file, modes, |lesson| made.extend(make(&lesson)));
                    tell(file, result);
                    let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
                    done.insert(at, made);
                }
            });
        }
    });
    let done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.into_values().flatten().collect()
}
