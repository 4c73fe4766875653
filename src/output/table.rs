//! Parquet tables: fields with their meaning, rows filled field by field, zstd.

use std::{io, mem, sync::Arc};

use parquet::{
    basic::{Compression, ZstdLevel},
    data_type::{BoolType, ByteArray, ByteArrayType, DataType, FloatType, Int32Type, Int64Type},
    errors::ParquetError,
    file::{
        metadata::KeyValue,
        properties::WriterProperties,
        writer::{SerializedColumnWriter, SerializedFileWriter},
    },
    schema::parser::parse_message_type,
};

use crate::geometry::Region;

/// A column of a table, or a group of them.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub shape: Shape,
    /// What that means, for people.
    pub meaning: &'static str,
}

pub(crate) const fn field(name: &'static str, shape: Shape, meaning: &'static str) -> Field {
    Field {
        name,
        shape,
        meaning,
    }
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A text.
    Text,
    /// A text or none.
    MaybeText,
    /// A whole number.
    Int,
    /// A whole number or none.
    MaybeInt,
    /// A large whole number.
    Long,
    /// A number.
    Real,
    /// True or false.
    Bool,
    /// A list of texts.
    Texts,
    /// A list of numbers.
    Reals,
    /// A list of boxes on pages.
    Regions,
}

impl Shape {
    /// Its type as Parquet's readers name it.
    pub fn type_name(self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::MaybeText => "string or null",
            Self::Int => "int32",
            Self::MaybeInt => "int32 or null",
            Self::Long => "int64",
            Self::Real => "float",
            Self::Bool => "bool",
            Self::Texts => "list of string",
            Self::Reals => "list of float",
            Self::Regions => "list of struct {page int32, x0 float, y0 float, x1 float, y1 float}",
        }
    }

    /// The field in Parquet's language of schemas.
    fn declaration(self, name: &str) -> String {
        let list = |element: &str| {
            format!("REQUIRED GROUP {name} (LIST) {{ REPEATED GROUP list {{ {element} }} }}")
        };
        match self {
            Self::Text => format!("REQUIRED BYTE_ARRAY {name} (STRING);"),
            Self::MaybeText => format!("OPTIONAL BYTE_ARRAY {name} (STRING);"),
            Self::Int => format!("REQUIRED INT32 {name};"),
            Self::MaybeInt => format!("OPTIONAL INT32 {name};"),
            Self::Long => format!("REQUIRED INT64 {name};"),
            Self::Real => format!("REQUIRED FLOAT {name};"),
            Self::Bool => format!("REQUIRED BOOLEAN {name};"),
            Self::Texts => list("REQUIRED BYTE_ARRAY element (STRING);"),
            Self::Reals => list("REQUIRED FLOAT element;"),
            Self::Regions => list(
                "REQUIRED GROUP element { REQUIRED INT32 page; REQUIRED FLOAT x0; \
                 REQUIRED FLOAT y0; REQUIRED FLOAT x1; REQUIRED FLOAT y1; }",
            ),
        }
    }

    fn columns(self) -> Vec<Column> {
        let is_list = matches!(self, Self::Texts | Self::Reals | Self::Regions);
        let column = |values| Column {
            values,
            present: match self {
                Self::MaybeText | Self::MaybeInt => Some(Vec::new()),
                _ => is_list.then(Vec::new),
            },
            continues: is_list.then(Vec::new),
        };
        match self {
            Self::Text | Self::MaybeText | Self::Texts => vec![column(Values::Texts(Vec::new()))],
            Self::Int | Self::MaybeInt => vec![column(Values::Ints(Vec::new()))],
            Self::Long => vec![column(Values::Longs(Vec::new()))],
            Self::Real | Self::Reals => vec![column(Values::Reals(Vec::new()))],
            Self::Bool => vec![column(Values::Bools(Vec::new()))],
            Self::Regions => {
                let mut columns = vec![column(Values::Ints(Vec::new()))];
                columns.extend((0..4).map(|_| column(Values::Reals(Vec::new()))));
                columns
            }
        }
    }
}

/// Parquet's definition level: 0 for nothing, 1 for a value.
type Level = i16;

struct Column {
    values: Values,
    /// Where one may be missing: one for each value, and for each missing one or empty list.
    present: Option<Vec<Level>>,
    /// In lists one for each of those: 0 begins a row, 1 goes on with its list.
    continues: Option<Vec<Level>>,
}

