//! `docalign find`.

use serde_json::Value;

use crate::support::{
    onnx,
    program::{Sandbox, json_lines},
};

const THESIS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/thesis/thesis.pdf");
const ALIGNED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/thesis/output.json");

/// The answers that a question gets, as they are printed for programs.
fn answers(arguments: &[&str]) -> Vec<Value> {
    json_lines("find", arguments)
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

/// A folder with an encoder to which "auditorium" and "hall" are one word, and all others nothing.
fn with_encoder() -> Sandbox {
    let table: Vec<f32> = vec![0.0, 0.0, 1.0, 0.0, 1.0, 0.0];
    let tokenizer = serde_json::json!({
        "normalizer": {"type": "Lowercase"},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "model": {
            "type": "WordPiece", "vocab": {"[UNK]": 0, "auditorium": 1, "hall": 2},
            "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
        },
    });
    let sandbox = Sandbox::with("encoder.onnx", onnx::table_of_tokens(&table, 2));
    sandbox.write("tokenizer.json", tokenizer.to_string());
    sandbox
}

/// What `find` prints first, in a sandbox.
fn first(sandbox: &Sandbox, flags: &[&str]) -> Value {
    let arguments = [
        "find",
        ALIGNED,
        "auditorium",
        "--format",
        "json",
        "--top",
        "1",
    ];
    let run = sandbox.run(arguments.iter().chain(flags));
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    serde_json::from_str(&run.stdout).unwrap()
}

#[test]
fn an_encoder_finds_answers_in_other_words() {
    let sandbox = with_encoder();
    let encoder = ["--encoder", "encoder.onnx"];
    let found = first(&sandbox, &encoder);
    let text = found["text"].as_str().unwrap().to_lowercase();
    assert!(text.contains("hall"), "{found}");
    assert!(found["score"].as_f64() > first(&sandbox, &[])["score"].as_f64());

    let run = sandbox.run([
        "embed",
        ALIGNED,
        "-o",
        "all.parquet",
        "--encoder",
        "encoder.onnx",
    ]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(
        run.stderr.contains("vectors in all.parquet"),
        "{}",
        run.stderr
    );
    let again = first(
        &sandbox,
        &[&encoder[..], &["--embeddings", "all.parquet"]].concat(),
    );
    assert_eq!(again, found);
}

#[test]
fn an_encoder_that_cannot_be_used_is_named_with_the_cause() {
    let refused = |sandbox: &Sandbox, flags: &[&str]| {
        let run = sandbox.run(["find", ALIGNED, "hall"].iter().chain(flags));
        assert_ne!(run.code, Some(0));
        run.stderr
    };
    let encoder = ["--encoder", "encoder.onnx"];
    let sandbox = with_encoder();
    sandbox.write("bad.parquet", "no table");
    let stderr = refused(
        &sandbox,
        &[&encoder[..], &["--embeddings", "bad.parquet"]].concat(),
    );
    assert!(stderr.contains("bad.parquet"), "{stderr}");
    let stderr = refused(&sandbox, &["--embeddings", "bad.parquet"]);
    assert!(stderr.contains("--encoder"), "{stderr}");
    std::fs::remove_file(sandbox.path("tokenizer.json")).unwrap();
    let stderr = refused(&sandbox, &encoder);
    assert!(
        stderr.contains("cannot use the encoder encoder.onnx: tokenizer.json: no such file"),
        "{stderr}"
    );
}
