//! Layers made of several operations, the same for training and export.

use super::{Init, Ops, Reduction, Unary};

/// What is added where a mask is 0, so that softmax and maximum pass it over; far below any score,
/// and far from the end of what an `f32` holds.
const MASKED: f32 = 1e9;
/// Keeps the length of a zero vector from 0.
const TINY: f32 = 1e-12;

/// `[..., inputs]` -> `[..., outputs]`: a matrix and a bias under `path`.
pub fn linear<O: Ops>(
    ops: &O,
    path: &str,
    x: &O::Tensor,
    inputs: usize,
    outputs: usize,
) -> O::Tensor {
    let weight = ops.parameter(
        &format!("{path}/weight"),
        &[inputs, outputs],
        Init::balanced(inputs, outputs),
    );
    let bias = ops.parameter(&format!("{path}/bias"), &[outputs], Init::Constant(0.0));
    ops.add(&ops.matmul(x, &weight), &bias)
}

/// Layer normalisation of the last axis with its parameters under `path`.
pub fn layer_norm<O: Ops>(ops: &O, path: &str, x: &O::Tensor, width: usize) -> O::Tensor {
    let scale = ops.parameter(&format!("{path}/scale"), &[width], Init::Constant(1.0));
    let shift = ops.parameter(&format!("{path}/shift"), &[width], Init::Constant(0.0));
    ops.layer_norm(x, &scale, &shift)
}

/// A convolution with a bias under `path`.
pub fn conv<O: Ops>(ops: &O, path: &str, x: &O::Tensor, conv: &super::Conv) -> O::Tensor {
    let weight = ops.parameter(&format!("{path}/weight"), &conv.weight_shape(), conv.init());
    let bias = ops.parameter(
        &format!("{path}/bias"),
        &[conv.outputs],
        Init::Constant(0.0),
    );
    ops.conv(x, &weight, Some(&bias), conv)
}

/// Vectors `[count, width]` under `path`, picked by `indices` of any shape.
pub fn embedding<O: Ops>(
    ops: &O,
    path: &str,
    indices: &O::Tensor,
    count: usize,
    width: usize,
) -> O::Tensor {
    // Small enough that sums of several embeddings stay small.
    let table = ops.parameter(path, &[count, width], Init::Normal(0.02));
    ops.gather(&table, indices)
}

/// `x` where `mask` is 1, far below everything where it is 0. The mask broadcasts.
fn hidden<O: Ops>(ops: &O, x: &O::Tensor, mask: &O::Tensor) -> O::Tensor {
    let below = ops.scale(&ops.sub(mask, &ops.scalar(1.0)), MASKED);
    ops.add(x, &below)
}

/// Softmax along an axis over the places where `mask` (1 or 0, broadcast to `x`) is 1; 0 elsewhere,
/// and everywhere if no place is left.
pub fn masked_softmax<O: Ops>(ops: &O, x: &O::Tensor, mask: &O::Tensor, axis: usize) -> O::Tensor {
    ops.mul(&ops.softmax(&hidden(ops, x, mask), axis), mask)
}

/// The mean along an axis over the places where `mask` is 1, 0 if there is none; the axis goes.
/// `mask` has `x`'s number of axes and its length at `axis`.
pub fn masked_mean<O: Ops>(ops: &O, x: &O::Tensor, mask: &O::Tensor, axis: usize) -> O::Tensor {
    let sum = ops.sum(&ops.mul(x, mask), axis, false);
    let count = ops.sum(mask, axis, false);
    ops.div(
        &sum,
        &ops.binary(super::Binary::Max, &count, &ops.scalar(1.0)),
    )
}

/// The maximum along an axis over the places where `mask` is 1, 0 if there is none; the axis goes.
/// `mask` as for [`masked_mean`].
pub fn masked_max<O: Ops>(ops: &O, x: &O::Tensor, mask: &O::Tensor, axis: usize) -> O::Tensor {
    let largest = ops.reduce(Reduction::Max, &hidden(ops, x, mask), axis, false);
    let any = ops.reduce(Reduction::Max, mask, axis, false);
    ops.mul(&largest, &any)
}

/// Scales vectors along an axis to length 1.
pub fn unit_length<O: Ops>(ops: &O, x: &O::Tensor, axis: usize) -> O::Tensor {
    let square = ops.sum(&ops.mul(x, x), axis, true);
    let length = ops.unary(Unary::Sqrt, &ops.add(&square, &ops.scalar(TINY)));
    ops.div(x, &length)
}

/// The shape of an attention layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attention {
    /// Numbers of a token.
    pub width: usize,
    /// Heads, which divide the width among them.
    pub heads: usize,
}

impl Attention {
    /// Tokens `[batch, queries, width]` look at tokens `[batch, keys, width]` where `mask`
    /// `[batch, 1, 1, keys]` is 1; the result is `[batch, queries, width]`. Vaswani et al.,
    /// "Attention is all you need" (2017), section 3.2.
    pub fn forward<O: Ops>(
        &self,
        ops: &O,
        path: &str,
        queries: &O::Tensor,
        keys: &O::Tensor,
        mask: &O::Tensor,
    ) -> O::Tensor {
        let each = self.width / self.heads.max(1);
        let shape = [0, 0, self.heads as i64, each as i64];
        // [batch, tokens, width] -> [batch, heads, tokens, each]
        let split = |name: &str, x: &O::Tensor| {
            let x = linear(ops, &format!("{path}/{name}"), x, self.width, self.width);
            ops.transpose(&ops.reshape(&x, &shape), &[0, 2, 1, 3])
        };
        let (query, key, value) = (
            split("query", queries),
            split("key", keys),
            split("value", keys),
        );
        let scores = ops.matmul(&query, &ops.transpose(&key, &[0, 1, 3, 2]));
        let scores = ops.scale(&scores, 1.0 / (each as f32).sqrt());
        let heard = ops.matmul(&masked_softmax(ops, &scores, mask, 3), &value);
        let joined = ops.reshape(
            &ops.transpose(&heard, &[0, 2, 1, 3]),
            &[0, 0, self.width as i64],
        );
        linear(
            ops,
            &format!("{path}/output"),
            &joined,
            self.width,
            self.width,
        )
    }
}
