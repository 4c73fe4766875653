//! The grammar of mentions around the words of the lexicon.

use std::ops::Range;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::elsewhere::is_elsewhere;
use super::fold::Folded;
use super::lexicon::{FoundNoun, Joiner, Languages, Lexicon, Noun, PlaceWord};
use super::number::{Context, Numbers, joiner_at, numbers_at};
use super::range::{Named, range_between};
use super::{LabelKind, LabelNumber};

/// A span of a paragraph that names visuals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Mention {
    /// Byte range in the text, the noun ("Figures") and all its numbers included.
    pub span: Range<usize>,
    /// The text of the span.
    pub text: String,
    /// What it calls the visuals.
    pub kind: LabelKind,
    /// Which visuals it names, ranges expanded.
    pub targets: Vec<MentionTarget>,
    /// Whether the words next to it say that the visual is another work's: "Figure 3 of \[12\]",
    /// "\[12, Fig. 3\]", "Fig. 2 in Smith et al. (2010)".
    pub elsewhere: bool,
}

/// One visual that a mention names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum MentionTarget {
    /// By number: "Figure 3.2a".
    Number(LabelNumber),
    /// By the ends of a range that it lies in: "Figures 3 to 5" names 4 so. Ranges name a group
    /// as a whole; their ends are what a reader looks up.
    Within(LabelNumber),
    /// By place: "the figure above".
    Place(Place),
    /// By the printed label of its page: "the table on page xii".
    Page(String),
}

impl From<Named> for MentionTarget {
    fn from(named: Named) -> MentionTarget {
        match named.within {
            true => MentionTarget::Within(named.number),
            false => MentionTarget::Number(named.number),
        }
    }
}

/// A place relative to the mention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// Above, preceding, previous.
    Above,
    /// Below, following, next.
    Below,
    /// On the next page, overleaf.
    NextPage,
    /// On the previous page.
    PreviousPage,
    /// "This figure", "the figure at right": near by.
    Here,
}

/// All mentions in a text, in order, not overlapping.
pub fn find_mentions(text: &str) -> Vec<Mention> {
    let folded = Folded::new(text);
    let mut found: Vec<Found> = Vec::new();
    for noun in Lexicon::get().nouns(&folded) {
        let limit = found.last().map_or(0, |last| last.range.end);
        if noun.start >= limit
            && let Some(mention) = mention_at(&folded, &noun)
            && mention.range.start >= limit
        {
            join_range(&folded, &mut found, mention);
        }
    }
    let mentions = found.into_iter().map(|found| found.into_mention(&folded));
    mentions.collect()
}

/// A mention by places in the folded text.
struct Found {
    range: Range<usize>,
    kind: LabelKind,
    languages: Languages,
    targets: Vec<MentionTarget>,
}

impl Found {
    fn into_mention(self, text: &Folded) -> Mention {
        Mention {
            elsewhere: is_elsewhere(text, &self.range),
            text: text.original_text(self.range.clone()).to_owned(),
            span: text.original_range(self.range),
            kind: self.kind,
            targets: self.targets,
        }
    }
}

/// Adds a mention, or makes one of two that a range's word joins: "图3至图5".
fn join_range(text: &Folded, found: &mut Vec<Found>, mention: Found) {
    if let Some(last) = found.last_mut()
        && last.kind == mention.kind
        && let ([MentionTarget::Number(from)], [MentionTarget::Number(to)]) =
            (last.targets.as_slice(), mention.targets.as_slice())
        && is_range_word(text, last.range.end..mention.range.start, last.languages)
        && let Some(range) = range_between(from, to)
    {
        last.targets = range.into_iter().map(MentionTarget::from).collect();
        last.range.end = mention.range.end;
    } else {
        found.push(mention);
    }
}

fn is_range_word(text: &Folded, between: Range<usize>, languages: Languages) -> bool {
    let start = text.skip_blank(between.start);
    match text.from(start).chars().next() {
        Some(dash @ ('-' | '–' | '—' | '~')) => {
            text.skip_blank(start + dash.len_utf8()) == between.end
        }
        _ => joiner_at(text, start, languages).is_some_and(|(joiner, end)| {
            joiner == Joiner::To && text.skip_blank(end) == between.end
        }),
    }
}

