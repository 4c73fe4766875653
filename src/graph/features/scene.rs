//! What is known of a document while its features are made.

use std::collections::{BTreeMap, HashMap};

use super::stated::{Stated, stated};
use crate::{
    detect::{Visual, VisualId},
    geometry::{PageIndex, Rect},
    graph::{
        AlignmentGraph,
        place::Places,
        resolve::{Family, family_of_visual},
    },
    pdf::Document,
    segment::{Paragraph, ParagraphId, ParagraphKind},
};

/// What is known of a document while features are made.
pub(super) struct Scene<'a> {
    pub(super) document: &'a Document,
    pub(super) paragraphs: &'a [Paragraph],
    pub(super) visuals: &'a [Visual],
    pub(super) places: &'a Places,
    /// Running sums over paragraphs: texts, words, headings before each.
    pub(super) before: Vec<Before>,
    /// Place of each visual in reading order.
    pub(super) rank: Vec<usize>,
    /// Explicit edges of each pair.
    pub(super) stated: HashMap<(ParagraphId, VisualId), Stated>,
    /// Visuals that each paragraph names or points at.
    pub(super) names: HashMap<ParagraphId, Vec<VisualId>>,
    /// Texts that name each visual, sorted.
    pub(super) naming: BTreeMap<VisualId, Vec<usize>>,
    /// Texts that name visuals, with the first and last of them by place in reading order.
    pub(super) named: Vec<(usize, usize, usize)>,
    pub(super) on_page: HashMap<PageIndex, usize>,
    pub(super) labelled: usize,
}

/// What stands before a paragraph.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Before {
    pub(super) texts: u32,
    pub(super) words: u32,
    pub(super) headings: u32,
    pub(super) since_heading: u32,
}

impl<'a> Scene<'a> {
    pub(super) fn new(
        graph: &AlignmentGraph,
        document: &'a Document,
        paragraphs: &'a [Paragraph],
        visuals: &'a [Visual],
        places: &'a Places,
    ) -> Scene<'a> {
        let mut rank = vec![0; visuals.len()];
        for (at, id) in places.order().iter().enumerate() {
            if let Some(slot) = rank.get_mut(id.0 as usize) {
                *slot = at;
            }
        }
        let mut on_page = HashMap::new();
        for visual in visuals {
            *on_page.entry(visual.page()).or_insert(0) += 1;
        }
        let mut scene = Scene {
            document,
            paragraphs,
            visuals,
            places,
            before: before(paragraphs),
            rank,
            stated: stated(graph),
            names: HashMap::new(),
            naming: BTreeMap::new(),
            labelled: visuals
                .iter()
                .filter(|visual| visual.label.is_some())
                .count(),
            named: Vec::new(),
            on_page,
        };
        scene.note_names();
        scene
    }

    /// Captions and headings do not discuss what they name, and lists of figures name everything.
    fn note_names(&mut self) {
        let mut by_text: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
        for ((paragraph, visual), stated) in &self.stated {
            self.names.entry(*paragraph).or_default().push(*visual);
            let text = self.paragraphs.get(paragraph.0 as usize);
            if !stated.names() || !text.is_some_and(|text| text.kind.is_running_text()) {
                continue;
            }
            self.naming
                .entry(*visual)
                .or_default()
                .push(paragraph.0 as usize);
            let rank = self.rank_of(*visual);
            let (first, last) = by_text.entry(paragraph.0 as usize).or_insert((rank, rank));
            *first = rank.min(*first);
            *last = rank.max(*last);
        }
        // The map of what is stated has no order; results must not depend on it.
        self.naming
            .values_mut()
            .for_each(|texts| texts.sort_unstable());
        self.names
            .values_mut()
            .for_each(|visuals| visuals.sort_unstable());
        let spans = by_text.into_iter();
        self.named = spans
            .map(|(text, (first, last))| (text, first, last))
            .collect();
    }

    /// The visuals that a paragraph names or points at, sorted.
    pub(super) fn named_by(&self, paragraph: ParagraphId) -> &[VisualId] {
        self.names.get(&paragraph).map_or(&[], Vec::as_slice)
    }

    /// How many texts name a visual.
    pub(super) fn namings(&self, visual: VisualId) -> usize {
        self.naming.get(&visual).map_or(0, Vec::len)
    }

    /// Place of a visual in reading order.
    pub(super) fn rank_of(&self, visual: VisualId) -> usize {
        self.rank.get(visual.0 as usize).copied().unwrap_or(0)
    }

    /// The family of a visual.
    pub(super) fn family(&self, visual: VisualId) -> Family {
        let visual = self.visuals.get(visual.0 as usize);
        visual.map_or(Family::Picture, family_of_visual)
    }

    /// What stands before a paragraph.
    pub(super) fn before(&self, paragraph: usize) -> Before {
        self.before.get(paragraph).copied().unwrap_or_default()
    }

    /// Width and height of a page in points.
    pub(super) fn page_size(&self, page: PageIndex) -> (f32, f32) {
        page_size(self.document, page)
    }

    /// How far down its page a box begins, 0 to 1.
    pub(super) fn down_the_page(&self, page: PageIndex, bbox: Option<Rect>) -> f32 {
        let height = self.page_size(page).1.max(1.0);
        bbox.map_or(0.0, |bbox| (bbox.y0 / height).clamp(0.0, 1.0))
    }
}

fn before(paragraphs: &[Paragraph]) -> Vec<Before> {
    let mut sums = Vec::with_capacity(paragraphs.len() + 1);
    let mut now = Before::default();
    for paragraph in paragraphs {
        sums.push(now);
        match paragraph.kind {
            ParagraphKind::Heading => {
                now.headings += 1;
                now.since_heading = 0;
            }
            ParagraphKind::Body | ParagraphKind::ListItem | ParagraphKind::Code => {
                now.texts += 1;
                now.since_heading += 1;
            }
            _ => continue,
        }
        let words = paragraph.text.split_whitespace().count();
        now.words = now
            .words
            .saturating_add(u32::try_from(words).unwrap_or(u32::MAX));
    }
    sums.push(now);
    sums
}

/// Width and height in points; those of US Letter for a page that was not read.
pub(super) fn page_size(document: &Document, page: PageIndex) -> (f32, f32) {
    let pages = &document.pages;
    let found = pages.binary_search_by_key(&page, |known| known.index);
    let found = found.ok().and_then(|at| pages.get(at));
    found.map_or((612.0, 792.0), |page| (page.width, page.height))
}
