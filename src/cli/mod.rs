//! The command line. The only room with clap, stdout, colour and exit codes.

use std::{io, path::PathBuf, process::ExitCode};

use clap::{CommandFactory as _, Parser, Subcommand, ValueEnum};
use protoskew::{
    compile::{Layout, Scope, Units},
    config::Config,
    error::Error,
    report,
    tree::{self, Revision, Source, base::Point},
    version::{Version, load},
};

mod baseline;
mod calls;
mod check;
mod checklist;
mod ci;
mod config;
mod diff;
mod explain;
mod fleet;
mod gate;
mod init;
mod judging;
mod matrix;
mod output;
mod rules;
mod runner;
mod since;
mod supported;
mod witness;

use output::Output;

/// Which gRPC calls fail when client and server are built from different versions of one schema.
///
/// A version is named by any git revision (v1.2.0, main, HEAD~3), REV:PATH for a folder in it,
/// REPO@REV[:PATH] for another repository, a folder, :worktree, :index, or a descriptor set
/// (.binpb, .pb, .desc).
///
/// Exit codes: 0 nothing to report at or above --fail-on, 1 findings, 2 no answer.
#[derive(Parser)]
#[command(version, max_term_width = 100)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Judge two versions: newer client with older server, and newer server with older client.
    Check(check::Args),
    /// Judge what a pipeline or a hook asks for.
    #[command(subcommand)]
    Ci(ci::Command),
    /// Write a protoskew.toml to begin with, from what is in the working tree.
    Init {
        /// The git repository.
        #[arg(long, value_name = "DIR", default_value = ".")]
        repo: PathBuf,
    },
    /// Write down today's findings, so that `check --baseline` fails only for new ones.
    Baseline(baseline::Args),
    /// List what differs between two versions, without judging it.
    Diff(diff::Args),
    /// Judge every client release against every server release.
    Matrix(matrix::Args),
    /// Prove what `check` finds about one element: a message, its bytes, and what is read from them.
    Witness(witness::Args),
    /// List where the sources call each RPC, how the callers take UNIMPLEMENTED, and what servers
    /// do about each.
    Calls(calls::Args),
    /// Say which releases have a method, a field or any other element, and which do not.
    Since(since::Args),
    /// Print the page of a rule, or say which releases a line of a log comes from.
    Explain(explain::Args),
    /// Write the checklist of a release: order of upgrade, fallbacks, removed calls, minimum
    /// versions.
    Checklist(checklist::Args),
    /// Say whether versions can be deployed: 0 for yes, 1 for no, 2 for unknown.
    CanIDeploy(fleet::Args),
    /// Find an order of upgrades in which nothing breaks, and what repairs what is broken.
    Plan(fleet::Args),
    /// Write hooks of git that judge each commit and each push.
    InstallHook(ci::install::Args),
    /// List the rules, a line each.
    Rules,
    /// Print the JSON Schema of what a command prints with `--format json`, or of protoskew.toml.
    Schema {
        /// The command, or `config`.
        #[arg(default_value = "check")]
        of: SchemaOf,
    },
    /// Print a completion script for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page, in roff.
    Man {
        /// The page of one command.
        command: Option<String>,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum SchemaOf {
    Check,
    Diff,
    Calls,
    Since,
    Explain,
    Checklist,
    CanIDeploy,
    Plan,
    Fleet,
    Matrix,
    Config,
}

/// Where versions are found, and what of them is judged.
#[derive(clap::Args)]
struct Reading {
    /// The git repository in which revisions are looked up.
    #[arg(long, value_name = "DIR", default_value = ".")]
    repo: PathBuf,
    /// Judge only the .proto files under this folder of each version; the others serve imports.
    #[arg(long = "path", value_name = "DIR")]
    paths: Vec<String>,
    /// Look up imports here first, instead of inferring where they are.
    #[arg(short = 'I', long = "import-root", value_name = "DIR")]
    roots: Vec<String>,
    /// Fail if an imported file is not among those of the version.
    #[arg(long)]
    strict_imports: bool,
    #[command(flatten)]
    configured: config::Configured,
}

/// Versions, and the configuration that holds for them.
#[derive(Default)]
struct Loaded {
    versions: Vec<Version>,
    config: Option<Config>,
}

/// Runs what the command line asks for.
pub(crate) fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(err) => return output::print_usage(&err),
    };
    match run(args.command) {
        Ok(code) => code,
        // Whoever reads has seen enough.
        Err(Failure::Write(err)) if err.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(Failure::Write(err)) => {
            output::print_error(&Error::Stdout(err));
            ExitCode::from(2)
        }
        Err(Failure::Usage(err)) => output::print_usage(&err),
        Err(Failure::NoAnswer(error)) => {
            output::print_error(&error);
            ExitCode::from(2)
        }
    }
}

/// Why a command ended early.
enum Failure {
    NoAnswer(Box<Error>),
    Usage(clap::Error),
    Write(io::Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure::NoAnswer(Box::new(error))
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        Failure::Write(error)
    }
}

