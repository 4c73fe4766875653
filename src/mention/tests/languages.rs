//! A typical caption and a typical mention of each language.

use super::super::lexicon::Lexicon;
use super::*;
use LabelKind::{Figure, Table};

/// Language, caption, its number, running text, the text of its mention, its number, the kind.
pub(crate) type Case = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    LabelKind,
);

#[rustfmt::skip]
pub(crate) const CASES: &[Case] = &[
    ("af", "Figuur 3: Die stelsel", "3", "soos in Figuur 3 gesien", "Figuur 3", "3", Figure),
    ("am", "ሥዕል 3፡ ምሳሌ", "3", "በሥዕል 3 እንደሚታየው", "ሥዕል 3", "3", Figure),
    ("ar", "شكل 3-2: النظام", "3.2", "كما في الشكل ٣ أعلاه", "الشكل ٣", "3", Figure),
    ("as", "চিত্ৰ ৩: উদাহৰণ", "3", "চিত্ৰ ৩ চাওক", "চিত্ৰ ৩", "3", Figure),
    ("ast", "Figura 3: El sistema", "3", "na Figura 3 vese", "Figura 3", "3", Figure),
    ("az", "Şəkil 3. Sistem", "3", "bu, Cədvəl 2-də göstərilir", "Cədvəl 2", "2", Table),
    ("be", "Рыс. 3. Схема", "3", "паказана на малюнку 3.", "малюнку 3", "3", Figure),
    ("bg", "Фигура 3.1: Схема", "3.1", "както е показано на фигура 3.1", "фигура 3.1", "3.1", Figure),
    ("bn", "চিত্র ৩.২: উদাহরণ", "3.2", "সারণী ৪ দেখুন", "সারণী ৪", "4", Table),
    ("br", "Taolenn 2: skouer", "2", "gwelet taolenn 2", "taolenn 2", "2", Table),
    ("bs", "Slika 3: Primjer", "3", "kao na slici 3", "slici 3", "3", Figure),
    ("ca", "Taula 2.1: Resultats", "2.1", "vegeu la taula 2.1", "taula 2.1", "2.1", Table),
    ("ckb", "وێنەی ٣: نموونە", "3", "لە خشتەی ٢", "خشتەی ٢", "2", Table),
    ("cs", "Obrázek 3: Schéma", "3", "viz obr. 3 a 4", "obr. 3 a 4", "3 4", Figure),
    ("cy", "Darlun 3: Enghraifft", "3", "gweler Taflen 2", "Taflen 2", "2", Table),
    ("da", "Tabel 2: Resultater", "2", "som det ses i figur 3", "figur 3", "3", Figure),
    ("de", "Abbildung 3.2: Aufbau", "3.2", "wie in den Abbildungen 3.1 und 3.2", "Abbildungen 3.1 und 3.2", "3.1 3.2", Figure),
    ("dsb", "Wobraz 3: Pśikład", "3", "glědaj tabulku 2", "tabulku 2", "2", Table),
    ("el", "Σχήμα 3: Διάταξη", "3", "όπως στον πίνακα 2", "πίνακα 2", "2", Table),
    ("en", "Figure 3: Setup", "3", "as in Tables 2–4", "Tables 2–4", "2 3 4", Table),
    ("eo", "Figuro 3: Ekzemplo", "3", "vidu tabelon 2", "tabelon 2", "2", Table),
    ("es", "Cuadro 2: Resultados", "2", "véanse las figuras 3 y 4", "figuras 3 y 4", "3 4", Figure),
    ("et", "Joonis 3. Skeem", "3", "nagu näha joonisel 3", "joonisel 3", "3", Figure),
    ("eu", "3. irudia: Adibidea", "3", "ikus 2. taulan", "2. taulan", "2", Table),
    ("fa", "شکل ۳-۲: نمونه", "3.2", "در جدول ۲ آمده", "جدول ۲", "2", Table),
    ("fi", "Kuva 3. Rakenne", "3", "kuten kuvassa 3 ja taulukossa", "kuvassa 3", "3", Figure),
    ("fr", "Tableau 2 – Résultats", "2", "voir les figures 3 à 5", "figures 3 à 5", "3 4 5", Figure),
    ("fur", "Figure 3: Esempli", "3", "te Tabele 2", "Tabele 2", "2", Table),
    ("ga", "Tábla 2: Sampla", "2", "féach Léaráid 3", "Léaráid 3", "3", Figure),
    ("gd", "Dealbh 3: Eisimpleir", "3", "faic Clàr 2", "Clàr 2", "2", Table),
    ("gl", "Cadro 2: Resultados", "2", "na figura 3", "figura 3", "3", Figure),
    ("gu", "આકૃતિ ૩: ઉદાહરણ", "3", "કોષ્ટક ૨ જુઓ", "કોષ્ટક ૨", "2", Table),
    ("he", "איור 3: דוגמה", "3", "כפי שרואים באיור 3", "איור 3", "3", Figure),
    ("hi", "चित्र ३: उदाहरण", "3", "तालिका २ देखें", "तालिका २", "2", Table),
    ("hr", "Tablica 2: Rezultati", "2", "na slikama 3 i 4", "slikama 3 i 4", "3 4", Figure),
    ("hsb", "Tabulka 2: Přikład", "2", "hlej wobraz 3", "wobraz 3", "3", Figure),
    ("hu", "3.1. ábra: Felépítés", "3.1", "ahogy a 2. táblázatban", "2. táblázatban", "2", Table),
    ("hy", "Նկար 3. Օրինակ", "3", "տես աղյուսակ 2", "աղյուսակ 2", "2", Table),
    ("ia", "Figura 3: Exemplo", "3", "vide tabella 2", "tabella 2", "2", Table),
    ("id", "Gambar 3.1: Contoh", "3.1", "lihat Tabel 2 dan 3", "Tabel 2 dan 3", "2 3", Table),
    ("is", "Mynd 3: Dæmi", "3", "sjá töflu 2", "töflu 2", "2", Table),
    ("it", "Tabella 2. Risultati", "2", "nelle figure 3 e 4", "figure 3 e 4", "3 4", Figure),
    ("ja", "図3.2 構成", "3.2", "結果を表4に示す", "表4", "4", Table),
    ("ka", "სურ. 3. მაგალითი", "3", "იხილეთ ცხრილი 2", "ცხრილი 2", "2", Table),
    ("kk", "3-сурет. Мысал", "3", "нәтижелер 2-кестеде берілген", "2-кестеде", "2", Table),
    ("km", "រូប ៣៖ ឧទាហរណ៍", "3", "ក្នុងតារាង ២", "តារាង ២", "2", Table),
    ("kmr", "Dimenê 3: Mînak", "3", "li Kevala 2", "Kevala 2", "2", Table),
    ("kn", "ಚಿತ್ರ ೩: ಉದಾಹರಣೆ", "3", "ಕೋಷ್ಟಕ ೨ ನೋಡಿ", "ಕೋಷ್ಟಕ ೨", "2", Table),
    ("ko", "<그림 3-2> 구조", "3.2", "결과는 표 4에 나타난다", "표 4", "4", Table),
    ("la", "Descriptio 3: exemplum", "3", "vide tabulam; Tabula 2", "Tabula 2", "2", Table),
    ("lb", "Bild 3: Beispill", "3", "kuckt Tabell 2", "Tabell 2", "2", Table),
    ("lo", "ຮູບທີ 3: ຕົວຢ່າງ", "3", "ໃນຕາຕະລາງທີ 2", "ຕາຕະລາງທີ 2", "2", Table),
    ("lt", "3 pav. Schema", "3", "rezultatai pateikti 2 lentelėje", "2 lentelėje", "2", Table),
    ("lv", "3. attēls. Shēma", "3", "kā redzams 2. tabulā", "2. tabulā", "2", Table),
    ("mk", "Слика 3: Пример", "3", "види табела 2", "табела 2", "2", Table),
    ("ml", "ചിത്രം 3: ഉദാഹരണം", "3", "പട്ടിക 2 കാണുക", "പട്ടിക 2", "2", Table),
    ("mn", "Зураг 3. Жишээ", "3", "Хүснэгт 2-т", "Хүснэгт 2", "2", Table),
    ("mr", "आकृती ३: उदाहरण", "3", "कोष्टक २ पहा", "कोष्टक २", "2", Table),
    ("ms", "Rajah 3: Contoh", "3", "lihat Jadual 2", "Jadual 2", "2", Table),
    ("my", "ပုံ ၃။ ဥပမာ", "3", "ဇယား ၂", "ဇယား ၂", "2", Table),
    ("nb", "Tabell 2: Resultater", "2", "se figur 3 og 4", "figur 3 og 4", "3 4", Figure),
    ("nl", "Afbeelding 3: Opzet", "3", "zie tabel 2 en 3", "tabel 2 en 3", "2 3", Table),
    ("nn", "Figur 3: Døme", "3", "sjå tabell 2", "tabell 2", "2", Table),
    ("oc", "Tablèu 2: Exemple", "2", "dins la figura 3", "figura 3", "3", Figure),
    ("pa", "ਚਿੱਤਰ 3: ਉਦਾਹਰਨ", "3", "ਸਾਰਣੀ 2 ਵੇਖੋ", "ਸਾਰਣੀ 2", "2", Table),
    ("pl", "Rysunek 3: Schemat", "3", "na rysunkach 3 i 4", "rysunkach 3 i 4", "3 4", Figure),
    ("pms", "Figura 3: Esempi", "3", "ant la Tabela 2", "Tabela 2", "2", Table),
    ("pt", "Quadro 2 – Resultados", "2", "nas figuras 3 a 5", "figuras 3 a 5", "3 4 5", Figure),
    ("rm", "Figura 3: Exempel", "3", "en la tabella 2", "tabella 2", "2", Table),
    ("ro", "Figura 3: Schema", "3", "vezi tabelul 2", "tabelul 2", "2", Table),
    ("ru", "Рисунок 3 – Схема", "3", "показано на рис. 4б", "рис. 4б", "4б", Figure),
    ("se", "Govus 3: ovdamearka", "3", "geahča Tabealla 2", "Tabealla 2", "2", Table),
    ("si", "රූපය 3: උදාහරණය", "3", "වගුව 2 බලන්න", "වගුව 2", "2", Table),
    ("sk", "Tabuľka 2: Výsledky", "2", "na obrázku 3", "obrázku 3", "3", Figure),
    ("sl", "Slika 3: Shema", "3", "v tabeli 2", "tabeli 2", "2", Table),
    ("sq", "Figura 3: Shembull", "3", "shih tabelën 2", "tabelën 2", "2", Table),
    ("sr", "Слика 3: Пример", "3", "у табели 2", "табели 2", "2", Table),
    ("sr-Latn", "Slika 3: Primer", "3", "na slici 3", "slici 3", "3", Figure),
    ("sv", "Figur 3. Schema", "3", "se tabell 2 och 3", "tabell 2 och 3", "2 3", Table),
    ("ta", "படம் 3: எடுத்துக்காட்டு", "3", "அட்டவணை 2 பார்க்க", "அட்டவணை 2", "2", Table),
    ("te", "పటం 3: ఉదాహరణ", "3", "పట్టిక 2 చూడండి", "పట్టిక 2", "2", Table),
    ("th", "รูปที่ 3: ตัวอย่าง", "3", "ดังแสดงในตารางที่ ๒", "ตารางที่ ๒", "2", Table),
    ("tk", "3-nji surat. Mysal", "3", "Tablisa 2 serediň", "Tablisa 2", "2", Table),
    ("tr", "Şekil 3.1: Yapı", "3.1", "Çizelge 2'de verilen", "Çizelge 2", "2", Table),
    ("ug", "3-رەسىم: مىسال", "3", "جەدۋەل 2", "جەدۋەل 2", "2", Table),
    ("uk", "Рисунок 3. Схема", "3", "наведено в табл. 2 та 3", "табл. 2 та 3", "2 3", Table),
    ("ur", "شکل 3: مثال", "3", "جدول 2 میں", "جدول 2", "2", Table),
    ("uz", "3-rasm. Misol", "3", "natijalar 2-jadvalda", "2-jadvalda", "2", Table),
    ("vi", "Hình 3.1: Sơ đồ", "3.1", "xem Bảng 2 và 3", "Bảng 2 và 3", "2 3", Table),
    ("zh", "图 3-2 系统结构", "3.2", "如表4所示", "表4", "4", Table),
];

