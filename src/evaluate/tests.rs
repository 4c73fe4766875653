//! The measure on small documents.

mod gold;

use std::{collections::BTreeMap, sync::Arc};

use super::{holder::Holding, measure::Scene, view::AlignmentView, *};
use crate::{
    align::{Alignment, Link},
    detect::{Seen, Source, Visual, VisualId, VisualKind},
    geometry::{PageIndex, Rect, Region},
    graph::AlignmentGraph,
    mention::{Label, LabelKind, LabelNumber, find_mentions},
    pdf::{Document, PdfSource},
    pipeline::AlignedDocument,
    segment::{Paragraph, ParagraphId, ParagraphKind},
};

fn paragraph(id: u32, y: f32, kind: ParagraphKind) -> Paragraph {
    let region = Region {
        page: PageIndex(0),
        bbox: Rect::new(50.0, y, 550.0, y + 10.0),
    };
    Paragraph::sample(id, kind, "", region)
}

fn visual(id: u32, number: &str, y: f32) -> Visual {
    Visual {
        id: VisualId(id),
        kind: VisualKind::Figure,
        label: Some(Label {
            kind: LabelKind::Figure,
            number: Some(LabelNumber {
                number: number.to_owned(),
                part: None,
            }),
            text: format!("Figure {number}"),
        }),
        caption: None,
        continued: Vec::new(),
        regions: vec![Region {
            page: PageIndex(0),
            bbox: Rect::new(50.0, y, 550.0, y + 50.0),
        }],
        score: 1.0,
        sources: vec![Source::Vector],
        alt_text: None,
        text: String::new(),
        appearance: Vec::new(),
    }
}

/// Paragraphs at y = 100, 200 and 300; figures 1 and 2; `(paragraph, visual, probability)`.
fn aligned(links: &[(u32, u32, f32)]) -> AlignedDocument {
    AlignedDocument {
        source: PdfSource {
            file_name: "test.pdf".to_owned(),
            bytes: Arc::default(),
            password: String::new(),
        },
        document: Document::default(),
        paragraphs: (0..3)
            .map(|id| paragraph(id, 100.0 + 100.0 * id as f32, ParagraphKind::Body))
            .collect(),
        seen: Seen::default(),
        visuals: vec![visual(0, "1", 400.0), visual(1, "2", 500.0)],
        graph: AlignmentGraph::default(),
        models: BTreeMap::new(),
        alignment: Alignment {
            links: links
                .iter()
                .map(|(paragraph, visual, probability)| Link {
                    paragraph: ParagraphId(*paragraph),
                    visual: VisualId(*visual),
                    probability: *probability,
                    evidence: Vec::new(),
                    reasons: Vec::new(),
                    mention: None,
                })
                .collect(),
            ..Alignment::default()
        },
    }
}

/// Gold links at y from paragraphs to figure numbers.
fn gold(links: &[(f32, &str)]) -> Gold {
    Gold {
        schema: GOLD_SCHEMA.to_owned(),
        file_name: "test.pdf".to_owned(),
        sha256: String::new(),
        links: links
            .iter()
            .map(|(y, number)| GoldLink {
                origin: Origin::Manual,
                page: PageIndex(0),
                bbox: Rect::new(100.0, y + 1.0, 110.0, y + 9.0),
                text: String::new(),
                context: String::new(),
                target: GoldTarget {
                    kind: LabelKind::Figure,
                    number: Some((*number).to_owned()),
                    page: PageIndex(0),
                    bbox: Rect::new(50.0, 700.0, 300.0, 710.0),
                    caption: String::new(),
                },
            })
            .collect(),
    }
}

/// The program's result on a document.
fn measured(aligned: &AlignedDocument, gold: &Gold) -> ModeResult {
    Scene::new(aligned).measure(Mode::Open, &gold.links, Holding::Strict)
}

fn outcomes(result: &ModeResult) -> Vec<(Outcome, bool, Option<u32>)> {
    result
        .judged()
        .map(|(pair, verdict)| (verdict.outcome, verdict.in_top_k(pair), verdict.rank))
        .collect()
}

/// The ranks that each system gives the targets.
fn ranks(result: &ModeResult) -> Vec<(&str, Vec<Option<u32>>)> {
    let ranks = |system: &SystemResult| system.verdicts.iter().map(|v| v.rank).collect();
    result
        .systems
        .iter()
        .map(|system| (system.name.as_str(), ranks(system)))
        .collect()
}

#[test]
fn two_links_of_a_paragraph_to_one_target_are_one_pair() {
    let aligned = aligned(&[(0, 0, 0.9)]);
    let result = measured(&aligned, &gold(&[(100.0, "1"), (100.0, "1")]));
    assert_eq!(outcomes(&result), [(Outcome::Linked, true, Some(1))]);
    assert_eq!(result.pairs[0].paragraph.as_deref(), Some("p1"));
}

