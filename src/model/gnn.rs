//! The graph network: how the states of candidate pairs change with what is known around them.
//!
//! A pair of a paragraph and a visual is where both meet, so the pairs carry the states, and
//! paragraphs and visuals pass messages between them: each paragraph and each visual gathers its
//! pairs by attention and by maximum (Veličković et al., "Graph attention networks", 2018), and
//! every pair hears from both its ends and, through a matrix per relation (Schlichtkrull et al.,
//! "Modeling relational data with graph convolutional networks", 2018), from the pairs beside it:
//! the same visual with the texts before and after, the same paragraph with the visuals before and
//! after, and both steps at once, since figures are mostly discussed in their order.
//!
//! Of a paragraph the network also reads how it is put: a vector for each word and pair of words,
//! learnt with the rest, and of their sum whether it speaks of a figure, a table, a listing or a
//! formula. "The plot shows" and "are listed in" say so whatever they are about.

use crate::{
    graph::{FAMILIES, PAIR_FEATURES, PARAGRAPH_FEATURES, VISUAL_FEATURES, WORDINGS},
    network::{
        Binary, Ops, Unary,
        layers::{embedding, layer_norm, linear, masked_max, masked_softmax},
    },
};

/// Relations of a pair to the pairs beside it; see [`super::tensors`] for their order.
pub const RELATIONS: usize = 6;

/// Numbers of the vector of a word.
const WORD: usize = 8;
/// Share of the words that training leaves out, so that no text is known by a single one.
const UNREAD: f64 = 0.3;

/// The network's shape.
#[derive(Debug, Clone, PartialEq)]
pub struct GnnConfig {
    /// Numbers of a state.
    pub hidden: usize,
    /// Rounds of messages; without any, each pair is judged by itself.
    pub layers: usize,
    /// Networks of this shape that are trained side by side and whose logits are averaged: few
    /// labels leave much to the chance of the first weights (Lakshminarayanan et al., "Simple and
    /// scalable predictive uncertainty estimation using deep ensembles", 2017).
    pub members: usize,
    /// Share of the numbers dropped in training.
    pub dropout: f64,
    /// Mean and deviation of each feature of pairs, paragraphs and visuals.
    pub normal: [Normal; 3],
}

/// Brings features to mean 0 and deviation 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Normal {
    /// Means, `[features]`.
    pub mean: Vec<f32>,
    /// Deviations, `[features]`, above 0.
    pub deviation: Vec<f32>,
}

/// What the network is given of `e` pairs, `p` paragraphs and `v` visuals. Lists are padded with
/// index 0; masks are 1 where an entry counts and 0 where it pads.
#[derive(Debug)]
pub struct GnnInputs<T> {
    /// Features of the pairs, `[e, pair features]`.
    pub pairs: T,
    /// Features of the paragraphs, `[p, paragraph features]`.
    pub paragraphs: T,
    /// Features of the visuals, `[v, visual features]`.
    pub visuals: T,
    /// Paragraph of each pair, `[e]`.
    pub paragraph_of: T,
    /// Visual of each pair, `[e]`.
    pub visual_of: T,
    /// Pairs of each paragraph, `[p, k]`.
    pub of_paragraph: T,
    /// Their mask, `[p, k, 1]`.
    pub of_paragraph_mask: T,
    /// Pairs of each visual, `[v, m]`.
    pub of_visual: T,
    /// Their mask, `[v, m, 1]`.
    pub of_visual_mask: T,
    /// For each pair and relation, the pair there, `[e, RELATIONS]`.
    pub beside: T,
    /// Their mask, `[e, RELATIONS, 1]`.
    pub beside_mask: T,
    /// Words and pairs of words of each paragraph, `[p, w]`.
    pub wordings: T,
    /// Their mask, `[p, w, 1]`.
    pub wordings_mask: T,
}

/// What the network says.
#[derive(Debug, Clone)]
pub struct GnnOutputs<T> {
    /// Whether the paragraph belongs to the visual, if it belongs to any: logits, `[e, 1]`.
    pub pairs: T,
    /// Whether the paragraph belongs to any: logits, `[p, 1]`.
    pub paragraphs: T,
    /// Of which family the visual is that the paragraph speaks of: logits, `[p, FAMILIES]`.
    pub families: T,
}

/// The forward pass: the mean of what the members say.
pub fn forward<O: Ops>(
    ops: &O,
    config: &GnnConfig,
    inputs: &GnnInputs<O::Tensor>,
) -> GnnOutputs<O::Tensor> {
    mean(ops, &members(ops, config, inputs))
}

