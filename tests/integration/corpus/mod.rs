//! `docalign corpus`: many files, one outcome each.

mod cache;
mod ends;
mod odd_files;
mod outcomes;
mod tables;
mod workers;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use docalign::corpus::{
    Record, Status,
    journal::{self, Entry},
};
use sha2::{Digest, Sha256};

use crate::support::{
    pdf::Pdf,
    program::{Run, Sandbox},
};

/// A folder `in` of documents and the folder `out` that is made of it.
struct Corpus {
    sandbox: Sandbox,
}

impl Corpus {
    fn new() -> Corpus {
        let sandbox = Sandbox::new();
        fs::create_dir(sandbox.path("in")).unwrap();
        Corpus { sandbox }
    }

    /// So many small documents, all different.
    fn of(documents: usize) -> Corpus {
        let corpus = Corpus::new();
        for number in 0..documents {
            corpus.add(&format!("{number:04}.pdf"), &small(number));
        }
        corpus
    }

    fn add(&self, name: &str, bytes: &[u8]) {
        self.sandbox.write(&format!("in/{name}"), bytes);
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self
            .sandbox
            .command([&["corpus", "in", "-o", "out"], arguments].concat());
        command.stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Run {
        Run::from(self.command(arguments).output().unwrap())
    }

    /// Runs and expects that all is well.
    fn succeeds(&self, arguments: &[&str]) -> Run {
        let run = self.run(arguments);
        assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
        run
    }

    fn out(&self) -> PathBuf {
        self.sandbox.path("out")
    }

    /// What the journals say, in the order in which it was written.
    fn journal(&self) -> Vec<Entry> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(self.out()).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "log") {
                journal::read(&path, |entry| entries.push(entry)).unwrap();
            }
        }
        entries
    }

    /// The files' records; everything recorded is checked.
    fn records(&self) -> Vec<Record> {
        let entries = self.journal().into_iter();
        let records: Vec<Record> = entries
            .filter_map(|entry| match entry {
                Entry::File(record) => Some(*record),
                Entry::Part(_) => None,
            })
            .collect();
        records.iter().for_each(|record| self.check(record));
        self.check_documents();
        records
    }

    /// The last record of each file of `in`.
    fn outcomes(&self) -> BTreeMap<String, Record> {
        let name = |record: &Record| {
            record
                .path
                .file_name()
                .unwrap()
                .to_string_lossy()
                .into_owned()
        };
        let records = self.records().into_iter();
        records.map(|record| (name(&record), record)).collect()
    }

    /// What is recorded is there, and is what was written.
    fn check(&self, record: &Record) {
        let path = record.path.display();
        match (&record.output, record.status) {
            (Some(output), Status::Done | Status::Partial) => {
                let bytes = fs::read(self.out().join(&output.name)).unwrap();
                assert_eq!(bytes.len() as u64, output.bytes, "{path}");
                assert_eq!(hex(&bytes), output.sha256, "{path}");
            }
            (None, Status::Failed) => assert!(record.cause.is_some(), "{path}"),
            (None, _) => assert!(record.duplicate_of.is_some(), "{path}"),
            (Some(_), Status::Failed) => panic!("{path} failed and has an output"),
        }
    }

    /// Whatever bears a final name is whole.
    fn check_documents(&self) {
        for file in files_under(&self.out().join("documents")) {
            let text = fs::read_to_string(&file).unwrap();
            docalign::output::json::read(&text)
                .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        }
    }

    /// All is done, each file once, and nothing is left over.
    fn check_complete(&self, documents: usize) {
        let records = self.records();
        let paths: std::collections::BTreeSet<_> = records.iter().map(|r| &r.path).collect();
        assert_eq!(records.len(), documents, "each file is recorded once");
        assert_eq!(paths.len(), documents);
        assert!(records.iter().all(|record| record.status == Status::Done));
        assert_eq!(files_under(&self.out().join("documents")).len(), documents);
        assert!(!self.out().join(".staging-0-of-1").exists());
    }
}

fn hex(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn files_under(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else {
        return files;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_under(&path));
        } else {
            files.push(path);
        }
    }
    files
}

/// A document of one page that differs from all others.
fn small(number: usize) -> Vec<u8> {
    let text = format!("BT /F1 12 Tf 72 700 Td (Figure {number} shows what is meant.) Tj ET");
    Pdf::with_content(text.as_bytes()).bytes()
}

fn code(record: &Record) -> &'static str {
    let cause = record.cause.as_ref();
    cause.map_or("", |cause| cause.failure.code.name())
}
