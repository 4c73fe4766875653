//! The default output for people: a line per visual and per paragraph that belongs to it, then
//! what was not aligned.
//!
//! ```text
//! manual.pdf  "The manual"  120 pages, 2 visuals, 3 links
//!
//! VISUAL      PAGE  BELONGS TO
//! Figure 3.2    27  p. 27   98 %  The stages are drawn in Figure 3.2: a page goes ...
//!                   p. 31   97 %  As Fig. 3.2 shows, the graph ...
//! Table 1       30  (no paragraph)  Options and their defaults
//! ```

use std::{
    fmt::Write as _,
    io::{self, Write},
};

use anstyle::{AnsiColor, Style};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::{
    align::{Link, UnresolvedMention},
    detect::Visual,
};

use super::{
    AlignedDocument, OutputOptions,
    shown::{ShownLinks, folded, percent, visual_name},
};

/// What the terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TerminalOptions {
    /// Width in columns; lines are cut to it.
    pub width: usize,
    /// Whether to colour.
    pub color: bool,
}

/// Narrower than this nothing can be told apart.
const MIN_WIDTH: usize = 40;
/// A label longer than this many columns is cut: the paragraphs need the room.
const MAX_NAME_WIDTH: usize = 22;
/// More paragraphs of one visual than this are counted rather than listed.
const MAX_PARAGRAPHS: usize = 6;
/// More unresolved mentions than this are counted rather than listed.
const MAX_MENTIONS: usize = 20;

/// Writes the table.
///
/// # Errors
/// When `out` cannot be written to.
pub fn write(
    aligned: &AlignedDocument,
    options: &OutputOptions,
    terminal: TerminalOptions,
    out: &mut dyn Write,
) -> io::Result<()> {
    let links = ShownLinks::new(aligned, options);
    let table = Table {
        aligned,
        links: &links,
        width: terminal.width.max(MIN_WIDTH),
        paint: Paint { on: terminal.color },
        columns: Columns::of(aligned),
    };
    table.head(out)?;
    if !aligned.visuals.is_empty() {
        table.column_heads(out)?;
    }
    for visual in &aligned.visuals {
        table.visual(visual, out)?;
    }
    table.unresolved(out)?;
    table.warnings(out)
}

/// Widths that depend on the content.
struct Columns {
    name: usize,
    page: usize,
}

impl Columns {
    fn of(aligned: &AlignedDocument) -> Columns {
        let name = |v: &Visual| safe(visual_name(v)).width();
        let page = |v: &Visual| safe(&aligned.page_name(v.page())).width();
        let visuals = &aligned.visuals;
        Columns {
            name: visuals
                .iter()
                .map(name)
                .max()
                .unwrap_or(0)
                .clamp(6, MAX_NAME_WIDTH),
            page: visuals.iter().map(page).max().unwrap_or(0).clamp(4, 8),
        }
    }
}

struct Table<'a> {
    aligned: &'a AlignedDocument,
    links: &'a ShownLinks<'a>,
    width: usize,
    paint: Paint,
    columns: Columns,
}

