//! Access to a file's objects that follows references and never fails loudly.

use std::collections::HashSet;

use lopdf::{Dictionary, Document, Object, ObjectId};

use super::text::{decode, fold};

/// Most entries of one name or number tree that are read; real files have under 100,000.
const MAX_TREE_ENTRIES: usize = 1_000_000;
/// Longest title that is kept, in characters.
const MAX_TITLE: usize = 1_000;

/// The objects of a loaded file.
pub(super) struct Objects<'a> {
    document: &'a Document,
}

impl<'a> Objects<'a> {
    pub(super) fn new(document: &'a Document) -> Objects<'a> {
        Objects { document }
    }

    /// The object that a reference leads to, or the object itself.
    pub(super) fn resolve(&self, object: &'a Object) -> Option<&'a Object> {
        match object {
            Object::Reference(_) => self.document.dereference(object).ok().map(|(_, o)| o),
            _ => Some(object),
        }
    }

    /// A dictionary's value, references followed.
    pub(super) fn get(&self, dict: &'a Dictionary, key: &[u8]) -> Option<&'a Object> {
        self.resolve(raw(dict, key)?)
    }

    pub(super) fn dict(&self, dict: &'a Dictionary, key: &[u8]) -> Option<&'a Dictionary> {
        self.get(dict, key)?.as_dict().ok()
    }

    pub(super) fn array(&self, dict: &'a Dictionary, key: &[u8]) -> Option<&'a [Object]> {
        self.get(dict, key)?.as_array().ok().map(Vec::as_slice)
    }

    pub(super) fn name(&self, dict: &'a Dictionary, key: &[u8]) -> Option<&'a [u8]> {
        self.get(dict, key)?.as_name().ok()
    }

    pub(super) fn integer(&self, dict: &'a Dictionary, key: &[u8]) -> Option<i64> {
        match self.get(dict, key)? {
            Object::Integer(value) => Some(*value),
            Object::Real(value) => Some(*value as i64),
            _ => None,
        }
    }

    /// A text string, white space folded; `None` when missing or blank.
    pub(super) fn text(&self, dict: &'a Dictionary, key: &[u8]) -> Option<String> {
        let text = fold(&decode(self.get(dict, key)?.as_str().ok()?));
        (!text.is_empty()).then_some(text)
    }

    /// The first `N` numbers of an array.
    pub(super) fn numbers<const N: usize>(&self, items: &'a [Object]) -> Option<[f32; N]> {
        let mut numbers = [0.0; N];
        for (slot, item) in numbers.iter_mut().zip(items.get(..N)?) {
            *slot = self.resolve(item)?.as_float().ok()?;
        }
        Some(numbers)
    }

    pub(super) fn catalog(&self) -> Option<&'a Dictionary> {
        self.dict(&self.document.trailer, b"Root")
    }

    pub(super) fn title(&self) -> Option<String> {
        let title = self.text(self.dict(&self.document.trailer, b"Info")?, b"Title")?;
        Some(title.chars().take(MAX_TITLE).collect())
    }

    pub(super) fn language(&self, catalog: &'a Dictionary) -> Option<String> {
        self.text(catalog, b"Lang")
    }

    /// Key and value of every entry of a name tree (`leaves` = `Names`) or number tree (`Nums`),
    /// in its order.
    pub(super) fn tree_entries(
        &self,
        root: &'a Dictionary,
        leaves: &[u8],
    ) -> Vec<(&'a Object, &'a Object)> {
        let mut entries = Vec::new();
        let mut seen = HashSet::new();
        let mut stack = vec![root];
        while let Some(node) = stack.pop() {
            for pair in self.array(node, leaves).unwrap_or(&[]).chunks_exact(2) {
                if let [key, value] = pair
                    && let Some(key) = self.resolve(key)
                {
                    entries.push((key, value));
                }
            }
            if entries.len() > MAX_TREE_ENTRIES {
                break;
            }
            let kids = self.array(node, b"Kids").unwrap_or(&[]);
            for kid in kids.iter().rev() {
                if let Some(kid) = self.new_dict(kid, &mut seen) {
                    stack.push(kid);
                }
            }
        }
        entries
    }

    /// The dictionary behind `object`, unless it was met before by the same reference.
    pub(super) fn new_dict(
        &self,
        object: &'a Object,
        seen: &mut HashSet<ObjectId>,
    ) -> Option<&'a Dictionary> {
        if let Object::Reference(id) = object
            && !seen.insert(*id)
        {
            return None;
        }
        self.resolve(object)?.as_dict().ok()
    }
}

/// A dictionary's value as it stands, references included.
pub(super) fn raw<'a>(dict: &'a Dictionary, key: &[u8]) -> Option<&'a Object> {
    // Dictionary::get would build an error text for each missing key.
    dict.as_hashmap().get(key)
}
