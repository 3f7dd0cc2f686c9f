//! How the demo world comes to be: the product's own operations, called as people would, over three weeks of a clock of its own.

use std::collections::HashMap;

use chrono::{Duration, NaiveDate};
use connectors::CallbackQuery;
use entity::{
    enums::{Locale, Network},
    ids::{CampaignId, OrgId},
    organization, participation, session,
};
use figment::{
    Figment,
    providers::{Format, Toml},
};
use sea_orm::EntityTrait;
use serde::Deserialize;

use super::{Account, PASSWORD};
use crate::{
    accounts,
    app::App,
    auth::{
        actors::{self, Console, Member, Person},
        passwords,
        sessions::{self, Device},
    },
    base::{clock::Clock, paging::Slice, text::Email},
    briefs, campaigns,
    config::Config,
    conversations::{self, Speaker},
    creators::{
        self,
        import::{Refused, Totals, Watch, mapping::Mapping},
    },
    error::{Error, Result},
    insights, invitations, jobs, mail, networks, offerings, organisations,
};

#[derive(Deserialize)]
struct World {
    people: Vec<Human>,
    organisations: Vec<Company>,
    creators: Vec<Talent>,
    campaigns: Vec<Plan>,
    invitations: Vec<Letter>,
}

#[derive(Deserialize)]
struct Human {
    email: String,
    name: String,
    locale: String,
    time_zone: String,
}

#[derive(Deserialize)]
struct Company {
    key: String,
    owner: String,
    #[serde(default)]
    manager: String,
    name: String,
    kind: String,
    legal_name: String,
    address: String,
    website: String,
    currency: String,
    time_zone: String,
    locale: String,
}

#[derive(Deserialize)]
struct Talent {
    #[serde(flatten)]
    human: Human,
    #[serde(default)]
    kana: String,
    country: String,
    prefecture: String,
    category: String,
    skills: Vec<String>,
    intro_en: String,
    intro_ja: String,
    /// Network, format, price, currency, note.
    offerings: Vec<[String; 5]>,
    /// Title, brand, address.
    portfolio: Vec<[String; 3]>,
    /// Network, who they are in the sandbox, the handle of the account that they link.
    #[serde(default)]
    linked: Vec<[String; 3]>,
    /// Network, handle.
    #[serde(default)]
    declared: Vec<Pair>,
}

/// English, Japanese.
type Pair = [String; 2];

#[derive(Deserialize)]
struct Plan {
    key: String,
    org: String,
    name: String,
    goal: String,
    /// Measure, target.
    kpis: Vec<Pair>,
    budget: String,
    /// Days from today.
    starts_in: i64,
    ends_in: i64,
    /// Network, format.
    formats: Vec<Pair>,
    interests: Vec<String>,
    countries: Vec<String>,
    state: String,
    /// The brief's parts by name.
    #[serde(default)]
    texts: HashMap<String, Pair>,
}

#[derive(Deserialize)]
struct Letter {
    campaign: String,
    to: String,
    /// `join`, `decline`, or empty while it waits.
    answer: String,
    subject: String,
    message: String,
    /// `creator` or `brand`, and what they say.
    chat: Vec<Pair>,
}

