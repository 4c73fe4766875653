//! Documents for commands that read alignment files: an input may be such a file, a folder of them,
//! or a PDF that is aligned first.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use clap::{Args, ValueHint};
use docalign::{
    output::{Format, alignment_file::AlignmentFile, json},
    worker::{Job, JobOutput, cause_chain},
};

use super::{
    UiFlags,
    align::{LimitFlags, PasswordFlags, tag},
    eval::files::find_files,
    models::ModelFlags,
    report::CommandError,
    worker::WorkerSettings,
};

/// Flags of a command that reads alignment files.
#[derive(Debug, Args)]
pub struct AlignedFlags {
    /// A PDF, an alignment file, or a folder of alignment files such as `docalign corpus` writes
    #[arg(value_name = "INPUT", value_hint = ValueHint::AnyPath)]
    input: PathBuf,
    #[command(flatten)]
    password: PasswordFlags,
    #[command(flatten)]
    models: ModelFlags,
    #[command(flatten)]
    limits: LimitFlags,
}

/// Alignment files as text, with their names.
pub struct AlignedTexts {
    input: PathBuf,
    texts: Vec<(PathBuf, String)>,
}

impl AlignedFlags {
    /// Reads the files, or makes one.
    pub fn texts(&self, ui: &UiFlags) -> Result<AlignedTexts, CommandError> {
        Ok(AlignedTexts {
            input: self.input.clone(),
            texts: self.read(ui)?,
        })
    }

    fn read(&self, ui: &UiFlags) -> Result<Vec<(PathBuf, String)>, CommandError> {
        let unread = |path: &Path, error: &io::Error| {
            CommandError::Failed(format!("{}: {}", path.display(), cause_chain(error)))
        };
        let input = &self.input;
        let is_json = |path: &Path| {
            path.extension()
                .is_some_and(|e| e.eq_ignore_ascii_case("json"))
        };
        if input.is_dir() || is_json(input) {
            let files = find_files(std::slice::from_ref(input), "json")?;
            let read = |path: PathBuf| {
                let text = fs::read_to_string(&path).map_err(|e| unread(&path, &e))?;
                Ok((path, text))
            };
            return files.into_iter().map(read).collect();
        }
        self.models.load(false)?;
        let settings = WorkerSettings {
            models: self.models.clone(),
            ..WorkerSettings::new(&self.limits, ui)
        };
        let job = Job {
            tag: tag(),
            input: input.clone(),
            password: self.password.read()?,
            pages: None,
            ignore_annotations: false,
            blind: false,
            min_probability: 0.0,
            chunk_tokens: 1,
            max_input_bytes: self.limits.max_input_bytes(),
            format: Format::Json,
            output: JobOutput::Temporary(std::env::temp_dir()),
            table: None,
        };
        // Its temporary files are there as long as it is.
        let mut supervisor = settings.supervisor()?;
        let written = supervisor.run(&job, &mut |_| {});
        let written = written
            .map_err(|failure| CommandError::Failed(format!("{}: {failure}", input.display())))?;
        let text = fs::read_to_string(&written.written).map_err(|e| unread(&written.written, &e));
        // Its content is all that is wanted.
        let _ = fs::remove_file(&written.written);
        Ok(vec![(input.clone(), text?)])
    }
}

impl AlignedTexts {
    /// The files with their names, at least one.
    pub fn files(&self) -> Result<Vec<(&Path, AlignmentFile<'_>)>, CommandError> {
        let mut files = Vec::new();
        for (name, text) in &self.texts {
            match json::read(text) {
                Ok(file) => files.push((name.as_path(), file)),
                // Folders hold other JSON files too.
                Err(_) if self.input.is_dir() => {}
                Err(error) => {
                    let why = format!("{}: {error}", name.display());
                    return Err(CommandError::Failed(why));
                }
            }
        }
        if files.is_empty() {
            let none = format!("{}: no alignment files in it", self.input.display());
            return Err(CommandError::Failed(none));
        }
        Ok(files)
    }
}
