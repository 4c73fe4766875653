//! Fonts of fixed pitch that neither their names nor their descriptors give away, by the advances
//! of the letters that they set.

use super::{Direction, Document, Font};

/// So many narrow and so many wide letters must agree: a subset may hold digits and little else.
const MIN_LETTERS: u32 = 4;
/// Advances, in em, agree to within this.
const SAME_ADVANCE: f32 = 0.01;

/// The advances of a font's lower-case letters.
#[derive(Debug, Clone, Copy)]
struct Advances {
    least: f32,
    most: f32,
    narrow: u32,
    wide: u32,
    /// Characters of scripts whose fonts often set Latin letters at half an em each.
    ideographs: u32,
}

impl Advances {
    const NONE: Advances = Advances {
        least: f32::INFINITY,
        most: 0.0,
        narrow: 0,
        wide: 0,
        ideographs: 0,
    };

    fn add(&mut self, ch: char, advance: f32) {
        match ch {
            'i' | 'l' | 'j' | 't' | 'f' => self.narrow += 1,
            'm' | 'w' | 'o' | 'n' | 'a' | 'u' => self.wide += 1,
            '\u{2e80}'.. => {
                self.ideographs += 1;
                return;
            }
            _ => return,
        }
        self.least = self.least.min(advance);
        self.most = self.most.max(advance);
    }

    fn is_fixed(&self) -> bool {
        self.narrow >= MIN_LETTERS
            && self.wide >= MIN_LETTERS
            && self.most - self.least < SAME_ADVANCE
            && self.ideographs < self.wide
    }
}

/// Marks the fonts of fixed pitch.
pub(super) fn mark_fixed_pitch(document: &mut Document) {
    let mut advances = vec![Advances::NONE; document.fonts.len()];
    for page in &document.pages {
        for run in &page.runs {
            let known = |font: &Font| font.monospace;
            let id = usize::from(run.font.0);
            if run.direction != Direction::Right || document.fonts.get(id).is_none_or(known) {
                continue;
            }
            let Some(advances) = advances.get_mut(id) else {
                continue;
            };
            for glyph in page.run_glyphs(run) {
                advances.add(glyph.ch, (glyph.end - glyph.start) / run.size);
            }
        }
    }
    for (font, advances) in document.fonts.iter_mut().zip(&advances) {
        font.monospace |= advances.is_fixed();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn advances(letters: &[(char, f32)]) -> Advances {
        let mut all = Advances::NONE;
        for _ in 0..2 {
            letters
                .iter()
                .for_each(|(ch, advance)| all.add(*ch, *advance));
        }
        all
    }

    #[test]
    fn one_advance_for_narrow_and_wide_letters_is_fixed_pitch() {
        let equal = [('i', 0.525), ('m', 0.525), ('l', 0.525), ('o', 0.526)];
        assert!(advances(&equal).is_fixed());
        assert!(!advances(&[('i', 0.278), ('m', 0.83), ('l', 0.278), ('o', 0.5)]).is_fixed());
        // Nothing but digits and narrow letters.
        assert!(!advances(&[('i', 0.5), ('l', 0.5), ('1', 0.5), ('7', 0.5)]).is_fixed());
        let with_han = [
            ('i', 0.5),
            ('m', 0.5),
            ('l', 0.5),
            ('o', 0.5),
            ('图', 1.0),
            ('表', 1.0),
        ];
        assert!(!advances(&with_han).is_fixed());
    }
}
