//! Which wrong pairs to show.

use std::cmp::Reverse;

use super::{
    pair::{Pair, Verdict},
    report::Report,
};

/// A pair by its place in a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PairPlace {
    /// Index of its document.
    pub(super) document: usize,
    /// Index among the document's pairs.
    pub(super) pair: usize,
}

/// A pair that went wrong.
#[derive(Debug, Clone, Copy)]
pub(super) struct WrongPair<'a> {
    pub(super) place: PairPlace,
    pub(super) pair: &'a Pair,
    pub(super) verdict: &'a Verdict,
}

/// At most `limit` wrong pairs of the report's first system and mode, those of the documents that
/// lose most first. All such documents are shown with their first before any with its second, so
/// that one bad document does not hide the others.
pub(super) fn worst_pairs(report: &Report, limit: usize) -> Vec<WrongPair<'_>> {
    let mode = report.main_mode();
    let documents = report.documents.iter().enumerate();
    let mut documents: Vec<Vec<WrongPair<'_>>> = documents
        .map(|(document, report)| {
            let pairs = report.judged(mode).enumerate();
            pairs
                .filter(|(_, (pair, verdict))| !verdict.is_right(pair))
                .map(|(at, (pair, verdict))| WrongPair {
                    place: PairPlace { document, pair: at },
                    pair,
                    verdict,
                })
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
