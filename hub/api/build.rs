//! A hub that is built for use carries the web app as it is at that moment. (While it is developed, the files are read
//! when they are asked for.)

fn main() {
    let is_for_use = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    println!("cargo::rerun-if-changed={}", if is_for_use { "../web/dist" } else { "build.rs" });
}
