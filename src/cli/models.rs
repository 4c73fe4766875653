//! Which networks are used and how: flags of every command that aligns documents.

use std::{borrow::Cow, ffi::OsString, fs, io, path::PathBuf, sync::Arc};

use clap::{Args, ValueEnum, ValueHint};
use docalign::{
    detect::{DetectMode, LookOptions, network::Detector},
    model::Aligner,
    pipeline::Models,
    worker::cause_chain,
};

use super::report::CommandError;

/// Raw flags.
#[derive(Debug, Clone, Default, Args)]
pub struct ModelFlags {
    /// Which pages to draw and show to the network that finds figures and tables
    #[arg(long, value_name = "PAGES", value_enum, default_value_t)]
    detect: DetectFlag,
    /// Another network than the program's own: weights of `docalign train detector`, or a detector
    /// of others with MODEL.json beside it, which README.md describes
    #[arg(long, value_name = "MODEL.onnx", value_hint = ValueHint::FilePath)]
    detector: Option<PathBuf>,
    /// Other weights of the graph network than the program's own, as `docalign train aligner` writes
    /// them
    #[arg(long, value_name = "MODEL.onnx", value_hint = ValueHint::FilePath)]
    aligner: Option<PathBuf>,
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

impl ModelFlags {
    /// What they mean; loads the networks.
    pub fn load(&self, keep: bool) -> Result<Models, CommandError> {
        Ok(Models {
            look: self.look(keep)?,
            aligner: self.aligner()?,
        })
    }

    fn aligner(&self) -> Result<Option<Arc<Aligner>>, CommandError> {
        let Some(path) = &self.aligner else {
            return Ok(None);
        };
        let unusable = |cause| {
            let path = path.display();
            CommandError::Usage(format!("cannot use the graph network {path}: {cause}"))
        };
        let bytes = fs::read(path).map_err(|e| unusable(cause_chain(&e)))?;
        let aligner = Aligner::load(Cow::Owned(bytes));
        let aligner = aligner.map_err(|e| unusable(cause_chain(&e)))?;
        Ok(Some(Arc::new(aligner)))
    }

    fn look(&self, keep: bool) -> Result<LookOptions, CommandError> {
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
    pub fn arguments(&self) -> Vec<OsString> {
        let mode = self.detect.to_possible_value();
        let mode = mode.map(|mode| format!("--detect={}", mode.get_name()).into());
        let files = [("--detector", &self.detector), ("--aligner", &self.aligner)];
        let files = files.into_iter().filter_map(|(flag, file)| {
            let file = file.as_ref()?;
            Some([OsString::from(flag), file.into()])
        });
        mode.into_iter().chain(files.flatten()).collect()
    }
}
