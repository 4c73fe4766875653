//! The supervisor with workers that misbehave: shell scripts in the place of the real one.
#![cfg(unix)]

use std::time::{Duration, Instant};

use docalign::{
    evaluate::Mode,
    output::Format,
    worker::{
        EvaluateJob, FailureCode, InputFile, Job, JobOutput, Outcome, Progress, Stop, Supervisor,
        SupervisorOptions,
    },
};

use crate::support::program::Sandbox;

fn supervisor(script: &str) -> Supervisor {
    Supervisor::new(SupervisorOptions {
        program: "sh".into(),
        arguments: vec!["-c".into(), script.into()],
        time_limit: Duration::from_millis(1500),
        silence_limit: Duration::from_millis(700),
        memory_mib: 99,
        show_stderr: false,
        max_jobs: 99,
        stop: Stop::default(),
    })
}

fn job(sandbox: &Sandbox) -> Job {
    Job {
        tag: "tag".to_owned(),
        input: sandbox.path("in.pdf"),
        password: String::new(),
        pages: None,
        ignore_annotations: false,
        blind: false,
        min_probability: 0.5,
        chunk_tokens: 512,
        max_input_bytes: 1000,
        format: Format::Json,
        output: JobOutput::File(sandbox.path("out.json")),
        table: None,
    }
}

fn code(outcome: &Outcome) -> FailureCode {
    outcome.as_ref().unwrap_err().code
}

const SAY_PROGRESS: &str = r#"echo '{"Progress":{"Reading":{"done":1,"total":9}}}'"#;
const SAY_FAILURE: &str = r#"echo '{"Outcome":{"Err":{"code":"not-a-pdf","message":"no"}}}'"#;

#[test]
fn what_a_worker_says_arrives() {
    let sandbox = Sandbox::new();
    let mut heard = Vec::new();
    let outcome = supervisor(&format!(
        "read job; {SAY_PROGRESS}; {SAY_FAILURE}; read end"
    ))
    .run(&job(&sandbox), &mut |progress| heard.push(progress));
    assert_eq!(heard, [Progress::Reading { done: 1, total: 9 }]);
    assert_eq!(code(&outcome), FailureCode::NotAPdf);
}

#[test]
fn a_worker_is_used_again_and_a_dead_one_replaced() {
    let sandbox = Sandbox::new();
    // Counts its jobs in a file; dies at the third.
    let script = format!(
        "while read job; do echo $$ >> '{}'; test $(wc -l < '{0}') = 3 && exit 3; {SAY_FAILURE}; done",
        sandbox.path("pids").display()
    );
    let mut supervisor = supervisor(&script);
    let codes: Vec<FailureCode> = (0..4)
        .map(|_| code(&supervisor.run(&job(&sandbox), &mut |_| ())))
        .collect();
    let no = FailureCode::NotAPdf;
    assert_eq!(codes, [no, no, FailureCode::Crash, no]);
    let pids = sandbox.read("pids");
    let pids: Vec<&str> = pids.lines().collect();
    assert_eq!(pids[0], pids[2]);
    assert_ne!(pids[0], pids[3]);
}

#[test]
fn memory_that_earlier_jobs_left_full_is_no_failure_of_the_next() {
    let sandbox = Sandbox::new();
    // A fresh worker does one job and has no memory for a second.
    let script = format!(
        "read job; {SAY_FAILURE}; read job; echo 'memory allocation of 9 bytes failed' >&2; exit 1"
    );
    let mut supervisor = supervisor(&script);
    for _ in 0..3 {
        let outcome = supervisor.run(&job(&sandbox), &mut |_| ());
        assert_eq!(code(&outcome), FailureCode::NotAPdf);
    }
}

/// What is to be evaluated fails as what is to be aligned, and says so instead of ending the run.
#[test]
fn deaths_in_an_evaluation_are_failures() {
    let sandbox = Sandbox::new();
    let input = InputFile {
        path: sandbox.path("in.pdf"),
        password: String::new(),
        max_bytes: 1000,
    };
    let job = EvaluateJob {
        input: input.clone(),
        gold: None,
        modes: vec![Mode::Open],
    };
    let cases = [
        ("kill -SEGV $$", FailureCode::Crash),
        ("sleep 30", FailureCode::NoProgress),
        (SAY_FAILURE, FailureCode::NotAPdf),
        // The answer to another question.
        (
            r#"echo '{"Outcome":{"Ok":{"Aligned":{"written":{"Unix":[97]},"pages":1,"warnings":0,"table":null}}}}'"#,
            FailureCode::Crash,
        ),
    ];
    for (script, expected) in cases {
        let mut supervisor = supervisor(&format!("read job; {script}; read end"));
        let outcome = supervisor.evaluate(job.clone());
        assert_eq!(outcome.unwrap_err().code, expected, "{script}");
        let gold = supervisor.read_gold(input.clone());
        assert!(gold.is_err(), "{script}");
    }
}

#[test]
fn deaths_are_failures_and_leftovers_go() {
    let cases = [
        ("read job; kill -9 $$", FailureCode::Killed),
        ("read job; kill -SEGV $$", FailureCode::Crash),
        ("read job; exit 0", FailureCode::Crash),
        ("read job; echo nonsense; read end", FailureCode::Crash),
        ("exit 7", FailureCode::Crash),
        ("read job; sleep 30", FailureCode::NoProgress),
        (
            "read job; while :; do echo '{\"Progress\":\"Writing\"}'; sleep 0.1; done",
            FailureCode::Timeout,
        ),
    ];
    for (script, expected) in cases {
        let sandbox = Sandbox::new();
        sandbox.write(".docalign-tag-123.tmp", "half");
        sandbox.write(".docalign-other-123.tmp", "another's");
        let start = Instant::now();
        let outcome = supervisor(script).run(&job(&sandbox), &mut |_| ());
        assert_eq!(code(&outcome), expected, "{script}: {outcome:?}");
        assert!(start.elapsed() < Duration::from_secs(10), "{script}");
        assert_eq!(sandbox.files(), [".docalign-other-123.tmp"], "{script}");
    }
}

#[test]
fn a_program_that_cannot_start_is_a_failure() {
    let sandbox = Sandbox::new();
    let mut supervisor = Supervisor::new(SupervisorOptions {
        program: sandbox.path("missing"),
        arguments: Vec::new(),
        time_limit: Duration::from_secs(1),
        silence_limit: Duration::from_secs(1),
        memory_mib: 1,
        show_stderr: false,
        max_jobs: 99,
        stop: Stop::default(),
    });
    let outcome = supervisor.run(&job(&sandbox), &mut |_| ());
    assert_eq!(code(&outcome), FailureCode::Crash);
}
