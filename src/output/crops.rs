//! Pictures of the visuals, cut out of the drawn pages.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Cursor},
};

use image::{ImageFormat, RgbImage, imageops};
use serde::{Deserialize, Serialize};

use crate::{
    detect::{Visual, VisualId},
    geometry::{PageIndex, Rect, Region},
    pdf::{PageRenderer, PdfSource},
};

use super::{AlignedDocument, OutputOptions};

/// Ink that sticks out of a visual's box by less than this, in points, stays in the picture.
const MARGIN_PT: f32 = 3.0;

/// How pictures are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CropFormat {
    /// PNG, which everything reads.
    #[default]
    Png,
    /// WebP without loss.
    Webp,
}

impl CropFormat {
    fn extension(self) -> &'static str {
        match self {
            CropFormat::Png => "png",
            CropFormat::Webp => "webp",
        }
    }

    fn encode(self, picture: &RgbImage) -> Option<Vec<u8>> {
        let format = match self {
            CropFormat::Png => ImageFormat::Png,
            CropFormat::Webp => ImageFormat::WebP,
        };
        let mut file = Cursor::new(Vec::new());
        picture.write_to(&mut file, format).ok()?;
        Some(file.into_inner())
    }
}

/// Takes a file name without a folder and the file's content.
pub type CropSink<'a> = &'a mut dyn FnMut(&str, &[u8]) -> io::Result<()>;

/// The names of the pictures of each visual, one per region that could be drawn.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CropNames {
    names: BTreeMap<VisualId, Vec<String>>,
}

impl CropNames {
    /// The pictures of a visual, in the order of its regions.
    pub fn of(&self, visual: VisualId) -> &[String] {
        self.names.get(&visual).map_or(&[], Vec::as_slice)
    }

    /// How many pictures there are.
    pub fn count(&self) -> usize {
        self.names.values().map(Vec::len).sum()
    }
}

/// Draws the pages that have visuals and hands each visual's regions over as files.
///
/// A region that cannot be drawn has no file and no name.
///
/// # Errors
/// When `sink` fails.
pub fn write(
    aligned: &AlignedDocument,
    options: &OutputOptions,
    sink: CropSink<'_>,
) -> io::Result<CropNames> {
    let mut names = CropNames::default();
    let Some(renderer) = renderer(&aligned.source) else {
        return Ok(names);
    };
    let planned = plan(&aligned.visuals, options.crop_format);
    let pages: Vec<PageIndex> = drawable_pages(aligned)
        .filter(|page| planned.contains_key(page))
        .collect();
    let make = |page: PageIndex, raster: Option<RgbImage>| -> Vec<(VisualId, String, Vec<u8>)> {
        let (Some(raster), Some(crops)) = (raster, planned.get(&page)) else {
            return Vec::new();
        };
        let page_box = aligned.page_box(page);
        let cut = |crop: &PlannedCrop| {
            let picture = cut_out(&raster, page_box?, &crop.bbox.inflate(MARGIN_PT))?;
            let file = options.crop_format.encode(&picture)?;
            Some((crop.visual, crop.name.clone(), file))
        };
        crops.iter().filter_map(cut).collect()
    };
    renderer.render_all(
        &pages,
        |_| options.crop_dpi,
        make,
        |_, crops| {
            for (visual, name, file) in crops {
                sink(&name, &file)?;
                names.names.entry(visual).or_default().push(name);
            }
            Ok(())
        },
    )?;
    Ok(names)
}

/// Opens the file for drawing. A file of which only another reader could make sense has text, but
/// no pictures.
pub(super) fn renderer(source: &PdfSource) -> Option<PageRenderer> {
    PageRenderer::open(source).ok()
}

/// The pages that were read to their end.
pub(super) fn drawable_pages(aligned: &AlignedDocument) -> impl Iterator<Item = PageIndex> + '_ {
    let broken = aligned.document.broken_pages();
    let pages = aligned.document.pages.iter().map(|page| page.index);
    pages.filter(move |page| !broken.contains(page))
}

struct PlannedCrop {
    visual: VisualId,
    name: String,
    bbox: Rect,
}

