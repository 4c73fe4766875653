//! The alignment file: written item by item from the document, so that it costs no memory of its
//! own, one item a line, so that two files can be compared with line tools.

use std::{borrow::Cow, collections::BTreeMap, io};

use serde::{Serialize, Serializer, ser::SerializeStruct};
use serde_json::ser::Formatter;

use crate::{
    align::Link,
    detect::{DetectMode, Seen, Visual, network::PageObject},
    mention::{Mention, MentionTarget},
    pdf::Page,
    segment::Paragraph,
};

use super::{
    AlignedDocument, OutputOptions,
    alignment_file::{
        AlignmentFile, DocumentRecord, Generator, GeneratorOptions, LinkRecord, MentionRecord,
        ObjectRecord, OutlineRecord, PageRecord, ParagraphRecord, SchemaVersion, Unaligned,
        UnalignedMention, VisualRecord,
    },
    shown::ShownLinks,
};

/// Writes the alignment file. Equal documents and options give equal bytes.
///
/// # Errors
/// When `out` cannot be written to.
pub fn write(
    aligned: &AlignedDocument,
    options: &OutputOptions,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let links = ShownLinks::new(aligned, options);
    let file = Streamed {
        aligned,
        options,
        links: &links,
    };
    write_line_per_item(&file, out)
}

/// Writes a value with each of its fields, and each item of its lists, on a line of its own.
pub(crate) fn write_line_per_item(
    value: &impl Serialize,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(&mut *out, LinePerItem::default());
    value.serialize(&mut serializer)?;
    out.write_all(b"\n")
}

/// Reads an alignment file.
///
/// # Errors
/// When the text is not JSON of version `docalign/1`; the error says where.
pub fn read(text: &str) -> Result<AlignmentFile<'_>, serde_json::Error> {
    serde_json::from_str(text)
}

/// The JSON Schema (draft 2020-12) of the alignment file.
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(AlignmentFile<'static>)
}

/// An [`AlignmentFile`] whose lists are made while they are written; the fields are the same, in
/// the same order.
struct Streamed<'a> {
    aligned: &'a AlignedDocument,
    options: &'a OutputOptions,
    links: &'a ShownLinks<'a>,
}

impl Serialize for Streamed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let aligned = self.aligned;
        let page_labels = &aligned.document.structure.page_labels;
        let mut file = serializer.serialize_struct("AlignmentFile", 9)?;
        file.serialize_field("schema", &SchemaVersion::V1)?;
        let generator = generator(aligned.models.clone(), aligned.seen.mode, self.options);
        file.serialize_field("generator", &generator)?;
        file.serialize_field("document", &document_record(aligned))?;
        file.serialize_field(
            "pages",
            &Each(&aligned.document.pages, |page| {
                page_record(page, page_labels, &aligned.seen)
            }),
        )?;
        file.serialize_field("paragraphs", &Each(&aligned.paragraphs, paragraph_record))?;
        file.serialize_field("visuals", &Each(&aligned.visuals, visual_record))?;
        file.serialize_field(
            "links",
            &Each(&self.links.all, |link: &&Link| link_record(link)),
        )?;
        file.serialize_field("unaligned", &unaligned(aligned, self.links))?;
        file.serialize_field("warnings", &aligned.document.warnings)?;
        file.end()
    }
}

/// A list of records that are made one at a time.
struct Each<'a, T, F>(&'a [T], F);

impl<'a, T, R: Serialize, F: Fn(&'a T) -> R> Serialize for Each<'a, T, F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(&self.1))
    }
}

/// What writes the file, with which networks and options; `detect` says which pages the detector
/// looks at.
pub fn generator(
    models: BTreeMap<String, String>,
    detect: DetectMode,
    options: &OutputOptions,
) -> Generator<'static> {
    Generator {
        name: Cow::Borrowed(env!("CARGO_PKG_NAME")),
        version: Cow::Borrowed(env!("CARGO_PKG_VERSION")),
        models,
        options: GeneratorOptions {
            min_probability: options.min_probability,
            pages: options
                .pages
                .as_ref()
                .map(|range| format!("{}-{}", range.start().number(), range.end().number())),
            ignore_annotations: options.ignore_annotations,
            blind: options.blind,
            detect,
        },
    }
}

fn document_record(aligned: &AlignedDocument) -> DocumentRecord<'_> {
    let structure = &aligned.document.structure;
    DocumentRecord {
        file_name: Cow::Borrowed(&aligned.source.file_name),
        sha256: Cow::Borrowed(&aligned.document.sha256),
        title: structure.title.as_deref().map(Cow::Borrowed),
        language: document_language(aligned).map(Cow::Borrowed),
        page_count: aligned.document.page_count,
        outline: structure
            .outline
            .iter()
            .map(|item| OutlineRecord {
                title: Cow::Borrowed(&item.title),
                level: item.level,
                page: item.target.as_ref().map(|target| target.page),
            })
            .collect(),
    }
}

