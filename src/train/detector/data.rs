//! Pages to learn from: a folder with `pages.jsonl` and the images it names.
//!
//! A line is a page: `{"image", "width", "height", "split": "train" | "validation", "objects":
//! [{"class", "box"}], "ignore": [box], "classes": [class]}`. Images are grey, of whole pages;
//! boxes are `[x0, y0, x1, y1]` in page points. `ignore` lists places of which nothing is known;
//! `classes`, where it is there, the only classes of which something is known on the page.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
};

use image::GrayImage;
use serde::Deserialize;

use crate::{detect::network::ObjectClass, geometry::Rect, train::TrainError};

/// The list of pages in a folder of data.
const LIST: &str = "pages.jsonl";

/// What a page is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    /// To learn from.
    Train,
    /// To choose by.
    Validation,
}

/// An object of a page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Labelled {
    /// What it is.
    pub class: ObjectClass,
    /// Where, in page points.
    pub bbox: Rect,
}

/// A page with what is on it.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelledPage {
    /// Its image.
    pub image: PathBuf,
    /// Its size in points.
    pub size: Rect,
    /// What it is for.
    pub split: Split,
    /// What is on it.
    pub objects: Vec<Labelled>,
    /// Places of which nothing is known.
    pub ignored: Vec<Rect>,
    /// For each class, whether something is known of it.
    pub known: Vec<bool>,
}

#[derive(Debug, Deserialize)]
struct Line {
    image: PathBuf,
    width: f32,
    height: f32,
    split: Split,
    objects: Vec<LineObject>,
    #[serde(default)]
    ignore: Vec<[f32; 4]>,
    classes: Option<Vec<ObjectClass>>,
}

#[derive(Debug, Deserialize)]
struct LineObject {
    class: ObjectClass,
    #[serde(rename = "box")]
    bbox: [f32; 4],
}

impl LabelledPage {
    /// Whether the page is wider than high.
    pub fn is_landscape(&self) -> bool {
        self.size.width() > self.size.height()
    }

    /// Its image.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read_image(&self) -> Result<GrayImage, TrainError> {
        let image = image::open(&self.image).map_err(|source| TrainError::Image {
            path: self.image.clone(),
            source,
        })?;
        Ok(image.into_luma8())
    }
}

/// The pages of folders of data, in their order.
///
/// # Errors
/// When a list cannot be read or a line makes no sense.
pub fn read_pages(folders: &[PathBuf]) -> Result<Vec<LabelledPage>, TrainError> {
    let mut pages = Vec::new();
    for folder in folders {
        let list = folder.join(LIST);
        let file = File::open(&list).map_err(|e| TrainError::file(&list, e))?;
        for (number, line) in BufReader::new(file).lines().enumerate() {
            let line = line.map_err(|e| TrainError::file(&list, e))?;
            if line.trim().is_empty() {
                continue;
            }
            let page = page(folder, &line).map_err(|why| TrainError::Data {
                path: list.clone(),
                line: number + 1,
                why,
            })?;
            pages.push(page);
        }
    }
    Ok(pages)
}

fn page(folder: &Path, line: &str) -> Result<LabelledPage, String> {
    let line: Line = serde_json::from_str(line).map_err(|e| e.to_string())?;
    let size = Rect::new(0.0, 0.0, line.width, line.height);
    if !(size.is_finite() && size.area() > 0.0) {
        return Err("the page has no size".to_owned());
    }
    let rect = |[x0, y0, x1, y1]: [f32; 4]| Rect::new(x0, y0, x1, y1);
    let known = |class| line.classes.as_ref().is_none_or(|c| c.contains(&class));
    Ok(LabelledPage {
        image: folder.join(line.image),
        size,
        split: line.split,
        objects: line
            .objects
            .iter()
            .map(|object| Labelled {
                class: object.class,
                bbox: rect(object.bbox),
            })
            .filter(|object| object.bbox.is_finite() && object.bbox.area() > 0.0)
            .collect(),
        ignored: line.ignore.into_iter().map(rect).collect(),
        known: ObjectClass::ALL.into_iter().map(known).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_page() {
        let line = r#"{"image": "images/1.png", "width": 612.0, "height": 792, "split": "train",
            "origin": "weak", "objects": [{"class": "table", "box": [10, 20, 30, 40], "kind": "x"}],
            "classes": ["figure", "table"]}"#;
        let page = page(Path::new("data"), line).unwrap();
        assert_eq!(page.image, Path::new("data/images/1.png"));
        assert!(!page.is_landscape());
        assert_eq!(page.objects[0].bbox, Rect::new(10.0, 20.0, 30.0, 40.0));
        assert_eq!(page.known, [true, true, false, false, false, false, false]);
    }

    #[test]
    fn a_line_without_sense_is_named() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(LIST), "\n{}\n").unwrap();
        let error = read_pages(&[dir.path().to_owned()]).unwrap_err();
        assert!(error.to_string().contains("line 2"), "{error}");
        assert!(read_pages(&[dir.path().join("none")]).is_err());
    }
}
