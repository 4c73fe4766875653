//! Compares two reports: what got better and what worse, document by document and pair by pair.

use std::{
    collections::BTreeMap,
    fmt::{self, Display, Formatter},
};

use super::{
    mode::Mode,
    pair::{Outcome, Pair, Verdict},
    report::{DocumentReport, Report, SystemReport},
    tally::Tally,
};

/// Pairs that a document's list names for each kind of change; the counts have them all.
const MAX_LISTED: usize = 20;

/// What changed from one report to another.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Comparison {
    /// The headline error of each system and mode that either report has, before and after.
    pub systems: Vec<SystemChange>,
    /// What changed in each mode that both reports have, for the first system of each.
    pub modes: Vec<ModeComparison>,
}

/// A system's headline error rates in a mode; `None` where a report lacks it.
#[derive(Debug, Clone, PartialEq)]
pub struct SystemChange {
    /// The mode.
    pub mode: Mode,
    /// The system's name.
    pub name: String,
    /// The rate before, 0 to 1.
    pub before: Option<f64>,
    /// The rate after, 0 to 1.
    pub after: Option<f64>,
}

/// What changed in one mode.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ModeComparison {
    /// The mode.
    pub mode: Mode,
    /// The sums of both reports, over the documents that each has.
    pub before: Tally,
    /// See [`before`](Self::before).
    pub after: Tally,
    /// The documents in which something changed, those that lost most first.
    pub documents: Vec<DocumentChange>,
    /// Documents in which nothing did.
    pub unchanged: usize,
}

/// What changed in a document.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DocumentChange {
    /// The file's name.
    pub file_name: String,
    /// Its sums; `None` where the first report does not have it.
    pub before: Option<Tally>,
    /// Its sums; `None` where the second report does not have it.
    pub after: Option<Tally>,
    /// Pairs that are more right than before.
    pub better: Vec<PairChange>,
    /// Pairs that are less right than before.
    pub worse: Vec<PairChange>,
    /// Pairs that are as wrong as before for another cause.
    pub other_cause: Vec<PairChange>,
    /// Pairs of the first report only: the gold or the paragraphs have changed.
    pub gone: usize,
    /// Pairs of the second report only.
    pub new: usize,
}

/// A pair that went otherwise than before.
#[derive(Debug, Clone, PartialEq)]
pub struct PairChange {
    /// The pair as it is now.
    pub pair: Pair,
    /// How it went before.
    pub before: Outcome,
    /// How it went after.
    pub after: Outcome,
    /// Whether its target was among the paragraph's k most probable visuals before.
    pub before_in_top_k: bool,
    /// Whether it is now.
    pub after_in_top_k: bool,
}

/// A pair and how the first system did on it.
type Judged<'a> = (&'a Pair, &'a Verdict);

