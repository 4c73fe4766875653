//! From data to weights, with libtorch. What all trainings share stands here: the learning rate,
//! the optimizer, checkpoints and the record of the losses; `detector` trains the detector.

pub mod aligner;
mod checkpoint;
mod curves;
pub mod detector;
mod history;
mod lessons;
mod optimizer;
mod schedule;

use std::{
    io,
    path::{Path, PathBuf},
};

use tch::TchError;
use thiserror::Error;

use crate::{
    network::{NetworkError, WeightsError, exported::NotExported, record::ExportError},
    output::atomic::OutputError,
};

pub use checkpoint::{Checkpoints, TrainState};
pub use history::{History, Point};
pub use lessons::Tell;
pub use optimizer::AdamW;
pub use schedule::LearningRate;

/// Why a training cannot go on.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TrainError {
    /// A file cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line of the data makes no sense.
    #[error("{}: line {line}: {why}", path.display())]
    Data {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        why: String,
    },
    /// An image cannot be read.
    #[error("{}: {source}", path.display())]
    Image {
        /// The file.
        path: PathBuf,
        /// Why.
        source: image::ImageError,
    },
    /// There is nothing to learn from, or nothing to measure by.
    #[error("the data have no pages for {0}")]
    NoData(&'static str),
    /// The checkpoints are of a training with other settings.
    #[error(
        "{} was begun with other settings: give another folder for the checkpoints, or the same \
         settings again", dir.display()
    )]
    OtherTraining {
        /// The checkpoint.
        dir: PathBuf,
    },
    /// The loss is no number any more.
    #[error("the loss at step {0} is no number: a lower rate may help")]
    Diverged(usize),
    /// Torch failed.
    #[error("torch: {0}")]
    Torch(#[from] TchError),
    /// The file that a training is to begin with holds no weights.
    #[error(transparent)]
    NotExported(#[from] NotExported),
    /// It holds those of another network.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// The weights cannot be exported.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// The weights cannot be written.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// The exported weights cannot be run.
    #[error(transparent)]
    Network(#[from] NetworkError),
}

impl TrainError {
    pub(crate) fn file(path: &Path, source: io::Error) -> Self {
        Self::File {
            path: path.to_owned(),
            source,
        }
    }
}
