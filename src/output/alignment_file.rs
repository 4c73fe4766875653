//! The types of the alignment file, version `docalign/1`: what [`super::json`] writes and other
//! programs read.
//!
//! Texts are borrowed, so that a file can be written from a document without a second copy of it,
//! and read without a copy of the file's own text. Fields and enum values may be added within a
//! version; none is taken away or changes its meaning.

use std::{borrow::Cow, collections::BTreeMap};

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    align::Evidence,
    detect::{DetectMode, Source, VisualId, VisualKind, network::ObjectClass},
    geometry::{PageIndex, Rect, Region},
    graph::Aspect,
    mention::{LabelKind, Place},
    segment::{ParagraphId, ParagraphKind},
    warning::Warning,
};

use super::shown::rounded;

/// A file of version `docalign/1`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "docalign alignment file")]
pub struct AlignmentFile<'a> {
    /// The version of this format.
    pub schema: SchemaVersion,
    /// What wrote the file.
    #[serde(borrow)]
    pub generator: Generator<'a>,
    /// The PDF as a whole.
    #[serde(borrow)]
    pub document: DocumentRecord<'a>,
    /// The pages that were read, in the file's order.
    #[serde(borrow)]
    pub pages: Vec<PageRecord<'a>>,
    /// All paragraphs in reading order.
    #[serde(borrow)]
    pub paragraphs: Vec<ParagraphRecord<'a>>,
    /// All visuals in document order.
    #[serde(borrow)]
    pub visuals: Vec<VisualRecord<'a>>,
    /// Which paragraph belongs to which visual, by paragraph, then by falling probability.
    pub links: Vec<LinkRecord>,
    /// What could not be linked.
    #[serde(borrow)]
    pub unaligned: Unaligned<'a>,
    /// What went wrong without stopping the work.
    pub warnings: Vec<Warning>,
}

/// The version of the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum SchemaVersion {
    /// The first version.
    #[serde(rename = "docalign/1")]
    V1,
}

/// The program that wrote the file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Generator<'a> {
    /// Its name.
    pub name: Cow<'a, str>,
    /// Its version.
    pub version: Cow<'a, str>,
    /// Hashes of the networks that took part, by their role; empty where none did.
    pub models: BTreeMap<String, String>,
    /// The options that bear on the content.
    pub options: GeneratorOptions,
}

/// The options that bear on the content of the file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GeneratorOptions {
    /// Links below this were left out.
    #[serde(serialize_with = "four_digits")]
    pub min_probability: f32,
    /// First and last page asked for as 1-based numbers, "5-40"; `null` for all.
    pub pages: Option<String>,
    /// Whether link annotations were left unread.
    pub ignore_annotations: bool,
    /// Whether mentions were hidden from the program.
    pub blind: bool,
    /// Which pages the network looked at.
    #[serde(default)]
    pub detect: DetectMode,
}

/// The PDF as a whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DocumentRecord<'a> {
    /// File name without its folder.
    pub file_name: Cow<'a, str>,
    /// SHA-256 of the file, lower-case hex.
    pub sha256: Cow<'a, str>,
    /// Title as the file states it.
    pub title: Option<Cow<'a, str>>,
    /// Language of most of the text, else the one the file states; ISO 639-1 or BCP 47.
    pub language: Option<Cow<'a, str>>,
    /// Number of pages in the PDF, those not asked for included.
    pub page_count: u32,
    /// The bookmarks in order.
    #[serde(borrow)]
    pub outline: Vec<OutlineRecord<'a>>,
}

/// A bookmark.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OutlineRecord<'a> {
    /// Its text.
    pub title: Cow<'a, str>,
    /// Depth, 1 for the top.
    pub level: u8,
    /// The 0-based page it leads to.
    pub page: Option<PageIndex>,
}

/// A page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PageRecord<'a> {
    /// 0-based place in the PDF.
    pub index: PageIndex,
    /// What the document prints or declares as its number ("xii", "3-4").
    pub label: Option<Cow<'a, str>>,
    /// Width of the visible page in points, after rotation.
    #[serde(serialize_with = "two_digits")]
    pub width: f32,
    /// Height of the visible page in points, after rotation.
    #[serde(serialize_with = "two_digits")]
    pub height: f32,
    /// What the network sees on the page, best first; only where it was asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub objects: Vec<ObjectRecord>,
}

/// Something that the network sees on a page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ObjectRecord {
    /// What it is.
    pub class: ObjectClass,
    /// Where.
    pub bbox: Rect,
    /// How sure the network is, 0 to 1.
    #[serde(serialize_with = "four_digits")]
    pub score: f32,
    /// Whether the score reaches the threshold of its class.
    pub sure: bool,
}

