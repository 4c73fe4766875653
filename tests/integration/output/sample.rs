//! A document of two pages, put together by hand: what the stages before would make of the little
//! PDF that goes with it.

use std::{collections::BTreeMap, fmt::Write as _, sync::Arc};

use docalign::{
    align::{Alignment, Evidence, Link, UnresolvedMention},
    detect::{Seen, Source, Visual, VisualId, VisualKind},
    geometry::{PageIndex, Rect, Region},
    graph::AlignmentGraph,
    mention::{Label, LabelKind, LabelNumber, Mention, MentionTarget},
    pdf::{Destination, Document, OutlineItem, Page, PdfSource, Structure},
    pipeline::AlignedDocument,
    segment::{Paragraph, ParagraphId, ParagraphKind},
    warning::{Warning, WarningCode},
};

/// Text that would run in a page which does not escape it.
pub const INJECTION: &str = "</script><script>document.title='broken in'</script><img src=x onerror=\"document.title='broken in'\">";

/// A PDF with `pages` pages of 400 by 300 points; each has a line of text and a filled box at
/// `[50, 100, 250, 200]`, origin top-left.
pub fn pdf(pages: usize) -> Vec<u8> {
    let kids: String = (0..pages).map(|i| format!("{} 0 R ", 4 + 2 * i)).collect();
    let mut objects = vec![
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        format!("<</Type/Pages/Count {pages}/Kids[{kids}]>>"),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned(),
    ];
    for i in 0..pages {
        objects.push(format!(
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 300]/Contents {} 0 R\
             /Resources<</Font<</F1 3 0 R>>>>>>",
            5 + 2 * i
        ));
        let stream = format!(
            "BT /F1 12 Tf 50 260 Td (Page {} of a small document) Tj ET 0.8 0.2 0.2 rg 50 100 200 100 re f",
            i + 1
        );
        objects.push(format!(
            "<</Length {}>>stream\n{stream}\nendstream",
            stream.len()
        ));
    }
    assemble(&objects)
}

