//! Which changes of a file are changes of what its page draws.

use std::{collections::BTreeMap, sync::Arc};

use docalign::{
    geometry::PageIndex,
    pdf::{PageDigest, PageRenderer, PdfSource},
};

use crate::support::pdf::{Pdf, deflated, stream};

fn digest_of(bytes: Vec<u8>) -> Option<PageDigest> {
    let source = PdfSource {
        file_name: String::new(),
        bytes: Arc::new(bytes),
        password: String::new(),
    };
    PageRenderer::open(&source)
        .unwrap()
        .digests()
        .of(PageIndex(0))
}

const CONTENT: &[u8] =
    b"/G0 gs /Im1 Do /Fo#31 Do BT /F1 12 Tf (Hello) Tj ET /OC /L1 BDC 1 0 0 rg EMC";
const PAGE: &str = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<<\
    /Font<</F1 5 0 R>>/XObject<</Im1 20 0 R/Fo1 21 0 R/Other 30 0 R>>/ExtGState<</G0 23 0 R>>\
    /Properties<</L1 24 0 R>>>>>>";

type Objects = BTreeMap<u32, Vec<u8>>;

/// A page with an image, a form in which another image is, a graphics state and a layer.
fn objects() -> Objects {
    Objects::from([
        (3, PAGE.into()),
        (4, stream("", CONTENT)),
        (20, image(b"abcd")),
        (21, form("", b"/Deep Do")),
        (22, image(b"efgh")),
        (23, b"<</Type/ExtGState/ca 0.5>>".into()),
        (24, b"<</Type/OCG/Name(layer)>>".into()),
        (30, image(b"ijkl")),
    ])
}

fn image(data: &[u8]) -> Vec<u8> {
    let entries = "/Subtype/Image/Width 2/Height 2/ColorSpace/DeviceGray/BitsPerComponent 8";
    stream(entries, data)
}

fn form(entries: &str, content: &[u8]) -> Vec<u8> {
    let entries = format!(
        "/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</Deep 22 0 R>>>>{entries}"
    );
    stream(&entries, content)
}

/// The page after a change.
fn changed(change: impl FnOnce(&mut Objects)) -> Option<PageDigest> {
    let mut objects = objects();
    change(&mut objects);
    let mut pdf = Pdf::one_page();
    for (number, body) in objects {
        pdf.set(number, body);
    }
    digest_of(pdf.bytes())
}

/// The page with this for one of its objects.
fn with(number: u32, body: impl Into<Vec<u8>>) -> Option<PageDigest> {
    changed(|objects| {
        objects.insert(number, body.into());
    })
}

#[test]
fn what_is_drawn_counts() {
    let hidden = "<</Type/Catalog/Pages 2 0 R/OCProperties<</OCGs[24 0 R]/D<</OFF[24 0 R]>>>>>>";
    let digests = [
        ("nothing", changed(|_| ())),
        (
            "operations",
            with(4, stream("", &[CONTENT, b" 0 0 9 9 re f"].concat())),
        ),
        ("the image", with(20, image(b"abce"))),
        ("the image in the form", with(22, image(b"efgi"))),
        ("the form", with(21, form("", b"/Deep Do 0 0 1 1 re f"))),
        (
            "the form's place",
            with(21, form("/Matrix[2 0 0 2 0 0]", b"/Deep Do")),
        ),
        ("transparency", with(23, "<</Type/ExtGState/ca 0.25>>")),
        (
            "the font",
            with(5, "<</Type/Font/Subtype/Type1/BaseFont/Courier>>"),
        ),
        ("the box", with(3, PAGE.replace("612", "600"))),
        (
            "rotation",
            with(3, PAGE.replace("/Contents", "/Rotate 90/Contents")),
        ),
        ("the layer", with(1, hidden)),
    ];
    for (at, (what, digest)) in digests.iter().enumerate() {
        assert!(digest.is_some(), "{what}");
        let same = digests[..at].iter().find(|(_, earlier)| earlier == digest);
        assert!(same.is_none(), "{what} is like {same:?}");
    }
}

#[test]
fn what_is_not_drawn_does_not() {
    let packed = form("/Filter/FlateDecode", &deflated(b"/Deep Do"));
    let moved = changed(|objects| {
        let image = objects.remove(&20).unwrap();
        objects.insert(40, image);
        objects.insert(3, PAGE.replace("20 0 R", "40 0 R").into());
    });
    let digests = [
        (
            "a resource that the page does not name",
            with(30, image(b"other")),
        ),
        ("another object", with(99, "[1 2 3]")),
        (
            "dates",
            with(
                21,
                form("/LastModified(D:2001)/PieceInfo<</A 7>>", b"/Deep Do"),
            ),
        ),
        ("how the form is packed", with(21, packed)),
        ("the letters that a font has", subset("ABCDEF+", b"x")),
        ("those of another version", subset("GHIJKL+", b"y")),
        ("numbers of objects", moved),
    ];
    let plain = changed(|_| ());
    for (what, digest) in digests {
        assert_eq!(digest, plain, "{what}");
    }
}

/// The page with an embedded font.
fn subset(tag: &str, program: &[u8]) -> Option<PageDigest> {
    let font = format!(
        "<</Type/Font/Subtype/Type1/BaseFont/{tag}Helvetica/FontDescriptor<</FontFile3 31 0 R>>>>"
    );
    changed(|objects| {
        objects.insert(5, font.into());
        objects.insert(31, stream("", program));
    })
}

#[test]
fn what_cannot_be_told_has_none() {
    let bare = stream("/Subtype/Form/BBox[0 0 9 9]", b"/Im1 Do");
    assert_eq!(
        with(21, bare),
        None,
        "a form that needs what is not its own"
    );
    let circle = "/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</Me 21 0 R>>>>";
    assert_eq!(with(21, stream(circle, b"/Me Do")), None);
    let deep = "[".repeat(100) + &"]".repeat(100);
    let state = format!("<</Type/ExtGState/D {deep}>>");
    assert_eq!(with(23, state), None, "nesting without end");
}
