//! Where outline items and links lead.

use std::collections::HashMap;

use lopdf::{Dictionary, Object};

use super::{
    objects::{Objects, raw},
    pages::{Page, Pages},
    text::decode,
};
use crate::{
    geometry::{PageIndex, Point},
    pdf::Destination,
};

/// Most steps from a name over names and dictionaries to a place.
pub(super) const MAX_STEPS: usize = 8;
/// Items of an explicit place of which something is read.
pub(super) const MAX_PLACE_ITEMS: usize = 6;

/// The pages and the named places of a file: what it takes to know where something leads. Holds
/// nothing of the parsed file.
pub(super) struct Destinations {
    pages: Pages,
    named: HashMap<Vec<u8>, Place>,
}

/// A page, and the point on it where one is given.
type Place = (PageIndex, Option<Point>);

/// What a place looks like once references and dictionaries are followed.
enum Written<'a> {
    Name(&'a [u8]),
    Explicit(&'a [Object]),
}

impl Destinations {
    /// Collects the names of the `/Dests` dictionary and the `/Names` tree.
    pub(super) fn new<'a>(
        objects: &Objects<'a>,
        catalog: &'a Dictionary,
        pages: Pages,
    ) -> Destinations {
        let written = written_names(objects, catalog);
        let find = |mut place: &'a Object| {
            for _ in 0..MAX_STEPS {
                match follow(objects, place)? {
                    Written::Name(name) => place = written.get(name)?,
                    Written::Explicit(items) => return explicit(&pages, &direct(objects, items)),
                }
            }
            None
        };
        let named = written
            .iter()
            .filter_map(|(name, place)| Some((name.to_vec(), find(place)?)))
            .collect();
        Destinations { pages, named }
    }

    pub(super) fn pages(&self) -> &Pages {
        &self.pages
    }

    /// Where an outline item leads: its `/Dest`, or the `/D` of its GoTo action. `None` for places
    /// in other files, on the web, and nowhere.
    pub(super) fn of<'a>(
        &self,
        objects: &Objects<'a>,
        item: &'a Dictionary,
    ) -> Option<Destination> {
        let place = match raw(item, b"Dest") {
            Some(place) => place,
            None => {
                let action = objects.dict(item, b"A")?;
                if objects.name(action, b"S")? != b"GoTo" {
                    return None;
                }
                raw(action, b"D")?
            }
        };
        match follow(objects, place)? {
            Written::Name(name) => self.named(name),
            Written::Explicit(items) => self.explicit(&direct(objects, items)),
        }
    }

    /// The place of a name.
    pub(super) fn named(&self, name: &[u8]) -> Option<Destination> {
        let (page, point) = *self.named.get(name)?;
        Some(Destination {
            page,
            point,
            name: Some(decode(name)),
        })
    }

    /// The place that an array of direct objects says.
    pub(super) fn explicit(&self, items: &[Object]) -> Option<Destination> {
        let (page, point) = explicit(&self.pages, items)?;
        Some(Destination {
            page,
            point,
            name: None,
        })
    }
}

fn written_names<'a>(
    objects: &Objects<'a>,
    catalog: &'a Dictionary,
) -> HashMap<&'a [u8], &'a Object> {
    let mut names = HashMap::new();
    if let Some(dests) = objects.dict(catalog, b"Dests") {
        names.extend(dests.iter().map(|(name, place)| (name.as_slice(), place)));
    }
    let tree = objects
        .dict(catalog, b"Names")
        .and_then(|names| objects.dict(names, b"Dests"));
    if let Some(tree) = tree {
        for (name, place) in objects.tree_entries(tree, b"Names") {
            if let Object::String(name, _) | Object::Name(name) = name {
                names.insert(name.as_slice(), place);
            }
        }
    }
    names
}

fn follow<'a>(objects: &Objects<'a>, mut place: &'a Object) -> Option<Written<'a>> {
    for _ in 0..MAX_STEPS {
        match objects.resolve(place)? {
            Object::String(name, _) | Object::Name(name) => return Some(Written::Name(name)),
            Object::Array(items) => return Some(Written::Explicit(items)),
            Object::Dictionary(dict) => place = raw(dict, b"D")?,
            _ => return None,
        }
    }
    None
}

/// The items of an explicit place without references, but for the first, which names the page.
fn direct<'a>(objects: &Objects<'a>, items: &'a [Object]) -> Vec<Object> {
    let page = items.first().into_iter();
    let numbers = items.iter().take(MAX_PLACE_ITEMS).skip(1);
    page.chain(numbers.map(|item| objects.resolve(item).unwrap_or(&Object::Null)))
        .cloned()
        .collect()
}

/// `[page /XYZ left top zoom]` and its kin.
fn explicit(pages: &Pages, items: &[Object]) -> Option<Place> {
    let page = pages.find(items.first()?)?;
    Some((page.index, point(page, items)))
}

fn point(page: &Page, items: &[Object]) -> Option<Point> {
    let number = |at: usize| -> Option<f32> {
        let value = items.get(at)?.as_float().ok()?;
        value.is_finite().then_some(value)
    };
    let (left, top) = match items.get(1)?.as_name().ok()? {
        b"XYZ" => (number(2), number(3)?),
        b"FitH" | b"FitBH" => (None, number(2)?),
        b"FitR" => (number(2), number(5)?),
        _ => return None,
    };
    let geometry = &page.geometry;
    Some(geometry.point(left.unwrap_or(geometry.left()), top))
}
