//! What names stand for: clients are followed from name to name, through variables, parameters,
//! fields and results, and through the types that the sources declare.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use super::facts::{self, Binding, Facts, Scope, Seen, Target};
use crate::callsites::{Resolution, sources::Source};

/// Names that mean too much to be followed from file to file.
const COMMON: [&str; 22] = [
    "client", "inner", "get", "new", "conn", "connect", "create", "build", "self", "this", "api",
    "service", "value", "it", "into", "from", "result", "default", "init", "grpc", "s", "c",
];

/// Names that give back what they are called on.
const NEUTRAL: [&str; 40] = [
    "clone",
    "as_mut",
    "as_ref",
    "as_deref",
    "as_deref_mut",
    "unwrap",
    "unwrap_or_else",
    "expect",
    "ok",
    "ok_or",
    "ok_or_else",
    "map_err",
    "context",
    "cloned",
    "iter",
    "iter_mut",
    "next",
    "take",
    "load",
    "load_full",
    "lock",
    "read",
    "write",
    "borrow",
    "borrow_mut",
    "get",
    "get_mut",
    "await",
    "to_owned",
    "deref",
    "deref_mut",
    "get_ref",
    "into_inner",
    "join",
    "value",
    "max_decoding_message_size",
    "max_encoding_message_size",
    "accept_compressed",
    "send_compressed",
    "also",
];

/// How many names a client is followed through.
const ROUNDS: usize = 6;

/// How far up members are looked for in what a class extends.
const ABOVE: usize = 4;

/// Services, by their places among the stubs.
type Services = BTreeSet<usize>;

/// A file and, as the key of what a class has, its name.
type Of<T> = HashMap<Arc<str>, HashMap<String, Vec<(usize, T)>>>;

/// Services by the names that stand for their clients, and types by the names that have them.
#[derive(Default)]
pub(super) struct Known<'f> {
    /// Members, wherever they are.
    anywhere: HashMap<String, Services>,
    /// Members of classes in one file.
    here: HashMap<(usize, String), Services>,
    /// Members by their classes, and the files in which those are.
    of_class: Of<Services>,
    /// Variables of a function, by where that begins.
    local: HashMap<(usize, usize, String), Services>,
    /// The types of members.
    member_types: Of<&'f [String]>,
    /// The types of variables.
    local_types: HashMap<(usize, usize, &'f str), Vec<&'f str>>,
    /// Classes and what they extend.
    classes: HashMap<&'f str, Vec<&'f facts::Class>>,
    /// Functions that are called by the name of an RPC, by their classes.
    methods: HashSet<(&'f str, &'f str)>,
    /// Functions of the sources that give back what they are called on.
    fluent: HashSet<&'f str>,
}

/// What the receiver of a call is.
pub(super) enum Receiver {
    /// A client of these services.
    Client(Services, Resolution),
    /// A type of the sources that has a function of that name.
    Other,
    Unknown,
}

/// What a part of a chain stands for.
enum Stand<'f> {
    Client(Services),
    Types(Vec<&'f str>),
}

