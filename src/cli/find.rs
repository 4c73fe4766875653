//! `docalign find`.

use std::{
    fs::File,
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, ValueEnum, ValueHint};
use docalign::{
    find::{Hit, Index, Item},
    output::{alignment_file::AlignmentFile, embeddings::Embeddings},
    worker::cause_chain,
};

use super::{
    UiFlags,
    aligned::AlignedFlags,
    models::load_encoder,
    report::{CommandError, Style, printable},
};

/// Flags of `docalign find`.
#[derive(Debug, Args)]
pub struct FindFlags {
    #[command(flatten)]
    aligned: AlignedFlags,
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
    /// A sentence encoder, which finds answers in other words too: an ONNX file with its
    /// tokenizer.json beside it, which README.md describes
    #[arg(long, value_name = "MODEL.onnx", value_hint = ValueHint::FilePath)]
    encoder: Option<PathBuf>,
    /// Vectors that `docalign embed` made with it, so that they are not made again
    #[arg(long, value_name = "FILE.parquet", value_hint = ValueHint::FilePath, requires = "encoder")]
    embeddings: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Figures, tables and the like
    Visuals,
    /// Paragraphs
    Paragraphs,
}

/// Answers a question.
pub fn run(flags: FindFlags, ui: &UiFlags) -> Result<ExitCode, CommandError> {
    let encoder = flags.encoder.as_deref().map(load_encoder).transpose()?;
    let known = known(flags.embeddings.as_deref())?;
    let texts = flags.aligned.texts(ui)?;
    let (names, files): (Vec<&Path>, Vec<_>) = texts.files()?.into_iter().unzip();
    let question = flags.question.as_deref().unwrap_or_default();
    let mut index = Index::new(&files);
    let mut vector = Vec::new();
    if let Some(encoder) = encoder {
        let failed = |e| CommandError::Failed(cause_chain(&e));
        index = index.with_vectors(&encoder, &known).map_err(failed)?;
        vector = encoder.question(question).map_err(failed)?;
    }
    let hits = match &flags.like {
        Some(id) => index.like(place(&index, &files, id)?),
        None => index.answer(question, &vector),
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
            Style::Text => print(&mut out, rank + 1, hit, item, name.copied())?,
            Style::Json => {
                let line = record(hit, item, &files);
                writeln!(out, "{line}")?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The vectors that were made before.
fn known(path: Option<&Path>) -> Result<Embeddings, CommandError> {
    let Some(path) = path else {
        return Ok(Embeddings::default());
    };
    File::open(path)
        .and_then(Embeddings::read)
        .map_err(|e| CommandError::Failed(format!("{}: {}", path.display(), cause_chain(&e))))
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
