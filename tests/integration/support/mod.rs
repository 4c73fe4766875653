//! What the tests share: the real program, and PDFs written on the spot.

pub mod pdf;
pub mod program;