enum Values {
    Texts(Vec<ByteArray>),
    Ints(Vec<i32>),
    Longs(Vec<i64>),
    Reals(Vec<f32>),
    Bools(Vec<bool>),
}

/// A value of a row.
#[derive(Debug, Clone)]
pub enum Cell<'a> {
    /// For [`Shape::Text`] and [`Shape::MaybeText`].
    Text(&'a str),
    /// For [`Shape::Int`] and [`Shape::MaybeInt`].
    Int(u32),
    /// For [`Shape::Long`].
    Long(u64),
    /// For [`Shape::Real`].
    Real(f32),
    /// For [`Shape::Bool`].
    Bool(bool),
    /// For [`Shape::Texts`].
    Texts(Vec<&'a str>),
    /// For [`Shape::Reals`].
    Reals(&'a [f32]),
    /// For [`Shape::Regions`].
    Regions(&'a [Region]),
    /// Nothing, for [`Shape::MaybeText`] and [`Shape::MaybeInt`].
    None,
}

impl<'a> From<Option<&'a str>> for Cell<'a> {
    fn from(text: Option<&'a str>) -> Cell<'a> {
        text.map_or(Cell::None, Cell::Text)
    }
}

impl From<Option<u32>> for Cell<'_> {
    fn from(number: Option<u32>) -> Self {
        number.map_or(Cell::None, Cell::Int)
    }
}

/// A table that is being filled.
pub struct Table {
    columns: Vec<(Shape, Vec<Column>)>,
    writer: SerializedFileWriter<Vec<u8>>,
    bytes: usize,
}

/// Rows are gathered up to this size and then written as a group, which readers take as a piece:
/// as large as a reader can hold several of, as small as still compresses well.
const GROUP_BYTES: usize = 64 << 20;
/// More costs more time than it saves space.
const ZSTD_LEVEL: i32 = 3;

impl Table {
    /// An empty table; `notes` are kept in the file.
    ///
    /// # Errors
    /// When the fields make no schema.
    pub fn new(name: &str, fields: &[Field], notes: &[(&str, &str)]) -> io::Result<Table> {
        let fields_of = |field: &Field| field.shape.declaration(field.name);
        let declarations: Vec<String> = fields.iter().map(fields_of).collect();
        let message = format!("message {name} {{ {} }}", declarations.join(" "));
        let schema = parse_message_type(&message).map_err(failed)?;
        let notes = notes
            .iter()
            .map(|(key, value)| KeyValue::new((*key).to_owned(), Some((*value).to_owned())));
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(
                ZstdLevel::try_new(ZSTD_LEVEL).map_err(failed)?,
            ))
            .set_key_value_metadata(Some(notes.collect()))
            .build();
        let writer = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(properties));
        Ok(Table {
            columns: fields
                .iter()
                .map(|field| (field.shape, field.shape.columns()))
                .collect(),
            writer: writer.map_err(failed)?,
            bytes: 0,
        })
    }

    /// Adds a row with a cell for each field.
    ///
    /// # Errors
    /// When the cells are not those of the fields, or a group of rows cannot be written.
    pub fn row(&mut self, cells: &[Cell<'_>]) -> io::Result<()> {
        if cells.len() != self.columns.len() {
            return Err(io::Error::other("a row has other cells than its table"));
        }
        for ((shape, columns), cell) in self.columns.iter_mut().zip(cells) {
            self.bytes += fill(*shape, columns, cell)?;
        }
        if self.bytes >= GROUP_BYTES {
            self.write_group()?;
        }
        Ok(())
    }

    /// The whole file.
    ///
    /// # Errors
    /// When the last group of rows cannot be written.
    pub fn finish(mut self) -> io::Result<Vec<u8>> {
        if self.bytes > 0 {
            self.write_group()?;
        }
        self.writer.into_inner().map_err(failed)
    }

    fn write_group(&mut self) -> io::Result<()> {
        self.bytes = 0;
        let mut group = self.writer.next_row_group().map_err(failed)?;
        for column in self.columns.iter_mut().flat_map(|(_, columns)| columns) {
            let writer = group.next_column().map_err(failed)?;
            let writer = writer.ok_or_else(|| io::Error::other("a table has too many columns"))?;
            column.write(writer).map_err(failed)?;
        }
        group.close().map_err(failed)?;
        Ok(())
    }
}

/// Adds a cell to its field's columns; gives back about how many bytes that took.
fn fill(shape: Shape, columns: &mut [Column], cell: &Cell<'_>) -> io::Result<usize> {
    let begin = Column::push_level;
    match (shape, columns, cell) {
        (Shape::Text | Shape::MaybeText, [column], Cell::Text(text)) => {
            begin(column, 1, 0);
            Ok(column.push_text(text))
        }
        (Shape::Int | Shape::MaybeInt, [column], Cell::Int(number)) => {
            begin(column, 1, 0);
            Ok(column.push_int(*number))
        }
        (Shape::MaybeText | Shape::MaybeInt, [column], Cell::None) => {
            begin(column, 0, 0);
            Ok(2)
        }
        (Shape::Long, [column], Cell::Long(number)) => {
            if let Values::Longs(values) = &mut column.values {
                values.push(i64::try_from(*number).unwrap_or(i64::MAX));
            }
            Ok(8)
        }
        (Shape::Real, [column], Cell::Real(number)) => Ok(column.push_real(*number)),
        (Shape::Bool, [column], Cell::Bool(value)) => {
            if let Values::Bools(values) = &mut column.values {
                values.push(*value);
            }
            Ok(1)
        }
        (Shape::Texts, [column], Cell::Texts(texts)) => {
            if texts.is_empty() {
                begin(column, 0, 0);
            }
            let mut bytes = 4;
            for (at, text) in texts.iter().enumerate() {
                begin(column, 1, Level::from(at > 0));
                bytes += column.push_text(text);
            }
            Ok(bytes)
        }
        (Shape::Reals, [column], Cell::Reals(numbers)) => {
            if numbers.is_empty() {
                begin(column, 0, 0);
            }
            for (at, number) in numbers.iter().enumerate() {
                begin(column, 1, Level::from(at > 0));
                column.push_real(*number);
            }
            Ok(4 + 8 * numbers.len())
        }
        (Shape::Regions, [page, sides @ ..], Cell::Regions(regions)) => {
            if regions.is_empty() {
                begin(page, 0, 0);
                sides.iter_mut().for_each(|side| begin(side, 0, 0));
            }
            for (at, region) in regions.iter().enumerate() {
                let continues = Level::from(at > 0);
                begin(page, 1, continues);
                page.push_int(region.page.0);
                let bbox = region.bbox;
                for (side, value) in sides.iter_mut().zip([bbox.x0, bbox.y0, bbox.x1, bbox.y1]) {
                    begin(side, 1, continues);
                    side.push_real(value);
                }
            }
            Ok(4 + 40 * regions.len())
        }
        _ => Err(io::Error::other("a row has other cells than its table")),
    }
}

impl Column {
    fn push_level(&mut self, present: Level, continues: Level) {
        self.present
            .iter_mut()
            .for_each(|levels| levels.push(present));
        self.continues
            .iter_mut()
            .for_each(|levels| levels.push(continues));
    }

    fn push_text(&mut self, text: &str) -> usize {
        if let Values::Texts(values) = &mut self.values {
            values.push(ByteArray::from(text));
        }
        text.len() + mem::size_of::<ByteArray>()
    }

    fn push_int(&mut self, number: u32) -> usize {
        if let Values::Ints(values) = &mut self.values {
            values.push(i32::try_from(number).unwrap_or(i32::MAX));
        }
        8
    }

    fn push_real(&mut self, number: f32) -> usize {
        if let Values::Reals(values) = &mut self.values {
            values.push(number);
        }
        4
    }

    /// Writes the column as part of a group and empties it.
    fn write(&mut self, writer: SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        let levels = (
            self.present.as_mut().map(mem::take),
            self.continues.as_mut().map(mem::take),
        );
        match &mut self.values {
            Values::Texts(values) => write::<ByteArrayType>(writer, mem::take(values), levels),
            Values::Ints(values) => write::<Int32Type>(writer, mem::take(values), levels),
            Values::Longs(values) => write::<Int64Type>(writer, mem::take(values), levels),
            Values::Reals(values) => write::<FloatType>(writer, mem::take(values), levels),
            Values::Bools(values) => write::<BoolType>(writer, mem::take(values), levels),
        }
    }
}

fn write<T: DataType>(
    mut writer: SerializedColumnWriter<'_>,
    values: Vec<T::T>,
    (present, continues): (Option<Vec<Level>>, Option<Vec<Level>>),
) -> Result<(), ParquetError> {
    let typed = writer.typed::<T>();
    typed.write_batch(&values, present.as_deref(), continues.as_deref())?;
    writer.close()
}

fn failed(error: ParquetError) -> io::Error {
    io::Error::other(error)
}
