//! Small networks made by hand.

use std::cell::RefCell;

use rten_onnx::onnx::{
    DataType, Dimension, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto,
    TensorShapeProto, TypeProto, TypeProtoTensor, ValueInfoProto,
};

/// An encoder that looks the vectors of its tokens up in a table of this width.
pub fn table_of_tokens(table: &[f32], width: usize) -> Vec<u8> {
    let bytes = table.iter().flat_map(|v| v.to_le_bytes()).collect();
    let rows = table.len() / width;
    let graph = GraphProto {
        input: vec![
            value("input_ids", DataType::INT64, Some(&["texts", "tokens"])),
            value(
                "attention_mask",
                DataType::INT64,
                Some(&["texts", "tokens"]),
            ),
        ],
        output: vec![value("last_hidden_state", DataType::FLOAT, None)],
        initializer: vec![TensorProto {
            dims: vec![rows as i64, width as i64],
            data_type: Some(DataType::FLOAT),
            raw_data: Some(RefCell::new(bytes)),
            name: Some("table".to_owned()),
            ..TensorProto::default()
        }],
        node: vec![NodeProto {
            name: Some("gather".to_owned()),
            input: vec!["table".to_owned(), "input_ids".to_owned()],
            output: vec!["last_hidden_state".to_owned()],
            op_type: Some("Gather".to_owned()),
            ..NodeProto::default()
        }],
        ..GraphProto::default()
    };
    let model = ModelProto {
        ir_version: Some(9),
        graph: Some(graph),
        opset_import: vec![OperatorSetIdProto {
            domain: Some(String::new()),
            version: Some(20),
        }],
        ..ModelProto::default()
    };
    model.write_buf().unwrap()
}

fn value(name: &str, kind: DataType, axes: Option<&[&str]>) -> ValueInfoProto {
    let axis = |name: &&str| Dimension {
        dim_param: Some((*name).to_owned()),
        ..Dimension::default()
    };
    let shape = axes.map(|axes| TensorShapeProto {
        dim: axes.iter().map(axis).collect(),
    });
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
