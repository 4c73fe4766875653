//! One run at a time on a folder.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, Read, Seek, Write},
    path::Path,
    process,
};

/// The right to write to a folder; the system takes it back when the process ends, however it does.
#[derive(Debug)]
pub struct Lock {
    file: File,
    /// Who held it and died.
    pub dead_owner: Option<String>,
}

/// Why a lock was not given.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another run holds it.
    #[error("{0} is working on it")]
    Held(String),
    /// The file system has no locks, or the file cannot be written.
    #[error("its lock cannot be taken")]
    Io(#[from] io::Error),
}

/// An owner's name is no longer than this.
const MAX_OWNER_BYTES: u64 = 1000;

impl Lock {
    /// Takes the lock, or says who has it.
    ///
    /// # Errors
    /// When another run has it, or the file system cannot lock.
    pub fn take(path: &Path) -> Result<Lock, LockError> {
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)?;
        let locked = file.try_lock();
        let mut owner = String::new();
        // Where locked files cannot be read, the owner stays unknown.
        let _ = (&mut file).take(MAX_OWNER_BYTES).read_to_string(&mut owner);
        match locked {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) if owner.is_empty() => {
                return Err(LockError::Held("another run".to_owned()));
            }
            Err(TryLockError::WouldBlock) => return Err(LockError::Held(owner)),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        let mut lock = Lock {
            file,
            dead_owner: Some(owner).filter(|owner| !owner.is_empty()),
        };
        lock.write(&this_process())?;
        Ok(lock)
    }

    fn write(&mut self, owner: &str) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()?;
        self.file.write_all(owner.as_bytes())
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Without its name the next run would take us for dead, which does no harm. The file stays:
        // removing it could take it from under a run that has just opened it.
        let _ = self.write("");
    }
}

fn this_process() -> String {
    format!("process {} on {}", process::id(), host())
}

#[cfg(unix)]
fn host() -> String {
    let system = rustix::system::uname();
    system.nodename().to_string_lossy().into_owned()
}

#[cfg(not(unix))]
fn host() -> String {
    "this machine".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_is_told_of_the_first() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        let first = Lock::take(&path).unwrap();
        assert_eq!(first.dead_owner, None);
        let second = Lock::take(&path).unwrap_err().to_string();
        assert!(second.starts_with(&this_process()), "{second}");
        drop(first);
        assert_eq!(Lock::take(&path).unwrap().dead_owner, None);
    }

    #[test]
    fn a_dead_owner_is_no_hindrance() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        std::fs::write(&path, "process 1 on moon").unwrap();
        let lock = Lock::take(&path).unwrap();
        assert_eq!(lock.dead_owner.as_deref(), Some("process 1 on moon"));
    }
}
