//! How page images are looked at: flags of every command that aligns documents.

use std::{borrow::Cow, fs, io, path::PathBuf, sync::Arc};

use clap::{Args, ValueEnum, ValueHint};
use docalign::{
    detect::{DetectMode, LookOptions, network::Detector},
    worker::cause_chain,
};

use super::report::CommandError;

/// Raw flags.
#[derive(Debug, Clone, Default, Args)]
pub struct LookFlags {
    /// Which pages to draw and show to the network that finds figures and tables
    #[arg(long, value_name = "PAGES", value_enum, default_value_t)]
    detect: DetectFlag,
    /// Another network than the program's own: weights of `docalign train detector`, or a detector
    /// of others with MODEL.json beside it, which README.md describes
    #[arg(long, value_name = "MODEL.onnx", value_hint = ValueHint::FilePath)]
    detector: Option<PathBuf>,
}

/// The modes as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum DetectFlag {
    /// All of them
    Always,
    /// Those with a caption, an image or a drawing
    #[default]
    Auto,
    /// None: page graphics and text alone say where visuals are
    Never,
}

impl LookFlags {
    /// What they mean; loads the network.
    pub fn options(&self, keep: bool) -> Result<LookOptions, CommandError> {
        let mode = match self.detect {
            DetectFlag::Always => DetectMode::Always,
            DetectFlag::Auto => DetectMode::Auto,
            DetectFlag::Never => DetectMode::Never,
        };
        let detector = self.detector.as_ref().map(|path| {
            let unusable = |cause| {
                CommandError::Usage(format!(
                    "cannot use the detector {}: {cause}",
                    path.display()
                ))
            };
            let bytes = fs::read(path).map_err(|e| unusable(cause_chain(&e)))?;
            // Weights that `docalign train detector` made describe themselves.
            let beside = path.with_extension("json");
            let detector = match fs::read_to_string(&beside) {
                Err(e) if e.kind() == io::ErrorKind::NotFound => Detector::load(Cow::Owned(bytes)),
                Err(e) => {
                    let cause = cause_chain(&e);
                    return Err(unusable(format!("{}: {cause}", beside.display())));
                }
                Ok(description) => Detector::foreign(Cow::Owned(bytes), &description),
            };
            detector
                .map(Arc::new)
                .map_err(|e| unusable(cause_chain(&e)))
        });
        Ok(LookOptions {
            mode,
            detector: detector.transpose()?,
            keep,
        })
    }

    /// The flags as a worker is given them.
    pub fn arguments(&self) -> Vec<String> {
        let mode = self.detect.to_possible_value();
        let mode = mode.map(|mode| format!("--detect={}", mode.get_name()));
        // A path that is no Unicode cannot be passed on so; loading it says so.
        let detector = self.detector.as_ref();
        let detector = detector.map(|path| format!("--detector={}", path.display()));
        mode.into_iter().chain(detector).collect()
    }
}
