//! What the tables hold. Columns may be added within a version; none is taken away or changes its
//! meaning.

use crate::output::table::{Field, Shape, field};

/// The version of the tables.
pub const SCHEMA_VERSION: &str = "docalign-tables/1";

/// A table and its columns.
#[derive(Debug, Clone, Copy)]
pub struct TableFields {
    /// Its name, and its folder's.
    pub name: &'static str,
    /// What a row is.
    pub meaning: &'static str,
    /// Its columns.
    pub fields: &'static [Field],
}

const DOCUMENT: Field = field(
    "document",
    Shape::Text,
    "SHA-256 of the PDF: `documents.sha256`",
);
const PATH: Field = field(
    "path",
    Shape::Text,
    "the file as given or found; bytes that are no UTF-8 as U+FFFD",
);
const PAGE: Field = field("page", Shape::MaybeInt, "first page, from 0");
const REGIONS: Field = field(
    "regions",
    Shape::Regions,
    "where it stands, in points from the top left",
);

const fn count(name: &'static str) -> Field {
    field(name, Shape::Int, "how many")
}

/// All tables.
pub const TABLES: [TableFields; 5] = [
    TableFields {
        name: "documents",
        meaning: "a file that has an output, whole or partial, copies of others too",
        fields: DOCUMENTS,
    },
    TableFields {
        name: "paragraphs",
        meaning: "a paragraph of a document, in reading order",
        fields: PARAGRAPHS,
    },
    TableFields {
        name: "visuals",
        meaning: "a figure, table, listing or formula, in document order",
        fields: VISUALS,
    },
    TableFields {
        name: "links",
        meaning: "a paragraph that belongs to a visual",
        fields: LINKS,
    },
    TableFields {
        name: "failures",
        meaning: "a file without an output, or what is missing in a partial one",
        fields: FAILURES,
    },
];

const DOCUMENTS: &[Field] = &[
    field("sha256", Shape::Text, "of the PDF, lower-case hex"),
    PATH,
    field("status", Shape::Text, "`done` or `partial`"),
    field(
        "duplicate_of",
        Shape::MaybeText,
        "path of the file with the same content whose rows stand for this one's",
    ),
    field(
        "output",
        Shape::MaybeText,
        "the alignment file, from the corpus' folder on",
    ),
    field("bytes", Shape::Long, "size of the PDF"),
    field("title", Shape::MaybeText, "as the file states it"),
    field("language", Shape::MaybeText, "of most of the text"),
    field("page_count", Shape::Int, "pages of the PDF"),
    field("pages", Shape::Int, "pages that were read"),
    count("paragraphs"),
    count("visuals"),
    count("links"),
    count("warnings"),
];

const PARAGRAPHS: &[Field] = &[
    DOCUMENT,
    field("paragraph", Shape::Text, "id in the document: p1, p2, ..."),
    field(
        "kind",
        Shape::Text,
        "body, heading, caption, ... as in the alignment file",
    ),
    field(
        "text",
        Shape::Text,
        "lines joined, hyphens at line ends undone",
    ),
    field(
        "language",
        Shape::MaybeText,
        "ISO 639-1 code, where it can be told",
    ),
    field(
        "section",
        Shape::Texts,
        "titles of the sections it stands in, outermost first",
    ),
    PAGE,
    REGIONS,
    field(
        "mentions",
        Shape::Texts,
        "the words that name visuals, in order",
    ),
];

const VISUALS: &[Field] = &[
    DOCUMENT,
    field("visual", Shape::Text, "id in the document: v1, v2, ..."),
    field(
        "kind",
        Shape::Text,
        "figure, table, ... as in the alignment file",
    ),
    field("label", Shape::MaybeText, "as printed: Figure 3.2"),
    field("caption", Shape::MaybeText, "id of the caption's paragraph"),
    PAGE,
    REGIONS,
    field(
        "score",
        Shape::Real,
        "how sure it is that this is one visual with these bounds",
    ),
    field("sources", Shape::Texts, "what spoke for it"),
    field(
        "alt_text",
        Shape::MaybeText,
        "alternative text that the PDF gives",
    ),
    field("text", Shape::Text, "the text inside it"),
    field("linked", Shape::Bool, "whether a paragraph belongs to it"),
    field(
        "crops",
        Shape::Texts,
        "its pictures, from the corpus' folder on, one per region that could be drawn; with --crops",
    ),
];

const LINKS: &[Field] = &[
    DOCUMENT,
    field("paragraph", Shape::Text, "id of the paragraph"),
    field("visual", Shape::Text, "id of the visual"),
    field(
        "probability",
        Shape::Real,
        "how likely the two belong together",
    ),
    field("evidence", Shape::Texts, "what speaks for it"),
    field(
        "reasons",
        Shape::Texts,
        "what carried the network's score where it speaks for the link, the strongest first",
    ),
    field("mention", Shape::MaybeText, "the words that state it"),
    field(
        "paragraph_page",
        Shape::MaybeInt,
        "first page of the paragraph, from 0",
    ),
    field(
        "visual_page",
        Shape::MaybeInt,
        "first page of the visual, from 0",
    ),
];

const FAILURES: &[Field] = &[
    PATH,
    field(
        "sha256",
        Shape::MaybeText,
        "of the file, where it could be read",
    ),
    field("status", Shape::Text, "`failed` or `partial`"),
    field("code", Shape::Text, "what happened, for programs"),
    field("cause", Shape::Text, "what happened, for people"),
    field(
        "page",
        Shape::MaybeInt,
        "where it happened, from 0, if that is known",
    ),
    field(
        "duplicate_of",
        Shape::MaybeText,
        "path of the file with the same content that was tried",
    ),
];