/// What the readings of a noun that hold at its place say together.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) kind: LabelKind,
    pub(super) languages: Languages,
    pub(super) plural: bool,
    pub(super) capital: bool,
    /// Its first letter alone is a capital, as of a heading's word: no ordinal goes before it.
    pub(super) capitalised: bool,
    /// A number may follow, or precede: it isn't an everyday word in lower case.
    pub(super) numbered: bool,
    /// A place may say which it is.
    placed: bool,
    /// Captions begin with this form.
    pub(super) in_captions: bool,
    pub(super) pre: bool,
    pub(super) bare: bool,
    /// Where the noun ends, the dot of its abbreviation included.
    pub(super) end: usize,
}

/// Reads a noun in its place.
pub(super) fn read_noun(text: &Folded, noun: &FoundNoun) -> Option<Reading> {
    let dot = dot_end(text, noun.end);
    let capital = text.is_upper(noun.start);
    let original = text.original_text(noun.start..noun.end);
    let shows_accents = !original.is_ascii() || !original.bytes().any(|b| b.is_ascii_lowercase());
    let cased = text.peek(noun.start).is_some_and(char::is_lowercase);
    let holds = |reading: &&Noun| {
        (reading.stem || !noun.has_ending)
            && (!reading.accented || shows_accents)
            && (!reading.marks.dot || dot.is_some())
    };
    let readings: Vec<&Noun> = noun.readings.iter().filter(holds).collect();
    let any = |test: &dyn Fn(&Noun) -> bool| readings.iter().any(|reading| test(reading));
    let abbreviated = any(&|noun| noun.marks.abbr || noun.marks.dot);
    let allowed = |noun: &Noun| !noun.marks.cap || capital || !cased;
    // An everyday word in lower case gives way to a reading that isn't one.
    let best = readings
        .iter()
        .find(|noun| allowed(noun))
        .or(readings.first())?;
    Some(Reading {
        kind: best.kind,
        languages: readings.iter().fold(0, |all, noun| all | noun.languages),
        plural: any(&|noun| noun.marks.plural)
            && !any(&|noun| !noun.marks.plural && !noun.marks.case),
        capital,
        capitalised: capital && original.chars().skip(1).any(char::is_lowercase),
        numbered: any(&allowed),
        placed: any(&|noun| !noun.marks.num),
        in_captions: any(&|noun| !noun.marks.plural && !noun.marks.case),
        pre: any(&|noun| noun.marks.pre),
        bare: any(&|noun| noun.marks.bare),
        end: dot.filter(|_| abbreviated).unwrap_or(noun.end),
    })
}

/// The end of an abbreviation's dot; "Fig .3" has it on the wrong side of the blank.
fn dot_end(text: &Folded, at: usize) -> Option<usize> {
    let rest = text.from(at);
    let displaced = rest
        .strip_prefix(" .")
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    match rest.starts_with('.') {
        true => Some(at + 1),
        false => displaced.then_some(at + 2),
    }
}

impl Reading {
    pub(super) fn context(&self, caption: bool) -> Context {
        Context {
            languages: self.languages,
            plural: self.plural,
            capital: self.capital,
            ordinal: false,
            caption,
        }
    }
}

fn mention_at(text: &Folded, noun: &FoundNoun) -> Option<Found> {
    let reading = read_noun(text, noun)?;
    let numbered = || {
        // "2003. Joonis 4": a capital begins a sentence, its number follows.
        let ordinal_first = (reading.pre || reading.bare) && !reading.capital;
        let before = || number_before(text, noun, &reading);
        let after = || number_after(text, noun, &reading);
        match ordinal_first {
            true => before().or_else(after),
            false => after().or_else(before),
        }
    };
    let (range, targets) = match reading.numbered.then(numbered).flatten() {
        Some(found) => found,
        None => place_of(text, noun, &reading)?,
    };
    Some(Found {
        range,
        kind: reading.kind,
        languages: reading.languages,
        targets,
    })
}

type Targets = (Range<usize>, Vec<MentionTarget>);

