//! Which links are shown, looked up from both ends, and how probabilities and pages are worded.

use crate::{
    align::{Evidence, Link},
    detect::{Visual, VisualId, VisualKind},
    geometry::{PageIndex, Rect},
    graph::Aspect,
    pdf::Page,
    segment::{Paragraph, ParagraphId},
};

use super::{AlignedDocument, OutputOptions};

/// The links of at least the asked probability, by visual and by paragraph.
pub(super) struct ShownLinks<'a> {
    /// Sorted as in the alignment: by paragraph, then by falling probability.
    pub(super) all: Vec<&'a Link>,
    /// Indices into `all` by visual, then by paragraph.
    by_visual: Vec<u32>,
}

impl<'a> ShownLinks<'a> {
    pub(super) fn new(aligned: &'a AlignedDocument, options: &OutputOptions) -> ShownLinks<'a> {
        let mut all: Vec<&Link> = aligned
            .alignment
            .links
            .iter()
            .filter(|link| link.probability >= options.min_probability)
            .collect();
        // Stable: falling probability within a paragraph stays.
        all.sort_by_key(|link| link.paragraph);
        let mut by_visual: Vec<u32> = (0..).take(all.len()).collect();
        by_visual.sort_by_key(|&i| all.get(i as usize).map(|l| (l.visual, l.paragraph)));
        ShownLinks { all, by_visual }
    }

    /// The links of a visual in reading order.
    pub(super) fn of_visual(&self, visual: VisualId) -> impl Iterator<Item = &'a Link> + '_ {
        let of = |&i: &u32| self.all.get(i as usize).map(|l| l.visual);
        let start = self.by_visual.partition_point(|i| of(i) < Some(visual));
        self.by_visual
            .iter()
            .skip(start)
            .map_while(move |&i| self.all.get(i as usize).copied())
            .take_while(move |link| link.visual == visual)
    }

    /// The links of a paragraph by falling probability.
    pub(super) fn of_paragraph(&self, id: ParagraphId) -> impl Iterator<Item = &'a Link> + '_ {
        let start = self.all.partition_point(|link| link.paragraph < id);
        self.all
            .iter()
            .skip(start)
            .copied()
            .take_while(move |link| link.paragraph == id)
    }

    /// Whether a visual has no link that is shown.
    pub(super) fn is_unaligned(&self, visual: VisualId) -> bool {
        self.of_visual(visual).next().is_none()
    }
}

/// Looks paragraphs and visuals up by their ids, which are their places.
impl AlignedDocument {
    pub(super) fn paragraph(&self, id: ParagraphId) -> Option<&Paragraph> {
        self.paragraphs.get(id.0 as usize)
    }

    pub(super) fn visual(&self, id: VisualId) -> Option<&Visual> {
        self.visuals.get(id.0 as usize)
    }

    /// A page as a box, origin at its corner.
    pub(super) fn page_box(&self, page: PageIndex) -> Option<Rect> {
        let pages = &self.document.pages;
        let at = pages.binary_search_by_key(&page, |p| p.index).ok()?;
        pages.get(at).map(Page::bbox).filter(|b| b.area() > 0.0)
    }

    /// What a page is called: its printed label, else its number.
    pub(super) fn page_name(&self, page: PageIndex) -> String {
        match self.document.structure.page_labels.get(page.as_usize()) {
            Some(label) if !label.trim().is_empty() => label.trim().to_owned(),
            _ => page.number().to_string(),
        }
    }

    /// The document's title, else its file name.
    pub(super) fn display_title(&self) -> &str {
        match self.document.structure.title.as_deref().map(str::trim) {
            Some(title) if !title.is_empty() => title,
            _ => &self.source.file_name,
        }
    }

    /// A caption without the label, for places that show the label by itself.
    pub(super) fn caption_title(&self, visual: &Visual) -> Option<&str> {
        let caption = self.caption_text(visual)?;
        let title = caption.strip_prefix(visual_name(visual)).map(|rest| {
            rest.trim_start_matches(|c: char| c.is_whitespace() || ".:-–—|：．。".contains(c))
        });
        match title {
            // "Figure 12" is no label with a title in front of a visual called "Figure 1".
            Some(title) if !caption_goes_on(caption, title) => Some(title),
            _ => Some(caption),
        }
        .filter(|title| !title.is_empty())
    }

    /// The text of a visual's caption.
    pub(super) fn caption_text(&self, visual: &Visual) -> Option<&str> {
        Some(self.paragraph(visual.caption?)?.text.trim())
    }
}

/// Whether a title was cut off inside a word or number.
fn caption_goes_on(caption: &str, title: &str) -> bool {
    let label = caption.strip_suffix(title).unwrap_or_default();
    let joins = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    joins(label.chars().next_back()) && joins(title.chars().next())
}

/// A visual's printed label, else the name of its kind.
pub(super) fn visual_name(visual: &Visual) -> &str {
    match &visual.label {
        Some(label) if !label.text.trim().is_empty() => label.text.trim(),
        _ => kind_name(visual.kind),
    }
}

/// The name of a kind, capitalised.
pub(super) fn kind_name(kind: VisualKind) -> &'static str {
    match kind {
        VisualKind::Figure => "Figure",
        VisualKind::Photo => "Photo",
        VisualKind::Chart => "Chart",
        VisualKind::Diagram => "Diagram",
        VisualKind::Table => "Table",
        VisualKind::Algorithm => "Listing",
        VisualKind::Formula => "Formula",
    }
}

/// What speaks for a link in words, to follow the name of its paragraph.
pub(super) fn evidence_words(evidence: Evidence, mention: Option<&str>) -> String {
    match (evidence, mention) {
        (Evidence::Mention, Some(text)) => format!("names “{}”", folded(text)),
        (Evidence::Mention, None) => "names its label".to_owned(),
        (Evidence::Annotation, _) => "has a link that leads to it".to_owned(),
        (Evidence::Pointer, _) => "points at its place on the page".to_owned(),
        (Evidence::Adjacency, _) => "stands next to it".to_owned(),
        (Evidence::Model, _) => "seems to be about it".to_owned(),
    }
}

/// What carried the network's score in words, to follow the name of its paragraph.
pub(super) fn reason_words(reason: Aspect) -> &'static str {
    match reason {
        Aspect::Place => "stands near it",
        Aspect::Section => "is in its section",
        Aspect::Caption => "shares words with its caption",
        Aspect::Content => "shares words with what it shows",
        Aspect::Beside => "the text around is about it",
        Aspect::Stated => "names it",
        Aspect::Named => "other text near by names it",
        Aspect::Wording => "speaks of such a thing",
    }
}

/// A probability on four digits: finer is noise.
pub(super) fn rounded(probability: f32) -> f64 {
    (f64::from(probability) * 1e4).round() / 1e4
}

/// A probability in per cent; only certainty itself is written as 100 %.
pub(super) fn percent(probability: f32) -> String {
    let value = (f64::from(probability) * 100.0).round().clamp(0.0, 100.0);
    let value = if probability < 1.0 {
        value.min(99.0)
    } else {
        value
    };
    format!("{value:.0} %")
}

/// A text in one line: runs of white space become one space.
pub(super) fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}
