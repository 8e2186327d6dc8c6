//! A file that lets an owner in again who has lost the password: whoever can put it there has the hub in hand.

use std::io::{ErrorKind, Read};
use std::path::Path;
use std::time::UNIX_EPOCH;

use hub_api::Api;
use hub_model::Timestamp;

/// No request is longer.
const LENGTH_MAX: u64 = 4_096;

/// Looks for the file once, and takes it away. One that cannot be taken away is heard once.
pub async fn look(file: &Path, api: &Api) {
    let (request, written_at) = match read(file) {
        Ok(found) => found,
        Err(error) if error.kind() == ErrorKind::NotFound => return,
        Err(error) => {
            tracing::warn!(file = %file.display(), %error, "The recovery file could not be read.");
            return;
        }
    };
    match api.recover(&request, written_at).await {
        Ok(Some(_)) => {
            tracing::warn!(file = %file.display(), "A recovery file was found: an owner can set a new password with the set-up code, today and once.");
        }
        Ok(None) => tracing::info!(file = %file.display(), "The recovery file asks for nothing new."),
        Err(problem) => {
            tracing::error!(file = %file.display(), error = problem.detail, "The recovery could not be written down; start the hub again to try it once more.");
            return;
        }
    }
    if let Err(error) = std::fs::remove_file(file) {
        tracing::warn!(file = %file.display(), %error, "The recovery file could not be taken away; it is not heard again.");
    }
}

/// What it says, and when it was written.
fn read(file: &Path) -> std::io::Result<(String, Timestamp)> {
    let opened = std::fs::File::open(file)?;
    let written = opened.metadata()?.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut bytes = Vec::new();
    opened.take(LENGTH_MAX).read_to_end(&mut bytes)?;
    Ok((String::from_utf8_lossy(&bytes).trim().to_owned(), Timestamp(0).plus(written)))
}
