//! The grammar of mentions alone: on the true texts it must find what is marked in them, and
//! nothing else.

use std::ops::Range;

use docalign::{mention::find_mentions, segment::ParagraphKind};

use super::{FIXTURES, truth, truth::Truth};

/// Mentions that the grammar is known to get wrong: fixture, words, reason.
const KNOWN_GAPS: &[(&str, &str, &str)] = &[(
    "code",
    "(1)",
    "a number in brackets alone is a formula only where the document has one of this number",
)];

#[test]
fn mentions_are_found_in_the_true_texts() {
    let mut failures = Vec::new();
    let mut closed: Vec<_> = KNOWN_GAPS.iter().collect();
    for name in FIXTURES {
        for (fault, words) in faults(&truth(name)) {
            let known = KNOWN_GAPS
                .iter()
                .find(|gap| gap.0 == *name && gap.1 == words);
            match known {
                Some(gap) => closed.retain(|other| *other != gap),
                None => failures.push(format!("{name}: {fault}: {words:?}")),
            }
        }
    }
    let closed = closed
        .iter()
        .map(|gap| format!("this gap is closed, take it off the list: {gap:?}"));
    failures.extend(closed);
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn faults(truth: &Truth) -> Vec<(&'static str, String)> {
    let mut out = Vec::new();
    for (index, paragraph) in truth.paragraphs.iter().enumerate() {
        let mut marked: Vec<Range<usize>> = Vec::new();
        for mention in truth.mentions.iter().chain(&truth.unresolved) {
            if mention.paragraph == index {
                // The same words may stand in a paragraph twice.
                let from = marked
                    .iter()
                    .filter(|m| paragraph.text[(*m).clone()] == mention.text);
                let from = from.map(|m| m.end).max().unwrap_or(0);
                let at = from
                    + paragraph.text[from..]
                        .find(&mention.text)
                        .expect("marked words");
                marked.push(at..at + mention.text.len());
            }
        }
        let found = find_mentions(&paragraph.text);
        let overlap = |a: &Range<usize>, b: &Range<usize>| a.start < b.end && b.start < a.end;
        for span in &marked {
            if !found.iter().any(|f| overlap(&f.span, span)) {
                out.push(("not found", paragraph.text[span.clone()].to_owned()));
            }
        }
        for mention in &found {
            let own_label = paragraph.kind == ParagraphKind::Caption && mention.span.start == 0;
            if !own_label && !marked.iter().any(|m| overlap(m, &mention.span)) {
                out.push(("not a mention", mention.text.clone()));
            }
        }
    }
    out
}
