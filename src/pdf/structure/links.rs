//! Link annotations that stay within the file.
//!
//! The only part of the structure that is not read with lopdf: a manual of a thousand pages has
//! 50,000 links, and as parsed dictionaries of two kilobytes each they would take more memory than
//! everything else. The page reader's library looks at them in place.

use hayro_interpret::hayro_syntax::{
    Pdf,
    object::{
        Array, Dict, MaybeRef, Name, Number, ObjRef, Object as RawObject, ObjectIdentifier,
        String as RawString,
    },
};
use lopdf::{Object, StringFormat};

use super::{
    destinations::{Destinations, MAX_PLACE_ITEMS},
    pages::{Page, Pages},
};
use crate::{
    geometry::Rect,
    pdf::{LinkAnnotation, PdfSource, read::open},
};

/// Most annotations read from one page; an index page has a few hundred.
const MAX_PER_PAGE: usize = 10_000;
/// Most boxes of one annotation: the lines that it runs over.
const MAX_QUADS: usize = 16;

/// The links of all pages, in the order of the pages and of their lists.
pub(super) fn read(
    source: &PdfSource,
    pages: &Pages,
    destinations: &Destinations<'_>,
) -> Vec<LinkAnnotation> {
    let mut links = Vec::new();
    // Opened a second time: at a broken object the library rebuilds its table of objects, which
    // must not happen to the pages while they are read.
    let Ok(pdf) = open(source) else {
        return links;
    };
    for (page, raw) in pages.iter().zip(pdf.pages().iter()) {
        let Some(annotations) = raw.raw().get::<Array<'_>>(b"Annots") else {
            continue;
        };
        for annotation in annotations.raw_iter().take(MAX_PER_PAGE) {
            if let Some(annotation) = dict(&pdf, annotation) {
                read_one(page, &annotation, destinations, &mut links);
            }
        }
    }
    links.shrink_to_fit();
    links
}

fn dict<'a>(pdf: &'a Pdf, object: MaybeRef<RawObject<'a>>) -> Option<Dict<'a>> {
    match object {
        MaybeRef::Ref(id) => pdf.xref().get(ObjectIdentifier::from(id)),
        MaybeRef::NotRef(object) => object.into_dict(),
    }
}

fn read_one(
    page: &Page,
    annotation: &Dict<'_>,
    destinations: &Destinations<'_>,
    links: &mut Vec<LinkAnnotation>,
) {
    let subtype = annotation.get::<Name<'_>>(b"Subtype");
    if subtype.is_none_or(|name| name.as_ref() != b"Link") {
        return;
    }
    let target = place(annotation).and_then(|place| destinations.resolve(&place));
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

/// Where a link says that it leads: its `/Dest`, or the `/D` of its GoTo action. `None` for places
/// in other files, on the web, and nowhere.
fn place(annotation: &Dict<'_>) -> Option<Object> {
    if let Some(place) = annotation.get_raw::<RawObject<'_>>(b"Dest") {
        return parsed(place);
    }
    let action = annotation.get::<Dict<'_>>(b"A")?;
    if action.get::<Name<'_>>(b"S")?.as_ref() != b"GoTo" {
        return None;
    }
    parsed(action.get_raw::<RawObject<'_>>(b"D")?)
}

/// A place in the types of the other reader, which knows what the names and references in it mean.
fn parsed(place: MaybeRef<RawObject<'_>>) -> Option<Object> {
    match place {
        MaybeRef::NotRef(RawObject::Array(items)) => {
            let items = items.raw_iter().take(MAX_PLACE_ITEMS);
            Some(Object::Array(
                items.map(|item| parsed_item(&item)).collect(),
            ))
        }
        MaybeRef::NotRef(RawObject::Dict(dict)) => {
            match dict.get_raw::<RawObject<'_>>(b"D")? {
                // Not followed any deeper.
                MaybeRef::NotRef(RawObject::Dict(_)) => None,
                place => parsed(place),
            }
        }
        other => Some(parsed_item(&other)),
    }
}

fn parsed_item(item: &MaybeRef<RawObject<'_>>) -> Object {
    match item {
        MaybeRef::Ref(id) => reference(*id),
        MaybeRef::NotRef(RawObject::Name(name)) => Object::Name(name.to_vec()),
        MaybeRef::NotRef(RawObject::String(text)) => string(text),
        MaybeRef::NotRef(RawObject::Number(value)) => number(*value),
        MaybeRef::NotRef(_) => Object::Null,
    }
}

fn reference(id: ObjRef) -> Object {
    let generation = u16::try_from(id.gen_number);
    generation.map_or(Object::Null, |generation| {
        Object::Reference((id.obj_number, generation))
    })
}

fn string(text: &RawString<'_>) -> Object {
    Object::String(text.to_vec(), StringFormat::Literal)
}

fn number(value: Number) -> Object {
    if value.as_f64().fract() == 0.0 {
        Object::Integer(value.as_i64())
    } else {
        Object::Real(value.as_f32())
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
