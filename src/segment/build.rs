//! Lines to draft paragraphs: where one paragraph ends and the next begins, by layout.

use std::collections::HashMap;

use crate::mention::{CaptionLabel, caption_label};

use super::{
    classify::equation_number,
    flow::{FlowLine, Role},
    marker::{Marker, marker},
    script::is_cjk,
    sentences::ends_sentence,
};

/// Font sizes closer than this share are one size.
const SAME_SIZE: f32 = 0.06;
/// Sizes closer than this share may stand in one paragraph where its text runs on.
const SIMILAR_SIZE: f32 = 0.13;
/// Baselines further apart than this many leadings end a paragraph.
const MAX_LEADING: f32 = 1.28;
/// Up to this many leadings, an unfinished sentence goes on (a tall formula in the line).
const MAX_TALL_LEADING: f32 = 1.9;
/// An indent is at least this many em.
const MIN_INDENT_EM: f32 = 0.7;

/// A size that sets this share of the text is one of running text.
const BODY_SHARE: f32 = 0.15;

/// A paragraph in the making.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) lines: Vec<FlowLine>,
    pub(super) role: Role,
    /// The label it begins with, where it begins like a caption.
    pub(super) label: Option<CaptionLabel>,
    /// The list marker it begins with.
    pub(super) marker: Option<Marker>,
    /// Its first line is indented against its column.
    pub(super) indented: bool,
    /// It stands clearly apart from the text before it.
    pub(super) apart: bool,
}

/// What is usual in the document.
#[derive(Debug, Clone)]
pub(super) struct Usual {
    /// Font size of running text, in points.
    pub(super) body_size: f32,
    /// The largest size that sets a good part of the text (a manual's prose among its listings).
    pub(super) largest_body_size: f32,
    /// Distance of baselines in parts of the font size, by font size in tenths of a point.
    leadings: HashMap<i32, f32>,
}

impl Usual {
    /// Measures all lines; the most frequent values by characters win.
    pub(super) fn of(pages: &[Vec<FlowLine>]) -> Usual {
        let mut sizes: HashMap<i32, usize> = HashMap::new();
        let mut gaps: HashMap<(i32, i32), usize> = HashMap::new();
        for lines in pages {
            for line in lines.iter().filter(|line| is_prose(line)) {
                *sizes.entry(tenths(line.size)).or_default() += line.text.len();
            }
            for pair in lines.windows(2) {
                if let [a, b] = pair
                    && let Some(gap) = leading_between(a, b)
                {
                    *gaps
                        .entry((tenths(a.size), (gap * 20.0) as i32))
                        .or_default() += 1;
                }
            }
        }
        let body_size = most_frequent(sizes.iter().map(|(size, count)| (*size, *count)))
            .map_or(10.0, |size| size as f32 / 10.0);
        let all: usize = sizes.values().sum();
        let largest = sizes
            .iter()
            .filter(|(_, count)| **count as f32 > BODY_SHARE * all as f32)
            .map(|(size, _)| *size as f32 / 10.0)
            .fold(body_size, f32::max);
        let mut leadings: HashMap<i32, f32> = HashMap::new();
        let mut by_size: HashMap<i32, Vec<(i32, usize)>> = HashMap::new();
        for ((size, gap), count) in gaps {
            by_size.entry(size).or_default().push((gap, count));
        }
        for (size, counts) in by_size {
            if let Some(gap) = most_frequent(counts.into_iter()) {
                leadings.insert(size, (gap as f32 + 0.5) / 20.0);
            }
        }
        Usual {
            body_size,
            largest_body_size: largest,
            leadings,
        }
    }

    /// The usual distance of baselines at this size, in points.
    pub(super) fn leading(&self, size: f32) -> f32 {
        size * self.leadings.get(&tenths(size)).copied().unwrap_or(1.25)
    }
}

fn is_prose(line: &FlowLine) -> bool {
    line.role == Role::Text && line.upright && !line.style.monospace
}

fn tenths(size: f32) -> i32 {
    (size * 10.0).round() as i32
}

/// The distance of the baselines in parts of the font size, for lines that can be one paragraph's.
fn leading_between(a: &FlowLine, b: &FlowLine) -> Option<f32> {
    let gap = (b.baseline - a.baseline) / a.size;
    (is_prose(a) && is_prose(b) && same_size(a, b) && (0.8..2.2).contains(&gap)).then_some(gap)
}

