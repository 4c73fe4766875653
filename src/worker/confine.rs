//! What a worker may not do: a reader that is led astray by a file finds no network, no program to
//! start and no file to change.

use std::path::Path;

/// What could not be forbidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Gaps {
    /// The system cannot keep the worker from writing elsewhere than it is told.
    pub files: bool,
    /// The system cannot keep the worker from the network and from starting programs.
    pub calls: bool,
}

impl Gaps {
    /// For people; `None` when there is no gap.
    pub fn text(self) -> Option<&'static str> {
        match (self.files, self.calls) {
            (false, false) => None,
            (true, false) => Some(
                "this system has no Landlock: workers could write to any file that this user may write to",
            ),
            (false, true) => Some(
                "this system has no seccomp filters: workers could use the network and start programs",
            ),
            (true, true) => Some(
                "this system has neither Landlock nor seccomp filters: workers are limited in time and memory only",
            ),
        }
    }
}

/// Confines this process for good: it may write in `folders` alone, use no network and start no
/// program. To be called before it starts threads.
#[cfg(target_os = "linux")]
pub fn confine(folders: &[&Path]) -> Gaps {
    Gaps {
        files: !forbid_writing(folders).unwrap_or(false),
        calls: forbid_calls().is_err(),
    }
}

/// Confines this process; other systems than Linux have no such means.
#[cfg(not(target_os = "linux"))]
pub fn confine(_folders: &[&Path]) -> Gaps {
    Gaps {
        files: true,
        calls: true,
    }
}

/// Landlock: whatever changes files is forbidden outside the folders. Reading is not: inputs may lie
/// anywhere. True when the kernel enforces all that writes.
#[cfg(target_os = "linux")]
fn forbid_writing(folders: &[&Path]) -> Result<bool, landlock::RulesetError> {
    use landlock::{
        ABI, AccessFs, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetCreatedAttr,
        RulesetStatus, path_beneath_rules,
    };

    // The first version can forbid all of what a reader could do harm with; later ones add rights
    // that are taken where the kernel has them.
    let (needed, wanted) = (ABI::V1, ABI::V5);
    let writing = AccessFs::from_write(needed) | AccessFs::Execute;
    let status = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(writing)?
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_write(wanted))?
        .create()?
        .add_rules(path_beneath_rules(folders, AccessFs::from_write(wanted)))?
        .restrict_self()?;
    Ok(status.ruleset != RulesetStatus::NotEnforced)
}

/// seccomp: the calls that open sockets, start programs or reach into other processes fail.
#[cfg(target_os = "linux")]
fn forbid_calls() -> Result<(), seccompiler::Error> {
    use std::collections::BTreeMap;

    use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, apply_filter};

    const FORBIDDEN: [libc::c_long; 16] = [
        libc::SYS_socket,
        libc::SYS_socketpair,
        libc::SYS_connect,
        libc::SYS_bind,
        libc::SYS_listen,
        libc::SYS_accept4,
        libc::SYS_execve,
        libc::SYS_execveat,
        libc::SYS_ptrace,
        libc::SYS_process_vm_readv,
        libc::SYS_process_vm_writev,
        libc::SYS_kill,
        libc::SYS_mount,
        libc::SYS_bpf,
        libc::SYS_keyctl,
        // Would do some of the above unseen.
        libc::SYS_io_uring_setup,
    ];
    let rules: BTreeMap<i64, Vec<seccompiler::SeccompRule>> = FORBIDDEN
        .into_iter()
        .map(|call| (call, Vec::new()))
        .collect();
    let denied = u32::try_from(libc::EPERM).unwrap_or(1);
    let filter = SeccompFilter::new(
        rules,
        SeccompAction::Allow,
        SeccompAction::Errno(denied),
        std::env::consts::ARCH.try_into()?,
    )?;
    let program: BpfProgram = filter.try_into()?;
    apply_filter(&program)
}
