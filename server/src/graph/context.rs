//! What a resolver is given: the product, the caller as the actor that they chose, and rows by id.

use async_graphql::{Context, ID};
use entity::{
    enums::{Hat, Locale},
    ids::{CreatorId, Id},
};

use super::rows::Loads;
use crate::{
    app::App,
    auth::{
        actors::{self, Acting, Admin, Bearer, Creator, Member, Person, Via},
        limits,
        sessions::{self, Device},
    },
    error::{Error, Result},
};

/// Who calls, as the actor that the token was made for or that the header `Hibiki-Actor` names.
#[derive(Clone, Debug)]
pub enum Actor {
    /// Nobody is signed in.
    Nobody,
    /// Signed in, but as none of several possible actors, or of none at all.
    Undecided(Person, Vec<Acting>),
    /// As the creator that they are.
    Creator(Creator),
    /// As a member of an organisation.
    Member(Member),
    /// As platform admin.
    Admin(Admin),
}

impl Actor {
    /// For a session: what the header names, else the only thing that they can be.
    pub async fn of_session(app: &App, person: Person, asked: Option<&str>) -> Result<Self> {
        let now = app.clock.now();
        let choices = actors::choices(app.db(), &person, now).await?;
        let chosen = match asked {
            Some(text) => choices.iter().find(|c| c.to_string() == text).cloned(),
            None if choices.len() == 1 => choices.first().cloned(),
            None => None,
        };
        match chosen {
            Some(Acting::Creator(..)) => Ok(Self::Creator(actors::creator(app.db(), person).await?)),
            Some(Acting::Org(org, ..)) => Ok(Self::Member(actors::member(app.db(), person, org, now).await?)),
            Some(Acting::Admin) => Self::of_admin(person),
            None => Ok(Self::Undecided(person, choices)),
        }
    }

    /// For a token: what it was made for, and nothing else.
    pub async fn of_token(app: &App, bearer: Bearer) -> Result<Self> {
        match bearer.hat() {
            Hat::Person => Ok(Self::Undecided(bearer.into_person(), Vec::new())),
            Hat::Creator => Ok(Self::Creator(actors::creator(app.db(), bearer.into_person()).await?)),
            Hat::Member => Ok(Self::Member(bearer.into_member(app.db(), app.clock.now()).await?)),
            Hat::Admin => Self::of_admin(bearer.into_person()),
        }
    }

    /// Without the second factor an admin is nothing but a person, who can set one up.
    fn of_admin(person: Person) -> Result<Self> {
        match actors::admin(person.clone()) {
            Ok(admin) => Ok(Self::Admin(admin)),
            Err(Error::Forbidden(_)) => Ok(Self::Undecided(person, vec![Acting::Admin])),
            Err(other) => Err(other),
        }
    }

    /// Whether the actor may still act, and as what they were: the session or token stands, and so does the role in the organisation. For
    /// what lasts longer than a request.
    pub async fn recheck(&self, app: &App) -> Result<()> {
        let Some(person) = self.person() else { return Ok(()) };
        let Some(person) = sessions::still(app, person).await? else { return Err(Error::SignIn) };
        match self {
            Self::Member(before) => match actors::member(app.db(), person, before.org(), app.clock.now()).await {
                Ok(now) if (now.role(), now.agency()) == (before.role(), before.agency()) => Ok(()),
                Ok(_) | Err(Error::NotFound) => Err(Error::Forbidden("auth.forbidden.member")),
                Err(other) => Err(other),
            },
            Self::Creator(_) => actors::creator(app.db(), person).await.map(|_| ()),
            Self::Admin(_) => actors::admin(person).map(|_| ()),
            Self::Nobody | Self::Undecided(..) => Ok(()),
        }
    }

    /// Whether it is this creator.
    pub fn is(&self, creator: CreatorId) -> bool {
        matches!(self, Self::Creator(by) if by.id() == creator)
    }

    /// The person behind the actor.
    pub fn person(&self) -> Option<&Person> {
        match self {
            Self::Nobody => None,
            Self::Undecided(person, _) => Some(person),
            Self::Creator(creator) => Some(creator.person()),
            Self::Member(member) => Some(member.person()),
            Self::Admin(admin) => Some(admin.person()),
        }
    }
}

/// One operation's surroundings, in the request's data.
pub struct Cx {
    /// The product.
    pub app: App,
    /// Who calls.
    pub actor: Actor,
    /// The caller's language.
    pub locale: Locale,
    /// The caller's machine.
    pub device: Device,
    /// Whether the operation changes things.
    pub mutates: bool,
    /// Rows by id, each read once an operation.
    pub rows: Loads,
}

/// What resolvers ask of the context.
pub trait Ask {
    /// One operation's surroundings.
    fn cx(&self) -> Result<&Cx>;

    /// The product.
    fn app(&self) -> Result<&App> {
        Ok(&self.cx()?.app)
    }

    /// The caller's language.
    fn locale(&self) -> Locale {
        self.cx().map_or(Locale::En, |cx| cx.locale)
    }

    /// Rows by id.
    fn rows(&self) -> Result<&Loads> {
        Ok(&self.cx()?.rows)
    }

    /// Whoever is signed in.
    fn person(&self) -> Result<&Person> {
        let cx = self.cx()?;
        let person = cx.actor.person().ok_or(Error::SignIn)?;
        match person.via() {
            Via::Token(_, false) if cx.mutates => Err(Error::Forbidden("auth.forbidden.read_only")),
            _ => Ok(person),
        }
    }

    /// The caller as creator.
    fn creator(&self) -> Result<&Creator> {
        self.person()?;
        match &self.cx()?.actor {
            Actor::Creator(creator) => Ok(creator),
            Actor::Undecided(_, choices) => Err(undecided(choices, "auth.forbidden.creator")),
            _ => Err(Error::Forbidden("auth.forbidden.creator")),
        }
    }

    /// The caller as member of an organisation.
    fn member(&self) -> Result<&Member> {
        self.person()?;
        match &self.cx()?.actor {
            Actor::Member(member) => Ok(member),
            Actor::Undecided(_, choices) => Err(undecided(choices, "auth.forbidden.member")),
            _ => Err(Error::Forbidden("auth.forbidden.member")),
        }
    }

    /// The caller as platform admin.
    fn admin(&self) -> Result<&Admin> {
        self.person()?;
        match &self.cx()?.actor {
            Actor::Admin(admin) => Ok(admin),
            Actor::Undecided(person, _) => match actors::admin(person.clone()) {
                Err(needs @ Error::Forbidden(_)) => Err(needs),
                _ => Err(Error::Forbidden("auth.forbidden.admin")),
            },
            _ => Err(Error::Forbidden("auth.forbidden.admin")),
        }
    }
}

fn undecided(choices: &[Acting], otherwise: &'static str) -> Error {
    if choices.len() > 1 { Error::Forbidden("auth.forbidden.choose_actor") } else { Error::Forbidden(otherwise) }
}

impl Ask for Context<'_> {
    fn cx(&self) -> Result<&Cx> {
        self.data::<Cx>().map_err(|_| anyhow::anyhow!("the operation has no context").into())
    }
}

/// Somebody tries a token out of a mail: from one place only so often, here as at the portal.
pub async fn tries_token(ctx: &Context<'_>) -> Result<()> {
    let cx = ctx.cx()?;
    limits::take(&cx.app, limits::TOKEN_BY_IP, &cx.device.ip).await
}

/// An id that a caller sent. Garbage and ids of another kind are simply not found.
pub fn id<T: Id>(id: &ID) -> Result<T> {
    id.parse().map_err(|_| Error::NotFound)
}
