//! Displayed formulas: fractions, limits, brackets and numbers are lines of their own to whoever
//! reads baselines; together they are one display.

use crate::{geometry::Rect, pdf::Direction};

use super::{
    build::has_leaders, classify::equation_number, flow::is_caption_line, lines::TextLine,
    script::is_cjk,
};

/// Signs that make a line one of mathematics.
const OPERATORS: &str = "=≈≤≥<>∑∫∏√∂∇±×·∈⊂→∞+−≜≡∼∝∀∃∪∩⊗⊕";
/// A line with so many words, each of so many letters, is running text.
const PROSE_WORDS: usize = 2;
const WORD_LETTERS: usize = 4;
/// A line with so many ideographs is running text; with operators in a font of mathematics, one with twice as many.
const PROSE_IDEOGRAPHS: usize = 2;
/// Parts above each other (a fraction's, a sum's) are at most this far apart, in em, ...
const PART_GAP_EM: f32 = 0.5;
/// ... the rows of one display this far, ...
const ROW_GAP_EM: f32 = 0.9;
/// ... and parts side by side this far.
const ASIDE_GAP_EM: f32 = 4.0;
/// A number is at most this far from its formula, in points.
const NUMBER_GAP: f32 = 250.0;
/// What stands nearer to running text in its row, in em, belongs to that.
const INLINE_GAP_EM: f32 = 1.4;
/// A display is set off from the left edge of the text by at least this, in em, ...
const MIN_INDENT_EM: f32 = 0.7;
/// ... and a line with a word in it by this much: paragraphs have indents too.
const MIN_WORD_INDENT_EM: f32 = 3.0;
/// What is higher, in em, is more than a line.
const LINE_EM: f32 = 1.8;
/// A display is at most so many lines; what is larger is a page in a mathematical font.
const MAX_LINES: usize = 120;
/// Pages with more lines, maps and plots of labels, are not searched: the search is quadratic.
const MAX_PAGE_LINES: usize = 2_000;

/// Puts the lines of each displayed formula together. Returns the displays, each as one line whose
/// text is in drawing order, its number at the end; `lines` keeps the others.
pub(super) fn take_displays(lines: &mut Vec<(TextLine, f32)>) -> Vec<(TextLine, f32)> {
    if lines.len() > MAX_PAGE_LINES {
        return Vec::new();
    }
    let page = Pieces::of(lines);
    let mut displays = Vec::new();
    let mut taken = vec![false; lines.len()];
    for group in page.groups() {
        for members in page.by_number(&group) {
            if !page.is_display(&members) {
                continue;
            }
            for member in &members {
                if let Some(taken) = taken.get_mut(*member) {
                    *taken = true;
                }
            }
            displays.extend(page.merged(&members));
        }
    }
    let mut taken = taken.into_iter();
    lines.retain(|_| taken.next() != Some(true));
    displays
}

/// What a line can be to a display.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Mathematics: displays begin here.
    Math,
    /// A number "(3.2)" by itself.
    Number,
    /// A word, a digit, a bracket: part of a display when it is next to one.
    Scrap,
    /// Running text, or part of its rows.
    Text,
}

struct Pieces<'a> {
    lines: Vec<&'a TextLine>,
    parts: Vec<Part>,
    /// The lines of running text.
    prose: Vec<&'a TextLine>,
}

