//! `docalign completions SHELL`.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Cli, report::CommandError};

/// Raw flags.
#[derive(Debug, Args)]
pub struct CompletionsFlags {
    /// The shell
    shell: Shell,
}

/// Prints the script.
pub fn run(flags: CompletionsFlags) -> Result<ExitCode, CommandError> {
    // Through a buffer: the generator panics when its output is closed.
    let mut script = Vec::new();
    clap_complete::generate(flags.shell, &mut Cli::command(), "docalign", &mut script);
    io::stdout().write_all(&script)?;
    Ok(ExitCode::SUCCESS)
}
