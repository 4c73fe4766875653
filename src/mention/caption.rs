//! The label at the start of a caption, and the headings of lists of visuals.

use std::ops::Range;

use super::fold::Folded;
use super::lexicon::{FoundNoun, Lexicon};
use super::number::{Context, Numbers, numbers_at};
use super::parse::{Reading, number_start, ordinal_end, read_noun, with_series};
use super::phrases::is_unspaced;
use super::{Label, LabelNumber};

/// A label and what follows it lie within so many bytes of the text.
const REACH: usize = 400;

/// The label at the start of a caption.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaptionLabel {
    /// The label.
    pub label: Label,
    /// Byte range of the label in the text, from its start.
    pub span: Range<usize>,
    /// Whether a delimiter (":", ".", "-", a line's end) follows the number, as captions have it.
    pub delimited: bool,
    /// Whether it says "(continued)".
    pub continued: bool,
    /// Whether the text seems to go on with the sentence that the label begins: "Figure 3 shows",
    /// "图3所示", "Table 2, which". Never with a delimiter.
    pub sentence_like: bool,
}

/// The label at the start of a text, if it begins as a caption does.
///
/// A text that begins with several labels or a plural ("Figures 3 and 4") has none. One without a
/// number ("Figure: the works") has one only with a delimiter.
pub fn caption_label(text: &str) -> Option<CaptionLabel> {
    let reach = text.get(..text.floor_char_boundary(REACH.min(text.len())))?;
    let folded = Folded::new(reach);
    let opened = skip_opening(&folded);
    let (start, series, continued) = skip_modifiers(&folded, opened.at);
    let parsed = number_first(&folded, start).or_else(|| noun_first(&folded, start, continued))?;
    let number = parsed.number.clone();
    let number = number.map(|number| with_series(number, series));
    // Of "2. tabulā" the noun tells.
    let letter = folded.from(start).chars().find(|c| c.is_alphabetic());
    let cased = letter.is_some_and(char::is_lowercase);
    let after = follow(&folded, parsed.end, opened.bracket, cased);
    let names_itself = match number {
        None => names_without_number(&folded, opened.at, &parsed),
        Some(_) => after.delimited || !parsed.is_doubtful,
    };
    if !names_itself {
        return None;
    }
    let words = folded.original_text(opened.at..parsed.end);
    let label = Label {
        kind: parsed.kind,
        number,
        text: words.split_whitespace().collect::<Vec<_>>().join(" "),
    };
    Some(CaptionLabel {
        label,
        span: folded.original_range(opened.at..parsed.end),
        delimited: after.delimited,
        continued: continued || after.continued,
        sentence_like: after.sentence_like,
    })
}

/// Whether a noun without a number begins a caption: "Figure: the works", not "• Code: 12".
fn names_without_number(text: &Folded, start: usize, parsed: &Parsed) -> bool {
    use super::LabelKind::{Algorithm, Chart, Diagram, Figure, Listing, Table};
    let cased = text.peek(start).is_some_and(char::is_lowercase);
    let kind = matches!(
        parsed.kind,
        Figure | Table | Algorithm | Listing | Chart | Diagram
    );
    let blank = text.skip_blank(parsed.end);
    let dash = text.from(blank).starts_with(['–', '—']) && blank > parsed.end;
    start == 0
        && kind
        && (!cased || text.is_upper(start))
        && (dash || text.from(blank).starts_with([':', '|']))
}

struct Opening {
    at: usize,
    bracket: bool,
}

/// Skips bullets, blanks and opening brackets ("<그림 3>", "【图3】").
fn skip_opening(text: &Folded) -> Opening {
    let mut at = 0;
    let mut bracket = false;
    for c in text.text.chars().take(4) {
        match c {
            ' ' | '•' | '■' | '▲' | '▶' | '►' | '*' | '\u{fffd}' => {}
            '[' | '<' | '〈' | '《' | '【' | '「' | '〔' => bracket = true,
            _ => break,
        }
        at += c.len_utf8();
    }
    Opening { at, bracket }
}

/// Skips "Supplementary", "Fortsetzung von": where the label proper starts, the letters of its
/// series, and whether it is continued.
fn skip_modifiers(text: &Folded, start: usize) -> (usize, &'static str, bool) {
    let lexicon = Lexicon::get();
    let mut at = start;
    let mut continued = false;
    if let Some((end, _)) = lexicon.continued_before.starting_at(text, at) {
        continued = true;
        at = text.skip_blank(end + usize::from(text.from(end).starts_with(':')));
    }
    match lexicon.series.starting_at(text, at) {
        Some((end, [(_, letters), ..])) => (text.skip_blank(end), letters, continued),
        _ => (at, "", continued),
    }
}

/// A label's kind, number and end in the folded text.
struct Parsed {
    kind: super::LabelKind,
    number: Option<LabelNumber>,
    end: usize,
    /// Too little to go by without a delimiter: a lone letter, no number.
    is_doubtful: bool,
}