impl Table<'_> {
    fn head(&self, out: &mut dyn Write) -> io::Result<()> {
        let aligned = self.aligned;
        let pages = aligned.document.pages.len();
        let counts = format!(
            "{}, {}, {}",
            counted(pages, "page"),
            counted(aligned.visuals.len(), "visual"),
            counted(self.links.all.len(), "link"),
        );
        let file = cut(&safe(&aligned.source.file_name), self.width);
        writeln!(out, "{}", self.paint.strong(&file))?;
        if let Some(title) = &aligned.document.structure.title {
            let title = safe(&folded(title));
            if !title.is_empty() {
                writeln!(out, "{}", cut(&title, self.width))?;
            }
        }
        writeln!(out, "{}\n", self.paint.dim(&cut(&counts, self.width)))
    }

    fn column_heads(&self, out: &mut dyn Write) -> io::Result<()> {
        let heads = format!(
            "{}  {}  BELONGS TO",
            left("VISUAL", self.columns.name),
            right("PAGE", self.columns.page)
        );
        writeln!(out, "{}", self.paint.dim(&heads))
    }

    fn visual(&self, visual: &Visual, out: &mut dyn Write) -> io::Result<()> {
        let name = left(&safe(visual_name(visual)), self.columns.name);
        let page = safe(&self.aligned.page_name(visual.page()));
        let page = right(&page, self.columns.page);
        write!(out, "{}  {page}  ", self.paint.strong(&name))?;
        let indent = self.columns.name + self.columns.page + 4;
        let mut count = 0;
        for link in self.links.of_visual(visual.id) {
            count += 1;
            if count > MAX_PARAGRAPHS {
                continue;
            }
            if count > 1 {
                write!(out, "{:indent$}", "")?;
            }
            writeln!(out, "{}", self.link(link, indent))?;
        }
        if count > MAX_PARAGRAPHS {
            let more = format!("and {} more", count - MAX_PARAGRAPHS);
            writeln!(out, "{:indent$}{}", "", self.paint.dim(&more))?;
        }
        if count == 0 {
            writeln!(out, "{}", self.no_paragraph(visual, indent))?;
        }
        Ok(())
    }

    /// A paragraph of a visual: page, probability, first words.
    fn link(&self, link: &Link, indent: usize) -> String {
        let Some(paragraph) = self.aligned.paragraph(link.paragraph) else {
            return String::new();
        };
        let page = safe(&self.aligned.page_name(paragraph.page()));
        let place = format!("p. {}  ", left(&page, self.columns.page));
        let sure = format!("{:>5}", percent(link.probability));
        let room = self
            .width
            .saturating_sub(indent + place.width() + sure.width() + 2);
        let words = first_words(&paragraph.text, room);
        format!(
            "{place}{}  {words}",
            self.paint.sure(&sure, link.probability)
        )
    }

    fn no_paragraph(&self, visual: &Visual, indent: usize) -> String {
        let note = "(no paragraph)";
        let room = self.width.saturating_sub(indent + note.len() + 2);
        // The label stands in its own column already.
        let caption = self.aligned.caption_title(visual).unwrap_or_default();
        let caption = first_words(caption, room);
        format!("{}  {caption}", self.paint.warn(note))
            .trim_end()
            .to_owned()
    }

    fn unresolved(&self, out: &mut dyn Write) -> io::Result<()> {
        let all = &self.aligned.alignment.unresolved_mentions;
        if all.is_empty() {
            return Ok(());
        }
        writeln!(out, "\n{}", self.paint.dim("MENTIONS WITHOUT A VISUAL"))?;
        let shown = || all.iter().take(MAX_MENTIONS);
        let width = |u| safe(&folded(self.mention_text(u))).width();
        let text_width = shown().map(width).max().unwrap_or(0).min(MAX_NAME_WIDTH);
        for unresolved in shown() {
            let line = self.unresolved_line(unresolved, text_width);
            writeln!(out, "{}", cut(&line, self.width))?;
        }
        if all.len() > MAX_MENTIONS {
            let more = format!("and {} more", all.len() - MAX_MENTIONS);
            writeln!(out, "{}", self.paint.dim(&more))?;
        }
        Ok(())
    }

    fn unresolved_line(&self, unresolved: &UnresolvedMention, text_width: usize) -> String {
        let paragraph = self.aligned.paragraph(unresolved.paragraph);
        let page = paragraph.map_or_else(String::new, |p| self.aligned.page_name(p.page()));
        format!(
            "p. {}  {}  {}",
            left(&safe(&page), self.columns.page),
            left(&safe(&folded(self.mention_text(unresolved))), text_width),
            safe(&folded(&unresolved.reason))
        )
    }

    fn mention_text(&self, unresolved: &UnresolvedMention) -> &str {
        let paragraph = self.aligned.paragraph(unresolved.paragraph);
        let mention = paragraph.and_then(|p| p.mentions.get(unresolved.mention as usize));
        mention.map_or("", |mention| mention.text.as_str())
    }

    fn warnings(&self, out: &mut dyn Write) -> io::Result<()> {
        let count = self.aligned.document.warnings.len();
        if count == 0 {
            return Ok(());
        }
        let note = format!(
            "{} in reading the file (listed in the JSON output)",
            counted(count, "warning")
        );
        writeln!(out, "\n{}", self.paint.warn(&cut(&note, self.width)))
    }
}

fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

/// The beginning of a text in one line of at most `room` columns.
fn first_words(text: &str, room: usize) -> String {
    // A column takes at most a few bytes; the rest of a long text need not be looked at.
    let head: String = text.chars().take(room.saturating_mul(2) + 8).collect();
    cut(&safe(&folded(&head)), room)
}

/// A text that cannot steer the terminal: control characters and the invisible ones that turn the
/// direction of writing are written as escapes.
fn safe(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for ch in text.chars() {
        let turns = matches!(ch,
            '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
        if ch.is_control() || turns {
            // Writing to a string cannot fail.
            let _ = write!(out, "\\u{{{:x}}}", u32::from(ch));
        } else {
            out.push(ch);
        }
    }
    out
}

/// At most `room` columns of a text, an ellipsis for what is left out.
fn cut(text: &str, room: usize) -> String {
    if text.width() <= room {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 1;
    for ch in text.chars() {
        used += ch.width().unwrap_or(0);
        if used > room {
            break;
        }
        out.push(ch);
    }
    out.truncate(out.trim_end().len());
    if room > 0 {
        out.push('…');
    }
    out
}

/// Cut or filled up to `width` columns, at the left.
fn left(text: &str, width: usize) -> String {
    let text = cut(text, width);
    let fill = width.saturating_sub(text.width());
    format!("{text}{:fill$}", "")
}

/// Cut or filled up to `width` columns, at the right.
fn right(text: &str, width: usize) -> String {
    let text = cut(text, width);
    let fill = width.saturating_sub(text.width());
    format!("{:fill$}{text}", "")
}

/// Colours, where they are wanted.
#[derive(Clone, Copy)]
struct Paint {
    on: bool,
}

impl Paint {
    fn with(self, style: Style, text: &str) -> String {
        if self.on && !text.is_empty() {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }

    fn strong(self, text: &str) -> String {
        self.with(Style::new().bold(), text)
    }

    fn dim(self, text: &str) -> String {
        self.with(Style::new().dimmed(), text)
    }

    fn warn(self, text: &str) -> String {
        self.with(AnsiColor::Yellow.on_default(), text)
    }

    /// Green for what is nearly certain, plain for likely, yellow for the rest.
    fn sure(self, text: &str, probability: f32) -> String {
        match probability {
            p if p >= 0.9 => self.with(AnsiColor::Green.on_default(), text),
            p if p >= 0.5 => text.to_owned(),
            _ => self.warn(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_characters_count_twice() {
        assert_eq!(cut("图示系统结构", 7), "图示系…");
        assert_eq!(left("图", 4), "图  ");
        assert_eq!(right("x", 3), "  x");
    }

    #[test]
    fn text_cannot_steer_the_terminal() {
        assert_eq!(safe("a\u{1b}[31mb\u{202e}c"), "a\\u{1b}[31mb\\u{202e}c");
    }
}
