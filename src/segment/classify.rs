//! What each draft paragraph is for: heading, list item, caption, footnote, code, formula, or
//! running text.

use std::collections::HashSet;

use crate::{
    mention::{CaptionLabel, is_list_of_visuals_heading},
    pdf::Document,
};

use super::{
    build::{Draft, Usual, centered, has_leaders, is_lone_equation_number},
    flow::{FlowLine, Role},
    marker::Marker,
    paragraph::ParagraphKind,
    sentences::ends_sentence,
};

/// A heading's font is at least this much larger than running text where nothing else speaks for it.
const HEADING_SIZE: f32 = 1.12;
/// Longer texts, in characters, are no headings.
const MAX_HEADING_CHARS: usize = 180;
/// Footnotes are set at most this large in parts of the running text's size.
const FOOTNOTE_SIZE: f32 = 0.93;

/// A draft with its kind.
#[derive(Debug, Clone)]
pub(super) struct Classified {
    pub(super) draft: Draft,
    pub(super) kind: ParagraphKind,
}

/// Titles of the outline, folded for comparison.
pub(super) struct OutlineTitles(HashSet<String>);

impl OutlineTitles {
    pub(super) fn of(document: &Document) -> OutlineTitles {
        let items = document.structure.outline.iter();
        OutlineTitles(
            items
                .map(|item| fold_title(&item.title))
                .filter(|t| !t.is_empty())
                .collect(),
        )
    }

    fn contains(&self, title: &str) -> bool {
        self.0.contains(&fold_title(title))
    }
}

