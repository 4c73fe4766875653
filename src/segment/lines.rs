//! Glyphs to lines: glyphs on one baseline without a gap as wide as a column's make a
//! [`TextLine`]; gaps as wide as a space make its words.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;

use crate::{
    geometry::Rect,
    pdf::{Direction, Document, FontId, Glyph, NOMINAL_ASCENT, NOMINAL_DESCENT, Page, TextRun},
};

use super::script::{is_cjk, is_rtl, logical_order};

mod glyphs;

pub use glyphs::{GlyphLine, LineGlyph, glyph_lines};

/// A gap wider than this, in em, separates words. TeX shrinks spaces to 0.22 em; kerning stays
/// under 0.1 em.
const WORD_GAP_EM: f32 = 0.15;
/// Where letters are spaced out, words are by this much more.
const SPACED_WORD_GAP_EM: f32 = 0.1;
/// Ideographs are set without spaces; a smaller gap than this between two of them is justification.
const CJK_WORD_GAP_EM: f32 = 0.6;
/// A wider gap, in em, ends a line even where the text was drawn in one go (table cells).
const LINE_GAP_EM: f32 = 1.8;
/// A wider gap ends a line where the text was not drawn in one go (two columns).
const ORDER_GAP_EM: f32 = 0.7;
/// Runs drawn further apart than this are not "in one go".
const ORDER_JUMP: u32 = 3;
/// Baselines closer than this, in em, are one.
const BASELINE_EM: f32 = 0.12;
/// Text smaller than this share of its neighbour can be its sub- or superscript.
const SCRIPT_SIZE: f32 = 0.88;

/// Text on one baseline without a column-size gap: a line of a column, or a cell of a table row.
#[derive(Debug, Clone, PartialEq)]
pub struct TextLine {
    /// Its box, by the nominal ascent and descent of its dominant size.
    pub bbox: Rect,
    /// Its box by what is drawn, scripts included; by nominal heights where that is not known.
    pub ink: Rect,
    /// y of the baseline (x for vertical directions), in points.
    pub baseline: f32,
    /// Dominant font size in points.
    pub size: f32,
    /// Its text in logical order, words separated by one space.
    pub text: String,
    /// Its words.
    pub words: Vec<Word>,
    /// Nearly all glyphs are bold.
    pub bold: bool,
    /// The first word is bold.
    pub lead_bold: bool,
    /// Most glyphs are italic.
    pub italic: bool,
    /// All glyphs but few are of fixed pitch.
    pub monospace: bool,
    /// Most glyphs are of mathematical fonts.
    pub math: bool,
    /// The font of most glyphs.
    pub font: FontId,
    /// How it is set.
    pub direction: Direction,
    /// The form XObject that draws it, an index into [`Page::frames`].
    pub frame: Option<u16>,
    /// Drawing order of its first glyph among the page's runs.
    pub order: u32,
}

#[cfg(test)]
impl TextLine {
    /// A plain line of 10 points.
    pub(in crate::segment) fn sample(text: &str, bbox: Rect) -> TextLine {
        TextLine {
            bbox,
            ink: bbox,
            baseline: bbox.y1 - 2.0,
            size: 10.0,
            text: text.to_owned(),
            words: Vec::new(),
            bold: false,
            lead_bold: false,
            italic: false,
            monospace: false,
            math: false,
            font: FontId(0),
            direction: Direction::Right,
            frame: None,
            order: 0,
        }
    }
}

/// A word of a line.
#[derive(Debug, Clone, PartialEq)]
pub struct Word {
    /// Its box.
    pub bbox: Rect,
    /// Byte range in the line's text.
    pub span: Range<usize>,
}

/// A glyph in the coordinates of its direction: `a0..a1` along the line, `base` across it.
#[derive(Debug, Clone, Copy)]
struct Piece {
    ch: char,
    /// A combining mark that belongs on top of `ch`.
    mark: Option<char>,
    a0: f32,
    a1: f32,
    base: f32,
    /// What is drawn across: top and bottom.
    ink: (f32, f32),
    size: f32,
    font: FontId,
    order: u32,
    frame: Option<u16>,
    /// A drawn space precedes it.
    spaced: bool,
    /// Its place in [`Page::glyphs`].
    glyph: u32,
    /// That of the mark.
    mark_glyph: Option<u32>,
}

