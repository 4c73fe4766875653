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
/// How far away, in heights of lines, the rest of a paragraph may be whose line is gone.
const MAX_LINES_AWAY: f32 = 2.5;
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
    /// How many gold targets the paragraph has.
    #[serde(default)]
    pub k: u32,
    /// How many links the program makes of the paragraph.
    #[serde(default)]
    pub links_made: u32,
    /// Whether the program has a visual with the target's caption.
    #[serde(default)]
    pub caption_found: bool,
    /// Whether it also found the picture or table itself.
    #[serde(default)]
    pub visual_found: bool,
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

/// A pair to be judged.
pub(super) struct Case<'a> {
    /// The paragraph that holds the gold link, if one does.
    pub(super) paragraph: Option<ParagraphId>,
    link: &'a GoldLink,
    /// How many gold targets the paragraph has.
    targets: usize,
    /// The visuals that the link means.
    pub(super) right: Vec<VisualId>,
}

/// How a link's paragraph is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holding {
    /// It has a line around the middle of the link.
    Strict,
    /// Else it has the nearest line: the link's own may have gone with its words.
    Nearest,
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
    judge_all(aligned, &cases(aligned, &gold.links, Holding::Strict))
}

pub(super) fn judge_all(aligned: &AlignmentView, cases: &[Case<'_>]) -> Vec<Pair> {
    cases
        .iter()
        .map(|case| {
            let pair = judge(aligned, case);
            let places = (!pair.is_right()).then(|| Box::new(places(aligned, case)));
            Pair { places, ..pair }
        })
        .collect()
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

/// The pairs of a document that could not be aligned: all wrong, one per page and target.
pub fn evaluate_failed(gold: &Gold) -> Vec<Pair> {
    failed_pairs(&gold.links)
}

pub(super) fn failed_pairs<'a>(links: impl IntoIterator<Item = &'a GoldLink>) -> Vec<Pair> {
    let mut pairs: BTreeMap<(PageIndex, TargetKey), Pair> = BTreeMap::new();
    for link in links {
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
        k: 1,
        links_made: 0,
        caption_found: false,
        visual_found: false,
        places: None,
    }
}

fn judge(aligned: &AlignmentView, case: &Case<'_>) -> Pair {
    let Case { targets, right, .. } = case;
    let targets = *targets;
    let pair = Pair {
        k: u32::try_from(targets).unwrap_or(u32::MAX),
        caption_found: !right.is_empty(),
        visual_found: visuals_of(aligned, right).any(|visual| visual.has_picture),
        ..unjudged(case.link)
    };
    let Some(id) = case.paragraph else {
        return pair;
    };
    let kind = aligned.paragraphs.get(&id).map(|paragraph| paragraph.kind);
    let links = ranked_links(aligned, id);
    let place = links.iter().position(|(visual, _)| right.contains(visual));
    let made = links.iter().filter(|(_, p)| *p >= LINK_THRESHOLD).count();
    let pair = Pair {
        paragraph: Some(id.to_string()),
        paragraph_kind: kind,
        links_made: u32::try_from(made).unwrap_or(u32::MAX),
        ..pair
    };
    if right.is_empty() {
        return Pair {
            outcome: Outcome::NoSuchVisual,
            ..pair
        };
    }
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

fn visuals_of<'a>(
    aligned: &'a AlignmentView,
    ids: &'a [VisualId],
) -> impl Iterator<Item = &'a VisualView> {
    let visuals = aligned.visuals.iter();
    visuals.filter(move |visual| ids.contains(&visual.id))
}

fn places(aligned: &AlignmentView, case: &Case<'_>) -> Places {
    let visual = visuals_of(aligned, &case.right).next();
    let links = case
        .paragraph
        .map_or_else(Vec::new, |id| ranked_links(aligned, id));
    let predicted = links
        .iter()
        .filter(|(id, _)| !case.right.contains(id))
        .find_map(|(id, _)| aligned.visuals.iter().find(|visual| visual.id == *id));
    let place = |visual: Option<&VisualView>| visual?.regions.first().copied();
    Places {
        target: case.link.target.bbox,
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
    lines: BTreeMap<PageIndex, Vec<IndexedLine>>,
}

struct IndexedLine {
    paragraph: ParagraphId,
    kind: ParagraphKind,
    bbox: Rect,
}

impl LineIndex {
    fn new(paragraphs: &BTreeMap<ParagraphId, ParagraphView>) -> LineIndex {
        let mut lines: BTreeMap<PageIndex, Vec<IndexedLine>> = BTreeMap::new();
        for (id, paragraph) in paragraphs {
            for line in &paragraph.boxes {
                lines.entry(line.page).or_default().push(IndexedLine {
                    paragraph: *id,
                    kind: paragraph.kind,
                    bbox: line.bbox,
                });
            }
        }
        LineIndex { lines }
    }

    fn holder(&self, link: &GoldLink, holding: Holding) -> Option<ParagraphId> {
        let around = self.paragraph_at(link.page, link.bbox);
        match holding {
            Holding::Strict => around,
            Holding::Nearest => around.or_else(|| self.nearest(link.page, link.bbox)),
        }
    }

    /// The paragraph with the nearest line in the same column.
    fn nearest(&self, page: PageIndex, bbox: Rect) -> Option<ParagraphId> {
        let off = |line: &IndexedLine| off_middle(&line.bbox, bbox.center());
        self.lines
            .get(&page)?
            .iter()
            .filter(|line| {
                line.kind.is_running_text()
                    && line.bbox.x_overlap(&bbox) > 0.0
                    && off(line) < MAX_LINES_AWAY * line.bbox.height()
            })
            .min_by(|a, b| off(a).total_cmp(&off(b)))
            .map(|line| line.paragraph)
    }

    /// The paragraph with a line around the middle of a box, the nearest line's where several are.
    fn paragraph_at(&self, page: PageIndex, bbox: Rect) -> Option<ParagraphId> {
        let middle = bbox.center();
        // A line that needs the slack gives way to a whole paragraph's box that does not.
        let off = |line: &IndexedLine| {
            let bbox = &line.bbox;
            (!bbox.contains(middle), off_middle(bbox, middle))
        };
        self.lines
            .get(&page)?
            .iter()
            .filter(|line| line.bbox.inflate(LINE_SLACK).contains(middle))
            .min_by(|a, b| {
                let ((a_out, a_off), (b_out, b_off)) = (off(a), off(b));
                a_out.cmp(&b_out).then(a_off.total_cmp(&b_off))
            })
            .map(|line| line.paragraph)
    }
}

/// How far a point lies from the middle of a line's height.
fn off_middle(line: &Rect, point: Point) -> f32 {
    (line.center_y() - point.y).abs()
}
