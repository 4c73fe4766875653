//! Reads all pages of a file in parallel.

use std::{
    ops::RangeInclusive,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::{AtomicU32, AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use hayro_interpret::{
    Context, InterpreterCache, InterpreterSettings,
    hayro_syntax::{
        DecryptionError, LoadPdfError, Pdf,
        content::TypedIter,
        object::{Array, Stream},
        page::Page as PdfPage,
    },
    interpret,
    util::TransformExt,
};
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::{
    geometry::{PageIndex, Rect},
    warning::{Warning, WarningCode},
};

use super::{
    Document, Page, PdfSource, ReadError, ReadErrorKind, Structure,
    document::{Direction, Font, FontId},
    fonts::{FontEntry, FontTable},
    interpret::{Collector, Drawn, PageLimitReached},
    ornaments::drop_ornaments,
    pitch::mark_fixed_pitch,
    second_reader::SecondReader,
    structure::Unlinked,
};

/// Larger content streams are cut: real pages stay under a few MiB.
const MAX_CONTENT_BYTES: usize = 64 << 20;
/// Pages after which a reading thread drops what its interpreter has cached.
const PAGES_PER_CACHE: u32 = 128;
/// Pages larger than this, in points, are taken as this size (200 inches is the format's own limit).
const MAX_PAGE_SIDE: f32 = 14_400.0;
/// Fewer turned glyphs are the labels of a drawing.
const MIN_TURNED_GLYPHS: u32 = 200;
/// From this share of glyphs without Unicode on, a page counts as unreadable text.
const MAX_UNKNOWN_SHARE: f32 = 0.3;

/// What to read, and how long at most.
#[derive(Debug, Clone)]
pub struct ReadOptions {
    /// The pages to read; all when `None`.
    pub pages: Option<RangeInclusive<PageIndex>>,
    /// Leave link annotations unread, as evaluation against them must.
    pub ignore_annotations: bool,
    /// Longest time for one page; what was drawn by then is kept.
    pub page_time_limit: Duration,
}

impl Default for ReadOptions {
    fn default() -> ReadOptions {
        ReadOptions {
            pages: None,
            ignore_annotations: false,
            // Real pages take 1 to 5 ms, the worst maps under 2 s.
            page_time_limit: Duration::from_secs(8),
        }
    }
}

/// Called from any thread after each page with the pages done so far and the pages in all.
pub type ReadProgress<'a> = &'a (dyn Fn(u32, u32) + Sync);

/// Reads a document.
///
/// # Errors
/// When no page can be found. A page that cannot be read is empty and has a warning.
pub fn read(
    source: &PdfSource,
    options: &ReadOptions,
    progress: ReadProgress<'_>,
) -> Result<Document, ReadError> {
    let pdf = open(source)?;
    let page_count = u32::try_from(pdf.pages().len()).unwrap_or(u32::MAX);
    let wanted = wanted_pages(options, page_count)?;
    let second = SecondReader::new(source, page_count, options.page_time_limit);
    // First, and not beside the pages: the pages then fill the memory that it gives back. Where it
    // takes long it uses all threads itself.
    let structure = Unlinked::read(source, page_count);
    let pages = read_pages(&pdf, &second, &wanted, options, progress);
    let structure = structure.and_then(|structure| {
        if options.ignore_annotations {
            Ok(structure.without_links())
        } else {
            structure.with_links(&pdf)
        }
    });
    // Takes as much memory as the pages that were read.
    drop(pdf);
    let mut document = Document {
        sha256: hex(&Sha256::digest(source.bytes.as_slice())),
        page_count,
        ..Document::default()
    };
    add_structure(&mut document, structure);
    assemble(&mut document, pages);
    drop_ornaments(&mut document.pages);
    Ok(document)
}

/// Reads at most `most` pages, spread evenly over the file, and nothing that the file says about itself.
///
/// # Errors
/// When no page can be found.
pub fn sample(source: &PdfSource, most: usize) -> Result<Document, ReadError> {
    let pdf = open(source)?;
    let page_count = u32::try_from(pdf.pages().len()).unwrap_or(u32::MAX);
    let options = ReadOptions::default();
    let all = wanted_pages(&options, page_count)?;
    let wanted: Vec<PageIndex> = all
        .iter()
        .step_by(all.len().div_ceil(most.max(1)))
        .copied()
        .collect();
    let second = SecondReader::new(source, page_count, options.page_time_limit);
    let mut document = Document {
        page_count,
        ..Document::default()
    };
    assemble(
        &mut document,
        read_pages(&pdf, &second, &wanted, &options, &|_, _| {}),
    );
    Ok(document)
}

fn add_structure(document: &mut Document, structure: Result<Structure, String>) {
    match structure {
        Ok(structure) => document.structure = structure,
        Err(message) => document.warnings.push(Warning {
            page: None,
            code: WarningCode::NoStructure,
            message,
        }),
    }
}

/// Opens a file for reading or rendering, with the password tried as given.
pub(super) fn open(source: &PdfSource) -> Result<Pdf, ReadError> {
    if source.bytes.is_empty() {
        return Err(ReadErrorKind::Empty.into());
    }
    let load = || Pdf::new_with_password(source.bytes.clone(), &source.password);
    let loaded = catch_unwind(AssertUnwindSafe(load))
        .map_err(|panic| ReadErrorKind::Internal(panic_text(panic.as_ref())))?;
    let pdf = loaded.map_err(|error| match error {
        LoadPdfError::Invalid => ReadErrorKind::NotAPdf,
        LoadPdfError::Decryption(DecryptionError::PasswordProtected) => ReadErrorKind::Encrypted {
            password_given: !source.password.is_empty(),
        },
        LoadPdfError::Decryption(_) => ReadErrorKind::UnsupportedEncryption,
    })?;
    if pdf.pages().is_empty() {
        return Err(ReadErrorKind::NoPages.into());
    }
    Ok(pdf)
}

fn wanted_pages(options: &ReadOptions, page_count: u32) -> Result<Vec<PageIndex>, ReadError> {
    let all = 0..page_count;
    let wanted: Vec<PageIndex> = match &options.pages {
        None => all.map(PageIndex).collect(),
        Some(range) => all
            .map(PageIndex)
            .filter(|page| range.contains(page))
            .collect(),
    };
    if wanted.is_empty() {
        return Err(ReadErrorKind::NoSuchPages { page_count }.into());
    }
    Ok(wanted)
}

/// What one thread has read: pages whose font ids index `fonts`.
struct Share {
    pages: Vec<(Page, Vec<Warning>)>,
    fonts: Vec<FontEntry>,
}

/// Reads pages on all threads of the pool. Interpreter caches cannot move between threads, so
/// each thread keeps its own and takes the next page until none is left.
fn read_pages(
    pdf: &Pdf,
    second: &SecondReader<'_>,
    wanted: &[PageIndex],
    options: &ReadOptions,
    progress: ReadProgress<'_>,
) -> Vec<Share> {
    let next = AtomicUsize::new(0);
    let done = AtomicU32::new(0);
    let total = u32::try_from(wanted.len()).unwrap_or(u32::MAX);
    let settings = InterpreterSettings::default();
    (0..rayon::current_num_threads().min(wanted.len()))
        .into_par_iter()
        .map(|_| {
            let mut fonts = FontTable::new(&settings);
            let mut cache = InterpreterCache::new();
            let mut pages = Vec::new();
            let mut since_reset = 0;
            while let Some(index) = wanted.get(next.fetch_add(1, Ordering::Relaxed)) {
                let page = pdf.pages().get(index.as_usize());
                let read = page.map(|page| {
                    let reader = PageReader {
                        page,
                        index: *index,
                        settings: &settings,
                        second,
                    };
                    reader.read(&cache, &mut fonts, options.page_time_limit)
                });
                if let Some((page, warnings)) = read {
                    // After a panic the caches may be half-filled.
                    since_reset = if warnings.is_empty() {
                        since_reset + 1
                    } else {
                        PAGES_PER_CACHE
                    };
                    pages.push((page, warnings));
                }
                if since_reset >= PAGES_PER_CACHE {
                    cache = InterpreterCache::new();
                    since_reset = 0;
                }
                progress(done.fetch_add(1, Ordering::Relaxed) + 1, total);
            }
            Share {
                pages,
                fonts: fonts.into_entries(),
            }
        })
        .collect()
}

/// Puts the threads' shares together: pages in order, fonts by name, whatever thread met them.
fn assemble(document: &mut Document, shares: Vec<Share>) {
    let mut fonts: Vec<Font> = shares
        .iter()
        .flat_map(|share| share.fonts.iter().map(|entry| entry.font.clone()))
        .collect();
    fonts.sort();
    fonts.dedup();
    fonts.truncate(usize::from(u16::MAX));
    let mut pages = Vec::new();
    for share in shares {
        let ids: Vec<FontId> = share
            .fonts
            .iter()
            .map(|entry| {
                let place = fonts.binary_search(&entry.font).unwrap_or(0);
                FontId(u16::try_from(place).unwrap_or(0))
            })
            .collect();
        for (mut page, warnings) in share.pages {
            for run in &mut page.runs {
                run.font = ids
                    .get(usize::from(run.font.0))
                    .copied()
                    .unwrap_or(FontId(0));
            }
            pages.push((page, warnings));
        }
    }
    pages.sort_by_key(|(page, _)| page.index);
    for (page, warnings) in pages {
        document.pages.push(page);
        document.warnings.extend(warnings);
    }
    document.fonts = fonts;
    mark_fixed_pitch(document);
}

struct PageReader<'p, 'a> {
    page: &'p PdfPage<'a>,
    index: PageIndex,
    settings: &'p InterpreterSettings,
    second: &'p SecondReader<'p>,
}

impl<'a> PageReader<'_, 'a> {
    fn read(
        &self,
        cache: &InterpreterCache<'a>,
        fonts: &mut FontTable<'a>,
        time_limit: Duration,
    ) -> (Page, Vec<Warning>) {
        let bbox = self.bbox();
        let mut warnings = Vec::new();
        let learn = catch_unwind(AssertUnwindSafe(|| fonts.learn(self.page.resources())));
        let mut collector = Collector::new(bbox, fonts, Instant::now() + time_limit);
        let drawing = catch_unwind(AssertUnwindSafe(|| self.draw(cache, bbox, &mut collector)));
        let drawn = std::mem::take(&mut collector.drawn);
        match learn.and(drawing) {
            Ok(true) => {}
            Ok(false) => warnings.push(self.warning(
                WarningCode::PageTruncated,
                "the page's content is too large and was cut".to_owned(),
            )),
            Err(panic) if panic.is::<PageLimitReached>() => warnings.push(self.warning(
                WarningCode::PageTruncated,
                format!(
                    "the page took longer than {} s and was cut",
                    time_limit.as_secs()
                ),
            )),
            Err(panic) => warnings.push(self.warning(
                WarningCode::PageUnreadable,
                format!("the page could not be read: {}", panic_text(panic.as_ref())),
            )),
        }
        warnings.extend(self.text_warning(&drawn));
        warnings.extend(self.direction_warning(&drawn));
        let mut page = self.page_of(bbox, drawn);
        self.mend(&mut page, &mut warnings);
        (page, warnings)
    }

    /// Tries the second reader where the first one failed or met glyphs without Unicode. Not for
    /// pages without any text: those are scans or blank, and it is the less robust of the two.
    fn mend(&self, page: &mut Page, warnings: &mut Vec<Warning>) {
        let failed = warnings.iter().any(|warning| match warning.code {
            WarningCode::PageUnreadable => true,
            WarningCode::NeedsOcr => !page.glyphs.is_empty(),
            _ => false,
        });
        let to_page = self.page.initial_transform(true).as_coeffs();
        if failed && self.second.mend(page, to_page) {
            warnings.retain(|warning| warning.code != WarningCode::NeedsOcr);
            warnings.push(self.warning(
                WarningCode::SecondReader,
                "some of the page's text comes from the second reader".to_owned(),
            ));
        }
    }

    /// Runs the page's operators; false when the content had to be cut.
    fn draw(
        &self,
        cache: &InterpreterCache<'a>,
        bbox: Rect,
        device: &mut Collector<'_, 'a>,
    ) -> bool {
        let area = kurbo::Rect::new(0.0, 0.0, f64::from(bbox.x1), f64::from(bbox.y1));
        let mut context = Context::new(
            self.page.initial_transform(true).to_kurbo(),
            area,
            cache,
            self.page.xref(),
            self.settings.clone(),
        );
        let (content, complete) = content_of(self.page);
        interpret(
            TypedIter::new(&content),
            self.page.resources(),
            &mut context,
            device,
        );
        complete
    }

    fn bbox(&self) -> Rect {
        let (width, height) = self.page.render_dimensions();
        let side = |v: f32| {
            if v.is_finite() {
                v.clamp(1.0, MAX_PAGE_SIDE)
            } else {
                MAX_PAGE_SIDE
            }
        };
        Rect::new(0.0, 0.0, side(width), side(height))
    }

    fn page_of(&self, bbox: Rect, drawn: Drawn) -> Page {
        let Drawn {
            mut runs,
            mut glyphs,
            mut graphics,
            mut frames,
        } = drawn;
        runs.shrink_to_fit();
        glyphs.shrink_to_fit();
        graphics.shrink_to_fit();
        frames.shrink_to_fit();
        Page {
            index: self.index,
            width: bbox.x1,
            height: bbox.y1,
            runs,
            glyphs,
            graphics,
            frames,
        }
    }

    /// Lines that do not run across the page are read one after another, but columns and
    /// paragraphs among them are not found.
    fn direction_warning(&self, drawn: &Drawn) -> Option<Warning> {
        let count = |runs: &mut dyn Iterator<Item = &super::TextRun>| -> u32 {
            runs.map(|run| run.glyphs.end.saturating_sub(run.glyphs.start))
                .sum()
        };
        let all = count(&mut drawn.runs.iter());
        let across = count(
            &mut drawn
                .runs
                .iter()
                .filter(|run| run.direction == Direction::Right),
        );
        let turned = all.saturating_sub(across);
        (turned > MIN_TURNED_GLYPHS && turned > across).then(|| {
            let message = "most text is set vertically or turned: its order is a guess".to_owned();
            self.warning(WarningCode::UnusualDirection, message)
        })
    }

    fn text_warning(&self, drawn: &Drawn) -> Option<Warning> {
        let inked = drawn.glyphs.iter().filter(|glyph| glyph.ch != ' ').count();
        let unknown = drawn
            .glyphs
            .iter()
            .filter(|glyph| is_unknown(glyph.ch))
            .count();
        if inked > 0 && unknown as f32 > MAX_UNKNOWN_SHARE * inked as f32 {
            let message =
                format!("{unknown} of {inked} glyphs have no Unicode: the page needs OCR");
            return Some(self.warning(WarningCode::NeedsOcr, message));
        }
        let is_scan = inked == 0 && drawn.graphics.iter().any(|g| self.fills_page(g));
        is_scan.then(|| {
            let message = "the page is a picture without text: it needs OCR".to_owned();
            self.warning(WarningCode::NeedsOcr, message)
        })
    }

    fn fills_page(&self, graphic: &super::Graphic) -> bool {
        graphic.kind == super::GraphicKind::Image && graphic.bbox.area() > 0.6 * self.bbox().area()
    }

    fn warning(&self, code: WarningCode, message: String) -> Warning {
        Warning {
            page: Some(self.index),
            code,
            message,
        }
    }
}

/// A page's drawing operations, and whether these are all. Not `Page::page_stream`, which keeps every
/// decoded stream for the file's lifetime.
pub(super) fn content_of(page: &PdfPage<'_>) -> (Vec<u8>, bool) {
    let raw = page.raw();
    let mut content = Vec::new();
    let mut complete = true;
    let mut append = |stream: Stream<'_>| {
        if content.len() > MAX_CONTENT_BYTES {
            complete = false;
            return;
        }
        if let Ok(data) = stream.decoded_data() {
            let kept = data.len().min(MAX_CONTENT_BYTES);
            complete &= kept == data.len();
            content.extend_from_slice(data.get(..kept).unwrap_or(&[]));
            content.push(b' ');
        }
    };
    if let Some(stream) = raw.get::<Stream<'_>>("Contents") {
        append(stream);
    } else if let Some(parts) = raw.get::<Array<'_>>("Contents") {
        parts.iter::<Stream<'_>>().for_each(append);
    }
    (content, complete)
}

/// Whether a character stands for a glyph whose meaning the file does not say.
pub(super) fn is_unknown(ch: char) -> bool {
    ch == char::REPLACEMENT_CHARACTER || ('\u{e000}'..='\u{f8ff}').contains(&ch)
}

/// What a panic said.
pub(super) fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_else(|| "internal error".to_owned())
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