#[test]
fn causes_are_told_apart() {
    type Links = &'static [(u32, u32, f32)];
    let cases: [(Links, f32, &str, Outcome); 6] = [
        (&[(0, 0, 0.9)], 100.0, "1", Outcome::Linked),
        (&[], 100.0, "1", Outcome::NoLink),
        (&[(0, 0, 0.4)], 100.0, "1", Outcome::NoLink),
        (&[(0, 1, 0.9)], 100.0, "1", Outcome::WrongLink),
        (&[(0, 0, 0.9)], 150.0, "1", Outcome::NoParagraph),
        (&[(0, 0, 0.9)], 100.0, "7", Outcome::NoSuchVisual),
    ];
    for (links, y, number, outcome) in cases {
        let result = measured(&aligned(links), &gold(&[(y, number)]));
        assert_eq!(result.pairs.len(), 1);
        assert_eq!(outcomes(&result)[0].0, outcome, "{links:?} {y} {number}");
    }
}

#[test]
fn only_as_many_visuals_as_gold_targets_count() {
    let aligned = aligned(&[(0, 1, 0.9), (0, 0, 0.8)]);
    let one = measured(&aligned, &gold(&[(100.0, "1")]));
    assert_eq!(outcomes(&one), [(Outcome::Linked, false, Some(2))]);
    let both = measured(&aligned, &gold(&[(100.0, "1"), (100.0, "2")]));
    assert_eq!(
        outcomes(&both),
        [
            (Outcome::Linked, true, Some(2)),
            (Outcome::Linked, true, Some(1))
        ]
    );
}

#[test]
fn a_caption_in_the_same_place_is_the_same_visual() {
    let mut aligned = aligned(&[(0, 0, 0.9)]);
    aligned.paragraphs[2].kind = ParagraphKind::Caption;
    aligned.visuals[0].caption = Some(ParagraphId(2));
    aligned.visuals[0].label = None;
    let mut gold = gold(&[(100.0, "1")]);
    gold.links[0].target.bbox = Rect::new(60.0, 301.0, 300.0, 309.0);
    assert_eq!(outcomes(&measured(&aligned, &gold))[0].0, Outcome::Linked);
}

#[test]
fn a_failed_document_is_wrong_throughout() {
    let links = gold(&[(100.0, "1"), (200.0, "1"), (100.0, "2")]).links;
    let result = measure::failed(Mode::Open, &links);
    assert_eq!(
        outcomes(&result),
        [(Outcome::DocumentFailed, false, None); 2]
    );
    // The other systems have had no better document.
    for system in &result.systems {
        assert_eq!(system.verdicts, [Verdict::FAILED; 2], "{}", system.name);
    }
}

#[test]
fn micro_and_macro_differ() {
    let report = |result: ModeResult, pages| DocumentReport {
        pages,
        modes: vec![result],
        ..DocumentReport::unknown("a.pdf".to_owned())
    };
    let good = measured(
        &aligned(&[(0, 0, 0.9), (0, 1, 0.9), (1, 0, 0.9)]),
        &gold(&[(100.0, "1"), (100.0, "2"), (200.0, "1")]),
    );
    let bad = measured(&aligned(&[]), &gold(&[(100.0, "1")]));
    let report = Report::new(vec![report(good, 10), report(bad, 30)]);
    let totals = &report.main().unwrap().totals;
    let all = &totals[0];
    assert_eq!(
        (all.documents, all.tally.pairs, all.tally.linked),
        (2, 4, 3)
    );
    assert!((all.tally.linked_share() - 0.75).abs() < 1e-9);
    assert!((all.macro_linked - 0.5).abs() < 1e-9);
    let long = &totals[1];
    assert_eq!((long.documents, long.tally.pairs), (1, 1));
    assert_eq!(
        all.tally.causes,
        BTreeMap::from([(Outcome::Linked, 3), (Outcome::NoLink, 1)])
    );
    let text = report.to_markdown();
    assert!(text.contains("| all documents | 2 | 4 | 75.0 % | 50.0 % | 25.0 % | 50.0 % |"));
    assert!(text.contains("page 1: figure 1 (page 1): no-link"));
}

#[test]
fn recall_links_and_targets_are_counted() {
    // Figure 1 is reached from one of two paragraphs, figure 7 does not exist.
    let links = [(0, 1, 0.9), (0, 0, 0.8), (1, 0, 0.7)];
    let result = measured(
        &aligned(&links),
        &gold(&[(100.0, "1"), (200.0, "1"), (200.0, "7")]),
    );
    let tally = Tally::of(result.judged());
    assert_eq!((tally.pairs, tally.errors), (3, 2));
    assert_eq!(tally.recalled, [1, 2, 2]);
    assert_eq!((tally.targets, tally.targets_missed), (2, 1));
    assert_eq!((tally.captions_found, tally.visuals_found), (1, 1));
    // Two links of the first paragraph, one of the second; two of them right.
    assert_eq!((tally.links_made, tally.linked), (3, 2));
    assert!((tally.precision() - 2.0 / 3.0).abs() < 1e-9);
    // Two of the three candidates are right; figure 7 is no visual and says nothing of them.
    let reliability = result.systems[0].reliability.as_ref().unwrap();
    assert_eq!(reliability.links(), 3);
    assert_eq!(reliability.bins.map(|bin| bin.right)[7..], [1, 1, 0]);
}

