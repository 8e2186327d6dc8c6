//! Saying that a test cannot run here. On continuous integration such a line fails the run.

use std::env;
use std::io::{Write, stdout};
use std::path::Path;
use std::process::{Command, Stdio};

/// Says why a test is left out; past the capture of test output, so that it is seen.
pub fn skip(reason: &str) {
    writeln!(stdout(), "SKIP: {reason}").expect("standard output is open");
}

/// Whether every program is there; says which is not.
pub fn has_programs(programs: &[&str]) -> bool {
    let found = |program: &str| {
        let sbin = ["/usr/sbin".as_ref(), "/sbin".as_ref()].map(Path::to_path_buf);
        env::var_os("PATH")
            .is_some_and(|path| env::split_paths(&path).chain(sbin).any(|folder| folder.join(program).is_file()))
    };
    match programs.iter().find(|program| !found(program)) {
        Some(program) => {
            skip(&format!("{program} is not installed"));
            false
        }
        None => true,
    }
}

/// Whether file systems can be mounted here (root, and a kernel that lets it); says so if not.
pub fn can_mount(folder: &Path) -> bool {
    let quiet = |program: &str, arguments: &[&str]| {
        Command::new(program)
            .args(arguments)
            .arg(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    };
    if quiet("mount", &["-t", "tmpfs", "-o", "size=64k", "tmpfs"]) && quiet("umount", &[]) {
        return true;
    }
    skip("file systems cannot be mounted by this user");
    false
}
