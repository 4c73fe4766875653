//! The second reader: pdf-extract, for pages whose text the first one cannot give. It panics and
//! recurses on bad files more readily than the first, so each call is fenced in here, and its
//! types stay in this file. Also the measure that says which reader's text is the saner.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::OnceLock,
    time::{Duration, Instant},
};

use pdf_extract::{MediaBox, OutputDev, OutputError, Transform};

use super::{Direction, FontId, Glyph, Page, PdfSource, TextRun};
use crate::geometry::PageIndex;

/// Most glyphs kept of one page.
const MAX_GLYPHS: usize = 500_000;
/// Glyphs whose advance leans more than this share from an axis are oblique.
const MAX_LEAN: f64 = 0.05;
/// Glyphs of one run have sizes within this share of each other.
const SIZE_TOLERANCE: f32 = 0.01;
/// Glyphs of one run have baselines within this many points.
const BASELINE_TOLERANCE: f32 = 0.05;
/// A wider gap than this many sizes starts a new run.
const MAX_GAP: f32 = 2.0;
/// The font of this reader's runs: the first of each table, of which nothing is known.
const UNKNOWN_FONT: FontId = FontId(0);

/// A file opened by the second reader when a page first needs it.
pub(super) struct SecondReader<'a> {
    source: &'a PdfSource,
    page_count: u32,
    page_time_limit: Duration,
    document: OnceLock<Result<pdf_extract::Document, String>>,
}

/// Text of one font size on one baseline, in our coordinates; fields as in [`TextRun`].
#[derive(Debug, Clone, PartialEq)]
struct ExtractedRun {
    glyphs: Vec<Glyph>,
    size: f32,
    baseline: f32,
    direction: Direction,
}

impl<'a> SecondReader<'a> {
    /// A reader for a file in which the first reader counts `page_count` pages.
    pub(super) fn new(
        source: &'a PdfSource,
        page_count: u32,
        page_time_limit: Duration,
    ) -> SecondReader<'a> {
        SecondReader {
            source,
            page_count,
            page_time_limit,
            document: OnceLock::new(),
        }
    }

    /// Puts this reader's text of a page in place of the first reader's, if it is the saner.
    /// Says whether it was.
    ///
    /// `to_page` turns the file's coordinates into ours: `x' = a x + c y + e`,
    /// `y' = b x + d y + f` for `[a, b, c, d, e, f]`.
    pub(super) fn mend(&self, page: &mut Page, to_page: [f64; 6]) -> bool {
        let Ok(runs) = self.read_page_text(page.index, to_page) else {
            return false;
        };
        let chars = |glyphs: &[Glyph]| sanity(glyphs.iter().map(|glyph| glyph.ch));
        let glyphs: Vec<Glyph> = runs.iter().flat_map(|run| run.glyphs.clone()).collect();
        if chars(&glyphs) <= chars(&page.glyphs) {
            return false;
        }
        page.glyphs = glyphs;
        page.runs.clear();
        let mut start = 0;
        for run in runs {
            let end = start + run.glyphs.len() as u32;
            page.runs.push(TextRun {
                glyphs: start..end,
                font: UNKNOWN_FONT,
                size: run.size,
                baseline: run.baseline,
                direction: run.direction,
                invisible: false,
                frame: None,
            });
            start = end;
        }
        true
    }

    /// The text of one page. What was read before an error or the time limit is lost: half a page
    /// here is worth less than the first reader's whole one.
    fn read_page_text(
        &self,
        page: PageIndex,
        to_page: [f64; 6],
    ) -> Result<Vec<ExtractedRun>, String> {
        let document = self
            .document
            .get_or_init(|| open(self.source, self.page_count))
            .as_ref()
            .map_err(Clone::clone)?;
        let mut collector = Collector {
            to_page,
            deadline: Instant::now() + self.page_time_limit,
            glyphs: 0,
            runs: Vec::new(),
        };
        fenced(|| {
            pdf_extract::output_doc_page(document, &mut collector, page.number())
                .map_err(|error| format!("the second reader failed: {error}"))
        })?;
        Ok(collector.runs)
    }
}

