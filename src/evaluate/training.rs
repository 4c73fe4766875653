//! Documents as a model learns from them: mentions hidden, and what they said kept as the truth.
//!
//! Link annotations and the program's own surest mentions are free labels. The paragraph that
//! holds one and the visual that it means are a labelled pair in every mode; paragraphs without
//! are not labelled at all, they may or may not belong to a visual.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use super::{
    cases::{cases, folds},
    document::{FOLDS, read_source},
    gold::{Gold, GoldLink, GoldTarget, Origin, gold_from_annotations},
    holder::Holding,
    mode::Mode,
    view::AlignmentView,
};
use crate::{
    align::Alignment,
    blind::{Scope, hide_mentions},
    detect::{LookOptions, Seen, Visual, VisualId, detect, look},
    geometry::{Rect, Region},
    graph::{AlignmentGraph, Edge, Resolution, connect},
    pdf::{self, Document, PdfSource, ReadOptions, read_structure},
    pipeline::AlignedDocument,
    segment::{Paragraph, ParagraphId, segment},
};

/// A paragraph of which it is known which visuals it belongs to.
#[derive(Debug, Clone, PartialEq)]
pub struct Labelled {
    /// The paragraph.
    pub paragraph: ParagraphId,
    /// For each visual meant, the program's visuals that are it; none where it found none.
    pub targets: Vec<Vec<VisualId>>,
    /// Whether the document's link annotations say so, rather than a mention alone.
    pub gold: bool,
}

/// A document as the program sees it in one mode.
pub struct Lesson {
    /// What is hidden.
    pub mode: Mode,
    /// Paragraphs and visuals; no links.
    pub aligned: AlignedDocument,
    /// Stage 4's result.
    pub graph: AlignmentGraph,
    /// What is true; in part-blind mode only of paragraphs whose mentions are hidden.
    pub labelled: Vec<Labelled>,
}

/// Reads a file and calls `take` with it in each of the modes, part-blind in five parts.
///
/// # Errors
/// When the file or its annotations cannot be read.
pub fn lessons(path: &Path, modes: &[Mode], mut take: impl FnMut(Lesson)) -> Result<(), String> {
    let source = read_source(path)?;
    let options = ReadOptions {
        ignore_annotations: true,
        ..ReadOptions::default()
    };
    let document = pdf::read(&source, &options, &|_, _| {}).map_err(|error| error.to_string())?;
    let structure = read_structure(&source, document.page_count)?;
    let gold = gold_from_annotations(&source.file_name, &document, &structure.links);
    let paragraphs = segment(&document);
    let seen = look(
        &source,
        &document,
        &paragraphs,
        &LookOptions::default(),
        &|_, _| {},
    );
    let seen = seen.map_err(|error| error.to_string())?;
    let (open, graph) = connected(&source, document.clone(), &seen);
    let teacher = Teacher {
        named: named(&open, &graph),
        graph,
        source,
        document,
        open,
        gold,
        seen,
    };
    for mode in modes {
        teacher.teach(*mode, &mut take);
    }
    Ok(())
}

struct Teacher {
    source: PdfSource,
    document: Document,
    open: AlignedDocument,
    graph: AlignmentGraph,
    gold: Gold,
    named: Vec<GoldLink>,
    seen: Seen,
}

impl Teacher {
    fn teach(&self, mode: Mode, take: &mut impl FnMut(Lesson)) {
        let gold: Vec<&GoldLink> = self.gold.links.iter().collect();
        let named: Vec<&GoldLink> = self.named.iter().collect();
        match mode {
            Mode::Open => {
                let labelled = label(&self.open, &gold, &named, Holding::Strict);
                take(Lesson {
                    mode,
                    aligned: self.open.clone(),
                    graph: self.graph.clone(),
                    labelled,
                });
            }
            Mode::Blind => take(self.hidden(mode, Scope::Everywhere, &gold, &named)),
            Mode::PartBlind => self.parts(take),
        }
    }

