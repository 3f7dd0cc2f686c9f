//! People: creators with their accounts and figures, brands with their owners, an admin.

use chrono::{DateTime, Duration, Utc};
use connectors::Measure;
use entity::{
    account_snapshot, api_token, brand, creator,
    enums::{
        AccountType, CreatorSource, Hat, LinkMethod, LinkState, Locale, MembershipStatus, MetricSource, Network, OrgKind, Role, UserStatus,
    },
    ids::{BrandId, CreatorId, EventId, OrgId, UserId},
    json::Words,
    membership, network_account, network_link, offering, organization, portfolio_item, post, user,
};
use sea_orm::{ActiveModelTrait, IntoActiveModel};

use super::{
    Seed, SignIn,
    dice::Dice,
    rows::Rows,
    start,
    words::{self, Read},
};
use crate::{
    accounts,
    auth::tokens,
    base::text,
    creators::{places::PREFECTURES, rules::Category},
    events::Event,
    networks::{rules::outside, sync::posts::Figures},
    offerings::rules::formats_of,
};

/// Of so many creators one has registered.
const REGISTERED: u64 = 4;
/// How many brands there are.
pub(super) const BRANDS: u64 = 50;
/// How long before the start the first profile was made.
const HISTORY: Duration = Duration::days(700);
/// How long before the start the figures hold.
const FIGURES: Duration = Duration::days(3);
/// API tokens end then; a seeded database is no place to grow old in.
const TOKENS: Duration = Duration::days(366);

/// A fact, written down like an operation's.
pub(super) fn fact(rows: &mut Rows, dice: &mut Dice, at: DateTime<Utc>, event: Event) {
    rows.events.push(event.into_row(dice.id::<EventId>(at), at));
}

impl Seed {
    /// Whether the `n`th creator is registered; the others are from a public list.
    pub(super) fn is_registered(n: u64) -> bool {
        n.is_multiple_of(REGISTERED)
    }

    /// Where the `k`th registered creator stands among all, and the `k`th of the others.
    pub(super) fn nth(registered: bool, k: u64) -> u64 {
        if registered { k * REGISTERED } else { k / (REGISTERED - 1) * REGISTERED + 1 + k % (REGISTERED - 1) }
    }

    /// How many creators are registered.
    pub(super) fn registered(&self) -> u64 {
        self.creators.div_ceil(REGISTERED)
    }

    fn joined(&self, n: u64) -> DateTime<Utc> {
        let step = HISTORY.num_seconds() / i64::try_from(self.creators.max(1)).unwrap_or(i64::MAX).max(1);
        start() - HISTORY + Duration::seconds(step.saturating_mul(i64::try_from(n).unwrap_or_default()))
    }

    /// The `n`th creator's id.
    pub(super) fn creator_id(&self, n: u64) -> CreatorId {
        Dice::of(self.seed, "creator", n).id(self.joined(n))
    }

    /// The person behind the `n`th creator, who is registered.
    pub(super) fn creator_user(&self, n: u64) -> UserId {
        Dice::of(self.seed, "creator's user", n).id(self.joined(n))
    }

    /// The `n`th creator's address, registered or not.
    pub(super) fn creator_email(n: u64) -> String {
        format!("creator{n}@seed.example")
    }

    /// Whether the `n`th creator lives in Japan, and reads Japanese.
    pub(super) fn locale(&self, n: u64) -> Locale {
        if country(&mut self.home(n)) == "JP" { Locale::Ja } else { Locale::En }
    }

    fn home(&self, n: u64) -> Dice {
        Dice::of(self.seed, "home", n)
    }

    /// The `n`th creator with all that hangs on the profile.
    pub(super) fn creator(&self, rows: &mut Rows, n: u64) {
        let (at, id, mut dice) = (self.joined(n), self.creator_id(n), Dice::of(self.seed, "profile", n));
        let country = country(&mut self.home(n));
        let japanese = country == "JP";
        let (name, kana, latin) = name(&mut dice, japanese);
        let registered = Self::is_registered(n);
        let source = if registered { CreatorSource::SignedUp } else { CreatorSource::Imported };
        let category = dice.pick(Category::ALL);
        let mut row = creator::Model {
            main_category: if dice.percent(92) { category.as_str().to_owned() } else { String::new() },
            country: country.to_owned(),
            ..creator::Model::bare(id, &name, text::search_key(&name), source, at)
        };
        if registered {
            let user = self.creator_user(n);
            row.user_id = Some(user);
            row.registered_at = Some(at);
            row.kana = kana;
            if japanese {
                row.prefecture = dice.pick(PREFECTURES).to_owned();
            }
            row.vetted_at = dice.percent(3).then(|| at + Duration::days(2));
            row.intro_en = format!("{} from day to day.", category.as_str().replace('_', " "));
            row.intro_ja = if japanese { format!("{name}です。毎日の発見をお届けします。") } else { String::new() };
            let mut skills: Vec<String> = (0..dice.below(4)).map(|_| dice.pick(words::SKILLS).to_owned()).collect();
            skills.sort_unstable();
            skills.dedup();
            row.skills = Words(skills);
            rows.users.push(self.person(user, &Self::creator_email(n), &name, self.locale(n), at));
            fact(rows, &mut dice, at, Event::new("creator.registered", id).by(user).creator(id));
            portfolio(rows, &mut dice, id, at);
        }
        let (networks, largest) = accounts(rows, &mut dice, (id, registered), &name, &format!("{latin}{}", base36(n)), at);
        row.followers = largest;
        rows.creators.push(row.into_active_model().reset_all());
        if registered {
            offerings(rows, &mut dice, id, &networks, japanese, at);
        }
    }