fn open(source: &PdfSource, page_count: u32) -> Result<pdf_extract::Document, String> {
    let password = (!source.password.is_empty()).then(|| source.password.clone());
    let document = fenced(|| {
        let options = pdf_extract::LoadOptions {
            password,
            ..Default::default()
        };
        pdf_extract::Document::load_mem_with_options(&source.bytes, options)
            .map_err(|error| format!("the second reader cannot open the file: {error}"))
    })?;
    let counted = fenced(|| Ok(document.get_pages().len()))?;
    if counted == page_count as usize {
        Ok(document)
    } else {
        Err(format!(
            "the second reader counts {counted} pages instead of {page_count}"
        ))
    }
}

fn fenced<T>(read: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(read))
        .unwrap_or_else(|_| Err("the second reader stopped at an inner error".to_owned()))
}

/// Receives a page's characters.
struct Collector {
    to_page: [f64; 6],
    deadline: Instant,
    glyphs: usize,
    runs: Vec<ExtractedRun>,
}

/// Where one character stands: its extent along the direction, its baseline across it.
struct Placed {
    start: f32,
    end: f32,
    baseline: f32,
    size: f32,
    direction: Direction,
}

impl Collector {
    fn check_limits(&self) -> Result<(), OutputError> {
        if self.glyphs > MAX_GLYPHS || Instant::now() > self.deadline {
            return Err(OutputError::FormatError(std::fmt::Error));
        }
        Ok(())
    }

    /// A vector of the file in our coordinates.
    fn vector(&self, x: f64, y: f64) -> (f64, f64) {
        let [a, b, c, d, ..] = self.to_page;
        (a * x + c * y, b * x + d * y)
    }

    fn place(&self, text_to_file: &Transform, advance: f64, font_size: f64) -> Option<Placed> {
        let [.., e, f] = self.to_page;
        let (x, y) = self.vector(text_to_file.m31, text_to_file.m32);
        let (x, y) = (x + e, y + f);
        let along = self.vector(text_to_file.m11, text_to_file.m12);
        let up = self.vector(text_to_file.m21, text_to_file.m22);
        let length = advance * font_size;
        let (x_end, y_end) = (x + along.0 * length, y + along.1 * length);
        let direction = direction(along.0 * font_size, along.1 * font_size);
        let (start, end, baseline) = match direction {
            Direction::Up | Direction::Down | Direction::Vertical => (y, y_end, x),
            Direction::Right | Direction::Left | Direction::Oblique => (x, x_end, y),
        };
        let size = up.0.hypot(up.1) * font_size.abs();
        let placed = Placed {
            start: start.min(end) as f32,
            end: start.max(end) as f32,
            baseline: baseline as f32,
            size: size as f32,
            direction,
        };
        let finite = [placed.start, placed.end, placed.baseline, placed.size]
            .iter()
            .all(|value| value.is_finite());
        (finite && placed.size > 0.0).then_some(placed)
    }

    /// The run that the character continues, or a new one.
    fn run_for(&mut self, placed: &Placed) -> Option<&mut ExtractedRun> {
        let fits = self.runs.last().is_some_and(|run| {
            let gap = run.glyphs.last().map_or(0.0, |last| {
                (placed.start - last.end).max(last.start - placed.end)
            });
            run.direction == placed.direction
                && (run.size - placed.size).abs() <= SIZE_TOLERANCE * run.size
                && (run.baseline - placed.baseline).abs() <= BASELINE_TOLERANCE
                && gap <= MAX_GAP * run.size
        });
        if !fits {
            self.runs.push(ExtractedRun {
                glyphs: Vec::new(),
                size: placed.size,
                baseline: placed.baseline,
                direction: placed.direction,
            });
        }
        self.runs.last_mut()
    }
}

