use docalign::{pdf::*, segment::*};
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let src = PdfSource {
        file_name: "x".into(),
        bytes: std::sync::Arc::new(std::fs::read(&a[1]).unwrap()),
        password: String::new(),
    };
    let t = std::time::Instant::now();
    let d = read(&src, &ReadOptions::default(), &|_, _| {}).unwrap();
    let t1 = t.elapsed();
    let ps = segment(&d);
    eprintln!(
        "read {t1:?} segment {:?} {} paras",
        t.elapsed() - t1,
        ps.len()
    );
    let (f, l) = (a[2].parse::<u32>().unwrap(), a[3].parse::<u32>().unwrap());
    for p in ps {
        if p.regions.iter().any(|r| (f..=l).contains(&r.page.0)) {
            println!(
                "[{} {:?} p{} {} reg {:?}] {}",
                p.id,
                p.kind,
                p.page().0,
                p.language.unwrap_or("-"),
                p.section.last(),
                p.text.replace('\n', "⏎").replace('\t', "⇥")
            );
            for m in p.mentions {
                println!("      M {:?} {:?}", m.text, m.targets);
            }
        }
    }
}
