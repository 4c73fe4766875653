//! Paragraphs and visuals by themselves.

use super::{PARAGRAPH_FEATURES, VISUAL_FEATURES, flag, scene::Scene, squeeze};
use crate::{
    detect::VisualId,
    geometry::PageIndex,
    graph::resolve::{Family, family_of_visual},
    segment::{ParagraphId, ParagraphKind},
};

impl Scene<'_> {
    /// The features of a paragraph.
    pub(super) fn paragraph(&self, index: usize) -> Vec<f32> {
        let Some(paragraph) = self.paragraphs.get(index) else {
            return vec![0.0; PARAGRAPH_FEATURES.len()];
        };
        let kind = |kind: ParagraphKind| flag(paragraph.kind == kind);
        let here = self.before(index);
        let next = self.before(index + 1);
        let page = paragraph.page();
        let on_page = |page: Option<PageIndex>| {
            let count = page.and_then(|page| self.on_page.get(&page));
            squeeze(count.copied().unwrap_or(0) as f32, 2.0)
        };
        let names = self
            .named
            .binary_search_by_key(&index, |(text, _, _)| *text);
        vec![
            kind(ParagraphKind::Body),
            kind(ParagraphKind::Heading),
            kind(ParagraphKind::ListItem),
            kind(ParagraphKind::Caption),
            kind(ParagraphKind::Footnote),
            kind(ParagraphKind::Code),
            kind(ParagraphKind::FormulaText),
            flag(paragraph.kind.is_inside_visual()),
            squeeze(next.words.saturating_sub(here.words) as f32, 6.0),
            squeeze(paragraph.sentences.len() as f32, 3.0),
            flag(paragraph.text.trim_end().ends_with([':', '：'])),
            self.down_the_page(page, paragraph.regions.first().map(|region| region.bbox)),
            flag(paragraph.regions.len() > 1),
            squeeze(paragraph.mentions.len() as f32, 2.0),
            flag(names.is_ok()),
            squeeze(here.since_heading as f32, 3.0),
            on_page(Some(page)),
            on_page(Some(page.next())),
            on_page(page.0.checked_sub(1).map(PageIndex)),
            index as f32 / self.paragraphs.len().max(1) as f32,
        ]
    }

    /// The features of a visual.
    pub(super) fn visual(&self, index: usize) -> Vec<f32> {
        let Some(visual) = self.visuals.get(index) else {
            return vec![0.0; VISUAL_FEATURES.len()];
        };
        let family = family_of_visual(visual);
        let of = |id: ParagraphId| self.paragraphs.get(id.0 as usize);
        let caption = visual
            .caption
            .and_then(of)
            .map_or("", |caption| &caption.text);
        let words = |text: &str| squeeze(text.split_whitespace().count() as f32, 1.0);
        let region = visual.regions.first().map(|region| region.bbox);
        let page = self.page_size(visual.page());
        let naming = self.namings(visual.id);
        let rank = self.rank_of(visual.id);
        let neighbour = |rank: Option<usize>| rank.and_then(|rank| self.places.order().get(rank));
        let gap = |other: Option<&VisualId>| {
            other.map_or(1.0, |other| {
                let texts = |id| self.before(self.places.anchor(id)).texts;
                squeeze(texts(*other).abs_diff(texts(visual.id)) as f32, 5.0)
            })
        };
        vec![
            flag(family == Family::Picture),
            flag(family == Family::Table),
            flag(family == Family::Program),
            flag(family == Family::Formula),
            flag(visual.label.is_some()),
            flag(visual.caption.is_some()),
            words(caption) / 5.0,
            words(&visual.text) / 6.0,
            region
                .map_or(0.0, |r| r.area() / (page.0 * page.1).max(1.0))
                .min(1.0),
            region.map_or(0.0, |r| r.width() / page.0.max(1.0)).min(1.0),
            self.down_the_page(visual.page(), region),
            squeeze(
                self.on_page.get(&visual.page()).copied().unwrap_or(0) as f32,
                2.0,
            ),
            visual.score,
            squeeze(naming as f32, 2.0),
            flag(naming == 0),
            self.naming.len() as f32 / self.labelled.max(1) as f32,
            gap(neighbour(rank.checked_sub(1))),
            gap(neighbour(Some(rank + 1))),
            rank as f32 / self.visuals.len().max(1) as f32,
        ]
    }
}
