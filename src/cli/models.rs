//! Which networks are used and how: flags of every command that aligns documents.

use std::{
    borrow::Cow,
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::{Args, ValueEnum, ValueHint};
use docalign::{
    detect::{DetectMode, LookCache, LookOptions, network::Detector},
    model::{Aligner, encoder::Encoder},
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
    /// Keep what that network saw in this folder, and look only at pages that are new or changed
    ///
    /// Any number of runs may use a folder at once.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    cache: Option<PathBuf>,
    /// The most that the cache may take in MiB; what was not used for the longest time goes first
    #[arg(long, value_name = "MIB", default_value_t = 1024, value_parser = clap::value_parser!(u32).range(MIN_CACHE_MIB..))]
    cache_size: u32,
}

const MIN_CACHE_MIB: i64 = (LookCache::MIN_BYTES >> 20) as i64;

/// The modes as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum DetectFlag {
    /// All of them
    Always,
    /// Those with a caption, an image, a drawing or rows of cells
    #[default]
    Auto,
    /// None: page graphics and text alone say where visuals are
    Never,
}

impl From<DetectFlag> for DetectMode {
    fn from(flag: DetectFlag) -> DetectMode {
        match flag {
            DetectFlag::Always => Self::Always,
            DetectFlag::Auto => Self::Auto,
            DetectFlag::Never => Self::Never,
        }
    }
}

/// What is at a path; `what` names it where it cannot be used.
fn usable<T>(
    what: &str,
    path: &Path,
    open: impl FnOnce(&Path) -> Result<T, String>,
) -> Result<T, CommandError> {
    open(path).map_err(|cause| {
        let path = path.display();
        CommandError::Usage(format!("cannot use the {what} {path}: {cause}"))
    })
}

/// The same of a path that may be given.
fn opened<T>(
    what: &str,
    path: Option<&Path>,
    open: impl FnOnce(&Path) -> Result<T, String>,
) -> Result<Option<Arc<T>>, CommandError> {
    let opened = path.map(|path| usable(what, path, open)).transpose()?;
    Ok(opened.map(Arc::new))
}

/// The description of a network of others, MODEL.json beside MODEL.onnx, if there is one.
fn description(model: &Path) -> Result<Option<String>, String> {
    let beside = model.with_extension("json");
    match fs::read_to_string(&beside) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        read => read.map(Some).map_err(|e| unread(&beside, &e)),
    }
}

/// Why a file beside a network's cannot be used.
fn unread(path: &Path, error: &io::Error) -> String {
    format!("{}: {}", path.display(), cause_chain(error))
}

/// The encoder of a file, with what lies beside it.
pub fn load_encoder(path: &Path) -> Result<Encoder, CommandError> {
    usable("encoder", path, |path| {
        let bytes = fs::read(path).map_err(|e| cause_chain(&e))?;
        let beside = path.with_file_name("tokenizer.json");
        let tokenizer = fs::read_to_string(&beside).map_err(|e| unread(&beside, &e))?;
        let description = description(path)?;
        Encoder::load(Cow::Owned(bytes), &tokenizer, description.as_deref())
            .map_err(|e| cause_chain(&e))
    })
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
        opened("graph network", self.aligner.as_deref(), |path| {
            let bytes = fs::read(path).map_err(|e| cause_chain(&e))?;
            Aligner::load(Cow::Owned(bytes)).map_err(|e| cause_chain(&e))
        })
    }

    fn look(&self, keep: bool) -> Result<LookOptions, CommandError> {
        let detector = opened("detector", self.detector.as_deref(), |path| {
            let bytes = fs::read(path).map_err(|e| cause_chain(&e))?;
            // Weights that `docalign train detector` made describe themselves.
            let detector = match description(path)? {
                None => Detector::load(Cow::Owned(bytes)),
                Some(description) => Detector::foreign(Cow::Owned(bytes), &description),
            };
            detector.map_err(|e| cause_chain(&e))
        })?;
        Ok(LookOptions {
            mode: self.detect.into(),
            detector,
            keep,
            cache: self.open_cache()?,
        })
    }

    fn open_cache(&self) -> Result<Option<Arc<LookCache>>, CommandError> {
        let most = u64::from(self.cache_size) << 20;
        opened("cache", self.cache.as_deref(), |folder| {
            LookCache::open(folder, most).map_err(|e| cause_chain(&e))
        })
    }

    /// The folder of what the network saw.
    pub fn cache(&self) -> Option<&Path> {
        self.cache.as_deref()
    }

    /// The flags as a worker is given them.
    pub fn arguments(&self) -> Vec<OsString> {
        let mode = self.detect.to_possible_value();
        let mode = mode.map(|mode| format!("--detect={}", mode.get_name()).into());
        let paths = [
            ("--detector=", &self.detector),
            ("--aligner=", &self.aligner),
            ("--cache=", &self.cache),
        ];
        let paths = paths.into_iter().filter_map(|(flag, path)| {
            let mut argument = OsString::from(flag);
            argument.push(path.as_ref()?);
            Some(argument)
        });
        let size = self.cache.is_some();
        let size = size.then(|| format!("--cache-size={}", self.cache_size).into());
        mode.into_iter().chain(paths).chain(size).collect()
    }
}
