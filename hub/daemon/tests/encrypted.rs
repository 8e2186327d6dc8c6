//! The command line over HTTPS: it speaks to whom it knows, and says how to know whom it does not.

use std::path::Path;
use std::process::{Command, Output};

use crate::demo::Hub;

/// `hearth status` over a network.
fn status(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hearth"))
        .args(["status", "--json"])
        .args(arguments)
        .env_remove("HEARTH_FINGERPRINT")
        .output()
        .unwrap()
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// What curl says of a path; its exit code.
fn curl(arguments: &[&str]) -> (String, Option<i32>) {
    let output = Command::new("curl").args(["-s", "-m", "20"]).args(arguments).output().unwrap();
    (String::from_utf8_lossy(&output.stdout).into_owned(), output.status.code())
}

#[test]
fn a_hub_is_recognised_by_its_fingerprint_or_its_authority() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::start(folder.path());
    let authority = folder.path().join("data/tls/authority.pem").display().to_string();
    let nobody = "0".repeat(64);
    let named = hub.encrypted.replace("127.0.0.1", "localhost");
    for (arguments, code, wanted) in [
        (&["--host", &hub.encrypted, "--fingerprint", &hub.fingerprint][..], 0, ""),
        (&["--host", &named, "--fingerprint", &hub.fingerprint.to_uppercase()], 0, ""),
        (&["--host", &hub.encrypted, "--ca", &authority], 0, ""),
        (&["--host", &hub.encrypted, "--fingerprint", &nobody], 5, "it has another key than the one that was given"),
        (&["--host", &hub.encrypted], 5, "nobody that this command trusts vouches for it"),
        (&["--host", &hub.encrypted, "--fingerprint", "abc"], 2, "64 hexadecimal digits"),
        (&["--host", &hub.encrypted, "--ca", "/nowhere"], 1, "/nowhere"),
        (&["--host", &hub.encrypted, "--ca", "/proc/self/status"], 2, "there is no certificate in it"),
    ] {
        let output = status(arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", words(&output));
        assert!(words(&output).contains(wanted), "{arguments:?}: {}", words(&output));
        if code == 5 {
            assert!(words(&output).contains(&hub.fingerprint), "{arguments:?}: {}", words(&output));
        }
    }
    let told = hub.json(&["status"]);
    assert_eq!(told["tls"]["fingerprint"], hub.fingerprint);
    // Another client.
    let path = format!("{}/healthz", hub.encrypted);
    assert_eq!(curl(&["--cacert", &authority, &path]), ("ok\n".to_owned(), Some(0)));
    assert_eq!(curl(&[&path]).1, Some(60));
    let other = format!("other.local:{}:127.0.0.1", hub.encrypted.rsplit(':').next().unwrap());
    let path = format!("https://other.local:{}/healthz", hub.encrypted.rsplit(':').next().unwrap());
    assert_eq!(curl(&["--cacert", &authority, "--resolve", &other, &path]).1, Some(60));
    let path = format!("{}/certificate.pem", hub.address);
    assert_eq!(curl(&[&path]).0, std::fs::read_to_string(&authority).unwrap());
    assert_eq!(hub.stop(), Some(0));
    // The same hub after a restart.
    let again = Hub::start(folder.path());
    assert_eq!(status(&["--host", &again.encrypted, "--ca", &authority]).status.code(), Some(0));
}

#[test]
fn events_come_over_an_encrypted_connection_too() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::start(folder.path());
    let owner = r#"{"username":"anna","password":"correct horse battery staple"}"#;
    let setup = format!(r#"{{"setup_code":"{}","home_name":"Demo","owner":{owner}}}"#, hub.code.as_deref().unwrap());
    let path = format!("{}/api/v1/setup", hub.encrypted);
    assert_eq!(curl(&["-k", "-H", "Content-Type: application/json", "-d", &setup, &path]).1, Some(0));
    let made = hub.json(&["token", "create", "wall"]);
    let token = made["token"].as_str().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_hearth"))
        .args([
            "events",
            "-n",
            "3",
            "--json",
            "--host",
            &hub.encrypted,
            "--fingerprint",
            &hub.fingerprint,
            "--token",
            token,
        ])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", words(&output));
}

/// A certificate of the owner's own.
fn make_own(folder: &Path) -> (String, String) {
    let (certificate, key) = (folder.join("own.pem"), folder.join("own.key"));
    let (certificate, key) = (certificate.display().to_string(), key.display().to_string());
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30"])
        .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"])
        .args(["-keyout", &key, "-out", &certificate])
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", words(&made));
    (certificate, key)
}

#[test]
fn the_owners_own_certificate_is_shown_or_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = make_own(folder.path());
    let environment = [("HEARTH_TLS_CERTIFICATE", certificate.as_str()), ("HEARTH_TLS_KEY", key.as_str())];
    let hub = Hub::start_with(folder.path(), &environment);
    let output = status(&["--host", &hub.encrypted, "--fingerprint", &hub.fingerprint]);
    assert!(output.status.success(), "{}", words(&output));
    assert_eq!(curl(&["--cacert", &certificate, &format!("{}/healthz", hub.encrypted)]).1, Some(0));
    assert!(curl(&[&format!("{}/certificate", hub.address)]).0.contains("no_certificate"));
    drop(hub);
    std::fs::write(&key, "no key").unwrap();
    for (variables, wanted) in
        [(&environment[..], format!("{key}: ")), (&environment[..1], "[tls] has no `key`".to_owned())]
    {
        for command in ["check-config", "run"] {
            let output = Command::new(env!("CARGO_BIN_EXE_hearth"))
                .arg(command)
                .envs(variables.iter().copied())
                .env("XDG_CONFIG_HOME", folder.path())
                .current_dir(folder.path())
                .output()
                .unwrap();
            assert_eq!(output.status.code(), Some(78), "{command}: {}", words(&output));
            assert!(words(&output).contains(&wanted), "{command}: {}", words(&output));
        }
    }
}
