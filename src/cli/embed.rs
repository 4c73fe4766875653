//! `docalign embed`.

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, ValueHint};
use docalign::{
    find::Index,
    output::{
        atomic::Staging,
        embeddings::{Embeddings, to_bytes},
    },
    worker::cause_chain,
};

use super::{
    UiFlags,
    align::tag,
    aligned::AlignedFlags,
    models::load_encoder,
    report::{CommandError, note},
};

/// Flags of `docalign embed`.
#[derive(Debug, Args)]
pub struct EmbedFlags {
    #[command(flatten)]
    aligned: AlignedFlags,
    /// Where the table goes: document, id, page, text and vector of each paragraph and visual
    #[arg(short, long, value_name = "FILE.parquet", value_hint = ValueHint::FilePath)]
    output: PathBuf,
    /// A sentence encoder: an ONNX file with its tokenizer.json beside it, which README.md describes
    #[arg(long, value_name = "MODEL.onnx", value_hint = ValueHint::FilePath)]
    encoder: PathBuf,
}

/// Writes the vectors of paragraphs and visuals.
pub fn run(flags: EmbedFlags, ui: &UiFlags) -> Result<ExitCode, CommandError> {
    let failed = |e: &(dyn std::error::Error + 'static)| CommandError::Failed(cause_chain(e));
    let encoder = load_encoder(&flags.encoder)?;
    let texts = flags.aligned.texts(ui)?;
    let files: Vec<_> = texts.files()?.into_iter().map(|(_, file)| file).collect();
    let index = Index::new(&files);
    let index = index.with_vectors(&encoder, &Embeddings::default());
    let index = index.map_err(|e| failed(&e))?;
    let bytes = to_bytes(encoder.hash(), index.embeddings()).map_err(|e| failed(&e))?;
    let mut staging = Staging::new(&tag());
    let written = staging.write(&flags.output, |out| out.write_all(&bytes));
    written.map_err(|e| failed(&e))?;
    staging.commit().map_err(|e| failed(&e))?;
    if !ui.quiet {
        let (count, file) = (index.items().len(), flags.output.display());
        note(&format!("{count} vectors in {file}"));
    }
    Ok(ExitCode::SUCCESS)
}