/// A key, and which of the items with that key it is.
type Nth<K> = (K, usize);
/// Page, box in tenths of a point, kind and number, page of the target.
type PairKey = (u32, [i32; 4], &'static str, String, u32);

impl Comparison {
    /// Compares two reports. Documents are found by their hash, else by their name; pairs by page,
    /// box and target.
    pub fn new(before: &Report, after: &Report) -> Comparison {
        let in_both = before.modes().into_iter();
        let in_both = in_both.filter(|mode| after.in_mode(*mode).next().is_some());
        Comparison {
            systems: system_changes(before, after),
            modes: in_both
                .map(|mode| ModeComparison::new(mode, before, after))
                .collect(),
        }
    }
}

fn system_changes(before: &Report, after: &Report) -> Vec<SystemChange> {
    let mut changes: Vec<SystemChange> = Vec::new();
    let rate = |system: &SystemReport| Some(system.headline()?.tally.error_rate());
    for (is_after, system) in before
        .systems
        .iter()
        .map(|system| (false, system))
        .chain(after.systems.iter().map(|system| (true, system)))
    {
        let same =
            |change: &&mut SystemChange| change.mode == system.mode && change.name == system.name;
        match changes.iter_mut().find(same) {
            Some(known) => known.after = rate(system),
            None => changes.push(SystemChange {
                mode: system.mode,
                name: system.name.clone(),
                before: rate(system).filter(|_| !is_after),
                after: rate(system).filter(|_| is_after),
            }),
        }
    }
    changes
}

impl ModeComparison {
    fn new(mode: Mode, before: &Report, after: &Report) -> ModeComparison {
        let old = by_key(before.documents.iter(), document_key);
        let new = by_key(after.documents.iter(), document_key);
        let mut keys: Vec<&Nth<String>> = old.keys().chain(new.keys()).collect();
        keys.sort();
        keys.dedup();
        let mut comparison = ModeComparison {
            mode,
            before: sum(&before.documents, mode),
            after: sum(&after.documents, mode),
            ..ModeComparison::default()
        };
        for key in keys {
            let change = document_change(mode, old.get(key).copied(), new.get(key).copied());
            if change.is_empty() {
                comparison.unchanged += 1;
            } else {
                comparison.documents.push(change);
            }
        }
        comparison
            .documents
            .sort_by(|a, b| b.lost().cmp(&a.lost()).then(a.file_name.cmp(&b.file_name)));
        comparison
    }

    fn count(&self, of: impl Fn(&DocumentChange) -> usize) -> usize {
        self.documents.iter().map(of).sum()
    }
}

impl DocumentChange {
    /// Pairs lost on balance.
    fn lost(&self) -> i64 {
        let count = |pairs: &[PairChange]| i64::try_from(pairs.len()).unwrap_or(i64::MAX);
        count(&self.worse) - count(&self.better)
    }

    fn is_empty(&self) -> bool {
        let lists = [&self.better, &self.worse, &self.other_cause];
        lists.iter().all(|list| list.is_empty())
            && self.gone + self.new == 0
            && self.before == self.after
    }
}

fn by_key<T: Copy, K: Ord + Clone>(
    items: impl Iterator<Item = T>,
    key: fn(T) -> K,
) -> BTreeMap<Nth<K>, T> {
    let mut seen: BTreeMap<K, usize> = BTreeMap::new();
    let keyed = items.map(|item| {
        let key = key(item);
        let nth = seen.entry(key.clone()).or_default();
        *nth += 1;
        ((key, *nth), item)
    });
    keyed.collect()
}

fn document_key(document: &DocumentReport) -> String {
    if document.sha256.is_empty() {
        document.file_name.clone()
    } else {
        document.sha256.clone()
    }
}

fn pair_key((pair, _): Judged<'_>) -> PairKey {
    let tenths = |value: f32| (value * 10.0).round() as i32;
    let b = pair.bbox;
    (
        pair.page.0,
        [tenths(b.x0), tenths(b.y0), tenths(b.x1), tenths(b.y1)],
        pair.family.name(),
        pair.number.clone().unwrap_or_default(),
        pair.target_page.0,
    )
}

fn sum(documents: &[DocumentReport], mode: Mode) -> Tally {
    let mut sum = Tally::default();
    for document in documents {
        sum.merge(&document.tally(mode));
    }
    sum
}

fn document_change(
    mode: Mode,
    before: Option<&DocumentReport>,
    after: Option<&DocumentReport>,
) -> DocumentChange {
    let mut change = DocumentChange {
        file_name: after
            .or(before)
            .map_or_else(String::new, |document| document.file_name.clone()),
        before: before.map(|document| document.tally(mode)),
        after: after.map(|document| document.tally(mode)),
        ..DocumentChange::default()
    };
    let (old, new) = (judged(mode, before), judged(mode, after));
    change.gone = old.keys().filter(|key| !new.contains_key(*key)).count();
    for (key, now) in new {
        let Some(then) = old.get(&key) else {
            change.new += 1;
            continue;
        };
        let other_cause = now.1.outcome != then.1.outcome;
        let list = match points(now).cmp(&points(*then)) {
            std::cmp::Ordering::Greater => &mut change.better,
            std::cmp::Ordering::Less => &mut change.worse,
            std::cmp::Ordering::Equal if other_cause => &mut change.other_cause,
            std::cmp::Ordering::Equal => continue,
        };
        list.push(PairChange {
            pair: now.0.clone(),
            before: then.1.outcome,
            after: now.1.outcome,
            before_in_top_k: then.1.in_top_k(then.0),
            after_in_top_k: now.1.in_top_k(now.0),
        });
    }
    change
}

fn judged(mode: Mode, document: Option<&DocumentReport>) -> BTreeMap<Nth<PairKey>, Judged<'_>> {
    let pairs = document.into_iter();
    by_key(pairs.flat_map(|document| document.judged(mode)), pair_key)
}

