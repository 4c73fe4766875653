//! Which text looks like the document's running text, by font and size: what does not can be the
//! content of a visual made of text.

use std::collections::HashMap;

use crate::{
    geometry::{Point, Rect},
    pdf::{Direction, Document, FontId},
    segment::TextLine,
};

/// A font at a size that sets this share of a document's text sets running text.
const RUNNING_SHARE: f32 = 0.05;

/// A font at a size, in half points.
type Style = (FontId, u32);

/// A line's place, style and weight.
#[derive(Debug, Clone, Copy)]
struct Look {
    center: Point,
    style: Style,
    /// Bytes of its text.
    weight: usize,
}

/// The looks of a page's lines, from top to bottom.
#[derive(Debug, Clone, Default)]
pub(super) struct PageLooks(Vec<Look>);

impl PageLooks {
    pub(super) fn new(lines: &[TextLine]) -> PageLooks {
        let upright = lines
            .iter()
            .filter(|line| line.direction == Direction::Right);
        let mut looks: Vec<Look> = upright
            .map(|line| Look {
                center: line.bbox.center(),
                style: (line.font, (line.size * 2.0).round().max(0.0) as u32),
                weight: line.text.len(),
            })
            .collect();
        looks.sort_by(|a, b| a.center.y.total_cmp(&b.center.y));
        PageLooks(looks)
    }
}

/// The styles of a document's running text.
#[derive(Debug)]
pub(super) struct Running(Vec<Style>);

impl Running {
    pub(super) fn of(document: &Document, pages: &[PageLooks]) -> Running {
        let mut weights: HashMap<Style, usize> = HashMap::new();
        for look in pages.iter().flat_map(|page| &page.0) {
            *weights.entry(look.style).or_default() += look.weight;
        }
        let all: usize = weights.values().sum();
        let is_fixed = |font: FontId| {
            let font = document.fonts.get(usize::from(font.0));
            font.is_some_and(|font| font.monospace)
        };
        let most = weights.values().copied().max().unwrap_or(0);
        let mut styles: Vec<Style> = weights
            .into_iter()
            .filter(|(_, weight)| *weight as f32 > RUNNING_SHARE * all as f32)
            // Some manuals hold more program text than prose, others are typewritten.
            .filter(|((font, _), weight)| *weight == most || !is_fixed(*font))
            .map(|(style, _)| style)
            .collect();
        styles.sort_unstable();
        Running(styles)
    }

    /// Whether most of the text in a box is set otherwise.
    pub(super) fn differs_in(&self, bbox: &Rect, page: &PageLooks) -> bool {
        let from = page.0.partition_point(|look| look.center.y < bbox.y0);
        let looks = page.0.get(from..).unwrap_or(&[]);
        let (mut running, mut other) = (0, 0);
        for look in looks.iter().take_while(|look| look.center.y <= bbox.y1) {
            if bbox.contains(look.center) {
                match self.0.binary_search(&look.style) {
                    Ok(_) => running += look.weight,
                    Err(_) => other += look.weight,
                }
            }
        }
        other > running
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pdf::Font;

    fn look(y: f32, font: u16, size: u32, weight: usize) -> Look {
        Look {
            center: Point { x: 100.0, y },
            style: (FontId(font), size),
            weight,
        }
    }

    #[test]
    fn rare_styles_and_fixed_pitch_differ_from_running_text() {
        let font = |monospace| Font {
            monospace,
            ..Font::default()
        };
        let document = Document {
            fonts: vec![font(false), font(true)],
            ..Document::default()
        };
        let page = PageLooks(vec![
            look(100.0, 0, 20, 1000),
            look(200.0, 0, 16, 30),
            look(300.0, 1, 20, 400),
            look(310.0, 0, 20, 300),
        ]);
        let running = Running::of(&document, std::slice::from_ref(&page));
        let differs = |y0: f32, y1: f32| running.differs_in(&Rect::new(0.0, y0, 200.0, y1), &page);
        assert!(!differs(90.0, 110.0));
        assert!(differs(190.0, 210.0), "small print");
        assert!(differs(290.0, 315.0), "mostly program text");
        assert!(!differs(305.0, 315.0));
        assert!(!differs(500.0, 600.0), "nothing");
    }
}
