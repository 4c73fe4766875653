//! What the words of a pair share, by itself and beside the pairs of the same paragraph, of the
//! same visual, and of the texts before and after.

use crate::{detect::VisualId, graph::text::Likeness, segment::Paragraph};

/// The likenesses that are compared: with the caption, with all text, by letter groups, by
/// distinctive words.
type Compared = [f32; 4];

/// A paragraph with its candidates, sorted, and how alike it is to each.
struct Row {
    paragraph: usize,
    visuals: Vec<VisualId>,
    likeness: Vec<Likeness>,
}

/// All candidate pairs of a document.
pub(super) struct Relative {
    rows: Vec<Row>,
    /// The best of each visual.
    best: Vec<Compared>,
}

fn compared(likeness: &Likeness) -> Compared {
    [
        likeness.caption,
        likeness.whole,
        likeness.groups,
        likeness.distinctive,
    ]
}

fn larger(mut a: Compared, b: Compared) -> Compared {
    for (a, b) in a.iter_mut().zip(b) {
        *a = a.max(b);
    }
    a
}

impl Relative {
    /// Asks for the candidates of each paragraph.
    pub(super) fn new(
        paragraphs: &[Paragraph],
        visuals: usize,
        candidates: impl Fn(usize, &Paragraph) -> (Vec<VisualId>, Vec<Likeness>),
    ) -> Relative {
        let mut rows = Vec::new();
        let mut best = vec![Compared::default(); visuals];
        for (index, paragraph) in paragraphs.iter().enumerate() {
            let (visuals, likeness) = candidates(index, paragraph);
            for (visual, likeness) in visuals.iter().zip(&likeness) {
                if let Some(best) = best.get_mut(visual.0 as usize) {
                    *best = larger(*best, compared(likeness));
                }
            }
            if !visuals.is_empty() {
                rows.push(Row {
                    paragraph: index,
                    visuals,
                    likeness,
                });
            }
        }
        Relative { rows, best }
    }

    /// Row, index of the paragraph, visual and likeness of each pair, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, usize, VisualId, &Likeness)> {
        self.rows.iter().enumerate().flat_map(|(at, row)| {
            let pairs = row.visuals.iter().zip(&row.likeness);
            pairs.map(move |(visual, likeness)| (at, row.paragraph, *visual, likeness))
        })
    }

    /// Appends how a pair compares with those beside it.
    pub(super) fn push(
        &self,
        row: usize,
        visual: VisualId,
        likeness: &Likeness,
        features: &mut Vec<f32>,
    ) {
        let of_paragraph = self.rows.get(row).map_or(Compared::default(), |row| {
            let all = row.likeness.iter().map(compared);
            all.fold(Compared::default(), larger)
        });
        let of_visual = self
            .best
            .get(visual.0 as usize)
            .copied()
            .unwrap_or_default();
        for best in [of_paragraph, of_visual] {
            let shares = compared(likeness).into_iter().zip(best);
            features.extend(shares.map(|(ours, best)| ours / best.max(f32::MIN_POSITIVE)));
        }
        let before = self.beside(row.checked_sub(1), visual);
        let after = self.beside(row.checked_add(1), visual);
        features.extend([before.whole, after.whole, before.groups, after.groups]);
    }

    fn beside(&self, row: Option<usize>, visual: VisualId) -> Likeness {
        let found = row.and_then(|row| self.rows.get(row)).and_then(|row| {
            let at = row.visuals.binary_search(&visual).ok()?;
            row.likeness.get(at).copied()
        });
        found.unwrap_or_default()
    }
}

/// Appends a likeness, in the order of the list of features.
pub(super) fn push_likeness(likeness: &Likeness, features: &mut Vec<f32>) {
    features.extend([
        likeness.caption,
        likeness.inner,
        likeness.whole,
        likeness.sentence,
        likeness.distinctive,
        likeness.coverage,
        likeness.groups,
        likeness.groups_whole,
        likeness.symbols,
        likeness.section,
        likeness.section_caption,
        likeness.run,
    ]);
}
