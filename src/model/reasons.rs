//! Why the network scores a pair as it does: by ablation. For each aspect the network is asked
//! again as if, in that aspect, all candidates of a paragraph were alike; what the pair's logit
//! loses is what the aspect had said for it.

use std::{collections::BTreeMap, ops::Range};

use rayon::prelude::*;

use super::{
    Aligner, run,
    tensors::{Window, windows_around},
};
use crate::{
    graph::{Aspect, Candidate, Features, PAIR_FEATURES},
    network::{Array, NetworkError},
};

/// An aspect that adds less than this to a logit is no reason.
const LEAST: f32 = 0.25;
/// One of the network's members is asked for all.
const FIRST: [&str; 1] = ["first_pair_logits"];
/// Reasons of a link.
const MOST: usize = 3;
/// Paragraphs to either side that are known: what is farther away is hardly a reason, and the
/// network is asked many times.
const MARGIN: usize = 8;

impl Aligner {
    /// For each of the `wanted` candidates, places in [`Features::candidates`], the aspects that
    /// speak for it, the strongest first.
    ///
    /// # Errors
    /// When the network fails, which sound weights do not.
    pub fn reasons(
        &self,
        features: &Features,
        wanted: &[usize],
    ) -> Result<BTreeMap<usize, Vec<Aspect>>, NetworkError> {
        let candidates = wanted.iter().filter_map(|at| features.candidates.get(*at));
        let paragraphs = candidates.map(|candidate| candidate.paragraph.0);
        let windows = windows_around(features, paragraphs, MARGIN).into_par_iter();
        let reasons = windows.map(|window| {
            let of_window = wanted.iter().filter(|at| window.core.contains(at));
            let of_window: Vec<usize> = of_window.copied().collect();
            self.reasons_in(features, window, &of_window)
        });
        let reasons = reasons.collect::<Result<Vec<_>, _>>()?;
        Ok(reasons.into_iter().flatten().collect())
    }

    fn reasons_in(
        &self,
        features: &Features,
        mut window: Window,
        wanted: &[usize],
    ) -> Result<BTreeMap<usize, Vec<Aspect>>, NetworkError> {
        let [full] = run(&self.network, &window, FIRST)?;
        let candidates = features.candidates.get(window.candidates.clone());
        let paragraphs = paragraphs(candidates.unwrap_or(&[]));
        let mut losses: BTreeMap<usize, Vec<(Aspect, f32)>> = BTreeMap::new();
        for aspect in Aspect::ALL {
            let kept = window.numbers_of(aspect).clone();
            window.level(&paragraphs, aspect);
            let [without] = run(&self.network, &window, FIRST)?;
            *window.numbers_of(aspect) = kept;
            for at in wanted {
                let row = at.saturating_sub(window.candidates.start);
                let logit = |of: &Array| of.values.get(row).copied().unwrap_or(0.0);
                let loss = logit(&full) - logit(&without);
                if loss >= LEAST {
                    losses.entry(*at).or_default().push((aspect, loss));
                }
            }
        }
        let strongest = |mut of_pair: Vec<(Aspect, f32)>| {
            of_pair.sort_by(|a, b| b.1.total_cmp(&a.1));
            of_pair.truncate(MOST);
            of_pair.into_iter().map(|(aspect, _)| aspect).collect()
        };
        let losses = losses.into_iter();
        Ok(losses
            .map(|(at, of_pair)| (at, strongest(of_pair)))
            .collect())
    }
}

/// The rows of each paragraph's candidates.
fn paragraphs(candidates: &[Candidate]) -> Vec<Range<usize>> {
    let mut rows = Vec::new();
    let mut start = 0;
    for of_one in candidates.chunk_by(|a, b| a.paragraph == b.paragraph) {
        rows.push(start..start + of_one.len());
        start += of_one.len();
    }
    rows
}

impl Window {
    /// Takes what an aspect says out of all pairs.
    pub fn forget(&mut self, aspect: Aspect) {
        let [pairs, ..] = &self.numbers;
        let all = 0..pairs.shape.first().copied().unwrap_or(0);
        self.level(&[all], aspect);
    }

    /// Makes the candidates of each paragraph alike in an aspect.
    fn level(&mut self, paragraphs: &[Range<usize>], aspect: Aspect) {
        let numbers = self.numbers_of(aspect);
        match aspect {
            Aspect::Wording => numbers.values.fill(0.0),
            _ => level(numbers, paragraphs, aspect),
        }
    }

    /// The numbers that an aspect speaks by.
    fn numbers_of(&mut self, aspect: Aspect) -> &mut Array {
        let [pairs, .., wordings_mask] = &mut self.numbers;
        match aspect {
            Aspect::Wording => wordings_mask,
            _ => pairs,
        }
    }
}

/// Gives the candidates of each paragraph the mean of an aspect's features.
fn level(pairs: &mut Array, paragraphs: &[Range<usize>], aspect: Aspect) {
    let width = PAIR_FEATURES.len();
    let columns = PAIR_FEATURES.iter().enumerate();
    let columns = columns.filter(|(_, (of, _, _))| *of == aspect);
    for (column, _) in columns {
        for rows in paragraphs {
            let Some(block) = pairs.values.get_mut(rows.start * width..rows.end * width) else {
                continue;
            };
            let values = || block.iter().skip(column).step_by(width);
            let mean = values().sum::<f32>() / rows.len().max(1) as f32;
            for value in block.iter_mut().skip(column).step_by(width) {
                *value = mean;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_aspect_leaves_the_others() {
        let width = PAIR_FEATURES.len();
        let values: Vec<f32> = (0..3 * width).map(|at| at as f32).collect();
        let mut pairs = Array {
            shape: vec![3, width],
            values: values.clone(),
        };
        level(&mut pairs, &[0..2, 2..3], Aspect::Section);
        for (at, (now, before)) in pairs.values.iter().zip(&values).enumerate() {
            let (row, column) = (at / width, at % width);
            let leveled = PAIR_FEATURES[column].0 == Aspect::Section && row < 2;
            let expected = if leveled {
                (column + column + width) as f32 / 2.0
            } else {
                *before
            };
            assert_eq!(*now, expected, "row {row}, column {column}");
        }
    }
}
