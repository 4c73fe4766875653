//! What goes to standard error, and exit codes.

use std::{
    fmt::Display,
    io::{self, IsTerminal, Write},
    process::ExitCode,
};

use clap::{ColorChoice, ValueEnum};
use tracing::level_filters::LevelFilter;

/// Exit code when some input failed.
pub const SOME_FAILED: u8 = 1;
/// Exit code for wrong usage.
const WRONG_USAGE: u8 = 2;

/// How answers are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Style {
    /// For people
    Text,
    /// One object a line
    Json,
}

/// Why a whole command failed; failures of single inputs are no such.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The flags ask for something impossible.
    #[error("{0}")]
    Usage(String),
    /// Standard output could not be written.
    #[error("cannot write to standard output: {0}")]
    Output(#[from] io::Error),
    /// The command could not do its work.
    #[error("{0}")]
    Failed(String),
}

impl CommandError {
    /// The exit code that says so.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Usage(_) => ExitCode::from(WRONG_USAGE),
            Self::Output(_) | Self::Failed(_) => ExitCode::from(SOME_FAILED),
        }
    }
}

/// Prints a line about something that failed.
pub fn error(message: &dyn Display) {
    // If standard error is closed there is nobody left to tell.
    let line = printable(&message.to_string());
    let _ = writeln!(io::stderr(), "docalign: {line}");
}

/// Prints a line about how far a long command is.
pub fn note(message: &dyn Display) {
    // If standard error is closed there is nobody left to tell.
    let line = printable(&message.to_string());
    let _ = writeln!(io::stderr(), "{line}");
}

/// A text that cannot steer the terminal: names and messages may come from hostile files.
pub fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for ch in text.chars() {
        match ch {
            '\n' | '\t' => out.push(' '),
            _ if ch.is_control() => out.extend(ch.escape_default()),
            _ => out.push(ch),
        }
    }
    out
}

/// Sends log lines of the asked level to standard error.
pub fn start_log(verbose: u8) {
    let level = match verbose {
        0 => return,
        1 => LevelFilter::INFO,
        2 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(io::stderr)
        .with_ansi(false)
        .without_time()
        .init();
}

/// Whether to colour what goes to standard output.
pub fn colors_stdout(choice: ColorChoice) -> bool {
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => {
            let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
            let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
            !unwanted && !dumb && io::stdout().is_terminal()
        }
    }
}
