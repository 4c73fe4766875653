//! What the evaluation reads and writes.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use docalign::evaluate::{CorpusList, Gold, PairPictures, Report};

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
            find_in_folder(path, extension, &mut files).map_err(|error| failed(path, &error))?;
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}

fn find_in_folder(folder: &Path, extension: &str, files: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        // A link to a folder may lead back to where we are.
        if entry.file_type()?.is_dir() {
            find_in_folder(&path, extension, files)?;
        } else if path
            .extension()
            .is_some_and(|own| own.eq_ignore_ascii_case(extension))
        {
            files.push(path);
        }
    }
    Ok(())
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
