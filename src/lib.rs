//! Finds what breaks when a client and a server are built from different versions of a schema.

// Reading: may fail.
pub mod baseline;
pub mod callsites;
pub mod ci;
pub mod compile;
pub mod config;
pub mod error;
pub mod excerpt;
pub mod history;
pub mod imports;
pub mod releases;
pub mod tree;
pub mod version;

// Thinking: cannot fail, and does no I/O.
pub mod check;
pub mod checklist;
pub mod diff;
pub mod fleet;
pub mod incident;
pub mod judge;
pub mod matrix;
pub mod meet;
pub mod plan;
pub mod policy;
pub mod rules;
pub mod schema;
pub mod skew;
pub mod wire;
pub mod witness;

// Speaking: cannot decide.
pub mod explain;
pub mod report;
