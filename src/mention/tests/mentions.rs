//! The grammar of mentions: numbers, lists, places, traps.

use super::*;

#[test]
fn lists_and_ranges() {
    let cases: &[(&str, &[&str])] = &[
        ("see Fig. 3.", &["Fig. 3 = 3"]),
        (
            "Figs. 3a-c, 5 and 7 show",
            &["Figs. 3a-c, 5 and 7 = 3a 3b 3c 5 7"],
        ),
        ("in Tables II-IV we", &["Tables II-IV = II III IV"]),
        ("Figures 3.1–3.4", &["Figures 3.1–3.4 = 3.1 3.2 3.3 3.4"]),
        ("Figures 3.1 to 3.3", &["Figures 3.1 to 3.3 = 3.1 3.2 3.3"]),
        ("Figs. S1–S3", &["Figs. S1–S3 = S1 S2 S3"]),
        ("Figures 1-100000 are", &["Figures 1-100000 = 1 100000"]),
        (
            "Figures A.1 through A.3",
            &["Figures A.1 through A.3 = A.1 A.2 A.3"],
        ),
        ("Figure 3(a)–(c)", &["Figure 3(a)–(c) = 3a 3b 3c"]),
        ("Figure 3 (a) and (b)", &["Figure 3 (a) and (b) = 3a 3b"]),
        ("Fig. 3A, B, and D show", &["Fig. 3A, B, and D = 3a 3b 3d"]),
        ("Figures 1, 2, and 3", &["Figures 1, 2, and 3 = 1 2 3"]),
        ("Figure 3 and Table 4", &["Figure 3 = 3", "Table 4 = 4"]),
        ("Figures 3 & 4", &["Figures 3 & 4 = 3 4"]),
        ("图 3.2 和图 3.3", &["图 3.2 = 3.2", "图 3.3 = 3.3"]),
        ("由图3至图5可知", &["图3至图5 = 3 4 5"]),
        ("表1至3", &["表1至3 = 1 2 3"]),
        ("图3、4和5", &["图3、4和5 = 3 4 5"]),
        ("Figure 3 to Figure 5", &["Figure 3 to Figure 5 = 3 4 5"]),
        ("az 1., 2. és 3. ábra", &["1., 2. és 3. ábra = 1 2 3"]),
        ("a 3–5. ábrán", &["3–5. ábrán = 3 4 5"]),
        ("Abb. 7b und 8", &["Abb. 7b und 8 = 7b 8"]),
        ("siehe Abb. 7 b)", &["Abb. 7 b = 7b"]),
        ("рис. 3, 4 и 5", &["рис. 3, 4 и 5 = 3 4 5"]),
        ("Rysunki 3–5", &["Rysunki 3–5 = 3 4 5"]),
    ];
    for (text, expected) in cases {
        assert_mentions(text, expected);
    }
}

#[test]
fn numbers_of_many_forms() {
    let cases: &[(&str, &str)] = &[
        ("Figure A.3", "A.3"),
        ("Figure 3-2", "3.2"),
        ("Figure 3–2", "3.2"),
        ("Figure S1", "S1"),
        ("Figure 3.2.1", "3.2.1"),
        ("Fig.3", "3"),
        ("Fig 3", "3"),
        ("FIG. 3", "3"),
        ("Figure~3", "3"),
        ("Figure3", "3"),
        ("Figure 3's", "3"),
        ("Figure #3", "3"),
        ("Figure No. 3", "3"),
        ("Table IV", "IV"),
        ("Table A.IV", "A.IV"),
        ("Fig. 3A", "3a"),
        ("Fig. 3ab", "3a 3b"),
        ("Figure 03", "3"),
        ("Equation (3.2)", "3.2"),
        ("Supplementary Figure 3", "S3"),
        ("Extended Data Fig. 3b", "ED3b"),
        ("S1 Fig", "S1"),
        ("图三所示", "3"),
        ("第3図", "3"),
        ("附表2", "A2"),
        ("表３．４", "3.4"),
        ("Ｆｉｇ．３", "3"),
        ("ﬁgure 3", "3"),
        ("Ta\u{ad}ble 3", "3"),
        ("Figure\u{a0}3", "3"),
        ("Şekil 3", "3"),
        ("S\u{327}ekil 3", "3"),
        ("l'ilustraci´on 3", "3"),
        ("Figure Ⅳ", "IV"),
        ("Figure 3²", "3"),
        ("جدول ۱۲", "12"),
    ];
    for (text, expected) in cases {
        let found: Vec<String> = find_mentions(text)
            .iter()
            .map(|found| brief(found).2)
            .collect();
        assert_eq!(found, [*expected], "in {text:?}");
    }
}

