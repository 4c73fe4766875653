//! Names and styles of fonts.
//!
//! The interpreter hands out glyphs without the font dictionary they came from, and for Type 1
//! fonts without any font data. But a glyph's outline identifier can be computed from the
//! dictionary too, so a table from identifiers to dictionaries, filled page by page from the
//! resources, gives each run its font.

use std::collections::{HashMap, HashSet};

use hayro_font::{Font as PdfFont, FontCache, FontGlyph, FontResolverFn, OutlineGlyph};
use hayro_interpret::{
    CacheKey, InterpreterSettings,
    font::Glyph as PdfGlyph,
    hayro_cmap::{BfString, CMap, CMapName, CidFamily, load_embedded},
    hayro_syntax::{
        object::{Array, Dict, Name, Stream, String as PdfString},
        page::Resources,
    },
};

use super::document::Font;

/// Form XObjects nested deeper than this are not searched for fonts.
const MAX_RESOURCE_DEPTH: usize = 4;
/// More XObjects than this on one page are not searched: each costs a look-up, and pages of
/// thousands of small pictures rarely bring new fonts with them.
const MAX_XOBJECTS: usize = 256;
/// `/Flags` of a font descriptor (ISO 32000-1, table 123).
const FIXED_PITCH: u32 = 1;
const ITALIC: u32 = 1 << 6;
const FORCE_BOLD: u32 = 1 << 18;

/// A font together with what the interpreter needs to know of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub(super) struct FontEntry {
    pub(super) font: Font,
    /// Whether the file holds the font program. Glyphs of other fonts are stretched to the widths
    /// that the file gives, which the advance must not repeat.
    pub(super) embedded: bool,
}

/// A composite (Type 0) font.
struct Composite<'a> {
    font: PdfFont<'a>,
    index: u16,
    encoding: Option<CidEncoding>,
}

/// How the codes of a CJK font without `ToUnicode` lead to Unicode: by its encoding to CIDs of
/// one of Adobe's character collections, and by the collection's own table to Unicode.
struct CidEncoding {
    /// `None` for Identity.
    code_to_cid: Option<CMap>,
    cid_to_unicode: CMap,
}

impl CidEncoding {
    fn of(dict: &Dict<'_>) -> Option<CidEncoding> {
        let descendant = dict
            .get::<Array<'_>>("DescendantFonts")?
            .iter::<Dict<'_>>()
            .next()?;
        let info = descendant.get::<Dict<'_>>("CIDSystemInfo")?;
        let registry = info.get::<PdfString<'_>>("Registry")?;
        let ordering = info.get::<PdfString<'_>>("Ordering")?;
        let family = CidFamily::from_registry_ordering(registry.as_bytes(), ordering.as_bytes());
        let cid_to_unicode = CMap::parse(load_embedded(family.ucs2_cmap()?)?, load_embedded)?;
        let encoding = dict.get::<Name<'_>>("Encoding")?;
        let code_to_cid = if encoding.starts_with(b"Identity") {
            None
        } else {
            let data = load_embedded(CMapName::from_bytes(&encoding))?;
            Some(CMap::parse(data, load_embedded)?)
        };
        Some(CidEncoding {
            code_to_cid,
            cid_to_unicode,
        })
    }

    fn unicode(&self, code: u32) -> Option<BfString> {
        let cid = match &self.code_to_cid {
            None => code,
            Some(cmap) => (1..=4).find_map(|length| cmap.lookup_cid_code(code, length))?,
        };
        self.cid_to_unicode.lookup_bf_string(cid)
    }
}

/// The fonts met so far by one reading thread.
pub(super) struct FontTable<'a> {
    cache: FontCache<'a>,
    settings: InterpreterSettings,
    by_glyph: HashMap<u128, u16>,
    seen_dicts: HashSet<u128>,
    composites: Vec<Composite<'a>>,
    entries: Vec<FontEntry>,
    by_entry: HashMap<FontEntry, u16>,
    reaches: HashMap<u128, Option<(f64, f64)>>,
}