/// What to cut out of each page, and what to call it.
fn plan(visuals: &[Visual], format: CropFormat) -> BTreeMap<PageIndex, Vec<PlannedCrop>> {
    let extension = format.extension();
    let mut used = BTreeSet::new();
    let mut planned: BTreeMap<PageIndex, Vec<PlannedCrop>> = BTreeMap::new();
    for visual in visuals {
        let mut stem = file_stem(visual);
        if !used.insert(stem.clone()) {
            stem = format!("{stem}-{}", visual.id);
            used.insert(stem.clone());
        }
        for (i, Region { page, bbox }) in visual.regions.iter().enumerate() {
            let name = match i {
                0 => format!("{stem}.{extension}"),
                _ => format!("{stem}_{}.{extension}", i + 1),
            };
            planned.entry(*page).or_default().push(PlannedCrop {
                visual: visual.id,
                name,
                bbox: *bbox,
            });
        }
    }
    planned
}

/// "figure-3.2" for a number of plain letters, digits and dots, else "v7". All lower case: some
/// file systems do not tell cases apart.
fn file_stem(visual: &Visual) -> String {
    let label = visual.label.as_ref();
    let number = label.and_then(|label| Some((label.kind, label.number.as_ref()?.to_string())));
    match number {
        Some((kind, number)) if is_plain(&number) => {
            format!("{kind:?}-{number}").to_ascii_lowercase()
        }
        _ => visual.id.to_string(),
    }
}

fn is_plain(number: &str) -> bool {
    /// Longer than any number in use; a file name has its limits.
    const MAX_LENGTH: usize = 24;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '.';
    (1..=MAX_LENGTH).contains(&number.len())
        && number.chars().all(plain)
        && !number.starts_with('.')
        && !number.ends_with('.')
}

/// The part of a page's raster under a box; `None` when nothing of it is on the page.
pub(crate) fn cut_out(raster: &RgbImage, page: Rect, bbox: &Rect) -> Option<RgbImage> {
    if !bbox.is_finite() {
        return None;
    }
    let inside = bbox.intersection(&page)?;
    // The raster may be coarser than asked for.
    let (x_scale, y_scale) = (
        raster.width() as f32 / page.width(),
        raster.height() as f32 / page.height(),
    );
    let x0 = (inside.x0 * x_scale).floor() as u32;
    let y0 = (inside.y0 * y_scale).floor() as u32;
    let x1 = ((inside.x1 * x_scale).ceil() as u32).min(raster.width());
    let y1 = ((inside.y1 * y_scale).ceil() as u32).min(raster.height());
    if x1 <= x0 || y1 <= y0 {
        return None;
    }
    Some(imageops::crop_imm(raster, x0, y0, x1 - x0, y1 - y0).to_image())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        detect::VisualKind,
        mention::{Label, LabelKind, LabelNumber},
    };

    fn visual(id: u32, number: &str) -> Visual {
        let region = Region {
            page: PageIndex(0),
            bbox: Rect::new(0.0, 0.0, 10.0, 10.0),
        };
        Visual {
            id: VisualId(id),
            kind: VisualKind::Figure,
            label: Some(Label {
                kind: LabelKind::Figure,
                number: Some(LabelNumber {
                    number: number.to_owned(),
                    part: None,
                }),
                text: String::new(),
            }),
            caption: None,
            continued: Vec::new(),
            regions: vec![region, region],
            score: 1.0,
            sources: Vec::new(),
            alt_text: None,
            text: String::new(),
            appearance: Vec::new(),
        }
    }

    #[test]
    fn names_are_safe_and_differ() {
        let visuals = [
            visual(0, "A.1"),
            visual(1, "a.1"),
            visual(2, "../x"),
            visual(3, "四"),
        ];
        let planned = plan(&visuals, CropFormat::Png);
        let names: Vec<&str> = planned
            .values()
            .flatten()
            .map(|crop| crop.name.as_str())
            .collect();
        let expected = [
            "figure-a.1.png",
            "figure-a.1_2.png",
            "figure-a.1-v2.png",
            "figure-a.1-v2_2.png",
            "v3.png",
            "v3_2.png",
            "v4.png",
            "v4_2.png",
        ];
        assert_eq!(names, expected);
    }
}