fn most_frequent(counts: impl Iterator<Item = (i32, usize)>) -> Option<i32> {
    counts
        .max_by_key(|(value, count)| (*count, std::cmp::Reverse(*value)))
        .map(|(value, _)| value)
}

pub(super) fn same_size(a: &FlowLine, b: &FlowLine) -> bool {
    (a.size - b.size).abs() <= SAME_SIZE * a.size.max(b.size)
}

/// Cuts each page's lines into draft paragraphs.
pub(super) fn drafts(pages: Vec<Vec<FlowLine>>, usual: &Usual) -> Vec<Draft> {
    let mut drafts: Vec<Draft> = Vec::new();
    for lines in pages {
        let breaks = page_breaks(&lines, usual);
        for (line, starts) in lines.into_iter().zip(breaks) {
            match drafts.last_mut() {
                Some(draft) if starts == Start::Same => draft.lines.push(line),
                _ => drafts.push(Draft::begin(line, starts == Start::Apart)),
            }
        }
    }
    drafts
}

impl Draft {
    fn begin(line: FlowLine, apart: bool) -> Draft {
        let is_text = line.role == Role::Text;
        Draft {
            role: line.role,
            label: is_text.then(|| caption_label(&line.text)).flatten(),
            marker: is_text.then(|| marker(&line.text)).flatten(),
            indented: line.indent() > MIN_INDENT_EM * line.size,
            apart,
            lines: vec![line],
        }
    }

    pub(super) fn first(&self) -> Option<&FlowLine> {
        self.lines.first()
    }

    pub(super) fn last(&self) -> Option<&FlowLine> {
        self.lines.last()
    }
}

/// How a line relates to the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Start {
    /// It goes on.
    Same,
    /// It begins a paragraph.
    New,
    /// It begins a paragraph after a gap.
    Apart,
}

fn page_breaks(lines: &[FlowLine], usual: &Usual) -> Vec<Start> {
    let mut starts = Vec::with_capacity(lines.len());
    // The lines of the paragraph so far.
    let mut first = 0;
    for (i, line) in lines.iter().enumerate() {
        let so_far = lines.get(first..i).unwrap_or(&[]);
        let start = match so_far.last() {
            None => Start::Apart,
            Some(_) => start_of(so_far, line, lines.get(i + 1), usual),
        };
        if start != Start::Same {
            first = i;
        }
        starts.push(start);
    }
    starts
}

fn start_of(so_far: &[FlowLine], line: &FlowLine, next: Option<&FlowLine>, usual: &Usual) -> Start {
    let (Some(first), Some(last)) = (so_far.first(), so_far.last()) else {
        return Start::Apart;
    };
    if line.role != last.role {
        return Start::Apart;
    }
    if line.role != Role::Text {
        return furniture_or_table_start(last, line);
    }
    if line.upright != last.upright {
        return Start::Apart;
    }
    if !line.upright {
        return Start::New;
    }
    let steps_aside =
        line.baseline <= last.baseline - 0.5 * last.size || line.bbox.x_overlap(&last.bbox) <= 0.0;
    if steps_aside {
        // Another column: the parts are joined later if the syntax says so.
        return Start::Apart;
    }
    if is_drop_cap(first, line) && so_far.len() == 1 {
        return Start::Same;
    }
    let text = Context {
        so_far,
        first,
        last,
        line,
        next,
    };
    if !same_size(last, line) && !text.is_line_of_other_size() {
        return Start::Apart;
    }
    if is_lone_equation_number(last) || is_lone_equation_number(line) {
        return Start::New;
    }
    text.by_gap(usual).unwrap_or_else(|| text.by_shape())
}

/// The number of a displayed formula, set apart from it at the column's edge.
pub(super) fn is_lone_equation_number(line: &FlowLine) -> bool {
    equation_number(&line.text).is_some()
        && line.text.chars().filter(|ch| ch.is_alphanumeric()).count() <= 6
        && line.indent() > 3.0 * line.size
}

fn furniture_or_table_start(last: &FlowLine, line: &FlowLine) -> Start {
    let same_row = (last.baseline - line.baseline).abs() < 0.5 * line.size;
    match line.role {
        Role::Formula => Start::New,
        Role::Table(_) => Start::Same,
        _ if same_row => Start::Same,
        _ => Start::New,
    }
}

/// A large initial whose paragraph runs around it.
fn is_drop_cap(first: &FlowLine, line: &FlowLine) -> bool {
    first.size > 1.8 * line.size && first.text.chars().count() <= 2
}

