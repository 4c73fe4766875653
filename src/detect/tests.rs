//! Visuals of small synthetic documents with hand-made paragraphs.

use super::*;
use crate::{
    geometry::{PageIndex, Rect},
    pdf::{Graphic, GraphicKind, Page, TaggedFigure},
    segment::{ParagraphId, ParagraphKind},
};

/// The page and box of a region.
type Place = (u32, [f32; 4]);

/// A document of A4 pages, and its paragraphs.
#[derive(Default)]
struct Sheets {
    document: Document,
    paragraphs: Vec<Paragraph>,
}

impl Sheets {
    fn new(pages: u32) -> Sheets {
        let mut sheets = Sheets::default();
        for index in 0..pages {
            sheets.document.pages.push(Page {
                index: PageIndex(index),
                width: 595.0,
                height: 842.0,
                runs: Vec::new(),
                glyphs: Vec::new(),
                graphics: Vec::new(),
                frames: Vec::new(),
            });
        }
        sheets
    }

    fn image(&mut self, page: usize, bbox: [f32; 4]) -> &mut Sheets {
        self.document.pages[page].graphics.push(Graphic {
            bbox: rect(bbox),
            kind: GraphicKind::Image,
            lightness: 128,
            frame: None,
        });
        self
    }

    fn paragraph(
        &mut self,
        kind: ParagraphKind,
        page: u32,
        bbox: [f32; 4],
        text: &str,
    ) -> &mut Sheets {
        let region = Region {
            page: PageIndex(page),
            bbox: rect(bbox),
        };
        let id = self.paragraphs.len() as u32;
        self.paragraphs
            .push(Paragraph::sample(id, kind, text, region));
        self
    }

    fn caption(&mut self, page: u32, y: f32, text: &str) -> &mut Sheets {
        self.paragraph(
            ParagraphKind::Caption,
            page,
            [200.0, y, 400.0, y + 12.0],
            text,
        )
    }

    fn body(&mut self, page: u32, y0: f32, y1: f32) -> &mut Sheets {
        let text = "A paragraph of the running text. ".repeat(30);
        self.paragraph(ParagraphKind::Body, page, [72.0, y0, 523.0, y1], &text)
    }

    fn detect(&self) -> Vec<Visual> {
        detect(
            &self.document,
            &mut self.paragraphs.clone(),
            &Seen::default(),
        )
    }

    /// Label and regions of each visual.
    fn summary(&self) -> Vec<(String, Vec<Place>)> {
        let place = |region: &Region| {
            let b = region.bbox;
            (region.page.0, [b.x0, b.y0, b.x1, b.y1])
        };
        self.detect()
            .iter()
            .map(|visual| {
                let label = visual.label.as_ref().map_or("", |label| &label.text);
                (label.to_owned(), visual.regions.iter().map(place).collect())
            })
            .collect()
    }
}

fn rect(b: [f32; 4]) -> Rect {
    Rect::new(b[0], b[1], b[2], b[3])
}

fn labelled(label: &str, regions: &[Place]) -> (String, Vec<Place>) {
    (label.to_owned(), regions.to_vec())
}

#[test]
fn a_caption_takes_the_picture_above_it() {
    let mut sheets = Sheets::new(1);
    sheets.body(0, 60.0, 150.0);
    sheets.image(0, [200.0, 170.0, 400.0, 300.0]);
    sheets.caption(0, 310.0, "Figure 1: A thing");
    sheets.body(0, 340.0, 500.0);
    assert_eq!(
        sheets.summary(),
        [labelled("Figure 1", &[(0, [200.0, 170.0, 400.0, 300.0])])]
    );
    let visual = sheets.detect().remove(0);
    assert_eq!(visual.caption, Some(ParagraphId(1)));
    assert_eq!(visual.sources, [Source::Raster]);
    assert_eq!(visual.kind, VisualKind::Figure);
}

