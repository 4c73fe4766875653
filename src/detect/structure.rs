//! What the tags of a tagged PDF say about its figures and tables.

use crate::{
    geometry::{Rect, Region},
    pdf::{Document, TaggedFigure},
};

use super::visual::{Source, Visual, VisualId, VisualKind};

/// A tag and a visual are one when their boxes agree to this much ...
const MIN_IOU: f32 = 0.4;
/// ... or when one lies in the other to this share.
const MIN_COVER: f32 = 0.7;
/// Smaller tagged pictures, in square points, are icons.
const MIN_AREA: f32 = 3_600.0;
/// Score of a visual that only a tag speaks for.
const TAGGED: f32 = 0.75;
/// What a tag adds to the score of a visual: this share of what it lacks.
const AGREEMENT: f32 = 0.5;

/// Adds the tags' alternative texts to the visuals, and visuals that only tags know of.
pub(super) fn add_tags(document: &Document, visuals: &mut Vec<Visual>) {
    for tag in &document.structure.figures {
        let (Some(page), Some(bbox)) = (tag.page, tag.bbox) else {
            continue;
        };
        let place = Region { page, bbox };
        let best = visuals
            .iter_mut()
            .filter(|visual| (visual.kind == VisualKind::Table) == tag.table)
            .filter_map(|visual| Some((agreement(visual, &place)?, visual)))
            .max_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((_, visual)) = best {
            if visual.alt_text.is_none() {
                visual.alt_text.clone_from(&tag.alt_text);
            }
            visual.score += AGREEMENT * (1.0 - visual.score);
            visual.sources.push(Source::Structure);
            visual.sources.sort();
            visual.sources.dedup();
        } else if is_worth_a_look(document, tag, &place) {
            visuals.push(tagged(tag, place));
        }
    }
}

/// How well a tag's place agrees with one of a visual's regions.
fn agreement(visual: &Visual, place: &Region) -> Option<f32> {
    let regions = visual.regions.iter().filter(|r| r.page == place.page);
    regions
        .filter_map(|region| {
            let iou = region.bbox.iou(&place.bbox);
            let cover = place
                .bbox
                .covered_by(&region.bbox)
                .max(region.bbox.covered_by(&place.bbox));
            (iou > MIN_IOU || cover > MIN_COVER).then_some(iou)
        })
        .max_by(f32::total_cmp)
}

fn is_worth_a_look(document: &Document, tag: &TaggedFigure, place: &Region) -> bool {
    let page = document.pages.iter().find(|page| page.index == place.page);
    let part: Option<Rect> = page.and_then(|page| place.bbox.intersection(&page.bbox()));
    let whole = page.map_or(0.0, |page| page.bbox().area());
    part.is_some_and(|part| {
        part.area() > MIN_AREA && part.area() < 0.85 * whole && (!tag.table || part.height() > 24.0)
    })
}

fn tagged(tag: &TaggedFigure, place: Region) -> Visual {
    Visual {
        id: VisualId(0),
        kind: if tag.table {
            VisualKind::Table
        } else {
            VisualKind::Figure
        },
        label: None,
        caption: None,
        continued: Vec::new(),
        regions: vec![place],
        score: TAGGED,
        sources: vec![Source::Structure],
        alt_text: tag.alt_text.clone(),
        text: String::new(),
        appearance: Vec::new(),
    }
}
