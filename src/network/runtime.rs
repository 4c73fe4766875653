//! Inference: runs exported networks on the processor.

use std::{
    borrow::Cow,
    sync::{Arc, OnceLock},
};

use rten::{LoadError, Model, RunError, RunOptions, ThreadPool, Value, ValueOrView, ValueView};
use rten_tensor::Layout;
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::Array;

thread_local! {
    /// Every calling thread computes on one thread of its own, so that callers who work on several
    /// documents at once neither wait for one another nor take more threads than they asked for.
    static ONE_THREAD: Arc<ThreadPool> = Arc::new(ThreadPool::with_num_threads(1));
}

/// A network ready to run. It can be shared among threads.
#[derive(Debug)]
pub struct Network {
    name: String,
    model: Model,
    hash: String,
}

/// What `load` makes, made once.
///
/// # Errors
/// When it fails; the next caller tries again.
pub fn once<T, E>(
    made: &'static OnceLock<T>,
    load: impl FnOnce() -> Result<T, E>,
) -> Result<&'static T, E> {
    match made.get() {
        Some(made) => Ok(made),
        // Of two that load at once, the first is kept.
        None => load().map(|loaded| made.get_or_init(|| loaded)),
    }
}

/// What a network is given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Input<'a> {
    /// Numbers of a shape, row-major.
    Numbers(&'a [usize], &'a [f32]),
    /// Whole numbers of a shape, row-major.
    Indices(&'a [usize], &'a [i32]),
}

/// Why a network cannot be loaded or run.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum NetworkError {
    /// The file is damaged, or no ONNX file.
    #[error("the weights of the {name} cannot be read: {source}")]
    Unreadable {
        /// Which network.
        name: String,
        /// What the runtime says.
        source: LoadError,
    },
    /// The file holds another network.
    #[error("the weights of the {name} are those of another network: {why}")]
    Mismatch {
        /// Which network.
        name: String,
        /// How it shows.
        why: String,
    },
    /// An input's numbers are not as many as its shape says.
    #[error("the input {input} of the {name} has {values} numbers for a shape of {shape:?}")]
    Shape {
        /// Which network.
        name: String,
        /// Which input.
        input: String,
        /// What the caller said.
        shape: Vec<usize>,
        /// How many there are.
        values: usize,
    },
    /// It failed on its way.
    #[error("the {name} failed: {source}")]
    Run {
        /// Which network.
        name: String,
        /// What the runtime says.
        source: RunError,
    },
    /// An output is of another kind than numbers.
    #[error("the output {output} of the {name} is no tensor of numbers")]
    Output {
        /// Which network.
        name: String,
        /// Which output.
        output: String,
    },
}

impl Network {
    /// Reads an ONNX file; `name` is what messages call it, such as "detector".
    ///
    /// # Errors
    /// When the bytes are no ONNX file that the runtime understands.
    pub fn load(name: &str, bytes: Cow<'static, [u8]>) -> Result<Self, NetworkError> {
        let hash = hash(&bytes);
        let model = match bytes {
            Cow::Borrowed(bytes) => Model::load_static_slice(bytes),
            Cow::Owned(bytes) => Model::load(bytes),
        };
        Ok(Self {
            name: name.to_owned(),
            model: model.map_err(|source| NetworkError::Unreadable {
                name: name.to_owned(),
                source,
            })?,
            hash,
        })
    }

    /// The first 16 hexadecimal digits of the file's SHA-256: which weights these are.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// A property that was stored with the weights.
    pub fn property(&self, key: &str) -> Option<&str> {
        self.model.metadata().get(key)
    }

    /// Checks that a property has the value that this program's network needs.
    ///
    /// # Errors
    /// When it has another, or none.
    pub fn expect_property(&self, key: &str, wanted: &str) -> Result<(), NetworkError> {
        match self.property(key) {
            Some(found) if found == wanted => Ok(()),
            found => Err(self.mismatch(format!(
                "its {key} is {}, not {wanted}",
                found.unwrap_or("not given")
            ))),
        }
    }

