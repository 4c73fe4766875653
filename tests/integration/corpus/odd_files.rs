//! Names, links and devices that a folder may hold.
#![cfg(target_os = "linux")]

use std::{
    ffi::OsStr,
    fs,
    io::Write,
    os::unix::{ffi::OsStrExt, fs::symlink},
    process::{Command, Stdio},
};

use docalign::corpus::Status;

use super::{Corpus, code, small};

#[test]
fn names_of_any_kind() {
    let corpus = Corpus::new();
    let long = format!("{}.pdf", "n".repeat(251));
    let names: [&[u8]; 6] = [
        long.as_bytes(),
        b"line\nbreak.pdf",
        b"-o.pdf",
        b"\xff\xfe bytes.pdf",
        b" space .PDF",
        "\u{1b}[31mred \u{202e}.pdf".as_bytes(),
    ];
    let folder = corpus.sandbox.path("in");
    for (number, name) in names.iter().enumerate() {
        fs::write(folder.join(OsStr::from_bytes(name)), small(number)).unwrap();
    }
    let run = corpus.succeeds(&[]);
    assert!(!run.stderr.contains('\u{1b}'), "{}", run.stderr);
    corpus.check_complete(names.len());
    let records = corpus.records();
    for name in names {
        let path = std::path::Path::new("in").join(OsStr::from_bytes(name));
        assert!(records.iter().any(|record| record.path == path), "{path:?}");
    }
    // The same names from a list that can hold them.
    let mut child = corpus
        .sandbox
        .command(["corpus", "-0", "-", "-o", "out"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut list = child.stdin.take().unwrap();
    for name in names {
        list.write_all(b"in/").unwrap();
        list.write_all(name).unwrap();
        list.write_all(b"\0").unwrap();
    }
    drop(list);
    assert!(child.wait().unwrap().success());
    assert_eq!(corpus.records(), records, "they are known");
}

#[test]
fn links_devices_and_folders() {
    let corpus = Corpus::of(2);
    let at = |name: &str| corpus.sandbox.path(&format!("in/{name}"));
    fs::create_dir_all(at("folder.pdf/deep")).unwrap();
    corpus.add("folder.pdf/deep/in.pdf", &small(2));
    symlink(".", at("round.pdf")).unwrap();
    symlink("circle.pdf", at("circle.pdf")).unwrap();
    symlink("gone", at("gone.pdf")).unwrap();
    symlink("/dev/zero", at("zero.pdf")).unwrap();
    symlink("0000.pdf", at("link.pdf")).unwrap();
    let made = Command::new("mkfifo").arg(at("fifo.pdf")).status();
    assert!(made.unwrap().success());
    let run = corpus.run(&["--timeout", "20"]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    let outcomes = corpus.outcomes();
    let failed: Vec<(&str, &str)> = outcomes
        .iter()
        .filter(|(_, record)| record.status == Status::Failed)
        .map(|(name, record)| (name.as_str(), code(record)))
        .collect();
    let expected = ["circle.pdf", "fifo.pdf", "gone.pdf", "zero.pdf"];
    assert_eq!(failed, expected.map(|name| (name, "input-failed")));
    assert_eq!(outcomes.len(), 8, "{:?}", outcomes.keys());
    assert_eq!(outcomes["in.pdf"].status, Status::Done);
    assert_eq!(outcomes["link.pdf"].status, Status::Done);
}