/// "Figure 3", "Abb. 7b", "图3-2", "Figure"; after "continuation of" also an inflected form.
fn noun_first(text: &Folded, start: usize, inflected: bool) -> Option<Parsed> {
    let noun = Lexicon::get().noun_at(text, start)?;
    let reading = read_noun(text, &noun)?;
    let allowed = reading.in_captions || inflected && !reading.plural;
    if !reading.numbered || !allowed {
        return None;
    }
    let numbers = number_start(text, &noun, &reading)
        .and_then(|at| numbers_at(text, at, reading.context(true)));
    match numbers {
        Some(numbers) => one_number(numbers, &reading),
        None => Some(Parsed {
            kind: reading.kind,
            number: None,
            end: reading.end,
            is_doubtful: true,
        }),
    }
}

/// "3. ábra", "2 pav.", "第3図", "S1 Fig".
fn number_first(text: &Folded, start: usize) -> Option<Parsed> {
    let counted = text.from(start).strip_prefix('第').is_some();
    let at = if counted {
        start + '第'.len_utf8()
    } else {
        start
    };
    let supplement = text.from(at).starts_with('s') && text.is_upper(at);
    if !supplement
        && !text
            .from(at)
            .starts_with(|c: char| c.is_ascii_alphanumeric())
    {
        return None;
    }
    let context = Context {
        languages: 0,
        plural: false,
        capital: false,
        ordinal: true,
        caption: true,
    };
    let numbers = numbers_at(text, at, context)?;
    let (noun, marked) = noun_after_number(text, numbers.end)?;
    let reading = read_noun(text, &noun).filter(|reading| reading.in_captions)?;
    let ordinal = reading.pre && marked && !reading.capitalised;
    let allowed = counted || supplement && reading.capital || reading.bare || ordinal;
    let parsed = one_number(numbers, &reading)?;
    allowed.then_some(Parsed {
        end: reading.end,
        is_doubtful: false,
        ..parsed
    })
}

/// The noun after a number and the mark of an ordinal.
fn noun_after_number(text: &Folded, end: usize) -> Option<(FoundNoun<'static>, bool)> {
    let lexicon = Lexicon::get();
    let suffix: String = text
        .from(end)
        .chars()
        .take(6)
        .enumerate()
        .take_while(|&(index, c)| match index {
            0 => matches!(c, '.' | '-'),
            _ => c.is_alphabetic() && !is_unspaced(c),
        })
        .map(|(_, c)| c)
        .collect();
    let noun_at = |at: usize| lexicon.noun_at(text, text.skip_blank(at));
    // "3-сурет" has no blank, "1-nji surat" has letters before it.
    for mark in [suffix.len(), usize::from(suffix.starts_with(['.', '-']))] {
        let (_, marked) = ordinal_end(text.before(end + mark));
        if let Some(noun) = noun_at(end + mark) {
            return Some((noun, marked));
        }
    }
    None
}

/// The label that a list of numbers makes: none if it names several visuals.
fn one_number(numbers: Numbers, reading: &Reading) -> Option<Parsed> {
    let first = &numbers.targets.first()?.number;
    let same = numbers
        .targets
        .iter()
        .all(|target| target.number.number == first.number);
    let part = first.part.as_deref().filter(|_| numbers.targets.len() == 1);
    let lone = !first.number.contains(|c: char| c.is_ascii_digit())
        && super::numeral::roman_value(&first.number).is_none();
    same.then(|| Parsed {
        kind: reading.kind,
        number: Some(LabelNumber::new(first.number.as_str(), part)),
        end: numbers.end,
        is_doubtful: lone,
    })
}

/// What follows a label.
#[derive(Default)]
struct After {
    delimited: bool,
    continued: bool,
    sentence_like: bool,
}

/// `cased`: the label is of a script with letter case.
fn follow(text: &Folded, end: usize, bracket: bool, cased: bool) -> After {
    let mut after = After::default();
    let mut at = end;
    if bracket
        && text
            .from(at)
            .starts_with([']', '>', '〉', '》', '】', '」', '〕'])
    {
        after.delimited = true;
        at += text.peek(at).map_or(0, char::len_utf8);
    }
    if let Some(next) = continuation(text, at) {
        after.continued = true;
        at = next;
    }
    let blank = text.skip_blank(at);
    after.delimited |= is_delimiter(text, at, blank);
    if after.delimited {
        let next = text
            .from(blank)
            .trim_start_matches([':', '.', '-', '–', '—', ' ', '|', ')']);
        let next = text.text.len() - next.len();
        after.continued |= continuation(text, next).is_some();
    } else {
        after.sentence_like = goes_on(text, at, blank, cased);
    }
    after
}

