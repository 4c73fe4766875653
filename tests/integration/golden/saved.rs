//! What the program said of each fixture last, byte for byte, at any number of threads.

use std::{env, fs, path::PathBuf};

use docalign::output::{OutputOptions, json};

use super::{FIXTURES, aligned, folder};

/// Set to anything, it makes the test write the outputs instead of comparing them.
const UPDATE: &str = "UPDATE_FIXTURES";

/// More threads than a small machine has cores, so that pages finish out of order.
const MANY_THREADS: usize = 8;

fn alignment_file(name: &str, threads: usize) -> String {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .expect("threads can be started");
    let mut bytes = Vec::new();
    let document = pool.install(|| aligned(name));
    json::write(&document, &OutputOptions::default(), &mut bytes).expect("memory takes it");
    String::from_utf8(bytes).expect("JSON is UTF-8")
}

fn saved(name: &str) -> PathBuf {
    folder().join(name).join("output.json")
}

#[test]
fn outputs_are_what_they_were() {
    let mut failures = Vec::new();
    for name in FIXTURES {
        let path = saved(name);
        let now = alignment_file(name, 1);
        if env::var_os(UPDATE).is_some() {
            fs::write(&path, &now).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            continue;
        }
        let before = fs::read_to_string(&path).unwrap_or_default();
        failures.extend(difference(&before, &now).map(|lines| format!("{name}: {lines}")));
    }
    assert!(
        failures.is_empty(),
        "outputs changed; if that is right, run again with {UPDATE}=1 and read the diff\n{}",
        failures.join("\n")
    );
}

#[test]
fn outputs_do_not_depend_on_the_number_of_threads() {
    for name in FIXTURES {
        let one = alignment_file(name, 1);
        let many = alignment_file(name, MANY_THREADS);
        if let Some(lines) = difference(&one, &many) {
            panic!("{name}: one thread and {MANY_THREADS} differ: {lines}");
        }
    }
}

/// The first line in which two texts differ.
fn difference(before: &str, now: &str) -> Option<String> {
    if before == now {
        return None;
    }
    let (mut old, mut new) = (before.lines(), now.lines());
    for number in 1.. {
        let (a, b) = (old.next(), new.next());
        if a != b || a.is_none() {
            return Some(format!(
                "line {number}\n    before: {}\n    now:    {}",
                a.unwrap_or("(the end)"),
                b.unwrap_or("(the end)")
            ));
        }
    }
    None
}

#[test]
fn the_first_difference_is_shown() {
    assert_eq!(difference("a\nb", "a\nb"), None);
    assert!(difference("a\nb", "a\nc").unwrap().starts_with("line 2\n"));
    assert!(difference("a", "a\nb").unwrap().contains("(the end)"));
}
