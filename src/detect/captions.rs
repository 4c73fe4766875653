//! The captions of a document: one paragraph can hold several.

use crate::{
    geometry::{PageIndex, Rect},
    mention::{CaptionLabel, Label, LabelKind, caption_label},
    segment::{Line, Paragraph, ParagraphId, ParagraphKind},
};

/// Kinds of labels whose captions stand on one side of their visuals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Family {
    /// Figures of all sorts.
    Figure,
    /// Tables.
    Table,
    /// Algorithms and listings.
    Program,
}

impl Family {
    pub(super) const ALL: [Family; 3] = [Family::Figure, Family::Table, Family::Program];

    fn of(kind: LabelKind) -> Family {
        match kind {
            LabelKind::Table => Family::Table,
            LabelKind::Algorithm | LabelKind::Listing => Family::Program,
            _ => Family::Figure,
        }
    }
}

/// A caption and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Caption {
    pub(super) paragraph: ParagraphId,
    pub(super) label: Label,
    pub(super) family: Family,
    pub(super) continued: bool,
    pub(super) page: PageIndex,
    pub(super) bbox: Rect,
}

/// All captions in reading order.
pub(super) fn captions(paragraphs: &[Paragraph]) -> Vec<Caption> {
    paragraphs
        .iter()
        .filter(|paragraph| paragraph.kind == ParagraphKind::Caption)
        .flat_map(captions_of)
        .collect()
}

/// The captions of a paragraph: usually one; a block of captions has a line for the start of each.
fn captions_of(paragraph: &Paragraph) -> Vec<Caption> {
    let Some(first) = caption_label(&paragraph.text) else {
        return Vec::new();
    };
    let mut starts: Vec<(usize, CaptionLabel)> = vec![(0, first)];
    for (index, line) in paragraph.lines.iter().enumerate().skip(1) {
        let label = paragraph
            .text
            .get(line.span.clone())
            .and_then(caption_label)
            .filter(|label| label.delimited && label.label.number.is_some());
        if let Some(label) = label
            && starts.iter().all(|(_, other)| {
                other.label.kind == label.label.kind && other.label.number != label.label.number
            })
        {
            starts.push((index, label));
        }
    }
    let ends = starts.iter().skip(1).map(|(index, _)| *index);
    let ends: Vec<usize> = ends.chain([paragraph.lines.len()]).collect();
    starts
        .into_iter()
        .zip(ends)
        .filter_map(|((from, label), to)| {
            let (page, bbox) = place(paragraph, paragraph.lines.get(from..to)?)?;
            Some(Caption {
                paragraph: paragraph.id,
                family: Family::of(label.label.kind),
                label: label.label,
                continued: label.continued,
                page,
                bbox,
            })
        })
        .collect()
}

/// The page on which lines begin, and the box of those on it.
fn place(paragraph: &Paragraph, lines: &[Line]) -> Option<(PageIndex, Rect)> {
    let Some(first) = lines.first() else {
        let region = paragraph.regions.first()?;
        return Some((region.page, region.bbox));
    };
    let page = first.region.page;
    let here = lines.iter().filter(|line| line.region.page == page);
    Some((page, Rect::union_all(here.map(|line| line.region.bbox))?))
}
