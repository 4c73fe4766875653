//! PDFs written object by object, right or wrong as a test needs them.

use std::io::Write;

use flate2::{Compression, write::ZlibEncoder};

/// A PDF with one page that says "Hello"; tests replace or add objects.
///
/// Objects: 1 catalog, 2 page tree, 3 page, 4 content, 5 font.
pub struct Pdf {
    objects: Vec<(u32, Vec<u8>)>,
    trailer: String,
}

impl Pdf {
    pub fn one_page() -> Pdf {
        Pdf::with_content(b"BT /F1 12 Tf 72 700 Td (Hello) Tj ET")
    }

    pub fn with_content(content: &[u8]) -> Pdf {
        let mut pdf = Pdf {
            objects: Vec::new(),
            trailer: String::new(),
        };
        pdf.set(1, "<</Type/Catalog/Pages 2 0 R>>");
        pdf.set(2, "<</Type/Pages/Kids[3 0 R]/Count 1>>");
        pdf.page("[0 0 612 792]", "", "");
        pdf.set(4, stream("", content));
        pdf.set(5, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>");
        pdf
    }

    /// Sets the page with its box, further resources and further entries.
    pub fn page(&mut self, media_box: &str, resources: &str, extra: &str) -> &mut Pdf {
        self.set(
            3,
            format!(
                "<</Type/Page/Parent 2 0 R/MediaBox {media_box}\
                 /Resources<</Font<</F1 5 0 R>>{resources}>>/Contents 4 0 R{extra}>>"
            ),
        )
    }

    /// Adds further entries to the catalog.
    pub fn catalog(&mut self, extra: &str) -> &mut Pdf {
        self.set(1, format!("<</Type/Catalog/Pages 2 0 R{extra}>>"))
    }

    pub fn trailer(&mut self, extra: &str) -> &mut Pdf {
        extra.clone_into(&mut self.trailer);
        self
    }

    /// Sets an object; a number used before is replaced.
    pub fn set(&mut self, number: u32, body: impl Into<Vec<u8>>) -> &mut Pdf {
        let body = body.into();
        match self.objects.iter_mut().find(|(n, _)| *n == number) {
            Some(object) if number < 10 => object.1 = body,
            // Added ones are not searched for: there may be very many.
            _ => self.objects.push((number, body)),
        }
        self
    }

    pub fn bytes(&self) -> Vec<u8> {
        let mut out = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec();
        let mut offsets = Vec::new();
        for (number, body) in &self.objects {
            offsets.push((*number, out.len()));
            writeln!(out, "{number} 0 obj").unwrap();
            out.extend_from_slice(body);
            out.extend_from_slice(b"\nendobj\n");
        }
        offsets.sort_unstable();
        let size = offsets.last().map_or(0, |(number, _)| number + 1);
        let start = out.len();
        writeln!(out, "xref\n0 1\n0000000000 65535 f ").unwrap();
        for (number, offset) in offsets {
            writeln!(out, "{number} 1\n{offset:010} 00000 n ").unwrap();
        }
        let trailer = self.trailer.replace("XREF", &start.to_string());
        writeln!(
            out,
            "trailer\n<</Size {size}/Root 1 0 R{trailer}>>\nstartxref\n{start}\n%%EOF"
        )
        .unwrap();
        out
    }
}

pub fn stream(entries: &str, data: &[u8]) -> Vec<u8> {
    let mut body = format!("<<{entries}/Length {}>>\nstream\n", data.len()).into_bytes();
    body.extend_from_slice(data);
    body.extend_from_slice(b"\nendstream");
    body
}

pub fn deflated(data: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

/// So many MiB of spaces, deflated to a thousandth.
pub fn bomb(mib: usize) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    let block = vec![b' '; 1 << 20];
    for _ in 0..mib {
        encoder.write_all(&block).unwrap();
    }
    encoder.finish().unwrap()
}
