//! The program as people meet it: run in a folder, judged by what it prints and how it exits.

#[path = "../support/mod.rs"]
mod support;

mod fixtures;
mod golden;
mod repo;
mod run;
mod sources;
