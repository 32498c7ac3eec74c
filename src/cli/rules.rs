//! `protoskew rules` and `man`: what the program says of itself.

use std::io::{self, Write};

use protoskew::{
    error::{Error, did_you_mean},
    rules::ALL,
};

use super::{Failure, Output};

pub(super) fn list(out: &mut Output) -> io::Result<()> {
    let width = ALL.iter().map(|rule| rule.id.len()).max().unwrap_or_default();
    for rule in ALL {
        writeln!(out, "{:width$}  {:10}  {}", rule.id, rule.effect.to_string(), rule.title)?;
    }
    Ok(())
}

pub(super) fn unknown(id: &str) -> Error {
    let near = did_you_mean(id, ALL.iter().map(|rule| rule.id));
    let all = "`protoskew rules` lists them".to_owned();
    let help = if near.is_empty() { all } else { format!("{near} {all}") };
    Error::UnknownRule { name: id.to_owned(), help }
}

pub(super) fn man(
    command: clap::Command,
    name: Option<&str>,
    out: &mut Output,
) -> Result<(), Failure> {
    // Building gives subcommands their full names.
    let mut command = command;
    command.build();
    let Some(name) = name else { return Ok(clap_mangen::Man::new(command).render(out)?) };
    match command.find_subcommand(name) {
        Some(found) => Ok(clap_mangen::Man::new(found.clone()).render(out)?),
        None => {
            let known: Vec<&str> = command.get_subcommands().map(|it| it.get_name()).collect();
            let near = did_you_mean(name, known.iter().copied());
            let all = format!("there are {}", known.join(", "));
            let help = if near.is_empty() { all } else { near };
            Err(Error::UnknownCommand { name: name.to_owned(), help }.into())
        }
    }
}
