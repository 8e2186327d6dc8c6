//! Sets the C library's allocator for a small machine.
//!
//! By default it opens an arena for each thread, and after the first password was checked (Argon2 takes 19 MiB for a
//! moment) it keeps blocks of that size for good: three logins leave 60 MiB behind. Both settings are read from the
//! environment when a program starts, and nowhere else without unsafe code, so the hub starts itself once more with them.

use std::os::unix::process::CommandExt;
use std::process::Command;

/// A setting that somebody else made stays.
const SETTINGS: [(&str, &str); 2] = [("MALLOC_ARENA_MAX", "2"), ("MALLOC_MMAP_THRESHOLD_", "131072")];

/// Makes sure of the settings. Comes back if they hold, or cannot be made.
pub fn economise() {
    let lacking: Vec<_> = SETTINGS.into_iter().filter(|(name, _)| std::env::var_os(name).is_none()).collect();
    let Ok(program) = std::env::current_exe() else { return };
    if lacking.is_empty() {
        return;
    }
    let mut arguments = std::env::args_os();
    let mut again = Command::new(program);
    if let Some(name) = arguments.next() {
        again.arg0(name);
    }
    // Comes back only if it fails (the program's file was replaced meanwhile); the hub then takes more memory.
    let _error = again.args(arguments).envs(lacking).exec();
}
