//! Where visuals stand in reading order.

use crate::{
    detect::{Visual, VisualId},
    geometry::PageIndex,
    segment::Paragraph,
};

/// Visuals by their place among the paragraphs.
pub(super) struct Places {
    /// For each visual, the index of the paragraph that it comes after.
    anchors: Vec<usize>,
    /// Visuals sorted by anchor.
    order: Vec<VisualId>,
}

impl Places {
    pub(super) fn new(paragraphs: &[Paragraph], visuals: &[Visual]) -> Places {
        let by_page = paragraphs_by_page(paragraphs);
        let anchors: Vec<usize> = visuals
            .iter()
            .map(|visual| anchor(visual, paragraphs, &by_page))
            .collect();
        let mut order: Vec<VisualId> = visuals.iter().map(|visual| visual.id).collect();
        order.sort_by_key(|id| (anchors.get(id.0 as usize).copied().unwrap_or(0), *id));
        Places { anchors, order }
    }

    pub(super) fn anchor(&self, id: VisualId) -> usize {
        self.anchors.get(id.0 as usize).copied().unwrap_or(0)
    }

    /// Visuals in reading order.
    pub(super) fn order(&self) -> &[VisualId] {
        &self.order
    }

    /// Visuals before a place in reading order, the nearest first.
    pub(super) fn before(&self, paragraph: usize) -> impl Iterator<Item = VisualId> + '_ {
        let end = self
            .order
            .partition_point(|id| self.anchor(*id) < paragraph);
        self.order.get(..end).unwrap_or(&[]).iter().rev().copied()
    }

    /// Visuals after a place in reading order, the nearest first.
    pub(super) fn after(&self, paragraph: usize) -> impl Iterator<Item = VisualId> + '_ {
        let start = self
            .order
            .partition_point(|id| self.anchor(*id) < paragraph);
        self.order.get(start..).unwrap_or(&[]).iter().copied()
    }
}

/// Paragraph indices by the page on which they begin, furniture left out.
fn paragraphs_by_page(paragraphs: &[Paragraph]) -> Vec<(PageIndex, usize)> {
    let mut by_page: Vec<(PageIndex, usize)> = paragraphs
        .iter()
        .enumerate()
        .filter(|(_, p)| !p.kind.is_furniture())
        .flat_map(|(i, p)| p.regions.iter().map(move |region| (region.page, i)))
        .collect();
    by_page.sort();
    by_page.dedup();
    by_page
}

/// A visual comes after its caption, or after the last paragraph that stands above it on its page.
fn anchor(visual: &Visual, paragraphs: &[Paragraph], by_page: &[(PageIndex, usize)]) -> usize {
    if let Some(caption) = visual.caption {
        return caption.0 as usize;
    }
    let Some(region) = visual.regions.first() else {
        return 0;
    };
    let start = by_page.partition_point(|(page, _)| *page < region.page);
    let on_page = by_page
        .get(start..)
        .unwrap_or(&[])
        .iter()
        .take_while(|(page, _)| *page == region.page);
    let mut last_above = None;
    for (_, i) in on_page {
        let is_above = paragraphs.get(*i).is_some_and(|paragraph| {
            paragraph.regions.iter().any(|r| {
                r.page == region.page
                    && r.bbox.center_y() < region.bbox.center_y()
                    && r.bbox.x_overlap(&region.bbox) > 0.0
            })
        });
        if is_above {
            last_above = Some(*i);
        }
    }
    // Above everything on its page: after the last paragraph of the pages before.
    let before_page = by_page
        .get(..start)
        .and_then(|before| before.last())
        .map_or(0, |(_, i)| *i);
    last_above.unwrap_or(before_page)
}
