//! Gold links: what is true of a document, from the links that its authors set or from people.
//!
//! A link annotation from "Figure 3" (mostly from the "3" alone) to the float says which figure
//! the words around it mean. It is kept only when a caption of the same kind and number is found
//! where it leads, so that a gold link is nearly always right; what is lost by that is said by
//! nobody and measured by nobody.

use std::ops::Range;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    captions::{FoundCaption, find_captions},
    family::Family,
    file_error::{EvaluationFileError, expect_schema},
    lines::{TextLine, neighbour, page_lines},
    refusal::{is_identifier, is_inside_caption, is_list_row, is_table_row, list_pages},
};
use crate::{
    geometry::{PageIndex, Rect},
    mention::{LabelKind, LabelNumber, MentionTarget, find_mentions},
    pdf::{Document, LinkAnnotation},
};

/// Version of the file format.
pub const GOLD_SCHEMA: &str = "docalign-gold/1";

/// How far a caption may begin down the page after the one that a link leads to, in parts of the
/// page's height: a float whose destination is set before a page break.
const TOP_OF_NEXT_PAGE: f32 = 0.4;
/// A caption without a delimiter after its number is believed when the destination is at most
/// this many points away.
const NEAR_DESTINATION: f32 = 60.0;
/// Longest context that is kept for people, in characters.
const MAX_CONTEXT: usize = 300;

/// The gold links of one document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Gold {
    /// [`GOLD_SCHEMA`].
    pub schema: String,
    /// The file's name, without its folder.
    pub file_name: String,
    /// SHA-256 of the file, by which gold and document find each other.
    pub sha256: String,
    /// The links, in the order of the file's annotations.
    pub links: Vec<GoldLink>,
}

impl Gold {
    /// Reads a gold file.
    ///
    /// # Errors
    /// When the text is not JSON of this version.
    pub fn read_json(text: &str) -> Result<Gold, EvaluationFileError> {
        let gold: Gold = serde_json::from_str(text)?;
        expect_schema(&gold.schema, GOLD_SCHEMA)?;
        Ok(gold)
    }
}

/// A place in the text that means a visual.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GoldLink {
    /// Who says so.
    pub origin: Origin,
    /// The page that it stands on, 0-based.
    pub page: PageIndex,
    /// The words that mean the visual; any box in the paragraph will do.
    pub bbox: Rect,
    /// The words in the box.
    pub text: String,
    /// The words around, for people.
    pub context: String,
    /// The visual.
    pub target: GoldTarget,
}

/// Who says that a link is true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A link annotation whose number is that of the caption where it leads.
    Annotation,
    /// A person.
    Manual,
}

/// The visual that a gold link means.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GoldTarget {
    /// What its caption calls it.
    pub kind: LabelKind,
    /// Its number in normal form; `null` for a visual without a number.
    pub number: Option<String>,
    /// The page of its caption, or of the visual where it has none; 0-based.
    pub page: PageIndex,
    /// The first line of its caption, or the box of the visual where it has none.
    pub bbox: Rect,
    /// The first line of its caption, for people.
    pub caption: String,
}

/// A page as the gold reads it.
pub(super) struct GoldPage {
    pub(super) index: PageIndex,
    pub(super) height: f32,
    pub(super) lines: Vec<TextLine>,
    pub(super) captions: Vec<FoundCaption>,
}

/// Gold links from a document's text and its link annotations, which are read apart: the document
/// that the program sees has none.
pub fn gold_from_annotations(
    file_name: &str,
    document: &Document,
    links: &[LinkAnnotation],
) -> Gold {
    let pages: Vec<GoldPage> = document
        .pages
        .par_iter()
        .map(|page| {
            let lines = page_lines(page);
            GoldPage {
                index: page.index,
                height: page.height,
                captions: find_captions(&lines),
                lines,
            }
        })
        .collect();
    let pages = GoldPages(pages);
    let spots: Vec<(&LinkAnnotation, Spot)> = links
        .iter()
        .filter_map(|link| Some((link, pages.spot(link)?)))
        .collect();
    let list_pages = list_pages(
        &pages,
        spots.iter().map(|(link, spot)| (link.page, spot.line)),
    );
    let links = spots
        .iter()
        .filter(|(link, _)| !list_pages.contains(&link.page))
        .filter_map(|(link, spot)| pages.gold_link(link, spot))
        .collect();
    Gold {
        schema: GOLD_SCHEMA.to_owned(),
        file_name: file_name.to_owned(),
        sha256: document.sha256.clone(),
        links,
    }
}

