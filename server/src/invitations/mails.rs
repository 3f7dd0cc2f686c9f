//! The letters of invitations. The first one is what the whole product hangs on: who asks, what for, what it brings, by when, one
//! button, a way to say no, why the reader gets it, and a way to get no more (K11, K12, I9).

use askama::Template;
use chrono::{DateTime, Utc};
use entity::{
    brief, campaign, creator,
    enums::{EmailSource, Locale},
    invitation, invitation_token, organization, user,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};

use crate::{
    app::App,
    auth::tokens::Token,
    base::lang::{Lang, Text},
    briefs::rules::pick,
    error::Result,
    mail::{letter::Letter, plain::Plain},
    tx::Tx,
    web::urls,
};

/// What every letter of one bulk action shares.
#[derive(Clone, Copy)]
pub struct Occasion<'a> {
    /// Who asks.
    pub org: &'a organization::Model,
    /// What for.
    pub campaign: &'a campaign::Model,
    /// The published brief; only its teaser is shown.
    pub brief: &'a brief::Model,
}

/// The two links of one mail.
#[derive(Clone, Debug)]
pub struct Links {
    /// Opens the invitation.
    pub open: Token,
    /// Ends further mail.
    pub unsubscribe: Token,
}

/// New links, and their row.
pub fn links(tx: &Tx, row: &invitation::Model) -> (Links, invitation_token::ActiveModel) {
    let links = Links { open: Token::new(""), unsubscribe: Token::new("") };
    let token = invitation_token::ActiveModel {
        id: Set(tx.id()),
        invitation_id: Set(row.id),
        token_hash: Set(links.open.hash()),
        email: Set(row.email.clone()),
        unsubscribe_hash: Set(links.unsubscribe.hash()),
        created_at: Set(tx.now),
    };
    (links, token)
}

/// What differs from one reader to the next.
struct Words<'a> {
    locale: Locale,
    message: &'a str,
    until: DateTime<Utc>,
    source: EmailSource,
}

/// What the templates read. Also shown as a preview before sending.
pub struct InvitationLetter {
    /// The reader's language.
    pub lang: Locale,
    /// Who asks.
    pub brand: String,
    /// The campaign's name.
    pub campaign: String,
    /// The personal lines, a paragraph each.
    pub message: Vec<String>,
    /// Summary, reward and the other facts of the teaser, in order: label and text.
    pub facts: Vec<(Text, String)>,
    /// The answer-by instant, written out.
    pub answer_by: String,
    /// Opens the invitation.
    pub join: String,
    /// Leads to saying no.
    pub decline: String,
    /// Why this person gets it.
    pub why: Text,
    /// Ends further mail.
    pub unsubscribe: String,
    /// Who is legally behind it.
    pub sender: String,
    /// The data notice.
    pub privacy: String,
}

impl InvitationLetter {
    /// For the templates.
    pub fn t(&self, key: &str) -> Text {
        self.lang.t(key)
    }

    fn new(app: &App, on: &Occasion<'_>, to: &Words<'_>, open: &str, unsubscribe: &str) -> Self {
        let lang = to.locale;
        let legal = if on.org.legal_name.is_empty() { &on.org.name } else { &on.org.legal_name };
        let sender = [legal.as_str(), on.org.address.as_str()].into_iter().filter(|s| !s.is_empty()).collect::<Vec<_>>().join(", ");
        let source = match to.source {
            EmailSource::Registered => "invitations.mail.why_registered",
            EmailSource::BrandEntered => "invitations.mail.why_entered",
        };
        Self {
            lang,
            brand: on.org.name.clone(),
            campaign: on.campaign.name.clone(),
            message: paragraphs(to.message),
            facts: facts(lang, on.campaign, &on.brief.teaser),
            answer_by: answer_by(lang, on.org, to.until),
            join: app.link(&urls::invitation_link(open)),
            decline: app.link(&format!("{}?to=decline", urls::invitation_link(open))),
            why: lang.t(source).with("brand", &on.org.name),
            unsubscribe: app.link(&urls::unsubscribe(unsubscribe)),
            sender,
            privacy: app.link("/privacy"),
        }
    }
}

/// The teaser as label and text: what the mail, the teaser page and the API show before joining (settled 5).
pub fn facts(lang: Locale, campaign: &campaign::Model, teaser: &entity::json::Teaser) -> Vec<(Text, String)> {
    let text = |both| pick(both, lang).0.to_owned();
    let formats = match text(&teaser.formats) {
        told if told.is_empty() => asked_for(lang, &campaign.formats),
        told => told,
    };
    [
        ("summary", text(&teaser.summary)),
        ("reward", text(&teaser.reward)),
        ("dates", dates(lang, campaign)),
        ("formats", formats),
        ("usage_rights", text(&teaser.usage_rights)),
        ("exclusivity", text(&teaser.exclusivity)),
    ]
    .into_iter()
    .filter(|(_, text)| !text.is_empty())
    .map(|(name, text)| (lang.t(&format!("invitations.fact.{name}")), text))
    .collect()
}

/// The personal lines, a paragraph each.
pub fn paragraphs(message: &str) -> Vec<String> {
    message.split("\n\n").map(str::trim).filter(|p| !p.is_empty()).map(str::to_owned).collect()
}

/// First to last day, as far as they are known.
pub fn dates(lang: Locale, campaign: &campaign::Model) -> String {
    lang.days(campaign.starts_on, campaign.ends_on)
}

