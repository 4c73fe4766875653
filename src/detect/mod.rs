//! Stage 3, *detect*: figures, tables, algorithms and formulas with their captions, from page
//! graphics and the places of text.

mod visual;

pub use visual::{Source, Visual, VisualId, VisualKind};

/// Visuals by their captions alone.
pub fn detect(
    _document: &crate::pdf::Document,
    paragraphs: &[crate::segment::Paragraph],
) -> Vec<Visual> {
    let mut out = Vec::new();
    for p in paragraphs
        .iter()
        .filter(|p| p.kind == crate::segment::ParagraphKind::Caption)
    {
        let Some(l) = crate::mention::caption_label(&p.text) else {
            continue;
        };
        out.push(Visual {
            id: VisualId(out.len() as u32),
            kind: VisualKind::Figure,
            label: Some(l.label),
            caption: Some(p.id),
            continued: vec![],
            regions: p.regions.clone(),
            score: 0.3,
            sources: vec![Source::Caption],
            alt_text: None,
            text: String::new(),
        });
    }
    out
}