#[test]
fn spans_cover_noun_and_numbers_alone() {
    assert_mentions("the left panel of Fig. 2.", &["Fig. 2 = 2"]);
    assert_mentions("the ﬁgures 3 and 4, too", &["ﬁgures 3 and 4 = 3 4"]);
    assert_mentions("(Figure 3). Next", &["Figure 3 = 3"]);
    assert_mentions("como la Tabla\n  3 dice", &["Tabla\n  3 = 3"]);
    assert_mentions(
        "See Supplementary Table 2.",
        &["Supplementary Table 2 = S2"],
    );
}

#[test]
fn places() {
    let cases: &[(&str, &[&str])] = &[
        ("the figure above shows", &["figure above = Above"]),
        ("see above figure", &["above figure = Above"]),
        ("in the following table.", &["following table = Below"]),
        (
            "the table on the next page",
            &["table on the next page = NextPage"],
        ),
        ("the figure on page 31", &["figure on page 31 = p.31"]),
        ("this figure shows", &["this figure = Here"]),
        ("die folgende Abbildung", &["folgende Abbildung = Below"]),
        ("in der obigen Tabelle", &["obigen Tabelle = Above"]),
        ("la figure ci-dessous", &["figure ci-dessous = Below"]),
        ("la tabla siguiente", &["tabla siguiente = Below"]),
        ("nella figura seguente", &["figura seguente = Below"]),
        ("на следующем рисунке", &["следующем рисунке = Below"]),
        ("如下图所示", &["下图 = Below"]),
        ("见下表。", &["下表 = Below"]),
        ("次の図を参照", &["次の図 = Below"]),
        ("다음 그림은", &["다음 그림 = Below"]),
        ("hình dưới đây", &["hình dưới đây = Below"]),
        ("aşağıdaki tabloda", &["aşağıdaki tabloda = Below"]),
        ("The diagram below", &["diagram below = Below"]),
    ];
    for (text, expected) in cases {
        assert_mentions(text, expected);
    }
}

#[test]
fn what_only_looks_like_a_mention() {
    for text in [
        "Table of Contents",
        "at the scale of map 1:1",
        "open box 3 times",
        "shown in 3 figures",
        "\\begin{tabl} 3",
        "plot fig3.pdf",
        "the file figure1.eps",
        "\\figure3",
        "my_table 3",
        "a figure above 3 percent",
        "这代表3个",
        "列表3",
        "上表面",
        "图一样的",
        "the 3rd table",
        "Figure 3rd",
        "table 5%",
        "il 3 maggio",
        "the program 3 times",
        "",
        "figure",
        "Figure",
        "big bang 3",
        "6.2.2. Tabellen",
        "文字コード 13",
        "il grafico L'installatore",
        "Control Pictures U+2400",
        "эта программа",
        "stable 3",
    ] {
        assert_mentions(text, &[]);
    }
}

#[test]
fn numbers_that_are_not_of_the_list() {
    assert_mentions("In Table 2, 3 patients had", &["Table 2 = 2"]);
    assert_mentions("(Figure 3, 2010)", &["Figure 3 = 3"]);
    assert_mentions("Figure 3, and we", &["Figure 3 = 3"]);
    assert_mentions("Fig. 3. I see", &["Fig. 3 = 3"]);
    assert_mentions("Figure 3a, a new", &["Figure 3a = 3a"]);
    assert_mentions("Figure 3 – 5 samples", &["Figure 3 = 3"]);
    assert_mentions("Tables 3.1-3.2,6 show", &["Tables 3.1-3.2 = 3.1 3.2"]);
}

