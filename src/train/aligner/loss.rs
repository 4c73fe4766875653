//! How far the network is from what is known, and how often it errs.

use tch::{Kind, Reduction, Tensor};

use super::data::Example;
use crate::{
    graph::FAMILIES,
    model::{
        gnn::{GnnInputs, GnnOutputs},
        tensors::OF_PARAGRAPH,
    },
    network::torch::Torch,
};

/// What a mention alone says counts less than what the author's links say.
const NAMED: f32 = 0.7;
/// Weight of the loss of each candidate by itself beside that of their order.
const EACH: f64 = 0.25;
/// Weight of the loss of whether a paragraph belongs to any visual.
const ANY: f64 = 0.1;
/// Weight of the loss of the family of the visual that is meant.
const FAMILY: f64 = 0.3;
/// Logits of padding.
const NEVER: f64 = -1e9;

/// An example's tensors on the device.
pub(super) fn inputs(torch: &Torch, example: &Example) -> GnnInputs<Tensor> {
    let [
        pairs,
        paragraphs,
        visuals,
        of_paragraph_mask,
        of_visual_mask,
        beside_mask,
        wordings_mask,
    ] = example
        .window
        .numbers
        .each_ref()
        .map(|numbers| torch.tensor(numbers));
    let [
        paragraph_of,
        visual_of,
        of_paragraph,
        of_visual,
        beside,
        wordings,
    ] = example.window.indices.each_ref().map(|indices| {
        let values: Vec<i64> = indices.values.iter().map(|at| i64::from(*at)).collect();
        torch.indices(&indices.shape, &values)
    });
    GnnInputs {
        pairs,
        paragraphs,
        visuals,
        paragraph_of,
        visual_of,
        of_paragraph,
        of_paragraph_mask,
        of_visual,
        of_visual_mask,
        beside,
        beside_mask,
        wordings,
        wordings_mask,
    }
}

/// The rows of the known paragraphs, `[known]`.
fn known_rows(torch: &Torch, example: &Example) -> Tensor {
    let rows: Vec<i64> = example.known.iter().map(|row| row.row as i64).collect();
    torch.indices(&[rows.len()], &rows)
}

/// The logits of the candidates of the known paragraphs, `[known, OF_PARAGRAPH]`, and where they
/// count.
fn known_logits(
    torch: &Torch,
    example: &Example,
    inputs: &GnnInputs<Tensor>,
    outputs: &GnnOutputs<Tensor>,
) -> (Tensor, Tensor) {
    let rows = known_rows(torch, example);
    let lists = inputs.of_paragraph.index_select(0, &rows);
    let mask = inputs
        .of_paragraph_mask
        .index_select(0, &rows)
        .squeeze_dim(2);
    let logits = outputs
        .pairs
        .squeeze_dim(1)
        .index_select(0, &lists.reshape([-1]));
    let logits = logits.reshape([-1, OF_PARAGRAPH as i64]);
    (logits, mask)
}

/// 1 for the candidates that are meant, `[known, OF_PARAGRAPH]`, and each paragraph's weight.
fn truth(torch: &Torch, example: &Example) -> (Tensor, Tensor) {
    let mut values = vec![0.0; example.known.len() * OF_PARAGRAPH];
    let mut weights = Vec::with_capacity(example.known.len());
    for (at, row) in example.known.iter().enumerate() {
        let meant = row
            .targets
            .iter()
            .flatten()
            .filter(|place| **place < OF_PARAGRAPH);
        let mut any = false;
        for place in meant {
            if let Some(value) = values.get_mut(at * OF_PARAGRAPH + place) {
                (*value, any) = (1.0, true);
            }
        }
        weights.push(match (any, row.gold) {
            (false, _) => 0.0,
            (true, true) => 1.0,
            (true, false) => NAMED,
        });
    }
    let truth = Tensor::from_slice(&values).reshape([-1, OF_PARAGRAPH as i64]);
    let device = torch.device();
    (
        truth.to_device(device),
        Tensor::from_slice(&weights).to_device(device),
    )
}

