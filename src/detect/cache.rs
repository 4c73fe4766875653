//! What the network saw, kept on the disk by what the page draws and by which network looked.
//!
//! An entry is a file `3fa/3fa0...`, written under another name and renamed, so that any number of
//! processes can use a cache at once; its checksum tells a damaged one, which counts as missing. Each
//! of the 4,096 folders is kept to its share of the size by whoever adds to it: it has so few files
//! that they can be listed each time, and nobody needs to know what the others did.

use std::{
    fmt,
    fs::{self, File},
    io::{self, Read, Write},
    ops::AddAssign,
    path::{Path, PathBuf},
    time::SystemTime,
};

use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{geometry::Rect, pdf::PageDigest};

use super::network::{Detector, FoundBox, ObjectClass, PageObject, PageObjects};

/// To be raised whenever pages are drawn otherwise, or what the network says is read otherwise.
const VERSION: u32 = 2;
/// Folders of a cache.
const FOLDERS: u64 = 4096;
/// Hex digits of a folder's name.
const FOLDER_DIGITS: usize = 3;
/// A file takes whole blocks on most disks.
const BLOCK_BYTES: u64 = 4096;
/// Hex digits of an entry's checksum.
const SUM_DIGITS: usize = 16;
/// The most objects that a page has take less.
const MAX_ENTRY_BYTES: u64 = 1 << 20;

/// How often a page that was to be looked at was found in a cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CacheUse {
    /// Pages found.
    pub hits: u64,
    /// Pages that were drawn and looked at.
    pub misses: u64,
}

impl CacheUse {
    /// Whether no page was searched for.
    pub fn is_none(&self) -> bool {
        *self == CacheUse::default()
    }

    /// What has come since.
    pub fn since(self, earlier: CacheUse) -> CacheUse {
        CacheUse {
            hits: self.hits.saturating_sub(earlier.hits),
            misses: self.misses.saturating_sub(earlier.misses),
        }
    }
}

/// "cache: 7 pages known, 2 looked at".
impl fmt::Display for CacheUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let CacheUse { hits, misses } = self;
        write!(f, "cache: {hits} pages known, {misses} looked at")
    }
}

impl AddAssign for CacheUse {
    fn add_assign(&mut self, other: CacheUse) {
        self.hits += other.hits;
        self.misses += other.misses;
    }
}

/// A folder of what the network saw.
#[derive(Debug)]
pub struct LookCache {
    folder: PathBuf,
    bytes_per_folder: u64,
}

impl LookCache {
    /// The smallest size that has room for some pages in each folder.
    pub const MIN_BYTES: u64 = 4 * BLOCK_BYTES * FOLDERS;

    /// A cache that takes so many bytes at most; its folder is made where it is missing.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn open(folder: &Path, bytes: u64) -> io::Result<LookCache> {
        fs::create_dir_all(folder)?;
        Ok(LookCache {
            folder: folder.to_path_buf(),
            bytes_per_folder: bytes / FOLDERS,
        })
    }

    /// What was seen, if it is there and whole.
    pub(super) fn get(&self, key: &Key) -> Option<PageObjects> {
        let mut file = File::open(self.path(key)).ok()?;
        let mut text = String::new();
        (&mut file)
            .take(MAX_ENTRY_BYTES)
            .read_to_string(&mut text)
            .ok()?;
        let json = text.strip_prefix(checksum(text.get(SUM_DIGITS..)?).as_str())?;
        let entry: Vec<Entry> = serde_json::from_str(json).ok()?;
        let objects = entry.into_iter().map(Entry::object).collect::<Option<_>>();
        // Somebody else's entry is as good, only that nobody learns of its use.
        let _ = file.set_modified(SystemTime::now());
        objects
    }

    /// Keeps what was seen. Where that cannot be, it will be looked at again.
    pub(super) fn put(&self, key: &Key, objects: &PageObjects) {
        // A cache that fails makes nothing worse than none.
        let _ = self.write(key, objects);
    }

    fn write(&self, key: &Key, objects: &PageObjects) -> io::Result<()> {
        let entry: Vec<Entry> = objects.iter().map(Entry::of).collect();
        let json = serde_json::to_string(&entry)?;
        // One that there is no room for would only drive out the others.
        if on_disk((SUM_DIGITS + json.len()) as u64) > self.bytes_per_folder {
            return Ok(());
        }
        let path = self.path(key);
        let folder = path.parent().unwrap_or(&self.folder);
        fs::create_dir_all(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(checksum(&json).as_bytes())?;
        file.write_all(json.as_bytes())?;
        // The disk's own clock is some milliseconds behind the one that `get` notes uses by.
        file.as_file().set_modified(SystemTime::now())?;
        file.persist(&path).map_err(|error| error.error)?;
        self.trim(folder)
    }

    /// Removes what was not used for the longest time, until the rest fits. Files that a killed
    /// process left half written go the same way.
    fn trim(&self, folder: &Path) -> io::Result<()> {
        let mut files = Vec::new();
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            // Another process may have removed it just now.
            if let Ok(found) = entry.metadata() {
                files.push((found.modified()?, entry.file_name(), on_disk(found.len())));
            }
        }
        let mut sum: u64 = files.iter().map(|(_, _, bytes)| bytes).sum();
        files.sort();
        for (_, name, bytes) in files {
            if sum <= self.bytes_per_folder {
                break;
            }
            sum -= bytes;
            let _ = fs::remove_file(folder.join(name));
        }
        Ok(())
    }

    fn path(&self, key: &Key) -> PathBuf {
        let folder = key.0.get(..FOLDER_DIGITS).unwrap_or_default();
        self.folder.join(folder).join(&key.0)
    }
}

