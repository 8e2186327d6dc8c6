//! Rules, devices and events in files, for what works without a hub.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use hub_automation::analysis::{CheckFinding, RuleOfSet};
use hub_automation::document::set::{Member, Spelling, parse_each};
use hub_automation::replay::{SimulatedHome, Site, devices, failed_tests};
use hub_automation::{Document, Finding};
use hub_model::AutomationId;
use hub_model::Said;
use hub_model::event::Severity;
use hub_model::household::{Home, Location};
use hub_model::name::AUTOMATIONS;
use hub_model::zone::Zone;
use serde_json::Value;

use super::failure::Failure;

/// How large a file with devices may be.
const MAX_DEVICES_BYTES: u64 = 64 * 1024 * 1024;
/// How deep folders are looked into.
const MAX_FOLDERS: usize = 8;

/// A rule and where it was found.
pub(crate) struct RuleFile {
    pub(crate) file: PathBuf,
    /// Its own id, that of the rule of the hub that is called so, or one that is free.
    pub(crate) id: AutomationId,
    /// With this id.
    pub(crate) document: Document,
    /// As it stands in the file.
    pub(crate) written: Document,
}

/// Rules of files, and what is wrong with those that cannot be read.
#[derive(Default)]
pub(crate) struct RuleFiles {
    pub(crate) rules: Vec<RuleFile>,
    pub(crate) findings: Vec<(PathBuf, CheckFinding)>,
}

impl RuleFiles {
    /// Reads files, and folders with all the YAML and JSON below them; `-` is the standard input. `known` are the rules
    /// of a hub.
    pub(crate) fn read(paths: &[PathBuf], known: &[Value]) -> Result<Self, Failure> {
        let mut files = Vec::new();
        for path in paths {
            collect(path, 0, &mut files)?;
        }
        let mut members: Vec<(PathBuf, Member)> = Vec::new();
        let mut read = Self::default();
        for file in files {
            let text = read_text(&file)?;
            match parse_each(&text, spelling(&file)) {
                Ok(rules) => members.extend(rules.into_iter().map(|member| (file.clone(), member))),
                Err(findings) => read.wrong(&file, &findings, None),
            }
        }
        let given = members.iter().filter_map(|(_, member)| member.id.as_deref());
        let mut taken: BTreeSet<AutomationId> =
            given.chain(known.iter().filter_map(|rule| rule["id"].as_str())).map(AutomationId::from).collect();
        let mut seen = BTreeSet::new();
        for (file, member) in members {
            let id = match member.id {
                Some(id) => AutomationId::from(id),
                None => {
                    let name = member.name.as_deref().unwrap_or_default();
                    let free = || AUTOMATIONS.free_id(name, |id| taken.contains(id)).into();
                    called(name, known).map_or_else(free, AutomationId::from)
                }
            };
            taken.insert(id.clone());
            if !seen.insert(id.clone()) {
                let message = format!("another rule has the id {:?} too; give each its own", id.as_str());
                read.wrong(
                    &file,
                    &[Finding::new("bad_value", "id", None, Said::new("same_id", message).with("id", &id))],
                    Some(&id),
                );
                continue;
            }
            match member.document {
                Ok(written) => {
                    read.rules.push(RuleFile { file, document: written.clone().with_id(&id), id, written });
                }
                Err(findings) => read.wrong(&file, &findings, Some(&id)),
            }
        }
        Ok(read)
    }

    fn wrong(&mut self, file: &Path, findings: &[Finding], automation: Option<&AutomationId>) {
        let findings = findings.iter().map(|finding| (file.to_owned(), CheckFinding::of(finding, automation)));
        self.findings.extend(findings);
    }

    /// A finding as JSON, with its place in a file where it has one.
    pub(crate) fn placed(&self, mut finding: Value) -> Value {
        let first = finding["automations"][0].as_str();
        let Some(rule) = self.rules.iter().find(|rule| Some(rule.id.as_str()) == first) else { return finding };
        let path = finding["path"].as_str().unwrap_or_default();
        if let Some(position) = rule.document.position_at(path) {
            finding["line"] = position.line.into();
            finding["column"] = position.column.into();
        }
        finding["file"] = rule.file.display().to_string().into();
        finding
    }

    /// What is wrong with what cannot be read, as JSON.
    pub(crate) fn unreadable(&self) -> Vec<Value> {
        let placed = |(file, finding): &(PathBuf, CheckFinding)| {
            let mut finding = finding.to_json();
            finding["file"] = file.display().to_string().into();
            finding
        };
        self.findings.iter().map(placed).collect()
    }

