//! `hearth automation export` and `import`: all rules in a folder, for people who keep theirs with git.

use std::collections::BTreeSet;
use std::path::Path;

use hub_automation::Document;
use hub_automation::replay::{SimulatedHome, devices};
use hub_model::household::{Area, Home};
use hyper::Method;
use serde_json::{Value, json};

use super::Terminal;
use super::automation::{document_of, yaml};
use super::check;
use super::client::{Client, encode};
use super::failure::Failure;
use super::find;
use super::output::counted;
use super::rule_files::{RuleFile, RuleFiles};

/// Writes each rule to a file of its own.
pub(crate) async fn export(folder: &Path, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    std::fs::create_dir_all(folder).map_err(|source| Failure::File { file: folder.to_owned(), source })?;
    let (mut items, mut written) = (Vec::new(), 0);
    for rule in terminal.client.items("/automations").await? {
        let id = find::id(&rule);
        let shown = terminal.client.request(Method::GET, &format!("/automations/{}", encode(&id)), None).await?;
        let Some(yaml) = yaml(&shown) else {
            return Err(Failure::Failed(format!("{id} cannot be shown as text")));
        };
        let file = folder.join(file_name(&id));
        let is_new = std::fs::read(&file).ok().is_none_or(|old| old != yaml.as_bytes());
        if is_new {
            std::fs::write(&file, yaml).map_err(|source| Failure::File { file: file.clone(), source })?;
            written += 1;
            if !terminal.output.is_json() {
                terminal.output.line(format_args!("wrote {}", file.display()))?;
            }
        }
        items.push(json!({ "id": id, "file": file.display().to_string(), "written": is_new }));
    }
    let count = items.len();
    let sentence = format!("{}: {written} written, {} as they were", counted(count, "rule"), count - written);
    terminal.output.done(&json!({ "items": items }), sentence)
}

/// An id as the name of a file.
fn file_name(id: &str) -> String {
    let plain = |(at, byte): (usize, u8)| {
        let keeps = byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_' || (byte == b'.' && at > 0);
        if keeps { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    id.bytes().enumerate().map(|(at, byte)| plain((at, byte))).collect::<String>() + ".yaml"
}

/// How an import goes about it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Import {
    /// Only say what would be done.
    pub(crate) dry_run: bool,
    /// Remove rules that are not in the folder.
    pub(crate) delete: bool,
}

/// What is to be done with a rule.
#[derive(Debug)]
enum Deed {
    Add,
    /// On top of this version.
    Replace(Option<String>),
    Leave,
    Remove(Option<String>),
}

impl Deed {
    fn word(&self, dry_run: bool) -> &'static str {
        match (self, dry_run) {
            (Self::Add, false) => "added",
            (Self::Add, true) => "would add",
            (Self::Replace(_), false) => "replaced",
            (Self::Replace(_), true) => "would replace",
            (Self::Leave, _) => "unchanged",
            (Self::Remove(_), false) => "removed",
            (Self::Remove(_), true) => "would remove",
        }
    }
}

struct Task {
    id: String,
    deed: Deed,
    document: Option<Document>,
}

/// Makes the hub's rules those of a folder.
pub(crate) async fn import(folder: &Path, import: Import, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let known = terminal.client.items("/automations").await?;
    let files = RuleFiles::read(&[folder.to_owned()], &known)?;
    if !files.findings.is_empty() {
        for finding in files.unreadable() {
            terminal.say(&check::sentence(&finding)).await?;
        }
        return Err(Failure::Failed("nothing was imported; mend what is named above first".to_owned()));
    }
    if files.rules.is_empty() {
        return Err(Failure::Failed(format!("there are no rules in {}; nothing was done", folder.display())));
    }
    // What nobody has saved yet is checked here; a save is checked by the hub.
    let wrong = if import.dry_run { check::findings_of_hub(&files, &terminal.client).await? } else { Vec::new() };
    let tasks = plan(&terminal.client, files.rules, &known, import.delete).await?;
    let removed: Vec<&str> =
        tasks.iter().filter(|task| matches!(task.deed, Deed::Remove(_))).map(|task| task.id.as_str()).collect();
    if !removed.is_empty() && !import.dry_run {
        terminal.confirm(&format!("Remove what is not in {}: {}?", folder.display(), removed.join(", "))).await?;
    }
    let mut items = Vec::new();
    let refused = if import.dry_run {
        foresee(tasks, &wrong, &mut items, terminal).await?
    } else {
        carry_out(tasks, &mut items, terminal).await?
    };
    let count = |word: &str| items.iter().filter(|item| item["outcome"] == word).count();
    let word = |deed: Deed| count(deed.word(import.dry_run));
    let sentence = format!(
        "{}{} added, {} replaced, {} removed, {} unchanged, {refused} refused",
        if import.dry_run { "nothing was done; it would be: " } else { "" },
        word(Deed::Add),
        word(Deed::Replace(None)),
        word(Deed::Remove(None)),
        word(Deed::Leave),
    );
    terminal.output.done(&json!({ "items": items, "dry_run": import.dry_run }), sentence)?;
    if refused > 0 {
        let (rules, were) = (counted(refused, "rule"), if import.dry_run { "would be" } else { "were" });
        return Err(Failure::Failed(format!("{rules} {were} refused; mend what is named and import again")));
    }
    Ok(())
}

