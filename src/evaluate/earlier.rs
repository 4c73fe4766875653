//! Reads reports of version 1, in which the program's results stood in the pairs and other systems
//! had ranks only, so that saved runs can be compared with new ones.

use serde::Deserialize;

use super::{
    family::Family,
    file_error::EvaluationFileError,
    judge::SystemResult,
    measure::OWN_NAME,
    mode::Mode,
    pair::{Outcome, Pair, Verdict},
    report::{DocumentReport, ModeResult, Report},
};
use crate::{
    geometry::{PageIndex, Rect, Region},
    segment::ParagraphKind,
};

pub(super) const SCHEMA: &str = "docalign-eval/1";

#[derive(Deserialize)]
struct EarlierReport {
    version: String,
    documents: Vec<EarlierDocument>,
}

#[derive(Deserialize)]
struct EarlierDocument {
    file_name: String,
    sha256: String,
    language: String,
    genre: String,
    pages: u32,
    error: Option<String>,
    unread_links: u32,
    #[serde(flatten)]
    first: EarlierResult,
    #[serde(default)]
    other_modes: Vec<EarlierResult>,
}

#[derive(Deserialize)]
struct EarlierResult {
    #[serde(default)]
    mode: Mode,
    pairs: Vec<EarlierPair>,
    #[serde(default)]
    baselines: Vec<EarlierRanks>,
}

#[derive(Deserialize)]
struct EarlierRanks {
    baseline: String,
    ranks: Vec<Option<u32>>,
}

#[derive(Deserialize)]
struct EarlierPair {
    page: PageIndex,
    bbox: Rect,
    paragraph: Option<String>,
    paragraph_kind: Option<ParagraphKind>,
    family: Family,
    number: Option<String>,
    target_page: PageIndex,
    outcome: Outcome,
    rank: Option<u32>,
    #[serde(default = "one")]
    k: u32,
    #[serde(default)]
    links_made: u32,
    #[serde(default)]
    caption_found: bool,
    #[serde(default)]
    visual_found: bool,
    places: Option<EarlierPlaces>,
}

#[derive(Deserialize)]
struct EarlierPlaces {
    target: Rect,
    visual: Option<Region>,
    predicted: Option<Region>,
}

fn one() -> u32 {
    1
}

pub(super) fn read_json(text: &str) -> Result<Report, EvaluationFileError> {
    let earlier: EarlierReport = serde_json::from_str(text)?;
    let documents = earlier.documents.into_iter().map(document).collect();
    Ok(Report {
        version: earlier.version,
        ..Report::new(documents)
    })
}

fn document(document: EarlierDocument) -> DocumentReport {
    let results = std::iter::once(document.first).chain(document.other_modes);
    DocumentReport {
        file_name: document.file_name,
        sha256: document.sha256,
        language: document.language,
        genre: document.genre,
        pages: document.pages,
        error: document.error,
        unread_links: document.unread_links,
        modes: results.map(mode_result).collect(),
    }
}

fn mode_result(result: EarlierResult) -> ModeResult {
    let (pairs, verdicts): (Vec<Pair>, Vec<Verdict>) =
        result.pairs.into_iter().map(pair_and_verdict).unzip();
    let mut systems = vec![SystemResult {
        name: OWN_NAME.to_owned(),
        verdicts,
        reliability: None,
    }];
    for baseline in result.baselines {
        let ranks = baseline.ranks.into_iter();
        systems.push(SystemResult {
            name: baseline.baseline,
            verdicts: pairs
                .iter()
                .zip(ranks)
                .map(|(pair, rank)| pair.ranked(rank))
                .collect(),
            reliability: None,
        });
    }
    ModeResult::new(result.mode, pairs, systems)
}

fn pair_and_verdict(pair: EarlierPair) -> (Pair, Verdict) {
    let places = pair.places;
    let verdict = Verdict {
        outcome: pair.outcome,
        rank: pair.rank,
        links: pair.links_made,
        predicted: places.as_ref().and_then(|places| places.predicted),
    };
    let pair = Pair {
        page: pair.page,
        bbox: pair.bbox,
        paragraph: pair.paragraph,
        paragraph_kind: pair.paragraph_kind,
        family: pair.family,
        number: pair.number,
        target_page: pair.target_page,
        // Only wrong pairs had their places.
        target: places.as_ref().map_or(pair.bbox, |places| places.target),
        visual: places.and_then(|places| places.visual),
        k: pair.k.max(1),
        named: None,
        caption_found: pair.caption_found,
        visual_found: pair.visual_found,
    };
    (pair, verdict)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_of_version_1_is_read() {
        let pair = |number: &str, outcome: &str, rank: Option<u32>| {
            serde_json::json!({"page": 2, "bbox": [1, 2, 3, 4], "paragraph": "p7",
                "paragraph_kind": "body", "family": "figure", "number": number, "target_page": 3,
                "outcome": outcome, "in_top_k": rank == Some(1), "rank": rank, "k": 1,
                "links_made": 1, "caption_found": true, "visual_found": true})
        };
        let text = serde_json::json!({"schema": SCHEMA, "version": "0.1.0", "totals": [],
            "documents": [{"file_name": "a.pdf", "sha256": "aa", "language": "en",
                "genre": "book", "pages": 30, "error": null, "unread_links": 0, "mode": "open",
                "tally": {}, "pairs": [pair("1", "linked", Some(1)), pair("2", "wrong-link", Some(2))],
                "baselines": [{"baseline": "tf-idf", "ranks": [2, 1]}],
                "other_modes": [{"mode": "blind", "tally": {}, "baselines": [],
                    "pairs": [pair("1", "no-link", None)]}]}]})
        .to_string();
        let report = Report::read_json(&text).unwrap();
        assert_eq!(report.version, "0.1.0");
        let rates: Vec<(Mode, &str, u32, u32)> = report
            .systems
            .iter()
            .map(|system| {
                let tally = &system.headline().unwrap().tally;
                (system.mode, system.name.as_str(), tally.errors, tally.pairs)
            })
            .collect();
        assert_eq!(
            rates,
            [
                (Mode::Open, "docalign", 1, 2),
                (Mode::Open, "tf-idf", 1, 2),
                (Mode::Blind, "docalign", 1, 1),
            ]
        );
        assert_eq!(report.documents[0].modes[0].systems[0].verdicts[1].links, 1);
    }
}
