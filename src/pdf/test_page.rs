//! Pages for tests: lines of text at given places, in 10 point type.

use crate::{
    geometry::PageIndex,
    pdf::{Direction, FontId, Glyph, Page, TextRun},
};

/// Every glyph is this wide, in points.
pub(crate) const ADVANCE: f32 = 5.0;

/// A page of 600 by 800 points with texts at `(x, baseline, text)`.
pub(crate) fn page(texts: &[(f32, f32, &str)]) -> Page {
    let mut page = Page {
        index: PageIndex(0),
        width: 600.0,
        height: 800.0,
        runs: Vec::new(),
        glyphs: Vec::new(),
        graphics: Vec::new(),
        frames: Vec::new(),
    };
    for (x, baseline, text) in texts {
        let start = page.glyphs.len() as u32;
        page.glyphs
            .extend(text.chars().enumerate().map(|(at, ch)| Glyph {
                ch,
                start: x + ADVANCE * at as f32,
                end: x + ADVANCE * (at + 1) as f32,
            }));
        page.runs.push(TextRun {
            glyphs: start..page.glyphs.len() as u32,
            font: FontId(0),
            size: 10.0,
            baseline: *baseline,
            direction: Direction::Right,
            ink: None,
            invisible: false,
            frame: None,
        });
    }
    page
}
