//! The progress bar, on a terminal only.

use std::path::Path;

use docalign::worker::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cli::report::printable;

/// One line on standard error that tells how far a file is.
#[derive(Debug)]
pub struct ProgressLine(ProgressBar);

impl ProgressLine {
    /// A line for a file; nothing appears before there is something to tell.
    pub fn new(file: &Path, show: bool) -> ProgressLine {
        // Draws nothing where standard error is no terminal.
        let target = if show {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(None, target);
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        bar.set_message(printable(&name));
        ProgressLine(bar)
    }

    /// Draws the line anew.
    pub fn show(&self, progress: Progress) {
        match progress {
            Progress::Reading { done, total } => self.pages("page", done, total),
            Progress::Looking { done, total } => self.pages("looking at page", done, total),
            Progress::Writing => {
                self.style("{msg:.bold} writing");
                self.0.tick();
            }
        }
    }

    /// Takes the line away.
    pub fn clear(&self) {
        self.0.finish_and_clear();
    }

    fn pages(&self, what: &str, done: u32, total: u32) {
        self.style(&format!(
            "{{msg:.bold}} {{wide_bar}} {what} {{pos}}/{{len}}"
        ));
        self.0.set_length(u64::from(total));
        self.0.set_position(u64::from(done));
    }

    fn style(&self, template: &str) {
        // The templates are fixed and right; a wrong one would leave the plain bar.
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.0.set_style(style);
        }
    }
}
