//! Labels of visuals ("Figure 3.2", "表 4") and the mentions of them in running text
//! ("Figs. 3a-c and 5", "siehe Abb. 7b", "图3-2", "the figure above").
//!
//! Pure text in, spans out; knows nothing of pages. The words of each language are data
//! (`lexicon.tsv`, `abbreviations.tsv`), the grammar around them is code ([`parse`], `number`,
//! `caption`). All of it works on a folded view of the text (`fold`) and gives spans of the text
//! as it is.

mod abbreviation;
mod caption;
mod elsewhere;
mod fold;
mod label;
mod lexicon;
mod number;
mod numeral;
mod parse;
mod phrases;
mod range;
#[cfg(test)]
pub(crate) mod tests;

pub use abbreviation::ends_with_abbreviation;
pub use caption::{CaptionLabel, caption_label, is_list_of_visuals_heading};
pub use label::{Label, LabelKind, LabelNumber};
pub use numeral::roman_value;
pub use parse::{Mention, MentionTarget, Place, find_mentions};
