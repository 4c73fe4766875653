//! The pages in the order of the page reader, each with the way from the file's coordinates
//! (origin bottom left, y upwards, before rotation) to ours.

use std::collections::{HashMap, HashSet};

use lopdf::{Dictionary, Object, ObjectId};

use super::objects::{Objects, raw};
use crate::geometry::{PageIndex, Point, Rect};

/// Depth of the page tree beyond which nothing is read.
const MAX_DEPTH: usize = 256;

/// Size of an A4 page in points, which the page reader takes for a page without area.
const A4: (f32, f32) = (210.0 / 25.4 * 72.0, 297.0 / 25.4 * 72.0);

/// The pages of a file.
pub(super) struct Pages {
    pages: Vec<Page>,
    by_id: HashMap<ObjectId, PageIndex>,
}

/// One page.
pub(super) struct Page {
    pub(super) index: PageIndex,
    pub(super) geometry: PageGeometry,
}

/// How a page's coordinates become ours.
#[derive(Debug, Clone, Copy)]
pub(super) struct PageGeometry {
    /// Lower left corner of the visible page.
    origin: (f32, f32),
    /// Its size before rotation.
    size: (f32, f32),
    /// Quarter turns clockwise.
    turns: u8,
}

/// What pages inherit from the nodes above them.
#[derive(Clone, Copy, Default)]
struct Inherited {
    media_box: Option<[f32; 4]>,
    crop_box: Option<[f32; 4]>,
    rotate: Option<i64>,
}

struct Level<'a> {
    kids: std::slice::Iter<'a, Object>,
    inherited: Inherited,
}

impl Pages {
    /// Walks the page tree, at most one page further than `expected`.
    ///
    /// Lenient in the same ways as the page reader: a kid that is not an inner node is a page,
    /// whatever its `/Type`, and a node met twice counts once.
    pub(super) fn walk<'a>(
        objects: &Objects<'a>,
        catalog: &'a Dictionary,
        expected: usize,
    ) -> Pages {
        let mut found = Pages {
            pages: Vec::new(),
            by_id: HashMap::new(),
        };
        let mut seen = HashSet::new();
        if let Some(Object::Reference(id)) = raw(catalog, b"Pages") {
            seen.insert(*id);
        }
        let mut levels: Vec<Level<'a>> = objects
            .dict(catalog, b"Pages")
            .and_then(|root| Level::open(objects, root, Inherited::default()))
            .into_iter()
            .collect();
        while let Some(level) = levels.last_mut() {
            let Some(kid) = level.kids.next() else {
                levels.pop();
                continue;
            };
            let inherited = level.inherited;
            let Some(dict) = objects.new_dict(kid, &mut seen) else {
                continue;
            };
            if objects.name(dict, b"Type") == Some(b"Pages") {
                if levels.len() < MAX_DEPTH {
                    levels.extend(Level::open(objects, dict, inherited));
                }
            } else if found.pages.len() <= expected {
                found.add(kid, inherited.with(objects, dict).geometry());
            }
        }
        found
    }

    fn add(&mut self, kid: &Object, geometry: PageGeometry) {
        let index = PageIndex(u32::try_from(self.pages.len()).unwrap_or(u32::MAX));
        if let Object::Reference(id) = kid {
            self.by_id.insert(*id, index);
        }
        self.pages.push(Page { index, geometry });
    }

    pub(super) fn len(&self) -> usize {
        self.pages.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Page> {
        self.pages.iter()
    }

    pub(super) fn get(&self, index: PageIndex) -> Option<&Page> {
        self.pages.get(index.as_usize())
    }

    /// The page that an object names: by reference, or by its 0-based number.
    pub(super) fn find(&self, object: &Object) -> Option<&Page> {
        match object {
            Object::Reference(id) => self.get(*self.by_id.get(id)?),
            Object::Integer(number) => self.pages.get(usize::try_from(*number).ok()?),
            _ => None,
        }
    }
}

impl<'a> Level<'a> {
    fn open(
        objects: &Objects<'a>,
        node: &'a Dictionary,
        inherited: Inherited,
    ) -> Option<Level<'a>> {
        Some(Level {
            kids: objects.array(node, b"Kids")?.iter(),
            inherited: inherited.with(objects, node),
        })
    }
}

impl Inherited {
    fn with<'a>(self, objects: &Objects<'a>, node: &'a Dictionary) -> Inherited {
        let edges = |key| objects.numbers(objects.array(node, key)?);
        Inherited {
            media_box: edges(b"MediaBox").or(self.media_box),
            crop_box: edges(b"CropBox").or(self.crop_box),
            rotate: objects.integer(node, b"Rotate").or(self.rotate),
        }
    }

    fn geometry(self) -> PageGeometry {
        let ordered = |[x0, y0, x1, y1]: [f32; 4]| Rect::new(x0, y0, x1, y1);
        let media = self
            .media_box
            .map_or(Rect::new(0.0, 0.0, A4.0, A4.1), ordered);
        let crop = self.crop_box.map_or(media, ordered);
        let (x0, y0) = (crop.x0.max(media.x0), crop.y0.max(media.y0));
        let width = (crop.x1.min(media.x1) - x0).max(0.0);
        let height = (crop.y1.min(media.y1) - y0).max(0.0);
        // The page reader's tolerance.
        let no_area = width <= 1.0 / 4096.0 || height <= 1.0 / 4096.0;
        PageGeometry {
            origin: (x0, y0),
            size: if no_area {
                A4
            } else {
                (width.max(1.0), height.max(1.0))
            },
            turns: match self.rotate.unwrap_or(0).rem_euclid(360) {
                90 => 1,
                180 => 2,
                270 => 3,
                _ => 0,
            },
        }
    }
}

impl PageGeometry {
    /// A point of the file in our coordinates.
    pub(super) fn point(&self, x: f32, y: f32) -> Point {
        let (u, v) = (x - self.origin.0, y - self.origin.1);
        let (width, height) = self.size;
        let (x, y) = match self.turns {
            0 => (u, height - v),
            1 => (v, u),
            2 => (width - u, v),
            _ => (height - v, width - u),
        };
        Point { x, y }
    }

    /// A box of the file in our coordinates, `None` when it is not finite.
    pub(super) fn rect(&self, [x0, y0, x1, y1]: [f32; 4]) -> Option<Rect> {
        let (a, b) = (self.point(x0, y0), self.point(x1, y1));
        let rect = Rect::new(a.x, a.y, b.x, b.y);
        rect.is_finite().then_some(rect)
    }

    /// Left edge of the visible page in the file's coordinates.
    pub(super) fn left(&self) -> f32 {
        self.origin.0
    }
}
