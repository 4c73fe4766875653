//! Measures how often paragraphs and visuals are wrongly associated.
//!
//! [`gold_from_annotations`] takes from link annotations what is true; [`evaluate_document`]
//! compares it with alignments that were made without them, [`score`] with those that any program
//! wrote; [`Report`] sums documents up.

mod baselines;
mod bootstrap;
mod captions;
mod cases;
mod chart;
mod compare;
mod corpus_list;
mod curve;
mod document;
mod earlier;
mod family;
mod file_error;
mod gold;
mod group;
mod holder;
mod html;
mod judge;
mod lines;
mod markdown;
mod measure;
mod mode;
mod pair;
mod pictures;
mod refusal;
mod reliability;
mod report;
mod score;
mod select;
mod tally;
#[cfg(test)]
mod tests;
mod training;
mod view;
mod worst;

pub use compare::{Comparison, DocumentChange, ModeComparison, PairChange};
pub use corpus_list::{CorpusEntry, CorpusList, CorpusListError, Split};
pub use document::{evaluate_document, failed_document, gold_of};
pub use family::Family;
pub use file_error::EvaluationFileError;
pub use gold::{GOLD_SCHEMA, Gold, GoldLink, GoldTarget, Origin, gold_from_annotations};
pub use group::{Breakdown, Group, SplitBy};
pub use judge::SystemResult;
pub use mode::Mode;
pub use pair::{Outcome, Pair, Verdict};
pub use pictures::PairPictures;
pub use reliability::{Reliability, ReliabilityBin};
pub use report::{DocumentReport, ModeResult, REPORT_SCHEMA, Report, SystemReport};
pub use score::{Prediction, ScoreOptions, score};
pub use select::{of_split, sha256_of_file};
pub use tally::Tally;
pub use training::{Labelled, Lesson, lessons};
