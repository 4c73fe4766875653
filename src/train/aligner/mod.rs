//! Trains the graph network on masked references: the author's links and the surest mentions of a
//! document are hidden from the program and are what it is to find. `data` makes examples of
//! documents, `loss` says how far the network is from the truth, `validate` measures it.

mod data;
mod loss;
mod validate;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use tch::Device;

use crate::{
    evaluate::Mode,
    graph::{Aspect, PAIR_FEATURES, PARAGRAPH_FEATURES, VISUAL_FEATURES},
    model::{
        Aligner, feature_names,
        gnn::{GnnConfig, GnnInputs, Normal, RELATIONS, forward, mean, members},
        tensors::{INDICES, NUMBERS, OF_PARAGRAPH, OF_VISUAL},
    },
    network::{
        Array, Weights,
        record::{Length, Precision, Recorder, Symbol},
        torch::Torch,
    },
    output::atomic::Staging,
    random::SplitMix,
};

use super::{
    AdamW, Checkpoints, History, LearningRate, Point, Tell, TrainError, TrainState,
    lessons::of_lessons,
};
use data::{Example, examples_of};
use loss::{inputs, loss};
use validate::{Measured, validate};

/// What part of a matrix is taken off per step and unit of rate.
const WEIGHT_DECAY: f64 = 0.02;
/// Gradients longer than this are cut to it.
const MAX_NORM: f64 = 5.0;
/// Known paragraphs that a step has about: its loss is a sum divided by this.
const KNOWN_PER_STEP: f64 = 30.0;
/// Features that hardly vary are not blown up.
const LEAST_DEVIATION: f32 = 0.05;
/// Where the curves are drawn, in the folder of checkpoints.
const CURVES: &str = "losses.svg";

/// What a training is to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AlignerTraining {
    /// Documents to learn from.
    pub train: Vec<PathBuf>,
    /// Documents to choose by.
    pub validation: Vec<PathBuf>,
    /// Numbers of a state of the network.
    pub hidden: usize,
    /// Rounds of messages.
    pub layers: usize,
    /// Networks whose logits are averaged.
    pub members: usize,
    /// Share of the numbers dropped.
    pub dropout: f64,
    /// What the network is not to see of a pair: shows what it is worth.
    pub without: Vec<Aspect>,
    /// Learn from so many of the windows only, one in so many: shows what more would bring.
    pub one_in: usize,
    /// Shares of the modes among the examples: open, part-blind, blind.
    pub modes: [f64; 3],
    /// Steps in all.
    pub steps: usize,
    /// Windows in a step.
    pub batch: usize,
    /// The highest learning rate.
    pub peak_rate: f64,
    /// The last learning rate.
    pub end_rate: f64,
    /// Decides everything that is left to chance.
    pub seed: u64,
    /// Steps from one validation, and checkpoint, to the next.
    pub validate_every: usize,
    /// The training ends after so many validations without a better one.
    pub patience: usize,
}

/// How far a training is.
#[derive(Debug, Clone, PartialEq)]
pub enum Progress {
    /// It begins with so many windows to learn from and to choose by, after so many steps.
    Begun {
        /// Windows to learn from.
        train: usize,
        /// Windows to choose by.
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
        /// Mean loss of a known paragraph.
        loss: f64,
        /// Error rate by mode, over pairs of documents of 20 pages and more.
        errors: Vec<(Mode, f64)>,
    },
}

