//! Labels at the start of captions.

use super::*;

/// Text, label as printed, number, whether delimited, continued, like a sentence.
type Case = (
    &'static str,
    &'static str,
    Option<&'static str>,
    bool,
    bool,
    bool,
);

const CASES: &[Case] = &[
    ("Figure 3: Title", "Figure 3", Some("3"), true, false, false),
    ("Figure 3. Title", "Figure 3", Some("3"), true, false, false),
    (
        "Figure 3, \"Title\"",
        "Figure 3",
        Some("3"),
        true,
        false,
        false,
    ),
    ("Fig. 3 | Title", "Fig. 3", Some("3"), true, false, false),
    ("Fig. 3 – Title", "Fig. 3", Some("3"), true, false, false),
    ("Figure 3 Title", "Figure 3", Some("3"), false, false, false),
    (
        "Figure 3\u{2003}Title",
        "Figure 3",
        Some("3"),
        true,
        false,
        false,
    ),
    (
        "Table IV\nTITLE",
        "Table IV",
        Some("IV"),
        true,
        false,
        false,
    ),
    ("TABLE I", "TABLE I", Some("I"), true, false, false),
    (
        "Listing 3.1: A",
        "Listing 3.1",
        Some("3.1"),
        true,
        false,
        false,
    ),
    (
        "Algorithm 1 Foo",
        "Algorithm 1",
        Some("1"),
        false,
        false,
        false,
    ),
    ("Code 2: x", "Code 2", Some("2"), true, false, false),
    (
        "Figure 3 (continued)",
        "Figure 3",
        Some("3"),
        true,
        true,
        false,
    ),
    (
        "Figure 3 (continued): Title",
        "Figure 3",
        Some("3"),
        true,
        true,
        false,
    ),
    (
        "Figure 3: (cont.)",
        "Figure 3",
        Some("3"),
        true,
        true,
        false,
    ),
    (
        "Table 3 – continued from previous page",
        "Table 3",
        Some("3"),
        true,
        true,
        false,
    ),
    (
        "Abbildung 3 (Fortsetzung)",
        "Abbildung 3",
        Some("3"),
        true,
        true,
        false,
    ),
    ("表 3 (续)", "表 3", Some("3"), true, true, false),
    ("续表 3", "续表 3", Some("3"), true, true, false),
    (
        "Продолжение таблицы 3",
        "Продолжение таблицы 3",
        Some("3"),
        true,
        true,
        false,
    ),
    ("Figure: the works", "Figure", None, true, false, false),
    (
        "Figure 3 shows the",
        "Figure 3",
        Some("3"),
        false,
        false,
        true,
    ),
    (
        "Figure 3, which is",
        "Figure 3",
        Some("3"),
        false,
        false,
        true,
    ),
    (
        "Tabelle 2 zeigt",
        "Tabelle 2",
        Some("2"),
        false,
        false,
        true,
    ),
    ("图3所示", "图3", Some("3"), false, false, true),
    ("図3は構成", "図3", Some("3"), false, false, true),
    ("그림 3은 구조", "그림 3", Some("3"), false, false, true),
    ("図3 構成", "図3", Some("3"), false, false, false),
    ("【図3】構成", "図3", Some("3"), true, false, false),
    (
        "Supplementary Figure 3: x",
        "Supplementary Figure 3",
        Some("S3"),
        true,
        false,
        false,
    ),
    ("S1 Fig. Title", "S1 Fig.", Some("S1"), false, false, false),
    ("Figure 3a. x", "Figure 3a", Some("3a"), true, false, false),
    (
        "Figure 3 (a) left",
        "Figure 3",
        Some("3"),
        false,
        false,
        false,
    ),
    ("Fig. 3a–c. x", "Fig. 3a–c", Some("3"), true, false, false),
    ("3. ábra", "3. ábra", Some("3"), true, false, false),
    ("Rys. 3. Schemat", "Rys. 3", Some("3"), true, false, false),
    ("(Table 5). The", "", None, false, false, false),
    ("• Code: 12", "", None, false, false, false),
    ("equation: x", "", None, false, false, false),
    ("第2章 图表示例", "", None, false, false, false),
    (
        "Figure 3 (left) shows",
        "Figure 3",
        Some("3"),
        false,
        false,
        true,
    ),
    (
        "図 14 (b) のように",
        "図 14",
        Some("14"),
        false,
        false,
        true,
    ),
    // The end of a remark in brackets, not a caption's delimiter.
    (
        "Figure 3) and can",
        "Figure 3",
        Some("3"),
        false,
        false,
        true,
    ),
    ("Table 4.5).", "Table 4.5", Some("4.5"), false, false, true),
    ("Figure 3) Title", "Figure 3", Some("3"), true, false, false),
    (
        "Figure 3, Title",
        "Figure 3",
        Some("3"),
        false,
        false,
        false,
    ),
    (
        "Figure 3, Table 4",
        "Figure 3",
        Some("3"),
        false,
        false,
        true,
    ),
    ("Figure 3, which", "Figure 3", Some("3"), false, false, true),
    ("Figure 3 shows", "Figure 3", Some("3"), false, false, true),
    // Without letter case, small Latin letters can begin a title.
    ("表1 njuthesis 的", "表1", Some("1"), false, false, false),
    (
        "Table 1.3 (Continue): x",
        "Table 1.3",
        Some("1.3"),
        true,
        true,
        false,
    ),
    ("(3) Figure", "", None, false, false, false),
    ("Figures 3 and 4: x", "", None, false, false, false),
    ("Table 1 and 2: x", "", None, false, false, false),
    ("Figures show", "", None, false, false, false),
    ("Figure skating", "", None, false, false, false),
    ("Table A person", "", None, false, false, false),
    ("In Figure 3: x", "", None, false, false, false),
    ("на рис. 3: x", "", None, false, false, false),
    ("", "", None, false, false, false),
];

#[test]
fn captions() {
    for &(text, label, number, delimited, continued, sentence_like) in CASES {
        let found = caption_label(text);
        assert_eq!(found.is_some(), !label.is_empty(), "in {text:?}");
        let Some(found) = found else { continue };
        assert_eq!(found.label.text, label, "in {text:?}");
        let printed = found.label.number.as_ref().map(ToString::to_string);
        assert_eq!(printed.as_deref(), number, "in {text:?}");
        let flags = (found.delimited, found.continued, found.sentence_like);
        assert_eq!(flags, (delimited, continued, sentence_like), "in {text:?}");
        assert!(text.get(found.span).is_some(), "in {text:?}");
    }
}
