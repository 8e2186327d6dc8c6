//! Disks: a recorded one to work on, and one for each cut.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

/// Runs a program of the system; its words are in the error.
pub fn system(program: &str, arguments: &[&str]) -> Result<String> {
    let output = Command::new(program).args(arguments).output().with_context(|| format!("running {program}"))?;
    ensure!(
        output.status.success(),
        "{program} {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr).trim()
    );
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Waits until a condition holds.
pub fn wait_for(what: &str, limit: Duration, mut holds: impl FnMut() -> bool) -> Result<()> {
    let start = Instant::now();
    while !holds() {
        if start.elapsed() > limit {
            bail!("{what} took longer than {limit:?}");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

/// A file system on a loop device; unmounted and detached when dropped.
pub struct Mounted {
    device: String,
    pub folder: PathBuf,
}

impl Mounted {
    /// Mounts the ext4 in `image`.
    pub fn new(image: &Path, folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder)?;
        let device = attach(image)?;
        if let Err(error) = system("mount", &["-t", "ext4", "-o", "noatime", &device, text(folder)?]) {
            let _ = system("losetup", &["-d", &device]);
            return Err(error);
        }
        Ok(Self { device, folder: folder.to_owned() })
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let folder = self.folder.to_string_lossy().into_owned();
        let _ = wait_for("unmounting", Duration::from_secs(10), || system("umount", &[&folder]).is_ok());
        let _ = system("losetup", &["-d", &self.device]);
    }
}

fn attach(image: &Path) -> Result<String> {
    system("losetup", &["-f", "--show", text(image)?])
}

fn text(path: &Path) -> Result<&str> {
    path.to_str().context("a path that is not UTF-8")
}

/// A disk whose every write and flush is recorded.
pub struct Recorded {
    server: Child,
    mounted: Option<Mounted>,
    fuse: PathBuf,
}

impl Recorded {
    pub fn new(folder: &Path, mib: u64, log: Option<&Path>) -> Result<Self> {
        let fuse = folder.join("fuse");
        std::fs::create_dir_all(&fuse)?;
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["serve", "--dir", text(&fuse)?, "--mib", &mib.to_string()]);
        if let Some(log) = log {
            command.args(["--log", text(log)?]);
        }
        let server = command.stdin(Stdio::null()).spawn()?;
        let mut disk = Self { server, mounted: None, fuse };
        let image = disk.fuse.join("disk");
        wait_for("the recorder", Duration::from_secs(10), || image.exists())?;
        let device = attach(&image)?;
        let made = system(
            "mkfs.ext4",
            &["-q", "-b", "4096", "-J", "size=4", "-O", "^metadata_csum_seed", "-E", "lazy_itable_init=0,lazy_journal_init=0", &device],
        );
        system("losetup", &["-d", &device])?;
        made?;
        disk.mounted = Some(Mounted::new(&image, &folder.join("mnt"))?);
        system("sync", &["-f", text(disk.folder())?])?;
        Ok(disk)
    }

    pub fn folder(&self) -> &Path {
        self.mounted.as_ref().map_or(self.fuse.as_path(), |mounted| &mounted.folder)
    }

    /// Writes a mark into the time line.
    pub fn mark(&self, mark: &str) -> Result<()> {
        Ok(std::fs::write(self.fuse.join("mark"), mark)?)
    }

    /// How often everything written so far was put on the medium.
    pub fn flushes(&self) -> Result<u64> {
        let statistics = std::fs::read_to_string(self.fuse.join("stat"))?;
        let count = statistics.split_whitespace().skip_while(|word| *word != "flushes").nth(1);
        count.and_then(|count| count.parse().ok()).context("the recorder's count of flushes")
    }

    /// Ends the recording.
    pub fn finish(mut self) -> Result<()> {
        self.stop();
        Ok(())
    }

    fn stop(&mut self) {
        self.mounted = None;
        let fuse = self.fuse.to_string_lossy().into_owned();
        let _ = wait_for("unmounting the recorder", Duration::from_secs(10), || {
            system("umount", &[&fuse]).is_ok() || !Path::new(&fuse).join("disk").exists()
        });
        let _ = self.server.wait();
    }
}

impl Drop for Recorded {
    fn drop(&mut self) {
        self.stop();
    }
}
