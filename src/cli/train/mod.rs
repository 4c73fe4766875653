//! `docalign train`: one file for each network.

mod aligner;
mod detector;

use std::{
    io::{self, IsTerminal},
    process::ExitCode,
};

use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{UiFlags, report::CommandError};

/// Flags of `docalign train`.
#[derive(Debug, Args)]
pub struct TrainFlags {
    #[command(subcommand)]
    network: NetworkFlags,
}

#[derive(Debug, Subcommand)]
enum NetworkFlags {
    /// The network that finds figures, tables and captions on page images
    Detector(detector::DetectorFlags),
    /// The graph network that says which paragraph belongs to which visual
    Aligner(aligner::AlignerFlags),
}

/// Trains a network.
pub fn run(flags: TrainFlags, ui: &UiFlags) -> Result<ExitCode, CommandError> {
    match flags.network {
        NetworkFlags::Detector(flags) => detector::run(flags, ui),
        NetworkFlags::Aligner(flags) => aligner::run(flags, ui),
    }
}

fn bar(steps: usize, quiet: bool) -> ProgressBar {
    let target = if quiet || !io::stderr().is_terminal() {
        ProgressDrawTarget::hidden()
    } else {
        ProgressDrawTarget::stderr()
    };
    let bar = ProgressBar::with_draw_target(Some(steps as u64), target);
    // The template is fixed and right; a wrong one would leave the plain bar.
    if let Ok(style) =
        ProgressStyle::with_template("{wide_bar} step {pos}/{len}, loss {msg}, {eta}")
    {
        bar.set_style(style);
    }
    bar
}
