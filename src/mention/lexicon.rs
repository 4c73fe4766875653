//! The words of each language, read from `lexicon.tsv` once.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, Anchored, Input, MatchKind, StartKind};

use super::LabelKind;
use super::fold::{Folded, fold};
use super::parse::Place;
use super::phrases::{ENDING_LETTERS, Phrases, is_unspaced};

/// A set of languages, a bit each in the order of the data.
pub(super) type Languages = u128;

/// What joins two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Joiner {
    And,
    To,
}

/// A place that a phrase names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PlaceWord {
    At(Place),
    /// "on page", which a page's label follows.
    Page,
}

/// One reading of a noun: a form in a language.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Noun {
    pub(super) kind: LabelKind,
    pub(super) languages: Languages,
    /// Letters may follow: the form is a stem.
    pub(super) stem: bool,
    /// The form has accents: plain ASCII letters are another word.
    pub(super) accented: bool,
    pub(super) marks: Marks,
}

/// The marks of the data's third column.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Marks {
    pub(super) abbr: bool,
    pub(super) dot: bool,
    pub(super) plural: bool,
    pub(super) case: bool,
    pub(super) cap: bool,
    pub(super) num: bool,
    pub(super) pre: bool,
    pub(super) bare: bool,
    before: bool,
    after: bool,
}

impl Marks {
    fn read(column: &str) -> Self {
        let has = |name| column.split(',').any(|mark| mark == name);
        Self {
            abbr: has("abbr"),
            dot: has("dot"),
            plural: has("plural"),
            case: has("case"),
            cap: has("cap"),
            num: has("num"),
            pre: has("pre"),
            bare: has("bare"),
            before: has("before"),
            after: has("after"),
        }
    }
}

/// The words of all languages.
pub(super) struct Lexicon {
    codes: Vec<String>,
    /// Of all forms of all nouns; `None` only if the automaton could not be built, which the data
    /// is far too small for.
    nouns: Option<AhoCorasick>,
    /// The readings of each pattern of `nouns`.
    readings: Vec<Vec<Noun>>,
    pub(super) joiners: Phrases<Joiner>,
    pub(super) places_before: Phrases<PlaceWord>,
    pub(super) places_after: Phrases<PlaceWord>,
    pub(super) of: Phrases<()>,
    pub(super) number: Phrases<()>,
    pub(super) continued: Phrases<()>,
    pub(super) continued_before: Phrases<()>,
    /// Words before the noun and the letters that their numbers start with.
    pub(super) series: Phrases<&'static str>,
    pub(super) run_on: Phrases<()>,
    not_after: HashMap<char, HashSet<char>>,
    not_before: HashMap<char, HashSet<char>>,
    headings: HashSet<String>,
}

/// A noun found in a text.
pub(super) struct FoundNoun<'l> {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Whether letters follow the form, so that only stems hold.
    pub(super) has_ending: bool,
    pub(super) readings: &'l [Noun],
}

