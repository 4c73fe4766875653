//! The report as one self-contained page: charts, documents, and the wrong pairs to look at. Its
//! frame, style and script are the files in `html/`; nothing of a document is markup, and the
//! content security policy lets nothing run or load but the one style and the one script.

use std::{
    cmp::Reverse,
    collections::BTreeMap,
    io::{self, Write},
};

use super::{
    chart::{Bar, Dot, Unit, bars, scatter},
    curve::{Curve, curves},
    group::{Group, SplitBy},
    markdown::percent,
    mode::Mode,
    pair::Outcome,
    pictures::{PairPicture, PairPictures},
    report::{DocumentReport, Report},
    tally::Tally,
    worst::{WrongPair, worst_pairs},
};
use crate::output::html::{escaped, fill, policy_hash};

const FRAME: &str = include_str!("html/report.html");
const STYLE: &str = concat!(
    include_str!("../output/html/theme.css"),
    include_str!("html/report.css")
);
const SCRIPT: &str = include_str!("html/report.js");
/// How many wrong pairs are listed; the JSON has them all.
const MAX_PAIRS: usize = 400;

impl Report {
    /// Writes the report as a page. The pairs that have pictures come first.
    ///
    /// # Errors
    /// When `out` cannot be written to.
    pub fn write_html(&self, pictures: &PairPictures, out: &mut dyn Write) -> io::Result<()> {
        let mut pairs: Vec<ShownPair<'_>> = worst_pairs(self, MAX_PAIRS)
            .into_iter()
            .filter_map(|wrong| {
                Some(ShownPair {
                    document: self.documents.get(wrong.place.document)?,
                    picture: pictures.of(wrong.place),
                    wrong,
                })
            })
            .collect();
        pairs.sort_by_key(|shown| shown.picture.is_none());
        fill(FRAME, out, |slot, out| match slot {
            "style-hash" => out.write_all(policy_hash(STYLE).as_bytes()),
            "script-hash" => out.write_all(policy_hash(SCRIPT).as_bytes()),
            "style" => out.write_all(STYLE.as_bytes()),
            "script" => out.write_all(SCRIPT.as_bytes()),
            "version" => out.write_all(escaped(&self.version).as_bytes()),
            "mode" => out.write_all(self.main_mode().name().as_bytes()),
            "totals" => {
                let totals = self.main().map_or(&[][..], |main| &main.totals);
                totals.iter().try_for_each(|group| total(group, out))
            }
            "modes" => self.mode_charts(out),
            "charts" => self.charts(out),
            "documents" => self.documents_table(out),
            "causes" => causes(&pairs, out),
            "shown" => self.shown(&pairs, out),
            "pairs" => pairs.iter().try_for_each(|shown| shown.write(out)),
            _ => Ok(()),
        })
    }

    /// The systems side by side in each mode, by pages; and what the probabilities are worth.
    fn mode_charts(&self, out: &mut dyn Write) -> io::Result<()> {
        for mode in self.modes() {
            let mut rows: Vec<Bar> = Vec::new();
            for system in self.in_mode(mode) {
                let headline = system.headline().into_iter();
                let named = headline.map(|group| Bar {
                    label: system.name.clone(),
                    ..error_bar(group)
                });
                rows.extend(named);
            }
            let title = format!("{}: all systems, long documents", mode.name());
            panel(&title, &bars(&title, Unit::Share, &rows), out)?;
            let rows: Vec<Bar> = self.bars_by_pages(mode);
            let title = format!("{}: by pages of the document", mode.name());
            panel(&title, &bars(&title, Unit::Share, &rows), out)?;
        }
        let own: Vec<Curve> = self
            .modes()
            .into_iter()
            .filter_map(|mode| {
                let reliability = self.in_mode(mode).next()?.reliability.as_ref()?;
                (reliability.links() > 0).then(|| Curve::of(mode.name(), reliability))
            })
            .collect();
        if own.is_empty() {
            return Ok(());
        }
        let title = "Share of right links by probability; larger: more links";
        panel(title, &curves(title, &own), out)
    }

