//! What the other modules look at: the packages, who depends on whom, and the project's own files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::{CargoOpt, DependencyKind, Metadata, MetadataCommand};

/// The folder of the whole project.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests lie in the project").to_path_buf()
}

/// Packages and what they resolve to, on the machines that a hub runs on.
pub(crate) fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .features(CargoOpt::AllFeatures)
        .other_options(
            ["--filter-platform", "aarch64-unknown-linux-gnu", "--filter-platform", "x86_64-unknown-linux-gnu"]
                .map(String::from),
        )
        .exec()
        .expect("cargo metadata answers")
}

/// Who depends directly on whom, by package name; build and test dependencies left out.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    pub(crate) direct: BTreeMap<String, BTreeSet<String>>,
}

impl Graph {
    /// As cargo resolves the workspace.
    pub(crate) fn of(metadata: &Metadata) -> Self {
        let name = |id: &cargo_metadata::PackageId| metadata[id].name.to_string();
        let mut graph = Self::default();
        for node in &metadata.resolve.as_ref().expect("cargo resolves").nodes {
            let normal = node
                .deps
                .iter()
                .filter(|dependency| dependency.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal))
                .map(|dependency| name(&dependency.pkg));
            graph.direct.entry(name(&node.id)).or_default().extend(normal);
        }
        graph
    }

    /// A made-up one, to see a rule being broken.
    pub(crate) fn made_up(edges: &[(&str, &[&str])]) -> Self {
        let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self { direct: edges.iter().map(|(name, to)| ((*name).to_owned(), own(to))).collect() }
    }

    /// What `from` depends on, directly or not, each with the way that leads there.
    pub(crate) fn reach(&self, from: &str) -> BTreeMap<String, Vec<String>> {
        let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut open = vec![(from.to_owned(), vec![from.to_owned()])];
        while let Some((name, way)) = open.pop() {
            for next in self.direct.get(&name).into_iter().flatten() {
                if !found.contains_key(next) {
                    let way: Vec<String> = way.iter().chain([next]).cloned().collect();
                    found.insert(next.clone(), way.clone());
                    open.push((next.clone(), way));
                }
            }
        }
        found
    }
}

/// Folders that hold nothing of the project's own.
const NOT_OURS: &[&str] = &["target", "node_modules", ".git", "dist", "__pycache__", "corpus", "artifacts"];

/// Every file of the project's own, as a path below the root.
pub(crate) fn files() -> Vec<PathBuf> {
    let root = root();
    let mut files = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of the project can be read") {
            let entry = entry.expect("a folder of the project can be read");
            let path = entry.path();
            let name = entry.file_name();
            if entry.file_type().expect("a file has a type").is_dir() {
                if !NOT_OURS.iter().any(|not_ours| name == *not_ours) {
                    folders.push(path);
                }
            } else {
                files.push(path.strip_prefix(&root).expect("below the root").to_path_buf());
            }
        }
    }
    files.sort();
    files
}

/// Every file of the project's own with one of these endings, and its text; what is no text is left out.
pub(crate) fn texts(endings: &[&str]) -> Vec<(PathBuf, String)> {
    files()
        .into_iter()
        .filter(|path| endings.iter().any(|ending| path.to_string_lossy().ends_with(ending)))
        .filter_map(|path| fs::read_to_string(root().join(&path)).ok().map(|text| (path, text)))
        .collect()
}

/// Fails with every offence on a line of its own.
pub(crate) fn assert_none(what: &str, offences: &[String]) {
    assert!(offences.is_empty(), "{what}:\n  {}", offences.join("\n  "));
}
