//! Stage 2, *segment*: a [`Document`](crate::pdf::Document) becomes [`Paragraph`]s in reading
//! order, by layout and by syntax.

mod paragraph;

pub use paragraph::{Line, Paragraph, ParagraphId, ParagraphKind};
