//! Visuals without a caption: screenshots in manuals, tables in the text, numbered formulas.

use std::collections::HashMap;

use crate::{
    geometry::{PageIndex, Rect, Region},
    mention::{Label, LabelKind, LabelNumber},
    segment::{Paragraph, ParagraphKind, ZoneKind, equation_number},
};

use super::{
    assign::{Assignment, next_part},
    page::{Candidate, PageView},
    visual::{Source, Visual, VisualId, VisualKind},
};

/// Smaller pictures without a caption, in points, are icons.
const MIN_SIDE: f32 = 40.0;
const MIN_AREA: f32 = 3_600.0;
/// A table of less area, in square points, is a line with a rule above and below.
const MIN_TABLE_AREA: f32 = 2_000.0;
/// A drawing without a caption that the network does not see is none.
const MIN_SCORE: f32 = 0.5;
/// What a zone's score is worth without a caption.
const UNCAPTIONED: f32 = 0.7;
/// Longest piece of a formula that reads as text, in bytes.
const MAX_PIECE: usize = 40;
/// A formula's number is at most this far from it, in points.
const MAX_NUMBER_GAP: f32 = 250.0;
/// Higher lines, in points, are no rows of a formula.
const MAX_ROW: f32 = 60.0;
/// Score of a numbered formula.
const FORMULA: f32 = 0.8;

/// The pictures and tables that no caption took.
pub(super) fn pictures(pages: &[PageView], assignment: &Assignment) -> Vec<Visual> {
    let taken = assignment.taken();
    let mut visuals: Vec<Visual> = Vec::new();
    // The zones that go on a table of the page before, with that table's visual.
    let mut parts: HashMap<(usize, usize), usize> = HashMap::new();
    for (page, view) in pages.iter().enumerate() {
        for (index, zone) in view.zones.iter().enumerate() {
            if taken.binary_search(&(page, index)).is_ok() || !is_worth_a_look(view, zone) {
                continue;
            }
            let part_of = parts.get(&(page, index)).copied();
            let visual = part_of.unwrap_or(visuals.len());
            match visuals.get_mut(visual) {
                Some(whole) => whole.regions.push(Region {
                    page: view.index,
                    bbox: zone.bbox,
                }),
                None => visuals.push(picture(view, zone)),
            }
            if let Some(next) = next_part(pages, page, index) {
                parts.insert(next, visual);
            }
        }
    }
    visuals
}

fn is_worth_a_look(view: &PageView, zone: &Candidate) -> bool {
    let (w, h) = (zone.bbox.width(), zone.bbox.height());
    match zone.kind {
        ZoneKind::Figure => {
            // In a scan there is nothing but what the network sees.
            let is_sure = zone.score > MIN_SCORE || view.scanned && zone.sure;
            is_sure && w.min(h) >= MIN_SIDE && w * h >= MIN_AREA
        }
        ZoneKind::Table => w * h >= MIN_TABLE_AREA && (zone.score > 0.7 || zone.sure),
        // A frame around text is no visual; program text in a scan is.
        ZoneKind::Boxed => zone.sure && !zone.vector,
        ZoneKind::Rule => false,
    }
}

fn picture(view: &PageView, zone: &Candidate) -> Visual {
    let kind = match zone.kind {
        ZoneKind::Table => VisualKind::Table,
        ZoneKind::Boxed => VisualKind::Algorithm,
        // In manuals, images without a caption are screenshots.
        _ if zone.raster && !zone.vector => VisualKind::Photo,
        _ => VisualKind::Figure,
    };
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
        sources: zone.sources(),
        alt_text: None,
        text: String::new(),
        appearance: view.appearance(zone),
    }
}

/// Displayed formulas with a number.
pub(super) fn formulas(paragraphs: &[Paragraph]) -> Vec<Visual> {
    let rows = formula_rows(paragraphs);
    let mut found: Vec<Visual> = paragraphs.iter().filter_map(formula).collect();
    for visual in &mut found {
        visual.regions = whole_formula(&visual.regions, &rows);
    }
    found
}

/// For each page, the lines that can be parts of displayed formulas.
fn formula_rows(paragraphs: &[Paragraph]) -> HashMap<PageIndex, Vec<Rect>> {
    let mut rows: HashMap<PageIndex, Vec<Rect>> = HashMap::new();
    for paragraph in paragraphs {
        // Pieces of formulas that read as words ("for all") come as short paragraphs.
        let short = paragraph.kind == ParagraphKind::Body && paragraph.text.len() <= MAX_PIECE;
        if short || paragraph.kind == ParagraphKind::FormulaText {
            for line in &paragraph.lines {
                let list = rows.entry(line.region.page).or_default();
                list.push(line.region.bbox);
            }
        }
    }
    rows
}

/// The regions of a formula, one a page, with the lines in its rows: its number is often set
/// apart from it.
fn whole_formula(regions: &[Region], rows: &HashMap<PageIndex, Vec<Rect>>) -> Vec<Region> {
    let mut whole: Vec<Region> = Vec::new();
    for region in regions {
        match whole.iter_mut().find(|r| r.page == region.page) {
            Some(known) => known.bbox = known.bbox.union(&region.bbox),
            None => whole.push(*region),
        }
    }
    for region in &mut whole {
        let own = region.bbox;
        let lines = rows.get(&region.page).map_or(&[][..], Vec::as_slice);
        // A number at the right has its formula at the left, in the same column.
        let is_in_rows = |line: &&Rect| {
            line.y_overlap(&own) > 0.3 * line.height().min(own.height())
                && line.x_gap(&own) < MAX_NUMBER_GAP
                && line.height() < MAX_ROW
        };
        for line in lines.iter().filter(is_in_rows) {
            region.bbox = region.bbox.union(line);
        }
    }
    whole
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
        appearance: Vec::new(),
    })
}
