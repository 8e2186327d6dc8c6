//! The description of all paths, and what follows from it.

use std::collections::BTreeSet;

use axum::http::Method;
use serde_json::{Value, json};

use crate::harness::Hub;
use crate::permissions::{Family, Stream};

pub(crate) fn operations(document: &Value) -> Vec<(String, Method, bool)> {
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let signed = operation["security"].as_array().is_some_and(|security| !security.is_empty());
            operations.push((path.clone(), method.to_uppercase().parse().unwrap(), signed));
        }
    }
    operations
}

#[tokio::test]
async fn the_committed_description_is_the_one_that_is_served() {
    let hub = Hub::new(&[]).await;
    let served = hub.send(Method::GET, "/api/v1/openapi.json", None, None).await.json();
    let pretty = serde_json::to_string_pretty(&served).unwrap() + "\n";
    expect_test::expect_file!["../../openapi.json"].assert_eq(&pretty);
}

#[tokio::test]
async fn every_reference_leads_somewhere() {
    let hub = Hub::new(&[]).await;
    let served = hub.send(Method::GET, "/api/v1/openapi.json", None, None).await;
    let document = served.json();
    for reference in served.text.split("\"$ref\":\"").skip(1) {
        let pointer = reference.split('"').next().unwrap().trim_start_matches('#');
        assert!(document.pointer(pointer).is_some(), "{pointer}");
    }
}

/// What a client may count on of the first message of the stream is what comes.
#[tokio::test]
async fn the_picture_of_the_home_is_as_described() {
    let family = Family::at_home().await;
    let document = family.get("owner", "/api/v1/openapi.json").await.json();
    let schema = &document["components"]["schemas"]["StreamSnapshot"];
    let mut stream = Stream::connect(&family).await;
    stream.say(json!({"type": "auth", "token": family.tokens["owner"]})).await;
    stream.say(json!({"type": "subscribe", "id": 1})).await;
    let picture = stream.hear().await;
    let names = |object: &Value| object.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(names(&picture), names(&schema["properties"]));
    let required = schema["required"].as_array().unwrap().iter();
    assert_eq!(names(&picture), required.map(|name| name.as_str().unwrap().to_owned()).collect());
    let devices = &schema["properties"]["devices"]["items"]["$ref"];
    assert_eq!(devices, "#/components/schemas/Device");
    let listed = family.get("owner", "/api/v1/devices").await.json();
    assert_eq!(picture["devices"], listed["items"]);
}

