//! Small files built by hand, one feature each.

use std::sync::Arc;

use super::{read_structure, test_pdf};
use crate::{
    geometry::{PageIndex, Point, Rect},
    pdf::{PdfSource, Structure},
};

fn source(bytes: Vec<u8>) -> PdfSource {
    PdfSource {
        file_name: "test.pdf".to_owned(),
        bytes: Arc::new(bytes),
        password: String::new(),
    }
}

/// A file of two pages, 200 by 100 points: `catalog` and `page` add entries to the catalog and
/// the first page, `more` are the objects from number 5 on.
fn file(catalog: &str, page: &str, more: &[&str]) -> Vec<u8> {
    let mut objects = vec![
        format!("<</Type/Catalog/Pages 2 0 R{catalog}>>"),
        "<</Type/Pages/Kids[3 0 R 4 0 R]/Count 2/MediaBox[0 0 200 100]>>".to_owned(),
        format!("<</Type/Page/Parent 2 0 R{page}>>"),
        "<</Type/Page/Parent 2 0 R>>".to_owned(),
    ];
    objects.extend(more.iter().map(|object| (*object).to_owned()));
    test_pdf(&objects, "")
}

fn structure(catalog: &str, page: &str, more: &[&str]) -> Structure {
    read_structure(&source(file(catalog, page, more)), 2).unwrap()
}

fn outline(structure: &Structure) -> Vec<(&str, u8, Option<u32>)> {
    structure
        .outline
        .iter()
        .map(|item| {
            let page = item.target.as_ref().map(|target| target.page.0);
            (item.title.as_str(), item.level, page)
        })
        .collect()
}

#[test]
fn nested_outline_in_order() {
    let found = structure(
        "/Outlines 5 0 R",
        "",
        &[
            "<</First 6 0 R/Last 7 0 R>>",
            "<</Title(One)/First 8 0 R/Next 7 0 R/Dest[3 0 R/XYZ 0 90 0]>>",
            "<</Title<FEFF0042>/Dest[4 0 R/Fit]>>",
            "<</Title(  One\nand  a half )/A<</S/GoTo/D[1/FitH 50]>>>>",
        ],
    );
    assert_eq!(
        outline(&found),
        [
            ("One", 1, Some(0)),
            ("One and a half", 2, Some(1)),
            ("B", 1, Some(1)),
        ]
    );
    let points: Vec<_> = found
        .outline
        .iter()
        .map(|item| item.target.as_ref().unwrap().point)
        .collect();
    assert_eq!(
        points,
        [
            Some(Point { x: 0.0, y: 10.0 }),
            Some(Point { x: 0.0, y: 50.0 }),
            None,
        ]
    );
}

#[test]
fn outline_loops_end() {
    let found = structure(
        "/Outlines 5 0 R",
        "",
        &[
            "<</First 6 0 R>>",
            "<</Title(One)/First 6 0 R/Next 7 0 R>>",
            "<</Title(Two)/First 6 0 R/Next 7 0 R>>",
        ],
    );
    assert_eq!(outline(&found), [("One", 1, None), ("Two", 1, None)]);
}

#[test]
fn named_destinations_of_both_kinds() {
    let found = structure(
        "/Dests<</old[4 0 R/XYZ 10 80 0]/chain 9 0 R>>/Names<</Dests 5 0 R>>",
        "/Annots[<</Subtype/Link/Rect[0 0 1 1]/Dest/old>>\
         <</Subtype/Link/Rect[0 0 1 1]/A<</S/GoTo/D(figure.1)>>>>\
         <</Subtype/Link/Rect[0 0 1 1]/Dest(table.2)>>\
         <</Subtype/Link/Rect[0 0 1 1]/Dest/chain>>\
         <</Subtype/Link/Rect[0 0 1 1]/Dest(missing)>>]",
        &[
            "<</Kids[6 0 R 7 0 R 5 0 R]>>",
            "<</Limits[(a)(g)]/Names[(figure.1)8 0 R]>>",
            "<</Kids[7 0 R]/Names[(table.2)[3 0 R/FitR 1 2 3 4]]>>",
            "<</D[4 0 R/XYZ null 60 null]>>",
            "(figure.1)",
        ],
    );
    let targets: Vec<_> = found
        .links
        .iter()
        .map(|link| {
            let target = &link.target;
            (target.name.as_deref(), target.page.0, target.point)
        })
        .collect();
    let at = |x, y| Some(Point { x, y });
    assert_eq!(
        targets,
        [
            (Some("old"), 1, at(10.0, 20.0)),
            (Some("figure.1"), 1, at(0.0, 40.0)),
            (Some("table.2"), 0, at(1.0, 96.0)),
            (Some("chain"), 1, at(0.0, 40.0)),
        ]
    );
}

