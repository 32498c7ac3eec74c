//! `protoskew`: parse arguments, run, map to an exit code.

use std::process::ExitCode;

mod cli;

/// Descriptors are many small pieces, made and dropped on several threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::main()
}