/// A logical paragraph.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ParagraphRecord<'a> {
    /// "p1", "p2", ... in reading order.
    pub id: ParagraphId,
    /// What it is for.
    pub kind: ParagraphKind,
    /// Its text, lines joined and hyphens at line ends undone.
    pub text: Cow<'a, str>,
    /// ISO 639-1 code of its language, where it can be told.
    pub language: Option<Cow<'a, str>>,
    /// Titles of the sections it stands in, outermost first.
    pub section: Cow<'a, [String]>,
    /// Byte offsets of the sentences into the UTF-8 text.
    pub sentences: Vec<[usize; 2]>,
    /// Where it stands: one box per column or page it runs over.
    pub regions: Cow<'a, [Region]>,
    /// The places where it names visuals, in order.
    #[serde(borrow)]
    pub mentions: Vec<MentionRecord<'a>>,
}

/// A span of a paragraph that names visuals.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MentionRecord<'a> {
    /// Byte offsets into the paragraph's UTF-8 text.
    pub span: [usize; 2],
    /// The text of the span.
    pub text: Cow<'a, str>,
    /// What it calls the visuals.
    pub kind: LabelKind,
    /// The numbers it names in normal form, ranges expanded: "3a", "3b".
    pub labels: Vec<String>,
    /// The places it points at instead of a number ("the figure above"); empty for most mentions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<Place>,
    /// Printed labels of the pages it points at instead ("the table on page xii").
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pages: Vec<String>,
    /// Whether it names another work's visual ("Figure 3 of \[12\]"); left out where it does not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub elsewhere: bool,
}

/// A figure, table, listing or formula.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VisualRecord<'a> {
    /// "v1", "v2", ... in document order.
    pub id: VisualId,
    /// What it is.
    pub kind: VisualKind,
    /// Its label as printed: "Figure 3.2".
    pub label: Option<Cow<'a, str>>,
    /// Its caption.
    pub caption: Option<ParagraphId>,
    /// Further captions of the same visual ("Figure 3 (continued)", or in another language); empty for most
    /// visuals.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub continued: Vec<ParagraphId>,
    /// Where it stands.
    pub regions: Cow<'a, [Region]>,
    /// How sure it is that this is one visual with these bounds, 0 to 1.
    #[serde(serialize_with = "four_digits")]
    pub score: f32,
    /// What spoke for it.
    pub sources: Cow<'a, [Source]>,
    /// Alternative text that the PDF gives.
    pub alt_text: Option<Cow<'a, str>>,
    /// The text inside it (axis labels, cells), in reading order.
    pub text: Cow<'a, str>,
}

/// A paragraph that belongs to a visual.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LinkRecord {
    /// The paragraph.
    pub paragraph: ParagraphId,
    /// The visual.
    pub visual: VisualId,
    /// How likely the two belong together, 0 to 1.
    #[serde(serialize_with = "four_digits")]
    pub probability: f32,
    /// What speaks for it.
    pub evidence: Vec<Evidence>,
    /// Where the network speaks for it: what carried its score, the strongest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Aspect>,
    /// Index of the first mention in the paragraph that states the link.
    pub mention: Option<u32>,
}

/// What could not be linked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Unaligned<'a> {
    /// Visuals without a link in this file.
    pub visuals: Vec<VisualId>,
    /// Mentions that lead nowhere in this document.
    #[serde(borrow)]
    pub mentions: Vec<UnalignedMention<'a>>,
}

/// A mention that leads nowhere in this document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct UnalignedMention<'a> {
    /// The paragraph.
    pub paragraph: ParagraphId,
    /// Index of the mention in it.
    pub mention: u32,
    /// Why, for people.
    pub reason: Cow<'a, str>,
}

/// The name that a kind or piece of evidence has in the file.
pub fn name_of(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    }
}

fn four_digits<S: Serializer>(value: &f32, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(rounded(*value))
}

fn two_digits<S: Serializer>(value: &f32, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64((f64::from(*value) * 100.0).round() / 100.0)
}

/// Ids are written as people read them: a letter and a 1-based number.
macro_rules! id_as_text {
    ($id:ident, $letter:literal) => {
        impl Serialize for $id {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $id {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<$id, D::Error> {
                let text = Cow::<'de, str>::deserialize(deserializer)?;
                text.strip_prefix($letter)
                    .and_then(|number| number.parse::<u32>().ok())
                    .and_then(|number| number.checked_sub(1))
                    .map($id)
                    .ok_or_else(|| {
                        let expected = concat!("an id like \"", $letter, "1\"");
                        serde::de::Error::invalid_value(
                            serde::de::Unexpected::Str(&text),
                            &expected,
                        )
                    })
            }
        }

        impl JsonSchema for $id {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($id).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "string",
                    "pattern": concat!("^", $letter, "[1-9][0-9]*$"),
                })
            }
        }
    };
}

id_as_text!(ParagraphId, "p");
id_as_text!(VisualId, "v");
