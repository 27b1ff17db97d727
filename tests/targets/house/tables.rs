//! State tables as text, and what every one of them must hold.

use std::{
    collections::BTreeSet,
    fmt::{Debug, Write as _},
};

use sarai_domain::kernel::Edge;
use serde::Serialize;

/// A state table, whatever its types; states and actions are spelled as they are stored.
pub(crate) struct Table {
    pub(crate) name: &'static str,
    states: Vec<String>,
    terminal: Vec<String>,
    edges: Vec<Row>,
}

struct Row {
    from: String,
    action: String,
    to: String,
    guards: Vec<&'static str>,
}

impl Table {
    /// A table of `states`, of which the first is the initial one.
    pub(crate) fn new<S: Serialize + Debug, A: Serialize + Debug>(
        name: &'static str,
        states: &[S],
        terminal: &[S],
        edges: &[Edge<S, A>],
    ) -> Self {
        let row = |edge: &Edge<S, A>| Row {
            from: word(&edge.from),
            action: word(&edge.action),
            to: word(&edge.to),
            guards: edge.guards.iter().map(|guard| guard.id).collect(),
        };
        Self {
            name,
            states: states.iter().map(word).collect(),
            terminal: terminal.iter().map(word).collect(),
            edges: edges.iter().map(row).collect(),
        }
    }

    /// Markdown and Mermaid.
    pub(crate) fn render(&self) -> String {
        let mut text = format!("### {}\n\n| from | action | to | guards |\n|---|---|---|---|\n", self.name);
        for Row { from, action, to, guards } in &self.edges {
            let _ = writeln!(text, "| {from} | {action} | {to} | {} |", guards.join(", "));
        }
        text += "\n```mermaid\nstateDiagram-v2\n";
        if let Some(initial) = self.states.first() {
            let _ = writeln!(text, "    [*] --> {initial}");
        }
        for Row { from, action, to, .. } in &self.edges {
            let _ = writeln!(text, "    {from} --> {to}: {action}");
        }
        for state in &self.terminal {
            let _ = writeln!(text, "    {state} --> [*]");
        }
        text + "```\n"
    }

    /// Two edges for one state and action, states out of reach, a wrong list of terminal states.
    pub(crate) fn violations(&self) -> Vec<String> {
        let mut violations = Vec::new();
        let mut seen = BTreeSet::new();
        for Row { from, action, .. } in &self.edges {
            if !seen.insert((from, action)) {
                violations.push(format!("two edges: {from}, {action}"));
            }
        }

        let mut reached: BTreeSet<&String> = self.states.first().into_iter().collect();
        // Each round reaches at least one state more, or none ever will.
        for _ in &self.states {
            let next = self.edges.iter().filter(|row| reached.contains(&row.from)).map(|row| &row.to);
            reached = reached.union(&next.collect()).copied().collect();
        }
        let stray = self.states.iter().filter(|state| !reached.contains(state));
        violations.extend(stray.map(|state| format!("out of reach: {state}")));

        let left: BTreeSet<_> = self.edges.iter().map(|row| &row.from).collect();
        let unlisted = self.edges.iter().flat_map(|row| [&row.from, &row.to]).collect::<BTreeSet<_>>();
        let unlisted = unlisted.into_iter().filter(|state| !self.states.contains(state));
        violations.extend(unlisted.map(|state| format!("not among the states: {state}")));
        let wrong = self.states.iter().filter(|state| self.terminal.contains(state) == left.contains(state));
        violations.extend(wrong.map(|state| format!("terminal or not: {state}")));

        violations.iter().map(|violation| format!("{}: {violation}", self.name)).collect()
    }
}

/// The stored spelling of a state or an action.
fn word(value: &(impl Serialize + Debug)) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        other => panic!("{value:?} is not stored as a word but as {other:?}"),
    }
}

#[cfg(test)]
mod tests {
    use sarai_domain::marketplace::invariants::{L_INV_1, L_INV_2};

    use super::*;

    const STATES: [&str; 3] = ["draft", "live", "ended"];

    fn table(terminal: &[&'static str], edges: &[(&'static str, &'static str, &'static str)]) -> Table {
        let guards: [&'static [_]; 2] = [&[L_INV_1, L_INV_2], &[]];
        let edges = edges.iter().zip(guards.into_iter().cycle());
        let edges: Vec<_> =
            edges.map(|((from, action, to), guards)| Edge::new(*from, *action, *to, guards)).collect();
        Table::new("Thing", &STATES, terminal, &edges)
    }

    #[test]
    fn a_table_reads_at_a_glance() {
        let table = table(&["ended"], &[("draft", "publish", "live"), ("live", "end", "ended")]);
        assert_eq!(table.violations(), Vec::<String>::new());
        assert_eq!(
            table.render(),
            "### Thing\n\n\
             | from | action | to | guards |\n|---|---|---|---|\n\
             | draft | publish | live | L-INV-1, L-INV-2 |\n\
             | live | end | ended |  |\n\n\
             ```mermaid\nstateDiagram-v2\n    [*] --> draft\n    draft --> live: publish\n    \
             live --> ended: end\n    ended --> [*]\n```\n"
        );
    }

    #[test]
    fn a_broken_table_is_found() {
        let publish = ("draft", "publish", "live");
        let end = ("live", "end", "ended");
        for (terminal, edges, violation) in [
            (
                ["ended"].as_slice(),
                [publish, end, ("draft", "publish", "ended")].as_slice(),
                "two edges: draft, publish",
            ),
            (&["live", "ended"], &[publish], "out of reach: ended"),
            (&["ended"], &[("live", "end", "ended")], "out of reach: live"),
            (&[], &[publish, end], "terminal or not: ended"),
            (&["live", "ended"], &[publish, end], "terminal or not: live"),
            (&["ended"], &[publish, end, ("live", "lose", "lost")], "not among the states: lost"),
        ] {
            let violations = table(terminal, edges).violations();
            assert!(violations.contains(&format!("Thing: {violation}")), "{violation}: {violations:?}");
        }
    }
}
