//! `docalign eval` and its subcommands, on a fixture with links of its own.

use std::path::Path;

use crate::support::program::{Run, Sandbox};

/// A sandbox with a document whose references are links.
fn sandbox() -> Sandbox {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/thesis/thesis.pdf");
    Sandbox::with("thesis.pdf", std::fs::read(fixture).unwrap())
}

fn succeed(sandbox: &Sandbox, arguments: &[&str]) -> Run {
    let run = sandbox.run(arguments.iter().copied());
    assert_eq!(
        (run.code, run.stderr.as_str()),
        (Some(0), ""),
        "{arguments:?}"
    );
    run
}

fn report(sandbox: &Sandbox, name: &str) -> serde_json::Value {
    serde_json::from_str(&sandbox.read(name)).unwrap()
}

#[test]
fn a_report_has_its_three_files() {
    let sandbox = sandbox();
    let run = succeed(&sandbox, &["eval", "thesis.pdf", "-o", "report"]);
    assert!(
        run.stdout.starts_with("open, all documents: "),
        "{}",
        run.stdout
    );
    let report = report(&sandbox, "report/report.json");
    assert_eq!(report["schema"], "docalign-eval/1");
    assert!(report["documents"][0]["pairs"].as_array().unwrap().len() >= 2);
    assert!(
        sandbox
            .read("report/report.md")
            .starts_with("# Association")
    );
    let html = sandbox.read("report/report.html");
    assert!(html.contains("<svg class=\"chart\""));
    assert!(
        !html.contains("data:image/"),
        "pictures only when asked for"
    );
}

/// The program's own alignment file is scored as the program is.
#[test]
fn score_agrees_with_eval() {
    let sandbox = sandbox();
    succeed(&sandbox, &["eval", "thesis.pdf", "-o", "report"]);
    for folder in ["gold", "found"] {
        std::fs::create_dir(sandbox.path(folder)).unwrap();
    }
    succeed(&sandbox, &["gold", "thesis.pdf", "-o", "gold/thesis.json"]);
    let align = [
        "thesis.pdf",
        "--ignore-annotations",
        "--min-probability",
        "0",
    ];
    succeed(
        &sandbox,
        &[&align[..], &["--format", "json", "-o", "found/a.json"]].concat(),
    );
    let run = succeed(&sandbox, &["eval", "score", "gold", "found", "-o", "score"]);
    assert!(run.stdout.contains("pairs linked"), "{}", run.stdout);
    let (own, scored) = (
        report(&sandbox, "report/report.json"),
        report(&sandbox, "score/report.json"),
    );
    assert!(own["totals"][0]["tally"]["pairs"].as_u64().unwrap() > 0);
    assert_eq!(own["totals"][0]["tally"], scored["totals"][0]["tally"]);
}

#[test]
fn compare_names_what_changed() {
    let sandbox = sandbox();
    succeed(&sandbox, &["eval", "thesis.pdf", "-o", "before"]);
    let same = succeed(
        &sandbox,
        &["eval", "compare", "before", "before/report.json"],
    );
    assert!(
        same.stdout.contains("Pairs: 0 better, 0 worse"),
        "{}",
        same.stdout
    );
    let mut after = report(&sandbox, "before/report.json");
    after["documents"][0]["pairs"][0]["outcome"] = "no-link".into();
    after["documents"][0]["pairs"][0]["in_top_k"] = false.into();
    std::fs::write(sandbox.path("after.json"), after.to_string()).unwrap();
    let worse = succeed(&sandbox, &["eval", "compare", "before", "after.json"]);
    assert!(
        worse.stdout.contains("Pairs: 0 better, 1 worse"),
        "{}",
        worse.stdout
    );
    assert!(
        worse.stdout.contains("linked -> no-link"),
        "{}",
        worse.stdout
    );
    // Another sort of JSON is refused.
    std::fs::write(sandbox.path("other.json"), "{}").unwrap();
    let refused = sandbox.run(["eval", "compare", "before", "other.json"]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("other.json"), "{}", refused.stderr);
}

#[test]
fn wrong_flags_are_named() {
    let sandbox = sandbox();
    for (arguments, message) in [
        (&["eval"][..], "required"),
        (&["eval", "thesis.pdf"], "--output"),
        (
            &["eval", "thesis.pdf", "-o", "r", "--split", "test"],
            "--list",
        ),
        (&["eval", "compare", "one"], "AFTER"),
    ] {
        let run = sandbox.run(arguments.iter().copied());
        assert_eq!(run.code, Some(2), "{arguments:?}");
        assert!(
            run.stderr.contains(message),
            "{arguments:?}: {}",
            run.stderr
        );
    }
}
