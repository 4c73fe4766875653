//! Flags, names of outputs, exit codes.

use std::process::Stdio;

use crate::support::{
    pdf::Pdf,
    program::{Run, Sandbox},
};

fn hello() -> Sandbox {
    Sandbox::with("hello.pdf", Pdf::one_page().bytes())
}

fn schema_validator(sandbox: &Sandbox) -> jsonschema::Validator {
    let schema = sandbox.run(["schema"]);
    assert_eq!(schema.code, Some(0));
    let schema = serde_json::from_str(&schema.stdout).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

#[test]
fn by_default_a_table_and_a_json_file_beside_the_input() {
    let sandbox = hello();
    let run = sandbox.run(["hello.pdf"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    assert!(run.stdout.contains("1 page"), "{}", run.stdout);
    assert_eq!(sandbox.files(), ["hello.docalign.json", "hello.pdf"]);
    let file: serde_json::Value =
        serde_json::from_str(&sandbox.read("hello.docalign.json")).unwrap();
    assert_eq!(file["document"]["file_name"], "hello.pdf");
    assert_eq!(file["document"]["page_count"], 1);
    let errors: Vec<String> = schema_validator(&sandbox)
        .iter_errors(&file)
        .map(|e| e.to_string())
        .collect();
    assert_eq!(errors, [""; 0]);
}

/// For the gate, which names the file that the README's first command wrote.
#[test]
#[ignore = "needs a file, named by ALIGNMENT_FILE"]
fn a_file_follows_the_schema() {
    let name = std::env::var("ALIGNMENT_FILE").expect("ALIGNMENT_FILE names a file");
    let file = serde_json::from_str(&std::fs::read_to_string(name).unwrap()).unwrap();
    let errors: Vec<String> = schema_validator(&Sandbox::new())
        .iter_errors(&file)
        .map(|e| e.to_string())
        .collect();
    assert_eq!(errors, [""; 0]);
}

#[test]
fn the_schema_refuses_what_is_no_alignment() {
    let sandbox = Sandbox::new();
    let validator = schema_validator(&sandbox);
    assert!(!validator.is_valid(&serde_json::json!({"schema": "docalign/1"})));
}

#[test]
fn dash_is_standard_output_and_nothing_else_is_written() {
    let sandbox = hello();
    let run = sandbox.run(["hello.pdf", "-o", "-"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let file: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(file["schema"], "docalign/1");
    assert_eq!(sandbox.files(), ["hello.pdf"]);
}

#[test]
fn align_may_be_said() {
    let sandbox = hello();
    let short = sandbox.run(["hello.pdf", "-o", "-"]);
    let long = sandbox.run(["align", "hello.pdf", "-o", "-"]);
    assert_eq!(long.code, Some(0));
    assert_eq!(long.stdout, short.stdout);
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let sandbox = hello();
    let one = sandbox.run(["hello.pdf", "-o", "-", "--threads", "1"]);
    let many = sandbox.run(["hello.pdf", "-o", "-", "--threads", "40"]);
    assert_eq!((one.code, many.code), (Some(0), Some(0)), "{}", many.stderr);
    assert_eq!(one.stdout, many.stdout);
}

#[test]
fn several_inputs_go_into_a_directory_and_one_failure_does_not_stop_them() {
    let sandbox = hello();
    sandbox.write("second.pdf", Pdf::one_page().bytes());
    sandbox.write("bad.pdf", "no");
    std::fs::create_dir(sandbox.path("out")).unwrap();
    let run = sandbox.run(["hello.pdf", "bad.pdf", "second.pdf", "-o", "out", "-q"]);
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.starts_with("docalign: bad.pdf: not a PDF"));
    assert_eq!(run.stderr.lines().count(), 1);
    assert_eq!(run.stdout, "");
    assert!(sandbox.path("out/hello.docalign.json").exists());
    assert!(sandbox.path("out/second.docalign.json").exists());
    assert!(!sandbox.path("out/bad.docalign.json").exists());
}

#[test]
fn wrong_usage_is_told_apart() {
    let cases: &[&[&str]] = &[
        &[],
        &["hello.pdf", "--pages", "0"],
        &["hello.pdf", "--pages", "9-3"],
        &["hello.pdf", "--min-probability", "2"],
        &["hello.pdf", "--format", "docx"],
        &["hello.pdf", "--threads", "0"],
        &["hello.pdf", "-q", "-v"],
        &["hello.pdf", "hello.pdf"],
        &["hello.pdf", "second.pdf", "-o", "one.json"],
        &["hello.pdf", "--password-file", "missing.txt"],
        &["-v", "align", "hello.pdf"],
    ];
    let sandbox = hello();
    for arguments in cases {
        let run = sandbox.run(*arguments);
        assert_eq!(run.code, Some(2), "{arguments:?}: {}", run.stderr);
        assert!(!run.stderr.is_empty());
    }
    assert_eq!(sandbox.files(), ["hello.pdf"]);
}

#[test]
fn weights_that_cannot_be_used_are_named() {
    let sandbox = hello();
    std::fs::write(sandbox.path("bad.onnx"), "no network").unwrap();
    for (file, cause) in [
        ("bad.onnx", "cannot be read"),
        ("none.onnx", "no such file"),
    ] {
        let run = sandbox.run(["hello.pdf", "--aligner", file]);
        assert_eq!(run.code, Some(2), "{}", run.stderr);
        let named = run.stderr.contains(file) && run.stderr.contains(cause);
        assert!(named, "{}", run.stderr);
    }
    assert_eq!(sandbox.files(), ["bad.onnx", "hello.pdf"]);
}

#[test]
fn a_closed_reader_is_no_failure() {
    let sandbox = hello();
    for arguments in [
        &["hello.pdf", "-o", "-"][..],
        &["hello.pdf"],
        &["schema"],
        &["completions", "zsh"],
        &["--help"],
    ] {
        let mut child = sandbox
            .command(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let run = Run::from(child.wait_with_output().unwrap());
        assert_eq!(
            (run.code, run.stderr.as_str()),
            (Some(0), ""),
            "{arguments:?}"
        );
    }
}

#[test]
fn color_only_where_wanted() {
    let sandbox = hello();
    let escape = |run: Run| run.stdout.contains('\u{1b}');
    assert!(!escape(sandbox.run(["hello.pdf"])));
    assert!(escape(sandbox.run(["hello.pdf", "--color", "always"])));
    let always = sandbox
        .command(["hello.pdf", "--color", "never"])
        .env("CLICOLOR_FORCE", "1")
        .output();
    assert!(!escape(Run::from(always.unwrap())));
}

#[test]
fn the_log_is_for_the_curious() {
    let sandbox = hello();
    let run = sandbox.run(["hello.pdf", "-v"]);
    assert_eq!(run.code, Some(0));
    assert!(run.stderr.contains("aligned"), "{}", run.stderr);
}

#[test]
fn help_and_completions() {
    let sandbox = Sandbox::new();
    let help = sandbox.run(["--help"]);
    assert!(help.stdout.contains("Examples:"));
    assert!(!help.stdout.contains("worker"));
    let script = sandbox.run(["completions", "bash"]);
    assert!(script.stdout.contains("--min-probability"));
}
