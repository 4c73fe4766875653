//! Tables of cases: languages, the grammar of mentions, captions, odd inputs.

mod captions;
pub(crate) mod languages;
mod mentions;
mod odd_inputs;

use super::*;

/// A mention in short: its text, its kind, its targets ("3a 3b", "below", "p. 12").
fn brief(mention: &Mention) -> (String, LabelKind, String) {
    let targets: Vec<String> = mention.targets.iter().map(target).collect();
    (mention.text.clone(), mention.kind, targets.join(" "))
}

fn target(target: &MentionTarget) -> String {
    match target {
        MentionTarget::Number(number) | MentionTarget::Within(number) => number.to_string(),
        MentionTarget::Place(place) => format!("{place:?}"),
        MentionTarget::Page(label) => format!("p.{label}"),
    }
}

/// Checks that a text has exactly the mentions given, each as "its text = its targets".
#[track_caller]
fn assert_mentions(text: &str, expected: &[&str]) {
    let found = find_mentions(text);
    let brief: Vec<String> = found
        .iter()
        .map(|mention| format!("{} = {}", mention.text, brief(mention).2))
        .collect();
    assert_eq!(brief, expected, "in {text:?}");
    for mention in &found {
        assert_eq!(text.get(mention.span.clone()), Some(mention.text.as_str()));
    }
}
