//! Text inside a visual is part of it: labels of a drawing that only the network joins, cells of a
//! table without rules.

use std::collections::BTreeMap;

use crate::{
    geometry::{PageIndex, Rect, Region},
    segment::{Paragraph, ParagraphKind},
};

use super::visual::{Source, Visual, VisualKind};

/// A paragraph is inside when a visual covers each of its regions to this share.
const COVERED: f32 = 0.9;
/// Longer text, in bytes, can be read by itself wherever it stands.
const MAX_LABEL: usize = 80;

/// Gives the short paragraphs inside visuals the kind that says so.
pub(super) fn mark_inside(paragraphs: &mut [Paragraph], visuals: &[Visual]) {
    let mut places: BTreeMap<PageIndex, Vec<(Rect, ParagraphKind)>> = BTreeMap::new();
    for (visual, kind) in visuals.iter().filter_map(|v| Some((v, kind_inside(v)?))) {
        for region in &visual.regions {
            let here = places.entry(region.page).or_default();
            here.push((region.bbox, kind));
        }
    }
    for paragraph in paragraphs.iter_mut().filter(|p| is_label(p)) {
        let kind_at = |region: &Region| {
            let here = places.get(&region.page)?;
            let around = here
                .iter()
                .find(|(place, _)| region.bbox.covered_by(place) > COVERED);
            around.map(|(_, kind)| *kind)
        };
        let kinds: Option<Vec<ParagraphKind>> = paragraph.regions.iter().map(kind_at).collect();
        if let Some(kind) = kinds.and_then(|kinds| kinds.first().copied()) {
            paragraph.kind = kind;
        }
    }
}

/// The kind of text inside a visual; `None` where its place is but guessed at.
fn kind_inside(visual: &Visual) -> Option<ParagraphKind> {
    let found = [Source::Detector, Source::Vector, Source::Raster];
    if !visual.sources.iter().any(|source| found.contains(source)) {
        return None;
    }
    match visual.kind {
        VisualKind::Figure | VisualKind::Photo | VisualKind::Chart | VisualKind::Diagram => {
            Some(ParagraphKind::FigureText)
        }
        VisualKind::Table => Some(ParagraphKind::TableText),
        VisualKind::Algorithm => Some(ParagraphKind::Code),
        VisualKind::Formula => None,
    }
}

fn is_label(paragraph: &Paragraph) -> bool {
    let can_be = matches!(
        paragraph.kind,
        ParagraphKind::Body
            | ParagraphKind::ListItem
            | ParagraphKind::Code
            | ParagraphKind::FormulaText
    );
    can_be && paragraph.text.len() <= MAX_LABEL && paragraph.mentions.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::VisualId;

    fn region(page: u32, [x0, y0, x1, y1]: [f32; 4]) -> Region {
        Region {
            page: PageIndex(page),
            bbox: Rect::new(x0, y0, x1, y1),
        }
    }

    fn kinds(
        visual: &Visual,
        paragraphs: &[(ParagraphKind, &str, [f32; 4])],
    ) -> Vec<ParagraphKind> {
        let mut paragraphs: Vec<Paragraph> = (0..)
            .zip(paragraphs)
            .map(|(id, (kind, text, bbox))| Paragraph::sample(id, *kind, text, region(0, *bbox)))
            .collect();
        mark_inside(&mut paragraphs, std::slice::from_ref(visual));
        paragraphs.into_iter().map(|p| p.kind).collect()
    }

    #[test]
    fn labels_inside_a_drawing_are_its_text_and_sentences_are_not() {
        use ParagraphKind::{Body, Caption, FigureText, FormulaText};
        let visual = Visual {
            id: VisualId(0),
            kind: VisualKind::Figure,
            label: None,
            caption: None,
            continued: Vec::new(),
            regions: vec![region(0, [100.0, 100.0, 300.0, 300.0])],
            score: 0.9,
            sources: vec![Source::Detector],
            alt_text: None,
            text: String::new(),
            appearance: Vec::new(),
        };
        let inside = [150.0, 150.0, 200.0, 160.0];
        let long = "Readers find whole sentences in screenshots, and frames around text that goes on outside of them.";
        let paragraphs = [
            (Body, "Sensor", inside),
            (FormulaText, "p = 0.007", inside),
            (Body, long, inside),
            (Caption, "Figure 1: Sensors", inside),
            (Body, "Sensor", [280.0, 150.0, 320.0, 160.0]),
        ];
        let found = kinds(&visual, &paragraphs);
        assert_eq!(found, [FigureText, FigureText, Body, Caption, Body]);
        let guessed = Visual {
            sources: vec![Source::Caption],
            ..visual
        };
        assert_eq!(kinds(&guessed, &paragraphs)[0], Body);
    }
}