    fn person(&self, id: UserId, email: &str, name: &str, locale: Locale, at: DateTime<Utc>) -> user::ActiveModel {
        user::Model {
            id,
            email: email.to_owned(),
            email_key: email.to_owned(),
            name: name.to_owned(),
            password_hash: self.password_hash.clone(),
            locale,
            time_zone: if locale == Locale::Ja { "Asia/Tokyo" } else { "UTC" }.to_owned(),
            status: UserStatus::Active,
            suspended_at: None,
            suspension_reason: None,
            platform_admin: false,
            second_factor: false,
            conduct_version: Some(accounts::rules::CONDUCT.to_owned()),
            conduct_accepted_at: Some(at),
            chat_mail: false,
            digest: entity::enums::Digest::Never,
            digest_at: None,
            created_at: at,
        }
        .into_active_model()
        .reset_all()
    }

    fn founded(&self, b: u64) -> DateTime<Utc> {
        start() - Duration::days(400) + Duration::hours(i64::try_from(b).unwrap_or_default())
    }

    /// The `b`th organisation.
    pub(super) fn org(&self, b: u64) -> OrgId {
        Dice::of(self.seed, "organisation", b).id(self.founded(b))
    }

    /// Its owner.
    pub(super) fn owner(&self, b: u64) -> UserId {
        Dice::of(self.seed, "owner", b).id(self.founded(b))
    }

    /// The label under which it campaigns.
    pub(super) fn brand_label(&self, b: u64) -> BrandId {
        Dice::of(self.seed, "label", b).id(self.founded(b))
    }

    /// In which currency it pays, and which language it writes.
    pub(super) fn brand_ways(b: u64) -> (&'static str, Locale) {
        if b.is_multiple_of(2) { ("JPY", Locale::Ja) } else { ("USD", Locale::En) }
    }

    /// A brand and its owner.
    pub(super) fn brand(&self, rows: &mut Rows, b: u64) {
        let (at, org, owner, mut dice) = (self.founded(b), self.org(b), self.owner(b), Dice::of(self.seed, "brand", b));
        let (currency, locale) = Self::brand_ways(b);
        let (who, ..) = name(&mut dice, locale == Locale::Ja);
        let label = words::BRANDS[usize::try_from(b).unwrap_or_default() % words::BRANDS.len()];
        let name = format!("{label} {}", b + 1);
        rows.users.push(self.person(owner, &format!("owner{b}@seed.example"), &who, locale, at));
        let row = organization::Model {
            id: org,
            name: name.clone(),
            kind: OrgKind::Brand,
            legal_name: format!("{name} Inc."),
            address: "1-1 Resonance Street".into(),
            website: String::new(),
            currency: currency.into(),
            time_zone: if locale == Locale::Ja { "Asia/Tokyo" } else { "UTC" }.into(),
            locale,
            created_at: at,
        };
        rows.organizations.push(row.into_active_model().reset_all());
        let row = membership::Model {
            id: dice.id(at),
            org_id: org,
            user_id: owner,
            role: Role::Owner,
            status: MembershipStatus::Active,
            invited_by: None,
            created_at: at,
        };
        rows.memberships.push(row.into_active_model().reset_all());
        let row = brand::Model { id: self.brand_label(b), org_id: org, name, hashtags: Words(vec!["pr".into()]), created_at: at };
        rows.brands.push(row.into_active_model().reset_all());
        let founded = Event::new("organisation.founded", org).by(owner).org(org);
        fact(rows, &mut dice, at, founded.with(serde_json::json!({ "kind": OrgKind::Brand })));
    }