/// The lines of a page, sorted by direction, then baseline, then start.
pub fn text_lines(document: &Document, page: &Page) -> Vec<TextLine> {
    lines_with(page, |direction, segment| {
        line_of(document, direction, segment)
    })
}

fn lines_with<T>(page: &Page, make: impl Fn(Direction, &[Piece]) -> Option<T>) -> Vec<T> {
    let mut lines = Vec::new();
    for direction in [
        Direction::Right,
        Direction::Up,
        Direction::Down,
        Direction::Left,
        Direction::Vertical,
        Direction::Oblique,
    ] {
        let pieces = pieces(page, direction);
        if pieces.is_empty() {
            continue;
        }
        let mut segments = split_rows(pieces);
        attach_scripts(&mut segments);
        lines.extend(
            segments
                .iter()
                .filter_map(|segment| make(direction, segment)),
        );
    }
    lines
}

/// All inked glyphs of one direction in drawing order, with accents put on their letters.
fn pieces(page: &Page, direction: Direction) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for (order, run) in page.runs.iter().enumerate() {
        if run.direction != direction {
            continue;
        }
        let mut spaced = false;
        for (glyph, index) in page.run_glyphs(run).iter().zip(run.glyphs.start..) {
            if glyph.ch.is_whitespace() {
                spaced = true;
                continue;
            }
            let mut piece = piece_of(run, glyph, index, order as u32);
            piece.spaced = std::mem::take(&mut spaced);
            match pieces.last_mut() {
                Some(last) if compose(last, &mut piece) => *last = piece,
                _ => pieces.push(piece),
            }
        }
    }
    pieces
}

fn piece_of(run: &TextRun, glyph: &Glyph, index: u32, order: u32) -> Piece {
    // Each direction's own axes: `a` grows along the text, `base` grows towards later lines.
    let (a0, a1, base) = match run.direction {
        Direction::Right | Direction::Oblique => (glyph.start, glyph.end, run.baseline),
        Direction::Left => (-glyph.end, -glyph.start, -run.baseline),
        Direction::Up => (-glyph.end, -glyph.start, run.baseline),
        Direction::Down | Direction::Vertical => (glyph.start, glyph.end, -run.baseline),
    };
    Piece {
        ch: glyph.ch,
        mark: None,
        a0,
        a1,
        base,
        ink: run.ink.unwrap_or((
            base - run.size * NOMINAL_ASCENT,
            base + run.size * NOMINAL_DESCENT,
        )),
        size: run.size,
        font: run.font,
        order,
        frame: run.frame,
        spaced: false,
        glyph: index,
        mark_glyph: None,
    }
}

/// Joins an accent set as a glyph of its own with the letter it stands on, whichever was drawn
/// first; the result is in `next`.
fn compose(last: &Piece, next: &mut Piece) -> bool {
    if next.spaced || (last.base - next.base).abs() > 0.6 * last.size.max(next.size) {
        return false;
    }
    let sits_on = |accent: &Piece, letter: &Piece| {
        let center = (accent.a0 + accent.a1) / 2.0;
        let slack = 0.05 * letter.size;
        letter.ch.is_alphabetic() && center > letter.a0 - slack && center < letter.a1 + slack
    };
    match (combining(last.ch), combining(next.ch)) {
        (Some(mark), None) if sits_on(last, next) => {
            next.mark = Some(mark);
            next.mark_glyph = Some(last.glyph);
            next.spaced = last.spaced;
            true
        }
        (None, Some(mark)) if last.mark.is_none() && sits_on(next, last) => {
            *next = Piece {
                mark: Some(mark),
                mark_glyph: Some(next.glyph),
                ..*last
            };
            true
        }
        _ => false,
    }
}

/// The combining form of an accent character.
fn combining(ch: char) -> Option<char> {
    Some(match ch {
        '`' | 'ˋ' => '\u{300}',
        '´' | 'ˊ' => '\u{301}',
        'ˆ' | '^' => '\u{302}',
        '˜' | '~' => '\u{303}',
        '¯' | 'ˉ' => '\u{304}',
        '˘' => '\u{306}',
        '˙' => '\u{307}',
        '¨' => '\u{308}',
        '˚' => '\u{30a}',
        '˝' => '\u{30b}',
        'ˇ' => '\u{30c}',
        '¸' => '\u{327}',
        '˛' => '\u{328}',
        '\u{300}'..='\u{36f}' => ch,
        _ => return None,
    })
}