#[test]
fn the_side_that_a_document_uses_settles_what_is_between_two_pictures() {
    let mut sheets = Sheets::new(4);
    // Three pages say that pictures stand below their captions.
    for page in 0..3 {
        sheets.caption(page, 100.0, &format!("Figure {}: A thing", page + 1));
        sheets.image(page as usize, [200.0, 120.0, 400.0, 220.0]);
        sheets.body(page, 240.0, 500.0);
    }
    // Here the inner caption is a little nearer to the picture above than to that below.
    sheets.caption(3, 100.0, "Figure 4: One");
    sheets.image(3, [200.0, 120.0, 400.0, 220.0]);
    sheets.caption(3, 248.0, "Figure 5: Two");
    sheets.image(3, [200.0, 290.0, 400.0, 390.0]);
    let summary = sheets.summary();
    assert_eq!(
        summary[3],
        labelled("Figure 4", &[(3, [200.0, 120.0, 400.0, 220.0])])
    );
    assert_eq!(
        summary[4],
        labelled("Figure 5", &[(3, [200.0, 290.0, 400.0, 390.0])])
    );
}

#[test]
fn a_picture_at_a_pages_end_belongs_to_the_caption_that_begins_the_next() {
    let mut sheets = Sheets::new(2);
    sheets.body(0, 60.0, 300.0);
    sheets.image(0, [100.0, 320.0, 500.0, 760.0]);
    sheets.caption(1, 60.0, "Figure 1: A large thing");
    sheets.body(1, 90.0, 300.0);
    assert_eq!(
        sheets.summary(),
        [labelled("Figure 1", &[(0, [100.0, 320.0, 500.0, 760.0])])]
    );
}

#[test]
fn a_continued_caption_adds_a_region() {
    let mut sheets = Sheets::new(2);
    sheets.image(0, [100.0, 100.0, 500.0, 600.0]);
    sheets.caption(0, 610.0, "Figure 1: A long thing");
    sheets.image(1, [100.0, 100.0, 500.0, 400.0]);
    sheets.caption(1, 410.0, "Figure 1 (continued): A long thing");
    let visuals = sheets.detect();
    assert_eq!(visuals.len(), 1);
    assert_eq!(visuals[0].regions.len(), 2);
    assert_eq!(visuals[0].continued, [ParagraphId(1)]);
}

#[test]
fn panels_with_sub_captions_are_one_visual() {
    let mut sheets = Sheets::new(1);
    sheets.image(0, [80.0, 100.0, 280.0, 200.0]);
    sheets.image(0, [330.0, 100.0, 530.0, 200.0]);
    sheets.paragraph(
        ParagraphKind::Body,
        0,
        [150.0, 204.0, 200.0, 214.0],
        "(a) Left",
    );
    sheets.paragraph(
        ParagraphKind::Body,
        0,
        [400.0, 204.0, 450.0, 214.0],
        "(b) Right",
    );
    sheets.caption(0, 225.0, "Figure 1: Two panels");
    assert_eq!(
        sheets.summary(),
        [labelled("Figure 1", &[(0, [80.0, 100.0, 530.0, 200.0])])]
    );
}

#[test]
fn panels_are_parted_by_headings_and_not_by_their_titles() {
    // Too far apart for one zone of graphics.
    let titled = |title: [f32; 4]| {
        let mut sheets = Sheets::new(1);
        sheets.image(0, [150.0, 100.0, 450.0, 180.0]);
        sheets.image(0, [150.0, 225.0, 450.0, 305.0]);
        sheets.paragraph(ParagraphKind::Heading, 0, title, "Residuals of both");
        sheets.caption(0, 316.0, "Figure 1: Residuals");
        sheets.body(0, 350.0, 700.0);
        let found = sheets.summary();
        found.first().map(|(_, regions)| regions.clone())
    };
    let both = Some(vec![(0, [150.0, 100.0, 450.0, 305.0])]);
    assert_eq!(titled([250.0, 196.0, 350.0, 208.0]), both);
    // A heading begins at the margin.
    assert_ne!(titled([72.0, 196.0, 250.0, 208.0]), both);
}

