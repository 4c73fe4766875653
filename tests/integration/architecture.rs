//! Dependencies point one way, and a PDF library's types stay in `src/pdf/`.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The modules by level; a module may name those of its own line and of the lines above it.
const LEVELS: &[&[&str]] = &[
    &["geometry", "mention", "random"],
    &["network", "warning"],
    &["pdf"],
    &["segment"],
    &["blind", "detect"],
    &["graph"],
    &["model"],
    &["align"],
    &["pipeline"],
    &["output"],
    &["corpus", "evaluate", "find", "plan", "train", "worker"],
    &["cli"],
];

/// Crates whose types stay in one folder.
const WALLED_IN: &[(&str, &str)] = &[
    ("hayro", "pdf"),
    ("hayro_interpret", "pdf"),
    ("hayro_font", "pdf"),
    ("hayro_syntax", "pdf"),
    ("lopdf", "pdf"),
    ("pdf_extract", "pdf"),
    ("parquet", "output"),
    ("rten", "network"),
    ("rten_onnx", "network"),
    ("rten_tensor", "network"),
];

fn level(module: &str) -> Option<usize> {
    LEVELS.iter().position(|level| level.contains(&module))
}

fn source_files(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            source_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The module of a file: its folder or its own name under `src`.
fn module_of(file: &Path, src: &Path) -> String {
    let inside = file.strip_prefix(src).unwrap();
    let first = inside.components().next().unwrap().as_os_str();
    Path::new(first)
        .file_stem()
        .unwrap()
        .to_str()
        .unwrap()
        .to_owned()
}

/// A file's code, without comments and without its tests.
fn code_of(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap();
    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
    code.lines()
        .map(|line| line.split("//").next().unwrap_or(line))
        .collect::<Vec<_>>()
        .join("\n")
}

/// The modules of this package that a text names: after `crate::` or `docalign::`, one or a list.
fn named_modules(code: &str) -> Vec<String> {
    let mut modules = Vec::new();
    for root in ["crate::", "docalign::"] {
        for (at, _) in code.match_indices(root) {
            let before = code[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '$') {
                continue;
            }
            modules.extend(heads(&code[at + root.len()..]));
        }
    }
    modules
}

/// The first names of a path or of a braced list of paths.
fn heads(rest: &str) -> Vec<String> {
    let name = |text: &str| -> String {
        text.trim_start()
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect()
    };
    let Some(list) = rest.strip_prefix('{') else {
        return vec![name(rest)];
    };
    let mut heads = vec![name(list)];
    let mut depth = 0;
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => heads.push(name(&list[at + 1..])),
            _ => {}
        }
    }
    heads.retain(|head| !head.is_empty());
    heads
}

#[test]
fn dependencies_point_one_way() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    source_files(&src, &mut files);
    assert!(files.len() > 10, "the sources are found");
    let mut wrong = Vec::new();
    for file in &files {
        let module = module_of(file, &src);
        if module == "lib" || module == "main" {
            continue;
        }
        let Some(own) = level(&module) else {
            wrong.push(format!("{module} has no level: give it one"));
            continue;
        };
        for named in named_modules(&code_of(file)) {
            if level(&named).is_some_and(|level| level > own) {
                wrong.push(format!("{} names crate::{named}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn libraries_stay_behind_their_walls() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    source_files(&src, &mut files);
    let mut uses = 0;
    for file in &files {
        let code = code_of(file);
        for (library, wall) in WALLED_IN {
            let named = code.match_indices(library).any(|(at, _)| {
                let after = code[at + library.len()..].trim_start();
                let before = code[..at].chars().next_back();
                after.starts_with("::") && !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
            });
            if named {
                uses += 1;
                assert_eq!(
                    module_of(file, &src),
                    *wall,
                    "{} names {library}",
                    file.display()
                );
            }
        }
    }
    assert!(uses > 0, "the libraries are found where they may be");
}

#[test]
fn heads_are_read_from_paths_and_lists() {
    let code = "use crate::{\n align::{Link, pdf::X},\n geometry,\n};\nlet x = crate::pdf::read();";
    assert_eq!(named_modules(code), ["align", "geometry", "pdf"]);
}