impl<'a> Pieces<'a> {
    fn of(lines: &'a [(TextLine, f32)]) -> Pieces<'a> {
        let lines: Vec<&TextLine> = lines.iter().map(|(line, _)| line).collect();
        let mut parts: Vec<Part> = lines.iter().map(|line| part(line)).collect();
        let prose = lines.iter().zip(&parts).filter(|(_, p)| **p == Part::Text);
        let prose: Vec<&TextLine> = prose.map(|(line, _)| *line).collect();
        // Pieces of running text that stand beside it: their neighbours do too.
        let mut text = prose.clone();
        let mut next = 0;
        while let Some(known) = text.get(next).copied() {
            next += 1;
            for (line, part) in lines.iter().copied().zip(&mut parts) {
                if *part != Part::Text && is_inline(line, known) {
                    *part = Part::Text;
                    text.push(line);
                }
            }
        }
        Pieces {
            lines,
            parts,
            prose,
        }
    }

    fn line(&self, at: usize) -> Option<(&'a TextLine, Part)> {
        Some((*self.lines.get(at)?, *self.parts.get(at)?))
    }

    /// The lines that hang together with mathematics.
    fn groups(&self) -> Vec<Vec<usize>> {
        let mut free: Vec<usize> = (0..self.lines.len())
            .filter(|at| self.parts.get(*at) != Some(&Part::Text))
            .collect();
        let mut groups = Vec::new();
        while let Some(seed) = free
            .iter()
            .position(|at| self.parts.get(*at) == Some(&Part::Math))
        {
            let mut group = vec![free.swap_remove(seed)];
            let mut next = 0;
            while let Some(member) = group.get(next).copied() {
                let near = free.extract_if(.., |other| self.hang_together(member, *other));
                group.extend(near.collect::<Vec<_>>());
                next += 1;
            }
            groups.push(group);
        }
        self.joined(groups)
    }

    /// Groups that reach into each other, or follow each other as rows, are one.
    fn joined(&self, groups: Vec<Vec<usize>>) -> Vec<Vec<usize>> {
        let mut joined: Vec<(Rect, Vec<usize>)> = Vec::new();
        for mut group in groups {
            let lines = group.iter().filter_map(|at| self.lines.get(*at));
            let em = lines.clone().map(|line| line.size).fold(0.0, f32::max);
            let Some(mut bbox) = Rect::union_all(lines.map(|line| line.bbox)) else {
                continue;
            };
            while let Some(at) = joined.iter().position(|(other, _)| {
                other.x_overlap(&bbox) > 0.0
                    && other.y_gap(&bbox) < PART_GAP_EM * em
                    && !self.is_parted(other, &bbox)
            }) {
                let (other, members) = joined.swap_remove(at);
                bbox = bbox.union(&other);
                group.extend(members);
            }
            joined.push((bbox, group));
        }
        joined.into_iter().map(|(_, group)| group).collect()
    }

    fn hang_together(&self, a: usize, b: usize) -> bool {
        let (Some((a, first)), Some((b, second))) = (self.line(a), self.line(b)) else {
            return false;
        };
        let em = a.size.max(b.size);
        let in_row = a.bbox.y_overlap(&b.bbox) > 0.3 * a.bbox.height().min(b.bbox.height());
        let (x_gap, y_gap) = (a.bbox.x_gap(&b.bbox), a.bbox.y_gap(&b.bbox));
        if in_row {
            let is_numbered = [first, second].contains(&Part::Number);
            let reach = if is_numbered {
                NUMBER_GAP
            } else {
                ASIDE_GAP_EM * em
            };
            return x_gap < reach && !self.is_parted(&a.bbox, &b.bbox);
        }
        let math = first == Part::Math && second == Part::Math;
        let rows = math && a.bbox.x_overlap(&b.bbox) > 0.0 && y_gap < ROW_GAP_EM * em;
        let parts = x_gap < em && y_gap < PART_GAP_EM * em;
        (rows || parts) && !self.is_parted(&a.bbox, &b.bbox)
    }

    /// Whether running text stands between two boxes.
    fn is_parted(&self, a: &Rect, b: &Rect) -> bool {
        let both = a.union(b);
        self.prose.iter().any(|line| {
            both.contains(line.bbox.center())
                || line.bbox.x_overlap(&both) > 0.3 * both.width()
                    && (both.y0..both.y1).contains(&line.bbox.center_y())
        })
    }

    /// A group cut into the rows of its numbers: each number names a display.
    fn by_number(&self, group: &[usize]) -> Vec<Vec<usize>> {
        let numbers: Vec<f32> = group
            .iter()
            .filter_map(|at| self.line(*at))
            .filter(|(line, _)| equation_number(&line.text).is_some())
            .map(|(line, _)| line.bbox.center_y())
            .collect();
        if numbers.len() < 2 {
            return vec![group.to_vec()];
        }
        let mut cut = vec![Vec::new(); numbers.len()];
        for at in group {
            let Some((line, _)) = self.line(*at) else {
                continue;
            };
            let distance = |y: &f32| (y - line.bbox.center_y()).abs();
            let nearest = (numbers.iter().enumerate())
                .min_by(|a, b| distance(a.1).total_cmp(&distance(b.1)))
                .and_then(|(k, _)| cut.get_mut(k));
            if let Some(rows) = nearest {
                rows.push(*at);
            }
        }
        cut
    }

    fn is_display(&self, members: &[usize]) -> bool {
        let lines: Vec<(&TextLine, Part)> = members.iter().filter_map(|m| self.line(*m)).collect();
        let Some(bbox) = Rect::union_all(lines.iter().map(|(line, _)| line.bbox)) else {
            return false;
        };
        let em = lines.iter().map(|(line, _)| line.size).fold(0.0, f32::max);
        let has_word = bbox.height() < LINE_EM * em
            && lines
                .iter()
                .any(|(line, _)| words(&line.text, WORD_LETTERS - 1) > 0);
        let least = if has_word {
            MIN_WORD_INDENT_EM
        } else {
            MIN_INDENT_EM
        };
        // The text that the display interrupts.
        let left = (self.prose.iter())
            .filter(|line| line.bbox.x_overlap(&bbox) > 0.0)
            .map(|line| line.bbox.x0)
            .min_by(f32::total_cmp);
        lines.len() <= MAX_LINES
            // Labels of a drawing are set as mathematics too, and say nothing of one another.
            && lines
                .iter()
                .any(|(line, part)| *part == Part::Number || has_operator(&line.text))
            && left.is_none_or(|left| bbox.x0 - left > least * em)
    }

    /// One line for all of a display's.
    fn merged(&self, members: &[usize]) -> Option<(TextLine, f32)> {
        let mut lines: Vec<(&TextLine, Part)> =
            members.iter().filter_map(|m| self.line(*m)).collect();
        lines.sort_by_key(|(line, part)| (*part == Part::Number, line.order));
        // Brackets, sums and exponents reach far beyond nominal heights, some to one side alone.
        let bbox = Rect::union_all(lines.iter().map(|(line, _)| line.ink))?;
        let (widest, _) =
            (lines.iter().copied()).max_by(|a, b| a.0.bbox.width().total_cmp(&b.0.bbox.width()))?;
        let texts: Vec<&str> = lines.iter().map(|(line, _)| line.text.as_str()).collect();
        let display = TextLine {
            bbox,
            text: texts.join(" "),
            math: true,
            ..widest.clone()
        };
        Some((display, bbox.width()))
    }
}

fn part(line: &TextLine) -> Part {
    let text = line.text.trim();
    let is_listed = text.starts_with(['•', '\u{FFFD}']) || has_leaders(text);
    let is_other = line.monospace || is_listed || is_caption_line(line) || is_prose(line);
    if line.direction != Direction::Right || is_other {
        Part::Text
    } else if text.starts_with('(') && equation_number(text).is_some() {
        Part::Number
    } else if line.math || has_operator(text) && words(text, WORD_LETTERS) == 0 {
        Part::Math
    } else if line.bold {
        Part::Text
    } else {
        Part::Scrap
    }
}

/// Whether a piece stands in the row of running text, next to it.
fn is_inline(line: &TextLine, text: &TextLine) -> bool {
    let shared = text.bbox.y_overlap(&line.bbox);
    shared > 0.3 * text.bbox.height().min(line.bbox.height())
        && text.bbox.x_gap(&line.bbox) < INLINE_GAP_EM * text.size
}

fn is_prose(line: &TextLine) -> bool {
    let ideographs = line.text.chars().filter(|ch| is_cjk(*ch)).count();
    let words = words(&line.text, WORD_LETTERS);
    // Some documents set all of their text in fonts of mathematics.
    let factor = if line.math && has_operator(&line.text) {
        2
    } else {
        1
    };
    ideographs >= factor * PROSE_IDEOGRAPHS || words >= factor * PROSE_WORDS
}

fn has_operator(text: &str) -> bool {
    text.contains(|ch| OPERATORS.contains(ch))
}

/// How many words of at least so many letters a text has.
fn words(text: &str, letters: usize) -> usize {
    text.split(|ch: char| !ch.is_alphabetic())
        .filter(|word| word.chars().count() >= letters)
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str, order: u32, [x0, y0, x1, y1]: [f32; 4]) -> (TextLine, f32) {
        let line = TextLine {
            order,
            ..TextLine::sample(text, Rect::new(x0, y0, x1, y1))
        };
        (line, 0.0)
    }

