//! Which wrong pairs to show.

use std::cmp::Reverse;

use super::{metrics::Pair, report::Report};

/// A pair by its place in a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PairPlace {
    /// Index of its document.
    pub(super) document: usize,
    /// Index among the document's pairs.
    pub(super) pair: usize,
}

/// At most `limit` wrong pairs, those of the documents that lose most first. All such documents
/// are shown with their first before any with its second, so that one bad document does not hide
/// the others.
pub(super) fn worst_pairs(report: &Report, limit: usize) -> Vec<(PairPlace, &Pair)> {
    let mut documents: Vec<Vec<(PairPlace, &Pair)>> = report
        .documents
        .iter()
        .enumerate()
        .map(|(document, report)| {
            let pairs = report.pairs.iter().enumerate();
            pairs
                .filter(|(_, pair)| !pair.is_right())
                .map(|(pair, wrong)| (PairPlace { document, pair }, wrong))
                .collect()
        })
        .collect();
    documents.sort_by_key(|pairs| Reverse(pairs.len()));
    let shares = shares(&documents.iter().map(Vec::len).collect::<Vec<_>>(), limit);
    documents
        .into_iter()
        .zip(shares)
        .flat_map(|(pairs, share)| pairs.into_iter().take(share))
        .collect()
}

/// How many of each document's pairs are shown: dealt one by one until the limit is reached.
fn shares(counts: &[usize], limit: usize) -> Vec<usize> {
    let mut shares = vec![0; counts.len()];
    let mut left = limit.min(counts.iter().sum());
    while left > 0 {
        for (share, count) in shares.iter_mut().zip(counts) {
            if left > 0 && *share < *count {
                *share += 1;
                left -= 1;
            }
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_document_has_its_turn() {
        assert_eq!(shares(&[10, 2, 1], 7), [4, 2, 1]);
        assert_eq!(shares(&[10, 2, 1], 2), [1, 1, 0]);
        assert_eq!(shares(&[1, 0], 60), [1, 0]);
        assert_eq!(shares(&[], 60), [0; 0]);
    }
}