#[tokio::test]
async fn without_a_token_only_open_paths_answer() {
    let hub = Hub::new(&[]).await;
    let document = hub.send(Method::GET, "/api/v1/openapi.json", None, None).await.json();
    let operations = operations(&document);
    assert!(operations.len() > 30);
    let mut open = Vec::new();
    for (path, method, signed) in operations {
        let filled = path
            .replace("{id}", "x")
            .replace("{session}", "y")
            .replace("{revision}", "1")
            .replace("{member}", "z")
            .replace("{program}", "t");
        let answer = hub.send(method.clone(), &filled, None, None).await;
        if signed {
            assert_eq!(answer.says(), "401 unauthorized", "{method} {path}");
            assert_eq!(answer.header("content-type"), "application/problem+json");
            let wrong = hub.send(method.clone(), &filled, Some("hearth_wrong"), None).await;
            assert_eq!(wrong.says(), "401 unauthorized", "{method} {path}");
        } else {
            open.push(format!("{method} {path} {}", answer.says()));
        }
    }
    open.sort();
    expect_test::expect![[r#"
        GET /api/v1/openapi.json 200
        GET /api/v1/status 200
        GET /api/v1/stream 426 upgrade_required
        GET /healthz 200
        GET /metrics 401 unauthorized
        GET /readyz 200
        POST /api/v1/auth/accept 415 unsupported_media_type
        POST /api/v1/auth/login 415 unsupported_media_type
        POST /api/v1/auth/refresh 415 unsupported_media_type
        POST /api/v1/presence/owntracks 401 unauthorized
        POST /api/v1/setup 415 unsupported_media_type
        POST /api/v1/setup/check 415 unsupported_media_type
        POST /api/v1/webhooks/{id} 404 not_found"#]]
    .assert_eq(&open.join("\n"));
}

#[tokio::test]
async fn every_error_is_a_problem() {
    let (hub, token) = Hub::claimed(&["lamp-1"]).await;
    let long = Value::String(format!("{{\"name\":\"{}\"}}", "x".repeat(1_100_000)));
    let text = |text: &str| Some(Value::String(text.to_owned()));
    let cases: Vec<(Method, &str, Option<Value>)> = vec![
        (Method::GET, "/nowhere", None),
        (Method::GET, "/api/v1/devices/test:nobody", None),
        (Method::DELETE, "/api/v1/status", None),
        (Method::POST, "/api/v1/areas", text("{\"name\":")),
        (Method::POST, "/api/v1/areas", text("{\"name\":\"Hall\",\"colour\":1}")),
        (Method::POST, "/api/v1/areas", text("{}")),
        (Method::POST, "/api/v1/areas", Some(long)),
        (Method::GET, "/api/v1/devices?limit=0", None),
        (Method::GET, "/api/v1/devices?limit=x", None),
        (Method::GET, "/api/v1/devices?page=2", None),
        (Method::GET, "/api/v1/devices?cursor=x", None),
        (Method::POST, "/api/v1/devices/test%3Alamp-1/commands", text("{\"set\":{\"on\":\"yes\"}}")),
        (Method::POST, "/api/v1/devices/test%3Alamp-1/commands", text("{\"set\":{\"volume\":1}}")),
        (Method::POST, "/api/v1/devices/test%3Alamp-1/commands", text("{\"set\":{\"link_quality\":1}}")),
        (Method::POST, "/api/v1/devices/test%3Alamp-1/commands", text("{\"set\":{}}")),
        (Method::POST, "/api/v1/devices/test%3Anobody/commands", text("{\"set\":{\"on\":true}}")),
        (Method::GET, "/api/v1/commands/nobody", None),
        (Method::GET, "/api/v1/drivers/nobody", None),
        (Method::POST, "/api/v1/drivers/test/pairing", text("{\"action\":\"include\",\"seconds\":9999}")),
        (Method::POST, "/api/v1/drivers/test/pairing", text("{\"action\":\"include\"}")),
        (Method::PATCH, "/api/v1/home", text("{\"time_zone\":\"Mars/Olympus\"}")),
        (Method::GET, "/api/v1/devices/test%3Alamp-1/history", None),
        (Method::GET, "/api/v1/devices/test%3Alamp-1/history?attribute=on&resolution=2h", None),
        (Method::POST, "/api/v1/automations", text("{\"name\":\"x\"}")),
    ];
    let mut said = String::new();
    for (method, path, body) in cases {
        let answer = hub.send(method.clone(), path, Some(&token), body).await;
        said.push_str(&format!("{method} {path}: {}\n", answer.says()));
        assert_eq!(answer.header("content-type"), "application/problem+json", "{path}");
        let problem = answer.json();
        for field in ["type", "title", "code", "detail", "hint"] {
            assert!(problem[field].as_str().is_some_and(|text| !text.is_empty()), "{path}: {field}");
        }
    }
    expect_test::expect![[r#"
        GET /nowhere: 404 no_such_path
        GET /api/v1/devices/test:nobody: 404 not_found
        DELETE /api/v1/status: 405 method_not_allowed
        POST /api/v1/areas: 400 malformed_json
        POST /api/v1/areas: 422 unknown_field
        POST /api/v1/areas: 422 invalid_body
        POST /api/v1/areas: 413 too_large
        GET /api/v1/devices?limit=0: 422 bad_limit
        GET /api/v1/devices?limit=x: 422 bad_parameter
        GET /api/v1/devices?page=2: 422 unknown_parameter
        GET /api/v1/devices?cursor=x: 422 bad_cursor
        POST /api/v1/devices/test%3Alamp-1/commands: 422 bad_value
        POST /api/v1/devices/test%3Alamp-1/commands: 422 no_such_attribute
        POST /api/v1/devices/test%3Alamp-1/commands: 422 not_writable
        POST /api/v1/devices/test%3Alamp-1/commands: 422 invalid
        POST /api/v1/devices/test%3Anobody/commands: 404 not_found
        GET /api/v1/commands/nobody: 404 not_found
        GET /api/v1/drivers/nobody: 404 not_found
        POST /api/v1/drivers/test/pairing: 422 bad_value
        POST /api/v1/drivers/test/pairing: 409 unsupported
        PATCH /api/v1/home: 422 bad_time_zone
        GET /api/v1/devices/test%3Alamp-1/history: 422 bad_parameter
        GET /api/v1/devices/test%3Alamp-1/history?attribute=on&resolution=2h: 422 bad_parameter
        POST /api/v1/automations: 422 rule_invalid
    "#]]
    .assert_eq(&said);
}

#[tokio::test]
async fn the_page_has_nothing_inline_and_is_small() {
    let hub = Hub::new(&[]).await;
    let mut size = 0;
    for (path, media_type) in
        [("/", "text/html; charset=utf-8"), ("/plain.css", "text/css; charset=utf-8"), ("/icon.svg", "image/svg+xml")]
    {
        let part = hub.send(Method::GET, path, None, None).await;
        assert_eq!((part.status.as_u16(), part.header("content-type")), (200, media_type), "{path}");
        assert!(part.header("content-security-policy").starts_with("default-src 'none'; script-src 'self'"));
        size += part.text.len();
        for inline in ["<script>", "<style", " style=", " onclick=", " onload=", "innerHTML", "http://", "https://"] {
            let namespace = part.text.replace("http://www.w3.org/2000/svg", "");
            assert!(!namespace.contains(inline), "{path} has {inline}");
        }
    }
    assert!(size < 25_000, "{size}");
}
