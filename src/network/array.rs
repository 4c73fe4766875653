//! Numbers with a shape, on their way into and out of a network.

use serde::{Deserialize, Serialize};

/// Numbers with a shape.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Array {
    /// Its lengths, outermost first.
    pub shape: Vec<usize>,
    /// As many numbers as the shape holds, row-major.
    pub values: Vec<f32>,
}

impl Array {
    /// The numbers of row `row` of the first axis; none where there is no such row.
    pub fn row(&self, row: usize) -> &[f32] {
        let width: usize = self.shape.iter().skip(1).product();
        self.values
            .get(row * width..(row + 1) * width)
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_parts_of_the_first_axis() {
        let array = Array {
            shape: vec![2, 1, 2],
            values: vec![1.0, 2.0, 3.0, 4.0],
        };
        assert_eq!(array.row(1), [3.0, 4.0]);
        assert!(array.row(2).is_empty());
    }
}
