//! The folder of a corpus: what lies where in it, and whose it is.
//!
//! ```text
//! corpus.json                  what the outputs were made by and with
//! journal-0-of-1.log           what became of each file
//! documents/3f/3f..-name.json  one alignment file for each content
//! crops/3f/3f..-name/          the pictures of its visuals, and a list of them
//! tables/links/part-0-of-1-000001.parquet
//! lock-0-of-1                  who is writing
//! ```
//!
//! The names carry the shard, so that folders of several machines can be laid side by side.

use std::{
    collections::HashSet,
    fs, io,
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::output::atomic::{OutputError, Staging, sync_directory};

use super::{
    CorpusError, OutputFile, Shard,
    journal::Part,
    lock::{Lock, LockError},
    tables::TABLES,
};

/// Bytes of a file's own name that its output's name keeps.
const MAX_STEM_BYTES: usize = 48;
/// Hex digits of the content's hash in a name: too many for two contents to meet, made for it or not.
const NAME_DIGITS: usize = 32;

/// A folder that this process may write to.
#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
    shard: Shard,
    /// Who had it and died.
    pub dead_owner: Option<String>,
    _lock: Lock,
}

impl Folder {
    /// Makes the folder, or opens one that was made with the same settings.
    ///
    /// # Errors
    /// When another run works on it, it was made with other settings, or it cannot be written.
    pub fn open(root: &Path, shard: Shard, settings: &Value) -> Result<Folder, CorpusError> {
        fs::create_dir_all(root).map_err(|error| CorpusError::output(root, error))?;
        let lock = Lock::take(&root.join(format!("lock-{shard}")));
        let lock = lock.map_err(|error| match error {
            LockError::Held(owner) => CorpusError::Locked {
                folder: root.to_path_buf(),
                owner,
            },
            LockError::Io(error) => CorpusError::output(root, error),
        })?;
        check_settings(root, settings)?;
        let folder = Folder {
            root: root.to_path_buf(),
            shard,
            dead_owner: lock.dead_owner.clone(),
            _lock: lock,
        };
        folder.empty_staging()?;
        Ok(folder)
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The journal.
    pub fn journal(&self) -> PathBuf {
        self.root.join(format!("journal-{}.log", self.shard))
    }

    /// Where workers write before the outputs get their names; on the same file system.
    pub fn staging(&self) -> PathBuf {
        staging(&self.root, self.shard)
    }

    /// Removes what a run that was killed left half done.
    fn empty_staging(&self) -> Result<(), CorpusError> {
        let staging = self.staging();
        let error = |error| CorpusError::output(&staging, error);
        match fs::remove_dir_all(&staging) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(error(e)),
            _ => {}
        }
        fs::create_dir(&staging).map_err(error)
    }

    /// Gives a finished file its name.
    ///
    /// # Errors
    /// When it cannot be renamed.
    pub fn publish(&self, finished: &Path, name: &str) -> Result<(), OutputError> {
        let target = self.root.join(name);
        let error = |cause| OutputError {
            path: target.clone(),
            cause,
        };
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder).map_err(error)?;
        }
        fs::rename(finished, &target).map_err(error)
    }

    /// Gives a finished folder its name; one that has it already goes.
    ///
    /// # Errors
    /// When it cannot be renamed.
    pub fn publish_folder(&self, finished: &Path, name: &str) -> Result<(), OutputError> {
        // A folder takes the place of an empty one alone. What is not there needs no removal.
        let _ = fs::remove_dir_all(self.root.join(name));
        self.publish(finished, name)
    }

    /// Removes tables of this shard that the journal does not know, or that no longer hold.
    ///
    /// # Errors
    /// When the folder of the tables cannot be read, or a file of it not be removed.
    pub fn remove_other_parts(&self, parts: &[Part]) -> Result<(), OutputError> {
        let kept: HashSet<PathBuf> = parts
            .iter()
            .flat_map(|part| &part.files)
            .map(|file| self.root.join(&file.name))
            .collect();
        let own = part_prefix(self.shard);
        for table in TABLES {
            let folder = self.root.join("tables").join(table.name);
            let error = |cause| OutputError {
                path: folder.clone(),
                cause,
            };
            let entries = match fs::read_dir(&folder) {
                Ok(entries) => entries,
                Err(cause) if cause.kind() == io::ErrorKind::NotFound => continue,
                Err(cause) => return Err(error(cause)),
            };
            for entry in entries {
                let entry = entry.map_err(error)?;
                let is_own = entry.file_name().to_string_lossy().starts_with(&own);
                if is_own && !kept.contains(&entry.path()) {
                    fs::remove_file(entry.path()).map_err(error)?;
                }
            }
        }
        Ok(())
    }

    /// Removes outputs that are not wanted any more.
    pub fn remove(&self, outputs: &[OutputFile]) {
        for output in outputs {
            // One that stays costs space alone.
            let _ = fs::remove_file(self.root.join(&output.name));
        }
    }

    /// Removes what an earlier run made of a file.
    pub fn remove_outputs_of(&self, sha256: &str, path: &Path) {
        let _ = fs::remove_file(self.root.join(document_name(sha256, path)));
        let _ = fs::remove_dir_all(self.root.join(crops_name(sha256, path)));
    }

    /// Brings the names in a folder to the disk.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn sync_names(&self, names_in: &str) -> Result<(), OutputError> {
        sync_directory(&self.root.join(names_in))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Whatever is left in it is worth nothing.
        let _ = fs::remove_dir_all(self.staging());
    }
}

/// Where the workers of a shard write.
pub fn staging(root: &Path, shard: Shard) -> PathBuf {
    root.join(format!(".staging-{shard}"))
}

