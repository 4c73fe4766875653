//! What becomes of good files, bad ones and copies, and of a second run.

use std::{fs, time::SystemTime};

use docalign::corpus::{Status, journal::Entry};

use super::{Corpus, code, small};
use crate::support::pdf::{Pdf, bomb, stream};

fn no_pages() -> Vec<u8> {
    let mut pdf = Pdf::one_page();
    pdf.set(2, "<</Type/Pages/Kids[]/Count 0>>");
    pdf.bytes()
}

fn encrypted() -> Vec<u8> {
    let mut pdf = Pdf::one_page();
    pdf.trailer("/Encrypt<</Filter/Foo/V 99>>/ID[<00><00>]");
    pdf.bytes()
}

#[test]
fn every_file_has_one_outcome() {
    let corpus = Corpus::of(3);
    corpus.add("copy.pdf", &small(1));
    corpus.add("bad.pdf", b"<html>hi</html>");
    corpus.add("bad copy.pdf", b"<html>hi</html>");
    corpus.add("empty.pdf", b"");
    corpus.add("none.pdf", &no_pages());
    corpus.add("locked.pdf", &encrypted());
    corpus.add("other.txt", b"no input: another extension");
    let run = corpus.run(&["--workers", "2"]);
    assert_eq!(run.code, Some(1));
    assert!(
        run.stderr
            .contains("docalign: in/empty.pdf: the file is empty"),
        "{}",
        run.stderr
    );
    assert_eq!(
        run.stdout,
        "9 files: 4 done, 0 partial, 5 failed (encrypted 1, no-pages 1, not-a-pdf 3); \
         2 of them duplicates; 3 pages\n"
    );
    let outcomes = corpus.outcomes();
    let codes: Vec<(&str, &str)> = outcomes
        .iter()
        .map(|(name, record)| (name.as_str(), code(record)))
        .collect();
    let expected = [
        ("0000.pdf", ""),
        ("0001.pdf", ""),
        ("0002.pdf", ""),
        ("bad copy.pdf", "not-a-pdf"),
        ("bad.pdf", "not-a-pdf"),
        ("copy.pdf", ""),
        ("empty.pdf", "not-a-pdf"),
        ("locked.pdf", "encrypted"),
        ("none.pdf", "no-pages"),
    ];
    assert_eq!(codes, expected);
    // One of two equal files stands for the other, whichever came first.
    let (first, copy) = (&outcomes["0001.pdf"], &outcomes["copy.pdf"]);
    assert_eq!(first.sha256, copy.sha256);
    assert_eq!(
        first.duplicate_of.is_some(),
        copy.duplicate_of.is_none(),
        "{copy:?}"
    );
}

#[test]
fn a_second_run_does_nothing_twice() {
    let corpus = Corpus::of(4);
    corpus.add("bad.pdf", b"no");
    corpus.add("copy.pdf", &small(2));
    assert_eq!(corpus.run(&[]).code, Some(1));
    let journal = corpus.records();
    assert_eq!(journal.len(), 6);
    let run = corpus.run(&[]);
    assert_eq!(run.code, Some(1), "a failure stays one");
    assert!(run.stdout.starts_with("6 files: 5 done"), "{}", run.stdout);
    assert_eq!(corpus.records(), journal);

    // What is new, has changed or has lost its output is done.
    corpus.add("new.pdf", &small(77));
    corpus.add("0000.pdf", &small(78));
    let lost = corpus.outcomes()["0001.pdf"].output.clone().unwrap().name;
    fs::remove_file(corpus.out().join(&lost)).unwrap();
    fs::write(corpus.out().join("journal-0-of-1.log"), {
        // A line that nobody can read any more.
        let text = fs::read_to_string(corpus.out().join("journal-0-of-1.log")).unwrap();
        let line = text.lines().find(|line| line.contains("0003.pdf")).unwrap();
        text.replace(line, &line.replace("0003", "9993"))
    })
    .unwrap();
    let run = corpus.run(&[]);
    assert!(run.stderr.contains("1 damaged lines"), "{}", run.stderr);
    assert!(run.stderr.contains("4 files to do"), "{}", run.stderr);
    assert!(run.stdout.starts_with("7 files: 6 done"), "{}", run.stdout);
}

