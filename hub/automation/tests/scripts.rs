//! Every script of `tests/scripts` leads to what it says. `UPDATE_EXPECT=1` writes down what it leads to.

use std::fmt::Write as _;
use std::path::Path;

use crate::script::{parts, play};

#[test]
fn every_script_leads_to_what_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scripts");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    paths.sort();
    assert!(paths.len() >= 40, "there are only {} scripts", paths.len());
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut failures = String::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).unwrap();
        let printed = play(&text);
        let expected = parts(&text).remove("expected").unwrap_or_default();
        if printed.trim() == expected.trim() {
            continue;
        }
        if update {
            let head = text.split("== expected").next().unwrap().trim_end();
            std::fs::write(&path, format!("{head}\n\n== expected\n{}\n", printed.trim_end())).unwrap();
        } else {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let _ = writeln!(
                failures,
                "--- {name}: expected\n{}\n--- {name}: decided\n{}\n",
                expected.trim(),
                printed.trim()
            );
        }
    }
    assert!(failures.is_empty(), "{failures}");
}
