//! Syntax: paragraphs that go on over a column, a page, a float or a displayed formula are put
//! together again, and lines become text.

use std::{collections::HashSet, ops::Range};

use crate::geometry::{Rect, Region};

use super::{
    build::{Draft, ends_with_hyphen, same_size, starts_lower},
    classify::{Classified, equation_number},
    flow::{FlowLine, Role},
    paragraph::{Line, ParagraphKind},
    script::is_cjk,
    sentences::ends_sentence,
};

/// A paragraph goes on at most so many pages later (floats may fill pages between).
const MAX_PAGES_APART: u32 = 2;
/// Where this share of paragraphs has an indented first line, one without is a continuation.
const INDENTING_SHARE: f32 = 0.4;

/// Joins the parts of interrupted paragraphs; the whole stands where its first part stood.
pub(super) fn join(drafts: Vec<Classified>) -> Vec<Classified> {
    let indents = uses_indents(&drafts);
    let mut result: Vec<Classified> = Vec::with_capacity(drafts.len());
    // The paragraph that the next text may belong to, and whether a formula came between.
    let mut open: Option<usize> = None;
    let mut over_formula = false;
    for next in drafts {
        if next.kind == ParagraphKind::FormulaText
            && let Some(before) = result.last_mut()
            && is_one_formula(before, &next)
        {
            before.draft.lines.extend(next.draft.lines);
            over_formula = true;
            continue;
        }
        if !can_go_on(next.kind) {
            match next.kind {
                ParagraphKind::FormulaText => over_formula = true,
                ParagraphKind::Heading => open = None,
                // Program text that heads a page or column floats there.
                ParagraphKind::Code if !is_float(open.and_then(|i| result.get(i)), &next) => {
                    open = None;
                }
                _ => {}
            }
            result.push(next);
            continue;
        }
        let before = open.and_then(|i| result.get_mut(i));
        match before {
            Some(before) if goes_on(before, &next, over_formula, indents) => {
                before.draft.lines.extend(next.draft.lines);
            }
            _ => {
                open = Some(result.len());
                result.push(next);
            }
        }
        over_formula = false;
    }
    result
}

/// Whether a draft stands on a later page than a paragraph that breaks off in mid-sentence.
fn is_float(open: Option<&Classified>, next: &Classified) -> bool {
    let last = open.and_then(|open| open.draft.last());
    last.zip(next.draft.first()).is_some_and(|(last, first)| {
        last.page != first.page && !ends_sentence(&last.text) && !last.text.ends_with([':', '：'])
    })
}

/// Whether two pieces of displayed mathematics stand in each other's rows: fractions, limits and
/// the number come as lines of their own.
fn is_one_formula(before: &Classified, next: &Classified) -> bool {
    let extent = |draft: &Draft| Rect::union_all(draft.lines.iter().map(|line| line.bbox));
    let (Some(a), Some(b)) = (extent(&before.draft), extent(&next.draft)) else {
        return false;
    };
    let page = |draft: &Draft| draft.first().map(|line| line.page);
    // A formula that has its number is complete but for what stands in its rows.
    let is_numbered = before
        .draft
        .lines
        .iter()
        .any(|line| equation_number(&line.text).is_some());
    let size = before.draft.first().map_or(0.0, |line| line.size);
    before.kind == ParagraphKind::FormulaText
        && page(&before.draft) == page(&next.draft)
        && if is_numbered {
            a.y_overlap(&b) > 0.5 * a.height().min(b.height())
        } else {
            a.y_gap(&b) < 0.4 * size
        }
}

fn can_go_on(kind: ParagraphKind) -> bool {
    matches!(kind, ParagraphKind::Body | ParagraphKind::ListItem)
}

fn uses_indents(drafts: &[Classified]) -> bool {
    let bodies = drafts
        .iter()
        .filter(|d| d.kind == ParagraphKind::Body && d.draft.lines.len() > 1);
    let (all, indented) = bodies.fold((0usize, 0usize), |(all, indented), d| {
        (all + 1, indented + usize::from(d.draft.indented))
    });
    indented as f32 > INDENTING_SHARE * all as f32
}

fn goes_on(before: &Classified, next: &Classified, over_formula: bool, indents: bool) -> bool {
    let (Some(last), Some(first)) = (before.draft.last(), next.draft.first()) else {
        return false;
    };
    if next.kind != ParagraphKind::Body
        || next.draft.label.is_some()
        || !same_size(last, first)
        || last.style.bold != first.style.bold && before.draft.lines.len() == 1
        || last.page.distance(first.page) > MAX_PAGES_APART
        || !same_indent(before, &next.draft, first)
    {
        return false;
    }
    let steps = last.page != first.page || first.baseline <= last.baseline;
    if !steps && !over_formula {
        return false;
    }
    if ends_with_hyphen(&last.text) && starts_lower(&first.text) {
        return true;
    }
    let full = last.room() < 1.5 * last.size;
    if ends_sentence(&last.text) {
        // The sentence ended with the page, the paragraph perhaps not.
        return steps && full && indents && !next.draft.indented && !over_formula;
    }
    let lower = starts_lower(&first.text);
    let colon = last.text.ends_with([':', '：']);
    if over_formula && !steps {
        return lower && !(next.draft.indented && colon);
    }
    (lower && !colon) || has_open_bracket(before) || (full && !next.draft.indented && !colon)
}

