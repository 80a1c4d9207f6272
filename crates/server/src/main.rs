//! The `deputy` command.

use std::process::ExitCode;

/// Requests are allocated on one thread and freed on another, which the system's allocator does slowly.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    deputy_server::main()
}
