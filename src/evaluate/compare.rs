//! Compares two reports: what got better and what worse, document by document and pair by pair.

use std::{
    collections::BTreeMap,
    fmt::{self, Display, Formatter},
};

use super::{
    metrics::{Outcome, Pair},
    report::{DocumentReport, Report, Tally},
};

/// Pairs that a document's list names for each kind of change; the counts have them all.
const MAX_LISTED: usize = 20;

/// What changed from one report to another.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Comparison {
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
    /// Whether its target was among the paragraph's k most probable visuals before.
    pub before_in_top_k: bool,
}

/// A key, and which of the items with that key it is.
type Nth<K> = (K, usize);
/// Page, box in tenths of a point, kind and number, page of the target.
type PairKey = (u32, [i32; 4], &'static str, String, u32);

impl Comparison {
    /// Compares two reports. Documents are found by their hash, else by their name; pairs by page,
    /// box and target.
    pub fn new(before: &Report, after: &Report) -> Comparison {
        let old = by_key(&before.documents, document_key);
        let new = by_key(&after.documents, document_key);
        let mut keys: Vec<&Nth<String>> = old.keys().chain(new.keys()).collect();
        keys.sort();
        keys.dedup();
        let mut comparison = Comparison {
            before: sum(&before.documents),
            after: sum(&after.documents),
            ..Comparison::default()
        };
        for key in keys {
            let change = document_change(old.get(key).copied(), new.get(key).copied());
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

fn by_key<T, K: Ord + Clone>(items: &[T], key: fn(&T) -> K) -> BTreeMap<Nth<K>, &T> {
    let mut seen: BTreeMap<K, usize> = BTreeMap::new();
    let keyed = items.iter().map(|item| {
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

fn pair_key(pair: &Pair) -> PairKey {
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

fn sum(documents: &[DocumentReport]) -> Tally {
    let mut sum = Tally::default();
    for document in documents {
        sum.merge(&document.tally);
    }
    sum
}

fn document_change(
    before: Option<&DocumentReport>,
    after: Option<&DocumentReport>,
) -> DocumentChange {
    let mut change = DocumentChange {
        file_name: after
            .or(before)
            .map_or_else(String::new, |document| document.file_name.clone()),
        before: before.map(|document| document.tally.clone()),
        after: after.map(|document| document.tally.clone()),
        ..DocumentChange::default()
    };
    let pairs = |of: Option<&'_ DocumentReport>| {
        of.map_or_else(Vec::new, |document| document.pairs.clone())
    };
    let (old, new) = (pairs(before), pairs(after));
    let (old, new) = (by_key(&old, pair_key), by_key(&new, pair_key));
    change.gone = old.keys().filter(|key| !new.contains_key(*key)).count();
    for (key, now) in new {
        let Some(then) = old.get(&key) else {
            change.new += 1;
            continue;
        };
        let list = match points(now).cmp(&points(then)) {
            std::cmp::Ordering::Greater => &mut change.better,
            std::cmp::Ordering::Less => &mut change.worse,
            std::cmp::Ordering::Equal if now.outcome != then.outcome => &mut change.other_cause,
            std::cmp::Ordering::Equal => continue,
        };
        list.push(PairChange {
            pair: now.clone(),
            before: then.outcome,
            before_in_top_k: then.in_top_k,
        });
    }
    change
}

/// How right a pair is: linked, and high enough among the paragraph's visuals.
fn points(pair: &Pair) -> u8 {
    u8::from(pair.outcome == Outcome::Linked) + u8::from(pair.in_top_k)
}

/// For people, in Markdown.
impl Display for Comparison {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
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
            state(self.pair.outcome, self.pair.in_top_k)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        evaluate::Family,
        geometry::{PageIndex, Rect},
    };

    fn pair(y: f32, number: &str, outcome: Outcome, in_top_k: bool) -> Pair {
        Pair {
            k: 1,
            links_made: 0,
            caption_found: false,
            visual_found: false,
            page: PageIndex(2),
            bbox: Rect::new(100.0, y, 110.0, y + 8.0),
            paragraph: None,
            paragraph_kind: None,
            family: Family::Figure,
            number: Some(number.to_owned()),
            target_page: PageIndex(3),
            outcome,
            in_top_k,
            rank: None,
            places: None,
        }
    }

    fn document(file_name: &str, sha256: &str, pairs: Vec<Pair>) -> DocumentReport {
        DocumentReport {
            file_name: file_name.to_owned(),
            sha256: sha256.to_owned(),
            ..DocumentReport::default()
        }
        .with_pairs(pairs)
    }

    #[test]
    fn changes_are_told_apart() {
        let before = Report::new(vec![
            document(
                "a.pdf",
                "aa",
                vec![
                    pair(10.0, "1", Outcome::Linked, true),
                    pair(20.0, "2", Outcome::NoLink, false),
                    pair(30.0, "3", Outcome::NoLink, false),
                    pair(40.0, "4", Outcome::Linked, true),
                    pair(50.0, "5", Outcome::Linked, true),
                    // The same twice: each is compared with its own.
                    pair(60.0, "6", Outcome::Linked, true),
                    pair(60.0, "6", Outcome::WrongLink, false),
                ],
            ),
            document(
                "same.pdf",
                "bb",
                vec![pair(1.0, "1", Outcome::NoLink, false)],
            ),
        ]);
        let after = Report::new(vec![
            document(
                "same.pdf",
                "bb",
                vec![pair(1.0, "1", Outcome::NoLink, false)],
            ),
            document(
                "renamed.pdf",
                "aa",
                vec![
                    pair(10.01, "1", Outcome::Linked, false),
                    pair(20.0, "2", Outcome::Linked, true),
                    pair(30.0, "3", Outcome::WrongLink, false),
                    pair(40.0, "4", Outcome::Linked, true),
                    pair(55.0, "5", Outcome::Linked, true),
                    pair(60.0, "6", Outcome::Linked, true),
                    pair(60.0, "6", Outcome::Linked, true),
                ],
            ),
        ]);
        let comparison = Comparison::new(&before, &after);
        assert_eq!(comparison.unchanged, 1);
        let [change] = comparison.documents.as_slice() else {
            panic!("{comparison:?}");
        };
        let numbers = |list: &[PairChange]| -> Vec<String> {
            let numbers = list.iter().map(|change| change.pair.number.clone());
            numbers.map(Option::unwrap_or_default).collect()
        };
        assert_eq!(numbers(&change.better), ["2", "6"]);
        assert_eq!(numbers(&change.worse), ["1"]);
        assert_eq!(numbers(&change.other_cause), ["3"]);
        assert_eq!((change.gone, change.new), (1, 1));
        let text = comparison.to_string();
        for line in [
            "| linked | 50.00 % | 75.00 % |",
            "Pairs: 2 better, 1 worse, 1 wrong for another cause, 1 gone, 1 new. \
             Documents: 1 changed, 1 not.",
            "- worse: page 3, figure 1 (page 4): linked -> linked (ranked too low)",
            "- better: page 3, figure 2 (page 4): no-link -> linked",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
    }

    #[test]
    fn documents_of_one_report_only_are_named() {
        let old = Report::new(vec![document("a.pdf", "", Vec::new())]);
        let new = Report::new(vec![document(
            "b.pdf",
            "",
            vec![pair(1.0, "1", Outcome::Linked, true)],
        )]);
        let text = Comparison::new(&old, &new).to_string();
        assert!(
            text.contains("linked: 0 of 0 before, not there after"),
            "{text}"
        );
        assert!(
            text.contains("linked: not there before, 1 of 1 after"),
            "{text}"
        );
    }

    #[test]
    fn what_loses_most_comes_first() {
        let right = |n| vec![pair(1.0, "1", Outcome::Linked, true); n];
        let wrong = |n| vec![pair(1.0, "1", Outcome::NoLink, false); n];
        let before = Report::new(vec![
            document("a", "", right(1)),
            document("b", "", right(3)),
            document("c", "", wrong(1)),
        ]);
        let after = Report::new(vec![
            document("a", "", wrong(1)),
            document("b", "", wrong(3)),
            document("c", "", right(1)),
        ]);
        let comparison = Comparison::new(&before, &after);
        let names: Vec<&str> = comparison
            .documents
            .iter()
            .map(|document| document.file_name.as_str())
            .collect();
        assert_eq!(names, ["b", "a", "c"]);
    }
}
