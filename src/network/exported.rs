//! Exported weights read back, so that a training can begin with them where no checkpoint is left.

use std::collections::BTreeMap;

use half::f16;
use rten_onnx::onnx::{DataType, ModelProto, TensorProto};
use thiserror::Error;

use super::{Array, record::HALF};

/// The file holds no weights that [`super::record`] wrote.
#[derive(Debug, Error)]
#[error("{0} is no file of weights that this program wrote")]
pub struct NotExported(String);

/// The numbers of an exported network by path. Of a convolution with normalisation these are
/// `weight` and `bias`, the one folded into the other.
///
/// # Errors
/// When the bytes are no such file; `name` is what the error calls it.
pub fn exported(name: &str, bytes: &[u8]) -> Result<BTreeMap<String, Array>, NotExported> {
    let damaged = || NotExported(name.to_owned());
    let model = ModelProto::parse_buf(bytes).map_err(|_| damaged())?;
    let graph = model.graph.ok_or_else(damaged)?;
    let tensors = graph.initializer.iter();
    let weights: BTreeMap<String, Array> = tensors.filter_map(numbers).collect();
    match weights.is_empty() {
        true => Err(damaged()),
        false => Ok(weights),
    }
}

/// Path and numbers of a tensor; `None` for one of whole numbers, which is no parameter.
fn numbers(tensor: &TensorProto) -> Option<(String, Array)> {
    let name = tensor.name.as_deref()?;
    let bytes = tensor.raw_data.as_ref()?.borrow();
    let values: Vec<f32> = if tensor.data_type == Some(DataType::FLOAT16) {
        let (halves, _) = bytes.as_chunks::<2>();
        halves
            .iter()
            .map(|h| f16::from_le_bytes(*h).to_f32())
            .collect()
    } else if tensor.data_type == Some(DataType::FLOAT) {
        let (singles, _) = bytes.as_chunks::<4>();
        singles.iter().map(|s| f32::from_le_bytes(*s)).collect()
    } else {
        return None;
    };
    let lengths = tensor
        .dims
        .iter()
        .map(|length| usize::try_from(*length).ok());
    let array = Array {
        shape: lengths.collect::<Option<_>>()?,
        values,
    };
    Some((name.strip_suffix(HALF).unwrap_or(name).to_owned(), array))
}