/// The name of the alignment file of a document: the hash keeps contents apart, the stem is for
/// people. Plain letters and digits alone, so that any file system and any shell takes it.
pub fn document_name(sha256: &str, path: &Path) -> String {
    format!("documents/{}.json", content_name(sha256, path))
}

/// The name of the folder of its pictures.
pub fn crops_name(sha256: &str, path: &Path) -> String {
    format!("crops/{}", content_name(sha256, path))
}

fn content_name(sha256: &str, path: &Path) -> String {
    let folder = sha256.get(..2).unwrap_or(sha256);
    let hash = sha256.get(..NAME_DIGITS).unwrap_or(sha256);
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') {
            c
        } else {
            '_'
        }
    };
    let stem: String = stem.chars().take(MAX_STEM_BYTES).map(plain).collect();
    format!("{folder}/{hash}-{stem}")
}

/// The shard of a journal, by its name.
pub fn shard_of_journal(name: &str) -> Option<Shard> {
    let shard = name.strip_prefix("journal-")?.strip_suffix(".log")?;
    shard.replacen("-of-", "/", 1).parse().ok()
}

/// The name of a table's file.
pub fn part_name(table: &str, shard: Shard, number: u64) -> String {
    let prefix = part_prefix(shard);
    format!("tables/{table}/{prefix}{number:06}.parquet")
}

fn part_prefix(shard: Shard) -> String {
    format!("part-{shard}-")
}

/// The folder part of a name.
pub fn folder_of(name: &str) -> &str {
    name.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Where the settings stand that the outputs were made with.
fn settings_file(root: &Path) -> PathBuf {
    root.join("corpus.json")
}

fn check_settings(root: &Path, settings: &Value) -> Result<(), CorpusError> {
    let path = settings_file(root);
    match fs::read(&path) {
        Ok(text) => {
            let earlier: Value = serde_json::from_slice(&text).unwrap_or(Value::Null);
            let mut changes = Vec::new();
            list_changes("", &earlier, settings, &mut changes);
            if changes.is_empty() {
                return Ok(());
            }
            Err(CorpusError::OtherSettings {
                folder: root.to_path_buf(),
                changes: changes.join("; "),
            })
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let mut text = serde_json::to_vec_pretty(settings)
                .map_err(|error| CorpusError::output(&path, error.into()))?;
            text.push(b'\n');
            // Two shards may do so at once, and write the same.
            let mut staging = Staging::new("settings");
            staging.write(&path, |out| out.write_all(&text))?;
            staging.commit()?;
            Ok(sync_directory(root)?)
        }
        Err(error) => Err(CorpusError::output(&path, error)),
    }
}

/// Names each value that differs.
fn list_changes(name: &str, earlier: &Value, now: &Value, changes: &mut Vec<String>) {
    match (earlier, now) {
        (Value::Object(a), Value::Object(b)) => {
            let mut keys: Vec<&String> = a.keys().chain(b.keys()).collect();
            keys.sort();
            keys.dedup();
            for key in keys {
                let of = |map: &serde_json::Map<String, Value>| {
                    map.get(key).cloned().unwrap_or(Value::Null)
                };
                let name = match name {
                    "" => key.clone(),
                    _ => format!("{name}.{key}"),
                };
                list_changes(&name, &of(a), &of(b), changes);
            }
        }
        (a, b) if a != b => changes.push(format!("{name} was {a} and is now {b}")),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn open(root: &Path, shard: &str, settings: &Value) -> Result<Folder, CorpusError> {
        Folder::open(root, shard.parse().unwrap(), settings)
    }

    #[test]
    fn other_settings_are_named() {
        let dir = tempfile::tempdir().unwrap();
        let first = json!({"a": {"p": 0.5, "q": null}, "b": 1});
        drop(open(dir.path(), "0/1", &first).unwrap());
        drop(open(dir.path(), "0/1", &first).unwrap());
        let other = json!({"a": {"p": 0.25, "q": null}, "b": 1, "c": 2});
        let error = open(dir.path(), "0/1", &other).unwrap_err().to_string();
        assert!(
            error.contains("a.p was 0.5 and is now 0.25; c was null and is now 2"),
            "{error}"
        );
    }

    #[test]
    fn shards_share_a_folder_and_runs_do_not() {
        let dir = tempfile::tempdir().unwrap();
        let settings = json!({"shards": 2});
        let first = open(dir.path(), "0/2", &settings).unwrap();
        let second = open(dir.path(), "1/2", &settings).unwrap();
        let locked = open(dir.path(), "1/2", &settings);
        assert!(matches!(locked, Err(CorpusError::Locked { .. })));
        drop((first, second));
        let left: Vec<_> = fs::read_dir(dir.path())
            .unwrap()
            .filter(|entry| {
                let name = entry.as_ref().unwrap().file_name();
                name.to_string_lossy().starts_with('.')
            })
            .collect();
        assert!(left.is_empty(), "{left:?}");
    }

    #[test]
    fn names_are_safe() {
        let sha256 = "0123456789abcdef".repeat(4);
        let name = |path: &str| document_name(&sha256, Path::new(path));
        let hash = "documents/01/0123456789abcdef0123456789abcdef";
        assert_eq!(name("/x/thesis.v2.pdf"), format!("{hash}-thesis.v2.json"));
        assert_eq!(name("a b\n\u{1b}é/../x.pdf"), format!("{hash}-x.json"));
        assert_eq!(name("-o \n图.pdf"), format!("{hash}--o___.json"));
        assert!(name(&"x".repeat(255)).len() < 110);
    }
}
