//! The detector as an ONNX file.

use std::collections::BTreeMap;

use crate::network::{
    Weights,
    record::{ExportError, Length, Precision, Recorder},
};

use super::{DetectorConfig, NETWORK, scored};

/// The detector as an ONNX file, for images of any size that its levels allow: the input `page`
/// and the outputs `middles`, `sides` and `features` of [`scored`]. `steps` is how long it was
/// trained.
///
/// # Errors
/// When the weights are another network's.
pub fn onnx(
    weights: Weights,
    config: &DetectorConfig,
    steps: usize,
) -> Result<Vec<u8>, ExportError> {
    let recorder = Recorder::new(weights, Precision::Half);
    let one = Length::Fixed(1);
    let shape = [one, one, Length::Named("height"), Length::Named("width")];
    let page = recorder.input("page", &shape);
    let outputs = scored(&recorder, &page);
    recorder.output("middles", &outputs.middles);
    recorder.output("sides", &outputs.sides);
    recorder.output("features", &outputs.features);
    recorder.finish(&BTreeMap::from([
        ("network".to_owned(), NETWORK.to_owned()),
        (
            "config".to_owned(),
            serde_json::to_string(config).unwrap_or_default(),
        ),
        ("steps".to_owned(), steps.to_string()),
    ]))
}
