//! How good the detector is on pages it did not learn from.

use tch::no_grad;

use crate::{
    detect::network::{DetectorConfig, FoundBox, ObjectClass, boxes, forward, scored},
    geometry::Rect,
    network::{
        Array,
        torch::{Torch, array},
    },
};

use super::{
    Batch, TrainError,
    augment::plain_example,
    data::{Labelled, LabelledPage},
    loss,
};

/// Boxes below this score are not looked at.
const LEAST_SCORE: f32 = 0.05;
/// Thresholds tried for each class, in hundredths.
const THRESHOLDS: std::ops::RangeInclusive<u8> = 8..=80;
/// A threshold when no object of the class was found.
const DEFAULT_THRESHOLD: f32 = 0.3;
/// An object is found by a box that overlaps it so much; the two count alike.
const OVERLAPS: [f32; 2] = [0.5, 0.8];
/// Pages whose outputs are computed together.
const TOGETHER: usize = 8;

/// A box of the network and whether it is right.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Judged {
    score: f32,
    /// For each of [`OVERLAPS`].
    right: [bool; 2],
}

/// What a validation found.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// The mean loss of the pages.
    pub loss: f64,
    /// For each class, its boxes and how many objects there are.
    classes: Vec<(Vec<Judged>, usize)>,
}

impl Measured {
    /// The mean F1 of figures and tables at both overlaps, each at its best threshold.
    pub fn score(&self) -> f64 {
        let visuals = [ObjectClass::Figure, ObjectClass::Table];
        let best = visuals.map(|class| self.best(class.index()).1);
        best.iter().sum::<f64>() / visuals.len() as f64
    }

    /// For each class the threshold at which F1 is highest.
    pub fn thresholds(&self) -> Vec<f32> {
        (0..self.classes.len()).map(|c| self.best(c).0).collect()
    }

    /// A class's best threshold and its F1 there, the mean of both overlaps.
    fn best(&self, class: usize) -> (f32, f64) {
        let Some((judged, objects)) = self.classes.get(class) else {
            return (DEFAULT_THRESHOLD, 0.0);
        };
        THRESHOLDS
            .map(|hundredths| f32::from(hundredths) / 100.0)
            .map(|threshold| (threshold, f1(judged, *objects, threshold)))
            .fold((DEFAULT_THRESHOLD, 0.0), |best, tried| {
                if tried.1 > best.1 { tried } else { best }
            })
    }
}

/// The mean of F1 over both overlaps.
fn f1(judged: &[Judged], objects: usize, threshold: f32) -> f64 {
    let kept = || judged.iter().filter(|j| j.score >= threshold);
    let all = (kept().count() + objects).max(1) as f64;
    let right = kept().flat_map(|j| j.right).filter(|right| *right).count();
    2.0 * right as f64 / all / OVERLAPS.len() as f64
}

/// Runs the network over pages.
///
/// # Errors
/// When an image cannot be read or torch fails.
pub(super) fn validate(
    torch: &Torch,
    config: &DetectorConfig,
    pages: &[LabelledPage],
) -> Result<Measured, TrainError> {
    torch.set_training(false);
    let mut measured = Measured {
        loss: 0.0,
        classes: vec![(Vec::new(), 0); ObjectClass::ALL.len()],
    };
    let lenient = DetectorConfig {
        thresholds: vec![LEAST_SCORE; config.classes.len()],
        ..config.clone()
    };
    for wide in [false, true] {
        let group: Vec<&LabelledPage> = pages.iter().filter(|p| p.is_landscape() == wide).collect();
        for some in group.chunks(TOGETHER) {
            let batch = plain_batch(some, config.image_size(wide))?;
            let (input, targets) = batch.tensors(torch);
            let loss = no_grad(|| loss::loss(&forward(torch, &input), &targets));
            measured.loss += loss.double_value(&[]) * some.len() as f64 / pages.len() as f64;
            let outputs = no_grad(|| scored(torch, &input));
            let (middles, sides) = (array(&outputs.middles)?, array(&outputs.sides)?);
            for (row, page) in some.iter().enumerate() {
                let (width, height) = config.image_size(wide);
                let scale =
                    (width as f32 / page.size.width()).min(height as f32 / page.size.height());
                let (middles, sides) = (one(&middles, row), one(&sides, row));
                let found = boxes(&lenient, &middles, &sides, scale, &page.size);
                judge(page, &found, &mut measured.classes);
            }
        }
    }
    Ok(measured)
}

