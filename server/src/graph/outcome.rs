//! What a mutation answers: the changed thing, or what the caller can mend. Failures that are expected are data, never top-level errors.

use async_graphql::{Context, SimpleObject};
use entity::enums::Locale;

use super::context::Ask;
use crate::error::{Code, Error, Problem, Result, Wrong};

/// Something that the caller can mend.
#[derive(Clone, Debug, SimpleObject)]
pub struct UserError {
    /// A stable code to act upon.
    pub code: Code,
    /// A sentence for the person at the screen, in the caller's language.
    pub message: String,
    /// The path of the input field, such as `["input", "email"]`; null when it is about the whole.
    pub field: Option<Vec<String>>,
}

impl UserError {
    /// In the caller's language.
    pub fn of(problem: Problem, locale: Locale) -> Self {
        Self { code: problem.wrong.code, message: problem.wrong.text(locale).into(), field: path(&problem.field) }
    }
}

/// What a nullable field gives that may fail alone: its error leaves the rest of the answer (A20).
pub type Alone<T> = Option<async_graphql::Result<T>>;

/// Makes it of what was found. The library catches an error at a nullable field only inside the `Option`; in a `Result` around it the error
/// would take the parent along, at the root the whole answer.
pub async fn alone<T>(found: impl Future<Output = Result<Option<T>>>) -> Alone<T> {
    found.await.transpose().map(|found| found.map_err(Into::into))
}

/// A mutation's answer.
pub trait Payload {
    /// The answer when nothing was done.
    fn refused(errors: Vec<UserError>) -> Self;
}

/// Defines a payload: nullable fields and `userErrors`.
#[macro_export]
macro_rules! payload {
    ($($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident: $ty:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(async_graphql::SimpleObject, Default)]
        pub struct $name {
            $($(#[$fdoc])* pub $field: Option<$ty>,)*
            /// What the caller can mend. Empty means that it was done.
            pub user_errors: Vec<$crate::graph::outcome::UserError>,
        }
        impl $crate::graph::outcome::Payload for $name {
            fn refused(errors: Vec<$crate::graph::outcome::UserError>) -> Self {
                Self { user_errors: errors, ..Default::default() }
            }
        }
    )*};
}

/// Puts what the caller can mend into the payload; everything else stays an error of the whole.
pub fn answer<P: Payload>(ctx: &Context<'_>, result: Result<P>) -> Result<P> {
    let problems = match result {
        Err(Error::User(problems)) => problems,
        Err(Error::NotFound) => vec![Problem::new("", Wrong::new(Code::NotFound, "base.problem.not_found"))],
        other => return other,
    };
    let locale = ctx.locale();
    Ok(P::refused(problems.into_iter().map(|problem| UserError::of(problem, locale)).collect()))
}

/// `kpis.0.target_value` → `["input", "kpis", "0", "targetValue"]`
fn path(field: &str) -> Option<Vec<String>> {
    if field.is_empty() {
        return None;
    }
    Some(std::iter::once("input".to_owned()).chain(field.split('.').map(camel)).collect())
}

fn camel(snake: &str) -> String {
    let mut out = String::with_capacity(snake.len());
    let mut up = false;
    for c in snake.chars() {
        match c {
            '_' => up = true,
            c if up => {
                out.extend(c.to_uppercase());
                up = false;
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_written_as_the_schema_writes_them() {
        assert_eq!(path(""), None);
        assert_eq!(path("email").unwrap(), ["input", "email"]);
        assert_eq!(path("kpis.0.target_value").unwrap(), ["input", "kpis", "0", "targetValue"]);
    }
}
