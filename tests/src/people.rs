//! People on the stage, signed in at both faces. Made quickly: their sign-up is told by the stories of accounts.

use std::sync::OnceLock;

use chrono::Duration;
use entity::{
    api_token,
    enums::{Hat, Locale, MembershipStatus, OrgKind, Role},
    ids::{ApiTokenId, CreatorId, MembershipId, OrgId, UserId},
    json::Words,
    membership, organization, user,
};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Set};
use server::{
    accounts::{self, second_factor::rules::code_at},
    auth::{
        actors::{self, Person},
        passwords,
        sessions::{self, Device},
        tokens::Token,
    },
    base::text::Email,
    creators,
};

use crate::{api::Api, browser::Browser, stage::Stage};

/// The password of everybody on the stage.
pub const PASSWORD: &str = "plum-orbit-lantern-42";

/// Somebody who is signed in, as one actor.
#[derive(Clone)]
pub struct Someone {
    /// What they are called.
    pub name: String,
    /// Their mailbox.
    pub email: String,
    /// The person's id.
    pub user: UserId,
    /// Their browser, signed in.
    pub browser: Browser,
    /// The API with a token of theirs for the actor.
    pub api: Api,
    /// Their id as creator; nil if they are none.
    pub creator: Option<CreatorId>,
    /// Their organisation, if they are a member.
    pub org: Option<OrgId>,
    cookie: String,
}

impl Someone {
    /// The creator that they are.
    pub fn creator(&self) -> CreatorId {
        self.creator.unwrap_or_else(|| panic!("{} is no creator", self.name))
    }

    /// The organisation that they are a member of.
    pub fn org(&self) -> OrgId {
        self.org.unwrap_or_else(|| panic!("{} is no member", self.name))
    }

    /// A page of their organisation: `path("campaigns")` = `/b/org_…/campaigns`.
    pub fn path(&self, rest: &str) -> String {
        server::web::urls::org(self.org(), rest)
    }

    /// The API by their browser's session instead of a token.
    pub fn session_api(&self) -> Api {
        self.api.cookie(&self.browser.cookies())
    }

    /// The proof that operations take for any person.
    pub async fn person(&self, stage: &Stage) -> Person {
        sessions::person(&stage.app, &self.cookie).await.expect("sessions").unwrap_or_else(|| panic!("{}'s session has ended", self.name))
    }

    /// The proof that operations take for a creator.
    pub async fn as_creator(&self, stage: &Stage) -> actors::Creator {
        actors::creator(stage.app.db(), self.person(stage).await).await.expect("a creator")
    }

    /// The proof that operations take for a member.
    pub async fn as_member(&self, stage: &Stage) -> actors::Member {
        actors::member(stage.app.db(), self.person(stage).await, self.org(), stage.now()).await.expect("a member")
    }

    /// The proof that operations take for an admin.
    pub async fn as_admin(&self, stage: &Stage) -> actors::Admin {
        actors::admin(self.person(stage).await).expect("an admin")
    }
}

/// One hash for all: it takes tens of milliseconds on purpose.
async fn password_hash() -> String {
    static HASH: OnceLock<String> = OnceLock::new();
    if let Some(hash) = HASH.get() {
        return hash.clone();
    }
    let hash = passwords::hash(PASSWORD.into()).await.expect("a hash");
    HASH.get_or_init(|| hash).clone()
}

impl Stage {
    /// Somebody without any hat, in English.
    pub async fn person(&self, name: &str) -> Someone {
        self.person_in(name, Locale::En).await
    }

    /// Somebody without any hat.
    pub async fn person_in(&self, name: &str, locale: Locale) -> Someone {
        let handle: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
        let email = Email::parse(&format!("{handle}@people.example")).expect("an address");
        let tx = self.app.begin().await.expect("a transaction");
        let zone = if locale == Locale::Ja { "Asia/Tokyo" } else { "UTC" };
        let user = accounts::create_user(&tx, &email, name, password_hash().await, locale, zone).await.expect("a person");
        tx.commit().await.expect("commit");
        self.signed_in(user).await
    }

    /// A person with a fresh session and a token as nothing but themselves.
    async fn signed_in(&self, user: user::Model) -> Someone {
        let tx = self.app.begin().await.expect("a transaction");
        let device = Device { user_agent: "Story/1.0".into(), ip: "127.0.0.1".into() };
        let (_, cookie) = sessions::open(&tx, user.id, &device).await.expect("a session");
        tx.commit().await.expect("commit");
        let browser = self.browser();
        browser.keep(&format!("{}={}; Path=/", sessions::cookie_name(&self.app.config), cookie.reveal()));
        let api = self.api().bearer(&self.token(user.id, Hat::Person, None, &["read", "write"]).await);
        let cookie = cookie.reveal().to_owned();
        Someone { name: user.name, email: user.email, user: user.id, browser, api, creator: None, org: None, cookie }
    }

