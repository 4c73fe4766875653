//! Which visuals the mentions name.

use std::collections::HashMap;

use crate::{
    detect::{Visual, VisualId, VisualKind},
    geometry::PageIndex,
    mention::{Label, LabelKind, LabelNumber, Mention, MentionTarget, Place, roman_value},
    pdf::Document,
    segment::{Paragraph, ParagraphId, ParagraphKind},
};

use super::{AlignmentGraph, Edge, place::Places};

/// A mention that leads nowhere in this document.
#[derive(Debug, Clone, PartialEq)]
pub struct UnresolvedMention {
    /// The paragraph.
    pub paragraph: ParagraphId,
    /// Index of the mention in it.
    pub mention: u32,
    /// Why, for people.
    pub reason: String,
}

/// How a mention found its visual.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolution {
    /// The only visual with this kind and number.
    Unique,
    /// The nearest of several with this kind and number (numbering that restarts).
    Nearest,
    /// The number fits, the kind only in a wider sense ("Chart 3" for "Figure 3").
    OtherKind,
    /// In the middle of a range ("Figures 3 to 5" for 4).
    Within,
    /// By its place: "the figure above".
    Place,
}

/// "Above" and "below" reach at most so many pages.
const MAX_PLACE_PAGES: u32 = 2;

/// Adds an edge for each visual that a mention names, and notes the mentions that name none.
pub(super) fn add_mentions(
    graph: &mut AlignmentGraph,
    document: &Document,
    paragraphs: &[Paragraph],
    visuals: &[Visual],
    places: &Places,
) {
    let labels = Labels::new(visuals);
    for (index, paragraph) in paragraphs.iter().enumerate() {
        for (mention_index, mention) in paragraph.mentions.iter().enumerate() {
            let resolver = Resolver {
                document,
                paragraphs,
                visuals,
                labels: &labels,
                places,
                paragraph,
                index,
            };
            if is_repeated(paragraph, mention_index) {
                continue;
            }
            let mention_index = u32::try_from(mention_index).unwrap_or(u32::MAX);
            match resolver.resolve(mention) {
                Ok(found) => {
                    for (visual, resolution) in found {
                        let edge = Edge::Mention {
                            mention: mention_index,
                            resolution,
                        };
                        graph.add(paragraph.id, visual, edge);
                    }
                }
                Err(reason) => graph.unresolved.push(UnresolvedMention {
                    paragraph: paragraph.id,
                    mention: mention_index,
                    reason,
                }),
            }
        }
    }
}

/// "This table" after "Table 9" in one paragraph means Table 9 again; in a caption, its own visual.
fn is_repeated(paragraph: &Paragraph, index: usize) -> bool {
    let before = paragraph.mentions.get(..index).unwrap_or(&[]);
    paragraph.mentions.get(index).is_some_and(|mention| {
        mention.targets == [MentionTarget::Place(Place::Here)]
            && (paragraph.kind == ParagraphKind::Caption
                || before.iter().any(|earlier| {
                    family(earlier.kind) == family(mention.kind)
                        && earlier
                            .targets
                            .iter()
                            .any(|target| matches!(target, MentionTarget::Number(_)))
                }))
    })
}

/// Kinds that authors use for one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Family {
    Picture,
    Table,
    Program,
    Formula,
}

fn family(kind: LabelKind) -> Family {
    match kind {
        LabelKind::Table => Family::Table,
        LabelKind::Algorithm | LabelKind::Listing => Family::Program,
        LabelKind::Equation => Family::Formula,
        _ => Family::Picture,
    }
}

/// What a visual is taken for: what its label says, else what it is.
pub(super) fn family_of_visual(visual: &Visual) -> Family {
    match &visual.label {
        Some(label) => family(label.kind),
        None => match visual.kind {
            VisualKind::Table => Family::Table,
            VisualKind::Algorithm => Family::Program,
            VisualKind::Formula => Family::Formula,
            _ => Family::Picture,
        },
    }
}

/// Visuals by the digits of their number, in which all forms of one number agree.
struct Labels(HashMap<String, Vec<VisualId>>);

