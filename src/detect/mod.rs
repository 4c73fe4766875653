//! Stage 3, *detect*: figures, tables, algorithms and formulas with their captions, from page
//! graphics and the places of text.

mod visual;

pub use visual::{Source, Visual, VisualId, VisualKind};
