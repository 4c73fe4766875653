//! What the death of a worker says about its job.

use std::process::ExitStatus;

use super::{Failure, FailureCode};

// What Rust's runtime prints before it aborts.
const NO_MEMORY: &str = "memory allocation of";
const NO_STACK: &str = "has overflowed its stack";

/// Whether a line says why a process aborts.
pub(super) fn is_last_word(line: &str) -> bool {
    line.contains(NO_MEMORY) || line.contains(NO_STACK)
}

/// The failure behind the end of a worker that had not finished its job.
pub(super) fn failure(status: ExitStatus, stderr: &[String], memory_mib: u32) -> Failure {
    let said = |words: &str| stderr.iter().any(|line| line.contains(words));
    if said(NO_MEMORY) {
        return out_of_memory(memory_mib);
    }
    if said(NO_STACK) {
        return Failure::new(
            FailureCode::Crash,
            "the worker process overflowed its stack on this file",
        );
    }
    match signal(status) {
        // The kernel's own way when the whole machine is short of memory.
        Some(SIGKILL) => Failure::new(
            FailureCode::Killed,
            "the worker process was killed, most likely because the system ran out of memory",
        ),
        Some(SIGXFSZ) => Failure::new(
            FailureCode::OutputFailed,
            "cannot write the output: the limit on file sizes is reached (ulimit -f)",
        ),
        Some(signal) => crash(&format!("died of signal {signal}"), stderr),
        None => crash(&format!("ended early ({status})"), stderr),
    }
}

const SIGKILL: i32 = 9;
const SIGXFSZ: i32 = 25;

fn out_of_memory(memory_mib: u32) -> Failure {
    Failure::new(
        FailureCode::OutOfMemory,
        format!(
            "the file needs more memory than the {memory_mib} MiB allowed; raise --memory or use --pages"
        ),
    )
}

fn crash(how: &str, stderr: &[String]) -> Failure {
    let last = stderr.iter().rev().find(|line| !line.trim().is_empty());
    let last = last.map_or(String::new(), |line| format!(": {}", line.trim()));
    Failure::new(
        FailureCode::Crash,
        format!("the worker process {how} on this file{last}"),
    )
}

#[cfg(unix)]
fn signal(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

#[cfg(not(unix))]
fn signal(_status: ExitStatus) -> Option<i32> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    #[test]
    fn each_death_has_its_code() {
        struct Case {
            wait_status: i32,
            stderr: &'static [&'static str],
            code: FailureCode,
            message: &'static str,
        }
        let cases = [
            Case {
                wait_status: 6,
                stderr: &["memory allocation of 99 bytes failed"],
                code: FailureCode::OutOfMemory,
                message: "more memory than the 512 MiB",
            },
            Case {
                wait_status: 6,
                stderr: &["thread 'x' has overflowed its stack", "fatal runtime error"],
                code: FailureCode::Crash,
                message: "overflowed its stack",
            },
            Case {
                wait_status: 9,
                stderr: &[],
                code: FailureCode::Killed,
                message: "was killed",
            },
            Case {
                wait_status: 25,
                stderr: &[],
                code: FailureCode::OutputFailed,
                message: "file sizes",
            },
            Case {
                wait_status: 11,
                stderr: &["last words", " "],
                code: FailureCode::Crash,
                message: "died of signal 11 on this file: last words",
            },
            Case {
                wait_status: 3 << 8,
                stderr: &[],
                code: FailureCode::Crash,
                message: "exit status: 3",
            },
        ];
        for case in cases {
            let stderr: Vec<String> = case.stderr.iter().map(|s| (*s).to_owned()).collect();
            let failure = failure(ExitStatus::from_raw(case.wait_status), &stderr, 512);
            assert_eq!(failure.code, case.code, "{failure}");
            assert!(failure.message.contains(case.message), "{failure}");
        }
    }
}
