//! What a paragraph and a visual have in common in words, whatever the language.
//!
//! [`terms`] cuts texts into terms, [`vector`] weighs them, and [`index`] finds the visuals whose
//! words a paragraph shares.

mod index;
mod terms;
mod vector;

pub(super) use index::{FoundByWords, Likeness, TextIndex};
