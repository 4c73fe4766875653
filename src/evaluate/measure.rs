//! The systems that are measured, on the same paragraphs and visuals: docalign, and simple ones
//! to compare it with. A new one is an entry of [`systems`].

use std::cell::OnceCell;

use super::{
    baselines::{Words, named_labels, nearness},
    cases::{Case, cases, failed_pairs},
    family::Family,
    gold::GoldLink,
    holder::Holding,
    judge::{Scores, SystemResult, judge},
    mode::Mode,
    pair::Verdict,
    report::ModeResult,
    view::{AlignmentView, Candidate, sort},
};
use crate::{detect::Visual, pipeline::AlignedDocument, segment::Paragraph};

/// The program's name among the systems.
pub(super) const OWN_NAME: &str = "docalign";

/// What is ranked for a paragraph, best first.
type Ranker<'a> = Box<dyn Fn(&Paragraph) -> Vec<Candidate> + 'a>;

/// A way to say which visuals a paragraph belongs to.
pub(super) struct System {
    name: &'static str,
    scores: Scores,
    /// Makes ready for a document what ranks visuals for each of its paragraphs.
    prepare: for<'a> fn(&'a Scene<'a>) -> Ranker<'a>,
}

impl System {
    fn new(
        name: &'static str,
        scores: Scores,
        prepare: for<'a> fn(&'a Scene<'a>) -> Ranker<'a>,
    ) -> System {
        System {
            name,
            scores,
            prepare,
        }
    }
}

/// The systems; the first is the program itself, of which reports show most.
pub(super) fn systems() -> Vec<System> {
    vec![
        System::new(OWN_NAME, Scores::Probabilities, |scene| {
            Box::new(|paragraph| {
                let links = scene.view.links.get(&paragraph.id);
                links.cloned().unwrap_or_default()
            })
        }),
        // The nearest: on the same page by the gap between the boxes, else by pages.
        System::new("proximity", Scores::Order, |scene| {
            Box::new(|paragraph| scene.rank(|visual| Some(nearness(paragraph, visual))))
        }),
        // Visuals whose noun and number stand in the text, by a plain pattern; no others.
        System::new("mention-rule", Scores::Order, |scene| {
            Box::new(|paragraph| {
                let named = named_labels(&paragraph.text);
                scene.rank(|visual| {
                    let label = label_of(visual)?;
                    named.contains(&label).then(|| nearness(paragraph, visual))
                })
            })
        }),
        // Cosine of the words of the paragraph with those of caption and visual.
        System::new("tf-idf", Scores::Order, |scene| {
            Box::new(|paragraph| scene.rank_by_words(paragraph, |_, alike| alike))
        }),
        // The product of the two; without a word in common only the place is left.
        System::new("tf-idf-proximity", Scores::Order, |scene| {
            /// Less than any product of a shared word.
            const PLACE_ALONE: f32 = 1e-12;
            Box::new(|paragraph| {
                scene.rank_by_words(paragraph, |near, alike| near * alike.max(PLACE_ALONE))
            })
        }),
    ]
}

fn label_of(visual: &Visual) -> Option<(Family, String)> {
    let label = visual.label.as_ref()?;
    let number = label.number.as_ref()?.number.clone();
    Some((Family::of(label.kind), number))
}

/// A document as systems see it.
pub(super) struct Scene<'a> {
    aligned: &'a AlignedDocument,
    view: AlignmentView,
    words: OnceCell<Words>,
}

impl<'a> Scene<'a> {
    pub(super) fn new(aligned: &'a AlignedDocument) -> Scene<'a> {
        Scene {
            aligned,
            view: AlignmentView::from(aligned),
            words: OnceCell::new(),
        }
    }

    /// The visuals that have a score.
    fn rank(&self, score: impl Fn(&Visual) -> Option<f32>) -> Vec<Candidate> {
        let visuals = self.aligned.visuals.iter();
        let mut candidates: Vec<Candidate> = visuals
            .filter_map(|visual| {
                Some(Candidate {
                    visual: visual.id,
                    score: score(visual)?,
                })
            })
            .collect();
        sort(&mut candidates);
        candidates
    }

    /// All visuals by how near they are and how alike their words.
    fn rank_by_words(
        &self,
        paragraph: &Paragraph,
        score: impl Fn(f32, f32) -> f32,
    ) -> Vec<Candidate> {
        let words = self.words.get_or_init(|| Words::new(self.aligned));
        let alike = words.cosines(paragraph, self.aligned.visuals.len());
        self.rank(|visual| {
            let alike = alike.get(visual.id.0 as usize).copied().unwrap_or(0.0);
            Some(score(nearness(paragraph, visual), alike))
        })
    }

    /// Measures every system on the pairs of some links.
    pub(super) fn measure<'g>(
        &self,
        mode: Mode,
        links: impl IntoIterator<Item = &'g GoldLink>,
        holding: Holding,
    ) -> ModeResult {
        let cases = cases(&self.view, links, holding);
        let pairs = cases.iter().map(|case| case.pair(&self.view)).collect();
        let results = systems()
            .iter()
            .map(|system| self.measure_system(system, &cases))
            .collect();
        ModeResult::new(mode, pairs, results)
    }

    fn measure_system(&self, system: &System, cases: &[Case<'_>]) -> SystemResult {
        let rank = (system.prepare)(self);
        judge(system.name, system.scores, &self.view, cases, |id| {
            let paragraph = self.aligned.paragraphs.get(id.0 as usize);
            paragraph.map_or_else(Vec::new, &rank)
        })
    }
}

/// The result of a mode in which the document could not be aligned: every system fails.
pub(super) fn failed(mode: Mode, links: &[GoldLink]) -> ModeResult {
    let names = systems().into_iter().map(|system| system.name);
    failed_as(mode, links, names)
}

/// The same, of systems by their names.
pub(super) fn failed_as<'a>(
    mode: Mode,
    links: &[GoldLink],
    names: impl Iterator<Item = &'a str>,
) -> ModeResult {
    let pairs = failed_pairs(links);
    let results = names
        .map(|name| SystemResult {
            name: name.to_owned(),
            verdicts: vec![Verdict::FAILED; pairs.len()],
            reliability: None,
        })
        .collect();
    ModeResult::new(mode, pairs, results)
}
