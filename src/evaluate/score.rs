//! Scores alignment files of any program against gold files, with the measure that docalign itself
//! is held to.

use super::{
    cases::cases,
    corpus_list::CorpusList,
    gold::Gold,
    holder::Holding,
    judge::{Scores, judge},
    measure::failed_as,
    mode::Mode,
    report::{DocumentReport, ModeResult, Report},
    view::AlignmentView,
};
use crate::output::{alignment_file::AlignmentFile, json};

/// What is known of predictions besides what they say.
#[derive(Debug, Clone)]
pub struct ScoreOptions {
    /// What is known of the documents.
    pub list: CorpusList,
    /// What the report calls the program that made them.
    pub name: String,
    /// What it saw of the mentions.
    pub mode: Mode,
}

/// A file that may be an alignment file.
#[derive(Debug, Clone)]
pub struct Prediction {
    /// The file's name without what marks it as an alignment file ("thesis" of
    /// "thesis.docalign.json").
    pub stem: String,
    /// Its content.
    pub text: String,
}

impl Prediction {
    /// A file by its name.
    pub fn new(file_name: &str, text: String) -> Prediction {
        Prediction {
            stem: stem(file_name).to_owned(),
            text,
        }
    }

    /// Whether it says that it is about the document of this hash. A file that is no alignment
    /// file says nothing.
    fn sha256(&self) -> Option<String> {
        let file = json::read(&self.text).ok()?;
        Some(file.document.sha256.into_owned()).filter(|sha256| !sha256.is_empty())
    }
}

/// A file's name without its extensions of this program's: those of gold, alignments and PDFs.
fn stem(file_name: &str) -> &str {
    let mut stem = file_name;
    while let Some(shorter) = [".json", ".docalign", ".gold", ".pdf"]
        .iter()
        .find_map(|extension| stem.strip_suffix(extension))
    {
        stem = shorter;
    }
    stem
}

/// Compares predictions with gold; a document is found by its hash, else by its file name. One
/// without a prediction is wrong throughout.
///
/// The report is in the order of `golds`.
pub fn score(golds: &[Gold], predictions: &[Prediction], options: &ScoreOptions) -> Report {
    let hashes: Vec<Option<String>> = predictions.iter().map(Prediction::sha256).collect();
    let documents = golds
        .iter()
        .map(|gold| {
            let by_hash = hashes
                .iter()
                .position(|hash| hash.as_deref() == Some(&gold.sha256));
            let at = by_hash.or_else(|| {
                // A file about another document is not this one's, whatever it is called.
                predictions
                    .iter()
                    .zip(&hashes)
                    .position(|(file, hash)| hash.is_none() && file.stem == stem(&gold.file_name))
            });
            score_document(gold, at.and_then(|at| predictions.get(at)), options)
        })
        .collect();
    Report::new(documents)
}

fn score_document(
    gold: &Gold,
    prediction: Option<&Prediction>,
    options: &ScoreOptions,
) -> DocumentReport {
    let mut report = DocumentReport {
        sha256: gold.sha256.clone(),
        ..DocumentReport::unknown(gold.file_name.clone())
    };
    let prediction = prediction.ok_or_else(|| "no prediction".to_owned());
    let file = prediction.and_then(|prediction| {
        json::read(&prediction.text).map_err(|error| format!("not a docalign/1 file: {error}"))
    });
    match file {
        Ok(file) => {
            report.pages = file.document.page_count;
            if let Some(language) = &file.document.language {
                report.language = language.clone().into_owned();
            }
            report.modes = vec![score_file(&file, gold, options)];
        }
        Err(error) => {
            let names = std::iter::once(options.name.as_str());
            report.error = Some(error);
            report.modes = vec![failed_as(options.mode, &gold.links, names)];
        }
    }
    report.described(&options.list)
}

