//! The committed table of models is what the tool makes of the package that is pinned.

use std::path::Path;
use std::process::Command;

#[test]
fn the_table_of_models_is_what_the_tool_makes() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = package.join("../../tests/zwave");
    if !folder.join("node_modules").is_dir() {
        println!("SKIP: run `npm ci --ignore-scripts` in tests/zwave");
        return;
    }
    let check = Command::new("node")
        .args(["device-database.js", "--check"])
        .arg(package.join("data/devices.bin"))
        .current_dir(folder)
        .output();
    let Ok(check) = check else {
        println!("SKIP: there is no node");
        return;
    };
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stderr));
}