/// Groups pieces by baseline and splits each row at wide gaps.
fn split_rows(mut pieces: Vec<Piece>) -> Vec<Vec<Piece>> {
    pieces.sort_by(|a, b| a.base.total_cmp(&b.base).then(a.order.cmp(&b.order)));
    let mut rows: Vec<Vec<Piece>> = Vec::new();
    let mut row_base = f32::NEG_INFINITY;
    for piece in pieces {
        let tolerance = BASELINE_EM * piece.size;
        match rows.last_mut() {
            Some(row) if piece.base - row_base <= tolerance => row.push(piece),
            _ => {
                row_base = piece.base;
                rows.push(vec![piece]);
            }
        }
    }
    rows.into_iter().flat_map(split_row).collect()
}

fn split_row(mut row: Vec<Piece>) -> Vec<Vec<Piece>> {
    row.sort_by(|a, b| a.a0.total_cmp(&b.a0).then(a.order.cmp(&b.order)));
    let mut segments: Vec<Vec<Piece>> = Vec::new();
    for piece in row {
        let ends_before = segments
            .last()
            .and_then(|segment| segment.last())
            .is_none_or(|last| is_line_gap(last, &piece));
        match segments.last_mut() {
            Some(segment) if !ends_before => segment.push(piece),
            _ => segments.push(vec![piece]),
        }
    }
    segments
}

fn is_line_gap(last: &Piece, next: &Piece) -> bool {
    let gap = next.a0 - last.a1;
    let em = last.size.max(next.size);
    // Text of another size beside a gap is a note in the margin, not the line's next word.
    let in_one_go =
        last.order.abs_diff(next.order) <= ORDER_JUMP && (last.size - next.size).abs() < 0.05 * em;
    gap > em * if in_one_go { LINE_GAP_EM } else { ORDER_GAP_EM }
}

/// The extent of a segment: along, and across by nominal heights.
fn extent(segment: &[Piece]) -> Option<Rect> {
    Rect::union_all(segment.iter().map(|piece| Rect {
        x0: piece.a0,
        x1: piece.a1,
        y0: piece.base - piece.size * NOMINAL_ASCENT,
        y1: piece.base + piece.size * NOMINAL_DESCENT,
    }))
}

/// The largest size that sets at least this share of a segment's glyphs is its size: a long link in
/// a smaller font does not make the line one of another size.
const SIZE_SHARE: f32 = 0.3;

fn dominant_size(segment: &[Piece]) -> f32 {
    let mut counts: Vec<(f32, usize)> = Vec::new();
    for piece in segment {
        match counts
            .iter_mut()
            .find(|(size, _)| (size - piece.size).abs() < 0.05)
        {
            Some((_, count)) => *count += 1,
            None => counts.push((piece.size, 1)),
        }
    }
    let enough = (SIZE_SHARE * segment.len() as f32) as usize;
    counts
        .iter()
        .filter(|(_, count)| *count > enough)
        .map(|(size, _)| *size)
        .max_by(f32::total_cmp)
        .or_else(|| {
            let most = counts.iter().max_by_key(|(_, count)| *count);
            most.map(|(size, _)| *size)
        })
        .unwrap_or(0.0)
}

/// What decides whether a segment is a script of another.
struct Measure {
    bbox: Rect,
    size: f32,
    base: f32,
    glyphs: usize,
    orders: Range<u32>,
}

impl Measure {
    fn of(segment: &[Piece]) -> Option<Measure> {
        let orders = segment.iter().map(|piece| piece.order);
        Some(Measure {
            bbox: extent(segment)?,
            size: dominant_size(segment),
            base: segment.first()?.base,
            glyphs: segment.len(),
            orders: orders.clone().min()?..orders.max()? + 1,
        })
    }

    /// Whether `self` is a sub- or superscript of `host`, or a letter moved off its baseline (the
    /// E of TeX) while it was drawn.
    fn hangs_on(&self, host: &Measure) -> bool {
        let near = 0.3 * host.size;
        let touches = self.bbox.x0 <= host.bbox.x1 + near
            && self.bbox.x1 >= host.bbox.x0 - near
            && self.bbox.y_overlap(&host.bbox) > 0.4 * self.bbox.height();
        let is_script = self.size < SCRIPT_SIZE * host.size
            && self.bbox.width() < host.bbox.width().max(4.0 * host.size);
        let is_moved_letter = self.glyphs <= 2
            && host.glyphs > self.glyphs
            && (self.base - host.base).abs() < 0.4 * host.size
            && host.orders.start < self.orders.start
            && self.orders.start < host.orders.end;
        touches && (is_script || is_moved_letter)
    }
}

