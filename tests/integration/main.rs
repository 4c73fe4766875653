//! Tests of the whole program, a module per area.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr
)]

mod architecture;
mod attacks;
mod bad_input;
mod cli;
mod corpus;
mod corpus_list;
mod evaluation;
mod find;
mod golden;
mod looking;
mod output;
mod page_digest;
mod plan;
mod support;
mod worker;