/// Makes all of it, and gives those whom a visitor can sign in as.
pub(super) async fn make(config: &Config) -> Result<Vec<Account>> {
    let world: World = Figment::from(Toml::string(include_str!("world.toml"))).extract()?;
    let clock = Clock::frozen(Clock::system().now() - Duration::days(21));
    let mut config = config.clone();
    // Who is not seen for two of the three weeks stays signed in; every session ends with the making.
    config.auth.idle_hours = 24 * 30;
    let app = App::open(config.clone(), clock.clone()).await?;
    let mut cast = Cast { hash: passwords::hash(PASSWORD.to_owned()).await?, people: HashMap::new(), app, clock };

    for human in world.people.iter().chain(world.creators.iter().map(|talent| &talent.human)) {
        cast.enter(human).await?;
    }
    let mut orgs = HashMap::new();
    for company in &world.organisations {
        orgs.insert(company.key.as_str(), cast.found(company).await?.id);
    }
    for talent in &world.creators {
        cast.clock.advance(Duration::hours(7));
        cast.perform(talent).await?;
    }
    creators::import::import(
        &cast.app,
        &Console::at_the_machine(),
        include_bytes!("list.csv").as_slice(),
        "demo",
        &Mapping::default(),
        &mut Silent,
    )
    .await?;
    let today = Clock::system().now().date_naive();
    let mut plans = HashMap::new();
    for plan in &world.campaigns {
        cast.clock.advance(Duration::hours(9));
        let by = cast.member(orgs[plan.org.as_str()]).await?;
        plans.insert(plan.key.as_str(), (by.org(), cast.plan(&by, plan, today).await?));
    }
    for (i, letter) in world.invitations.iter().enumerate() {
        // The last one was sent this morning, and waits for the visitor.
        let left = Clock::system().now() - cast.clock.now() - Duration::hours(3);
        cast.clock.advance(if i + 1 == world.invitations.len() { left } else { Duration::days(1) });
        let (org, campaign) = plans[letter.campaign.as_str()];
        cast.invite(&cast.member(org).await?, campaign, letter).await?;
    }
    cast.deliver().await?;
    cast.read().await?;
    super::history::write(&cast.app, &config).await?;
    // Whoever opens the demo also sees what a creator may show to everybody.
    let public = insights::Page { slug: String::new(), with_audience: true };
    insights::publish(&cast.app, &cast.creator("ken@demo.example").await?, public).await?;
    cast.sign_ins(orgs["tea"]).await
}

/// Nobody watches the list being taken in.
struct Silent;

impl Watch for Silent {
    fn refused(&mut self, refused: Refused) -> Result<()> {
        Err(anyhow::anyhow!("line {}: {}", refused.line, refused.reason).into())
    }
    fn progress(&mut self, _: u64, _: &Totals) {}
}

/// Who plays in the world.
struct Cast {
    app: App,
    clock: Clock,
    hash: String,
    /// The cookie of everybody's session, by address.
    people: HashMap<String, String>,
}

impl Cast {
    /// Somebody signs up.
    async fn enter(&mut self, human: &Human) -> Result<()> {
        let email = Email::parse(&human.email).map_err(|wrong| anyhow::anyhow!("{}: {wrong:?}", human.email))?;
        let locale: Locale = human.locale.parse().map_err(|()| anyhow::anyhow!("no such locale: {}", human.locale))?;
        let tx = self.app.begin().await?;
        let user = accounts::create_user(&tx, &email, &human.name, self.hash.clone(), locale, &human.time_zone).await?;
        let (_, cookie) = sessions::open(&tx, user.id, &Device::default()).await?;
        tx.commit().await?;
        self.people.insert(human.email.clone(), cookie.reveal().to_owned());
        Ok(())
    }

    async fn person(&self, email: &str) -> Result<Person> {
        let cookie = self.people.get(email).ok_or(Error::NotFound)?;
        sessions::person(&self.app, cookie).await?.ok_or(Error::SignIn)
    }

    async fn creator(&self, email: &str) -> Result<actors::Creator> {
        actors::creator(self.app.db(), self.person(email).await?).await
    }

    /// The owner of an organisation.
    async fn member(&self, org: OrgId) -> Result<Member> {
        for email in self.people.keys() {
            let found = actors::member(self.app.db(), self.person(email).await?, org, self.app.clock.now()).await;
            if let Ok(member) = found
                && member.owner().is_ok()
            {
                return Ok(member);
            }
        }
        Err(Error::NotFound)
    }

    async fn found(&self, company: &Company) -> Result<organization::Model> {
        let profile = organisations::rules::ProfileInput {
            name: company.name.clone(),
            legal_name: company.legal_name.clone(),
            address: company.address.clone(),
            website: company.website.clone(),
            currency: company.currency.clone(),
            time_zone: company.time_zone.clone(),
            locale: company.locale.clone(),
        };
        let input = organisations::Found { kind: company.kind.clone(), profile };
        let org = organisations::found(&self.app, &self.person(&company.owner).await?, input).await?;
        if !company.manager.is_empty() {
            let owner = self.member(org.id).await?;
            organisations::invite_member(&self.app, &owner.owner()?, &company.manager, "manager").await?;
        }
        Ok(org)
    }

