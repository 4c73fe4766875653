//! Limits that a worker process puts on itself before it reads anything.

use std::fmt;

use crate::pipeline::STACK_BYTES;

/// What the program's own pages and the stacks in use take of the memory limit.
const BASE_BYTES: u64 = 64 << 20;

/// What the allocator may reserve for each of its arenas without using it.
const ARENA_BYTES: u64 = 64 << 20;

/// More arenas waste memory, fewer make threads wait for each other.
pub const ARENAS: u32 = 4;

/// How much a worker may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemoryLimit {
    /// Memory of the whole process in MiB.
    pub mib: u32,
    /// Threads with a stack of [`STACK_BYTES`].
    pub threads: usize,
}

impl MemoryLimit {
    /// The smallest limit under which a worker can start and read a small file.
    pub const MIN_MIB: u32 = 128;

    /// Bytes of private writable memory: stacks count whole, used or not.
    fn data_bytes(self) -> u64 {
        let heap = (u64::from(self.mib) << 20).saturating_sub(BASE_BYTES);
        // The main thread's and the helpers' small stacks are in the base.
        heap.saturating_add((STACK_BYTES as u64).saturating_mul(self.threads as u64))
    }

    /// Bytes of address space: reserved memory and mapped files too. The second line, for kernels
    /// that do not count the first.
    fn address_bytes(self) -> u64 {
        self.data_bytes()
            .saturating_add(ARENA_BYTES * 2 * u64::from(ARENAS))
            .saturating_add(2 * BASE_BYTES)
    }
}

/// A limit that could not be set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitError(String);

impl fmt::Display for LimitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for LimitError {}

/// Limits this process for good: its memory, and no core dumps (they would be as large, and hold
/// the document).
///
/// # Errors
/// When the system refuses, or has no such limits.
#[cfg(unix)]
pub fn apply(limit: MemoryLimit) -> Result<(), LimitError> {
    use rustix::process::Resource;

    lower(Resource::Core, 0)?;
    lower(Resource::Data, limit.data_bytes())?;
    lower(Resource::As, limit.address_bytes())
}

/// Limits this process; other systems than Unix have no such limits.
///
/// # Errors
/// Always.
#[cfg(not(unix))]
pub fn apply(_limit: MemoryLimit) -> Result<(), LimitError> {
    Err(LimitError(
        "this system cannot limit the memory of a process".to_owned(),
    ))
}

/// The memory that a process holds, where the system tells.
pub(super) fn resident_bytes(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    kib.checked_mul(1024)
}

/// How many files this process may have open, after taking all that the system lets it.
#[cfg(unix)]
pub fn open_files() -> Option<u64> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(_) => limit.current,
    }
}

/// How many files this process may have open; other systems than Unix have no such limit.
#[cfg(not(unix))]
pub fn open_files() -> Option<u64> {
    None
}

/// Sets a limit unless a stricter one is set.
#[cfg(unix)]
fn lower(resource: rustix::process::Resource, bytes: u64) -> Result<(), LimitError> {
    use rustix::process::{Rlimit, getrlimit, setrlimit};

    let old = getrlimit(resource);
    let least = |old: Option<u64>| Some(old.map_or(bytes, |old| old.min(bytes)));
    let new = Rlimit {
        current: least(old.current),
        maximum: least(old.maximum),
    };
    setrlimit(resource, new)
        .map_err(|e| LimitError(format!("the limit {resource:?} could not be set: {e}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stacks_do_not_eat_the_heap() {
        let few = MemoryLimit {
            mib: 1024,
            threads: 2,
        };
        let many = MemoryLimit { threads: 64, ..few };
        let heap = |l: MemoryLimit| l.data_bytes() - (STACK_BYTES * l.threads) as u64;
        assert_eq!(heap(few), heap(many));
        assert_eq!(heap(few), (1024 - 64) << 20);
    }
}
