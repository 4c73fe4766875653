//! What a network is told of paragraphs, visuals and candidate pairs: the one place that lists it.
//!
//! All features are about -1 to 1. Distances are squeezed by logarithms, so that documents of any
//! length look alike. None depends on a language's words.
//!
//! | features | file |
//! |---|---|
//! | where a pair stands | [`place`] |
//! | what its words share, beside the pairs next to it | [`relative`] |
//! | what the mentions that can be seen say of it | [`stated`] |
//! | what the texts that hold them have in common with it | [`discussion`] |
//! | paragraphs and visuals by themselves | [`nodes`] |

mod discussion;
mod nodes;
mod place;
mod relative;
mod scene;
mod stated;

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    AlignmentGraph,
    candidates::{can_be_named, candidates},
    place::Places,
    text::TextIndex,
};
use crate::{
    detect::{Visual, VisualId},
    pdf::Document,
    segment::{Paragraph, ParagraphId},
};

use discussion::{Discussion, Votes};
use relative::Relative;
use scene::Scene;

/// A feature's name and meaning.
pub type Feature = (&'static str, &'static str);

/// What a feature of a pair is about: where a link's reasons come from.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Aspect {
    /// Where the visual stands, seen from the paragraph.
    Place,
    /// The sections of both.
    Section,
    /// Words in common with the caption.
    Caption,
    /// Words, symbols and letter groups in common with the caption and what is inside.
    Content,
    /// What the paragraphs next to it have in common with the visual.
    Beside,
    /// What the text itself names.
    Stated,
    /// What other paragraphs name, and the order of it.
    Named,
    /// How the text is put: whether it speaks of a figure or of a table.
    Wording,
}

impl Aspect {
    /// All of them.
    pub const ALL: [Aspect; 8] = [
        Aspect::Place,
        Aspect::Section,
        Aspect::Caption,
        Aspect::Content,
        Aspect::Beside,
        Aspect::Stated,
        Aspect::Named,
        Aspect::Wording,
    ];
}

