//! Loads a file without what structure does not need: streams, fonts, and most keys of the rest.
//! A parsed number takes over a hundred bytes and a dictionary a thousand, so a long manual's links
//! and places alone would take several times the memory of its file.

use lopdf::{Dictionary, Document, LoadOptions, Object, ObjectId};

use super::{super::PdfSource, destinations::MAX_PLACE_ITEMS};

/// Largest size to which one stream of objects may unpack; real ones hold under a megabyte.
const MAX_OBJECT_STREAM: usize = 64 << 20;

/// Arrays of numbers longer than any box or matrix are font widths and the like.
const MAX_NUMBERS: usize = 64;

/// Loads the objects that structure needs.
pub(super) fn load(source: &PdfSource) -> Result<Document, String> {
    let options = LoadOptions {
        // The empty password is tried first in any case.
        password: (!source.password.is_empty()).then(|| source.password.clone()),
        filter: Some(keep),
        strict: false,
        max_decompressed_size: Some(MAX_OBJECT_STREAM),
        force_reconstruct: false,
    };
    let mut document = Document::load_mem_with_options(&source.bytes, options)
        .map_err(|error| format!("the file's objects cannot be read: {error}"))?;
    document
        .objects
        .retain(|_, object| !matches!(object, Object::Stream(_)));
    Ok(document)
}

/// Decides on one object: `None` drops it. What is kept is thinned out in place, for objects that
/// stand alone, and returned, for those that come from an object stream: the loader takes the one
/// or the other.
fn keep(id: ObjectId, object: &mut Object) -> Option<(ObjectId, Object)> {
    match object {
        // Unpacked by the loader after this call.
        Object::Stream(stream) if name_of(&stream.dict, b"Type") == Some(b"ObjStm") => {
            return Some((id, Object::Null));
        }
        Object::Stream(_) => return None,
        Object::Dictionary(dict) => {
            thin_out(dict)?;
            if let Some(place) = place_of(dict) {
                *object = place;
            }
        }
        Object::Array(items) if items.len() > MAX_NUMBERS && items.iter().all(is_number) => {
            return None;
        }
        _ => {}
    }
    Some((id, object.clone()))
}

/// Keeps only the useful keys of the kinds of dictionaries that come by the thousand.
fn thin_out(dict: &mut Dictionary) -> Option<()> {
    let keys: &[&[u8]] = match (name_of(dict, b"Type"), name_of(dict, b"Subtype")) {
        (Some(b"Page"), _) => &[b"Type", b"MediaBox", b"CropBox", b"Rotate"],
        (Some(b"StructElem"), _) => &[b"S", b"K", b"Pg", b"Alt", b"ActualText", b"A"],
        (
            Some(
                b"Annot" | b"Font" | b"FontDescriptor" | b"ExtGState" | b"Encoding" | b"Pattern"
                | b"OCG" | b"OCMD" | b"Filespec" | b"Sig" | b"ObjStm" | b"XRef",
            ),
            _,
        )
        | (None, Some(b"Link")) => return None,
        // Resources of pages.
        _ if dict.has(b"ProcSet") => return None,
        _ => return Some(()),
    };
    let mut thin = Dictionary::new();
    for key in keys {
        if let Some(value) = dict.remove(key) {
            thin.set(*key, value);
        }
    }
    *dict = thin;
    Some(())
}

/// The place in a dictionary that holds nothing else, as the names of hyperref's links do.
fn place_of(dict: &mut Dictionary) -> Option<Object> {
    if dict.len() > 1 {
        return None;
    }
    match dict.remove(b"D")? {
        Object::Array(mut items) => {
            items.truncate(MAX_PLACE_ITEMS);
            items.shrink_to_fit();
            Some(Object::Array(items))
        }
        other => {
            dict.set("D", other);
            None
        }
    }
}

fn name_of<'a>(dict: &'a Dictionary, key: &[u8]) -> Option<&'a [u8]> {
    dict.as_hashmap()
        .get(key)
        .and_then(|value| value.as_name().ok())
}

fn is_number(object: &Object) -> bool {
    matches!(object, Object::Integer(_) | Object::Real(_))
}
