//! `--cache`: pages that did not change are not looked at again, and nobody can tell the difference.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Child, Stdio},
};

use super::{Corpus, files_under, small};
use crate::support::{
    pdf::{Pdf, stream},
    program::Run,
};

const CACHED: [&str; 5] = ["--cache", "cache", "--detect", "always", "-q"];

/// Pages with a drawing each, at the given heights.
fn drawings(heights: &[u32]) -> Vec<u8> {
    let mut pdf = Pdf::one_page();
    let numbers: Vec<u32> = (0..).map(|at| 10 + 2 * at).take(heights.len()).collect();
    let kids: String = numbers.iter().map(|n| format!("{n} 0 R ")).collect();
    pdf.set(
        2,
        format!("<</Type/Pages/Kids[{kids}]/Count {}>>", heights.len()),
    );
    for (number, height) in numbers.iter().zip(heights) {
        let content = format!(
            "100 300 300 {height} re S 120 320 m 380 340 l S \
             BT /F1 12 Tf 100 280 Td (Figure {height}. A drawing.) Tj ET"
        );
        pdf.set(
            *number,
            format!(
                "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]\
                 /Resources<</Font<</F1 5 0 R>>>>/Contents {} 0 R>>",
                number + 1
            ),
        );
        pdf.set(number + 1, stream("", content.as_bytes()));
    }
    pdf.bytes()
}

/// Hits and misses of a run into a folder that is not there yet.
fn fresh(corpus: &Corpus, arguments: &[&str]) -> (u64, u64) {
    let _ = fs::remove_dir_all(corpus.out());
    corpus.succeeds(arguments);
    uses(corpus)
}

fn uses(corpus: &Corpus) -> (u64, u64) {
    let outcomes = corpus.outcomes();
    let sum = |count: fn(&docalign::detect::CacheUse) -> u64| {
        outcomes.values().map(|record| count(&record.cache)).sum()
    };
    (sum(|cache| cache.hits), sum(|cache| cache.misses))
}

/// The content of all alignment files, by name.
fn outputs(corpus: &Corpus) -> BTreeMap<PathBuf, String> {
    let files = files_under(&corpus.out().join("documents"));
    let read = |file: PathBuf| {
        let text = fs::read_to_string(&file).unwrap();
        (file, text)
    };
    files.into_iter().map(read).collect()
}

fn entries(corpus: &Corpus) -> Vec<PathBuf> {
    files_under(&corpus.sandbox.path("cache"))
}

#[test]
fn only_pages_that_changed_are_looked_at_again() {
    let corpus = Corpus::of(3);
    corpus.add("drawings.pdf", &drawings(&[200, 210, 220, 230]));
    let thesis = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/thesis/thesis.pdf");
    fs::copy(thesis, corpus.sandbox.path("in/thesis.pdf")).unwrap();
    let without = ["--detect", "always"];
    assert_eq!(fresh(&corpus, &without), (0, 0));
    let expected = outputs(&corpus);

    assert_eq!(fresh(&corpus, &CACHED), (0, 32));
    assert_eq!(outputs(&corpus), expected);
    assert_eq!(entries(&corpus).len(), 32);
    assert_eq!(fresh(&corpus, &CACHED), (32, 0));
    assert_eq!(outputs(&corpus), expected);

    // A version with one page changed, one taken out and one moved.
    corpus.add("drawings.pdf", &drawings(&[230, 200, 225]));
    let run = corpus.succeeds(&["--cache", "cache", "--detect", "always"]);
    assert!(
        run.stdout
            .ends_with("\ncache: 2 pages known, 1 looked at\n"),
        "what this run did: {}",
        run.stdout
    );
    // And whoever aligns one file has it too.
    let alone = ["in/drawings.pdf", "-o", "alone.json"];
    let run = corpus.sandbox.run(alone.iter().chain(&CACHED));
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(entries(&corpus).len(), 33);

    let merged = corpus.sandbox.run(["corpus", "merge-report", "out"]);
    assert!(
        merged
            .stdout
            .ends_with("\ncache: 30 pages known, 1 looked at\n"),
        "{}",
        merged.stdout
    );
    let log = fresh_log(&corpus);
    assert_eq!(log["cache"]["hits"], 31, "{log}");
}

/// The summary of a run that tells in JSON.
fn fresh_log(corpus: &Corpus) -> serde_json::Value {
    fs::remove_dir_all(corpus.out()).unwrap();
    let run = corpus.run(&[&CACHED[..], &["--log", "json"]].concat());
    let last = run.stderr.lines().last().unwrap();
    serde_json::from_str(last).unwrap()
}

#[test]
fn a_damaged_entry_is_a_miss() {
    let corpus = Corpus::of(0);
    corpus.add("drawings.pdf", &drawings(&[200, 210, 220, 230, 240, 250]));
    assert_eq!(fresh(&corpus, &CACHED), (0, 6));
    let expected = outputs(&corpus);
    let damage = |at: usize, entry: &Path| {
        let mut bytes = fs::read(entry).unwrap();
        match at {
            0 => bytes.clear(),
            1 => bytes.truncate(bytes.len() / 2),
            2 => *bytes.last_mut().unwrap() ^= 1,
            3 => bytes.insert(0, 0xff),
            _ => {
                fs::remove_file(entry).unwrap();
                return fs::create_dir_all(entry.join("in the way")).unwrap();
            }
        }
        fs::write(entry, bytes).unwrap();
    };
    for (at, entry) in entries(&corpus)[..5].iter().enumerate() {
        damage(at, entry);
    }
    assert_eq!(fresh(&corpus, &CACHED), (1, 5));
    assert_eq!(outputs(&corpus), expected);
    // What can be is mended.
    assert_eq!(fresh(&corpus, &CACHED), (5, 1));
    assert_eq!(outputs(&corpus), expected);
}

#[test]
fn several_runs_share_a_cache() {
    let corpus = Corpus::of(30);
    corpus.add("drawings.pdf", &drawings(&Vec::from_iter(200..220)));
    let start = |out: &str| -> Child {
        let arguments = ["corpus", "in", "-o", out, "--workers", "2"];
        let mut command = corpus.sandbox.command(arguments.iter().chain(&CACHED));
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    };
    let runs = ["out", "out2", "out3"].map(start);
    for run in runs {
        let run = Run::from(run.wait_with_output().unwrap());
        assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    }
    let expected: Vec<String> = outputs(&corpus).into_values().collect();
    for other in ["out2", "out3"] {
        let files = files_under(&corpus.sandbox.path(other).join("documents"));
        let read = |file| fs::read_to_string(file).unwrap();
        let mut same: Vec<String> = files.into_iter().map(read).collect();
        let mut expected = expected.clone();
        same.sort();
        expected.sort();
        assert_eq!(same, expected);
    }
    // Each page once, and nothing that was left half written.
    assert_eq!(entries(&corpus).len(), 50);
    assert_eq!(fresh(&corpus, &CACHED), (50, 0));
}

#[test]
fn a_cache_that_cannot_be() {
    let corpus = Corpus::new();
    corpus.add("a.pdf", &small(0));
    corpus.sandbox.write("file", "");
    let run = corpus.run(&["--cache", "file"]);
    assert_eq!(run.code, Some(2));
    assert!(
        run.stderr.contains("cannot use the cache file"),
        "{}",
        run.stderr
    );
    let run = corpus.run(&["--cache", "cache", "--cache-size", "1"]);
    assert_eq!(run.code, Some(2), "{}", run.stderr);
}
