//! Vectors of paragraphs and visuals as a Parquet table, for `docalign find` and any vector store.

use std::{collections::BTreeMap, fs::File, io};

use parquet::{
    errors::ParquetError,
    file::reader::{FileReader, SerializedFileReader},
    record::{ListAccessor, Row, RowAccessor},
};

use crate::geometry::PageIndex;

use super::table::{Cell, Field, Shape, Table, field};

/// The version of the table, a note in the file. Columns may be added within a version.
pub const SCHEMA_VERSION: &str = "docalign-embeddings/1";
/// The notes in the file.
const SCHEMA: &str = "schema";
const ENCODER: &str = "encoder";

const FIELDS: [Field; 5] = [
    field("document", Shape::Text, "SHA-256 of the PDF"),
    field("id", Shape::Text, "paragraph (p12) or visual (v7)"),
    field("page", Shape::Int, "first page, from 0"),
    field("text", Shape::Text, "what the vector is of"),
    field(
        "vector",
        Shape::Reals,
        "of length 1, or all 0 where there is no word",
    ),
];

/// A row of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct Embedding<'a> {
    /// SHA-256 of the PDF.
    pub document: &'a str,
    /// A paragraph's or visual's id.
    pub id: String,
    /// Its first page.
    pub page: PageIndex,
    /// What the vector is of.
    pub text: &'a str,
    /// The vector.
    pub vector: &'a [f32],
}

/// The file with these rows; `encoder` is the hash of what made the vectors.
///
/// # Errors
/// When the table cannot be put together.
pub fn to_bytes<'a>(
    encoder: &str,
    rows: impl Iterator<Item = Embedding<'a>>,
) -> io::Result<Vec<u8>> {
    let notes = [(SCHEMA, SCHEMA_VERSION), (ENCODER, encoder)];
    let mut table = Table::new("embeddings", &FIELDS, &notes)?;
    for row in rows {
        table.row(&[
            Cell::Text(row.document),
            Cell::Text(&row.id),
            Cell::Int(row.page.0),
            Cell::Text(row.text),
            Cell::Reals(row.vector),
        ])?;
    }
    table.finish()
}

/// Vectors that were made before.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Embeddings {
    /// The hash of the encoder that made them.
    pub encoder: String,
    /// Texts and their vectors by document and id.
    vectors: BTreeMap<(String, String), (String, Vec<f32>)>,
}

impl Embeddings {
    /// Reads such a table.
    ///
    /// # Errors
    /// When the file is no Parquet file, or another table.
    pub fn read(file: File) -> io::Result<Embeddings> {
        let reader = SerializedFileReader::new(file).map_err(io::Error::other)?;
        let notes = reader.metadata().file_metadata().key_value_metadata();
        let note = |key: &str| {
            let mut notes = notes.into_iter().flatten();
            let found = notes.find(|note| note.key == key);
            found.and_then(|note| note.value.clone())
        };
        if note(SCHEMA).as_deref() != Some(SCHEMA_VERSION) {
            let why = format!("it is no table of the version {SCHEMA_VERSION}");
            return Err(io::Error::new(io::ErrorKind::InvalidData, why));
        }
        let rows = reader.get_row_iter(None).map_err(io::Error::other)?;
        let rows = rows.map(|row| entry(&row?)).collect::<Result<_, _>>();
        Ok(Embeddings {
            encoder: note(ENCODER).unwrap_or_default(),
            vectors: rows.map_err(io::Error::other)?,
        })
    }

    /// The vector of a paragraph or visual of a document, if it is of this text: another version of
    /// the program may number others so.
    pub fn get(&self, document: &str, id: &str, text: &str) -> Option<&[f32]> {
        let (of, vector) = self.vectors.get(&(document.to_owned(), id.to_owned()))?;
        (of == text).then_some(vector)
    }
}

/// A row of [`Embeddings`].
type Entry = ((String, String), (String, Vec<f32>));

fn entry(row: &Row) -> Result<Entry, ParquetError> {
    let numbers = row.get_list(4)?;
    let vector = (0..numbers.len()).map(|at| numbers.get_float(at));
    let text = |at: usize| row.get_string(at).cloned();
    Ok((
        (text(0)?, text(1)?),
        (text(3)?, vector.collect::<Result<_, _>>()?),
    ))
}

#[cfg(test)]
mod tests {
    use std::io::{Seek, Write};

    use super::*;

    fn file(bytes: &[u8]) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file.rewind().unwrap();
        file
    }

    #[test]
    fn vectors_come_back_as_they_were() {
        let row = |id: &str, vector| Embedding {
            document: "ab",
            id: id.to_owned(),
            page: PageIndex(3),
            text: "a pump",
            vector,
        };
        let rows = [row("p1", &[0.6, -0.8][..]), row("v1", &[][..])];
        let bytes = to_bytes("hash", rows.into_iter()).unwrap();
        let read = Embeddings::read(file(&bytes)).unwrap();
        assert_eq!(read.encoder, "hash");
        assert_eq!(read.get("ab", "p1", "a pump"), Some(&[0.6, -0.8][..]));
        assert_eq!(read.get("ab", "v1", "a pump"), Some(&[][..]));
        assert_eq!(read.get("ab", "p2", "a pump"), None);
        assert_eq!(read.get("ab", "p1", "a valve"), None);
    }

    #[test]
    fn other_files_are_refused() {
        assert!(Embeddings::read(file(b"no table")).is_err());
        let table = Table::new("other", &FIELDS, &[]).unwrap().finish().unwrap();
        let error = Embeddings::read(file(&table)).unwrap_err();
        assert!(error.to_string().contains(SCHEMA_VERSION), "{error}");
    }
}