    /// The systems within each class of pages.
    fn bars_by_pages(&self, mode: Mode) -> Vec<Bar> {
        let mut classes: Vec<&str> = Vec::new();
        for system in self.in_mode(mode) {
            for group in system.by(SplitBy::Pages) {
                if !classes.contains(&group.name.as_str()) {
                    classes.push(&group.name);
                }
            }
        }
        let mut rows = Vec::new();
        for class in classes {
            rows.push(Bar::heading(&format!("{class} pages")));
            for system in self.in_mode(mode) {
                let mut groups = system.by(SplitBy::Pages).iter();
                rows.extend(groups.find(|group| group.name == class).map(|group| Bar {
                    label: system.name.clone(),
                    ..error_bar(group)
                }));
            }
        }
        rows
    }

    fn charts(&self, out: &mut dyn Write) -> io::Result<()> {
        let Some(main) = self.main() else {
            return Ok(());
        };
        for breakdown in &main.breakdowns {
            let errors: Vec<Bar> = breakdown.groups.iter().map(error_bar).collect();
            let title = breakdown.by.title();
            panel(title, &bars(title, Unit::Share, &errors), out)?;
        }
        let causes = main.totals.first().map_or_else(Vec::new, cause_bars);
        panel(
            "What went wrong first, in pairs",
            &bars("Causes", Unit::Count, &causes),
            out,
        )?;
        let dots: Vec<Dot> = self
            .tallies()
            .filter(|(_, tally)| tally.pairs > 0)
            .map(|(document, tally)| dot(document, &tally))
            .collect();
        let title = "Documents by pages and error; larger: more pairs";
        panel(title, &scatter(title, &dots), out)
    }

    /// The documents with the first system's sums in the first mode.
    fn tallies(&self) -> impl Iterator<Item = (&DocumentReport, Tally)> {
        let mode = self.main_mode();
        let documents = self.documents.iter();
        documents.map(move |document| (document, document.tally(mode)))
    }

    fn documents_table(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut documents: Vec<(&DocumentReport, Tally)> = self
            .tallies()
            .filter(|(document, tally)| tally.pairs > 0 || document.error.is_some())
            .collect();
        documents.sort_by_key(|(_, tally)| {
            Reverse((tally.errors, tally.pairs - tally.linked.min(tally.pairs)))
        });
        out.write_all(
            b"<div class=\"documents-box\" tabindex=\"0\"><table><thead><tr><th>Document</th>\
              <th>Language</th><th>Pages</th><th>Pairs</th><th>Linked</th><th>Errors</th>\
              <th>Error</th></tr></thead><tbody>",
        )?;
        for (document, tally) in documents {
            let failure = document.error.as_deref().map_or_else(String::new, |error| {
                format!(" <span class=\"failure\">{}</span>", escaped(error))
            });
            write!(
                out,
                "<tr><td>{}{failure}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td>\
                 <td>{}</td></tr>",
                escaped(&document.file_name),
                escaped(&document.language),
                document.pages,
                tally.pairs,
                tally.linked,
                tally.errors,
                percent(tally.error_rate())
            )?;
        }
        out.write_all(b"</tbody></table></div>")
    }