fn number_after(text: &Folded, noun: &FoundNoun, reading: &Reading) -> Option<Targets> {
    let at = number_start(text, noun, reading)?;
    let numbers = numbers_at(text, at, reading.context(false))?;
    let (start, letters) = series_before(text, noun.start);
    let targets = in_series(numbers, letters);
    Some((start..targets.1, targets.0))
}

/// Where the number after a noun starts: after a blank, a tie, "No." or nothing.
pub(super) fn number_start(text: &Folded, noun: &FoundNoun, reading: &Reading) -> Option<usize> {
    let rest = text.from(reading.end);
    let mut at = reading.end + usize::from(rest.starts_with([' ', '~']));
    if at == noun.end {
        // "Fig3" may be a name in code, "Figure3" and "图3" lost a blank or need none.
        let cased = text.peek(noun.start).is_some_and(char::is_lowercase);
        if cased && !is_glued_number(rest, reading.capital) {
            return None;
        }
    }
    if let Some((end, _)) = Lexicon::get().number.starting_at(text, at) {
        let dotted = end + usize::from(text.from(end).starts_with(['.', '°']));
        at = text.skip_blank(dotted);
    }
    Some(at + usize::from(text.from(at).starts_with('#')))
}

/// Whether a number is written to its noun without a blank: "Figure3", "figure3.1"; no "Plot3D".
fn is_glued_number(rest: &str, capital: bool) -> bool {
    let after = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    let fraction = after
        .strip_prefix('.')
        .map(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit()));
    let dotted = fraction.is_some_and(|end| end.len() + 1 < after.len());
    let ends = !fraction
        .filter(|_| dotted)
        .unwrap_or(after)
        .starts_with(char::is_alphabetic);
    after.len() < rest.len() && ends && (capital || dotted)
}

/// "Supplementary" and the like before a noun: where it starts, and the letters it stands for.
fn series_before(text: &Folded, noun_start: usize) -> (usize, &'static str) {
    let end = text.before(noun_start).trim_end_matches(' ').len();
    match Lexicon::get().series.ending_at(text, end) {
        Some((start, [(_, letters), ..])) => (start, letters),
        _ => (noun_start, ""),
    }
}

/// The targets of numbers in a series of their own, and the numbers' end.
fn in_series(numbers: Numbers, letters: &str) -> (Vec<MentionTarget>, usize) {
    let targets = numbers.targets.into_iter().map(|named| {
        MentionTarget::from(Named {
            number: with_series(named.number, letters),
            ..named
        })
    });
    (targets.collect(), numbers.end)
}

/// A number with the letters of its series, unless it is printed with letters.
pub(super) fn with_series(mut number: LabelNumber, letters: &str) -> LabelNumber {
    if number.number.starts_with(|c: char| c.is_ascii_digit()) {
        number.number.insert_str(0, letters);
    }
    number
}

/// The numbers before a noun: "1., 2. és 3. ábra", "2 pav.", "第3図", "S1 Fig".
fn number_before(text: &Folded, noun: &FoundNoun, reading: &Reading) -> Option<Targets> {
    let body = text.before(noun.start).trim_end_matches(' ');
    let (end, marked) = ordinal_end(body);
    let context = Context {
        ordinal: true,
        ..reading.context(false)
    };
    let window = body.floor_char_boundary(body.len().saturating_sub(80));
    let mut best = None;
    for start in token_starts(text, window..end).take(8) {
        let labelled = labels_itself(text, start, reading) || text.before(start).ends_with('第');
        if !(labelled || reading.bare || reading.pre && marked && !reading.capitalised) {
            continue;
        }
        if let Some(numbers) = numbers_at(text, start, context)
            && numbers.end == end
        {
            let start = text.before(start).trim_end_matches('第').len();
            best = Some((start, numbers.targets));
        }
    }
    let (start, numbers) = best?;
    let targets = numbers.into_iter().map(MentionTarget::from).collect();
    Some((start..reading.end, targets))
}

