//! What a file says about itself: outline, links within it, page labels, figures of the structure
//! tree, title and language. Read with lopdf (but for the links), apart from the pages: a file whose
//! structure cannot be read still has its text.

mod destinations;
mod labels;
mod links;
mod load;
mod objects;
mod outline;
mod pages;
mod tags;
mod text;

#[cfg(test)]
mod tests;

use std::panic::{AssertUnwindSafe, catch_unwind};

use self::{destinations::Destinations, objects::Objects, pages::Pages};
use super::{PdfSource, Structure};

/// Reads what the file says about itself.
///
/// `page_count` is what the page reader counts. Where the two readers disagree about the pages,
/// every place would be wrong, so there is no structure then.
///
/// # Errors
/// With a cause for people, when the file cannot be parsed or its pages differ.
pub fn read_structure(source: &PdfSource, page_count: u32) -> Result<Structure, String> {
    guarded(source, page_count, true)
}

/// As [`read_structure`], but leaves the links unread.
pub(super) fn read_structure_without_links(
    source: &PdfSource,
    page_count: u32,
) -> Result<Structure, String> {
    guarded(source, page_count, false)
}

fn guarded(source: &PdfSource, page_count: u32, with_links: bool) -> Result<Structure, String> {
    // A parser's bug must cost the structure, not the document.
    catch_unwind(AssertUnwindSafe(|| extract(source, page_count, with_links)))
        .unwrap_or_else(|_| Err("the structure reader stopped at an inner error".to_owned()))
}

fn extract(source: &PdfSource, page_count: u32, with_links: bool) -> Result<Structure, String> {
    let document = load::load(source)?;
    let objects = Objects::new(&document);
    let catalog = objects.catalog().ok_or("the file has no catalog")?;
    let pages = Pages::walk(&objects, catalog, page_count as usize);
    if pages.len() != page_count as usize {
        return Err(format!(
            "the readers disagree about the number of pages ({page_count} and {})",
            pages.len()
        ));
    }
    let destinations = Destinations::new(&objects, catalog, &pages);
    let links = if with_links {
        links::read(source, &pages, &destinations)
    } else {
        Vec::new()
    };
    Ok(Structure {
        title: objects.title(),
        language: objects.language(catalog),
        outline: outline::read(&objects, catalog, &destinations),
        links,
        page_labels: labels::read(&objects, catalog, page_count),
        figures: tags::read(&objects, catalog, &pages),
    })
}

/// A PDF of these objects, numbered from 1, the first of which is the catalog. `trailer` adds
/// entries to the trailer.
#[cfg(test)]
pub(super) fn test_pdf(objects: &[String], trailer: &str) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n".to_vec();
    let mut offsets = Vec::new();
    for (at, object) in objects.iter().enumerate() {
        offsets.push(file.len());
        file.extend(format!("{} 0 obj\n{object}\nendobj\n", at + 1).into_bytes());
    }
    let xref = file.len();
    let size = objects.len() + 1;
    file.extend(format!("xref\n0 {size}\n0000000000 65535 f \n").into_bytes());
    for offset in offsets {
        file.extend(format!("{offset:010} 00000 n \n").into_bytes());
    }
    file.extend(
        format!("trailer\n<</Size {size}/Root 1 0 R{trailer}>>\nstartxref\n{xref}\n%%EOF\n")
            .into_bytes(),
    );
    file
}
