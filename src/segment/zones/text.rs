//! What the lines of a page are likely to be, as far as zones need to know: which are running
//! text and captions, which no picture may swallow.

use crate::{
    geometry::Rect,
    mention::caption_label,
    pdf::{Direction, FontId, Page},
    segment::TextLine,
};

/// A running line has at least this many words ...
const MIN_PROSE_WORDS: usize = 5;
/// ... or this many letters (scripts written without spaces).
const MIN_PROSE_LETTERS: usize = 14;
/// ... and fills this share of the page's usual line width. Labels and cells are shorter.
const MIN_PROSE_WIDTH: f32 = 0.55;
/// Lines of a paragraph lie at most this many font sizes apart.
const MAX_PITCH: f32 = 1.75;
/// Longest caption, in lines, that is followed down from its label.
const MAX_CAPTION_LINES: usize = 15;

/// Two gaps this wide, in font sizes, part a line into cells, ...
const WIDE_GAP: f32 = 1.0;
/// ... or one this wide.
const VERY_WIDE_GAP: f32 = 1.5;

/// What a line is likely to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Running text: never part of a picture.
    Prose,
    /// A line of a caption.
    Caption,
    /// Anything else: cells, labels, headings, formulas.
    Free,
}

/// A page's lines with their roles and usual measures.
pub(super) struct PageText<'a> {
    pub(super) lines: &'a [TextLine],
    roles: Vec<Role>,
    /// The font size of most characters.
    pub(super) body_size: f32,
    /// The font of most characters.
    pub(super) body_font: Option<FontId>,
    /// The usual width of a full line.
    pub(super) line_width: f32,
    /// For each of the page's frames, whether it holds a picture (and not just the page's text).
    pub(super) picture_frames: Vec<bool>,
    used_frames: Vec<bool>,
    /// Horizontal rules too long for an underline.
    rules: Vec<Rect>,
}

impl<'a> PageText<'a> {
    pub(super) fn new(page: &Page, lines: &'a [TextLine]) -> PageText<'a> {
        let body_size = body_size(lines);
        let line_width = line_width(page, lines, body_size);
        let mut text = PageText {
            lines,
            roles: vec![Role::Free; lines.len()],
            body_size,
            body_font: body_font(lines),
            line_width,
            picture_frames: Vec::new(),
            used_frames: Vec::new(),
            rules: page
                .graphics
                .iter()
                .filter(|mark| mark.is_horizontal_rule() && mark.bbox.width() > 40.0)
                .map(|mark| mark.bbox)
                .collect(),
        };
        text.used_frames = used_frames(page, lines);
        text.picture_frames = text.find_picture_frames(page);
        text.mark_prose();
        text.mark_captions();
        text
    }

    /// The lines with their roles.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&'a TextLine, Role)> + '_ {
        self.lines.iter().zip(self.roles.iter().copied())
    }

    /// The lines that no picture may swallow.
    pub(super) fn obstacles(&self) -> impl Iterator<Item = &'a TextLine> + '_ {
        self.iter()
            .filter(|(_, role)| *role != Role::Free)
            .map(|(line, _)| line)
    }

    /// Whether the middle of a line of running text lies in the box.
    pub(super) fn has_prose_in(&self, bbox: &Rect) -> bool {
        self.iter()
            .any(|(line, role)| role == Role::Prose && bbox.contains(line.bbox.center()))
    }

    /// Whether a line is drawn by a picture's frame.
    pub(super) fn in_picture(&self, line: &TextLine) -> bool {
        line.frame.is_some_and(|frame| self.is_picture_frame(frame))
    }

    /// Whether a frame holds a picture.
    pub(super) fn is_picture_frame(&self, frame: u16) -> bool {
        self.picture_frames.get(usize::from(frame)) == Some(&true)
    }

    /// The first lines of captions.
    pub(super) fn caption_starts(&self) -> impl Iterator<Item = &'a TextLine> + '_ {
        self.iter()
            .filter(|(line, role)| *role == Role::Caption && starts_caption(line))
            .map(|(line, _)| line)
    }

    /// Whether a frame draws anything.
    pub(super) fn frame_is_used(&self, frame: usize) -> bool {
        self.used_frames.get(frame) == Some(&true)
    }