#[test]
fn failed_files_are_tried_again_when_asked() {
    let corpus = Corpus::of(2);
    corpus.add("a bad.pdf", b"no");
    corpus.add("b bad.pdf", b"no");
    assert_eq!(corpus.run(&[]).code, Some(1));
    let run = corpus.run(&["--retry", "failed", "--workers", "1"]);
    assert!(run.stderr.contains("2 files to do"), "{}", run.stderr);
    let outcomes = corpus.outcomes();
    assert_eq!(corpus.records().len(), 6, "{}", run.stderr);
    assert_eq!(
        outcomes["b bad.pdf"].duplicate_of.as_deref(),
        Some("in/a bad.pdf".as_ref())
    );
    corpus.add("a bad.pdf", &small(9));
    corpus.add("b bad.pdf", &small(9));
    corpus.succeeds(&[]);
    let outcomes = corpus.outcomes();
    assert!(
        outcomes
            .values()
            .all(|record| record.status == Status::Done)
    );
}

#[test]
fn an_output_that_was_touched_is_done_again() {
    let corpus = Corpus::of(4);
    corpus.succeeds(&[]);
    let outcomes = corpus.outcomes();
    let output = |name: &str| {
        corpus
            .out()
            .join(&outcomes[name].output.as_ref().unwrap().name)
    };
    let damage = |name: &str| {
        let mut bytes = fs::read(output(name)).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(output(name), bytes).unwrap();
    };
    let set_time = |name: &str, time: SystemTime| {
        let file = fs::File::options().write(true).open(output(name)).unwrap();
        file.set_modified(time).unwrap();
    };
    // Of the same size: one that shows it, one that does not, one that was only copied.
    let written = |name: &str| fs::metadata(output(name)).unwrap().modified().unwrap();
    let silent = written("0001.pdf");
    damage("0000.pdf");
    damage("0001.pdf");
    set_time("0001.pdf", silent);
    set_time("0002.pdf", SystemTime::now());
    let run = corpus.run(&[]);
    assert!(run.stderr.contains("1 files to do"), "{}", run.stderr);
    // The tables of the four are made anew, and whoever makes them reads the outputs.
    let found = "0001.json is not what was written; run with --verify";
    assert!(run.stderr.contains(found), "{}", run.stderr);
    assert_eq!(run.code, Some(1));
    let run = corpus.succeeds(&["--verify"]);
    assert!(run.stderr.contains("1 files to do"), "{}", run.stderr);
    assert_eq!(corpus.records().len(), 6);
    let run = corpus.succeeds(&["--verify"]);
    assert!(run.stderr.contains("0 files to do"), "{}", run.stderr);
}

/// A document whose page tree names a page that is none.
fn with_a_broken_page(name: &str) -> Vec<u8> {
    let mut pdf = Pdf::one_page();
    pdf.set(2, "<</Type/Pages/Kids[3 0 R 10 0 R]/Count 2>>");
    let page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 11 0 R>>";
    pdf.set(10, page);
    // More than is read of a page.
    pdf.set(11, stream("/Filter/FlateDecode", &bomb(65)));
    pdf.trailer(&format!("/Name({name})"));
    pdf.bytes()
}

#[test]
fn partial_files_are_tried_again_when_asked() {
    let corpus = Corpus::of(2);
    corpus.add("bad.pdf", b"no");
    corpus.add("cut.pdf", &with_a_broken_page("a"));
    assert_eq!(corpus.run(&[]).code, Some(1));
    assert_eq!(corpus.outcomes()["cut.pdf"].status, Status::Partial);
    for (which, files) in [("failed", 1), ("partial", 1), ("failed,partial", 2)] {
        let run = corpus.run(&["--retry", which]);
        let expected = format!("{files} files to do");
        assert!(run.stderr.contains(&expected), "{}", run.stderr);
    }
    assert_eq!(corpus.outcomes()["cut.pdf"].status, Status::Partial);
    // One that gives nothing any more leaves nothing.
    let output = corpus.outcomes()["cut.pdf"].output.clone().unwrap().name;
    assert!(corpus.out().join(&output).exists());
    corpus.run(&["--retry", "partial", "--memory", "128"]);
    let Some(Entry::File(record)) = corpus
        .journal()
        .into_iter()
        .rfind(|entry| matches!(entry, Entry::File(_)))
    else {
        panic!("nothing is recorded");
    };
    assert_eq!(
        (record.status, code(&record)),
        (Status::Failed, "out-of-memory")
    );
    assert!(!corpus.out().join(&output).exists());
}