/// The mean of what members say, of whom there is at least one.
pub fn mean<O: Ops>(ops: &O, members: &[GnnOutputs<O::Tensor>]) -> GnnOutputs<O::Tensor> {
    let share = 1.0 / members.len().max(1) as f32;
    let mean_of = |part: &dyn Fn(&GnnOutputs<O::Tensor>) -> &O::Tensor| {
        let zero = ops.scalar(0.0);
        let sum = members
            .iter()
            .fold(zero, |sum, said| ops.add(&sum, part(said)));
        ops.scale(&sum, share)
    };
    GnnOutputs {
        pairs: mean_of(&|said| &said.pairs),
        paragraphs: mean_of(&|said| &said.paragraphs),
        families: mean_of(&|said| &said.families),
    }
}

/// What each member says; in training each has a loss of its own.
pub fn members<O: Ops>(
    ops: &O,
    config: &GnnConfig,
    inputs: &GnnInputs<O::Tensor>,
) -> Vec<GnnOutputs<O::Tensor>> {
    let numbers = 0..config.members;
    numbers
        .map(|number| member(ops, config, inputs, number))
        .collect()
}

fn member<O: Ops>(
    ops: &O,
    config: &GnnConfig,
    inputs: &GnnInputs<O::Tensor>,
    number: usize,
) -> GnnOutputs<O::Tensor> {
    let network = Gnn {
        ops,
        config,
        inputs,
        number,
    };
    let [pairs, paragraphs, visuals] = network.normalised();
    let read = network.read();
    let mut states = network.begin(&pairs, &paragraphs, &visuals, &read);
    for layer in 0..config.layers {
        let messages = network.messages(&format!("layers/{layer}"), &states);
        states = ops.add(&states, &messages);
    }
    network.decide(&states, &paragraphs, read)
}

/// What the network reads in the paragraphs.
struct Read<T> {
    /// `[p, WORD]`.
    texts: T,
    /// [`GnnOutputs::families`].
    families: T,
}

struct Gnn<'a, O: Ops> {
    ops: &'a O,
    config: &'a GnnConfig,
    inputs: &'a GnnInputs<O::Tensor>,
    number: usize,
}