/// The file has the boxes of paragraphs where the program's own alignment has those of lines.
fn score_file(file: &AlignmentFile<'_>, gold: &Gold, options: &ScoreOptions) -> ModeResult {
    let view = AlignmentView::from(file);
    let holding = match options.mode {
        Mode::Open => Holding::Strict,
        Mode::PartBlind | Mode::Blind => Holding::Nearest,
    };
    let cases = cases(&view, &gold.links, holding);
    let pairs = cases.iter().map(|case| case.pair(&view)).collect();
    let result = judge(&options.name, Scores::Probabilities, &view, &cases, |id| {
        view.links.get(&id).cloned().unwrap_or_default()
    });
    ModeResult::new(options.mode, pairs, vec![result])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        evaluate::{GOLD_SCHEMA, GoldLink, GoldTarget, Origin, Outcome},
        geometry::{PageIndex, Rect},
        mention::LabelKind,
    };

    fn gold(file_name: &str, sha256: &str) -> Gold {
        let link = |y: f32, number: &str| GoldLink {
            origin: Origin::Manual,
            page: PageIndex(0),
            bbox: Rect::new(100.0, y, 110.0, y + 8.0),
            text: String::new(),
            context: String::new(),
            target: GoldTarget {
                kind: LabelKind::Figure,
                number: Some(number.to_owned()),
                page: PageIndex(1),
                bbox: Rect::new(50.0, 700.0, 300.0, 710.0),
                caption: String::new(),
            },
        };
        Gold {
            schema: GOLD_SCHEMA.to_owned(),
            file_name: file_name.to_owned(),
            sha256: sha256.to_owned(),
            links: vec![link(120.0, "1"), link(320.0, "2")],
        }
    }

    /// Two paragraphs; the first is linked with figure 1, the second with the same instead of 2.
    fn file(sha256: &str) -> String {
        let paragraph = |id: &str, y: u32| {
            serde_json::json!({"id": id, "kind": "body", "text": "", "language": null,
                "section": [], "sentences": [], "mentions": [],
                "regions": [{"page": 0, "bbox": [50, y, 500, y + 100]}]})
        };
        let visual = |id: &str, label: &str, y: u32| {
            serde_json::json!({"id": id, "kind": "figure", "label": label, "caption": null,
                "regions": [{"page": 1, "bbox": [50, y, 500, y + 100]}], "score": 1.0,
                "sources": ["vector"], "alt_text": null, "text": ""})
        };
        let link = |paragraph: &str| {
            serde_json::json!({"paragraph": paragraph, "visual": "v1", "probability": 0.9,
                "evidence": [], "mention": null})
        };
        serde_json::json!({"schema": "docalign/1",
            "generator": {"name": "other", "version": "1", "models": {}, "options": {
                "min_probability": 0.0, "pages": null, "ignore_annotations": true, "blind": false}},
            "document": {"file_name": "x.pdf", "sha256": sha256, "title": null, "language": "de",
                "page_count": 30, "outline": []},
            "pages": [],
            "paragraphs": [paragraph("p1", 100), paragraph("p7", 300)],
            "visuals": [visual("v1", "Fig. 1", 100), visual("v2", "Figure 2", 400)],
            "links": [link("p1"), link("p7")],
            "unaligned": {"visuals": [], "mentions": []}, "warnings": []})
        .to_string()
    }

    fn outcomes(report: &Report, document: usize) -> Vec<Outcome> {
        let verdicts = &report.documents[document].modes[0].systems[0].verdicts;
        verdicts.iter().map(|verdict| verdict.outcome).collect()
    }

    fn options() -> ScoreOptions {
        ScoreOptions {
            list: CorpusList::default(),
            name: "other".to_owned(),
            mode: Mode::Blind,
        }
    }

    #[test]
    fn files_are_found_by_hash_whatever_their_name() {
        let predictions = [
            Prediction::new("a.docalign.json", file("bb")),
            Prediction::new("b.docalign.json", file("aa")),
        ];
        let golds = [gold("a.pdf", "aa"), gold("c.pdf", "cc")];
        let report = score(&golds, &predictions, &options());
        assert_eq!(outcomes(&report, 0), [Outcome::Linked, Outcome::WrongLink]);
        assert_eq!(report.documents[0].language, "de");
        assert_eq!(report.documents[0].pages, 30);
        assert_eq!(outcomes(&report, 1), [Outcome::DocumentFailed; 2]);
        assert_eq!(report.documents[1].error.as_deref(), Some("no prediction"));
        let system = &report.systems[0];
        assert_eq!((system.name.as_str(), system.mode), ("other", Mode::Blind));
        assert_eq!(
            (report.systems.len(), system.totals[0].tally.linked),
            (1, 1)
        );
        let result = &report.documents[0].modes[0];
        assert_eq!(result.pairs[1].visual.unwrap().bbox.y0, 400.0);
        let verdict = &result.systems[0].verdicts[1];
        assert_eq!(verdict.predicted.unwrap().bbox.y0, 100.0);
        // Two links of 0.9, one of them right, and a target that is no candidate.
        let reliability = system.reliability.as_ref().unwrap();
        assert_eq!((reliability.links(), reliability.bins[9].right), (3, 1));
    }

    #[test]
    fn without_a_hash_the_name_decides() {
        let named = [Prediction::new("a.docalign.json", file(""))];
        let golds = [gold("a.pdf", "aa"), gold("b.pdf", "bb")];
        let report = score(&golds, &named, &options());
        assert_eq!(report.documents[0].error, None);
        assert_eq!(report.documents[1].error.as_deref(), Some("no prediction"));
        // Another document's file of the same name is not taken.
        let other = [Prediction::new("a.json", file("ff"))];
        let report = score(&golds[..1], &other, &options());
        assert_eq!(report.documents[0].error.as_deref(), Some("no prediction"));
    }

    #[test]
    fn what_is_no_alignment_counts_as_failed() {
        let broken = [Prediction::new("a.json", "{".to_owned())];
        let report = score(&[gold("a.pdf", "aa")], &broken, &options());
        assert_eq!(outcomes(&report, 0), [Outcome::DocumentFailed; 2]);
        let error = report.documents[0].error.as_deref().unwrap();
        assert!(error.starts_with("not a docalign/1 file"), "{error}");
    }
}
