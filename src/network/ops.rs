//! What a network's forward pass is written over. One definition serves three ends: training
//! (`torch`), export (`record`) and, through the exported file, inference (`runtime`).
//!
//! Tensors are row-major; images are `[batch, channels, height, width]`. Axes count from 0. The
//! semantics are ONNX's wherever it and torch differ, so that both implementations agree.

use super::Init;

/// A function of each number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unary {
    /// `max(x, 0)`.
    Relu,
    /// `x * sigmoid(x)`.
    Silu,
    /// `x * Phi(x)` with the normal distribution's `Phi`, not its approximation.
    Gelu,
    /// `1 / (1 + exp(-x))`.
    Sigmoid,
    /// The hyperbolic tangent.
    Tanh,
    /// The exponential.
    Exp,
    /// The natural logarithm.
    Log,
    /// The square root.
    Sqrt,
    /// `-x`.
    Neg,
    /// `|x|`.
    Abs,
}

/// A function of two numbers, over tensors broadcast as numpy does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binary {
    /// `a + b`.
    Add,
    /// `a - b`.
    Sub,
    /// `a * b`.
    Mul,
    /// `a / b`.
    Div,
    /// The larger.
    Max,
    /// The smaller.
    Min,
}

/// How an axis shrinks to one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reduction {
    /// The sum.
    Sum,
    /// The mean.
    Mean,
    /// The largest.
    Max,
}

/// The window of a convolution or pooling: square, the same step and border both ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Its side, in pixels.
    pub side: usize,
    /// The distance of neighbouring windows.
    pub stride: usize,
    /// Rows and columns of padding at each border.
    pub padding: usize,
}

/// A convolution's shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conv {
    /// Channels of the input.
    pub inputs: usize,
    /// Channels of the output.
    pub outputs: usize,
    /// Groups of channels that see only themselves.
    pub groups: usize,
    /// Its window.
    pub window: Window,
}

impl Conv {
    /// One whose output is the input's size divided by the stride, for odd sides.
    pub fn same(inputs: usize, outputs: usize, side: usize, stride: usize) -> Self {
        Self {
            inputs,
            outputs,
            groups: 1,
            window: Window {
                side,
                stride,
                padding: side / 2,
            },
        }
    }

    /// One in which every channel sees only itself.
    pub fn depthwise(channels: usize, side: usize, stride: usize) -> Self {
        Self {
            groups: channels,
            ..Self::same(channels, channels, side, stride)
        }
    }

    /// The shape of its weight: `[outputs, inputs of a group, side, side]`.
    pub fn weight_shape(&self) -> [usize; 4] {
        let side = self.window.side;
        [self.outputs, self.inputs / self.groups.max(1), side, side]
    }

    /// How its weight begins.
    pub fn init(&self) -> Init {
        let [_, inputs, height, width] = self.weight_shape();
        Init::for_relu(inputs * height * width)
    }
}

/// The operations of a network.
///
/// Functions take tensors by reference and return new ones; a wrong shape or a missing weight is a
/// mistake of the network's author and surfaces when it is trained or exported, never at inference.
pub trait Ops {
    /// A tensor, or what stands for it.
    type Tensor;

    /// The trained parameter at a path such as `backbone/2/weight`. Asked for twice, it is the same.
    fn parameter(&self, path: &str, shape: &[usize], init: Init) -> Self::Tensor;
    /// A tensor of known numbers.
    fn constant(&self, shape: &[usize], values: &[f32]) -> Self::Tensor;

    /// A function of each number.
    fn unary(&self, function: Unary, x: &Self::Tensor) -> Self::Tensor;
    /// A function of pairs of numbers, with broadcasting.
    fn binary(&self, function: Binary, a: &Self::Tensor, b: &Self::Tensor) -> Self::Tensor;
    /// Shrinks an axis to length 1 (`keep`) or away.
    fn reduce(&self, how: Reduction, x: &Self::Tensor, axis: usize, keep: bool) -> Self::Tensor;
    /// Softmax along an axis.
    fn softmax(&self, x: &Self::Tensor, axis: usize) -> Self::Tensor;
    /// Matrix product of the last two axes, with broadcasting of those before.
    fn matmul(&self, a: &Self::Tensor, b: &Self::Tensor) -> Self::Tensor;

