//! The program as people meet it: run in a folder, judged by what it prints and how it exits.

// Where a test panics is where it fails, and one that cannot run says so.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

#[path = "../support/mod.rs"]
mod support;

mod action;
mod callers;
mod checklist;
mod commands;
mod config;
mod evidence;
mod files;
mod fixtures;
mod fleet;
mod formats;
mod gates;
mod golden;
mod guards;
mod hooks;
mod hostile;
mod incident;
mod json;
mod left_alone;
mod lookup;
mod matrix;
mod output;
mod readme;
mod refusals;
mod repo;
mod repositories;
mod run;
mod selection;
mod since;
mod sources;
mod supported;
mod witness;
