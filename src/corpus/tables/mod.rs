//! The corpus as tables, for DuckDB, pandas, Polars and their like: a Parquet file of each table
//! for each batch of files, so that a run's tables grow with it and shards' lie side by side.

mod fields;
mod rows;

use std::{fs, io};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    output::{
        atomic::{OutputError, Staging},
        json,
        table::Table,
    },
    worker::{CROPS_LIST, CropsList, Failure, FailureCode, WrittenFile, hex, os_path},
};

use super::Record;

pub use fields::{SCHEMA_VERSION, TABLES, TableFields};

/// A batch of files to write tables of.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TablesJob {
    /// Part of the names of temporary files.
    pub tag: String,
    /// The corpus' folder, where the alignment files are.
    #[serde(with = "os_path")]
    pub root: std::path::PathBuf,
    /// Where to write.
    #[serde(with = "os_path")]
    pub staging: std::path::PathBuf,
    /// Whether the alignment files stay there.
    pub keeps_json: bool,
    /// What became of the files.
    pub records: Vec<Record>,
}

/// Writes the tables of a batch, in the order of [`TABLES`]; `on_progress` is called after each
/// document.
///
/// # Errors
/// When an alignment file cannot be read or a table not be written.
pub fn write(job: &TablesJob, on_progress: &dyn Fn()) -> Result<Vec<WrittenFile>, Failure> {
    let mut tables = rows::Tables::new(job.keeps_json).map_err(unwritten)?;
    for record in &job.records {
        match &record.output {
            Some(output) => {
                let path = job.root.join(&output.name);
                let text = fs::read(&path).map_err(|cause| {
                    Failure::from_error(FailureCode::OutputFailed, &OutputError { path, cause })
                })?;
                if hex(&Sha256::digest(&text)) != output.sha256 {
                    let name = &output.name;
                    let message = format!("{name} is not what was written; run with --verify");
                    return Err(Failure::new(FailureCode::InputChanged, message));
                }
                let text = String::from_utf8_lossy(&text);
                let file = json::read(&text).map_err(|error| {
                    let message = format!("{}: {error}", output.name);
                    Failure::new(FailureCode::OutputFailed, message)
                })?;
                let crops = crops(job, record)?;
                tables
                    .add(record, Some((&file, &crops)))
                    .map_err(unwritten)?;
            }
            None => tables.add(record, None).map_err(unwritten)?,
        }
        on_progress();
    }
    let mut staging = Staging::new(&job.tag);
    let mut written = Vec::new();
    for (fields, table) in TABLES.iter().zip(tables.into_all()) {
        let name = format!(".docalign-{}-{}", job.tag, fields.name);
        written.push(write_table(&mut staging, &job.staging.join(name), table)?);
        on_progress();
    }
    staging.commit()?;
    Ok(written)
}

/// The pictures of a document's visuals, from the corpus' folder on.
fn crops(job: &TablesJob, record: &Record) -> Result<CropsList, Failure> {
    let Some(list) = &record.crops else {
        return Ok(CropsList::new());
    };
    let path = job.root.join(&list.name);
    let folder = list.name.strip_suffix(CROPS_LIST).unwrap_or_default();
    let read = fs::read(&path).and_then(|bytes| Ok(serde_json::from_slice(&bytes)?));
    let mut crops: CropsList = read.map_err(|cause| {
        Failure::from_error(FailureCode::OutputFailed, &OutputError { path, cause })
    })?;
    for crop in crops.values_mut().flatten() {
        crop.name.insert_str(0, folder);
    }
    Ok(crops)
}

fn write_table(
    staging: &mut Staging,
    path: &std::path::Path,
    table: Table,
) -> Result<WrittenFile, Failure> {
    let bytes = table.finish().map_err(unwritten)?;
    staging.write(path, |out| out.write_all(&bytes))?;
    Ok(WrittenFile {
        path: path.to_path_buf(),
        bytes: bytes.len() as u64,
        sha256: hex(&Sha256::digest(&bytes)),
    })
}

fn unwritten(error: io::Error) -> Failure {
    Failure::from_error(FailureCode::Crash, &error)
}
