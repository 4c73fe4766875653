//! Phrases of several languages, found at the start or the end of a stretch of text.

use std::collections::{HashMap, HashSet};

use super::fold::{Folded, fold};
use super::lexicon::Languages;

/// Phrases with their readings, found at the start or the end of a stretch of text.
#[derive(Debug)]
pub(super) struct Phrases<T> {
    whole: HashMap<String, Vec<(Languages, T)>>,
    stems: HashMap<String, Vec<(Languages, T)>>,
    /// No phrase has more characters.
    longest: usize,
    /// The first and the last characters of the whole phrases: most places are told by one look.
    firsts: HashSet<char>,
    lasts: HashSet<char>,
}

/// A stem takes at most so many letters more.
pub(super) const ENDING_LETTERS: usize = 8;

impl<T: Copy> Phrases<T> {
    pub(super) fn new() -> Self {
        Self {
            whole: HashMap::new(),
            stems: HashMap::new(),
            longest: 0,
            firsts: HashSet::new(),
            lasts: HashSet::new(),
        }
    }

    pub(super) fn add(&mut self, form: &str, languages: Languages, value: T) {
        let (map, form) = match form.strip_suffix('*') {
            Some(stem) => (&mut self.stems, fold(stem)),
            None => (&mut self.whole, fold(form)),
        };
        self.longest = self.longest.max(form.chars().count());
        self.firsts.extend(form.chars().next());
        self.lasts.extend(form.chars().next_back());
        map.entry(form).or_default().push((languages, value));
    }

    /// The longest phrase at `at`, with its end.
    pub(super) fn starting_at(
        &self,
        text: &Folded,
        at: usize,
    ) -> Option<(usize, &[(Languages, T)])> {
        let rest = text.from(at);
        if !self.firsts.contains(&rest.chars().next()?) {
            return None;
        }
        let mut found = None;
        for (offset, c) in rest.char_indices().take(self.longest) {
            let end = offset + c.len_utf8();
            let phrase = rest.get(..end).unwrap_or("");
            if let Some(values) = self.whole.get(phrase)
                && !continues_word(phrase, rest.get(end..).unwrap_or(""))
            {
                found = Some((at + end, values.as_slice()));
            }
        }
        found
    }

    /// The longest phrase that ends at `end`, with its start.
    pub(super) fn ending_at(
        &self,
        text: &Folded,
        end: usize,
    ) -> Option<(usize, &[(Languages, T)])> {
        let before = text.before(end);
        let last = before.chars().next_back()?;
        // Stems are of scripts with blanks alone.
        let may_be_stem = !self.stems.is_empty() && !is_unspaced(last);
        if !may_be_stem && !self.lasts.contains(&last) {
            return None;
        }
        let mut found = None;
        for (start, _) in before
            .char_indices()
            .rev()
            .take(self.longest + ENDING_LETTERS)
        {
            let phrase = before.get(start..).unwrap_or("");
            let word_before = before.get(..start).unwrap_or("");
            if starts_inside_word(word_before, phrase) {
                continue;
            }
            if let Some(values) = self.whole.get(phrase).or_else(|| self.stem_of(phrase)) {
                found = Some((start, values.as_slice()));
            }
        }
        found
    }

    fn stem_of(&self, word: &str) -> Option<&Vec<(Languages, T)>> {
        if self.stems.is_empty() {
            return None;
        }
        word.char_indices()
            .rev()
            .take(ENDING_LETTERS)
            .take_while(|(_, c)| c.is_alphabetic())
            .find_map(|(cut, _)| self.stems.get(word.get(..cut).unwrap_or("")))
            .or_else(|| self.stems.get(word))
    }
}

/// Whether a script writes words without blanks between them.
pub(super) fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{f00}'..='\u{fff}' | '\u{1000}'..='\u{109f}'
        | '\u{1780}'..='\u{17ff}' | '\u{3000}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}')
}

/// Whether `rest` goes on with the word in which `phrase` ends.
pub(super) fn continues_word(phrase: &str, rest: &str) -> bool {
    let last = phrase.chars().next_back();
    let next = rest.chars().next();
    matches!((last, next), (Some(last), Some(next))
        if last.is_alphabetic() && (next.is_alphabetic() || next == '_') && !is_unspaced(last)
            && !is_unspaced(next))
}

/// Whether `phrase` starts in the middle of the word in which `before` ends.
fn starts_inside_word(before: &str, phrase: &str) -> bool {
    let first = phrase.chars().next();
    let last = before.chars().next_back();
    matches!((last, first), (Some(last), Some(first))
        if first.is_alphanumeric() && (last.is_alphanumeric() || last == '_')
            && !is_unspaced(first) && !is_unspaced(last))
}