#[test]
fn named_pairs_are_those_with_a_mention_of_the_target() {
    let mut aligned = aligned(&[]);
    aligned.paragraphs[0].mentions = find_mentions("see Fig. 1b and Table 2");
    let gold = gold(&[(100.0, "1"), (100.0, "2"), (200.0, "1")]);
    let named = |result: &ModeResult| -> Vec<Option<bool>> {
        result.pairs.iter().map(|pair| pair.named).collect()
    };
    let result = measured(&aligned, &gold);
    assert_eq!(named(&result), [Some(true), Some(false), Some(false)]);
    let report = Report::new(vec![DocumentReport {
        modes: vec![result],
        ..DocumentReport::unknown("a.pdf".to_owned())
    }]);
    let groups = report.main().unwrap().by(SplitBy::Naming);
    let counts: Vec<(&str, u32)> = groups
        .iter()
        .map(|group| (group.name.as_str(), group.tally.pairs))
        .collect();
    assert_eq!(counts, [("named", 1), ("not named", 2)]);
}

#[test]
fn visuals_without_number_are_told_apart_by_place() {
    let aligned = aligned(&[(0, 0, 0.9), (0, 1, 0.8)]);
    let mut gold = gold(&[(100.0, "1"), (100.0, "2"), (100.0, "2")]);
    for (link, y) in gold.links.iter_mut().zip([400.0, 500.0, 500.0]) {
        link.target.number = None;
        link.target.bbox = Rect::new(50.0, y, 550.0, y + 48.0);
    }
    let result = measured(&aligned, &gold);
    assert_eq!(
        outcomes(&result),
        [
            (Outcome::Linked, true, Some(1)),
            (Outcome::Linked, true, Some(2))
        ]
    );
    assert_eq!(Tally::of(result.judged()).targets, 2);
}

#[test]
fn baselines_rank_the_same_pairs() {
    let mut aligned = aligned(&[]);
    aligned.paragraphs[0].text = "The pump is shown in Figure 1.".to_owned();
    aligned.paragraphs[1].text = "The valve is elsewhere.".to_owned();
    aligned.visuals[0].text = "pump".to_owned();
    aligned.visuals[1].text = "valve".to_owned();
    let gold = gold(&[(100.0, "1"), (200.0, "2")]);
    assert_eq!(
        ranks(&measured(&aligned, &gold)),
        [
            ("docalign", vec![None, None]),
            // Figure 1 is above figure 2, so it is the nearer one for both.
            ("proximity", vec![Some(1), Some(2)]),
            ("mention-rule", vec![Some(1), None]),
            ("tf-idf", vec![Some(1), Some(1)]),
            ("tf-idf-proximity", vec![Some(1), Some(1)]),
        ]
    );
}

#[test]
fn each_system_has_its_rates_in_each_mode() {
    let gold = gold(&[(200.0, "2")]);
    let result = |mode, links: &[(u32, u32, f32)]| ModeResult {
        mode,
        ..measured(&aligned(links), &gold)
    };
    let document = DocumentReport {
        pages: 30,
        modes: vec![result(Mode::Blind, &[]), result(Mode::Open, &[(1, 1, 0.9)])],
        ..DocumentReport::unknown("a.pdf".to_owned())
    };
    let report = Report::new(vec![document]);
    let rates: Vec<(&str, Mode, f64)> = report
        .systems
        .iter()
        .filter(|system| ["docalign", "proximity"].contains(&system.name.as_str()))
        .map(|system| {
            let tally = &system.headline().unwrap().tally;
            (system.name.as_str(), system.mode, tally.error_rate())
        })
        .collect();
    assert_eq!(
        rates,
        [
            ("docalign", Mode::Blind, 1.0),
            ("proximity", Mode::Blind, 1.0),
            ("docalign", Mode::Open, 0.0),
            ("proximity", Mode::Open, 1.0),
        ]
    );
    let mut json = Vec::new();
    report.write_json(&mut json).unwrap();
    let again = Report::read_json(std::str::from_utf8(&json).unwrap()).unwrap();
    assert_eq!(again, report);
}

#[test]
fn links_of_one_paragraph_are_in_one_fold() {
    let aligned = aligned(&[]);
    let gold = gold(&[(100.0, "1"), (100.0, "2"), (200.0, "1"), (150.0, "1")]);
    let folds = cases::folds(&AlignmentView::from(&aligned), &gold.links, 5);
    assert_eq!(folds[0], folds[1]);
    assert_eq!(folds[2].1, Some(ParagraphId(1)));
    assert_eq!(folds[3].1, None);
}

#[test]
fn a_paragraph_is_found_by_its_other_lines() {
    let aligned = aligned(&[(0, 0, 0.9)]);
    let gold = gold(&[(112.0, "1")]);
    let outcome = |holding| {
        let result = Scene::new(&aligned).measure(Mode::Open, &gold.links, holding);
        outcomes(&result)[0].0
    };
    assert_eq!(outcome(Holding::Strict), Outcome::NoParagraph);
    assert_eq!(outcome(Holding::Nearest), Outcome::Linked);
}
