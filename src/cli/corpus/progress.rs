//! How far a run is: a bar on a terminal, else a line a minute, or JSON lines.

use std::{
    io::{self, IsTerminal, Write},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use docalign::corpus::{Event, InputProblem, Record, Status, Summary};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};

use super::flags::LogFlag;
use crate::cli::{UiFlags, report};

/// Where nobody watches, a line is written this often.
const LINE_INTERVAL: Duration = Duration::from_secs(60);

/// Tells on standard error what happens.
pub struct Progress {
    bar: ProgressBar,
    log: LogFlag,
    quiet: bool,
    on_terminal: bool,
    counts: Mutex<Counts>,
}

#[derive(Clone, Copy)]
struct Counts {
    start: Instant,
    last_line: Instant,
    /// Files to work on.
    to_do: u64,
    files: u64,
    failed: u64,
    pages: u64,
}

impl Counts {
    fn pages_per_second(&self) -> f64 {
        self.pages as f64 / self.start.elapsed().as_secs_f64().max(0.001)
    }

    /// As if the files left were like those done.
    fn seconds_left(&self) -> Option<u64> {
        let left = self.to_do.saturating_sub(self.files) as f64;
        let each = self.start.elapsed().as_secs_f64() / self.files as f64;
        (self.files > 0).then_some((left * each) as u64)
    }
}

impl Progress {
    /// Nothing appears before there is something to tell.
    pub fn new(log: LogFlag, ui: &UiFlags) -> Progress {
        let on_terminal = io::stderr().is_terminal();
        // Log lines would tear the bar.
        let bar = log == LogFlag::Text && on_terminal && !ui.quiet && ui.verbose == 0;
        let target = if bar {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(None, target);
        let template = "{bar:30} {pos}/{len} files, {msg}, {eta} to go";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        let now = Instant::now();
        Progress {
            bar,
            log,
            quiet: ui.quiet,
            on_terminal,
            counts: Mutex::new(Counts {
                start: now,
                last_line: now,
                to_do: 0,
                files: 0,
                failed: 0,
                pages: 0,
            }),
        }
    }

    /// Takes an event in.
    pub fn tell(&self, event: Event<'_>) {
        match event {
            Event::Planned { files, settled } => {
                self.counts().to_do = files as u64;
                self.bar.set_length(files as u64);
                match self.log {
                    LogFlag::Json => json_line(&json!({
                        "event": "planned", "files": files, "settled": settled,
                    })),
                    LogFlag::Text if settled.files > 0 => {
                        let earlier = settled.files;
                        self.note(&format!("{files} files to do, {earlier} are done"));
                    }
                    LogFlag::Text => {}
                }
            }
            Event::Problem(problem) => self.problem(problem),
            Event::Note(text) => self.note(text),
            Event::Pages(pages) => {
                self.counts().pages += u64::from(pages);
                self.draw();
            }
            Event::File(record) => self.file(record),
        }
    }

    /// Takes the bar away and sums up for programs.
    pub fn finish(&self, summary: &Summary) {
        self.bar.finish_and_clear();
        if self.log == LogFlag::Json {
            let counts = *self.counts();
            json_line(&json!({
                "event": "summary",
                "tally": summary.tally,
                "cache": summary.cache,
                "left": summary.left,
                "problems": summary.problems,
                "seconds": counts.start.elapsed().as_secs_f64(),
                "pages_per_second": counts.pages_per_second(),
            }));
        }
    }

    fn file(&self, record: &Record) {
        let mut counts = self.counts();
        counts.files += 1;
        counts.failed += u64::from(record.status == Status::Failed);
        drop(counts);
        self.bar.inc(1);
        match self.log {
            LogFlag::Json => {
                let mut line = serde_json::to_value(record).unwrap_or_default();
                if let Value::Object(fields) = &mut line {
                    fields.insert("event".to_owned(), "file".into());
                }
                json_line(&line);
            }
            LogFlag::Text => {
                if let Some(text) = outcome(record) {
                    self.bar.suspend(|| report::error(&text));
                }
            }
        }
        self.draw();
    }

    fn problem(&self, problem: &InputProblem) {
        let path = problem.path.display();
        match self.log {
            LogFlag::Json => json_line(&json!({
                "event": "problem", "path": path.to_string(), "cause": problem.cause,
            })),
            LogFlag::Text => report::error(&format_args!("{path}: {}", problem.cause)),
        }
    }

    fn note(&self, text: &str) {
        match self.log {
            LogFlag::Json => json_line(&json!({"event": "note", "message": text})),
            LogFlag::Text if !self.quiet => self.bar.suspend(|| report::note(&text)),
            LogFlag::Text => {}
        }
    }

    fn draw(&self) {
        let mut counts = self.counts();
        if self.on_terminal && self.log == LogFlag::Text {
            let text = format!(
                "{:.1} pages/s, {} failed",
                counts.pages_per_second(),
                counts.failed
            );
            drop(counts);
            self.bar.set_message(text);
        } else if counts.last_line.elapsed() >= LINE_INTERVAL {
            counts.last_line = Instant::now();
            let now = *counts;
            drop(counts);
            self.line(&now);
        }
    }

    fn line(&self, counts: &Counts) {
        let rate = counts.pages_per_second();
        if self.log == LogFlag::Json {
            return json_line(&json!({
                "event": "progress",
                "files": counts.files,
                "of": counts.to_do,
                "failed": counts.failed,
                "pages": counts.pages,
                "pages_per_second": rate,
                "seconds_left": counts.seconds_left(),
            }));
        }
        let left = counts.seconds_left().map_or(String::new(), |seconds| {
            format!(", about {} min to go", seconds.div_ceil(60))
        });
        self.note(&format!(
            "{} of {} files, {rate:.1} pages/s, {} failed{left}",
            counts.files, counts.to_do, counts.failed
        ));
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What went wrong with a file, if something did.
pub fn outcome(record: &Record) -> Option<String> {
    let cause = record.cause.as_ref()?;
    let path = record.path.display();
    let at = cause
        .page
        .map_or(String::new(), |page| format!(" (page {})", page.number()));
    Some(match record.status {
        Status::Partial => format!(
            "{path}: partial, {} of {} pages: {}{at}",
            record.pages, record.page_count, cause.failure
        ),
        _ => format!("{path}: {}{at}", cause.failure),
    })
}

fn json_line(value: &Value) {
    // If standard error is closed there is nobody left to tell.
    let _ = writeln!(io::stderr(), "{value}");
}
