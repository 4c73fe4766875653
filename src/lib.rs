//! docalign says which paragraphs of a PDF each figure and table belongs to, how sure it is,
//! and why.
//!
//! The pipeline's stages are this crate's modules, in order: [`pdf`] reads, [`segment`] finds
//! paragraphs, [`detect`] finds visuals, [`graph`] connects them, [`align`] decides, [`output`]
//! writes. [`corpus`] does so with many files.

pub mod align;
pub mod blind;
pub mod corpus;
pub mod detect;
pub mod evaluate;
pub mod find;
pub mod geometry;
pub mod graph;
pub mod mention;
pub mod model;
pub mod network;
pub mod output;
pub mod pdf;
pub mod pipeline;
pub mod plan;
pub mod random;
pub mod segment;
#[cfg(feature = "train")]
pub mod train;
pub mod warning;
pub mod worker;
