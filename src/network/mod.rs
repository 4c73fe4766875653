//! How networks are written, trained, exported and run.
//!
//! A network is a function over [`Ops`]: with torch tensors it trains (feature `train`), with the
//! recorder it becomes an ONNX file, and the runtime runs that file. The networks themselves stand
//! with the stages they serve: the detector in `detect`, the graph network and encoder in `model`.

mod array;
#[cfg(feature = "train")]
pub mod exported;
pub mod layers;
mod ops;
mod parameters;
#[cfg(any(test, feature = "train"))]
pub mod record;
mod runtime;
#[cfg(test)]
mod tests;
#[cfg(feature = "train")]
pub mod torch;

pub use array::Array;
pub use ops::{Binary, Conv, Ops, Reduction, Unary, Window};
pub use parameters::{Init, Weights, WeightsError};
pub(crate) use runtime::hash;
pub use runtime::{Input, Network, NetworkError, once};