    fn shown(&self, pairs: &[ShownPair<'_>], out: &mut dyn Write) -> io::Result<()> {
        let mode = self.main_mode();
        let all = self
            .documents
            .iter()
            .flat_map(|document| document.judged(mode))
            .filter(|(pair, verdict)| !verdict.is_right(pair))
            .count();
        write!(out, "{} of {all} wrong pairs listed", pairs.len())
    }
}

fn total(group: &Group, out: &mut dyn Write) -> io::Result<()> {
    let tally = &group.tally;
    write!(
        out,
        "<div class=\"total\"><h3>{}</h3><p class=\"rate\">{} <small>error</small></p>\
         <p>{} linked · {} of {} pairs wrong · {} documents<br>per document: {} error, {} linked\
         </p></div>",
        escaped(&group.name),
        percent(tally.error_rate()),
        percent(tally.linked_share()),
        tally.errors,
        tally.pairs,
        group.documents,
        percent(group.macro_error),
        percent(group.macro_linked)
    )
}

fn panel(title: &str, chart: &str, out: &mut dyn Write) -> io::Result<()> {
    write!(
        out,
        "<div class=\"panel\"><h3>{}</h3>{chart}</div>",
        escaped(title)
    )
}

fn error_bar(group: &Group) -> Bar {
    let tally = &group.tally;
    let [low, high] = group.error_interval;
    Bar {
        label: group.name.clone(),
        value: tally.error_rate(),
        interval: Some((low, high)),
        mark: Some(group.macro_error),
        note: format!("{} of {}", percent(tally.error_rate()), tally.pairs),
        hint: format!(
            "{}: {} of {} pairs wrong in {} documents; 95 % interval {} to {}; mean of the \
             documents {}",
            group.name,
            tally.errors,
            tally.pairs,
            group.documents,
            percent(low),
            percent(high),
            percent(group.macro_error)
        ),
    }
}

fn cause_bars(all: &Group) -> Vec<Bar> {
    let count = |outcome: &Outcome| all.tally.causes.get(outcome).copied().unwrap_or(0);
    let wrong = Outcome::ALL
        .iter()
        .filter(|outcome| **outcome != Outcome::Linked);
    wrong
        .map(|outcome| Bar {
            label: outcome.name().to_owned(),
            value: f64::from(count(outcome)),
            interval: None,
            mark: None,
            note: count(outcome).to_string(),
            hint: format!("{}: {} pairs", outcome.name(), count(outcome)),
        })
        .collect()
}

fn dot(document: &DocumentReport, tally: &Tally) -> Dot {
    Dot {
        pages: document.pages,
        error: tally.error_rate(),
        pairs: tally.pairs,
        hint: format!(
            "{}: {} pages, {} of {} pairs wrong",
            document.file_name, document.pages, tally.errors, tally.pairs
        ),
    }
}

/// A pair of the list.
struct ShownPair<'a> {
    document: &'a DocumentReport,
    wrong: WrongPair<'a>,
    picture: Option<&'a PairPicture>,
}

impl ShownPair<'_> {
    /// What went wrong; a linked pair can still be ranked too low.
    fn cause(&self) -> &'static str {
        match self.wrong.verdict.outcome {
            Outcome::Linked => "ranked-too-low",
            outcome => outcome.name(),
        }
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let cause = self.cause();
        let pair = self.wrong.pair;
        write!(
            out,
            "<li class=\"pair\" data-cause=\"{cause}\"><div class=\"pair-head\"><b>{}</b>\
             <span>page {}</span><span>{}</span><span class=\"cause\">{cause}</span></div>",
            escaped(&self.document.file_name),
            pair.page.number(),
            escaped(&pair.target_name())
        )?;
        if let Some(picture) = self.picture {
            let predicted = self.wrong.verdict.predicted.map_or_else(
                || "Preferred instead".to_owned(),
                |region| format!("Preferred instead, page {}", region.page.number()),
            );
            out.write_all(b"<div class=\"views\">")?;
            for (title, image, nothing) in [
                (
                    format!("Paragraph, page {}", pair.page.number()),
                    &picture.paragraph,
                    "not to be drawn",
                ),
                (
                    format!("Meant: {}", pair.target_name()),
                    &picture.target,
                    "not to be drawn",
                ),
                (predicted, &picture.predicted, "nothing"),
            ] {
                view(&title, image.as_deref(), nothing, out)?;
            }
            out.write_all(b"</div>")?;
        }
        out.write_all(b"</li>\n")
    }
}

fn view(title: &str, image: Option<&str>, nothing: &str, out: &mut dyn Write) -> io::Result<()> {
    let title = escaped(title);
    write!(out, "<figure><figcaption>{title}</figcaption>")?;
    match image {
        Some(image) => write!(
            out,
            "<img loading=\"lazy\" alt=\"{title}\" src=\"{}\">",
            escaped(image)
        )?,
        None => write!(out, "<div class=\"nothing\">{}</div>", escaped(nothing))?,
    }
    out.write_all(b"</figure>")
}

/// A switch for each cause among the pairs.
fn causes(pairs: &[ShownPair<'_>], out: &mut dyn Write) -> io::Result<()> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for shown in pairs {
        *counts.entry(shown.cause()).or_default() += 1;
    }
    counts.iter().try_for_each(|(cause, count)| {
        write!(
            out,
            "<button type=\"button\" aria-pressed=\"false\" data-cause=\"{cause}\">{cause} \
             {count}</button>"
        )
    })
}
