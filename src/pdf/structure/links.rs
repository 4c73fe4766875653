//! Link annotations that stay within the file.

use lopdf::{Dictionary, Object};

use super::{
    destinations::Destinations,
    objects::Objects,
    pages::{Page, Pages},
};
use crate::{geometry::Rect, pdf::LinkAnnotation};

/// Most annotations read from one page; an index page has a few hundred.
const MAX_PER_PAGE: usize = 10_000;
/// Most boxes of one annotation: the lines that it runs over.
const MAX_QUADS: usize = 16;

/// The links of all pages, in the order of the pages and of their lists.
pub(super) fn read<'a>(
    objects: &Objects<'a>,
    pages: &Pages<'a>,
    destinations: &Destinations<'a>,
) -> Vec<LinkAnnotation> {
    let mut links = Vec::new();
    for page in pages.iter() {
        let annotations = objects.array(page.dict, b"Annots").unwrap_or(&[]);
        for annotation in annotations.iter().take(MAX_PER_PAGE) {
            if let Some(Object::Dictionary(annotation)) = objects.resolve(annotation) {
                read_one(objects, page, annotation, destinations, &mut links);
            }
        }
    }
    links
}

fn read_one<'a>(
    objects: &Objects<'a>,
    page: &Page<'a>,
    annotation: &'a Dictionary,
    destinations: &Destinations<'a>,
    links: &mut Vec<LinkAnnotation>,
) {
    if objects.name(annotation, b"Subtype") != Some(b"Link") {
        return;
    }
    let Some(target) = destinations.of(annotation) else {
        return;
    };
    for bbox in boxes(objects, page, annotation) {
        links.push(LinkAnnotation {
            page: page.index,
            bbox,
            target: target.clone(),
        });
    }
}

/// A link that runs over several lines has one box for each where it says so (`/QuadPoints`);
/// the box around them all would cover words that are not part of it.
fn boxes<'a>(objects: &Objects<'a>, page: &Page<'a>, annotation: &'a Dictionary) -> Vec<Rect> {
    let quads: Vec<Rect> = objects
        .array(annotation, b"QuadPoints")
        .unwrap_or(&[])
        .chunks_exact(8)
        .take(MAX_QUADS)
        .filter_map(|quad| {
            let [x0, y0, x1, y1, x2, y2, x3, y3] = objects.numbers(quad)?;
            let left = x0.min(x1).min(x2).min(x3);
            let right = x0.max(x1).max(x2).max(x3);
            let low = y0.min(y1).min(y2).min(y3);
            let high = y0.max(y1).max(y2).max(y3);
            page.geometry.rect([left, low, right, high])
        })
        .filter(|quad| quad.area() > 0.0)
        .collect();
    if quads.len() > 1 {
        return quads;
    }
    objects
        .array(annotation, b"Rect")
        .and_then(|rect| page.geometry.rect(objects.numbers(rect)?))
        .into_iter()
        .collect()
}