    fn admin(&self, rows: &mut Rows) -> UserId {
        let (at, mut dice) = (start() - HISTORY, Dice::of(self.seed, "admin", 0));
        let id = dice.id(at);
        let mut row = self.person(id, "admin@seed.example", "Seed Admin", Locale::En, at);
        row.platform_admin = sea_orm::Set(true);
        rows.users.push(row);
        fact(rows, &mut dice, at, Event::new("account.made_admin", id));
        id
    }

    /// Tokens for the first owners and creators and for an admin, who is made here. After all other people.
    pub(super) fn sign_ins(&self, rows: &mut Rows) -> Vec<SignIn> {
        let admin = self.admin(rows);
        let mut out = Vec::new();
        for b in 0..self.tokens.min(BRANDS) {
            let org = self.org(b);
            out.push(self.sign_in(rows, "brand", &format!("owner{b}@seed.example"), (self.owner(b), Hat::Member, Some(org))));
        }
        for k in 0..self.tokens.min(self.registered()) {
            let n = Self::nth(true, k);
            out.push(self.sign_in(rows, "creator", &Self::creator_email(n), (self.creator_user(n), Hat::Creator, None)));
        }
        out.push(self.sign_in(rows, "admin", "admin@seed.example", (admin, Hat::Admin, None)));
        out
    }

    fn sign_in(&self, rows: &mut Rows, role: &str, email: &str, (user, hat, org): (UserId, Hat, Option<OrgId>)) -> SignIn {
        let mut dice = Dice::of(self.seed, "token", user.0.as_u64_pair().1);
        let token = format!("hbk_{}", hex::encode(dice.bytes::<32>()));
        let row = api_token::Model {
            id: dice.id(start()),
            user_id: user,
            hat,
            org_id: org,
            name: "seed".into(),
            token_hash: tokens::hash(&token),
            hint: token[token.len() - 4..].to_owned(),
            scopes: Words(vec!["read".into(), "write".into()]),
            expires_at: start() + TOKENS,
            last_used_at: None,
            revoked_at: None,
            created_at: start(),
        };
        let made = Event::new("api_token.created", row.id).by(user);
        rows.api_tokens.push(row.into_active_model().reset_all());
        fact(rows, &mut dice, start(), made);
        SignIn { role: role.into(), email: email.into(), password: self.password.clone(), token, org: org.map(|org| org.to_string()) }
    }
}

fn country(dice: &mut Dice) -> &'static str {
    let mut left = dice.below(100);
    for (code, share) in words::COUNTRIES {
        if left < *share {
            return code;
        }
        left -= share;
    }
    ""
}

/// As shown, as read in katakana, and the part of it that handles begin with.
fn name(dice: &mut Dice, japanese: bool) -> (String, String, String) {
    if japanese {
        let ((family, family_read, _), (given, given_read, latin)): (Read, Read) = (dice.pick(words::FAMILIES), dice.pick(words::GIVEN));
        return (format!("{family} {given}"), format!("{family_read} {given_read}"), latin.to_owned());
    }
    let (first, last) = (dice.pick(words::FIRST), dice.pick(words::LAST));
    (format!("{first} {last}"), String::new(), first.to_lowercase())
}

/// Short, so that it fits into the handles of every network.
fn base36(mut n: u64) -> String {
    let mut out = Vec::new();
    loop {
        out.push(char::from_digit(u32::try_from(n % 36).unwrap_or_default(), 36).unwrap_or('0'));
        n /= 36;
        if n == 0 {
            return out.into_iter().rev().collect();
        }
    }
}

