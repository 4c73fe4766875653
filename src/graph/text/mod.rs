//! What a paragraph and a visual have in common in words, whatever the language.
//!
//! [`words`] says what can be read of a visual, [`terms`] cuts texts into terms, [`vector`] weighs
//! them, [`index`] finds the visuals whose words a paragraph shares, and [`search`] the texts that
//! share those of a question.

mod index;
mod search;
mod terms;
mod vector;
mod words;

pub(crate) use search::WordSearch;

pub(crate) use words::without_label;

use words::VisualWords;

pub(super) use index::{FoundByWords, Likeness, TextIndex};
