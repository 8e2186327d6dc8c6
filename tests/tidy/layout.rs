//! Where things stand: the top level, the map of the house, what every package inherits.

use std::fs;

use crate::workspace::{assert_none, metadata, root};

/// What stands at the top level, beside files whose name begins with a dot.
const TOP_LEVEL: &[&str] = &[
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "Makefile",
    "README.md",
    "SECURITY.md",
    "clippy.toml",
    "cloud-sync",
    "cross",
    "drivers",
    "hub",
    "image",
    "rustfmt.toml",
    "systemd",
    "target",
    "tests",
];

/// Files that a newcomer looks for.
const MUST_BE_THERE: &[&str] = &[
    ".ci/run",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "SECURITY.md",
    "hub/docs/decisions/README.md",
];

#[test]
fn the_top_level_is_fixed() {
    let offences: Vec<String> = fs::read_dir(root())
        .expect("the project's folder can be read")
        .map(|entry| entry.expect("an entry can be read").file_name().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with('.') && !TOP_LEVEL.contains(&name.as_str()))
        .collect();
    assert_none("files that have no place at the top level", &offences);
}

#[test]
fn what_a_newcomer_looks_for_is_there() {
    let offences: Vec<String> =
        MUST_BE_THERE.iter().filter(|path| !root().join(path).is_file()).map(|path| (*path).to_owned()).collect();
    assert_none("files that are missing", &offences);
}

#[test]
fn every_package_is_on_the_map() {
    let map = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md can be read");
    let metadata = metadata();
    let offences: Vec<String> = metadata
        .workspace_packages()
        .iter()
        .filter(|package| {
            let folder = package.manifest_path.parent().and_then(|folder| folder.strip_prefix(root().to_str()?).ok());
            !map.contains(&format!("`{}`", package.name)) || !folder.is_some_and(|folder| map.contains(folder.as_str()))
        })
        .map(|package| package.name.to_string())
        .collect();
    assert_none("packages that ARCHITECTURE.md does not name with their folder", &offences);
}

#[test]
fn every_package_inherits_lints_licence_and_edition() {
    let mut offences = Vec::new();
    for package in metadata().workspace_packages() {
        let text = fs::read_to_string(&package.manifest_path).expect("a manifest can be read");
        let manifest: toml::Table = text.parse().expect("a manifest is TOML");
        let inherited = |path: [&str; 3]| {
            let table = manifest.get(path[0])?;
            let value = if path[1].is_empty() { table } else { table.get(path[1])? };
            value.get(path[2])?.as_bool()
        };
        for path in [
            ["lints", "", "workspace"],
            ["package", "license", "workspace"],
            ["package", "edition", "workspace"],
            ["package", "rust-version", "workspace"],
        ] {
            if inherited(path) != Some(true) {
                offences.push(format!("{}: {} {} is not the workspace's", package.name, path[0], path[1]));
            }
        }
    }
    assert_none("packages that go their own way", &offences);
}

#[test]
fn a_package_has_one_binary_of_integration_tests() {
    let metadata = metadata();
    let offences: Vec<String> = metadata
        .workspace_packages()
        .iter()
        .filter(|package| package.name.as_str() != "hub-tests")
        .filter(|package| package.targets.iter().filter(|target| target.is_test()).count() > 1)
        .map(|package| package.name.to_string())
        .collect();
    assert_none("packages with several binaries of integration tests; linking each takes time", &offences);
}
