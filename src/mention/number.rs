//! The grammar of numbers: one ("3.2a", "A-1", "IV", "3(b)") and lists ("3a-c, 5 and 7").

use super::fold::Folded;
use super::lexicon::{Joiner, Languages, Lexicon, PlaceWord};
use super::numeral::{han_value, roman_value};
use super::phrases::is_unspaced;
use super::range::{Item, Named, expand, letter_range, single};

/// More numbers than this in one mention are no mention; it also bounds the work at one place.
const MOST_IN_LIST: usize = 60;

/// A bare number in a list is at most so much larger than the one before it; "Figure 3, 2010" is no
/// list.
const LARGEST_STEP: u32 = 100;

/// What is known of the noun that the numbers belong to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Context {
    pub(super) languages: Languages,
    pub(super) plural: bool,
    /// The noun is capitalised, so that a lone letter may be its number.
    pub(super) capital: bool,
    /// The numbers are ordinals before the noun: dots may follow them.
    pub(super) ordinal: bool,
    /// The text is a caption: "(a)" after a blank begins its text.
    pub(super) caption: bool,
}

/// The numbers found, and where they end.
#[derive(Debug)]
pub(super) struct Numbers {
    pub(super) targets: Vec<Named>,
    pub(super) end: usize,
}

/// The list of numbers at `at`.
pub(super) fn numbers_at(text: &Folded, at: usize, context: Context) -> Option<Numbers> {
    let first = parenthesised(text, at, context).or_else(|| item_at(text, at, context))?;
    let mut targets = first.targets();
    let mut last = first;
    while targets.len() < MOST_IN_LIST {
        let Some(next) = next_item(text, &last, context) else {
            break;
        };
        match next.joiner {
            Joiner::And => targets.extend(next.item.targets()),
            Joiner::To => {
                let range = expand(&last, &next.item);
                targets.extend(range.into_iter().skip(1));
            }
        }
        last = next.item;
    }
    Some(Numbers {
        targets,
        end: last.end,
    })
}

struct Next {
    joiner: Joiner,
    item: Item,
}

/// The number or part that continues a list after `last`.
fn next_item(text: &Folded, last: &Item, context: Context) -> Option<Next> {
    let after_page = page_end(text, last.end, context);
    let separator = separator_at(text, after_page.unwrap_or(last.end), context)?;
    let at = text.skip_blank(separator.end);
    if let Some(part) = part_after(text, at, last) {
        let joiner = separator.joiner;
        return Some(Next { joiner, item: part });
    }
    if separator.spaced_dash && !context.plural {
        return None;
    }
    let item = item_at(text, at, context)?;
    // "Figure 3 on page 8 and 9": a number after a page is rather another page.
    let compound = last.number.contains('.') && item.number.contains('.');
    if after_page.is_some() && !compound && page_end(text, item.end, context).is_none() {
        return None;
    }
    let (before, now) = (last.value(), item.value());
    let ascending = !context.ordinal || now > before;
    let near = separator.joiner == Joiner::To || now <= before.saturating_add(LARGEST_STEP);
    let plausible =
        separator.joiner == Joiner::To || continues_list(text, &separator, &item, last, context);
    (ascending && near && plausible).then_some(Next {
        joiner: separator.joiner,
        item,
    })
}

/// The end of "on page 86", which cross-references print after each number of a list.
fn page_end(text: &Folded, at: usize, context: Context) -> Option<usize> {
    let start = text.skip_blank(at);
    let bracketed = text.from(start).starts_with('(');
    let start = start + usize::from(bracketed);
    let (end, readings) = Lexicon::get().places_after.starting_at(text, start)?;
    let spoken = readings
        .iter()
        .any(|(spoken, word)| spoken & context.languages != 0 && *word == PlaceWord::Page);
    let (_, end) = digits_at(text, text.skip_blank(end)).filter(|_| spoken)?;
    match bracketed {
        true => text.from(end).starts_with(')').then_some(end + 1),
        false => Some(end),
    }
}

/// Whether a number after a comma still belongs to the noun: "In Table 2, 3 patients" has one.
fn continues_list(
    text: &Folded,
    separator: &Separator,
    item: &Item,
    last: &Item,
    context: Context,
) -> bool {
    let structured = |item: &Item| item.number.contains('.') || !item.parts.is_empty();
    if separator.is_comma && last.number.contains('.') != item.number.contains('.') {
        // "3.15,6" is rather a footnote's mark.
        return false;
    }
    if !separator.is_comma || context.plural || context.ordinal {
        return true;
    }
    if structured(item) && structured(last) {
        return true;
    }
    let rest = text.from(item.end);
    match rest.chars().next() {
        None => true,
        Some(',' | ';' | ')' | ']' | '）') => !context.caption,
        _ => separator_at(text, item.end, context).is_some_and(|next| {
            next.is_word && item_at(text, text.skip_blank(next.end), context).is_some()
        }),
    }
}

