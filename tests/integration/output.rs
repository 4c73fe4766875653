//! Every output format of one small document.

mod browser;
mod sample;

use std::collections::BTreeMap;

use docalign::{
    geometry::{Dpi, PageIndex},
    output::{OutputOptions, chunks, crops, graph, json, markdown, terminal},
    pdf::PageRenderer,
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

#[test]
fn the_graph_holds_nodes_order_and_links() {
    let mut document = sample::document();
    let ends = (ParagraphId(2), docalign::detect::VisualId(0));
    document.graph =
        docalign::graph::connect(&document.document, &document.paragraphs, &document.visuals);
    let options = OutputOptions::default();
    let (mut graphml, mut dot) = (Vec::new(), Vec::new());
    graph::write_graphml(&document, &options, &mut graphml).unwrap();
    graph::write_dot(&document, &options, &mut dot).unwrap();
    let [graphml, dot] = [graphml, dot].map(|bytes| String::from_utf8(bytes).unwrap());
    let nodes = document.paragraphs.len() + document.visuals.len();
    assert_eq!(graphml.matches("<node ").count(), nodes, "{graphml}");
    // All paragraphs but the first follow another, one is a caption, one link is likely enough.
    let edges = document.paragraphs.len() - 1 + 1 + 1;
    assert_eq!(graphml.matches("<edge ").count(), edges);
    assert_eq!(dot.matches(" -> ").count(), edges);
    assert!(graphml.contains(">0.9877<") && dot.contains("belongs_to 0.9877 (mention)"));
    // The document's text is no markup.
    assert!(!graphml.contains("<script>") && graphml.contains("&lt;script&gt;"));
    let caption = document.graph.pairs().next().map(|(p, v, _)| (p, v));
    assert_eq!(caption, Some(ends));
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

/// The crops of the sample by name.
fn crops_of() -> (crops::CropNames, BTreeMap<String, Vec<u8>>) {
    let mut files = BTreeMap::new();
    let mut sink = |name: &str, png: &[u8]| {
        files.insert(name.to_owned(), png.to_vec());
        Ok(())
    };
    let names = crops::write(&sample::document(), &OutputOptions::default(), &mut sink).unwrap();
    (names, files)
}

#[test]
fn pages_are_drawn_on_white_in_their_order() {
    let renderer = PageRenderer::open(&sample::source(20)).unwrap();
    let page = renderer.render(PageIndex(0), Dpi(72.0)).unwrap();
    assert_eq!(page.dimensions(), (400, 300));
    assert_eq!(page.get_pixel(5, 5).0, [255, 255, 255]);
    assert_eq!(page.get_pixel(150, 150).0, [204, 51, 51]);
    assert!(renderer.render(PageIndex(20), Dpi(72.0)).is_none());
    let wanted: Vec<PageIndex> = (0..20).rev().map(PageIndex).collect();
    let mut got = Vec::new();
    let make = |page, raster: Option<image::RgbImage>| (page, raster.unwrap().width());
    renderer
        .render_all(
            &wanted,
            |_| Dpi(36.0),
            make,
            |page, made| {
                assert_eq!(made, (page, 200));
                got.push(page);
                Ok(())
            },
        )
        .unwrap();
    assert_eq!(got, wanted);
}

#[test]
fn crops_show_their_visual() {
    let (_, files) = crops_of();
    assert_eq!(files.keys().collect::<Vec<_>>(), ["figure-1.png", "v2.png"]);
    let crop = image::load_from_memory(&files["figure-1.png"])
        .unwrap()
        .to_rgb8();
    // 200 by 100 points and a margin of 3 points on each side, at 150 dpi.
    assert!((428..=431).contains(&crop.width()), "{}", crop.width());
    assert!((220..=223).contains(&crop.height()), "{}", crop.height());
    assert_eq!(crop.get_pixel(200, 100).0, [204, 51, 51]);
    assert_eq!(crop.get_pixel(0, 0).0, [255, 255, 255]);
}

#[test]
fn markdown_sets_visuals_after_the_first_paragraph_they_belong_to() {
    let (crops, _) = crops_of();
    let mut out = Vec::new();
    let options = OutputOptions::default();
    markdown::write(
        &sample::document(),
        &options,
        &crops,
        "small_files",
        &mut out,
    )
    .unwrap();
    let expected = r#"# 1 Methods \*and\* more

As Figure 1 shows, \</script\>\<script\>document.title='broken in'\</script\>\<img src=x onerror="document.title='broken in'"\> stays text.

![Figure 1: The red box](small_files/figure-1.png)

*Figure 1: The red box*

- Weak words about the box. They go on.

```
let x = 1;
let y = 2;
```

图示系统结构。See Figure 9 for what is not here.

![Photo](small_files/v2.png)

"#;
    assert_eq!(String::from_utf8(out).unwrap(), expected);
}

fn chunks_of(chunk_tokens: usize) -> Vec<serde_json::Value> {
    let (crops, _) = crops_of();
    let options = OutputOptions {
        chunk_tokens,
        ..OutputOptions::default()
    };
    let mut out = Vec::new();
    chunks::write(
        &sample::document(),
        &options,
        &crops,
        "small_files",
        &mut out,
    )
    .unwrap();
    let text = String::from_utf8(out).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn a_chunk_brings_its_visuals() {
    let chunks = chunks_of(512);
    assert_eq!(chunks.len(), 1);
    let chunk = &chunks[0];
    assert_eq!(chunk["id"], "c1");
    assert_eq!(
        chunk["section"],
        serde_json::json!(["1 Methods *and* more"])
    );
    assert_eq!(chunk["pages"], serde_json::json!([0, 1]));
    assert_eq!(chunk["paragraphs"].as_array().unwrap().len(), 6);
    let figure = serde_json::json!({
        "id": "v1", "label": "Figure 1", "caption": "Figure 1: The red box", "kind": "figure",
        "page": 0, "crop": "small_files/figure-1.png", "probability": 1.0,
    });
    assert_eq!(chunk["visuals"], serde_json::json!([figure]));
}

#[test]
fn small_chunks_keep_to_the_limit_and_lose_no_word() {
    let whole: String = chunks_of(512)[0]["text"]
        .as_str()
        .unwrap()
        .split_whitespace()
        .collect();
    let chunks = chunks_of(4);
    assert!(chunks.len() > 5);
    let mut text = String::new();
    for chunk in &chunks {
        assert!(chunk["tokens"].as_u64().unwrap() <= 4, "{chunk}");
        text.extend(chunk["text"].as_str().unwrap().split_whitespace());
    }
    assert_eq!(text, whole);
    // Only the part that names the figure, and the caption's parts, bring it.
    let of_figure = |c: &&serde_json::Value| {
        c["paragraphs"] == serde_json::json!(["p2"]) && !c["visuals"].as_array().unwrap().is_empty()
    };
    let with: Vec<_> = chunks.iter().filter(of_figure).collect();
    assert_eq!(with.len(), 1);
    assert_eq!(with[0]["visuals"][0]["probability"], 0.9877);
}