impl<'a> FontTable<'a> {
    pub(super) fn new(settings: &InterpreterSettings) -> FontTable<'a> {
        FontTable {
            cache: FontCache::new(),
            settings: settings.clone(),
            by_glyph: HashMap::new(),
            seen_dicts: HashSet::new(),
            composites: Vec::new(),
            entries: vec![FontEntry {
                embedded: true,
                ..FontEntry::default()
            }],
            by_entry: HashMap::new(),
            reaches: HashMap::new(),
        }
    }

    /// All entries, in the order of their indices; the first stands for fonts without a name.
    pub(super) fn into_entries(self) -> Vec<FontEntry> {
        self.entries
    }

    pub(super) fn entry(&self, index: u16) -> Option<&FontEntry> {
        self.entries.get(usize::from(index))
    }

    /// Learns the fonts of a page and of the form XObjects it can draw.
    pub(super) fn learn(&mut self, resources: &Resources<'a>) {
        let mut budget = MAX_XOBJECTS;
        self.learn_nested(resources, MAX_RESOURCE_DEPTH, &mut budget);
    }

    fn learn_nested(&mut self, resources: &Resources<'a>, depth: usize, budget: &mut usize) {
        for name in resources.fonts.keys() {
            if let Some(dict) = resources.get_font(&name) {
                self.learn_font(&dict);
            }
        }
        if depth == 0 {
            return;
        }
        for name in resources.x_objects.keys() {
            if *budget == 0 {
                return;
            }
            *budget -= 1;
            let nested = resources
                .get_x_object(&name)
                .and_then(|stream: Stream<'a>| stream.dict().get::<Dict<'a>>("Resources"));
            if let Some(nested) = nested {
                self.learn_nested(&Resources::new(nested), depth - 1, budget);
            }
        }
    }

    fn learn_font(&mut self, dict: &Dict<'a>) {
        if !self.seen_dicts.insert(dict.cache_key()) {
            return;
        }
        let index = self.intern(describe(dict));
        let is_composite = dict
            .get::<Name<'_>>("Subtype")
            .is_some_and(|subtype| &*subtype == b"Type0");
        let resolver: FontResolverFn = self.settings.font_resolver.clone();
        let Some(font) = self
            .cache
            .font(dict, &resolver, &self.settings.cmap_resolver)
        else {
            return;
        };
        // The codes of composite fonts are too many to list.
        if is_composite {
            let encoding = CidEncoding::of(dict);
            self.composites.push(Composite {
                font,
                index,
                encoding,
            });
            return;
        }
        for code in 0..=u32::from(u8::MAX) {
            let key = match font.glyph(font.map_code(code), code) {
                FontGlyph::Outline(outline) => outline.identifier().cache_key(),
                FontGlyph::Type3(glyph) => glyph.cache_key(),
            };
            self.by_glyph.entry(key).or_insert(index);
        }
    }

    /// The index of the font that a glyph belongs to, 0 when it cannot be told.
    pub(super) fn index_of(&mut self, glyph: &PdfGlyph<'_>) -> u16 {
        let PdfGlyph::Outline(outline) = glyph else {
            return 0;
        };
        if let Some(index) = self.by_glyph.get(&outline.identifier().cache_key()) {
            return *index;
        }
        if let Some(composite) = self.composite_of(outline) {
            return composite.index;
        }
        let Some(data) = outline.font_data() else {
            return 0;
        };
        let name = data.postscript_name.unwrap_or_default();
        let mut font = style_of_name(&name);
        font.bold |= data.weight.is_some_and(|weight| weight >= 600);
        font.italic |= data.is_italic;
        font.monospace |= data.is_monospace;
        self.intern(FontEntry {
            font,
            embedded: true,
        })
    }

    /// How far a glyph reaches down from its baseline and up, in units of glyph space; `None` for
    /// blanks, and for glyphs that are drawn by operations of their own.
    pub(super) fn reach_of(&mut self, glyph: &PdfGlyph<'_>) -> Option<(f64, f64)> {
        let PdfGlyph::Outline(outline) = glyph else {
            return None;
        };
        let key = outline.identifier().cache_key();
        let reach = self.reaches.entry(key).or_insert_with(|| {
            let path = outline.outline();
            let bbox = path.control_box();
            (!path.is_empty()).then_some((bbox.y0, bbox.y1))
        });
        *reach
    }

    fn composite_of(&self, glyph: &OutlineGlyph) -> Option<&Composite<'a>> {
        let code = glyph.char_code();
        let wanted = glyph.identifier();
        self.composites.iter().find(|composite| {
            let font = &composite.font;
            matches!(font.glyph(font.map_code(code), code),
                FontGlyph::Outline(glyph) if glyph.identifier() == wanted)
        })
    }

    /// The text of a glyph whose font has no usable `ToUnicode`: by its character collection for
    /// CJK fonts, by its code for Type 3 fonts (TeX's bitmap fonts, whose codes agree with ASCII
    /// where it matters).
    pub(super) fn unicode_by_encoding(&self, glyph: &PdfGlyph<'_>) -> Option<BfString> {
        let code = glyph.char_code();
        match glyph {
            PdfGlyph::Outline(outline) => {
                self.composite_of(outline)?.encoding.as_ref()?.unicode(code)
            }
            PdfGlyph::Type3(_) => match code {
                // The ligatures of TeX's OT1 and T1 encodings.
                0x0b | 0x1b => Some(BfString::Char('ﬀ')),
                0x0c | 0x1c => Some(BfString::Char('ﬁ')),
                0x0d | 0x1d => Some(BfString::Char('ﬂ')),
                0x0e | 0x1e => Some(BfString::Char('ﬃ')),
                0x0f | 0x1f => Some(BfString::Char('ﬄ')),
                0x20..=0x7e => char::from_u32(code).map(BfString::Char),
                _ => None,
            },
        }
    }

    fn intern(&mut self, entry: FontEntry) -> u16 {
        if let Some(index) = self.by_entry.get(&entry) {
            return *index;
        }
        let Ok(index) = u16::try_from(self.entries.len()) else {
            return 0;
        };
        self.entries.push(entry.clone());
        self.by_entry.insert(entry, index);
        index
    }
}