/// Letters only, lower case: numbering and spacing differ between a heading and its bookmark.
pub(super) fn fold_title(title: &str) -> String {
    title
        .chars()
        .filter(|ch| ch.is_alphabetic())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Gives each draft its kind.
pub(super) fn classify(
    drafts: Vec<Draft>,
    usual: &Usual,
    outline: &OutlineTitles,
) -> Vec<Classified> {
    let mut result: Vec<Classified> = Vec::with_capacity(drafts.len());
    let notes = footnotes(&drafts, usual);
    let mut in_list_of_visuals = false;
    // A paragraph that breaks off at the end of this page.
    let mut unfinished: Option<crate::geometry::PageIndex> = None;
    for (draft, is_note) in drafts.into_iter().zip(notes) {
        let kind = if is_note {
            ParagraphKind::Footnote
        } else {
            kind_of(&draft, usual, outline, in_list_of_visuals)
        };
        let opens_page = unfinished.is_some_and(|end| draft.first().is_some_and(|l| l.page != end));
        let kind = if kind == ParagraphKind::Caption && opens_page && looks_like_text(&draft, usual)
        {
            ParagraphKind::Body
        } else {
            kind
        };
        if matches!(kind, ParagraphKind::Body | ParagraphKind::ListItem) {
            unfinished = draft
                .last()
                .filter(|last| {
                    !ends_sentence(&last.text)
                        && !last.text.ends_with(':')
                        && last.room() < 2.0 * last.size
                })
                .map(|last| last.page);
        } else if !matches!(
            kind,
            ParagraphKind::Header | ParagraphKind::Footer | ParagraphKind::Footnote
        ) {
            unfinished = None;
        }
        if kind == ParagraphKind::Heading {
            in_list_of_visuals = is_list_of_visuals_heading(&joined(&draft));
        }
        result.push(Classified { draft, kind });
    }
    result
}

fn joined(draft: &Draft) -> String {
    let texts: Vec<&str> = draft.lines.iter().map(|line| line.text.as_str()).collect();
    texts.join(" ")
}

fn kind_of(
    draft: &Draft,
    usual: &Usual,
    outline: &OutlineTitles,
    in_list_of_visuals: bool,
) -> ParagraphKind {
    match draft.role {
        Role::Header => return ParagraphKind::Header,
        Role::Footer => return ParagraphKind::Footer,
        Role::Table(_) => return ParagraphKind::TableText,
        Role::Formula => return ParagraphKind::FormulaText,
        Role::Text => {}
    }
    let leads = draft.lines.iter().any(|line| has_leaders(&line.text));
    if leads || in_list_of_visuals && draft.label.is_some() && ends_with_page(draft) {
        return ParagraphKind::ListItem;
    }
    if draft
        .label
        .as_ref()
        .is_some_and(|label| is_caption(draft, label, usual))
    {
        return ParagraphKind::Caption;
    }
    if is_code(&draft.lines) {
        return ParagraphKind::Code;
    }
    if is_formula(draft) {
        return ParagraphKind::FormulaText;
    }
    if is_heading(draft, usual, outline) {
        return ParagraphKind::Heading;
    }
    if draft.marker.is_some() {
        return ParagraphKind::ListItem;
    }
    ParagraphKind::Body
}

/// An entry of a list of figures ends with its page.
fn ends_with_page(draft: &Draft) -> bool {
    draft
        .last()
        .and_then(|line| line.text.split_whitespace().next_back())
        .is_some_and(|word| {
            word.chars()
                .all(|ch| ch.is_ascii_digit() || "ivxl-.".contains(ch))
        })
}

/// Whether a draft is an entry of a table of contents or a list of figures: what it names, it
/// does not discuss.
pub(super) fn is_contents_entry(draft: &Draft) -> bool {
    draft.role == Role::Text
        && (draft.lines.iter().any(|line| has_leaders(&line.text))
            || draft.label.is_some() && ends_with_page(draft))
}

/// A paragraph that begins with a label is a caption when the label is set off from the text, and
/// otherwise when it looks unlike running text.
fn is_caption(draft: &Draft, label: &CaptionLabel, usual: &Usual) -> bool {
    let Some(first) = draft.first() else {
        return false;
    };
    let looks_apart = first.size < 0.96 * usual.body_size
        || first.style.lead_bold
        || first.style.italic
        || centered(first)
        || first.beside_zone;
    let title = first.text.get(label.span.end..).unwrap_or("");
    if draft.lines.len() == 1 && !title.chars().any(char::is_alphanumeric) && !looks_apart {
        return false;
    }
    if label.delimited {
        // "Figure 3. The ..." may begin a sentence's rest in running text.
        return looks_apart || draft.apart || draft.lines.len() <= 6;
    }
    // "图 3 中文字体": without letter case, words that can go on with a sentence can begin a title
    // too; a lone line in the middle of the column is one.
    let cased = first.text.chars().find(|ch| ch.is_alphabetic());
    let cased = cased.is_some_and(|ch| ch.is_lowercase() || ch.is_uppercase());
    let is_title =
        !cased && draft.lines.len() == 1 && centered(first) && !ends_sentence(&first.text);
    (!label.sentence_like || is_title) && looks_apart && (draft.apart || draft.lines.len() <= 2)
}

/// Nothing in its looks sets a draft apart from running text: at the head of a page, the rest of
/// a sentence that ends "... as in | Figure 1. The ..." begins like a caption.
fn looks_like_text(draft: &Draft, usual: &Usual) -> bool {
    let after_label = draft
        .label
        .as_ref()
        .zip(draft.first())
        .and_then(|(label, first)| first.text.get(label.span.end..));
    let colon = after_label.is_some_and(|rest| rest.starts_with([':', '：']));
    draft.first().is_some_and(|first| {
        !colon
            && !first.beside_zone
            && (first.size - usual.body_size).abs() < 0.06 * usual.body_size
            && !first.style.lead_bold
            && !first.style.italic
            && !centered(first)
            && first.indent().abs() < 0.5 * first.size
    })
}

fn is_code(lines: &[FlowLine]) -> bool {
    let mono = lines.iter().filter(|line| line.style.monospace).count();
    mono == lines.len() || (lines.len() >= 3 && mono * 10 >= lines.len() * 6)
}

fn is_formula(draft: &Draft) -> bool {
    let Some(first) = draft.first() else {
        return false;
    };
    let text = joined(draft);
    let long_words = text
        .split_whitespace()
        .filter(|word| word.chars().filter(|ch| ch.is_alphabetic()).count() >= 4)
        .count();
    let math = draft.lines.iter().filter(|line| line.style.math).count();
    let operators = text
        .chars()
        .filter(|ch| "=≈≤≥<>∑∫∏√∂∇±×·∈⊂→∞+−".contains(*ch))
        .count();
    let set_off = first.indent() > first.size;
    if draft.lines.len() > 8 || long_words > 3 {
        return false;
    }
    draft.lines.iter().all(is_lone_equation_number)
        || math * 2 > draft.lines.len()
        || (set_off && operators > 0 && equation_number(&text).is_some())
        || (set_off && operators > 0 && long_words == 0 && text.len() < 120)
}

/// The number "(3.2)" at the end of a displayed formula, without its brackets. It stands apart: the
/// end of "y = f(1)" is an argument.
pub fn equation_number(text: &str) -> Option<&str> {
    let inner = text.trim_end().strip_suffix(')')?;
    let (formula, number) = inner.rsplit_once('(')?;
    if !formula.is_empty() && !formula.ends_with(char::is_whitespace) {
        return None;
    }
    let mut chars = number.chars();
    let shaped = chars.next().is_some_and(|ch| ch.is_ascii_alphanumeric())
        && number.chars().any(|ch| ch.is_ascii_digit())
        && number.len() <= 8
        && chars.all(|ch| ch.is_ascii_alphanumeric() || ".-–'".contains(ch));
    shaped.then_some(number)
}

fn is_heading(draft: &Draft, usual: &Usual, outline: &OutlineTitles) -> bool {
    let Some(first) = draft.first() else {
        return false;
    };
    let text = joined(draft);
    let letters = text.chars().filter(|ch| ch.is_alphabetic()).count();
    if draft.lines.len() > 4
        || text.chars().count() > MAX_HEADING_CHARS
        || letters < 2
        || draft.marker == Some(Marker::Bullet)
        || !first.upright
    {
        return false;
    }
    let large = first.size >= HEADING_SIZE * usual.largest_body_size;
    let all_bold = draft.lines.iter().all(|line| line.style.bold);
    let styled = large || all_bold || (first.style.italic && section_number(&text).is_some());
    if outline.contains(&text) && (styled || draft.apart) {
        return true;
    }
    let numbered = section_number(&text).is_some();
    let ends_open = text.ends_with([',', ';']) || (ends_sentence(&text) && !(large && numbered));
    if ends_open || draft.marker.is_some() && !styled {
        return false;
    }
    if large {
        return true;
    }
    all_bold && draft.apart && first.size >= 0.9 * usual.body_size && !text.ends_with(':')
}

/// The depth of a section number at the start of a title: 1 for "2 Method", 2 for "A.1 Data".
pub(super) fn section_number(text: &str) -> Option<u8> {
    let (token, rest) = text
        .trim_start_matches('§')
        .split_once(char::is_whitespace)?;
    let token = token.trim_end_matches('.');
    let parts: Vec<&str> = token.split('.').collect();
    let is_part = |part: &&str| {
        !part.is_empty()
            && part.len() <= 3
            && (part.chars().all(|ch| ch.is_ascii_digit())
                || (part.len() == 1 && part.chars().all(|ch| ch.is_ascii_uppercase())))
    };
    let numbered = parts.iter().all(is_part) && token.chars().any(|ch| ch.is_ascii_digit());
    let lettered = parts.len() == 1 && parts.iter().all(is_part);
    (rest.chars().any(char::is_alphabetic)
        && (numbered || lettered && !token.contains(char::is_lowercase)))
    .then(|| u8::try_from(parts.len()).unwrap_or(u8::MAX))
}

/// Which drafts are footnotes: small text with a mark, at the end of its page, below everything of
/// the text's own size.
fn footnotes(drafts: &[Draft], usual: &Usual) -> Vec<bool> {
    let mut result = vec![false; drafts.len()];
    let mut below: Option<(crate::geometry::PageIndex, f32)> = None;
    // Backwards: each page's last texts first.
    for (i, draft) in drafts.iter().enumerate().rev() {
        let (Some(first), Role::Text) = (draft.first(), draft.role) else {
            continue;
        };
        let lowest_body = match below {
            Some((page, y)) if page == first.page => y,
            _ => 0.0,
        };
        let small = first.size <= FOOTNOTE_SIZE * usual.body_size;
        let is_note = small
            && first.bbox.y0 > lowest_body
            && draft.label.is_none()
            && starts_with_note_mark(&first.text);
        if let Some(slot) = result.get_mut(i) {
            *slot = is_note;
        }
        let last_y = draft.last().map_or(0.0, |line| line.bbox.y0);
        if !small {
            below = Some((first.page, lowest_body.max(last_y)));
        } else if below.is_none_or(|(page, _)| page != first.page) {
            below = Some((first.page, lowest_body));
        }
    }
    result
}

fn starts_with_note_mark(text: &str) -> bool {
    let mark: String = text
        .chars()
        .take_while(|ch| ch.is_numeric() || "*∗†‡§¶‖#".contains(*ch))
        .collect();
    let rest = text.get(mark.len()..).unwrap_or("");
    let rest = rest.strip_prefix(['.', ')']).unwrap_or(rest);
    let count = mark.chars().count();
    (1..=3).contains(&count)
        && rest
            .trim_start()
            .chars()
            .next()
            .is_some_and(|ch| ch.is_alphabetic() || "\"“‘«„([\\<".contains(ch))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_sections_and_equations() {
        assert_eq!(section_number("2.5 Suporte"), Some(2));
        assert_eq!(section_number("3. Methods"), Some(1));
        assert_eq!(section_number("A Appendix"), Some(1));
        assert_eq!(section_number("3 = x"), Some(1));
        assert_eq!(section_number("The end"), None);
        assert_eq!(equation_number("a = b (3.2)"), Some("3.2"));
        assert_eq!(equation_number("(3.2)"), Some("3.2"));
        assert_eq!(equation_number("f(x)"), None);
        assert_eq!(equation_number("the parameter is PAR(1)"), None);
        assert!(starts_with_note_mark("1See the manual"));
        assert!(!starts_with_note_mark("2019 was a year"));
    }
}
