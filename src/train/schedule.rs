//! The learning rate over the steps of a training.

/// Share of the steps in which the rate rises.
const WARM: f64 = 0.2;
/// Share of the steps after which the cosine ends.
const COOL: f64 = 0.8;
/// What part of the peak the cosine ends at.
const KNEE: f64 = 0.1;

/// A linear rise over the first fifth of the steps, a cosine down to a tenth of the peak at four
/// fifths, then an exponential decay.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LearningRate {
    /// The highest rate.
    pub peak: f64,
    /// The rate of the last step.
    pub end: f64,
    /// How many steps there are.
    pub steps: usize,
}

impl LearningRate {
    /// The rate of a step, counted from 0.
    pub fn at(&self, step: usize) -> f64 {
        let done = (step + 1) as f64 / self.steps.max(1) as f64;
        let knee = self.peak * KNEE;
        if done <= WARM {
            self.peak * done / WARM
        } else if done <= COOL {
            let way = (done - WARM) / (COOL - WARM);
            knee + (self.peak - knee) * (1.0 + (std::f64::consts::PI * way).cos()) / 2.0
        } else {
            let way = ((done - COOL) / (1.0 - COOL)).min(1.0);
            knee * (self.end / knee).powf(way)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_rises_falls_and_decays() {
        let rate = LearningRate {
            peak: 1.0,
            end: 0.001,
            steps: 1000,
        };
        let cases = [
            (0, 0.005),
            (99, 0.5),
            (199, 1.0),
            (499, 0.55),
            (799, 0.1),
            // Half the way from 0.1 to 0.001, on a logarithmic scale.
            (899, 0.01),
            (999, 0.001),
            (5000, 0.001),
        ];
        for (step, expected) in cases {
            let found = rate.at(step);
            assert!((found - expected).abs() < 1e-9, "step {step}: {found}");
        }
    }
}
