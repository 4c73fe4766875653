//! The report's summary for people.

use std::{cmp::Reverse, fmt::Write as _};

use super::{
    group::{Group, SplitBy},
    pair::{Outcome, Pair, Verdict},
    report::{DocumentReport, Report, SystemReport},
    tally::Tally,
};

/// How many of the worst documents the summary names.
const WORST: usize = 10;
/// How many wrong pairs of each of these it names.
const WORST_PAIRS: usize = 5;

impl Report {
    /// The summary for people.
    pub fn to_markdown(&self) -> String {
        let mut text = String::from("# Association of paragraphs and visuals\n\n");
        text.push_str(
            "A pair is a paragraph that holds gold links and a visual that they mean. *Linked*: \
             the system links the paragraph with the visual. *Error*: the visual is not among the \
             paragraph's k most probable ones (k = its gold visuals). Micro: each pair counts the \
             same; macro: each document. Brackets: 95 % interval over the choice of documents.\n\n",
        );
        self.write_systems(&mut text);
        self.write_by_mode(&mut text, SplitBy::Pages);
        self.write_by_mode(&mut text, SplitBy::Naming);
        self.write_reliability(&mut text);
        if let Some(main) = self.main() {
            write_main(&mut text, main);
        }
        self.write_worst(&mut text);
        self.write_failed(&mut text);
        text
    }

    /// The headline of every system, and what else is measured of it.
    fn write_systems(&self, text: &mut String) {
        let headline = self.systems.iter().filter_map(SystemReport::headline);
        let name = headline.map(|group| group.name.as_str()).next();
        put(
            text,
            format_args!("## Systems ({})\n\n", name.unwrap_or("no documents")),
        );
        text.push_str(
            "| system | mode | documents | pairs | error | interval | macro | visuals missed | \
             recall at 1 | 3 | 5 | precision | recall | F1 | captions | visuals |\n\
             |---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n",
        );
        for system in &self.systems {
            let Some(group) = system.headline() else {
                continue;
            };
            let tally = &group.tally;
            let mut cells = vec![
                system.name.clone(),
                system.mode.name().to_owned(),
                group.documents.to_string(),
                tally.pairs.to_string(),
                percent(tally.error_rate()),
                brackets(group),
                percent(group.macro_error),
                percent(tally.target_error_rate()),
            ];
            cells.extend(tally.recall().map(percent));
            cells.extend([tally.precision(), tally.linked_share(), tally.f1()].map(percent));
            cells.extend([tally.caption_share(), tally.visual_share()].map(percent));
            put(text, format_args!("| {} |\n", cells.join(" | ")));
        }
        text.push('\n');
    }

    /// The errors of every system in the groups of a split, all modes.
    fn write_by_mode(&self, text: &mut String, split: SplitBy) {
        put(text, format_args!("## {}: error\n\n", split.title()));
        text.push_str("| mode | system | group | pairs | error | interval |\n");
        text.push_str("|---|---|---|---:|---:|---:|\n");
        for system in &self.systems {
            for group in system.by(split) {
                put(
                    text,
                    format_args!(
                        "| {} | {} | {} | {} | {} | {} |\n",
                        system.mode.name(),
                        system.name,
                        group.name,
                        group.tally.pairs,
                        percent(group.tally.error_rate()),
                        brackets(group)
                    ),
                );
            }
        }
        text.push('\n');
    }

    /// Whether the probabilities are what they say.
    fn write_reliability(&self, text: &mut String) {
        let known = self.systems.iter().filter_map(|system| {
            let reliability = system.reliability.as_ref()?;
            (reliability.links() > 0).then_some((system, reliability))
        });
        for (at, (system, reliability)) in known.enumerate() {
            if at == 0 {
                text.push_str(
                    "## Probabilities\n\nCandidate links of the paragraphs with gold, by \
                     probability. A link that is right without the gold saying so counts as \
                     wrong.\n\n",
                );
            }
            put(
                text,
                format_args!(
                    "{}, {}: expected calibration error {:.3}, Brier score {:.3}, {} links\n\n",
                    system.name,
                    system.mode.name(),
                    reliability.expected_error(),
                    reliability.brier(),
                    reliability.links()
                ),
            );
            text.push_str("| links | mean probability | right |\n|---:|---:|---:|\n");
            for bin in reliability.bins.iter().filter(|bin| bin.links > 0) {
                put(
                    text,
                    format_args!(
                        "| {} | {:.3} | {:.3} |\n",
                        bin.links,
                        bin.mean(),
                        bin.right_share()
                    ),
                );
            }
            text.push('\n');
        }
    }

