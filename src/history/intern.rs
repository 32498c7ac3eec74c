//! One value for what is the same in several versions, so that a thousand of them fit into memory
//! and are compared by address.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use crate::{
    compile::Compiled,
    schema::{Enum, FullName, Message, Schema, Service},
};

#[derive(Default)]
pub(super) struct Interner {
    services: Known<Service>,
    messages: Known<Message>,
    enums: Known<Enum>,
}

/// The different values that were seen under a name, the newest last.
type Known<T> = Mutex<HashMap<FullName, Vec<Arc<T>>, foldhash::fast::RandomState>>;

impl Interner {
    pub(super) fn intern(&self, mut compiled: Compiled) -> Compiled {
        self.schema(&mut compiled.schema);
        compiled.copies.values_mut().for_each(|schema| self.schema(schema));
        compiled
    }

    fn schema(&self, schema: &mut Schema) {
        share(&self.services, &mut schema.services);
        share(&self.messages, &mut schema.messages);
        share(&self.enums, &mut schema.enums);
    }
}

fn share<T: PartialEq>(known: &Known<T>, own: &mut BTreeMap<FullName, Arc<T>>) {
    // A worker that panicked left what it had put in.
    let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
    for (name, value) in own {
        match known.get_mut(name) {
            // Neighbours are alike more often than not.
            Some(values) => {
                match values.iter().rev().find(|it| Arc::ptr_eq(it, value) || *it == value) {
                    Some(same) => *value = same.clone(),
                    None => values.push(value.clone()),
                }
            }
            None => {
                known.insert(name.clone(), vec![value.clone()]);
            }
        }
    }
}
