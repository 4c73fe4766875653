//! Output files that are there whole or not at all: written under a temporary name in the target's
//! own directory, then renamed.
//!
//! The temporary names begin with a tag of the caller's choice, so that another process can remove
//! what a killed writer left behind.

use std::{
    fs, io,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use tempfile::{Builder, NamedTempFile, TempPath};

/// An output file that could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}", path.display())]
pub struct OutputError {
    /// The file that was asked for.
    pub path: PathBuf,
    /// Why not.
    #[source]
    pub cause: io::Error,
}

impl OutputError {
    fn new(path: &Path, cause: io::Error) -> OutputError {
        OutputError {
            path: path.to_path_buf(),
            cause,
        }
    }
}

/// A set of files that appear together, in the order in which they were written.
#[derive(Debug)]
pub struct Staging {
    tag: String,
    staged: Vec<(TempPath, PathBuf)>,
    made_dirs: Vec<PathBuf>,
}

impl Staging {
    /// An empty set whose temporary files are named after `tag`.
    pub fn new(tag: &str) -> Staging {
        Staging {
            tag: tag.to_owned(),
            staged: Vec::new(),
            made_dirs: Vec::new(),
        }
    }

    /// Finds out early whether `target` can be written at all.
    ///
    /// # Errors
    /// When it is a directory, or its own directory is missing or not writable.
    pub fn check(&self, target: &Path) -> Result<(), OutputError> {
        self.temporary(target).map(drop)
    }

    /// Makes a directory for further files, if it isn't there; [`Staging`] removes it again where
    /// the set is never committed.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn make_dir(&mut self, dir: &Path) -> Result<(), OutputError> {
        match fs::create_dir(dir) {
            Ok(()) => self.made_dirs.push(dir.to_path_buf()),
            Err(_) if dir.is_dir() => {}
            Err(cause) => return Err(OutputError::new(dir, cause)),
        }
        Ok(())
    }

    /// Writes one file of the set under a temporary name and brings it to the disk.
    ///
    /// # Errors
    /// When the directory is missing or not writable, the disk is full, or `fill` fails.
    pub fn write(
        &mut self,
        target: &Path,
        fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), OutputError> {
        let file = self.temporary(target)?;
        let path = write_through(file, fill).map_err(|cause| OutputError::new(target, cause))?;
        self.staged.push((path, target.to_path_buf()));
        Ok(())
    }

    /// Gives all files their names, the last one last: where a main file was written after all it
    /// refers to, its presence tells that they are there.
    ///
    /// # Errors
    /// When a file cannot be renamed; those not renamed yet are removed.
    pub fn commit(mut self) -> Result<(), OutputError> {
        for (temporary, target) in self.staged.drain(..) {
            temporary
                .persist(&target)
                .map_err(|e| OutputError::new(&target, e.error))?;
        }
        self.made_dirs.clear();
        Ok(())
    }

    fn temporary(&self, target: &Path) -> Result<NamedTempFile, OutputError> {
        let error = |cause| OutputError::new(target, cause);
        if target.is_dir() {
            return Err(error(io::ErrorKind::IsADirectory.into()));
        }
        let mut builder = Builder::new();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // What any new file gets (less the umask), not the private mode of temporary files.
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        builder
            .prefix(&prefix(&self.tag))
            .suffix(".tmp")
            .tempfile_in(directory(target))
            .map_err(|e| error(plain(e)))
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        self.staged.clear();
        for dir in self.made_dirs.drain(..).rev() {
            // Only an empty directory goes; anything in it is somebody else's.
            let _ = fs::remove_dir(dir);
        }
    }
}

/// Removes the temporary files that a writer with this tag left in a directory.
pub fn remove_leftovers(dir: &Path, tag: &str) {
    let prefix = prefix(tag);
    let Ok(entries) = fs::read_dir(dir) else {
        return;
    };
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with(&prefix) {
            // Best effort: there is nobody left to tell.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Brings the names in a directory to the disk.
///
/// # Errors
/// When it cannot be opened or the disk fails.
#[cfg(unix)]
pub fn sync_directory(dir: &Path) -> Result<(), OutputError> {
    let synced = fs::File::open(dir).and_then(|dir| dir.sync_all());
    synced.map_err(|cause| OutputError::new(dir, cause))
}

/// Brings the names in a directory to the disk: nothing to do where directories are no files.
///
/// # Errors
/// Never.
#[cfg(not(unix))]
pub fn sync_directory(_dir: &Path) -> Result<(), OutputError> {
    Ok(())
}

/// The directory in which a file stands or will stand.
pub fn directory(file: &Path) -> &Path {
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

fn prefix(tag: &str) -> String {
    format!(".docalign-{tag}-")
}

fn write_through(
    file: NamedTempFile,
    fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<TempPath> {
    let mut writer = BufWriter::with_capacity(1 << 16, file);
    fill(&mut writer)?;
    let file = writer
        .into_inner()
        .map_err(io::IntoInnerError::into_error)?;
    file.as_file().sync_all()?;
    Ok(file.into_temp_path())
}

/// The cause without the temporary name that `tempfile` wraps around it, which tells a reader
/// nothing.
fn plain(error: io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(_) => error,
        None => error.kind().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(dir: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(dir)
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn files_appear_at_commit_only() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("a.json");
        let mut staging = Staging::new("t");
        staging.write(&target, |out| out.write_all(b"new")).unwrap();
        assert!(!target.exists());
        staging.commit().unwrap();
        assert_eq!(names(dir.path()), ["a.json"]);
        assert_eq!(fs::read(&target).unwrap(), b"new");
    }

    #[test]
    fn failure_leaves_the_old_file_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("a.json");
        fs::write(&target, "old").unwrap();
        let mut staging = Staging::new("t");
        staging.make_dir(&dir.path().join("crops")).unwrap();
        staging
            .write(&dir.path().join("crops/1.png"), |out| out.write_all(b"x"))
            .unwrap();
        let failed = staging.write(&target, |out| {
            out.write_all(b"half")?;
            Err(io::ErrorKind::StorageFull.into())
        });
        assert_eq!(failed.unwrap_err().cause.kind(), io::ErrorKind::StorageFull);
        drop(staging);
        assert_eq!(names(dir.path()), ["a.json"]);
        assert_eq!(fs::read(&target).unwrap(), b"old");
    }

    #[test]
    fn leftovers_of_the_tag_alone_are_removed() {
        let dir = tempfile::tempdir().unwrap();
        for name in [".docalign-1-2-abc.tmp", ".docalign-1-20-abc.tmp", "mine"] {
            fs::write(dir.path().join(name), "").unwrap();
        }
        remove_leftovers(dir.path(), "1-2");
        assert_eq!(names(dir.path()), [".docalign-1-20-abc.tmp", "mine"]);
    }

    #[test]
    fn a_directory_or_a_missing_one_is_refused_early() {
        let dir = tempfile::tempdir().unwrap();
        let staging = Staging::new("t");
        let kind = |path: &Path| staging.check(path).unwrap_err().cause.kind();
        assert_eq!(kind(dir.path()), io::ErrorKind::IsADirectory);
        assert_eq!(kind(&dir.path().join("no/a.json")), io::ErrorKind::NotFound);
    }
}
