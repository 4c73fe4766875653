//! The outputs.

pub mod atomic;
mod format;

pub use format::Format;
