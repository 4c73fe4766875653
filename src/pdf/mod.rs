//! Stage 1, *read*: the bytes of a PDF become a [`Document`]: what stands on each page (glyphs,
//! paths, images) and what the file says about itself (outline, link annotations, structure tree).
//!
//! No type of a PDF library leaves this folder.

mod digest;
mod document;
mod error;
mod fonts;
mod interpret;
mod ornaments;
mod pitch;
mod read;
mod render;
mod sanity;
mod second_reader;
mod source;
mod structure;
#[cfg(test)]
pub(crate) mod test_page;

pub use digest::{PageDigest, PageDigests};
pub use document::*;
pub use error::{ReadError, ReadErrorKind};
pub use read::{ReadOptions, ReadProgress, read, sample};
pub use render::PageRenderer;
pub use source::PdfSource;
pub use structure::read_structure;
