//! What is measured: a paragraph and a visual that it means, and how a system did on the two.

use serde::{Deserialize, Serialize};

use super::family::Family;
use crate::{
    geometry::{PageIndex, Rect, Region},
    segment::ParagraphKind,
};

/// A paragraph that holds gold links, and a visual that they mean.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pair {
    /// Page of the first gold link of the pair, 0-based.
    pub page: PageIndex,
    /// Its box.
    pub bbox: Rect,
    /// The paragraph that holds it, if there is one ("p12").
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paragraph: Option<String>,
    /// What the program takes the paragraph for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paragraph_kind: Option<ParagraphKind>,
    /// Kind of the target.
    pub family: Family,
    /// Number of the target in normal form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Page of the target, 0-based.
    pub target_page: PageIndex,
    /// The gold's box of the target: the first line of its caption, or the visual itself.
    pub target: Rect,
    /// The visual that is the target, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visual: Option<Region>,
    /// How many gold targets the paragraph has.
    pub k: u32,
    /// Whether a mention of the target could be read in the paragraph; `None` where nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub named: Option<bool>,
    /// Whether there is a visual with the target's caption.
    #[serde(default)]
    pub caption_found: bool,
    /// Whether the picture or table itself was found too.
    #[serde(default)]
    pub visual_found: bool,
}

impl Pair {
    /// The target for people: "figure 3 (page 4)".
    pub fn target_name(&self) -> String {
        format!(
            "{} {} (page {})",
            self.family.name(),
            self.number.as_deref().unwrap_or("without number"),
            self.target_page.number()
        )
    }

    /// What is the same for all pairs of one target: kind, number, page, and without a number its
    /// place in whole points.
    pub(super) fn target_key(&self) -> (Family, Option<&str>, PageIndex, [i32; 2]) {
        let place = match self.number {
            Some(_) => [0; 2],
            None => [self.target.x0, self.target.y0].map(|x| x.round() as i32),
        };
        (self.family, self.number.as_deref(), self.target_page, place)
    }

    /// Pages from the paragraph to the visual.
    pub fn distance(&self) -> u32 {
        self.page.distance(self.target_page)
    }

    /// What a system did that only ranks and has the target in this place: its first k are its
    /// links.
    pub(super) fn ranked(&self, rank: Option<u32>) -> Verdict {
        Verdict {
            outcome: match (rank, &self.paragraph) {
                (_, None) => Outcome::NoParagraph,
                _ if !self.caption_found => Outcome::NoSuchVisual,
                (Some(rank), _) if rank <= self.k => Outcome::Linked,
                (Some(_), _) => Outcome::WrongLink,
                (None, _) => Outcome::NoLink,
            },
            rank,
            links: self.k,
            predicted: None,
        }
    }
}

/// How a system did on a pair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// Whether it links the pair, and if not, why.
    pub outcome: Outcome,
    /// Place of the target among the paragraph's visuals, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rank: Option<u32>,
    /// How many links it makes of the paragraph.
    pub links: u32,
    /// The best of the paragraph's other visuals, for pairs that are wrong; kept of the report's
    /// first system only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub predicted: Option<Region>,
}

impl Verdict {
    /// For a pair of a document that could not be aligned.
    pub(super) const FAILED: Verdict = Verdict {
        outcome: Outcome::DocumentFailed,
        rank: None,
        links: 0,
        predicted: None,
    };

    /// Whether the target is among the paragraph's k best visuals, k being the number of its gold
    /// targets. The association error rate counts the pairs without.
    pub fn in_top_k(&self, pair: &Pair) -> bool {
        self.rank.is_some_and(|rank| rank <= pair.k)
    }

    /// Whether the system links the pair and ranks its target high enough.
    pub fn is_right(&self, pair: &Pair) -> bool {
        self.outcome == Outcome::Linked && self.in_top_k(pair)
    }
}

/// Whether a system links a pair, and the first thing that went wrong if not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The paragraph has a link to the right visual.
    Linked,
    /// The document could not be aligned.
    DocumentFailed,
    /// No paragraph holds the gold link.
    NoParagraph,
    /// There is no such visual.
    NoSuchVisual,
    /// The paragraph has fewer links than gold targets, and none to the right visual.
    NoLink,
    /// The paragraph's links all lead to other visuals.
    WrongLink,
}

impl Outcome {
    /// All of them, in order.
    pub const ALL: [Outcome; 6] = [
        Outcome::Linked,
        Outcome::DocumentFailed,
        Outcome::NoParagraph,
        Outcome::NoSuchVisual,
        Outcome::NoLink,
        Outcome::WrongLink,
    ];

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Linked => "linked",
            Outcome::DocumentFailed => "document-failed",
            Outcome::NoParagraph => "no-paragraph",
            Outcome::NoSuchVisual => "no-such-visual",
            Outcome::NoLink => "no-link",
            Outcome::WrongLink => "wrong-link",
        }
    }
}
