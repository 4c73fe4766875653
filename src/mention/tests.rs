use super::*;

#[test]
fn smoke() {
    for t in [
        "see Figs. 3a-c, 5 and 7.",
        "Tables II-IV",
        "3. ábra: foo",
        "1., 2. és 3. ábra",
        "图3-2",
        "如下图所示",
        "the figure on the next page",
        "par´ametro Tabla 3 y 4",
    ] {
        println!("{t:?} {:?}\n   {:?}", find_mentions(t), caption_label(t));
    }
}
