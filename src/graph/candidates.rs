//! Which visuals a paragraph may belong to: few enough that the graph stays sparse, chosen so that
//! the right one is nearly always among them.

use super::{place::Places, text::TextIndex};
use crate::{
    detect::{Visual, VisualId},
    mention::is_list_of_visuals_heading,
    segment::{Paragraph, ParagraphKind, has_leaders, is_fragment},
};

/// Visuals before and after each paragraph in reading order.
const NEAR: usize = 4;
/// Among so many: a book may have thousands of icons.
const REACH: usize = 100;
/// Visuals by the words in common.
const ALIKE: usize = 6;
/// The same, however far.
const ALIKE_FAR: usize = 3;
/// Words in common count half at so many pages.
const HALF_PAGES: f32 = 10.0;

/// The visuals that a paragraph may belong to, sorted; those it names are added by the caller.
pub(super) fn candidates(
    paragraph: &Paragraph,
    visuals: &[Visual],
    places: &Places,
    text: &TextIndex<'_>,
) -> Vec<VisualId> {
    if !can_discuss(paragraph) {
        return Vec::new();
    }
    let index = paragraph.id.0 as usize;
    let named = |id: &VisualId| visuals.get(id.0 as usize).is_some_and(can_be_named);
    let mut found: Vec<VisualId> = Vec::new();
    found.extend(places.before(index).take(REACH).filter(named).take(NEAR));
    found.extend(places.after(index).take(REACH).filter(named).take(NEAR));
    let near = |id: VisualId| {
        let Some(visual) = visuals
            .get(id.0 as usize)
            .filter(|visual| can_be_named(visual))
        else {
            return 0.0;
        };
        let pages = visual.page().distance(paragraph.page());
        1.0 / (1.0 + pages as f32 / HALF_PAGES)
    };
    let alike = text.alike(index);
    found.extend(best(&alike, ALIKE, near));
    found.extend(best(&alike, ALIKE_FAR, |id| {
        f32::from(u8::from(named(&id)))
    }));
    found.sort_unstable();
    found.dedup();
    found
}

/// The visuals most alike, times a weight.
fn best(
    alike: &[(VisualId, f32)],
    most: usize,
    weight: impl Fn(VisualId) -> f32,
) -> impl Iterator<Item = VisualId> {
    let weighted = alike.iter().map(|(id, score)| (*id, score * weight(*id)));
    let mut weighted: Vec<(VisualId, f32)> = weighted.filter(|(_, score)| *score > 0.0).collect();
    weighted.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    weighted.into_iter().take(most).map(|(id, _)| id)
}

/// Whether a text could name the visual: most visuals without label and caption are decoration,
/// and those that are not belong to the text that they stand in.
pub(super) fn can_be_named(visual: &Visual) -> bool {
    visual.label.is_some() || visual.caption.is_some()
}

/// Running text of more than a few letters, or what looks like a caption but is none of a visual's.
fn can_discuss(paragraph: &Paragraph) -> bool {
    (paragraph.kind.is_running_text() || paragraph.kind == ParagraphKind::Caption)
        && !is_fragment(&paragraph.text)
        && !is_listing(paragraph)
}

/// Whether a text is an entry of a list of figures or the like: it repeats the caption and
/// discusses nothing.
fn is_listing(paragraph: &Paragraph) -> bool {
    let heading = paragraph.section.last();
    has_leaders(&paragraph.text) || heading.is_some_and(|title| is_list_of_visuals_heading(title))
}
