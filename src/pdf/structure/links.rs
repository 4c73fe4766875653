//! Link annotations that stay within the file.
//!
//! The only part of the structure that is not read with lopdf: a manual of a thousand pages has
//! 50,000 links, and as parsed dictionaries of two kilobytes each they would take more memory than
//! everything else. The page reader's library looks at them in place.

use std::iter;

use hayro_interpret::hayro_syntax::{
    Pdf,
    object::{Array, Dict, MaybeRef, Name, Object as RawObject, ObjectIdentifier},
};
use lopdf::Object;

use super::{
    destinations::{Destinations, MAX_PLACE_ITEMS, MAX_STEPS},
    pages::Page,
};
use crate::{
    geometry::Rect,
    pdf::{Destination, LinkAnnotation},
};

/// Most annotations read from one page; an index page has a few hundred.
const MAX_PER_PAGE: usize = 10_000;
/// Most boxes of one annotation: the lines that it runs over.
const MAX_QUADS: usize = 16;

/// The links of all pages, in the order of the pages and of their lists.
pub(super) fn read(pdf: &Pdf, destinations: &Destinations) -> Vec<LinkAnnotation> {
    let reader = Reader { pdf, destinations };
    let mut links = Vec::new();
    for (page, raw) in destinations.pages().iter().zip(pdf.pages().iter()) {
        let Some(annotations) = raw.raw().get::<Array<'_>>(b"Annots") else {
            continue;
        };
        for annotation in annotations.raw_iter().take(MAX_PER_PAGE) {
            if let Some(RawObject::Dict(annotation)) = reader.resolve(annotation) {
                reader.read_one(page, &annotation, &mut links);
            }
        }
    }
    links.shrink_to_fit();
    links
}

struct Reader<'a> {
    pdf: &'a Pdf,
    destinations: &'a Destinations,
}

impl<'a> Reader<'a> {
    fn resolve(&self, object: MaybeRef<RawObject<'a>>) -> Option<RawObject<'a>> {
        match object {
            MaybeRef::Ref(id) => self.pdf.xref().get(ObjectIdentifier::from(id)),
            MaybeRef::NotRef(object) => Some(object),
        }
    }

    fn read_one(&self, page: &Page, annotation: &Dict<'a>, links: &mut Vec<LinkAnnotation>) {
        let subtype = annotation.get::<Name<'_>>(b"Subtype");
        if subtype.is_none_or(|name| name.as_ref() != b"Link") {
            return;
        }
        let target = place(annotation).and_then(|place| self.target(place));
        let Some(target) = target else {
            return;
        };
        for bbox in boxes(page, annotation) {
            links.push(LinkAnnotation {
                page: page.index,
                bbox,
                target: target.clone(),
            });
        }
    }

    fn target(&self, mut place: MaybeRef<RawObject<'a>>) -> Option<Destination> {
        for _ in 0..MAX_STEPS {
            match self.resolve(place)? {
                RawObject::String(name) => return self.destinations.named(name.as_bytes()),
                RawObject::Name(name) => return self.destinations.named(name.as_ref()),
                RawObject::Array(items) => return self.explicit(&items),
                RawObject::Dict(dict) => place = dict.get_raw(b"D")?,
                _ => return None,
            }
        }
        None
    }

    /// An explicit place in the other reader's types, which has the one way to understand it.
    fn explicit(&self, items: &Array<'a>) -> Option<Destination> {
        let mut items = items.raw_iter().take(MAX_PLACE_ITEMS);
        let page = match items.next()? {
            MaybeRef::Ref(id) => {
                Object::Reference((id.obj_number, u16::try_from(id.gen_number).ok()?))
            }
            MaybeRef::NotRef(object) => parsed(&object),
        };
        let rest = items.map(|item| {
            let item = self.resolve(item);
            item.map_or(Object::Null, |item| parsed(&item))
        });
        let items: Vec<Object> = iter::once(page).chain(rest).collect();
        self.destinations.explicit(&items)
    }
}

/// Where a link says that it leads: its `/Dest`, or the `/D` of its GoTo action. `None` for places
/// in other files, on the web, and nowhere.
fn place<'a>(annotation: &Dict<'a>) -> Option<MaybeRef<RawObject<'a>>> {
    if let Some(place) = annotation.get_raw(b"Dest") {
        return Some(place);
    }
    let action = annotation.get::<Dict<'_>>(b"A")?;
    if action.get::<Name<'_>>(b"S")?.as_ref() != b"GoTo" {
        return None;
    }
    action.get_raw(b"D")
}

/// A name or number in the other reader's types.
fn parsed(item: &RawObject<'_>) -> Object {
    match item {
        RawObject::Name(name) => Object::Name(name.to_vec()),
        RawObject::Number(value) if value.as_f64().fract() == 0.0 => {
            Object::Integer(value.as_i64())
        }
        RawObject::Number(value) => Object::Real(value.as_f32()),
        _ => Object::Null,
    }
}

/// A link that runs over several lines has one box for each where it says so (`/QuadPoints`);
/// the box around them all would cover words that are not part of it.
fn boxes(page: &Page, annotation: &Dict<'_>) -> Vec<Rect> {
    let quads: Vec<f32> = annotation
        .get::<Array<'_>>(b"QuadPoints")
        .map(|quads| quads.iter::<f32>().take(8 * MAX_QUADS).collect())
        .unwrap_or_default();
    let (quads, _) = quads.as_chunks::<8>();
    let quads: Vec<Rect> = quads
        .iter()
        .filter_map(|[x0, y0, x1, y1, x2, y2, x3, y3]| {
            let left = x0.min(*x1).min(*x2).min(*x3);
            let right = x0.max(*x1).max(*x2).max(*x3);
            let low = y0.min(*y1).min(*y2).min(*y3);
            let high = y0.max(*y1).max(*y2).max(*y3);
            page.geometry.rect([left, low, right, high])
        })
        .filter(|quad| quad.area() > 0.0)
        .collect();
    if quads.len() > 1 {
        return quads;
    }
    annotation
        .get::<Array<'_>>(b"Rect")
        .and_then(|edges| {
            let mut edges = edges.iter::<f32>();
            let mut next = || edges.next();
            page.geometry.rect([next()?, next()?, next()?, next()?])
        })
        .into_iter()
        .collect()
}
