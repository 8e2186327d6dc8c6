//! `loop`: what rules do sets them off again without end. Rings of rules are walked through with what is known of the
//! home; a walk that comes to a situation in which it was before never ends.

use std::collections::BTreeSet;

use hub_model::event::Severity;

use super::CheckFinding;
use super::controllers;
use super::effects::Deed;
use super::facts::Facts;
use super::graph::{Edge, Graph, Node, Way, case_of};
use super::model::Rules;
use super::simulation::{Situation, enter, follow};
use super::words::{example, name};

const CODE: &str = "loop";
/// How many steps a walk may have.
const MOST_STEPS: usize = 20;
/// How many steps are tried in one ring, and in all.
const MOST_TRIED: usize = 1_500;
const MOST_TRIED_IN_ALL: usize = 8_000;
/// A step of a rule that does the square root of this many things counts twice.
const LARGE: usize = 500;
/// How many loops of one ring are told.
const MOST_FOUND: usize = 20;

pub(super) fn find(rules: &Rules<'_, '_>, findings: &mut Vec<CheckFinding>) {
    let graph = Graph::of(rules);
    let mut left = MOST_TRIED_IN_ALL;
    for ring in graph.rings() {
        let mut search = Search {
            rules,
            graph: &graph,
            ring: ring.iter().copied().collect(),
            left: MOST_TRIED.min(left),
            found: Vec::new(),
        };
        let tried = search.left;
        for node in &ring {
            search.from(*node);
        }
        left = left.saturating_sub(tried - search.left);
        let found = search.found;
        for walk in &found {
            // A loop within a loop is enough.
            let own = walk.rules();
            let smaller = |other: &Walk| other.rules().len() < own.len() && other.rules().is_subset(&own);
            if !found.iter().any(smaller) {
                findings.extend(told(walk, rules));
            }
        }
    }
    controllers::find(rules, findings);
}

/// A walk that comes back to where it was.
struct Walk {
    steps: Vec<(Node, Situation, Edge)>,
}

impl Walk {
    fn rules(&self) -> BTreeSet<usize> {
        self.steps.iter().map(|(node, ..)| node.rule).collect()
    }
}

struct Search<'s, 'a, 'w> {
    rules: &'s Rules<'a, 'w>,
    graph: &'s Graph,
    ring: BTreeSet<Node>,
    /// How many steps may still be tried.
    left: usize,
    found: Vec<Walk>,
}

impl Search<'_, '_, '_> {
    fn from(&mut self, node: Node) {
        for situation in enter(self.rules, node, &Situation::default()) {
            self.walk(node, situation, &mut Vec::new());
        }
    }

    /// What a step counts for: everything that the rule does is asked of everything that is so by then, so that the time
    /// of a step grows with the square of what it does.
    fn cost(&self, node: Node) -> usize {
        let effects = case_of(self.rules, node).map_or(0, |case| case.effects.len());
        1 + effects * effects / LARGE
    }

    fn walk(&mut self, node: Node, situation: Situation, trail: &mut Vec<(Node, Situation, Edge)>) {
        if let Some(before) = trail.iter().position(|(other, known, _)| *other == node && *known == situation) {
            let steps = trail.get(before..).unwrap_or_default().to_vec();
            let walk = Walk { steps };
            let rules = walk.rules();
            if !self.found.iter().any(|known| known.rules() == rules) {
                self.found.push(walk);
            }
            return;
        }
        if trail.len() >= MOST_STEPS || self.found.len() >= MOST_FOUND {
            return;
        }
        for edge in self.graph.edges.get(&node).into_iter().flatten() {
            if !self.ring.contains(&edge.to) {
                continue;
            }
            if self.left == 0 {
                return;
            }
            self.left = self.left.saturating_sub(self.cost(node));
            for next in follow(self.rules, node, &situation, edge) {
                trail.push((node, situation.clone(), *edge));
                self.walk(edge.to, next, trail);
                trail.pop();
            }
        }
    }
}

fn told(walk: &Walk, rules: &Rules<'_, '_>) -> Option<CheckFinding> {
    // It begins with the rule that comes first in the set.
    let start = walk.steps.iter().enumerate().min_by_key(|(_, (node, ..))| *node).map(|(index, _)| index)?;
    let steps: Vec<&(Node, Situation, Edge)> = walk.steps.iter().cycle().skip(start).take(walk.steps.len()).collect();
    let mut members = Vec::new();
    let mut links = Vec::new();
    for (node, _, edge) in &steps {
        let model = rules.models.get(node.rule)?;
        if !members.contains(&node.rule) {
            members.push(node.rule);
        }
        let effect = case_of(rules, *node)?.effects.get(edge.effect)?;
        let target = rules.models.get(edge.to.rule)?;
        let does = super::words::deed(&effect.deed, &rules.home);
        let (does, through) = match (edge.way, &effect.deed) {
            (Way::Air(number), _) => {
                let variable = effect.air.get(number)?.variable;
                (does, format!(", which changes {} and", name(variable, &rules.home)))
            }
            (Way::Call, Deed::Call(_)) => (format!("runs {:?}", target.name()), String::new()),
            _ => (does, String::from(", which")),
        };
        let link = if edge.way == Way::Call {
            format!("{:?} {does} ({})", model.name(), effect.path)
        } else {
            format!("{:?} {does} ({}){through} sets off {:?}", model.name(), effect.path, target.name())
        };
        if !links.contains(&link) {
            links.push(link);
        }
    }
    let (first, situation, edge) = steps.first()?;
    let model = rules.models.get(first.rule)?;
    let others: Vec<_> = members.iter().skip(1).filter_map(|rule| rules.models.get(*rule)).collect();
    links.truncate(8);
    let message = format!("this goes round without end: {}", links.join("; "));
    let path = &case_of(rules, *first)?.effects.get(edge.effect)?.path;
    let mut finding = model.finding(Severity::Warning, CODE, &others, path, message);
    let facts: &Facts = &situation.facts;
    finding.example = case_of(rules, *first)
        .and_then(|case| model.signal(case))
        .map(|signal| example(signal, facts, &rules.home).into());
    Some(finding)
}