/// An entry's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key(String);

/// Makes the keys of a network's pages.
pub(super) struct Keys(Sha256);

impl Keys {
    pub(super) fn of(detector: &Detector) -> Keys {
        let mut hash = Sha256::new();
        let program = concat!("docalign ", env!("CARGO_PKG_VERSION"));
        for part in [program, detector.hash(), &detector.settings()] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        hash.update(VERSION.to_le_bytes());
        Keys(hash)
    }

    pub(super) fn key(&self, page: &PageDigest) -> Key {
        Key(hex(&self.0.clone().chain_update(page).finalize()))
    }
}

/// What a file of so many bytes takes.
fn on_disk(bytes: u64) -> u64 {
    bytes.div_ceil(BLOCK_BYTES) * BLOCK_BYTES
}

fn checksum(json: &str) -> String {
    let mut sum = hex(&Sha256::digest(json));
    sum.truncate(SUM_DIGITS);
    sum
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An object as it is kept: every bit of it, unlike in outputs, which round.
#[derive(Serialize, Deserialize)]
struct Entry {
    class: ObjectClass,
    score: f32,
    bbox: [f32; 4],
    sure: bool,
    /// Four bytes a number, lowest first.
    appearance: String,
}

impl Entry {
    fn of(object: &PageObject) -> Entry {
        let Rect { x0, y0, x1, y1 } = object.found.bbox;
        let bytes = object
            .appearance
            .iter()
            .flat_map(|value| value.to_le_bytes());
        Entry {
            class: object.found.class,
            score: object.found.score,
            bbox: [x0, y0, x1, y1],
            sure: object.sure,
            appearance: BASE64_STANDARD_NO_PAD.encode(bytes.collect::<Vec<u8>>()),
        }
    }

    fn object(self) -> Option<PageObject> {
        let bytes = BASE64_STANDARD_NO_PAD.decode(self.appearance).ok()?;
        let (values, _) = bytes.as_chunks();
        let [x0, y0, x1, y1] = self.bbox;
        Some(PageObject {
            found: FoundBox {
                class: self.class,
                score: self.score,
                bbox: Rect { x0, y0, x1, y1 },
            },
            sure: self.sure,
            appearance: values
                .iter()
                .map(|value| f32::from_le_bytes(*value))
                .collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, thread, time::Duration};

    use super::*;

    fn objects(count: usize) -> PageObjects {
        let object = |at: usize| PageObject {
            found: FoundBox {
                class: ObjectClass::ALL[at % ObjectClass::ALL.len()],
                score: 1.0 / 3.0,
                bbox: Rect::new(0.1, 0.123_456_7, 100.0 / 3.0, 1e6 + 0.25),
            },
            sure: at.is_multiple_of(2),
            appearance: vec![f32::MIN_POSITIVE, -0.1, at as f32 / 7.0],
        };
        (0..count).map(object).collect()
    }

    /// Keys of one folder.
    fn key(number: usize) -> Key {
        Key(format!("abc{number:061x}"))
    }

    fn known(cache: &LookCache, numbers: std::ops::Range<usize>) -> BTreeSet<usize> {
        numbers.filter(|n| cache.get(&key(*n)).is_some()).collect()
    }

    #[test]
    fn every_bit_comes_back() {
        let dir = tempfile::tempdir().unwrap();
        let cache = LookCache::open(dir.path(), LookCache::MIN_BYTES).unwrap();
        for count in [0, 1, 9] {
            cache.put(&key(count), &objects(count));
            assert_eq!(cache.get(&key(count)), Some(objects(count)));
        }
        assert_eq!(cache.get(&key(2)), None);
    }

    #[test]
    fn what_was_not_used_longest_goes_first() {
        let dir = tempfile::tempdir().unwrap();
        let cache = LookCache::open(dir.path(), LookCache::MIN_BYTES).unwrap();
        for number in 0..4 {
            cache.put(&key(number), &objects(1));
            let file = File::open(cache.path(&key(number))).unwrap();
            let age = Duration::from_secs(100 - number as u64);
            file.set_modified(SystemTime::now() - age).unwrap();
        }
        assert!(cache.get(&key(0)).is_some());
        cache.put(&key(4), &objects(1));
        assert_eq!(known(&cache, 0..5), BTreeSet::from([0, 2, 3, 4]));
        // One that is larger than all there is room for.
        cache.put(&key(5), &objects(200));
        assert_eq!(known(&cache, 0..6), BTreeSet::from([0, 2, 3, 4]));
    }

    #[test]
    fn the_size_holds_whoever_adds() {
        let dir = tempfile::tempdir().unwrap();
        thread::scope(|scope| {
            for first in [0, 200, 400] {
                let cache = LookCache::open(dir.path(), LookCache::MIN_BYTES).unwrap();
                scope.spawn(move || {
                    for number in first..first + 100 {
                        cache.put(&key(number), &objects(2));
                    }
                });
            }
        });
        let cache = LookCache::open(dir.path(), LookCache::MIN_BYTES).unwrap();
        cache.put(&key(999), &objects(2));
        let files = fs::read_dir(dir.path().join("abc")).unwrap().count();
        assert_eq!(files, 4);
        assert!(cache.get(&key(999)).is_some());
    }

    #[test]
    fn networks_and_pages_are_told_apart() {
        let own = Detector::embedded().unwrap();
        let keys = Keys::of(own);
        assert_eq!(keys.key(&[1; 32]), Keys::of(own).key(&[1; 32]));
        assert_ne!(keys.key(&[1; 32]), keys.key(&[2; 32]));
        assert_eq!(keys.key(&[1; 32]).0.len(), 64);
    }
}
