//! The command line: raw flags, one file per subcommand.

mod align;
mod aligned;
mod completions;
mod corpus;
mod embed;
mod eval;
mod find;
mod gold;
mod models;
mod plan;
mod report;
mod schema;
#[cfg(feature = "train")]
mod train;
mod worker;

use std::{io, process::ExitCode};

use clap::{ArgAction, Args, ColorChoice, Parser, Subcommand};

use report::CommandError;

const EXAMPLES: &str = "\
Examples:
  docalign thesis.pdf                    table on the terminal, thesis.docalign.json beside the file
  docalign thesis.pdf -o -               the JSON on standard output
  docalign thesis.pdf --format html      a page to look at in a browser
  docalign manual.pdf --pages 5-40       some pages only
  docalign *.pdf -o aligned/             several files into a directory
  docalign corpus papers/ -o out/        all PDFs of a folder, resumable
  docalign find thesis.pdf 'hall plan'   what answers a question
  docalign schema                        the JSON Schema of the output

Exit status: 0 all well, 1 some input failed, 2 wrong usage.";

/// Says which paragraphs of a PDF each figure and table belongs to, and how sure it is.
#[derive(Debug, Parser)]
#[command(
    name = "docalign",
    version,
    after_help = EXAMPLES,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true
)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    align: align::AlignFlags,
    #[command(flatten)]
    ui: UiFlags,
}

/// Flags of every subcommand.
#[derive(Debug, Args)]
#[command(next_help_heading = "Messages")]
struct UiFlags {
    /// Print errors only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Say what is being done; repeat for more
    #[arg(short, long, global = true, action = ArgAction::Count)]
    verbose: u8,
    /// Colour the output; `auto` looks for a terminal and at NO_COLOR
    #[arg(long, global = true, value_name = "WHEN", default_value_t = ColorChoice::Auto)]
    color: ColorChoice,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Align documents (the default)
    Align(align::AlignFlags),
    /// Align the documents of whole folders, so that it can be ended and gone on with at any time
    Corpus(corpus::CorpusFlags),
    /// Find the figures, tables and paragraphs that answer a question
    Find(find::FindFlags),
    /// Write vectors of paragraphs and visuals, by an encoder of your own, for any vector store
    Embed(embed::EmbedFlags),
    /// Estimate what aligning files will take, without doing it
    Plan(plan::PlanFlags),
    /// Print what a document's own links say about its paragraphs and visuals
    Gold(gold::GoldFlags),
    /// Measure how often paragraphs and visuals are wrongly associated
    Eval(eval::EvalFlags),
    /// Train the networks whose weights this program carries
    #[cfg(feature = "train")]
    Train(train::TrainFlags),
    /// Print the JSON Schema of the alignment file, or what the tables of a corpus hold
    Schema(schema::SchemaFlags),
    /// Print a completion script for a shell
    Completions(completions::CompletionsFlags),
    /// Read files for another docalign process
    #[command(hide = true)]
    Worker(worker::WorkerFlags),
}

impl Cli {
    /// Does what the flags ask for and says how it went.
    pub fn run(self) -> ExitCode {
        report::start_log(self.ui.verbose);
        let done = match self.command {
            None => align::run(self.align, &self.ui),
            Some(Command::Align(flags)) => align::run(flags, &self.ui),
            Some(Command::Corpus(flags)) => corpus::run(flags, &self.ui),
            Some(Command::Find(flags)) => find::run(flags, &self.ui),
            Some(Command::Embed(flags)) => embed::run(flags, &self.ui),
            Some(Command::Plan(flags)) => plan::run(flags, &self.ui),
            Some(Command::Gold(flags)) => gold::run(flags, &self.ui),
            Some(Command::Eval(flags)) => eval::run(flags, &self.ui),
            #[cfg(feature = "train")]
            Some(Command::Train(flags)) => train::run(flags, &self.ui),
            Some(Command::Schema(flags)) => schema::run(&flags),
            Some(Command::Completions(flags)) => completions::run(flags),
            Some(Command::Worker(flags)) => worker::run(flags),
        };
        match done {
            Ok(code) => code,
            // Whoever read our output has enough of it; that is no failure.
            Err(CommandError::Output(e)) if e.kind() == io::ErrorKind::BrokenPipe => {
                ExitCode::SUCCESS
            }
            Err(error) => {
                report::error(&error.to_string());
                error.exit_code()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_flags_are_consistent() {
        Cli::command().debug_assert();
    }
}