/// "S1 Fig", "S2 Table": the numbers of supplements, before a capitalised noun.
fn labels_itself(text: &Folded, start: usize, reading: &Reading) -> bool {
    let mut token = text.from(start).chars();
    reading.capital
        && token.next() == Some('s')
        && text.is_upper(start)
        && token.next().is_some_and(|c| c.is_ascii_digit())
}

/// Where the numbers before a noun end, and whether a mark of an ordinal follows them: ".", "-",
/// "-nji".
pub(super) fn ordinal_end(body: &str) -> (usize, bool) {
    if let Some(number) = body.strip_suffix(['.', '-']) {
        return (number.len(), true);
    }
    // Bounded: the letters before a noun may be all of a text without blanks.
    let letters = body
        .chars()
        .rev()
        .take(MARK_LETTERS + 1)
        .take_while(|c| c.is_alphabetic());
    let stem = body
        .get(..body.len() - letters.map(char::len_utf8).sum::<usize>())
        .unwrap_or("");
    match stem.strip_suffix('-') {
        Some(number) if number.ends_with(|c: char| c.is_ascii_digit()) => (number.len(), true),
        _ => (body.len(), false),
    }
}

/// The mark of an ordinal has so many letters at most: "-nji".
const MARK_LETTERS: usize = 4;

/// The places in a range where numbers may start, from the last to the first.
fn token_starts<'f>(text: &'f Folded, range: Range<usize>) -> impl Iterator<Item = usize> + 'f {
    let tokens = text.text.get(range.clone()).unwrap_or("");
    tokens
        .char_indices()
        .rev()
        .map(move |(offset, c)| (range.start + offset, c))
        .filter(|&(at, c)| {
            let before = text.before(at).chars().next_back();
            c.is_ascii_alphanumeric()
                && !before.is_some_and(|c| c == '.' || c.is_alphanumeric() && c != '第')
        })
        .map(|(at, _)| at)
}

/// A noun that a place goes with: "the following table", "figure on the next page".
fn place_of(text: &Folded, noun: &FoundNoun, reading: &Reading) -> Option<Targets> {
    if !reading.placed || Lexicon::get().goes_on(text, noun) {
        return None;
    }
    place_after(text, noun, reading).or_else(|| place_before(text, noun, reading))
}

fn place_after(text: &Folded, noun: &FoundNoun, reading: &Reading) -> Option<Targets> {
    let blank = text.skip_blank(reading.end);
    let at = blank + usize::from(text.from(blank).starts_with('('));
    let (end, readings) = Lexicon::get().places_after.starting_at(text, at)?;
    let word = spoken_in(readings, reading.languages)?;
    // "a figure above 3 %" tells no place.
    let next = text.from(text.skip_blank(end));
    match word {
        PlaceWord::At(place) => (!next.starts_with(|c: char| c.is_ascii_digit()))
            .then(|| (noun.start..end, vec![MentionTarget::Place(place)])),
        PlaceWord::Page => {
            let start = text.skip_blank(end);
            let letters = |c: char| c.is_ascii_digit() || matches!(c, 'i' | 'v' | 'x' | 'l');
            let length = next.find(|c: char| !letters(c)).unwrap_or(next.len());
            let label = next
                .get(..length)
                .filter(|label| !label.is_empty() && label.len() < 8)?;
            let whole = !next.get(length..)?.starts_with(char::is_alphabetic);
            whole.then(|| {
                (
                    noun.start..start + length,
                    vec![MentionTarget::Page(label.to_owned())],
                )
            })
        }
    }
}

fn place_before(text: &Folded, noun: &FoundNoun, reading: &Reading) -> Option<Targets> {
    let end = text.before(noun.start).trim_end_matches(' ').len();
    let (start, readings) = Lexicon::get().places_before.ending_at(text, end)?;
    match spoken_in(readings, reading.languages)? {
        PlaceWord::At(place) => Some((start..noun.end, vec![MentionTarget::Place(place)])),
        PlaceWord::Page => None,
    }
}

/// The first reading in one of some languages.
fn spoken_in<T: Copy>(readings: &[(Languages, T)], languages: Languages) -> Option<T> {
    let mut spoken = readings
        .iter()
        .filter(|(spoken, _)| spoken & languages != 0);
    spoken.next().map(|&(_, value)| value)
}
