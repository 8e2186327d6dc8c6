//! The names that people give: ids that are made of them, things that are found by them, and the name that was meant.

/// The longest id that is made of a name, in bytes.
const LONGEST_ID: usize = 64;
/// So much of a name is compared when the nearest one is looked for, in letters.
const COMPARED: usize = 64;

/// Letters that stand in ids as others. Apostrophes are left out: «Anna's» is one word.
const FOLDED: [(&str, &str); 25] = [
    ("'’‘ʼ´`", ""),
    ("äæ", "ae"),
    ("öœ", "oe"),
    ("ü", "ue"),
    ("ß", "ss"),
    ("þ", "th"),
    ("àáâãåāăą", "a"),
    ("çćč", "c"),
    ("ďđð", "d"),
    ("èéêëēėęě", "e"),
    ("ğģ", "g"),
    ("ħ", "h"),
    ("ìíîïīįı", "i"),
    ("ķ", "k"),
    ("ĺļľł", "l"),
    ("ñńņň", "n"),
    ("òóôõøōő", "o"),
    ("ŕř", "r"),
    ("śşšș", "s"),
    ("ţťț", "t"),
    ("ùúûūůųű", "u"),
    ("ŵ", "w"),
    ("ýÿ", "y"),
    ("źżž", "z"),
    ("ĳ", "ij"),
];

/// What gets its ids from names.
#[derive(Debug)]
pub struct Naming {
    /// The id where nothing of the name can be used.
    otherwise: &'static str,
    /// Ids that none may have: paths of the API have another meaning for them.
    pub reserved: &'static [&'static str],
}

/// Rules.
pub const AUTOMATIONS: Naming = Naming { otherwise: "rule", reserved: &["check", "replay"] };
/// Scenes.
pub const SCENES: Naming = Naming { otherwise: "scene", reserved: &["capture"] };
/// Rooms.
pub const AREAS: Naming = Naming { otherwise: "area", reserved: &[] };

impl Naming {
    /// Whether this id is one that none may have.
    pub fn is_reserved(&self, id: &str) -> bool {
        self.reserved.contains(&id)
    }

    /// The id of something new of this name: neither reserved nor taken.
    pub fn free_id(&self, name: &str, is_taken: impl Fn(&str) -> bool) -> String {
        let base = slug(name).unwrap_or_else(|| self.otherwise.to_owned());
        let numbered = |number: u32| {
            let number = format!("-{number}");
            let kept = base.get(..base.len().min(LONGEST_ID - number.len())).unwrap_or(&base);
            format!("{}{number}", kept.trim_end_matches('-'))
        };
        let mut candidates = std::iter::once(base.clone()).chain((2_u32..).map(numbered));
        candidates.find(|id| !self.is_reserved(id) && !is_taken(id)).unwrap_or_else(|| base.clone())
    }
}

/// An id that people can read, made of a name: small letters, digits, `-` and `_`, at most 64 of them. None = nothing is
/// left of it.
pub fn slug(name: &str) -> Option<String> {
    let mut slug = String::new();
    for letter in name.chars().flat_map(char::to_lowercase) {
        match letter {
            'a'..='z' | '0'..='9' | '_' => slug.push(letter),
            // Accents that stand behind their letters.
            '\u{300}'..='\u{36f}' => {}
            _ => match FOLDED.iter().find(|(letters, _)| letters.contains(letter)) {
                Some((_, plain)) => slug.push_str(plain),
                None => slug.push('-'),
            },
        }
    }
    let mut id = String::new();
    for part in slug.split('-').filter(|part| !part.is_empty()) {
        if !id.is_empty() {
            id.push('-');
        }
        id.push_str(part);
    }
    id.truncate(LONGEST_ID);
    id.truncate(id.trim_end_matches('-').len());
    (!id.is_empty()).then_some(id)
}

/// Whether two names are the same to people: without regard to case.
pub fn same_name(left: &str, right: &str) -> bool {
    left.to_lowercase() == right.to_lowercase()
}

/// The one of this id, or else the first of this name, without regard to case.
pub fn find_named<'a, T>(
    items: &'a [T],
    wanted: &str,
    id: impl Fn(&'a T) -> &'a str,
    name: impl Fn(&'a T) -> &'a str,
) -> Option<&'a T> {
    let by_id = items.iter().find(|item| id(item) == wanted);
    by_id.or_else(|| items.iter().find(|item| same_name(name(item), wanted)))
}

/// The one of `known` that is most like `wanted`, if any is like it at all.
pub fn nearest<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let compared = |name: &str| name.chars().take(COMPARED).flat_map(char::to_lowercase).collect::<Vec<_>>();
    let wanted = compared(wanted);
    known
        .into_iter()
        .map(|name| (distance(&wanted, &compared(name)), name))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, name)| *distance <= wanted.len().max(name.chars().count()) / 2)
        .map(|(_, name)| name)
}

/// How many letters must be changed (Levenshtein).
fn distance(left: &[char], right: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, letter) in left.iter().enumerate() {
        let mut diagonal = index;
        let mut before = index + 1;
        for (cell, other) in row.iter_mut().skip(1).zip(right) {
            let changed = diagonal + usize::from(letter != other);
            diagonal = *cell;
            before = changed.min(before + 1).min(*cell + 1);
            *cell = before;
        }
        if let Some(first) = row.first_mut() {
            *first = index + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_made_of_names() {
        let long = "x".repeat(63) + " y";
        for (name, id) in [
            ("Hallway", "hallway"),
            ("Wohnzimmer groß", "wohnzimmer-gross"),
            ("  Anna's room! ", "annas-room"),
            ("Anna’s room", "annas-room"),
            ("Küche", "kueche"),
            ("Café", "cafe"),
            ("Cafe\u{301}", "cafe"),
            ("Łazienka – góra", "lazienka-gora"),
            ("Bad & WC", "bad-wc"),
            ("film_night-2", "film_night-2"),
            ("寝室", ""),
            (long.as_str(), &"x".repeat(63)),
        ] {
            let made = slug(name).unwrap_or_default();
            assert_eq!(made, id);
            assert_eq!(slug(&made).unwrap_or_default(), made, "an id is its own");
        }
    }

    #[test]
    fn a_free_id_is_neither_taken_nor_reserved() {
        let taken = |id: &str| matches!(id, "film" | "film-2" | "rule");
        assert_eq!(SCENES.free_id("Film", taken), "film-3");
        assert_eq!(SCENES.free_id("Capture", taken), "capture-2");
        assert_eq!(AUTOMATIONS.free_id("Capture", taken), "capture");
        assert_eq!(AUTOMATIONS.free_id("Check!", taken), "check-2");
        assert_eq!(AUTOMATIONS.free_id("寝室", taken), "rule-2");
        let long = "x".repeat(64);
        assert_eq!(AREAS.free_id(&long, |id| *id == *long), format!("{}-2", "x".repeat(62)));
    }

    #[test]
    fn things_are_found_by_id_and_then_by_name() {
        let known = [("b", "A"), ("a", "Büro"), ("c", "büro")];
        let find = |wanted| find_named(&known, wanted, |item| item.0, |item| item.1).map(|item| item.0);
        assert_eq!((find("a"), find("A"), find("BÜRO"), find("x")), (Some("a"), Some("b"), Some("a"), None));
    }

    #[test]
    fn the_nearest_name_is_found() {
        let known = ["Hallway lamp", "Hallway motion", "Kitchen lamp"];
        assert_eq!(nearest("hallway lmap", known), Some("Hallway lamp"));
        assert_eq!(nearest("Boiler", known), None);
    }
}