    async fn perform(&self, talent: &Talent) -> Result<()> {
        let email = &talent.human.email;
        let register = creators::Register {
            display_name: talent.human.name.clone(),
            country: talent.country.clone(),
            main_category: talent.category.clone(),
        };
        creators::register(&self.app, &self.person(email).await?, register).await?;
        let by = self.creator(email).await?;
        let typed = creators::rules::Typed {
            kana: Some(talent.kana.clone()),
            intro_en: Some(talent.intro_en.clone()),
            intro_ja: Some(talent.intro_ja.clone()),
            skills: Some(talent.skills.clone()),
            prefecture: Some(talent.prefecture.clone()),
            ..Default::default()
        };
        creators::edit(&self.app, &by, typed).await?;
        for [network, format, price, currency, note] in talent.offerings.clone() {
            offerings::add(&self.app, &by, &offerings::rules::Typed { network, format, price, currency, note }).await?;
        }
        for [title, brand_name, url] in talent.portfolio.clone() {
            let item = creators::rules::TypedItem { brand_name, title, url, ..Default::default() };
            creators::add_item(&self.app, &by, &item).await?;
        }
        for [network, handle] in &talent.declared {
            networks::declare(&self.app, &by, network, handle).await?;
        }
        for [network, who, handle] in &talent.linked {
            let network: Network = network.parse().map_err(|()| Error::NotFound)?;
            // Without a sandbox there is nothing to link.
            if self.app.networks.get(networks::rules::outside(network)).is_some() {
                self.link(&by, network, who, handle).await?;
            }
        }
        Ok(())
    }

    /// Through the sandbox's consent page and back. Who has several accounts there means the one of this handle.
    async fn link(&self, by: &actors::Creator, network: Network, who: &str, handle: &str) -> Result<()> {
        let begin = networks::Begin { network: network.to_string(), ..Default::default() };
        let began = networks::begin_link(&self.app, by, begin).await?;
        let back = super::consent(&began.url, who).await?;
        let query: CallbackQuery = serde_urlencoded::from_str(back.query().unwrap_or_default())?;
        if let networks::Finished::Choose(attempt) = networks::finish_link(&self.app, by, network, query).await? {
            let meant = attempt.offered.0.iter().find(|account| account.handle == handle).ok_or(Error::NotFound)?;
            networks::choose_account(&self.app, by, attempt.id, &meant.external_id).await?;
        }
        self.deliver().await
    }

    async fn plan(&self, by: &Member, plan: &Plan, today: NaiveDate) -> Result<CampaignId> {
        use campaigns::rules::{Typed, TypedFormat, TypedKpi, TypedTarget};
        let (app, by) = (&self.app, &by.manager()?);
        let draft = campaigns::create(app, by, Typed { name: Some(plan.name.clone()), ..Default::default() }).await?;
        if plan.state == "draft" {
            return Ok(draft.id);
        }
        let day = |offset: i64| Some((today + Duration::days(offset)).to_string());
        let typed = Typed {
            goal: Some(plan.goal.clone()),
            kpis: Some(plan.kpis.iter().cloned().map(|[kpi, target]| TypedKpi { kpi, target }).collect()),
            budget: Some(plan.budget.clone()),
            starts_on: day(plan.starts_in),
            ends_on: day(plan.ends_in),
            target: Some(TypedTarget { countries: plan.countries.clone(), interests: plan.interests.join(", "), ..Default::default() }),
            formats: Some(plan.formats.iter().cloned().map(|[network, format]| TypedFormat { network, format }).collect()),
            ..Default::default()
        };
        campaigns::edit(app, by, draft.id, typed).await?;
        let parts = briefs::rules::Part::TEASER.iter().chain(briefs::rules::Part::FULL);
        let texts = parts.filter_map(|part| Some((*part, plan.texts.get(part.as_str())?))).flat_map(|(part, [en, ja])| {
            [(Locale::En, en), (Locale::Ja, ja)].map(|(locale, text)| briefs::rules::Typed { part, locale, text: text.clone() })
        });
        briefs::edit(app, by, draft.id, texts.collect()).await?;
        briefs::publish(app, by, draft.id).await?;
        campaigns::recruit(app, by, draft.id).await?;
        if plan.state == "active" {
            campaigns::activate(app, by, draft.id).await?;
        }
        Ok(draft.id)
    }

