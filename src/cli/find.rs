//! `docalign find`.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, ValueEnum, ValueHint};
use docalign::{
    find::{Hit, Index, Item},
    output::{Format, alignment_file::AlignmentFile, json},
    worker::{Job, JobOutput, cause_chain},
};

use super::{
    UiFlags,
    align::{LimitFlags, PasswordFlags, tag},
    eval::files::find_files,
    models::ModelFlags,
    report::{CommandError, printable},
    worker::WorkerSettings,
};

/// Flags of `docalign find`.
#[derive(Debug, Args)]
pub struct FindFlags {
    /// A PDF, an alignment file, or a folder of alignment files such as `docalign corpus` writes
    #[arg(value_name = "INPUT", value_hint = ValueHint::AnyPath)]
    input: PathBuf,
    /// What is looked for, in words
    #[arg(value_name = "QUESTION", required_unless_present = "like")]
    question: Option<String>,
    /// What is like this visual (v7) or paragraph (p12): paragraphs for a visual, visuals for a
    /// paragraph
    #[arg(long, value_name = "ID", conflicts_with = "question")]
    like: Option<String>,
    /// How many answers
    #[arg(long, value_name = "N", default_value_t = 10)]
    top: usize,
    /// Answers of one kind only
    #[arg(long, value_name = "KIND")]
    only: Option<Kind>,
    /// How to print them
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Style,
    #[command(flatten)]
    password: PasswordFlags,
    #[command(flatten)]
    models: ModelFlags,
    #[command(flatten)]
    limits: LimitFlags,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Figures, tables and the like
    Visuals,
    /// Paragraphs
    Paragraphs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Style {
    /// For people
    Text,
    /// One object a line
    Json,
}

/// Answers a question.
pub fn run(flags: FindFlags, ui: &UiFlags) -> Result<ExitCode, CommandError> {
    let texts = texts(&flags, ui)?;
    let mut names = Vec::new();
    let mut files = Vec::new();
    for (name, text) in &texts {
        match json::read(text) {
            Ok(file) => {
                names.push(name);
                files.push(file);
            }
            // Folders hold other JSON files too.
            Err(_) if flags.input.is_dir() => {}
            Err(error) => {
                let why = format!("{}: {error}", name.display());
                return Err(CommandError::Failed(why));
            }
        }
    }
    if files.is_empty() {
        let none = format!("{}: no alignment files in it", flags.input.display());
        return Err(CommandError::Failed(none));
    }
    let index = Index::new(&files);
    let hits = match (&flags.like, &flags.question) {
        (Some(id), _) => index.like(place(&index, &files, id)?),
        (None, question) => index.answer(question.as_deref().unwrap_or_default()),
    };
    let wanted = |item: &Item| match flags.only {
        None => true,
        Some(Kind::Visuals) => item.is_visual(),
        Some(Kind::Paragraphs) => !item.is_visual(),
    };
    let hits = hits
        .iter()
        .filter_map(|hit| Some((hit, index.items().get(hit.item)?)));
    let hits = hits.filter(|(_, item)| wanted(item)).take(flags.top);
    let mut out = io::stdout().lock();
    for (rank, (hit, item)) in hits.enumerate() {
        let name = names.get(item.file).filter(|_| names.len() > 1);
        match flags.format {
            Style::Text => print(
                &mut out,
                rank + 1,
                hit,
                item,
                name.map(|name| name.as_path()),
            )?,
            Style::Json => {
                let line = record(hit, item, &files);
                writeln!(out, "{line}")?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The alignment files as text, with the names that answers give them.
fn texts(flags: &FindFlags, ui: &UiFlags) -> Result<Vec<(PathBuf, String)>, CommandError> {
    let unread = |path: &Path, error: &io::Error| {
        CommandError::Failed(format!("{}: {}", path.display(), cause_chain(error)))
    };
    let input = &flags.input;
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
    flags.models.load(false)?;
    let settings = WorkerSettings {
        models: flags.models.clone(),
        ..WorkerSettings::new(&flags.limits, ui)
    };
    let job = Job {
        tag: tag(),
        input: input.clone(),
        password: flags.password.read()?,
        pages: None,
        ignore_annotations: false,
        blind: false,
        min_probability: 0.0,
        chunk_tokens: 1,
        max_input_bytes: flags.limits.max_input_bytes(),
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

/// The item with an id.
fn place(index: &Index, files: &[AlignmentFile<'_>], id: &str) -> Result<usize, CommandError> {
    if files.len() > 1 {
        let all = "--like needs one document, as ids are those of a document";
        return Err(CommandError::Usage(all.to_owned()));
    }
    let found = index
        .items()
        .iter()
        .position(|item| item.found.to_string() == id);
    found.ok_or_else(|| CommandError::Usage(format!("there is no running text or visual {id}")))
}

/// Letters of a text that are shown.
const SHOWN: usize = 160;

fn print(
    out: &mut impl Write,
    rank: usize,
    hit: &Hit,
    item: &Item,
    file: Option<&Path>,
) -> io::Result<()> {
    let file = file.map_or_else(String::new, |file| format!("{}, ", file.display()));
    let label = item
        .label
        .as_deref()
        .map_or_else(String::new, |label| format!(" {label}"));
    let page = item.page.0 + 1;
    let head = format!("{file}page {page}, {}{label}", item.found);
    let text: String = item.text.trim().chars().take(SHOWN).collect();
    let more = if item.text.trim().chars().count() > SHOWN {
        "…"
    } else {
        ""
    };
    writeln!(out, "{rank:>3}. {:.2}  {}", hit.score, printable(&head))?;
    writeln!(out, "           {}{more}", printable(&text))
}

fn record(hit: &Hit, item: &Item, files: &[AlignmentFile<'_>]) -> serde_json::Value {
    let file = files.get(item.file);
    serde_json::json!({
        "sha256": file.map(|file| file.document.sha256.as_ref()),
        "file_name": file.map(|file| file.document.file_name.as_ref()),
        "id": item.found.to_string(),
        "page": item.page.0,
        "label": item.label,
        "text": item.text,
        "score": (f64::from(hit.score) * 1e4).round() / 1e4,
    })
}
