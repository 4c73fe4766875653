//! Trains the detector: `data` reads pages, `augment` makes examples of them, `targets` says what
//! the network should say, `loss` how far it is from that, `validate` measures it.

mod augment;
mod data;
mod loss;
mod targets;
mod validate;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::mpsc::{Receiver, sync_channel},
    thread,
};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use tch::{Device, Kind, Tensor};

use crate::{
    detect::network::{Detector, DetectorConfig, STRIDE, forward, onnx},
    network::{Array, Weights, exported::exported, torch::Torch},
    output::atomic::Staging,
    random::SplitMix,
};

use super::{AdamW, Checkpoints, History, LearningRate, Point, TrainError, TrainState};
use augment::{Example, random_example};
use data::{LabelledPage, Split, read_pages};
use loss::{TargetTensors, loss};
use validate::{Measured, validate};

/// What part of a matrix is taken off per step and unit of rate.
const WEIGHT_DECAY: f64 = 0.02;
/// Gradients longer than this are cut to it.
const MAX_NORM: f64 = 10.0;
/// Batches that are made ahead.
const AHEAD: usize = 3;
/// Where the curves are drawn, in the folder of checkpoints.
const CURVES: &str = "losses.svg";

/// What a training is to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DetectorTraining {
    /// Folders of pages; see `data`.
    pub data: Vec<PathBuf>,
    /// What this training begins with: the best weights in the folder of another's checkpoints, or a
    /// file of exported weights.
    pub from: Option<PathBuf>,
    /// Steps in all.
    pub steps: usize,
    /// Pages in a step.
    pub batch: usize,
    /// The highest learning rate.
    pub peak_rate: f64,
    /// The last learning rate.
    pub end_rate: f64,
    /// Decides everything that is left to chance.
    pub seed: u64,
    /// Steps from one validation, and checkpoint, to the next.
    pub validate_every: usize,
    /// Pages that a validation looks at.
    pub validation_pages: usize,
    /// The training ends after so many validations without a better one.
    pub patience: usize,
    /// What belongs to the weights.
    pub config: DetectorConfig,
}

/// How far a training is.
#[derive(Debug, Clone, PartialEq)]
pub enum Progress {
    /// It has begun with so many pages to learn from and to validate on, after so many steps.
    Begun {
        /// Pages to learn from.
        train: usize,
        /// Pages to choose by.
        validation: usize,
        /// Steps done before.
        step: usize,
    },
    /// A step is done.
    Step {
        /// Steps done.
        step: usize,
        /// Its loss.
        loss: f64,
    },
    /// A validation is done.
    Validated {
        /// Steps done.
        step: usize,
        /// The loss on the validation pages.
        loss: f64,
        /// The score by which the best weights are chosen.
        score: f64,
    },
}

/// Trains until the steps are done or nothing gets better, going on from the last checkpoint, and
/// writes the best weights to `output`. Returns their hash.
///
/// # Errors
/// When data, checkpoints or the output cannot be read or written, or the loss is no number.
pub fn train(
    training: &DetectorTraining,
    checkpoints: &Path,
    output: &Path,
    report: &mut dyn FnMut(Progress),
) -> Result<String, TrainError> {
    let pages = read_pages(&training.data)?;
    let (validation, train): (Vec<_>, Vec<_>) = pages
        .into_iter()
        .partition(|page| page.split == Split::Validation);
    if train.is_empty() {
        return Err(TrainError::NoData("training"));
    }
    let validation = validation_pages(validation, training)?;
    let folder = Checkpoints::open(checkpoints)?;
    let begun = folder.is_begun()?;
    let settings = serde_json::to_value(training).unwrap_or_default();
    let mut torch = Torch::new(Device::cuda_if_available(), training.seed);
    // What a training that is taken up began with may be gone.
    let from = training.from.as_deref().filter(|_| !begun);
    begin(&mut torch, training, &train, from)?;
    let mut optimizer = AdamW::new(WEIGHT_DECAY, MAX_NORM);
    let resumed = folder.resume(&mut torch, &mut optimizer, &settings)?;
    let mut state = resumed.unwrap_or_else(|| TrainState {
        settings,
        ..TrainState::default()
    });
    report(Progress::Begun {
        train: train.len(),
        validation: validation.len(),
        step: state.step,
    });
    let mut run = Run {
        training,
        checkpoints,
        folder: &folder,
        torch: &torch,
        optimizer,
        validation: &validation,
    };
    thread::scope(|scope| {
        let batches = batches_ahead(scope, training, &train, state.step);
        run.steps(&mut state, batches, report)
    })?;
    let best = folder.load_best(&mut torch)?;
    export(training, &torch, &validation, best.as_ref(), output)
}

