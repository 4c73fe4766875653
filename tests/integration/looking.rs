//! Page images: which pages are looked at, what is shown of it, and detectors of others.

use serde_json::Value;

use crate::support::program::{Run, Sandbox};

fn fixture(name: &str) -> Sandbox {
    let path = format!("{}/fixtures/{name}/{name}.pdf", env!("CARGO_MANIFEST_DIR"));
    Sandbox::with("in.pdf", std::fs::read(path).unwrap())
}

/// The alignment file that a run with these flags prints.
fn aligned(sandbox: &Sandbox, flags: &[&str]) -> Value {
    let arguments = ["in.pdf", "-o", "-"].iter().chain(flags);
    let run = sandbox.run(arguments);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    serde_json::from_str(&run.stdout).unwrap()
}

/// How many objects are listed for each page; `None` where none are.
fn objects(file: &Value) -> Vec<Option<usize>> {
    let pages = file["pages"].as_array().unwrap();
    pages
        .iter()
        .map(|page| Some(page.get("objects")?.as_array().unwrap().len()))
        .collect()
}

#[test]
fn the_chart_of_a_scan_is_found_on_its_image() {
    let sandbox = fixture("scan");
    let file = aligned(&sandbox, &[]);
    let visuals = file["visuals"].as_array().unwrap();
    assert_eq!(visuals.len(), 1);
    assert_eq!(visuals[0]["sources"], serde_json::json!(["detector"]));
    assert_eq!(file["generator"]["options"]["detect"], "auto");
    let hash = file["generator"]["models"]["detector"].as_str().unwrap();
    assert_eq!(hash.len(), 16);
    assert_eq!(objects(&file), [None], "nobody asked");

    let file = aligned(&sandbox, &["--detect", "never"]);
    assert_eq!(file["visuals"], serde_json::json!([]));
    assert_eq!(file["generator"]["models"].get("detector"), None);
}

#[test]
fn the_mode_says_which_pages_are_looked_at() {
    // The second page has text alone.
    let sandbox = fixture("margin");
    let auto = aligned(&sandbox, &["--objects"]);
    assert!(matches!(objects(&auto)[..], [Some(_), None]), "{auto}");
    let object = &auto["pages"][0]["objects"][0];
    assert!(object["score"].as_f64().unwrap() > 0.3);
    assert_eq!(object["bbox"].as_array().unwrap().len(), 4);
    let always = aligned(&sandbox, &["--objects", "--detect", "always"]);
    assert!(
        matches!(objects(&always)[..], [Some(_), Some(_)]),
        "{always}"
    );
    let never = aligned(&sandbox, &["--objects", "--detect", "never"]);
    assert_eq!(objects(&never), [None, None]);
}

#[test]
fn the_html_page_shows_what_is_seen_where_it_was_asked_for() {
    let sandbox = fixture("margin");
    let html = |flags: &[&str]| {
        let arguments = ["in.pdf", "-q", "-o", "out.html"].iter().chain(flags);
        assert_eq!(sandbox.run(arguments).code, Some(0));
        sandbox.read("out.html")
    };
    assert!(!html(&[]).contains(r#""seen":[["#));
    assert!(html(&["--objects"]).contains(r#""seen":[[""#));
}

fn refused(sandbox: &Sandbox, detector: &str) -> String {
    let run: Run = sandbox.run(["in.pdf", "--detector", detector]);
    assert_eq!(run.code, Some(2), "{}", run.stderr);
    assert!(!sandbox.path("in.docalign.json").exists());
    run.stderr
}

#[test]
fn a_detector_that_cannot_be_used_is_named_with_the_cause() {
    let sandbox = fixture("margin");
    let stderr = refused(&sandbox, "none.onnx");
    assert!(
        stderr.contains("cannot use the detector none.onnx: no such file"),
        "{stderr}"
    );
    sandbox.write("bad.onnx", "no network");
    let stderr = refused(&sandbox, "bad.onnx");
    assert!(
        stderr.contains("the weights of the detector cannot be read"),
        "{stderr}"
    );
    // The program's own weights with a description: that of another network.
    let own = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/src/detect/weights/detector.onnx"
    );
    sandbox.write("own.onnx", std::fs::read(own).unwrap());
    sandbox.write("own.json", "{}");
    let stderr = refused(&sandbox, "own.onnx");
    assert!(
        stderr.contains("its description cannot be read: missing field"),
        "{stderr}"
    );
}

#[test]
fn weights_of_ones_own_and_detectors_of_others_take_the_place_of_the_built_in_ones() {
    let sandbox = fixture("margin");
    let own = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/src/detect/weights/detector.onnx"
    );
    sandbox.write("own.onnx", std::fs::read(own).unwrap());
    let built_in = aligned(&sandbox, &["--objects"]);
    assert_eq!(
        built_in,
        aligned(&sandbox, &["--objects", "--detector", "own.onnx"])
    );
    // As one of others, the same file is read as having no output of that name.
    let description = serde_json::json!({
        "input": "page", "size_px": [320, 448], "color": "grey", "threshold": 0.3,
        "head": { "kind": "rows", "output": "output0" }, "labels": ["figure"],
    });
    sandbox.write("own.json", description.to_string());
    let run = sandbox.run(["in.pdf", "--detector", "own.onnx"]);
    assert_eq!(run.code, Some(1));
    assert!(
        run.stderr.contains("it has no tensor output0"),
        "{}",
        run.stderr
    );
}
