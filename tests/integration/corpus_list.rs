//! The corpus lists of the evaluation.

use std::{collections::BTreeMap, fs, path::Path};

use docalign::evaluate::{CorpusList, Split};

fn list(name: &str) -> CorpusList {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("eval/corpus");
    CorpusList::parse(&fs::read_to_string(path.join(name)).unwrap()).unwrap()
}

#[test]
fn no_package_is_in_two_splits() {
    let list = list("dev.tsv");
    let mut packages = BTreeMap::new();
    for (sha256, entry) in list.iter() {
        assert_eq!(entry.split, Split::of_package(&entry.package), "{sha256}");
        let first = *packages.entry(&entry.package).or_insert(entry.split);
        assert_eq!(entry.split, first, "{}", entry.package);
    }
    for split in Split::ALL {
        let documents = list.iter().filter(|(_, entry)| entry.split == split);
        assert!(documents.count() >= 10, "{split}");
    }
}

/// The rule is written down for other programs; these came from another implementation of it.
#[test]
fn the_split_of_a_package_is_fixed() {
    for (package, split) in [
        ("auto-07p", Split::Validation),
        ("circuit-macros", Split::Test),
        ("code-saturne-doc", Split::Train),
    ] {
        assert_eq!(Split::of_package(package), split, "{package}");
    }
}
