//! Checks JSON against the schemas of an OpenAPI 3.0 file, as far as those files use them. Strict about names: a property that the
//! schema does not list is wrong, unless it allows others.

use serde_json::Value;

/// What is wrong with a value, each with its place; empty if nothing is.
pub fn problems(spec: &Value, schema: &Value, value: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    check(spec, schema, value, "$", &mut wrong);
    wrong
}

fn resolved<'a>(spec: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(reference) => resolved(spec, spec.pointer(reference.trim_start_matches('#')).unwrap_or(&Value::Null)),
        None => schema,
    }
}

/// All properties of a schema, those of its parts among them.
fn properties<'a>(spec: &'a Value, schema: &'a Value) -> Vec<(&'a str, &'a Value)> {
    let schema = resolved(spec, schema);
    let own = schema["properties"].as_object().into_iter().flatten().map(|(name, schema)| (name.as_str(), schema));
    let parts = schema["allOf"].as_array().into_iter().flatten().flat_map(|part| properties(spec, part));
    own.chain(parts).collect()
}

fn check(spec: &Value, schema: &Value, value: &Value, at: &str, wrong: &mut Vec<String>) {
    let schema = resolved(spec, schema);
    if value.is_null() {
        let nullable = schema["nullable"] == true || schema["type"].is_null();
        if !nullable {
            wrong.push(format!("{at}: null"));
        }
        return;
    }
    for choice in ["oneOf", "anyOf"] {
        if let Some(choices) = schema[choice].as_array()
            && !choices.iter().any(|one| problems(spec, one, value).is_empty())
        {
            wrong.push(format!("{at}: none of {choice}: {value}"));
        }
    }
    if let Some(allowed) = schema["enum"].as_array()
        && !allowed.contains(value)
    {
        wrong.push(format!("{at}: {value} is not among {}", schema["enum"]));
    }
    let right = match schema["type"].as_str() {
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("number") => value.is_number(),
        Some("boolean") => value.is_boolean(),
        Some("array") => value.is_array(),
        Some("object") => value.is_object(),
        _ => true,
    };
    if !right {
        wrong.push(format!("{at}: {value} is no {}", schema["type"]));
        return;
    }
    if let (Some(format), Some(text)) = (schema["format"].as_str(), value.as_str())
        && format == "date-time"
        && chrono::DateTime::parse_from_rfc3339(text).is_err()
        && chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S").is_err()
    {
        wrong.push(format!("{at}: {text} is no time"));
    }
    if let Some(rows) = value.as_array() {
        for (n, row) in rows.iter().enumerate() {
            check(spec, &schema["items"], row, &format!("{at}[{n}]"), wrong);
        }
    }
    if let Some(map) = value.as_object() {
        let known = properties(spec, schema);
        let others = resolved(spec, &schema["additionalProperties"]);
        for (name, inner) in map {
            match known.iter().find(|(known, _)| known == name) {
                Some((_, schema)) => check(spec, schema, inner, &format!("{at}.{name}"), wrong),
                None if others.is_object() => check(spec, others, inner, &format!("{at}.{name}"), wrong),
                None if known.is_empty() || others == &Value::Bool(true) => {}
                None => wrong.push(format!("{at}: `{name}` is not known")),
            }
        }
        let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        wrong.extend(required.filter(|name| !map.contains_key(*name)).map(|name| format!("{at}: `{name}` is missing")));
    }
}

#[test]
fn the_checker_sees_what_is_wrong() {
    let spec = serde_json::json!({"a": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}, "n": {"type": "integer", "nullable": true}, "k": {"enum": ["x"]}}}});
    let schema = serde_json::json!({"$ref": "#/a"});
    let of = |value: Value| problems(&spec, &schema, &value).len();
    assert_eq!(of(serde_json::json!({"id": "1", "n": null, "k": "x"})), 0);
    for wrong in [
        serde_json::json!({}),
        serde_json::json!({"id": 1}),
        serde_json::json!({"id": "1", "m": 2}),
        serde_json::json!({"id": "1", "k": "y"}),
        serde_json::json!([]),
    ] {
        assert_eq!(of(wrong.clone()), 1, "{wrong}");
    }
}
