//! One self-contained page that shows the document with what belongs together.
//!
//! The page's frame, style and script are the files in `html/`; the document's text and boxes are
//! a JSON island ([`data`]), its pages are images in islands of their own behind it
//! ([`page_image`]), which the script attaches when they come near the view. Nothing of the
//! document is markup, and the content security policy lets nothing run or load but the one style
//! and the one script.

mod data;
mod page_image;

use std::io::{self, Write};

use base64::{Engine, prelude::BASE64_STANDARD};
use image::RgbImage;
use sha2::{Digest, Sha256};

use crate::geometry::PageIndex;

use super::{
    AlignedDocument, OutputOptions,
    crops::{drawable_pages, renderer},
    shown::ShownLinks,
};

const FRAME: &str = include_str!("html/page.html");
const STYLE: &str = concat!(
    include_str!("html/theme.css"),
    include_str!("html/viewer.css")
);
const SCRIPT: &str = include_str!("html/viewer.js");

/// Writes the page.
///
/// # Errors
/// When `out` cannot be written to.
pub fn write(
    aligned: &AlignedDocument,
    options: &OutputOptions,
    out: &mut dyn Write,
) -> io::Result<()> {
    let links = ShownLinks::new(aligned, options);
    fill(FRAME, out, |slot, out| match slot {
        "title" => out.write_all(escaped(aligned.display_title()).as_bytes()),
        "summary" => out.write_all(escaped(&summary(aligned, &links)).as_bytes()),
        "style-hash" => out.write_all(policy_hash(STYLE).as_bytes()),
        "script-hash" => out.write_all(policy_hash(SCRIPT).as_bytes()),
        "style" => out.write_all(STYLE.as_bytes()),
        "script" => out.write_all(SCRIPT.as_bytes()),
        "data" => data::write(aligned, options, &links, out),
        "images" => images(aligned, options, out),
        _ => Ok(()),
    })
}

/// Writes a page's frame; `put` writes what stands in place of each `{{slot}}`.
pub(crate) fn fill(
    frame: &str,
    out: &mut dyn Write,
    mut put: impl FnMut(&str, &mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let mut rest = frame;
    while let Some((before, after)) = rest.split_once("{{") {
        out.write_all(before.as_bytes())?;
        let (slot, after) = after.split_once("}}").unwrap_or(("", after));
        put(slot, out)?;
        rest = after;
    }
    out.write_all(rest.as_bytes())
}

fn summary(aligned: &AlignedDocument, links: &ShownLinks<'_>) -> String {
    let counted = |count: usize, noun: &str| match count {
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}s"),
    };
    let file_name = &aligned.source.file_name;
    let counts = [
        counted(aligned.document.pages.len(), "page"),
        counted(aligned.visuals.len(), "visual"),
        counted(links.all.len(), "link"),
    ];
    // Without a title the file name is the heading.
    let named = (aligned.display_title() != file_name).then(|| file_name.clone());
    named
        .into_iter()
        .chain(counts)
        .collect::<Vec<String>>()
        .join(" · ")
}

/// Pages with pictures in one file; later ones are shown as boxes only.
const MAX_DRAWN_PAGES: usize = 5_000;

/// The pages as images, each in an island that the script finds by its number.
fn images(
    aligned: &AlignedDocument,
    options: &OutputOptions,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Some(renderer) = renderer(&aligned.source) else {
        return Ok(());
    };
    // No browser shows more than some thousands of pictures; blank pages need them least.
    let many = aligned.document.pages.len() > MAX_DRAWN_PAGES;
    let is_blank = |page: &PageIndex| {
        let pages = &aligned.document.pages;
        let slot = pages.binary_search_by_key(page, |p| p.index);
        slot.ok()
            .and_then(|slot| pages.get(slot))
            .is_none_or(|page| page.glyphs.is_empty() && page.graphics.is_empty())
    };
    let pages: Vec<PageIndex> = drawable_pages(aligned)
        .filter(|page| !(many && is_blank(page)))
        .take(MAX_DRAWN_PAGES)
        .collect();
    let make = |_, raster: Option<RgbImage>| data_uri(&raster?);
    let slots = &aligned.document.pages;
    renderer.render_all(
        &pages,
        |_| options.page_dpi,
        make,
        |page, image| {
            let slot = slots.binary_search_by_key(&page, |p| p.index);
            match (slot, image) {
                (Ok(slot), Some(image)) => writeln!(
                    out,
                    "<script type=\"text/plain\" id=\"image-{slot}\">{image}</script>"
                ),
                _ => Ok(()),
            }
        },
    )
}

/// An image as an address that holds it.
pub(crate) fn data_uri(raster: &RgbImage) -> Option<String> {
    let (kind, bytes) = page_image::encode(raster)?;
    Some(format!(
        "data:{kind};base64,{}",
        BASE64_STANDARD.encode(bytes)
    ))
}

/// A text as HTML shows it, in an element or an attribute.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for ch in text.chars() {
        match ch {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(ch),
        }
    }
    out
}

/// A source of the content security policy that allows exactly this text.
pub(crate) fn policy_hash(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    format!("'sha256-{}'", BASE64_STANDARD.encode(digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_become_markup() {
        assert_eq!(
            escaped("<a b='c'>&\""),
            "&lt;a b=&#39;c&#39;&gt;&amp;&quot;"
        );
    }

    /// A slot that nothing fills would leave its name in the page's policy or text.
    #[test]
    fn every_slot_of_the_frame_is_known() {
        let known = [
            "title",
            "summary",
            "style-hash",
            "script-hash",
            "style",
            "script",
            "data",
            "images",
        ];
        for part in FRAME.split("{{").skip(1) {
            let slot = part.split("}}").next().unwrap();
            assert!(known.contains(&slot), "{slot}");
        }
    }
}
