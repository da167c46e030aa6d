//! The `linetape` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    // redis and others take the process's provider. An error means that one is installed already: as good.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    linetape::cli::main(std::env::args_os())
}
