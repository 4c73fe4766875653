//! `docalign find`.

use serde_json::Value;

use crate::support::program::Sandbox;

const THESIS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/thesis/thesis.pdf");
const ALIGNED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/thesis/output.json");

/// The answers that a question gets, as they are printed for programs.
fn answers(arguments: &[&str]) -> Vec<Value> {
    let run = Sandbox::new().run(["find", "--format", "json"].iter().chain(arguments));
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let lines = run.stdout.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn ids(answers: &[Value]) -> Vec<&str> {
    answers
        .iter()
        .map(|answer| answer["id"].as_str().unwrap())
        .collect()
}

#[test]
fn a_question_finds_its_figure() {
    let found = answers(&[
        ALIGNED,
        "directions of the echoes that come first",
        "--only",
        "visuals",
    ]);
    assert_eq!(found[0]["label"], "Figure 3.2", "{found:?}");
    let scores: Vec<f64> = found
        .iter()
        .map(|answer| answer["score"].as_f64().unwrap())
        .collect();
    assert!(scores.is_sorted_by(|a, b| a >= b), "{scores:?}");
}

#[test]
fn a_pdf_answers_like_its_alignment_file() {
    let question = "which microphone was used?";
    let of_pdf = answers(&[THESIS, question, "--top", "3"]);
    let of_file = answers(&[ALIGNED, question, "--top", "3"]);
    assert_eq!(of_pdf.len(), 3);
    assert_eq!(of_pdf[0]["id"], of_file[0]["id"]);
}

#[test]
fn likeness_leads_from_one_kind_to_the_other() {
    let texts = answers(&[ALIGNED, "--like", "v6"]);
    assert!(
        ids(&texts).iter().all(|id| id.starts_with('p')),
        "{texts:?}"
    );
    let back = answers(&[ALIGNED, "--like", ids(&texts)[0], "--top", "2"]);
    assert!(ids(&back).contains(&"v6"), "{back:?}");
}

#[test]
fn folders_are_searched_as_one() {
    let sandbox = Sandbox::with("a.docalign.json", std::fs::read(ALIGNED).unwrap());
    sandbox.write("run.json", "{}");
    let run = sandbox.run(["find", ".", "sound in a long room"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stdout.contains("page "), "{}", run.stdout);
    std::fs::remove_file(sandbox.path("a.docalign.json")).unwrap();
    let run = sandbox.run(["find", ".", "sound"]);
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("no alignment files"), "{}", run.stderr);
}

#[test]
fn unknown_ids_and_damaged_files_are_named() {
    let run = Sandbox::new().run(["find", ALIGNED, "--like", "v999"]);
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("v999"), "{}", run.stderr);
    let sandbox = Sandbox::with("broken.json", "{\"schema\": 1");
    let run = sandbox.run(["find", "broken.json", "pumps"]);
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("broken.json"), "{}", run.stderr);
}
