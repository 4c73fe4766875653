//! Training: an [`Ops`] over torch tensors, on a processor or a CUDA device.

use std::{
    borrow::Cow,
    cell::{Cell, RefCell},
    collections::BTreeMap,
    path::Path,
};

use tch::{Device, Kind, TchError, Tensor, nn};

use super::{
    Array, Binary, Conv, Init, Ops, Reduction, Unary, Weights, WeightsError, Window,
    record::{BATCH_EPSILON, LAYER_EPSILON},
};

/// How much of a batch's statistics goes into the running ones.
const MOMENTUM: f64 = 0.1;

/// A network's parameters, and the operations over them.
#[derive(Debug)]
pub struct Torch {
    store: nn::VarStore,
    training: Cell<bool>,
    parameters: RefCell<BTreeMap<String, Tensor>>,
    /// What new parameters begin with.
    beginning: Weights,
    failure: RefCell<Option<WeightsError>>,
}

impl Torch {
    /// Parameters that begin as the seed says; they come to be on the first forward pass.
    pub fn new(device: Device, seed: u64) -> Self {
        Self {
            store: nn::VarStore::new(device),
            training: Cell::new(false),
            parameters: RefCell::default(),
            beginning: Weights::Seeded(seed),
            failure: RefCell::default(),
        }
    }

    /// Runs a network's first forward pass so that its parameters begin as exported ones. Export folds
    /// normalisation into convolutions; it is parted again by the statistics of what `forward`
    /// gives the network, which should be a batch as in training.
    ///
    /// # Errors
    /// When the weights are those of another network.
    pub fn begin_with(
        &mut self,
        exported: BTreeMap<String, Array>,
        forward: impl FnOnce(&Self),
    ) -> Result<(), WeightsError> {
        let seeded = std::mem::replace(&mut self.beginning, Weights::Trained(exported));
        tch::no_grad(|| forward(self));
        self.beginning = seeded;
        self.failure.take().map_or(Ok(()), Err)
    }