    async fn invite(&self, by: &Member, campaign: CampaignId, letter: &Letter) -> Result<()> {
        let creator = self.creator(&letter.to).await?;
        let send = invitations::Send {
            recipients: vec![invitations::Recipient { creator: Some(creator.id().to_string()), ..Default::default() }],
            subject: letter.subject.clone(),
            message: letter.message.clone(),
            locale: by.organization().locale.to_string(),
            answer_by: (Clock::system().now().date_naive() + Duration::days(14)).to_string(),
            ..Default::default()
        };
        invitations::send(&self.app, &by.manager()?, campaign, send).await?;
        self.deliver().await?;
        self.clock.advance(Duration::hours(2));
        let waiting = invitations::queries::of_creator(self.app.db(), &creator, &Default::default(), Slice::page(None, None)).await?;
        let Some((_, row)) = waiting.rows.into_iter().next() else { return Ok(()) };
        let answer = invitations::Answer::Id(row.id);
        match letter.answer.as_str() {
            "join" => {
                let place = invitations::accept(&self.app, creator.person(), answer).await?;
                self.talk(by, &creator, &place, &letter.chat).await?;
            }
            "decline" => {
                let no = invitations::Decline { reason: "no_time".into(), note: String::new() };
                invitations::decline(&self.app, Some(creator.person()), answer, no).await?;
            }
            _ => {}
        }
        Ok(())
    }

    async fn talk(&self, brand: &Member, creator: &actors::Creator, place: &participation::Model, chat: &[Pair]) -> Result<()> {
        let tx = self.app.begin().await?;
        let thread = conversations::open_in(&tx, place.org_id, place.creator_id, place.campaign_id).await?;
        tx.commit().await?;
        for [side, text] in chat {
            self.clock.advance(Duration::minutes(47));
            let text = conversations::Send { body: text.clone(), idempotency_key: None };
            let manager = &brand.manager()?;
            let speaker = if side == "creator" { Speaker::Creator(creator) } else { Speaker::Manager(manager) };
            conversations::send(&self.app, speaker, thread.id, text).await?;
        }
        Ok(())
    }

    /// Does the queued work, as the worker would, but for reading accounts: nobody looks at what they were day by day.
    async fn deliver(&self) -> Result<()> {
        let (handlers, mails): (_, jobs::Queue) = (crate::handlers(), |app| Box::pin(async move { mail::deliver::due(&app).await }));
        while jobs::runner::turn(&self.app, &handlers, &[mails]).await? {}
        Ok(())
    }

    /// Reads the linked accounts for the first time.
    async fn read(&self) -> Result<()> {
        let handlers = crate::handlers();
        while jobs::runner::turn(&self.app, &handlers, &crate::queues()).await? {}
        Ok(())
    }

    /// Tokens for those whom a visitor can be. Everybody's own session ends.
    async fn sign_ins(&mut self, brand: OrgId) -> Result<Vec<Account>> {
        let admin = Human { email: "admin@demo.example".into(), name: "Demo Admin".into(), locale: "en".into(), time_zone: "UTC".into() };
        self.enter(&admin).await?;
        accounts::create_admin(&self.app, &Console::at_the_machine(), &admin.email, &admin.name, PASSWORD, Locale::En).await?;
        let mut out = Vec::new();
        let roles = [
            ("brand", "brand@demo.example", brand.to_string()),
            ("creator", "creator@demo.example", "creator".into()),
            // Whose networks are linked, with months of figures and a score.
            ("linked", "ken@demo.example", "creator".into()),
            ("admin", "admin@demo.example", "admin".into()),
        ];
        for (role, email, actor) in roles {
            let person = self.person(email).await?;
            let input = accounts::NewToken {
                name: "demo".into(),
                actor,
                scopes: vec!["read".into(), "write".into()],
                days: "365".into(),
                current_password: PASSWORD.into(),
            };
            let (_, token) = accounts::create_token(&self.app, &person, input).await?;
            out.push(Account { role: role.into(), email: email.into(), password: PASSWORD.into(), token: token.reveal().to_owned() });
        }
        session::Entity::delete_many().exec(self.app.db()).await?;
        Ok(out)
    }
}
