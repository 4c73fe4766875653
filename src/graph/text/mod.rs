//! What a paragraph and a visual have in common in words, whatever the language.
//!
//! [`words`] says what can be read of a visual, [`terms`] cuts texts into terms, [`vector`] weighs
//! them, and [`index`] finds the visuals whose words a paragraph shares.

mod index;
mod terms;
mod vector;
mod words;

use words::VisualWords;

pub(super) use index::{FoundByWords, Likeness, TextIndex};
