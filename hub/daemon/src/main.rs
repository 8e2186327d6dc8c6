//! The program `hearth`: reads what was typed, does it, and says by its exit code how it went.

use std::process::ExitCode;

use hearth::cli::arguments::{Arguments, Command};
use hearth::cli::{self, Failure};

fn main() -> ExitCode {
    hearth::panics::tell_only_the_place();
    let arguments = Arguments::typed();
    let environment = |name: &str| std::env::var(name).ok();
    let outcome = match arguments.command {
        Command::Run(run) => {
            hearth::memory::economise();
            hearth::hub::run(run, &environment)
        }
        _ => talk(arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            report(&failure);
            ExitCode::from(&failure)
        }
    }
}

/// The command line needs no second thread.
fn talk(arguments: Arguments) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Failed(format!("the program could not start ({error})")))?;
    let environment = |name: &str| std::env::var(name).ok();
    let outcome = runtime.block_on(cli::execute(arguments, &environment, &mut std::io::stdout().lock()));
    // A line that somebody may still type is not waited for.
    runtime.shutdown_background();
    outcome
}

#[allow(clippy::print_stderr, reason = "errors of a program go to its standard error")]
fn report(failure: &Failure) {
    if !failure.is_told() {
        eprintln!("hearth: {failure}");
    }
}
