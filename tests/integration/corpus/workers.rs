//! Workers that crash, hang and take all memory; files that change under them. A script stands
//! between the program's two sides and does what a file's name says.
#![cfg(target_os = "linux")]

use std::{fs, process::Stdio, time::Duration};

use docalign::{
    corpus::{self, CorpusOptions, Doubts, Formats, Inputs, Separator, Shard, Status, Summary},
    output::Format,
    worker::{Job, JobOutput, Stop, Supervisor, SupervisorOptions},
};

use super::{Corpus, code, small};
use crate::{
    attacks,
    support::{
        pdf::{Pdf, stream},
        program::Run,
    },
};

const PROXY: &str = r#"
coproc W { exec "$0" worker --memory 512 --threads 1; }
while read -r line; do
    case $line in
    *'"Process"'*abort.pdf*) kill -ABRT $$ ;;
    *'"Process"'*killed.pdf*) if ! test -e killed; then touch killed; kill -KILL $$; fi ;;
    *'"Process"'*hang.pdf*) sleep 60 ;;
    *'"Process"'*later.pdf*)
        # Dies after the second page, unless it is to read no further.
        case $line in *'"pages":{"start":0,"end":1}'*) ;; *)
            echo '{"Progress":{"Reading":{"done":1,"total":3}}}'
            echo '{"Progress":{"Reading":{"done":2,"total":3}}}'
            kill -SEGV $$ ;;
        esac ;;
    *'"Process"'*seen.pdf*)
        # Dies after the reading, unless it is not to look at the page.
        case $line in *'"not_looked_at":null'*)
            echo '{"Progress":{"Reading":{"done":1,"total":1}}}'
            kill -SEGV $$ ;;
        esac ;;
    *'"Process"'*cut.pdf*) truncate -s 100 in/cut.pdf ;;
    *'"Process"'*gone.pdf*) rm in/gone.pdf ;;
    esac
    printf '%s\n' "$line" >&"${W[1]}"
    while read -r reply <&"${W[0]}"; do
        printf '%s\n' "$reply"
        case $reply in *'"Outcome"'*) break ;; esac
    done
done
"#;

fn supervisor(corpus: &Corpus) -> Supervisor {
    let here = corpus.sandbox.path("");
    Supervisor::new(SupervisorOptions {
        program: "bash".into(),
        arguments: vec![
            "-c".into(),
            format!("cd '{}'\n{PROXY}", here.display()).into(),
            env!("CARGO_BIN_EXE_docalign").into(),
        ],
        time_limit: Duration::from_secs(20),
        silence_limit: Duration::from_secs(2),
        memory_mib: 512,
        show_stderr: false,
        max_jobs: 7,
        stop: Stop::default(),
    })
}

fn template() -> Job {
    Job {
        tag: "test".to_owned(),
        input: "".into(),
        password: String::new(),
        pages: None,
        ignore_annotations: false,
        blind: false,
        min_probability: 0.5,
        chunk_tokens: 512,
        max_input_bytes: 1 << 20,
        format: Format::Json,
        output: JobOutput::File("".into()),
        table: None,
    }
}

fn run(corpus: &Corpus) -> Summary {
    let mut inputs = Inputs::default();
    inputs.add(&corpus.sandbox.path("in"), Separator::Line);
    let options = CorpusOptions {
        folder: corpus.out(),
        shard: Shard::WHOLE,
        doubts: Doubts::default(),
        formats: Formats {
            json: true,
            parquet: true,
            crops: None,
        },
        job: template(),
        looks: true,
        generator: serde_json::Value::Null,
    };
    let supervisors = vec![supervisor(corpus), supervisor(corpus)];
    corpus::run(inputs, &options, supervisors, &Stop::default(), &|_| ()).unwrap()
}

/// Three pages with a paragraph each.
fn three_pages() -> Vec<u8> {
    let mut pdf = Pdf::one_page();
    pdf.set(2, "<</Type/Pages/Kids[3 0 R 10 0 R 11 0 R]/Count 3>>");
    for number in [10, 11] {
        pdf.set(
            number,
            format!(
                "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]\
                 /Resources<</Font<</F1 5 0 R>>>>/Contents {} 0 R>>",
                number + 10
            ),
        );
        let text = format!("BT /F1 12 Tf 72 700 Td (Page {number}.) Tj ET");
        pdf.set(number + 10, stream("", text.as_bytes()));
    }
    pdf.bytes()
}

