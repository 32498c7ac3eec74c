//! The fields of a message, by number.
//!
//! Most messages have a few, and a schema has many messages: a `BTreeMap` for each would be mostly
//! room for more.

use std::ops::Index;

use super::Field;

/// Fields by number, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(Vec<Field>);

impl Fields {
    /// The field of that number.
    pub fn get(&self, number: &u32) -> Option<&Field> {
        Some(&self.0[self.place(*number).ok()?])
    }

    /// There is a field of that number.
    pub fn contains_key(&self, number: &u32) -> bool {
        self.place(*number).is_ok()
    }

    /// The fields.
    pub fn values(&self) -> std::slice::Iter<'_, Field> {
        self.0.iter()
    }

    /// The numbers.
    pub fn keys(&self) -> impl Iterator<Item = &u32> {
        self.0.iter().map(|field| &field.number)
    }

    /// The fields with their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (&u32, &Field)> {
        self.into_iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// There is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes a field, unless there is one of its number.
    pub(crate) fn add(&mut self, field: Field) {
        if let Err(place) = self.place(field.number) {
            self.0.insert(place, field);
        }
    }

    /// Where the field of that number is, or would be.
    fn place(&self, number: u32) -> Result<usize, usize> {
        self.0.binary_search_by_key(&number, |field| field.number)
    }
}

/// Of several with one number, the last stays.
impl FromIterator<Field> for Fields {
    fn from_iter<I: IntoIterator<Item = Field>>(fields: I) -> Fields {
        let mut fields: Vec<Field> = fields.into_iter().collect();
        // Stable, so that the last is still the last.
        fields.sort_by_key(|field| field.number);
        fields.dedup_by(|later, earlier| {
            let same = later.number == earlier.number;
            if same {
                std::mem::swap(later, earlier);
            }
            same
        });
        fields.shrink_to_fit();
        Fields(fields)
    }
}

impl<'f> IntoIterator for &'f Fields {
    type Item = (&'f u32, &'f Field);
    type IntoIter =
        std::iter::Map<std::slice::Iter<'f, Field>, fn(&'f Field) -> (&'f u32, &'f Field)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter().map(|field| (&field.number, field))
    }
}

impl Index<&u32> for Fields {
    type Output = Field;

    fn index(&self, number: &u32) -> &Field {
        self.get(number).unwrap_or_else(|| panic!("no field has the number {number}"))
    }
}
