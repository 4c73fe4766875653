//! How far the network is from what it should say.

use tch::{Kind, Tensor};

use crate::{detect::network::Outputs, network::torch::Torch};

use super::targets::Targets;

/// How much the boxes count beside the middles, as in Liu et al. (2020), section 3.4.
const SIDES: f64 = 5.0;
/// How much the sides' logarithms count beside the boxes' overlap; they lead the first steps.
const LOGARITHMS: f64 = 0.2;
/// Keeps areas from 0.
const TINY: f64 = 1e-6;
/// Logarithms of sides, in cells, stay below this: such a side is longer than any image.
const MAX_LOGARITHM: f64 = 5.0;

/// The wanted outputs of a batch, as tensors.
#[derive(Debug)]
pub struct TargetTensors {
    middles: Tensor,
    known: Tensor,
    sides: Tensor,
    weights: Tensor,
}

impl TargetTensors {
    /// Of images of this many cells.
    pub fn new(torch: &Torch, targets: &[&Targets], width: usize, height: usize) -> Self {
        let tensor = |channels: i64, part: &dyn Fn(&Targets) -> &Vec<f32>| {
            let values: Vec<f32> = targets.iter().flat_map(|t| part(t)).copied().collect();
            Tensor::from_slice(&values)
                .reshape([targets.len() as i64, channels, height as i64, width as i64])
                .to_device(torch.device())
        };
        Self {
            middles: tensor(-1, &|t| &t.middles),
            known: tensor(-1, &|t| &t.known),
            sides: tensor(4, &|t| &t.sides),
            weights: tensor(1, &|t| &t.weights),
        }
    }
}

/// The loss of a batch, one number.
pub fn loss(outputs: &Outputs<Tensor>, targets: &TargetTensors) -> Tensor {
    middles_loss(&outputs.middles, targets) + sides_loss(&outputs.sides, targets) * SIDES
}

/// Law and Deng, "CornerNet" (2018), equation 1: cells near a middle are less wrong than others.
fn middles_loss(logits: &Tensor, targets: &TargetTensors) -> Tensor {
    let is_middle = targets.middles.ge(1.0).to_kind(Kind::Float);
    let share = logits.sigmoid();
    let hit = (1.0_f64 - &share).square() * logits.log_sigmoid() * &is_middle;
    let near = (1.0_f64 - &targets.middles).pow_tensor_scalar(4);
    let miss = near * share.square() * logits.neg().log_sigmoid() * (1.0_f64 - &is_middle);
    let middles = (&is_middle * &targets.known)
        .sum(Kind::Float)
        .clamp_min(1.0);
    -((hit + miss) * &targets.known).sum(Kind::Float) / middles
}

/// Rezatofighi et al., "Generalized intersection over union" (2019), between boxes that share the
/// cell's middle.
fn sides_loss(logarithms: &Tensor, targets: &TargetTensors) -> Tensor {
    let logarithms = logarithms.clamp_max(MAX_LOGARITHM);
    let found = logarithms.exp();
    let wanted = &targets.sides;
    let area = |sides: &Tensor| {
        let side = |channel: i64| sides.narrow(1, channel, 1);
        (side(0) + side(2)) * (side(1) + side(3))
    };
    let common = area(&found.minimum(wanted));
    let all = area(&found) + area(wanted) - &common;
    let around = area(&found.maximum(wanted)) + TINY;
    let overlap = &common / (&all + TINY) - (&around - &all) / &around;
    let off = (logarithms - wanted.log())
        .abs()
        .mean_dim([1_i64].as_slice(), true, Kind::Float);
    let each: Tensor = (1.0_f64 - overlap) + off * LOGARITHMS;
    let objects = targets.weights.sum(Kind::Float).clamp_min(1.0);
    (each * &targets.weights).sum(Kind::Float) / objects
}

#[cfg(test)]
mod tests {
    use tch::Device;

    use super::*;
    use crate::{detect::network::ObjectClass, train::detector::targets::PixelObject};

    /// The loss of an output that says of every cell what the function says.
    fn loss_of(middle: impl Fn(f32) -> f32, side: impl Fn(f32) -> f32) -> f64 {
        let object = PixelObject {
            class: ObjectClass::Table,
            bbox: [8.0, 16.0, 48.0, 40.0],
        };
        let targets = Targets::new(64, 64, &[object], &[], &[true; 7]);
        let torch = Torch::new(Device::Cpu, 0);
        let wanted = TargetTensors::new(&torch, &[&targets], 8, 8);
        let tensor = |values: Vec<f32>| Tensor::from_slice(&values).reshape([1, -1, 8, 8]);
        let outputs = Outputs {
            middles: tensor(targets.middles.iter().map(|v| middle(*v)).collect()),
            sides: tensor(targets.sides.iter().map(|v| side(*v)).collect()),
            features: tensor(vec![0.0; 64]),
        };
        loss(&outputs, &wanted).double_value(&[])
    }

    #[test]
    fn the_wanted_output_costs_next_to_nothing() {
        let right = |v: f32| if v >= 1.0 { 12.0 } else { -12.0 };
        let perfect = loss_of(right, f32::ln);
        assert!(perfect.abs() < 0.01, "{perfect}");
        let blind = loss_of(|_| -12.0, f32::ln);
        let wide = loss_of(right, |v| (v * 1.5).ln());
        let shifted = loss_of(right, |v| (v + 0.5).ln());
        assert!(
            blind > 5.0 && wide > 1.0 && shifted > 0.5,
            "{blind} {wide} {shifted}"
        );
        // Absurd sides still give a number.
        assert!(loss_of(right, |_| 1e9).is_finite());
    }
}
