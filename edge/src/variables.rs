//! Checks given variables against their declared types, as far as that goes without the schema: presence, null, lists, built-in scalars.
//!
//! The library leaves a missing variable to the resolver, where it would be a field error; it is an error of the request (A3, A17).

use async_graphql::Variables;
use async_graphql_parser::types::{BaseType, OperationDefinition, Type};
use async_graphql_value::ConstValue;

use crate::{Code, Refusal};

/// Refuses the first variable that cannot be what its operation declares.
pub(crate) fn check(operation: &OperationDefinition, variables: &Variables) -> Result<(), Refusal> {
    for definition in &operation.variable_definitions {
        let (name, declared) = (&definition.node.name.node, &definition.node.var_type.node);
        let fits = match variables.get(name) {
            Some(value) => fits(declared, value),
            None => declared.nullable || definition.node.default_value.is_some(),
        };
        if !fits {
            let given = if variables.contains_key(name) { "got a value of another type" } else { "was not given" };
            return Err(
                Refusal::document(Code::BadUserInput, format!("Variable \"${name}\" of type \"{declared}\" {given}.")).at([definition.pos])
            );
        }
    }
    Ok(())
}

fn fits(declared: &Type, value: &ConstValue) -> bool {
    if *value == ConstValue::Null {
        return declared.nullable;
    }
    match (&declared.base, value) {
        (BaseType::List(inner), ConstValue::List(items)) => items.iter().all(|item| fits(inner, item)),
        // One value stands for a list of one.
        (BaseType::List(inner), value) => fits(inner, value),
        (BaseType::Named(name), value) => match name.as_str() {
            "Int" => {
                matches!(value, ConstValue::Number(number) if number.as_i64().is_some_and(|it| i32::try_from(it).is_ok()))
            }
            "Float" => matches!(value, ConstValue::Number(_)),
            "String" => matches!(value, ConstValue::String(_)),
            "Boolean" => matches!(value, ConstValue::Boolean(_)),
            "ID" => matches!(value, ConstValue::String(_)) || matches!(value, ConstValue::Number(number) if !number.is_f64()),
            _ => true,
        },
    }
}
