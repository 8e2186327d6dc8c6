//! Turns the `#` comments of YAML into notes, so that they live on when a program edits the rule.
//!
//! A comment on a line of its own belongs to what follows it, one behind something to that.

use super::node::{Content, Entry, Node};

/// The mapping of this key has values of devices in it: a note within them would be one of them.
const VALUES: &str = "set";
/// What a note is called.
const NOTE: &str = "note";

/// A comment of a text.
#[derive(Debug, PartialEq)]
struct Comment<'t> {
    /// Counted from 1.
    line: u32,
    text: &'t str,
    /// Nothing else stands on its line.
    alone: bool,
}

/// Adds the comments of `text` as notes to the tree that was read from it.
pub(super) fn into_notes(text: &str, tree: &mut Node) {
    let comments = comments(text);
    if comments.is_empty() {
        return;
    }
    let mut anchors = Vec::new();
    collect(tree, false, &mut Vec::new(), &mut anchors);
    anchors.sort_by_key(|anchor| anchor.line);
    for comment in comments.iter().filter(|comment| !comment.text.is_empty()) {
        let (before, after) = anchors.split_at(anchors.partition_point(|anchor| anchor.line <= comment.line));
        let (preceding, following) = (before.last(), after.first());
        let anchor = if comment.alone { following.or(preceding) } else { preceding.or(following) };
        if let Some(entries) = anchor.and_then(|anchor| mapping_at(tree, &anchor.path)) {
            add_note(entries, comment.text);
        }
    }
}

/// A line on which something of a mapping stands.
struct Anchor {
    line: u32,
    /// Which child of which child the mapping is.
    path: Vec<usize>,
}

/// Every line on which a key of a mapping stands, in order. `values`: the node is the mapping of values itself.
fn collect(node: &Node, values: bool, path: &mut Vec<usize>, anchors: &mut Vec<Anchor>) {
    match &node.content {
        Content::List(items) => {
            for (index, item) in items.iter().enumerate() {
                path.push(index);
                collect(item, false, path, anchors);
                path.pop();
            }
        }
        Content::Map(entries) => {
            for (index, entry) in entries.iter().enumerate() {
                if let Some(position) = entry.position {
                    anchors.push(Anchor { line: position.line, path: path.clone() });
                }
                if !values {
                    path.push(index);
                    collect(&entry.value, entry.key == VALUES, path, anchors);
                    path.pop();
                }
            }
        }
        _ => {}
    }
}

fn mapping_at<'n>(tree: &'n mut Node, path: &[usize]) -> Option<&'n mut Vec<Entry>> {
    let mut node = tree;
    for index in path {
        node = match &mut node.content {
            Content::List(items) => items.get_mut(*index)?,
            Content::Map(entries) => &mut entries.get_mut(*index)?.value,
            _ => return None,
        };
    }
    if let Content::Map(entries) = &mut node.content { Some(entries) } else { None }
}

fn add_note(entries: &mut Vec<Entry>, text: &str) {
    match entries.iter_mut().find(|entry| entry.key == NOTE) {
        Some(Entry { value: Node { content: Content::Text(note), .. }, .. }) => {
            note.push('\n');
            note.push_str(text);
        }
        Some(_) => {}
        // At the end: the places of the others stay.
        None => entries.push(Entry { key: NOTE.to_owned(), position: None, value: Node::text(text) }),
    }
}

/// The comments of a text that is known to be YAML.
fn comments(text: &str) -> Vec<Comment<'_>> {
    let mut comments = Vec::new();
    let mut quote = None;
    // How far the line is indented that began a text of several lines.
    let mut block: Option<usize> = None;
    for (number, line) in (1u32..).zip(text.lines()) {
        let indent = line.len() - line.trim_start().len();
        if block.is_some_and(|outer| line.trim().is_empty() || indent > outer) {
            continue;
        }
        block = None;
        let start = comment_start(line, &mut quote);
        let before = start.map_or(line, |start| line.get(..start).unwrap_or_default());
        if let Some(comment) = start.and_then(|start| line.get(start + 1..)) {
            let text = comment.strip_prefix(' ').unwrap_or(comment).trim_end();
            comments.push(Comment { line: number, text, alone: before.trim().is_empty() });
        }
        if quote.is_none() && begins_block(before) {
            block = Some(indent);
        }
    }
    comments
}

/// Where the comment of a line starts. `quote` is the quotation mark of a text that goes on over lines.
fn comment_start(line: &str, quote: &mut Option<char>) -> Option<usize> {
    let mut before = ' ';
    let mut letters = line.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        match *quote {
            Some('"') if letter == '\\' => {
                letters.next();
            }
            // A doubled one stands for itself.
            Some('\'') if letter == '\'' && letters.peek().is_some_and(|(_, next)| *next == '\'') => {
                letters.next();
            }
            Some(mark) if letter == mark => *quote = None,
            Some(_) => {}
            None if letter == '#' && before.is_whitespace() => return Some(at),
            None if matches!(letter, '"' | '\'') && (before.is_whitespace() || "[{,:".contains(before)) => {
                *quote = Some(letter);
            }
            None => {}
        }
        before = letter;
    }
    None
}

/// Whether a line ends in `|` or `>`, with what may follow these: a text of several lines begins.
fn begins_block(line: &str) -> bool {
    let line = line.trim_end();
    let head = line.trim_end_matches(|letter: char| matches!(letter, '+' | '-') || letter.is_ascii_digit());
    let Some(outer) = head.strip_suffix(['|', '>']) else { return false };
    outer.ends_with([' ', ':', '-']) && line.len() - head.len() <= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_comments_are_comments() {
        let text = "\
# first
a: b#c 'x' # second
'it''s # none': \"no \\\" # none\" #third
long: 'goes # on
  # and on' # fourth
text: |
  # none

   # none
more: >-2
  # none
- \"#none\"
#
";
        let found: Vec<(u32, &str, bool)> =
            comments(text).iter().map(|comment| (comment.line, comment.text, comment.alone)).collect();
        let expected =
            [(1, "first", true), (2, "second", false), (3, "third", false), (5, "fourth", false), (13, "", true)];
        assert_eq!(found, expected);
    }
}