    fn texts(lines: &[(TextLine, f32)]) -> Vec<&str> {
        lines.iter().map(|(line, _)| line.text.as_str()).collect()
    }

    #[test]
    fn the_pieces_of_a_displayed_formula_are_one_line_with_its_number_last() {
        let mut lines = vec![
            line("The mean of all samples is", 0, [72.0, 100.0, 540.0, 110.0]),
            line("(4.2)", 1, [515.0, 125.0, 540.0, 135.0]),
            line("m =", 2, [260.0, 125.0, 285.0, 135.0]),
            line("1", 3, [290.0, 118.0, 296.0, 128.0]),
            line("n", 4, [290.0, 131.0, 296.0, 141.0]),
            line("∑ x", 5, [300.0, 125.0, 320.0, 135.0]),
            line("where samples have weights", 6, [72.0, 155.0, 400.0, 165.0]),
        ];
        let displays = take_displays(&mut lines);
        assert_eq!(texts(&displays), ["m = 1 n ∑ x (4.2)"]);
        let bbox = displays[0].0.bbox;
        assert_eq!(bbox, Rect::new(260.0, 118.0, 540.0, 141.0));
        assert_eq!(lines.len(), 2);
    }

    #[test]
    fn each_number_names_a_display() {
        let mut lines = vec![
            line("a = b + c", 0, [260.0, 100.0, 320.0, 110.0]),
            line("(1)", 1, [525.0, 100.0, 540.0, 110.0]),
            line("d = e", 2, [260.0, 116.0, 300.0, 126.0]),
            line("(2)", 3, [525.0, 116.0, 540.0, 126.0]),
        ];
        let mut displays = take_displays(&mut lines);
        displays.sort_by(|a, b| a.0.bbox.y0.total_cmp(&b.0.bbox.y0));
        assert_eq!(texts(&displays), ["a = b + c (1)", "d = e (2)"]);
        assert!(lines.is_empty());
    }