/// The pages that a validation looks at, spread over all.
fn validation_pages(
    mut pages: Vec<LabelledPage>,
    training: &DetectorTraining,
) -> Result<Vec<LabelledPage>, TrainError> {
    if pages.is_empty() {
        return Err(TrainError::NoData("validation"));
    }
    SplitMix::named(training.seed, "validation").shuffle(&mut pages);
    pages.truncate(training.validation_pages.max(1));
    Ok(pages)
}

/// Makes the parameters, which come to be on the first forward pass; those of `from` if it is given.
fn begin(
    torch: &mut Torch,
    training: &DetectorTraining,
    pages: &[LabelledPage],
    from: Option<&Path>,
) -> Result<(), TrainError> {
    match from {
        Some(file) if file.is_file() => {
            let bytes = fs::read(file).map_err(|e| TrainError::file(file, e))?;
            let weights = exported(&file.display().to_string(), &bytes)?;
            let first = batch(training, &by_shape(pages), 0)?;
            torch.begin_with(weights, |torch| {
                forward(torch, &first.tensors(torch).0);
            })?;
        }
        from => {
            let (width, height) = training.config.image_size(false);
            let size = [1, 1, height as i64, width as i64];
            let blank = Tensor::zeros(size, (Kind::Float, torch.device()));
            tch::no_grad(|| forward(torch, &blank));
            if let Some(from) = from {
                Checkpoints::existing(from)?.load_best(torch)?;
            }
        }
    }
    Ok(())
}

/// Upright pages, and those that are wider than high.
fn by_shape(pages: &[LabelledPage]) -> [Vec<&LabelledPage>; 2] {
    [false, true].map(|wide| pages.iter().filter(|p| p.is_landscape() == wide).collect())
}

/// Examples of one shape.
struct Batch {
    width: usize,
    height: usize,
    examples: Vec<Example>,
}

/// Makes batches on threads of their own. Each depends on the seed and its step alone, so a
/// training that is taken up again sees what it would have seen.
fn batches_ahead<'scope, 'env>(
    scope: &'scope thread::Scope<'scope, 'env>,
    training: &'env DetectorTraining,
    pages: &'env [LabelledPage],
    first: usize,
) -> Receiver<Result<Batch, TrainError>> {
    let (send, receive) = sync_channel(AHEAD);
    scope.spawn(move || {
        let pages = by_shape(pages);
        for step in first..training.steps {
            // The training has ended when no one takes the batch.
            if send.send(batch(training, &pages, step)).is_err() {
                return;
            }
        }
    });
    receive
}

fn batch(
    training: &DetectorTraining,
    pages: &[Vec<&LabelledPage>; 2],
    step: usize,
) -> Result<Batch, TrainError> {
    let mut random = SplitMix::named(training.seed, &format!("batch {step}"));
    let [upright, wide] = pages;
    // Images of a batch share a shape; both shapes come as often as their pages.
    let is_wide = random.below(upright.len() + wide.len()) >= upright.len();
    let pages = if is_wide { wide } else { upright };
    let (width, height) = training.config.image_size(is_wide);
    let picks: Vec<(&LabelledPage, u64)> = (0..training.batch)
        .filter_map(|_| Some((*pages.get(random.below(pages.len()))?, random.bits())))
        .collect();
    let examples = picks
        .into_par_iter()
        .map(|(page, seed)| {
            let image = page.read_image()?;
            let mut random = SplitMix::new(seed);
            Ok(random_example(page, &image, width, height, &mut random))
        })
        .collect::<Result<_, TrainError>>()?;
    Ok(Batch {
        width,
        height,
        examples,
    })
}