    /// The home that is described in a file, or one that is made of what the rules say.
    pub(crate) fn home(&self, described: Option<&Path>) -> Result<SimulatedHome, Failure> {
        let Some(file) = described else {
            let documents: Vec<Document> = self.rules.iter().map(|rule| rule.document.clone()).collect();
            return Ok(SimulatedHome::inferred(&documents));
        };
        let failed = |source| Failure::File { file: file.to_owned(), source };
        if std::fs::metadata(file).map_err(failed)?.len() > MAX_DEVICES_BYTES {
            return Err(Failure::Failed(format!("{} is larger than 64 MiB; is it a list of devices?", file.display())));
        }
        let text = std::fs::read_to_string(file).map_err(failed)?;
        let listed = devices(&text).map_err(|error| Failure::Failed(format!("{}: {error}", file.display())))?;
        let mut states = Vec::new();
        let mut records = Vec::new();
        for (record, availability, known) in listed {
            let device = record.device.id.clone();
            states.extend(known.into_iter().map(|(endpoint, name, value)| (device.clone(), endpoint, name, value)));
            records.push((record, availability));
        }
        let mut home = SimulatedHome::of(records, Home::default());
        for (device, endpoint, name, value) in states {
            if !value.is_unknown() {
                let endpoint = hub_model::device::EndpointSelector::Number(endpoint);
                home.know(device.as_str(), Some(&endpoint), &name, &value, hub_model::Timestamp::default());
            }
        }
        Ok(home)
    }

    /// Everything that is wrong with the rules in this home.
    pub(crate) fn check(&self, home: &SimulatedHome) -> Vec<CheckFinding> {
        let rules: Vec<RuleOfSet<'_>> =
            self.rules.iter().map(|rule| RuleOfSet { id: &rule.id, document: &rule.document }).collect();
        hub_automation::analysis::check(&rules, home)
    }

    /// The tests of these rules that fail in this home, of each rule that can run.
    pub(crate) fn failed_tests(
        &self,
        home: &SimulatedHome,
        site: &Site,
        checked: &[CheckFinding],
    ) -> Vec<CheckFinding> {
        let is_broken = |rule: &RuleFile| {
            has_errors(checked.iter().filter(|finding| finding.automations.first() == Some(&rule.id)))
        };
        self.rules
            .iter()
            .filter(|rule| !is_broken(rule))
            .flat_map(|rule| failed_tests(&rule.document, &rule.id, home, site))
            .collect()
    }
}

/// Where the home of the files lies: what `--tz` and `--location` say.
pub(crate) fn site(zone: &str, location: Option<&str>) -> Result<Site, Failure> {
    let zone = Zone::named(zone).map_err(|error| Failure::Usage(error.to_string()))?;
    let location = location.map(self::location).transpose()?;
    Ok(Site { zone, location })
}

fn location(text: &str) -> Result<Location, Failure> {
    let parsed = text.split_once(',').and_then(|(latitude, longitude)| {
        let location = Location { latitude: latitude.trim().parse().ok()?, longitude: longitude.trim().parse().ok()? };
        (location.latitude.abs() <= 90.0 && location.longitude.abs() <= 180.0).then_some(location)
    });
    parsed.ok_or_else(|| Failure::Usage(format!("{text:?} is no place; write it like 52.52,13.40")))
}

/// Whether anything found is an error.
pub(crate) fn has_errors<'f>(mut findings: impl Iterator<Item = &'f CheckFinding>) -> bool {
    findings.any(|finding| finding.severity == Severity::Error)
}

/// The id of the one rule of a hub that is called so.
fn called<'k>(name: &str, known: &'k [Value]) -> Option<&'k str> {
    let mut called = known.iter().filter(|rule| rule["name"] == name).filter_map(|rule| rule["id"].as_str());
    called.next().filter(|_| called.next().is_none())
}

fn read_text(file: &Path) -> Result<String, Failure> {
    let failed = |source| Failure::File { file: file.to_owned(), source };
    if is_standard_input(file) {
        return std::io::read_to_string(std::io::stdin()).map_err(failed);
    }
    std::fs::read_to_string(file).map_err(failed)
}

fn is_standard_input(file: &Path) -> bool {
    file == Path::new("-")
}

fn spelling(file: &Path) -> Spelling {
    if file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json")) {
        Spelling::Json
    } else {
        Spelling::Yaml
    }
}

fn is_rules(file: &Path) -> bool {
    let extension = file.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase());
    matches!(extension.as_deref(), Some("yaml" | "yml" | "json"))
}

fn collect(path: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let failed = |source| Failure::File { file: path.to_owned(), source };
    if is_standard_input(path) {
        files.push(path.to_owned());
        return Ok(());
    }
    if !std::fs::metadata(path).map_err(failed)?.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    if depth >= MAX_FOLDERS {
        return Err(Failure::Failed(format!("{}: the folders lie too deep in one another", path.display())));
    }
    let mut entries: Vec<PathBuf> = std::fs::read_dir(path)
        .map_err(failed)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()
        .map_err(failed)?;
    entries.sort();
    for entry in entries {
        if entry.is_dir() || is_rules(&entry) {
            collect(&entry, depth + 1, files)?;
        }
    }
    Ok(())
}