    fn parts(&self, take: &mut impl FnMut(Lesson)) {
        let view = AlignmentView::from(&self.open);
        let gold_folds = folds(&view, &self.gold.links, FOLDS);
        let named_folds = folds(&view, &self.named, FOLDS);
        for fold in 0..FOLDS {
            let mut hidden: BTreeSet<ParagraphId> = BTreeSet::new();
            let mut of = |links: &'_ [GoldLink], folds: &[(u64, Option<ParagraphId>)]| {
                let mut taken = Vec::new();
                for (at, (_, (of, paragraph))) in links.iter().zip(folds).enumerate() {
                    if *of == fold {
                        hidden.extend(paragraph);
                        taken.push(at);
                    }
                }
                taken
            };
            let gold = of(&self.gold.links, &gold_folds);
            let named = of(&self.named, &named_folds);
            let gold: Vec<&GoldLink> = gold
                .iter()
                .filter_map(|at| self.gold.links.get(*at))
                .collect();
            let named: Vec<&GoldLink> = named.iter().filter_map(|at| self.named.get(*at)).collect();
            let lines: Vec<Region> = hidden
                .iter()
                .filter_map(|id| self.open.paragraphs.get(id.0 as usize))
                .flat_map(|paragraph| &paragraph.lines)
                .map(|line| line.region)
                .collect();
            take(self.hidden(Mode::PartBlind, Scope::Lines(&lines), &gold, &named));
        }
    }

    fn hidden(
        &self,
        mode: Mode,
        scope: Scope<'_>,
        gold: &[&GoldLink],
        named: &[&GoldLink],
    ) -> Lesson {
        let words: Vec<Region> = gold
            .iter()
            .map(|link| Region {
                page: link.page,
                bbox: link.bbox,
            })
            .collect();
        let mut document = self.document.clone();
        hide_mentions(&mut document, scope, &words);
        let (aligned, graph) = connected(&self.source, document, &self.seen);
        let labelled = label(&aligned, gold, named, Holding::Nearest);
        Lesson {
            mode,
            aligned,
            graph,
            labelled,
        }
    }
}

fn label(
    aligned: &AlignedDocument,
    gold: &[&GoldLink],
    named: &[&GoldLink],
    holding: Holding,
) -> Vec<Labelled> {
    let view = AlignmentView::from(aligned);
    let mut labelled: Vec<Labelled> = Vec::new();
    for (links, is_gold) in [(gold, true), (named, false)] {
        let from = labelled.len();
        for case in cases(&view, links.iter().copied(), holding) {
            let Some(paragraph) = case.paragraph else {
                continue;
            };
            // What the author's links say of a paragraph is all that is to be said.
            if !is_gold
                && labelled
                    .iter()
                    .take(from)
                    .any(|known| known.paragraph == paragraph)
            {
                continue;
            }
            match labelled.get_mut(from..).and_then(|rest| rest.last_mut()) {
                Some(last) if last.paragraph == paragraph => last.targets.push(case.right),
                _ => labelled.push(Labelled {
                    paragraph,
                    targets: vec![case.right],
                    gold: is_gold,
                }),
            }
        }
    }
    labelled
}

/// The stages up to the fourth.
fn connected(
    source: &PdfSource,
    document: Document,
    seen: &Seen,
) -> (AlignedDocument, AlignmentGraph) {
    let mut paragraphs = segment(&document);
    let visuals = detect(&document, &mut paragraphs, seen);
    let graph = connect(&document, &paragraphs, &visuals);
    let aligned = AlignedDocument {
        source: source.clone(),
        document,
        paragraphs,
        seen: Seen::default(),
        visuals,
        graph: AlignmentGraph::default(),
        alignment: Alignment::default(),
        models: BTreeMap::new(),
    };
    (aligned, graph)
}

/// The program's surest mentions, in the form of gold.
fn named(open: &AlignedDocument, graph: &AlignmentGraph) -> Vec<GoldLink> {
    let sure = graph
        .pairs()
        .filter_map(|(paragraph, visual, edge)| match edge {
            Edge::Mention {
                mention,
                resolution: Resolution::Unique,
            } => Some((paragraph, visual, *mention)),
            _ => None,
        });
    sure.filter_map(|(paragraph, visual, mention)| {
        let paragraph = open.paragraphs.get(paragraph.0 as usize)?;
        let visual = open.visuals.get(visual.0 as usize)?;
        let mention = paragraph.mentions.get(mention as usize)?;
        let place = place(paragraph, mention.span.start, mention.span.end)?;
        Some(GoldLink {
            origin: Origin::Annotation,
            page: place.page,
            bbox: place.bbox,
            text: mention.text.clone(),
            context: String::new(),
            target: target(visual, &open.paragraphs)?,
        })
    })
    .collect()
}

fn target(visual: &Visual, paragraphs: &[Paragraph]) -> Option<GoldTarget> {
    let label = visual.label.as_ref()?;
    let caption = paragraphs.get(visual.caption?.0 as usize)?;
    let line = caption.lines.first()?.region;
    Some(GoldTarget {
        kind: label.kind,
        number: Some(label.number.as_ref()?.number.clone()),
        page: line.page,
        bbox: line.bbox,
        caption: String::new(),
    })
}

/// Where a part of a paragraph's text stands: in the line in which it begins, letters taken as
/// equally wide.
fn place(paragraph: &Paragraph, start: usize, end: usize) -> Option<Region> {
    let line = paragraph
        .lines
        .iter()
        .find(|line| line.span.start <= start && start < line.span.end)?;
    let bbox = line.region.bbox;
    let bytes = (line.span.end - line.span.start).max(1) as f32;
    let x = |at: usize| {
        bbox.x0 + bbox.width() * (at.min(line.span.end) - line.span.start) as f32 / bytes
    };
    Some(Region {
        page: line.region.page,
        bbox: Rect::new(x(start), bbox.y0, x(end.max(start + 1)), bbox.y1),
    })
}
