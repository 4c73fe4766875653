//! `docalign schema`.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use clap::Args;
use docalign::{
    corpus::tables::{SCHEMA_VERSION, TABLES},
    output::json,
};

use super::report::CommandError;

/// Flags of `docalign schema`.
#[derive(Debug, Args)]
pub struct SchemaFlags {
    /// Print what the tables of `docalign corpus` hold instead, as Markdown
    #[arg(long)]
    tables: bool,
}

/// Prints what other programs need to know of the outputs.
pub fn run(flags: &SchemaFlags) -> Result<ExitCode, CommandError> {
    if flags.tables {
        print_tables(&mut io::stdout().lock())?;
    } else {
        let schema = serde_json::to_string_pretty(&json::schema())
            .map_err(|error| CommandError::Output(error.into()))?;
        writeln!(io::stdout(), "{schema}")?;
    }
    Ok(ExitCode::SUCCESS)
}

fn print_tables(out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "# {SCHEMA_VERSION}")?;
    for table in TABLES {
        writeln!(out, "\n## {}\n\nA row is {}.\n", table.name, table.meaning)?;
        writeln!(out, "| column | type | meaning |\n|---|---|---|")?;
        for field in table.fields {
            let kind = field.shape.type_name();
            writeln!(out, "| {} | {kind} | {} |", field.name, field.meaning)?;
        }
    }
    Ok(())
}
