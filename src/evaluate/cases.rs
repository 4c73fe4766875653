//! Finds for each gold link the paragraph that holds it and the visuals that it means: what is to
//! be judged.

use std::collections::BTreeMap;

use super::{
    family::Family,
    gold::{GoldLink, GoldTarget},
    holder::{Holding, LineIndex},
    pair::Pair,
    view::{AlignmentView, ParagraphView, VisualView},
};
use crate::{
    detect::VisualId,
    geometry::{PageIndex, Rect},
    segment::ParagraphId,
};

/// A caption whose box is covered by this share of the program's caption is the same.
const CAPTION_OVERLAP: f32 = 0.5;

/// What makes two gold targets the same visual: kind, number, page, and without a number its place
/// in whole points.
type TargetKey = (Family, Option<String>, PageIndex, [i32; 2]);

/// Where a gold link stands: in a paragraph of the program's, or else on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Holder {
    Paragraph(ParagraphId),
    /// No paragraph: the page stands for it.
    Page(PageIndex),
}

/// A pair to be judged.
pub(super) struct Case<'a> {
    /// The paragraph that holds the gold link, if one does.
    pub(super) paragraph: Option<ParagraphId>,
    link: &'a GoldLink,
    /// How many gold targets the paragraph has.
    pub(super) targets: usize,
    /// The visuals that the link means.
    pub(super) right: Vec<VisualId>,
}

impl Case<'_> {
    /// What the report says of it, whatever the system.
    pub(super) fn pair(&self, aligned: &AlignmentView) -> Pair {
        let paragraph = self.paragraph.and_then(|id| aligned.paragraphs.get(&id));
        let visuals = || visuals_of(aligned, &self.right);
        Pair {
            paragraph: self.paragraph.map(|id| id.to_string()),
            paragraph_kind: paragraph.map(|paragraph| paragraph.kind),
            visual: visuals().find_map(|visual| visual.regions.first().copied()),
            k: u32::try_from(self.targets).unwrap_or(u32::MAX),
            named: Some(paragraph.is_some_and(|paragraph| names(paragraph, &self.link.target))),
            caption_found: !self.right.is_empty(),
            visual_found: visuals().any(|visual| visual.has_picture),
            ..unheld(self.link)
        }
    }
}

/// Whether a mention in a paragraph has the target's number and kind.
fn names(paragraph: &ParagraphView, target: &GoldTarget) -> bool {
    let family = Family::of(target.kind);
    let number = target.number.as_ref();
    number.is_some_and(|number| {
        let mut named = paragraph.named.iter();
        named.any(|(of, named)| *of == family && named == number)
    })
}

/// A gold link that no paragraph holds.
fn unheld(link: &GoldLink) -> Pair {
    Pair {
        page: link.page,
        bbox: link.bbox,
        paragraph: None,
        paragraph_kind: None,
        family: Family::of(link.target.kind),
        number: link.target.number.clone(),
        target_page: link.target.page,
        target: link.target.bbox,
        visual: None,
        k: 1,
        named: None,
        caption_found: false,
        visual_found: false,
    }
}

/// The pairs of a document that could not be aligned: one per page and target.
pub(super) fn failed_pairs<'a>(links: impl IntoIterator<Item = &'a GoldLink>) -> Vec<Pair> {
    let mut pairs: BTreeMap<(PageIndex, TargetKey), Pair> = BTreeMap::new();
    for link in links {
        pairs
            .entry((link.page, key(&link.target)))
            .or_insert_with(|| unheld(link));
    }
    pairs.into_values().collect()
}

/// What is to be judged in a document, sorted by paragraph and target.
pub(super) fn cases<'a>(
    aligned: &AlignmentView,
    links: impl IntoIterator<Item = &'a GoldLink>,
    holding: Holding,
) -> Vec<Case<'a>> {
    let index = LineIndex::new(&aligned.paragraphs);
    let mut holders: BTreeMap<Holder, BTreeMap<TargetKey, &GoldLink>> = BTreeMap::new();
    for link in links {
        let holder = index
            .holder(link, holding)
            .map_or(Holder::Page(link.page), Holder::Paragraph);
        holders
            .entry(holder)
            .or_default()
            .entry(key(&link.target))
            .or_insert(link);
    }
    holders
        .iter()
        .flat_map(|(holder, targets)| {
            targets.values().map(move |link| Case {
                paragraph: match holder {
                    Holder::Paragraph(id) => Some(*id),
                    Holder::Page(_) => None,
                },
                link,
                targets: targets.len(),
                right: targets_of(aligned, &link.target)
                    .map(|visual| visual.id)
                    .collect(),
            })
        })
        .collect()
}

/// The fold of each link: all links of one paragraph are in one, by its place in the document.
pub(super) fn folds(
    aligned: &AlignmentView,
    links: &[GoldLink],
    folds: u64,
) -> Vec<(u64, Option<ParagraphId>)> {
    let index = LineIndex::new(&aligned.paragraphs);
    let fold = |page: PageIndex, bbox: Rect| place_hash(page, bbox) % folds;
    links
        .iter()
        .map(|link| {
            let paragraph = index.holder(link, Holding::Strict);
            let line = paragraph
                .and_then(|id| aligned.paragraphs.get(&id))
                .and_then(|paragraph| paragraph.boxes.first());
            match line {
                Some(line) => (fold(line.page, line.bbox), paragraph),
                None => (fold(link.page, link.bbox), None),
            }
        })
        .collect()
}

/// FNV-1a over the page and the box's place in whole points, so that it is the same everywhere.
fn place_hash(page: PageIndex, bbox: Rect) -> u64 {
    [
        page.0 as i32,
        bbox.x0.round() as i32,
        bbox.y0.round() as i32,
    ]
    .iter()
    .flat_map(|number| number.to_le_bytes())
    .fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn key(target: &GoldTarget) -> TargetKey {
    let place = match target.number {
        Some(_) => [0; 2],
        None => [target.bbox.x0, target.bbox.y0].map(|x| x.round() as i32),
    };
    (
        Family::of(target.kind),
        target.number.clone(),
        target.page,
        place,
    )
}

/// The visuals that a gold target is.
fn targets_of<'a>(
    aligned: &'a AlignmentView,
    target: &'a GoldTarget,
) -> impl Iterator<Item = &'a VisualView> {
    let visuals = aligned.visuals.iter();
    visuals.filter(move |visual| is_target(visual, target))
}

fn visuals_of<'a>(
    aligned: &'a AlignmentView,
    ids: &'a [VisualId],
) -> impl Iterator<Item = &'a VisualView> {
    let visuals = aligned.visuals.iter();
    visuals.filter(move |visual| ids.contains(&visual.id))
}

/// Whether a visual is the one that the gold means: by number and page, or by its caption's
/// place; for visuals without number and caption by their own place.
fn is_target(visual: &VisualView, target: &GoldTarget) -> bool {
    let captions = &visual.captions;
    let mut places = visual.regions.iter().chain(captions);
    let on_page = places.any(|region| region.page == target.page);
    let same_caption = captions.iter().any(|region| {
        region.page == target.page && target.bbox.covered_by(&region.bbox) >= CAPTION_OVERLAP
    });
    if same_caption {
        return true;
    }
    match (&target.number, &visual.label) {
        (Some(number), Some(label)) => {
            on_page
                && Family::of(label.kind) == Family::of(target.kind)
                && label.number.as_ref().is_some_and(|n| n.number == *number)
        }
        (None, _) => visual
            .regions
            .iter()
            .any(|region| region.page == target.page && region.bbox.iou(&target.bbox) >= 0.5),
        (Some(_), None) => false,
    }
}
