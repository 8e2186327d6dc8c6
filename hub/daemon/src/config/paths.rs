//! The usual places: those of the system for the service and root, those of the person for everybody else.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Reads one environment variable; passed in so that tests bring their own.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Whether this process runs as root.
fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

/// A folder of the person; none where they have no home folder.
fn own_folder(environment: Environment<'_>, variable: &str, below_home: &str) -> Option<PathBuf> {
    let absolute = |variable: &str| environment(variable).map(PathBuf::from).filter(|path| path.is_absolute());
    absolute(variable).or_else(|| absolute("HOME").map(|home| home.join(below_home)))
}

fn of_person(environment: Environment<'_>, variable: &str, below_home: &str) -> PathBuf {
    own_folder(environment, variable, below_home).unwrap_or_else(|| PathBuf::from("."))
}

/// Where the command line keeps the login of a person; none where they have no home folder.
pub fn login_file(environment: Environment<'_>) -> Option<PathBuf> {
    own_folder(environment, "XDG_CONFIG_HOME", ".config").map(|folder| folder.join("hearth/login.json"))
}

/// The configuration file.
pub fn config_file(environment: Environment<'_>) -> PathBuf {
    if is_root() || Path::new("/etc/hearth").exists() {
        return "/etc/hearth/hearth.toml".into();
    }
    of_person(environment, "XDG_CONFIG_HOME", ".config").join("hearth/hearth.toml")
}

/// The data folder.
pub fn data_folder(environment: Environment<'_>) -> PathBuf {
    if let Some(folder) = environment("STATE_DIRECTORY").filter(|folder| !folder.is_empty()) {
        return folder.into();
    }
    if is_root() || Path::new("/var/lib/hearth").exists() {
        return "/var/lib/hearth".into();
    }
    of_person(environment, "XDG_DATA_HOME", ".local/share").join("hearth")
}

/// Where the local socket may be, likeliest first. The hub takes the first that it can make, the command line the
/// first that answers.
pub fn sockets(environment: Environment<'_>) -> Vec<PathBuf> {
    let mut sockets = vec![PathBuf::from("/run/hearth/hearth.sock")];
    if let Some(folder) = environment("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|folder| folder.is_absolute()) {
        sockets.push(folder.join("hearth.sock"));
    }
    sockets.push(data_folder(environment).join("hearth.sock"));
    sockets
}