impl<O: Ops> Gnn<'_, O> {
    fn normalised(&self) -> [O::Tensor; 3] {
        let [pair, paragraph, visual] = &self.config.normal;
        [
            self.normal(&self.inputs.pairs, pair),
            self.normal(&self.inputs.paragraphs, paragraph),
            self.normal(&self.inputs.visuals, visual),
        ]
    }

    fn normal(&self, x: &O::Tensor, normal: &Normal) -> O::Tensor {
        let shape = [normal.mean.len()];
        let mean = self.ops.constant(&shape, &normal.mean);
        let deviation = self.ops.constant(&shape, &normal.deviation);
        self.ops.div(&self.ops.sub(x, &mean), &deviation)
    }

    fn linear(&self, path: &str, x: &O::Tensor, inputs: usize, outputs: usize) -> O::Tensor {
        linear(self.ops, &self.own(path), x, inputs, outputs)
    }

    fn hidden(&self, path: &str, x: &O::Tensor, inputs: usize) -> O::Tensor {
        self.linear(path, x, inputs, self.config.hidden)
    }

    fn layer_norm(&self, path: &str, x: &O::Tensor) -> O::Tensor {
        layer_norm(self.ops, &self.own(path), x, self.config.hidden)
    }

    /// The path of a parameter of this member.
    fn own(&self, path: &str) -> String {
        format!("members/{}/{path}", self.number)
    }

    fn second(&self, path: &str, x: &O::Tensor) -> O::Tensor {
        let heard = self.ops.dropout(&self.ops.gelu(x), self.config.dropout);
        self.hidden(path, &heard, self.config.hidden)
    }

    /// Sums of word vectors over the root of their number, which makes long texts no louder
    /// than short ones.
    fn read(&self) -> Read<O::Tensor> {
        let (ops, inputs) = (self.ops, self.inputs);
        let words = embedding(ops, &self.own("words"), &inputs.wordings, WORDINGS, WORD);
        let heard = ops.dropout(&inputs.wordings_mask, UNREAD);
        let sum = ops.sum(&ops.mul(&words, &heard), 1, false);
        let count = ops.sum(&inputs.wordings_mask, 1, false);
        let count = ops.binary(Binary::Max, &count, &ops.scalar(1.0));
        let texts = ops.div(&sum, &ops.unary(Unary::Sqrt, &count));
        Read {
            families: self.linear("families", &texts, WORD, FAMILIES),
            texts,
        }
    }

    /// The first states, `[e, hidden]`: of the features of the pair and of its ends. What comes
    /// from the ends is worked out once for each of them.
    fn begin(
        &self,
        pairs: &O::Tensor,
        paragraphs: &O::Tensor,
        visuals: &O::Tensor,
        read: &Read<O::Tensor>,
    ) -> O::Tensor {
        let ops = self.ops;
        let pairs = ops.concat(&[pairs, &self.spoken_of(&read.families)], 1);
        let paragraphs = ops.concat(&[paragraphs, &read.texts], 1);
        let own = self.hidden("begin/pair", &pairs, PAIR_FEATURES.len() + 1);
        let of_paragraph = PARAGRAPH_FEATURES.len() + WORD;
        let paragraphs = self.hidden("begin/paragraph", &paragraphs, of_paragraph);
        let visuals = self.hidden("begin/visual", visuals, VISUAL_FEATURES.len());
        let ends = self.at_pairs(&paragraphs, &visuals);
        self.second("begin/second", &ops.add(&own, &ends))
    }

    /// How likely a pair's paragraph speaks of a visual of its visual's family, `[e, 1]`.
    fn spoken_of(&self, families: &O::Tensor) -> O::Tensor {
        let (ops, inputs) = (self.ops, self.inputs);
        let likely = ops.gather(&ops.softmax(families, 1), &inputs.paragraph_of);
        let is = ops.slice(&inputs.visuals, 1, 0, FAMILIES);
        ops.sum(
            &ops.mul(&likely, &ops.gather(&is, &inputs.visual_of)),
            1,
            true,
        )
    }

    /// The sum of what a pair's paragraph and its visual say, `[e, hidden]`.
    fn at_pairs(&self, paragraphs: &O::Tensor, visuals: &O::Tensor) -> O::Tensor {
        self.ops.add(
            &self.ops.gather(paragraphs, &self.inputs.paragraph_of),
            &self.ops.gather(visuals, &self.inputs.visual_of),
        )
    }

    fn messages(&self, path: &str, states: &O::Tensor) -> O::Tensor {
        let hidden = self.config.hidden;
        let x = self.layer_norm(&format!("{path}/norm"), states);
        let own = self.hidden(&format!("{path}/own"), &x, hidden);
        let inputs = self.inputs;
        let paragraphs = self.gathered(
            &format!("{path}/paragraph"),
            &x,
            &inputs.of_paragraph,
            &inputs.of_paragraph_mask,
        );
        let visuals = self.gathered(
            &format!("{path}/visual"),
            &x,
            &inputs.of_visual,
            &inputs.of_visual_mask,
        );
        let ends = self.at_pairs(&paragraphs, &visuals);
        let beside = self.heard_from_beside(&format!("{path}/beside"), &x);
        let all = self.ops.add(&self.ops.add(&own, &ends), &beside);
        self.second(&format!("{path}/second"), &all)
    }

    /// What paragraphs, or visuals, make of their pairs `[n, k]`: `[n, hidden]`.
    fn gathered(
        &self,
        path: &str,
        x: &O::Tensor,
        lists: &O::Tensor,
        mask: &O::Tensor,
    ) -> O::Tensor {
        let (ops, hidden) = (self.ops, self.config.hidden);
        let listed = ops.gather(x, lists);
        let score = self.linear(&format!("{path}/attention"), &listed, hidden, 1);
        let weights = masked_softmax(ops, &score, mask, 1);
        // As a product: sums over an axis that is not the last are slow.
        let mean = ops.matmul(&ops.transpose(&weights, &[0, 2, 1]), &listed);
        let mean = ops.reshape(&mean, &[-1, hidden as i64]);
        let largest = masked_max(ops, &listed, mask, 1);
        let both = ops.concat(&[&mean, &largest], 1);
        self.hidden(&format!("{path}/out"), &both, 2 * hidden)
    }

    /// The sum of what the pairs beside say, each through its relation's matrix: one product, as
    /// the matrices stand one above the other.
    fn heard_from_beside(&self, path: &str, x: &O::Tensor) -> O::Tensor {
        let (ops, all) = (self.ops, RELATIONS * self.config.hidden);
        let heard = ops.gather(x, &self.inputs.beside);
        let heard = ops.mul(&heard, &self.inputs.beside_mask);
        self.hidden(path, &ops.reshape(&heard, &[-1, all as i64]), all)
    }

    fn decide(
        &self,
        states: &O::Tensor,
        paragraphs: &O::Tensor,
        read: Read<O::Tensor>,
    ) -> GnnOutputs<O::Tensor> {
        let (ops, hidden) = (self.ops, self.config.hidden);
        let x = self.layer_norm("end/norm", states);
        let pairs = self.hidden("end/pair", &x, hidden);
        let inputs = self.inputs;
        let gathered = self.gathered(
            "end/paragraph",
            &x,
            &inputs.of_paragraph,
            &inputs.of_paragraph_mask,
        );
        let own = self.hidden("end/own", paragraphs, PARAGRAPH_FEATURES.len());
        let any = ops.gelu(&ops.add(&gathered, &own));
        GnnOutputs {
            pairs: self.linear("end/pair-logit", &ops.gelu(&pairs), hidden, 1),
            paragraphs: self.linear("end/paragraph-logit", &any, hidden, 1),
            families: read.families,
        }
    }
}
