//! The Parquet tables: what they hold, and that they hold it once, whatever happens.

use std::{collections::BTreeMap, fs, fs::File};

use docalign::{corpus::journal::Entry, output::alignment_file::name_of};
use parquet::file::reader::{FileReader, SerializedFileReader};

use super::{Corpus, files_under, small};
use crate::support::program::Sandbox;

type Row = BTreeMap<String, String>;

/// All rows of a table, from all its files.
fn rows(corpus: &Corpus, table: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    for path in files_under(&corpus.out().join("tables").join(table)) {
        let reader = SerializedFileReader::new(File::open(path).unwrap()).unwrap();
        for row in reader.get_row_iter(None).unwrap() {
            let row = row.unwrap();
            let columns = row.get_column_iter();
            rows.push(
                columns
                    .map(|(name, field)| (name.clone(), field.to_string()))
                    .collect(),
            );
        }
    }
    rows
}

/// The values of a column, sorted.
fn column(rows: &[Row], name: &str) -> Vec<String> {
    let mut values: Vec<String> = rows.iter().map(|row| row[name].clone()).collect();
    values.sort();
    values
}

fn with_thesis() -> Corpus {
    let corpus = Corpus::of(2);
    let thesis = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/thesis/thesis.pdf");
    fs::copy(thesis, corpus.sandbox.path("in/thesis.pdf")).unwrap();
    corpus
}

/// The texts of a list.
fn texts(cell: &str) -> Vec<&str> {
    cell.split('"').skip(1).step_by(2).collect()
}

#[test]
fn tables_say_what_the_alignment_files_say() {
    let corpus = with_thesis();
    corpus.add("copy.pdf", &small(0));
    corpus.add("bad.pdf", b"no");
    assert_eq!(corpus.run(&["--workers", "1"]).code, Some(1));
    let thesis = corpus.outcomes()["thesis.pdf"].clone();
    let text = fs::read_to_string(corpus.out().join(&thesis.output.unwrap().name)).unwrap();
    let file = docalign::output::json::read(&text).unwrap();
    let sha256 = format!("\"{}\"", thesis.sha256.unwrap());
    let of_thesis = |table: &str| -> Vec<Row> {
        let rows = rows(&corpus, table).into_iter();
        rows.filter(|row| row["document"] == sha256).collect()
    };

    let paragraphs = of_thesis("paragraphs");
    assert_eq!(paragraphs.len(), file.paragraphs.len());
    for (row, paragraph) in paragraphs.iter().zip(&file.paragraphs) {
        assert_eq!(row["paragraph"], format!("\"{}\"", paragraph.id));
        assert_eq!(row["text"], format!("\"{}\"", paragraph.text));
        let page = paragraph.regions[0].page.0.to_string();
        assert_eq!(row["page"], page);
        let boxes = row["regions"].matches("page:").count();
        assert_eq!(boxes, paragraph.regions.len(), "{}", row["regions"]);
        let titles = row["section"].matches('"').count() / 2;
        assert_eq!(titles, paragraph.section.len(), "{}", row["section"]);
    }
    let visuals = of_thesis("visuals");
    assert_eq!(visuals.len(), file.visuals.len());
    for (row, visual) in visuals.iter().zip(&file.visuals) {
        let label = visual.label.as_deref();
        let label = label.map_or("null".to_owned(), |label| format!("\"{label}\""));
        assert_eq!(row["label"], label);
        let linked = file.links.iter().any(|link| link.visual == visual.id);
        assert_eq!(row["linked"], linked.to_string());
    }
    let links = of_thesis("links");
    assert_eq!(links.len(), file.links.len());
    for (row, link) in links.iter().zip(&file.links) {
        assert_eq!(row["visual"], format!("\"{}\"", link.visual));
        assert_eq!(row["mention"] == "null", link.mention.is_none());
        let reasons: Vec<String> = link.reasons.iter().map(name_of).collect();
        assert_eq!(texts(&row["reasons"]), reasons);
    }
    let documents = rows(&corpus, "documents");
    assert_eq!(documents.len(), 4);
    let copies = documents.iter().filter(|row| row["duplicate_of"] != "null");
    assert_eq!(copies.count(), 1);
    let failures = rows(&corpus, "failures");
    assert_eq!(column(&failures, "code"), ["\"not-a-pdf\""]);
    assert_eq!(column(&failures, "path"), ["\"in/bad.pdf\""]);
}