    #[test]
    fn mathematics_in_running_text_is_no_display() {
        let prose = line(
            "which holds for every point",
            0,
            [72.0, 100.0, 300.0, 110.0],
        );
        // In the row of the text, and the last line of a paragraph.
        let inline = line("x = y,", 1, [305.0, 100.0, 340.0, 110.0]);
        let last = line("n + m = 0.", 2, [72.0, 112.0, 130.0, 122.0]);
        let mut lines = vec![prose, inline, last];
        assert!(take_displays(&mut lines).is_empty());
        assert_eq!(lines.len(), 3);
    }

    #[test]
    fn text_in_a_font_of_mathematics_and_labels_of_captions_are_no_parts_of_displays() {
        let (mut title, _) = line("Levels of a system.", 0, [231.0, 100.0, 392.0, 110.0]);
        title.math = true;
        let mut lines = vec![
            (title, 0.0),
            line("a + b", 1, [260.0, 130.0, 300.0, 140.0]),
            line("Figure 7.2:", 2, [262.0, 142.0, 310.0, 152.0]),
        ];
        let displays = take_displays(&mut lines);
        assert_eq!(texts(&displays), ["a + b"]);
    }

    #[test]
    fn an_indented_line_that_begins_with_a_word_is_no_display() {
        let mut lines = vec![
            line("Some text that goes before", 0, [72.0, 100.0, 540.0, 110.0]),
            line("Let a = b.", 1, [87.0, 112.0, 130.0, 122.0]),
            line("and some text behind it", 2, [72.0, 124.0, 540.0, 134.0]),
        ];
        assert!(take_displays(&mut lines).is_empty());
    }
}
