//! A training's state on disk. A checkpoint is a folder that is written under another name and
//! renamed, so one that is there is whole.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{AdamW, TrainError, history::History};
use crate::network::torch::Torch;

const WEIGHTS: &str = "weights.safetensors";
const OPTIMIZER: &str = "optimizer.safetensors";
const STATE: &str = "state.json";
/// Checkpoints of steps begin so.
const STEP: &str = "step-";
/// The checkpoint of the best validation.
const BEST: &str = "best";
/// As many of the last steps' checkpoints are kept.
const KEPT: usize = 2;

/// Everything but the tensors.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct TrainState {
    /// Steps done.
    pub step: usize,
    /// What the training was asked for; it can be taken up again only with the same.
    pub settings: serde_json::Value,
    /// Losses so far.
    pub history: History,
}

/// The folder of a training's checkpoints.
#[derive(Debug, Clone)]
pub struct Checkpoints {
    dir: PathBuf,
}

impl Checkpoints {
    /// The checkpoints in a folder, which is made if it is not there.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open(dir: &Path) -> Result<Self, TrainError> {
        fs::create_dir_all(dir).map_err(|e| TrainError::file(dir, e))?;
        Ok(Self {
            dir: dir.to_owned(),
        })
    }

    /// The checkpoints of a training that has a best one.
    ///
    /// # Errors
    /// When there is none.
    pub fn existing(dir: &Path) -> Result<Self, TrainError> {
        let best = dir.join(BEST);
        fs::metadata(&best).map_err(|e| TrainError::file(&best, e))?;
        Ok(Self {
            dir: dir.to_owned(),
        })
    }

    /// Whether there is a step to take up.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn is_begun(&self) -> Result<bool, TrainError> {
        Ok(!self.steps()?.is_empty())
    }

    /// Saves the state after a step; older checkpoints but one go.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn save(
        &self,
        torch: &Torch,
        optimizer: &AdamW,
        state: &TrainState,
    ) -> Result<(), TrainError> {
        // Leading zeros put the names in order.
        let name = format!("{STEP}{:08}", state.step);
        self.write(&name, torch, Some(optimizer), state)?;
        let steps = self.steps()?;
        for old in steps.iter().rev().skip(KEPT) {
            fs::remove_dir_all(old).map_err(|e| TrainError::file(old, e))?;
        }
        Ok(())
    }

    /// Saves the weights as the best so far.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn save_best(&self, torch: &Torch, state: &TrainState) -> Result<(), TrainError> {
        self.write(BEST, torch, None, state)
    }

    /// Takes up the last checkpoint; `None` when there is none.
    ///
    /// # Errors
    /// When it cannot be read or belongs to another training.
    pub fn resume(
        &self,
        torch: &mut Torch,
        optimizer: &mut AdamW,
        settings: &serde_json::Value,
    ) -> Result<Option<TrainState>, TrainError> {
        let Some(dir) = self.steps()?.pop() else {
            return Ok(None);
        };
        let state = read_state(&dir)?;
        if state.settings != *settings {
            return Err(TrainError::OtherTraining { dir });
        }
        torch.load(&dir.join(WEIGHTS))?;
        optimizer.load(&dir.join(OPTIMIZER), torch.device())?;
        Ok(Some(state))
    }

    /// Takes the weights of the best validation; `None` when there was none yet.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn load_best(&self, torch: &mut Torch) -> Result<Option<TrainState>, TrainError> {
        let dir = self.dir.join(BEST);
        if !dir.exists() {
            return Ok(None);
        }
        torch.load(&dir.join(WEIGHTS))?;
        read_state(&dir).map(Some)
    }

    fn write(
        &self,
        name: &str,
        torch: &Torch,
        optimizer: Option<&AdamW>,
        state: &TrainState,
    ) -> Result<(), TrainError> {
        let (dir, draft) = (self.dir.join(name), self.dir.join(format!(".{name}")));
        let failed = |e: io::Error| TrainError::file(&draft, e);
        if draft.exists() {
            fs::remove_dir_all(&draft).map_err(failed)?;
        }
        fs::create_dir(&draft).map_err(failed)?;
        torch.save(&draft.join(WEIGHTS))?;
        if let Some(optimizer) = optimizer {
            optimizer.save(&draft.join(OPTIMIZER))?;
        }
        let text = serde_json::to_vec_pretty(state)
            .map_err(|e| TrainError::file(&draft, io::Error::from(e)))?;
        fs::write(draft.join(STATE), text).map_err(failed)?;
        if dir.exists() {
            fs::remove_dir_all(&dir).map_err(failed)?;
        }
        fs::rename(&draft, &dir).map_err(failed)
    }

    /// The checkpoints of steps, the last one last.
    fn steps(&self) -> Result<Vec<PathBuf>, TrainError> {
        let failed = |e| TrainError::file(&self.dir, e);
        let mut steps = Vec::new();
        for entry in fs::read_dir(&self.dir).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            if entry.file_name().to_string_lossy().starts_with(STEP) {
                steps.push(entry.path());
            }
        }
        steps.sort();
        Ok(steps)
    }
}