    /// What a parameter begins with; zeros, and a failure remembered, if weights lack it.
    fn first_values(&self, path: &str, shape: &[usize], init: Init) -> Cow<'_, [f32]> {
        self.beginning
            .get(path, shape, init)
            .unwrap_or_else(|error| {
                self.failure.borrow_mut().get_or_insert(error);
                Cow::Owned(vec![0.0; shape.iter().product()])
            })
    }

    /// Parts what export has folded: a kernel is brought to the size of a fresh one, on which depends how
    /// fast it learns, and the normalisation after it set so that `x`, `[batch, channels, h, w]`,
    /// gives what the exported kernel and bias gave.
    fn unfold(&self, path: &str, x: &Tensor, weight: &Tensor, norm: &BatchNorm, conv: &Conv) {
        let channels = [conv.outputs];
        let bias = self.first_values(&format!("{path}/bias"), &channels, Init::Constant(0.0));
        let bias = tensor(&channels, &bias, self.device());
        let fresh = match conv.init() {
            Init::Normal(deviation) => f64::from(deviation),
            Init::Constant(_) => 1.0,
        };
        let [inner, image] = [[1, 2, 3], [0, 2, 3]];
        let size = weight
            .square()
            .mean_dim(inner.as_slice(), false, Kind::Float)
            .sqrt();
        // A channel that has died stays small.
        let factor = fresh / size.clamp_min(0.01 * fresh);
        tch::no_grad(|| {
            let scaled = weight * factor.reshape([-1, 1, 1, 1]);
            weight.shallow_clone().copy_(&scaled);
            let x = self.conv(x, weight, None, conv);
            let mean = x.mean_dim(image.as_slice(), false, Kind::Float);
            let variance = x.var_dim(image.as_slice(), false, false);
            let deviation = (&variance + f64::from(BATCH_EPSILON)).sqrt();
            norm.scale.shallow_clone().copy_(&(deviation / &factor));
            norm.shift.shallow_clone().copy_(&(bias + &mean / &factor));
            norm.mean.shallow_clone().copy_(&mean);
            norm.variance.shallow_clone().copy_(&variance);
        });
    }

    /// Where it computes.
    pub fn device(&self) -> Device {
        self.store.device()
    }

    /// Turns dropout and the batches' own statistics on or off.
    pub fn set_training(&self, training: bool) {
        self.training.set(training);
    }

    /// A tensor on the device.
    pub fn tensor(&self, array: &Array) -> Tensor {
        tensor(&array.shape, &array.values, self.device())
    }

    /// Whole numbers for [`Ops::gather`] on the device.
    pub fn indices(&self, shape: &[usize], values: &[i64]) -> Tensor {
        Tensor::from_slice(values)
            .reshape(lengths(shape))
            .to_device(self.device())
    }

    /// The parameters that training changes, by path.
    pub fn trainable(&self) -> BTreeMap<String, Tensor> {
        let parameters = self.parameters.borrow();
        parameters
            .iter()
            .filter(|(_, tensor)| tensor.requires_grad())
            .map(|(path, tensor)| (path.clone(), tensor.shallow_clone()))
            .collect()
    }

    /// All numbers by path, for the export.
    ///
    /// # Errors
    /// When torch cannot copy them.
    pub fn weights(&self) -> Result<BTreeMap<String, Array>, TchError> {
        let parameters = self.parameters.borrow();
        parameters
            .iter()
            .map(|(path, tensor)| Ok((path.clone(), array(tensor)?)))
            .collect()
    }

    /// Saves the parameters; a name that ends in `.safetensors` gives that format.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, file: &Path) -> Result<(), TchError> {
        self.store.save(file)
    }

    /// Takes the parameters from a file. They must have come to be before, by a forward pass.
    ///
    /// # Errors
    /// When the file cannot be read or holds another network's parameters.
    pub fn load(&mut self, file: &Path) -> Result<(), TchError> {
        self.store.load(file)
    }

    fn batch_norm(&self, path: &str, channels: usize) -> BatchNorm {
        let channels = [channels];
        // Not `parameter`: exported weights have none, normalisation is folded in them.
        let learnt = |name: &str, value: f32| {
            let values = || vec![value; channels[0]].into();
            self.variable(&format!("{path}/{name}"), &channels, values)
        };
        let statistic = |name: &str, value: f64| {
            self.stored(&format!("{path}/{name}"), |at, name| {
                let mut tensor = at.zeros_no_train(name, &lengths(&channels));
                // The store keeps this very tensor.
                tch::no_grad(|| tensor.fill_(value))
            })
        };
        BatchNorm {
            scale: learnt("scale", 1.0),
            shift: learnt("shift", 0.0),
            mean: statistic("mean", 0.0),
            variance: statistic("variance", 1.0),
        }
    }

    /// A tensor that training changes.
    fn variable<'v>(
        &self,
        path: &str,
        shape: &[usize],
        first: impl FnOnce() -> Cow<'v, [f32]>,
    ) -> Tensor {
        self.stored(path, |at, name| {
            at.var_copy(name, &tensor(shape, &first(), self.device()))
        })
    }

    fn stored(&self, path: &str, create: impl FnOnce(&nn::Path<'_>, &str) -> Tensor) -> Tensor {
        if let Some(tensor) = self.parameters.borrow().get(path) {
            return tensor.shallow_clone();
        }
        let mut at = self.store.root();
        let mut rest = path;
        while let Some((folder, inside)) = rest.split_once('/') {
            at = &at / folder;
            rest = inside;
        }
        let tensor = create(&at, rest);
        self.parameters
            .borrow_mut()
            .insert(path.to_owned(), tensor.shallow_clone());
        tensor
    }
}

/// A tensor's numbers.
///
/// # Errors
/// When torch cannot copy them.
pub fn array(tensor: &Tensor) -> Result<Array, TchError> {
    let flat = tensor.detach().to_device(Device::Cpu).to_kind(Kind::Float);
    Ok(Array {
        shape: tensor
            .size()
            .into_iter()
            .map(|length| usize::try_from(length).unwrap_or_default())
            .collect(),
        values: Vec::try_from(flat.reshape([-1]))?,
    })
}

fn tensor(shape: &[usize], values: &[f32], device: Device) -> Tensor {
    Tensor::from_slice(values)
        .reshape(lengths(shape))
        .to_device(device)
}

fn lengths(shape: &[usize]) -> Vec<i64> {
    shape.iter().map(|length| *length as i64).collect()
}

/// A normalisation's parameters and running statistics, `[channels]` each.
struct BatchNorm {
    scale: Tensor,
    shift: Tensor,
    mean: Tensor,
    variance: Tensor,
}

impl Ops for Torch {
    type Tensor = Tensor;

    fn parameter(&self, path: &str, shape: &[usize], init: Init) -> Tensor {
        self.variable(path, shape, || self.first_values(path, shape, init))
    }

    fn constant(&self, shape: &[usize], values: &[f32]) -> Tensor {
        tensor(shape, values, self.device())
    }

