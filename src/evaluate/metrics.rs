//! Compares an alignment with gold: which (paragraph, target) pairs the program gets right, and
//! why not the others.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    family::Family,
    gold::{Gold, GoldLink, GoldTarget},
};
use crate::{
    detect::{Visual, VisualId},
    geometry::{PageIndex, Point, Rect},
    pipeline::AlignedDocument,
    segment::{Paragraph, ParagraphId, ParagraphKind},
};

/// A link of at least this probability counts as made.
const LINK_THRESHOLD: f32 = 0.5;
/// How far outside a line's box, in points, the middle of a link may lie.
const LINE_SLACK: f32 = 2.0;
/// A caption whose box is covered by this share of the program's caption is the same.
const CAPTION_OVERLAP: f32 = 0.5;

/// A paragraph that holds gold links, and a visual that they mean.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pair {
    /// Page of the first gold link of the pair, 0-based.
    pub page: PageIndex,
    /// Its box.
    pub bbox: Rect,
    /// The program's paragraph, if it has one there ("p12").
    pub paragraph: Option<String>,
    /// What the program takes the paragraph for.
    pub paragraph_kind: Option<ParagraphKind>,
    /// Kind and number of the target.
    pub family: Family,
    /// Number of the target in normal form.
    pub number: Option<String>,
    /// Page of the target, 0-based.
    pub target_page: PageIndex,
    /// How it went.
    pub outcome: Outcome,
    /// Whether the target is among the paragraph's k most probable visuals, where k is the number
    /// of the paragraph's gold targets. The association error rate counts the pairs without.
    pub in_top_k: bool,
    /// Place of the target among the paragraph's visuals by probability, from 1.
    pub rank: Option<u32>,
}

impl Pair {
    /// Pages from the paragraph to the visual.
    pub fn distance(&self) -> u32 {
        self.page.distance(self.target_page)
    }
}

/// Whether the program links a pair, and the first thing that went wrong if not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The paragraph has a link to the right visual.
    Linked,
    /// The document could not be aligned.
    DocumentFailed,
    /// No paragraph of the program holds the gold link.
    NoParagraph,
    /// The program has no such visual.
    NoSuchVisual,
    /// The paragraph has fewer links than gold targets, and none to the right visual.
    NoLink,
    /// The paragraph's links all lead to other visuals.
    WrongLink,
}

impl Outcome {
    /// All of them, in order.
    pub const ALL: [Outcome; 6] = [
        Outcome::Linked,
        Outcome::DocumentFailed,
        Outcome::NoParagraph,
        Outcome::NoSuchVisual,
        Outcome::NoLink,
        Outcome::WrongLink,
    ];

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Linked => "linked",
            Outcome::DocumentFailed => "document-failed",
            Outcome::NoParagraph => "no-paragraph",
            Outcome::NoSuchVisual => "no-such-visual",
            Outcome::NoLink => "no-link",
            Outcome::WrongLink => "wrong-link",
        }
    }
}

/// What makes two gold targets the same visual.
type TargetKey = (Family, Option<String>, PageIndex);

/// Where a gold link stands: in a paragraph of the program's, or else on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Holder {
    Paragraph(ParagraphId),
    /// No paragraph: the page stands for it.
    Page(PageIndex),
}

/// The pairs of a document, sorted by paragraph and target.
pub fn evaluate(aligned: &AlignedDocument, gold: &Gold) -> Vec<Pair> {
    let index = LineIndex::new(&aligned.paragraphs);
    let mut holders: BTreeMap<Holder, BTreeMap<TargetKey, &GoldLink>> = BTreeMap::new();
    for link in &gold.links {
        let holder = index
            .paragraph_at(link.page, link.bbox)
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
            targets
                .values()
                .map(move |link| judge(aligned, *holder, link, targets.len()))
        })
        .collect()
}

/// The pairs of a document that could not be aligned: all wrong, one per page and target.
pub fn evaluate_failed(gold: &Gold) -> Vec<Pair> {
    let mut pairs: BTreeMap<(PageIndex, TargetKey), Pair> = BTreeMap::new();
    for link in &gold.links {
        pairs
            .entry((link.page, key(&link.target)))
            .or_insert_with(|| Pair {
                outcome: Outcome::DocumentFailed,
                ..unjudged(link)
            });
    }
    pairs.into_values().collect()
}

