//! The documents under `fixtures/` against what is true of them (`expected.json`, made from their
//! sources) and against what the program said of them last (`output.json`).
//!
//! `UPDATE_FIXTURES=1 cargo test --release golden` rewrites the latter; read the diff.

mod blind;
mod compare;
mod cross_check;
mod gaps;
mod mentions;
mod reading;
mod saved;
mod truth;

use std::{fs, path::PathBuf, sync::Arc};

use docalign::{
    pdf::PdfSource,
    pipeline::{AlignOptions, AlignProgress, AlignedDocument, Models, align},
};

use truth::Truth;

/// The fixtures, each a folder.
const FIXTURES: &[&str] = &[
    "arabic",
    "article",
    "chinese",
    "code",
    "continued",
    "desk",
    "german",
    "interrupted",
    "manual",
    "margin",
    "rotated",
    "russian",
    "scan",
    "subfigures",
    "thesis",
];

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn source(name: &str) -> PdfSource {
    let file_name = format!("{name}.pdf");
    let path = folder().join(name).join(&file_name);
    let bytes = fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    PdfSource {
        file_name,
        bytes: Arc::new(bytes),
        password: String::new(),
    }
}

fn aligned(name: &str) -> AlignedDocument {
    align(
        source(name),
        &AlignOptions::default(),
        &Models::default(),
        AlignProgress::SILENT,
    )
    .unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn truth(name: &str) -> Truth {
    let path = folder().join(name).join("expected.json");
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

#[test]
fn every_fixture_is_tested() {
    let mut found: Vec<String> = fs::read_dir(folder())
        .expect("fixtures/ is there")
        .map(|entry| entry.expect("fixtures/ can be listed").path())
        .filter(|path| path.is_dir())
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    found.sort();
    assert_eq!(found, FIXTURES);
}

/// What is wrong in each fixture must be exactly what [`gaps::KNOWN_GAPS`] admits: a new fault
/// fails, and so does a gap that was closed and is still listed.
#[test]
fn fixtures_are_read_as_they_were_meant() {
    let mut failures = Vec::new();
    let mut closed: Vec<&gaps::Gap> = gaps::KNOWN_GAPS.iter().collect();
    for name in FIXTURES {
        for problem in compare::problems(&truth(name), &aligned(name)) {
            match gaps::KNOWN_GAPS
                .iter()
                .find(|gap| gap.admits(name, &problem))
            {
                Some(gap) => closed.retain(|other| !std::ptr::eq(*other, gap)),
                None => failures.push(format!("{name}: {problem}")),
            }
        }
    }
    for gap in closed {
        failures.push(format!(
            "{}: this gap is closed, take it off the list: {:?} ({})",
            gap.fixture, gap.problem, gap.reason
        ));
    }
    assert!(
        failures.is_empty(),
        "{} differences from the truth:\n{}",
        failures.len(),
        failures.join("\n")
    );
}
