//! `hearth status`

use serde_json::Value;

use super::Terminal;
use super::failure::Failure;
use super::output::{counted, text};

/// What the hub's time is worth, in words.
const CLOCKS: [(&str, &str); 5] = [
    ("persisted", "a guess: no clock to be trusted has been found yet"),
    ("rtc", "by this machine's battery-backed clock"),
    ("lan", "by a host of the local network"),
    ("person", "taken as right: a person vouches for it"),
    ("ntp", "by network time"),
];

pub(crate) async fn show(terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    // Who may see no more than that the hub is there sees no more.
    let status = match terminal.client.get("/system").await {
        // A token that is worth nothing is a mistake; none at all is not.
        Err(Failure::Refused(problem))
            if problem.status == 403 || problem.status == 401 && !terminal.client.has_token() =>
        {
            terminal.client.get("/status").await?
        }
        answer => answer?,
    };
    let home_time = terminal.home_time().await;
    let output = &mut terminal.output;
    if output.is_json() {
        return output.json(&status);
    }
    output.line(format_args!(
        "{} ({}), Hearth {}",
        text(&status, "name"),
        text(&status, "hub_id"),
        text(&status, "version")
    ))?;
    let ready = if status["ready"] == true { "ready" } else { "starting" };
    output.line(format_args!("{ready}, {}", if status["state"] == "new" { "not claimed yet" } else { "claimed" }))?;
    let tls = &status["tls"];
    if let (Some(port), Some(fingerprint)) = (tls["port"].as_u64(), tls["fingerprint"].as_str()) {
        output.line(format_args!("https: port {port}, fingerprint {fingerprint}"))?;
    }
    if let Some(fingerprint) = tls["certificate_fingerprint"].as_str() {
        output.line(format_args!("certificate to trust: SHA-256 {fingerprint}"))?;
    }
    if let Some(code) = status["setup_code"].as_str() {
        output.line(format_args!("set-up code: {code}"))?;
    }
    if let (Some(devices), Some(rules)) = (status["devices"].as_u64(), status["automations"].as_u64()) {
        output.line(format_args!("{}, {}", counted(devices as usize, "device"), counted(rules as usize, "rule")))?;
    }
    if let Some(written) = status["store"]["bytes_written_today"].as_u64() {
        output.line(format_args!("{:.1} MB written to the disk today", written as f64 / 1e6))?;
    }
    if let Some(trust) = status["time_trust"].as_str() {
        let trust = CLOCKS.iter().find(|(word, _)| *word == trust).map_or(trust, |(_, sentence)| sentence);
        output.line(format_args!("time: {}, clock: {trust}", home_time.show(&status["time"])))?;
    }
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let alerts = list(&status["alerts"]);
    for trouble in list(&status["store"]["troubles"]) {
        // An alert of the same code says it better.
        if alerts.iter().all(|alert| alert["code"] != trouble["code"]) {
            output.line(format_args!("trouble: {}", text(&trouble, "text")))?;
        }
    }
    let caught_up = &status["caught_up"];
    let counts = ["resumed", "late", "missed"].map(|phase| (phase, caught_up[phase].as_u64().unwrap_or(0)));
    if counts.iter().any(|(_, count)| *count > 0) {
        let counts: Vec<String> = counts.iter().map(|(phase, count)| format!("{count} {phase}")).collect();
        output.line(format_args!("rules after the last stop: {}", counts.join(", ")))?;
        // What goes on as if nothing had been needs nobody.
        for run in list(&caught_up["runs"]).iter().filter(|run| run["phase"] != "resumed") {
            output.line(format_args!("  {} {}: {}", text(run, "phase"), text(run, "name"), text(run, "detail")))?;
        }
    }
    for alert in &alerts {
        output.line(format_args!("{}: {}", text(alert, "severity"), text(alert, "text")))?;
    }
    match status["drivers"].as_array() {
        Some(drivers) if !drivers.is_empty() => {
            output.line("")?;
            super::driver::table(drivers, output)
        }
        _ => Ok(()),
    }
}
