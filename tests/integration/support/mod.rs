//! What the tests share: the real program, and PDFs and networks written on the spot.

pub mod onnx;
pub mod pdf;
pub mod program;
