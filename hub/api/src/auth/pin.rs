//! The PIN of a person: a few digits that come with a command where a permission, or the way it comes, wants them.

use axum::http::StatusCode;
use hub_model::household::Secret;

use super::Subject;
use super::guesses::write_soon;
use crate::api::App;
use crate::audit::action;
use crate::guard::Caller;
use crate::problem::Problem;

/// How many digits it has.
const LENGTH: std::ops::RangeInclusive<usize> = 4..=12;

/// Refuses what is no PIN, or one that everybody tries first.
pub(crate) fn check_pin(pin: &Secret) -> Result<(), Problem> {
    let digits = pin.reveal().as_bytes();
    let is_row = |step: i16| digits.windows(2).all(|pair| i16::from(pair[1]) - i16::from(pair[0]) == step);
    let are_digits = LENGTH.contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit);
    if are_digits && ![-1, 0, 1].into_iter().any(is_row) {
        return Ok(());
    }
    Err(Problem::invalid(
        "bad_pin",
        "The PIN is not one.",
        "Give 4 to 12 digits that are not all the same and no row like 1234.",
    )
    .with("field", "pin".into()))
}

/// Whether the right PIN came; none came = no. A wrong one is an error, and makes the next one wait.
pub(crate) async fn pin_came(app: &App, caller: &Caller, given: Option<&Secret>) -> Result<bool, Problem> {
    let (Some(account), Some(given)) = (caller.account(app), given) else { return Ok(false) };
    let subject = Subject::Pin(account.id.as_str().into());
    let turn = app.passwords.turn().await?;
    let now = app.clock.now().mono;
    if let Some(wait) = app.attempts.wait(&subject, now) {
        return Err(Problem::too_many("The PIN was wrong too often.", wait));
    }
    let hash = app.accounts.entry(&account.id).and_then(|entry| entry.proof.pin);
    if hash.is_none() {
        let hint = "Set one first (PATCH /api/v1/users/me with pin and old_password).";
        return Err(Problem::new(StatusCode::FORBIDDEN, "no_pin", "You have no PIN.", hint));
    }
    if turn.verify(given, hash).await? {
        return Ok(true);
    }
    app.attempts.failed(subject, now);
    write_soon(app);
    app.audit(caller.entry(app, action::PIN_FAILED, None)).await;
    Err(Problem::new(StatusCode::FORBIDDEN, "wrong_pin", "The PIN is wrong.", "Nothing was done. Give the right one."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_everybody_tries_first_is_no_pin() {
        for (pin, is_one) in [
            ("4711", true),
            ("0815", true),
            ("1234", false),
            ("9876", false),
            ("0000", false),
            ("471", false),
            ("47a1", false),
        ] {
            assert_eq!(check_pin(&Secret::new(pin)).is_ok(), is_one, "{pin}");
        }
    }
}