/// One or two accounts, each with a dated figure; gives their networks and the largest audience.
fn accounts(
    rows: &mut Rows,
    dice: &mut Dice,
    (creator, registered): (CreatorId, bool),
    name: &str,
    handle: &str,
    at: DateTime<Utc>,
) -> (Vec<Network>, Option<i64>) {
    let mut largest = None;
    let mut networks = vec![dice.pick(words::NETWORKS)];
    let second = dice.pick(words::NETWORKS);
    if dice.percent(50) && !networks.contains(&second) {
        networks.push(second);
    }
    for network in networks.iter().copied() {
        // What a network would not take as a handle is none: the name is made of letters and digits, so each takes it.
        let Ok(handle) = outside(network).normalise_handle(handle) else { continue };
        let followers = dice.log_normal(12_000.0, 1.6).clamp(40, 400_000_000);
        largest = largest.max(Some(followers));
        let (following, posts) = (dice.log_normal(400.0, 0.8), dice.log_normal(600.0, 1.0));
        // Instagram itself has told the figures of registered creators, until the grant ended; all else is from a list.
        let linked = registered && network == Network::Instagram;
        let source = if linked { MetricSource::Network } else { MetricSource::Imported };
        let captured = start() - FIGURES - Duration::minutes(i64::try_from(dice.below(1440)).unwrap_or_default());
        let row = network_account::Model {
            handle: handle.text().to_owned(),
            handle_key: handle.key().to_owned(),
            url: handle.url().to_string(),
            display_name: name.to_owned(),
            external_id: linked.then(|| format!("{:017}", 17_000_000_000_000_000 + dice.below(1_000_000_000_000))),
            account_type: if linked { AccountType::Creator } else { AccountType::Unknown },
            followers: Some(followers),
            following: linked.then_some(following),
            posts: Some(posts),
            figures_source: Some(source),
            figures_as_of: Some(captured),
            ..network_account::Model::bare(dice.id(at), creator, network, at)
        };
        let snapshot = account_snapshot::Model {
            id: dice.id(captured),
            account_id: row.id,
            captured_at: captured,
            source,
            label: "seed".into(),
            followers: row.followers,
            following: row.following,
            posts: row.posts,
            data: serde_json::json!({}),
        };
        rows.account_snapshots.push(snapshot.into_active_model().reset_all());
        if registered {
            let (method, state) =
                if linked { (LinkMethod::Oauth, LinkState::NeedsReauth) } else { (LinkMethod::Declared, LinkState::Declared) };
            let link = network_link::Model {
                linked_at: linked.then_some(at),
                problem: if linked { "networks.error.revoked".into() } else { String::new() },
                ..network_link::Model::bare(dice.id(at), (row.id, creator), method, state, at)
            };
            rows.network_links.push(link.into_active_model().reset_all());
        }
        published(rows, dice, &row);
        rows.network_accounts.push(row.into_active_model().reset_all());
    }
    (networks, largest)
}

/// What an account published before its figures were read, with what its network shows to everybody.
fn published(rows: &mut Rows, dice: &mut Dice, account: &network_account::Model) {
    let Some((seen, followers)) = account.figures_as_of.zip(account.followers) else { return };
    let mut at = seen;
    for n in 0..3 + dice.below(3) {
        at -= Duration::days(2) + Duration::minutes(i64::try_from(dice.below(4 * 1440)).unwrap_or_default());
        let likes = followers.saturating_mul(dice.log_normal(20.0, 0.7).clamp(1, 300)) / 1000;
        let comments = likes / i64::try_from(10 + dice.below(60)).unwrap_or(10);
        let id = dice.id(at);
        let name = format!("{}{n}", base36(dice.below(1 << 50)));
        let row = post::Model {
            format: dice.pick(&["image", "carousel", "short"]).to_owned(),
            caption: format!("{} #{}", dice.pick(words::CAMPAIGNS), dice.pick(words::SKILLS).replace(' ', "")),
            url: format!("https://work.example/p/{}", base36(dice.below(1 << 50))),
            published_at: Some(at),
            last_seen_at: seen,
            ..post::Model::bare(id, (account.id, account.creator_id, account.network), name, at)
        };
        let mut row = row.into_active_model().reset_all();
        Figures::told("seed", seen, [(Measure::Likes, likes), (Measure::Comments, comments)]).write(&mut row);
        rows.posts.push(row);
    }
}

fn portfolio(rows: &mut Rows, dice: &mut Dice, creator: CreatorId, at: DateTime<Utc>) {
    for n in 0..dice.below(5) {
        let days = i64::try_from(30 + dice.below(600)).unwrap_or_default();
        let row = portfolio_item::Model {
            id: dice.id(at),
            creator_id: creator,
            brand_name: dice.pick(words::BRANDS).to_owned(),
            title: format!("{} {}", dice.pick(words::CAMPAIGNS), n + 1),
            url: format!("https://work.example/{}", base36(dice.below(1 << 40))),
            published_on: Some((start() - Duration::days(days)).date_naive()),
            note: String::new(),
            deleted_at: None,
            created_at: at,
        };
        rows.portfolio_items.push(row.into_active_model().reset_all());
    }
}

fn offerings(rows: &mut Rows, dice: &mut Dice, creator: CreatorId, networks: &[Network], japanese: bool, at: DateTime<Utc>) {
    for _ in 0..dice.below(6) {
        let network = dice.pick(networks);
        // In whole thousands of yen, or tens of dollars.
        let steps = dice.log_normal(30.0, 0.8).clamp(1, 5_000);
        let row = offering::Model {
            id: dice.id(at),
            creator_id: creator,
            network,
            format: dice.pick(formats_of(network)),
            price_minor: steps * 1_000,
            currency: if japanese { "JPY" } else { "USD" }.into(),
            note: String::new(),
            deleted_at: None,
            created_at: at,
            updated_at: at,
        };
        rows.offerings.push(row.into_active_model().reset_all());
    }
}
