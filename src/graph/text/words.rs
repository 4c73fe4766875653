//! What can be read of a visual.

use crate::{
    detect::Visual,
    segment::{Paragraph, ParagraphId},
};

/// What can be read of a visual.
pub(super) struct VisualWords {
    /// Its captions without the label, and its alternative text.
    pub(super) caption: String,
    /// The text inside.
    pub(super) inner: String,
    /// The titles of the sections that its caption stands in.
    pub(super) section: String,
}

impl VisualWords {
    pub(super) fn new(visual: &Visual, paragraphs: &[Paragraph]) -> VisualWords {
        let of = |id: ParagraphId| paragraphs.get(id.0 as usize);
        let label = visual.label.as_ref().map_or("", |label| &label.text);
        let mut caption = String::new();
        for paragraph in visual.captions().filter_map(of) {
            caption.push_str(without_label(&paragraph.text, label));
            caption.push(' ');
        }
        caption.push_str(visual.alt_text.as_deref().unwrap_or(""));
        let section = visual.caption.and_then(of);
        VisualWords {
            caption,
            inner: visual.text.clone(),
            section: section.map_or_else(String::new, |paragraph| paragraph.section.join(" ")),
        }
    }

    /// Letter groups are many: those of so many bytes tell enough.
    pub(super) fn short_inner(&self) -> &str {
        const BYTES: usize = 2000;
        let end = (0..=BYTES.min(self.inner.len()))
            .rev()
            .find(|at| self.inner.is_char_boundary(*at));
        self.inner.get(..end.unwrap_or(0)).unwrap_or("")
    }
}

/// A caption without its label, which names the visual and does not describe it.
pub(crate) fn without_label<'a>(caption: &'a str, label: &str) -> &'a str {
    let caption = caption.trim_start();
    caption.strip_prefix(label).unwrap_or(caption)
}
