//! The document's text as Markdown (CommonMark), each visual after the first paragraph that it
//! belongs to; a visual that belongs to none stands where it stands in the document.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Write},
};

use crate::{
    detect::Visual,
    segment::{Paragraph, ParagraphId, ParagraphKind},
};

use super::{
    AlignedDocument, OutputOptions,
    crops::CropNames,
    shown::{ShownLinks, folded, visual_name},
};

/// Markdown knows no deeper headings.
const MAX_HEADING_LEVEL: usize = 6;

/// Writes the document. `crops` are the pictures that lie in `folder`, a path relative to the
/// Markdown file, with `/` between its parts.
///
/// # Errors
/// When `out` cannot be written to.
pub fn write(
    aligned: &AlignedDocument,
    options: &OutputOptions,
    crops: &CropNames,
    folder: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    let links = ShownLinks::new(aligned, options);
    let places = place_visuals(aligned, &links);
    let captions = aligned.visuals.iter();
    let captions = captions.flat_map(|v| v.caption.iter().chain(&v.continued).copied());
    let writer = MarkdownWriter {
        aligned,
        crops,
        folder,
        places: &places,
        captions: captions.collect(),
    };
    writer.visuals_after(None, out)?;
    for paragraph in &aligned.paragraphs {
        if writer.is_written(paragraph) {
            writer.paragraph(paragraph, out)?;
        }
        writer.visuals_after(Some(paragraph.id), out)?;
    }
    Ok(())
}

/// The visuals that follow each paragraph; `None` stands for the document's beginning.
type Places<'a> = BTreeMap<Option<ParagraphId>, Vec<&'a Visual>>;

fn place_visuals<'a>(aligned: &'a AlignedDocument, links: &ShownLinks<'_>) -> Places<'a> {
    let mut places = Places::new();
    for visual in &aligned.visuals {
        let first = links
            .of_visual(visual.id)
            .map(|link| link.paragraph)
            .find(|&id| aligned.paragraph(id).is_some_and(|p| is_text(p.kind)));
        let place = first.or_else(|| place_on_page(aligned, visual));
        places.entry(place).or_default().push(visual);
    }
    places
}

/// The paragraph after which a visual stands: its caption, else the last one above it on its page,
/// else the last one before its page.
fn place_on_page(aligned: &AlignedDocument, visual: &Visual) -> Option<ParagraphId> {
    if visual.caption.is_some() {
        return visual.caption;
    }
    let region = visual.regions.first()?;
    // Reading order does not go back to an earlier page.
    let paragraphs = &aligned.paragraphs;
    let end = paragraphs.partition_point(|p| p.page() <= region.page);
    let until_here = paragraphs.get(..end).unwrap_or_default();
    let above = |p: &&Paragraph| {
        p.regions.iter().any(|r| {
            r.page == region.page
                && r.bbox.center_y() < region.bbox.center_y()
                && r.bbox.x_overlap(&region.bbox) > 0.0
        })
    };
    let mut on_page = until_here
        .iter()
        .rev()
        .take_while(|p| p.page() == region.page);
    let start = until_here.partition_point(|p| p.page() < region.page);
    let before = || until_here.get(..start)?.last();
    on_page.find(above).or_else(before).map(|p| p.id)
}

fn is_text(kind: ParagraphKind) -> bool {
    !matches!(kind, ParagraphKind::Caption) && !kind.is_furniture() && !kind.is_inside_visual()
}

struct MarkdownWriter<'a> {
    aligned: &'a AlignedDocument,
    crops: &'a CropNames,
    folder: &'a str,
    places: &'a Places<'a>,
    /// The captions that are written with their visuals.
    captions: BTreeSet<ParagraphId>,
}

