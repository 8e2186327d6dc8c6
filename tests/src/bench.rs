//! A test's own folder: logs, data, configuration. Kept when the test fails, removed when it passes.

use std::path::{Path, PathBuf};
use std::{env, fs, thread};

/// A folder below `target/test-runs`, named after the test.
#[derive(Debug)]
pub struct Bench {
    folder: PathBuf,
}

impl Bench {
    /// An empty folder for the test of this name.
    pub fn new(test: &str) -> Self {
        let folder = target().join("test-runs").join(test);
        if folder.exists() {
            fs::remove_dir_all(&folder).expect("what an earlier failure left can be removed");
        }
        fs::create_dir_all(&folder).expect("a folder can be made below target");
        Self { folder }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln_kept(&self.folder);
        } else {
            // A file system may still be mounted in it; then it stays.
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

#[allow(clippy::print_stderr, reason = "tells where to look")]
fn eprintln_kept(folder: &Path) {
    eprintln!("Logs and data of this run are in {}.", folder.display());
}

/// The folder cargo builds into: that of the running test.
pub fn target() -> PathBuf {
    let test = env::current_exe().expect("a test knows where it is");
    test.ancestors()
        .find(|folder| folder.join("CACHEDIR.TAG").is_file())
        .map(Path::to_path_buf)
        .expect("a test lies in cargo's target folder")
}

/// The folder of the counterparts' files.
pub fn counterparts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}
