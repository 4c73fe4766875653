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
const MAX_STEPS: usize = 8;
/// Items of an explicit place of which something is read.
pub(super) const MAX_PLACE_ITEMS: usize = 6;

/// The named places of a file, and the way to any place.
pub(super) struct Destinations<'a> {
    objects: &'a Objects<'a>,
    pages: &'a Pages,
    named: HashMap<&'a [u8], &'a Object>,
}

impl<'a> Destinations<'a> {
    /// Collects the names of the `/Dests` dictionary and the `/Names` tree.
    pub(super) fn new(
        objects: &'a Objects<'a>,
        catalog: &'a Dictionary,
        pages: &'a Pages,
    ) -> Destinations<'a> {
        let mut named = HashMap::new();
        if let Some(dests) = objects.dict(catalog, b"Dests") {
            named.extend(dests.iter().map(|(name, place)| (name.as_slice(), place)));
        }
        let tree = objects
            .dict(catalog, b"Names")
            .and_then(|names| objects.dict(names, b"Dests"));
        if let Some(tree) = tree {
            for (name, place) in objects.tree_entries(tree, b"Names") {
                if let Object::String(name, _) | Object::Name(name) = name {
                    named.insert(name, place);
                }
            }
        }
        Destinations {
            objects,
            pages,
            named,
        }
    }

    /// Where an outline item leads: its `/Dest`, or the `/D` of its GoTo action. `None` for places
    /// in other files, on the web, and nowhere.
    pub(super) fn of(&self, item: &'a Dictionary) -> Option<Destination> {
        if let Some(place) = raw(item, b"Dest") {
            return self.resolve(place);
        }
        let action = self.objects.dict(item, b"A")?;
        if self.objects.name(action, b"S")? != b"GoTo" {
            return None;
        }
        self.resolve(raw(action, b"D")?)
    }

    /// The place that an object stands for: an explicit one, or a name of one.
    pub(super) fn resolve<'b>(&'b self, mut place: &'b Object) -> Option<Destination> {
        let mut name = None;
        for _ in 0..MAX_STEPS {
            place = self.objects.resolve(place)?;
            match place {
                Object::String(key, _) | Object::Name(key) => {
                    name.get_or_insert_with(|| decode(key));
                    place = self.named.get(key.as_slice())?;
                }
                Object::Dictionary(dict) => place = raw(dict, b"D")?,
                Object::Array(items) => {
                    let (page, point) = self.explicit(items)?;
                    return Some(Destination { page, point, name });
                }
                _ => return None,
            }
        }
        None
    }

    /// `[page /XYZ left top zoom]` and its kin.
    fn explicit<'b>(&'b self, items: &'b [Object]) -> Option<(PageIndex, Option<Point>)> {
        let page = self.pages.find(items.first()?)?;
        Some((page.index, self.point(page, items)))
    }

    fn point<'b>(&'b self, page: &Page, items: &'b [Object]) -> Option<Point> {
        let number = |at: usize| -> Option<f32> {
            let value = self.objects.resolve(items.get(at)?)?.as_float().ok()?;
            value.is_finite().then_some(value)
        };
        let (left, top) = match self.objects.resolve(items.get(1)?)?.as_name().ok()? {
            b"XYZ" => (number(2), number(3)?),
            b"FitH" | b"FitBH" => (None, number(2)?),
            b"FitR" => (number(2), number(5)?),
            _ => return None,
        };
        let geometry = &page.geometry;
        Some(geometry.point(left.unwrap_or(geometry.left()), top))
    }
}
