//! `hearth automation edit`: a rule in the editor, as often as it takes.

use std::io::IsTerminal;
use std::path::Path;

use hub_automation::document::parse_yaml;
use hyper::Method;
use serde_json::Value;

use super::Terminal;
use super::automation::{id, report, yaml};
use super::client::{Client, encode};
use super::failure::Failure;
use super::output::text;

/// Opens a rule in the editor and saves what was made of it.
pub(crate) async fn edit(automation: &str, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let id = id(&terminal.client, automation).await?;
    let path = format!("/automations/{}", encode(&id));
    let shown = terminal.client.exchange(Method::GET, &path, None, None).await?;
    let original = yaml(&shown.text).ok_or_else(|| {
        Failure::Failed(format!("{id} cannot be shown as text; see `hearth automation show {id} --json`"))
    })?;
    let file = tempfile::Builder::new().prefix("hearth-").suffix(".yaml").tempfile()?;
    let failed = |source| Failure::File { file: file.path().to_owned(), source };
    std::fs::write(file.path(), &original).map_err(failed)?;
    loop {
        open_editor(file.path()).await?;
        let edited = std::fs::read_to_string(file.path()).map_err(failed)?;
        if edited == original {
            return terminal.output.done(&serde_json::json!({ "changed": false }), "nothing was changed");
        }
        match save(&terminal.client, &id, &path, &edited, shown.tag.as_deref()).await {
            Ok(rule) => {
                terminal.output.done(&rule, format_args!("{id} is changed; this is revision {}", rule["revision"]))?;
                return say_findings(&rule, terminal).await;
            }
            Err(failure) => {
                let asks = is_mistake(&failure) && !terminal.yes && std::io::stdin().is_terminal();
                if asks {
                    terminal.say(&failure.to_string()).await?;
                    if wants_again(terminal).await? {
                        continue;
                    }
                }
                let (_, kept) = file.keep().map_err(|error| error.error)?;
                terminal.say(&format!("Nothing was saved. What you wrote is in {}.", kept.display())).await?;
                // What was said is not said twice.
                return Err(if asks { Failure::Failed("nothing was saved".to_owned()) } else { failure });
            }
        }
    }
}

async fn save(client: &Client, id: &str, path: &str, text: &str, version: Option<&str>) -> Result<Value, Failure> {
    let document = parse_yaml(text).map_err(|findings| Failure::Usage(report(Path::new("your text"), &findings)))?;
    if document.id().is_some_and(|other| other != id) {
        return Err(Failure::Usage(format!("the id stays {id:?}; another rule is added with `hearth automation add`")));
    }
    let saved = client.exchange(Method::PUT, path, Some(document.to_json()), version).await?;
    Ok(serde_json::from_str(&saved.text).unwrap_or_default())
}

/// Whether the person can mend it by editing on.
fn is_mistake(failure: &Failure) -> bool {
    match failure {
        Failure::Usage(_) => true,
        Failure::Refused(problem) => problem.status == 422,
        _ => false,
    }
}

async fn wants_again(terminal: &mut Terminal<'_>) -> Result<bool, Failure> {
    let answer = terminal.ask("Edit again? [Y/n]").await?;
    Ok(!matches!(answer.trim(), "n" | "N" | "no"))
}

/// What the hub says of a rule that it has saved all the same.
async fn say_findings(rule: &Value, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    for finding in rule["findings"].as_array().into_iter().flatten() {
        let words = ["severity", "code", "path", "message"].map(|field| text(finding, field));
        terminal.say(&format!("{} {} {}: {}", words[0], words[1], words[2], words[3])).await?;
    }
    Ok(())
}

/// The editor may have arguments of its own, and is found as a shell finds it.
async fn open_editor(file: &Path) -> Result<(), Failure> {
    let named = |name| std::env::var(name).ok().filter(|editor: &String| !editor.trim().is_empty());
    let editor = named("VISUAL").or_else(|| named("EDITOR")).unwrap_or_else(|| "vi".to_owned());
    let mut shell = tokio::process::Command::new("/bin/sh");
    shell.arg("-c").arg(format!("{editor} \"$@\"")).arg(&editor).arg(file);
    let status =
        shell.status().await.map_err(|error| Failure::Failed(format!("no shell could be started ({error})")))?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::Failed(format!("the editor {editor:?} failed ({status}); name another one in EDITOR")))
}