impl Labels {
    fn new(visuals: &[Visual]) -> Labels {
        let mut by_number: HashMap<String, Vec<VisualId>> = HashMap::new();
        for visual in visuals {
            if let Some(number) = number_of(visual) {
                by_number
                    .entry(length_key(number))
                    .or_default()
                    .push(visual.id);
            }
        }
        Labels(by_number)
    }

    fn candidates(&self, number: &LabelNumber) -> &[VisualId] {
        self.0.get(&length_key(number)).map_or(&[], Vec::as_slice)
    }
}

/// Numbers that match may differ in script (IV, 4) and in dots (A.3, A3); the last run of digits
/// or letters, as a value, is the same in all of them.
fn length_key(number: &LabelNumber) -> String {
    let last = number.number.rsplit('.').next().unwrap_or("");
    let digits = last.trim_start_matches(|ch: char| !ch.is_ascii_digit());
    if digits.is_empty() {
        roman_value(last).map_or_else(|| last.to_owned(), |value| value.to_string())
    } else {
        digits.to_owned()
    }
}

fn number_of(visual: &Visual) -> Option<&LabelNumber> {
    visual
        .label
        .as_ref()
        .and_then(|label: &Label| label.number.as_ref())
}

struct Resolver<'a> {
    document: &'a Document,
    paragraphs: &'a [Paragraph],
    visuals: &'a [Visual],
    labels: &'a Labels,
    places: &'a Places,
    paragraph: &'a Paragraph,
    index: usize,
}