    /// Another shape of the same numbers. One length may be -1, which is what is left over; a 0
    /// keeps the input's length at that axis.
    fn reshape(&self, x: &Self::Tensor, shape: &[i64]) -> Self::Tensor;
    /// The axes in another order: axis `i` of the result is axis `order[i]` of the input.
    fn transpose(&self, x: &Self::Tensor, order: &[usize]) -> Self::Tensor;
    /// Tensors side by side along an axis.
    fn concat(&self, parts: &[&Self::Tensor], axis: usize) -> Self::Tensor;
    /// The part of an axis from `start` up to, without, `end`.
    fn slice(&self, x: &Self::Tensor, axis: usize, start: usize, end: usize) -> Self::Tensor;
    /// Rows by number: `x` is `[m, ...]`, `indices` whole numbers of any shape `[n, k]`, all at
    /// least 0 and below `m`; the result is `[n, k, ...]`.
    fn gather(&self, x: &Self::Tensor, indices: &Self::Tensor) -> Self::Tensor;

    /// `[b, inputs, h, w]` -> `[b, outputs, h', w']`; weight as [`Conv::weight_shape`], bias
    /// `[outputs]`.
    fn conv(
        &self,
        x: &Self::Tensor,
        weight: &Self::Tensor,
        bias: Option<&Self::Tensor>,
        conv: &Conv,
    ) -> Self::Tensor;
    /// A convolution and batch normalisation, of parameters under `path`. The export holds one
    /// convolution into which the statistics are folded.
    fn conv_norm(&self, path: &str, x: &Self::Tensor, conv: &Conv) -> Self::Tensor;
    /// The largest number of each window; padding never wins.
    fn max_pool(&self, x: &Self::Tensor, window: &Window) -> Self::Tensor;
    /// Each pixel repeated `factor` times both ways.
    fn upsample(&self, x: &Self::Tensor, factor: usize) -> Self::Tensor;

    /// Normalises the last axis to mean 0 and deviation 1, then `scale` and `shift`, `[width]`.
    fn layer_norm(
        &self,
        x: &Self::Tensor,
        scale: &Self::Tensor,
        shift: &Self::Tensor,
    ) -> Self::Tensor;
    /// In training, drops this share of the numbers and scales up the others; else nothing.
    fn dropout(&self, x: &Self::Tensor, share: f64) -> Self::Tensor;

    /// A tensor of one number and no axes.
    fn scalar(&self, value: f32) -> Self::Tensor {
        self.constant(&[], &[value])
    }
    /// See [`Unary::Relu`].
    fn relu(&self, x: &Self::Tensor) -> Self::Tensor {
        self.unary(Unary::Relu, x)
    }
    /// See [`Unary::Gelu`].
    fn gelu(&self, x: &Self::Tensor) -> Self::Tensor {
        self.unary(Unary::Gelu, x)
    }
    /// See [`Unary::Sigmoid`].
    fn sigmoid(&self, x: &Self::Tensor) -> Self::Tensor {
        self.unary(Unary::Sigmoid, x)
    }
    /// `a + b`.
    fn add(&self, a: &Self::Tensor, b: &Self::Tensor) -> Self::Tensor {
        self.binary(Binary::Add, a, b)
    }
    /// `a - b`.
    fn sub(&self, a: &Self::Tensor, b: &Self::Tensor) -> Self::Tensor {
        self.binary(Binary::Sub, a, b)
    }
    /// `a * b`.
    fn mul(&self, a: &Self::Tensor, b: &Self::Tensor) -> Self::Tensor {
        self.binary(Binary::Mul, a, b)
    }
    /// `a / b`.
    fn div(&self, a: &Self::Tensor, b: &Self::Tensor) -> Self::Tensor {
        self.binary(Binary::Div, a, b)
    }
    /// Every number times a factor.
    fn scale(&self, x: &Self::Tensor, factor: f32) -> Self::Tensor {
        self.mul(x, &self.scalar(factor))
    }
    /// The sum along an axis; see [`Ops::reduce`].
    fn sum(&self, x: &Self::Tensor, axis: usize, keep: bool) -> Self::Tensor {
        self.reduce(Reduction::Sum, x, axis, keep)
    }
}