impl MarkdownWriter<'_> {
    /// Running heads are left out, labels of pictures, and captions that their visual shows.
    fn is_written(&self, paragraph: &Paragraph) -> bool {
        match paragraph.kind {
            ParagraphKind::Header | ParagraphKind::Footer | ParagraphKind::FigureText => false,
            ParagraphKind::Caption => !self.captions.contains(&paragraph.id),
            _ => !paragraph.text.trim().is_empty(),
        }
    }

    fn paragraph(&self, paragraph: &Paragraph, out: &mut dyn Write) -> io::Result<()> {
        let text = paragraph.text.trim();
        match paragraph.kind {
            ParagraphKind::Heading => {
                let level = (paragraph.section.len() + 1).min(MAX_HEADING_LEVEL);
                writeln!(out, "{:#<level$} {}\n", "", escaped(text))
            }
            ParagraphKind::ListItem => writeln!(out, "{}\n", list_item(text)),
            ParagraphKind::Code => {
                let fence = "`".repeat(longest_run(text, '`').max(2) + 1);
                let code = paragraph.text.trim_matches('\n');
                writeln!(out, "{fence}\n{code}\n{fence}\n")
            }
            ParagraphKind::Caption => writeln!(out, "*{}*\n", escaped(text)),
            _ => writeln!(out, "{}\n", escaped(text)),
        }
    }

    fn visuals_after(&self, place: Option<ParagraphId>, out: &mut dyn Write) -> io::Result<()> {
        let visuals = self.places.get(&place);
        visuals
            .into_iter()
            .flatten()
            .try_for_each(|visual| self.visual(visual, out))
    }

    fn visual(&self, visual: &Visual, out: &mut dyn Write) -> io::Result<()> {
        let name = visual_name(visual);
        let caption = self.aligned.caption_text(visual);
        let alt = visual.alt_text.as_deref().or(caption).unwrap_or(name);
        let alt = escaped(alt);
        for crop in self.crops.of(visual.id) {
            writeln!(
                out,
                "![{alt}]({}/{})\n",
                url_path(self.folder),
                url_path(crop)
            )?;
        }
        match caption {
            Some(caption) => writeln!(out, "*{}*\n", escaped(caption)),
            // Without a picture or a caption, a word marks the place.
            None if self.crops.of(visual.id).is_empty() => {
                let page = self.aligned.page_name(visual.page());
                writeln!(out, "*{} (page {})*\n", escaped(name), escaped(&page))
            }
            None => Ok(()),
        }
    }
}

/// A text on one line in which no character has a meaning in Markdown.
fn escaped(text: &str) -> String {
    let text = folded(text);
    let mut out = String::with_capacity(text.len() + 8);
    let mut before = None;
    let mut chars = text.chars().peekable();
    while let Some(ch) = chars.next() {
        let after = chars.peek().copied();
        if is_markup(ch, before, after) || (is_line_start(&out) && opens_block(ch, after)) {
            out.push('\\');
        }
        out.push(ch);
        before = Some(ch);
    }
    out
}

fn is_markup(ch: char, before: Option<char>, after: Option<char>) -> bool {
    let joins = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    match ch {
        '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '~' | '$' => true,
        // Between letters it is no markup: `snake_case` stays legible.
        '_' => !(joins(before) && joins(after)),
        '&' => after.is_some_and(|c| c == '#' || c.is_ascii_alphabetic()),
        '#' => before.is_none_or(char::is_whitespace),
        _ => false,
    }
}

/// Only digits so far: "1." and "1)" would begin a list.
fn is_line_start(out: &str) -> bool {
    out.bytes().all(|b| b.is_ascii_digit())
}

fn opens_block(ch: char, after: Option<char>) -> bool {
    let ends = after.is_none_or(char::is_whitespace);
    match ch {
        '+' | '.' | ')' => ends,
        // Also a rule or the underline of a heading.
        '-' | '=' => ends || after == Some(ch),
        _ => false,
    }
}

/// A list item: its own number where Markdown understands it, else a dash.
fn list_item(text: &str) -> String {
    let text = text.trim_start();
    let bullets = [
        '•', '◦', '‣', '▪', '■', '●', '○', '∙', '·', '–', '—', '-', '*', '+', '\u{f0b7}',
    ];
    if let Some(rest) = text.strip_prefix(bullets) {
        return format!("- {}", escaped(rest));
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at(digits);
    let numbered = rest
        .strip_prefix(['.', ')'])
        .filter(|rest| rest.starts_with(' '));
    match numbered {
        // More digits than CommonMark allows are no list number.
        Some(rest) if (1..=9).contains(&digits) => format!("{number}. {}", escaped(rest)),
        _ => format!("- {}", escaped(text)),
    }
}

fn longest_run(text: &str, of: char) -> usize {
    let runs = text.split(|c| c != of).map(|run| run.chars().count());
    runs.max().unwrap_or(0)
}

/// A relative path in a form that a link target takes as it is.
fn url_path(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_text_stays_text() {
        let cases = [
            ("a *b* [c](d) <e>", r"a \*b\* \[c\](d) \<e\>"),
            ("snake_case _x_", r"snake_case \_x\_"),
            ("# no heading #1", r"\# no heading \#1"),
            ("12. no list", r"12\. no list"),
            ("- no list", r"\- no list"),
            ("--- no rule", r"\--- no rule"),
            ("&amp; & co", r"\&amp; & co"),
            ("two\nlines", "two lines"),
        ];
        for (text, expected) in cases {
            assert_eq!(escaped(text), expected);
        }
    }

    #[test]
    fn list_items_keep_their_number() {
        assert_eq!(list_item("• a"), "- a");
        assert_eq!(list_item("2) b"), "2. b");
        assert_eq!(list_item("(c) d"), "- (c) d");
    }

    #[test]
    fn paths_become_link_targets() {
        assert_eq!(url_path("a b(1)/é.png"), "a%20b%281%29/%C3%A9.png");
    }
}
