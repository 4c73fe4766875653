//! Every output format of one small document.

mod sample;

use docalign::{
    geometry::PageIndex,
    output::{OutputOptions, json, terminal},
    segment::ParagraphId,
};

fn json_of(options: &OutputOptions) -> String {
    let mut out = Vec::new();
    json::write(&sample::document(), options, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn the_alignment_file_has_the_documented_fields() {
    let text = json_of(&OutputOptions {
        pages: Some(PageIndex(0)..=PageIndex(1)),
        ..OutputOptions::default()
    });
    let file: serde_json::Value = serde_json::from_str(&text).unwrap();
    let keys: Vec<&String> = file.as_object().unwrap().keys().collect();
    // serde_json's map sorts its keys.
    let expected = [
        "document",
        "generator",
        "links",
        "pages",
        "paragraphs",
        "schema",
        "unaligned",
        "visuals",
        "warnings",
    ];
    assert_eq!(keys, expected);
    assert_eq!(file["schema"], "docalign/1");
    assert_eq!(file["generator"]["models"], serde_json::json!({}));
    assert_eq!(file["generator"]["options"]["pages"], "1-2");
    assert_eq!(file["document"]["language"], "en");
    assert_eq!(file["document"]["outline"][0]["page"], 0);
    assert_eq!(file["pages"][1]["label"], "ii");
    assert_eq!(file["paragraphs"][1]["mentions"][0]["labels"][0], "1");
    assert_eq!(file["visuals"][0]["label"], "Figure 1");
    assert_eq!(file["visuals"][0]["caption"], "p3");
    assert_eq!(file["visuals"][1]["caption"], serde_json::Value::Null);
    let link = serde_json::json!(
        {"paragraph": "p2", "visual": "v1", "probability": 0.9877, "evidence": ["mention"], "mention": 0}
    );
    assert_eq!(file["links"], serde_json::json!([link]));
    assert_eq!(file["unaligned"]["visuals"], serde_json::json!(["v2"]));
    assert_eq!(file["unaligned"]["mentions"][0]["paragraph"], "p6");
    assert_eq!(file["warnings"][0]["code"], "needs-ocr");
}

#[test]
fn min_probability_zero_lists_every_candidate() {
    let text = json_of(&OutputOptions {
        min_probability: 0.0,
        ..OutputOptions::default()
    });
    let file = json::read(&text).unwrap();
    assert_eq!(file.links.len(), 2);
    assert_eq!(file.links[1].paragraph, ParagraphId(3));
}

/// What is written item by item is what the types of the format say.
#[test]
fn the_alignment_file_reads_back_to_the_same_text() {
    let text = json_of(&OutputOptions::default());
    let file = json::read(&text).unwrap();
    let again: serde_json::Value = serde_json::to_value(&file).unwrap();
    assert_eq!(
        again,
        serde_json::from_str::<serde_json::Value>(&text).unwrap()
    );
    let schema = json::schema();
    let required = schema.get("required").and_then(|r| r.as_array()).unwrap();
    assert_eq!(required.len(), 9);
}

#[test]
fn a_wrong_id_or_version_is_refused() {
    let text = json_of(&OutputOptions::default());
    for (from, to) in [
        ("\"p2\"", "\"p0\""),
        ("\"v1\"", "\"w1\""),
        ("docalign/1", "docalign/9"),
    ] {
        assert!(
            json::read(&text.replace(from, to)).is_err(),
            "{to} was read"
        );
    }
}

fn terminal_of(width: usize, color: bool) -> String {
    let mut out = Vec::new();
    let terminal = terminal::TerminalOptions { width, color };
    terminal::write(
        &sample::document(),
        &OutputOptions::default(),
        terminal,
        &mut out,
    )
    .unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn the_table_names_every_visual_and_what_is_missing() {
    let expected = "\
small.pdf
A <small> document
2 pages, 2 visuals, 1 link

VISUAL    PAGE  BELONGS TO
Figure 1     i  p. i      99 %  As Figure 1 shows, </script…
Photo       ii  (no paragraph)

MENTIONS WITHOUT A VISUAL
p. ii    Figure 9  no figure 9 in this document

1 warning in reading the file (listed in the JSON output)
";
    assert_eq!(terminal_of(60, false), expected);
}

#[test]
fn the_table_fits_and_colours_only_when_asked() {
    for width in [40, 80, 200] {
        let text = terminal_of(width, false);
        assert!(!text.contains('\u{1b}'));
        for line in text.lines() {
            assert!(line.chars().count() <= width, "{width}: {line}");
        }
    }
    assert!(terminal_of(80, true).contains("\u{1b}[32m"));
}
