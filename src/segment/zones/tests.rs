//! Zones of small synthetic pages.

use super::*;
use crate::{geometry::PageIndex, pdf::Frame, segment::Word};

/// A page of A4 size with what is drawn on it.
#[derive(Default)]
struct Sheet {
    lines: Vec<TextLine>,
    graphics: Vec<Graphic>,
    frames: Vec<Frame>,
}

impl Sheet {
    /// A line of 10-point text with words of 5 points a letter, its top at `y`.
    fn text(&mut self, x: f32, y: f32, text: &str) -> &mut Sheet {
        let mut words = Vec::new();
        let (mut at, mut start) = (x, 0);
        for word in text.split(' ') {
            let end = at + 5.0 * word.chars().count() as f32;
            words.push(Word {
                bbox: Rect::new(at, y, end, y + 10.0),
                span: start..start + word.len(),
            });
            at = end + 3.0;
            start += word.len() + 1;
        }
        self.lines.push(TextLine {
            words,
            ..TextLine::sample(text, Rect::new(x, y, at - 3.0, y + 10.0))
        });
        self
    }

    /// Lines of running text from `y` on.
    fn prose(&mut self, y: f32, count: usize) -> &mut Sheet {
        for i in 0..count {
            let text =
                "Words that run over the whole width of the column and say something of note";
            self.text(72.0, y + 12.0 * i as f32, text);
        }
        self
    }

    fn mark(&mut self, kind: GraphicKind, bbox: [f32; 4], lightness: u8) -> &mut Sheet {
        self.graphics.push(Graphic {
            bbox: Rect::new(bbox[0], bbox[1], bbox[2], bbox[3]),
            kind,
            lightness,
            frame: None,
        });
        self
    }

    fn stroke(&mut self, bbox: [f32; 4]) -> &mut Sheet {
        self.mark(GraphicKind::Stroke, bbox, 0)
    }

    fn rule(&mut self, x0: f32, x1: f32, y: f32) -> &mut Sheet {
        self.stroke([x0, y, x1, y + 0.4])
    }

    /// Kinds and boxes of the zones, separators left out.
    fn zones(&self) -> Vec<(ZoneKind, [f32; 4])> {
        let page = Page {
            index: PageIndex(0),
            width: 595.0,
            height: 842.0,
            runs: Vec::new(),
            glyphs: Vec::new(),
            graphics: self.graphics.clone(),
            frames: self.frames.clone(),
        };
        zones(&page, &self.lines)
            .iter()
            .filter(|zone| zone.kind != ZoneKind::Rule)
            .map(|zone| {
                let b = zone.bbox;
                (zone.kind, [b.x0, b.y0, b.x1, b.y1])
            })
            .collect()
    }
}

#[test]
fn running_text_with_rules_has_no_zone() {
    let mut sheet = Sheet::default();
    sheet.text(72.0, 40.0, "Chapter 1").rule(72.0, 500.0, 52.0);
    sheet.prose(100.0, 20).rule(72.0, 200.0, 700.0);
    // An underline and a colour box behind words.
    sheet.rule(100.0, 150.0, 109.0);
    sheet.mark(GraphicKind::Fill, [100.0, 123.0, 150.0, 135.0], 200);
    assert_eq!(sheet.zones(), []);
}

#[test]
fn a_drawing_takes_its_labels_and_leaves_text_and_caption() {
    let mut sheet = Sheet::default();
    sheet.prose(100.0, 5);
    sheet.stroke([200.0, 190.0, 260.0, 230.0]);
    sheet.stroke([262.0, 205.0, 298.0, 214.0]);
    sheet.stroke([300.0, 190.0, 360.0, 230.0]);
    sheet.text(210.0, 205.0, "start");
    sheet.text(240.0, 236.0, "time");
    sheet.text(150.0, 262.0, "Figure 1: Two boxes and an arrow");
    sheet.prose(300.0, 5);
    assert_eq!(
        sheet.zones(),
        [(ZoneKind::Figure, [200.0, 190.0, 360.0, 246.0])]
    );
}

#[test]
fn a_running_head_and_a_caption_without_a_mark_are_no_labels() {
    let mut sheet = Sheet::default();
    sheet.text(200.0, 44.0, "A thesis").rule(72.0, 520.0, 56.0);
    sheet.mark(GraphicKind::Image, [100.0, 62.0, 400.0, 200.0], 128);
    sheet.stroke([99.0, 61.0, 401.0, 201.0]);
    sheet.text(200.0, 206.0, "图 4.2 系统侧导航栏");
    sheet.prose(300.0, 5);
    assert_eq!(
        sheet.zones(),
        [(ZoneKind::Figure, [99.0, 61.0, 401.0, 201.0])]
    );
}