/// The end of "(continued)", "(续)", "– continued" at `at`.
fn continuation(text: &Folded, at: usize) -> Option<usize> {
    let rest = text.from(at).trim_start_matches([' ', ',', '–', '—', '-']);
    let inner = rest.trim_start_matches(['(', '[']);
    let start = text.text.len() - inner.len();
    let (end, _) = Lexicon::get().continued.starting_at(text, start)?;
    let closed = text.from(end).trim_start_matches([')', ']', '.']);
    let bracketed = inner.len() < rest.len();
    let is_end = closed.is_empty() || closed.starts_with([' ', ':']);
    (bracketed || is_end).then(|| text.text.len() - closed.len())
}

/// Whether a delimiter stands after a label that ends at `at`, blanks before it ending at `blank`.
fn is_delimiter(text: &Folded, at: usize, blank: usize) -> bool {
    let gap = text.original_text(at..blank);
    if gap.contains(['\n', '\r', '\u{2002}', '\u{2003}', '\u{3000}', '\t'])
        || gap.chars().count() > 1
    {
        return true;
    }
    let mut rest = text.from(blank).chars();
    let (next, second) = (rest.next(), rest.next());
    match next {
        None => true,
        // "Fig. 3.8.top shows"
        Some('.') if second.is_some_and(|c| c.is_ascii_lowercase()) => text.is_upper(blank + 1),
        Some(':' | '.' | '|' | '。' | ';' | '】' | '》' | '▶' | '►' | '•' | '/') => true,
        // "Figure 3) and", "Figure 3)." end a remark in brackets.
        Some(')') => {
            !second.is_some_and(|c| matches!(c, '.' | ',' | ';'))
                && !starts_lower(text, text.skip_blank(blank + 1))
        }
        Some('-' | '–' | '—' | '~') => blank > at || second.is_none_or(|c| c == ' '),
        Some(',') => is_quoted_title(text.from(blank + 1).trim_start()),
        Some('"' | '“' | '«' | '「' | '„') => true,
        _ => false,
    }
}

/// 'Figure 3, "title"': the title ends the text. In running text, where publishing tools write the
/// title after every label too, the sentence goes on after it.
fn is_quoted_title(rest: &str) -> bool {
    let Some(title) = rest.strip_prefix(['"', '“', '\'', '«', '„']) else {
        return false;
    };
    match title.find(['"', '”', '»', '“']) {
        // Cut off by the line's end, or by the reach of the look.
        None => true,
        Some(close) => title
            .get(close..)
            .unwrap_or("")
            .trim_start_matches(['"', '”', '»', '“'])
            .trim_matches(|c: char| c == '.' || c == ' ')
            .is_empty(),
    }
}

/// Whether the text after a label goes on with a sentence.
fn goes_on(text: &Folded, at: usize, blank: usize, cased: bool) -> bool {
    if text.from(blank).starts_with(',') {
        // "Figure 3, The works" is set off by its comma.
        let next = text.skip_blank(blank + 1);
        return !(text.is_upper(next) && Lexicon::get().noun_at(text, next).is_none());
    }
    if text.from(blank).starts_with(')') {
        return true;
    }
    if let Some((inner, end)) = parenthesis(text, blank) {
        // "Figure 3 (left) shows", but "Figure 3 (a) left, (b) right".
        let next = text.skip_blank(end);
        let lettered = inner.chars().count() == 1;
        let unspaced = text.peek(next).is_some_and(is_unspaced);
        return (unspaced || !lettered)
            && !is_delimiter(text, end, next)
            && goes_on(text, end, next, cased);
    }
    let Some(next) = text.peek(blank) else {
        return false;
    };
    let is_hangul = |c| matches!(c, '\u{ac00}'..='\u{d7a3}');
    if is_unspaced(next) {
        return Lexicon::get().run_on.starting_at(text, blank).is_some();
    }
    if is_hangul(next) {
        // Particles are written with the number: "그림 3은".
        return blank == at;
    }
    cased && starts_lower(text, blank) || next == '\''
}

fn starts_lower(text: &Folded, at: usize) -> bool {
    text.peek(at).is_some_and(char::is_lowercase) && !text.is_upper(at)
}

/// The short parenthesis at `at`, and its end.
fn parenthesis<'f>(text: &'f Folded, at: usize) -> Option<(&'f str, usize)> {
    let rest = text.from(at).strip_prefix('(')?;
    let inner = rest.get(..rest.bytes().take(24).position(|b| b == b')')?)?;
    Some((inner, at + inner.len() + 2))
}

/// Whether a heading's text is that of a list of figures, tables and the like ("List of Figures",
/// "Abbildungsverzeichnis", "插图目录"); a number before it and a page after it do no harm.
pub fn is_list_of_visuals_heading(text: &str) -> bool {
    if text.len() > 200 {
        return false;
    }
    let folded = Folded::new(text);
    let is_margin = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '.' | ':' | '·' | '…' | '-');
    let heading = folded.text.trim_matches(is_margin);
    let start = folded.text.len() - folded.text.trim_start_matches(is_margin).len();
    let cased = heading.starts_with(char::is_lowercase);
    (!cased || folded.is_upper(start)) && Lexicon::get().is_heading(heading)
}
