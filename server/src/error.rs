//! What can go wrong, and what the caller is told of it.

use std::{borrow::Cow, fmt};

use entity::enums::Locale;

use crate::base::lang::{Lang, Text};

/// The result of every operation and query.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an operation did not happen.
#[derive(Debug)]
pub enum Error {
    /// The caller can mend it: said beside each field.
    User(Vec<Problem>),
    /// Nobody is signed in.
    SignIn,
    /// The caller may know that the thing exists, but not do this. The text key says why.
    Forbidden(&'static str),
    /// Absent, or not the caller's.
    NotFound,
    /// Too many requests; come back in so many seconds.
    Busy(u64),
    /// Ours to mend. Logged once, at the edge; the caller sees a request id and no more.
    Fault(anyhow::Error),
}

/// The stable codes of user errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, async_graphql::Enum)]
#[graphql(name = "UserErrorCode")]
pub enum Code {
    /// The value cannot be read or is not allowed here.
    Invalid,
    /// A value is needed.
    Required,
    /// The value is longer or larger than allowed.
    TooLong,
    /// Somebody else has it already.
    Taken,
    /// The link, invitation or offer has run out.
    Expired,
    /// It was done before.
    AlreadyDone,
    /// No more of these are allowed.
    LimitReached,
    /// The password, code or token is not right.
    Wrong,
    /// The object's state does not allow it now.
    WrongState,
    /// Nothing by this id that the caller may see.
    NotFound,
    /// The network or another outside party refused.
    Refused,
}

/// What is wrong with one value, before it is known to which field it belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The stable code.
    pub code: Code,
    key: &'static str,
    places: Vec<(&'static str, String)>,
}

impl Wrong {
    /// With the text of `key`.
    pub fn new(code: Code, key: &'static str) -> Self {
        Self { code, key, places: Vec::new() }
    }

    /// A value is needed.
    pub fn required() -> Self {
        Self::new(Code::Required, "base.problem.required")
    }

    /// Fills a place of the text.
    pub fn with(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.places.push((name, value.to_string()));
        self
    }

    /// The sentence in the caller's language.
    pub fn text(&self, locale: Locale) -> Text {
        self.places.iter().fold(locale.t(self.key), |text, (name, value)| text.with(name, value))
    }
}

/// One thing that the caller can mend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The path of the input field: `email`, `kpis.0.target`; empty = the whole.
    pub field: Cow<'static, str>,
    /// What is wrong.
    pub wrong: Wrong,
}

impl Problem {
    /// `wrong` at `field`.
    pub fn new(field: impl Into<Cow<'static, str>>, wrong: Wrong) -> Self {
        Self { field: field.into(), wrong }
    }

    /// A problem of the whole, such as a state that does not allow it.
    pub fn whole(code: Code, key: &'static str) -> Self {
        Self::new("", Wrong::new(code, key))
    }
}

impl Error {
    /// What went wrong in words, for somebody at a terminal.
    pub fn in_words(&self, locale: Locale) -> String {
        match self {
            Self::User(problems) => problems.iter().map(|p| p.wrong.text(locale).to_string()).collect::<Vec<_>>().join("\n"),
            other => other.to_string(),
        }
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::User(vec![problem])
    }
}

impl<E: Into<anyhow::Error>> From<E> for Error {
    fn from(fault: E) -> Self {
        Self::Fault(fault.into())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(problems) => {
                f.write_str("refused:")?;
                for p in problems {
                    write!(f, " {}={:?}({})", p.field, p.wrong.code, p.wrong.key)?;
                }
                Ok(())
            }
            Self::SignIn => f.write_str("nobody is signed in"),
            Self::Forbidden(key) => write!(f, "forbidden: {key}"),
            Self::NotFound => f.write_str("not found"),
            Self::Busy(seconds) => write!(f, "busy for {seconds} s"),
            Self::Fault(fault) => write!(f, "fault: {fault:#}"),
        }
    }
}

/// Gathers all problems of an input before answering.
///
/// ```ignore
/// let mut check = Check::default();
/// let email = check.take("email", Email::parse(&input.email));
/// let name = check.take("name", line(&input.name, 80));
/// let (email, name) = check.all((email, name))?;
/// ```
#[derive(Debug, Default)]
pub struct Check(Vec<Problem>);

impl Check {
    /// The value, or none and a remembered problem.
    pub fn take<T>(&mut self, field: impl Into<Cow<'static, str>>, read: Result<T, Wrong>) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err(wrong) => {
                self.0.push(Problem::new(field, wrong));
                None
            }
        }
    }

    /// Remembers a problem unless `fine`.
    pub fn that(&mut self, field: impl Into<Cow<'static, str>>, fine: bool, wrong: impl FnOnce() -> Wrong) {
        if !fine {
            self.0.push(Problem::new(field, wrong()));
        }
    }

    /// Whether nothing was wrong so far.
    pub fn is_clear(&self) -> bool {
        self.0.is_empty()
    }

    /// All the values, or all the problems.
    pub fn all<P: Parts>(self, parts: P) -> Result<P::Values> {
        match parts.values() {
            Some(values) if self.0.is_empty() => Ok(values),
            _ => Err(Error::User(self.0)),
        }
    }
}

/// A tuple of what [`Check::take`] gave.
pub trait Parts {
    /// The same without the options.
    type Values;
    /// The values, if all are there.
    fn values(self) -> Option<Self::Values>;
}

macro_rules! parts {
    ($($($name:ident)+;)*) => {$(
        impl<$($name),+> Parts for ($(Option<$name>,)+) {
            type Values = ($($name,)+);
            #[expect(non_snake_case, reason = "type parameters name the values")]
            fn values(self) -> Option<Self::Values> {
                let ($($name,)+) = self;
                Some(($($name?,)+))
            }
        }
    )*};
}

parts! {
    A;
    A B;
    A B C;
    A B C D;
    A B C D E;
    A B C D E F;
    A B C D E F G;
    A B C D E F G H;
    A B C D E F G H I;
    A B C D E F G H I J;
    A B C D E F G H I J K;
    A B C D E F G H I J K L;
}

impl Parts for () {
    type Values = ();
    fn values(self) -> Option<()> {
        Some(())
    }
}
