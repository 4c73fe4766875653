//! Runs that are ended, by whom and at what moment ever, and folders that cannot be written.
#![cfg(target_os = "linux")]

use std::{
    fs,
    io::Read,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use docalign::corpus::Status;

use super::{Corpus, code, small};
use crate::support::{
    pdf::{Pdf, stream},
    program::{Run, children, is_alive},
};

/// Moments that differ from each other and are the same in each run of the test.
struct Moments(u64);

impl Moments {
    fn next(&mut self, below_ms: u64) -> Duration {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        Duration::from_millis((self.0 >> 33) % below_ms)
    }
}

fn start(corpus: &Corpus, arguments: &[&str]) -> Child {
    let mut command = corpus.command(arguments);
    let command = command.stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().unwrap()
}

fn signal(name: &str, pid: u32) {
    let sent = Command::new("kill")
        .args([name, &pid.to_string()])
        .stderr(Stdio::null())
        .status();
    // It may be gone by now.
    let _ = sent.unwrap();
}

/// A document whose page draws until the page's own limit of time.
fn slow() -> Vec<u8> {
    let mut pdf = Pdf::with_content(b"/X Do");
    pdf.page("[0 0 612 792]", "/XObject<</X 10 0 R>>", "");
    for number in 10..40 {
        let entries = format!(
            "/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X {} 0 R>>>>",
            number + 1
        );
        pdf.set(number, stream(&entries, b"/X Do /X Do"));
    }
    let last = "/Type/XObject/Subtype/Form/BBox[0 0 9 9]";
    pdf.set(40, stream(last, b"0 0 1 1 re f"));
    pdf.bytes()
}

#[test]
fn killed_at_25_moments_and_gone_on_with() {
    const DOCUMENTS: usize = 150;
    let corpus = Corpus::of(DOCUMENTS);
    let mut moments = Moments(7);
    let (mut killed, mut seen) = (0, 0);
    for _ in 0..25 {
        let mut child = start(&corpus, &["--workers", "2"]);
        thread::sleep(moments.next(80));
        child.kill().unwrap();
        killed += u32::from(child.wait().unwrap().code().is_none());
        if corpus.out().exists() {
            let records = corpus.records().len();
            assert!(records >= seen, "what is recorded stays so");
            seen = records;
        }
    }
    corpus.succeeds(&["--workers", "2"]);
    corpus.check_complete(DOCUMENTS);
    assert!(killed > 0, "all runs were over before they were killed");
}

#[test]
fn workers_killed_at_25_moments() {
    const DOCUMENTS: usize = 300;
    let corpus = Corpus::of(DOCUMENTS);
    let mut moments = Moments(11);
    let mut child = start(&corpus, &["--workers", "2"]);
    let mut killed = 0;
    while killed < 25 && child.try_wait().unwrap().is_none() {
        thread::sleep(moments.next(40));
        let workers = children(child.id());
        if let Some(worker) = workers.get(killed % workers.len().max(1)) {
            signal("-KILL", *worker);
            killed += 1;
        }
    }
    child.wait().unwrap();
    assert!(killed > 0, "no worker was found");
    // A file whose worker is killed twice is given up.
    let outcomes = corpus.outcomes();
    assert_eq!(outcomes.len(), DOCUMENTS);
    for record in outcomes.values().filter(|r| r.status != Status::Done) {
        assert!(["killed", "crash"].contains(&code(record)), "{record:?}");
    }
    corpus.succeeds(&["--retry", "failed"]);
    let outcomes = corpus.outcomes();
    // One whose worker was killed once was read again without page images: partial, not failed.
    for record in outcomes.values().filter(|r| r.status != Status::Done) {
        let partial = record.status == Status::Partial && record.output.is_some();
        assert!(partial, "{record:?}");
    }
}

#[test]
fn a_journal_cut_anywhere_is_gone_on_with() {
    const DOCUMENTS: usize = 6;
    let corpus = Corpus::of(DOCUMENTS);
    corpus.succeeds(&[]);
    let journal = corpus.out().join("journal-0-of-1.log");
    let whole = fs::read(&journal).unwrap();
    for cut in (0..whole.len()).step_by(whole.len() / 7) {
        fs::write(&journal, &whole[..cut]).unwrap();
        corpus.succeeds(&[]);
        let outcomes = corpus.outcomes();
        assert_eq!(outcomes.len(), DOCUMENTS, "cut at {cut}");
        assert!(
            outcomes
                .values()
                .all(|record| record.status == Status::Done)
        );
    }
}

#[test]
fn a_signal_stops_within_five_seconds_and_leaves_no_process() {
    for name in ["-INT", "-TERM"] {
        let corpus = Corpus::of(3);
        corpus.add("0001 slow.pdf", &slow());
        let mut child = start(&corpus, &["--workers", "1"]);
        let worker = wait_for(|| {
            let recorded = corpus.out().join("journal-0-of-1.log");
            let lines = fs::read_to_string(recorded).unwrap_or_default();
            (lines.lines().count() == 1)
                .then(|| children(child.id()).first().copied())
                .flatten()
        });
        let worker = worker.expect("a worker is at the slow file");
        let status = fs::read_to_string(format!("/proc/{worker}/status")).unwrap();
        assert!(status.contains("NoNewPrivs:\t1"), "{status}");
        assert!(status.contains("Seccomp:\t2"), "{status}");
        let sent = Instant::now();
        signal(name, child.id());
        let status = child.wait().unwrap();
        assert!(sent.elapsed() < Duration::from_secs(5));
        assert_eq!(status.code(), Some(1), "{name}");
        let gone = wait_for(|| (!is_alive(worker)).then_some(()));
        assert!(gone.is_some(), "the worker lives on after {name}");
        assert!(!corpus.out().join(".staging-0-of-1").exists());
        assert_eq!(corpus.records().len(), 1, "what was done stays done");
    }
}

#[test]
fn a_second_signal_ends_the_run_at_once() {
    let corpus = Corpus::of(1);
    corpus.add("slow.pdf", &slow());
    let mut child = start(&corpus, &["--workers", "1"]);
    let worker = wait_for(|| children(child.id()).first().copied());
    let worker = worker.expect("a worker is started");
    // Both wait for it when it goes on.
    for name in ["-STOP", "-INT", "-TERM", "-CONT"] {
        signal(name, child.id());
    }
    let sent = Instant::now();
    let code = child.wait().unwrap().code();
    assert!(sent.elapsed() < Duration::from_secs(1));
    assert!(matches!(code, Some(130 | 143)), "{code:?}");
    let gone = wait_for(|| (!is_alive(worker)).then_some(()));
    assert!(gone.is_some(), "the worker lives on");
    fs::remove_file(corpus.sandbox.path("in/slow.pdf")).unwrap();
    corpus.succeeds(&[]);
    corpus.check_complete(1);
}

#[test]
fn one_run_at_a_time() {
    let corpus = Corpus::of(1);
    corpus.add("slow.pdf", &slow());
    let mut first = start(&corpus, &[]);
    let lock = corpus.out().join("lock-0-of-1");
    let owned = || {
        fs::read_to_string(&lock)
            .ok()
            .filter(|owner| !owner.is_empty())
    };
    wait_for(owned).expect("the lock is taken");
    let second = corpus.run(&[]);
    assert_eq!(second.code, Some(2), "{}", second.stderr);
    let owner = format!("process {} on ", first.id());
    assert!(second.stderr.contains(&owner), "{}", second.stderr);
    assert!(
        second.stderr.contains("is working on it"),
        "{}",
        second.stderr
    );
    first.kill().unwrap();
    first.wait().unwrap();
    fs::remove_file(corpus.sandbox.path("in/slow.pdf")).unwrap();
    let third = corpus.succeeds(&[]);
    assert!(
        third.stderr.contains("ended without finishing"),
        "{}",
        third.stderr
    );
}

/// A limit on the size of files stands for a full disk: both fail in the middle of a file.
#[test]
fn a_full_disk_ends_the_run_and_harms_nothing() {
    let corpus = Corpus::of(40);
    // The journal reaches the limit, or a document does.
    for blocks in ["4", "1", "0"] {
        let program = env!("CARGO_BIN_EXE_docalign");
        let script = format!("ulimit -f {blocks}; exec {program} corpus in -o out --workers 2");
        let output = Command::new("bash")
            .args(["-c", &script])
            .current_dir(corpus.sandbox.path(""))
            .output();
        let run = Run::from(output.unwrap());
        assert_eq!(run.code, Some(1), "{}", run.stderr);
        assert!(
            run.stderr.contains("the limit on file sizes"),
            "{}",
            run.stderr
        );
        corpus.records();
    }
    corpus.succeeds(&[]);
    let outcomes = corpus.outcomes();
    assert_eq!(outcomes.len(), 40);
    assert!(
        outcomes
            .values()
            .all(|record| record.status == Status::Done)
    );
}

/// A file system of its own for the outputs, where this user may mount one.
struct Mounted<'a>(&'a Corpus);