impl Lexicon {
    pub(super) fn get() -> &'static Self {
        static LEXICON: LazyLock<Lexicon> =
            LazyLock::new(|| Lexicon::read(include_str!("lexicon.tsv")));
        &LEXICON
    }

    /// The language codes of the data.
    #[cfg(test)]
    pub(super) fn languages(&self) -> &[String] {
        &self.codes
    }

    /// The bit of a language, all bits for the words of all languages.
    fn bit(&mut self, code: &str) -> Languages {
        if code == "mul" {
            return Languages::MAX;
        }
        let index = self.codes.iter().position(|known| known == code);
        let index = index.unwrap_or_else(|| {
            self.codes.push(code.to_owned());
            self.codes.len() - 1
        });
        // A test sees to it that there is a bit for every language.
        1u128.checked_shl(index as u32).unwrap_or(0)
    }

    fn read(data: &'static str) -> Self {
        let mut lexicon = Self {
            codes: Vec::new(),
            nouns: None,
            readings: Vec::new(),
            joiners: Phrases::new(),
            places_before: Phrases::new(),
            places_after: Phrases::new(),
            of: Phrases::new(),
            number: Phrases::new(),
            continued: Phrases::new(),
            continued_before: Phrases::new(),
            series: Phrases::new(),
            run_on: Phrases::new(),
            not_after: HashMap::new(),
            not_before: HashMap::new(),
            headings: HashSet::new(),
        };
        let mut nouns: HashMap<String, Vec<Noun>> = HashMap::new();
        for line in data.lines().filter(|line| !line.starts_with('#')) {
            let mut columns = line.split('\t');
            if let (Some(code), Some(meaning), Some(marks), Some(forms)) = (
                columns.next(),
                columns.next(),
                columns.next(),
                columns.next(),
            ) {
                let languages = lexicon.bit(code);
                lexicon.add_row(languages, meaning, marks, forms, &mut nouns);
            }
        }
        lexicon.build_nouns(nouns);
        lexicon
    }

    fn add_row(
        &mut self,
        languages: Languages,
        meaning: &str,
        column: &str,
        forms: &str,
        nouns: &mut HashMap<String, Vec<Noun>>,
    ) {
        let neighbours = match meaning {
            "not_after" => Some(&mut self.not_after),
            "not_before" => Some(&mut self.not_before),
            _ => None,
        };
        if let Some(neighbours) = neighbours {
            let nouns = column.chars().map(|noun| (noun, forms.chars()));
            nouns.for_each(|(noun, letters)| neighbours.entry(noun).or_default().extend(letters));
            return;
        }
        let marks = Marks::read(column);
        for form in forms.split('|') {
            if let Some(kind) = label_kind(meaning) {
                let stem = form.ends_with('*');
                let folded = fold(form.trim_end_matches('*'));
                let noun = Noun {
                    kind,
                    languages,
                    stem,
                    accented: folded.is_ascii() && !form.is_ascii(),
                    marks,
                };
                nouns.entry(folded).or_default().push(noun);
            } else {
                self.add_phrase(languages, meaning, marks, form);
            }
        }
    }

    fn add_phrase(&mut self, languages: Languages, meaning: &str, marks: Marks, form: &str) {
        let place = match meaning {
            "above" => PlaceWord::At(Place::Above),
            "below" => PlaceWord::At(Place::Below),
            "next_page" => PlaceWord::At(Place::NextPage),
            "previous_page" => PlaceWord::At(Place::PreviousPage),
            "here" => PlaceWord::At(Place::Here),
            "page" => PlaceWord::Page,
            _ => return self.add_other(languages, meaning, marks, form),
        };
        if marks.before {
            self.places_before.add(form, languages, place);
        }
        if marks.after {
            self.places_after.add(form, languages, place);
        }
    }

    fn add_other(&mut self, languages: Languages, meaning: &str, marks: Marks, form: &str) {
        match meaning {
            "and" => self.joiners.add(form, languages, Joiner::And),
            "to" => self.joiners.add(form, languages, Joiner::To),
            "of" => self.of.add(form, languages, ()),
            "number" => self.number.add(form, languages, ()),
            "continued" if marks.before => self.continued_before.add(form, languages, ()),
            "continued" => self.continued.add(form, languages, ()),
            "supplement" => self.series.add(form, languages, "S"),
            "extended" => self.series.add(form, languages, "ED"),
            "appendix" => self.series.add(form, languages, "A"),
            "run_on" => self.run_on.add(form, languages, ()),
            "heading" => {
                self.headings.insert(fold(form).replace(' ', ""));
            }
            _ => {}
        }
    }

    fn build_nouns(&mut self, nouns: HashMap<String, Vec<Noun>>) {
        let mut forms: Vec<(String, Vec<Noun>)> = nouns.into_iter().collect();
        forms.sort_by(|a, b| a.0.cmp(&b.0));
        // A stem's readings hold for all longer forms too: the longest form alone is found.
        let stems: Vec<(String, Noun)> = forms
            .iter()
            .flat_map(|(form, readings)| readings.iter().map(move |noun| (form, noun)))
            .filter(|(_, noun)| noun.stem)
            .map(|(form, noun)| (form.clone(), noun.clone()))
            .collect();
        for (form, readings) in &mut forms {
            let longer = stems
                .iter()
                .filter(|(stem, _)| form.len() > stem.len() && form.starts_with(stem.as_str()));
            readings.extend(longer.map(|(_, noun)| noun.clone()));
        }
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .start_kind(StartKind::Both)
            .build(forms.iter().map(|(form, _)| form));
        self.nouns = automaton.ok();
        self.readings = forms.into_iter().map(|(_, readings)| readings).collect();
    }

    /// All nouns of a text from left to right, those inside longer words left out.
    pub(super) fn nouns<'f>(&'f self, text: &'f Folded) -> impl Iterator<Item = FoundNoun<'f>> {
        let matches = self
            .nouns
            .iter()
            .flat_map(|nouns| nouns.find_iter(text.text.as_str()));
        matches.filter_map(|found| {
            self.found(text, found.pattern().as_usize(), found.start(), found.end())
        })
    }

    /// The noun at `at`.
    pub(super) fn noun_at(&self, text: &Folded, at: usize) -> Option<FoundNoun<'_>> {
        text.text.get(at..)?;
        let input = Input::new(text.text.as_str())
            .span(at..text.text.len())
            .anchored(Anchored::Yes);
        let found = self.nouns.as_ref()?.find(input)?;
        self.found(text, found.pattern().as_usize(), found.start(), found.end())
    }

    fn found(
        &self,
        text: &Folded,
        pattern: usize,
        start: usize,
        end: usize,
    ) -> Option<FoundNoun<'_>> {
        let readings = self.readings.get(pattern)?;
        let first = text.peek(start)?;
        let single = end - start == first.len_utf8();
        if !self.may_start(text.before(start), first, single, text.is_upper(start)) {
            return None;
        }
        let ending = ending_length(text.from(end), readings, first)?;
        Some(FoundNoun {
            start,
            end: end + ending,
            has_ending: ending > 0,
            readings,
        })
    }

    /// Whether a noun that begins with `first` may stand after `before`.
    fn may_start(&self, before: &str, first: char, is_single: bool, capital: bool) -> bool {
        let Some(last) = before.chars().next_back() else {
            return true;
        };
        if matches!(first, '\u{30a1}'..='\u{30fa}') {
            // "文字コード": one word of both.
            return !matches!(last, '\u{30a1}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}');
        }
        if is_unspaced(first) {
            let excluded = || {
                self.not_after
                    .get(&first)
                    .is_some_and(|set| set.contains(&last))
            };
            return !(is_single && excluded());
        }
        match first {
            // Hebrew and Arabic write articles, prepositions and "and" with the noun.
            '\u{5d0}'..='\u{5ea}' | '\u{620}'..='\u{6ff}' | '\u{1200}'..='\u{137f}' => {
                is_proclitic(before)
            }
            // "2Figure 3": a footnote's mark.
            _ if last.is_numeric() => capital,
            _ => {
                (!last.is_alphanumeric() || is_unspaced(last)) && !matches!(last, '_' | '\\' | '@')
            }
        }
    }

    /// Whether the letter after a noun makes another word of it ("上表面").
    pub(super) fn goes_on(&self, text: &Folded, noun: &FoundNoun) -> bool {
        let next = text.peek(noun.end);
        let set = text
            .peek(noun.start)
            .and_then(|first| self.not_before.get(&first));
        matches!((set, next), (Some(set), Some(next)) if set.contains(&next))
    }

    /// Whether a heading's text is that of a list of visuals.
    pub(super) fn is_heading(&self, folded: &str) -> bool {
        self.headings.contains(&folded.replace(' ', ""))
    }

    /// The abbreviations among the nouns, without their dots.
    pub(super) fn is_abbreviated_noun(&self, folded: &str) -> bool {
        let input = Input::new(folded).anchored(Anchored::Yes);
        let found = self.nouns.as_ref().and_then(|nouns| nouns.find(input));
        found.is_some_and(|found| {
            let readings = self.readings.get(found.pattern().as_usize());
            found.end() == folded.len()
                && readings
                    .is_some_and(|all| all.iter().any(|noun| noun.marks.abbr || noun.marks.dot))
        })
    }
}

