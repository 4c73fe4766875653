//! One small network that uses every operation, through torch, the recorder and the runtime.

use std::{borrow::Cow, collections::BTreeMap};

use serde::Deserialize;

use super::{
    Array, Binary, Conv, Init, Input, Network, NetworkError, Ops, Reduction, Unary, Weights,
    Window,
    layers::{
        Attention, conv, embedding, layer_norm, linear, masked_max, masked_mean, masked_softmax,
        unit_length,
    },
    record::{ExportError, Length, Precision, Recorder},
};

/// How far torch and the runtime may differ.
const TOLERANCE: f32 = 1e-4;
/// How far 16-bit weights may lead from full ones here.
const HALF_TOLERANCE: f32 = 0.02;
const SEED: u64 = 11;
const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/network/golden.json");

/// What torch computed, written by the test under the feature `train`.
#[derive(Debug, Deserialize)]
struct Golden {
    picture: Vec<f32>,
    nodes: Vec<f32>,
}

/// A picture `[1, 1, 8, 12]` -> `[1, 6, 4, 6]`.
fn picture<O: Ops>(ops: &O, x: &O::Tensor) -> O::Tensor {
    let x = ops.unary(
        Unary::Silu,
        &ops.conv_norm("stem", x, &Conv::same(1, 4, 3, 2)),
    );
    let deep = ops.relu(&ops.conv_norm("depth", &x, &Conv::depthwise(4, 3, 1)));
    let pooled = ops.max_pool(
        &deep,
        &Window {
            side: 3,
            stride: 2,
            padding: 1,
        },
    );
    let up = ops.upsample(&pooled, 2);
    let joined = ops.concat(&[&x, &up, &ops.slice(&deep, 1, 1, 3)], 1);
    let head = conv(ops, "head", &joined, &Conv::same(10, 6, 1, 1));
    ops.sigmoid(&head)
}

/// Nodes `[n, 5]` with neighbours `[n, k]` that a mask `[n, k, 1]` lets through -> `[n, 8]`.
fn nodes<O: Ops>(ops: &O, x: &O::Tensor, neighbours: &O::Tensor, mask: &O::Tensor) -> O::Tensor {
    let x = ops.gelu(&layer_norm(ops, "norm", &linear(ops, "in", x, 5, 8), 8));
    let near = ops.gather(&x, neighbours);
    let kinds = embedding(ops, "kinds", neighbours, 7, 8);
    let near = ops.add(&near, &kinds);
    let scores = ops.unary(Unary::Tanh, &linear(ops, "score", &near, 8, 1));
    let shares = masked_softmax(ops, &scores, mask, 1);
    let heard = ops.sum(&ops.mul(&near, &shares), 1, false);
    let mean = masked_mean(ops, &near, mask, 1);
    let most = masked_max(ops, &near, mask, 1);
    let all = ops.add(&ops.sub(&heard, &mean), &most);
    let all = ops.dropout(&all, 0.5);
    // The nodes as one batch of tokens, none of them hidden.
    let tokens = ops.reshape(&all, &[1, -1, 8]);
    let open = ops.constant(&[1, 1, 1, 1], &[1.0]);
    let attention = Attention { width: 8, heads: 2 };
    let tokens = attention.forward(ops, "attention", &tokens, &tokens, &open);
    let all = ops.add(&all, &ops.reshape(&tokens, &[-1, 8]));
    // Away from 0, where the root's slope has no bound.
    let size = ops.add(&ops.unary(Unary::Abs, &all), &ops.scalar(0.01));
    let square = ops.unary(Unary::Sqrt, &size);
    let bounded = ops.binary(Binary::Min, &square, &ops.unary(Unary::Exp, &all));
    let logs = ops.unary(Unary::Log, &ops.add(&bounded, &ops.scalar(1.0)));
    let mean = ops.reduce(Reduction::Mean, &logs, 0, true);
    let centred = ops.add(&logs, &ops.unary(Unary::Neg, &mean));
    unit_length(ops, &centred, 1)
}

/// Inputs for a number of nodes, three neighbours each; the last node has none.
struct Inputs {
    picture: Array,
    nodes: Array,
    neighbours: Vec<i32>,
    mask: Array,
}