impl<'a> Mounted<'a> {
    fn new(corpus: &'a Corpus) -> Option<Mounted<'a>> {
        fs::create_dir(corpus.out()).unwrap();
        let mounted = Mounted(corpus);
        let options = ["-t", "tmpfs", "-o", "size=256k", "none"];
        if !mounted.mount(&options) {
            eprintln!("skipped: this user may not mount a file system");
            return None;
        }
        Some(mounted)
    }

    fn mount(&self, options: &[&str]) -> bool {
        let mut command = Command::new("mount");
        command
            .args(options)
            .arg(self.0.out())
            .stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    }
}

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        let mut command = Command::new("umount");
        let _ = command.arg(self.0.out()).stderr(Stdio::null()).status();
    }
}

#[test]
fn a_file_system_that_can_only_be_read() {
    let corpus = Corpus::of(2);
    let Some(mounted) = Mounted::new(&corpus) else {
        return;
    };
    corpus.succeeds(&[]);
    corpus.add("new.pdf", &small(9));
    // The kernel frees what the workers' rules refer to a moment after their end.
    let read_only = wait_for(|| mounted.mount(&["-o", "remount,ro"]).then_some(()));
    assert!(read_only.is_some());
    let run = corpus.run(&[]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(
        run.stderr.contains("the file system is read-only"),
        "{}",
        run.stderr
    );
    corpus.check_complete(2);
}

#[test]
fn a_file_system_that_is_full() {
    let corpus = Corpus::of(60);
    let Some(_mounted) = Mounted::new(&corpus) else {
        return;
    };
    let run = corpus.run(&[]);
    let records = corpus.records();
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stderr.contains("the disk is full"), "{}", run.stderr);
    assert!(records.len() < 60, "the documents fit");
    assert!(records.iter().all(|record| record.status == Status::Done));
}