/// The lines that decide about a break.
struct Context<'l> {
    so_far: &'l [FlowLine],
    first: &'l FlowLine,
    last: &'l FlowLine,
    line: &'l FlowLine,
    next: Option<&'l FlowLine>,
}

impl Context<'_> {
    /// A line of a paragraph most of which is a link or a name in a slightly different font.
    fn is_line_of_other_size(&self) -> bool {
        let (last, line) = (self.last, self.line);
        (last.size - line.size).abs() <= SIMILAR_SIZE * last.size.max(line.size)
            && line.indent().abs() < 0.5 * line.size
            && !self.would_have_fit()
            && !ends_sentence(&last.text)
            && !last.style.bold
            && !line.style.bold
    }

    /// Whether the distance to the line above decides.
    fn by_gap(&self, usual: &Usual) -> Option<Start> {
        let gap = self.line.baseline - self.last.baseline;
        // A paragraph's own spacing rules once it has two lines (captions, abstracts, lists).
        let own = match self.so_far {
            [.., a, b] if same_size(a, b) => Some(b.baseline - a.baseline),
            _ => None,
        };
        let usual = usual.leading(self.line.size);
        let expected = own.map_or(usual, |own| own.min(1.15 * usual).max(0.9 * usual));
        if gap <= MAX_LEADING * expected {
            return None;
        }
        let goes_on = gap <= MAX_TALL_LEADING * expected
            && !self.would_have_fit()
            && !ends_sentence(&self.last.text)
            && starts_lower(&self.line.text);
        if goes_on { None } else { Some(Start::Apart) }
    }

    /// Whether the first word of the line had room on the line above, so that the line was begun
    /// on purpose.
    fn would_have_fit(&self) -> bool {
        self.last.room() > self.line.first_word + 0.5 * self.line.size
    }

    fn by_shape(&self) -> Start {
        let (last, line) = (self.last, self.line);
        let code = line.style.monospace && last.style.monospace;
        if line.style.monospace != last.style.monospace && !self.is_prose_in_code_font() {
            return Start::New;
        }
        if code {
            return Start::Same;
        }
        if has_leaders(&last.text) {
            return Start::New;
        }
        if centered(last) && !is_even(line) && self.would_have_fit() {
            return Start::New;
        }
        let caption = caption_label(&self.first.text).is_some_and(|label| label.delimited);
        if last.style.bold != line.style.bold && self.would_have_fit() && !caption {
            return Start::New;
        }
        let broken_off = self.would_have_fit() || ends_sentence(&last.text);
        if starts_caption(&line.text) && (broken_off || !has_words(&last.text)) {
            return Start::New;
        }
        // "(a) left (b) right | 图 3 标题": captions of parts above that of the whole.
        if self.is_centered_label() && broken_off {
            return Start::New;
        }
        if self.starts_item() {
            return Start::New;
        }
        if caption {
            // What follows a caption without a gap begins at the column's edge, the caption does not
            // end there.
            let ends = self.would_have_fit() && !starts_lower(&line.text);
            let leaves = centered(last) && !centered(line);
            return if ends && (leaves || ends_sentence(&last.text)) {
                Start::New
            } else {
                Start::Same
            };
        }
        self.by_indent()
    }

    /// A line that happens to hold only code inside a paragraph.
    fn is_prose_in_code_font(&self) -> bool {
        let (last, line) = (self.last, self.line);
        let flush = line.indent().abs() < 0.5 * line.size;
        let other = if line.style.monospace { last } else { line };
        let in_prose = !self.first.style.monospace;
        in_prose && flush && !self.would_have_fit() && !self.ends_well() && !other.style.bold
    }

    /// A label and a title in the middle of the column, nothing between them.
    fn is_centered_label(&self) -> bool {
        centered(self.line)
            && caption_label(&self.line.text)
                .is_some_and(|label| label.label.number.is_some() && !label.sentence_like)
    }

    fn starts_item(&self) -> bool {
        let Some(marker) = marker(&self.line.text) else {
            return false;
        };
        let outdented = self.line.start() < self.last.start() - 0.5 * self.line.size;
        let indented = self.line.start() > self.last.start() + 0.5 * self.line.size;
        match marker {
            Marker::Bullet => outdented || indented || self.would_have_fit() || self.is_item_like(),
            Marker::Number => outdented || self.would_have_fit() || (indented && self.ends_well()),
        }
    }

    /// The paragraph so far is an item whose marker stands where this line's does.
    fn is_item_like(&self) -> bool {
        marker(&self.first.text).is_some()
            && (self.first.start() - self.line.start()).abs() < 0.5 * self.line.size
    }

    fn ends_well(&self) -> bool {
        ends_sentence(&self.last.text) || self.last.text.ends_with([':', ';', '：', '；'])
    }

    fn by_indent(&self) -> Start {
        let (last, line) = (self.last, self.line);
        let em = line.size;
        let shift = line.start() - last.start();
        let hangs = marker(&self.first.text).is_some();
        if shift > MIN_INDENT_EM * em && !hangs {
            let returns = self
                .next
                .is_some_and(|next| next.start() < line.start() - 0.5 * em);
            if centered(last) && centered(line) {
                return Start::Same;
            }
            let unfinished = !ends_sentence(&last.text) && !self.would_have_fit();
            // Hanging indent: only the first line stands out.
            if self.so_far.len() == 1 && !returns && unfinished {
                return Start::Same;
            }
            return if unfinished && starts_lower(&line.text) {
                Start::Same
            } else {
                Start::New
            };
        }
        if shift < -MIN_INDENT_EM * em && self.so_far.len() > 1 && !centered(line) {
            return if !ends_sentence(&last.text) && starts_lower(&line.text) {
                Start::Same
            } else {
                Start::New
            };
        }
        self.by_room()
    }

    /// A line begun on purpose is a new paragraph if the text before it could be complete.
    fn by_room(&self) -> Start {
        if !self.would_have_fit() || (centered(self.last) && centered(self.line)) {
            return Start::Same;
        }
        let open = self.last.text.ends_with([',', '(', '，', '、']);
        let complete = self.ends_well() || !(open || starts_lower(&self.line.text));
        if complete && !ends_with_hyphen(&self.last.text) {
            Start::New
        } else {
            Start::Same
        }
    }
}

