//! What the saga doctor says, for a person at a terminal.

use std::fmt::Write as _;

use serde_json::Value;

/// A list of sagas.
pub(crate) fn list(answer: &Value) -> String {
    let rows = answer["data"].as_array().map(Vec::as_slice).unwrap_or_default();
    if rows.is_empty() {
        return "no saga is like that\n".to_owned();
    }
    let mut lines =
        vec![["SAGA", "ORDER", "STATE", "ATTENTION", "NEXT ATTEMPT", "WAITS FOR"].map(str::to_owned)];
    lines.extend(rows.iter().map(|row| {
        [
            text(&row["id"]),
            text(&row["orderId"]),
            text(&row["state"]),
            if row["needsAttention"] == true { "yes".to_owned() } else { "-".to_owned() },
            text(&row["nextAttemptAt"]),
            text(&row["waitsFor"]["words"]),
        ]
    }));
    let mut out = table(&lines);
    if let Some(cursor) = answer["nextCursor"].as_str() {
        let _ = writeln!(out, "\nmore: --cursor {cursor}");
    }
    out
}

/// One saga: at a glance, its steps, its timeline.
pub(crate) fn diagnosis(answer: &Value) -> String {
    let saga = &answer["saga"];
    let next = &saga["nextAction"];
    let next = if next.is_null() {
        "nothing".to_owned()
    } else {
        format!("{} at {} ({})", text(&next["words"]), text(&next["at"]), text(&next["code"]))
    };
    let actions = saga["allowedActions"].as_array().into_iter().flatten();
    let actions: Vec<String> = actions.map(text).collect();
    let attention = if saga["needsAttention"] == true { ", needs attention" } else { "" };
    let mut out = String::new();
    for (name, value) in [
        ("saga", text(&saga["id"])),
        ("order", format!("{}, {}", text(&saga["orderId"]), text(&answer["orderStatus"]))),
        ("tenant", text(&saga["buyerTenantId"])),
        ("state", format!("{}{attention}", text(&saga["state"]))),
        ("undone for", text(&saga["compensationReason"])),
        ("waits for", text(&saga["waitsFor"]["words"])),
        ("until", text(&saga["waitsFor"]["until"])),
        ("next", next),
        ("you can", if actions.is_empty() { "-".to_owned() } else { actions.join(", ") }),
    ] {
        let _ = writeln!(out, "{name:<11}{value}");
    }
    out.push_str("\nSteps\n");
    let mut lines =
        vec![["STEP", "LINE", "ENTERED", "ENDED", "OUTCOME", "ATTEMPTS", "ERROR"].map(str::to_owned)];
    lines.extend(rows(&answer["steps"]).map(|step| {
        let by_hand = if step["byHand"].is_null() { "" } else { " by hand" };
        [
            text(&step["step"]),
            text(&step["line"]),
            text(&step["enteredAt"]),
            text(&step["exitedAt"]),
            format!("{}{by_hand}", text(&step["outcome"])),
            text(&step["attempts"]),
            text(&step["errorCode"]),
        ]
    }));
    out.push_str(&table(&lines));
    let deliveries: Vec<_> = rows(&answer["deliveries"]).collect();
    if !deliveries.is_empty() {
        out.push_str("\nDeliveries that are not done\n");
        let mut lines = vec![["TOPIC", "CONSUMER", "ATTEMPTS", "DEAD", "ERROR"].map(str::to_owned)];
        lines.extend(
            deliveries.into_iter().map(|one| {
                ["topic", "consumer", "attempts", "dead", "lastError"].map(|name| text(&one[name]))
            }),
        );
        out.push_str(&table(&lines));
    }
    out.push_str("\nTimeline\n");
    let lines: Vec<_> = rows(&answer["timeline"])
        .map(|entry| ["at", "kind", "words"].map(|name| text(&entry[name])))
        .collect();
    out.push_str(&table(&lines));
    if answer["truncated"] == true {
        out.push_str("later events are left out\n");
    }
    out
}

fn rows(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// A value as a cell; control characters of other people's words do not reach the terminal.
fn text(value: &Value) -> String {
    let text = match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    text.replace(char::is_control, " ")
}

/// Columns as wide as their widest cell; the last one as it is.
fn table<const N: usize>(lines: &[[String; N]]) -> String {
    let mut widths = [0; N];
    for line in lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = cell.chars().count().max(*width);
        }
    }
    let mut out = String::new();
    for line in lines {
        let cells = line.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        let line = cells.collect::<Vec<_>>().join("  ");
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_list_is_a_table_with_the_way_on() {
        let answer = json!({"nextCursor": "abc", "data": [{
            "id": "sga_1", "orderId": "ord_1", "state": "compensating", "needsAttention": true,
            "nextAttemptAt": null, "waitsFor": {"words": "the\u{1b}[31m buyer"},
        }]});
        let text = list(&answer);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "SAGA   ORDER  STATE         ATTENTION  NEXT ATTEMPT  WAITS FOR");
        assert_eq!(lines[1], "sga_1  ord_1  compensating  yes        -             the [31m buyer");
        assert_eq!(lines[3], "more: --cursor abc");
        assert_eq!(list(&json!({"data": []})), "no saga is like that\n");
    }
}
