//! Stage 6, *encode*: texts as vectors whose cosines say how alike they are in meaning.
//!
//! The program carries no encoder: one that was trained on the development corpus alone read worse
//! than words do, and one of others did not make links better (`eval/aligner/README.md`). For
//! questions in other words than the document's it pays (`eval/find`), so a sentence encoder of the
//! user's own can be given: an ONNX file as Hugging Face has them, its `tokenizer.json` beside it.

use std::borrow::Cow;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use tokenizers::{Tokenizer, TruncationParams};

use crate::network::{Array, Input, Network, NetworkError, hash};

/// Tokens that are read together; more take more memory and are hardly faster.
const TOKENS_TOGETHER: usize = 2048;
/// The inputs that it may have: tokens, which of them count, and which of two texts they are of.
const INPUTS: [&str; 3] = ["input_ids", "attention_mask", "token_type_ids"];
/// The output of encoders that make one vector of a text themselves.
const WHOLE: &str = "sentence_embedding";

/// What is to be known of an encoder of others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EncoderConfig {
    /// How the vectors of a text's tokens become one.
    pooling: Pooling,
    /// Longer texts are cut.
    max_tokens: usize,
    /// What a question is preceded by.
    question: String,
    /// What a text is preceded by.
    text: String,
}

impl Default for EncoderConfig {
    fn default() -> Self {
        Self {
            pooling: Pooling::default(),
            max_tokens: 256,
            question: String::new(),
            text: String::new(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Pooling {
    /// Their mean.
    #[default]
    Mean,
    /// The first token's.
    First,
}

/// A sentence encoder.
pub struct Encoder {
    network: Network,
    tokenizer: Tokenizer,
    config: EncoderConfig,
    output: String,
    hash: String,
}

/// The tokens of a text.
struct Tokens {
    /// Which text.
    at: usize,
    ids: Vec<i32>,
}

impl Encoder {
    /// Reads an encoder: the ONNX file, `tokenizer.json`, and the description beside it, if there
    /// is one.
    ///
    /// # Errors
    /// When one cannot be read, or the network has other inputs than an encoder of texts.
    pub fn load(
        model: Cow<'static, [u8]>,
        tokenizer: &str,
        description: Option<&str>,
    ) -> Result<Encoder, NetworkError> {
        let network = Network::load("encoder", model)?;
        let wrong = |why| network.mismatch(why);
        let config = match description {
            Some(text) => serde_json::from_str(text)
                .map_err(|e| wrong(format!("its description cannot be read: {e}")))?,
            None => EncoderConfig::default(),
        };
        let unusable = |e| wrong(format!("its tokenizer.json cannot be used: {e}"));
        let parts = [network.hash(), tokenizer, description.unwrap_or_default()];
        let hash = hash(parts.join("\0").as_bytes());
        let mut tokenizer = Tokenizer::from_bytes(tokenizer).map_err(unusable)?;
        let cut = TruncationParams {
            max_length: config.max_tokens,
            ..TruncationParams::default()
        };
        tokenizer
            .with_padding(None)
            .with_truncation(Some(cut))
            .map_err(unusable)?;
        let inputs = network.inputs();
        if let Some(input) = inputs.iter().find(|input| !INPUTS.contains(input)) {
            return Err(wrong(format!("it has an input {input}")));
        }
        let mut needed = INPUTS.iter().take(2);
        if let Some(input) = needed.find(|input| !inputs.contains(input)) {
            return Err(wrong(format!("it has no input {input}")));
        }
        let outputs = network.outputs();
        let whole = outputs.iter().find(|output| **output == WHOLE);
        let output = whole.or(outputs.first()).map(|name| (*name).to_owned());
        let output = output.ok_or_else(|| wrong("it has no output".to_owned()))?;
        Ok(Encoder {
            tokenizer,
            config,
            output,
            hash,
            network,
        })
    }

    /// Which encoder this is: another network, tokenizer or description has another hash.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The vectors of texts, of length 1; texts without a word have one of zeros.
    ///
    /// # Errors
    /// When the network fails or gives no vectors.
    pub fn texts(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, NetworkError> {
        self.encode(&self.config.text, texts)
    }

    /// The vector of a question.
    ///
    /// # Errors
    /// As for [`Self::texts`].
    pub fn question(&self, question: &str) -> Result<Vec<f32>, NetworkError> {
        let vectors = self.encode(&self.config.question, &[question])?;
        Ok(vectors.into_iter().next().unwrap_or_default())
    }

    fn encode(&self, before: &str, texts: &[&str]) -> Result<Vec<Vec<f32>>, NetworkError> {
        let with_words = texts.par_iter().enumerate();
        let with_words = with_words.filter(|(_, text)| text.contains(char::is_alphanumeric));
        let mut tokens: Vec<Tokens> = with_words
            .map(|(at, text)| self.tokens(at, format!("{before}{text}")))
            .collect::<Result<_, _>>()?;
        // Texts of one length need no padding.
        tokens.sort_by_key(|tokens| (tokens.ids.len(), tokens.at));
        let encoded: Vec<Vec<(usize, Vec<f32>)>> = batches(&tokens)
            .into_par_iter()
            .map(|batch| self.run(batch))
            .collect::<Result<_, _>>()?;
        let length = encoded.iter().flatten().next().map_or(0, |(_, v)| v.len());
        let mut vectors = vec![vec![0.0; length]; texts.len()];
        for (at, vector) in encoded.into_iter().flatten() {
            if let Some(slot) = vectors.get_mut(at) {
                *slot = vector;
            }
        }
        Ok(vectors)
    }

    fn tokens(&self, at: usize, text: String) -> Result<Tokens, NetworkError> {
        let encoded = self.tokenizer.encode_fast(text, true).map_err(|e| {
            self.network
                .mismatch(format!("its tokenizer.json fails on a text: {e}"))
        })?;
        let ids = encoded.get_ids().iter();
        let ids = ids.map(|id| i32::try_from(*id).unwrap_or(0)).collect();
        Ok(Tokens { at, ids })
    }

    /// The vectors of some texts.
    fn run(&self, batch: &[Tokens]) -> Result<Vec<(usize, Vec<f32>)>, NetworkError> {
        let width = batch.iter().map(|tokens| tokens.ids.len()).max();
        let width = width.unwrap_or(0);
        let shape = [batch.len(), width];
        let padded = |value: &dyn Fn(i32) -> i32| -> Vec<i32> {
            let row = |tokens: &Tokens| {
                let mut row: Vec<i32> = tokens.ids.iter().map(|id| value(*id)).collect();
                row.resize(width, 0);
                row
            };
            batch.iter().flat_map(row).collect()
        };
        let values = [padded(&|id| id), padded(&|_| 1), padded(&|_| 0)];
        let inputs = self.network.inputs();
        let given = INPUTS.iter().zip(&values);
        let given: Vec<(&str, Input<'_>)> = given
            .filter(|(name, _)| inputs.contains(name))
            .map(|(name, values)| (*name, Input::Indices(&shape, values)))
            .collect();
        let [output] = self.network.run(&given, [&self.output])?;
        let vectors = batch.iter().enumerate().map(|(row, tokens)| {
            let vector = self.pooled(&output, row, tokens.ids.len());
            let vector = vector.ok_or_else(|| {
                let shape = &output.shape;
                self.network
                    .mismatch(format!("its output has the shape {shape:?}"))
            });
            Ok((tokens.at, unit(vector?)))
        });
        vectors.collect()
    }

    /// One vector of the output's row, which is `[batch, width]` or `[batch, tokens, width]`.
    fn pooled(&self, output: &Array, row: usize, tokens: usize) -> Option<Vec<f32>> {
        let values = output.row(row);
        match *output.shape.as_slice() {
            [_, width] if width > 0 => Some(values.to_vec()),
            [_, _, width] if width > 0 => {
                let counted = match self.config.pooling {
                    Pooling::Mean => tokens,
                    Pooling::First => 1,
                };
                let mut sum = vec![0.0; width];
                for vector in values.chunks_exact(width).take(counted) {
                    sum.iter_mut().zip(vector).for_each(|(sum, v)| *sum += v);
                }
                Some(sum)
            }
            _ => None,
        }
    }
}

/// Texts of about one length, cut into what is read together.
fn batches(tokens: &[Tokens]) -> Vec<&[Tokens]> {
    let mut batches = Vec::new();
    let mut rest = tokens;
    while !rest.is_empty() {
        // The last of a batch is its longest.
        let fits = |(at, tokens): (usize, &Tokens)| (at + 1) * tokens.ids.len() <= TOKENS_TOGETHER;
        let count = rest.iter().enumerate().take_while(|at| fits(*at)).count();
        let (batch, others) = rest.split_at(count.max(1).min(rest.len()));
        batches.push(batch);
        rest = others;
    }
    batches
}

fn unit(mut vector: Vec<f32>) -> Vec<f32> {
    let length = vector.iter().map(|v| v * v).sum::<f32>().sqrt();
    for value in &mut vector {
        *value /= length.max(f32::MIN_POSITIVE);
    }
    vector
}

/// The cosine of two vectors of length 1; 0 where they are not of one encoder.
pub fn cosine(a: &[f32], b: &[f32]) -> f32 {
    if a.len() != b.len() {
        return 0.0;
    }
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::network::{
        Init, Ops, Weights,
        record::{Length, Precision, Recorder},
    };

    /// An encoder whose tokens have fixed vectors: `pump` and `pumps` one, `valve` another.
    fn model(inputs: &[&str]) -> Vec<u8> {
        let table = Array {
            shape: vec![6, 2],
            values: vec![9.0, 9.0, 0.0, 0.0, 0.0, 0.0, 3.0, 0.0, 3.0, 0.0, 0.0, 4.0],
        };
        let weights = Weights::Trained([("table".to_owned(), table)].into());
        let recorder = Recorder::new(weights, Precision::Full);
        let shape = [Length::Named("texts"), Length::Named("tokens")];
        let mut last = None;
        for name in inputs {
            let indices = recorder.indices(name, &shape);
            last = last.or(Some(indices));
        }
        let table = recorder.parameter("table", &[6, 2], Init::Constant(0.0));
        let tokens = recorder.gather(&table, &last.unwrap());
        recorder.output("last_hidden_state", &recorder.scale(&tokens, 0.5));
        recorder.finish(&BTreeMap::new()).unwrap()
    }

    fn tokenizer() -> String {
        let words = ["[UNK]", "[CLS]", "[SEP]", "pump", "pumps", "valve"];
        let words: BTreeMap<&str, usize> = words.into_iter().zip(0..).collect();
        json!({
            "normalizer": {"type": "Lowercase"},
            "pre_tokenizer": {"type": "BertPreTokenizer"},
            "post_processor": {"type": "BertProcessing", "cls": ["[CLS]", 1], "sep": ["[SEP]", 2]},
            "model": {
                "type": "WordPiece",
                "vocab": words,
                "unk_token": "[UNK]",
                "continuing_subword_prefix": "##",
                "max_input_chars_per_word": 100,
            },
        })
        .to_string()
    }

    fn encoder(description: Option<&str>) -> Encoder {
        let bytes = model(&["input_ids", "attention_mask"]);
        Encoder::load(bytes.into(), &tokenizer(), description).unwrap()
    }

    #[test]
    fn texts_of_one_meaning_have_one_vector() {
        let encoder = encoder(None);
        let texts = ["Pump", "pumps pump pump", "valve", "...", "pump valve"];
        let vectors = encoder.texts(&texts).unwrap();
        let [pump, pumps, valve, none, both] = &vectors[..] else {
            panic!("{vectors:?}");
        };
        assert!((cosine(pump, pumps) - 1.0).abs() < 1e-6);
        assert!(cosine(pump, valve).abs() < 1e-6);
        // The mean of (3, 0) and (0, 4), made as long as 1.
        assert!((cosine(both, valve) - 0.8).abs() < 1e-6, "{both:?}");
        assert_eq!(none, &[0.0, 0.0]);
        assert_eq!(cosine(pump, &[1.0]), 0.0);
    }

    #[test]
    fn many_texts_are_read_in_pieces() {
        let encoder = encoder(None);
        let long = "pump ".repeat(100);
        let texts: Vec<&str> = (0..90)
            .map(|at| if at % 3 == 0 { "valve" } else { long.as_str() })
            .collect();
        let vectors = encoder.texts(&texts).unwrap();
        for (at, vector) in vectors.iter().enumerate() {
            let expected = if at % 3 == 0 { [0.0, 1.0] } else { [1.0, 0.0] };
            assert!(cosine(vector, &expected) > 0.999, "{at}: {vector:?}");
        }
        assert!(encoder.texts(&[]).unwrap().is_empty());
    }

    #[test]
    fn a_description_says_how_to_read() {
        let description = r#"{"pooling": "first", "question": "valve "}"#;
        let encoder = encoder(Some(description));
        // The first token, [CLS], says nothing in this encoder.
        assert_eq!(encoder.texts(&["pump"]).unwrap(), [[0.0, 0.0]]);
        let mean = self::encoder(Some(r#"{"question": "valve "}"#));
        assert_ne!(mean.hash(), encoder.hash());
        let question = mean.question("pump").unwrap();
        assert!((cosine(&question, &[0.0, 1.0]) - 0.8).abs() < 1e-6);
    }

    #[test]
    fn what_is_no_encoder_is_refused_with_the_cause() {
        let loaded = |inputs: &[&str], tokenizer: &str, description| {
            let loaded = Encoder::load(model(inputs).into(), tokenizer, description);
            loaded.err().map(|e| e.to_string()).unwrap_or_default()
        };
        let inputs = ["input_ids", "attention_mask"];
        let cases = [
            (loaded(&inputs[..1], &tokenizer(), None), "attention_mask"),
            (
                loaded(
                    &["input_ids", "attention_mask", "pixels"],
                    &tokenizer(),
                    None,
                ),
                "pixels",
            ),
            (loaded(&inputs, "{}", None), "tokenizer.json"),
            (
                loaded(&inputs, &tokenizer(), Some("{\"x\": 1}")),
                "description",
            ),
        ];
        for (message, part) in cases {
            assert!(message.contains(part), "{message}");
        }
    }
}