/// Merges sub- and superscripts into the segments they stand next to.
fn attach_scripts(segments: &mut Vec<Vec<Piece>>) {
    let measures: Vec<Option<Measure>> = segments
        .iter()
        .map(|segment| Measure::of(segment))
        .collect();
    let mut moves: Vec<(usize, usize)> = Vec::new();
    for (i, measure) in measures.iter().enumerate() {
        if let Some(host) = measure.as_ref().and_then(|m| host_of(i, m, &measures)) {
            moves.push((i, host));
        }
    }
    for (from, to) in moves {
        // A host that is itself a script of another stays where it is: its pieces moved with it.
        let moved = segments.get_mut(from).map(std::mem::take);
        if let (Some(mut moved), Some(host)) = (moved, segments.get_mut(to)) {
            raise_digits(&mut moved, host);
            host.extend(moved);
            host.sort_by(|a, b| a.a0.total_cmp(&b.a0).then(a.order.cmp(&b.order)));
        }
    }
    segments.retain(|segment| !segment.is_empty());
}

/// Superscript digits become superscript characters: "Table 1" with a footnote mark 4 is not
/// "Table 14".
fn raise_digits(script: &mut [Piece], host: &[Piece]) {
    let Some(base) = host.first().map(|piece| piece.base) else {
        return;
    };
    for piece in script {
        let raised = base - piece.base > 0.15 * piece.size;
        let superscript = piece
            .ch
            .to_digit(10)
            .and_then(|digit| "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().nth(digit as usize));
        if let (true, Some(superscript)) = (raised, superscript) {
            piece.ch = superscript;
        }
    }
}

/// The nearest segment that the script can hang on. Rows come sorted by baseline, so a host stands
/// few places away.
fn host_of(script_index: usize, script: &Measure, measures: &[Option<Measure>]) -> Option<usize> {
    const NEIGHBOURS: usize = 24;
    let from = script_index.saturating_sub(NEIGHBOURS);
    let to = (script_index + NEIGHBOURS).min(measures.len());
    let distance = |host: &Measure| (host.bbox.center_y() - script.bbox.center_y()).abs();
    (from..to)
        .filter(|j| *j != script_index)
        .filter_map(|j| Some((j, measures.get(j)?.as_ref()?)))
        .filter(|(_, host)| script.hangs_on(host))
        .min_by(|(_, a), (_, b)| distance(a).total_cmp(&distance(b)))
        .map(|(j, _)| j)
}

/// Makes the line of a segment, `None` for one without text.
fn line_of(document: &Document, direction: Direction, segment: &[Piece]) -> Option<TextLine> {
    let size = dominant_size(segment);
    let main = segment
        .iter()
        .find(|piece| (piece.size - size).abs() < 0.05)?;
    let base = main.base;
    let along = extent(segment)?;
    let ink = Rect::union_all(segment.iter().map(|piece| Rect {
        y0: piece.ink.0,
        y1: piece.ink.1,
        ..along
    }))?;
    let bbox = to_page(
        direction,
        Rect {
            x0: along.x0,
            x1: along.x1,
            y0: base - size * NOMINAL_ASCENT,
            y1: base + size * NOMINAL_DESCENT,
        },
        size,
    );
    let rtl = is_rtl_segment(segment);
    let (text, words) = words_of(segment, rtl, direction, base, size);
    let above = |least: f32, test: &dyn Fn(&crate::pdf::Font) -> bool| {
        let hits = segment
            .iter()
            .filter(|piece| {
                document
                    .fonts
                    .get(usize::from(piece.font.0))
                    .is_some_and(test)
            })
            .count();
        hits as f32 > least * segment.len() as f32
    };
    let is_bold = |piece: &Piece| {
        let font = document.fonts.get(usize::from(piece.font.0));
        font.is_some_and(|font| font.bold)
    };
    Some(TextLine {
        lead_bold: segment.iter().take(3).all(is_bold),
        bbox,
        ink: if direction == Direction::Right {
            ink
        } else {
            bbox
        },
        baseline: base.abs(),
        size,
        bold: above(0.8, &|font| font.bold),
        italic: above(0.6, &|font| font.italic),
        monospace: above(0.9, &|font| font.monospace),
        math: above(0.5, &|font| font.math),
        font: main.font,
        direction,
        frame: main.frame,
        order: segment.iter().map(|piece| piece.order).min().unwrap_or(0),
        text,
        words,
    })
    .filter(|line| !line.text.is_empty())
}

fn is_rtl_segment(segment: &[Piece]) -> bool {
    segment.iter().filter(|piece| is_rtl(piece.ch)).count() * 2 > segment.len()
}

/// Back from a direction's own axes to the page's.
fn to_page(direction: Direction, r: Rect, size: f32) -> Rect {
    match direction {
        Direction::Right | Direction::Oblique => r,
        Direction::Left => Rect::new(-r.x1, -r.y1, -r.x0, -r.y0),
        Direction::Up => Rect::new(r.y0, -r.x1, r.y1, -r.x0),
        Direction::Down => Rect::new(-r.y1, r.x0, -r.y0, r.x1),
        // The base of vertical writing is the column's middle.
        Direction::Vertical => {
            let middle = -(r.y0 + size * NOMINAL_ASCENT);
            Rect::new(middle - size / 2.0, r.x0, middle + size / 2.0, r.x1)
        }
    }
}

fn words_of(
    segment: &[Piece],
    rtl: bool,
    direction: Direction,
    base: f32,
    size: f32,
) -> (String, Vec<Word>) {
    let threshold = word_gap(segment);
    let mut groups: Vec<Vec<Piece>> = Vec::new();
    for piece in segment {
        let starts = groups
            .last()
            .and_then(|group| group.last())
            .is_none_or(|last| is_word_gap(last, piece, threshold));
        match groups.last_mut() {
            Some(group) if !starts => group.push(*piece),
            _ => groups.push(vec![*piece]),
        }
    }
    if rtl {
        groups.reverse();
    }
    let mut text = String::new();
    let mut words = Vec::with_capacity(groups.len());
    for group in &groups {
        if !text.is_empty() {
            text.push(' ');
        }
        let start = text.len();
        push_word(&mut text, group, rtl);
        let along = extent(group).unwrap_or_default();
        let bbox = Rect {
            y0: base - size * NOMINAL_ASCENT,
            y1: base + size * NOMINAL_DESCENT,
            ..along
        };
        words.push(Word {
            bbox: to_page(direction, bbox, size),
            span: start..text.len(),
        });
    }
    if rtl {
        logical_order(&mut text, &mut words);
    }
    (text, words)
}

fn push_word(text: &mut String, group: &[Piece], rtl: bool) {
    if rtl {
        group.iter().rev().for_each(|piece| push_piece(text, piece));
    } else {
        group.iter().for_each(|piece| push_piece(text, piece));
    }
}

fn push_piece(text: &mut String, piece: &Piece) {
    let ch = piece.ch;
    match piece.mark {
        Some(mark) => text.extend([ch, mark].into_iter().nfc()),
        // Arabic presentation forms are shapes, not letters.
        None if ('\u{fb50}'..='\u{fdff}').contains(&ch)
            || ('\u{fe70}'..='\u{fefe}').contains(&ch) =>
        {
            text.extend(std::iter::once(ch).nfkc());
        }
        None => text.push(ch),
    }
}

/// The word gap of a segment in em: wider where its letters are spaced out.
fn word_gap(segment: &[Piece]) -> f32 {
    let mut gaps: Vec<f32> = segment
        .windows(2)
        .filter_map(|pair| match pair {
            // Leaders are spaced for their own sake.
            [a, b] if a.ch == '.' && b.ch == '.' => None,
            [a, b] => Some((b.a0 - a.a1) / a.size.max(b.size)),
            _ => None,
        })
        .collect();
    if gaps.len() < 8 {
        return WORD_GAP_EM;
    }
    let middle = gaps.len() / 2;
    let (_, median, _) = gaps.select_nth_unstable_by(middle, f32::total_cmp);
    WORD_GAP_EM.max(*median + SPACED_WORD_GAP_EM)
}

fn is_word_gap(last: &Piece, next: &Piece, threshold: f32) -> bool {
    let gap = (next.a0 - last.a1) / last.size.max(next.size);
    if is_cjk(last.ch) && is_cjk(next.ch) {
        return gap > CJK_WORD_GAP_EM;
    }
    next.spaced || gap > threshold
}