#[test]
fn other_settings_need_another_folder() {
    let corpus = Corpus::of(1);
    corpus.succeeds(&[]);
    let run = corpus.run(&["--min-probability", "0.25"]);
    assert_eq!(run.code, Some(2));
    assert!(
        run.stderr
            .contains("generator.options.min_probability was 0.5 and is now 0.25"),
        "{}",
        run.stderr
    );
    assert_eq!(corpus.records().len(), 1);
}

#[test]
fn shards_are_laid_side_by_side() {
    let whole = Corpus::of(12);
    whole.succeeds(&[]);
    let names = |corpus: &Corpus| -> Vec<String> {
        let records = corpus.records().into_iter();
        let mut names: Vec<String> = records.map(|r| r.output.unwrap().name).collect();
        names.sort();
        names
    };
    let expected = names(&whole);
    // Into one folder, and into one each.
    let shared = Corpus::of(12);
    for shard in ["0/3", "1/3", "2/3"] {
        shared.succeeds(&["--shard", shard]);
    }
    assert_eq!(names(&shared), expected);
    let merged = shared.sandbox.run(["corpus", "merge-report", "out"]);
    assert_eq!(merged.code, Some(0), "{}", merged.stderr);
    let last = merged.stdout.lines().last().unwrap();
    assert_eq!(
        last,
        "12 files: 12 done, 0 partial, 0 failed; 12 pages; 12 contents"
    );
    assert_eq!(merged.stdout.lines().count(), 4);
    fs::remove_file(shared.out().join("journal-1-of-3.log")).unwrap();
    let merged = shared.sandbox.run(["corpus", "merge-report", "out"]);
    assert_eq!(merged.code, Some(1));
    assert_eq!(merged.stderr, "docalign: shard 1-of-3 is not there\n");
    let refused = shared.run(&["--shard", "0/2"]);
    assert_eq!(refused.code, Some(2), "{}", refused.stderr);
    let run = whole.run(&["--shard", "4/3"]);
    assert_eq!(run.code, Some(2));
}

#[test]
fn inputs_that_are_none() {
    let corpus = Corpus::new();
    let run = corpus.run(&[]);
    assert_eq!(run.code, Some(2), "{}", run.stderr);
    assert!(run.stderr.contains("no PDF found"), "{}", run.stderr);
    corpus.add("a.pdf", &small(0));
    let run = corpus.run(&["missing.txt"]);
    assert_eq!(run.code, Some(1));
    assert!(
        run.stderr
            .contains("missing.txt: cannot read it: no such file"),
        "{}",
        run.stderr
    );
    assert!(run.stdout.starts_with("1 files: 1 done"), "{}", run.stdout);
}

#[test]
fn json_lines_tell_everything() {
    let corpus = Corpus::of(2);
    corpus.add("bad.pdf", b"no");
    let run = corpus.run(&["--log", "json"]);
    let events: Vec<serde_json::Value> = run
        .stderr
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let kind = |kind: &str| {
        let of_kind = events.iter().filter(|event| event["event"] == kind);
        of_kind.collect::<Vec<_>>()
    };
    assert_eq!(kind("planned")[0]["files"], 3);
    assert_eq!(kind("file").len(), 3);
    let bad = kind("file").into_iter().find(|e| e["path"] == "in/bad.pdf");
    assert_eq!(bad.unwrap()["cause"]["code"], "not-a-pdf");
    assert_eq!(kind("summary")[0]["tally"]["done"], 2);
}
