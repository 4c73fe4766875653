//! `docalign plan`.

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Args, ValueHint};
use docalign::{plan::Plan, worker::PlanJob};
use serde::Serialize;

use super::{
    UiFlags,
    align::{LimitFlags, PasswordFlags},
    eval::files::find_files,
    models::DetectFlag,
    report::{self, CommandError, Style, printable},
    worker::{WorkerSettings, input_file},
};

/// Flags of `docalign plan`.
#[derive(Debug, Args)]
pub struct PlanFlags {
    /// PDFs, or folders of them
    #[arg(required = true, value_name = "INPUT", value_hint = ValueHint::AnyPath)]
    inputs: Vec<PathBuf>,
    #[command(flatten)]
    password: PasswordFlags,
    /// Which pages will be drawn and shown to the network that finds figures and tables
    #[arg(long, value_name = "PAGES", value_enum, default_value_t)]
    detect: DetectFlag,
    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Style,
    #[command(flatten)]
    limits: LimitFlags,
}

/// Prints what aligning files will take; one that cannot be read is named and the others go on.
pub fn run(flags: PlanFlags, ui: &UiFlags) -> Result<ExitCode, CommandError> {
    let password = flags.password.read()?;
    let mut supervisor = WorkerSettings::new(&flags.limits, ui).supervisor()?;
    let mut code = ExitCode::SUCCESS;
    let mut out = io::stdout().lock();
    let mut totals = Totals::default();
    if flags.format == Style::Text {
        writeln!(
            out,
            "{:>7} {:>9} {:>8} {:>8}",
            "pages", "looked at", "MiB", "CPU s"
        )?;
    }
    for input in find_files(&flags.inputs, "pdf")? {
        let mut file = input_file(&input, &flags.limits);
        file.password.clone_from(&password);
        let job = PlanJob {
            input: file,
            mode: flags.detect.into(),
        };
        match supervisor.plan(job) {
            Ok(plan) => {
                totals.add(&plan);
                let name = input.to_string_lossy();
                match flags.format {
                    Style::Text => writeln!(out, "{}  {}", line(&plan), printable(&name))?,
                    Style::Json => writeln!(out, "{}", json(&name, &plan))?,
                }
            }
            Err(failure) => {
                report::error(&format_args!("{}: {failure}", input.display()));
                code = ExitCode::from(report::SOME_FAILED);
            }
        }
    }
    if flags.format == Style::Text && totals.files > 1 {
        writeln!(out, "{}  {} files", line(&totals.sum), totals.files)?;
    }
    Ok(code)
}

/// All files together: of memory the most, of the rest the sum.
#[derive(Default)]
struct Totals {
    files: usize,
    sum: Plan,
}

impl Totals {
    fn add(&mut self, plan: &Plan) {
        self.files += 1;
        self.sum.file_bytes += plan.file_bytes;
        self.sum.pages += plan.pages;
        self.sum.looked_at += plan.looked_at;
        self.sum.memory_bytes = self.sum.memory_bytes.max(plan.memory_bytes);
        self.sum.cpu_seconds += plan.cpu_seconds;
    }
}

fn line(plan: &Plan) -> String {
    let mib = plan.memory_bytes.div_ceil(1 << 20);
    format!(
        "{:>7} {:>9} {mib:>8} {:>8.1}",
        plan.pages, plan.looked_at, plan.cpu_seconds
    )
}

fn json(name: &str, plan: &Plan) -> serde_json::Value {
    #[derive(Serialize)]
    struct Planned<'a> {
        file: &'a str,
        #[serde(flatten)]
        plan: &'a Plan,
    }
    serde_json::json!(Planned { file: name, plan })
}
