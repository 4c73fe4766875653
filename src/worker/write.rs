//! Writes a job's formats.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    path::Path,
};

use sha2::{Digest, Sha256};

use crate::{
    corpus::OutputFile,
    output::{
        Format, OutputOptions,
        atomic::{OutputError, Staging},
        chunks,
        crops::{self, CropFormat, CropNames},
        graph, html, json, markdown,
        terminal::{self, TerminalOptions},
    },
    pipeline::AlignedDocument,
};

use super::{
    Failure, FailureCode, Job, Progress, WrittenFile,
    job::{crops_folder, target},
    protocol::{CROPS_LIST, CropsList},
};

/// Hears that the work goes on.
type OnProgress<'a> = &'a (dyn Fn(Progress) + Sync);

/// Writes the output under temporary names, the main file last; says what that is.
pub(super) fn write(
    job: &Job,
    aligned: &AlignedDocument,
    staging: &mut Staging,
    progress: OnProgress<'_>,
) -> Result<WrittenFile, OutputError> {
    let options = output_options(job);
    let folder = crops_folder(job).filter(|_| matches!(job.format, Format::Md | Format::Chunks));
    let crops = match &folder {
        Some(folder) => write_crops(aligned, &options, folder, staging, &mut |_, _| {
            progress(Progress::Writing);
        })?,
        None => CropNames::default(),
    };
    let folder_name = folder.as_deref().and_then(Path::file_name);
    let folder_name = folder_name.unwrap_or_default().to_string_lossy();
    let target = target(job);
    let mut written = WrittenFile {
        path: target.clone(),
        bytes: 0,
        sha256: String::new(),
    };
    staging.write(&target, |out| {
        let out = &mut Watched {
            out,
            progress,
            bytes: 0,
            hash: Sha256::new(),
        };
        match job.format {
            Format::Json => json::write(aligned, &options, out),
            Format::Html => html::write(aligned, &options, out),
            Format::Graphml => graph::write_graphml(aligned, &options, out),
            Format::Dot => graph::write_dot(aligned, &options, out),
            Format::Md => markdown::write(aligned, &options, &crops, &folder_name, out),
            Format::Chunks => chunks::write(aligned, &options, &crops, &folder_name, out),
        }?;
        written.bytes = out.bytes;
        written.sha256 = hex(&out.hash.finalize_reset());
        Ok(())
    })?;
    Ok(written)
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Writes the pictures of the visuals into a folder, and last the list of them; gives back the list,
/// or `None` where there is no picture.
pub(super) fn write_pictures(
    job: &Job,
    aligned: &AlignedDocument,
    format: CropFormat,
    staging: &mut Staging,
    progress: OnProgress<'_>,
) -> Result<Option<WrittenFile>, OutputError> {
    let folder = target(job).with_extension("crops");
    let options = OutputOptions {
        crop_format: format,
        ..output_options(job)
    };
    let mut files = BTreeMap::new();
    let names = write_crops(aligned, &options, &folder, staging, &mut |name, bytes| {
        progress(Progress::Writing);
        files.insert(name.to_owned(), OutputFile::of(name, bytes));
    })?;
    if files.is_empty() {
        return Ok(None);
    }
    let path = folder.join(CROPS_LIST);
    let visuals = aligned.visuals.iter().map(|visual| visual.id);
    let list: CropsList = visuals
        .map(|id| {
            let files = names.of(id).iter().filter_map(|name| files.remove(name));
            (id.to_string(), files.collect::<Vec<_>>())
        })
        .filter(|(_, files)| !files.is_empty())
        .collect();
    let bytes = serde_json::to_vec(&list).map_err(|error| OutputError {
        path: path.clone(),
        cause: error.into(),
    })?;
    staging.write(&path, |out| out.write_all(&bytes))?;
    Ok(Some(WrittenFile {
        path,
        bytes: bytes.len() as u64,
        sha256: hex(&Sha256::digest(&bytes)),
    }))
}

fn write_crops(
    aligned: &AlignedDocument,
    options: &OutputOptions,
    folder: &Path,
    staging: &mut Staging,
    on_file: &mut dyn FnMut(&str, &[u8]),
) -> Result<CropNames, OutputError> {
    // The sink's errors know the file; what comes back from the writer does not.
    let mut failed = None;
    let crops = crops::write(aligned, options, &mut |name, bytes| {
        on_file(name, bytes);
        let staged = staging
            .make_dir(folder)
            .and_then(|()| staging.write(&folder.join(name), |out| out.write_all(bytes)));
        staged.map_err(|error| {
            let kind = error.cause.kind();
            failed = Some(error);
            kind.into()
        })
    });
    match (crops, failed) {
        (_, Some(error)) => Err(error),
        (crops, None) => crops.map_err(|cause| OutputError {
            path: folder.to_path_buf(),
            cause,
        }),
    }
}

fn output_options(job: &Job) -> OutputOptions {
    OutputOptions {
        min_probability: job.min_probability,
        chunk_tokens: job.chunk_tokens as usize,
        pages: job.pages.clone(),
        ignore_annotations: job.ignore_annotations,
        blind: job.blind,
        ..OutputOptions::default()
    }
}

/// The table for the terminal, if one is wanted.
pub(super) fn terminal_table(
    job: &Job,
    aligned: &AlignedDocument,
) -> Result<Option<String>, Failure> {
    let Some(style) = job.table else {
        return Ok(None);
    };
    let look = TerminalOptions {
        width: usize::from(style.width),
        color: style.color,
    };
    let mut text = Vec::new();
    terminal::write(aligned, &output_options(job), look, &mut text)
        .map_err(|e| Failure::from_error(FailureCode::OutputFailed, &e))?;
    Ok(Some(String::from_utf8_lossy(&text).into_owned()))
}

/// Tells that the work goes on whenever something is written, and knows what was.
struct Watched<'a> {
    out: &'a mut dyn Write,
    progress: OnProgress<'a>,
    bytes: u64,
    hash: Sha256,
}

impl Write for Watched<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (self.progress)(Progress::Writing);
        let length = self.out.write(bytes)?;
        self.hash.update(bytes.get(..length).unwrap_or(bytes));
        self.bytes += length as u64;
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
