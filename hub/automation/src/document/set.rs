//! Texts that hold many rules, of which some may be wrong: each is read by itself.

use super::node::{Content, Node};
use super::{Document, Finding, MAX_LIST_BYTES, MAX_RULES, parse_tree};

/// In which spelling a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// YAML 1.2.
    Yaml,
    /// JSON.
    Json,
}

/// A rule of a text.
#[derive(Clone, Debug)]
pub struct Member {
    /// The id that is written, or none.
    pub id: Option<String>,
    /// What people call it, or none.
    pub name: Option<String>,
    /// The rule, or what is wrong with it.
    pub document: Result<Document, Vec<Finding>>,
}

/// Reads one rule or a list of them. An error is one of the text as a whole.
pub fn parse_each(text: &str, spelling: Spelling) -> Result<Vec<Member>, Vec<Finding>> {
    let tree = match spelling {
        Spelling::Yaml => parse_tree(text, MAX_LIST_BYTES, super::yaml_tree)?,
        Spelling::Json => parse_tree(text, MAX_LIST_BYTES, super::json::parse)?,
    };
    let trees = match tree.content {
        Content::List(items) => items,
        _ => vec![tree],
    };
    if trees.len() > MAX_RULES {
        let message = super::too_many_rules();
        return Err(vec![Finding::new("too_large", "", None, message)]);
    }
    Ok(trees.into_iter().map(member).collect())
}

fn member(tree: Node) -> Member {
    let text = |key: &str| match tree.get(key).map(|node| &node.content) {
        Some(Content::Text(text)) => Some(text.clone()),
        _ => None,
    };
    let (id, name) = (text("id"), text("name"));
    Member { id, name, document: Document::of(tree, "") }
}