/// Where a link stands: a line of its page, and the bytes of it that the box covers.
struct Spot {
    line: usize,
    bytes: Range<usize>,
}

/// A line with the lines before and after it, and the link's bytes in it all.
struct Context {
    text: String,
    link: Range<usize>,
}

/// What a link's words name.
struct Named {
    family: Family,
    numbers: Vec<LabelNumber>,
}

/// The pages that were read, in order.
pub(super) struct GoldPages(Vec<GoldPage>);

impl GoldPages {
    pub(super) fn get(&self, index: PageIndex) -> Option<&GoldPage> {
        let at = self
            .0
            .binary_search_by_key(&index, |page| page.index)
            .ok()?;
        self.0.get(at)
    }

    /// The line with the most glyphs in the link's box.
    fn spot(&self, link: &LinkAnnotation) -> Option<Spot> {
        let page = self.get(link.page)?;
        let covered = |line: &TextLine| -> Vec<usize> {
            line.glyphs
                .iter()
                .filter(|(_, bbox)| link.bbox.contains(bbox.center()))
                .map(|(offset, _)| *offset)
                .collect()
        };
        let (at, offsets) = page
            .lines
            .iter()
            .enumerate()
            .filter(|(_, line)| line.bbox.intersects(&link.bbox))
            .map(|(at, line)| (at, covered(line)))
            .max_by_key(|(_, offsets)| offsets.len())?;
        let text = &page.lines.get(at)?.text;
        let last = *offsets.last()?;
        let end = last + text.get(last..)?.chars().next()?.len_utf8();
        Some(Spot {
            line: at,
            bytes: *offsets.first()?..end,
        })
    }

    fn gold_link(&self, link: &LinkAnnotation, spot: &Spot) -> Option<GoldLink> {
        let page = self.get(link.page)?;
        let line = page.lines.get(spot.line)?;
        if is_list_row(page, spot.line) || is_table_row(page, spot.line) {
            return None;
        }
        let context = context(page, spot)?;
        let text = context.text.get(context.link.clone())?;
        if is_identifier(text) {
            return None;
        }
        let named = named_by_mention(&context)
            .or_else(|| named_by_destination(&context, link.target.name.as_deref()?))?;
        if is_inside_caption(page, spot.line, &spot.bytes) {
            return None;
        }
        let (target_page, caption) = self.caption(link, &named, line)?;
        Some(GoldLink {
            origin: Origin::Annotation,
            page: link.page,
            bbox: link.bbox,
            text: text.to_owned(),
            context: context.text.chars().take(MAX_CONTEXT).collect(),
            target: GoldTarget {
                kind: caption.kind,
                number: Some(caption.number.clone()),
                page: target_page,
                bbox: caption.bbox,
                caption: caption.text.clone(),
            },
        })
    }

    /// The caption that bears one of the named numbers, on the page where the link leads or at
    /// the top of the next.
    fn caption(
        &self,
        link: &LinkAnnotation,
        named: &Named,
        own_line: &TextLine,
    ) -> Option<(PageIndex, &FoundCaption)> {
        let target = &link.target;
        let led_by_name = target
            .name
            .as_deref()
            .and_then(Family::of_destination)
            .is_some_and(|family| family == named.family);
        let on_page = |index: PageIndex| {
            self.get(index).into_iter().flat_map(move |page| {
                let first_part = page.height * TOP_OF_NEXT_PAGE;
                page.captions
                    .iter()
                    .filter(move |c| index == target.page || c.bbox.y0 < first_part)
                    .map(move |caption| (index, caption))
            })
        };
        let distance = |index: PageIndex, caption: &FoundCaption| match target.point {
            Some(point) if index == target.page => (caption.bbox.y0 - point.y).abs(),
            Some(_) => f32::MAX,
            None => 0.0,
        };
        on_page(target.page)
            .chain(on_page(target.page.next()))
            .filter(|(index, caption)| *index != link.page || caption.bbox != own_line.bbox)
            .filter(|(_, caption)| Family::of(caption.kind) == named.family)
            .filter(|(_, caption)| named.numbers.iter().any(|n| n.number == caption.number))
            .filter(|(index, caption)| {
                caption.delimited || led_by_name || distance(*index, caption) < NEAR_DESTINATION
            })
            .min_by(|(a_page, a), (b_page, b)| {
                b.delimited
                    .cmp(&a.delimited)
                    .then(a_page.cmp(b_page))
                    .then(distance(*a_page, a).total_cmp(&distance(*b_page, b)))
            })
    }
}