impl<'f> Known<'f> {
    /// Carries services from name to name until nothing new is learnt.
    pub(super) fn follow(files: &'f [(&Source, Facts)]) -> Known<'f> {
        let mut known = Known::default();
        for (at, (_, facts)) in files.iter().enumerate() {
            known.declare(at, facts);
        }
        let parameters = parameters(files);
        for _ in 0..ROUNDS {
            let mut learnt = false;
            for (at, (_, facts)) in files.iter().enumerate() {
                for binding in &facts.bindings {
                    let mut services = binding.seeds.clone();
                    for chain in &binding.sources {
                        services.extend(known.services(at, &binding.scope, chain));
                    }
                    if !services.is_empty() {
                        learnt |= known.learn(at, binding, &services);
                    }
                }
                learnt |= known.hand_over(at, facts, &parameters);
            }
            if !learnt {
                break;
            }
        }
        known
    }

    fn declare(&mut self, file: usize, facts: &'f Facts) {
        for class in &facts.classes {
            self.classes.entry(&class.name).or_default().push(class);
        }
        self.fluent.extend(facts.fluent.iter().map(String::as_str));
        self.methods.extend(facts.methods.iter().map(|(class, name)| (&**class, name.as_str())));
        for binding in facts.bindings.iter().filter(|it| !it.types.is_empty()) {
            match &binding.target {
                Target::Local(name) => {
                    let key = (file, binding.scope.function, name.as_str());
                    let types = binding.types.iter().map(String::as_str);
                    self.local_types.entry(key).or_default().extend(types);
                }
                Target::Member(name) => {
                    let members = self.member_types.entry(binding.scope.class.clone()).or_default();
                    members.entry(name.clone()).or_default().push((file, &binding.types[..]));
                }
            }
        }
    }

    fn learn(&mut self, file: usize, binding: &Binding, services: &Services) -> bool {
        match &binding.target {
            Target::Local(name) => {
                let key = (file, binding.scope.function, name.clone());
                add(self.local.entry(key).or_default(), services)
            }
            Target::Member(name) => {
                let mut learnt = add(self.here.entry((file, name.clone())).or_default(), services);
                let members = self.of_class.entry(binding.scope.class.clone()).or_default();
                let files = members.entry(name.clone()).or_default();
                match files.iter_mut().find(|(at, _)| *at == file) {
                    Some((_, known)) => learnt |= add(known, services),
                    None => files.push((file, services.clone())),
                }
                if !COMMON.contains(&&**name) {
                    learnt |= add(self.anywhere.entry(name.clone()).or_default(), services);
                }
                learnt
            }
        }
    }

    /// Carries clients from the arguments of calls to parameters that have no type.
    fn hand_over(&mut self, file: usize, facts: &Facts, parameters: &Parameters<'_>) -> bool {
        let mut learnt = false;
        for argument in &facts.arguments {
            let Some(functions) = parameters.get(argument.callee.as_str()) else { continue };
            let services = self.services(file, &argument.scope, &argument.value);
            if services.is_empty() {
                continue;
            }
            let near = functions.iter().any(|(at, _)| *at == file);
            for (at, function) in functions.iter().filter(|(at, _)| *at == file || !near) {
                let name = match &argument.keyword {
                    Some(keyword) => function.names.iter().find(|it| *it == keyword),
                    None => function.names.get(argument.at).filter(|it| !it.is_empty()),
                };
                let Some(name) = name else { continue };
                let key = (*at, function.start, name.clone());
                learnt |= add(self.local.entry(key).or_default(), &services);
            }
        }
        learnt
    }

    fn services(&self, file: usize, scope: &Scope, chain: &[Seen]) -> Services {
        match self.receiver(file, scope, chain, "") {
            Receiver::Client(services, _) => services,
            Receiver::Other | Receiver::Unknown => Services::new(),
        }
    }

    /// What a chain of names stands for, on which `name` is called.
    pub(super) fn receiver(
        &self,
        file: usize,
        scope: &Scope,
        chain: &[Seen],
        name: &str,
    ) -> Receiver {
        match self.typed(file, scope, chain) {
            Some(Stand::Client(services)) => {
                return Receiver::Client(services, Resolution::Resolved);
            }
            Some(Stand::Types(types)) => {
                let own = types.iter().filter_map(|it| self.extended(it)).flatten();
                let own: Services = own.copied().collect();
                if !own.is_empty() {
                    return Receiver::Client(own, Resolution::Resolved);
                }
                if types.iter().any(|it| self.has(it, name, ABOVE)) {
                    return Receiver::Other;
                }
            }
            None => {}
        }
        match self.named(file, scope, chain) {
            Some((services, resolution)) => Receiver::Client(services, resolution),
            None => Receiver::Unknown,
        }
    }

    /// The clients that a class extends.
    fn extended(&self, class: &str) -> Option<impl Iterator<Item = &usize> + use<'_, 'f>> {
        Some(self.classes.get(class)?.iter().flat_map(|it| &it.extends))
    }

    /// A class of the sources has a function of that name.
    fn has(&self, class: &str, name: &str, above: usize) -> bool {
        let mut bases = self.classes.get(class).into_iter().flatten().flat_map(|it| &it.bases);
        self.methods.contains(&(class, name))
            || above > 0 && bases.any(|base| self.has(base, name, above - 1))
    }

    /// What a chain stands for by the types that are declared along it.
    fn typed(&self, file: usize, scope: &Scope, chain: &[Seen]) -> Option<Stand<'f>> {
        let mut parts = chain.iter();
        let mut stand = match parts.next()? {
            Seen::Client(services) => Stand::Client(services.clone()),
            Seen::This => match self.classes.get_key_value(&*scope.class) {
                Some((class, _)) => Stand::Types(vec![class]),
                None => return None,
            },
            Seen::Name(name) => self.first(file, scope, name)?,
        };
        for part in parts {
            let Seen::Name(name) = part else { return None };
            stand = match stand {
                Stand::Client(services) if self.is_neutral(name) => Stand::Client(services),
                Stand::Client(_) => return None,
                Stand::Types(types) => self.member(file, &types, name)?,
            };
        }
        Some(stand)
    }

