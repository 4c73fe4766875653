//! Compares an alignment with gold: which (paragraph, target) pairs the program gets right, and
//! why not the others.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    family::Family,
    gold::{Gold, GoldLink, GoldTarget},
    view::{AlignmentView, ParagraphView, VisualView},
};
use crate::{
    detect::VisualId,
    geometry::{PageIndex, Point, Rect, Region},
    output::alignment_file::AlignmentFile,
    pipeline::AlignedDocument,
    segment::{ParagraphId, ParagraphKind},
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paragraph: Option<String>,
    /// What the program takes the paragraph for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paragraph_kind: Option<ParagraphKind>,
    /// Kind and number of the target.
    pub family: Family,
    /// Number of the target in normal form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Page of the target, 0-based.
    pub target_page: PageIndex,
    /// How it went.
    pub outcome: Outcome,
    /// Whether the target is among the paragraph's k most probable visuals, where k is the number
    /// of the paragraph's gold targets. The association error rate counts the pairs without.
    pub in_top_k: bool,
    /// Place of the target among the paragraph's visuals by probability, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rank: Option<u32>,
    /// Where to look, for pairs that are wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub places: Option<Box<Places>>,
}

/// What a wrong pair is about, on the pages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Places {
    /// The gold's box of the target: the first line of its caption, or the visual itself.
    pub target: Rect,
    /// The program's visual that is the target, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visual: Option<Region>,
    /// The most probable of the paragraph's other visuals, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub predicted: Option<Region>,
}

impl Pair {
    /// Whether the program links the pair and ranks its target high enough.
    pub fn is_right(&self) -> bool {
        self.outcome == Outcome::Linked && self.in_top_k
    }

    /// The target for people: "figure 3 (page 4)".
    pub fn target_name(&self) -> String {
        format!(
            "{} {} (page {})",
            self.family.name(),
            self.number.as_deref().unwrap_or("without number"),
            self.target_page.number()
        )
    }

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
    evaluate_view(&AlignmentView::from(aligned), gold)
}

/// The pairs of a document that any program aligned, sorted by paragraph and target. The file has
/// the boxes of paragraphs where the program's own alignment has those of lines.
pub fn evaluate_file(file: &AlignmentFile<'_>, gold: &Gold) -> Vec<Pair> {
    evaluate_view(&AlignmentView::from(file), gold)
}

fn evaluate_view(aligned: &AlignmentView, gold: &Gold) -> Vec<Pair> {
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
            targets.values().map(move |link| {
                let pair = judge(aligned, *holder, link, targets.len());
                let places = (!pair.is_right()).then(|| Box::new(places(aligned, *holder, link)));
                Pair { places, ..pair }
            })
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
                places: Some(Box::new(Places {
                    target: link.target.bbox,
                    visual: None,
                    predicted: None,
                })),
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
        places: None,
    }
}

fn judge(aligned: &AlignmentView, holder: Holder, link: &GoldLink, targets: usize) -> Pair {
    let pair = unjudged(link);
    let Holder::Paragraph(id) = holder else {
        return pair;
    };
    let kind = aligned.paragraphs.get(&id).map(|paragraph| paragraph.kind);
    let pair = Pair {
        paragraph: Some(id.to_string()),
        paragraph_kind: kind,
        ..pair
    };
    let right: Vec<VisualId> = targets_of(aligned, &link.target)
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

/// The visuals that a gold target is.
fn targets_of<'a>(
    aligned: &'a AlignmentView,
    target: &'a GoldTarget,
) -> impl Iterator<Item = &'a VisualView> {
    let visuals = aligned.visuals.iter();
    visuals.filter(move |visual| is_target(visual, target))
}

fn places(aligned: &AlignmentView, holder: Holder, link: &GoldLink) -> Places {
    let visual = targets_of(aligned, &link.target).next();
    let links = match holder {
        Holder::Paragraph(id) => ranked_links(aligned, id),
        Holder::Page(_) => Vec::new(),
    };
    let predicted = links
        .iter()
        .filter_map(|(id, _)| aligned.visuals.iter().find(|visual| visual.id == *id))
        .find(|visual| !is_target(visual, &link.target));
    let place = |visual: Option<&VisualView>| visual?.regions.first().copied();
    Places {
        target: link.target.bbox,
        visual: place(visual),
        predicted: place(predicted),
    }
}

/// The visuals of a paragraph by falling probability; equal ones in document order.
fn ranked_links(aligned: &AlignmentView, paragraph: ParagraphId) -> Vec<(VisualId, f32)> {
    let mut links: Vec<(VisualId, f32)> = aligned
        .links
        .iter()
        .filter(|(from, _, _)| *from == paragraph)
        .map(|(_, visual, probability)| (*visual, *probability))
        .collect();
    links.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    links
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

/// The boxes of all paragraphs by page.
struct LineIndex {
    lines: BTreeMap<PageIndex, Vec<(ParagraphId, Rect)>>,
}

impl LineIndex {
    fn new(paragraphs: &BTreeMap<ParagraphId, ParagraphView>) -> LineIndex {
        let mut lines: BTreeMap<PageIndex, Vec<(ParagraphId, Rect)>> = BTreeMap::new();
        for (id, paragraph) in paragraphs {
            for line in &paragraph.boxes {
                lines.entry(line.page).or_default().push((*id, line.bbox));
            }
        }
        LineIndex { lines }
    }

    /// The paragraph with a line around the middle of a box, the nearest line's where several are.
    fn paragraph_at(&self, page: PageIndex, bbox: Rect) -> Option<ParagraphId> {
        let middle = bbox.center();
        // A line that needs the slack gives way to a whole paragraph's box that does not.
        let off = |line: &Rect| (!line.contains(middle), off_middle(line, middle));
        self.lines
            .get(&page)?
            .iter()
            .filter(|(_, line)| line.inflate(LINE_SLACK).contains(middle))
            .min_by(|(_, a), (_, b)| {
                let ((a_out, a_off), (b_out, b_off)) = (off(a), off(b));
                a_out.cmp(&b_out).then(a_off.total_cmp(&b_off))
            })
            .map(|(id, _)| *id)
    }
}

/// How far a point lies from the middle of a line's height.
fn off_middle(line: &Rect, point: Point) -> f32 {
    (line.center_y() - point.y).abs()
}
