//! The section path of every paragraph.

use std::{collections::HashMap, sync::Arc};

use crate::pdf::Document;

use super::{
    classify::{fold_title, section_number},
    paragraph::{Paragraph, ParagraphKind},
};

/// Deeper headings than this share one level.
const MAX_LEVEL: u8 = 8;

/// Fills in the section paths. A heading's level comes from the outline, from its number, or from
/// the rank of its size among those that have neither.
pub(super) fn set_sections(document: &Document, paragraphs: &mut [Paragraph], sizes: &[f32]) {
    let outline: HashMap<String, u8> = document
        .structure
        .outline
        .iter()
        .map(|item| (fold_title(&item.title), item.level))
        .collect();
    let ranks = size_ranks(paragraphs, sizes);
    let mut path: Vec<(u8, String)> = Vec::new();
    let mut section: Arc<[String]> = Arc::from([]);
    for (paragraph, size) in paragraphs.iter_mut().zip(sizes) {
        if paragraph.kind == ParagraphKind::Heading {
            let level = outline
                .get(&fold_title(&paragraph.text))
                .copied()
                .or_else(|| section_number(&paragraph.text))
                .or_else(|| ranks.get(&size_key(*size)).copied())
                .unwrap_or(1)
                .clamp(1, MAX_LEVEL);
            path.retain(|(above, _)| *above < level);
            paragraph.section = path.iter().map(|(_, title)| title.clone()).collect();
            path.push((level, paragraph.text.clone()));
            section = path.iter().map(|(_, title)| title.clone()).collect();
        } else {
            paragraph.section = Arc::clone(&section);
        }
    }
}

fn size_key(size: f32) -> i32 {
    (size * 2.0).round() as i32
}

fn size_ranks(paragraphs: &[Paragraph], sizes: &[f32]) -> HashMap<i32, u8> {
    let mut keys: Vec<i32> = paragraphs
        .iter()
        .zip(sizes)
        .filter(|(paragraph, _)| paragraph.kind == ParagraphKind::Heading)
        .map(|(_, size)| size_key(*size))
        .collect();
    keys.sort_by_key(|key| std::cmp::Reverse(*key));
    keys.dedup();
    keys.into_iter().zip(1..=MAX_LEVEL).collect()
}
