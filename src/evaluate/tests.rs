//! Gold and measure on small documents.

use std::{collections::BTreeMap, sync::Arc};

use super::{test_page::page, view::AlignmentView, *};
use crate::{
    align::{Alignment, Link},
    detect::{Source, Visual, VisualId, VisualKind},
    geometry::{PageIndex, Point, Rect, Region},
    mention::{Label, LabelKind, LabelNumber},
    pdf::{Destination, Document, LinkAnnotation, Page, PdfSource},
    pipeline::AlignedDocument,
    segment::{Line, Paragraph, ParagraphId, ParagraphKind},
};

/// A document whose pages have texts at `(x, baseline, text)`.
fn document(pages: &[&[(f32, f32, &str)]]) -> Document {
    let pages: Vec<Page> = (0..)
        .zip(pages)
        .map(|(index, texts)| Page {
            index: PageIndex(index),
            ..page(texts)
        })
        .collect();
    Document {
        page_count: pages.len() as u32,
        pages,
        ..Document::default()
    }
}

/// A link over the characters `from..to` (5 points each) of a line that begins at x = 50.
fn link(
    page: u32,
    baseline: f32,
    from: usize,
    to: usize,
    target: u32,
    name: &str,
) -> LinkAnnotation {
    LinkAnnotation {
        page: PageIndex(page),
        bbox: Rect::new(
            50.0 + 5.0 * from as f32,
            baseline - 8.0,
            50.0 + 5.0 * to as f32,
            baseline + 2.0,
        ),
        target: Destination {
            page: PageIndex(target),
            point: Some(Point { x: 50.0, y: 300.0 }),
            name: (!name.is_empty()).then(|| name.to_owned()),
        },
    }
}

/// Page, number and target page of each gold link.
fn found(document: &Document, links: &[LinkAnnotation]) -> Vec<(u32, String, u32)> {
    gold_from_annotations("test.pdf", document, links)
        .links
        .into_iter()
        .map(|link| {
            (
                link.page.0,
                link.target.number.unwrap_or_default(),
                link.target.page.0,
            )
        })
        .collect()
}

#[test]
fn a_bare_number_is_gold_when_the_caption_agrees() {
    let document = document(&[
        &[(50.0, 100.0, "As Figure 3 shows, it works.")],
        &[(50.0, 310.0, "Figure 3: It works.")],
    ]);
    assert_eq!(
        found(&document, &[link(0, 100.0, 10, 11, 1, "figure.3")]),
        [(0, "3".to_owned(), 1)]
    );
}

#[test]
fn the_noun_may_stand_at_the_end_of_the_line_before() {
    let document = document(&[
        &[
            (50.0, 100.0, "This is shown in Table"),
            (50.0, 112.0, "2 and discussed there."),
        ],
        &[(50.0, 310.0, "Table 2. Results")],
    ]);
    assert_eq!(
        found(&document, &[link(0, 112.0, 0, 1, 1, "")]),
        [(0, "2".to_owned(), 1)]
    );
}

#[test]
fn a_caption_at_the_top_of_the_next_page_counts() {
    let document = document(&[
        &[(50.0, 100.0, "As Figure 3 shows, it works.")],
        &[(50.0, 310.0, "Nothing here.")],
        &[(50.0, 200.0, "Figure 3: It works.")],
    ]);
    let links = [link(0, 100.0, 10, 11, 1, "")];
    assert_eq!(found(&document, &links), [(0, "3".to_owned(), 2)]);
}

#[test]
fn another_number_or_kind_is_no_gold() {
    let document = document(&[
        &[
            (50.0, 100.0, "As Figure 3 shows, and Table 4 too."),
            (50.0, 130.0, "See Section 3 for more."),
        ],
        &[(50.0, 310.0, "Figure 4: It works.")],
    ]);
    let links = [
        link(0, 100.0, 10, 11, 1, "figure.3"),
        link(0, 100.0, 29, 30, 1, "table.4"),
        link(0, 130.0, 12, 13, 1, "section.3"),
    ];
    assert!(found(&document, &links).is_empty());
}

#[test]
fn a_page_number_is_no_gold() {
    let document = document(&[
        &[(50.0, 100.0, "It is on page 3 of this book.")],
        &[(50.0, 310.0, "Figure 3: It works.")],
    ]);
    assert!(found(&document, &[link(0, 100.0, 14, 15, 1, "figure.3")]).is_empty());
}

#[test]
fn lists_of_figures_are_no_gold() {
    let document = document(&[
        &[
            (50.0, 100.0, "Figure 1: One . . . . . . 2"),
            (50.0, 112.0, "Figure 2: Two"),
            (400.0, 112.0, "2"),
        ],
        &[
            (50.0, 310.0, "Figure 1: One"),
            (50.0, 500.0, "Figure 2: Two"),
        ],
    ]);
    let links = [
        link(0, 100.0, 0, 8, 1, "figure.1"),
        link(0, 112.0, 0, 8, 1, "figure.2"),
    ];
    assert!(found(&document, &links).is_empty());
}

