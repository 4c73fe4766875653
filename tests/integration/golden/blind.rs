//! In blind mode nothing of a mention may be left in what any stage gives.

use docalign::{
    blind::mentions_of,
    mention::{caption_label, find_mentions},
    pipeline::{AlignOptions, AlignProgress, AlignedDocument, Models, align},
};

use super::{FIXTURES, aligned, source};

fn blind(name: &str) -> AlignedDocument {
    let options = AlignOptions {
        blind: true,
        ..AlignOptions::default()
    };
    align(
        source(name),
        &options,
        &Models::default(),
        AlignProgress::SILENT,
    )
    .unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// All mentions that can be seen somewhere.
fn leaks(document: &AlignedDocument) -> Vec<String> {
    let mut leaks = Vec::new();
    for paragraph in &document.paragraphs {
        for span in mentions_of(paragraph) {
            leaks.push(format!("{}: {}", paragraph.id, &paragraph.text[span]));
        }
    }
    for visual in &document.visuals {
        for line in visual.text.lines() {
            let label = caption_label(line).map_or(0, |label| label.span.end);
            let found = find_mentions(line).into_iter();
            let found = found.filter(|mention| mention.span.start >= label);
            leaks.extend(found.map(|mention| format!("{}: {}", visual.id, mention.text)));
        }
    }
    for link in &document.alignment.links {
        if link.evidence.iter().any(|evidence| evidence.states()) || link.mention.is_some() {
            leaks.push(format!("{link:?}"));
        }
    }
    for unresolved in &document.alignment.unresolved_mentions {
        leaks.push(format!("{unresolved:?}"));
    }
    let structure = &document.document.structure;
    if !structure.links.is_empty() || !structure.outline.is_empty() || !structure.figures.is_empty()
    {
        leaks.push("the file's structure".to_owned());
    }
    leaks
}

#[test]
fn no_mention_is_left_in_any_stage() {
    let mut seen = 0;
    for name in FIXTURES {
        seen += leaks(&aligned(name)).len();
        let left = leaks(&blind(name));
        assert!(left.is_empty(), "{name}: {}", left.join("\n"));
    }
    assert!(seen > 100, "the same test finds {seen} mentions otherwise");
}

#[test]
fn captions_keep_their_labels() {
    let labels = |document: &AlignedDocument| -> Vec<String> {
        let labels = document.visuals.iter().filter_map(|v| v.label.as_ref());
        labels.map(|label| label.text.clone()).collect()
    };
    for name in ["article", "german", "russian", "thesis"] {
        assert_eq!(labels(&blind(name)), labels(&aligned(name)), "{name}");
    }
}
