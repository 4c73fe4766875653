//! One of several machines that share a corpus.

use std::{fmt, path::Path, str::FromStr};

use sha2::{Digest, Sha256};

/// The part of a corpus that a run takes: number `index` of `count`, counted from 0.
///
/// A file's part follows from its path as it was given or found, not from its content: a machine
/// knows its files without reading the others'.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    index: u32,
    count: u32,
}

impl Shard {
    /// All of the corpus.
    pub const WHOLE: Shard = Shard { index: 0, count: 1 };

    /// All parts of a corpus in so many.
    pub fn all(count: u32) -> impl Iterator<Item = Shard> {
        (0..count).map(move |index| Shard { index, count })
    }

    /// Which part it is, from 0.
    pub fn index(self) -> u32 {
        self.index
    }

    /// How many parts there are.
    pub fn count(self) -> u32 {
        self.count
    }

    /// Whether a file belongs to this part: the first eight bytes of the SHA-256 of its path, most
    /// significant first, modulo the number of parts, are the part's number.
    pub fn owns(self, path: &Path) -> bool {
        if self.count == 1 {
            return true;
        }
        let digest = Sha256::digest(path.as_os_str().as_encoded_bytes());
        let number = digest
            .iter()
            .take(8)
            .fold(0_u64, |number, &byte| number << 8 | u64::from(byte));
        number % u64::from(self.count) == u64::from(self.index)
    }
}

impl Default for Shard {
    fn default() -> Shard {
        Shard::WHOLE
    }
}

/// As part of a file's name: "3-of-16".
impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-of-{}", self.index, self.count)
    }
}

/// A shard that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("give a shard as i/n with i from 0 to n-1: 0/4 to 3/4 are four shards")]
pub struct ShardError;

impl FromStr for Shard {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Shard, ShardError> {
        let (index, count) = text.split_once('/').ok_or(ShardError)?;
        let number = |text: &str| text.parse::<u32>().map_err(|_| ShardError);
        let (index, count) = (number(index)?, number(count)?);
        if index < count {
            Ok(Shard { index, count })
        } else {
            Err(ShardError)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_has_one_shard() {
        let shards: Vec<Shard> = (0..7).map(|i| format!("{i}/7").parse().unwrap()).collect();
        let mut counts = [0; 7];
        for n in 0..700 {
            let path = format!("corpus/{n}.pdf");
            let owners: Vec<usize> = (0..7)
                .filter(|&i| shards[i].owns(Path::new(&path)))
                .collect();
            assert_eq!(owners.len(), 1, "{path}");
            counts[owners[0]] += 1;
        }
        assert!(counts.iter().all(|&n| n > 60), "{counts:?}");
    }

    /// Machines of another version of the program must agree.
    #[test]
    fn the_rule_is_fixed() {
        // `printf a.pdf | sha256sum` begins with a7949e623819aa32.
        let shard: Shard = "2/16".parse().unwrap();
        assert_eq!(0xa794_9e62_3819_aa32_u64 % 16, 2);
        assert!(shard.owns(Path::new("a.pdf")));
    }

    #[test]
    fn shards_are_read_or_refused() {
        assert_eq!("3/16".parse::<Shard>().unwrap().to_string(), "3-of-16");
        for wrong in ["", "1", "1/1", "4/4", "-1/4", "a/b", "0/0", "1/2/3"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }
}