#[test]
fn names_that_name_each_other_end() {
    let found = structure(
        "/Dests<</a/b/b/a>>",
        "/Annots[<</Subtype/Link/Rect[0 0 1 1]/Dest/a>>]",
        &[],
    );
    assert!(found.links.is_empty());
}

#[test]
fn only_links_within_the_file() {
    let found = structure(
        "",
        "/Annots 5 0 R",
        &[
            "[6 0 R 7 0 R 8 0 R 9 0 R 10 0 R]",
            "<</Type/Annot/Subtype/Link/Rect[20 90 10 70]/Dest[4 0 R/Fit]>>",
            "<</Subtype/Link/Rect[0 0 1 1]/A<</S/URI/URI(x)>>>>",
            "<</Subtype/Link/Rect[0 0 1 1]/A<</S/GoToR/F(x)/D[1/Fit]>>>>",
            "<</Subtype/Text/Rect[0 0 1 1]/Dest[4 0 R/Fit]>>",
            "<</Subtype/Link/Rect[0 0 1 1]/Dest[99 0 R/Fit]>>",
        ],
    );
    assert_eq!(found.links.len(), 1);
    assert_eq!(found.links[0].page, PageIndex(0));
    assert_eq!(found.links[0].bbox, Rect::new(10.0, 10.0, 20.0, 30.0));
}

#[test]
fn a_link_over_two_lines_has_two_boxes() {
    let found = structure(
        "",
        "/Annots[<</Subtype/Link/Rect[0 10 200 40]/Dest[4 0 R/Fit]/QuadPoints\
         [150 40 200 40 150 30 200 30 0 20 50 20 0 10 50 10]>>]",
        &[],
    );
    let boxes: Vec<_> = found.links.iter().map(|link| link.bbox).collect();
    assert_eq!(
        boxes,
        [
            Rect::new(150.0, 60.0, 200.0, 70.0),
            Rect::new(0.0, 80.0, 50.0, 90.0),
        ]
    );
}

/// The box [10 20 30 50] and the point (10, 50) on a page whose visible part is
/// [5 10 205 110] of a larger sheet.
#[test]
fn rotated_and_cropped_pages() {
    let cases = [
        (0, Rect::new(5.0, 60.0, 25.0, 90.0), (5.0, 60.0)),
        (90, Rect::new(10.0, 5.0, 40.0, 25.0), (40.0, 5.0)),
        (180, Rect::new(175.0, 10.0, 195.0, 40.0), (195.0, 40.0)),
        (270, Rect::new(60.0, 175.0, 90.0, 195.0), (60.0, 195.0)),
        (-90, Rect::new(60.0, 175.0, 90.0, 195.0), (60.0, 195.0)),
    ];
    for (rotate, bbox, (x, y)) in cases {
        let page = format!(
            "/MediaBox[0 0 205 500]/CropBox[5 10 900 110]/Rotate {rotate}\
             /Annots[<</Subtype/Link/Rect[10 20 30 50]/Dest[3 0 R/XYZ 10 50 0]>>]"
        );
        let found = structure("", &page, &[]);
        let link = &found.links[0];
        assert_eq!(link.bbox, bbox, "rotated by {rotate}");
        assert_eq!(
            link.target.point,
            Some(Point { x, y }),
            "rotated by {rotate}"
        );
    }
}

#[test]
fn page_labels_of_all_styles() {
    let objects: Vec<String> = std::iter::once(
        "<</Type/Catalog/Pages 2 0 R/PageLabels<</Kids[<</Nums[1<</S/r>>3<</S/D/P(A-)/St 9>>]>>\
         <</Nums[5<</S/a/St 26>>7<</P(x)>>8<</S/R/St 1994>>9<</S/A>>]>>]>>>>"
            .to_owned(),
    )
    .chain(std::iter::once(format!(
        "<</Type/Pages/Kids[{}]/Count 10>>",
        (3..13).map(|n| format!("{n} 0 R ")).collect::<String>()
    )))
    .chain((0..10).map(|_| "<</Type/Page>>".to_owned()))
    .collect();
    let found = read_structure(&source(test_pdf(&objects, "")), 10).unwrap();
    assert_eq!(
        found.page_labels,
        [
            "1", "i", "ii", "A-9", "A-10", "z", "aa", "x", "MCMXCIV", "A"
        ]
    );
    assert!(structure("", "", &[]).page_labels.is_empty());
}