fn plain_batch(
    pages: &[&LabelledPage],
    (width, height): (usize, usize),
) -> Result<Batch, TrainError> {
    let examples = pages
        .iter()
        .map(|page| Ok(plain_example(page, &page.read_image()?, width, height)))
        .collect::<Result<_, TrainError>>()?;
    Ok(Batch {
        width,
        height,
        examples,
    })
}

/// The outputs of one page of a batch.
fn one(outputs: &Array, row: usize) -> Array {
    let mut shape = outputs.shape.clone();
    if let Some(batch) = shape.first_mut() {
        *batch = 1;
    }
    Array {
        shape,
        values: outputs.row(row).to_vec(),
    }
}

/// Adds a page's boxes and objects to those of their classes. The best box of an object is right;
/// boxes where nothing is known do not count.
fn judge(page: &LabelledPage, found: &[FoundBox], classes: &mut [(Vec<Judged>, usize)]) {
    for ((class, known), (judged, objects)) in ObjectClass::ALL.iter().zip(&page.known).zip(classes)
    {
        if !known {
            continue;
        }
        let wanted: Vec<&Labelled> = page.objects.iter().filter(|o| o.class == *class).collect();
        *objects += wanted.len();
        let mut taken = vec![[false; 2]; wanted.len()];
        for bbox in found.iter().filter(|f| f.class == *class) {
            let nearest = wanted
                .iter()
                .map(|o| o.bbox.iou(&bbox.bbox))
                .zip(&mut taken)
                .max_by(|(a, _), (b, _)| a.total_cmp(b));
            let mut right = [false; 2];
            if let Some((overlap, taken)) = nearest {
                for ((right, taken), limit) in right.iter_mut().zip(taken).zip(OVERLAPS) {
                    *right = overlap >= limit && !*taken;
                    *taken |= *right;
                }
            }
            if right == [false; 2] && is_ignored(page, &bbox.bbox) {
                continue;
            }
            judged.push(Judged {
                score: bbox.score,
                right,
            });
        }
    }
}

fn is_ignored(page: &LabelledPage, bbox: &Rect) -> bool {
    page.ignored
        .iter()
        .any(|place| place.contains(bbox.center()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::detector::data::Split;

    fn figure(x: f32, score: f32) -> FoundBox {
        FoundBox {
            class: ObjectClass::Figure,
            score,
            bbox: Rect::new(x, 0.0, x + 10.0, 10.0),
        }
    }

    #[test]
    fn f1_counts_each_object_once() {
        let page = LabelledPage {
            image: "none".into(),
            size: Rect::new(0.0, 0.0, 100.0, 100.0),
            split: Split::Validation,
            objects: vec![Labelled {
                class: ObjectClass::Figure,
                bbox: Rect::new(0.0, 0.0, 10.0, 10.0),
            }],
            ignored: vec![Rect::new(50.0, 0.0, 100.0, 100.0)],
            known: vec![true; 7],
        };
        let mut measured = Measured {
            loss: 0.0,
            classes: vec![(Vec::new(), 0); 7],
        };
        // Right at both overlaps, a second one on the same object, one where nothing is known.
        let found = [figure(0.5, 0.9), figure(2.0, 0.4), figure(70.0, 0.8)];
        judge(&page, &found, &mut measured.classes);
        let (judged, objects) = &measured.classes[0];
        assert_eq!((judged.len(), *objects), (2, 1));
        assert!((f1(judged, 1, 0.5) - 1.0).abs() < 1e-9);
        assert!((f1(judged, 1, 0.1) - 2.0 / 3.0).abs() < 1e-9);
        let threshold = measured.thresholds()[0];
        assert!(threshold > 0.4 && threshold <= 0.9, "{threshold}");
        // There are no tables, so none can be found.
        assert!((measured.score() - 0.5).abs() < 1e-9);
    }
}
