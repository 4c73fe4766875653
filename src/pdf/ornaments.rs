//! Ornaments: bars, logos and the like that many pages show in the same place of their margin.
//! They tell nothing of a page, and would run together with the pictures beside them.

use std::collections::HashMap;

use crate::geometry::Rect;

use super::{Graphic, GraphicKind, Page};

/// Ornaments lie within this share of the page's height from its top or bottom.
const MARGIN_SHARE: f32 = 0.12;
/// At least so many pages show one, ...
const MIN_PAGES: usize = 3;
/// ... and this share of all: odd and even pages differ, first pages have none.
const MIN_SHARE: f32 = 0.3;
/// Places that agree within this many points are one.
const SAME_PLACE_PT: f32 = 2.0;

/// A place and what is drawn there.
type Place = ([i32; 4], GraphicKind);

/// Takes the ornaments from the pages of a document. Lines stay, which part head and text, and so
/// does what has text on it, as the shaded head of a long table.
pub(super) fn drop_ornaments(pages: &mut [Page]) {
    let mut shown: HashMap<Place, usize> = HashMap::new();
    for page in pages.iter() {
        let mut places: Vec<Place> = marginal(page).map(place).collect();
        places.sort_unstable();
        places.dedup();
        for place in places {
            *shown.entry(place).or_insert(0) += 1;
        }
    }
    let enough = MIN_PAGES.max((MIN_SHARE * pages.len() as f32).ceil() as usize);
    shown.retain(|_, pages| *pages >= enough);
    if shown.is_empty() {
        return;
    }
    for page in pages {
        let ornaments: Vec<Rect> = marginal(page)
            .filter(|graphic| shown.contains_key(&place(graphic)))
            .map(|graphic| graphic.bbox)
            .filter(|bbox| !has_text(page, bbox))
            .collect();
        if !ornaments.is_empty() {
            page.graphics
                .retain(|graphic| is_rule(graphic) || !ornaments.contains(&graphic.bbox));
        }
    }
}

/// What is drawn in the margins of a page, lines left out.
fn marginal(page: &Page) -> impl Iterator<Item = &Graphic> {
    let margin = MARGIN_SHARE * page.height;
    let bottom = page.height - margin;
    page.graphics.iter().filter(move |graphic| {
        (graphic.bbox.y1 <= margin || graphic.bbox.y0 >= bottom) && !is_rule(graphic)
    })
}

fn is_rule(graphic: &Graphic) -> bool {
    graphic.is_horizontal_rule() || graphic.is_vertical_rule()
}

fn place(graphic: &Graphic) -> Place {
    let bbox = graphic.bbox;
    let sides = [bbox.x0, bbox.y0, bbox.x1, bbox.y1];
    let sides = sides.map(|side| (side / SAME_PLACE_PT).round() as i32);
    (sides, graphic.kind)
}

fn has_text(page: &Page, bbox: &Rect) -> bool {
    let mut boxes = page.runs.iter().filter_map(|run| page.run_box(run));
    boxes.any(|run| bbox.contains(run.center()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pdf::test_page;

    const BAR: [f32; 4] = [72.0, 30.0, 540.0, 42.0];
    const PICTURE: [f32; 4] = [72.0, 44.0, 540.0, 300.0];

    fn graphic([x0, y0, x1, y1]: [f32; 4]) -> Graphic {
        Graphic {
            bbox: Rect::new(x0, y0, x1, y1),
            kind: GraphicKind::Fill,
            lightness: 100,
            frame: None,
        }
    }

    /// Graphics left on the first of some pages that all have these and a line of text.
    fn left(count: usize, boxes: &[[f32; 4]], text_y: f32) -> usize {
        let mut page = test_page::page(&[(250.0, text_y, "a running head")]);
        page.graphics = boxes.iter().map(|sides| graphic(*sides)).collect();
        let mut pages = vec![page; count];
        pages.resize(10.max(count), test_page::page(&[]));
        drop_ornaments(&mut pages);
        pages[0].graphics.len()
    }

    #[test]
    fn what_many_margins_show_goes() {
        assert_eq!(left(3, &[BAR, PICTURE], 60.0), 1);
        assert_eq!(left(2, &[BAR, PICTURE], 60.0), 2, "too few pages");
        let rule = [72.0, 50.0, 540.0, 51.0];
        assert_eq!(left(10, &[rule, PICTURE], 60.0), 2, "a line");
    }

    #[test]
    fn what_has_text_on_it_stays() {
        assert_eq!(left(10, &[BAR, PICTURE], 38.0), 2);
    }
}
