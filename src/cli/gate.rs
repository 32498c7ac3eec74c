//! When what is found is a failure.

use std::{path::PathBuf, process::ExitCode};

use clap::ValueEnum;
use protoskew::{
    check::{Outcome, Report},
    config::Config,
    policy::Level,
};

use super::judging::Known;

#[derive(clap::Args)]
pub(super) struct Gate {
    /// Exit with 1 if there is a finding of this level or a higher one [default: error].
    #[arg(long, value_name = "LEVEL")]
    fail_on: Option<FailOn>,
    /// Do not fail for the findings that this file lists, as `protoskew baseline` writes it.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum FailOn {
    Error,
    Warning,
    Note,
}

impl Gate {
    /// The findings that are known.
    pub(super) fn known(&self) -> Known {
        Known::Listed(self.baseline.clone())
    }

    /// The level from which on a finding is a failure.
    pub(super) fn fail_on(&self, config: Option<&Config>) -> Level {
        match self.fail_on {
            Some(FailOn::Error) => Level::Error,
            Some(FailOn::Warning) => Level::Warning,
            Some(FailOn::Note) => Level::Note,
            None => {
                let written = config.and_then(|it| it.written.fail_on.as_ref());
                written.map_or(Level::Error, |it| it.value.into())
            }
        }
    }

    /// Nothing is as loud as *off*: a configuration that says so never fails.
    pub(super) fn exit_code(&self, report: &Report, config: Option<&Config>) -> ExitCode {
        if report.outcome() == Outcome::Unknown {
            return ExitCode::from(2);
        }
        let fail_on = self.fail_on(config);
        let fails = |level| fail_on != Level::Off && level >= fail_on;
        ExitCode::from(u8::from(report.loudest().is_some_and(fails)))
    }
}