#[test]
fn strips_of_an_image_are_one_picture() {
    let mut sheet = Sheet::default();
    sheet.prose(100.0, 3);
    for i in 0..10 {
        let y = 200.0 + 16.0 * i as f32;
        sheet.mark(GraphicKind::Image, [100.0, y, 400.0, y + 16.0], 128);
    }
    assert_eq!(
        sheet.zones(),
        [(ZoneKind::Figure, [100.0, 200.0, 400.0, 360.0])]
    );
}

#[test]
fn a_table_with_three_rules_holds_all_its_cells() {
    let mut sheet = Sheet::default();
    sheet.prose(100.0, 4);
    sheet.rule(150.0, 400.0, 200.0);
    sheet.text(155.0, 203.0, "Name").text(300.0, 203.0, "Value");
    sheet.rule(150.0, 400.0, 216.0);
    for i in 0..4 {
        let y = 219.0 + 12.0 * i as f32;
        sheet.text(155.0, y, "alpha").text(300.0, y, "1.5");
    }
    sheet.rule(150.0, 400.0, 268.0);
    sheet.prose(300.0, 4);
    assert_eq!(
        sheet.zones(),
        [(ZoneKind::Table, [150.0, 200.2, 400.0, 268.2])]
    );
}

#[test]
fn rows_under_a_table_caption_are_a_table_without_rules() {
    let mut sheet = Sheet::default();
    sheet.prose(100.0, 4);
    sheet.text(150.0, 200.0, "Table 2: Values");
    for i in 0..4 {
        let y = 220.0 + 12.0 * i as f32;
        sheet.text(155.0, y, "alpha").text(300.0, y, "1.5");
    }
    sheet.prose(300.0, 4);
    assert_eq!(
        sheet.zones(),
        [(ZoneKind::Table, [155.0, 220.0, 315.0, 266.0])]
    );
}

#[test]
fn two_columns_between_rules_are_no_table() {
    let mut sheet = Sheet::default();
    sheet.rule(50.0, 545.0, 60.0);
    for i in 0..30 {
        let y = 80.0 + 12.0 * i as f32;
        let text = "words that run over the whole of the column";
        sheet.text(50.0, y, text).text(310.0, y, text);
    }
    sheet.rule(50.0, 545.0, 780.0);
    assert_eq!(sheet.zones(), []);
}

#[test]
fn a_shaded_box_around_text_is_no_picture() {
    let mut sheet = Sheet::default();
    sheet.mark(GraphicKind::Fill, [66.0, 196.0, 460.0, 262.0], 230);
    sheet.prose(100.0, 4).prose(200.0, 5).prose(300.0, 4);
    assert_eq!(
        sheet.zones(),
        [(ZoneKind::Boxed, [66.0, 196.0, 460.0, 262.0])]
    );
}

#[test]
fn pictures_with_captions_of_their_own_stay_apart() {
    let mut sheet = Sheet::default();
    sheet.mark(GraphicKind::Image, [80.0, 200.0, 280.0, 300.0], 128);
    sheet.mark(GraphicKind::Image, [300.0, 200.0, 500.0, 300.0], 128);
    assert_eq!(sheet.zones().len(), 1);
    sheet.text(100.0, 310.0, "Figure 1: Left");
    sheet.text(330.0, 310.0, "Figure 2: Right");
    assert_eq!(
        sheet.zones(),
        [
            (ZoneKind::Figure, [80.0, 200.0, 280.0, 300.0]),
            (ZoneKind::Figure, [300.0, 200.0, 500.0, 300.0])
        ]
    );
}

#[test]
fn a_dense_page_stays_fast() {
    let mut sheet = Sheet::default();
    sheet.prose(60.0, 20);
    for i in 0..20_000_u32 {
        let (x, y) = (
            (i % 200) as f32 * 2.0 + 80.0,
            (i / 200) as f32 * 3.0 + 330.0,
        );
        sheet.stroke([x, y, x + 3.0, y + 4.0]);
    }
    let start = std::time::Instant::now();
    let found = sheet.zones();
    assert_eq!(found, [(ZoneKind::Figure, [80.0, 330.0, 481.0, 631.0])]);
    // Some 30 ms; quadratic code takes minutes.
    assert!(start.elapsed().as_secs() < 5);
}