fn inputs(count: usize) -> Inputs {
    let numbers = |name: &str, shape: &[usize]| Array {
        shape: shape.to_vec(),
        values: Init::Normal(1.0).values(SEED, name, shape.iter().product()),
    };
    let neighbours = (0..count * 3).map(|i| ((i * 5 + i / 3) % count.min(7)) as i32);
    let mask = (0..count * 3).map(|i| f32::from(u8::from(i / 3 + 1 < count && i % 4 != 3)));
    Inputs {
        picture: numbers("picture", &[1, 1, 8, 12]),
        nodes: numbers("nodes", &[count, 5]),
        neighbours: neighbours.collect(),
        mask: Array {
            shape: vec![count, 3, 1],
            values: mask.collect(),
        },
    }
}

fn exported(weights: Weights, precision: Precision) -> Result<Vec<u8>, ExportError> {
    let recorder = Recorder::new(weights, precision);
    let [one, height, width] = [1, 8, 12].map(Length::Fixed);
    let image = recorder.input("image", &[one, one, height, width]);
    let (n, k) = (Length::Named("n"), Length::Named("k"));
    let features = recorder.input("features", &[n, Length::Fixed(5)]);
    let neighbours = recorder.indices("neighbours", &[n, k]);
    let mask = recorder.input("mask", &[n, k, Length::Fixed(1)]);
    recorder.output("picture", &picture(&recorder, &image));
    let states = nodes(&recorder, &features, &neighbours, &mask);
    recorder.output("nodes", &states);
    recorder.finish(&BTreeMap::from([(
        "network".to_owned(),
        "every operation".to_owned(),
    )]))
}

fn seeded(precision: Precision) -> Vec<u8> {
    exported(Weights::Seeded(SEED), precision).unwrap()
}

fn run(network: &Network, inputs: &Inputs) -> Result<[Array; 2], NetworkError> {
    let count = inputs.nodes.shape[0];
    network.run(
        &[
            (
                "image",
                Input::Numbers(&inputs.picture.shape, &inputs.picture.values),
            ),
            (
                "features",
                Input::Numbers(&inputs.nodes.shape, &inputs.nodes.values),
            ),
            (
                "neighbours",
                Input::Indices(&[count, 3], &inputs.neighbours),
            ),
            (
                "mask",
                Input::Numbers(&inputs.mask.shape, &inputs.mask.values),
            ),
        ],
        ["picture", "nodes"],
    )
}

fn load(bytes: Vec<u8>) -> Result<Network, NetworkError> {
    Network::load("test network", Cow::Owned(bytes))
}

#[track_caller]
fn assert_close(found: &[f32], wanted: &[f32], tolerance: f32) {
    assert_eq!(found.len(), wanted.len());
    for (i, (found, wanted)) in found.iter().zip(wanted).enumerate() {
        assert!(
            (found - wanted).abs() < tolerance,
            "number {i}: {found}, wanted {wanted}"
        );
    }
}

#[test]
fn the_runtime_computes_what_torch_computed() {
    let golden: Golden = serde_json::from_slice(&std::fs::read(GOLDEN).unwrap()).unwrap();
    let network = load(seeded(Precision::Full)).unwrap();
    let [picture, nodes] = run(&network, &inputs(9)).unwrap();
    assert_eq!(picture.shape, [1, 6, 4, 6]);
    assert_eq!(nodes.shape, [9, 8]);
    assert_close(&picture.values, &golden.picture, TOLERANCE);
    assert_close(&nodes.values, &golden.nodes, TOLERANCE);
    // Numbers that are all alike would agree by chance.
    let spread = |values: &[f32]| values.iter().fold(0.0_f32, |most, v| most.max(v.abs()));
    assert!(spread(&golden.nodes) > 0.1 && spread(&golden.picture) > 0.1);
}

#[test]
fn weights_of_16_bits_are_half_the_size_and_nearly_as_good() {
    let (full, half) = (seeded(Precision::Full), seeded(Precision::Half));
    assert!(half.len() < full.len());
    let [picture, nodes] = run(&load(full).unwrap(), &inputs(9)).unwrap();
    let [half_picture, half_nodes] = run(&load(half).unwrap(), &inputs(9)).unwrap();
    assert_close(&half_picture.values, &picture.values, HALF_TOLERANCE);
    assert_close(&half_nodes.values, &nodes.values, HALF_TOLERANCE);
    assert_ne!(half_picture, picture);
}

