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

/// The captions of a visual in two languages stand at most this far apart, in points.
const TRANSLATION_GAP: f32 = 20.0;

/// A caption and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Caption {
    pub(super) paragraph: ParagraphId,
    /// The same in other languages, right under it.
    pub(super) translations: Vec<ParagraphId>,
    pub(super) label: Label,
    pub(super) family: Family,
    pub(super) continued: bool,
    pub(super) page: PageIndex,
    pub(super) bbox: Rect,
}

/// All captions in reading order.
pub(super) fn captions(paragraphs: &[Paragraph]) -> Vec<Caption> {
    let all = paragraphs
        .iter()
        .filter(|paragraph| paragraph.kind == ParagraphKind::Caption)
        .flat_map(captions_of);
    let mut captions: Vec<Caption> = Vec::new();
    for caption in all {
        match captions.last_mut() {
            Some(last) if is_translation(last, &caption) => {
                last.bbox = last.bbox.union(&caption.bbox);
                last.translations.push(caption.paragraph);
            }
            _ => captions.push(caption),
        }
    }
    captions
}

/// Whether a caption says in another language what the one above it says, as theses have it: "图 2.1 ..."
/// and "Figure 2.1 ..." under one picture.
fn is_translation(above: &Caption, caption: &Caption) -> bool {
    let words = |caption: &Caption| -> String {
        let letters = caption.label.text.chars().filter(|ch| ch.is_alphabetic());
        letters.flat_map(char::to_lowercase).collect()
    };
    above.family == caption.family
        && above.page == caption.page
        && above.paragraph != caption.paragraph
        && caption.label.number.is_some()
        && above.label.number == caption.label.number
        && words(above) != words(caption)
        && above.bbox.x_overlap(&caption.bbox) > 0.0
        && caption.bbox.y0 - above.bbox.y1 < TRANSLATION_GAP
        && caption.bbox.center_y() > above.bbox.center_y()
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
                translations: Vec::new(),
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
    use crate::geometry::Region;

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
                region: Region {
                    page: PageIndex(0),
                    bbox: Rect::new(50.0, y, 400.0, y + 10.0),
                },
            });
        }
        let paragraph = Paragraph {
            lines: spans,
            ..caption(0, &text, 100.0)
        };
        let found = captions(&[paragraph]);
        found.into_iter().map(|c| c.label.text).collect()
    }

    #[test]
    fn a_label_that_ends_a_caption_begins_none() {
        let ending = labels(&["Рис. 3: Меню, похожее на", "рис. 4"]);
        assert_eq!(ending, ["Рис. 3"]);
    }

    fn caption(id: u32, text: &str, y: f32) -> Paragraph {
        let region = Region {
            page: PageIndex(0),
            bbox: Rect::new(50.0, y, 400.0, y + 10.0),
        };
        Paragraph::sample(id, ParagraphKind::Caption, text, region)
    }

    #[test]
    fn captions_in_two_languages_are_one() {
        let found = |second: &str, y: f32| {
            let found = captions(&[caption(0, "图 2.1 系统", 100.0), caption(1, second, y)]);
            let translations = found.first().map(|c| c.translations.clone());
            (found.len(), translations.unwrap_or_default())
        };
        assert_eq!(
            found("Figure 2.1 A system", 116.0),
            (1, vec![ParagraphId(1)])
        );
        assert_eq!(found("Figure 2.2 A system", 116.0), (2, vec![]));
        assert_eq!(found("Table 2.1 A system", 116.0), (2, vec![]));
        assert_eq!(found("图 2.1 系统", 116.0), (2, vec![]), "a further part");
        assert_eq!(found("Figure 2.1 A system", 300.0), (2, vec![]));
    }

    #[test]
    fn a_block_holds_a_caption_for_each_label_set_off_alike() {
        let block = labels(&["Figure 3: The menu", "Figure 4: The tray"]);
        assert_eq!(block, ["Figure 3", "Figure 4"]);
        assert_eq!(labels(&["图 3", "图 4"]), ["图 3", "图 4"]);
    }
}
