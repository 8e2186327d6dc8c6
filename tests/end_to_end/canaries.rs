//! Canaries: everything that must not get about is sown as a text that is nowhere else, through every door and every
//! mistake that there is; then everything that may be sent to somebody, or lies on the disk, is searched for it.

mod exchange;
mod gossip;
mod household;
mod looks;
mod search;
mod sown;
mod story;
mod totp;

use std::time::Duration;

use hub_tests::Bench;
use hub_tests::skip::has_programs;

use search::{Found, Search};
use sown::{AtRest, Canary, Seen, Sown};
use story::Story;

const SOON: Duration = Duration::from_secs(20);

#[test]
fn nothing_gets_about_at_the_usual_level() {
    nothing_gets_about("canaries", "warn");
}

#[test]
fn nothing_gets_about_at_the_finest_level() {
    nothing_gets_about("canaries-trace", "trace");
}

fn nothing_gets_about(test: &str, level: &str) {
    if !has_programs(&["mosquitto", "mosquitto_passwd"]) {
        return;
    }
    let bench = Bench::new(test);
    let mut story = Story::begin(&bench, level);
    let mut leaks = story.looks_of_a_new_hub();
    story.is_claimed();
    story.people_come_and_go();
    story.programs_get_tokens();
    story.the_home_has_a_place();
    story.things_have_names();
    story.rules_say_something();
    story.phones_say_where_they_are();
    story.a_bridge_speaks();
    leaks.extend(story.looks_of_a_running_hub());
    leaks.extend(story.looks_of_the_command_line(&bench));
    story.the_hub_falls_and_gets_up();
    leaks.extend(story.looks_of_what_is_left(&bench, level));
    assert!(leaks.is_empty(), "{} leaks:\n{}", leaks.len(), leaks.join("\n"));
}

/// What was found where it must not be, in words.
fn leaks(place: &str, found: Vec<Found>) -> Vec<String> {
    found.into_iter().map(|Found { what, form, around }| format!("{place}: {what} ({form}): {around:?}")).collect()
}

/// What must not be there, of what somebody may see.
fn not_for(sown: &Sown, who: Seen) -> Search<'_> {
    Search::new(sown.all().filter(move |canary: &&Canary| canary.seen < who))
}

/// What must be in no log, no metric and no error.
fn anything(sown: &Sown) -> Search<'_> {
    Search::new(sown.all())
}

/// What must not lie on the disk in the clear, or not where others read it.
fn kept(sown: &Sown, how: AtRest) -> Search<'_> {
    Search::new(sown.all().filter(move |canary: &&Canary| canary.at_rest == how))
}

/// RFC 4648, 4
fn base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let byte = |index: usize| u32::from(three.get(index).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let letter = search::STANDARD[(bits >> (18 - 6 * place) & 63) as usize];
            text.push(if place > three.len() { '=' } else { char::from(letter) });
        }
    }
    text
}

/// A path's part of anything.
fn percent(text: &str) -> String {
    search::percent(text)
}

/// What only a browser knows: 16 bytes.
fn push_secret() -> &'static str {
    "zqpushsecret0123"
}
