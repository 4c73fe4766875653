use docalign::pdf::*;
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let t = std::time::Instant::now();
    let src = PdfSource {
        file_name: "x".into(),
        bytes: std::sync::Arc::new(std::fs::read(&a[1]).unwrap()),
        password: String::new(),
    };
    let d = read(&src, &ReadOptions::default(), &|_, _| {}).unwrap();
    eprintln!(
        "{} pages {} glyphs {} runs {} graphics {} frames, {:?} fonts {} warn {}",
        d.pages.len(),
        d.pages.iter().map(|p| p.glyphs.len()).sum::<usize>(),
        d.pages.iter().map(|p| p.runs.len()).sum::<usize>(),
        d.pages.iter().map(|p| p.graphics.len()).sum::<usize>(),
        d.pages.iter().map(|p| p.frames.len()).sum::<usize>(),
        t.elapsed(),
        d.fonts.len(),
        d.warnings.len()
    );
    for w in d.warnings.iter().take(5) {
        eprintln!("{w:?}");
    }
    if let Some(p) = a.get(2) {
        let p = &d.pages[p.parse::<usize>().unwrap()];
        println!("{}x{}", p.width, p.height);
        for r in &p.runs {
            let t: String = p.run_glyphs(r).iter().map(|g| g.ch).collect();
            println!(
                "{:?} {:.1} y{:.1} x{:.1}-{:.1} {} {:?} {:?}",
                r.direction,
                r.size,
                r.baseline,
                p.run_glyphs(r)[0].start,
                p.run_glyphs(r).last().unwrap().end,
                d.fonts[r.font.0 as usize].name,
                r.frame,
                t
            );
        }
        for g in &p.graphics {
            println!("{:?} {:?} l{} f{:?}", g.kind, g.bbox, g.lightness, g.frame);
        }
        for f in &p.frames {
            println!("{f:?}");
        }
    }
}