/// The direction of an advance in our coordinates (y downwards).
fn direction(dx: f64, dy: f64) -> Direction {
    if dy.abs() <= MAX_LEAN * dx.abs() {
        if dx >= 0.0 {
            Direction::Right
        } else {
            Direction::Left
        }
    } else if dx.abs() <= MAX_LEAN * dy.abs() {
        if dy < 0.0 {
            Direction::Up
        } else {
            Direction::Down
        }
    } else {
        Direction::Oblique
    }
}

impl OutputDev for Collector {
    fn begin_page(
        &mut self,
        _page: u32,
        _media_box: &MediaBox,
        _art_box: Option<(f64, f64, f64, f64)>,
    ) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_page(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn output_character(
        &mut self,
        text_to_file: &Transform,
        width: f64,
        _spacing: f64,
        font_size: f64,
        text: &str,
    ) -> Result<(), OutputError> {
        self.check_limits()?;
        let Some(placed) = self.place(text_to_file, width, font_size) else {
            return Ok(());
        };
        // One code may stand for several characters (a ligature): they share its width.
        let count = text.chars().count();
        let step = (placed.end - placed.start) / count.max(1) as f32;
        self.glyphs += count;
        let Some(run) = self.run_for(&placed) else {
            return Ok(());
        };
        let backwards = matches!(run.direction, Direction::Left | Direction::Up);
        for (at, ch) in text.chars().enumerate() {
            let at = if backwards { count - 1 - at } else { at };
            let start = placed.start + step * at as f32;
            run.glyphs.push(Glyph {
                ch,
                start,
                end: start + step,
            });
        }
        Ok(())
    }

    fn begin_word(&mut self) -> Result<(), OutputError> {
        self.check_limits()
    }

    fn end_word(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_line(&mut self) -> Result<(), OutputError> {
        Ok(())
    }
}

/// How much a page's characters look like text, 0 to 1: the share of letters, digits and common
/// punctuation, where characters that no text has (U+FFFD, private use, controls, unassigned)
/// count against it. White space does not count; no characters at all give 0.
fn sanity(characters: impl IntoIterator<Item = char>) -> f32 {
    let (mut sum, mut count) = (0.0_f32, 0.0_f32);
    for ch in characters {
        if ch.is_whitespace() {
            continue;
        }
        count += 1.0;
        sum += worth(ch);
    }
    if count > 0.0 {
        (sum / count).max(0.0)
    } else {
        0.0
    }
}

fn worth(ch: char) -> f32 {
    match ch {
        // Nothing at all, the replacement character, private use, and specials of fonts without
        // an encoding.
        '\u{FFF0}'..='\u{FFFF}' | '\u{E000}'..='\u{F8FF}' | '\u{F0000}'.. => -1.0,
        _ if ch.is_control() => -1.0,
        _ if ch.is_alphanumeric() => 1.0,
        '!'..='/' | ':'..='@' | '['..='`' | '{'..='~' => 0.9,
        // General punctuation, CJK punctuation, marks that combine.
        '\u{2010}'..='\u{205E}' | '\u{3000}'..='\u{303F}' | '\u{0300}'..='\u{036F}' => 0.9,
        // Vowel signs and other marks of scripts.
        '\u{0590}'..='\u{109F}' => 0.9,
        // Symbols, arrows, mathematics: real, but a page full of them is none.
        _ => 0.5,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    /// A one-page file whose content stream is `content`, with Helvetica as `/F1`.
    fn source(content: &str) -> PdfSource {
        let objects = [
            "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
            "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Contents 4 0 R\
             /Resources<</Font<</F1 5 0 R>>>>>>"
                .to_owned(),
            format!("<</Length {}>>stream\n{content}\nendstream", content.len()),
            "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>".to_owned(),
        ];
        PdfSource {
            file_name: "test.pdf".to_owned(),
            bytes: Arc::new(super::super::structure::test_pdf(&objects, "")),
            password: String::new(),
        }
    }

    /// The transform of an unrotated page 100 points high.
    const UPRIGHT: [f64; 6] = [1.0, 0.0, 0.0, -1.0, 0.0, 100.0];

    fn read(source: &PdfSource) -> Result<Vec<ExtractedRun>, String> {
        SecondReader::new(source, 1, Duration::from_secs(10)).read_page_text(PageIndex(0), UPRIGHT)
    }

    #[test]
    fn places_characters() {
        let runs = read(&source("BT /F1 10 Tf 20 30 Td (AB) Tj ET")).unwrap();
        assert_eq!(runs.len(), 1);
        let run = &runs[0];
        assert_eq!(run.direction, Direction::Right);
        assert!((run.size - 10.0).abs() < 0.01);
        assert!((run.baseline - 70.0).abs() < 0.01);
        let text: String = run.glyphs.iter().map(|glyph| glyph.ch).collect();
        assert_eq!(text, "AB");
        // Both letters are 667/1000 wide in Helvetica.
        assert!((run.glyphs[0].start - 20.0).abs() < 0.01);
        assert!((run.glyphs[1].start - 26.67).abs() < 0.01);
        assert!((run.glyphs[1].end - 33.34).abs() < 0.01);
    }

    #[test]
    fn tells_directions_apart() {
        let runs = read(&source(
            "BT /F1 10 Tf 0 1 -1 0 50 20 Tm (A) Tj 1 0 0 1 20 30 Tm (B) Tj ET",
        ))
        .unwrap();
        assert_eq!(runs.len(), 2);
        assert_eq!(runs[0].direction, Direction::Up);
        assert!((runs[0].baseline - 50.0).abs() < 0.01);
        assert!((runs[0].glyphs[0].end - 80.0).abs() < 0.01);
        assert_eq!(runs[1].direction, Direction::Right);
    }

    #[test]
    fn only_saner_text_takes_the_place() {
        let source = source("BT /F1 10 Tf 20 30 Td (A B) Tj ET");
        let reader = SecondReader::new(&source, 1, Duration::from_secs(10));
        let page = |ch| Page {
            index: PageIndex(0),
            width: 200.0,
            height: 100.0,
            runs: Vec::new(),
            glyphs: vec![Glyph {
                ch,
                start: 0.0,
                end: 1.0,
            }],
            graphics: Vec::new(),
            frames: Vec::new(),
        };
        let mut unread = page(char::REPLACEMENT_CHARACTER);
        assert!(reader.mend(&mut unread, UPRIGHT));
        let text: String = unread.glyphs.iter().map(|glyph| glyph.ch).collect();
        assert_eq!(text, "A B");
        assert_eq!(unread.run_glyphs(&unread.runs[0]).len(), 3);
        assert!(!reader.mend(&mut page('x'), UPRIGHT));
    }

    #[test]
    fn a_panic_inside_is_an_error() {
        // pdf-extract asserts that "cm" has six operands.
        assert!(read(&source("1 0 0 cm BT /F1 10 Tf (A) Tj ET")).is_err());
    }

    #[test]
    fn a_different_page_count_is_an_error() {
        let source = source("BT /F1 10 Tf (A) Tj ET");
        let reader = SecondReader::new(&source, 2, Duration::from_secs(10));
        assert!(reader.read_page_text(PageIndex(0), UPRIGHT).is_err());
    }

    #[test]
    fn a_passed_deadline_is_an_error() {
        let source = source("BT /F1 10 Tf (A) Tj ET");
        let reader = SecondReader::new(&source, 1, Duration::ZERO);
        assert!(reader.read_page_text(PageIndex(0), UPRIGHT).is_err());
    }

    #[test]
    fn sane_text_is_saner() {
        let good = "Abbildung 3 zeigt das (erste) Ergebnis.";
        assert!(sanity(good.chars()) > 0.9);
        assert!(sanity("图3所示的结果。".chars()) > 0.9);
        assert!(sanity("\u{FFFD}\u{FFFD}\u{FFFD} a".chars()) < 0.1);
        assert!(sanity("\u{F0AB}\u{F0B7}x".chars()) < 0.1);
        assert_eq!(sanity("  ".chars()), 0.0);
        assert!(sanity("≈∑∂".chars()) < sanity(good.chars()));
    }
}
