//! The file itself, shared by the reader and the renderer.

use std::sync::Arc;

/// A PDF's bytes and what it takes to open them.
#[derive(Debug, Clone)]
pub struct PdfSource {
    /// File name without its folder, as outputs show it.
    pub file_name: String,
    /// The whole file.
    pub bytes: Arc<Vec<u8>>,
    /// Password, empty for none.
    pub password: String,
}
