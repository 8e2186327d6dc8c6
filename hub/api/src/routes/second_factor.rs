//! The second factor of an account: asked for beside the password, by choice of each person.

use std::sync::PoisonError;

use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::{delete, post};

use crate::api::{App, to_its_end};
use crate::audit::action;
use crate::auth::{Entry, Origin, SecondFactor, for_people, new_secret};
use crate::extract::{Ids, Json};
use crate::guard::{Access, Caller};
use crate::problem::Problem;
use crate::routes::{self, login, me, users};
use crate::table::Route;
use crate::wire::user::{BothFactors, NewSecondFactor, OwnPassword, RecoveryCodes, SecondFactorCode};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::POST,
            "/api/v1/users/me/totp",
            Access::Signed,
            post(enrol),
            "Begins a second factor: gives a secret for an authenticator app",
        )
        .body::<OwnPassword>()
        .answers::<NewSecondFactor<'static>>(200, "Nothing has changed yet: confirm it with a code of the app.")
        .problems(&[429]),
        Route::new(
            Method::POST,
            "/api/v1/users/me/totp/confirm",
            Access::Signed,
            post(confirm),
            "Switches the second factor on, with a code of the app",
        )
        .body::<SecondFactorCode>()
        .answers::<RecoveryCodes<'static>>(200, "From now on a login needs a code. Keep the recovery codes well."),
        Route::new(
            Method::POST,
            "/api/v1/users/me/totp/recovery-codes",
            Access::Signed,
            post(renew_recovery),
            "Gives new recovery codes, with your password and a code",
        )
        .body::<BothFactors>()
        .answers::<RecoveryCodes<'static>>(200, "The recovery codes until now are void. Keep the new ones well.")
        .problems(&[429]),
        Route::new(
            Method::POST,
            "/api/v1/users/me/totp/remove",
            Access::Signed,
            post(remove),
            "Switches your second factor off",
        )
        .body::<OwnPassword>()
        .answers_nothing(204, "A login needs the password alone.")
        .problems(&[429]),
        Route::new(
            Method::DELETE,
            "/api/v1/users/{id}/totp",
            Access::Signed,
            delete(remove_of_another),
            "Switches the second factor of another person off; for owners",
        )
        .answers_nothing(204, "A login of that person needs the password alone."),
    ]
}

async fn enrol(State(app): State<App>, caller: Caller, Json(wanted): Json<OwnPassword>) -> Result<Response, Problem> {
    let entry = me::own_entry(&app, &caller)?;
    if entry.proof.second_factor.is_some() {
        return Err(Problem::conflict(
            "totp_active",
            "There is a second factor already.",
            "Switch it off first (POST /api/v1/users/me/totp/remove).",
        ));
    }
    drop(me::prove(&app, &caller, &entry, &wanted.password).await?);
    let secret = new_secret(&*app.random)?;
    let shown = for_people(&secret);
    let label = routes::url_encoded(&entry.account.username);
    let uri = format!("otpauth://totp/Hearth:{label}?secret={shown}&issuer=Hearth&algorithm=SHA1&digits=6&period=30");
    app.enrolling.lock().unwrap_or_else(PoisonError::into_inner).insert(entry.account.id.clone(), secret);
    Ok(routes::json(StatusCode::OK, &NewSecondFactor { secret: &shown, uri: &uri }))
}