/// The Korean particles written with a noun ("그림은"), by their first syllables.
const PARTICLES: &str = "은는이가을를에의와과로만";

/// How many bytes of ending follow the form of a noun; `None` if it is part of another word.
fn ending_length(rest: &str, readings: &[Noun], first: char) -> Option<usize> {
    let letters = || {
        let run = rest.chars().take_while(|c| c.is_alphabetic());
        run.take(ENDING_LETTERS + 1)
    };
    let Some(next) = letters().next() else {
        return Some(0);
    };
    if is_unspaced(first) || is_unspaced(next) || PARTICLES.contains(next) {
        return Some(0);
    }
    let allowed = readings.iter().any(|noun| noun.stem) && letters().count() <= ENDING_LETTERS;
    allowed.then(|| letters().map(char::len_utf8).sum())
}

/// Whether the letters directly before a Semitic noun can be prefixes of it.
fn is_proclitic(before: &str) -> bool {
    let prefix = before.chars().rev().take_while(|c| c.is_alphanumeric());
    prefix.take(5).enumerate().all(|(index, c)| {
        index < 4
            && matches!(
                c,
                'ו' | 'ב'
                    | 'ל'
                    | 'ה'
                    | 'מ'
                    | 'ש'
                    | 'כ'
                    | 'و'
                    | 'ف'
                    | 'ب'
                    | 'ل'
                    | 'ک'
                    | 'ا'
                    | 'በ'
                    | 'የ'
                    | 'ከ'
                    | 'ለ'
            )
    })
}

fn label_kind(meaning: &str) -> Option<LabelKind> {
    Some(match meaning {
        "figure" => LabelKind::Figure,
        "table" => LabelKind::Table,
        "algorithm" => LabelKind::Algorithm,
        "listing" => LabelKind::Listing,
        "chart" => LabelKind::Chart,
        "diagram" => LabelKind::Diagram,
        "scheme" => LabelKind::Scheme,
        "plate" => LabelKind::Plate,
        "photo" => LabelKind::Photo,
        "map" => LabelKind::Map,
        "box" => LabelKind::Box,
        "equation" => LabelKind::Equation,
        _ => return None,
    })
}
