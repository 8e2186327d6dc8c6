//! Pulls the plug on a hub and looks what is lost.
//!
//! A FUSE file records every block write, every flush and every acknowledgement in one time line ([`recorder`]). A loop
//! device and a real ext4 lie on top, and the hub works on it while a client changes things through its API and writes
//! a mark behind each answer of success ([`work`]). Then the disk is built as a device may legally leave it after a cut
//! at a random instant: what was flushed is there; what was not is dropped, kept, kept in part and in any order, or torn
//! into sectors ([`cut`]). The hub starts on each such disk and has to have everything that was acknowledged
//! ([`check`]).
//!
//!     powercut run --hearth PATH --out DIR [--operations N] [--cuts N] [--seed N] [--synchronous full|normal]
//!     powercut serve --dir DIR [--mib N] [--log FILE]

mod arguments;
mod check;
mod cut;
mod disk;
mod hub;
mod random;
mod recorder;
mod run;
mod timeline;
mod work;

fn main() -> anyhow::Result<()> {
    let arguments = arguments::Arguments::from_environment();
    match arguments.command() {
        Some("run") => run::run(&arguments),
        Some("serve") => recorder::serve(
            arguments.required("dir")?.as_ref(),
            arguments.number("mib", 64)?,
            arguments.text("log").map(std::path::Path::new),
        ),
        _ => anyhow::bail!("usage: powercut run --hearth PATH --out DIR … | powercut serve --dir DIR …"),
    }
}
