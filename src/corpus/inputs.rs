//! The files of a corpus: from folders, patterns and lists.

use std::{
    collections::HashSet,
    fs::{self, DirEntry},
    io::{self, BufRead, BufReader, Read},
    path::{Path, PathBuf},
};

use crate::worker::cause_chain;

/// Files of this extension are looked for in folders.
const EXTENSION: &str = "pdf";
/// A file of this extension is a list of files.
const LIST_EXTENSION: &str = "txt";
/// Longer lines than this are no paths.
const MAX_PATH_BYTES: u64 = 1 << 16;

/// The files to work on, each path once, in the order in which they were found.
#[derive(Debug, Default)]
pub struct Inputs {
    /// Paths as given or found.
    pub files: Vec<PathBuf>,
    /// What could not be searched, and why.
    pub problems: Vec<InputProblem>,
    known: HashSet<PathBuf>,
}

/// A folder or list that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputProblem {
    /// Which.
    pub path: PathBuf,
    /// Why.
    pub cause: String,
}

/// What stands between the paths of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Separator {
    /// The end of a line.
    Line,
    /// A null byte: paths may hold anything else.
    Null,
}

impl Inputs {
    /// Adds what an argument stands for: a folder's files, a list's, those that match a pattern, or
    /// one file.
    pub fn add(&mut self, given: &Path, separator: Separator) {
        if given.is_dir() {
            find_in_folder(given, EXTENSION, &mut |found| self.found(found));
        } else if has_extension(given, LIST_EXTENSION) {
            match fs::File::open(given) {
                Ok(list) => self.add_list(given, list, separator),
                Err(error) => self.problem(given, &error),
            }
        } else if given.exists() || !self.add_matches(given, separator) {
            self.file(given.to_path_buf());
        }
    }

    /// Adds the files of a list; `name` is what the list is called in problems.
    pub fn add_list(&mut self, name: &Path, list: impl Read, separator: Separator) {
        let end = match separator {
            Separator::Line => b'\n',
            Separator::Null => 0,
        };
        let mut list = BufReader::new(list);
        loop {
            let mut path = Vec::new();
            match (&mut list).take(MAX_PATH_BYTES).read_until(end, &mut path) {
                Ok(0) => return,
                Ok(_) => {}
                Err(error) => return self.problem(name, &error),
            }
            if path.last() == Some(&end) {
                path.pop();
            }
            if separator == Separator::Line && path.last() == Some(&b'\r') {
                path.pop();
            }
            if !path.is_empty() {
                self.file(path_of(path));
            }
        }
    }

    /// Adds what matches a pattern; false when the argument is none, or nothing does.
    fn add_matches(&mut self, given: &Path, separator: Separator) -> bool {
        let pattern = given.to_str().filter(|text| text.contains(['*', '?', '[']));
        let Some(Ok(matches)) = pattern.map(glob::glob) else {
            return false;
        };
        let mut any = false;
        for found in matches {
            any = true;
            match found {
                Ok(path) if path.is_dir() => self.add(&path, separator),
                Ok(path) => self.file(path),
                Err(error) => self.problem(error.path(), error.error()),
            }
        }
        any
    }

    fn found(&mut self, found: Result<PathBuf, (PathBuf, io::Error)>) {
        match found {
            Ok(file) => self.file(file),
            Err((path, error)) => self.problem(&path, &error),
        }
    }

    fn file(&mut self, path: PathBuf) {
        if self.known.insert(path.clone()) {
            self.files.push(path);
        }
    }

    fn problem(&mut self, path: &Path, error: &(dyn std::error::Error + 'static)) {
        self.problems.push(InputProblem {
            path: path.to_path_buf(),
            cause: format!("cannot read it: {}", cause_chain(error)),
        });
    }
}

#[cfg(unix)]
fn path_of(bytes: Vec<u8>) -> PathBuf {
    let path: std::ffi::OsString = std::os::unix::ffi::OsStringExt::from_vec(bytes);
    PathBuf::from(path)
}

#[cfg(not(unix))]
fn path_of(bytes: Vec<u8>) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(&bytes).into_owned())
}

fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension()
        .is_some_and(|own| own.eq_ignore_ascii_case(extension))
}

/// What a search hears: a file, or what could not be searched and why.
pub type OnFound<'a> = &'a mut dyn FnMut(Result<PathBuf, (PathBuf, io::Error)>);

/// Finds the files of an extension in a folder and those in it, sorted by name within each; what
/// bears the name without being a file is told too, for whoever opens it to refuse it.
pub fn find_in_folder(folder: &Path, extension: &str, on_found: OnFound<'_>) {
    let mut entries: Vec<DirEntry> = Vec::new();
    match fs::read_dir(folder) {
        Ok(listed) => {
            for entry in listed {
                match entry {
                    Ok(entry) => entries.push(entry),
                    Err(error) => on_found(Err((folder.to_path_buf(), error))),
                }
            }
        }
        Err(error) => on_found(Err((folder.to_path_buf(), error))),
    }
    entries.sort_by_key(DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        // A link to a folder may lead back to where we are.
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => find_in_folder(&path, extension, on_found),
            Ok(kind) if kind.is_symlink() && path.is_dir() => {}
            _ if has_extension(&path, extension) => on_found(Ok(path)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(inputs: &Inputs) -> Vec<&str> {
        let names = inputs.files.iter().map(|path| path.file_name().unwrap());
        names.map(|name| name.to_str().unwrap()).collect()
    }

    #[test]
    fn folders_patterns_and_lists() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fs::create_dir_all(at("a/b.pdf")).unwrap();
        for name in ["a/z.PDF", "a/b.pdf/in.pdf", "a/x.txt", "c.pdf"] {
            fs::write(at(name), "").unwrap();
        }
        let mut inputs = Inputs::default();
        inputs.add(&at("a"), Separator::Line);
        assert_eq!(names(&inputs), ["in.pdf", "z.PDF"]);
        inputs.add(&at("*.pdf"), Separator::Line);
        assert_eq!(names(&inputs), ["in.pdf", "z.PDF", "c.pdf"]);
        // Found already.
        inputs.add(&at("c.pdf"), Separator::Line);
        inputs.add(&at("none*.pdf"), Separator::Line);
        assert_eq!(names(&inputs), ["in.pdf", "z.PDF", "c.pdf", "none*.pdf"]);
        fs::write(at("a/x.txt"), "m.pdf\r\n\nn n.pdf").unwrap();
        let mut inputs = Inputs::default();
        inputs.add(&at("a/x.txt"), Separator::Line);
        assert_eq!(names(&inputs), ["m.pdf", "n n.pdf"]);
        inputs.add(&at("missing.txt"), Separator::Line);
        assert_eq!(inputs.problems.len(), 1);
    }

    #[test]
    fn a_list_with_null_bytes_holds_any_name() {
        let mut inputs = Inputs::default();
        inputs.add_list(Path::new("-"), &b"-a\nb.pdf\0c.pdf"[..], Separator::Null);
        assert_eq!(names(&inputs), ["-a\nb.pdf", "c.pdf"]);
    }

    #[test]
    #[cfg(unix)]
    fn links_to_folders_are_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a.pdf"), "").unwrap();
        for (to, name) in [(".", "round.pdf"), ("self.pdf", "self.pdf")] {
            std::os::unix::fs::symlink(to, dir.path().join(name)).unwrap();
        }
        let mut inputs = Inputs::default();
        inputs.add(dir.path(), Separator::Line);
        // The link to itself is no folder; whoever opens it will say so.
        assert_eq!(names(&inputs), ["a.pdf", "self.pdf"]);
    }
}
