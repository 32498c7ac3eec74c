//! All packages of a tree, and what a name means on a value of a type.

use std::{
    collections::{HashMap, HashSet, hash_map::Entry},
    sync::Arc,
};

use super::{
    decls::{Declarations, FuncId, Imports},
    marks::{Marks, Refuses},
    packages::is_standard,
    stubs::Stubs,
    types::{Interface, Named, Signature, Type},
};
use crate::callsites::Resolution;

/// How deep embedded types are looked into.
const EMBEDDED: usize = 7;

#[derive(Default)]
pub(super) struct Index {
    pub(super) packages: HashMap<Arc<str>, Package>,
    pub(super) stubs: Stubs,
}

#[derive(Default)]
pub(super) struct Package {
    pub(super) types: HashMap<Arc<str>, TypeInfo>,
    pub(super) funcs: HashMap<Arc<str>, FuncInfo>,
    pub(super) vars: HashMap<Arc<str>, VarInfo>,
}

#[derive(Default)]
pub(super) struct TypeInfo {
    pub(super) generics: Vec<Arc<str>>,
    /// More than one where the build decides.
    pub(super) underlying: Vec<Type>,
    pub(super) methods: HashMap<Arc<str>, FuncInfo>,
    /// File and line of the declaration.
    pub(super) place: Option<(usize, u32)>,
}

#[derive(Clone)]
pub(super) struct FuncInfo {
    pub(super) receiver_params: Vec<Arc<str>>,
    pub(super) signature: Arc<Signature>,
    /// The index of its file.
    pub(super) file: usize,
    pub(super) line: u32,
    pub(super) span: std::ops::Range<usize>,
    pub(super) marks: Marks,
    /// The type of what it returns first, if that is made in it.
    pub(super) makes: Option<Type>,
}

pub(super) struct VarInfo {
    pub(super) ty: Option<Type>,
    pub(super) file: usize,
    pub(super) value: Option<(std::ops::Range<usize>, usize)>,
}

/// What a name means on a value.
pub(super) enum Member {
    Field(Type),
    Method(FuncId, Arc<Signature>),
    /// A method of an interface, or of something outside.
    Abstract(Arc<Signature>, Arc<Interface>),
    Rpc(Rpc),
}

/// An RPC of one or more services that have it in the same form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rpc {
    pub(super) services: Vec<usize>,
    pub(super) method: Arc<str>,
    pub(super) resolution: Resolution,
}

impl Index {
    /// Takes in what a file declares.
    pub(super) fn add(&mut self, file: usize, package: &Arc<str>, found: Declarations) {
        let known = self.packages.entry(package.clone()).or_default();
        for it in found.types {
            let info = known.types.entry(it.name).or_default();
            info.generics = it.generics;
            info.underlying.push(it.underlying);
            info.place.get_or_insert((file, it.line));
        }
        for it in found.vars {
            let info = VarInfo { ty: it.ty, file, value: it.value };
            known.vars.entry(it.name).or_insert(info);
        }
        for it in found.funcs {
            let info = FuncInfo {
                receiver_params: it.receiver_params,
                signature: it.signature,
                file,
                line: it.line,
                span: it.span,
                marks: it.marks,
                makes: it.makes,
            };
            let funcs = match &*it.id.receiver {
                "" => &mut known.funcs,
                receiver => &mut known.types.entry(receiver.into()).or_default().methods,
            };
            match funcs.entry(it.id.name) {
                Entry::Vacant(free) => drop(free.insert(info)),
                // The build decides which of them it is.
                Entry::Occupied(mut known) => {
                    let refuses = &mut known.get_mut().marks.refuses;
                    if *refuses != info.marks.refuses {
                        *refuses = Refuses::Sometimes;
                    }
                }
            }
        }
    }

    pub(super) fn type_info(&self, named: &Named) -> Option<&TypeInfo> {
        self.packages.get(&named.package)?.types.get(&named.name)
    }

    pub(super) fn func(&self, id: &FuncId) -> Option<&FuncInfo> {
        let package = self.packages.get(&id.package)?;
        match &*id.receiver {
            "" => package.funcs.get(&id.name),
            receiver => package.types.get(receiver)?.methods.get(&id.name),
        }
    }

    /// What a named type stands for, with its type arguments.
    pub(super) fn underlying(&self, named: &Named) -> Vec<Type> {
        let Some(info) = self.type_info(named) else { return Vec::new() };
        let bound = info.generics.iter().cloned().zip(named.args.iter().cloned()).collect();
        info.underlying.iter().map(|ty| ty.with(&bound)).collect()
    }

    /// What a type is, once its names are followed.
    pub(super) fn resolve(&self, ty: &Type) -> Type {
        let mut ty = ty.clone();
        for _ in 0..EMBEDDED {
            let Type::Named(named) = &ty else { return ty };
            match self.underlying(named).into_iter().next() {
                Some(next) => ty = next,
                None => return ty,
            }
        }
        ty
    }

