//! The bookmarks.

use std::collections::HashSet;

use lopdf::{Dictionary, Object};

use super::{
    destinations::Destinations,
    objects::{Objects, raw},
};
use crate::pdf::OutlineItem;

/// Most bookmarks that are read; reference manuals have a few thousand.
const MAX_ITEMS: usize = 100_000;
/// Deepest level that is read.
const MAX_LEVEL: u8 = 64;

/// The bookmarks in order, parents before children. Ends at the first loop.
pub(super) fn read<'a>(
    objects: &Objects<'a>,
    catalog: &'a Dictionary,
    destinations: &Destinations,
) -> Vec<OutlineItem> {
    let mut items = Vec::new();
    let mut seen = HashSet::new();
    // What is still to read: the last is next.
    let mut pending: Vec<(&'a Object, u8)> = objects
        .dict(catalog, b"Outlines")
        .and_then(|root| raw(root, b"First"))
        .map(|first| (first, 1))
        .into_iter()
        .collect();
    while let Some((item, level)) = pending.pop() {
        let Some(dict) = objects.new_dict(item, &mut seen) else {
            continue;
        };
        if let Some(next) = raw(dict, b"Next") {
            pending.push((next, level));
        }
        if let Some(first) = raw(dict, b"First")
            && level < MAX_LEVEL
        {
            pending.push((first, level + 1));
        }
        if let Some(title) = objects.text(dict, b"Title") {
            items.push(OutlineItem {
                title,
                level,
                target: destinations.of(objects, dict),
            });
        }
        if items.len() >= MAX_ITEMS {
            break;
        }
    }
    items
}
