//! Tests of the whole program, a module per area.
