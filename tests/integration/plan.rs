//! `docalign plan`.

use serde_json::Value;

use crate::support::program::{Sandbox, json_lines};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures");

fn plans(arguments: &[&str]) -> Vec<Value> {
    json_lines("plan", arguments)
}

#[test]
fn a_file_is_estimated_by_its_pages() {
    let thesis = format!("{FIXTURES}/thesis/thesis.pdf");
    let [auto] = &plans(&[&thesis])[..] else {
        panic!("one file, one line")
    };
    assert_eq!(auto["pages"], 25);
    // Most of its pages hold text alone.
    let looked_at = auto["looked_at"].as_u64().unwrap();
    assert!((5..20).contains(&looked_at), "{auto}");
    let number = |plan: &Value, key: &str| plan[key].as_f64().unwrap();
    let never = &plans(&[&thesis, "--detect", "never"])[0];
    let always = &plans(&[&thesis, "--detect", "always"])[0];
    assert_eq!(
        (&never["looked_at"], &always["looked_at"]),
        (&0.into(), &25.into())
    );
    for key in ["cpu_seconds", "memory_bytes"] {
        assert!(number(never, key) < number(auto, key), "{key}");
        assert!(number(auto, key) <= number(always, key), "{key}");
    }
}

#[test]
fn folders_are_summed_up_and_broken_files_named() {
    let sandbox = Sandbox::new();
    sandbox.write("broken.pdf", "no PDF");
    let run = sandbox.run(["plan", FIXTURES, "broken.pdf"]);
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("broken.pdf: "), "{}", run.stderr);
    let last = run.stdout.lines().last().unwrap();
    assert!(last.ends_with(" files"), "{last}");
    let pages: u32 = last.split_whitespace().next().unwrap().parse().unwrap();
    assert!(pages > 40, "{last}");
}
