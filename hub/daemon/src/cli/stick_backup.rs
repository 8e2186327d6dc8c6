//! `hearth driver backup` and `hearth driver restore`: what a stick remembers, as a file.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::Terminal;
use super::client::encode;
use super::driver::driver_id;
use super::failure::Failure;
use super::output::text;

pub(crate) async fn back_up(driver: &str, file: &Path, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let id = driver_id(driver, terminal).await?;
    let failed = |source| Failure::File { file: file.to_owned(), source };
    // A backup is never put in the place of another, and what is in it is nobody else's business.
    let mut opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file).map_err(failed)?;
    let done = async {
        terminal.say("The stick is read; the radio is silent for up to a minute or two…").await?;
        let backup = terminal.client.post(&format!("/drivers/{}/backup", encode(&id)), &json!({})).await?;
        let bytes = STANDARD.decode(text(&backup, "image")).ok().filter(|bytes| !bytes.is_empty());
        let bytes = bytes.ok_or_else(|| Failure::Failed("the hub answered with no backup".to_owned()))?;
        opened.write_all(&bytes).and_then(|()| opened.sync_all()).map_err(failed)?;
        Ok(bytes.len())
    };
    let bytes = match done.await {
        Ok(bytes) => bytes,
        Err(error) => {
            // Nothing is in it.
            let _ = std::fs::remove_file(file);
            return Err(error);
        }
    };
    let told = json!({ "driver": id, "file": file, "bytes": bytes });
    terminal.output.done(&told, format_args!("{bytes} bytes of the stick of {id} are in {}", file.display()))
}

pub(crate) async fn restore(driver: &str, file: &Path, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let id = driver_id(driver, terminal).await?;
    let image = image(file)?;
    let question = format!("Write {} into the stick of {id}, in the place of all that it remembers?", file.display());
    terminal.confirm(&question).await?;
    terminal.say("The stick is written; leave it plugged in…").await?;
    terminal.client.put(&format!("/drivers/{}/backup", encode(&id)), &json!({ "image": image })).await?;
    terminal.output.done(&json!({ "restored": id }), format_args!("the stick of {id} is written and starts again"))
}

/// A file as the API takes it.
pub(crate) fn image(file: &Path) -> Result<String, Failure> {
    let bytes = std::fs::read(file).map_err(|source| Failure::File { file: file.to_owned(), source })?;
    Ok(STANDARD.encode(bytes))
}
