//! Measures how often paragraphs and visuals are wrongly associated.
//!
//! [`gold_from_annotations`] takes from link annotations what is true; [`evaluate`] compares it
//! with an alignment that was made without them, [`evaluate_file`] with one that any program wrote;
//! [`run`] and [`score`] do so for many documents, [`Report`] sums it up.

mod baselines;
mod bootstrap;
mod captions;
mod chart;
mod compare;
mod corpus_list;
mod family;
mod file_error;
mod gold;
mod html;
mod lines;
mod metrics;
mod mode;
mod pictures;
mod refusal;
mod report;
mod run;
mod score;
mod select;
#[cfg(test)]
mod tests;
mod training;
mod view;
mod worst;

pub use baselines::{Baseline, BaselineRanks};
pub use compare::{Comparison, DocumentChange, PairChange};
pub use corpus_list::{CorpusEntry, CorpusList, CorpusListError, Split};
pub use family::Family;
pub use file_error::EvaluationFileError;
pub use gold::{GOLD_SCHEMA, Gold, GoldLink, GoldTarget, Origin, gold_from_annotations};
pub use metrics::{Outcome, Pair, Places, evaluate, evaluate_failed, evaluate_file};
pub use mode::Mode;
pub use pictures::PairPictures;
pub use report::{DocumentReport, Group, ModeResult, REPORT_SCHEMA, Report, SystemReport, Tally};
pub use run::{EvaluateError, EvaluateOptions, read_gold, run};
pub use score::{Prediction, score};
pub use select::of_split;
pub use training::{Labelled, Lesson, lessons};

#[cfg(test)]
use crate::pdf::test_page;
