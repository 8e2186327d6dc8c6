//! Texts that run as scripts on a page that pastes them into its markup: every kind of place × everything that runs by
//! itself × the ways to write it. Each calls `canary` with its own number.

/// A text, and the place of a careless page where it runs: `%` stands for the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Payload {
    pub(super) place: &'static str,
    pub(super) text: String,
}

/// Where a careless page pastes a text, and what ends that place, so that markup may follow.
const PLACES: &[(&str, &str)] = &[
    ("<p>%</p>", ""),
    ("<input value=\"%\">", "\">"),
    ("<input value='%'>", "'>"),
    ("<input value=%>", "a>"),
    ("<textarea>%</textarea>", "</textarea>"),
    ("<title>%</title>", "</title>"),
    ("<style>p { color: %; }</style>", "</style>"),
    ("<script>let name = '%';</script>", "</script>"),
    ("<!-- % -->", "-->"),
    ("<xmp>%</xmp>", "</xmp>"),
    ("<svg><desc>%</desc></svg>", "</desc></svg>"),
];

/// Names and values.
type Attributes = &'static [(&'static str, &'static str)];

/// Writes an element with its attributes, an event and a script.
type Spelling = fn(&str, Attributes, &str, &str) -> String;

/// Elements that run something by themselves: the element, what it needs for it, and the event.
const ELEMENTS: &[(&str, Attributes, &str)] = &[
    ("img", &[("src", "x")], "onerror"),
    ("svg", &[], "onload"),
    ("video", &[("src", "x")], "onerror"),
    ("audio", &[("src", "x")], "onerror"),
    ("object", &[("data", "x")], "onerror"),
    ("embed", &[("src", "/")], "onload"),
    ("iframe", &[], "onload"),
    ("body", &[], "onload"),
    ("details", &[("open", "x")], "ontoggle"),
    ("style", &[], "onload"),
    ("link", &[("rel", "stylesheet"), ("href", "x")], "onerror"),
    ("input", &[("type", "image"), ("src", "x")], "onerror"),
];

/// Ways to write an element with a handler.
const SPELLINGS: &[Spelling] = &[
    |tag, needs, event, script| element(tag, needs, event, script, " ", "", ">"),
    |tag, needs, event, script| element(tag, needs, event, script, " ", "\"", ">"),
    |tag, needs, event, script| element(tag, needs, event, script, "/", "'", ">"),
    |tag, needs, event, script| element(tag, needs, event, script, "\t", "", "\n>"),
    |tag, needs, event, script| element(&tag.to_uppercase(), needs, &event.to_uppercase(), script, " ", "", ">"),
    |tag, needs, event, script| element(&mixed(tag), needs, &mixed(event), script, "\n", "\"", ">"),
    |tag, needs, event, script| element(tag, needs, event, &script.replacen('c', "&#99;", 1), " ", "", ">"),
    |tag, needs, event, script| element(tag, needs, event, &script.replacen('c', "\\u0063", 1), " ", "", ">"),
    // What follows on the page ends it.
    |tag, needs, event, script| element(tag, needs, event, script, " ", "'", " "),
];

/// Places that a text leaves without any markup, and the text.
const OTHERS: &[(&str, &str)] = &[
    ("<img src=\"%\">", "x\" onerror=\"!\" alt=\""),
    ("<img src='%'>", "x' onerror='!' alt='"),
    ("<img src=%>", "x onerror=!"),
    ("<body class=\"%\">", "\" onload=\"!\""),
    ("<script>let name = \"%\";</script>", "\"; !; //"),
    ("<script>let name = '%';</script>", "' + ! + '"),
    ("<script>let name = `%`;</script>", "${!}"),
    ("<script>let count = %;</script>", "!"),
    ("<iframe src=\"%\"></iframe>", "javascript:!"),
    ("<iframe src=\"%\"></iframe>", " JavaScript:!"),
    ("<iframe src=\"%\"></iframe>", "java\tscript:!"),
    ("<iframe srcdoc=\"%\"></iframe>", "<script>parent.!</script>"),
    ("<p>%</p>", "<script>!</script>"),
    ("<p>%</p>", "<ScRiPt>!</sCrIpT >"),
    ("<p>%</p>", "<svg><script>!</script></svg>"),
    ("<p>%</p>", "<svg><animate attributeName=x dur=1s onbegin=!>"),
    ("<p>%</p>", "<iframe src=javascript:parent.!></iframe>"),
    ("<p>%</p>", "<iframe srcdoc='<script>parent.parent.!</script>'></iframe>"),
    ("<p>%</p>", "<math><mtext></mtext><img src=x onerror=!></math>"),
];

fn element(tag: &str, needs: &[(&str, &str)], event: &str, script: &str, gap: &str, quote: &str, end: &str) -> String {
    let all = needs.iter().copied().chain([(event, script)]);
    let attributes: String = all.map(|(name, value)| format!("{gap}{name}={quote}{value}{quote}")).collect();
    format!("<{tag}{attributes}{end}")
}

/// Every other letter large.
fn mixed(text: &str) -> String {
    let letter = |(index, letter): (usize, char)| if index % 2 == 1 { letter.to_ascii_uppercase() } else { letter };
    text.char_indices().map(letter).collect()
}

/// All of them; the number that each calls `canary` with is its place in the list.
pub(super) fn payloads() -> Vec<Payload> {
    let mut all = Vec::new();
    let mut add = |place, text: &dyn Fn(&str) -> String| {
        let text = text(&format!("canary({})", all.len()));
        all.push(Payload { place, text });
    };
    for (place, ending) in PLACES {
        for (tag, needs, event) in ELEMENTS {
            for spelling in SPELLINGS {
                add(place, &|script| format!("{ending}{}", spelling(tag, needs, event, script)));
            }
        }
    }
    for (place, text) in OTHERS {
        add(place, &|script| text.replace('!', script));
    }
    all
}