fn key(target: &GoldTarget) -> TargetKey {
    (Family::of(target.kind), target.number.clone(), target.page)
}

fn unjudged(link: &GoldLink) -> Pair {
    Pair {
        page: link.page,
        bbox: link.bbox,
        paragraph: None,
        paragraph_kind: None,
        family: Family::of(link.target.kind),
        number: link.target.number.clone(),
        target_page: link.target.page,
        outcome: Outcome::NoParagraph,
        in_top_k: false,
        rank: None,
    }
}

fn judge(aligned: &AlignedDocument, holder: Holder, link: &GoldLink, targets: usize) -> Pair {
    let pair = unjudged(link);
    let Holder::Paragraph(id) = holder else {
        return pair;
    };
    let kind = aligned
        .paragraphs
        .get(id.0 as usize)
        .map(|paragraph| paragraph.kind);
    let pair = Pair {
        paragraph: Some(id.to_string()),
        paragraph_kind: kind,
        ..pair
    };
    let right: Vec<VisualId> = aligned
        .visuals
        .iter()
        .filter(|visual| is_target(aligned, visual, &link.target))
        .map(|visual| visual.id)
        .collect();
    if right.is_empty() {
        return Pair {
            outcome: Outcome::NoSuchVisual,
            ..pair
        };
    }
    let links = ranked_links(aligned, id);
    let place = links.iter().position(|(visual, _)| right.contains(visual));
    let made = links.iter().filter(|(_, p)| *p >= LINK_THRESHOLD).count();
    Pair {
        outcome: match place {
            Some(place) if place < made => Outcome::Linked,
            _ if made < targets => Outcome::NoLink,
            _ => Outcome::WrongLink,
        },
        in_top_k: place.is_some_and(|place| place < targets),
        rank: place.and_then(|place| u32::try_from(place + 1).ok()),
        ..pair
    }
}

/// The visuals of a paragraph by falling probability; equal ones in document order.
fn ranked_links(aligned: &AlignedDocument, paragraph: ParagraphId) -> Vec<(VisualId, f32)> {
    let mut links: Vec<(VisualId, f32)> = aligned
        .alignment
        .links
        .iter()
        .filter(|link| link.paragraph == paragraph)
        .map(|link| (link.visual, link.probability))
        .collect();
    links.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    links
}

/// Whether a visual is the one that the gold means: by number and page, or by its caption's
/// place; for visuals without number and caption by their own place.
fn is_target(aligned: &AlignedDocument, visual: &Visual, target: &GoldTarget) -> bool {
    let captions = visual
        .caption
        .iter()
        .chain(&visual.continued)
        .filter_map(|id| aligned.paragraphs.get(id.0 as usize))
        .flat_map(|paragraph| &paragraph.regions);
    let mut places = visual.regions.iter().chain(captions.clone());
    let on_page = places.any(|region| region.page == target.page);
    let same_caption = captions.clone().any(|region| {
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

/// The lines of all paragraphs by page.
struct LineIndex<'a> {
    lines: BTreeMap<PageIndex, Vec<(&'a Paragraph, Rect)>>,
}

impl<'a> LineIndex<'a> {
    fn new(paragraphs: &'a [Paragraph]) -> LineIndex<'a> {
        let mut lines: BTreeMap<PageIndex, Vec<(&Paragraph, Rect)>> = BTreeMap::new();
        for paragraph in paragraphs {
            for line in &paragraph.lines {
                lines
                    .entry(line.region.page)
                    .or_default()
                    .push((paragraph, line.region.bbox));
            }
        }
        LineIndex { lines }
    }

    /// The paragraph with a line around the middle of a box, the nearest line's where several are.
    fn paragraph_at(&self, page: PageIndex, bbox: Rect) -> Option<ParagraphId> {
        let middle = bbox.center();
        let off = |line: &Rect| off_middle(line, middle);
        self.lines
            .get(&page)?
            .iter()
            .filter(|(_, line)| line.inflate(LINE_SLACK).contains(middle))
            .min_by(|(_, a), (_, b)| off(a).total_cmp(&off(b)))
            .map(|(paragraph, _)| paragraph.id)
    }
}

/// How far a point lies from the middle of a line's height.
fn off_middle(line: &Rect, point: Point) -> f32 {
    (line.center_y() - point.y).abs()
}
