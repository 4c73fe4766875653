//! Whether a mention is of another work's visual.

use std::ops::Range;

use super::fold::Folded;
use super::lexicon::Lexicon;

/// How far a citation may reach from the mention, in bytes of the folded text.
const REACH: usize = 80;

/// Whether the words directly before or after a mention cite the work that it is in.
pub(super) fn is_elsewhere(text: &Folded, mention: &Range<usize>) -> bool {
    cites_after(text, mention.end) || cites_before(text.before(mention.start))
}

/// "of \[12\]", "in Smith et al. (2010)", "в \[5\]".
fn cites_after(text: &Folded, end: usize) -> bool {
    let start = text.skip_blank(end);
    let Some((end, _)) = Lexicon::get().of.starting_at(text, start) else {
        return false;
    };
    let at = text.skip_blank(end);
    let reach = text.from(at);
    let reach = reach
        .get(..reach.floor_char_boundary(REACH.min(reach.len())))
        .unwrap_or("");
    let reference = reach
        .strip_prefix("ref. ")
        .or_else(|| reach.strip_prefix("refs. "))
        .unwrap_or(reach);
    starts_with_key(reference) || text.is_upper(at) && names_and_year(text, at, reach)
}

/// "\[12\]", "\[Knu84, p. 3\]".
fn starts_with_key(text: &str) -> bool {
    let Some(inner) = text.strip_prefix('[') else {
        return false;
    };
    inner.starts_with(char::is_alphanumeric) && inner.contains(']')
}

/// "Smith and Jones (2010)", "Smith et al. \[5\]": capitalised names up to a year or key.
fn names_and_year(text: &Folded, at: usize, reach: &str) -> bool {
    let Some((names, rest)) = reach
        .find(['(', '['])
        .and_then(|at| reach.split_at_checked(at))
    else {
        return false;
    };
    let mut offset = 0;
    for word in names.split(' ') {
        let joins = matches!(
            word,
            "" | "and" | "et" | "al." | "al" | "und" | "y" | "e" | "и" | "&" | "de" | "van" | "von"
        );
        if !joins && !text.is_upper(at + offset) {
            return false;
        }
        offset += word.len() + 1;
    }
    rest.strip_prefix('(').is_some_and(starts_with_year) || starts_with_key(rest)
}

fn starts_with_year(text: &str) -> bool {
    text.len() >= 4
        && (text.starts_with("19") || text.starts_with("20"))
        && text.bytes().take(4).all(|b| b.is_ascii_digit())
}

/// "\[12, Fig. 3\]", "(Smith 2010, Fig. 3)", "文献\[5\]中的图3".
fn cites_before(before: &str) -> bool {
    let start = before.ceil_char_boundary(before.len().saturating_sub(REACH));
    let reach = before.get(start..).unwrap_or("");
    for genitive in ["]中的", "]中", "]の", "]的"] {
        if reach.ends_with(genitive) {
            return true;
        }
    }
    let Some(cited) = reach.trim_end_matches(' ').strip_suffix([',', ';']) else {
        return false;
    };
    let year = cited.trim_end_matches(|c: char| c.is_ascii_lowercase());
    let year = year.get(year.len().saturating_sub(4)..).unwrap_or("");
    let in_key = cited
        .rsplit_once('[')
        .is_some_and(|(_, key)| !key.is_empty() && !key.contains([']', ' ', '(']));
    let in_parentheses = cited.rfind('(') > cited.rfind(')');
    in_key || in_parentheses && starts_with_year(year)
}
