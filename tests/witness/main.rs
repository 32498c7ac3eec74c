//! A finding is true if a message shows it, and what a message shows is found.

#[path = "../support/protoc.rs"]
mod oracle;
#[path = "../support/mod.rs"]
mod support;

mod codec;
mod fixtures;
mod pairs;
