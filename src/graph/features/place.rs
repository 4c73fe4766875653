//! Where the paragraph and the visual of a pair stand.

use super::{
    flag,
    scene::{Scene, page_size},
    squeeze,
};
use crate::{
    detect::{Visual, VisualId},
    pdf::Document,
    segment::Paragraph,
};

/// How many features tell the place.
const PLACE_FEATURES: usize = 19;

impl Scene<'_> {
    /// Appends the features of place.
    pub(super) fn push_place(&self, index: usize, id: VisualId, features: &mut Vec<f32>) {
        let (Some(paragraph), Some(visual)) =
            (self.paragraphs.get(index), self.visuals.get(id.0 as usize))
        else {
            features.resize(features.len() + PLACE_FEATURES, 0.0);
            return;
        };
        let anchor = self.places.anchor(id);
        let after = anchor >= index;
        let sign = if after { 1.0 } else { -1.0 };
        let pages = nearest_pages(paragraph, visual);
        let (here, there) = (self.before(index), self.before(anchor));
        let between = self.between(index, id, after);
        let pair = Touch::new(paragraph, visual, self.document);
        let (same, depth) = sections(paragraph, visual, self.paragraphs);
        let first_labelled = visual.label.is_some() && between.labelled == 0;
        features.extend([
            (pages as f32 / 5.0).clamp(-1.0, 1.0),
            flag(pages == 0),
            flag(pages == 1),
            flag(pages == -1),
            flag(after),
            squeeze(sign * here.texts.abs_diff(there.texts) as f32, 5.0),
            squeeze(sign * here.words.abs_diff(there.words) as f32, 8.0),
            1.0 / (1.0 + between.all as f32),
            match self.namings(id) {
                0 => 1.0 / (1.0 + between.unnamed as f32),
                _ => 0.0,
            },
            1.0 / (1.0 + between.family as f32),
            flag(first_labelled && after),
            flag(first_labelled && !after),
            flag(here.texts.abs_diff(there.texts) <= 1),
            squeeze(here.headings.abs_diff(there.headings) as f32, 3.0),
            flag(same),
            depth,
            pair.gap,
            pair.columns,
            flag(pair.above),
        ]);
    }

    fn between(&self, index: usize, id: VisualId, after: bool) -> Between {
        const MOST: usize = 50;
        let side: Vec<VisualId> = match after {
            true => self.places.after(index).take(MOST).collect(),
            false => self.places.before(index).take(MOST).collect(),
        };
        let mut between = Between::default();
        for other in side.into_iter().take_while(|other| *other != id) {
            between.all += 1;
            between.family += u32::from(self.family(other) == self.family(id));
            let labelled = self.visuals.get(other.0 as usize);
            if labelled.is_some_and(|v| v.label.is_some()) {
                between.labelled += 1;
                between.unnamed += u32::from(self.namings(other) == 0);
            }
        }
        between
    }
}

/// How many visuals stand between.
#[derive(Debug, Default)]
struct Between {
    all: u32,
    family: u32,
    labelled: u32,
    unnamed: u32,
}

/// How boxes lie to each other on one page.
struct Touch {
    gap: f32,
    columns: f32,
    above: bool,
}

impl Touch {
    fn new(paragraph: &Paragraph, visual: &Visual, document: &Document) -> Touch {
        let mut best = Touch {
            gap: 1.0,
            columns: 0.0,
            above: false,
        };
        for a in &paragraph.regions {
            for b in visual.regions.iter().filter(|b| b.page == a.page) {
                let height = page_size(document, a.page).1.max(1.0);
                let gap = a.bbox.y_gap(&b.bbox) / height;
                if gap < best.gap {
                    let narrower = a.bbox.width().min(b.bbox.width()).max(1.0);
                    best = Touch {
                        gap,
                        columns: (a.bbox.x_overlap(&b.bbox) / narrower).min(1.0),
                        above: b.bbox.center_y() < a.bbox.center_y(),
                    };
                }
            }
        }
        best
    }
}

fn sections(paragraph: &Paragraph, visual: &Visual, paragraphs: &[Paragraph]) -> (bool, f32) {
    let caption = visual.caption.and_then(|id| paragraphs.get(id.0 as usize));
    let Some(caption) = caption else {
        return (false, 0.0);
    };
    let (ours, theirs) = (&paragraph.section, &caption.section);
    let common = ours
        .iter()
        .zip(theirs.iter())
        .take_while(|(a, b)| a == b)
        .count();
    let deepest = ours.len().max(theirs.len());
    (common == deepest, common as f32 / deepest.max(1) as f32)
}

/// Pages from the paragraph to the visual, the fewest of any two of their regions.
fn nearest_pages(paragraph: &Paragraph, visual: &Visual) -> i64 {
    let pairs = paragraph.regions.iter().flat_map(|a| {
        let visual = visual.regions.iter();
        visual.map(move |b| i64::from(b.page.0) - i64::from(a.page.0))
    });
    pairs
        .min_by_key(|pages| pages.abs())
        .unwrap_or(i64::from(u16::MAX))
}
