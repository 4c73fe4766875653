//! What a page draws, as a hash: the same in every version of a document that leaves the page alone.
//!
//! The hash is of the page's size, its drawing operations and the resources that these name, by their
//! content; numbers of objects and whatever is not drawn do not count. Of fonts only the names do:
//! their programs hold the letters that a document happens to use, so that a new letter on one page
//! would change all others. Where something cannot be told for certain there is no hash.

use std::{
    collections::{HashMap, HashSet},
    panic::{AssertUnwindSafe, catch_unwind},
};

use hayro_syntax::{
    Pdf,
    object::{Array, Dict, MaybeRef, Name, Object, ObjectIdentifier, Stream},
    page::{Page as PdfPage, Resources},
};
use sha2::{Digest, Sha256};

use crate::geometry::PageIndex;

use super::read::content_of;

/// SHA-256 of what a page draws.
pub type PageDigest = [u8; 32];

/// Resources of real pages nest no deeper, those of hostile ones may.
const MAX_DEPTH: u32 = 24;

/// Entries that change nothing in what is drawn, and some of which lead to other pages.
const NOT_DRAWN: [&[u8]; 11] = [
    b"AF",
    b"ID",
    b"LastModified",
    b"Length",
    b"Metadata",
    b"Name",
    b"OPI",
    b"Parent",
    b"PieceInfo",
    b"StructParent",
    b"StructParents",
];

/// Colour spaces that take effect without being named.
const DEFAULT_SPACES: [&[u8]; 3] = [b"DefaultCMYK", b"DefaultGray", b"DefaultRGB"];

/// The hashes of a file's pages.
pub struct PageDigests<'a> {
    pdf: &'a Pdf,
    /// Layers that are switched off.
    hidden: HashSet<ObjectIdentifier>,
    /// Objects that were met before; `None` for those without a hash, and while one is worked on, so
    /// that circles have none.
    known: HashMap<ObjectIdentifier, Option<PageDigest>>,
}

impl<'a> PageDigests<'a> {
    pub(super) fn new(pdf: &'a Pdf) -> PageDigests<'a> {
        PageDigests {
            pdf,
            hidden: hidden_layers(pdf),
            known: HashMap::new(),
        }
    }

    /// The hash of a page, if it has one.
    pub fn of(&mut self, page: PageIndex) -> Option<PageDigest> {
        let page = self.pdf.pages().get(page.as_usize())?;
        catch_unwind(AssertUnwindSafe(|| self.page(page)))
            .ok()
            .flatten()
    }

    fn page(&mut self, page: &'a PdfPage<'a>) -> Option<PageDigest> {
        let mut hash = Sha256::new();
        let (width, height) = page.render_dimensions();
        for number in [width, height] {
            hash.update(number.to_le_bytes());
        }
        for number in page.initial_transform(true).as_coeffs() {
            hash.update(number.to_le_bytes());
        }
        let (content, complete) = content_of(page);
        if !complete {
            return None;
        }
        self.content(&mut hash, &content, Some(page.resources()), 0)?;
        Some(hash.finalize().into())
    }

    /// Drawing operations and what they name. Without resources of their own they must name nothing:
    /// whose resources they use then depends on who draws them.
    fn content(
        &mut self,
        hash: &mut Sha256,
        content: &[u8],
        resources: Option<&Resources<'a>>,
        depth: u32,
    ) -> Option<()> {
        put(hash, b'c', content);
        let names = names_in(content);
        let Some(resources) = resources else {
            return names.is_empty().then_some(());
        };
        let sorts = [
            &resources.ext_g_states,
            &resources.x_objects,
            &resources.patterns,
            &resources.shadings,
            &resources.properties,
            &resources.color_spaces,
        ];
        for (sort, resources) in (0..).zip(sorts) {
            hash.update([sort]);
            for (name, value) in resources.entries() {
                if names.contains(&*name) || DEFAULT_SPACES.contains(&&*name) {
                    put(hash, b'/', &name);
                    self.value(hash, value, depth)?;
                }
            }
        }
        for (name, font) in resources.fonts.entries() {
            if names.contains(&*name) {
                put(hash, b'f', &name);
                self.value(hash, font, depth)?;
            }
        }
        Some(())
    }

    fn value(&mut self, hash: &mut Sha256, value: MaybeRef<Object<'a>>, depth: u32) -> Option<()> {
        match value {
            MaybeRef::Ref(reference) => {
                put(hash, b'r', &self.referenced(reference.into(), depth)?);
                Some(())
            }
            MaybeRef::NotRef(object) => self.object(hash, object, depth),
        }
    }

    fn referenced(&mut self, id: ObjectIdentifier, depth: u32) -> Option<PageDigest> {
        if let Some(known) = self.known.get(&id) {
            return *known;
        }
        self.known.insert(id, None);
        let mut hash = Sha256::new();
        hash.update([u8::from(self.hidden.contains(&id))]);
        if let Some(object) = self.pdf.xref().get::<Object<'a>>(id) {
            self.object(&mut hash, object, depth)?;
        }
        let digest = hash.finalize().into();
        self.known.insert(id, Some(digest));
        Some(digest)
    }