impl Batch {
    fn tensors(&self, torch: &Torch) -> (Tensor, TargetTensors) {
        let ink: Vec<f32> = self.examples.iter().flat_map(|e| &e.ink).copied().collect();
        let page = torch.tensor(&Array {
            shape: vec![self.examples.len(), 1, self.height, self.width],
            values: ink,
        });
        let targets: Vec<_> = self.examples.iter().map(|e| &e.targets).collect();
        let cells = [self.width / STRIDE, self.height / STRIDE];
        (
            page,
            TargetTensors::new(torch, &targets, cells[0], cells[1]),
        )
    }
}

/// A training under way.
struct Run<'a> {
    training: &'a DetectorTraining,
    checkpoints: &'a Path,
    folder: &'a Checkpoints,
    torch: &'a Torch,
    optimizer: AdamW,
    validation: &'a [LabelledPage],
}

impl Run<'_> {
    fn steps(
        &mut self,
        state: &mut TrainState,
        batches: Receiver<Result<Batch, TrainError>>,
        report: &mut dyn FnMut(Progress),
    ) -> Result<(), TrainError> {
        let rate = LearningRate {
            peak: self.training.peak_rate,
            end: self.training.end_rate,
            steps: self.training.steps,
        };
        let mut since: Vec<f64> = Vec::new();
        for batch in batches {
            if state.history.is_stuck(self.training.patience) {
                break;
            }
            let loss = self.step(&batch?, rate.at(state.step))?;
            if !loss.is_finite() {
                return Err(TrainError::Diverged(state.step));
            }
            state.step += 1;
            since.push(loss);
            report(Progress::Step {
                step: state.step,
                loss,
            });
            let every = self.training.validate_every.max(1);
            if state.step.is_multiple_of(every) || state.step == self.training.steps {
                let mean = since.iter().sum::<f64>() / since.len() as f64;
                since.clear();
                self.look(state, mean, report)?;
            }
        }
        Ok(())
    }

    fn step(&mut self, batch: &Batch, rate: f64) -> Result<f64, TrainError> {
        self.torch.set_training(true);
        let (page, targets) = batch.tensors(self.torch);
        let loss = loss(&forward(self.torch, &page), &targets);
        loss.f_backward()?;
        self.optimizer.step(&mut self.torch.trainable(), rate);
        Ok(loss.double_value(&[]))
    }

    /// Validates and saves.
    fn look(
        &self,
        state: &mut TrainState,
        training_loss: f64,
        report: &mut dyn FnMut(Progress),
    ) -> Result<(), TrainError> {
        let measured = validate(self.torch, &self.training.config, self.validation)?;
        let step = state.step;
        let point = |value| Point { step, value };
        state.history.training.push(point(training_loss));
        state.history.validation.push(point(measured.loss));
        state.history.score.push(point(measured.score()));
        if state.history.is_best() {
            self.folder.save_best(self.torch, state)?;
        }
        self.folder.save(self.torch, &self.optimizer, state)?;
        self.draw(&state.history)?;
        report(Progress::Validated {
            step,
            loss: measured.loss,
            score: measured.score(),
        });
        Ok(())
    }

    fn draw(&self, history: &History) -> Result<(), TrainError> {
        let file = self.checkpoints.join(CURVES);
        fs::write(&file, history.svg("Training of the detector"))
            .map_err(|e| TrainError::file(&file, e))
    }
}

/// Writes the weights with the thresholds that serve best on the validation pages.
fn export(
    training: &DetectorTraining,
    torch: &Torch,
    validation: &[LabelledPage],
    best: Option<&TrainState>,
    output: &Path,
) -> Result<String, TrainError> {
    let measured: Measured = validate(torch, &training.config, validation)?;
    let config = DetectorConfig {
        thresholds: measured.thresholds(),
        ..training.config.clone()
    };
    let weights = Weights::Trained(torch.weights()?);
    let steps = best.map_or(training.steps, |state| state.step);
    let bytes = onnx(weights, &config, steps)?;
    let mut staging = Staging::new("train");
    staging.write(output, |file| file.write_all(&bytes))?;
    staging.commit()?;
    Ok(Detector::load(bytes.into())?.hash().to_owned())
}
