//! Sums over pairs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::pair::{Outcome, Pair, Verdict};

/// Recall is counted among so many visuals.
const RECALL_AT: [u32; 3] = [1, 3, 5];

/// Sums over pairs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    /// All pairs.
    pub pairs: u32,
    /// Pairs that the system links.
    pub linked: u32,
    /// Pairs whose target is not among the k most probable visuals of the paragraph.
    pub errors: u32,
    /// Pairs by what went wrong first.
    pub causes: BTreeMap<Outcome, u32>,
    /// Pairs whose target is the most probable visual, among the 3, among the 5 most probable.
    pub recalled: [u32; 3],
    /// Links of the paragraphs with pairs, right or wrong.
    pub links_made: u32,
    /// Different targets.
    pub targets: u32,
    /// Targets that no pair gets right: visuals that nobody would find by their paragraphs.
    pub targets_missed: u32,
    /// Targets whose captions the program has.
    pub captions_found: u32,
    /// Targets whose pictures or tables it found too.
    pub visuals_found: u32,
}

/// What the sums need to know of a target.
#[derive(Default)]
struct TargetState {
    reached: bool,
    caption: bool,
    visual: bool,
}

impl Tally {
    /// The sums of some pairs of one document.
    pub(super) fn of<'a>(pairs: impl Iterator<Item = (&'a Pair, &'a Verdict)>) -> Tally {
        let mut tally = Tally::default();
        let mut targets: BTreeMap<_, TargetState> = BTreeMap::new();
        let mut paragraphs: BTreeMap<&str, u32> = BTreeMap::new();
        for (pair, verdict) in pairs {
            tally.add(pair, verdict);
            let target = targets.entry(pair.target_key()).or_default();
            target.reached |= verdict.in_top_k(pair);
            target.caption |= pair.caption_found;
            target.visual |= pair.visual_found;
            if let Some(paragraph) = &pair.paragraph {
                paragraphs.insert(paragraph, verdict.links);
            }
        }
        let count = |test: fn(&TargetState) -> bool| {
            u32::try_from(targets.values().filter(|t| test(t)).count()).unwrap_or(u32::MAX)
        };
        tally.targets = count(|_| true);
        tally.targets_missed = count(|target| !target.reached);
        tally.captions_found = count(|target| target.caption);
        tally.visuals_found = count(|target| target.visual);
        tally.links_made = paragraphs.values().sum();
        tally
    }

    fn add(&mut self, pair: &Pair, verdict: &Verdict) {
        self.pairs += 1;
        self.linked += u32::from(verdict.outcome == Outcome::Linked);
        self.errors += u32::from(!verdict.in_top_k(pair));
        for (count, n) in self.recalled.iter_mut().zip(RECALL_AT) {
            *count += u32::from(verdict.rank.is_some_and(|rank| rank <= n));
        }
        *self.causes.entry(verdict.outcome).or_default() += 1;
    }

    /// Adds another's sums.
    pub(super) fn merge(&mut self, other: &Tally) {
        self.pairs += other.pairs;
        self.linked += other.linked;
        self.errors += other.errors;
        for (cause, count) in &other.causes {
            *self.causes.entry(*cause).or_default() += count;
        }
        for (ours, theirs) in self.recalled.iter_mut().zip(other.recalled) {
            *ours += theirs;
        }
        self.links_made += other.links_made;
        self.targets += other.targets;
        self.targets_missed += other.targets_missed;
        self.captions_found += other.captions_found;
        self.visuals_found += other.visuals_found;
    }

    /// Counts links of a document of which not even the gold could be read.
    pub(super) fn add_unread(&mut self, links: u32) {
        self.pairs += links;
        self.errors += links;
        if links > 0 {
            *self.causes.entry(Outcome::DocumentFailed).or_default() += links;
        }
    }

    /// Share of targets that no pair gets right, 0 to 1.
    pub fn target_error_rate(&self) -> f64 {
        share(self.targets_missed, self.targets).unwrap_or(0.0)
    }

    /// Shares of pairs whose target is among the 1, 3 and 5 most probable visuals.
    pub fn recall(&self) -> [f64; 3] {
        self.recalled
            .map(|count| share(count, self.pairs).unwrap_or(1.0))
    }

    /// Share of the links made that are right, of paragraphs with gold. A link to a visual that a
    /// paragraph does discuss without saying so counts as wrong: it is a lower bound.
    pub fn precision(&self) -> f64 {
        share(self.linked.min(self.links_made), self.links_made).unwrap_or(1.0)
    }

    /// Harmonic mean of precision and the linked share.
    pub fn f1(&self) -> f64 {
        let (p, r) = (self.precision(), self.linked_share());
        if p + r > 0.0 {
            2.0 * p * r / (p + r)
        } else {
            0.0
        }
    }

    /// Share of targets whose captions were found.
    pub fn caption_share(&self) -> f64 {
        share(self.captions_found, self.targets).unwrap_or(1.0)
    }

    /// Share of targets whose pictures or tables were found.
    pub fn visual_share(&self) -> f64 {
        share(self.visuals_found, self.targets).unwrap_or(1.0)
    }

    /// Share of pairs that the system links, 0 to 1; 1 for none.
    pub fn linked_share(&self) -> f64 {
        share(self.linked, self.pairs).unwrap_or(1.0)
    }

    /// Association error rate, 0 to 1; 0 for no pairs.
    pub fn error_rate(&self) -> f64 {
        share(self.errors, self.pairs).unwrap_or(0.0)
    }
}

fn share(part: u32, whole: u32) -> Option<f64> {
    (whole > 0).then(|| f64::from(part) / f64::from(whole))
}
