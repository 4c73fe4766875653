use docalign::{pdf::*, segment::*};
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let src = PdfSource {
        file_name: "x".into(),
        bytes: std::sync::Arc::new(std::fs::read(&a[1]).unwrap()),
        password: String::new(),
    };
    let d = read(&src, &ReadOptions::default(), &|_, _| {}).unwrap();
    let t = std::time::Instant::now();
    let n: usize = d.pages.iter().map(|p| text_lines(&d, p).len()).sum();
    eprintln!("{n} lines {:?} warn {}", t.elapsed(), d.warnings.len());
    for p in &a[2..] {
        let p = &d.pages[p.parse::<usize>().unwrap()];
        for l in text_lines(&d, p) {
            println!(
                "{:?} {:.1} x{:.0}-{:.0} y{:.1} {}{}{}{} {}",
                l.direction,
                l.size,
                l.bbox.x0,
                l.bbox.x1,
                l.baseline,
                if l.bold { "B" } else { "" },
                if l.italic { "I" } else { "" },
                if l.monospace { "T" } else { "" },
                if l.math { "M" } else { "" },
                l.text
            );
        }
    }
}
