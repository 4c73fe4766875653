//! Stage 2, *segment*: a [`Document`](crate::pdf::Document) becomes [`Paragraph`]s in reading
//! order, by layout and by syntax.

mod lines;
mod paragraph;
mod script;

pub use lines::{TextLine, Word, text_lines};
pub use paragraph::{Line, Paragraph, ParagraphId, ParagraphKind};
pub use script::{is_cjk, is_rtl};
