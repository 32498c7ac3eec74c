//! A finding is true if a message shows it.

#[path = "../support/mod.rs"]
mod support;

mod fixtures;