/// Trains until the steps are done or nothing gets better, going on from the last checkpoint, and
/// writes the best weights to `output`. Returns their hash.
///
/// # Errors
/// When data, checkpoints or the output cannot be read or written, or the loss is no number.
pub fn train(
    training: &AlignerTraining,
    checkpoints: &Path,
    output: &Path,
    tell: Tell<'_>,
    report: &mut dyn FnMut(Progress),
) -> Result<String, TrainError> {
    let folder = Checkpoints::open(checkpoints)?;
    let examples = |files: &[PathBuf], cache: &str| {
        let cache = checkpoints.join(cache);
        of_lessons(files, &Mode::ALL, &cache, tell, examples_of)
    };
    let mut train = examples(&training.train, "train.json")?;
    let mut validation = examples(&training.validation, "validation.json")?;
    for example in train.iter_mut().chain(&mut validation) {
        for aspect in &training.without {
            example.window.forget(*aspect);
        }
    }
    let mut number = 0;
    train.retain(|_| {
        number += 1;
        number % training.one_in.max(1) == 0
    });
    let (Some(first), false) = (train.first(), validation.is_empty()) else {
        return Err(TrainError::NoData("aligner"));
    };
    let config = GnnConfig {
        hidden: training.hidden,
        layers: training.layers,
        members: training.members,
        dropout: training.dropout,
        normal: normal(&train),
    };
    let settings = serde_json::to_value(training).unwrap_or_default();
    let mut torch = Torch::new(Device::cuda_if_available(), training.seed);
    // Parameters come to be on the first forward pass.
    tch::no_grad(|| forward(&torch, &config, &inputs(&torch, first)));
    let mut optimizer = AdamW::new(WEIGHT_DECAY, MAX_NORM);
    let mut state = folder
        .resume(&mut torch, &mut optimizer, &settings)?
        .unwrap_or_else(|| TrainState {
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
        config: &config,
        folder: &folder,
        curves: checkpoints.join(CURVES),
        torch: &torch,
        optimizer,
        by_mode: by_mode(&train),
        validation: &validation,
    };
    run.steps(&mut state, report)?;
    let best = folder.load_best(&mut torch)?;
    let measured = validate(&torch, &config, &validation)?;
    export(training, &config, &torch, &measured, best.as_ref(), output)
}

/// The examples of each mode, in the order of [`Mode::ALL`].
fn by_mode(examples: &[Example]) -> [Vec<&Example>; 3] {
    Mode::ALL.map(|mode| {
        examples
            .iter()
            .filter(|example| example.mode == mode)
            .collect()
    })
}

/// Mean and deviation of the features over all examples.
fn normal(examples: &[Example]) -> [Normal; 3] {
    [0, 1, 2].map(|table| {
        let tables: Vec<&Array> = examples
            .iter()
            .filter_map(|example| example.window.numbers.get(table))
            .collect();
        let width = tables
            .first()
            .and_then(|t| t.shape.get(1))
            .copied()
            .unwrap_or(0);
        let rows = || {
            tables
                .iter()
                .flat_map(|table| table.values.chunks(width.max(1)))
        };
        let count = rows().count().max(1) as f64;
        let mut mean = vec![0.0f64; width];
        let mut square = vec![0.0f64; width];
        for row in rows() {
            for ((value, mean), square) in row.iter().zip(&mut mean).zip(&mut square) {
                *mean += f64::from(*value) / count;
                *square += f64::from(*value).powi(2) / count;
            }
        }
        let variance = mean
            .iter()
            .zip(&square)
            .map(|(mean, square)| square - mean * mean);
        Normal {
            deviation: variance
                .map(|v| v.max(0.0).sqrt() as f32 + LEAST_DEVIATION)
                .collect(),
            mean: mean.into_iter().map(|mean| mean as f32).collect(),
        }
    })
}

/// A training under way.
struct Run<'a> {
    training: &'a AlignerTraining,
    config: &'a GnnConfig,
    folder: &'a Checkpoints,
    curves: PathBuf,
    torch: &'a Torch,
    optimizer: AdamW,
    by_mode: [Vec<&'a Example>; 3],
    validation: &'a [Example],
}

impl Run<'_> {
    fn steps(
        &mut self,
        state: &mut TrainState,
        report: &mut dyn FnMut(Progress),
    ) -> Result<(), TrainError> {
        let rate = LearningRate {
            peak: self.training.peak_rate,
            end: self.training.end_rate,
            steps: self.training.steps,
        };
        let mut since: Vec<f64> = Vec::new();
        while state.step < self.training.steps && !state.history.is_stuck(self.training.patience) {
            let loss = self.step(state.step, rate.at(state.step))?;
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
                let mean = since.iter().sum::<f64>() / since.len().max(1) as f64;
                since.clear();
                self.look(state, mean, report)?;
            }
        }
        Ok(())
    }

    /// One step; its examples depend on the seed and its number alone.
    fn step(&mut self, step: usize, rate: f64) -> Result<f64, TrainError> {
        self.torch.set_training(true);
        let mut random = SplitMix::named(self.training.seed, &format!("step {step}"));
        let (mut sum, mut known) = (0.0, 0);
        for _ in 0..self.training.batch {
            let Some(example) = self.pick(&mut random) else {
                continue;
            };
            let inputs = inputs(self.torch, example);
            let said = members(self.torch, self.config, &inputs);
            let losses = said.iter();
            let losses = losses.map(|outputs| loss(self.torch, example, outputs, &inputs));
            let Some(loss) = losses.reduce(|a, b| a + b) else {
                continue;
            };
            (&loss / KNOWN_PER_STEP).f_backward()?;
            sum += loss.double_value(&[]) / self.config.members as f64;
            known += example.known.len();
        }
        self.optimizer.step(&mut self.torch.trainable(), rate);
        Ok(sum / known.max(1) as f64)
    }

    fn pick(&self, random: &mut SplitMix) -> Option<&Example> {
        let total: f64 = self.training.modes.iter().sum();
        let mut left = random.unit() * total;
        let chosen = self.training.modes.iter().position(|share| {
            left -= share;
            left < 0.0
        });
        let examples = self.by_mode.get(chosen.unwrap_or(0))?;
        examples.get(random.below(examples.len().max(1))).copied()
    }

    /// Validates and saves.
    fn look(
        &self,
        state: &mut TrainState,
        training_loss: f64,
        report: &mut dyn FnMut(Progress),
    ) -> Result<(), TrainError> {
        let measured = validate(self.torch, self.config, self.validation)?;
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
        let modes = measured.errors.keys();
        report(Progress::Validated {
            step,
            loss: measured.loss,
            errors: modes.map(|mode| (*mode, measured.error(*mode))).collect(),
        });
        Ok(())
    }

    fn draw(&self, history: &History) -> Result<(), TrainError> {
        let svg = history.svg("Training of the aligner");
        fs::write(&self.curves, svg).map_err(|e| TrainError::file(&self.curves, e))
    }
}

