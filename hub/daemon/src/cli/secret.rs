//! Words that nobody is to see: passwords and PINs. A terminal does not show them while they are typed; a program gives each
//! as a line of the standard input. They are no arguments, which every process of the machine can read.

use std::process::{Command, Stdio};

use super::Terminal;
use super::failure::Failure;

/// Asks for one.
pub(crate) async fn ask(question: &str, terminal: &mut Terminal<'_>) -> Result<String, Failure> {
    if !terminal.is_somebody_there() {
        return terminal.line().await;
    }
    let _unseen = Unseen::begin(terminal).await?;
    let answer = terminal.ask(question).await;
    terminal.say("").await?;
    answer
}

/// Asks for a new one: on a terminal twice, because nobody sees a slip.
pub(crate) async fn ask_twice(question: &str, terminal: &mut Terminal<'_>) -> Result<String, Failure> {
    let first = ask(question, terminal).await?;
    if terminal.is_somebody_there() && ask("Once more:", terminal).await? != first {
        return Err(Failure::Usage("the two were not the same; nothing was done".to_owned()));
    }
    Ok(first)
}

/// The terminal does not show what is typed while this is there.
struct Unseen;

impl Unseen {
    async fn begin(terminal: &mut Terminal<'_>) -> Result<Self, Failure> {
        let unseen = Self;
        if !echo(false) {
            terminal.say("What you type will be seen here.").await?;
        }
        Ok(unseen)
    }
}

impl Drop for Unseen {
    fn drop(&mut self) {
        echo(true);
    }
}

/// Has the terminal show what is typed, or not. Says whether that worked.
fn echo(on: bool) -> bool {
    let word = if on { "echo" } else { "-echo" };
    let done = Command::new("stty").arg(word).stdin(Stdio::inherit()).stderr(Stdio::null()).status();
    done.is_ok_and(|status| status.success())
}