    fn unary(&self, function: Unary, x: &Tensor) -> Tensor {
        match function {
            Unary::Relu => x.relu(),
            Unary::Silu => x.silu(),
            Unary::Gelu => x.gelu("none"),
            Unary::Sigmoid => x.sigmoid(),
            Unary::Tanh => x.tanh(),
            Unary::Exp => x.exp(),
            Unary::Log => x.log(),
            Unary::Sqrt => x.sqrt(),
            Unary::Neg => x.neg(),
            Unary::Abs => x.abs(),
        }
    }

    fn binary(&self, function: Binary, a: &Tensor, b: &Tensor) -> Tensor {
        match function {
            Binary::Add => a + b,
            Binary::Sub => a - b,
            Binary::Mul => a * b,
            Binary::Div => a / b,
            Binary::Max => a.maximum(b),
            Binary::Min => a.minimum(b),
        }
    }

    fn reduce(&self, how: Reduction, x: &Tensor, axis: usize, keep: bool) -> Tensor {
        let axes = [axis as i64];
        match how {
            Reduction::Sum => x.sum_dim_intlist(axes.as_slice(), keep, Kind::Float),
            Reduction::Mean => x.mean_dim(axes.as_slice(), keep, Kind::Float),
            Reduction::Max => x.amax(axes.as_slice(), keep),
        }
    }

    fn softmax(&self, x: &Tensor, axis: usize) -> Tensor {
        x.softmax(axis as i64, Kind::Float)
    }

    fn matmul(&self, a: &Tensor, b: &Tensor) -> Tensor {
        a.matmul(b)
    }

    fn reshape(&self, x: &Tensor, shape: &[i64]) -> Tensor {
        let size = x.size();
        let kept: Vec<i64> = shape
            .iter()
            .enumerate()
            .map(|(axis, length)| match length {
                0 => size.get(axis).copied().unwrap_or(0),
                length => *length,
            })
            .collect();
        x.reshape(kept)
    }

    fn transpose(&self, x: &Tensor, order: &[usize]) -> Tensor {
        x.permute(lengths(order))
    }

    fn concat(&self, parts: &[&Tensor], axis: usize) -> Tensor {
        Tensor::cat(parts, axis as i64)
    }

    fn slice(&self, x: &Tensor, axis: usize, start: usize, end: usize) -> Tensor {
        let end = i64::try_from(end).unwrap_or(i64::MAX);
        x.slice(axis as i64, start as i64, end, 1)
    }

    fn gather(&self, x: &Tensor, indices: &Tensor) -> Tensor {
        let mut shape = indices.size();
        shape.extend(x.size().iter().skip(1));
        x.index_select(0, &indices.reshape([-1])).reshape(shape)
    }

    fn conv(&self, x: &Tensor, weight: &Tensor, bias: Option<&Tensor>, conv: &Conv) -> Tensor {
        let Window {
            stride, padding, ..
        } = conv.window;
        x.conv2d(
            weight,
            bias,
            [stride as i64; 2],
            [padding as i64; 2],
            [1, 1],
            conv.groups as i64,
        )
    }

    fn conv_norm(&self, path: &str, x: &Tensor, conv: &Conv) -> Tensor {
        let is_new = !self
            .parameters
            .borrow()
            .contains_key(&format!("{path}/weight"));
        let weight = self.parameter(&format!("{path}/weight"), &conv.weight_shape(), conv.init());
        let norm = self.batch_norm(path, conv.outputs);
        if is_new && matches!(self.beginning, Weights::Trained(_)) {
            self.unfold(path, x, &weight, &norm, conv);
        }
        self.conv(x, &weight, None, conv).batch_norm(
            Some(&norm.scale),
            Some(&norm.shift),
            Some(&norm.mean),
            Some(&norm.variance),
            self.training.get(),
            MOMENTUM,
            f64::from(BATCH_EPSILON),
            true,
        )
    }

    fn max_pool(&self, x: &Tensor, window: &Window) -> Tensor {
        x.max_pool2d(
            [window.side as i64; 2],
            [window.stride as i64; 2],
            [window.padding as i64; 2],
            [1, 1],
            false,
        )
    }

    fn upsample(&self, x: &Tensor, factor: usize) -> Tensor {
        let scaled: Vec<i64> = x
            .size()
            .iter()
            .skip(2)
            .map(|length| length * factor as i64)
            .collect();
        x.upsample_nearest2d(scaled, None, None)
    }

    fn layer_norm(&self, x: &Tensor, scale: &Tensor, shift: &Tensor) -> Tensor {
        let width = x.size().last().copied().unwrap_or(0);
        x.layer_norm(
            [width],
            Some(scale),
            Some(shift),
            f64::from(LAYER_EPSILON),
            true,
        )
    }

    fn dropout(&self, x: &Tensor, share: f64) -> Tensor {
        x.dropout(share, self.training.get())
    }
}
