//! Numbers with their parts, and the ranges between two of them.

use super::LabelNumber;
use super::numeral::{roman, roman_value};

/// A range of more visuals than this is taken as its two ends.
const MOST_IN_RANGE: u32 = 50;

/// A number that a list names.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Named {
    pub(super) number: LabelNumber,
    /// It lies between the printed ends of a range.
    pub(super) within: bool,
}

impl Named {
    fn printed(number: LabelNumber) -> Named {
        Named {
            number,
            within: false,
        }
    }
}

/// One number with its parts.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) number: String,
    pub(super) parts: Vec<String>,
    /// Where it ends in the folded text.
    pub(super) end: usize,
}

impl Item {
    /// The last part of the number as prefix, system and value.
    fn last(&self) -> Option<(&str, System<'_>, u32)> {
        let (head, last) = match self.number.rfind('.') {
            Some(dot) => self.number.split_at(dot + 1),
            None => ("", self.number.as_str()),
        };
        if let Some(value) = roman_value(last) {
            return Some((head, System::Roman, value));
        }
        let digits = last
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(last.len());
        let (letters, digits) = last.split_at(digits);
        Some((head, System::Arabic(letters), digits.parse().ok()?))
    }

    pub(super) fn value(&self) -> u32 {
        self.last().map_or(0, |(_, _, value)| value)
    }

    pub(super) fn targets(&self) -> Vec<Named> {
        let named = |part| Named::printed(LabelNumber::new(self.number.as_str(), part));
        if self.parts.is_empty() {
            return vec![named(None)];
        }
        let parts = self.parts.iter();
        parts.map(|part| named(Some(part))).collect()
    }
}

/// How a number counts: with Arabic digits after some letters, or Roman.
#[derive(Debug, Clone, Copy, PartialEq)]
enum System<'n> {
    Arabic(&'n str),
    Roman,
}

impl System<'_> {
    fn write(self, head: &str, value: u32) -> String {
        match self {
            System::Arabic(letters) => format!("{head}{letters}{value}"),
            System::Roman => format!("{head}{}", roman(value)),
        }
    }
}

/// The visuals of a range, its ends included.
pub(super) fn expand(first: &Item, last: &Item) -> Vec<Named> {
    let ends = || {
        let mut ends: Vec<_> = first.targets().into_iter().rev().take(1).collect();
        ends.extend(last.targets());
        ends
    };
    if first.number == last.number {
        return expand_parts(first, last).unwrap_or_else(ends);
    }
    expand_numbers(first, last).unwrap_or_else(ends)
}

fn expand_parts(first: &Item, last: &Item) -> Option<Vec<Named>> {
    let range = letter_range(single(first.parts.last()?)?, single(last.parts.first()?)?)?;
    let further = last.parts.iter().skip(1);
    let parts = range.iter().chain(further);
    Some(
        parts
            .map(|part| Named::printed(LabelNumber::new(first.number.as_str(), Some(part))))
            .collect(),
    )
}

fn expand_numbers(first: &Item, last: &Item) -> Option<Vec<Named>> {
    if !first.parts.is_empty() || !last.parts.is_empty() {
        return None;
    }
    let (head, system, from) = first.last()?;
    let (last_head, last_system, to) = last.last()?;
    // "3.1-4", "S1-4": the end leaves out what it shares with the start.
    let same = head == last_head && system == last_system;
    let short =
        last_head.is_empty() && last_system == System::Arabic("") && system != System::Roman;
    let count = to.checked_sub(from)?;
    if !(same || short) || count > MOST_IN_RANGE {
        return None;
    }
    let numbers = (from..=to).map(|value| Named {
        number: LabelNumber::new(system.write(head, value), None),
        within: value != from && value != to,
    });
    Some(numbers.collect())
}

/// The visuals from one number to another, both included; `None` if they don't make a range.
pub(super) fn range_between(from: &LabelNumber, to: &LabelNumber) -> Option<Vec<Named>> {
    let item = |number: &LabelNumber| Item {
        number: number.number.clone(),
        parts: number.part.iter().cloned().collect(),
        end: 0,
    };
    let (from, to) = (item(from), item(to));
    match from.number == to.number {
        true => expand_parts(&from, &to),
        false => expand_numbers(&from, &to),
    }
}

/// The one lower-case letter that a text is.
pub(super) fn single(text: &str) -> Option<char> {
    let mut letters = text.chars();
    let letter = letters.next().filter(|c| c.is_lowercase())?;
    letters.next().is_none().then_some(letter)
}

/// The letters from one to another.
pub(super) fn letter_range(first: char, last: char) -> Option<Vec<String>> {
    let count = (last as u32).checked_sub(first as u32)?;
    (count <= 26).then(|| (first..=last).map(String::from).collect())
}
