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

#[cfg(test)]
#[allow(clippy::panic, reason = "panics are what is tried")]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    /// What a panic of a thread of this name says; panics of other threads are left as they are.
    fn said(panics: impl FnOnce() + Send + 'static) -> String {
        const NAME: &str = "that panics";
        let heard = Arc::new(Mutex::new(String::new()));
        let (hook, before) = (Arc::clone(&heard), std::panic::take_hook());
        std::panic::set_hook(Box::new(move |panic| match std::thread::current().name() {
            Some(NAME) => *hook.lock().unwrap() = text(panic),
            _ => before(panic),
        }));
        let thread = std::thread::Builder::new().name(NAME.to_owned()).spawn(panics).unwrap();
        assert!(thread.join().is_err());
        heard.lock().unwrap().clone()
    }

    #[test]
    fn a_panic_tells_its_place_and_nothing_that_the_hub_holds() {
        let secret = String::from("zqsecret \u{e4}");
        let copy = secret.clone();
        for text in [
            said(move || panic!("the password is {secret}")),
            said(move || assert!(!copy.split_at(10).0.is_empty())),
            said(|| assert!("zqsecret".parse::<u32>().unwrap() > 0)),
        ] {
            assert!(text.contains(".rs:"), "{text}");
            assert!(text.contains("a message that may hold secrets") && !text.contains("zqsecret"), "{text}");
        }
        assert!(said(|| panic!("a word of the program")).ends_with(": a word of the program"));
    }
}
