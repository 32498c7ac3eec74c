//! Which releases have to get on with each other, and for whose calls.

use std::{cmp::Ordering, str::FromStr};

use crate::{
    check::{Outcome, Verdict},
    policy::Level,
    schema::{FullName, Names},
    skew::Pairing,
};

/// How far apart a client and a server may be, in release lines. `None` stands for any distance, so
/// that nothing which is not said is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// How many lines a client may be ahead of its server.
    pub client: Option<usize>,
    /// How many lines a server may be ahead of its client.
    pub server: Option<usize>,
    /// The releases of which servers are supported, by their names; all, if nobody said.
    pub servers: Option<Vec<Names>>,
    /// The releases of which clients are, likewise.
    pub clients: Option<Vec<Names>>,
}

impl Window {
    /// A client of a line calls a server of another: lines are numbered from the oldest.
    pub fn promises(&self, client: usize, server: usize) -> bool {
        let ahead = |one: usize, other: usize| one.saturating_sub(other);
        self.client.is_none_or(|most| ahead(client, server) <= most)
            && self.server.is_none_or(|most| ahead(server, client) <= most)
    }

    /// In which roles a head of one line meets a release of another.
    fn pairings(&self, head: usize, other: Seat<'_>) -> Vec<Pairing> {
        let client = self.promises(head, other.line) && other.is_in(self.servers.as_ref());
        let server = self.promises(other.line, head) && other.is_in(self.clients.as_ref());
        let client = client.then_some(Pairing::NEWER_CLIENT);
        client.into_iter().chain(server.then_some(Pairing::NEWER_SERVER)).collect()
    }
}

/// A release as a window sees it.
#[derive(Clone, Copy, Debug)]
pub struct Seat<'r> {
    /// Its place in the order of versions.
    pub place: usize,
    /// The number of its line, from the oldest.
    pub line: usize,
    /// Its name.
    pub name: &'r str,
}

impl Seat<'_> {
    fn is_in(&self, listed: Option<&Vec<Names>>) -> bool {
        listed.is_none_or(|it| it.iter().any(|it| it.covers_text(self.name)))
    }
}

/// The windows that are promised, each for some services.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Windows(Vec<(Vec<Names>, Window)>);

/// By window: the roles in which a head meets a release.
pub type Roles = Vec<Vec<Pairing>>;

/// The roles in which they meet for some service.
pub fn roles(roles: &Roles) -> Vec<Pairing> {
    let both = [Pairing::NEWER_CLIENT, Pairing::NEWER_SERVER].into_iter();
    both.filter(|it| roles.iter().any(|roles| roles.contains(it))).collect()
}

impl Windows {
    /// One for all services.
    pub fn one(window: Window) -> Windows {
        Windows(vec![(Vec::new(), window)])
    }

    /// One for the services of each boundary.
    pub fn each(windows: Vec<(Vec<Names>, Window)>) -> Windows {
        Windows(windows)
    }

    /// In which roles a head of one line meets a release, by window.
    pub fn roles(&self, head: usize, other: Seat<'_>) -> Roles {
        self.0.iter().map(|(_, window)| window.pairings(head, other)).collect()
    }

    /// A client of one release may call a server of another, for some service: the newer of the two
    /// is the head.
    pub fn promise(&self, client: Seat<'_>, server: Seat<'_>) -> bool {
        self.0.iter().any(|(_, window)| {
            let supported = match client.place.cmp(&server.place) {
                Ordering::Greater => server.is_in(window.servers.as_ref()),
                Ordering::Less => client.is_in(window.clients.as_ref()),
                Ordering::Equal => true,
            };
            supported && window.promises(client.line, server.line)
        })
    }

    /// Leaves out what happens to calls for which the two do not have to get on with each other.
    pub fn narrow(&self, verdict: &mut Verdict, roles: &Roles) {
        let pairing = verdict.pair.pairing;
        let met = || self.0.iter().zip(roles).filter(|(_, roles)| roles.contains(&pairing));
        let counts = |call: &FullName| {
            met().any(|((services, _), _)| {
                services.is_empty() || services.iter().any(|it| it.covers_text(call.parent()))
            })
        };
        verdict.entries.retain(|entry| {
            let calls = &entry.finding.calls;
            calls.is_empty() || calls.iter().any(counts)
        });
        if verdict.outcome != Outcome::Unknown {
            let open = verdict.entries.iter().filter(|it| it.allowed.is_none());
            let loudest = open.map(|it| it.level).max();
            verdict.outcome = Outcome::of(loudest.unwrap_or(Level::Off));
        }
    }
}

/// `client=3,server=2`: a client may be three lines ahead of its server, a server two ahead of its
/// client.
impl FromStr for Window {
    type Err = String;

    fn from_str(text: &str) -> Result<Window, String> {
        let mut window = Window::default();
        for part in text.split(',').map(str::trim).filter(|it| !it.is_empty()) {
            let form = || format!("`{part}` is not like `client=3` or `server=2`");
            let (end, most) = part.split_once('=').ok_or_else(form)?;
            let most = Some(most.trim().parse().map_err(|_| form())?);
            match end.trim() {
                "client" => window.client = most,
                "server" => window.server = most,
                _ => return Err(form()),
            }
        }
        match window == Window::default() {
            true => Err("say how far apart they may be: `client=3,server=2`".to_owned()),
            false => Ok(window),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_read_as_it_is_written() {
        let window: Window = "client=3, server=2".parse().unwrap();
        assert_eq!(window, Window { client: Some(3), server: Some(2), ..Window::default() });
        for (client, server, promised) in
            [(5, 5, true), (5, 2, true), (5, 1, false), (3, 5, true), (2, 5, false)]
        {
            assert_eq!(window.promises(client, server), promised, "{client} {server}");
        }
        let one: Window = "server=0".parse().unwrap();
        assert!(one.promises(9, 0) && !one.promises(0, 1));
        for text in ["", "client", "client=x", "peer=1", "client=-1"] {
            assert!(text.parse::<Window>().is_err(), "{text}");
        }
    }
}
