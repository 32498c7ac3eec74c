//! Words for where the receiver may have what the sender asks for. A hint and nothing more: the
//! call fails all the same.

use std::collections::BTreeSet;

use super::Context;
use crate::schema::{FullName, Method, Service};

impl Context<'_, '_> {
    /// ``; it has `/acme.v2.Manager/Arrive` ``, or nothing.
    pub(in crate::rules) fn elsewhere(&self, method: &Method) -> String {
        let leaf = |name: &FullName| name.leaf().to_owned();
        let shape = |it: &Method| (it.client_streaming, it.server_streaming);
        let own = method.name.leaf();
        let twins = self.receiver.methods().filter(|it| {
            // The end is looked at first: there may be many methods.
            it.name.as_str().ends_with(own)
                && it.name.leaf() == own
                && shape(it) == shape(method)
                && leaf(&it.request) == leaf(&method.request)
                && leaf(&it.response) == leaf(&method.response)
        });
        // In a service of another name, what the sender has too is another method.
        let service = |it: &Method| it.name.parent().rsplit('.').next().map(str::to_owned);
        let new = |it: &&Method| self.sender.method(&it.name).is_none();
        let twins: Vec<&Method> =
            twins.filter(|it| service(it) == service(method) || new(it)).collect();
        let moved = twins.iter().find(|it| service(it) == service(method)).or(twins.first());
        if let Some(moved) = moved {
            return format!("; it has `{}`", moved.name.path());
        }
        // Only what the sender does not have can be the same thing under a new name.
        let siblings = self.receiver.services.get(method.name.parent());
        let siblings = siblings.into_iter().flat_map(|it| it.methods.values());
        let new = siblings.filter(new);
        let near: Vec<&str> =
            new.filter(|it| shape(it) == shape(method)).map(|it| it.name.leaf()).collect();
        match similar::get_close_matches(method.name.leaf(), &near, 1, 0.75).first() {
            Some(near) => format!("; it has `{near}`"),
            None => String::new(),
        }
    }

    /// ``; it has `acme.v2.Manager` ``, or nothing.
    pub(in crate::rules) fn service_elsewhere(&self, service: &Service) -> String {
        let is_new = |it: &&FullName| !self.sender.services.contains_key(*it);
        // `Query` may be in many packages: one that has other methods is another service.
        let shares = |it: &Service| {
            let leaves: BTreeSet<&str> = it.methods.keys().map(FullName::leaf).collect();
            let shared = service.methods.keys().filter(|own| leaves.contains(own.leaf()));
            shared.count() * 2 >= service.methods.len()
        };
        let services = self.receiver.services.values();
        let named = services.filter(|it| it.name.leaf() == service.name.leaf() && shares(it));
        let named: Vec<&FullName> = named.map(|it| &it.name).collect();
        // Another package of the same service, such as `v1` for `v1alpha2`.
        if let Some(moved) = named.iter().find(|it| is_new(it)).or(named.first()) {
            return format!("; it has `{moved}`");
        }
        let new: Vec<&FullName> = self.receiver.services.keys().filter(is_new).collect();
        let names: Vec<&str> = new.iter().map(|it| it.as_str()).collect();
        match similar::get_close_matches(service.name.as_str(), &names, 1, 0.85).first() {
            Some(near) => format!("; it has `{near}`"),
            None => String::new(),
        }
    }
}