#[test]
fn each_language_has_captions() {
    for &(language, caption, number, ..) in CASES {
        let found = caption_label(caption);
        let found = found.unwrap_or_else(|| panic!("{language}: no label in {caption:?}"));
        let printed = found.label.number.map(|number| number.to_string());
        assert_eq!(printed.as_deref(), Some(number), "{language}: {caption:?}");
        assert!(!found.sentence_like, "{language}: {caption:?}");
    }
}

#[test]
fn each_language_has_mentions() {
    for &(language, _, _, text, mention, number, kind) in CASES {
        let found: Vec<_> = find_mentions(text).iter().map(brief).collect();
        let expected = (mention.to_owned(), kind, number.to_owned());
        assert_eq!(found, [expected], "{language}: {text:?}");
    }
}

#[test]
fn the_cases_are_of_many_languages_of_the_lexicon() {
    let known = Lexicon::get().languages();
    assert!(known.len() <= 127, "no bit left for a language more");
    assert!(
        CASES
            .iter()
            .all(|case| known.iter().any(|code| code == case.0))
    );
    assert!(CASES.len() > 80);
}

#[test]
fn headings_of_lists() {
    for heading in [
        "List of Figures",
        "LIST OF TABLES",
        "Abbildungsverzeichnis",
        "插图目录",
        "表 目 录",
        "図目次",
        "Список иллюстраций",
        "Índice de figuras",
        "Table des ﬁgures",
        "Spis rysunków",
        "2 List of Tables 7",
        "Elenco delle tabelle",
        "그림 차례",
        "Danh sách hình vẽ",
        "Κατάλογος σχημάτων",
        "Şekil Listesi",
    ] {
        assert!(is_list_of_visuals_heading(heading), "{heading:?}");
    }
    for heading in [
        "Contents",
        "Tables in LaTeX",
        "4.4 Abbildungen",
        "list of figures",
        "List of authors",
        "",
        "3",
        "Figure 3",
    ] {
        assert!(!is_list_of_visuals_heading(heading), "{heading:?}");
    }
}

#[test]
fn abbreviations_end_no_sentence() {
    for text in [
        "as in Fig.",
        "see Figs.",
        "Smith et al.",
        "z. B.",
        "i.e.",
        "на рис.",
        "и т. д.",
        "cf.",
        "No.",
        "siehe Abb.",
        "π.χ.",
        "np.",
        "See e.g.",
        "vgl.",
        "Prof.",
        "(cf.",
        "bkz.",
        "napr.",
    ] {
        assert!(ends_with_abbreviation(text), "{text:?}");
    }
    for text in [
        "the end.",
        "he said no.",
        "Fig",
        "in the fig tree.",
        ".",
        "",
        "a table.",
        "configs.",
    ] {
        assert!(!ends_with_abbreviation(text), "{text:?}");
    }
}