/// What stands between two numbers of a list.
struct Separator {
    joiner: Joiner,
    end: usize,
    is_comma: bool,
    is_word: bool,
    spaced_dash: bool,
}

fn separator_at(text: &Folded, at: usize, context: Context) -> Option<Separator> {
    // "1., 2. és 3. ábra"
    let dotted = context.ordinal && text.from(at).starts_with('.');
    let at = at + usize::from(dotted);
    let mut here = text.skip_blank(at);
    let spaced = here > at;
    let mut separator = Separator {
        joiner: Joiner::And,
        end: here,
        is_comma: false,
        is_word: false,
        spaced_dash: false,
    };
    if let Some(c @ (',' | ';' | '/' | '&' | '+' | '、')) = text.peek(here) {
        here += c.len_utf8();
        separator.is_comma = matches!(c, ',' | ';' | '、');
        separator.end = here;
        here = text.skip_blank(here);
    } else if let Some(c @ ('-' | '–' | '—' | '~')) = text.peek(here) {
        separator.joiner = Joiner::To;
        separator.spaced_dash = spaced && c != '~';
        separator.end = here + c.len_utf8();
        return Some(separator);
    }
    if let Some((joiner, end)) = joiner_at(text, here, context.languages) {
        separator.joiner = joiner;
        separator.end = end;
        separator.is_word = true;
        separator.is_comma = false;
        return Some(separator);
    }
    separator
        .is_comma
        .then_some(())
        .or_else(|| (separator.end > at + usize::from(spaced)).then_some(()))?;
    Some(separator)
}

/// The joining word at `at`; where languages differ ("a"), a range is the better guess.
pub(super) fn joiner_at(text: &Folded, at: usize, languages: Languages) -> Option<(Joiner, usize)> {
    let (end, readings) = Lexicon::get().joiners.starting_at(text, at)?;
    // "A.1, A.3" in a language with the word "a".
    let rest = text.from(end).strip_prefix(['.', '-']);
    if rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit())) {
        return None;
    }
    let mut joiners = readings
        .iter()
        .filter(|(spoken, _)| spoken & languages != 0)
        .map(|&(_, joiner)| joiner);
    let first = joiners.next()?;
    let to = first == Joiner::To || joiners.any(|joiner| joiner == Joiner::To);
    Some((if to { Joiner::To } else { Joiner::And }, end))
}

/// A part alone, that belongs to the number before it: the "c" of "3a-c", the "(b)" of "3(a), (b)".
fn part_after(text: &Folded, at: usize, last: &Item) -> Option<Item> {
    let previous = last.parts.last()?;
    let (parts, end) = match text.peek(at)? {
        '(' => parenthesised_parts(text, at)?,
        letter if letter.is_lowercase() => {
            let end = at + letter.len_utf8();
            let next = text.peek(end);
            if next.is_some_and(|c| c.is_alphanumeric() && !is_unspaced(c))
                || next == Some('.') && text.peek(end + 1).is_some_and(char::is_alphabetic)
            {
                return None;
            }
            (vec![letter.to_string()], end)
        }
        _ => return None,
    };
    let first = parts.first()?;
    (first > previous).then(|| Item {
        number: last.number.clone(),
        parts,
        end,
    })
}

/// "(3)", "(3.2a)", as equations have it.
fn parenthesised(text: &Folded, at: usize, context: Context) -> Option<Item> {
    let inner = text.from(at).strip_prefix('(').map(|_| at + 1)?;
    let mut item = item_at(text, text.skip_blank(inner), context)?;
    let close = text.skip_blank(item.end);
    text.from(close).strip_prefix(')')?;
    item.end = close + 1;
    Some(item)
}

/// The number at `at` with its parts.
fn item_at(text: &Folded, at: usize, context: Context) -> Option<Item> {
    let (mut number, mut end) = first_segment(text, at, context)?;
    while let Some((segment, after)) = next_segment(text, end, &number, context) {
        number.push('.');
        number.push_str(&segment);
        end = after;
    }
    let mut item = Item {
        number,
        parts: Vec::new(),
        end,
    };
    attach_parts(text, &mut item, context)?;
    is_number_end(text, &item).then_some(item)
}