    fn write_worst(&self, text: &mut String) {
        let mode = self.main_mode();
        let documents = self.documents.iter();
        let mut worst: Vec<(&DocumentReport, Tally)> = documents
            .map(|document| (document, document.tally(mode)))
            .filter(|(_, tally)| tally.linked < tally.pairs)
            .collect();
        // By pairs not linked: a corpus improves most where most is lost.
        worst.sort_by_key(|(_, tally)| Reverse(tally.pairs - tally.linked));
        put(
            text,
            format_args!("## The {WORST} documents with most pairs not linked\n\n"),
        );
        for (document, tally) in worst.iter().take(WORST) {
            put(
                text,
                format_args!(
                    "- **{}** ({}, {} pages): {} of {} linked\n",
                    document.file_name,
                    document.language,
                    document.pages,
                    tally.linked,
                    tally.pairs
                ),
            );
            let wrong = |(_, verdict): &(&Pair, &Verdict)| verdict.outcome != Outcome::Linked;
            for (pair, verdict) in document.judged(mode).filter(wrong).take(WORST_PAIRS) {
                put(
                    text,
                    format_args!(
                        "  - page {}: {}: {}\n",
                        pair.page.number(),
                        pair.target_name(),
                        verdict.outcome.name()
                    ),
                );
            }
        }
        text.push('\n');
    }

    fn write_failed(&self, text: &mut String) {
        let failed = self
            .documents
            .iter()
            .filter_map(|document| Some((document, document.error.as_deref()?)));
        for (at, (document, error)) in failed.enumerate() {
            if at == 0 {
                text.push_str("## Documents that failed\n\n");
            }
            put(
                text,
                format_args!("- **{}**: {error}\n", document.file_name),
            );
        }
    }
}

/// Everything about the system and mode that the report is about.
fn write_main(text: &mut String, main: &SystemReport) {
    put(
        text,
        format_args!("## {}, {}\n\n", main.name, main.mode.name()),
    );
    write_groups(text, "", &main.totals);
    for breakdown in &main.breakdowns {
        write_groups(text, breakdown.by.title(), &breakdown.groups);
    }
    let Some(all) = main.totals.first() else {
        return;
    };
    text.push_str("### Causes\n\n| outcome | pairs |\n|---|---:|\n");
    for outcome in Outcome::ALL {
        let count = all.tally.causes.get(&outcome).copied().unwrap_or(0);
        put(text, format_args!("| {} | {count} |\n", outcome.name()));
    }
    text.push('\n');
}

fn write_groups(text: &mut String, title: &str, groups: &[Group]) {
    if !title.is_empty() {
        put(text, format_args!("### {title}\n\n"));
    }
    text.push_str(
        "| | documents | pairs | linked | macro | error | macro |\n|---|---:|---:|---:|---:|---:|---:|\n",
    );
    for group in groups {
        let tally = &group.tally;
        let shares = [
            tally.linked_share(),
            group.macro_linked,
            tally.error_rate(),
            group.macro_error,
        ];
        put(
            text,
            format_args!(
                "| {} | {} | {} | {} |\n",
                group.name,
                group.documents,
                tally.pairs,
                shares.map(percent).join(" | ")
            ),
        );
    }
    text.push('\n');
}

pub(super) fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

fn brackets(group: &Group) -> String {
    let [low, high] = group.error_interval;
    format!("[{:.1}, {:.1}]", low * 100.0, high * 100.0)
}

fn put(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = text.write_fmt(arguments);
}
