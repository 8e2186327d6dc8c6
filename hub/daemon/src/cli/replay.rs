//! `hearth automation replay`: rules of files run against recorded events in virtual time, without a hub.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;

use hub_automation::World;
use hub_automation::replay::{Line, LogEvent, Replay, parse_line, person_of, record_of};
use hub_model::Timestamp;
use hub_model::zone::Zone;

use super::arguments::ReplayArguments;
use super::failure::Failure;
use super::output::Output;
use super::rule_files::{RuleFiles, has_errors, site};

pub(crate) fn replay(arguments: &ReplayArguments, output: &mut Output<'_>) -> Result<(), Failure> {
    let files = RuleFiles::read(&arguments.paths, &[])?;
    let mut home = files.home(arguments.home.as_deref())?;
    let checked = files.check(&home);
    if has_errors(files.findings.iter().map(|(_, finding)| finding).chain(&checked)) {
        let said: Vec<String> = files
            .findings
            .iter()
            .map(|(file, finding)| format!("{}: {} {}", file.display(), finding.path, finding.message))
            .chain(checked.iter().filter(|finding| has_errors(std::iter::once(*finding))).map(|finding| {
                let rule = finding.automations.first().map_or("", |rule| rule.as_str());
                format!("{rule}: {} {}", finding.path, finding.message)
            }))
            .collect();
        return Err(Failure::Failed(format!("these rules cannot run:\n  {}", said.join("\n  "))));
    }
    let Some(events) = &arguments.events else {
        return Err(Failure::Usage("say what happened with --events FILE".to_owned()));
    };
    let site = site(&arguments.tz, arguments.location.as_deref())?;
    let until = arguments.until.as_deref().map(|text| time(text, &site.zone)).transpose()?;

    // All people are known from the beginning: whether everyone is away depends on it.
    each_event(events, |event| {
        if let Some(person) = person_of(&event.happening) {
            home.put_person(person, None, Timestamp::default());
        }
        Ok(())
    })?;
    let records = files.rules.iter().map(|rule| record_of(&rule.document, &rule.id, &home)).collect();
    let mut replay = Replay::new(home, records, site.clone());
    let for_people = output.is_for_people();
    let mut writer = std::io::BufWriter::new(output.writer());
    each_event(events, |event| {
        if until.is_none_or(|until| event.at <= until) {
            replay.happen(event.at, event.happening);
            print(&mut replay, for_people, &site.zone, &mut writer)?;
        }
        Ok(())
    })?;
    if let Some(until) = until {
        replay.begin(until);
        replay.advance_to(until);
        print(&mut replay, for_people, &site.zone, &mut writer)?;
    }
    Ok(writer.flush()?)
}

/// Reads a log line by line; it may be of any length.
fn each_event(file: &Path, mut take: impl FnMut(LogEvent) -> Result<(), Failure>) -> Result<(), Failure> {
    let failed = |source| Failure::File { file: file.to_owned(), source };
    let mut reader = BufReader::new(File::open(file).map_err(failed)?);
    let mut line = String::new();
    let mut number = 0_u64;
    let mut last = None;
    loop {
        line.clear();
        number += 1;
        if reader.read_line(&mut line).map_err(failed)? == 0 {
            return Ok(());
        }
        let text = line.trim();
        if text.is_empty() {
            continue;
        }
        let event =
            parse_line(text).map_err(|error| Failure::Failed(format!("{}, line {number}: {error}", file.display())))?;
        if last.is_some_and(|last| event.at < last) {
            let message =
                format!("{}, line {number}: it lies before the line above; sort them by time", file.display());
            return Err(Failure::Failed(message));
        }
        last = Some(event.at);
        take(event)?;
    }
}

/// An instant, or a local time of the zone.
fn time(text: &str, zone: &Zone) -> Result<Timestamp, Failure> {
    let local = || zone.instant(text.parse().ok()?);
    text.parse().ok().or_else(local).ok_or_else(|| {
        Failure::Usage(format!("{text:?} is no time; write it like 2026-11-20T18:00:00Z or 2026-11-20T18:00"))
    })
}

fn print(replay: &mut Replay, for_people: bool, zone: &Zone, writer: &mut dyn Write) -> Result<(), Failure> {
    let lines: Vec<Line> = replay.take_lines().collect();
    for line in lines {
        if for_people {
            writeln!(writer, "{}", sentence(&line, replay.home(), zone))?;
        } else {
            writeln!(writer, "{}", line.to_json())?;
        }
    }
    Ok(())
}

/// A line for people.
fn sentence(line: &Line, home: &dyn World, zone: &Zone) -> String {
    let local = zone.local(line.at);
    let what = line.deed.in_words(home);
    format!(
        "{} {:02}:{:02}:{:02}  {}  {what}",
        local.date(),
        local.hour(),
        local.minute(),
        local.second(),
        line.automation
    )
}
