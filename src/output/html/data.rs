//! The document as the page's script reads it.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use serde::Serialize;
use serde_json::ser::Formatter;

use crate::{
    align::Link,
    detect::{VisualKind, network::ObjectClass},
    geometry::{PageIndex, Region},
    output::{
        AlignedDocument, OutputOptions,
        shown::{ShownLinks, evidence_words, reason_words, rounded, visual_name},
    },
    segment::{Paragraph, ParagraphId, ParagraphKind},
};

/// Links that were left out are shown on demand from this probability on.
const WEAKEST: f32 = 0.05;
/// The same, at most so many of a paragraph.
const MOST_WEAK: usize = 4;

#[derive(Serialize)]
struct Data<'a> {
    /// Links below this were left out.
    min: f64,
    pages: Vec<PageData>,
    paragraphs: Vec<ParagraphData<'a>>,
    visuals: Vec<VisualData<'a>>,
    links: Vec<LinkData>,
    /// The best of those that were left out, by paragraph, then by falling probability.
    weak: Vec<LinkData>,
    unresolved: Vec<UnresolvedData<'a>>,
    warnings: Vec<WarningData<'a>>,
}

#[derive(Serialize)]
struct PageData {
    name: String,
    w: f32,
    h: f32,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    seen: Vec<SeenData>,
}

/// What the network sees: class, score, x, y, width, height in points.
type SeenData = (ObjectClass, f64, f32, f32, f32, f32);

/// A box on a page: place of the page in the list, x, y, width, height in points.
type At = (usize, f32, f32, f32, f32);

#[derive(Serialize)]
struct ParagraphData<'a> {
    id: String,
    kind: ParagraphKind,
    text: &'a str,
    lang: Option<&'a str>,
    section: Option<String>,
    at: Vec<At>,
    /// Spans in UTF-16 units, which the script's strings count in.
    mentions: Vec<[usize; 2]>,
}

#[derive(Serialize)]
struct VisualData<'a> {
    id: String,
    kind: VisualKind,
    name: &'a str,
    caption: Option<&'a str>,
    lang: Option<&'a str>,
    alt: Option<&'a str>,
    at: Vec<At>,
}

#[derive(Serialize)]
struct LinkData {
    p: String,
    v: String,
    prob: f64,
    why: Vec<String>,
    m: Option<u32>,
}

#[derive(Serialize)]
struct UnresolvedData<'a> {
    p: String,
    text: &'a str,
    why: &'a str,
}

#[derive(Serialize)]
struct WarningData<'a> {
    page: Option<String>,
    message: &'a str,
}

/// Writes the island's content: JSON in which no character means anything to HTML.
pub(super) fn write(
    aligned: &AlignedDocument,
    options: &OutputOptions,
    links: &ShownLinks<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let data = Data::new(aligned, options, links);
    let mut serializer = serde_json::Serializer::with_formatter(out, IslandSafe);
    Ok(data.serialize(&mut serializer)?)
}

impl<'a> Data<'a> {
    fn new(
        aligned: &'a AlignedDocument,
        options: &OutputOptions,
        links: &ShownLinks<'_>,
    ) -> Data<'a> {
        let slots = Slots::of(aligned);
        let page = |page: &crate::pdf::Page| PageData {
            name: aligned.page_name(page.index),
            w: page.width.max(1.0),
            h: page.height.max(1.0),
            seen: seen(aligned, page.index),
        };
        let link = |link: &&Link| link_data(aligned, link);
        let warning = |warning: &'a crate::warning::Warning| WarningData {
            page: warning.page.map(|page| aligned.page_name(page)),
            message: &warning.message,
        };
        // Running heads and page numbers would only be in the way.
        let paragraphs = aligned.paragraphs.iter();
        let paragraphs = paragraphs.filter(|p| !p.kind.is_furniture());
        Data {
            min: rounded(options.min_probability),
            pages: aligned.document.pages.iter().map(page).collect(),
            paragraphs: paragraphs.map(|p| paragraph_data(p, &slots)).collect(),
            visuals: visuals(aligned, &slots),
            links: links.all.iter().map(link).collect(),
            weak: weak(aligned, options)
                .map(|l| link_data(aligned, l))
                .collect(),
            unresolved: unresolved(aligned),
            warnings: aligned.document.warnings.iter().map(warning).collect(),
        }
    }
}

fn link_data(aligned: &AlignedDocument, link: &Link) -> LinkData {
    LinkData {
        p: link.paragraph.to_string(),
        v: link.visual.to_string(),
        prob: rounded(link.probability),
        why: evidence(aligned, link),
        m: link.mention,
    }
}

/// The likeliest links of each paragraph that were left out.
fn weak<'a>(
    aligned: &'a AlignedDocument,
    options: &OutputOptions,
) -> impl Iterator<Item = &'a Link> {
    let min = options.min_probability;
    let of_one = aligned
        .alignment
        .links
        .chunk_by(|a, b| a.paragraph == b.paragraph);
    of_one.flat_map(move |links| {
        let left = links.iter().filter(move |link| link.probability < min);
        left.filter(|link| link.probability >= WEAKEST)
            .take(MOST_WEAK)
    })
}

