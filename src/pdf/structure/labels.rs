//! Printed page labels ("xii", "3-4").

use lopdf::Dictionary;

use super::objects::Objects;

/// Roman and letter numbers above this would be long rows of one letter; they are written in
/// digits.
const MAX_LETTERS: u32 = 4_999;
/// Longest prefix that is kept, in characters.
const MAX_PREFIX: usize = 100;

/// How the pages from one on are numbered.
struct Range {
    first: u32,
    style: Option<u8>,
    prefix: String,
    start: u32,
}

/// One label for each page, or none at all where the file has no labels.
pub(super) fn read<'a>(
    objects: &Objects<'a>,
    catalog: &'a Dictionary,
    page_count: u32,
) -> Vec<String> {
    let Some(tree) = objects.dict(catalog, b"PageLabels") else {
        return Vec::new();
    };
    let mut ranges: Vec<Range> = objects
        .tree_entries(tree, b"Nums")
        .into_iter()
        .filter_map(|(first, range)| {
            let first = u32::try_from(first.as_i64().ok()?).ok()?;
            Some(Range::read(
                objects,
                first,
                objects.resolve(range)?.as_dict().ok()?,
            ))
        })
        .filter(|range| range.first < page_count)
        .collect();
    if ranges.is_empty() {
        return Vec::new();
    }
    ranges.sort_by_key(|range| range.first);
    (0..page_count).map(|page| label(&ranges, page)).collect()
}

fn label(ranges: &[Range], page: u32) -> String {
    let after = ranges.partition_point(|range| range.first <= page);
    match after.checked_sub(1).and_then(|at| ranges.get(at)) {
        Some(range) => range.label(page),
        None => (page + 1).to_string(),
    }
}

impl Range {
    fn read<'a>(objects: &Objects<'a>, first: u32, dict: &'a Dictionary) -> Range {
        let prefix = objects.text(dict, b"P").unwrap_or_default();
        Range {
            first,
            style: objects
                .name(dict, b"S")
                .and_then(|style| style.first())
                .copied(),
            prefix: prefix.chars().take(MAX_PREFIX).collect(),
            start: objects
                .integer(dict, b"St")
                .and_then(|start| u32::try_from(start).ok())
                .unwrap_or(1),
        }
    }

    fn label(&self, page: u32) -> String {
        let number = self.start.saturating_add(page - self.first);
        let number = match self.style {
            Some(b'R') => roman(number),
            Some(b'r') => roman(number).to_lowercase(),
            Some(b'A') => letters(number),
            Some(b'a') => letters(number).to_lowercase(),
            Some(_) => number.to_string(),
            None => String::new(),
        };
        format!("{}{number}", self.prefix)
    }
}

const ROMAN: [(u32, &str); 13] = [
    (1000, "M"),
    (900, "CM"),
    (500, "D"),
    (400, "CD"),
    (100, "C"),
    (90, "XC"),
    (50, "L"),
    (40, "XL"),
    (10, "X"),
    (9, "IX"),
    (5, "V"),
    (4, "IV"),
    (1, "I"),
];

fn roman(mut number: u32) -> String {
    if number == 0 || number > MAX_LETTERS {
        return number.to_string();
    }
    let mut text = String::new();
    for (value, numeral) in ROMAN {
        while number >= value {
            text.push_str(numeral);
            number -= value;
        }
    }
    text
}

/// A to Z, then AA to ZZ, then AAA to ZZZ, as the standard has it.
fn letters(number: u32) -> String {
    if number == 0 || number > MAX_LETTERS {
        return number.to_string();
    }
    let letter = char::from(b'A' + ((number - 1) % 26) as u8);
    std::iter::repeat_n(letter, ((number - 1) / 26 + 1) as usize).collect()
}
