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

/// The captions of a paragraph: usually one; a block of captions has a line for the start of each,
/// set off as the first is. "Figure 3: The menu, much like | Figure 4" is one caption.
fn captions_of(paragraph: &Paragraph) -> Vec<Caption> {
    let Some(first) = caption_label(&paragraph.text) else {
        return Vec::new();
    };
    let text_of = |line: &Line| paragraph.text.get(line.span.clone()).unwrap_or("");
    let mark = paragraph.lines.first().and_then(|line| {
        let text = text_of(line);
        mark_after(text, &caption_label(text)?)
    });
    let mut starts: Vec<(usize, CaptionLabel)> = vec![(0, first)];
    for (index, line) in paragraph.lines.iter().enumerate().skip(1) {
        let text = text_of(line);
        let label = caption_label(text).filter(|label| {
            label.delimited && label.label.number.is_some() && mark_after(text, label) == mark
        });
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

/// What sets a label off from its title: a mark, a blank, or the line's end.
fn mark_after(text: &str, label: &CaptionLabel) -> Option<char> {
    let rest = text.get(label.span.end..)?.trim_start();
    let mark = rest.chars().next()?;
    Some(if mark.is_alphanumeric() { ' ' } else { mark })
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn labels(lines: &[&str]) -> Vec<String> {
        let mut text = String::new();
        let mut spans = Vec::new();
        for (line, y) in lines.iter().zip((100_u8..).step_by(12)) {
            if !text.is_empty() {
                text.push(' ');
            }
            let start = text.len();
            text.push_str(line);
            let y = f32::from(y);
            spans.push(Line {
                span: start..text.len(),
                region: crate::geometry::Region {
                    page: PageIndex(0),
                    bbox: Rect::new(50.0, y, 400.0, y + 10.0),
                },
            });
        }
        let paragraph = Paragraph {
            id: ParagraphId(0),
            kind: ParagraphKind::Caption,
            text,
            language: None,
            section: Arc::from([]),
            sentences: Vec::new(),
            regions: Vec::new(),
            lines: spans,
            mentions: Vec::new(),
        };
        let found = captions(&[paragraph]);
        found.into_iter().map(|c| c.label.text).collect()
    }

    #[test]
    fn a_label_that_ends_a_caption_begins_none() {
        let ending = labels(&["Рис. 3: Меню, похожее на", "рис. 4"]);
        assert_eq!(ending, ["Рис. 3"]);
    }

    #[test]
    fn a_block_holds_a_caption_for_each_label_set_off_alike() {
        let block = labels(&["Figure 3: The menu", "Figure 4: The tray"]);
        assert_eq!(block, ["Figure 3", "Figure 4"]);
        assert_eq!(labels(&["图 3", "图 4"]), ["图 3", "图 4"]);
    }
}