#[test]
fn links_in_captions_and_table_rows_are_no_gold() {
    let document = document(&[
        &[
            (50.0, 100.0, "Figure 1: One thing that is"),
            (50.0, 111.0, "larger than Figure 3 is."),
            (50.0, 300.0, "cell"),
            (150.0, 300.0, "Figure 3"),
            (300.0, 300.0, "cell"),
        ],
        &[(50.0, 310.0, "Figure 3: It works.")],
    ]);
    let links = [
        link(0, 111.0, 19, 20, 1, "figure.3"),
        link(0, 300.0, 27, 28, 1, "figure.3"),
    ];
    assert!(found(&document, &links).is_empty());
}

#[test]
fn names_and_continued_captions_are_no_gold() {
    let document = document(&[
        &[
            (50.0, 100.0, "It is done by Plot3D for you."),
            (50.0, 200.0, "Table 3 (continued)"),
        ],
        &[
            (50.0, 310.0, "Plot 3: It works."),
            (50.0, 400.0, "Table 3: One"),
        ],
    ]);
    let links = [
        link(0, 100.0, 14, 20, 1, "plot3d"),
        link(0, 200.0, 6, 7, 1, "table.3"),
    ];
    assert!(found(&document, &links).is_empty());
}

fn paragraph(id: u32, y: f32, kind: ParagraphKind) -> Paragraph {
    let region = Region {
        page: PageIndex(0),
        bbox: Rect::new(50.0, y, 550.0, y + 10.0),
    };
    Paragraph {
        id: ParagraphId(id),
        kind,
        text: String::new(),
        language: None,
        section: Arc::from([]),
        sentences: Vec::new(),
        regions: vec![region],
        lines: vec![Line { span: 0..0, region }],
        mentions: Vec::new(),
    }
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
        visuals: vec![visual(0, "1", 400.0), visual(1, "2", 500.0)],
        alignment: Alignment {
            links: links
                .iter()
                .map(|(paragraph, visual, probability)| Link {
                    paragraph: ParagraphId(*paragraph),
                    visual: VisualId(*visual),
                    probability: *probability,
                    evidence: Vec::new(),
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

fn outcomes(pairs: &[Pair]) -> Vec<(Outcome, bool, Option<u32>)> {
    pairs
        .iter()
        .map(|pair| (pair.outcome, pair.in_top_k, pair.rank))
        .collect()
}

#[test]
fn two_links_of_a_paragraph_to_one_target_are_one_pair() {
    let aligned = aligned(&[(0, 0, 0.9)]);
    let pairs = evaluate(&aligned, &gold(&[(100.0, "1"), (100.0, "1")]));
    assert_eq!(outcomes(&pairs), [(Outcome::Linked, true, Some(1))]);
    assert_eq!(pairs[0].paragraph.as_deref(), Some("p1"));
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
        let pairs = evaluate(&aligned(links), &gold(&[(y, number)]));
        assert_eq!(pairs.len(), 1);
        assert_eq!(pairs[0].outcome, outcome, "{links:?} {y} {number}");
    }
}

#[test]
fn only_as_many_visuals_as_gold_targets_count() {
    let aligned = aligned(&[(0, 1, 0.9), (0, 0, 0.8)]);
    let one = evaluate(&aligned, &gold(&[(100.0, "1")]));
    assert_eq!(outcomes(&one), [(Outcome::Linked, false, Some(2))]);
    let both = evaluate(&aligned, &gold(&[(100.0, "1"), (100.0, "2")]));
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
    let pairs = evaluate(&aligned, &gold);
    assert_eq!(pairs[0].outcome, Outcome::Linked);
}

#[test]
fn a_failed_document_is_wrong_throughout() {
    let pairs = evaluate_failed(&gold(&[(100.0, "1"), (200.0, "1"), (100.0, "2")]));
    assert_eq!(
        outcomes(&pairs),
        [
            (Outcome::DocumentFailed, false, None),
            (Outcome::DocumentFailed, false, None)
        ]
    );
}

#[test]
fn micro_and_macro_differ() {
    let report = |pairs: Vec<Pair>, pages| {
        DocumentReport {
            file_name: "a.pdf".to_owned(),
            sha256: String::new(),
            language: "en".to_owned(),
            genre: "?".to_owned(),
            pages,
            error: None,
            unread_links: 0,
            ..DocumentReport::default()
        }
        .with_modes(vec![ModeResult::new(Mode::Open, pairs, Vec::new(), 0)])
    };
    let good = evaluate(
        &aligned(&[(0, 0, 0.9), (0, 1, 0.9), (1, 0, 0.9)]),
        &gold(&[(100.0, "1"), (100.0, "2"), (200.0, "1")]),
    );
    let bad = evaluate(&aligned(&[]), &gold(&[(100.0, "1")]));
    let report = Report::new(vec![report(good, 10), report(bad, 30)]);
    let all = &report.totals[0];
    assert_eq!(
        (all.documents, all.tally.pairs, all.tally.linked),
        (2, 4, 3)
    );
    assert!((all.tally.linked_share() - 0.75).abs() < 1e-9);
    assert!((all.macro_linked - 0.5).abs() < 1e-9);
    let long = &report.totals[1];
    assert_eq!((long.documents, long.tally.pairs), (1, 1));
    assert_eq!(
        all.tally.causes,
        BTreeMap::from([(Outcome::Linked, 3), (Outcome::NoLink, 1)])
    );
    let text = report.to_markdown();
    assert!(text.contains("| all documents | 2 | 4 | 75.0 % | 50.0 % | 25.0 % | 50.0 % |"));
    assert!(text.contains("page 1: figure 1 (page 1): no-link"));
}

fn report_of(results: Vec<ModeResult>) -> DocumentReport {
    DocumentReport {
        pages: 30,
        ..DocumentReport::default()
    }
    .with_modes(results)
}

#[test]
fn recall_links_and_targets_are_counted() {
    // Figure 1 is reached from one of two paragraphs, figure 7 does not exist.
    let links = [(0, 1, 0.9), (0, 0, 0.8), (1, 0, 0.7)];
    let pairs = evaluate(
        &aligned(&links),
        &gold(&[(100.0, "1"), (200.0, "1"), (200.0, "7")]),
    );
    let tally = Tally::of(pairs.iter());
    assert_eq!((tally.pairs, tally.errors), (3, 2));
    assert_eq!(tally.recalled, [1, 2, 2]);
    assert_eq!((tally.targets, tally.targets_missed), (2, 1));
    assert_eq!((tally.captions_found, tally.visuals_found), (1, 1));
    // Two links of the first paragraph, one of the second; two of them right.
    assert_eq!((tally.links_made, tally.linked), (3, 2));
    assert!((tally.precision() - 2.0 / 3.0).abs() < 1e-9);
}

#[test]
fn baselines_rank_the_same_pairs() {
    let mut aligned = aligned(&[]);
    aligned.paragraphs[0].text = "The pump is shown in Figure 1.".to_owned();
    aligned.paragraphs[1].text = "The valve is elsewhere.".to_owned();
    aligned.visuals[0].text = "pump".to_owned();
    aligned.visuals[1].text = "valve".to_owned();
    let gold = gold(&[(100.0, "1"), (200.0, "2")]);
    let cases = metrics::cases(
        &AlignmentView::from(&aligned),
        &gold.links,
        metrics::Holding::Strict,
    );
    let ranks: Vec<Vec<Option<u32>>> = baselines::rank(&aligned, &cases)
        .into_iter()
        .map(|ranks| ranks.ranks)
        .collect();
    assert_eq!(
        ranks,
        [
            // Figure 1 is above figure 2, so it is the nearer one for both.
            [Some(1), Some(2)],
            [Some(1), None],
            [Some(1), Some(1)],
            [Some(1), Some(1)],
        ]
    );
}

#[test]
fn each_system_has_its_rates_in_each_mode() {
    let gold = gold(&[(100.0, "1")]);
    let result = |mode, links: &[(u32, u32, f32)]| {
        let pairs = evaluate(&aligned(links), &gold);
        let ranks = BaselineRanks {
            baseline: Baseline::TfIdf,
            ranks: vec![Some(2)],
        };
        ModeResult::new(mode, pairs, vec![ranks], 0)
    };
    let document = report_of(vec![
        result(Mode::Open, &[(0, 0, 0.9)]),
        result(Mode::Blind, &[]),
    ]);
    let report = Report::new(vec![document]);
    let rates: Vec<(&str, Mode, f64)> = report
        .systems
        .iter()
        .filter(|system| ["docalign", "tf-idf"].contains(&system.name.as_str()))
        .map(|system| {
            let tally = &system.headline().unwrap().tally;
            (system.name.as_str(), system.mode, tally.error_rate())
        })
        .collect();
    assert_eq!(
        rates,
        [
            ("docalign", Mode::Open, 0.0),
            ("tf-idf", Mode::Open, 1.0),
            ("docalign", Mode::Blind, 1.0),
            ("tf-idf", Mode::Blind, 1.0),
        ]
    );
    let again: Report = serde_json::from_str(&serde_json::to_string(&report).unwrap()).unwrap();
    assert_eq!(again, report);
}

#[test]
fn links_of_one_paragraph_are_in_one_fold() {
    let aligned = aligned(&[]);
    let gold = gold(&[(100.0, "1"), (100.0, "2"), (200.0, "1"), (150.0, "1")]);
    let folds = metrics::folds(&AlignmentView::from(&aligned), &gold.links, 5);
    assert_eq!(folds[0], folds[1]);
    assert_eq!(folds[2].1, Some(ParagraphId(1)));
    assert_eq!(folds[3].1, None);
}

#[test]
fn a_paragraph_is_found_by_its_other_lines() {
    let aligned = aligned(&[(0, 0, 0.9)]);
    let gold = gold(&[(112.0, "1")]);
    let pair = |holding| {
        let view = AlignmentView::from(&aligned);
        let cases = metrics::cases(&view, &gold.links, holding);
        metrics::judge_all(&view, &cases).remove(0).outcome
    };
    assert_eq!(pair(metrics::Holding::Strict), Outcome::NoParagraph);
    assert_eq!(pair(metrics::Holding::Nearest), Outcome::Linked);
}