impl Resolver<'_> {
    /// The visuals that a mention names; an error, for people, when it names none here.
    fn resolve(&self, mention: &Mention) -> Result<Vec<(VisualId, Resolution)>, String> {
        if mention.elsewhere {
            return Err("names a visual of another work".to_owned());
        }
        let mut found: Vec<(VisualId, Resolution)> = Vec::new();
        let mut missing = Vec::new();
        for target in &mention.targets {
            let hit = match target {
                MentionTarget::Number(number) => self.by_number(mention.kind, number),
                MentionTarget::Within(number) => self
                    .by_number(mention.kind, number)
                    .map(|(visual, _)| (visual, Resolution::Within)),
                MentionTarget::Place(place) => self.by_place(mention.kind, *place),
                MentionTarget::Page(label) => self.by_page_label(mention.kind, label),
            };
            match hit {
                Some(hit) if !found.iter().any(|(visual, _)| *visual == hit.0) => found.push(hit),
                Some(_) => {}
                None => missing.push(describe(target)),
            }
        }
        if found.is_empty() {
            missing.dedup();
            return Err(format!(
                "no {} {} in this document",
                noun(mention.kind),
                missing.join(", ")
            ));
        }
        Ok(found)
    }

    fn visual(&self, id: VisualId) -> Option<&Visual> {
        self.visuals.get(id.0 as usize)
    }

    fn by_number(&self, kind: LabelKind, number: &LabelNumber) -> Option<(VisualId, Resolution)> {
        let fitting: Vec<&Visual> = self
            .labels
            .candidates(number)
            .iter()
            .filter_map(|id| self.visual(*id))
            .filter(|visual| number_of(visual).is_some_and(|own| own.matches(number)))
            .collect();
        let with = |test: &dyn Fn(LabelKind) -> bool| -> Vec<&Visual> {
            fitting
                .iter()
                .copied()
                .filter(|visual| visual.label.as_ref().is_some_and(|label| test(label.kind)))
                .collect()
        };
        let same = with(&|own| own == kind);
        if !same.is_empty() {
            let unique = same.len() == 1;
            let resolution = if unique {
                Resolution::Unique
            } else {
                Resolution::Nearest
            };
            return self.nearest(&same).map(|visual| (visual.id, resolution));
        }
        let related = with(&|own| family(own) == family(kind));
        self.nearest(&related)
            .map(|visual| (visual.id, Resolution::OtherKind))
    }

    /// The best of several visuals with one number: in the same chapter or article, then the
    /// nearest, then the surest.
    fn nearest<'v>(&self, candidates: &[&'v Visual]) -> Option<&'v Visual> {
        let chapter = self.paragraph.section.first();
        let rank = |visual: &Visual| {
            let same_chapter = visual
                .caption
                .and_then(|id| self.paragraphs.get(id.0 as usize))
                .is_some_and(|caption| chapter.is_some() && caption.section.first() == chapter);
            let distance = visual.page().distance(self.paragraph.page());
            (!same_chapter, distance)
        };
        candidates.iter().copied().min_by(|a, b| {
            rank(a)
                .cmp(&rank(b))
                .then(b.score.total_cmp(&a.score))
                .then(a.id.cmp(&b.id))
        })
    }

    fn by_place(&self, kind: LabelKind, place: Place) -> Option<(VisualId, Resolution)> {
        let page = self.paragraph.page();
        let near = |id: &VisualId| self.fits(*id, kind, |p| p.distance(page) <= MAX_PLACE_PAGES);
        let above = || self.places.before(self.index).find(near);
        let below = || self.places.after(self.index).find(near);
        let on = |wanted: Option<u32>| {
            let wanted = wanted.map(PageIndex)?;
            self.visuals
                .iter()
                .map(|visual| visual.id)
                .find(|id| self.fits(*id, kind, |p| p == wanted))
        };
        let found = match place {
            Place::Above => above(),
            Place::Below => below(),
            Place::NextPage => on(page.0.checked_add(1)),
            Place::PreviousPage => on(page.0.checked_sub(1)),
            Place::Here => self.here(kind),
        };
        found.map(|id| (id, Resolution::Place))
    }

    /// "This figure": on the same page, the one next in reading order.
    fn here(&self, kind: LabelKind) -> Option<VisualId> {
        let page = self.paragraph.page();
        let on_page = |id: &VisualId| self.fits(*id, kind, |p| p == page);
        let before = self.places.before(self.index).find(on_page);
        let after = self.places.after(self.index).find(on_page);
        match (before, after) {
            (Some(before), Some(after)) => {
                let back = self.index.saturating_sub(self.places.anchor(before));
                let ahead = self.places.anchor(after).saturating_sub(self.index);
                Some(if ahead <= back { after } else { before })
            }
            (before, after) => before.or(after),
        }
    }

    fn by_page_label(&self, kind: LabelKind, label: &str) -> Option<(VisualId, Resolution)> {
        let labels = &self.document.structure.page_labels;
        let page = match labels.iter().position(|own| own == label) {
            Some(page) => u32::try_from(page).ok()?,
            None => label.parse::<u32>().ok()?.checked_sub(1)?,
        };
        self.visuals
            .iter()
            .map(|visual| visual.id)
            .find(|id| self.fits(*id, kind, |p| p == PageIndex(page)))
            .map(|id| (id, Resolution::Place))
    }

    fn fits(&self, id: VisualId, kind: LabelKind, page: impl Fn(PageIndex) -> bool) -> bool {
        self.visual(id).is_some_and(|visual| {
            family_of_visual(visual) == family(kind)
                && page(visual.page())
                && visual.caption != Some(self.paragraph.id)
                && self.paragraph.kind != ParagraphKind::Header
        })
    }
}

fn describe(target: &MentionTarget) -> String {
    match target {
        MentionTarget::Number(number) | MentionTarget::Within(number) => number.to_string(),
        MentionTarget::Place(Place::Above) => "above".to_owned(),
        MentionTarget::Place(Place::Below) => "below".to_owned(),
        MentionTarget::Place(Place::NextPage) => "on the next page".to_owned(),
        MentionTarget::Place(Place::PreviousPage) => "on the previous page".to_owned(),
        MentionTarget::Place(Place::Here) => "near by".to_owned(),
        MentionTarget::Page(label) => format!("on page {label}"),
    }
}

fn noun(kind: LabelKind) -> &'static str {
    match kind {
        LabelKind::Figure => "figure",
        LabelKind::Table => "table",
        LabelKind::Algorithm => "algorithm",
        LabelKind::Listing => "listing",
        LabelKind::Chart => "chart",
        LabelKind::Diagram => "diagram",
        LabelKind::Scheme => "scheme",
        LabelKind::Plate => "plate",
        LabelKind::Photo => "photo",
        LabelKind::Map => "map",
        LabelKind::Box => "box",
        LabelKind::Equation => "equation",
    }
}
