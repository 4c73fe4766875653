//! What the measure needs of an alignment, whoever made it: docalign in this process, or any
//! program that writes `docalign/1` files.

use std::collections::BTreeMap;

use super::family::Family;
use crate::{
    detect::{Source, Visual, VisualId},
    geometry::Region,
    mention::{Label, MentionTarget, caption_label},
    output::alignment_file::{AlignmentFile, ParagraphRecord, VisualRecord},
    pipeline::AlignedDocument,
    segment::{Paragraph, ParagraphId, ParagraphKind},
};

/// An alignment as the measure sees it.
#[derive(Debug, Clone, Default)]
pub(super) struct AlignmentView {
    pub(super) paragraphs: BTreeMap<ParagraphId, ParagraphView>,
    pub(super) visuals: Vec<VisualView>,
    /// The visuals of each paragraph by falling probability; equal ones in document order.
    pub(super) links: BTreeMap<ParagraphId, Vec<Candidate>>,
}

/// A visual that a system proposes for a paragraph.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Candidate {
    pub(super) visual: VisualId,
    /// A probability, or whatever else the system ranks by.
    pub(super) score: f32,
}

/// Best first, equal ones in document order.
pub(super) fn sort(candidates: &mut [Candidate]) {
    candidates.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.visual.cmp(&b.visual)));
}

/// A paragraph as the measure sees it.
#[derive(Debug, Clone)]
pub(super) struct ParagraphView {
    pub(super) kind: ParagraphKind,
    /// Its lines; its regions where the lines are not known.
    pub(super) boxes: Vec<Region>,
    /// Kind and number of the visuals that its mentions name.
    pub(super) named: Vec<(Family, String)>,
}

/// A visual as the measure sees it.
#[derive(Debug, Clone)]
pub(super) struct VisualView {
    pub(super) id: VisualId,
    pub(super) label: Option<Label>,
    pub(super) regions: Vec<Region>,
    /// The regions of its captions.
    pub(super) captions: Vec<Region>,
    /// Whether more is known of it than that its caption asks for one.
    pub(super) has_picture: bool,
}

impl From<&AlignedDocument> for AlignmentView {
    fn from(aligned: &AlignedDocument) -> AlignmentView {
        let captions = |visual: &Visual| {
            let paragraphs = visual
                .captions()
                .filter_map(|id| aligned.paragraphs.get(id.0 as usize));
            paragraphs
                .flat_map(|paragraph| paragraph.regions.iter().copied())
                .collect()
        };
        let paragraphs = aligned.paragraphs.iter().map(|paragraph| {
            let boxes = paragraph.lines.iter().map(|line| line.region).collect();
            let view = ParagraphView {
                kind: paragraph.kind,
                boxes,
                named: named(paragraph),
            };
            (paragraph.id, view)
        });
        let visuals = aligned.visuals.iter().map(|visual| VisualView {
            id: visual.id,
            label: visual.label.clone(),
            regions: visual.regions.clone(),
            captions: captions(visual),
            has_picture: has_picture(&visual.sources),
        });
        let links = aligned.alignment.links.iter();
        AlignmentView {
            paragraphs: paragraphs.collect(),
            visuals: visuals.collect(),
            links: candidates(links.map(|link| (link.paragraph, link.visual, link.probability))),
        }
    }
}

impl From<&AlignmentFile<'_>> for AlignmentView {
    fn from(file: &AlignmentFile<'_>) -> AlignmentView {
        let paragraphs: BTreeMap<ParagraphId, ParagraphView> = file
            .paragraphs
            .iter()
            .map(|paragraph| {
                let boxes = paragraph.regions.to_vec();
                let view = ParagraphView {
                    kind: paragraph.kind,
                    boxes,
                    named: labels_named(paragraph),
                };
                (paragraph.id, view)
            })
            .collect();
        let visuals = file.visuals.iter().map(|visual| VisualView {
            id: visual.id,
            label: label(visual),
            regions: visual.regions.to_vec(),
            captions: visual
                .caption
                .iter()
                .chain(&visual.continued)
                .filter_map(|id| paragraphs.get(id))
                .flat_map(|paragraph| paragraph.boxes.iter().copied())
                .collect(),
            has_picture: has_picture(&visual.sources),
        });
        let links = file.links.iter();
        AlignmentView {
            visuals: visuals.collect(),
            links: candidates(links.map(|link| (link.paragraph, link.visual, link.probability))),
            paragraphs,
        }
    }
}

/// Links by paragraph.
fn candidates(
    links: impl Iterator<Item = (ParagraphId, VisualId, f32)>,
) -> BTreeMap<ParagraphId, Vec<Candidate>> {
    let mut by_paragraph: BTreeMap<ParagraphId, Vec<Candidate>> = BTreeMap::new();
    for (paragraph, visual, score) in links {
        let candidates = by_paragraph.entry(paragraph).or_default();
        candidates.push(Candidate { visual, score });
    }
    for candidates in by_paragraph.values_mut() {
        sort(candidates);
    }
    by_paragraph
}

fn named(paragraph: &Paragraph) -> Vec<(Family, String)> {
    let mentions = paragraph.mentions.iter();
    mentions
        .flat_map(|mention| {
            let family = Family::of(mention.kind);
            mention
                .targets
                .iter()
                .filter_map(move |target| match target {
                    MentionTarget::Number(number) => Some((family, number.number.clone())),
                    _ => None,
                })
        })
        .collect()
}

fn labels_named(paragraph: &ParagraphRecord<'_>) -> Vec<(Family, String)> {
    let mentions = paragraph.mentions.iter();
    mentions
        .flat_map(|mention| {
            let family = Family::of(mention.kind);
            let labels = mention.labels.iter();
            labels.map(move |label| (family, whole(label).to_owned()))
        })
        .collect()
}

/// The number of the whole figure: "3.2" of "3.2b".
fn whole(label: &str) -> &str {
    match label.strip_suffix(|c: char| c.is_ascii_lowercase()) {
        Some(number) if number.ends_with(|c: char| c.is_ascii_digit()) => number,
        _ => label,
    }
}

fn has_picture(sources: &[Source]) -> bool {
    sources.iter().any(|source| *source != Source::Caption)
}

/// The label of a visual in a file, where it is written as on the page.
fn label(visual: &VisualRecord<'_>) -> Option<Label> {
    Some(caption_label(visual.label.as_deref()?)?.label)
}