/// Writes the weights with what makes their scores probabilities.
fn export(
    training: &AlignerTraining,
    config: &GnnConfig,
    torch: &Torch,
    measured: &Measured,
    best: Option<&TrainState>,
    output: &Path,
) -> Result<String, TrainError> {
    let steps = best.map_or(training.steps, |state| state.step);
    let properties = BTreeMap::from([
        ("features".to_owned(), feature_names()),
        ("pairs".to_owned(), measured.platt().to_property()),
        ("known".to_owned(), measured.known().to_string()),
        ("hidden".to_owned(), config.hidden.to_string()),
        ("layers".to_owned(), config.layers.to_string()),
        ("members".to_owned(), config.members.to_string()),
        ("steps".to_owned(), steps.to_string()),
        ("seed".to_owned(), training.seed.to_string()),
    ]);
    let bytes = onnx(Weights::Trained(torch.weights()?), config, &properties)?;
    let mut staging = Staging::new("train");
    staging.write(output, |file| file.write_all(&bytes))?;
    staging.commit()?;
    Ok(Aligner::load(bytes.into())?.hash().to_owned())
}

/// The network as an ONNX file.
fn onnx(
    weights: Weights,
    config: &GnnConfig,
    properties: &BTreeMap<String, String>,
) -> Result<Vec<u8>, TrainError> {
    let recorder = Recorder::new(weights, Precision::Full);
    let inputs = declared(&recorder);
    let said = members(&recorder, config, &inputs);
    let outputs = mean(&recorder, &said);
    if let Some(first) = said.first() {
        recorder.output("first_pair_logits", &first.pairs);
    }
    recorder.output("pair_logits", &outputs.pairs);
    recorder.output("paragraph_logits", &outputs.paragraphs);
    Ok(recorder.finish(properties)?)
}

fn declared(recorder: &Recorder) -> GnnInputs<Symbol> {
    let (e, p, v) = (Length::Named("e"), Length::Named("p"), Length::Named("v"));
    let w = Length::Named("w");
    let (k, m) = (Length::Fixed(OF_PARAGRAPH), Length::Fixed(OF_VISUAL));
    let (relations, one) = (Length::Fixed(RELATIONS), Length::Fixed(1));
    let [
        pairs,
        paragraphs,
        visuals,
        of_paragraph_mask,
        of_visual_mask,
        beside_mask,
        wordings_mask,
    ] = [
        vec![e, Length::Fixed(PAIR_FEATURES.len())],
        vec![p, Length::Fixed(PARAGRAPH_FEATURES.len())],
        vec![v, Length::Fixed(VISUAL_FEATURES.len())],
        vec![p, k, one],
        vec![v, m, one],
        vec![e, relations, one],
        vec![p, w, one],
    ];
    let [
        pairs_name,
        paragraphs_name,
        visuals_name,
        of_paragraph_mask_name,
        of_visual_mask_name,
        beside_mask_name,
        wordings_mask_name,
    ] = NUMBERS;
    let [
        paragraph_of,
        visual_of,
        of_paragraph,
        of_visual,
        beside,
        wordings,
    ] = INDICES;
    GnnInputs {
        pairs: recorder.input(pairs_name, &pairs),
        paragraphs: recorder.input(paragraphs_name, &paragraphs),
        visuals: recorder.input(visuals_name, &visuals),
        paragraph_of: recorder.indices(paragraph_of, &[e]),
        visual_of: recorder.indices(visual_of, &[e]),
        of_paragraph: recorder.indices(of_paragraph, &[p, k]),
        of_paragraph_mask: recorder.input(of_paragraph_mask_name, &of_paragraph_mask),
        of_visual: recorder.indices(of_visual, &[v, m]),
        of_visual_mask: recorder.input(of_visual_mask_name, &of_visual_mask),
        beside: recorder.indices(beside, &[e, relations]),
        beside_mask: recorder.input(beside_mask_name, &beside_mask),
        wordings: recorder.indices(wordings, &[p, w]),
        wordings_mask: recorder.input(wordings_mask_name, &wordings_mask),
    }
}