/// The place of each page in the list of those that were read.
struct Slots(BTreeMap<PageIndex, usize>);

impl Slots {
    fn of(aligned: &AlignedDocument) -> Slots {
        let pages = aligned.document.pages.iter().enumerate();
        Slots(pages.map(|(slot, page)| (page.index, slot)).collect())
    }

    fn at(&self, regions: &[Region]) -> Vec<At> {
        let at = |region: &Region| {
            let slot = *self.0.get(&region.page)?;
            let b = region.bbox;
            b.is_finite().then(|| {
                (
                    slot,
                    short(b.x0),
                    short(b.y0),
                    short(b.width()),
                    short(b.height()),
                )
            })
        };
        regions.iter().filter_map(at).collect()
    }
}

/// A tenth of a point is less than a pixel.
fn short(v: f32) -> f32 {
    (v * 10.0).round() / 10.0
}

fn seen(aligned: &AlignedDocument, page: PageIndex) -> Vec<SeenData> {
    let objects = aligned.seen.pages.get(&page).into_iter().flatten();
    let data = objects.map(|object| {
        let (found, b) = (&object.found, &object.found.bbox);
        (
            found.class,
            rounded(found.score),
            short(b.x0),
            short(b.y0),
            short(b.width()),
            short(b.height()),
        )
    });
    data.collect()
}

fn paragraph_data<'a>(paragraph: &'a Paragraph, slots: &Slots) -> ParagraphData<'a> {
    let mentions = paragraph.mentions.iter();
    ParagraphData {
        id: paragraph.id.to_string(),
        kind: paragraph.kind,
        text: &paragraph.text,
        lang: paragraph.language,
        section: (!paragraph.section.is_empty()).then(|| paragraph.section.join(" › ")),
        at: slots.at(&paragraph.regions),
        mentions: mentions
            .map(|m| [m.span.start, m.span.end].map(|at| utf16_offset(&paragraph.text, at)))
            .collect(),
    }
}

/// A byte offset in UTF-16 units.
fn utf16_offset(text: &str, at: usize) -> usize {
    let before = text.get(..at).unwrap_or(text);
    before.encode_utf16().count()
}

fn evidence(aligned: &AlignedDocument, link: &Link) -> Vec<String> {
    let mention = link.mention.and_then(|index| {
        let paragraph = aligned.paragraph(link.paragraph)?;
        paragraph.mentions.get(index as usize)
    });
    let text = mention.map(|mention| mention.text.as_str());
    let words = |&evidence| evidence_words(evidence, text);
    let reasons = link
        .reasons
        .iter()
        .map(|reason| reason_words(*reason).to_owned());
    link.evidence.iter().map(words).chain(reasons).collect()
}

fn visuals<'a>(aligned: &'a AlignedDocument, slots: &Slots) -> Vec<VisualData<'a>> {
    let language = |id: ParagraphId| aligned.paragraph(id)?.language;
    let data = |visual: &'a crate::detect::Visual| VisualData {
        id: visual.id.to_string(),
        kind: visual.kind,
        name: visual_name(visual),
        caption: aligned.caption_title(visual),
        lang: visual.caption.and_then(language),
        alt: visual.alt_text.as_deref(),
        at: slots.at(&visual.regions),
    };
    aligned.visuals.iter().map(data).collect()
}

fn unresolved(aligned: &AlignedDocument) -> Vec<UnresolvedData<'_>> {
    let mention = |id, index: u32| aligned.paragraph(id)?.mentions.get(index as usize);
    let all = aligned.alignment.unresolved_mentions.iter();
    all.map(|unresolved| UnresolvedData {
        p: unresolved.paragraph.to_string(),
        text: mention(unresolved.paragraph, unresolved.mention).map_or("", |m| &m.text),
        why: &unresolved.reason,
    })
    .collect()
}

/// Writes strings so that they can neither end the island nor begin a comment or an entity in it.
struct IslandSafe;

impl Formatter for IslandSafe {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(['<', '>', '&', '\u{2028}', '\u{2029}']) {
            let (before, from) = rest.split_at(at);
            writer.write_all(before.as_bytes())?;
            let mut chars = from.chars();
            if let Some(ch) = chars.next() {
                write!(writer, "\\u{:04x}", u32::from(ch))?;
            }
            rest = chars.as_str();
        }
        writer.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_island_cannot_be_ended_from_inside() {
        let text = "</script><!-- &amp; \u{2028}";
        let mut out = Vec::new();
        let mut serializer = serde_json::Serializer::with_formatter(&mut out, IslandSafe);
        text.serialize(&mut serializer).unwrap();
        let json = String::from_utf8(out).unwrap();
        assert!(!json.contains(['<', '>', '&', '\u{2028}']), "{json}");
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    }

    #[test]
    fn spans_count_as_the_script_does() {
        assert_eq!(utf16_offset("a𝄞é!", 7), 4);
    }
}
