//! The second factor: enrolled, asked for, and lost.

use std::time::Duration;

use axum::http::Method;
use hub_model::Clock;
use serde_json::{Value, json};

use crate::harness::{Answer, Hub, PASSWORD};

const TOTP: &str = "/api/v1/users/me/totp";

/// What an authenticator app shows: RFC 6238 in its own words, not the hub's.
fn app_code(secret: &str, hub: &Hub) -> String {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0_u64, 0);
    for letter in secret.chars() {
        held = (held << 5) | alphabet.find(letter).unwrap() as u64;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
            held &= (1 << bits) - 1;
        }
    }
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &bytes);
    let step = hub.clock.now().time().milliseconds() / 30_000;
    let tag = ring::hmac::sign(&key, &step.to_be_bytes());
    let offset = usize::from(tag.as_ref()[19] & 15);
    let number = u32::from_be_bytes(tag.as_ref()[offset..offset + 4].try_into().unwrap()) & 0x7FFF_FFFF;
    format!("{:06}", number % 1_000_000)
}

async fn login(hub: &Hub, code: Option<&str>) -> String {
    let mut body = json!({"username": "anna", "password": PASSWORD});
    if let Some(code) = code {
        body["code"] = json!(code);
    }
    hub.login_from("192.168.1.20:5000", body).await.says()
}

async fn post(hub: &Hub, token: &str, path: &str, body: Value) -> Answer {
    hub.send(Method::POST, path, Some(token), Some(body)).await
}

/// With a second factor switched on: its secret and its recovery codes.
async fn enrolled(hub: &Hub, token: &str) -> (String, Vec<String>) {
    let begun = post(hub, token, TOTP, json!({"password": PASSWORD})).await;
    assert_eq!(begun.status, 200, "{}", begun.text);
    let secret = begun.json()["secret"].as_str().unwrap().to_owned();
    assert!(begun.json()["uri"].as_str().unwrap().starts_with(&format!("otpauth://totp/Hearth:Anna?secret={secret}&")));
    // Nothing is asked for until the app has shown that it works.
    assert_eq!(login(hub, None).await, "200");
    let confirm = format!("{TOTP}/confirm");
    let wrong = post(hub, token, &confirm, json!({"code": "000000"})).await;
    assert_eq!(wrong.says(), "422 wrong_code");
    let confirmed = post(hub, token, &confirm, json!({"code": app_code(&secret, hub)})).await;
    assert_eq!(confirmed.status, 200, "{}", confirmed.text);
    let codes = confirmed.json()["recovery_codes"].as_array().unwrap().clone();
    hub.clock.advance(Duration::from_secs(30));
    (secret, codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect())
}

#[tokio::test]
async fn a_login_needs_a_code_that_works_once() {
    let (hub, token) = Hub::claimed(&[]).await;
    assert_eq!(post(&hub, &token, TOTP, json!({"password": "wrong horse"})).await.says(), "403 wrong_password");
    let not_begun = post(&hub, &token, &format!("{TOTP}/confirm"), json!({"code": "123456"})).await;
    assert_eq!(not_begun.says(), "409 totp_not_begun");
    let (secret, codes) = enrolled(&hub, &token).await;
    assert_eq!(codes.len(), 10);
    assert_eq!(post(&hub, &token, TOTP, json!({"password": PASSWORD})).await.says(), "409 totp_active");
    let code = app_code(&secret, &hub);
    assert_eq!(login(&hub, None).await, "401 totp_required");
    assert_eq!(login(&hub, Some("000000")).await, "401 wrong_code");
    assert_eq!(login(&hub, Some(&code)).await, "200");
    assert_eq!(login(&hub, Some(&code)).await, "401 wrong_code");
    // Not over a restart either.
    let kept = hub.kept();
    let secrets: String = kept.secrets.iter().map(|(_, secret)| secret.reveal().to_owned()).collect();
    assert!(codes.iter().all(|code| !secrets.contains(code.as_str())));
    let restarted = Hub::with(&[], kept).await;
    restarted.clock.advance(Duration::from_secs(30));
    assert_eq!(login(&restarted, Some(&code)).await, "401 wrong_code");
    assert_eq!(login(&restarted, Some(&codes[3])).await, "200");
    assert_eq!(login(&restarted, Some(&codes[3])).await, "401 wrong_code");
    let me = restarted.send(Method::GET, "/api/v1/users/me", Some(&token), None).await.json();
    assert_eq!((&me["second_factor"], &me["recovery_codes"]), (&json!(true), &json!(9)));
    let remove = format!("{TOTP}/remove");
    assert_eq!(
        post(&restarted, &token, &remove, json!({"password": "wrong horse"})).await.says(),
        "403 wrong_password"
    );
    assert_eq!(post(&restarted, &token, &remove, json!({"password": PASSWORD})).await.says(), "204");
    assert_eq!(login(&restarted, None).await, "200");
}

