//! Lists the differences between what a document is and what the program made of it, a line each.

use std::collections::{BTreeMap, BTreeSet};

use docalign::{
    align::Link,
    detect::{Visual, VisualKind},
    geometry::{PageIndex, Rect, Region},
    pipeline::AlignedDocument,
    segment::{Paragraph, ParagraphKind},
};

use super::truth::{TrueParagraph, TrueVisual, Truth, divergence, paragraph_words, words};

/// Least intersection over union of a visual's true and found places. Whether a frame line, an
/// axis label or a ruled line around an algorithm is inside is a matter of taste; half of the
/// picture is not.
const MIN_REGION_IOU: f32 = 0.6;

/// Least share of common height for displayed formulas: whether the white space up to the number
/// at the margin belongs to the formula is left open.
const MIN_FORMULA_OVERLAP: f32 = 0.5;

/// So many letters at its start make a paragraph known again when the rest of it differs.
const KNOWN_BY: usize = 24;

/// Every difference, in the order paragraphs, visuals, links.
pub fn problems(truth: &Truth, found: &AlignedDocument) -> Vec<String> {
    let mut out = Vec::new();
    let paragraphs = match_paragraphs(truth, &found.paragraphs, &mut out);
    check_order(truth, &paragraphs, &mut out);
    let visuals = match_visuals(truth, found, &paragraphs, &mut out);
    check_links(truth, found, &paragraphs, &visuals, &mut out);
    check_beside(truth, found, &paragraphs, &visuals, &mut out);
    check_unresolved(truth, found, &paragraphs, &mut out);
    let warnings = found.document.warnings.iter().map(|w| w.code).collect();
    if truth.warnings != warnings {
        out.push(format!(
            "warnings: {:?}, found {warnings:?}",
            truth.warnings
        ));
    }
    out
}

/// The index of the found paragraph for each true one.
type Matched = Vec<Option<usize>>;

fn match_paragraphs(truth: &Truth, found: &[Paragraph], out: &mut Vec<String>) -> Matched {
    let mut taken = BTreeSet::new();
    let mut matched = Vec::new();
    for expected in &truth.paragraphs {
        let text = paragraph_words(expected.kind, &expected.text);
        let words_of = |i: &usize| paragraph_words(expected.kind, &found[*i].text);
        let exact = (0..found.len())
            .filter(|i| !taken.contains(i) && divergence(&text, &words_of(i)).is_none())
            // "Table 1 (continued)" comes on several pages.
            .min_by_key(|i| found[*i].page().distance(expected.page));
        let first = text.split('\u{fffc}').next().unwrap_or("");
        let known: String = first.chars().take(KNOWN_BY).collect();
        // A list of figures has the beginnings of all captions too.
        let alike = || {
            (0..found.len())
                .filter(|i| !taken.contains(i) && words_of(i).starts_with(&known))
                .min_by_key(|i| found[*i].page().distance(expected.page))
        };
        let index = exact.or_else(alike);
        match index {
            Some(i) => {
                taken.insert(i);
                check_paragraph(expected, &found[i], out);
            }
            None => out.push(format!("paragraph missing: {}", start(&expected.text))),
        }
        matched.push(index);
    }
    for (i, paragraph) in found.iter().enumerate() {
        let counts = paragraph.kind.is_running_text()
            || matches!(
                paragraph.kind,
                ParagraphKind::Heading | ParagraphKind::Caption
            );
        if counts && !taken.contains(&i) && !truth.loose_pages.contains(&paragraph.page()) {
            out.push(format!(
                "paragraph extra: {:?} on page {}: {}",
                paragraph.kind,
                paragraph.page().number(),
                start(&paragraph.text)
            ));
        }
    }
    matched
}

fn check_paragraph(truth: &TrueParagraph, found: &Paragraph, out: &mut Vec<String>) {
    let name = start(&truth.text);
    let (wanted, got) = (
        paragraph_words(truth.kind, &truth.text),
        paragraph_words(truth.kind, &found.text),
    );
    if let Some((wanted, got)) = divergence(&wanted, &got) {
        out.push(format!(
            "paragraph text: {name}\n    true:  … {wanted}\n    found: … {got}"
        ));
    }
    if found.kind != truth.kind {
        out.push(format!(
            "paragraph kind: {name}: {:?}, found {:?}",
            truth.kind, found.kind
        ));
    }
    if found.page() != truth.page {
        out.push(format!(
            "paragraph page: {name}: {}, found {}",
            truth.page.number(),
            found.page().number()
        ));
    }
}