/// Features of a pair, in order: what they are about, name and meaning.
pub const PAIR_FEATURES: &[(Aspect, &str, &str)] = &[
    (
        Aspect::Place,
        "pages",
        "pages from paragraph to visual, signed, /5, within -1..1",
    ),
    (Aspect::Place, "same-page", "1 where both stand on one page"),
    (
        Aspect::Place,
        "next-page",
        "1 where the visual is on the page after",
    ),
    (
        Aspect::Place,
        "page-before",
        "1 where the visual is on the page before",
    ),
    (
        Aspect::Place,
        "after",
        "1 where the visual comes later in reading order",
    ),
    (
        Aspect::Place,
        "paragraphs",
        "ln(1 + texts between), signed, /5",
    ),
    (Aspect::Place, "words", "ln(1 + words between), signed, /8"),
    (
        Aspect::Place,
        "rank",
        "1 / (1 + visuals between on this side)",
    ),
    (
        Aspect::Place,
        "rank-unnamed",
        "the same among visuals that no text names; 0 for one that is named",
    ),
    (
        Aspect::Place,
        "rank-in-family",
        "1 / (1 + visuals of the family between on this side)",
    ),
    (
        Aspect::Place,
        "nearest-after",
        "1 for the first labelled visual after",
    ),
    (
        Aspect::Place,
        "nearest-before",
        "1 for the last labelled visual before",
    ),
    (
        Aspect::Place,
        "touching",
        "1 where no running text stands between",
    ),
    (Aspect::Section, "headings", "ln(1 + headings between) / 3"),
    (
        Aspect::Section,
        "same-section",
        "1 where the innermost sections are one",
    ),
    (
        Aspect::Section,
        "section-depth",
        "share of the section titles that are common, from the outermost",
    ),
    (
        Aspect::Place,
        "gap",
        "vertical gap in page heights on one page, else 1",
    ),
    (
        Aspect::Place,
        "columns",
        "share of the narrower one's width beside the other, on one page",
    ),
    (
        Aspect::Place,
        "above",
        "1 where the visual stands above on one page",
    ),
    (Aspect::Caption, "caption", "Likeness::caption"),
    (Aspect::Content, "inner", "Likeness::inner"),
    (Aspect::Content, "whole", "Likeness::whole"),
    (Aspect::Caption, "sentence", "Likeness::sentence"),
    (Aspect::Caption, "distinctive", "Likeness::distinctive"),
    (Aspect::Caption, "coverage", "Likeness::coverage"),
    (Aspect::Content, "groups", "Likeness::groups"),
    (Aspect::Content, "groups-whole", "Likeness::groups_whole"),
    (Aspect::Content, "symbols", "Likeness::symbols"),
    (Aspect::Section, "section", "Likeness::section"),
    (
        Aspect::Section,
        "section-caption",
        "Likeness::section_caption",
    ),
    (Aspect::Beside, "run", "Likeness::run"),
    (
        Aspect::Caption,
        "caption-of-paragraph",
        "Likeness::caption over the paragraph's best",
    ),
    (
        Aspect::Content,
        "whole-of-paragraph",
        "Likeness::whole over the paragraph's best",
    ),
    (
        Aspect::Content,
        "groups-of-paragraph",
        "Likeness::groups over the paragraph's best",
    ),
    (
        Aspect::Caption,
        "distinctive-of-paragraph",
        "Likeness::distinctive over the paragraph's best",
    ),
    (
        Aspect::Caption,
        "caption-of-visual",
        "Likeness::caption over the visual's best",
    ),
    (
        Aspect::Content,
        "whole-of-visual",
        "Likeness::whole over the visual's best",
    ),
    (
        Aspect::Content,
        "groups-of-visual",
        "Likeness::groups over the visual's best",
    ),
    (
        Aspect::Caption,
        "distinctive-of-visual",
        "Likeness::distinctive over the visual's best",
    ),
    (
        Aspect::Beside,
        "whole-before",
        "Likeness::whole of the text before",
    ),
    (
        Aspect::Beside,
        "whole-after",
        "Likeness::whole of the text after",
    ),
    (
        Aspect::Beside,
        "groups-before",
        "Likeness::groups of the text before",
    ),
    (
        Aspect::Beside,
        "groups-after",
        "Likeness::groups of the text after",
    ),
    (
        Aspect::Stated,
        "mention",
        "1 where the text names the visual, the only one of this number",
    ),
    (
        Aspect::Stated,
        "mention-nearest",
        "1 where it is the nearest of several of this number",
    ),
    (
        Aspect::Stated,
        "mention-other-kind",
        "1 where the kind fits only in a wider sense",
    ),
    (
        Aspect::Stated,
        "pointer",
        "1 where the text points at the visual by its place",
    ),
    (
        Aspect::Stated,
        "annotation",
        "1 where a link annotation leads to it",
    ),
    (
        Aspect::Named,
        "named-beside",
        "1 / (1 + texts to the nearest text that names the visual)",
    ),
    (
        Aspect::Named,
        "named-before",
        "e^(-texts/20) to the nearest earlier text that names the visual",
    ),
    (Aspect::Named, "named-after", "the same for later texts"),
    (
        Aspect::Named,
        "step-before",
        "visuals from the one named last before to this one, /5, within -1..1",
    ),
    (
        Aspect::Named,
        "step-before-known",
        "1 where a visual was named before",
    ),
    (
        Aspect::Named,
        "step-after",
        "visuals from this one to the one named next, /5, within -1..1",
    ),
    (
        Aspect::Named,
        "step-after-known",
        "1 where a visual is named after",
    ),
    (
        Aspect::Named,
        "like-discussion",
        "highest cosine with a text near by that names the visual",
    ),
    (
        Aspect::Named,
        "like-naming",
        "highest cosine with any text that names the visual, of the texts most alike",
    ),
    (
        Aspect::Named,
        "like-naming-of-paragraph",
        "the same over the paragraph's best",
    ),
    (
        Aspect::Named,
        "votes",
        "share of the cosines of the texts most alike that is of those that name the visual",
    ),
    (
        Aspect::Named,
        "votes-family",
        "the same for texts that name any visual of its family",
    ),
];

/// Features of a paragraph, in order.
pub const PARAGRAPH_FEATURES: &[Feature] = &[
    ("body", "1 for running text"),
    ("heading", "1 for a heading"),
    ("list-item", "1 for a list item"),
    ("caption", "1 for a caption"),
    ("footnote", "1 for a footnote"),
    ("code", "1 for program text"),
    ("formula", "1 for a displayed formula"),
    ("table-text", "1 for text in a table"),
    ("words", "ln(1 + words) / 6"),
    ("sentences", "ln(1 + sentences) / 3"),
    ("colon", "1 where it ends with a colon"),
    ("y", "how far down the page it begins, 0..1"),
    ("pages", "1 where it runs over several pages or columns"),
    ("mentions", "ln(1 + visuals it names) / 2"),
    ("named-family", "1 where it names any visual"),
    ("in-section", "ln(1 + texts since the heading) / 3"),
    ("visuals-page", "ln(1 + visuals on its page) / 2"),
    ("visuals-next", "ln(1 + visuals on the next page) / 2"),
    ("visuals-before", "ln(1 + visuals on the page before) / 2"),
    ("place", "place in the document, 0..1"),
];

/// Families of visuals: the first features of a visual say to which it belongs.
pub const FAMILIES: usize = 4;