/// The digits at `at` without leading zeros; none if there are too many for a number.
fn digits_at(text: &Folded, at: usize) -> Option<(String, usize)> {
    let rest = text.from(at);
    let length = rest.bytes().take(8).take_while(u8::is_ascii_digit).count();
    if length == 0 || length > 6 {
        return None;
    }
    let digits = rest.get(..length)?;
    let trimmed = digits.trim_start_matches('0');
    let number = if trimmed.is_empty() { "0" } else { trimmed };
    Some((number.to_owned(), at + length))
}

/// The run of cased letters at `at` (nine at most), in upper case, its end, and whether it was
/// printed in upper case.
fn letters_at(text: &Folded, at: usize) -> (String, usize, bool) {
    let mut letters = String::new();
    let mut end = at;
    let mut upper = true;
    for c in text.from(at).chars().take(9) {
        if !c.is_lowercase() {
            break;
        }
        upper &= text.is_upper(end);
        letters.extend(c.to_uppercase());
        end += c.len_utf8();
    }
    (letters, end, upper && end > at)
}

fn first_segment(text: &Folded, at: usize, context: Context) -> Option<(String, usize)> {
    if let Some(found) = digits_at(text, at) {
        return Some(found);
    }
    if let Some((value, length)) = han_value(text.from(at)) {
        return ends_han_numeral(text, at + length).then(|| (value.to_string(), at + length));
    }
    let (letters, end, upper) = letters_at(text, at);
    let count = letters.chars().count();
    let after = text.from(end);
    let digit_follows = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit());
    if upper && count <= 3 {
        if let Some((digits, end)) = digits_at(text, end) {
            return Some((format!("{letters}{digits}"), end));
        }
        if after
            .strip_prefix(['.', '-', '–'])
            .is_some_and(digit_follows)
        {
            return Some((letters, end));
        }
    }
    if roman_value(&letters).is_some() && (count >= 2 || upper && letters != "L") {
        return Some((letters, end));
    }
    (upper && count == 1 && context.capital && letters.is_ascii() && !context.ordinal)
        .then_some((letters, end))
}

/// A Han numeral is one if no word goes on with it: 图一所示, but not 图一样.
fn ends_han_numeral(text: &Folded, end: usize) -> bool {
    text.peek(end)
        .is_none_or(|c| !is_unspaced(c) || "所示中、。的和及与至为给にはをのが：，".contains(c))
}

/// ".2" or "-2" after a part of a number.
fn next_segment(
    text: &Folded,
    at: usize,
    number: &str,
    context: Context,
) -> Option<(String, usize)> {
    let rest = text.from(at);
    let separator = rest
        .chars()
        .next()
        .filter(|c| matches!(c, '.' | '-' | '·' | '–'))?;
    let after = at + separator.len_utf8();
    if let Some((digits, end)) = digits_at(text, after) {
        return joins(text, separator, number, &digits, end, context).then_some((digits, end));
    }
    if separator == '–' {
        return None;
    }
    let (letters, end, upper) = letters_at(text, after);
    let next = text.peek(end);
    if !upper || next.is_some_and(|c| c.is_alphabetic() && !is_unspaced(c)) {
        return None;
    }
    if letters.chars().count() <= 2
        && let Some((digits, end)) = digits_at(text, end)
    {
        // "A-1-A-3" is a range, "3-A1" a number.
        return (separator == '.' || !number.starts_with(char::is_alphabetic))
            .then(|| (format!("{letters}{digits}"), end));
    }
    let is_range = separator == '-' && roman_value(number).is_some();
    let numeral = roman_value(&letters).is_some() && letters.len() > 1;
    // "Fig. 3.I would": a letter alone must not begin a sentence.
    let lone = letters.chars().count() == 1 && next != Some(' ');
    (!is_range && (numeral || lone)).then_some((letters, end))
}

/// Whether digits after a hyphen, dash or dot are a further part of the number, or the end of a range.
fn joins(
    text: &Folded,
    separator: char,
    number: &str,
    digits: &str,
    end: usize,
    context: Context,
) -> bool {
    if matches!(separator, '.' | '·') {
        return true;
    }
    let is_compound = number.contains('.');
    let next_is_compound = text.from(end).starts_with('.')
        && text.from(end + 1).starts_with(|c: char| c.is_ascii_digit());
    let (before, now) = (number.parse::<u32>().ok(), digits.parse::<u32>().ok());
    let lettered = number.chars().all(char::is_alphabetic) && roman_value(number).is_none();
    match separator {
        // "A–1"; "3–2" counts down and is no range.
        '–' => lettered || (before.is_some() && now <= before && !next_is_compound),
        // "Figures 3-5" is a range, "Figure 3-5" a number; "3.1-3.4" is a range in any case.
        _ if next_is_compound => false,
        _ if context.plural || context.ordinal => lettered || (!is_compound && now <= before),
        _ => true,
    }
}