#[test]
fn lengths_may_differ_from_run_to_run() {
    let network = load(seeded(Precision::Full)).unwrap();
    for count in [1, 2, 30] {
        let [_, nodes] = run(&network, &inputs(count)).unwrap();
        assert_eq!(nodes.shape, [count, 8]);
        assert!(nodes.values.iter().all(|v| v.is_finite()));
    }
}

#[test]
fn a_network_knows_its_properties() {
    let bytes = seeded(Precision::Full);
    let network = load(bytes.clone()).unwrap();
    assert_eq!(
        network.inputs(),
        ["image", "features", "neighbours", "mask"]
    );
    assert_eq!(network.outputs(), ["picture", "nodes"]);
    assert_eq!(network.hash().len(), 16);
    assert_eq!(network.hash(), load(bytes).unwrap().hash());
    network
        .expect_property("network", "every operation")
        .unwrap();
    let error = network.expect_property("network", "detector").unwrap_err();
    assert_eq!(
        error.to_string(),
        "the weights of the test network are those of another network: its network is every \
         operation, not detector"
    );
}

#[test]
fn damaged_weights_are_an_error_and_no_crash() {
    let bytes = seeded(Precision::Full);
    assert!(load(Vec::new()).is_err());
    assert!(load(b"no ONNX file".to_vec()).is_err());
    for part in 1..40 {
        let cut = bytes[..bytes.len() * part / 40].to_vec();
        if let Ok(network) = load(cut) {
            // What is left may be a smaller network; it lacks an output then.
            assert!(run(&network, &inputs(3)).is_err(), "cut at {part}");
        }
    }
    let mut random = crate::random::SplitMix::new(SEED);
    for _ in 0..300 {
        let mut damaged = bytes.clone();
        for _ in 0..4 {
            let at = random.below(damaged.len());
            damaged[at] ^= 1 << random.below(8);
        }
        if let Ok(network) = load(damaged) {
            // Some damage only changes numbers.
            let _ = run(&network, &inputs(3));
        }
    }
}

#[test]
fn wrong_inputs_are_an_error() {
    let network = load(seeded(Precision::Full)).unwrap();
    let error = network
        .run(&[("image", Input::Numbers(&[1, 1], &[]))], ["picture"])
        .unwrap_err();
    assert!(matches!(error, NetworkError::Shape { .. }), "{error}");
    let error = network.run(&[], ["none"]).unwrap_err();
    assert!(matches!(error, NetworkError::Mismatch { .. }), "{error}");
    let wrong = Input::Numbers(&[1, 3, 8, 12], &[0.0; 288]);
    let error = network.run(&[("image", wrong)], ["picture"]).unwrap_err();
    assert!(matches!(error, NetworkError::Run { .. }), "{error}");
}

#[test]
fn an_export_needs_all_weights() {
    let error = exported(Weights::Trained(BTreeMap::new()), Precision::Full).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the network's parameter stem/weight has no weights"
    );
}

#[cfg(feature = "train")]
mod torch {
    use tch::{Device, Tensor};

    use super::*;
    use crate::network::{
        exported::exported as read_exported,
        torch::{Torch, array},
    };

    fn forward(torch: &Torch, inputs: &Inputs) -> [Tensor; 2] {
        let neighbours: Vec<i64> = inputs.neighbours.iter().map(|i| i64::from(*i)).collect();
        let neighbours = torch.indices(&[inputs.nodes.shape[0], 3], &neighbours);
        let (mask, features) = (torch.tensor(&inputs.mask), torch.tensor(&inputs.nodes));
        [
            picture(torch, &torch.tensor(&inputs.picture)),
            nodes(torch, &features, &neighbours, &mask),
        ]
    }