    /// An error that says how the weights are another network's.
    pub fn mismatch(&self, why: String) -> NetworkError {
        NetworkError::Mismatch {
            name: self.name.clone(),
            why,
        }
    }

    /// The names of its inputs.
    pub fn inputs(&self) -> Vec<&str> {
        self.names(self.model.input_ids())
    }

    /// The names of its outputs.
    pub fn outputs(&self) -> Vec<&str> {
        self.names(self.model.output_ids())
    }

    fn names(&self, ids: &[rten::NodeId]) -> Vec<&str> {
        ids.iter()
            .filter_map(|id| self.model.node_info(*id)?.name())
            .collect()
    }

    /// Computes outputs, in the order asked for, on one thread.
    ///
    /// # Errors
    /// When the network has no such input or output, or the inputs' shapes do not fit it.
    pub fn run<const N: usize>(
        &self,
        inputs: &[(&str, Input<'_>)],
        outputs: [&str; N],
    ) -> Result<[Array; N], NetworkError> {
        let pool = ONE_THREAD.with(Arc::clone);
        self.run_on(pool, inputs, outputs)
    }

    fn run_on<const N: usize>(
        &self,
        pool: Arc<ThreadPool>,
        inputs: &[(&str, Input<'_>)],
        outputs: [&str; N],
    ) -> Result<[Array; N], NetworkError> {
        let failed = |source| NetworkError::Run {
            name: self.name.clone(),
            source,
        };
        let mut given: Vec<(rten::NodeId, ValueOrView<'_>)> = Vec::new();
        for (name, input) in inputs {
            let id = self.node(name)?;
            given.push((id, self.view(name, *input)?.into()));
        }
        let mut wanted = Vec::new();
        for name in outputs {
            wanted.push(self.node(name)?);
        }
        let options = RunOptions::default().with_thread_pool(Some(pool));
        let values = self
            .model
            .run(given, &wanted, Some(options))
            .map_err(failed)?;
        let mut arrays: [Array; N] = std::array::from_fn(|_| Array::default());
        for ((array, value), output) in arrays.iter_mut().zip(values).zip(outputs) {
            *array = self.array(value, output)?;
        }
        Ok(arrays)
    }

    fn node(&self, name: &str) -> Result<rten::NodeId, NetworkError> {
        self.model
            .find_node(name)
            .ok_or_else(|| self.mismatch(format!("it has no tensor {name}")))
    }

    fn view<'a>(&self, name: &str, input: Input<'a>) -> Result<ValueView<'a>, NetworkError> {
        let wrong = |shape: &[usize], values| NetworkError::Shape {
            name: self.name.clone(),
            input: name.to_owned(),
            shape: shape.to_vec(),
            values,
        };
        match input {
            Input::Numbers(shape, values) => {
                ValueView::from_shape(shape, values).map_err(|_| wrong(shape, values.len()))
            }
            Input::Indices(shape, values) => {
                ValueView::from_shape(shape, values).map_err(|_| wrong(shape, values.len()))
            }
        }
    }

    fn array(&self, value: Value, output: &str) -> Result<Array, NetworkError> {
        match value {
            Value::FloatTensor(tensor) => Ok(Array {
                shape: tensor.shape().to_vec(),
                values: tensor.into_data(),
            }),
            // Numbers of classes are small enough.
            Value::Int32Tensor(tensor) => Ok(Array {
                shape: tensor.shape().to_vec(),
                values: tensor.into_data().into_iter().map(|v| v as f32).collect(),
            }),
            _ => Err(NetworkError::Output {
                name: self.name.clone(),
                output: output.to_owned(),
            }),
        }
    }
}

/// The first 16 hexadecimal digits of the SHA-256 of what makes a network: which one it is.
pub(crate) fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