/// What a campaign asks for by network, for a brief that does not say it in words.
fn asked_for(lang: Locale, formats: &entity::json::NetworkFormats) -> String {
    let mut networks: Vec<(entity::enums::Network, Vec<String>)> = Vec::new();
    for wish in &formats.0 {
        let name = lang.name("format", wish.format).to_string();
        match networks.iter_mut().find(|(network, _)| *network == wish.network) {
            Some((_, names)) => names.push(name),
            None => networks.push((wish.network, vec![name])),
        }
    }
    let line = |(network, names): (_, Vec<String>)| format!("{}: {}", lang.name("network", network), names.join(", "));
    networks.into_iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The answer-by instant in the organisation's zone, which is named: the reader may live in another.
pub fn answer_by(lang: Locale, org: &organization::Model, until: DateTime<Utc>) -> String {
    let zone = org.time_zone.parse().unwrap_or(chrono_tz::Tz::UTC);
    format!("{} {}", lang.instant(until, zone), until.with_timezone(&zone).format("%Z"))
}

#[derive(Template)]
#[template(path = "mails/invitation.html")]
struct InvitationHtml<'a> {
    letter: &'a InvitationLetter,
}

#[derive(Template)]
#[template(path = "mails/invitation.txt", escape = "none")]
struct InvitationText<'a> {
    letter: &'a InvitationLetter,
}

/// The invitation itself.
pub fn invitation(app: &App, on: &Occasion<'_>, row: &invitation::Model, links: &Links) -> Result<Letter> {
    let words = Words { locale: row.locale, message: &row.message, until: row.expires_at, source: row.email_source };
    let letter = InvitationLetter::new(app, on, &words, links.open.reveal(), links.unsubscribe.reveal());
    let made = Letter::bulk(&row.email, row.subject.clone(), &InvitationText { letter: &letter }, &InvitationHtml { letter: &letter })?;
    Ok(made.on_behalf_of(on.org.id, &on.org.name).about(row.id).unsubscribable(&letter.unsubscribe))
}

/// A letter that is only shown.
#[derive(Clone, Debug)]
pub struct Preview {
    /// Its subject.
    pub subject: String,
    /// Its plain text.
    pub text: String,
    /// Its HTML.
    pub html: String,
}

/// The same letter before it exists: its links lead nowhere.
pub fn preview(app: &App, on: &Occasion<'_>, locale: Locale, subject: String, message: &str, until: DateTime<Utc>) -> Result<Preview> {
    let words = Words { locale, message, until, source: EmailSource::BrandEntered };
    let letter = InvitationLetter::new(app, on, &words, "preview", "preview");
    Ok(Preview { subject, text: InvitationText { letter: &letter }.render()?, html: InvitationHtml { letter: &letter }.render()? })
}

/// To the brand's member who invited, and to the creator: they are in.
pub async fn accepted(tx: &Tx, row: &invitation::Model, campaign: &campaign::Model, creator: &creator::Model) -> Result<Vec<Letter>> {
    let mut letters = Vec::new();
    let ids = [Some(row.invited_by), creator.user_id];
    let users = user::Entity::find().filter(user::Column::Id.is_in(ids.into_iter().flatten())).all(tx.db()).await?;
    if let Some(to) = users.iter().find(|u| u.id == row.invited_by) {
        let text = to.locale.t("invitations.mail.accepted.text").with("creator", &creator.display_name).with("campaign", &campaign.name);
        let url = tx.app().link(&urls::campaign(row.org_id, campaign.id, "creators"));
        letters.push(
            Plain::new(to.locale, "invitations.mail.accepted")
                .with("creator", &creator.display_name)
                .line(text)
                .button(to.locale.t("invitations.mail.accepted.button"), url)
                .letter(tx.app(), &to.email)?,
        );
    }
    if let Some(to) = users.iter().find(|u| Some(u.id) == creator.user_id) {
        let url = tx.app().link(&urls::job(row.participation_id));
        letters.push(
            Plain::new(to.locale, "invitations.mail.welcome")
                .with("campaign", &campaign.name)
                .line(to.locale.t("invitations.mail.welcome.text"))
                .button(to.locale.t("invitations.mail.welcome.button"), url)
                .after(to.locale.t("invitations.binds_nobody"))
                .letter(tx.app(), &to.email)?,
        );
    }
    Ok(letters)
}

/// To the brand's member who invited: a no, and the reason if there is one.
pub async fn declined(tx: &Tx, row: &invitation::Model) -> Result<Option<Letter>> {
    let Some(to) = user::Entity::find_by_id(row.invited_by).one(tx.db()).await? else { return Ok(None) };
    let Some(creator) = creator::Entity::find_by_id(row.creator_id).one(tx.db()).await? else { return Ok(None) };
    let Some(campaign) = campaign::Entity::find_by_id(row.campaign_id).one(tx.db()).await? else { return Ok(None) };
    let locale = to.locale;
    let mut letter = Plain::new(locale, "invitations.mail.declined")
        .with("creator", &creator.display_name)
        .line(locale.t("invitations.mail.declined.text").with("creator", &creator.display_name).with("campaign", &campaign.name));
    if let Some(reason) = row.decline_reason {
        letter = letter.line(locale.t("invitations.mail.declined.reason").with("reason", locale.name("decline_reason", reason)));
    }
    if !row.decline_note.is_empty() {
        letter = letter.line(Text::plain(format!("“{}”", row.decline_note)));
    }
    Ok(Some(letter.letter(tx.app(), &to.email)?))
}