/// Compares the folder with the hub.
async fn plan(client: &Client, rules: Vec<RuleFile>, known: &[Value], delete: bool) -> Result<Vec<Task>, Failure> {
    let home = home(client).await?;
    let known: BTreeSet<String> = known.iter().map(find::id).collect();
    let wanted: BTreeSet<String> = rules.iter().map(|rule| rule.id.as_str().to_owned()).collect();
    let mut tasks = Vec::new();
    for rule in rules {
        let id = rule.id.as_str().to_owned();
        let deed = if known.contains(&id) {
            let shown = client.exchange(Method::GET, &format!("/automations/{}", encode(&id)), None, None).await?;
            // The hub keeps ids where people write names.
            let same = document_of(&shown.text) == Some(rule.document.resolved(&home).to_json());
            if same { Deed::Leave } else { Deed::Replace(shown.tag) }
        } else {
            Deed::Add
        };
        tasks.push(Task { id, deed, document: Some(rule.document) });
    }
    for id in known.difference(&wanted).filter(|_| delete) {
        let shown = client.exchange(Method::GET, &format!("/automations/{}", encode(id)), None, None).await?;
        tasks.push(Task { id: id.clone(), deed: Deed::Remove(shown.tag), document: None });
    }
    Ok(tasks)
}

/// The hub's devices and rooms, to know what names mean.
pub(super) async fn home(client: &Client) -> Result<SimulatedHome, Failure> {
    let listed = Value::from(client.items("/devices").await?).to_string();
    let listed = devices(&listed).map_err(|error| Failure::Failed(error.to_string()))?;
    let records = listed.into_iter().map(|(record, availability, _)| (record, availability)).collect();
    let areas = client.items("/areas").await?.into_iter();
    let areas: Vec<Area> = areas.filter_map(|area| serde_json::from_value(area).ok()).collect();
    Ok(SimulatedHome::of(records, Home::default()).with_areas(areas))
}

/// Says what would be done, and gives how many rules the hub would refuse.
async fn foresee(
    tasks: Vec<Task>,
    findings: &[Value],
    items: &mut Vec<Value>,
    terminal: &mut Terminal<'_>,
) -> Result<usize, Failure> {
    let mut refused = 0;
    for task in tasks {
        let is_changed = !matches!(task.deed, Deed::Leave);
        let is_wrong = |finding: &&Value| check::is_error(finding) && finding["automations"][0] == task.id.as_str();
        let wrong: Vec<&Value> = findings.iter().filter(|finding| is_changed && is_wrong(finding)).collect();
        let word = if wrong.is_empty() { task.deed.word(true) } else { "would be refused" };
        if is_changed && !terminal.output.is_json() {
            terminal.output.line(format_args!("{word} {}", task.id))?;
        }
        for finding in &wrong {
            terminal.say(&check::sentence(finding)).await?;
        }
        refused += usize::from(!wrong.is_empty());
        items.push(if wrong.is_empty() {
            json!({ "id": task.id, "outcome": word })
        } else {
            json!({ "id": task.id, "outcome": word, "findings": wrong })
        });
    }
    Ok(refused)
}

/// Does it, and gives how many rules the hub refused. A rule may speak of another that comes later: what is refused is
/// tried again as long as others are taken.
async fn carry_out(
    mut tasks: Vec<Task>,
    items: &mut Vec<Value>,
    terminal: &mut Terminal<'_>,
) -> Result<usize, Failure> {
    let mut refusals = Vec::new();
    loop {
        let before = tasks.len();
        let mut refused = Vec::new();
        refusals.clear();
        for task in tasks {
            match carry_out_one(&terminal.client, &task).await {
                Ok(()) => {
                    let word = task.deed.word(false);
                    if !terminal.output.is_json() && !matches!(task.deed, Deed::Leave) {
                        terminal.output.line(format_args!("{word} {}", task.id))?;
                    }
                    items.push(json!({ "id": task.id, "outcome": word }));
                }
                Err(Failure::Refused(problem)) if matches!(problem.status, 409 | 412 | 422) => {
                    refusals.push(problem);
                    refused.push(task);
                }
                Err(failure) => return Err(failure),
            }
        }
        if refused.is_empty() || refused.len() == before {
            for (task, problem) in refused.iter().zip(&refusals) {
                terminal.say(&format!("{}: {problem}", task.id)).await?;
                items.push(json!({ "id": task.id, "outcome": "refused", "problem": problem.body }));
            }
            return Ok(refused.len());
        }
        tasks = refused;
    }
}

async fn carry_out_one(client: &Client, task: &Task) -> Result<(), Failure> {
    let path = format!("/automations/{}", encode(&task.id));
    let body = task.document.as_ref().map(Document::to_json);
    match &task.deed {
        Deed::Leave => Ok(()),
        Deed::Add => client.request(Method::PUT, &path, body).await.map(drop),
        Deed::Replace(version) => client.exchange(Method::PUT, &path, body, version.as_deref()).await.map(drop),
        Deed::Remove(version) => client.exchange(Method::DELETE, &path, None, version.as_deref()).await.map(drop),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_the_name_of_one_file() {
        let table = [
            ("hallway-light", "hallway-light.yaml"),
            ("a/b", "a%2Fb.yaml"),
            ("..", "%2E..yaml"),
            ("Küche 1.5", "K%C3%BCche%201.5.yaml"),
        ];
        for (id, name) in table {
            assert_eq!(file_name(id), name);
        }
    }
}
