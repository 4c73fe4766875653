//! Visuals without a caption: screenshots in manuals, tables in the text, numbered formulas.

use crate::{
    geometry::Region,
    mention::{Label, LabelKind, LabelNumber},
    segment::{Paragraph, ParagraphKind, Zone, ZoneKind, equation_number},
};

use super::{
    assign::Assignment,
    page::PageView,
    visual::{Source, Visual, VisualId, VisualKind},
};

/// Smaller pictures without a caption, in points, are icons.
const MIN_SIDE: f32 = 40.0;
const MIN_AREA: f32 = 3_600.0;
/// A table of less area, in square points, is a line with a rule above and below.
const MIN_TABLE_AREA: f32 = 2_000.0;
/// What a zone's score is worth without a caption.
const UNCAPTIONED: f32 = 0.7;
/// Score of a numbered formula.
const FORMULA: f32 = 0.8;

/// The pictures and tables that no caption took.
pub(super) fn pictures(pages: &[PageView], assignment: &Assignment) -> Vec<Visual> {
    let taken = assignment.taken();
    let mut visuals = Vec::new();
    for (page, view) in pages.iter().enumerate() {
        for (index, zone) in view.zones.iter().enumerate() {
            if taken.binary_search(&(page, index)).is_err() && is_worth_a_look(zone) {
                visuals.push(picture(view, zone));
            }
        }
    }
    visuals
}

fn is_worth_a_look(zone: &Zone) -> bool {
    let (w, h) = (zone.bbox.width(), zone.bbox.height());
    match zone.kind {
        ZoneKind::Figure => w.min(h) >= MIN_SIDE && w * h >= MIN_AREA,
        ZoneKind::Table => w * h >= MIN_TABLE_AREA && zone.score > 0.7,
        ZoneKind::Boxed | ZoneKind::Rule => false,
    }
}

fn picture(view: &PageView, zone: &Zone) -> Visual {
    let kind = match zone.kind {
        ZoneKind::Table => VisualKind::Table,
        // In manuals, images without a caption are screenshots.
        _ if zone.raster && !zone.vector => VisualKind::Photo,
        _ => VisualKind::Figure,
    };
    let mut sources = Vec::new();
    if zone.vector {
        sources.push(Source::Vector);
    }
    if zone.raster {
        sources.push(Source::Raster);
    }
    Visual {
        id: VisualId(0),
        kind,
        label: None,
        caption: None,
        continued: Vec::new(),
        regions: vec![Region {
            page: view.index,
            bbox: zone.bbox,
        }],
        score: UNCAPTIONED * zone.score,
        sources,
        alt_text: None,
        text: String::new(),
    }
}

/// Displayed formulas with a number.
pub(super) fn formulas(paragraphs: &[Paragraph]) -> Vec<Visual> {
    paragraphs.iter().filter_map(formula).collect()
}

fn formula(paragraph: &Paragraph) -> Option<Visual> {
    if paragraph.kind != ParagraphKind::FormulaText || paragraph.regions.is_empty() {
        return None;
    }
    let printed = equation_number(&paragraph.text)?;
    Some(Visual {
        id: VisualId(0),
        kind: VisualKind::Formula,
        label: Some(Label {
            kind: LabelKind::Equation,
            number: Some(LabelNumber {
                number: printed.replace(['-', '–'], "."),
                part: None,
            }),
            text: format!("({printed})"),
        }),
        caption: None,
        continued: Vec::new(),
        regions: paragraph.regions.clone(),
        score: FORMULA,
        sources: vec![Source::Caption],
        alt_text: None,
        text: paragraph.text.clone(),
    })
}
