//! Operations as methods.

use std::fmt::Write as _;

use serde_json::Value;

use crate::{
    docs,
    names::{pascal, snake},
    types::typed,
};

/// What a method is made of.
#[derive(Default)]
struct Method {
    /// Its arguments after `self`.
    arguments: Vec<String>,
    /// What the request is built with.
    steps: Vec<String>,
    /// The members of its query that need not be there.
    optional: Vec<(String, String, String)>,
}

/// A type within the operations.
fn outside(of: &str) -> String {
    if of.starts_with(|first: char| first.is_ascii_uppercase()) && of != "String" {
        match of.strip_prefix("Vec<").and_then(|rest| rest.strip_suffix('>')) {
            Some(inner) => format!("Vec<{}>", outside(inner)),
            None => format!("types::{of}"),
        }
    } else {
        of.to_owned()
    }
}

/// Writes an operation: the type of its query into `text`, its method into `methods`.
pub(crate) fn write(text: &mut String, methods: &mut String, path: &str, verb: &str, operation: &Value) {
    let id = operation["operationId"].as_str().unwrap_or_default();
    let made = method(path, operation);
    let answer = answer(operation);
    let mut arguments = vec!["&self".to_owned()];
    arguments.extend(made.arguments);
    let mut steps = made.steps;
    if !made.optional.is_empty() {
        let query = format!("{}Query", pascal(id));
        write_query(text, &query, id, &made.optional);
        arguments.push(format!("query: &{query}"));
        steps.push("query(query.pairs())".to_owned());
    }
    let said = [operation["summary"].as_str(), operation["description"].as_str()];
    let said: Vec<&str> = said.into_iter().flatten().collect();
    methods.push('\n');
    docs(methods, 1, Some(&said.join("\n\n")), id);
    let (returns, call) = match &answer {
        Some(of) => (outside(of), "call"),
        None => ("Response".to_owned(), "raw"),
    };
    let steps = steps.iter().map(|step| format!(".{step}")).collect::<Vec<_>>().concat();
    let _ = writeln!(
        methods,
        "    ///\n    /// # Errors\n    /// [`Error::Problem`] when it is refused, [`Error::Transport`] when no answer came.\n    \
         pub async fn {}({}) -> Result<{returns}, Error> {{\n        \
         self.{call}(Request::new(\"{}\", {}){steps}).await\n    }}",
        snake(&id.replace('.', "_")),
        arguments.join(", "),
        verb.to_ascii_uppercase(),
        place(path),
    );
}

/// The path, with its parameters in their places, escaped.
fn place(path: &str) -> String {
    let named = |part: &str| Some(snake(part.strip_prefix('{')?.strip_suffix('}')?));
    let arguments = path.split('/').filter_map(named).map(|name| format!(", crate::escaped({name})"));
    let arguments = arguments.collect::<Vec<_>>().concat();
    if arguments.is_empty() {
        return format!("\"{path}\".to_owned()");
    }
    let part = |part| if named(part).is_some() { "{}" } else { part };
    format!("format!(\"{}\"{arguments})", path.split('/').map(part).collect::<Vec<_>>().join("/"))
}

fn method(path: &str, operation: &Value) -> Method {
    let mut made = Method::default();
    // In the order of the path, whatever the order of the document.
    for name in path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
        made.arguments.push(format!("{}: &str", snake(name)));
    }
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let name = parameter["name"].as_str().unwrap_or_default();
        let (required, argument) = (parameter["required"] == true, snake(name));
        let of = outside(&typed(&parameter["schema"]).0);
        match (parameter["in"].as_str(), required) {
            (Some("query"), true) => {
                made.arguments.push(format!("{argument}: {}", if of == "String" { "&str" } else { &of }));
                let value =
                    if of == "String" { format!("{argument}.to_owned()") } else { shown(&argument, &of) };
                made.steps.push(format!("query(vec![(\"{name}\", {value})])"));
            }
            (Some("query"), false) => made.optional.push((name.to_owned(), argument, of)),
            (Some("header"), _) if required || name == "If-Match" => {
                made.arguments.push(format!("{argument}: &str"));
                made.steps.push(format!("header(\"{name}\", {argument})"));
            }
            _ => {}
        }
    }
    let content = &operation["requestBody"]["content"];
    if let Some(json) = content.get("application/json") {
        made.arguments.push(format!("body: &{}", outside(&typed(&json["schema"]).0)));
        made.steps.push("json(body)".to_owned());
    } else if content.is_object() {
        made.arguments.push("body: Vec<u8>".to_owned());
        made.steps.push("bytes(body)".to_owned());
    }
    made
}

/// A value of a query as text.
fn shown(value: &str, of: &str) -> String {
    if of.starts_with("types::") { format!("crate::word(&{value})") } else { format!("{value}.to_string()") }
}

fn write_query(text: &mut String, name: &str, id: &str, members: &[(String, String, String)]) {
    let _ = writeln!(
        text,
        "\n/// What `{id}` can be asked for.\n#[derive(Debug, Clone, Default)]\npub struct {name} {{"
    );
    for (member, field, of) in members {
        let _ = match listed(of) {
            Some(_) => writeln!(text, "    /// `{member}`, any number of them.\n    pub {field}: {of},"),
            None => writeln!(text, "    /// `{member}`.\n    pub {field}: Option<{of}>,"),
        };
    }
    let _ = writeln!(
        text,
        "}}\n\nimpl {name} {{\n    fn pairs(&self) -> Vec<(&'static str, String)> {{\n        let mut pairs = Vec::new();"
    );
    for (member, field, of) in members {
        let value = match listed(of).unwrap_or(of) {
            "String" => "value.clone()".to_owned(),
            of => shown("value", of).replace("&value", "value"),
        };
        let _ =
            writeln!(text, "        pairs.extend(self.{field}.iter().map(|value| (\"{member}\", {value})));");
    }
    text.push_str("        pairs\n    }\n}\n");
}

/// What a list is a list of: it is written once for each.
fn listed(of: &str) -> Option<&str> {
    of.strip_prefix("Vec<")?.strip_suffix('>')
}

/// The type of the first good answer that is JSON.
fn answer(operation: &Value) -> Option<String> {
    let answers = operation["responses"].as_object()?;
    let good = answers.iter().find(|(status, _)| status.starts_with('2'))?.1;
    Some(typed(&good.pointer("/content/application~1json")?["schema"]).0)
}