fn read_state(dir: &Path) -> Result<TrainState, TrainError> {
    let file = dir.join(STATE);
    let text = fs::read(&file).map_err(|e| TrainError::file(&file, e))?;
    serde_json::from_slice(&text).map_err(|e| TrainError::file(&file, io::Error::from(e)))
}

#[cfg(test)]
mod tests {
    use tch::{Device, Kind};

    use super::*;
    use crate::network::{Init, Ops};

    fn state(step: usize) -> TrainState {
        TrainState {
            step,
            settings: serde_json::json!({ "seed": 1 }),
            ..TrainState::default()
        }
    }

    #[test]
    fn the_last_checkpoint_is_taken_up_and_old_ones_go() {
        let dir = tempfile::tempdir().unwrap();
        let checkpoints = Checkpoints::open(&dir.path().join("new/folder")).unwrap();
        let mut torch = Torch::new(Device::Cpu, 0);
        let mut optimizer = AdamW::new(0.0, 1.0);
        let settings = serde_json::json!({ "seed": 1 });
        let none = checkpoints.resume(&mut torch, &mut optimizer, &settings);
        assert_eq!(none.unwrap(), None);

        let x = torch.parameter("x", &[1], Init::Constant(1.0));
        for step in 1..=12 {
            x.square().sum(Kind::Float).backward();
            optimizer.step(&mut torch.trainable(), 0.01);
            checkpoints.save(&torch, &optimizer, &state(step)).unwrap();
        }
        let saved = x.double_value(&[0]);
        assert_eq!(checkpoints.steps().unwrap().len(), KEPT);

        let mut later = Torch::new(Device::Cpu, 0);
        let y = later.parameter("x", &[1], Init::Constant(9.0));
        let found = checkpoints.resume(&mut later, &mut optimizer, &settings);
        assert_eq!(found.unwrap(), Some(state(12)));
        assert!((y.double_value(&[0]) - saved).abs() < 1e-9);

        let other = serde_json::json!({ "seed": 2 });
        let error = checkpoints.resume(&mut later, &mut optimizer, &other);
        assert!(matches!(error, Err(TrainError::OtherTraining { .. })));
    }

    #[test]
    fn a_damaged_checkpoint_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        let checkpoints = Checkpoints::open(dir.path()).unwrap();
        let torch = Torch::new(Device::Cpu, 0);
        let _ = torch.parameter("x", &[1], Init::Constant(1.0));
        let mut optimizer = AdamW::new(0.0, 1.0);
        checkpoints.save(&torch, &optimizer, &state(1)).unwrap();
        checkpoints.save_best(&torch, &state(1)).unwrap();
        let weights = dir.path().join("step-00000001").join(WEIGHTS);
        fs::write(&weights, b"{").unwrap();
        let mut later = Torch::new(Device::Cpu, 0);
        let _ = later.parameter("x", &[1], Init::Constant(9.0));
        let settings = state(1).settings;
        let found = checkpoints.resume(&mut later, &mut optimizer, &settings);
        assert!(matches!(found, Err(TrainError::Torch(_))), "{found:?}");
        assert_eq!(checkpoints.load_best(&mut later).unwrap(), Some(state(1)));
        assert!(Checkpoints::existing(dir.path()).is_ok());
        assert!(Checkpoints::existing(&dir.path().join("none")).is_err());
    }
}