    /// Some producers wrap text, or all of the page, in form XObjects: such frames are no
    /// pictures. A frame is one when it draws something, or when the page's text is not mostly
    /// in frames.
    fn find_picture_frames(&self, page: &Page) -> Vec<bool> {
        let mut sentences = vec![0_usize; page.frames.len()];
        let mut marks = vec![0_usize; page.frames.len()];
        let (mut all, mut framed) = (0, 0);
        for line in self.lines.iter().filter(|line| self.is_sentence(line)) {
            all += 1;
            if let Some(count) = line.frame.and_then(|f| sentences.get_mut(usize::from(f))) {
                *count += 1;
                framed += 1;
            }
        }
        for graphic in &page.graphics {
            if let Some(count) = graphic.frame.and_then(|f| marks.get_mut(usize::from(f))) {
                *count += 1;
            }
        }
        // A frame inside another one speaks for that one too.
        for (index, frame) in page.frames.iter().enumerate().rev() {
            let (lines, drawn) = (
                sentences.get(index).copied().unwrap_or(0),
                marks.get(index).copied().unwrap_or(0),
            );
            if let Some(parent) = frame.parent.map(usize::from).filter(|p| *p < index) {
                if let Some(count) = sentences.get_mut(parent) {
                    *count += lines;
                }
                if let Some(count) = marks.get_mut(parent) {
                    *count += drawn;
                }
            }
        }
        let mostly_framed = framed * 2 > all;
        sentences
            .iter()
            .zip(&marks)
            .map(|(lines, drawn)| {
                let draws = *drawn > 2 * *lines;
                draws || (*lines > 0 && !mostly_framed) || (*drawn == 0 && *lines == 0)
            })
            .collect()
    }

    fn is_sentence(&self, line: &TextLine) -> bool {
        matches!(line.direction, Direction::Right | Direction::Vertical)
            && line.size > 0.7 * self.body_size
            && reads_as_text(line)
            && !has_cells(line)
    }

    fn mark_prose(&mut self) {
        let min_width = MIN_PROSE_WIDTH * self.line_width;
        let is_long = |line: &TextLine| line.bbox.width().max(line.bbox.height()) >= min_width;
        let prose: Vec<bool> = self
            .lines
            .iter()
            .map(|line| self.is_sentence(line) && is_long(line) && !self.in_picture(line))
            .collect();
        for (i, role) in self.roles.iter_mut().enumerate() {
            if prose.get(i) == Some(&true) {
                *role = Role::Prose;
            }
        }
        // The short last line of a paragraph, and a short first one.
        for (i, line) in self.lines.iter().enumerate() {
            let continues = self.lines.iter().zip(&prose).any(|(other, is_prose)| {
                *is_prose && is_neighbour(other, line) && (other.bbox.x0 - line.bbox.x0).abs() < 2.0
            });
            if continues
                && !self.in_picture(line)
                && let Some(role) = self.roles.get_mut(i)
            {
                *role = Role::Prose;
            }
        }
    }

    fn mark_captions(&mut self) {
        for (i, line) in self.lines.iter().enumerate() {
            if !starts_caption(line) || self.in_picture(line) {
                continue;
            }
            let mut last = i;
            for _ in 0..MAX_CAPTION_LINES {
                if let Some(role) = self.roles.get_mut(last) {
                    *role = Role::Caption;
                }
                let Some(next) = self.line_below(last) else {
                    break;
                };
                last = next;
            }
        }
    }

    /// The box of the caption that begins with this line.
    pub(super) fn caption_block(&self, first: &TextLine) -> Rect {
        let mut block = first.bbox;
        let mut lines: Vec<&TextLine> = self
            .iter()
            .filter(|(line, role)| *role == Role::Caption && line.baseline > first.baseline)
            .map(|(line, _)| line)
            .collect();
        lines.sort_by(|a, b| a.baseline.total_cmp(&b.baseline));
        for line in lines {
            let follows = line.bbox.y0 - block.y1 < 0.6 * line.size
                && line.bbox.x_overlap(&block) > 0.0
                && !starts_caption(line);
            if follows {
                block = block.union(&line.bbox);
            }
        }
        block
    }

    /// Whether a rule lies between a picture and a line above or below it.
    pub(super) fn is_ruled_off_from(&self, picture: &Rect, line: &TextLine) -> bool {
        let (upper, lower) = match line.bbox.y0 < picture.y0 {
            true => (&line.bbox, picture),
            false => (picture, &line.bbox),
        };
        self.rules.iter().any(|rule| {
            upper.y1 <= rule.y0 && rule.y1 < lower.y0 && rule.x_overlap(&line.bbox) > 0.0
        })
    }

    /// Whether a rule lies between two lines.
    fn is_ruled_off(&self, upper: &TextLine, lower: &TextLine) -> bool {
        self.rules.iter().any(|rule| {
            (upper.bbox.center_y()..lower.bbox.center_y()).contains(&rule.center_y())
                && rule.x_overlap(&lower.bbox) > 0.0
        })
    }

    /// The line that continues the text of line `i` under it.
    fn line_below(&self, i: usize) -> Option<usize> {
        let line = self.lines.get(i)?;
        self.lines
            .iter()
            .enumerate()
            .filter(|(_, other)| {
                other.baseline > line.baseline + 0.5 * line.size
                    && other.baseline < line.baseline + 1.45 * line.size
                    && (other.size - line.size).abs() < 0.1 * line.size
                    && other.direction == line.direction
                    && other.bbox.x_overlap(&line.bbox)
                        > 0.5 * other.bbox.width().min(line.bbox.width())
                    && !starts_caption(other)
                    && !self.is_ruled_off(line, other)
            })
            .min_by(|a, b| a.1.baseline.total_cmp(&b.1.baseline))
            .map(|(i, _)| i)
    }
}