/// Features of a visual, in order.
pub const VISUAL_FEATURES: &[Feature] = &[
    ("picture", "1 for figures, photos, charts, diagrams"),
    ("table", "1 for a table"),
    ("algorithm", "1 for an algorithm or listing"),
    ("formula", "1 for a formula"),
    ("label", "1 with a printed label"),
    ("captioned", "1 with a caption"),
    ("caption-words", "ln(1 + words of the caption) / 5"),
    ("inner-words", "ln(1 + words inside) / 6"),
    ("area", "share of the page's area"),
    ("width", "share of the page's width"),
    ("y", "how far down the page it begins, 0..1"),
    ("page-visuals", "ln(1 + visuals on its page) / 2"),
    ("score", "Visual::score"),
    ("named", "ln(1 + texts that name it) / 2"),
    ("unnamed", "1 where no text names it"),
    (
        "named-share",
        "share of the document's labelled visuals that some text names",
    ),
    ("gap-before", "ln(1 + texts since the visual before) / 5"),
    ("gap-after", "ln(1 + texts to the next visual) / 5"),
    ("place", "place in the document, 0..1"),
];

/// A candidate pair.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The paragraph.
    pub paragraph: ParagraphId,
    /// The visual.
    pub visual: VisualId,
    /// [`PAIR_FEATURES`].
    pub features: Vec<f32>,
}

/// The numbers of a document.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Features {
    /// Sorted by paragraph, then visual.
    pub candidates: Vec<Candidate>,
    /// [`PARAGRAPH_FEATURES`] of each paragraph.
    pub paragraphs: Vec<Vec<f32>>,
    /// [`VISUAL_FEATURES`] of each visual.
    pub visuals: Vec<Vec<f32>>,
    /// The visuals that a text could name, in reading order.
    pub order: Vec<VisualId>,
    /// How each paragraph is put: numbers of its words and pairs of words, below
    /// [`WORDINGS`](super::WORDINGS).
    pub wordings: Vec<Vec<u16>>,
}

/// Makes the features of a document whose mentions are in the graph.
pub(super) fn features(
    graph: &AlignmentGraph,
    document: &Document,
    paragraphs: &[Paragraph],
    visuals: &[Visual],
    places: &Places,
) -> Features {
    let text = TextIndex::new(paragraphs, visuals);
    let scene = Scene::new(graph, document, paragraphs, visuals, places);
    let discussion = Discussion::new(&scene, &text);
    let votes: Vec<Votes> = (0..paragraphs.len())
        .map(|index| discussion.votes(&scene, &text, index))
        .collect();
    let captions: BTreeSet<ParagraphId> = visuals.iter().flat_map(Visual::captions).collect();
    let no_votes = Votes::default();
    let votes = |index: usize| votes.get(index).unwrap_or(&no_votes);
    let pairs = Relative::new(paragraphs, visuals.len(), |index, paragraph| {
        // Captions of one family are alike in words, and about their own visual alone.
        let mut near = match captions.contains(&paragraph.id) {
            true => Vec::new(),
            false => candidates(paragraph, visuals, places, &text),
        };
        if !near.is_empty() {
            near.extend(discussion::candidates(&scene, index, votes(index)));
        }
        near.extend(scene.named_by(paragraph.id));
        near.sort_unstable();
        near.dedup();
        let likeness = text.likeness(index, &near);
        (near, likeness)
    });
    let mut found = Vec::new();
    for (row, index, visual, likeness) in pairs.iter() {
        let mut features = Vec::with_capacity(PAIR_FEATURES.len());
        scene.push_place(index, visual, &mut features);
        relative::push_likeness(likeness, &mut features);
        pairs.push(row, visual, likeness, &mut features);
        scene.push_stated(index, visual, &text, &mut features);
        let votes = votes(index);
        let vote = votes.of(visual);
        features.extend([vote.best, vote.of_best, vote.share]);
        features.push(votes.of_family(scene.family(visual)));
        found.push(Candidate {
            paragraph: paragraphs.get(index).map_or(ParagraphId(0), |p| p.id),
            visual,
            features,
        });
    }
    Features {
        candidates: found,
        paragraphs: (0..paragraphs.len())
            .map(|index| scene.paragraph(index))
            .collect(),
        visuals: (0..visuals.len())
            .map(|index| scene.visual(index))
            .collect(),
        order: places
            .order()
            .iter()
            .filter(|id| visuals.get(id.0 as usize).is_some_and(can_be_named))
            .copied()
            .collect(),
        wordings: text.into_wordings(),
    }
}

/// The logarithm of a count, with its sign.
fn squeeze(count: f32, scale: f32) -> f32 {
    count.abs().ln_1p().copysign(count) / scale
}

fn flag(is: bool) -> f32 {
    if is { 1.0 } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_keep_their_sign() {
        assert!(squeeze(-10.0, 5.0) < 0.0 && squeeze(0.0, 5.0) == 0.0);
        assert!(squeeze(1000.0, 5.0) < 1.5);
    }
}