/// Takes the subfigure letters after a number; `None` if letters follow that make it no number.
fn attach_parts(text: &Folded, item: &mut Item, context: Context) -> Option<()> {
    let after_digit = text
        .before(item.end)
        .ends_with(|c: char| c.is_ascii_digit());
    let (letters, end, _) = letters_at(text, item.end);
    if !letters.is_empty() {
        let parts = after_digit.then(|| letter_parts(&letters)).flatten()?;
        if text.peek(end).is_some_and(|c| c.is_ascii_digit()) {
            return None;
        }
        item.parts = parts;
        item.end = end;
        return Some(());
    }
    let blank = text.skip_blank(item.end);
    if blank > item.end && context.caption {
        return Some(());
    }
    if let Some((parts, end)) = parenthesised_parts(text, blank) {
        item.parts = parts;
        item.end = end;
    } else if blank > item.end
        && let Some((part, end)) = spaced_part(text, blank)
    {
        item.parts = vec![part];
        item.end = end;
    }
    Some(())
}

/// The parts that letters directly after a digit name: one, or several in order ("ab", "acd").
fn letter_parts(letters: &str) -> Option<Vec<String>> {
    let lower: Vec<char> = letters.to_lowercase().chars().collect();
    let ascending = lower.windows(2).all(|pair| matches!(pair, [a, b] if a < b));
    let is_ordinal = matches!(letters, "ST" | "ND" | "RD" | "TH");
    let near = lower.len() == 1 || lower.iter().all(|&c| c.is_ascii_alphabetic() && c <= 'l');
    (ascending && near && !is_ordinal && lower.len() <= 5)
        .then(|| lower.iter().map(char::to_string).collect())
}

/// "(a)", "(a,b)", "(a-c)", "(ii)", "(A)".
fn parenthesised_parts(text: &Folded, at: usize) -> Option<(Vec<String>, usize)> {
    let rest = text.from(at).strip_prefix('(')?;
    let inner = rest.get(..rest.bytes().take(24).position(|b| b == b')')?)?;
    let end = at + inner.len() + 2;
    if let [first, last] = inner.split(['-', '–']).collect::<Vec<_>>().as_slice() {
        return Some((
            letter_range(single(first.trim())?, single(last.trim())?)?,
            end,
        ));
    }
    let parts: Option<Vec<String>> = inner
        .split([',', '/', '&'])
        .flat_map(|piece| piece.split(" and "))
        .map(|piece| {
            let piece = piece.trim();
            let is_roman =
                piece.len() > 1 && piece.bytes().all(|b| matches!(b, b'i' | b'v' | b'x'));
            (is_roman || single(piece).is_some()).then(|| piece.to_owned())
        })
        .collect();
    Some((parts?, end))
}

/// "Abb. 7 b)": a letter after a blank is a part only if punctuation follows it.
fn spaced_part(text: &Folded, at: usize) -> Option<(String, usize)> {
    let letter = text.peek(at).filter(char::is_ascii_lowercase)?;
    let closed = matches!(text.peek(at + 1), Some(')' | ',' | ';'));
    (closed && !text.is_upper(at)).then(|| (letter.to_string(), at + 1))
}

/// Whether what follows a number leaves it one: not "3 %", "1:1", "3.pdf", "3_old".
fn is_number_end(text: &Folded, item: &Item) -> bool {
    let end = item.end;
    let mut rest = text.from(end).chars();
    let (next, after) = (rest.next(), rest.next());
    match next {
        Some('%' | '‰' | '°' | '_' | '+' | '=' | '×' | '\\' | '@' | '$' | '€') => false,
        Some(':') => !after.is_some_and(|c| c.is_ascii_digit()),
        // "Fig. 2.8.right" names a panel.
        Some('.') if item.number.contains('.') => true,
        Some('.') => !after.is_some_and(|c| c.is_ascii_lowercase() && !text.is_upper(end + 1)),
        Some(' ') => !matches!(after, Some('%' | '‰' | '×' | '=' | '+')),
        Some(c) => !c.is_lowercase(),
        None => true,
    }
}