/// For each frame, whether text or graphics are drawn in it or in a frame inside it.
fn used_frames(page: &Page, lines: &[TextLine]) -> Vec<bool> {
    let mut used = vec![false; page.frames.len()];
    let by_lines = lines.iter().filter_map(|line| line.frame);
    let by_graphics = page.graphics.iter().filter_map(|graphic| graphic.frame);
    for frame in by_lines.chain(by_graphics) {
        let mut next = Some(frame);
        while let Some(index) = next.map(usize::from) {
            match used.get_mut(index) {
                Some(flag) if !*flag => *flag = true,
                _ => break,
            }
            next = page.frames.get(index).and_then(|frame| frame.parent);
        }
    }
    used
}

/// Whether a line begins as captions do.
fn starts_caption(line: &TextLine) -> bool {
    line.direction == Direction::Right
        && caption_label(&line.text)
            .is_some_and(|label| label.delimited || label.span.len() == line.text.trim().len())
}

/// Whether a line begins with a numbered label, whatever follows: what may be a caption is no part
/// of the picture beside it.
pub(super) fn names_itself(line: &TextLine) -> bool {
    line.direction == Direction::Right
        && caption_label(&line.text).is_some_and(|label| label.label.number.is_some())
}

/// Whether two lines are next to each other in one column and of one size.
fn is_neighbour(a: &TextLine, b: &TextLine) -> bool {
    let pitch = (a.baseline - b.baseline).abs();
    a.direction == b.direction
        && pitch > 0.3 * a.size
        && pitch < MAX_PITCH * a.size
        && (a.size - b.size).abs() < 0.08 * a.size
}

/// Whether a line has the words of running text: letters mostly, and enough of them.
fn reads_as_text(line: &TextLine) -> bool {
    let (mut letters, mut marks) = (0_usize, 0_usize);
    for ch in line.text.chars().filter(|ch| !ch.is_whitespace()) {
        if ch.is_alphabetic() {
            letters += 1;
        } else {
            marks += 1;
        }
    }
    let wide_script = line.text.chars().filter(|ch| is_unspaced(*ch)).count();
    letters > marks
        && (wide_script >= MIN_PROSE_LETTERS
            || (line.words.len() >= MIN_PROSE_WORDS && letters >= 2 * MIN_PROSE_WORDS))
}

/// Whether wide gaps part the words: the cells of a row, set in one go.
fn has_cells(line: &TextLine) -> bool {
    let gaps = line.words.windows(2).filter_map(|pair| match pair {
        [a, b] => Some(b.bbox.x_gap(&a.bbox) / line.size),
        _ => None,
    });
    let (mut wide, mut very_wide) = (0, 0);
    for gap in gaps {
        wide += usize::from(gap > WIDE_GAP);
        very_wide += usize::from(gap > VERY_WIDE_GAP);
    }
    very_wide > 0 || wide > 1
}

/// Letters of scripts that set no spaces between words.
fn is_unspaced(ch: char) -> bool {
    matches!(ch, '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{323af}')
}

/// The font size that most characters have, to half a point.
fn body_size(lines: &[TextLine]) -> f32 {
    let mut sizes: Vec<(u32, usize)> = lines
        .iter()
        .map(|line| {
            let half_points = (line.size * 2.0).round().clamp(2.0, 400.0) as u32;
            (half_points, line.text.len())
        })
        .collect();
    sizes.sort_unstable();
    let mut best = (0, 20_u32);
    for group in sizes.chunk_by(|a, b| a.0 == b.0) {
        let weight = group.iter().map(|(_, len)| len).sum::<usize>();
        if let Some((size, _)) = group.first()
            && weight > best.0
        {
            best = (weight, *size);
        }
    }
    best.1 as f32 / 2.0
}

/// The font that most characters have.
fn body_font(lines: &[TextLine]) -> Option<FontId> {
    let mut fonts: Vec<(FontId, usize)> = lines
        .iter()
        .map(|line| (line.font, line.text.len()))
        .collect();
    fonts.sort_unstable();
    fonts
        .chunk_by(|a, b| a.0 == b.0)
        .filter_map(|group| {
            let weight = group.iter().map(|(_, len)| len).sum::<usize>();
            Some((weight, group.first()?.0))
        })
        .max()
        .map(|(_, font)| font)
}

/// The width of most full lines: four fifths of the way up among those that read as text.
fn line_width(page: &Page, lines: &[TextLine], body_size: f32) -> f32 {
    let mut widths: Vec<f32> = lines
        .iter()
        .filter(|line| {
            line.size > 0.8 * body_size && line.direction == Direction::Right && reads_as_text(line)
        })
        .map(|line| line.bbox.width())
        .collect();
    widths.sort_by(f32::total_cmp);
    let usual = widths.get(widths.len() * 4 / 5).copied();
    // A page of pictures has no full line; a third of the page is a narrow column.
    usual.unwrap_or(0.0).max(page.width / 3.0)
}