#[test]
fn good_files_are_done_among_workers_that_misbehave() {
    let corpus = Corpus::of(20);
    for (number, name) in ["abort", "killed", "hang", "cut", "gone", "seen"]
        .iter()
        .enumerate()
    {
        corpus.add(&format!("{name}.pdf"), &small(100 + number));
    }
    corpus.add("later.pdf", &three_pages());
    let summary = run(&corpus);
    assert!(summary.broken_off.is_none(), "{summary:?}");
    assert_eq!(summary.left, 0);
    let outcomes = corpus.outcomes();
    let odd: Vec<(&str, Status, &str)> = outcomes
        .iter()
        .filter(|(_, record)| record.status != Status::Done)
        .map(|(name, record)| (name.as_str(), record.status, code(record)))
        .collect();
    let expected = [
        ("abort.pdf", Status::Failed, "crash"),
        ("cut.pdf", Status::Failed, "input-changed"),
        ("gone.pdf", Status::Failed, "input-failed"),
        ("hang.pdf", Status::Failed, "no-progress"),
        ("later.pdf", Status::Partial, "crash"),
        ("seen.pdf", Status::Partial, "crash"),
    ];
    assert_eq!(odd, expected);
    assert_eq!(outcomes.len(), 27);
    let seen = outcomes["seen.pdf"].output.as_ref().unwrap();
    let text = fs::read_to_string(corpus.out().join(&seen.name)).unwrap();
    assert!(text.contains("\"not-looked-at\""), "{text}");
    let later = &outcomes["later.pdf"];
    assert_eq!((later.pages, later.page_count), (2, 3));
    let page = later.cause.as_ref().and_then(|cause| cause.page);
    assert_eq!(page.map(|page| page.number()), Some(3));
    let output = corpus.out().join(&later.output.as_ref().unwrap().name);
    let text = fs::read_to_string(output).unwrap();
    assert!(
        text.contains("only the first 2 of 3 pages were read"),
        "{text}"
    );
}

#[test]
fn memory_is_limited_for_each_file() {
    let corpus = Corpus::of(6);
    // Ten strings of 20 MB each, all of which a document holds.
    let text = format!("BT /F1 12 Tf ({}) Tj ET", "x".repeat(20 << 20));
    corpus.add(
        "0002 large.pdf",
        &Pdf::with_content(text.as_bytes()).bytes(),
    );
    let run = corpus.run(&["--memory", "128"]);
    let outcomes = corpus.outcomes();
    assert_eq!(outcomes.len(), 7);
    for (name, record) in &outcomes {
        if name == "0002 large.pdf" {
            // Reading within budgets is as good as a clear end.
            assert!(
                ["", "unreadable", "out-of-memory"].contains(&code(record)),
                "{record:?}"
            );
        } else {
            assert_eq!(record.status, Status::Done, "{}", run.stderr);
        }
    }
}

/// Every hostile file there is, among good ones.
#[test]
fn attacks_do_no_harm_to_others() {
    let corpus = Corpus::of(10);
    let mut number = 0;
    for group in attacks::ALL {
        group(&mut |_, bytes| {
            number += 1;
            corpus.add(&format!("0005 attack {number}.pdf"), bytes);
        });
    }
    let arguments = ["--workers", "2", "--memory", "1024", "--timeout", "20"];
    let mut command = corpus.command(&arguments);
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let peak = attacks::peak_memory_kib(&mut child, Duration::from_secs(300));
    let run = Run::from(child.wait_with_output().unwrap());
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(peak < attacks::MEMORY_LIMIT_KIB, "a worker took {peak} KiB");
    let outcomes = corpus.outcomes();
    assert_eq!(outcomes.len(), 10 + number);
    for (name, record) in &outcomes {
        if !name.contains("attack") {
            assert_eq!(record.status, Status::Done, "{name}: {record:?}");
        }
        // A hostile file may end its worker; its limits are what it meets first.
        assert_ne!(code(record), "killed", "{name}: {record:?}");
    }
}

#[test]
fn a_confined_worker_writes_nowhere_else() {
    let corpus = Corpus::of(1);
    let allowed = corpus.sandbox.path("allowed");
    fs::create_dir(&allowed).unwrap();
    let mut supervisor = Supervisor::new(SupervisorOptions {
        program: env!("CARGO_BIN_EXE_docalign").into(),
        arguments: vec![
            "worker".into(),
            "--memory=256".into(),
            "--threads=1".into(),
            "--confine".into(),
            allowed.clone().into(),
        ],
        time_limit: Duration::from_secs(20),
        silence_limit: Duration::from_secs(20),
        memory_mib: 256,
        show_stderr: false,
        max_jobs: 9,
        stop: Stop::default(),
    });
    let job = |folder: &std::path::Path| Job {
        input: corpus.sandbox.path("in/0000.pdf"),
        output: JobOutput::Temporary(folder.to_path_buf()),
        ..template()
    };
    supervisor.run(&job(&allowed), &mut |_| ()).unwrap();
    let gaps = supervisor
        .gaps()
        .expect("the worker says what it could not forbid");
    if gaps.files {
        eprintln!("skipped: this system has no Landlock");
        return;
    }
    let elsewhere = corpus.sandbox.path("in");
    let failure = supervisor.run(&job(&elsewhere), &mut |_| ()).unwrap_err();
    assert_eq!(failure.code.name(), "output-failed", "{failure}");
    assert!(failure.message.contains("permission denied"), "{failure}");
}