/// Whether a line stands in the middle of its column, away from both edges.
pub(super) fn centered(line: &FlowLine) -> bool {
    let left = line.bbox.x0 - line.column.0;
    let right = line.column.1 - line.bbox.x1;
    left > 1.5 * line.size && right > 1.5 * line.size && (left - right).abs() < 1.5 * line.size
}

/// Whether a line reaches as far from its column's edge at both ends, and is not just full.
fn is_even(line: &FlowLine) -> bool {
    (line.indent() - line.room()).abs() < 1.5 * line.size && line.indent() > 0.5 * line.size
}

/// Whether a text begins with a label that is set off; "Figure 3)." ends a remark in brackets.
fn starts_caption(text: &str) -> bool {
    caption_label(text).is_some_and(|label| {
        let rest = text.get(label.span.end..).unwrap_or("");
        let has_title = rest.chars().any(char::is_alphanumeric);
        label.delimited && has_title && !rest.starts_with(')')
    })
}

/// Whether a text holds anything but numbers and marks: the ticks of an axis do not.
fn has_words(text: &str) -> bool {
    text.chars().any(char::is_alphabetic)
}

/// A label with a colon begins a caption wherever it stands.
pub(super) fn has_colon(text: &str) -> bool {
    caption_label(text).is_some_and(|label| {
        let rest = text.get(label.span.end..).unwrap_or("");
        label.label.number.is_some() && rest.trim_start().starts_with([':', '：'])
    })
}

/// Whether dots lead to a page number at the text's end, as in a table of contents.
pub fn has_leaders(text: &str) -> bool {
    let dots = [". . . . .", "......", "······", "……"];
    let number = text.split_whitespace().next_back().unwrap_or("");
    let is_page = !number.is_empty()
        && number.trim_start_matches(['.', '…', '·']).len() <= 8
        && number
            .chars()
            .all(|ch| ch.is_ascii_digit() || "ivxlcA-.…·".contains(ch));
    is_page && dots.iter().any(|leader| text.contains(leader))
}

pub(super) fn ends_with_hyphen(text: &str) -> bool {
    text.ends_with(['-', '\u{ad}', '\u{2010}'])
}

/// Whether a text begins like the middle of a sentence.
pub(super) fn starts_lower(text: &str) -> bool {
    text.chars()
        .find(|ch| ch.is_alphanumeric())
        .is_some_and(|ch| ch.is_lowercase() || is_cjk(ch))
}