fn describe(dict: &Dict<'_>) -> FontEntry {
    let name = dict
        .get::<Name<'_>>("BaseFont")
        .map(|name| String::from_utf8_lossy(&name).into_owned())
        .unwrap_or_default();
    let mut font = style_of_name(&name);
    let descriptor = dict.get::<Dict<'_>>("FontDescriptor");
    if let Some(descriptor) = &descriptor {
        let flags = descriptor.get::<u32>("Flags").unwrap_or(0);
        font.monospace |= flags & FIXED_PITCH != 0;
        font.italic |= flags & ITALIC != 0;
        font.bold |= flags & FORCE_BOLD != 0;
    }
    let embedded = descriptor.is_none_or(|descriptor| {
        ["FontFile", "FontFile2", "FontFile3"]
            .iter()
            .any(|key| descriptor.contains_key(key))
    });
    let is_type3 = dict
        .get::<Name<'_>>("Subtype")
        .is_some_and(|subtype| &*subtype == b"Type3");
    FontEntry {
        font,
        embedded: is_type3 || (embedded && descriptor_or_program(dict)),
    }
}

/// A font without descriptor is one of the standard fonts, which the file does not hold.
fn descriptor_or_program(dict: &Dict<'_>) -> bool {
    dict.contains_key("FontDescriptor")
}

/// Reads the style out of a PostScript name. TeX's fonts say it in short: `cmbx`, `cmti`, `cmtt`,
/// `SFBX`, `ec-lmbx`, `utmb8a`.
fn style_of_name(base_font: &str) -> Font {
    let name = match base_font.split_once('+') {
        Some((prefix, rest)) if prefix.len() == 6 => rest,
        _ => base_font,
    };
    let lower = name.to_ascii_lowercase();
    let has = |parts: &[&str]| parts.iter().any(|part| lower.contains(part));
    let starts = |parts: &[&str]| parts.iter().any(|part| lower.starts_with(part));
    Font {
        bold: has(&["bold", "black", "heavy", "demi", "-bd", "semibold"])
            || starts(&[
                "cmb", "cmssbx", "sfbx", "sfsx", "sfbi", "lmbx", "lmssbx", "ecbx", "larmbx",
                "labx", "lasx",
            ])
            || has(&["lmromandemi"]),
        italic: has(&["italic", "oblique", "slanted", "-it", "kursiv"])
            || starts(&["cmti", "cmsl", "cmbxti", "sfti", "sfsl", "sfbi", "lati"]),
        monospace: has(&[
            "mono",
            "courier",
            "typewriter",
            "consol",
            "menlo",
            "-tt",
            "code",
        ]) || starts(&[
            "cmtt", "sftt", "cmsltt", "cmitt", "ectt", "latt", "txtt", "lmtt",
        ]),
        math: starts(&[
            "cmmi", "cmsy", "cmex", "msam", "msbm", "eufm", "stix", "rsfs", "lmmath", "mtmi",
            "mtsy", "txsy", "txmi", "pxsy", "pxmi", "wasy", "euex", "eusm", "mathptm",
        ]) || has(&["math", "symbol"]),
        name: name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_are_read_from_names() {
        let cases = [
            ("ABCDEF+CMBX12", true, false, false, false),
            ("CMTI10", false, true, false, false),
            ("SFTT1000", false, false, true, false),
            ("XYZABC+CMMI10", false, false, false, true),
            ("Helvetica-BoldOblique", true, true, false, false),
            ("LMRoman10-Regular", false, false, false, false),
        ];
        for (name, bold, italic, monospace, math) in cases {
            let font = style_of_name(name);
            assert_eq!(
                (font.bold, font.italic, font.monospace, font.math),
                (bold, italic, monospace, math),
                "{name}"
            );
            assert!(!font.name.contains('+'));
        }
    }
}
