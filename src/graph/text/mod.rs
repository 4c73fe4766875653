//! What a paragraph and a visual have in common in words, whatever the language.
//!
//! [`words`] says what can be read of a visual, [`terms`] cuts texts into terms, [`vector`] weighs
//! them, [`index`] finds the visuals whose words a paragraph shares, [`wording`] is how a text is put,
//! and [`search`] finds the texts that share the words of a question.

mod index;
mod search;
mod terms;
mod vector;
mod wording;
mod words;

pub(crate) use search::WordSearch;

pub(crate) use words::without_label;

use words::VisualWords;

pub use wording::WORDINGS;

pub(super) use index::{FoundByWords, Likeness, TextIndex};
