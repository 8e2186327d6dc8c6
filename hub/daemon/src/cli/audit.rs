//! `hearth audit`

use serde_json::Value;

use super::Terminal;
use super::failure::Failure;
use super::output::text;

/// The most entries of one answer.
const PAGE: usize = 1_000;

/// Lists the latest entries, or checks the whole log.
pub(crate) async fn execute(lines: u32, verify: bool, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    if verify {
        return check(terminal).await;
    }
    let entries = latest(lines as usize, terminal).await?;
    let home_time = terminal.home_time().await;
    terminal.output.list(&entries, ["TIME", "WHO", "ACTION", "WHAT", "FROM", "OUTCOME", "DETAIL"], |entry| {
        let name = text(entry, "name");
        [
            home_time.show(&entry["at"]),
            if name.is_empty() { text(entry, "who") } else { name },
            text(entry, "action"),
            text(entry, "what"),
            text(entry, "source"),
            text(entry, "outcome"),
            text(entry, "detail"),
        ]
    })
}

/// The newest entries, newest first.
async fn latest(lines: usize, terminal: &Terminal<'_>) -> Result<Vec<Value>, Failure> {
    let (mut entries, mut cursor) = (Vec::new(), String::new());
    while entries.len() < lines {
        let limit = (lines - entries.len()).min(PAGE);
        let page = terminal.client.get(&format!("/audit?limit={limit}{cursor}")).await?;
        entries.extend(page["items"].as_array().cloned().unwrap_or_default());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    Ok(entries)
}

async fn check(terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let found = terminal.client.get("/audit/check").await?;
    let entries = match found["entries"].as_u64() {
        Some(1) => "1 entry".to_owned(),
        count => format!("{} entries", count.unwrap_or(0)),
    };
    if found["whole"] == true {
        return terminal.output.done(&found, format_args!("the audit log is whole: {entries}"));
    }
    if terminal.output.is_json() {
        terminal.output.json(&found)?;
    }
    Err(Failure::Failed(format!(
        "the audit log is not whole: entry {} was changed or is missing ({entries} before it are as they were written)",
        found["broken_at"]
    )))
}
