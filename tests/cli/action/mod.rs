//! The action, step by step, in a runner that is ours.
#![cfg(unix)]

mod checkout;
mod events;
mod files;
mod install;
mod runner;
