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
    metrics::{Outcome, Pair},
    pictures::{PairPicture, PairPictures},
    report::{DocumentReport, Group, Report},
    worst::worst_pairs,
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
            .filter_map(|(place, pair)| {
                Some(ShownPair {
                    document: self.documents.get(place.document)?,
                    pair,
                    picture: pictures.of(place),
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
            "totals" => self.totals.iter().try_for_each(|group| total(group, out)),
            "charts" => self.charts(out),
            "documents" => self.documents_table(out),
            "causes" => causes(&pairs, out),
            "shown" => self.shown(&pairs, out),
            "pairs" => pairs.iter().try_for_each(|shown| shown.write(out)),
            _ => Ok(()),
        })
    }

    fn charts(&self, out: &mut dyn Write) -> io::Result<()> {
        for (title, groups) in self.breakdowns() {
            let errors: Vec<Bar> = groups.iter().map(error_bar).collect();
            panel(title, &bars(title, Unit::Share, &errors), out)?;
        }
        let causes = self.totals.first().map_or_else(Vec::new, cause_bars);
        panel(
            "What went wrong first, in pairs",
            &bars("Causes", Unit::Count, &causes),
            out,
        )?;
        let dots: Vec<Dot> = self
            .documents
            .iter()
            .filter(|document| document.tally.pairs > 0)
            .map(dot)
            .collect();
        let title = "Documents by pages and error; larger: more pairs";
        panel(title, &scatter(title, &dots), out)
    }

    fn documents_table(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut documents: Vec<&DocumentReport> = self
            .documents
            .iter()
            .filter(|document| document.tally.pairs > 0 || document.error.is_some())
            .collect();
        documents.sort_by_key(|document| {
            let tally = &document.tally;
            Reverse((tally.errors, tally.pairs - tally.linked.min(tally.pairs)))
        });
        out.write_all(
            b"<div class=\"documents-box\" tabindex=\"0\"><table><thead><tr><th>Document</th>\
              <th>Language</th><th>Pages</th><th>Pairs</th><th>Linked</th><th>Errors</th>\
              <th>Error</th></tr></thead><tbody>",
        )?;
        for document in documents {
            let failure = document.error.as_deref().map_or_else(String::new, |error| {
                format!(" <span class=\"failure\">{}</span>", escaped(error))
            });
            let tally = &document.tally;
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
        let all = self
            .documents
            .iter()
            .flat_map(|document| &document.pairs)
            .filter(|pair| !pair.is_right())
            .count();
        write!(out, "{} of {all} wrong pairs listed", pairs.len())
    }
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
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
    Bar {
        label: group.name.clone(),
        value: tally.error_rate(),
        interval: None,
        mark: Some(group.macro_error),
        note: format!("{} of {}", percent(tally.error_rate()), tally.pairs),
        hint: format!(
            "{}: {} of {} pairs wrong in {} documents; mean of the documents {}",
            group.name,
            tally.errors,
            tally.pairs,
            group.documents,
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

fn dot(document: &DocumentReport) -> Dot {
    let tally = &document.tally;
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
    pair: &'a Pair,
    picture: Option<&'a PairPicture>,
}

impl ShownPair<'_> {
    /// What went wrong; a linked pair can still be ranked too low.
    fn cause(&self) -> &'static str {
        match self.pair.outcome {
            Outcome::Linked => "ranked-too-low",
            outcome => outcome.name(),
        }
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let cause = self.cause();
        write!(
            out,
            "<li class=\"pair\" data-cause=\"{cause}\"><div class=\"pair-head\"><b>{}</b>\
             <span>page {}</span><span>{}</span><span class=\"cause\">{cause}</span></div>",
            escaped(&self.document.file_name),
            self.pair.page.number(),
            escaped(&self.pair.target_name())
        )?;
        if let Some(picture) = self.picture {
            let places = self.pair.places.as_deref();
            let predicted = places.and_then(|places| places.predicted).map_or_else(
                || "Preferred instead".to_owned(),
                |region| format!("Preferred instead, page {}", region.page.number()),
            );
            out.write_all(b"<div class=\"views\">")?;
            for (title, image, nothing) in [
                (
                    format!("Paragraph, page {}", self.pair.page.number()),
                    &picture.paragraph,
                    "not to be drawn",
                ),
                (
                    format!("Meant: {}", self.pair.target_name()),
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
