//! What the measure needs of an alignment, whoever made it: docalign in this process, or any
//! program that writes `docalign/1` files.

use std::collections::BTreeMap;

use crate::{
    detect::{Source, VisualId},
    geometry::Region,
    mention::{Label, caption_label},
    output::alignment_file::{AlignmentFile, VisualRecord},
    pipeline::AlignedDocument,
    segment::{ParagraphId, ParagraphKind},
};

/// An alignment as the measure sees it.
#[derive(Debug, Clone, Default)]
pub(super) struct AlignmentView {
    pub(super) paragraphs: BTreeMap<ParagraphId, ParagraphView>,
    pub(super) visuals: Vec<VisualView>,
    /// Paragraph, visual, probability.
    pub(super) links: Vec<(ParagraphId, VisualId, f32)>,
}

/// A paragraph as the measure sees it.
#[derive(Debug, Clone)]
pub(super) struct ParagraphView {
    pub(super) kind: ParagraphKind,
    /// Its lines; its regions where the lines are not known.
    pub(super) boxes: Vec<Region>,
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
        let captions = |ids: &mut dyn Iterator<Item = &ParagraphId>| {
            ids.filter_map(|id| aligned.paragraphs.get(id.0 as usize))
                .flat_map(|paragraph| paragraph.regions.iter().copied())
                .collect()
        };
        let paragraphs = aligned.paragraphs.iter().map(|paragraph| {
            let boxes = paragraph.lines.iter().map(|line| line.region).collect();
            let kind = paragraph.kind;
            (paragraph.id, ParagraphView { kind, boxes })
        });
        let visuals = aligned.visuals.iter().map(|visual| VisualView {
            id: visual.id,
            label: visual.label.clone(),
            regions: visual.regions.clone(),
            captions: captions(&mut visual.caption.iter().chain(&visual.continued)),
            has_picture: has_picture(&visual.sources),
        });
        let links = aligned.alignment.links.iter();
        AlignmentView {
            paragraphs: paragraphs.collect(),
            visuals: visuals.collect(),
            links: links
                .map(|link| (link.paragraph, link.visual, link.probability))
                .collect(),
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
                let kind = paragraph.kind;
                (paragraph.id, ParagraphView { kind, boxes })
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
            links: links
                .map(|link| (link.paragraph, link.visual, link.probability))
                .collect(),
            paragraphs,
        }
    }
}

fn has_picture(sources: &[Source]) -> bool {
    sources.iter().any(|source| *source != Source::Caption)
}

/// The label of a visual in a file, where it is written as on the page.
fn label(visual: &VisualRecord<'_>) -> Option<Label> {
    Some(caption_label(visual.label.as_deref()?)?.label)
}
