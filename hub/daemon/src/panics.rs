//! What a panic says. Its message may have been made of anything that the hub holds, and stands in logs that people
//! send to others: only a message that is part of the program is shown, and the place always.

use std::panic::PanicHookInfo;

/// Lets panics of this process say no more than they may.
pub fn tell_only_the_place() {
    std::panic::set_hook(Box::new(say));
}

#[allow(clippy::print_stderr, reason = "the last words of a thread go to the standard error, whatever became of logs")]
fn say(panic: &PanicHookInfo<'_>) {
    eprintln!("{}", text(panic));
}

/// E.g. `thread 'main' panicked at src/main.rs:7:5: a word`.
pub fn text(panic: &PanicHookInfo<'_>) -> String {
    let place = panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    let thread = std::thread::current();
    let name = thread.name().unwrap_or("without a name");
    // What was made when it happened is a `String`.
    let message = panic.payload().downcast_ref::<&'static str>().copied().unwrap_or("a message that may hold secrets");
    format!("thread '{name}' panicked at {place}: {message}")
}