/// The language of most of the text, else the one the file states.
pub(super) fn document_language(aligned: &AlignedDocument) -> Option<&str> {
    let mut bytes: BTreeMap<&str, usize> = BTreeMap::new();
    for paragraph in &aligned.paragraphs {
        if let Some(language) = paragraph.language {
            *bytes.entry(language).or_default() += paragraph.text.len();
        }
    }
    // The first of equals, in the order of the codes.
    let most = bytes.into_iter().rev().max_by_key(|&(_, length)| length);
    most.map(|(language, _)| language)
        .or(aligned.document.structure.language.as_deref())
}

fn page_record<'a>(page: &Page, labels: &'a [String], seen: &Seen) -> PageRecord<'a> {
    let objects = seen.pages.get(&page.index).map_or(&[][..], Vec::as_slice);
    PageRecord {
        index: page.index,
        label: labels
            .get(page.index.as_usize())
            .map(|label| Cow::Borrowed(label.as_str())),
        width: page.width,
        height: page.height,
        objects: objects.iter().map(object_record).collect(),
    }
}

fn object_record(object: &PageObject) -> ObjectRecord {
    ObjectRecord {
        class: object.found.class,
        bbox: object.found.bbox,
        score: object.found.score,
        sure: object.sure,
    }
}

fn paragraph_record(paragraph: &Paragraph) -> ParagraphRecord<'_> {
    ParagraphRecord {
        id: paragraph.id,
        kind: paragraph.kind,
        text: Cow::Borrowed(&paragraph.text),
        language: paragraph.language.map(Cow::Borrowed),
        section: Cow::Borrowed(&paragraph.section),
        sentences: paragraph
            .sentences
            .iter()
            .map(|span| [span.start, span.end])
            .collect(),
        regions: Cow::Borrowed(&paragraph.regions),
        mentions: paragraph.mentions.iter().map(mention_record).collect(),
    }
}

fn mention_record(mention: &Mention) -> MentionRecord<'_> {
    let mut labels = Vec::new();
    let mut places = Vec::new();
    let mut pages = Vec::new();
    for target in &mention.targets {
        match target {
            MentionTarget::Number(number) | MentionTarget::Within(number) => {
                labels.push(number.to_string());
            }
            MentionTarget::Place(place) => places.push(*place),
            MentionTarget::Page(page) => pages.push(page.clone()),
        }
    }
    MentionRecord {
        span: [mention.span.start, mention.span.end],
        text: Cow::Borrowed(&mention.text),
        kind: mention.kind,
        labels,
        places,
        pages,
        elsewhere: mention.elsewhere,
    }
}

fn visual_record(visual: &Visual) -> VisualRecord<'_> {
    VisualRecord {
        id: visual.id,
        kind: visual.kind,
        label: visual
            .label
            .as_ref()
            .map(|label| Cow::Borrowed(label.text.as_str())),
        caption: visual.caption,
        continued: visual.continued.clone(),
        regions: Cow::Borrowed(&visual.regions),
        score: visual.score,
        sources: Cow::Borrowed(&visual.sources),
        alt_text: visual.alt_text.as_deref().map(Cow::Borrowed),
        text: Cow::Borrowed(&visual.text),
    }
}

fn link_record(link: &Link) -> LinkRecord {
    LinkRecord {
        paragraph: link.paragraph,
        visual: link.visual,
        probability: link.probability,
        evidence: link.evidence.clone(),
        reasons: link.reasons.clone(),
        mention: link.mention,
    }
}

fn unaligned<'a>(aligned: &'a AlignedDocument, links: &ShownLinks<'_>) -> Unaligned<'a> {
    Unaligned {
        visuals: aligned
            .visuals
            .iter()
            .map(|visual| visual.id)
            .filter(|&id| links.is_unaligned(id))
            .collect(),
        mentions: aligned
            .alignment
            .unresolved_mentions
            .iter()
            .map(|unresolved| UnalignedMention {
                paragraph: unresolved.paragraph,
                mention: unresolved.mention,
                reason: Cow::Borrowed(&unresolved.reason),
            })
            .collect(),
    }
}

/// Puts each field of the file, and each item of its lists, on a line of its own.
#[derive(Default)]
struct LinePerItem {
    depth: usize,
}

/// Values nested deeper than this stay on their item's line.
const LINE_DEPTH: usize = 2;

impl LinePerItem {
    fn separate<W: ?Sized + io::Write>(&self, writer: &mut W, first: bool) -> io::Result<()> {
        if !first {
            writer.write_all(b",")?;
        }
        if self.depth <= LINE_DEPTH {
            writer.write_all(b"\n")?;
            (1..self.depth).try_for_each(|_| writer.write_all(b" "))?;
        }
        Ok(())
    }
}

impl Formatter for LinePerItem {
    fn begin_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth += 1;
        writer.write_all(b"[")
    }

    fn end_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth = self.depth.saturating_sub(1);
        writer.write_all(b"]")
    }

    fn begin_array_value<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.separate(writer, first)
    }

    fn begin_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth += 1;
        writer.write_all(b"{")
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth = self.depth.saturating_sub(1);
        if self.depth == 0 {
            writer.write_all(b"\n")?;
        }
        writer.write_all(b"}")
    }

    fn begin_object_key<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.separate(writer, first)
    }
}
