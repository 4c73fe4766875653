//! Link annotations that lead to visuals.

use std::collections::HashMap;

use crate::{
    detect::{Visual, VisualId},
    geometry::{PageIndex, Rect},
    pdf::{Destination, Document},
    segment::{Paragraph, ParagraphId, ParagraphKind, has_leaders},
};

use super::{AlignmentGraph, Edge};

/// A destination stands at most so far, in points, above the top of its float or below the end of
/// its caption; producers put it at either.
const REACH_PT: f32 = 40.0;

/// Adds an edge for each link annotation in a paragraph whose destination is a visual and whose
/// words name its number.
pub(super) fn add_annotations(
    graph: &mut AlignmentGraph,
    document: &Document,
    paragraphs: &[Paragraph],
    visuals: &[Visual],
) {
    if document.structure.links.is_empty() {
        return;
    }
    let lines = LinesByPage::new(paragraphs);
    let mut by_page: HashMap<PageIndex, Vec<&Visual>> = HashMap::new();
    for visual in visuals {
        by_page.entry(visual.page()).or_default().push(visual);
    }
    for link in &document.structure.links {
        if leads_to_text(&link.target) {
            continue;
        }
        let Some((paragraph, text)) = lines.at(link.page, &link.bbox) else {
            continue;
        };
        let near = by_page
            .get(&link.target.page)
            .map_or(&[][..], Vec::as_slice);
        if let Some(visual) = target_of(&link.target, text, near, paragraphs) {
            graph.add(paragraph, visual, Edge::Annotation);
        }
    }
}

/// Whether a destination's name says that it is a section, page, citation or the like. TeX's
/// hyperref names destinations by their counters.
fn leads_to_text(target: &Destination) -> bool {
    const TEXT: [&str; 12] = [
        "section",
        "subsection",
        "subsubsection",
        "chapter",
        "part",
        "paragraph",
        "appendix",
        "page",
        "cite",
        "Hfootnote",
        "Item",
        "toc",
    ];
    target.name.as_deref().is_some_and(|name| {
        let counter = name.split(['.', '*']).next().unwrap_or("");
        TEXT.contains(&counter)
    })
}

/// The visual at a destination, if the linked line names its number.
fn target_of(
    target: &Destination,
    text: &str,
    near: &[&Visual],
    paragraphs: &[Paragraph],
) -> Option<VisualId> {
    near.iter()
        .filter(|visual| {
            let number = visual.label.as_ref().and_then(|l| l.number.as_ref());
            number.is_some_and(|number| names(text, &number.number))
        })
        .filter_map(|visual| Some((distance(target, visual, paragraphs)?, visual.id)))
        .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)))
        .map(|(_, id)| id)
}

/// How far a destination is from a visual and its caption, `None` when too far.
fn distance(target: &Destination, visual: &Visual, paragraphs: &[Paragraph]) -> Option<f32> {
    let Some(point) = target.point else {
        return Some(0.0);
    };
    let caption = visual
        .caption
        .and_then(|id| paragraphs.get(id.0 as usize))
        .and_then(|caption| caption.regions.first());
    let extent = visual
        .regions
        .iter()
        .chain(caption)
        .filter(|region| region.page == target.page)
        .map(|region| region.bbox)
        .reduce(|a, b| a.union(&b))?;
    let gap = (extent.y0 - point.y).max(point.y - extent.y1).max(0.0);
    (gap <= REACH_PT).then_some(gap)
}

/// Whether a text has a number as a token of its own.
fn names(text: &str, number: &str) -> bool {
    text.match_indices(number).any(|(at, found)| {
        let before = text.get(..at).and_then(|t| t.chars().next_back());
        let after = text.get(at + found.len()..).and_then(|t| t.chars().next());
        let joins = |ch: Option<char>| ch.is_some_and(|ch| ch.is_ascii_digit());
        !joins(before) && !joins(after)
    })
}

/// Lines of text that can hold a link to a visual, by page.
struct LinesByPage<'p>(HashMap<PageIndex, Vec<(Rect, ParagraphId, &'p str)>>);

impl<'p> LinesByPage<'p> {
    fn new(paragraphs: &'p [Paragraph]) -> LinesByPage<'p> {
        let mut by_page: HashMap<PageIndex, Vec<_>> = HashMap::new();
        let can_link = |p: &&Paragraph| {
            !matches!(
                p.kind,
                ParagraphKind::Header | ParagraphKind::Footer | ParagraphKind::Heading
            )
        };
        for paragraph in paragraphs.iter().filter(can_link) {
            if has_leaders(&paragraph.text) {
                continue;
            }
            for line in &paragraph.lines {
                let text = paragraph.text.get(line.span.clone()).unwrap_or("");
                by_page.entry(line.region.page).or_default().push((
                    line.region.bbox,
                    paragraph.id,
                    text,
                ));
            }
        }
        LinesByPage(by_page)
    }

    /// The line under the middle of a box.
    fn at(&self, page: PageIndex, bbox: &Rect) -> Option<(ParagraphId, &'p str)> {
        let lines = self.0.get(&page)?;
        lines
            .iter()
            .find(|(line, ..)| line.contains(bbox.center()))
            .map(|(_, paragraph, text)| (*paragraph, *text))
    }
}