    fn object(&mut self, hash: &mut Sha256, object: Object<'a>, depth: u32) -> Option<()> {
        let depth = depth + 1;
        if depth > MAX_DEPTH {
            return None;
        }
        match object {
            Object::Null(_) => put(hash, b'0', b""),
            Object::Boolean(value) => put(hash, b'b', &[u8::from(value)]),
            Object::Number(number) => put(hash, b'n', &number.as_f64().to_le_bytes()),
            Object::String(text) => put(hash, b's', &text),
            Object::Name(name) => put(hash, b'/', &name),
            Object::Array(items) => {
                hash.update(b"[");
                for item in items.raw_iter() {
                    self.value(hash, item, depth)?;
                }
                hash.update(b"]");
            }
            Object::Dict(dict) if name_in(&dict, "Type").as_deref() == Some(b"Font") => {
                self.font(hash, &dict, depth)?;
            }
            Object::Dict(dict) => self.entries(hash, &dict, &[], depth)?,
            Object::Stream(stream) => self.stream(hash, &stream, depth)?,
        }
        Some(())
    }

    fn entries(
        &mut self,
        hash: &mut Sha256,
        dict: &Dict<'a>,
        without: &[&[u8]],
        depth: u32,
    ) -> Option<()> {
        hash.update(b"<");
        for (key, value) in dict.entries() {
            if !NOT_DRAWN.contains(&&*key) && !without.contains(&&*key) {
                put(hash, b'/', &key);
                self.value(hash, value, depth)?;
            }
        }
        hash.update(b">");
        Some(())
    }

    /// Forms and patterns are drawn by operations of their own; images and the like are as they are
    /// stored.
    fn stream(&mut self, hash: &mut Sha256, stream: &Stream<'a>, depth: u32) -> Option<()> {
        let dict = stream.dict();
        let is_drawing = name_in(dict, "Subtype").as_deref() == Some(b"Form")
            || (dict.contains_key("PatternType") && !dict.contains_key("ShadingType"));
        if !is_drawing {
            self.entries(hash, dict, &[], depth)?;
            put(hash, b'd', &stream.raw_data());
            return Some(());
        }
        // How it is packed is of no interest.
        let packing: [&[u8]; 3] = [b"Resources", b"Filter", b"DecodeParms"];
        self.entries(hash, dict, &packing, depth)?;
        let content = stream.decoded_data().ok()?;
        let resources = dict.get::<Dict<'a>>("Resources").map(Resources::new);
        self.content(hash, &content, resources.as_ref(), depth)
    }

