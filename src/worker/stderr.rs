//! Catches what a worker prints on its standard error: the last lines of a dead one tell why.

use std::{
    collections::VecDeque,
    io::{self, BufRead, BufReader, Read, Write},
    process::ChildStderr,
    thread::{self, JoinHandle},
};

use super::death::is_last_word;

/// Enough for a panic's message or the runtime's last words.
const KEPT_LINES: usize = 20;
/// A line that never ends is cut into pieces of this size.
const LINE_BYTES: u64 = 4096;

/// The end of a worker's standard error, once the worker is gone.
#[derive(Debug)]
pub(super) struct StderrTail(JoinHandle<VecDeque<String>>);

impl StderrTail {
    /// Reads on a thread of its own, so that the worker never waits; `show` passes all on.
    pub(super) fn follow(stderr: ChildStderr, show: bool) -> io::Result<StderrTail> {
        thread::Builder::new()
            .name("worker-stderr".to_owned())
            .spawn(move || read(stderr, show))
            .map(StderrTail)
    }

    /// The last lines. Waits for the worker to end.
    pub(super) fn lines(self) -> Vec<String> {
        self.0.join().map(Vec::from).unwrap_or_default()
    }
}

fn read(stderr: ChildStderr, show: bool) -> VecDeque<String> {
    let mut stderr = BufReader::new(stderr);
    let mut kept = VecDeque::with_capacity(KEPT_LINES);
    // A backtrace may follow and push it out of the kept lines.
    let mut telling = None;
    let mut line = Vec::new();
    loop {
        line.clear();
        match (&mut stderr).take(LINE_BYTES).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => break,
            Ok(_) => {}
        }
        if show {
            // Nobody to tell if our own standard error is closed.
            let _ = io::stderr().write_all(&line);
        }
        let text = String::from_utf8_lossy(&line).trim_end().to_owned();
        if telling.is_none() && is_last_word(&text) {
            telling = Some(text);
            continue;
        }
        if kept.len() == KEPT_LINES {
            kept.pop_front();
        }
        kept.push_back(text);
    }
    kept.extend(telling);
    kept
}