/// The link's line with its neighbours, so that "Figure" at a line's end and "3" at the next
/// one's start are read as one.
fn context(page: &GoldPage, spot: &Spot) -> Option<Context> {
    let line = page.lines.get(spot.line)?;
    let text_at = |step| {
        neighbour(&page.lines, spot.line, step)
            .and_then(|at| page.lines.get(at))
            .map_or("", |line| line.text.as_str())
    };
    let mut text = String::new();
    join(&mut text, text_at(-1));
    join(&mut text, &line.text);
    let start = text.len() - line.text.len();
    join(&mut text, text_at(1));
    Some(Context {
        text,
        link: start + spot.bytes.start..start + spot.bytes.end,
    })
}

/// Appends a line: words divided by a hyphen are put together, others kept apart.
fn join(text: &mut String, line: &str) {
    if line.starts_with(char::is_lowercase) && text.ends_with(['-', '\u{ad}', '\u{2010}']) {
        text.pop();
    } else if !text.is_empty() {
        text.push(' ');
    }
    text.push_str(line);
}

/// What the mention says that the link's words are part of.
fn named_by_mention(context: &Context) -> Option<Named> {
    let linked = numbers_in(context.text.get(context.link.clone())?);
    find_mentions(&context.text)
        .into_iter()
        .filter(|mention| {
            mention.span.start < context.link.end && context.link.start < mention.span.end
        })
        .find_map(|mention| {
            let family = Family::of(mention.kind);
            let numbers: Vec<LabelNumber> = mention
                .targets
                .into_iter()
                .filter_map(|target| match target {
                    MentionTarget::Number(number) => Some(number),
                    _ => None,
                })
                .filter(|number| {
                    linked.is_empty() || linked.iter().any(|l| l.number == number.number)
                })
                .collect();
            (family != Family::Equation && !numbers.is_empty()).then_some(Named { family, numbers })
        })
}

/// What a bare number means by the name of its destination (`figure.caption.3`), so that the gold
/// also has what the lexicon of mentions misses.
fn named_by_destination(context: &Context, destination: &str) -> Option<Named> {
    let text = context.text.get(context.link.clone())?;
    // Of a longer text nobody knows what its number means.
    let bare = text.chars().filter(|c| c.is_alphabetic()).count() <= 2;
    let after_page_word = context
        .text
        .get(..context.link.start)?
        .split_whitespace()
        .next_back()
        .is_some_and(is_page_word);
    if !bare || after_page_word {
        return None;
    }
    let numbers = numbers_in(text);
    (!numbers.is_empty()).then_some(Named {
        family: Family::of_destination(destination)?,
        numbers,
    })
}

fn is_page_word(word: &str) -> bool {
    const PAGE_WORDS: [&str; 20] = [
        "page",
        "pages",
        "p.",
        "pp.",
        "seite",
        "seiten",
        "s.",
        "página",
        "páginas",
        "pág.",
        "pagina",
        "pag.",
        "strona",
        "str.",
        "стр.",
        "страница",
        "с.",
        "sivu",
        "sayfa",
        "trang",
    ];
    let word = word
        .trim_start_matches(['(', '[', ','])
        .trim_end_matches('~')
        .to_lowercase();
    PAGE_WORDS.contains(&word.as_str())
}

/// The numbers in a link's own words, with or without a noun before them.
fn numbers_in(text: &str) -> Vec<LabelNumber> {
    let numbers = |text: &str| -> Vec<LabelNumber> {
        find_mentions(text)
            .into_iter()
            .flat_map(|mention| mention.targets)
            .filter_map(|target| match target {
                MentionTarget::Number(number) => Some(number),
                _ => None,
            })
            .collect()
    };
    let named = numbers(text);
    if !named.is_empty() {
        return named;
    }
    let bare = text.trim_matches(|c: char| !c.is_alphanumeric());
    if bare.is_empty() {
        return Vec::new();
    }
    // The grammar of numbers is that of mentions, which need a noun.
    numbers(&format!("Figure {bare}"))
}
