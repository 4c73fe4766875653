//! Export: an [`Ops`] that writes down what a network does as an ONNX model.

use std::{
    borrow::Cow,
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use half::f16;
use rten_onnx::onnx::{
    AttributeProto, AttributeType, DataType, Dimension, GraphProto, ModelProto, NodeProto,
    OperatorSetIdProto, StringStringEntryProto, TensorProto, TensorShapeProto, TypeProto,
    TypeProtoTensor, ValueInfoProto,
};
use thiserror::Error;

use super::{Binary, Conv, Init, Ops, Reduction, Unary, Weights, WeightsError, Window};

/// The operators' version: the first with Gelu, and with axes as inputs of every reduction.
const OPERATORS: i64 = 20;
/// The file format's version that goes with it.
const FORMAT: i64 = 9;
/// What batch normalisation adds to the variance, as in training.
pub(super) const BATCH_EPSILON: f32 = 1e-5;
/// What layer normalisation adds to the variance, as in training.
pub(super) const LAYER_EPSILON: f32 = 1e-5;

/// What the name of a parameter that is stored in 16 bits ends with.
pub(super) const HALF: &str = ":half";

/// How exactly weights are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// As trained.
    Full,
    /// Matrices and kernels in 16 bits, half the size; biases and the like as trained.
    Half,
}

/// A length of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// Always this.
    Fixed(usize),
    /// Any; inputs that use the same name have the same length there.
    Named(&'static str),
}

/// A tensor of the model being written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symbol(Rc<str>);

/// Why an export failed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The weights are not the network's.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// The file could not be put together.
    #[error("the ONNX file cannot be written")]
    Format(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Writes down a network's operations; see [`Recorder::finish`].
#[derive(Debug)]
pub struct Recorder {
    weights: Weights,
    precision: Precision,
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    graph: GraphProto,
    parameters: BTreeSet<String>,
    named: usize,
    failure: Option<WeightsError>,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State")
            .field("nodes", &self.graph.node.len())
            .field("parameters", &self.parameters.len())
            .finish()
    }
}

impl Recorder {
    /// A recorder that takes the parameters' numbers from `weights`.
    pub fn new(weights: Weights, precision: Precision) -> Self {
        Self {
            weights,
            precision,
            state: RefCell::default(),
        }
    }

    /// An input of numbers.
    pub fn input(&self, name: &str, shape: &[Length]) -> Symbol {
        self.declare(name, shape, DataType::FLOAT)
    }

    /// An input of whole numbers, for [`Ops::gather`].
    pub fn indices(&self, name: &str, shape: &[Length]) -> Symbol {
        self.declare(name, shape, DataType::INT32)
    }

    fn declare(&self, name: &str, shape: &[Length], kind: DataType) -> Symbol {
        let dim = shape
            .iter()
            .map(|length| match length {
                Length::Fixed(length) => Dimension {
                    dim_value: Some(*length as i64),
                    ..Dimension::default()
                },
                Length::Named(name) => Dimension {
                    dim_param: Some((*name).to_owned()),
                    ..Dimension::default()
                },
            })
            .collect();
        let input = value(name, kind, Some(TensorShapeProto { dim }));
        self.state.borrow_mut().graph.input.push(input);
        Symbol(name.into())
    }

    /// Makes a tensor an output of this name.
    pub fn output(&self, name: &str, tensor: &Symbol) {
        self.write("Identity", &[tensor], name.into(), Vec::new());
        let output = value(name, DataType::FLOAT, None);
        self.state.borrow_mut().graph.output.push(output);
    }

    /// The ONNX file, with `metadata` as its properties.
    ///
    /// # Errors
    /// When the weights are not the network's.
    pub fn finish(self, metadata: &BTreeMap<String, String>) -> Result<Vec<u8>, ExportError> {
        let state = self.state.into_inner();
        if let Some(failure) = state.failure {
            return Err(failure.into());
        }
        let model = ModelProto {
            ir_version: Some(FORMAT),
            graph: Some(state.graph),
            opset_import: vec![OperatorSetIdProto {
                domain: Some(String::new()),
                version: Some(OPERATORS),
            }],
            metadata_props: metadata
                .iter()
                .map(|(key, value)| StringStringEntryProto {
                    key: Some(key.clone()),
                    value: Some(value.clone()),
                })
                .collect(),
            producer_name: Some("docalign".to_owned()),
            producer_version: None,
        };
        model.write_buf().map_err(|e| ExportError::Format(e.into()))
    }

    fn fresh(&self, operator: &str) -> Rc<str> {
        let mut state = self.state.borrow_mut();
        state.named += 1;
        format!("{operator}_{}", state.named).into()
    }

    fn write(
        &self,
        operator: &str,
        inputs: &[&Symbol],
        output: Rc<str>,
        attribute: Vec<AttributeProto>,
    ) -> Symbol {
        self.state.borrow_mut().graph.node.push(NodeProto {
            name: Some(format!("{operator}:{output}")),
            input: inputs.iter().map(|symbol| symbol.0.to_string()).collect(),
            output: vec![output.to_string()],
            op_type: Some(operator.to_owned()),
            attribute,
            ..NodeProto::default()
        });
        Symbol(output)
    }

