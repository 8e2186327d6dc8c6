//! What every answer says to a browser, and what no address may carry.

use axum::http::Method;
use serde_json::Value;

use crate::description::operations;
use crate::harness::{Answer, Hub};

/// With ids that nobody has.
fn filled(path: &str) -> String {
    path.replace("{session}", "y")
        .replace("{revision}", "1")
        .replace("{member}", "z")
        .replace("{program}", "t")
        .replace("{id}", "x")
}

/// Whether who tries it is logged out.
fn ends_the_session(method: &Method, path: &str) -> bool {
    path.ends_with("/logout") || (method == Method::DELETE && path.ends_with("/me/sessions"))
}

fn check(answer: &Answer, what: &str) {
    let policy: Vec<Vec<&str>> = answer
        .header("content-security-policy")
        .split(';')
        .map(|directive| directive.split_whitespace().collect())
        .collect();
    for directive in [["default-src", "'none'"], ["frame-ancestors", "'none'"], ["base-uri", "'none'"]] {
        assert!(policy.contains(&directive.to_vec()), "{what}: {policy:?}");
    }
    // Nothing inline, nothing evaluated, nothing from elsewhere.
    let sources = policy.iter().flat_map(|directive| &directive[1..]);
    let strange: Vec<&&str> = sources.filter(|source| !matches!(**source, "'none'" | "'self'")).collect();
    assert!(strange.is_empty(), "{what}: {strange:?}");
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("x-frame-options", "DENY"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("access-control-allow-origin", ""),
        ("server", ""),
    ] {
        assert_eq!(answer.header(name), value, "{what}: {name}");
    }
    assert!(!answer.header("cache-control").is_empty(), "{what}");
    assert!(answer.text.is_empty() || !answer.header("content-type").is_empty(), "{what}: {}", answer.text);
}

#[tokio::test]
async fn every_answer_of_every_path_keeps_a_browser_from_harm() {
    let (hub, token) = Hub::claimed(&["lamp-1"]).await;
    let document = hub.send(Method::GET, "/api/v1/openapi.json", None, None).await.json();
    let mut seen = std::collections::BTreeSet::new();
    for (path, method, _) in operations(&document) {
        let path = filled(&path);
        for token in [None, Some("hearth_wrong"), Some(token.as_str())] {
            if token.is_some() && ends_the_session(&method, &path) {
                continue;
            }
            for body in [None, Some(Value::String("{".to_owned()))] {
                let answer = hub.send(method.clone(), &path, token, body).await;
                check(&answer, &format!("{method} {path} {token:?}: {}", answer.status));
                seen.insert(answer.status.as_u16());
            }
        }
    }
    for (method, path, host, status) in [
        (Method::GET, "/", "localhost", 200),
        (Method::GET, "/plain.css", "localhost", 200),
        (Method::GET, "/certificate", "localhost", 404),
        (Method::GET, "/nowhere", "localhost", 404),
        (Method::GET, "/%2e%2e/etc/passwd", "localhost", 404),
        (Method::OPTIONS, "/api/v1/devices", "localhost", 405),
        (Method::TRACE, "/api/v1/devices", "localhost", 405),
        (Method::GET, "/", "evil.example", 421),
    ] {
        let answer = hub.send_with(method.clone(), path, &[("host", host)], None).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text);
        check(&answer, &format!("{method} {path} at {host}"));
        seen.insert(answer.status.as_u16());
    }
    // The errors are among them.
    for status in [200, 400, 401, 404, 405, 415, 421, 422, 426] {
        assert!(seen.contains(&status), "{status} is not among {seen:?}");
    }
}

#[tokio::test]
async fn nothing_secret_stands_in_an_address() {
    let (hub, token) = Hub::claimed(&[]).await;
    let document = hub.send(Method::GET, "/api/v1/openapi.json", None, None).await.json();
    for (path, method, is_signed) in operations(&document) {
        let parameters = document["paths"][&path][method.as_str().to_lowercase()]["parameters"].clone();
        for parameter in parameters.as_array().into_iter().flatten() {
            let name = parameter["name"].as_str().unwrap();
            let is_secret = ["token", "password", "pin", "code", "secret", "session_key"].contains(&name);
            assert!(parameter["in"] == "header" || !is_secret, "{method} {path} {name}");
        }
        if !is_signed {
            continue;
        }
        for name in ["token", "access_token", "auth", "hearth_session"] {
            let address = format!("{}?{name}={token}", filled(&path));
            let answer = hub.send(method.clone(), &address, None, None).await;
            assert_eq!(answer.says(), "401 unauthorized", "{method} {address}");
            // Nor does an error say it again.
            assert!(!answer.text.contains(&token), "{}", answer.text);
        }
    }
}