fn start(text: &str) -> String {
    let cut: String = text.chars().take(48).collect();
    format!("{cut:?}")
}

fn check_order(truth: &Truth, matched: &Matched, out: &mut Vec<String>) {
    let mut last: Option<(usize, usize)> = None;
    for (index, paragraph) in truth.paragraphs.iter().enumerate() {
        let (true, Some(place)) = (paragraph.flow, matched[index]) else {
            continue;
        };
        if let Some((before, before_place)) = last
            && before_place > place
        {
            out.push(format!(
                "order: {} comes before {}",
                start(&paragraph.text),
                start(&truth.paragraphs[before].text)
            ));
        }
        last = Some((index, place));
    }
}

fn match_visuals<'a>(
    truth: &'a Truth,
    found: &AlignedDocument,
    paragraphs: &Matched,
    out: &mut Vec<String>,
) -> BTreeMap<&'a str, usize> {
    let mut matched = BTreeMap::new();
    for wanted in &truth.visuals {
        let free = |i: &usize| !matched.values().any(|m| m == i);
        let best = (0..found.visuals.len())
            .filter(free)
            .map(|i| (i, likeness(wanted, &found.visuals[i])))
            .filter(|(_, likeness)| *likeness > 0.0)
            .max_by(|a, b| a.1.total_cmp(&b.1));
        match best {
            Some((i, _)) => {
                matched.insert(wanted.id.as_str(), i);
                check_visual(wanted, &found.visuals[i], paragraphs, out);
            }
            None => out.push(format!(
                "visual missing: {} ({:?})",
                wanted.id, wanted.label
            )),
        }
    }
    for (i, visual) in found.visuals.iter().enumerate() {
        if !matched.values().any(|m| *m == i) {
            out.push(format!(
                "visual extra: {:?} {:?} on page {} at {:?}",
                visual.kind,
                visual.label.as_ref().map_or("without label", |l| &l.text),
                visual.page().number(),
                visual.regions.first().map(|r| r.bbox)
            ));
        }
    }
    matched
}

/// Above 2 with the same printed label, above 1 with the same number and class, up to 1 by the
/// common area: a table that was taken for a figure is still known by its label.
fn likeness(truth: &TrueVisual, found: &Visual) -> f32 {
    let same_label = truth.number.is_some()
        && truth.number.as_deref() == number_of(found)
        && class(truth.kind) == class(found.kind);
    let common = truth.regions.iter().flat_map(|t| {
        found
            .regions
            .iter()
            .filter(|f| f.page == t.page)
            .map(|f| f.bbox.iou(&t.bbox))
    });
    let printed = |text: &String| words(text);
    let same_text = truth.label.is_some()
        && truth.label.as_ref().map(printed) == found.label.as_ref().map(|l| printed(&l.text));
    let labels = 2 * u8::from(same_text) + u8::from(same_label);
    f32::from(labels) + common.fold(0.0, f32::max)
}

/// Charts, diagrams and photographs are told apart later, by their looks.
fn class(kind: VisualKind) -> u8 {
    match kind {
        VisualKind::Table => 1,
        VisualKind::Algorithm => 2,
        VisualKind::Formula => 3,
        _ => 0,
    }
}

fn number_of(visual: &Visual) -> Option<&str> {
    let number = visual.label.as_ref()?.number.as_ref()?;
    Some(&number.number)
}

fn check_visual(truth: &TrueVisual, found: &Visual, paragraphs: &Matched, out: &mut Vec<String>) {
    let id = &truth.id;
    if class(truth.kind) != class(found.kind) {
        out.push(format!(
            "visual kind: {id}: {:?}, found {:?}",
            truth.kind, found.kind
        ));
    }
    if truth.number.as_deref() != number_of(found) {
        out.push(format!(
            "visual label: {id}: {:?}, found {:?}",
            truth.label, found.label
        ));
    }
    let wanted: Vec<Option<usize>> = truth.captions.iter().map(|i| paragraphs[*i]).collect();
    let captions: Vec<Option<usize>> = found
        .caption
        .iter()
        .chain(&found.continued)
        .map(|p| Some(p.0 as usize))
        .collect();
    if wanted != captions {
        out.push(format!(
            "visual caption: {id}: paragraphs {wanted:?}, found {captions:?}"
        ));
    }
    let (wanted, got) = (by_page(&truth.regions), by_page(&found.regions));
    let agree = wanted.len() == got.len()
        && wanted.iter().all(|(page, t)| {
            got.get(page).is_some_and(|f| match truth.kind {
                VisualKind::Formula => {
                    f.y_overlap(t) / f.height().max(t.height()) >= MIN_FORMULA_OVERLAP
                }
                _ => f.iou(t) >= MIN_REGION_IOU,
            })
        });
    if !agree {
        out.push(format!(
            "visual region: {id}:\n    true:  {wanted:?}\n    found: {got:?}"
        ));
    }
}

