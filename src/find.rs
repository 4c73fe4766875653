//! Answers questions from alignment files: which visuals and paragraphs are about something.
//!
//! What a question and a text have in common is measured by words and letter groups, and by an encoder's
//! vectors where there are some. A paragraph also stands under titles, and a visual is as good an answer as
//! the paragraphs that belong to it.

use std::{collections::BTreeMap, fmt};

use crate::{
    detect::VisualId,
    geometry::{PageIndex, Region},
    graph::{WordSearch, without_label},
    model::encoder::{Encoder, cosine},
    network::NetworkError,
    output::{
        alignment_file::{AlignmentFile, ParagraphRecord, VisualRecord},
        embeddings::{Embedding, Embeddings},
    },
    segment::{ParagraphId, ParagraphKind, has_leaders, is_fragment},
};

/// How much the titles that it stands under count beside an item's own words.
const BY_TITLES: f32 = 0.3;
/// How much of its best paragraph's likeness a visual gains.
const BY_PARAGRAPH: f32 = 0.5;
/// How much an encoder's cosine counts beside the words'.
const BY_MEANING: f32 = 1.0;
/// Letters inside a visual that are read where nothing else describes it.
const INNER_LETTERS: usize = 300;

/// A thing in a document that can be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Found {
    /// A paragraph.
    Paragraph(ParagraphId),
    /// A visual.
    Visual(VisualId),
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Paragraph(id) => id.fmt(f),
            Self::Visual(id) => id.fmt(f),
        }
    }
}

/// What is to be shown of a thing that can be found.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// The file, by its place among those given.
    pub file: usize,
    /// Which thing.
    pub found: Found,
    /// The page on which it begins.
    pub page: PageIndex,
    /// A visual's label as printed.
    pub label: Option<String>,
    /// A paragraph's text; a visual's caption and alternative text.
    pub text: String,
    /// The text inside a visual.
    inner: String,
    /// The titles of the sections that it stands in.
    titles: String,
}

/// An answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// Its place in [`Index::items`].
    pub item: usize,
    /// How good an answer it is; for comparison with others only.
    pub score: f32,
}

/// Alignment files ready to be searched.
pub struct Index {
    /// The SHA-256 of each file's PDF.
    documents: Vec<String>,
    items: Vec<Item>,
    /// Links as places of paragraph and visual in `items`, with their probability.
    links: Vec<(usize, usize, f32)>,
    words: WordSearch,
    titles: WordSearch,
    /// Those of `items`, or none.
    vectors: Vec<Vec<f32>>,
}

impl Index {
    /// Reads the texts of files.
    pub fn new(files: &[AlignmentFile<'_>]) -> Index {
        let items: Vec<Item> = files.iter().enumerate().flat_map(items).collect();
        let places = items.iter().map(|item| (item.file, item.found)).zip(0..);
        let places: BTreeMap<(usize, Found), usize> = places.collect();
        let places = &places;
        let links = files.iter().enumerate().flat_map(|(file, content)| {
            content.links.iter().filter_map(move |link| {
                let paragraph = places.get(&(file, Found::Paragraph(link.paragraph)))?;
                let visual = places.get(&(file, Found::Visual(link.visual)))?;
                Some((*paragraph, *visual, link.probability))
            })
        });
        let links = links.collect();
        let texts: Vec<String> = items.iter().map(Item::whole).collect();
        let language = files
            .first()
            .and_then(|file| file.document.language.as_deref());
        let documents = files.iter().map(|file| file.document.sha256.to_string());
        Index {
            documents: documents.collect(),
            words: WordSearch::new(texts.iter().map(String::as_str), language),
            titles: WordSearch::new(items.iter().map(|item| item.titles.as_str()), language),
            items,
            links,
            vectors: Vec::new(),
        }
    }

    /// The same with the vectors of its items: those that are known already, if the encoder made
    /// them, and the others'.
    ///
    /// # Errors
    /// When the encoder fails.
    pub fn with_vectors(
        self,
        encoder: &Encoder,
        known: &Embeddings,
    ) -> Result<Index, NetworkError> {
        let same = known.encoder == encoder.hash();
        let found = |item: &Item| {
            let document = self.documents.get(item.file)?;
            let id = item.found.to_string();
            let vector = known.get(document, &id, item.described())?;
            same.then(|| vector.to_vec())
        };
        let mut vectors: Vec<Option<Vec<f32>>> = self.items.iter().map(found).collect();
        let missing = self.items.iter().zip(&vectors);
        let missing = missing.filter(|(_, vector)| vector.is_none());
        let texts: Vec<&str> = missing.map(|(item, _)| item.described()).collect();
        let mut made = encoder.texts(&texts)?.into_iter();
        for vector in vectors.iter_mut().filter(|vector| vector.is_none()) {
            *vector = made.next();
        }
        let vectors = vectors.into_iter().map(Option::unwrap_or_default).collect();
        Ok(Index { vectors, ..self })
    }

    /// The vectors of its items, as far as there are any.
    pub fn embeddings(&self) -> impl Iterator<Item = Embedding<'_>> {
        let vectors = self.items.iter().zip(&self.vectors);
        vectors.map(|(item, vector)| Embedding {
            document: self.documents.get(item.file).map_or("", String::as_str),
            id: item.found.to_string(),
            page: item.page,
            text: item.described(),
            vector,
        })
    }