#[test]
fn a_folder_that_cannot_be_written() {
    let corpus = Corpus::of(1);
    for (out, cause) in [
        ("/proc/out", "/proc/out"),
        ("in/0000.pdf", "in/0000.pdf"),
        ("in/0000.pdf/out", "a part of its path is not a directory"),
    ] {
        let run = corpus.sandbox.run(["corpus", "in", "-o", out]);
        assert_eq!(run.code, Some(1), "{out}");
        assert!(run.stderr.contains("cannot write"), "{}", run.stderr);
        assert!(run.stderr.contains(cause), "{}", run.stderr);
    }
}

#[test]
fn closed_streams_and_few_open_files() {
    let program = env!("CARGO_BIN_EXE_docalign");
    for how in [
        "corpus in -o out <&- >&- 2>&-",
        "corpus in -o out >&-",
        "corpus in -o out 2>&-",
        "corpus in -o out --log json 2>&1 >/dev/null | true",
        "corpus in -o out | true",
    ] {
        let corpus = Corpus::of(5);
        corpus.add("bad.pdf", b"no");
        let script = format!("{program} {how}");
        let run = Command::new("bash")
            .args(["-c", &script])
            .current_dir(corpus.sandbox.path(""))
            .output();
        run.unwrap();
        assert_eq!(corpus.records().len(), 6, "{how}");
    }
    let corpus = Corpus::of(30);
    let script = format!("ulimit -n 64; exec {program} corpus in -o out --workers 100");
    let output = Command::new("bash")
        .args(["-c", &script])
        .current_dir(corpus.sandbox.path(""))
        .output();
    let run = Run::from(output.unwrap());
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    corpus.check_complete(30);
}

/// A list that is still being written, by a program that is slow.
#[test]
fn a_list_on_standard_input() {
    let corpus = Corpus::of(2);
    let mut child = corpus
        .sandbox
        .command(["corpus", "-", "-o", "out"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    for name in ["in/0000.pdf\n", "in/0001.pdf"] {
        std::io::Write::write_all(&mut input, name.as_bytes()).unwrap();
        thread::sleep(Duration::from_millis(50));
    }
    drop(input);
    let mut said = String::new();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    assert!(child.wait().unwrap().success());
    assert!(said.starts_with("2 files: 2 done"), "{said}");
}

#[test]
fn a_copy_waits_for_the_file_it_copies() {
    let corpus = Corpus::new();
    for number in 0..20 {
        corpus.add(&format!("{number}.pdf"), &small(1));
    }
    corpus.succeeds(&["--workers", "2"]);
    let records = corpus.records();
    assert_eq!(records.len(), 20);
    let firsts = records.iter().filter(|r| r.duplicate_of.is_none());
    assert_eq!(firsts.count(), 1);
}

/// Asks until there is an answer, for ten seconds.
fn wait_for<T>(mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(10) {
        if let Some(answer) = ask() {
            return Some(answer);
        }
        thread::sleep(Duration::from_millis(5));
    }
    None
}
