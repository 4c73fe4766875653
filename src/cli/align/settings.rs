//! What the flags mean together: a job for each input.

use std::{
    collections::HashMap,
    fs,
    io::IsTerminal,
    path::{Path, PathBuf},
    process,
    time::SystemTime,
};

use clap::CommandFactory;
use docalign::{
    output::Format,
    worker::{Job, JobOutput, TableStyle},
};

use super::flags::AlignFlags;
use crate::cli::{
    Cli, UiFlags,
    report::{CommandError, colors_stdout},
    worker::WorkerSettings,
};

/// Checked settings.
#[derive(Debug)]
pub struct AlignSettings {
    /// What to do, in the order given.
    pub inputs: Vec<Input>,
    /// How to do it.
    pub worker: WorkerSettings,
    /// Whether to draw progress, where there is a terminal.
    pub show_progress: bool,
}

/// One input and where its output goes.
#[derive(Debug)]
pub struct Input {
    /// What the worker does.
    pub job: Job,
    /// What is left to do after it.
    pub delivery: Delivery,
}

/// Who brings the output to its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// The worker.
    Written,
    /// We copy it to standard output.
    Stdout,
    /// We copy it to a device or pipe: a rename would put a file in its place.
    Device(PathBuf),
}

/// Lines of a table that goes to a file or pipe are cut here.
const DEFAULT_WIDTH: u16 = 100;

impl AlignSettings {
    /// Checks the flags against each other and the file system.
    pub fn new(flags: AlignFlags, ui: &UiFlags) -> Result<AlignSettings, CommandError> {
        refuse_commands(&flags.inputs)?;
        // Before any file is read; the worker loads the networks again.
        flags.models.load(flags.objects)?;
        let worker = WorkerSettings {
            models: flags.models.clone(),
            objects: flags.objects,
            ..WorkerSettings::new(&flags.limits, ui)
        };
        let template = job_template(&flags, ui)?;
        let place = Place::new(&flags)?;
        let mut inputs = Vec::with_capacity(flags.inputs.len());
        for (number, path) in flags.inputs.into_iter().enumerate() {
            let (output, delivery) = place.of(&path, template.format);
            inputs.push(Input {
                job: Job {
                    tag: format!("{}-{number}", template.tag),
                    input: path,
                    output,
                    ..template.clone()
                },
                delivery,
            });
        }
        refuse_collisions(&inputs)?;
        Ok(AlignSettings {
            inputs,
            worker,
            // Log lines would tear the bar.
            show_progress: !ui.quiet && ui.verbose == 0,
        })
    }
}

/// What the jobs of all inputs have in common.
fn job_template(flags: &AlignFlags, ui: &UiFlags) -> Result<Job, CommandError> {
    let output = flags.output.as_deref();
    let format = flags.format.map(Format::from);
    // A table is for people who asked for no format and whose output goes elsewhere.
    let table = format.is_none() && output != Some(Path::new("-")) && !ui.quiet;
    let by_name = || {
        output
            .filter(|path| !path.is_dir())
            .and_then(Format::of_file)
    };
    Ok(Job {
        tag: tag(),
        input: PathBuf::new(),
        password: flags.password.read()?,
        pages: flags.pages.clone(),
        ignore_annotations: flags.ignore_annotations,
        blind: flags.blind,
        min_probability: flags.min_probability,
        chunk_tokens: flags.chunk_tokens,
        max_input_bytes: flags.limits.max_input_bytes(),
        format: format.or_else(by_name).unwrap_or(Format::Json),
        output: JobOutput::File(PathBuf::new()),
        table: table.then(|| TableStyle {
            color: colors_stdout(ui.color),
            width: terminal_width(),
        }),
    })
}

/// Unlike that of any other running program, on this machine or another with the same disk.
pub fn tag() -> String {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let nanos = since.map_or(0, |since| since.as_nanos());
    format!("{}-{nanos:x}", process::id())
}