#[test]
fn visuals_of_other_works() {
    for (text, elsewhere) in [
        ("see Figure 3 of [12].", true),
        ("Fig. 2 in Smith et al. (2010)", true),
        ("Fig. 2 from Smith and Jones (2010)", true),
        ("рис. 3 в [5]", true),
        ("as in [12, Fig. 3]", true),
        ("(Smith 2010, Fig. 3)", true),
        ("文献[5]中的图3", true),
        ("Figure 3 of this paper", false),
        ("Figure 3 [12]", false),
        ("Figure 3 in Section 2 (2010)", false),
        ("as in [12], Fig. 3", false),
        ("(see Fig. 3)", false),
    ] {
        let found = find_mentions(text);
        assert_eq!(
            found
                .iter()
                .map(|found| found.elsewhere)
                .collect::<Vec<_>>(),
            [elsewhere],
            "in {text:?}"
        );
    }
}

#[test]
fn kinds() {
    for (text, kind) in [
        ("Eq. 3", LabelKind::Equation),
        ("Equation (3)", LabelKind::Equation),
        ("式(3.2)", LabelKind::Equation),
        ("Algorithm 1", LabelKind::Algorithm),
        ("Listing 3.1", LabelKind::Listing),
        ("Code 2", LabelKind::Listing),
        ("Scheme 4", LabelKind::Scheme),
        ("Box 2", LabelKind::Box),
        ("Bild 3", LabelKind::Figure),
        ("Листинг 2.1", LabelKind::Listing),
        ("算法 3", LabelKind::Algorithm),
    ] {
        let found: Vec<_> = find_mentions(text).iter().map(|found| found.kind).collect();
        assert_eq!(found, [kind], "in {text:?}");
    }
}

#[test]
fn numbers_match_across_systems() {
    let number = |text: &str| LabelNumber::new(text, None);
    assert!(number("IV").matches(&number("4")));
    assert!(number("A.3").matches(&number("A3")));
    assert!(number("3.II").matches(&number("3.2")));
    assert!(!number("3.1").matches(&number("31")));
    assert!(!number("C").matches(&number("100")));
    assert!(!number("S1").matches(&number("1")));
}

#[test]
fn lists_as_packages_print_them() {
    let cases: &[(&str, &[&str])] = &[
        (
            "tables A.1, A.3, and A.4",
            &["tables A.1, A.3, and A.4 = A.1 A.3 A.4"],
        ),
        (
            "featuring tables A.1, A.3, and A.4 Added revision",
            &["tables A.1, A.3, and A.4 = A.1 A.3 A.4"],
        ),
        ("is shown on Fig .3.1.left.", &["Fig .3.1 = 3.1"]),
        ("auf Tabellen 2 and 3 als", &["Tabellen 2 and 3 = 2 3"]),
        (
            "aux tableaux 3.14 en page 86 et 6.4 en page 133 pour",
            &["tableaux 3.14 en page 86 et 6.4 = 3.14 6.4"],
        ),
        (
            "koottu taulukoihin 2.4, 2.5 ja 2.6.",
            &["taulukoihin 2.4, 2.5 ja 2.6 = 2.4 2.5 2.6"],
        ),
        ("2Figure 7.13 was drawn", &["Figure 7.13 = 7.13"]),
        ("corresponding to Tab 3.", &["Tab 3 = 3"]),
        ("taulukon 4.6 merkkien", &["taulukon 4.6 = 4.6"]),
    ];
    for (text, expected) in cases {
        assert_mentions(text, expected);
    }
}

#[test]
fn the_inside_of_a_range_is_told_from_its_ends() {
    let within = |text: &str| -> Vec<bool> {
        let mentions = find_mentions(text);
        let targets = mentions.iter().flat_map(|mention| &mention.targets);
        targets
            .map(|target| matches!(target, MentionTarget::Within(_)))
            .collect()
    };
    assert_eq!(within("Figures 3 to 6"), [false, true, true, false]);
    assert_eq!(within("由图3至图5可知"), [false, true, false]);
    assert_eq!(within("Figures 3, 4 and 5"), [false, false, false]);
    assert_eq!(within("Fig. 3a–c"), [false, false, false]);
}
