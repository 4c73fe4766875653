//! Writes an [`AlignedDocument`] for programs and for people.
//!
//! One file per format: [`json`] (the alignment file, whose types are in [`alignment_file`]),
//! [`terminal`], [`html`], [`markdown`], [`chunks`], [`graph`], [`embeddings`]; [`crops`] cuts the visuals out
//! of the pages for HTML, Markdown and chunks. Writers write to what they are given and print nothing.

pub mod alignment_file;
pub mod atomic;
pub mod chunks;
pub mod crops;
pub mod embeddings;
mod format;
pub mod graph;
pub mod html;
pub mod json;
pub mod markdown;
mod shown;
pub mod table;
pub mod terminal;

use std::ops::RangeInclusive;

use crate::{
    geometry::{Dpi, PageIndex},
    pipeline::AlignedDocument,
};

pub use format::Format;

/// What the outputs should hold.
#[derive(Debug, Clone, PartialEq)]
pub struct OutputOptions {
    /// Links below this are left out.
    pub min_probability: f32,
    /// The most tokens of a chunk; see [`chunks`] for how they are counted.
    pub chunk_tokens: usize,
    /// The pages that were asked for, as the alignment file records them.
    pub pages: Option<RangeInclusive<PageIndex>>,
    /// Whether link annotations were left unread, as the alignment file records it.
    pub ignore_annotations: bool,
    /// Whether mentions were hidden from the program, as the alignment file records it.
    pub blind: bool,
    /// Resolution of the crops of visuals.
    pub crop_dpi: Dpi,
    /// How they are written.
    pub crop_format: crops::CropFormat,
    /// Resolution of the page images in HTML.
    pub page_dpi: Dpi,
}

impl Default for OutputOptions {
    fn default() -> OutputOptions {
        OutputOptions {
            min_probability: 0.5,
            chunk_tokens: 512,
            pages: None,
            ignore_annotations: false,
            blind: false,
            // Text of 8 points stays legible to people and to OCR; twice as much quadruples the files.
            crop_dpi: Dpi(150.0),
            crop_format: crops::CropFormat::default(),
            // A letter page of 935 by 1210 pixels, wider than it is shown; 300 pages of dense text
            // make a file of about 25 MB.
            page_dpi: Dpi(110.0),
        }
    }
}
