//! An example of every command: shown by its help and its manual page, and tried by a test.

use clap::{Command, CommandFactory};

use super::Arguments;

/// Each command with an example, as they come in the help.
pub const EXAMPLES: [(&str, &str); 98] = [
    ("run", "run --demo"),
    ("status", "status"),
    ("discover", "discover --timeout 3s"),
    ("check-config", "check-config hearth.toml"),
    ("device list", "device list --area Hallway"),
    ("device show", "device show 'Hallway lamp'"),
    ("device set", "device set 'Hallway lamp' on=true brightness=40"),
    ("device rename", "device rename 'Hallway lamp' 'Lamp at the door' --area Hallway"),
    ("device remove", "device remove Sensor"),
    ("device replace", "device replace Sensor 'Hallway lamp'"),
    ("device interview", "device interview Sensor"),
    ("device options", "device options 'Hallway lamp' retain=true transition=2"),
    ("device firmware", "device firmware 'Hallway lamp' --update"),
    ("device history", "device history Sensor temperature --from 2026-11-20T18:00:00Z --resolution 1h"),
    ("area list", "area list"),
    ("area add", "area add Attic --floor top"),
    ("area change", "area change Hallway --name Corridor"),
    ("area remove", "area remove Hallway"),
    ("automation list", "automation list"),
    ("automation show", "automation show Hall"),
    ("automation add", "automation add attic.yaml"),
    ("automation replace", "automation replace Hall hall.yaml"),
    ("automation runs", "automation runs Hall -n 5"),
    ("automation enable", "automation enable Night"),
    ("automation disable", "automation disable Hall"),
    ("automation shadow", "automation shadow Hall"),
    ("automation remove", "automation remove Hall"),
    ("automation edit", "automation edit Hall"),
    ("automation history", "automation history Hall"),
    ("automation diff", "automation diff Hall 3 5"),
    ("automation revert", "automation revert Hall 3"),
    ("automation export", "automation export rules"),
    ("automation import", "automation import rules --dry-run"),
    ("automation check", "automation check attic.yaml"),
    ("automation replay", "automation replay Hall --recorded --from 7d"),
    ("why", "why 'Hallway lamp' on --at 2026-11-20T18:05:00Z"),
    ("why-not", "why-not Hall --at 2026-11-20T18:05:00Z"),
    ("scene list", "scene list"),
    ("scene show", "scene show Film"),
    ("scene activate", "scene activate Film --transition 2s"),
    ("scene undo", "scene undo Film"),
    ("scene add", "scene add scenes.yaml"),
    ("scene capture", "scene capture 'Film night' 'Hallway lamp' Sensor"),
    ("scene remove", "scene remove Film"),
    ("scene history", "scene history Film"),
    ("scene diff", "scene diff Film 1 2"),
    ("scene revert", "scene revert Film 1"),
    ("home", "home"),
    ("home set", "home set mode=night time_zone=Europe/Berlin location=52.52,13.40"),
    ("home zone", "home zone Work 52.5163,13.3777 --radius 150"),
    ("home clock", "home clock 2026-11-21T17:00:00Z"),
    ("people list", "people list"),
    ("people show", "people show anna"),
    ("people change", "people change anna --device Sensor --away-after 30"),
    ("people set", "people set ben away"),
    ("energy", "energy --by hour --from 2026-11-20T00:00:00Z --device Sensor"),
    ("notifications", "notifications --all"),
    ("notifications acknowledge", "notifications acknowledge 12"),
    ("message test", "message test anna"),
    ("message channels", "message channels"),
    ("events", "events -f --device 'Hallway lamp'"),
    ("driver list", "driver list"),
    ("driver discover", "driver discover --timeout 3s"),
    ("driver restart", "driver restart zigbee"),
    ("driver network", "driver network zigbee"),
    ("driver group add", "driver group add zigbee 'All of the hallway'"),
    ("driver group join", "driver group join Sensor 'Hallway lamp' --endpoint l1"),
    ("driver group leave", "driver group leave Sensor 'Hallway lamp' --endpoint l1"),
    ("driver inspect", "driver inspect zigbee2mqtt definitions.jsonl"),
    ("pair", "pair zigbee --time 60s"),
    ("can", "can anna control 'Hallway lamp' on true --at 2026-11-20T20:30:00Z"),
    ("permission list", "permission list"),
    ("permission add", "permission add --who child --allow see,control --area Hallway --between 07:00-20:30"),
    ("permission change", "permission change hall --device 'Hallway lamp' --while-home anna --daily 60"),
    ("permission remove", "permission remove hall"),
    ("permission ready-made", "permission ready-made child off"),
    ("approval ask", "approval ask 'Hallway lamp' on=true"),
    ("approval list", "approval list"),
    ("approval answer", "approval answer 7 once"),
    ("user list", "user list"),
    ("user add", "user add cleo --role guest --expires 2026-11-27T18:00:00Z"),
    ("user show", "user show anna"),
    ("user role", "user role gus adult"),
    ("user remove", "user remove gus"),
    ("user password", "user password anna"),
    ("user invite", "user invite gus"),
    ("user pin", "user pin --host https://hearth.local"),
    ("user recovery-codes", "user recovery-codes --host https://hearth.local"),
    ("login", "login anna --host https://hearth.local"),
    ("logout", "logout"),
    ("session list", "session list --everybody"),
    ("session end", "session end 0c1d2e3f"),
    ("token create", "token create dashboard --scope read --expires 90d"),
    ("token list", "token list --everybody"),
    ("token revoke", "token revoke 1f9a"),
    ("audit", "audit -n 2"),
    ("completions", "completions bash"),
    ("man", "man --out pages"),
];

/// All that can be typed, with the examples.
pub fn command() -> Command {
    with_examples(Arguments::command(), "")
}

fn with_examples(command: Command, path: &str) -> Command {
    let names: Vec<String> = command.get_subcommands().map(|known| known.get_name().to_owned()).collect();
    let command = match EXAMPLES.iter().find(|(named, _)| *named == path) {
        Some((_, example)) => command.after_help(format!("Example: hearth {example}")),
        None => command,
    };
    names.into_iter().fold(command, |command, name| {
        let inner = format!("{path} {name}");
        command.mut_subcommand(name, |known| with_examples(known, inner.trim_start()))
    })
}
