//! Gold from link annotations, on small documents.

use crate::{
    evaluate::gold_from_annotations,
    geometry::{PageIndex, Point, Rect},
    pdf::{Destination, Document, LinkAnnotation, Page, test_page::page},
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