    /// Finds a name on a value of a type, as Go does: level by level of embedding.
    pub(super) fn member(&self, ty: &Type, name: &str) -> Option<Member> {
        let mut level = vec![ty.clone()];
        let mut seen: HashSet<(Arc<str>, Arc<str>)> = HashSet::new();
        for _ in 0..EMBEDDED {
            let mut next = Vec::new();
            // A level grows by what its own names stand for.
            let mut at = 0;
            while at < level.len() {
                let ty = level[at].clone();
                at += 1;
                if let Type::Named(named) = &ty {
                    if !seen.insert((named.package.clone(), named.name.clone())) {
                        continue;
                    }
                    if let Some(found) = self.declared_member(named, name) {
                        return Some(found);
                    }
                    level.extend(self.underlying(named));
                    continue;
                }
                if let Some(found) = self.direct(&ty, name, &mut next) {
                    return Some(found);
                }
            }
            if next.is_empty() {
                return None;
            }
            level = next;
        }
        None
    }

    /// A value of the type may have methods that the tree does not show: the type, or what it
    /// embeds, is from elsewhere.
    pub(super) fn is_open(&self, ty: &Type) -> bool {
        let mut left = vec![ty.clone()];
        let mut seen = HashSet::new();
        while let Some(ty) = left.pop() {
            match &ty {
                Type::Unknown => return true,
                Type::Named(it) if !seen.insert((it.package.clone(), it.name.clone())) => (),
                Type::Named(it) if self.is_elsewhere(&it.package) => return true,
                Type::Named(it) => left.extend(self.underlying(it)),
                Type::Struct(it) => left.extend(it.embeds.iter().map(|(_, ty)| ty.clone())),
                Type::Interface(it) => left.extend(it.embeds.iter().cloned()),
                _ => (),
            }
        }
        false
    }

    /// A package of another module. The types of generated packages are known from the schema, and
    /// those of the standard library call nobody's RPCs.
    fn is_elsewhere(&self, package: &str) -> bool {
        let here = self.packages.contains_key(package) || self.stubs.is_generated(package);
        !here && !package.is_empty() && !is_standard(package)
    }

    fn declared_member(&self, named: &Named, name: &str) -> Option<Member> {
        let info = self.type_info(named);
        // What is known of a type that somebody wrote needs no guess.
        let is_written = info.is_some_and(|it| !it.underlying.is_empty());
        let rpc = self.stubs.rpc(&named.package, &named.name, name);
        if let Some(rpc) = rpc.filter(|it| !is_written || it.resolution != Resolution::Likely) {
            return Some(Member::Rpc(rpc));
        }
        let method = info?.methods.get(name)?;
        let bound: HashMap<Arc<str>, Type> =
            method.receiver_params.iter().cloned().zip(named.args.iter().cloned()).collect();
        let Type::Func(signature) = Type::Func(method.signature.clone()).with(&bound) else {
            return None;
        };
        let (package, receiver) = (named.package.clone(), named.name.clone());
        Some(Member::Method(FuncId { package, receiver, name: name.into() }, signature))
    }

    fn direct(&self, ty: &Type, name: &str, next: &mut Vec<Type>) -> Option<Member> {
        match ty {
            Type::Struct(it) => {
                let mut all = it.fields.iter().chain(&it.embeds);
                if let Some((_, ty)) = all.find(|(field, _)| &**field == name) {
                    return Some(Member::Field(ty.clone()));
                }
                next.extend(it.embeds.iter().map(|(_, ty)| ty.clone()));
            }
            Type::Interface(it) => {
                if let Some((_, signature)) = it.methods.iter().find(|(own, _)| &**own == name) {
                    let rpc = self.indirect(it, name, signature).map(Member::Rpc);
                    return Some(
                        rpc.unwrap_or_else(|| Member::Abstract(signature.clone(), it.clone())),
                    );
                }
                next.extend(it.embeds.iter().cloned());
            }
            _ => (),
        }
        None
    }

    /// The RPC that a method of an interface is, if a stub fits the interface: an interface that
    /// takes `grpc.CallOption` is made for stubs.
    fn indirect(&self, interface: &Interface, name: &str, signature: &Signature) -> Option<Rpc> {
        let services = self.stubs.fitting(name, signature);
        let fits = |service: &usize| {
            let mut methods = interface.methods.iter();
            methods.all(|(name, signature)| self.stubs.fits(*service, name, signature))
        };
        let services: Vec<usize> = services.into_iter().filter(fits).collect();
        let method = self.stubs.rpc_name(*services.first()?, name)?;
        Some(Rpc { services, method, resolution: Resolution::Indirect })
    }
}

impl Index {
    /// A type has the methods of an interface, and one of them in the same form.
    pub(super) fn satisfies(&self, id: &FuncId, interface: &Interface, as_is: &Signature) -> bool {
        let Some(info) = self.func(id) else { return false };
        let own = &info.signature;
        let same = |own: &[(Arc<str>, Type)], other: &[(Arc<str>, Type)]| {
            let mut both = own.iter().zip(other);
            own.len() == other.len() && both.all(|((_, own), (_, other))| own.may_be(other))
        };
        let ty = Type::named(&id.package, &id.receiver);
        let mut methods = interface.methods.iter();
        same(&own.params, &as_is.params)
            && same(&own.results, &as_is.results)
            && methods.all(|(name, _)| self.member(&ty, name).is_some())
    }
}

/// The function that a name in a file means, without looking at values.
pub(super) fn named_function(
    index: &Index,
    package: &Arc<str>,
    imports: &Imports,
    written: &str,
) -> Option<FuncId> {
    let (package, name) = match written.rsplit_once('.') {
        None => (package.clone(), written),
        Some((alias, name)) => (imports.get(alias)?.clone(), name),
    };
    let id = FuncId { package, receiver: "".into(), name: name.into() };
    index.func(&id).is_some().then_some(id)
}
