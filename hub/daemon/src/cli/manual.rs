//! Completions and manual pages, made from the arguments.

use std::path::PathBuf;

use super::arguments;
use super::failure::Failure;
use super::output::Output;

pub(crate) fn completions(shell: clap_complete::Shell, output: &mut Output<'_>) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut arguments::command(), "hearth", &mut script);
    output.line(String::from_utf8_lossy(&script).trim_end())
}

pub(crate) fn write(folder: Option<PathBuf>, output: &mut Output<'_>) -> Result<(), Failure> {
    let command = arguments::command();
    match folder {
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(command).render(&mut page)?;
            output.line(String::from_utf8_lossy(&page).trim_end())
        }
        Some(folder) => {
            let wrong = |source| Failure::File { file: folder.clone(), source };
            std::fs::create_dir_all(&folder).map_err(wrong)?;
            clap_mangen::generate_to(command, &folder).map_err(wrong)
        }
    }
}