    fn node(&self, operator: &str, inputs: &[&Symbol], attributes: Vec<AttributeProto>) -> Symbol {
        let output = self.fresh(operator);
        self.write(operator, inputs, output, attributes)
    }

    fn store(&self, name: &str, shape: &[usize], kind: DataType, bytes: Vec<u8>) -> Symbol {
        self.state.borrow_mut().graph.initializer.push(TensorProto {
            dims: shape.iter().map(|length| *length as i64).collect(),
            data_type: Some(kind),
            raw_data: Some(RefCell::new(bytes)),
            name: Some(name.to_owned()),
            ..TensorProto::default()
        });
        Symbol(name.into())
    }

    fn whole_numbers(&self, values: &[i64]) -> Symbol {
        let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        let name = self.fresh("numbers");
        self.store(&name, &[values.len()], DataType::INT64, bytes)
    }

    /// A parameter's numbers; zeros, and a failure remembered, if the weights lack it.
    fn values(&self, path: &str, shape: &[usize], init: Init) -> Cow<'_, [f32]> {
        self.weights.get(path, shape, init).unwrap_or_else(|error| {
            self.state.borrow_mut().failure.get_or_insert(error);
            Cow::Owned(vec![0.0; shape.iter().product()])
        })
    }

    /// Stores a parameter once.
    fn store_parameter(&self, path: &str, shape: &[usize], values: &[f32]) -> Symbol {
        let known = !self.state.borrow_mut().parameters.insert(path.to_owned());
        // Vectors are few and scale whole channels: what they cost in full is nothing.
        let half = self.precision == Precision::Half && shape.len() > 1;
        if known {
            return Symbol(path.into());
        }
        if half {
            let stored = format!("{path}{HALF}");
            let bytes = values
                .iter()
                .flat_map(|v| f16::from_f32(*v).to_le_bytes())
                .collect();
            let stored = self.store(&stored, shape, DataType::FLOAT16, bytes);
            let to = int("to", i64::from(DataType::FLOAT.0));
            self.write("Cast", &[&stored], path.into(), vec![to])
        } else {
            let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
            self.store(path, shape, DataType::FLOAT, bytes)
        }
    }
}

fn value(name: &str, kind: DataType, shape: Option<TensorShapeProto>) -> ValueInfoProto {
    ValueInfoProto {
        name: Some(name.to_owned()),
        r#type: Some(TypeProto {
            tensor_type: Some(TypeProtoTensor {
                elem_type: Some(kind),
                shape,
            }),
            ..TypeProto::default()
        }),
    }
}

fn int(name: &str, value: i64) -> AttributeProto {
    AttributeProto {
        name: Some(name.to_owned()),
        i: Some(value),
        r#type: Some(AttributeType::INT),
        ..AttributeProto::default()
    }
}

fn float(name: &str, value: f32) -> AttributeProto {
    AttributeProto {
        name: Some(name.to_owned()),
        f: Some(value),
        r#type: Some(AttributeType::FLOAT),
        ..AttributeProto::default()
    }
}

fn text(name: &str, value: &str) -> AttributeProto {
    AttributeProto {
        name: Some(name.to_owned()),
        s: Some(value.to_owned()),
        r#type: Some(AttributeType::STRING),
        ..AttributeProto::default()
    }
}

fn ints(name: &str, values: impl IntoIterator<Item = usize>) -> AttributeProto {
    AttributeProto {
        name: Some(name.to_owned()),
        ints: values.into_iter().map(|value| value as i64).collect(),
        r#type: Some(AttributeType::INTS),
        ..AttributeProto::default()
    }
}

fn window_attributes(window: &Window) -> Vec<AttributeProto> {
    vec![
        ints("kernel_shape", [window.side; 2]),
        ints("strides", [window.stride; 2]),
        ints("pads", [window.padding; 4]),
    ]
}

impl Ops for Recorder {
    type Tensor = Symbol;

    fn parameter(&self, path: &str, shape: &[usize], init: Init) -> Symbol {
        let values = self.values(path, shape, init);
        self.store_parameter(path, shape, &values)
    }

    fn constant(&self, shape: &[usize], values: &[f32]) -> Symbol {
        let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        let name = self.fresh("constant");
        self.store(&name, shape, DataType::FLOAT, bytes)
    }

    fn unary(&self, function: Unary, x: &Symbol) -> Symbol {
        let operator = match function {
            Unary::Relu => "Relu",
            // ONNX has it as one operator only from version 24 on; the runtime joins the two.
            Unary::Silu => return self.mul(x, &self.sigmoid(x)),
            Unary::Gelu => "Gelu",
            Unary::Sigmoid => "Sigmoid",
            Unary::Tanh => "Tanh",
            Unary::Exp => "Exp",
            Unary::Log => "Log",
            Unary::Sqrt => "Sqrt",
            Unary::Neg => "Neg",
            Unary::Abs => "Abs",
        };
        self.node(operator, &[x], Vec::new())
    }

