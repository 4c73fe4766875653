//! Judges what a system says of each pair. Every system goes through here, docalign too.

use serde::{Deserialize, Serialize};

use super::{
    cases::Case,
    pair::{Outcome, Verdict},
    reliability::Reliability,
    view::{AlignmentView, Candidate},
};
use crate::segment::ParagraphId;

/// A link of at least this probability counts as made.
const LINK_THRESHOLD: f32 = 0.5;

/// How a system did on the pairs of a document in one mode.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SystemResult {
    /// The system's name.
    pub name: String,
    /// One for each pair, in their order.
    pub verdicts: Vec<Verdict>,
    /// How its probabilities fare, where it gives any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reliability: Option<Reliability>,
}

/// What the scores of a system mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scores {
    /// Probabilities: those of at least one half are links.
    Probabilities,
    /// An order only: a paragraph's first k are its links, k being the number of its gold targets.
    Order,
}

/// Judges a system; `rank` says what it proposes for a paragraph, best first.
pub(super) fn judge(
    name: &str,
    scores: Scores,
    aligned: &AlignmentView,
    cases: &[Case<'_>],
    mut rank: impl FnMut(ParagraphId) -> Vec<Candidate>,
) -> SystemResult {
    let mut verdicts = Vec::with_capacity(cases.len());
    let mut reliability = Reliability::default();
    for cases in cases.chunk_by(|a, b| a.paragraph == b.paragraph) {
        let paragraph = cases.first().and_then(|case| case.paragraph);
        let candidates = paragraph.map_or_else(Vec::new, &mut rank);
        if paragraph.is_some() {
            count_probabilities(&mut reliability, cases, &candidates);
        }
        for case in cases {
            verdicts.push(verdict(aligned, case, scores, &candidates));
        }
    }
    SystemResult {
        name: name.to_owned(),
        verdicts,
        reliability: (scores == Scores::Probabilities).then_some(reliability),
    }
}

fn verdict(
    aligned: &AlignmentView,
    case: &Case<'_>,
    scores: Scores,
    candidates: &[Candidate],
) -> Verdict {
    let right = |candidate: &Candidate| case.right.contains(&candidate.visual);
    let place = candidates.iter().position(right);
    let links = match scores {
        Scores::Probabilities => {
            let sure = |candidate: &&Candidate| candidate.score >= LINK_THRESHOLD;
            candidates.iter().filter(sure).count()
        }
        Scores::Order => case.targets.min(candidates.len()),
    };
    let outcome = match place {
        _ if case.paragraph.is_none() => Outcome::NoParagraph,
        _ if case.right.is_empty() => Outcome::NoSuchVisual,
        Some(place) if place < links => Outcome::Linked,
        _ if links < case.targets => Outcome::NoLink,
        _ => Outcome::WrongLink,
    };
    let is_right = outcome == Outcome::Linked && place.is_some_and(|place| place < case.targets);
    let other = candidates.iter().find(|candidate| !right(candidate));
    let predicted = other.filter(|_| !is_right).and_then(|other| {
        let mut visuals = aligned.visuals.iter();
        let visual = visuals.find(|visual| visual.id == other.visual)?;
        visual.regions.first().copied()
    });
    Verdict {
        outcome,
        rank: place.and_then(|place| u32::try_from(place + 1).ok()),
        links: u32::try_from(links).unwrap_or(u32::MAX),
        predicted,
    }
}

/// The candidates of one paragraph, and its gold targets that are none of them.
fn count_probabilities(
    reliability: &mut Reliability,
    cases: &[Case<'_>],
    candidates: &[Candidate],
) {
    for candidate in candidates {
        let right = cases
            .iter()
            .any(|case| case.right.contains(&candidate.visual));
        reliability.add(candidate.score, right);
    }
    let proposed = |case: &&Case<'_>| {
        let mut visuals = candidates.iter().map(|candidate| candidate.visual);
        case.right.is_empty() || visuals.any(|visual| case.right.contains(&visual))
    };
    for _ in cases.iter().filter(|case| !proposed(case)) {
        reliability.add(0.0, true);
    }
}
