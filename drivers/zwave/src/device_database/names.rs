//! Names of attributes and words of enumerations, made of what parameters and their options are called.

use super::model::{Choice, Parameter};
use crate::attributes::{is_taken, slug};

/// The longest name, in letters.
const LONGEST: usize = 60;

/// Gives every parameter its name and every option its word.
pub(super) fn give(parameters: &mut [Parameter]) {
    let names: Vec<String> = parameters.iter().map(|parameter| shortened(&parameter.label)).collect();
    for (parameter, name) in parameters.iter_mut().zip(&names) {
        let is_unique = names.iter().filter(|other| *other == name).count() == 1;
        parameter.name = attribute_name(parameter, name, is_unique);
        if parameter.is_choice() {
            give_words(&mut parameter.options);
        }
    }
}

/// What it is called, where that is a name of its own; otherwise with its number, and its bits if it is a part.
fn attribute_name(parameter: &Parameter, name: &str, is_unique: bool) -> Box<str> {
    let begins_well = name.starts_with(|letter: char| letter.is_ascii_lowercase()) && !name.starts_with("parameter");
    if is_unique && begins_well && !is_taken(name) {
        return name.into();
    }
    let number = format!("parameter_{}", parameter.number);
    let parts = [Some(number), parameter.mask.map(|mask| format!("{mask:x}")), Some(name.to_owned())];
    let parts: Vec<String> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    parts.join("_").into()
}

fn shortened(label: &str) -> String {
    let slug = slug(label);
    match slug.char_indices().nth(LONGEST) {
        None => slug,
        Some((end, _)) => {
            let cut = slug.get(..end).unwrap_or_default();
            cut.rsplit_once('_').map_or(cut, |(whole, _)| whole).to_owned()
        }
    }
}

/// What options are called, with the value where another is called the same or it is called nothing.
fn give_words(options: &mut [Choice]) {
    let words: Vec<String> = options.iter().map(|option| slug(&option.label)).collect();
    for (option, word) in options.iter_mut().zip(&words) {
        let is_unique = words.iter().filter(|other| *other == word).count() == 1;
        option.word = match (word.is_empty(), is_unique) {
            (true, _) => option.value.to_string().into(),
            (false, true) => word.as_str().into(),
            (false, false) => format!("{word}_{}", option.value).into(),
        };
    }
}
