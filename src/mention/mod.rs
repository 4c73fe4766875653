//! Labels of visuals ("Figure 3.2", "表 4") and the mentions of them in running text
//! ("Figs. 3a-c and 5", "siehe Abb. 7b", "图3-2", "the figure above").
//!
//! Pure text in, spans out; knows nothing of pages. The words of each language are data
//! (`lexicon.tsv`), the grammar around them is code ([`parse`]).

mod label;
mod parse;

pub use label::{Label, LabelKind, LabelNumber};
pub use parse::{CaptionLabel, Mention, MentionTarget, Place, caption_label, find_mentions};