    /// Writes the golden numbers anew with `DOCALIGN_REWRITE_GOLDEN=1`.
    #[test]
    fn torch_computes_the_golden_numbers() {
        let torch = Torch::new(Device::Cpu, SEED);
        let [picture, nodes] = forward(&torch, &inputs(9)).map(|t| array(&t).unwrap().values);
        if std::env::var_os("DOCALIGN_REWRITE_GOLDEN").is_some() {
            let text = serde_json::json!({ "picture": picture, "nodes": nodes }).to_string();
            std::fs::write(GOLDEN, text + "\n").unwrap();
        }
        let golden: Golden = serde_json::from_slice(&std::fs::read(GOLDEN).unwrap()).unwrap();
        assert_close(&picture, &golden.picture, TOLERANCE);
        assert_close(&nodes, &golden.nodes, TOLERANCE);
    }

    /// After some steps of training every parameter and statistic has moved; the export follows.
    #[test]
    fn trained_weights_give_the_same_numbers_in_the_runtime() {
        let torch = Torch::new(Device::Cpu, SEED);
        torch.set_training(true);
        for step in 0..3 {
            let [picture, nodes] = forward(&torch, &inputs(5 + step));
            let loss = picture.square().mean(tch::Kind::Float) + nodes.sum(tch::Kind::Float);
            loss.backward();
            tch::no_grad(|| {
                for tensor in torch.trainable().values_mut() {
                    let step = tensor.grad() * 0.01;
                    *tensor -= step;
                    tensor.zero_grad();
                }
            });
        }
        torch.set_training(false);
        let inputs = inputs(9);
        let [picture, nodes] = forward(&torch, &inputs).map(|t| array(&t).unwrap().values);
        let weights = Weights::Trained(torch.weights().unwrap());
        let network = load(exported(weights, Precision::Full).unwrap()).unwrap();
        let [run_picture, run_nodes] = run(&network, &inputs).unwrap();
        assert_close(&run_picture.values, &picture, TOLERANCE);
        assert_close(&run_nodes.values, &nodes, TOLERANCE);
        let untrained = load(seeded(Precision::Full)).unwrap();
        let [first, _] = super::run(&untrained, &inputs).unwrap();
        assert_ne!(first, run_picture);
    }

    #[test]
    fn a_training_can_begin_with_exported_weights() {
        let trained = Torch::new(Device::Cpu, SEED);
        let inputs = inputs(9);
        trained.set_training(true);
        drop(forward(&trained, &inputs));
        trained.set_training(false);
        let [picture, nodes] = forward(&trained, &inputs).map(|t| array(&t).unwrap().values);
        let file = exported(
            Weights::Trained(trained.weights().unwrap()),
            Precision::Full,
        )
        .unwrap();
        let read = || read_exported("a", &file).unwrap();
        let mut torch = Torch::new(Device::Cpu, SEED + 1);
        torch
            .begin_with(read(), |torch| drop(forward(torch, &inputs)))
            .unwrap();
        let [again, nodes_again] = forward(&torch, &inputs).map(|t| array(&t).unwrap().values);
        assert_close(&again, &picture, TOLERANCE);
        assert_close(&nodes_again, &nodes, TOLERANCE);
        // Normalised by the batch, as in training, it is the same: the statistics are the batch's.
        torch.set_training(true);
        let [training, _] = forward(&torch, &inputs).map(|t| array(&t).unwrap().values);
        assert_close(&training, &picture, TOLERANCE);
        let mut lacking = read();
        lacking.pop_last();
        let other =
            Torch::new(Device::Cpu, SEED).begin_with(lacking, |t| drop(forward(t, &inputs)));
        assert!(matches!(
            other,
            Err(crate::network::WeightsError::Missing(_))
        ));
        assert!(read_exported("a", b"no weights").is_err());
    }

    #[test]
    fn parameters_survive_a_file() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("weights.safetensors");
        let torch = Torch::new(Device::Cpu, 1);
        let [first, _] = forward(&torch, &inputs(4));
        torch.save(&file).unwrap();
        let mut other = Torch::new(Device::Cpu, 2);
        let [before, _] = forward(&other, &inputs(4));
        other.load(&file).unwrap();
        let [after, _] = forward(&other, &inputs(4));
        assert_ne!(array(&before).unwrap(), array(&first).unwrap());
        assert_eq!(array(&after).unwrap(), array(&first).unwrap());
    }
}
