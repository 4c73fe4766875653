//! Figures and tables of the structure tree.

use std::collections::HashSet;

use lopdf::{Dictionary, Object};

use super::{
    objects::{Objects, raw},
    pages::{Page, Pages},
};
use crate::{geometry::Rect, pdf::TaggedFigure};

/// Most elements that are visited; a tagged book of a thousand pages has 200,000.
const MAX_ELEMENTS: usize = 2_000_000;
/// Most steps through the role map.
const MAX_ROLES: usize = 8;
/// Longest alternative text that is kept, in characters.
const MAX_ALT_TEXT: usize = 4_000;

struct Walk<'a> {
    objects: &'a Objects<'a>,
    pages: &'a Pages,
    roles: Option<&'a Dictionary>,
}

/// The `/Figure` and `/Table` elements in the tree's order.
pub(super) fn read<'a>(
    objects: &'a Objects<'a>,
    catalog: &'a Dictionary,
    pages: &'a Pages,
) -> Vec<TaggedFigure> {
    let Some(root) = objects.dict(catalog, b"StructTreeRoot") else {
        return Vec::new();
    };
    let walk = Walk {
        objects,
        pages,
        roles: objects.dict(root, b"RoleMap"),
    };
    let mut figures = Vec::new();
    let mut seen = HashSet::new();
    let mut visited = 0;
    let mut pending: Vec<(&'a Dictionary, Option<&'a Object>)> = vec![(root, None)];
    while let Some((element, inherited_page)) = pending.pop() {
        visited += 1;
        if visited > MAX_ELEMENTS {
            break;
        }
        let page = raw(element, b"Pg").or(inherited_page);
        figures.extend(walk.figure(element, page));
        for kid in walk.kids(element).iter().rev() {
            if let Some(kid) = objects.new_dict(kid, &mut seen) {
                pending.push((kid, page));
            }
        }
    }
    figures
}

impl<'a> Walk<'a> {
    /// The children of an element: one, or an array of them.
    fn kids(&self, element: &'a Dictionary) -> &'a [Object] {
        let Some(kids) = raw(element, b"K") else {
            return &[];
        };
        match self.objects.resolve(kids) {
            Some(Object::Array(kids)) => kids,
            _ => std::slice::from_ref(kids),
        }
    }

    fn figure(&self, element: &'a Dictionary, page: Option<&'a Object>) -> Option<TaggedFigure> {
        let role = self.role(self.objects.name(element, b"S")?);
        if role != b"Figure" && role != b"Table" {
            return None;
        }
        let page = page
            .or_else(|| self.page_of_kids(element))
            .and_then(|page| self.pages.find(page));
        let alt_text = self
            .objects
            .text(element, b"Alt")
            .or_else(|| self.objects.text(element, b"ActualText"))
            .map(|text| text.chars().take(MAX_ALT_TEXT).collect());
        Some(TaggedFigure {
            page: page.map(|page| page.index),
            bbox: page.and_then(|page| self.bbox(element, page)),
            table: role == b"Table",
            alt_text,
        })
    }

    /// The standard name of a role that the file may have renamed.
    fn role(&self, mut role: &'a [u8]) -> &'a [u8] {
        for _ in 0..MAX_ROLES {
            if role == b"Figure" || role == b"Table" {
                break;
            }
            match self.roles.and_then(|roles| self.objects.name(roles, role)) {
                Some(standard) => role = standard,
                None => break,
            }
        }
        role
    }

    /// The page of the first descendant that names one, as rows of tables do for them.
    fn page_of_kids(&self, element: &'a Dictionary) -> Option<&'a Object> {
        let mut element = element;
        for _ in 0..MAX_ROLES {
            element = self
                .kids(element)
                .iter()
                .find_map(|kid| self.objects.resolve(kid)?.as_dict().ok())?;
            if let Some(page) = raw(element, b"Pg") {
                return Some(page);
            }
        }
        None
    }

    /// The `/BBox` of the layout attributes, which may be one dictionary or a list of them.
    fn bbox(&self, element: &'a Dictionary, page: &Page) -> Option<Rect> {
        let attributes = self.objects.get(element, b"A")?;
        let attributes = match attributes {
            Object::Array(list) => list.as_slice(),
            other => std::slice::from_ref(other),
        };
        attributes.iter().find_map(|attribute| {
            let attribute = self.objects.resolve(attribute)?.as_dict().ok()?;
            let edges = self.objects.array(attribute, b"BBox")?;
            page.geometry.rect(self.objects.numbers(edges)?)
        })
    }
}