    fn font(&mut self, hash: &mut Sha256, font: &Dict<'a>, depth: u32) -> Option<()> {
        let kind = name_in(font, "Subtype");
        put(hash, b'f', kind.as_deref().unwrap_or_default());
        if kind.as_deref() == Some(b"Type3") {
            return self.drawn_font(hash, font, depth);
        }
        // The font proper of a composite one.
        let inner = font.get::<Array<'a>>("DescendantFonts");
        let inner = inner.and_then(|fonts| fonts.iter::<Dict<'a>>().next());
        for font in [Some(font), inner.as_ref()].into_iter().flatten() {
            let name = name_in(font, "BaseFont");
            put(hash, b'/', untagged(name.as_deref().unwrap_or_default()));
            let encoding = font.get::<Object<'a>>("Encoding");
            let encoding = encoding.and_then(|encoding| match encoding {
                Object::Name(name) => Some(name),
                Object::Dict(dict) => name_in(&dict, "BaseEncoding"),
                _ => None,
            });
            put(hash, b'/', encoding.as_deref().unwrap_or_default());
        }
        Some(())
    }

    /// A font whose letters are drawn by operations: they may be pictures.
    fn drawn_font(&mut self, hash: &mut Sha256, font: &Dict<'a>, depth: u32) -> Option<()> {
        let letters = font.get::<Dict<'a>>("CharProcs")?;
        let without: [&[u8]; 5] = [
            b"CharProcs",
            b"FontDescriptor",
            b"Resources",
            b"ToUnicode",
            b"Type",
        ];
        self.entries(hash, font, &without, depth)?;
        let resources = font.get::<Dict<'a>>("Resources").map(Resources::new);
        for key in letters.entries().map(|(key, _)| key) {
            let letter = letters.get::<Stream<'a>>(&*key)?;
            put(hash, b'/', &key);
            let content = letter.decoded_data().ok()?;
            self.content(hash, &content, resources.as_ref(), depth)?;
        }
        Some(())
    }
}

/// Adds bytes so that they cannot be taken for others: with what they are, and how many.
fn put(hash: &mut Sha256, what: u8, bytes: &[u8]) {
    hash.update([what]);
    hash.update((bytes.len() as u64).to_le_bytes());
    hash.update(bytes);
}

fn name_in<'a>(dict: &Dict<'a>, key: &str) -> Option<Name<'a>> {
    dict.get::<Name<'a>>(key)
}

/// Every name in drawing operations; what only looks like one does no harm.
fn names_in(content: &[u8]) -> HashSet<Name<'_>> {
    let ends = |byte: &u8| byte.is_ascii_whitespace() || b"\0\x0b()<>[]{}%".contains(byte);
    let parts = content.split(|byte| *byte == b'/').skip(1);
    let names = parts.filter_map(|part| {
        let end = part.iter().position(ends).unwrap_or(part.len());
        Name::new(part.get(..end)?)
    });
    names.collect()
}

/// The name of a font without the letters before it, which tell subsets apart: "ABCDEF+Times".
fn untagged(name: &[u8]) -> &[u8] {
    match name.split_at_checked(7) {
        Some((tag, name))
            if tag.ends_with(b"+") && tag.iter().take(6).all(u8::is_ascii_uppercase) =>
        {
            name
        }
        _ => name,
    }
}

/// The layers that are not drawn, by the rule of the library that draws.
fn hidden_layers(pdf: &Pdf) -> HashSet<ObjectIdentifier> {
    let catalog = pdf.xref().get::<Dict<'_>>(pdf.xref().root_id());
    let layers = catalog.and_then(|catalog| catalog.get::<Dict<'_>>("OCProperties"));
    let Some((layers, config)) =
        layers.and_then(|layers| Some((layers.clone(), layers.get::<Dict<'_>>("D")?)))
    else {
        return HashSet::new();
    };
    let listed = |dict: &Dict<'_>, key: &str| -> HashSet<ObjectIdentifier> {
        let items = dict.get::<Array<'_>>(key);
        let items = items.iter().flat_map(Array::raw_iter);
        items
            .filter_map(|item| item.as_obj_ref().map(Into::into))
            .collect()
    };
    let mut hidden = HashSet::new();
    if name_in(&config, "BaseState").as_deref() == Some(b"OFF") {
        hidden = listed(&layers, "OCGs");
    }
    for shown in listed(&config, "ON") {
        hidden.remove(&shown);
    }
    hidden.extend(listed(&config, "OFF"));
    hidden
}
