//! What an OpenAPI file says about a call: which names a query may have, and what the answer is.

use hibiki_connectors::Request;
use serde_json::Value;

use super::schema::problems;

/// The operation of a request and its place in the file; names in braces stand for one part of the path.
fn operation<'a>(spec: &'a Value, request: &Request, below: &str) -> &'a Value {
    let asked = request.url.path().strip_prefix(below).unwrap_or_else(|| panic!("{} is not below {below}", request.url.path()));
    let parts: Vec<&str> = asked.split('/').collect();
    let fits = |template: &str| {
        let names: Vec<&str> = template.split('/').collect();
        names.len() == parts.len() && names.iter().zip(&parts).all(|(name, part)| name.starts_with('{') || name == part)
    };
    let paths = spec["paths"].as_object().unwrap();
    // A plain path before one with names in it: `/users/me` before `/users/{id}`.
    let mut found: Vec<(&String, &Value)> = paths.iter().filter(|(template, _)| fits(template)).collect();
    found.sort_by_key(|(template, _)| template.matches('{').count());
    let (_, path) = found.first().unwrap_or_else(|| panic!("no path {asked}"));
    let operation = &path[request.method.as_str().to_lowercase()];
    assert!(operation.is_object(), "no {} {asked}", request.method);
    operation
}

/// What is wrong with a request's query: names that are unknown, values that are not among those allowed, and required ones missing.
pub fn query_problems(spec: &Value, request: &Request, below: &str) -> Vec<String> {
    let operation = operation(spec, request, below);
    let parameters: Vec<&Value> = operation["parameters"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| one["$ref"].as_str().map_or(one, |reference| spec.pointer(reference.trim_start_matches('#')).unwrap()))
        .filter(|one| one["in"] == "query")
        .collect();
    let mut wrong = Vec::new();
    let asked: Vec<(String, String)> = request.url.query_pairs().into_owned().collect();
    for (name, value) in &asked {
        let Some(parameter) = parameters.iter().find(|one| one["name"] == name.as_str()) else {
            wrong.push(format!("{}: `{name}` is not known", request.endpoint));
            continue;
        };
        let schema = &parameter["schema"];
        let values: Vec<Value> = match schema["type"].as_str() {
            Some("array") => value.split(',').map(Value::from).collect(),
            Some("integer") => vec![value.parse::<i64>().map_or(Value::Null, Value::from)],
            Some("boolean") => vec![Value::from(value == "true")],
            _ => vec![Value::from(value.as_str())],
        };
        let item = if schema["type"] == "array" { &schema["items"] } else { schema };
        for value in values {
            wrong.extend(problems(spec, item, &value).iter().map(|problem| format!("{} {name}: {problem}", request.endpoint)));
            let number = value.as_i64();
            let outside = |bound: &str, is: fn(i64, i64) -> bool| number.zip(schema[bound].as_i64()).is_some_and(|(n, bound)| is(n, bound));
            if outside("minimum", |n, least| n < least) || outside("maximum", |n, most| n > most) {
                wrong.push(format!("{} {name}: {value} is out of range", request.endpoint));
            }
        }
    }
    let required = parameters.iter().filter(|one| one["required"] == true).filter_map(|one| one["name"].as_str());
    wrong.extend(
        required
            .filter(|name| !asked.iter().any(|(asked, _)| asked == name))
            .map(|name| format!("{}: `{name}` is missing", request.endpoint)),
    );
    wrong
}

/// What is wrong with an answer of 200.
pub fn answer_problems(spec: &Value, request: &Request, below: &str, body: &[u8]) -> Vec<String> {
    let schema = &operation(spec, request, below)["responses"]["200"]["content"]["application/json"]["schema"];
    assert!(schema.is_object(), "{}: no schema", request.endpoint);
    let value: Value = serde_json::from_slice(body).unwrap();
    problems(spec, schema, &value).iter().map(|problem| format!("{}: {problem}", request.endpoint)).collect()
}
