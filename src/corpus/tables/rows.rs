//! Outcomes and alignment files as rows.

use std::{collections::HashSet, io};

use crate::{
    geometry::Region,
    output::{
        alignment_file::{AlignmentFile, ParagraphRecord, VisualRecord, name_of},
        table::{Cell, Table},
    },
    worker::CropsList,
};

use super::{SCHEMA_VERSION, TABLES};
use crate::corpus::{Record, Status};

/// The tables of a batch.
pub struct Tables {
    documents: Table,
    paragraphs: Table,
    visuals: Table,
    links: Table,
    failures: Table,
    names_output: bool,
}

impl Tables {
    /// Empty ones; `names_output` says whether they tell where the alignment files are.
    pub fn new(names_output: bool) -> io::Result<Tables> {
        let [documents, paragraphs, visuals, links, failures] = TABLES.map(|table| {
            let version = env!("CARGO_PKG_VERSION");
            let notes = [("schema", SCHEMA_VERSION), ("docalign", version)];
            Table::new(table.name, table.fields, &notes)
        });
        Ok(Tables {
            documents: documents?,
            paragraphs: paragraphs?,
            visuals: visuals?,
            links: links?,
            failures: failures?,
            names_output,
        })
    }

    /// In the order of [`TABLES`].
    pub fn into_all(self) -> [Table; 5] {
        [
            self.documents,
            self.paragraphs,
            self.visuals,
            self.links,
            self.failures,
        ]
    }

    /// Adds what became of a file, and what is in its output if it has one of its own.
    pub fn add(
        &mut self,
        record: &Record,
        output: Option<(&AlignmentFile<'_>, &CropsList)>,
    ) -> io::Result<()> {
        self.add_failure(record)?;
        if record.status != Status::Failed {
            self.add_document(record, output.map(|(file, _)| file))?;
        }
        let Some((file, crops)) = output else {
            return Ok(());
        };
        let document = &file.document.sha256;
        for paragraph in &file.paragraphs {
            self.add_paragraph(document, paragraph)?;
        }
        let linked: HashSet<u32> = file.links.iter().map(|link| link.visual.0).collect();
        for visual in &file.visuals {
            self.add_visual(document, visual, linked.contains(&visual.id.0), crops)?;
        }
        self.add_links(document, file)
    }

    fn add_document(
        &mut self,
        record: &Record,
        file: Option<&AlignmentFile<'_>>,
    ) -> io::Result<()> {
        let document = file.map(|file| &file.document);
        let count = |count: fn(&AlignmentFile<'_>) -> usize| {
            let number = file.map_or(0, count);
            Cell::Int(u32::try_from(number).unwrap_or(u32::MAX))
        };
        let duplicate_of = record.duplicate_of.as_ref();
        let duplicate_of = duplicate_of.map(|path| path.to_string_lossy());
        let output = record.output.as_ref().filter(|_| self.names_output);
        let output = output.map(|output| output.name.as_str());
        self.documents.row(&[
            Cell::Text(record.sha256.as_deref().unwrap_or_default()),
            Cell::Text(&record.path.to_string_lossy()),
            Cell::Text(record.status.name()),
            Cell::from(duplicate_of.as_deref()),
            Cell::from(output),
            Cell::Long(record.stamp.map_or(0, |stamp| stamp.size)),
            Cell::from(document.and_then(|document| document.title.as_deref())),
            Cell::from(document.and_then(|document| document.language.as_deref())),
            Cell::Int(record.page_count),
            Cell::Int(record.pages),
            count(|file| file.paragraphs.len()),
            count(|file| file.visuals.len()),
            count(|file| file.links.len()),
            Cell::Int(record.warnings),
        ])
    }

    fn add_paragraph(&mut self, document: &str, paragraph: &ParagraphRecord<'_>) -> io::Result<()> {
        let mentions = paragraph.mentions.iter().map(|mention| &*mention.text);
        self.paragraphs.row(&[
            Cell::Text(document),
            Cell::Text(&paragraph.id.to_string()),
            Cell::Text(&name_of(&paragraph.kind)),
            Cell::Text(&paragraph.text),
            Cell::from(paragraph.language.as_deref()),
            Cell::Texts(paragraph.section.iter().map(String::as_str).collect()),
            Cell::from(first_page(&paragraph.regions)),
            Cell::Regions(&paragraph.regions),
            Cell::Texts(mentions.collect()),
        ])
    }

    fn add_visual(
        &mut self,
        document: &str,
        visual: &VisualRecord<'_>,
        linked: bool,
        crops: &CropsList,
    ) -> io::Result<()> {
        let id = visual.id.to_string();
        let crops = crops.get(&id).map_or(&[][..], Vec::as_slice);
        let caption = visual.caption.map(|caption| caption.to_string());
        let sources: Vec<String> = visual.sources.iter().map(name_of).collect();
        self.visuals.row(&[
            Cell::Text(document),
            Cell::Text(&id),
            Cell::Text(&name_of(&visual.kind)),
            Cell::from(visual.label.as_deref()),
            Cell::from(caption.as_deref()),
            Cell::from(first_page(&visual.regions)),
            Cell::Regions(&visual.regions),
            Cell::Real(visual.score),
            Cell::Texts(sources.iter().map(String::as_str).collect()),
            Cell::from(visual.alt_text.as_deref()),
            Cell::Text(&visual.text),
            Cell::Bool(linked),
            Cell::Texts(crops.iter().map(|crop| crop.name.as_str()).collect()),
        ])
    }

    fn add_links(&mut self, document: &str, file: &AlignmentFile<'_>) -> io::Result<()> {
        for link in &file.links {
            let paragraph = file.paragraphs.get(link.paragraph.0 as usize);
            let visual = file.visuals.get(link.visual.0 as usize);
            let mention = paragraph
                .zip(link.mention)
                .and_then(|(paragraph, at)| paragraph.mentions.get(at as usize))
                .map(|mention| &*mention.text);
            let evidence: Vec<String> = link.evidence.iter().map(name_of).collect();
            let reasons: Vec<String> = link.reasons.iter().map(name_of).collect();
            self.links.row(&[
                Cell::Text(document),
                Cell::Text(&link.paragraph.to_string()),
                Cell::Text(&link.visual.to_string()),
                Cell::Real(link.probability),
                Cell::Texts(evidence.iter().map(String::as_str).collect()),
                Cell::Texts(reasons.iter().map(String::as_str).collect()),
                Cell::from(mention),
                Cell::from(paragraph.and_then(|paragraph| first_page(&paragraph.regions))),
                Cell::from(visual.and_then(|visual| first_page(&visual.regions))),
            ])?;
        }
        Ok(())
    }

    fn add_failure(&mut self, record: &Record) -> io::Result<()> {
        let Some(cause) = &record.cause else {
            return Ok(());
        };
        let duplicate_of = record.duplicate_of.as_ref();
        let duplicate_of = duplicate_of.map(|path| path.to_string_lossy());
        self.failures.row(&[
            Cell::Text(&record.path.to_string_lossy()),
            Cell::from(record.sha256.as_deref()),
            Cell::Text(record.status.name()),
            Cell::Text(cause.failure.code.name()),
            Cell::Text(&cause.failure.message),
            Cell::from(cause.page.map(|page| page.0)),
            Cell::from(duplicate_of.as_deref()),
        ])
    }
}

fn first_page(regions: &[Region]) -> Option<u32> {
    regions.first().map(|region| region.page.0)
}
