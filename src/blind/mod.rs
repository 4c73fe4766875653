//! Hides mentions: takes their words off the pages, as if the author had written the document
//! without naming a single visual.
//!
//! What is left shows how well paragraphs and visuals are associated by what they are about and
//! where they stand. It is one step between reading and segmentation, so that nothing of a mention
//! can reach a later stage: `find` says which glyphs, captions' own labels excepted ([`own_label`]),
//! and [`erase`] removes them and closes the gap.

mod erase;
mod find;
mod own_label;
#[cfg(test)]
mod tests;

use rayon::prelude::*;

use crate::{
    geometry::Region,
    pdf::Document,
    segment::{Paragraph, segment},
};

pub use find::mentions_of;

/// Where words vanish, their neighbours come together and can look like a mention in turn; after
/// this many rounds no document had one left.
const MAX_ROUNDS: usize = 6;

/// Whose mentions are hidden.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scope<'a> {
    /// Those of all text. What the file says of itself is hidden too: link annotations, bookmarks
    /// and the structure tree.
    Everywhere,
    /// Those on these lines; all else stands.
    Lines(&'a [Region]),
}

/// Removes the words of the mentions in scope, the labels of captions excepted, and besides them
/// the words in the boxes `also`.
pub fn hide_mentions(document: &mut Document, scope: Scope<'_>, also: &[Region]) {
    if scope == Scope::Everywhere {
        document.structure.links.clear();
        document.structure.outline.clear();
        document.structure.figures.clear();
    }
    for round in 0..MAX_ROUNDS {
        let paragraphs = segment(document);
        let also = if round == 0 { also } else { &[] };
        if !hide_once(document, &paragraphs, scope, also) {
            return;
        }
    }
}

/// Whether there was anything to hide.
fn hide_once(
    document: &mut Document,
    paragraphs: &[Paragraph],
    scope: Scope<'_>,
    also: &[Region],
) -> bool {
    let found = find::find(document, paragraphs, scope, also);
    let any = found.iter().any(|lines| !lines.is_empty());
    document
        .pages
        .par_iter_mut()
        .zip(found)
        .for_each(|(page, lines)| erase::erase(page, &lines));
    any
}
