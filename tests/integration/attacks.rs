//! Files written to break readers: loops, bombs, deep nesting, absurd numbers.
//!
//! Whatever the file, the program ends in time, within its memory, with an output or one line that
//! says why there is none, and leaves nothing half done.

use std::{
    fmt::Write as _,
    process::{Child, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::support::{
    pdf::{Pdf, bomb, deflated, stream},
    program::{Run, Sandbox, children},
};

/// The longest that a hostile file may take.
const TIME_LIMIT: Duration = Duration::from_secs(20);
/// The most memory that it may take.
pub const MEMORY_LIMIT_KIB: u64 = 1 << 20;

/// Runs the program on a hostile file and checks how it ended.
fn survives(name: &str, bytes: &[u8]) {
    let sandbox = Sandbox::with("in.pdf", bytes);
    let start = Instant::now();
    let mut child = sandbox
        .command(["in.pdf", "-o", "out.json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let peak = peak_memory_kib(&mut child, 2 * TIME_LIMIT);
    let run = Run::from(child.wait_with_output().unwrap());
    let took = start.elapsed();
    assert!(took < TIME_LIMIT, "{name} took {took:?}");
    assert!(peak < MEMORY_LIMIT_KIB, "{name} took {peak} KiB");
    match run.code {
        Some(0) => assert_eq!(sandbox.files(), ["in.pdf", "out.json"], "{name}"),
        Some(1) => {
            assert!(
                run.stderr.starts_with("docalign: in.pdf: "),
                "{name}: {}",
                run.stderr
            );
            assert_eq!(run.stderr.lines().count(), 1, "{name}: {}", run.stderr);
            assert_eq!(sandbox.files(), ["in.pdf"], "{name}");
        }
        code => panic!("{name}: exit code {code:?}: {}", run.stderr),
    }
}

/// Waits for a process; the most memory that one of its children was seen to take, where the system
/// tells.
pub fn peak_memory_kib(child: &mut Child, time_limit: Duration) -> u64 {
    let mut peak = 0;
    let deadline = Instant::now() + time_limit;
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > deadline {
            child.kill().unwrap();
        }
        for pid in children(child.id()) {
            peak = peak.max(high_water_kib(pid).unwrap_or(0));
        }
        thread::sleep(Duration::from_millis(5));
    }
    peak
}

fn high_water_kib(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

fn page_with(resources: &str, content: &[u8], objects: &[(u32, Vec<u8>)]) -> Vec<u8> {
    let mut pdf = Pdf::with_content(content);
    pdf.page("[0 0 612 792]", resources, "");
    for (number, body) in objects {
        pdf.set(*number, body.clone());
    }
    pdf.bytes()
}

/// What an attack is tried on: a name for messages, and the file.
pub type Attack<'a> = &'a mut dyn FnMut(&str, &[u8]);

/// Each group is a test; all of them are one corpus elsewhere.
macro_rules! groups {
    ($($group:ident),* $(,)?) => {
        pub const ALL: &[fn(Attack<'_>)] = &[$($group),*];

        mod one_by_one {
            $(#[test]
            fn $group() {
                super::$group(&mut super::survives);
            })*
        }
    };
}

groups![
    page_trees,
    nesting,
    references_in_circles,
    forms_in_forms,
    bombs,
    images,
    absurd_numbers,
    crowds,
    fonts,
    false_tables
];

fn page_trees(attack: Attack<'_>) {
    let mut own_child = Pdf::one_page();
    own_child.set(2, "<</Type/Pages/Kids[2 0 R 3 0 R]/Count 2>>");
    attack("a page tree in itself", &own_child.bytes());

    let mut doubling = Pdf::one_page();
    doubling.set(2, "<</Type/Pages/Kids[10 0 R 10 0 R]/Count 2>>");
    for n in 10..60 {
        let next = n + 1;
        doubling.set(
            n,
            format!("<</Type/Pages/Kids[{next} 0 R {next} 0 R]/Count 2>>"),
        );
    }
    doubling.set(60, "<</Type/Page/MediaBox[0 0 9 9]>>");
    attack("a page tree of 2^51 leaves", &doubling.bytes());

    let mut chain = Pdf::one_page();
    chain.set(2, "<</Type/Pages/Kids[10 0 R]/Count 1>>");
    for n in 10..50_010 {
        chain.set(n, format!("<</Type/Pages/Kids[{} 0 R]/Count 1>>", n + 1));
    }
    chain.set(50_010, "<</Type/Page/MediaBox[0 0 9 9]>>");
    attack("a page tree 50,000 deep", &chain.bytes());

    let mut many = Pdf::one_page();
    let kids = "3 0 R ".repeat(50_000);
    many.set(2, format!("<</Type/Pages/Kids[{kids}]/Count 50000>>"));
    attack("one page 50,000 times", &many.bytes());

    for count in ["2147483647", "-1", "99999999999999999999"] {
        let mut lying = Pdf::one_page();
        lying.set(2, format!("<</Type/Pages/Kids[3 0 R]/Count {count}>>"));
        attack("a page tree with a false count", &lying.bytes());
    }
}

fn nesting(attack: Attack<'_>) {
    for depth in [1_000, 300_000] {
        let arrays = "[".repeat(depth) + &"]".repeat(depth);
        let mut pdf = Pdf::one_page();
        attack(
            "nested arrays",
            &pdf.catalog(&format!("/X {arrays}")).bytes(),
        );
        let open = "[".repeat(depth);
        attack(
            "unclosed arrays",
            &pdf.catalog(&format!("/X {open}")).bytes(),
        );
        let dictionaries = "<</A ".repeat(depth) + "1" + &">>".repeat(depth);
        attack(
            "nested dictionaries",
            &pdf.catalog(&format!("/X {dictionaries}")).bytes(),
        );
        attack(
            "nested arrays as text",
            &page_with("", (arrays + " TJ").as_bytes(), &[]),
        );
    }
    attack(
        "a million saved states",
        &page_with("", "q ".repeat(1_000_000).as_bytes(), &[]),
    );
    attack(
        "a million marks",
        &page_with("", "/P BMC ".repeat(1_000_000).as_bytes(), &[]),
    );
    let function = "{".repeat(200_000) + &"}".repeat(200_000);
    attack(
        "a nested function",
        &page_with(
            "/ColorSpace<</C[/Separation/A/DeviceGray 10 0 R]>>",
            b"/C cs 0.5 scn 0 0 99 99 re f",
            &[(
                10,
                stream(
                    "/FunctionType 4/Domain[0 1]/Range[0 1]",
                    function.as_bytes(),
                ),
            )],
        ),
    );
}

fn references_in_circles(attack: Attack<'_>) {
    let mut pdf = Pdf::one_page();
    pdf.page("[0 0 612 792]", "", "/Rotate 10 0 R")
        .set(10, "10 0 R");
    attack("an object that is itself", &pdf.bytes());

    let mut chain = Pdf::one_page();
    chain.catalog("/Outlines 10 0 R");
    for n in 10..50_000 {
        chain.set(n, format!("{} 0 R", n + 1));
    }
    attack("a chain of references", &chain.bytes());

    let mut length = Pdf::one_page();
    length.set(4, "<</Length 4 0 R>>\nstream\nBT ET\nendstream");
    attack("a stream as its own length", &length.bytes());

    attack(
        "a table of objects before itself",
        &Pdf::one_page().trailer("/Prev XREF").bytes(),
    );

    let mut outline = Pdf::one_page();
    outline.catalog("/Outlines 10 0 R");
    outline.set(10, "<</First 11 0 R/Last 11 0 R>>");
    outline.set(
        11,
        "<</Title(a)/Parent 10 0 R/Next 11 0 R/First 11 0 R/Dest[3 0 R/Fit]>>",
    );
    attack("an outline in itself", &outline.bytes());

    let mut tree = Pdf::one_page();
    tree.catalog("/StructTreeRoot 10 0 R/PageLabels 12 0 R/Names<</Dests 12 0 R>>/Dests 13 0 R");
    tree.set(10, "<</Type/StructTreeRoot/K 11 0 R/RoleMap<</A/B/B/A>>>>");
    tree.set(11, "<</Type/StructElem/S/A/P 10 0 R/K[11 0 R 11 0 R]>>");
    tree.set(12, "<</Kids[12 0 R 12 0 R]/Nums[0 12 0 R]/Limits[0 9]>>");
    tree.set(13, "<</a 13 0 R>>");
    attack("structure, labels and names in themselves", &tree.bytes());

    let font = "<</Type/Font/Subtype/Type3/FontBBox[0 0 9 9]/FontMatrix[.1 0 0 .1 0 0]\
        /CharProcs<</a 10 0 R>>/Encoding<</Differences[72/a]>>/FirstChar 72/LastChar 72\
        /Widths[9]/Resources<</Font<</F1 5 0 R>>>>>>";
    let glyph = stream("", b"9 0 d0 BT /F1 9 Tf (HH) Tj ET");
    let content = b"BT /F1 12 Tf (H) Tj ET";
    attack(
        "a font in itself",
        &page_with("", content, &[(5, font.into()), (10, glyph)]),
    );

    let space = "[/Indexed 10 0 R 255(x)]".into();
    let content = b"/C cs 0.5 scn 0 0 99 99 re f";
    attack(
        "a colour space in itself",
        &page_with("/ColorSpace<</C 10 0 R>>", content, &[(10, space)]),
    );
    let function =
        "<</FunctionType 3/Domain[0 1]/Functions[10 0 R 10 0 R]/Bounds[.5]/Encode[0 1 0 1]>>";
    let spaces = "/ColorSpace<</C[/Separation/A/DeviceGray 10 0 R]>>";
    attack(
        "a function in itself",
        &page_with(spaces, content, &[(10, function.into())]),
    );
}

fn forms_in_forms(attack: Attack<'_>) {
    let own = stream(
        "/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 10 0 R>>>>",
        b"/X Do /X Do",
    );
    attack(
        "a form in itself",
        &page_with("/XObject<</X 10 0 R>>", b"/X Do", &[(10, own)]),
    );

    let mut forms: Vec<(u32, Vec<u8>)> = (10..40)
        .map(|n| {
            let entries = format!(
                "/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X {} 0 R>>>>",
                n + 1
            );
            (n, stream(&entries, b"/X Do /X Do"))
        })
        .collect();
    forms.push((
        40,
        stream("/Type/XObject/Subtype/Form/BBox[0 0 9 9]", b"0 0 1 1 re f"),
    ));
    attack(
        "2^30 forms",
        &page_with("/XObject<</X 10 0 R>>", b"/X Do", &forms),
    );
}

fn bombs(attack: Attack<'_>) {
    let spaces = bomb(1024);
    let mut pdf = Pdf::one_page();
    pdf.set(4, stream("/Filter/FlateDecode", &spaces));
    attack("a content of 1 GiB", &pdf.bytes());

    pdf.set(
        4,
        stream("/Filter[/FlateDecode/FlateDecode]", &deflated(&spaces)),
    );
    attack("a content of 1 GiB, packed twice", &pdf.bytes());

    pdf.set(4, stream("/Filter/FlateDecode", &bomb(64)));
    let contents = "4 0 R ".repeat(1000);
    pdf.set(
        3,
        format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents[{contents}]>>"),
    );
    attack("a content of 64 MiB, 1,000 times", &pdf.bytes());

    let filters = "/ASCIIHexDecode ".repeat(100_000);
    let mut filtered = Pdf::one_page();
    filtered.set(4, stream(&format!("/Filter[{filters}]"), b"20>"));
    attack("100,000 filters", &filtered.bytes());

    let mut objects = Pdf::one_page();
    objects.catalog("/Outlines 12 0 R");
    objects.set(
        10,
        stream("/Type/ObjStm/N 1/First 5/Filter/FlateDecode", &spaces),
    );
    objects.set(
        11,
        stream("/Type/ObjStm/N 2147483647/First 5", b"12 0 13 2 (x)"),
    );
    attack("bombs of objects", &objects.bytes());
    // Without its table the file is searched for objects, packed ones too.
    let bytes = objects.bytes();
    let table = bytes.windows(5).rposition(|w| w == b"xref\n").unwrap();
    attack("bombs of objects, found by search", &bytes[..table]);
}

fn images(attack: Attack<'_>) {
    let image = |entries: &str, data: &[u8]| {
        let body = stream(&format!("/Type/XObject/Subtype/Image{entries}"), data);
        page_with(
            "/XObject<</I 10 0 R>>",
            b"q 100 0 0 100 0 0 cm /I Do Q",
            &[(10, body)],
        )
    };
    let huge = "/Width 100000/Height 100000/BitsPerComponent 8/ColorSpace/DeviceRGB";
    let data = deflated(&[0; 1000]);
    attack(
        "30 GB of pixels",
        &image(&format!("{huge}/Filter/FlateDecode"), &data),
    );
    let head = b"\xff\xd8\xff\xc0\0\x11\x08\xff\xff\xff\xff\x03\x01\x22\0\x02\x11\x01\x03\x11\x01";
    attack(
        "a JPEG of 65,535 lines",
        &image(&format!("{huge}/Filter/DCTDecode"), head),
    );
    let head =
        b"\0\0\0\0\x30\0\x01\0\0\0\x13\x7f\xff\xff\xff\x7f\xff\xff\xff\0\0\0\0\0\0\0\0\0\0\0";
    attack(
        "a JBIG2 page of 2^62 pixels",
        &image("/Width 9/Height 9/Filter/JBIG2Decode", head),
    );
    let mut head = b"\xff\x4f\xff\x51\0\x29\0\0".to_vec();
    head.extend_from_slice(&[0xff; 8]);
    head.extend_from_slice(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1]);
    head.extend_from_slice(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 7, 1, 1]);
    attack(
        "a JPEG 2000 of 2^64 tiles",
        &image("/Width 9/Height 9/Filter/JPXDecode", &head),
    );
}

fn absurd_numbers(attack: Attack<'_>) {
    let boxes = [
        "[0 0 1000000000 1000000000]",
        "[0 0 0 0]",
        "[0 0 1e400 99999999999999999999999999999999999999999]",
        "[0 0 1000000000 0.0001]",
        "[-2147483648 -2147483648 2147483647 2147483647]",
        "[1 2]",
    ];
    for media_box in boxes {
        let mut pdf = Pdf::one_page();
        attack(media_box, &pdf.page(media_box, "", "").bytes());
    }
    let mut unit = Pdf::one_page();
    unit.page("[0 0 612 792]", "", "/UserUnit 1000000000/Rotate 45");
    attack("a large unit", &unit.bytes());
    let matrix = b"1e38 0 0 1e38 0 0 cm 0 0 1 1 re f BT /F1 1e38 Tf 1e38 0 0 1e38 0 0 Tm (x) Tj ET";
    attack("a large matrix", &page_with("", matrix, &[]));
    attack(
        "a tiny dash",
        &page_with("", b"[0.0000001] 0 d 0 0 m 600 700 l S", &[]),
    );
    let entries = "/Type/Pattern/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 1 1]\
        /XStep 0.0001/YStep 0.0001/Resources<<>>";
    let tile = stream(entries, b"0 0 1 1 re f");
    let content = b"/Pattern cs /P scn 0 0 612 792 re f";
    attack(
        "tiny tiles",
        &page_with("/Pattern<</P 10 0 R>>", content, &[(10, tile)]),
    );
}

/// Many glyphs and lines in one spot: what comes after the reader must not take their square.
fn crowds(attack: Attack<'_>) {
    let mut glyphs = String::from("BT /F1 1 Tf ");
    let mut rules = String::new();
    for i in 0..100_000 {
        let (x, y) = (i * 7919 % 612, i * 104_729 % 792);
        write!(glyphs, "1 0 0 1 {x} {y} Tm (x) Tj ").unwrap();
        write!(rules, "{x} {y} m {} {y} l S ", x + 5).unwrap();
    }
    glyphs.push_str("ET");
    attack(
        "100,000 scattered letters",
        &page_with("", glyphs.as_bytes(), &[]),
    );
    attack(
        "100,000 scattered rules",
        &page_with("", rules.as_bytes(), &[]),
    );
    let same = format!(
        "BT /F1 9 Tf {} ET",
        "1 0 0 1 72 700 Tm (Figure 1:) Tj ".repeat(50_000)
    );
    attack(
        "a caption 50,000 times over",
        &page_with("", same.as_bytes(), &[]),
    );
    let mentions = "(see Figs. 1-999999999, 2a-z and Tables I-MMMMMMM ) Tj ".repeat(2_000);
    let text = format!("BT /F1 9 Tf 72 700 Td {mentions} ET");
    attack(
        "mentions of all figures",
        &page_with("", text.as_bytes(), &[]),
    );
}

fn fonts(attack: Attack<'_>) {
    let type0 = |encoding: &str| {
        format!(
            "<</Type/Font/Subtype/Type0/BaseFont/A/Encoding{encoding}/ToUnicode 10 0 R\
             /DescendantFonts[11 0 R]>>"
        )
        .into_bytes()
    };
    let descendant = b"<</Type/Font/Subtype/CIDFontType2/BaseFont/A/DW 1000>>".to_vec();
    let everything = b"1 begincodespacerange <00000000> <ffffffff> endcodespacerange \
        1 beginbfrange <00000000> <ffffffff> <0041> endbfrange";
    let content = b"BT /F1 12 Tf 72 700 Td (Hello) Tj ET";
    let objects = [
        (5, type0("/Identity-H")),
        (10, stream("", everything)),
        (11, descendant.clone()),
    ];
    attack("a map of 2^32 codes", &page_with("", content, &objects));
    let own = b"/X usecmap 1 begincodespacerange <00> <ff> endcodespacerange";
    let objects = [
        (5, type0(" 10 0 R")),
        (10, stream("/Type/CMap/CMapName/X/UseCMap 10 0 R", own)),
        (11, descendant),
    ];
    attack("a map in itself", &page_with("", content, &objects));
    let junk = [b"\0\x01\0\0\xff\xff".as_slice(), &[0xff; 500]].concat();
    let objects = [
        (
            5,
            b"<</Type/Font/Subtype/TrueType/BaseFont/A/FontDescriptor 10 0 R>>".to_vec(),
        ),
        (
            10,
            b"<</Type/FontDescriptor/FontName/A/FontFile2 11 0 R>>".to_vec(),
        ),
        (11, stream("", &junk)),
    ];
    attack("a font of junk", &page_with("", content, &objects));
}

fn false_tables(attack: Attack<'_>) {
    for entries in [
        "/W[2147483647 2147483647 2147483647]/Size 10/Index[0 10]",
        "/W[1 2 1]/Size 2147483647/Index[0 2147483647]",
        "/W[0 0 0]/Size 2147483647",
    ] {
        let table = stream(
            &format!("/Type/XRef/Root 1 0 R/Filter/FlateDecode{entries}"),
            &deflated(&[0; 100]),
        );
        let mut bytes = b"%PDF-1.7\n9 0 obj\n".to_vec();
        bytes.extend_from_slice(&table);
        bytes.extend_from_slice(b"\nendobj\nstartxref\n9\n%%EOF\n");
        attack(entries, &bytes);
    }
    let count = b"%PDF-1.7\nxref\n0 4294967295\n0000000000 65535 f \ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF";
    attack("a table of 2^32 objects", count);
    let many = "%PDF-1.7\n".to_owned() + &"1 0 obj\n".repeat(1_000_000) + "trailer<</Root 1 0 R>>";
    attack("a million beginnings of objects", many.as_bytes());
    let many = "%PDF-1.7\n".to_owned() + &"startxref\n9\n%%EOF\n".repeat(200_000);
    attack("200,000 ends", many.as_bytes());
    let many = "%PDF-1.7\n".to_owned() + &"1 0 obj<</Length 9>>stream\n".repeat(300_000);
    attack("300,000 streams without an end", many.as_bytes());
}
