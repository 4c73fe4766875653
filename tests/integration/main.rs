//! The program's parts together, a module per area.

mod output;