#[test]
fn figures_and_tables_of_the_structure_tree() {
    let found = structure(
        "/StructTreeRoot 5 0 R",
        "",
        &[
            "<</Type/StructTreeRoot/K 6 0 R/RoleMap<</Picture/Image/Image/Figure/P/Lbl/Lbl/P>>>>",
            "<</S/Document/K[7 0 R 8 0 R 9 0 R 6 0 R]>>",
            "<</Type/StructElem/S/Picture/Pg 4 0 R/Alt(A cat)/A[<</O/Layout/BBox[10 20 30 40]>>0]\
             /K 3>>",
            "<</S/Table/ActualText<FEFF0054>/K[<</S/TR/K[<</Type/MCR/Pg 3 0 R/MCID 1>>]>>]>>",
            "<</S/P/Pg 3 0 R/K[1 2<</S/Figure>>]>>",
        ],
    );
    let figures: Vec<_> = found
        .figures
        .iter()
        .map(|figure| {
            (
                figure.table,
                figure.page.map(|page| page.0),
                figure.bbox,
                figure.alt_text.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        figures,
        [
            (
                false,
                Some(1),
                Some(Rect::new(10.0, 60.0, 30.0, 80.0)),
                Some("A cat")
            ),
            (true, Some(0), None, Some("T")),
            (false, Some(0), None, None),
        ]
    );
}

#[test]
fn title_and_language() {
    let objects = [
        "<</Type/Catalog/Pages 2 0 R/Lang(de-AT)>>".to_owned(),
        "<</Type/Pages/Kids[<</Type/Page>>]/Count 1>>".to_owned(),
        "<</Title(\\376\\377\\000\\033\\000d\\000e\\000\\033\\000H\\000i)>>".to_owned(),
    ];
    let file = source(test_pdf(&objects, "/Info 3 0 R"));
    let found = read_structure(&file, 1).unwrap();
    assert_eq!(found.title.as_deref(), Some("Hi"));
    assert_eq!(found.language.as_deref(), Some("de-AT"));
}

#[test]
fn text_strings_of_all_encodings() {
    let cases: [(&[u8], &str); 6] = [
        (b"plain", "plain"),
        (b"caf\xE9 \x84 \x8A", "caf\u{e9} \u{2014} \u{2212}"),
        (b"\xFE\xFF\x56\xFE\x00\x33", "图3"),
        (b"\xFF\xFE\xFE\x56\x33\x00", "图3"),
        (b"\xEF\xBB\xBF\xC3\xA9", "é"),
        ("Übersicht".as_bytes(), "Übersicht"),
    ];
    for (bytes, text) in cases {
        assert_eq!(super::text::decode(bytes), text);
    }
}

#[test]
fn another_page_count_gives_no_structure() {
    let file = source(file("", "", &[]));
    assert!(read_structure(&file, 3).is_err());
    assert!(read_structure(&file, 1).is_err());
    assert!(read_structure(&file, 2).is_ok());
}

#[test]
fn page_tree_loops_and_odd_kids() {
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        // The second node is in the tree twice, and leads back to the root.
        "<</Type/Pages/Kids[3 0 R 4 0 R 3 0 R 7(no page)99 0 R]/Count 9>>".to_owned(),
        "<</Type/Pages/Kids[5 0 R 2 0 R]>>".to_owned(),
        "<</MediaBox[0 0 10 10]>>".to_owned(),
        "<</Type/Page/MediaBox[0 0 10 10]>>".to_owned(),
    ];
    assert!(read_structure(&source(test_pdf(&objects, "")), 2).is_ok());
}

#[test]
fn no_pdf_is_an_error() {
    assert!(read_structure(&source(b"hello".to_vec()), 1).is_err());
    assert!(read_structure(&source(Vec::new()), 0).is_err());
}