#[test]
fn a_caption_without_a_picture_gets_what_is_drawn_above_it_or_its_own_place() {
    let mut sheets = Sheets::new(2);
    sheets.body(0, 60.0, 150.0);
    sheets.caption(0, 310.0, "Figure 1: An unseen thing");
    sheets.body(0, 340.0, 500.0);
    // Two rules, too little to be a picture by themselves.
    sheets.body(1, 60.0, 150.0);
    for y in [200.0, 280.0] {
        sheets.document.pages[1].graphics.push(Graphic {
            bbox: rect([100.0, y, 300.0, y + 0.5]),
            kind: GraphicKind::Stroke,
            lightness: 0,
            frame: None,
        });
    }
    sheets.caption(1, 310.0, "Figure 2: A hardly seen thing");
    sheets.body(1, 340.0, 500.0);
    let visuals = sheets.detect();
    assert!(visuals.iter().all(|v| v.sources == [Source::Caption]));
    assert!(visuals[0].score < visuals[1].score && visuals[1].score < 0.5);
    let places: Vec<Rect> = visuals.iter().map(|v| v.regions[0].bbox).collect();
    assert_eq!(
        places,
        [
            rect([200.0, 310.0, 400.0, 322.0]),
            rect([100.0, 200.0, 300.0, 280.5])
        ]
    );
}

#[test]
fn program_text_at_a_caption_is_its_visual() {
    let mut sheets = Sheets::new(1);
    sheets.body(0, 60.0, 150.0);
    let place = |y: f32| [120.0, y, 420.0, y + 60.0];
    sheets.paragraph(ParagraphKind::Code, 0, place(170.0), "begin\n  x := 1;");
    sheets.paragraph(ParagraphKind::Code, 0, place(240.0), "  y := 2;\nend");
    sheets.caption(0, 310.0, "Figure 1: A program");
    sheets.body(0, 340.0, 500.0);
    let visual = sheets.detect().remove(0);
    assert_eq!(visual.sources, [Source::Text]);
    assert_eq!(
        visual.regions.first().map(|region| region.bbox),
        Some(rect([120.0, 170.0, 420.0, 300.0]))
    );
}

#[test]
fn large_pictures_need_no_caption_and_icons_and_logos_are_none() {
    let mut sheets = Sheets::new(5);
    for page in 0..5 {
        sheets.image(page, [40.0, 20.0, 120.0, 70.0]);
        sheets.body(page as u32, 100.0, 200.0);
    }
    sheets.image(2, [100.0, 220.0, 400.0, 400.0]);
    sheets.image(3, [100.0, 220.0, 120.0, 240.0]);
    assert_eq!(
        sheets.summary(),
        [labelled("", &[(2, [100.0, 220.0, 400.0, 400.0])])]
    );
}

#[test]
fn a_numbered_formula_is_a_visual() {
    let mut sheets = Sheets::new(1);
    let place = [200.0, 100.0, 400.0, 120.0];
    sheets.paragraph(ParagraphKind::FormulaText, 0, place, "E = mc2 (3.2)");
    sheets.paragraph(
        ParagraphKind::FormulaText,
        0,
        [200.0, 140.0, 400.0, 160.0],
        "a = b",
    );
    let visuals = sheets.detect();
    assert_eq!(visuals.len(), 1);
    assert_eq!(visuals[0].kind, VisualKind::Formula);
    let label = visuals[0].label.as_ref().unwrap();
    assert_eq!(label.text, "(3.2)");
    assert_eq!(label.number.as_ref().unwrap().number, "3.2");
}

#[test]
fn tags_give_alternative_texts_and_pictures_of_their_own() {
    let mut sheets = Sheets::new(1);
    sheets.image(0, [200.0, 170.0, 400.0, 300.0]);
    sheets.caption(0, 310.0, "Figure 1: A thing");
    let tag = |bbox: [f32; 4], alt: &str| TaggedFigure {
        page: Some(PageIndex(0)),
        bbox: Some(rect(bbox)),
        table: false,
        alt_text: Some(alt.to_owned()),
    };
    sheets.document.structure.figures = vec![
        tag([198.0, 168.0, 402.0, 302.0], "a thing"),
        tag([100.0, 500.0, 300.0, 600.0], "another"),
    ];
    let visuals = sheets.detect();
    let texts: Vec<Option<&str>> = visuals.iter().map(|v| v.alt_text.as_deref()).collect();
    assert_eq!(texts, [Some("a thing"), Some("another")]);
    assert_eq!(visuals[0].sources, [Source::Raster, Source::Structure]);
    assert_eq!(visuals[1].sources, [Source::Structure]);
}
