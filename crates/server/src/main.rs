//! The deputy command.

use std::process::ExitCode;

fn main() -> ExitCode {
    deputy_server::main()
}
