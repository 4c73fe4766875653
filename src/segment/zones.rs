//! Zones of a page that are not running text (being written).
use super::lines::TextLine;
use crate::{geometry::Rect, pdf::Page};
/// What a zone is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ZoneKind {
    /// A figure.
    Figure,
    /// A table.
    Table,
    /// A box around text.
    Boxed,
    /// A separator.
    Rule,
}
/// A zone.
#[derive(Debug, Clone)]
pub struct Zone {
    /// Its box.
    pub bbox: Rect,
    /// Its kind.
    pub kind: ZoneKind,
}
/// Finds zones.
pub fn zones(_page: &Page, _lines: &[TextLine]) -> Vec<Zone> {
    Vec::new()
}