/// The loss of an example, a sum over its known paragraphs.
///
/// Of a known paragraph, the candidates meant should stand before its others (cross-entropy of the
/// softmax over the candidates, as in InfoNCE with negatives of the same document) and each should
/// be told yes or no (binary cross-entropy, so that several can be meant). Paragraphs of which
/// nothing is known are no negatives: they only teach, with a small weight, how often a paragraph
/// with such surroundings is known. What is read in a known paragraph should tell the family of
/// the visual meant.
pub(super) fn loss(
    torch: &Torch,
    example: &Example,
    outputs: &GnnOutputs<Tensor>,
    inputs: &GnnInputs<Tensor>,
) -> Tensor {
    let (logits, mask) = known_logits(torch, example, inputs, outputs);
    let (truth, weights) = truth(torch, example);
    let hidden = &logits + (&mask - 1.0) * -NEVER;
    let meant = truth
        .sum_dim_intlist(1i64, false, Kind::Float)
        .clamp_min(1.0);
    let order =
        -(hidden.log_softmax(1, Kind::Float) * &truth).sum_dim_intlist(1i64, false, Kind::Float)
            / meant;
    let each =
        logits.binary_cross_entropy_with_logits::<Tensor>(&truth, None, None, Reduction::None);
    let each = (each * mask).sum_dim_intlist(1i64, false, Kind::Float);
    let family = family(torch, example, outputs, inputs, &truth);
    let pairs = ((order + each * EACH + family * FAMILY) * weights).sum(Kind::Float);
    let any = outputs.paragraphs.squeeze_dim(1);
    let known = any.index_select(0, &known_rows(torch, example));
    let unknown: Vec<i64> = example.unknown.iter().map(|row| *row as i64).collect();
    let unknown = any.index_select(0, &torch.indices(&[unknown.len()], &unknown));
    let any = (-known).softplus().sum(Kind::Float) + unknown.softplus().sum(Kind::Float);
    pairs + any * ANY
}

/// Cross-entropy of the families of the visuals meant, `[known]`.
fn family(
    torch: &Torch,
    example: &Example,
    outputs: &GnnOutputs<Tensor>,
    inputs: &GnnInputs<Tensor>,
    truth: &Tensor,
) -> Tensor {
    let rows = known_rows(torch, example);
    let lists = inputs.of_paragraph.index_select(0, &rows).reshape([-1]);
    let visuals = inputs.visual_of.index_select(0, &lists);
    let families = inputs.visuals.index_select(0, &visuals);
    let families = families.narrow(1, 0, FAMILIES as i64);
    let families = families.reshape([-1, OF_PARAGRAPH as i64, FAMILIES as i64]);
    let sum = |x: Tensor| x.sum_dim_intlist(1i64, false, Kind::Float);
    let meant = sum(families * truth.unsqueeze(2));
    let all = meant
        .sum_dim_intlist(1i64, true, Kind::Float)
        .clamp_min(1.0);
    let said = outputs.families.index_select(0, &rows);
    -sum(said.log_softmax(1, Kind::Float) * meant / all)
}

/// Logits of the candidates of each known paragraph, those of its list.
pub(super) fn known_scores(
    torch: &Torch,
    example: &Example,
    inputs: &GnnInputs<Tensor>,
    outputs: &GnnOutputs<Tensor>,
) -> Result<Vec<Vec<f32>>, tch::TchError> {
    let (logits, mask) = known_logits(torch, example, inputs, outputs);
    let logits = Vec::<f32>::try_from(logits.reshape([-1]).to_device(tch::Device::Cpu))?;
    let mask = Vec::<f32>::try_from(mask.reshape([-1]).to_device(tch::Device::Cpu))?;
    let rows = logits.chunks(OF_PARAGRAPH).zip(mask.chunks(OF_PARAGRAPH));
    Ok(rows
        .map(|(logits, mask)| {
            let counted = logits.iter().zip(mask).filter(|(_, mask)| **mask > 0.5);
            counted.map(|(logit, _)| *logit).collect()
        })
        .collect())
}