fn assemble(objects: &[String]) -> Vec<u8> {
    let mut file = "%PDF-1.4\n".to_owned();
    let mut offsets = Vec::new();
    for (i, object) in objects.iter().enumerate() {
        offsets.push(file.len());
        write!(file, "{} 0 obj\n{object}\nendobj\n", i + 1).unwrap();
    }
    let xref = file.len();
    write!(file, "xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).unwrap();
    for offset in offsets {
        writeln!(file, "{offset:010} 00000 n ").unwrap();
    }
    let size = objects.len() + 1;
    write!(
        file,
        "trailer<</Size {size}/Root 1 0 R>>\nstartxref\n{xref}\n%%EOF\n"
    )
    .unwrap();
    file.into_bytes()
}

pub fn source(pages: usize) -> PdfSource {
    PdfSource {
        file_name: "small.pdf".to_owned(),
        bytes: Arc::new(pdf(pages)),
        password: String::new(),
    }
}

/// The page of the given index with nothing read from it.
pub fn page(index: u32) -> Page {
    Page {
        index: PageIndex(index),
        width: 400.0,
        height: 300.0,
        runs: Vec::new(),
        glyphs: Vec::new(),
        graphics: Vec::new(),
        frames: Vec::new(),
    }
}

pub fn region(page: u32, x0: f32, y0: f32, x1: f32, y1: f32) -> Region {
    Region {
        page: PageIndex(page),
        bbox: Rect::new(x0, y0, x1, y1),
    }
}

/// A paragraph with one sentence, one box and no mention.
pub fn paragraph(id: u32, kind: ParagraphKind, page: u32, y: f32, text: &str) -> Paragraph {
    Paragraph {
        id: ParagraphId(id),
        kind,
        text: text.to_owned(),
        language: Some("en"),
        section: Arc::from([]),
        sentences: std::iter::once(0..text.len()).collect(),
        regions: vec![region(page, 50.0, y, 350.0, y + 14.0)],
        lines: Vec::new(),
        mentions: Vec::new(),
    }
}

pub fn mention(text: &str, of: &str, kind: LabelKind, number: &str) -> Mention {
    let start = text.find(of).unwrap();
    Mention {
        span: start..start + of.len(),
        elsewhere: false,
        text: of.to_owned(),
        kind,
        targets: vec![MentionTarget::Number(LabelNumber {
            number: number.to_owned(),
            part: None,
        })],
    }
}

pub fn visual(id: u32, kind: VisualKind, page: u32) -> Visual {
    Visual {
        id: VisualId(id),
        kind,
        label: None,
        caption: None,
        continued: Vec::new(),
        regions: vec![region(page, 50.0, 100.0, 250.0, 200.0)],
        score: 0.9,
        sources: vec![Source::Vector],
        alt_text: None,
        text: String::new(),
        appearance: Vec::new(),
    }
}

pub fn link(paragraph: u32, visual: u32, probability: f32, evidence: Evidence) -> Link {
    Link {
        paragraph: ParagraphId(paragraph),
        visual: VisualId(visual),
        probability,
        evidence: vec![evidence],
        reasons: Vec::new(),
        mention: (evidence == Evidence::Mention).then_some(0),
    }
}

fn paragraphs() -> Vec<Paragraph> {
    use ParagraphKind::{Body, Caption, Code, Heading, ListItem};
    let section: Arc<[String]> = Arc::from(["1 Methods *and* more".to_owned()]);
    let injection = format!("As Figure 1 shows, {INJECTION} stays text.");
    let mut all = vec![
        paragraph(0, Heading, 0, 30.0, "1 Methods *and* more"),
        paragraph(1, Body, 0, 50.0, &injection),
        paragraph(2, Caption, 0, 210.0, "Figure 1: The red box"),
        paragraph(
            3,
            ListItem,
            0,
            240.0,
            "• Weak words about the box. They go on.",
        ),
        paragraph(4, Code, 1, 30.0, "let x = 1;\nlet y = 2;"),
        paragraph(
            5,
            Body,
            1,
            50.0,
            "图示系统结构。See Figure 9 for what is not here.",
        ),
    ];
    for p in all.iter_mut().skip(1) {
        p.section = Arc::clone(&section);
    }
    all[1].mentions = vec![mention(&injection, "Figure 1", LabelKind::Figure, "1")];
    let text = all[5].text.clone();
    all[5].mentions = vec![mention(&text, "Figure 9", LabelKind::Figure, "9")];
    all[5].language = Some("zh");
    all
}

fn visuals() -> Vec<Visual> {
    let mut red = visual(0, VisualKind::Figure, 0);
    red.label = Some(Label {
        kind: LabelKind::Figure,
        number: Some(LabelNumber {
            number: "1".to_owned(),
            part: None,
        }),
        text: "Figure 1".to_owned(),
    });
    red.caption = Some(ParagraphId(2));
    vec![red, visual(1, VisualKind::Photo, 1)]
}

/// Figure 1 on page 1 with a certain and a weak paragraph, a photo on page 2 with none.
pub fn document() -> AlignedDocument {
    AlignedDocument {
        source: source(2),
        document: Document {
            sha256: "0".repeat(64),
            pages: vec![page(0), page(1)],
            page_count: 2,
            fonts: Vec::new(),
            structure: Structure {
                title: Some("A <small> document".to_owned()),
                page_labels: vec!["i".to_owned(), "ii".to_owned()],
                outline: vec![OutlineItem {
                    title: "1 Methods".to_owned(),
                    level: 1,
                    target: Some(Destination {
                        page: PageIndex(0),
                        point: None,
                        name: None,
                    }),
                }],
                ..Structure::default()
            },
            warnings: vec![Warning {
                page: Some(PageIndex(1)),
                code: WarningCode::NeedsOcr,
                message: "no text".to_owned(),
            }],
        },
        paragraphs: paragraphs(),
        seen: Seen::default(),
        visuals: visuals(),
        graph: AlignmentGraph::default(),
        models: BTreeMap::new(),
        alignment: Alignment {
            links: vec![
                link(1, 0, 0.987_654, Evidence::Mention),
                link(3, 0, 0.3, Evidence::Adjacency),
            ],
            unresolved_mentions: vec![UnresolvedMention {
                paragraph: ParagraphId(5),
                mention: 0,
                reason: "no figure 9 in this document".to_owned(),
            }],
        },
    }
}