fn terminal_width() -> u16 {
    let stdout = console::Term::stdout();
    match stdout.size_checked() {
        Some((_, columns)) if std::io::stdout().is_terminal() => columns,
        _ => DEFAULT_WIDTH,
    }
}

/// Where outputs go.
enum Place {
    BesideInput,
    File(PathBuf),
    Directory(PathBuf),
    Stdout,
    Device(PathBuf),
}

impl Place {
    fn new(flags: &AlignFlags) -> Result<Place, CommandError> {
        let Some(output) = flags.output.clone() else {
            return Ok(Place::BesideInput);
        };
        let place = match fs::metadata(&output) {
            _ if output == Path::new("-") => Place::Stdout,
            Ok(metadata) if metadata.is_dir() => return Ok(Place::Directory(output)),
            Ok(metadata) if !metadata.is_file() => Place::Device(output),
            _ => Place::File(output),
        };
        if flags.inputs.len() > 1 {
            return Err(CommandError::Usage(
                "with several inputs -o must be a directory that exists".to_owned(),
            ));
        }
        Ok(place)
    }

    fn of(&self, input: &Path, format: Format) -> (JobOutput, Delivery) {
        let name = output_name(input, format);
        let temporary = || JobOutput::Temporary(std::env::temp_dir());
        match self {
            Place::BesideInput => (
                JobOutput::File(input.with_file_name(name)),
                Delivery::Written,
            ),
            Place::Directory(dir) => (JobOutput::File(dir.join(name)), Delivery::Written),
            Place::File(file) => (JobOutput::File(real_file(file)), Delivery::Written),
            Place::Stdout => (temporary(), Delivery::Stdout),
            Place::Device(path) => (temporary(), Delivery::Device(path.clone())),
        }
    }
}

/// "thesis.pdf" gives "thesis.docalign.json".
fn output_name(input: &Path, format: Format) -> PathBuf {
    let mut name = input.file_stem().unwrap_or_default().to_owned();
    name.push(".");
    name.push(format.extension());
    PathBuf::from(name)
}

/// Where a symbolic link leads: the file there is to be replaced, not the link.
fn real_file(file: &Path) -> PathBuf {
    match fs::symlink_metadata(file) {
        Ok(metadata) if metadata.is_symlink() => {
            fs::canonicalize(file).unwrap_or_else(|_| file.to_path_buf())
        }
        _ => file.to_path_buf(),
    }
}

/// `docalign -v align x.pdf` would otherwise look for a document named "align".
fn refuse_commands(inputs: &[PathBuf]) -> Result<(), CommandError> {
    let command = Cli::command();
    let names_command = |path: &&PathBuf| {
        command
            .get_subcommands()
            .any(|c| path.as_os_str() == c.get_name())
            && !path.exists()
    };
    match inputs.iter().find(names_command) {
        Some(name) => Err(CommandError::Usage(format!(
            "put the command first: docalign {} ...",
            name.display()
        ))),
        None => Ok(()),
    }
}

/// Two inputs with one output, or an output that is another input, would silently lose a file.
fn refuse_collisions(inputs: &[Input]) -> Result<(), CommandError> {
    let mut writers: HashMap<&Path, &Path> = HashMap::new();
    for input in inputs {
        let JobOutput::File(output) = &input.job.output else {
            continue;
        };
        if let Some(other) = writers.insert(output, &input.job.input) {
            return Err(CommandError::Usage(format!(
                "{} and {} would both be written to {}",
                other.display(),
                input.job.input.display(),
                output.display()
            )));
        }
    }
    let read_too = inputs
        .iter()
        .find(|input| writers.contains_key(input.job.input.as_path()));
    match read_too {
        Some(input) if inputs.len() > 1 => Err(CommandError::Usage(format!(
            "{} is an input and would be overwritten as an output",
            input.job.input.display()
        ))),
        _ => Ok(()),
    }
}