    /// Another browser in which somebody is signed in.
    pub async fn again(&self, someone: &Someone) -> Browser {
        let user = user::Entity::find_by_id(someone.user).one(self.app.db()).await.expect("read").expect("a person");
        self.signed_in(user).await.browser
    }

    /// The text of a new token for one of a person's actors.
    pub async fn token(&self, user: UserId, hat: Hat, org: Option<OrgId>, scopes: &[&str]) -> String {
        let token = Token::new("hbk_");
        let row = api_token::ActiveModel {
            id: Set(self.app.id::<ApiTokenId>()),
            user_id: Set(user),
            hat: Set(hat),
            org_id: Set(org),
            name: Set("story".into()),
            token_hash: Set(token.hash()),
            hint: Set(token.reveal()[token.reveal().len() - 4..].to_owned()),
            scopes: Set(Words(scopes.iter().map(|s| (*s).to_owned()).collect())),
            expires_at: Set(self.now() + Duration::days(366)),
            last_used_at: Set(None),
            revoked_at: Set(None),
            created_at: Set(self.now()),
        };
        row.insert(self.app.db()).await.expect("a token");
        token.reveal().to_owned()
    }

    /// A registered creator, in English.
    pub async fn creator(&self, name: &str) -> Someone {
        self.creator_in(name, Locale::En).await
    }

    /// A registered creator.
    pub async fn creator_in(&self, name: &str, locale: Locale) -> Someone {
        let someone = self.person_in(name, locale).await;
        self.into_creator(someone).await
    }

    /// Makes somebody a creator too.
    pub async fn into_creator(&self, mut someone: Someone) -> Someone {
        let input = creators::Register { display_name: someone.name.clone(), ..Default::default() };
        let made = creators::register(&self.app, &someone.person(self).await, input).await.expect("a creator");
        someone.api = self.api().bearer(&self.token(someone.user, Hat::Creator, None, &["read", "write"]).await);
        someone.creator = Some(made.id);
        someone
    }

    /// A brand and its owner, who is called after it.
    pub async fn brand(&self, name: &str) -> Someone {
        self.organisation(name, OrgKind::Brand).await
    }

    /// An agency and its owner.
    pub async fn agency(&self, name: &str) -> Someone {
        self.organisation(name, OrgKind::Agency).await
    }

    async fn organisation(&self, name: &str, kind: OrgKind) -> Someone {
        let owner = self.person(&format!("{name} Owner")).await;
        let org = organization::ActiveModel {
            id: Set(self.app.id()),
            name: Set(name.to_owned()),
            kind: Set(kind),
            legal_name: Set(format!("{name} Inc.")),
            address: Set("1-1 Chiyoda, Tokyo".into()),
            website: Set(String::new()),
            currency: Set("JPY".into()),
            time_zone: Set("Asia/Tokyo".into()),
            locale: Set(Locale::En),
            created_at: Set(self.now()),
        };
        let org = org.insert(self.app.db()).await.expect("an organisation");
        self.join(owner, org.id, Role::Owner).await
    }

    /// One more member of an organisation.
    pub async fn member(&self, org: OrgId, name: &str, role: Role) -> Someone {
        let person = self.person(name).await;
        self.join(person, org, role).await
    }

    /// Makes somebody a member too.
    pub async fn join(&self, mut someone: Someone, org: OrgId, role: Role) -> Someone {
        let row = membership::ActiveModel {
            id: Set(self.app.id::<MembershipId>()),
            org_id: Set(org),
            user_id: Set(someone.user),
            role: Set(role),
            status: Set(MembershipStatus::Active),
            invited_by: Set(None),
            created_at: Set(self.now()),
        };
        row.insert(self.app.db()).await.expect("a membership");
        someone.api = self.api().bearer(&self.token(someone.user, Hat::Member, Some(org), &["read", "write"]).await);
        someone.org = Some(org);
        someone
    }

    /// A platform admin.
    pub async fn admin(&self) -> Someone {
        let mut someone = self.person("Ada Admin").await;
        let user = user::Entity::find_by_id(someone.user).one(self.app.db()).await.expect("read").expect("a person");
        let mut row = user.into_active_model();
        row.platform_admin = Set(true);
        row.update(self.app.db()).await.expect("an admin");
        someone.api = self.api().bearer(&self.token(someone.user, Hat::Admin, None, &["read", "write"]).await);
        someone
    }
}

impl Stage {
    /// Somebody sets up an authenticator app in the portal: its secret, and the recovery codes.
    pub async fn second_factor(&self, someone: &Someone) -> (String, Vec<String>) {
        let page = someone.browser.get("/account/security").await.ok().form("/account/security/totp").send().await.ok();
        let secret = page.one("code.secret").replace('-', "");
        let confirm = page.actions().into_iter().find(|action| action.contains("/totp/")).expect("a form for the first code");
        let page = page.form(&confirm).set("code", self.code(&secret)).send().await.ok();
        (secret, page.all("code.secret"))
    }

    /// What an authenticator app with this secret shows now.
    pub fn code(&self, secret: &str) -> String {
        code_at(secret, self.now()).expect("a code")
    }
}
