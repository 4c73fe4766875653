//! AdamW over named parameters. Unlike torch's own, its state can be saved, so that a training that
//! is taken up again takes the very steps it would have taken.

use std::{collections::BTreeMap, path::Path};

use tch::{Kind, TchError, Tensor, no_grad};

/// How fast the mean of the gradients forgets.
const BETA_MEAN: f64 = 0.9;
/// How fast the mean of their squares forgets.
const BETA_SQUARE: f64 = 0.999;
/// Keeps the step from growing without bound where gradients vanish.
const EPSILON: f64 = 1e-8;

/// Loshchilov and Hutter, "Decoupled weight decay regularization" (2019), algorithm 2.
#[derive(Debug)]
pub struct AdamW {
    /// What part of a matrix is taken off per step and unit of rate.
    weight_decay: f64,
    /// Gradients are scaled down to this length together.
    max_norm: f64,
    moments: BTreeMap<String, Moments>,
    steps: i32,
}

#[derive(Debug)]
struct Moments {
    mean: Tensor,
    square: Tensor,
}

impl AdamW {
    /// One that has taken no step yet.
    pub fn new(weight_decay: f64, max_norm: f64) -> Self {
        Self {
            weight_decay,
            max_norm,
            moments: BTreeMap::new(),
            steps: 0,
        }
    }

    /// Takes a step down the gradients and clears them. Returns the gradients' length.
    pub fn step(&mut self, parameters: &mut BTreeMap<String, Tensor>, rate: f64) -> f64 {
        self.steps += 1;
        no_grad(|| {
            let gradients: BTreeMap<&String, Tensor> = parameters
                .iter()
                .map(|(path, tensor)| (path, tensor.grad()))
                .filter(|(_, gradient)| gradient.defined())
                .collect();
            let squares: Vec<Tensor> = gradients
                .values()
                .map(|gradient| gradient.square().sum(Kind::Float))
                .collect();
            if squares.is_empty() {
                return 0.0;
            }
            let norm = Tensor::stack(&squares, 0)
                .sum(Kind::Float)
                .sqrt()
                .double_value(&[]);
            if !norm.is_finite() {
                // A step along such gradients would end the training.
                return norm;
            }
            let shrink = (self.max_norm / norm.max(1e-12)).min(1.0);
            let gradients: Vec<(String, Tensor)> = gradients
                .into_iter()
                .map(|(path, gradient)| (path.clone(), gradient * shrink))
                .collect();
            for (path, gradient) in gradients {
                if let Some(tensor) = parameters.get_mut(&path) {
                    self.move_one(path, tensor, &gradient, rate);
                    tensor.zero_grad();
                }
            }
            norm
        })
    }

    fn move_one(&mut self, path: String, tensor: &mut Tensor, gradient: &Tensor, rate: f64) {
        let moments = self.moments.entry(path).or_insert_with(|| Moments {
            mean: gradient.zeros_like(),
            square: gradient.zeros_like(),
        });
        moments.mean = &moments.mean * BETA_MEAN + gradient * (1.0 - BETA_MEAN);
        moments.square = &moments.square * BETA_SQUARE + gradient.square() * (1.0 - BETA_SQUARE);
        let mean = &moments.mean / (1.0 - BETA_MEAN.powi(self.steps));
        let square = &moments.square / (1.0 - BETA_SQUARE.powi(self.steps));
        // Biases and scales are left as large as they must be.
        if tensor.dim() > 1 {
            let _ = tensor.g_mul_scalar_(1.0 - rate * self.weight_decay);
        }
        let step = mean / (square.sqrt() + EPSILON) * rate;
        *tensor -= step;
    }

    /// Saves the state.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, file: &Path) -> Result<(), TchError> {
        let steps = Tensor::from_slice(&[self.steps]);
        let mut named: Vec<(String, &Tensor)> = vec![("steps".to_owned(), &steps)];
        for (path, moments) in &self.moments {
            named.push((format!("mean:{path}"), &moments.mean));
            named.push((format!("square:{path}"), &moments.square));
        }
        Tensor::write_safetensors(&named, file)
    }

    /// Takes the state from a file.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn load(&mut self, file: &Path, device: tch::Device) -> Result<(), TchError> {
        let mut means = BTreeMap::new();
        let mut squares = BTreeMap::new();
        for (name, tensor) in Tensor::read_safetensors(file)? {
            match name.split_once(':') {
                Some(("mean", path)) => {
                    means.insert(path.to_owned(), tensor.to_device(device));
                }
                Some(("square", path)) => {
                    squares.insert(path.to_owned(), tensor.to_device(device));
                }
                _ => self.steps = i32::try_from(tensor.int64_value(&[0])).unwrap_or(0),
            }
        }
        self.moments = means
            .into_iter()
            .filter_map(|(path, mean)| {
                let square = squares.remove(&path)?;
                Some((path, Moments { mean, square }))
            })
            .collect();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use tch::Device;

    use super::*;
    use crate::network::{Init, Ops, torch::Torch};

    /// Steps towards the minimum of `(x - 3)^2`; returns where they lead.
    fn descend(torch: &Torch, optimizer: &mut AdamW, steps: usize) -> f64 {
        let x = torch.parameter("deep/x", &[1], Init::Constant(0.0));
        for _ in 0..steps {
            (&x - 3.0).square().sum(Kind::Float).backward();
            optimizer.step(&mut torch.trainable(), 0.1);
        }
        x.double_value(&[0])
    }

    #[test]
    fn it_finds_a_minimum() {
        let torch = Torch::new(Device::Cpu, 0);
        let end = descend(&torch, &mut AdamW::new(0.0, 1.0), 300);
        assert!((end - 3.0).abs() < 0.01, "{end}");
    }

    #[test]
    fn the_first_step_is_as_long_as_the_rate() {
        let torch = Torch::new(Device::Cpu, 0);
        let end = descend(&torch, &mut AdamW::new(0.0, 1.0), 1);
        assert!((end - 0.1).abs() < 1e-6, "{end}");
    }

    #[test]
    fn saved_and_loaded_it_goes_on_as_before() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("optimizer.safetensors");
        let torch = Torch::new(Device::Cpu, 0);
        let mut optimizer = AdamW::new(0.0, 1.0);
        descend(&torch, &mut optimizer, 5);
        optimizer.save(&file).unwrap();
        let weights = dir.path().join("weights.safetensors");
        torch.save(&weights).unwrap();
        let at_once = descend(&torch, &mut optimizer, 5);

        let mut later = Torch::new(Device::Cpu, 0);
        descend(&later, &mut AdamW::new(0.0, 1.0), 0);
        later.load(&weights).unwrap();
        let mut optimizer = AdamW::new(0.0, 1.0);
        optimizer.load(&file, Device::Cpu).unwrap();
        let resumed = descend(&later, &mut optimizer, 5);
        assert!((at_once - resumed).abs() < 1e-6, "{at_once} {resumed}");
    }
}