/// The rest of a list item stands where the item's own lines stand.
fn same_indent(before: &Classified, next: &Draft, first: &FlowLine) -> bool {
    if before.kind != ParagraphKind::ListItem || next.lines.is_empty() {
        return true;
    }
    let offset = FlowLine::indent;
    match before.draft.lines.as_slice() {
        [_, .., last] => (offset(last) - offset(first)).abs() < 1.5 * first.size,
        _ => true,
    }
}

fn has_open_bracket(before: &Classified) -> bool {
    let mut depth = 0i32;
    for line in &before.draft.lines {
        for ch in line.text.chars() {
            match ch {
                '(' | '（' | '「' | '“' | '«' => depth += 1,
                ')' | '）' | '」' | '”' | '»' => depth = (depth - 1).max(0),
                _ => {}
            }
        }
    }
    depth > 0
}

/// The words of a document, to tell a word broken at a line's end from a compound.
pub(super) struct Vocabulary(HashSet<String>);

impl Vocabulary {
    pub(super) fn of(drafts: &[Classified]) -> Vocabulary {
        let mut words = HashSet::new();
        for line in drafts.iter().flat_map(|d| &d.draft.lines) {
            for word in line.text.split_whitespace() {
                let word = word.trim_matches(|ch: char| !ch.is_alphanumeric());
                // Only words that a hyphenated one could be are ever looked up.
                if word.len() > 3 {
                    let word = word.to_lowercase();
                    if !words.contains(&word) {
                        words.insert(word);
                    }
                }
            }
        }
        Vocabulary(words)
    }

    /// Whether the hyphen between two parts is only a line's end.
    fn is_one_word(&self, left: &str, right: &str) -> bool {
        let left = left
            .rsplit(|ch: char| !ch.is_alphanumeric())
            .next()
            .unwrap_or("")
            .to_lowercase();
        let right: String = right
            .chars()
            .take_while(|ch| ch.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect();
        if left.is_empty() || right.is_empty() {
            return false;
        }
        let whole = format!("{left}{right}");
        let compound = format!("{left}-{right}");
        self.0.contains(&whole) || !self.0.contains(&compound)
    }
}

/// The text of some lines, with the place of each line in it.
pub(super) fn text_of(
    lines: &[FlowLine],
    kind: ParagraphKind,
    words: &Vocabulary,
) -> (String, Vec<Line>) {
    let mut text = String::new();
    let mut spans: Vec<Line> = Vec::with_capacity(lines.len());
    let mut before: Option<&FlowLine> = None;
    for line in lines {
        if let Some(before) = before {
            push_joint(&mut text, before, line, kind, words);
            if let Some(last) = spans.last_mut() {
                last.span.end = last.span.end.min(text.len());
            }
        }
        let start = text.len();
        text.push_str(&line.text);
        spans.push(Line {
            span: Range {
                start,
                end: text.len(),
            },
            region: Region {
                page: line.page,
                bbox: line.bbox,
            },
        });
        before = Some(line);
    }
    (text, spans)
}

/// What stands between two lines: nothing, a space, a tab between cells, a line's end in code.
fn push_joint(
    text: &mut String,
    before: &FlowLine,
    line: &FlowLine,
    kind: ParagraphKind,
    words: &Vocabulary,
) {
    let same_row =
        before.page == line.page && (before.baseline - line.baseline).abs() < 0.5 * line.size;
    match kind {
        ParagraphKind::Code => return text.push('\n'),
        ParagraphKind::TableText if matches!(line.role, Role::Table(_)) => {
            return text.push(if same_row { '\t' } else { '\n' });
        }
        _ => {}
    }
    let hyphen = text
        .chars()
        .next_back()
        .filter(|ch| "-\u{ad}\u{2010}".contains(*ch));
    if let Some(hyphen) = hyphen
        && starts_lower(&line.text)
        && text.chars().rev().nth(1).is_some_and(char::is_alphabetic)
    {
        let cut = text.len() - hyphen.len_utf8();
        let left = text.get(..cut).unwrap_or("");
        if hyphen == '\u{ad}' || words.is_one_word(left, &line.text) {
            text.truncate(cut);
        }
        return;
    }
    let glued = text.chars().next_back().is_some_and(is_cjk)
        && line.text.chars().next().is_some_and(is_cjk);
    if !glued {
        text.push(' ');
    }
}