fn run(command: Command) -> Result<ExitCode, Failure> {
    let mut stdout = Output::stdout();
    match command {
        Command::Check(args) => return check::run(args),
        Command::Ci(command) => return ci::run(command),
        Command::Init { repo } => {
            init::run(Reading::plain(repo))?;
            return Ok(ExitCode::SUCCESS);
        }
        Command::Baseline(args) => return baseline::run(args),
        Command::Diff(args) => return diff::run(args),
        Command::Matrix(args) => return matrix::run(args),
        Command::Calls(args) => return calls::run(args),
        Command::Since(args) => return since::run(args),
        Command::Explain(args) => return explain::run(args),
        Command::Checklist(args) => return checklist::run(args),
        Command::CanIDeploy(args) => return fleet::can_i_deploy(args),
        Command::Plan(args) => return fleet::plan_upgrades(args),
        Command::InstallHook(args) => {
            ci::install::run(&args)?;
            return Ok(ExitCode::SUCCESS);
        }
        Command::Witness(args) => return witness::run(args),
        Command::Rules => rules::list(&mut stdout)?,
        Command::Schema { of: SchemaOf::Check } => stdout.text(&report::json::check_schema()),
        Command::Schema { of: SchemaOf::Diff } => stdout.text(&report::json::diff_schema()),
        Command::Schema { of: SchemaOf::Matrix } => stdout.text(&report::json::matrix_schema()),
        Command::Schema { of: SchemaOf::Calls } => stdout.text(&report::json::calls_schema()),
        Command::Schema { of: SchemaOf::Since } => stdout.text(&report::json::since_schema()),
        Command::Schema { of: SchemaOf::Explain } => stdout.text(&report::json::explain_schema()),
        Command::Schema { of: SchemaOf::Checklist } => {
            stdout.text(&report::json::checklist_schema());
        }
        Command::Schema { of: SchemaOf::CanIDeploy } => {
            stdout.text(&report::json::can_i_deploy_schema());
        }
        Command::Schema { of: SchemaOf::Plan } => stdout.text(&report::json::plan_schema()),
        Command::Schema { of: SchemaOf::Fleet } => stdout.text(&protoskew::fleet::json_schema()),
        Command::Schema { of: SchemaOf::Config } => stdout.text(&config::schema()),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Args::command(), "protoskew", &mut stdout);
        }
        Command::Man { command } => rules::man(Args::command(), command.as_deref(), &mut stdout)?,
    }
    stdout.finish()?;
    Ok(ExitCode::SUCCESS)
}

impl Reading {
    /// Without any flag and any configuration.
    fn plain(repo: PathBuf) -> Reading {
        let (paths, roots) = (Vec::new(), Vec::new());
        let configured = config::Configured::none();
        Reading { repo, paths, roots, strict_imports: false, configured }
    }

    /// Which files are judged, by the flags and by the configuration of the head.
    fn layout(&self, head: &Source, config: Option<&Config>, scope: Scope) -> Layout {
        let mut layout = Layout {
            paths: self.paths.clone(),
            roots: self.roots.clone(),
            strict_imports: self.strict_imports,
            scope,
        };
        config::complete(&mut layout, config, &head.top);
        layout
    }

    /// Only a part of each version is judged.
    fn is_narrowed(&self) -> bool {
        !self.paths.is_empty()
    }

    fn open(&self, name: &str) -> Result<Source, Error> {
        tree::open(name, &self.repo)
    }

    /// Where the branch that is checked out left the default branch.
    fn default_base(&self) -> Result<Source, Error> {
        let base = tree::base::default_base(&tree::discover(&self.repo)?)?;
        self.at(&base)
    }

    /// The version that a commit is.
    fn at(&self, point: &Point) -> Result<Source, Error> {
        let id = point.commit.to_string();
        // Lines are quoted with the name of the commit, which may be short unless that is another's.
        let short = self.open(&id[..9]).ok().filter(|it| it.commit.as_ref() == Some(&id));
        let source = short.map_or_else(|| self.open(&id), Ok)?;
        Ok(source.renamed(&point.name))
    }

    /// A release. Something else may have the name of its tag: then it goes by its commit.
    fn release(&self, revision: &Revision) -> Result<Source, Error> {
        let (commit, name) = (revision.commit, revision.name.clone());
        let id = Some(commit.to_string());
        match self.open(&name) {
            Ok(source) if source.commit == id => Ok(source),
            _ => self.at(&Point { commit, name }),
        }
    }

    /// What is being worked on; of a bare repository, what is checked in.
    fn default_head(&self) -> Result<Source, Error> {
        let bare = tree::discover(&self.repo)?.is_bare();
        self.open(if bare { "HEAD" } else { ":worktree" })
    }

    /// Reads versions that will be compared with one another, and the configuration of the last,
    /// which is the head.
    fn load(&self, sources: Vec<Source>, scope: Scope) -> Result<Loaded, Error> {
        let units = Units::cached_in(tree::cache_folder(&self.repo));
        let Some(head) = sources.last() else { return Ok(Loaded::default()) };
        let config = self.configured.read(head)?;
        let layout = self.layout(head, config.as_ref(), scope);
        Ok(Loaded { versions: load(sources, &layout, &units), config })
    }
}
