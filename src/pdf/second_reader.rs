//! The second reader: pdf-extract, for pages whose text the first one cannot give. It panics and
//! recurses on bad files more readily than the first, so each call is fenced in here, and its
//! types stay in this file.

use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::OnceLock,
    time::{Duration, Instant},
};

use pdf_extract::{MediaBox, OutputDev, OutputError, Transform};

use super::{Direction, FontId, Glyph, Page, PdfSource, TextRun, read::is_unknown, sanity::sanity};
use crate::geometry::{PageIndex, Point};

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
/// Text less sane than this is taken for the codes of a font that nobody can decode.
const MIN_SANITY: f32 = 0.8;
/// The share of a page's glyphs without Unicode that must have a character in their place.
const MIN_FOUND: f32 = 0.8;
/// Glyphs of the two readers within this many points are the same.
const SAME_PLACE: f32 = 0.75;
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

    /// Gives the page text of this reader where the first one has none: characters for glyphs
    /// without Unicode, or all text of a page of which the first one read nothing. Says whether
    /// anything changed; what does not look like text, or stands elsewhere, is not believed.
    ///
    /// `to_page` turns the file's coordinates into ours: `x' = a x + c y + e`,
    /// `y' = b x + d y + f` for `[a, b, c, d, e, f]`.
    pub(super) fn mend(&self, page: &mut Page, to_page: [f64; 6]) -> bool {
        self.read_page_text(page.index, to_page).is_ok_and(|runs| {
            if page.glyphs.is_empty() {
                take_over(page, runs)
            } else {
                fill_in(page, &runs)
            }
        })
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

/// Makes these runs the text of a page without any.
fn take_over(page: &mut Page, runs: Vec<ExtractedRun>) -> bool {
    let text: Vec<char> = runs
        .iter()
        .flat_map(|run| run.glyphs.iter().map(|glyph| glyph.ch).chain([' ']))
        .collect();
    if sanity(&text) < MIN_SANITY {
        return false;
    }
    for run in runs {
        let start = page.glyphs.len() as u32;
        page.glyphs.extend(run.glyphs);
        page.runs.push(TextRun {
            glyphs: start..page.glyphs.len() as u32,
            font: UNKNOWN_FONT,
            size: run.size,
            baseline: run.baseline,
            direction: run.direction,
            ink: None,
            invisible: false,
            frame: None,
        });
    }
    true
}

/// Gives the page's glyphs without Unicode the characters that stand in their places, when there
/// are such for nearly all and they look like text.
fn fill_in(page: &mut Page, runs: &[ExtractedRun]) -> bool {
    let places = Places::new(runs);
    let mut found = Vec::new();
    let mut text = Vec::new();
    let mut unknown = 0;
    for run in &page.runs {
        let range = run.glyphs.start as usize..run.glyphs.end as usize;
        for (at, glyph) in range.clone().zip(page.glyphs.get(range).unwrap_or(&[])) {
            if !is_unknown(glyph.ch) {
                continue;
            }
            unknown += 1;
            if let Some(ch) = places.find(glyph.start, run.baseline) {
                found.push((at, ch));
                text.push(ch);
            }
        }
        text.push(' ');
    }
    let enough = found.len() as f32 >= MIN_FOUND * unknown as f32;
    if found.is_empty() || !enough || sanity(&text) < MIN_SANITY {
        return false;
    }
    for (at, ch) in found {
        if let Some(glyph) = page.glyphs.get_mut(at) {
            glyph.ch = ch;
        }
    }
    true
}

/// Characters by the place where they start, on a grid.
struct Places(HashMap<(i32, i32), (Point, char)>);

impl Places {
    fn new(runs: &[ExtractedRun]) -> Places {
        let placed = runs.iter().flat_map(|run| {
            run.glyphs.iter().map(|glyph| {
                let point = Point {
                    x: glyph.start,
                    y: run.baseline,
                };
                (Places::cell(point), (point, glyph.ch))
            })
        });
        Places(placed.collect())
    }

    fn cell(point: Point) -> (i32, i32) {
        // The cast saturates: absurd places share the outermost cells.
        (
            (point.x / SAME_PLACE).floor() as i32,
            (point.y / SAME_PLACE).floor() as i32,
        )
    }

    fn find(&self, x: f32, y: f32) -> Option<char> {
        let (column, row) = Places::cell(Point { x, y });
        let around = (-1..=1).flat_map(|dx| (-1..=1).map(move |dy| (dx, dy)));
        around
            .filter_map(|(dx, dy)| {
                self.0
                    .get(&(column.saturating_add(dx), row.saturating_add(dy)))
            })
            .filter(|(point, _)| (point.x - x).abs().max((point.y - y).abs()) <= SAME_PLACE)
            .min_by(|(a, _), (b, _)| (a.x - x).abs().total_cmp(&(b.x - x).abs()))
            .map(|(_, ch)| *ch)
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

    /// A page with these glyphs on the baseline y = 70, each 5 points wide.
    fn unread_page(glyphs: &[(char, f32)]) -> Page {
        Page {
            index: PageIndex(0),
            width: 200.0,
            height: 100.0,
            runs: vec![TextRun {
                glyphs: 0..glyphs.len() as u32,
                font: FontId(3),
                size: 10.0,
                baseline: 70.2,
                direction: Direction::Right,
                ink: None,
                invisible: false,
                frame: None,
            }],
            glyphs: glyphs
                .iter()
                .map(|&(ch, start)| Glyph {
                    ch,
                    start,
                    end: start + 5.0,
                })
                .collect(),
            graphics: Vec::new(),
            frames: Vec::new(),
        }
    }

    fn mended(content: &str, mut page: Page) -> Option<String> {
        let source = source(content);
        let reader = SecondReader::new(&source, 1, Duration::from_secs(10));
        reader
            .mend(&mut page, UPRIGHT)
            .then(|| page.glyphs.iter().map(|glyph| glyph.ch).collect())
    }

    #[test]
    fn unknown_glyphs_get_the_characters_in_their_places() {
        let page = || unread_page(&[('\u{FFFD}', 20.2), ('x', 26.7)]);
        let text = mended("BT /F1 10 Tf 20 30 Td (ab) Tj ET", page());
        assert_eq!(text.as_deref(), Some("ax"));
        let elsewhere = mended("BT /F1 10 Tf 20 50 Td (ab) Tj ET", page());
        assert_eq!(elsewhere, None);
    }

    #[test]
    fn codes_are_not_taken_for_text() {
        let place = |(at, ch)| (ch, 20.0 + 2.78 * at as f32);
        let unknown: Vec<_> = (0..4).zip(['\u{FFFD}'; 4]).map(place).collect();
        // Characters of one width, 278/1000.
        let text = mended("BT /F1 10 Tf 20 30 Td (t![/) Tj ET", unread_page(&unknown));
        assert_eq!(text, None);
        let text = mended("BT /F1 10 Tf 20 30 Td (tft.) Tj ET", unread_page(&unknown));
        assert_eq!(text.as_deref(), Some("tft."));
    }

    #[test]
    fn a_page_without_text_gets_it_all() {
        let text = mended("BT /F1 10 Tf 20 30 Td (Some text) Tj ET", unread_page(&[]));
        assert_eq!(text.as_deref(), Some("Some text"));
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
}