#[test]
fn each_file_is_in_one_table_after_changes_and_retries() {
    let corpus = Corpus::of(5);
    corpus.add("bad.pdf", b"no");
    assert_eq!(corpus.run(&[]).code, Some(1));
    corpus.add("bad.pdf", &small(50));
    corpus.add("0001.pdf", &small(51));
    corpus.add("new.pdf", &small(52));
    corpus.succeeds(&[]);
    let documents = rows(&corpus, "documents");
    let paths = ["0000", "0001", "0002", "0003", "0004", "bad", "new"];
    assert_eq!(
        column(&documents, "path"),
        paths.map(|name| format!("\"in/{name}.pdf\""))
    );
    assert_eq!(rows(&corpus, "failures").len(), 0);
    let hashes = column(&documents, "sha256");
    let paragraphs = rows(&corpus, "paragraphs");
    assert_eq!(column(&paragraphs, "document"), hashes);

    // A lost alignment file, though its content is in a table, and a copy that is in another one.
    corpus.add("zcopy.pdf", &small(3));
    corpus.succeeds(&[]);
    let lost = corpus.outcomes()["0003.pdf"].output.clone().unwrap().name;
    fs::remove_file(corpus.out().join(&lost)).unwrap();
    // By one worker, so that the copy comes last again.
    let run = corpus.succeeds(&["--workers", "1"]);
    assert!(run.stderr.contains("2 files to do"), "{}", run.stderr);
    assert!(corpus.out().join(&lost).exists());
    assert_eq!(rows(&corpus, "documents").len(), 8);
    assert_eq!(column(&rows(&corpus, "paragraphs"), "document"), hashes);

    // Tables that are gone, cut or nobody's.
    let parts = files_under(&corpus.out().join("tables/paragraphs"));
    fs::remove_file(&parts[0]).unwrap();
    fs::write(
        corpus.out().join("tables/links/part-0-of-1-000099.parquet"),
        "",
    )
    .unwrap();
    corpus.succeeds(&[]);
    assert_eq!(column(&rows(&corpus, "paragraphs"), "document"), hashes);
    let mut documents = column(&rows(&corpus, "documents"), "sha256");
    assert_eq!(documents.len(), 8);
    documents.dedup();
    assert_eq!(documents, hashes);
}

#[test]
fn tables_alone() {
    let corpus = Corpus::of(4);
    let alone = &["--format", "parquet"][..];
    corpus.succeeds(alone);
    let entries = corpus.journal();
    assert!(files_under(&corpus.out().join("documents")).is_empty());
    assert_eq!(rows(&corpus, "documents").len(), 4);
    assert_eq!(rows(&corpus, "documents")[0]["output"], "null");
    corpus.succeeds(alone);
    assert_eq!(corpus.journal(), entries, "nothing is done twice");
    // Without the tables there is nothing left of the files.
    fs::remove_dir_all(corpus.out().join("tables")).unwrap();
    corpus.succeeds(alone);
    assert_eq!(rows(&corpus, "documents").len(), 4);
    let parts = corpus.journal().into_iter();
    let parts = parts.filter(|entry| matches!(entry, Entry::Part(_)));
    assert_eq!(parts.count(), 2);
}

#[test]
fn crops_lie_where_the_table_says() {
    let corpus = with_thesis();
    corpus.succeeds(&["--crops"]);
    let visuals = rows(&corpus, "visuals");
    let mut named: Vec<String> = visuals
        .iter()
        .flat_map(|row| texts(&row["crops"]))
        .map(str::to_owned)
        .collect();
    named.sort();
    assert!(named.len() > 5, "{named:?}");
    let mut found: Vec<String> = files_under(&corpus.out().join("crops"))
        .iter()
        .map(|path| {
            path.strip_prefix(corpus.out())
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned()
        })
        .filter(|name| !name.ends_with("/index.json"))
        .collect();
    found.sort();
    assert_eq!(named, found);
    for name in &found {
        let png = fs::read(corpus.out().join(name)).unwrap();
        assert!(png.starts_with(b"\x89PNG"), "{name}");
    }
    // One that was changed is noticed by those who look.
    let damaged = corpus.out().join(&found[0]);
    let mut bytes = fs::read(&damaged).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&damaged, bytes).unwrap();
    let run = corpus.succeeds(&["--crops", "--verify"]);
    assert!(run.stderr.contains("1 files to do"), "{}", run.stderr);
    // Without its pictures a document is not done.
    let record = corpus.outcomes()["thesis.pdf"].clone();
    let list = corpus.out().join(record.crops.unwrap().name);
    fs::remove_dir_all(list.parent().unwrap()).unwrap();
    let run = corpus.succeeds(&["--crops"]);
    assert!(run.stderr.contains("1 files to do"), "{}", run.stderr);
    assert!(list.exists());
    assert_eq!(corpus.run(&[]).code, Some(2), "other settings");
}

#[test]
fn crops_as_webp() {
    let corpus = with_thesis();
    corpus.succeeds(&["--crops=webp"]);
    let files = files_under(&corpus.out().join("crops"));
    let pictures = files.iter().filter(|file| !file.ends_with("index.json"));
    let mut count = 0;
    for path in pictures {
        assert_eq!(path.extension().unwrap(), "webp");
        let picture = image::load_from_memory(&fs::read(path).unwrap()).unwrap();
        assert!(picture.width() > 20, "{}", path.display());
        count += 1;
    }
    assert!(count > 5, "{files:?}");
}

#[test]
fn files_alone() {
    let corpus = Corpus::of(2);
    corpus.succeeds(&["--format", "json"]);
    assert!(!corpus.out().join("tables").exists());
    let run = corpus.run(&[]);
    assert_eq!(run.code, Some(2), "{}", run.stderr);
    assert!(run.stderr.contains("formats.parquet"), "{}", run.stderr);
}

#[test]
fn the_columns_are_documented() {
    let run = Sandbox::new().run(["schema", "--tables"]);
    assert_eq!(run.code, Some(0));
    assert!(
        run.stdout.starts_with("# docalign-tables/1\n"),
        "{}",
        run.stdout
    );
    assert!(
        run.stdout.contains("| probability | float |"),
        "{}",
        run.stdout
    );
}