async fn confirm(
    State(app): State<App>,
    caller: Caller,
    Json(wanted): Json<SecondFactorCode>,
) -> Result<Response, Problem> {
    to_its_end(async move {
        let _alone = app.account_edits.write().await;
        let mut entry = me::own_entry(&app, &caller)?;
        let id = entry.account.id.clone();
        let secret = app.enrolling.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned();
        let secret = secret.ok_or_else(|| {
            Problem::conflict(
                "totp_not_begun",
                "No second factor was begun, or the hub was restarted since.",
                "Begin from the beginning (POST /api/v1/users/me/totp).",
            )
        })?;
        let confirmed = SecondFactor::confirmed(&*app.random, secret, wanted.code.reveal(), app.now())?;
        let (factor, codes) = confirmed.ok_or_else(|| {
            Problem::invalid(
                "wrong_code",
                "The code is not the one of now.",
                "Give the six digits that the app shows now. If they never fit, the clock of the hub or the phone is wrong.",
            )
            .with("field", "code".into())
        })?;
        entry.proof.second_factor = Some(factor);
        keep(&app, &caller, entry, action::SECOND_FACTOR_ADDED).await?;
        app.enrolling.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
        let recovery_codes = codes.iter().map(|code| code.reveal()).collect();
        Ok(routes::json(StatusCode::OK, &RecoveryCodes { recovery_codes }))
    })
    .await
}

async fn renew_recovery(
    State(app): State<App>,
    caller: Caller,
    Json(wanted): Json<BothFactors>,
) -> Result<Response, Problem> {
    to_its_end(async move {
        let _alone = app.account_edits.write().await;
        let entry = me::own_entry(&app, &caller)?;
        entry.proof.second_factor.as_ref().ok_or_else(none_there)?;
        drop(me::prove(&app, &caller, &entry, &wanted.password).await?);
        let from = Origin::new(&entry.account.username, caller.source);
        login::second_factor(&app, &from, &entry, Some(&wanted.code), "code")?;
        // As it is now that the code is used up.
        let mut entry = me::own_entry(&app, &caller)?;
        let factor = entry.proof.second_factor.as_mut().ok_or_else(none_there)?;
        let codes = factor.renew_recovery(&*app.random)?;
        let renewed = factor.clone();
        let id = &entry.account.id;
        let mut changes = entry.proof.changes(id);
        changes.push(caller.audited(&app, action::RECOVERY_CODES_RENEWED, id.as_str()));
        app.core.keep(changes).await?;
        app.accounts.renew_recovery(id, &renewed);
        let recovery_codes = codes.iter().map(|code| code.reveal()).collect();
        Ok(routes::json(StatusCode::OK, &RecoveryCodes { recovery_codes }))
    })
    .await
}

async fn keep(app: &App, caller: &Caller, entry: Entry, action: &'static str) -> Result<(), Problem> {
    let id = entry.account.id.as_str();
    let mut changes = entry.proof.changes(&entry.account.id);
    changes.push(caller.audited(app, action, id));
    app.core.keep(changes).await?;
    app.accounts.put(entry);
    Ok(())
}

fn none_there() -> Problem {
    Problem::conflict("totp_not_active", "There is no second factor.", "Nothing has to be done.")
}

async fn remove(
    State(app): State<App>,
    caller: Caller,
    Json(wanted): Json<OwnPassword>,
) -> Result<StatusCode, Problem> {
    to_its_end(async move {
        let _alone = app.account_edits.write().await;
        let mut entry = me::own_entry(&app, &caller)?;
        drop(me::prove(&app, &caller, &entry, &wanted.password).await?);
        entry.proof.second_factor.take().ok_or_else(none_there)?;
        keep(&app, &caller, entry, action::SECOND_FACTOR_REMOVED).await?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

async fn remove_of_another(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<String>,
) -> Result<StatusCode, Problem> {
    users::may_see_to_accounts(&caller)?;
    to_its_end(async move {
        let _alone = app.account_edits.write().await;
        let mut entry = app.accounts.find_either(&id).ok_or_else(|| Problem::not_found("account", &id))?;
        let is_local = matches!(caller.identity, crate::guard::Identity::Local);
        if !is_local && caller.account(&app).is_some_and(|own| own.id == entry.account.id) {
            return Err(Problem::conflict(
                "own_account",
                "This is your own account.",
                "Switch it off with your password (POST /api/v1/users/me/totp/remove).",
            ));
        }
        entry.proof.second_factor.take().ok_or_else(none_there)?;
        keep(&app, &caller, entry, action::SECOND_FACTOR_REMOVED).await?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}