    /// What a name alone stands for.
    fn first(&self, file: usize, scope: &Scope, name: &str) -> Option<Stand<'f>> {
        let key = (file, scope.function, name.to_owned());
        if let Some(services) = self.local.get(&key) {
            return Some(Stand::Client(services.clone()));
        }
        if let Some(types) = self.local_types.get(&(file, scope.function, name)) {
            return Some(Stand::Types(types.clone()));
        }
        for class in [&*scope.class, ""] {
            if let Some(stand) = self.of(file, class, name, ABOVE) {
                return Some(stand);
            }
        }
        let (class, _) = self.classes.get_key_value(name)?;
        Some(Stand::Types(vec![class]))
    }

    /// What a member of any of some types stands for.
    fn member(&self, file: usize, types: &[&'f str], name: &str) -> Option<Stand<'f>> {
        // What `class X extends Holder<Client>` inherits is a client, if its type is a parameter.
        let carried = types.iter().filter_map(|it| self.classes.get(it)).flatten();
        let carried: Services = carried.flat_map(|it| it.carries.iter().copied()).collect();
        match types.iter().find_map(|class| self.of(file, class, name, ABOVE)) {
            Some(Stand::Types(found))
                if !carried.is_empty() && found.iter().all(|it| is_parameter(it)) =>
            {
                Some(Stand::Client(carried))
            }
            None if self.is_neutral(name) => {
                let known = types.iter().filter_map(|it| self.classes.get_key_value(it));
                let known: Vec<&str> = known.map(|(class, _)| *class).collect();
                (!known.is_empty()).then_some(Stand::Types(known))
            }
            None => (!carried.is_empty()).then_some(Stand::Client(carried)),
            found => found,
        }
    }

    /// What a class has by a name, itself or from what it extends.
    fn of(&self, file: usize, class: &str, name: &str, above: usize) -> Option<Stand<'f>> {
        if let Some(files) = self.of_class.get(class).and_then(|it| it.get(name)) {
            let here = files.iter().any(|(at, _)| *at == file);
            let near = files.iter().filter(|(at, _)| *at == file || !here);
            // Modules have no name: what one has is not what another has.
            let near = near.filter(|(at, _)| *at == file || !class.is_empty());
            let services: Services = near.flat_map(|(_, it)| it.iter().copied()).collect();
            if !services.is_empty() {
                return Some(Stand::Client(services));
            }
        }
        if let Some(files) = self.member_types.get(class).and_then(|it| it.get(name)) {
            let near = files.iter().filter(|(at, _)| *at == file || !class.is_empty());
            let types: Vec<&str> = near.flat_map(|(_, it)| it.iter().map(String::as_str)).collect();
            if !types.is_empty() {
                return Some(Stand::Types(types));
            }
        }
        if above == 0 {
            return None;
        }
        let bases = self.classes.get(class)?.iter().flat_map(|it| &it.bases);
        bases.filter(|it| **it != class).find_map(|it| self.of(file, it, name, above - 1))
    }

    /// A function gives back what it is called on.
    fn is_neutral(&self, name: &str) -> bool {
        is_neutral(name) || self.fluent.contains(name)
    }

    /// What a chain stands for by its names alone: the last one of it that is known decides.
    fn named(&self, file: usize, scope: &Scope, chain: &[Seen]) -> Option<(Services, Resolution)> {
        for (at, part) in chain.iter().enumerate().rev() {
            let name = match part {
                Seen::Client(services) => return Some((services.clone(), Resolution::Resolved)),
                Seen::This => return None,
                Seen::Name(name) => name,
            };
            let local = |function| self.local.get(&(file, function, name.clone()));
            let local = Some(scope.function).filter(|_| at == 0).and_then(local);
            let here = || self.here.get(&(file, name.clone()));
            if let Some(services) = local.or_else(here) {
                return Some((services.clone(), Resolution::Resolved));
            }
            let followed = at > 0 || chain.len() == 1;
            if let Some(services) = self.anywhere.get(name).filter(|_| followed) {
                return Some((services.clone(), Resolution::Likely));
            }
            if !self.is_neutral(name) {
                return None;
            }
        }
        None
    }
}

/// Functions with parameters that have no type, by name, and their files.
type Parameters<'f> = HashMap<&'f str, Vec<(usize, &'f facts::Parameters)>>;

fn parameters<'f>(files: &'f [(&Source, Facts)]) -> Parameters<'f> {
    let mut found = Parameters::new();
    for (at, (_, facts)) in files.iter().enumerate() {
        for function in &facts.parameters {
            found.entry(&function.function).or_default().push((at, function));
        }
    }
    found
}

fn add(set: &mut Services, services: &Services) -> bool {
    let before = set.len();
    set.extend(services);
    set.len() > before
}

/// A type has the name that people give to parameters of types: `B`, `T1`.
fn is_parameter(name: &str) -> bool {
    name.len() <= 2
}

fn is_neutral(name: &str) -> bool {
    NEUTRAL.contains(&name) || name.starts_with("with") || name == "apply"
}