/// How right a pair is: linked, and high enough among the paragraph's visuals.
fn points((pair, verdict): Judged<'_>) -> u8 {
    u8::from(verdict.outcome == Outcome::Linked) + u8::from(verdict.in_top_k(pair))
}

/// For people, in Markdown.
impl Display for Comparison {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| mode | system | error before | after |\n|---|---|---:|---:|"
        )?;
        let rate = |rate: Option<f64>| {
            rate.map_or("not there".to_owned(), |rate| {
                format!("{:.1} %", rate * 100.0)
            })
        };
        for system in &self.systems {
            let (before, after) = (rate(system.before), rate(system.after));
            let mode = system.mode.name();
            writeln!(f, "| {mode} | {} | {before} | {after} |", system.name)?;
        }
        self.modes.iter().try_for_each(|mode| write!(f, "\n{mode}"))
    }
}

impl Display for ModeComparison {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "# {}\n", self.mode.name())?;
        writeln!(f, "| | before | after |\n|---|---:|---:|")?;
        writeln!(
            f,
            "| pairs | {} | {} |",
            self.before.pairs, self.after.pairs
        )?;
        let percent = |share: f64| format!("{:.2} %", share * 100.0);
        for (name, of) in [
            ("linked", Tally::linked_share as fn(&Tally) -> f64),
            ("association error", Tally::error_rate),
        ] {
            let (before, after) = (percent(of(&self.before)), percent(of(&self.after)));
            writeln!(f, "| {name} | {before} | {after} |")?;
        }
        writeln!(
            f,
            "\nPairs: {} better, {} worse, {} wrong for another cause, {} gone, {} new. \
             Documents: {} changed, {} not.",
            self.count(|document| document.better.len()),
            self.count(|document| document.worse.len()),
            self.count(|document| document.other_cause.len()),
            self.count(|document| document.gone),
            self.count(|document| document.new),
            self.documents.len(),
            self.unchanged
        )?;
        self.documents
            .iter()
            .try_for_each(|document| write!(f, "\n{document}"))
    }
}

impl Display for DocumentChange {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let linked = |tally: &Option<Tally>| match tally {
            Some(tally) => format!("{} of {}", tally.linked, tally.pairs),
            None => "not there".to_owned(),
        };
        writeln!(
            f,
            "## {}\n\nlinked: {} before, {} after; {} better, {} worse, {} other cause, {} gone, \
             {} new",
            self.file_name,
            linked(&self.before),
            linked(&self.after),
            self.better.len(),
            self.worse.len(),
            self.other_cause.len(),
            self.gone,
            self.new
        )?;
        for (name, list) in [
            ("better", &self.better),
            ("worse", &self.worse),
            ("other cause", &self.other_cause),
        ] {
            for change in list.iter().take(MAX_LISTED) {
                writeln!(f, "- {name}: {change}")?;
            }
            if list.len() > MAX_LISTED {
                writeln!(f, "- {name}: {} more", list.len() - MAX_LISTED)?;
            }
        }
        Ok(())
    }
}

impl Display for PairChange {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let place = |in_top_k: bool| if in_top_k { "" } else { " (ranked too low)" };
        let state = |outcome: Outcome, in_top_k: bool| match outcome {
            Outcome::Linked => format!("linked{}", place(in_top_k)),
            _ => outcome.name().to_owned(),
        };
        write!(
            f,
            "page {}, {}: {} -> {}",
            self.pair.page.number(),
            self.pair.target_name(),
            state(self.before, self.before_in_top_k),
            state(self.after, self.after_in_top_k)
        )
    }
}

#[cfg(test)]
mod tests;
