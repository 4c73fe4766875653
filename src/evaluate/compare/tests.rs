//! Small reports of which is known what changed.

use super::*;
use crate::{
    evaluate::{Family, ModeResult, SystemResult},
    geometry::{PageIndex, Rect},
};

/// A pair, and how it went.
type Judged = (Pair, Verdict);

fn pair(y: f32, number: &str, outcome: Outcome, in_top_k: bool) -> Judged {
    let pair = Pair {
        page: PageIndex(2),
        bbox: Rect::new(100.0, y, 110.0, y + 8.0),
        paragraph: None,
        paragraph_kind: None,
        family: Family::Figure,
        number: Some(number.to_owned()),
        target_page: PageIndex(3),
        target: Rect::new(100.0, 300.0, 200.0, 310.0),
        visual: None,
        k: 1,
        named: None,
        caption_found: false,
        visual_found: false,
    };
    let verdict = Verdict {
        outcome,
        rank: Some(if in_top_k { 1 } else { 2 }),
        links: 1,
        predicted: None,
    };
    (pair, verdict)
}

fn result(mode: Mode, judged: Vec<Judged>) -> ModeResult {
    let (pairs, verdicts) = judged.into_iter().unzip();
    let system = SystemResult {
        name: "docalign".to_owned(),
        verdicts,
        reliability: None,
    };
    ModeResult::new(mode, pairs, vec![system])
}

fn document(file_name: &str, sha256: &str, judged: Vec<Judged>) -> DocumentReport {
    DocumentReport {
        sha256: sha256.to_owned(),
        modes: vec![result(Mode::Open, judged)],
        ..DocumentReport::unknown(file_name.to_owned())
    }
}

fn compare(before: &Report, after: &Report) -> ModeComparison {
    let mut comparison = Comparison::new(before, after);
    assert_eq!(comparison.modes.len(), 1);
    comparison.modes.remove(0)
}

#[test]
fn changes_are_told_apart() {
    let before = Report::new(vec![
        document(
            "a.pdf",
            "aa",
            vec![
                pair(10.0, "1", Outcome::Linked, true),
                pair(20.0, "2", Outcome::NoLink, false),
                pair(30.0, "3", Outcome::NoLink, false),
                pair(40.0, "4", Outcome::Linked, true),
                pair(50.0, "5", Outcome::Linked, true),
                // The same twice: each is compared with its own.
                pair(60.0, "6", Outcome::Linked, true),
                pair(60.0, "6", Outcome::WrongLink, false),
            ],
        ),
        document(
            "same.pdf",
            "bb",
            vec![pair(1.0, "1", Outcome::NoLink, false)],
        ),
    ]);
    let after = Report::new(vec![
        document(
            "same.pdf",
            "bb",
            vec![pair(1.0, "1", Outcome::NoLink, false)],
        ),
        document(
            "renamed.pdf",
            "aa",
            vec![
                pair(10.01, "1", Outcome::Linked, false),
                pair(20.0, "2", Outcome::Linked, true),
                pair(30.0, "3", Outcome::WrongLink, false),
                pair(40.0, "4", Outcome::Linked, true),
                pair(55.0, "5", Outcome::Linked, true),
                pair(60.0, "6", Outcome::Linked, true),
                pair(60.0, "6", Outcome::Linked, true),
            ],
        ),
    ]);
    let comparison = compare(&before, &after);
    assert_eq!(comparison.unchanged, 1);
    let [change] = comparison.documents.as_slice() else {
        panic!("{comparison:?}");
    };
    let numbers = |list: &[PairChange]| -> Vec<String> {
        let numbers = list.iter().map(|change| change.pair.number.clone());
        numbers.map(Option::unwrap_or_default).collect()
    };
    assert_eq!(numbers(&change.better), ["2", "6"]);
    assert_eq!(numbers(&change.worse), ["1"]);
    assert_eq!(numbers(&change.other_cause), ["3"]);
    assert_eq!((change.gone, change.new), (1, 1));
    let text = comparison.to_string();
    for line in [
        "| linked | 50.00 % | 75.00 % |",
        "Pairs: 2 better, 1 worse, 1 wrong for another cause, 1 gone, 1 new. \
         Documents: 1 changed, 1 not.",
        "- worse: page 3, figure 1 (page 4): linked -> linked (ranked too low)",
        "- better: page 3, figure 2 (page 4): no-link -> linked",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
}

#[test]
fn documents_of_one_report_only_are_named() {
    let old = Report::new(vec![document("a.pdf", "", Vec::new())]);
    let new = Report::new(vec![document(
        "b.pdf",
        "",
        vec![pair(1.0, "1", Outcome::Linked, true)],
    )]);
    let text = Comparison::new(&old, &new).to_string();
    assert!(
        text.contains("linked: 0 of 0 before, not there after"),
        "{text}"
    );
    assert!(
        text.contains("linked: not there before, 1 of 1 after"),
        "{text}"
    );
}

#[test]
fn what_loses_most_comes_first() {
    let right = |n| vec![pair(1.0, "1", Outcome::Linked, true); n];
    let wrong = |n| vec![pair(1.0, "1", Outcome::NoLink, false); n];
    let before = Report::new(vec![
        document("a", "", right(1)),
        document("b", "", right(3)),
        document("c", "", wrong(1)),
    ]);
    let after = Report::new(vec![
        document("a", "", wrong(1)),
        document("b", "", wrong(3)),
        document("c", "", right(1)),
    ]);
    let comparison = compare(&before, &after);
    let names: Vec<&str> = comparison
        .documents
        .iter()
        .map(|document| document.file_name.as_str())
        .collect();
    assert_eq!(names, ["b", "a", "c"]);
}

#[test]
fn every_mode_of_both_and_every_system_is_compared() {
    let modes = |modes: Vec<ModeResult>| {
        Report::new(vec![DocumentReport {
            pages: 30,
            modes,
            ..DocumentReport::unknown("a.pdf".to_owned())
        }])
    };
    let right = || vec![pair(1.0, "1", Outcome::Linked, true)];
    let wrong = || vec![pair(1.0, "1", Outcome::NoLink, false)];
    let before = modes(vec![
        result(Mode::Open, right()),
        result(Mode::PartBlind, wrong()),
    ]);
    let after = modes(vec![
        result(Mode::Open, wrong()),
        result(Mode::PartBlind, right()),
        result(Mode::Blind, wrong()),
    ]);
    let comparison = Comparison::new(&before, &after);
    let changes: Vec<(Mode, usize, usize)> = comparison
        .modes
        .iter()
        .map(|mode| {
            (
                mode.mode,
                mode.documents[0].better.len(),
                mode.documents[0].worse.len(),
            )
        })
        .collect();
    assert_eq!(changes, [(Mode::Open, 0, 1), (Mode::PartBlind, 1, 0)]);
    let text = comparison.to_string();
    for line in [
        "| open | docalign | 0.0 % | 100.0 % |",
        "| blind | docalign | not there | 100.0 % |",
        "# part-blind",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
}
