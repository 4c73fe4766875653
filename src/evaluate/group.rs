//! Sums over documents or pairs that have something in common.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    bootstrap::interval,
    judge::SystemResult,
    pair::{Pair, Verdict},
    report::{DocumentReport, ModeResult},
    tally::Tally,
};

/// The headline counts documents of at least this many pages.
const LONG_DOCUMENT: u32 = 20;

/// Documents or pairs that have something in common.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// What they have in common.
    pub name: String,
    /// Documents with pairs in the group.
    pub documents: u32,
    /// Their sums, each pair counting the same.
    pub tally: Tally,
    /// Mean of the documents' linked shares, each document counting the same.
    pub macro_linked: f64,
    /// Mean of the documents' error rates, each document counting the same.
    pub macro_error: f64,
    /// 95 % interval of the error rate over the choice of documents.
    pub error_interval: [f64; 2],
}

/// A way in which pairs are divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SplitBy {
    /// The document's number of pages.
    Pages,
    /// Pages from paragraph to visual.
    Distance,
    /// Whether a mention of the visual could be read in the paragraph.
    Naming,
    /// The document's language.
    Language,
    /// Kind of visual.
    Kind,
    /// Sort of document.
    Genre,
}

impl SplitBy {
    /// All of them, in order.
    pub const ALL: [SplitBy; 6] = [
        SplitBy::Pages,
        SplitBy::Distance,
        SplitBy::Naming,
        SplitBy::Language,
        SplitBy::Kind,
        SplitBy::Genre,
    ];

    /// What it is called in reports.
    pub fn title(self) -> &'static str {
        match self {
            SplitBy::Pages => "Pages of the document",
            SplitBy::Distance => "Pages from paragraph to visual",
            SplitBy::Naming => "Whether the paragraph names the visual",
            SplitBy::Language => "Language",
            SplitBy::Kind => "Kind of visual",
            SplitBy::Genre => "Sort of document",
        }
    }

    /// The group of a pair; without a pair, that of links that could not even be read.
    fn group_of(self, document: &DocumentReport, pair: Option<&Pair>) -> Option<GroupKey> {
        let (place, name) = match self {
            SplitBy::Pages => length_class(document.pages),
            SplitBy::Distance => distance_class(pair?.distance()),
            SplitBy::Naming if pair?.named? => (0, "named"),
            SplitBy::Naming => (1, "not named"),
            SplitBy::Language => (0, document.language.as_str()),
            SplitBy::Kind => (0, pair?.family.name()),
            SplitBy::Genre => (0, document.genre.as_str()),
        };
        Some((place, name.to_owned()))
    }
}

/// A group's place among those of its split, and its name.
type GroupKey = (u8, String);

/// The groups of a split.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Breakdown {
    /// How the pairs are divided.
    pub by: SplitBy,
    /// The groups that have pairs.
    pub groups: Vec<Group>,
}

/// A document's pairs as one system did on them.
#[derive(Clone, Copy)]
pub(super) struct Seen<'a> {
    pub(super) document: &'a DocumentReport,
    pub(super) result: &'a ModeResult,
    pub(super) system: &'a SystemResult,
}

impl<'a> Seen<'a> {
    pub(super) fn pairs(self) -> impl Iterator<Item = (&'a Pair, &'a Verdict)> {
        self.result.pairs.iter().zip(&self.system.verdicts)
    }
}

/// All documents, then those that are long.
pub(super) fn totals(seen: &[Seen<'_>]) -> Vec<Group> {
    let mut totals = groups(seen, |_, _| Some((0, "all documents".to_owned())));
    totals.extend(groups(seen, |document, _| {
        let is_long = document.pages >= LONG_DOCUMENT;
        is_long.then(|| (0, format!("{LONG_DOCUMENT} pages or more")))
    }));
    totals
}

pub(super) fn breakdowns(seen: &[Seen<'_>]) -> Vec<Breakdown> {
    let splits = SplitBy::ALL.into_iter();
    splits
        .map(|by| Breakdown {
            by,
            groups: groups(seen, |document, pair| by.group_of(document, pair)),
        })
        .collect()
}

/// Sums per document first, for the macro means.
fn groups(
    seen: &[Seen<'_>],
    group_of: impl Fn(&DocumentReport, Option<&Pair>) -> Option<GroupKey>,
) -> Vec<Group> {
    let mut tallies: BTreeMap<GroupKey, Vec<Tally>> = BTreeMap::new();
    for seen in seen {
        let mut own: BTreeMap<GroupKey, Vec<(&Pair, &Verdict)>> = BTreeMap::new();
        for (pair, verdict) in seen.pairs() {
            if let Some(key) = group_of(seen.document, Some(pair)) {
                own.entry(key).or_default().push((pair, verdict));
            }
        }
        let unread_links = seen.document.unread_links;
        let unread = group_of(seen.document, None).filter(|_| unread_links > 0);
        if let Some(key) = &unread {
            own.entry(key.clone()).or_default();
        }
        for (key, pairs) in own {
            let mut tally = Tally::of(pairs.into_iter());
            if unread.as_ref() == Some(&key) {
                tally.add_unread(unread_links);
            }
            tallies.entry(key).or_default().push(tally);
        }
    }
    tallies
        .into_iter()
        .map(|((_, name), tallies)| group(name, &tallies))
        .collect()
}

fn group(name: String, tallies: &[Tally]) -> Group {
    let mut sum = Tally::default();
    for tally in tallies {
        sum.merge(tally);
    }
    let rates: Vec<(u32, u32)> = tallies.iter().map(|t| (t.errors, t.pairs)).collect();
    let mean =
        |of: fn(&Tally) -> f64| tallies.iter().map(of).sum::<f64>() / tallies.len().max(1) as f64;
    Group {
        name,
        documents: u32::try_from(tallies.len()).unwrap_or(u32::MAX),
        macro_linked: mean(Tally::linked_share),
        macro_error: mean(Tally::error_rate),
        error_interval: interval(&rates),
        tally: sum,
    }
}

fn length_class(pages: u32) -> (u8, &'static str) {
    match pages {
        0..20 => (0, "1 to 19"),
        20..50 => (1, "20 to 49"),
        50..200 => (2, "50 to 199"),
        _ => (3, "200 and more"),
    }
}

fn distance_class(pages: u32) -> (u8, &'static str) {
    match pages {
        0 => (0, "0"),
        1 => (1, "1"),
        2..=5 => (2, "2 to 5"),
        _ => (3, "6 and more"),
    }
}
