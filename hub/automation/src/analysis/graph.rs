//! Which rules set off which: the events that rules bring about.

use std::collections::BTreeMap;

use super::effects::{Deed, Effect, Role, Wish};
use super::facts::Variable;
use super::model::{Case, Rules};
use super::triggers::{Change, Signal};

/// A rule and what sets it off.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Node {
    pub(super) rule: usize,
    /// Which of its cases; none = another rule runs it.
    pub(super) case: Option<usize>,
}

/// How an effect sets a rule off.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Way {
    /// It changes what the rule watches.
    Change,
    /// What it changes through the air, by its number.
    Air(usize),
    /// It runs the rule.
    Call,
}

/// An effect that may set a rule off.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    /// Which of the effects of the case.
    pub(super) effect: usize,
    pub(super) way: Way,
    pub(super) to: Node,
}

/// All rules that act, and what leads from one to another.
pub(super) struct Graph {
    pub(super) edges: BTreeMap<Node, Vec<Edge>>,
}

impl Graph {
    pub(super) fn of(rules: &Rules<'_, '_>) -> Self {
        let mut watchers: BTreeMap<Variable, Vec<Node>> = BTreeMap::new();
        let mut nodes = Vec::new();
        for (rule, model) in rules.acting() {
            for (index, case) in model.cases.iter().enumerate() {
                let node = Node { rule, case: Some(index) };
                nodes.push(node);
                if let Some(Signal::Change(change)) = model.signal(case) {
                    watchers.entry(change.variable).or_default().push(node);
                }
            }
            if model.is_called {
                nodes.push(Node { rule, case: None });
            }
        }
        let mut edges = BTreeMap::new();
        for node in nodes {
            let Some(case) = case_of(rules, node) else { continue };
            let mut out = Vec::new();
            for (index, effect) in case.effects.iter().enumerate() {
                leads_to(index, effect, &watchers, rules, &mut out);
            }
            if !out.is_empty() {
                edges.insert(node, out);
            }
        }
        Self { edges }
    }

    /// Groups of nodes that all lead to each other (Tarjan's strongly connected components, without recursion).
    pub(super) fn rings(&self) -> Vec<Vec<Node>> {
        let mut search = Search::default();
        for node in self.edges.keys() {
            if !search.numbers.contains_key(node) {
                search.visit(*node, self);
            }
        }
        search.found
    }
}

pub(super) fn case_of<'r>(rules: &'r Rules<'_, '_>, node: Node) -> Option<&'r Case> {
    let model = rules.models.get(node.rule)?;
    match node.case {
        Some(case) => model.cases.get(case),
        None => Some(&model.when_called),
    }
}

pub(super) fn change_of<'r>(rules: &'r Rules<'_, '_>, node: Node) -> Option<&'r Change> {
    match rules.models.get(node.rule)?.signal(case_of(rules, node)?)? {
        Signal::Change(change) => Some(change),
        _ => None,
    }
}

fn leads_to(
    index: usize,
    effect: &Effect,
    watchers: &BTreeMap<Variable, Vec<Node>>,
    rules: &Rules<'_, '_>,
    out: &mut Vec<Edge>,
) {
    if effect.role == Role::Called {
        return;
    }
    match &effect.deed {
        Deed::Set { variable, wish, .. } => {
            for to in watchers.get(variable).into_iter().flatten() {
                let fits = match (wish, change_of(rules, *to)) {
                    (Wish::Value { around, .. }, Some(change)) => change.after.meets(around),
                    _ => true,
                };
                if fits {
                    out.push(Edge { effect: index, way: Way::Change, to: *to });
                }
            }
            for (number, air) in effect.air.iter().enumerate() {
                for to in watchers.get(&air.variable).into_iter().flatten() {
                    out.push(Edge { effect: index, way: Way::Air(number), to: *to });
                }
            }
        }
        Deed::Call(rule) => {
            if rules.models.get(*rule).is_some_and(|model| model.is_called) {
                out.push(Edge { effect: index, way: Way::Call, to: Node { rule: *rule, case: None } });
            }
        }
        Deed::Told(_) => {}
    }
}

#[derive(Default)]
struct Search {
    numbers: BTreeMap<Node, usize>,
    lowest: BTreeMap<Node, usize>,
    /// Nodes of which nobody knows yet which ring they are in.
    open: Vec<Node>,
    is_open: BTreeMap<Node, bool>,
    found: Vec<Vec<Node>>,
}

impl Search {
    fn enter(&mut self, node: Node) {
        let number = self.numbers.len();
        self.numbers.insert(node, number);
        self.lowest.insert(node, number);
        self.open.push(node);
        self.is_open.insert(node, true);
    }

    fn lower(&mut self, node: Node, to: usize) {
        if let Some(lowest) = self.lowest.get_mut(&node) {
            *lowest = to.min(*lowest);
        }
    }

    fn visit(&mut self, start: Node, graph: &Graph) {
        self.enter(start);
        // Each node with how many of its edges were followed.
        let mut path = vec![(start, 0_usize)];
        while let Some((node, followed)) = path.last_mut() {
            let node = *node;
            let next = graph.edges.get(&node).and_then(|edges| edges.get(*followed)).map(|edge| edge.to);
            *followed += 1;
            match next {
                Some(to) => match self.numbers.get(&to).copied() {
                    None => {
                        self.enter(to);
                        path.push((to, 0));
                    }
                    Some(number) if self.is_open.get(&to) == Some(&true) => self.lower(node, number),
                    Some(_) => {}
                },
                None => {
                    path.pop();
                    self.leave(node, path.last().map(|(parent, _)| *parent), graph);
                }
            }
        }
    }

    fn leave(&mut self, node: Node, parent: Option<Node>, graph: &Graph) {
        let lowest = self.lowest.get(&node).copied().unwrap_or_default();
        if let Some(parent) = parent {
            self.lower(parent, lowest);
        }
        if self.numbers.get(&node) != Some(&lowest) {
            return;
        }
        let mut ring = Vec::new();
        while let Some(other) = self.open.pop() {
            self.is_open.insert(other, false);
            ring.push(other);
            if other == node {
                break;
            }
        }
        let leads_to_itself = graph.edges.get(&node).is_some_and(|edges| edges.iter().any(|edge| edge.to == node));
        if ring.len() > 1 || leads_to_itself {
            ring.sort();
            self.found.push(ring);
        }
    }
}
