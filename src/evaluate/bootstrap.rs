//! How far an error rate could be off by the choice of documents.

use crate::random::SplitMix;

/// Samples drawn; more change the interval by less than a tenth of a point.
const SAMPLES: usize = 1000;
/// Where the sequence of draws begins: reports are the same each time.
const SEED: u64 = 0x646f_6361_6c69_676e;

/// The 95 % interval of `sum of errors / sum of pairs` when whole documents are drawn with
/// replacement: pairs of one document err together. From `(errors, pairs)` of each document.
pub(super) fn interval(documents: &[(u32, u32)]) -> [f64; 2] {
    let mut random = SplitMix::new(SEED);
    let mut rates: Vec<f64> = (0..SAMPLES)
        .map(|_| {
            let (mut errors, mut pairs) = (0_u64, 0_u64);
            for _ in documents {
                let (e, p) = documents
                    .get(random.below(documents.len()))
                    .copied()
                    .unwrap_or_default();
                errors += u64::from(e);
                pairs += u64::from(p);
            }
            errors as f64 / pairs.max(1) as f64
        })
        .collect();
    rates.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let place = (share * (SAMPLES - 1) as f64).round() as usize;
        rates.get(place).copied().unwrap_or(0.0)
    };
    [at(0.025), at(0.975)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alike_documents_leave_no_doubt() {
        assert_eq!(interval(&[(1, 4); 9]), [0.25, 0.25]);
        assert_eq!(interval(&[]), [0.0, 0.0]);
    }

    #[test]
    fn the_interval_is_around_the_rate_and_always_the_same() {
        let documents: Vec<(u32, u32)> = (0..100).map(|i| (i % 3, 10)).collect();
        let [low, high] = interval(&documents);
        let rate = 0.099;
        assert!(low < rate && rate < high, "{low} {high}");
        // Standard error of the mean of 0, 0.1, 0.2 over 100 documents: 0.0082.
        assert!((high - low - 4.0 * 0.0082).abs() < 0.006, "{low} {high}");
        assert_eq!(interval(&documents), [low, high]);
    }
}
