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
    assert_eq!(report["schema"], "docalign-eval/2");
    assert!(
        report["documents"][0]["modes"][0]["pairs"]
            .as_array()
            .unwrap()
            .len()
            >= 2
    );
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
    let run = succeed(
        &sandbox,
        &[
            "eval", "score", "gold", "found", "--name", "ours", "-o", "score",
        ],
    );
    assert!(run.stdout.contains("pairs linked"), "{}", run.stdout);
    let (own, scored) = (
        report(&sandbox, "report/report.json"),
        report(&sandbox, "score/report.json"),
    );
    let tally = |report: &serde_json::Value| report["systems"][0]["totals"][0]["tally"].clone();
    assert!(tally(&own)["pairs"].as_u64().unwrap() > 0);
    assert_eq!(tally(&own), tally(&scored));
    // The alignment file rounds probabilities.
    let bins = |report: &serde_json::Value| {
        let bins = report["systems"][0]["reliability"]["bins"].as_array();
        let numbers = |bin: &serde_json::Value| {
            let number = |key: &str| bin[key].as_f64().unwrap();
            (number("links"), number("right"), number("sum"))
        };
        bins.unwrap().iter().map(numbers).collect::<Vec<_>>()
    };
    for (own, scored) in bins(&own).into_iter().zip(bins(&scored)) {
        assert_eq!((own.0, own.1), (scored.0, scored.1));
        assert!((own.2 - scored.2).abs() < 1e-3 * own.0.max(1.0));
    }
    assert_eq!(scored["systems"][0]["name"], "ours");
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
    let verdict = &mut after["documents"][0]["modes"][0]["systems"][0]["verdicts"][0];
    verdict["outcome"] = "no-link".into();
    verdict["rank"] = 9.into();
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

/// A document that cannot be read is an error for as many links as the list expects; with gold of
/// its own, for those. The others are evaluated all the same.
#[test]
fn a_failed_document_counts_as_errors() {
    let sandbox = sandbox();
    sandbox.write("broken.pdf", "%PDF-1.4 and no more");
    let sha256 = docalign::evaluate::sha256_of_file(&sandbox.path("broken.pdf")).unwrap();
    sandbox.write(
        "list.tsv",
        format!(
            "package\tsha256\tlanguage\tgenre\tpages\tfigure_links\ttable_links\n\
             p\t{sha256}\tde\tbook\t40\t3\t4\n"
        ),
    );
    let arguments = [
        "eval",
        ".",
        "--list",
        "list.tsv",
        "--mode",
        "blind",
        "-o",
        "report",
        "--timeout",
        "100",
    ];
    let run = sandbox.run(arguments);
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("broken.pdf: "), "{}", run.stderr);
    let written = report(&sandbox, "report/report.json");
    let documents = written["documents"].as_array().unwrap();
    assert_eq!(documents[0]["language"], "de");
    assert!(documents[0]["error"].is_string());
    let read = documents[1]["modes"][0]["pairs"].as_array().unwrap().len() as u64;
    assert!(read > 0 && documents[1]["error"].is_null());
    for system in written["systems"].as_array().unwrap() {
        let tally = &system["totals"][0]["tally"];
        assert_eq!(
            tally["pairs"].as_u64(),
            Some(read + 7),
            "{}",
            system["name"]
        );
        assert_eq!(tally["causes"]["document-failed"], 7, "{}", system["name"]);
    }
}

/// The hand-checked gold, with exact counts: pairs, linked, errors.
#[test]
fn gold_files_take_the_place_of_annotations() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sandbox = Sandbox::new();
    let [fixtures, gold] =
        ["fixtures", "eval/gold"].map(|folder| root.join(folder).into_os_string());
    let run = sandbox.run([
        "eval".as_ref(),
        fixtures.as_os_str(),
        "--gold".as_ref(),
        gold.as_os_str(),
        "--mode".as_ref(),
        "open".as_ref(),
        "-o".as_ref(),
        "report".as_ref(),
    ]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let written = report(&sandbox, "report/report.json");
    let counts: Vec<(&str, usize, usize, usize)> = written["documents"]
        .as_array()
        .unwrap()
        .iter()
        .map(|document| {
            let result = &document["modes"][0];
            let pairs = result["pairs"].as_array().unwrap();
            let verdicts = result["systems"][0]["verdicts"].as_array().unwrap();
            let linked = verdicts.iter().filter(|v| v["outcome"] == "linked").count();
            let wrong = verdicts.iter().zip(pairs).filter(|(verdict, pair)| {
                verdict["rank"]
                    .as_u64()
                    .is_none_or(|rank| rank > pair["k"].as_u64().unwrap())
            });
            let name = document["file_name"].as_str().unwrap();
            (name, pairs.len(), linked, wrong.count())
        })
        .collect();
    let expected = [
        ("article.pdf", 6, 5, 0),
        ("continued.pdf", 5, 5, 0),
        ("desk.pdf", 4, 4, 0),
        ("german.pdf", 7, 6, 0),
        ("manual.pdf", 4, 4, 0),
        ("margin.pdf", 2, 2, 0),
        ("subfigures.pdf", 7, 7, 0),
        ("thesis.pdf", 30, 27, 0),
    ];
    assert_eq!(counts, expected);
    // Gold of a document that is not there is wrong throughout.
    let run = sandbox.run([
        "eval".as_ref(),
        root.join("fixtures/desk").as_os_str(),
        "--gold".as_ref(),
        gold.as_os_str(),
        "--mode".as_ref(),
        "open".as_ref(),
        "-o".as_ref(),
        "part".as_ref(),
    ]);
    assert_eq!(run.code, Some(1));
    assert!(
        run.stderr
            .contains("manual.pdf: the document is not in the corpus"),
        "{}",
        run.stderr
    );
    let tally = &report(&sandbox, "part/report.json")["systems"][0]["totals"][0]["tally"];
    // Without paragraphs, links to one visual on one page are one pair: 55 of the 61 are left.
    assert_eq!(tally["pairs"], 59);
    assert_eq!(tally["causes"]["document-failed"], 55);
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
