//! Captions as the gold finds them: lines that begin with a label.

use super::lines::TextLine;
use crate::{
    geometry::Rect,
    mention::{LabelKind, caption_label},
};

/// A line that begins as a caption does.
#[derive(Debug, Clone)]
pub(super) struct FoundCaption {
    pub(super) kind: LabelKind,
    /// Number in normal form, without a subfigure letter.
    pub(super) number: String,
    /// Whether a delimiter follows the number.
    pub(super) delimited: bool,
    pub(super) bbox: Rect,
    pub(super) text: String,
}

/// The numbered captions among a page's lines, body lines that happen to begin with a mention
/// included.
pub(super) fn find_captions(lines: &[TextLine]) -> Vec<FoundCaption> {
    lines
        .iter()
        .filter_map(|line| {
            let found = caption_label(&line.text)?;
            Some(FoundCaption {
                kind: found.label.kind,
                number: found.label.number?.number,
                delimited: found.delimited,
                bbox: line.bbox,
                text: line.text.clone(),
            })
        })
        .collect()
}
