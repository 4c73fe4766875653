//! What the evaluation reads and writes.

use std::{
    fs,
    path::{Path, PathBuf},
};

use docalign::{
    corpus::inputs,
    evaluate::{CorpusList, Gold, PairPictures, Report},
};

use crate::cli::report::CommandError;

pub fn failed(path: &Path, error: &dyn std::fmt::Display) -> CommandError {
    CommandError::Failed(format!("{}: {error}", path.display()))
}

pub fn read_list(path: Option<&Path>) -> Result<CorpusList, CommandError> {
    let Some(path) = path else {
        return Ok(CorpusList::default());
    };
    CorpusList::parse(&read_text(path)?).map_err(|error| failed(path, &error))
}

pub fn read_text(path: &Path) -> Result<String, CommandError> {
    fs::read_to_string(path).map_err(|error| failed(path, &error))
}

/// The gold files of a folder, or the one given.
pub fn read_golds(path: &Path) -> Result<Vec<Gold>, CommandError> {
    let golds = find_files(std::slice::from_ref(&path.to_owned()), "json")?
        .iter()
        .map(|path| Gold::read_json(&read_text(path)?).map_err(|error| failed(path, &error)))
        .collect::<Result<Vec<Gold>, CommandError>>()?;
    if golds.is_empty() {
        return Err(CommandError::Usage(format!(
            "{}: no gold file found",
            path.display()
        )));
    }
    Ok(golds)
}

/// The files given and those of a kind in the folders given, sorted within each folder.
pub fn find_files(given: &[PathBuf], extension: &str) -> Result<Vec<PathBuf>, CommandError> {
    let mut files = Vec::new();
    for path in given {
        if path.is_dir() {
            let mut problem = None;
            inputs::find_in_folder(path, extension, &mut |found| match found {
                Ok(file) => files.push(file),
                Err(found) => problem = Some(found),
            });
            if let Some((path, error)) = problem {
                return Err(failed(&path, &error));
            }
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}

/// Writes report.json, report.md and report.html.
pub fn write_report(
    report: &Report,
    pictures: &PairPictures,
    folder: &Path,
) -> Result<(), CommandError> {
    fs::create_dir_all(folder).map_err(|error| failed(folder, &error))?;
    let mut json = Vec::new();
    let mut html = Vec::new();
    report
        .write_json(&mut json)
        .and_then(|()| report.write_html(pictures, &mut html))
        .map_err(|error| failed(folder, &error))?;
    for (name, content) in [
        ("report.json", json),
        ("report.md", report.to_markdown().into_bytes()),
        ("report.html", html),
    ] {
        let path = folder.join(name);
        let part = folder.join(format!(".{name}.part"));
        fs::write(&part, content)
            .and_then(|()| fs::rename(&part, &path))
            .map_err(|error| failed(&path, &error))?;
    }
    Ok(())
}
