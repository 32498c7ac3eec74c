//! What the configuration says of calls that the sources do not show.

use super::resolve::globs;
use crate::{
    callsites::{self, Declared, Ignored, Manifest, Resolution, Stops},
    config::{self, At, Config},
    error::Error,
};

/// What a configuration says by itself; the files that it names are for its reader.
pub(super) fn manifest(config: &Config) -> Result<Manifest, Error> {
    let written = &config.written;
    let texts = |all: &Option<Vec<At<String>>>| {
        all.iter().flatten().map(|it| it.value.clone()).collect::<Vec<String>>()
    };
    let calls = written.calls.iter().flatten().map(|it| call(config, it));
    let aliases = written.stub_alias.iter().flatten().map(|it| alias(config, it));
    let ignored = written.ignore_calls.iter().flatten().map(|it| ignore(config, it));
    Ok(Manifest {
        calls: calls.collect::<Result<_, Error>>()?,
        stub_aliases: aliases.collect::<Result<_, Error>>()?,
        unimplemented_predicates: texts(&written.unimplemented_predicates),
        gate_predicates: texts(&written.gate_predicates),
        ignored: ignored.collect::<Result<_, Error>>()?,
        ..Manifest::default()
    })
}

fn call(config: &Config, written: &config::Call) -> Result<Declared, Error> {
    let text = |it: &Option<At<String>>| it.as_ref().map(|it| it.value.clone());
    Ok(Declared {
        service: service(config, &written.service)?,
        rpc: written.rpc.value.clone(),
        file: text(&written.file).map(|it| it.trim_start_matches("./").to_owned()),
        line: written.line.as_ref().map_or(0, |it| it.value),
        function: text(&written.function).unwrap_or_default(),
        handling: written.handling.map(handling),
        at: None,
        // Whoever says it has thought of the server that is meant.
        stops: Stops { lacking: true, having: true },
        resolution: Resolution::Declared,
        opens_only: None,
        some_callers: false,
        published: None,
        reason: reason(config, &written.reason)?,
    })
}

fn alias(config: &Config, written: &config::StubAlias) -> Result<callsites::StubAlias, Error> {
    let ty = written.ty.value.trim().to_owned();
    if !ty.contains(['.', ':', '/']) {
        let message = format!("`{ty}` does not say where the type is");
        let help = format!("name it with its package: `example.com/acme/client.{ty}`");
        return Err(config.fault(&written.ty, message, "a bare name", help));
    }
    Ok(callsites::StubAlias { ty, service: service(config, &written.service)? })
}

fn ignore(config: &Config, written: &config::IgnoreCalls) -> Result<Ignored, Error> {
    Ok(Ignored {
        service: match written.service.value.as_str() {
            "*" => "*".to_owned(),
            _ => service(config, &written.service)?,
        },
        rpc: written.rpc.value.clone(),
        files: globs(config, written.files.as_deref())?.unwrap_or_default(),
        reason: reason(config, &written.reason)?,
    })
}

fn service(config: &Config, written: &At<String>) -> Result<String, Error> {
    let name = written.value.trim().trim_start_matches('.');
    if name.is_empty() || name.contains(['/', '*', ' ']) {
        let message = format!("`{name}` is no service");
        let help = "services are named with their package: `acme.v1.Manager`".to_owned();
        return Err(config.fault(written, message, "here", help));
    }
    Ok(name.to_owned())
}

fn reason(config: &Config, written: &At<String>) -> Result<String, Error> {
    let reason = written.value.trim();
    if reason.is_empty() {
        let help = "say why the sources do not show it, for whoever reads it next".to_owned();
        let message = "what is said by hand needs a reason".to_owned();
        return Err(config.fault(written, message, "nothing is said here", help));
    }
    Ok(reason.to_owned())
}

fn handling(written: config::Handling) -> callsites::Handling {
    match written {
        config::Handling::TestsUnimplemented => callsites::Handling::TestsUnimplemented,
        config::Handling::Gated => callsites::Handling::Gated,
        config::Handling::AnyErrorFallback => callsites::Handling::AnyErrorFallback,
        config::Handling::Translated => callsites::Handling::Translated,
        config::Handling::LoggedOnly => callsites::Handling::LoggedOnly,
        config::Handling::Ignored => callsites::Handling::Ignored,
        config::Handling::Propagates => callsites::Handling::Propagates,
    }
}