#[tokio::test]
async fn recovery_codes_are_renewed_by_who_has_both_factors() {
    let (hub, token) = Hub::claimed(&[]).await;
    let renew = async |password: &str, code: &str| {
        post(&hub, &token, &format!("{TOTP}/recovery-codes"), json!({"password": password, "code": code})).await
    };
    assert_eq!(renew(PASSWORD, "000000").await.says(), "409 totp_not_active");
    let (secret, old) = enrolled(&hub, &token).await;
    let code = app_code(&secret, &hub);
    assert_eq!(renew("wrong horse", &code).await.says(), "403 wrong_password");
    assert_eq!(renew(PASSWORD, "000000").await.says(), "401 wrong_code");
    let renewed = renew(PASSWORD, &code).await;
    assert_eq!(renewed.status, 200, "{}", renewed.text);
    assert_eq!(renew(PASSWORD, &code).await.says(), "401 wrong_code");
    let new: Vec<String> = serde_json::from_value(renewed.json()["recovery_codes"].clone()).unwrap();
    assert!(new.len() == 10 && new.iter().all(|code| !old.contains(code)), "{new:?}");
    assert_eq!(login(&hub, Some(&old[0])).await, "401 wrong_code");
    assert_eq!(login(&hub, Some(&new[0])).await, "200");
    // By the hub's own socket nobody proves who they are.
    let nothing = Some(json!({"password": "", "code": ""}));
    let local = hub.local(Method::POST, &format!("{TOTP}/recovery-codes"), nothing).await;
    assert_eq!(local.says(), "409 no_password_here");
    let kept = hub.kept();
    let secrets: String = kept.secrets.iter().map(|(_, secret)| secret.reveal().to_owned()).collect();
    assert!(new.iter().all(|code| !secrets.contains(code.as_str())));
    let restarted = Hub::with(&[], kept).await;
    for (code, said) in [(&old[1], "401 wrong_code"), (&new[0], "401 wrong_code"), (&new[1], "200")] {
        assert_eq!(login(&restarted, Some(code)).await, said);
    }
    let told = hub.journal.audited().into_iter().filter(|entry| &*entry.action == "recovery_codes_renewed");
    assert_eq!(told.count(), 1);
}

#[tokio::test]
async fn codes_are_not_guessed_either() {
    let (hub, token) = Hub::claimed(&[]).await;
    let (secret, _) = enrolled(&hub, &token).await;
    let mut said = Vec::new();
    for number in 0..8 {
        said.push(login(&hub, Some(&format!("00000{number}"))).await);
        // Who knows the password starts nothing anew with it.
        said.push(login(&hub, None).await);
    }
    assert!(said.contains(&"429 too_many_attempts".to_owned()), "{said:?}");
    assert_eq!(login(&hub, Some(&app_code(&secret, &hub))).await, "429 too_many_attempts");
}

#[tokio::test]
async fn an_owner_helps_who_lost_the_app_and_the_hub_itself_helps_the_owner() {
    let (hub, token) = Hub::claimed(&[]).await;
    enrolled(&hub, &token).await;
    let ben = hub.person(&token, "Ben", "owner").await;
    let own = hub.send(Method::DELETE, "/api/v1/users/anna/totp", Some(&token), None).await;
    assert_eq!(own.says(), "409 own_account");
    assert_eq!(hub.send(Method::DELETE, "/api/v1/users/anna/totp", Some(&ben), None).await.says(), "204");
    assert_eq!(
        hub.send(Method::DELETE, "/api/v1/users/anna/totp", Some(&ben), None).await.says(),
        "409 totp_not_active"
    );
    assert_eq!(login(&hub, None).await, "200");
    // A reset from afar leaves it on, one by the socket does not.
    let (secret, _) = enrolled(&hub, &token).await;
    let given = Some(json!({"password": PASSWORD}));
    hub.send(Method::POST, "/api/v1/users/anna/password", Some(&ben), given.clone()).await;
    assert_eq!(login(&hub, None).await, "401 totp_required");
    assert_eq!(login(&hub, Some(&app_code(&secret, &hub))).await, "200");
    // The code of an owner does not stand for the app either, and is still good when the person has both.
    let invited = hub.send(Method::POST, "/api/v1/users/anna/password", Some(&ben), None).await.json();
    let accept = async |totp: Option<String>| {
        let body = json!({"code": invited["invitation"]["code"], "password": PASSWORD, "totp": totp});
        hub.send(Method::POST, "/api/v1/auth/accept", None, Some(body)).await.says()
    };
    assert_eq!(accept(None).await, "401 totp_required");
    assert_eq!(accept(Some("000000".to_owned())).await, "401 wrong_code");
    hub.clock.advance(Duration::from_secs(30));
    assert_eq!(accept(Some(app_code(&secret, &hub))).await, "200");
    assert_eq!(login(&hub, Some(&app_code(&secret, &hub))).await, "401 wrong_code");
    let reset = hub.local(Method::POST, "/api/v1/users/anna/password", given).await.json();
    assert!(reset["note"].as_str().unwrap().contains("second factor"), "{reset}");
    assert_eq!(login(&hub, None).await, "200");
}