fn by_page(regions: &[Region]) -> BTreeMap<PageIndex, Rect> {
    let mut pages: BTreeMap<PageIndex, Rect> = BTreeMap::new();
    for region in regions {
        pages
            .entry(region.page)
            .and_modify(|r| *r = r.union(&region.bbox))
            .or_insert(region.bbox);
    }
    pages
}

fn is_explicit(link: &Link) -> bool {
    link.evidence.iter().any(|evidence| evidence.states())
}

fn check_links(
    truth: &Truth,
    found: &AlignedDocument,
    paragraphs: &Matched,
    visuals: &BTreeMap<&str, usize>,
    out: &mut Vec<String>,
) {
    let mut wanted = BTreeSet::new();
    for mention in &truth.mentions {
        for id in &mention.visuals {
            match (paragraphs[mention.paragraph], visuals.get(id.as_str())) {
                (Some(p), Some(v)) => {
                    wanted.insert((p, *v));
                }
                _ => out.push(format!("link missing: {:?} -> {id}", mention.text)),
            }
        }
    }
    let links = found.alignment.links.iter().filter(|l| is_explicit(l));
    let got: BTreeSet<(usize, usize)> = links
        .map(|l| (l.paragraph.0 as usize, l.visual.0 as usize))
        .collect();
    let name = |(p, v): &(usize, usize)| {
        format!(
            "{} -> {:?}",
            start(&found.paragraphs[*p].text),
            found.visuals[*v]
                .label
                .as_ref()
                .map_or("without label", |l| &l.text)
        )
    };
    out.extend(
        wanted
            .difference(&got)
            .map(|pair| format!("link missing: {}", name(pair))),
    );
    out.extend(
        got.difference(&wanted)
            .map(|pair| format!("link extra: {}", name(pair))),
    );
}

fn check_beside(
    truth: &Truth,
    found: &AlignedDocument,
    paragraphs: &Matched,
    visuals: &BTreeMap<&str, usize>,
    out: &mut Vec<String>,
) {
    for pair in &truth.beside {
        for id in &pair.visuals {
            let paragraph = paragraphs[pair.paragraph];
            let visual = visuals.get(id.as_str()).copied();
            // The likeliest paragraph of the visual must be the one beside it.
            let best = found
                .alignment
                .links
                .iter()
                .filter(|l| Some(l.visual.0 as usize) == visual)
                .max_by(|a, b| a.probability.total_cmp(&b.probability));
            if best.map(|l| l.paragraph.0 as usize) != paragraph || best.is_none() {
                out.push(format!(
                    "beside: {id} belongs to {}, found {}",
                    start(&truth.paragraphs[pair.paragraph].text),
                    best.and_then(|l| found.paragraphs.get(l.paragraph.0 as usize))
                        .map_or("nothing".to_owned(), |p| start(&p.text))
                ));
            }
        }
    }
}

fn check_unresolved(
    truth: &Truth,
    found: &AlignedDocument,
    matched: &Matched,
    out: &mut Vec<String>,
) {
    let mut got: Vec<(usize, &str)> = Vec::new();
    for mention in &found.alignment.unresolved_mentions {
        let paragraph = mention.paragraph.0 as usize;
        let text = &found.paragraphs[paragraph].mentions[mention.mention as usize].text;
        got.push((paragraph, text));
    }
    for wanted in &truth.unresolved {
        let place = got.iter().position(|(paragraph, text)| {
            matched[wanted.paragraph] == Some(*paragraph)
                && words(text).contains(&words(&wanted.text))
        });
        match place {
            Some(i) => {
                got.swap_remove(i);
            }
            None => out.push(format!("unresolved missing: {:?}", wanted.text)),
        }
    }
    for (paragraph, text) in got {
        out.push(format!(
            "unresolved extra: {text:?} in {}",
            start(&found.paragraphs[paragraph].text)
        ));
    }
}