    /// All that can be found.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// All items by how well they answer a question, the best first; `vector` is the question's, or
    /// empty where there are none.
    pub fn answer(&self, question: &str, vector: &[f32]) -> Vec<Hit> {
        let own = self.scores(question, question, vector);
        let mut scores = own.clone();
        for (paragraph, visual, probability) in &self.links {
            let through = own.get(*paragraph).map_or(0.0, |of| of * probability);
            let alone = own.get(*visual).copied().unwrap_or(0.0);
            if let Some(score) = scores.get_mut(*visual) {
                *score = score.max(alone + through * BY_PARAGRAPH);
            }
        }
        sorted(scores.into_iter().enumerate())
    }

    /// The visuals most like a paragraph, or the paragraphs most like a visual, the best first;
    /// those that are linked with it before all others.
    pub fn like(&self, item: usize) -> Vec<Hit> {
        let Some(own) = self.items.get(item) else {
            return Vec::new();
        };
        let vector = self.vectors.get(item).map_or(&[][..], Vec::as_slice);
        let mut scores = self.scores(&own.whole(), &own.titles, vector);
        for (paragraph, visual, probability) in &self.links {
            let other = match item {
                _ if item == *paragraph => visual,
                _ if item == *visual => paragraph,
                _ => continue,
            };
            if let Some(score) = scores.get_mut(*other) {
                *score += probability;
            }
        }
        let others = scores.into_iter().enumerate().filter(|(at, _)| {
            let of = self.items.get(*at);
            of.is_some_and(|other| other.is_visual() != own.is_visual())
        });
        sorted(others)
    }

    fn scores(&self, text: &str, titles: &str, vector: &[f32]) -> Vec<f32> {
        let titles = self.titles.likeness(titles);
        let words = self.words.likeness(text).into_iter();
        let lexical = words.zip(titles);
        let mut scores: Vec<f32> = lexical
            .map(|(words, titles)| words + BY_TITLES * titles)
            .collect();
        for (score, of) in scores.iter_mut().zip(&self.vectors) {
            *score += BY_MEANING * cosine(of, vector).max(0.0);
        }
        scores
    }
}

impl Item {
    /// Whether it is a visual.
    pub fn is_visual(&self) -> bool {
        matches!(self.found, Found::Visual(_))
    }

    /// What an encoder is given of it.
    pub fn described(&self) -> &str {
        if !self.text.trim().is_empty() {
            return &self.text;
        }
        let end = self.inner.char_indices().nth(INNER_LETTERS);
        let end = end.map_or(self.inner.len(), |(at, _)| at);
        self.inner.get(..end).unwrap_or_default()
    }

    fn whole(&self) -> String {
        format!(
            "{} {} {}",
            self.label.as_deref().unwrap_or(""),
            self.text,
            self.inner
        )
    }
}

fn items<'a>((file, content): (usize, &'a AlignmentFile<'_>)) -> impl Iterator<Item = Item> + 'a {
    let by_id: BTreeMap<ParagraphId, &ParagraphRecord<'_>> = content
        .paragraphs
        .iter()
        .map(|paragraph| (paragraph.id, paragraph))
        .collect();
    // Tables of contents repeat what they lead to.
    let paragraphs = content.paragraphs.iter().filter(|paragraph| {
        (paragraph.kind.is_running_text() || paragraph.kind == ParagraphKind::Code)
            && !has_leaders(&paragraph.text)
            && !is_fragment(&paragraph.text)
    });
    let paragraphs = paragraphs.map(move |paragraph| Item {
        file,
        found: Found::Paragraph(paragraph.id),
        page: first_page(&paragraph.regions),
        label: None,
        text: paragraph.text.to_string(),
        inner: String::new(),
        titles: paragraph.section.join(" "),
    });
    let visuals = content.visuals.iter().map(move |visual| {
        let caption = visual.caption.and_then(|id| by_id.get(&id));
        Item {
            file,
            found: Found::Visual(visual.id),
            page: first_page(&visual.regions),
            label: visual.label.as_deref().map(str::to_owned),
            text: described(visual, &by_id),
            inner: visual.text.to_string(),
            titles: caption.map_or_else(String::new, |caption| caption.section.join(" ")),
        }
    });
    paragraphs.chain(visuals)
}

/// A visual's captions without its label, and its alternative text.
fn described(
    visual: &VisualRecord<'_>,
    by_id: &BTreeMap<ParagraphId, &ParagraphRecord<'_>>,
) -> String {
    let label = visual.label.as_deref().unwrap_or("");
    let captions = visual.caption.iter().chain(&visual.continued);
    let captions = captions.filter_map(|id| by_id.get(id));
    let captions = captions.map(|caption| without_label(&caption.text, label));
    let parts: Vec<&str> = captions.chain(visual.alt_text.as_deref()).collect();
    parts.join(" ")
}

fn first_page(regions: &[Region]) -> PageIndex {
    regions.first().map_or(PageIndex(0), |region| region.page)
}

fn sorted(scores: impl Iterator<Item = (usize, f32)>) -> Vec<Hit> {
    let mut hits: Vec<Hit> = scores.map(|(item, score)| Hit { item, score }).collect();
    hits.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.item.cmp(&b.item)));
    hits
}
