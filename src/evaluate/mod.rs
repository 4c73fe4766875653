//! Measures how often paragraphs and visuals are wrongly associated.
//!
//! [`gold_from_annotations`] takes from link annotations what is true; [`evaluate`] compares it
//! with an alignment that was made without them; [`run`] does both for many documents and
//! [`Report`] sums it up.

mod baselines;
mod bootstrap;
mod captions;
mod corpus_list;
mod family;
mod gold;
mod lines;
mod metrics;
mod mode;
mod refusal;
mod report;
mod run;
#[cfg(test)]
mod tests;

pub use baselines::{Baseline, BaselineRanks};
pub use corpus_list::{CorpusEntry, CorpusList, CorpusListError};
pub use family::Family;
pub use gold::{GOLD_SCHEMA, Gold, GoldLink, GoldTarget, Origin, gold_from_annotations};
pub use metrics::{Outcome, Pair, evaluate, evaluate_failed};
pub use mode::Mode;
pub use report::{DocumentReport, Group, ModeResult, Report, SystemReport, Tally};
pub use run::{EvaluateError, EvaluateOptions, read_gold, run};

#[cfg(test)]
use crate::pdf::test_page;