    fn binary(&self, function: Binary, a: &Symbol, b: &Symbol) -> Symbol {
        let operator = match function {
            Binary::Add => "Add",
            Binary::Sub => "Sub",
            Binary::Mul => "Mul",
            Binary::Div => "Div",
            Binary::Max => "Max",
            Binary::Min => "Min",
        };
        self.node(operator, &[a, b], Vec::new())
    }

    fn reduce(&self, how: Reduction, x: &Symbol, axis: usize, keep: bool) -> Symbol {
        let operator = match how {
            Reduction::Sum => "ReduceSum",
            Reduction::Mean => "ReduceMean",
            Reduction::Max => "ReduceMax",
        };
        let axes = self.whole_numbers(&[axis as i64]);
        self.node(operator, &[x, &axes], vec![int("keepdims", keep.into())])
    }

    fn softmax(&self, x: &Symbol, axis: usize) -> Symbol {
        self.node("Softmax", &[x], vec![int("axis", axis as i64)])
    }

    fn matmul(&self, a: &Symbol, b: &Symbol) -> Symbol {
        self.node("MatMul", &[a, b], Vec::new())
    }

    fn reshape(&self, x: &Symbol, shape: &[i64]) -> Symbol {
        let shape = self.whole_numbers(shape);
        self.node("Reshape", &[x, &shape], Vec::new())
    }

    fn transpose(&self, x: &Symbol, order: &[usize]) -> Symbol {
        self.node("Transpose", &[x], vec![ints("perm", order.iter().copied())])
    }

    fn concat(&self, parts: &[&Symbol], axis: usize) -> Symbol {
        self.node("Concat", parts, vec![int("axis", axis as i64)])
    }

    fn slice(&self, x: &Symbol, axis: usize, start: usize, end: usize) -> Symbol {
        let bound = |place: usize| self.whole_numbers(&[i64::try_from(place).unwrap_or(i64::MAX)]);
        let (start, end, axis) = (bound(start), bound(end), bound(axis));
        self.node("Slice", &[x, &start, &end, &axis], Vec::new())
    }

    fn gather(&self, x: &Symbol, indices: &Symbol) -> Symbol {
        self.node("Gather", &[x, indices], vec![int("axis", 0)])
    }

    fn conv(&self, x: &Symbol, weight: &Symbol, bias: Option<&Symbol>, conv: &Conv) -> Symbol {
        let mut attributes = window_attributes(&conv.window);
        attributes.push(int("group", conv.groups as i64));
        let mut inputs = vec![x, weight];
        inputs.extend(bias);
        self.node("Conv", &inputs, attributes)
    }

    fn conv_norm(&self, path: &str, x: &Symbol, conv: &Conv) -> Symbol {
        let channels = [conv.outputs];
        let of =
            |name: &str, shape: &[usize], init| self.values(&format!("{path}/{name}"), shape, init);
        let shape = conv.weight_shape();
        let weight = of("weight", &shape, conv.init());
        let scale = of("scale", &channels, Init::Constant(1.0));
        let shift = of("shift", &channels, Init::Constant(0.0));
        let mean = of("mean", &channels, Init::Constant(0.0));
        let variance = of("variance", &channels, Init::Constant(1.0));
        let factors: Vec<f32> = scale
            .iter()
            .zip(variance.iter())
            .map(|(scale, variance)| scale / (variance + BATCH_EPSILON).sqrt())
            .collect();
        let kernel = (weight.len() / conv.outputs.max(1)).max(1);
        let folded: Vec<f32> = weight
            .chunks(kernel)
            .zip(&factors)
            .flat_map(|(kernel, factor)| kernel.iter().map(move |w| w * factor))
            .collect();
        let bias: Vec<f32> = shift
            .iter()
            .zip(mean.iter())
            .zip(&factors)
            .map(|((shift, mean), factor)| shift - mean * factor)
            .collect();
        let weight = self.store_parameter(&format!("{path}/weight"), &shape, &folded);
        let bias = self.store_parameter(&format!("{path}/bias"), &channels, &bias);
        self.conv(x, &weight, Some(&bias), conv)
    }

    fn max_pool(&self, x: &Symbol, window: &Window) -> Symbol {
        self.node("MaxPool", &[x], window_attributes(window))
    }

    fn upsample(&self, x: &Symbol, factor: usize) -> Symbol {
        let factor = factor as f32;
        let scales = self.constant(&[4], &[1.0, 1.0, factor, factor]);
        let attributes = vec![
            text("mode", "nearest"),
            text("coordinate_transformation_mode", "asymmetric"),
            text("nearest_mode", "floor"),
        ];
        // The second input, a region of interest, is left out.
        self.node("Resize", &[x, &Symbol("".into()), &scales], attributes)
    }

    fn layer_norm(&self, x: &Symbol, scale: &Symbol, shift: &Symbol) -> Symbol {
        let attributes = vec![int("axis", -1), float("epsilon", LAYER_EPSILON)];
        self.node("LayerNormalization", &[x, scale, shift], attributes)
    }

    fn dropout(&self, x: &Symbol, _share: f64) -> Symbol {
        x.clone()
    }
}
