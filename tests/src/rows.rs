//! Rows made directly, where a story is not about how they came to be. Operations are for the stories of their own slice.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use entity::{
    account_snapshot, brand, brief, campaign, comment, creator,
    enums::{
        BriefState, CampaignState, CreatorSource, EmailSource, Format, Goal, InvitationState, JobState, LetterKind, LetterState, Locale,
        MetricSource, Network, ParticipationSource, ParticipationState, RecruitMode, Side, StoryEnd, SuppressionReason, SyncKind,
    },
    ids::{
        AccountId, AccountSnapshotId, BrandId, BriefId, CampaignId, CommentId, CreatorId, InvitationId, JobId, LetterId, MentionId,
        MessageId, OfferingId, ParticipationId, PortfolioItemId, PostId, StoryArchiveId, SuppressionId, SyncTaskId, ThreadId,
    },
    invitation, invitation_token, job,
    json::{AudienceTarget, Bilingual, FullBrief, KpiTargets, NetworkFormat, NetworkFormats, RawJson, Teaser},
    letter, mention, message, network_account, offering, participation, portfolio_item, post, story_archive, suppression, sync_task,
    thread,
};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, sea_query::Expr};
use serde_json::json;
use server::{auth::tokens::Token, base::text, creators};

use crate::{api::PNG, people::Someone, stage::Stage};

/// `row` as it stands, inserted.
macro_rules! insert {
    ($stage:ident, $row:expr) => {{
        let row = $row;
        let id = row.id;
        row.into_active_model().reset_all().insert($stage.app.db()).await.expect("a row");
        id
    }};
}

fn both(en: &str, ja: &str) -> Bilingual {
    Bilingual { en: en.into(), ja: ja.into() }
}

impl Stage {
    /// Some days from now.
    pub fn day(&self, ahead: i64) -> NaiveDate {
        (self.now() + Duration::days(ahead)).date_naive()
    }

    /// A letter that was given up, with its text; and one to an address from which mail came back, which is the suppression.
    pub async fn failed_letter(&self, to: &str) -> LetterId {
        insert!(
            self,
            letter::Model {
                id: self.app.id(),
                kind: LetterKind::Transactional,
                org_id: None,
                invitation_id: None,
                to_email: to.into(),
                from_name: "Hibiki".into(),
                reply_to: String::new(),
                subject: "A letter".into(),
                text: "What it says.".into(),
                html: "<p>What it says.</p>".into(),
                headers: serde_json::json!({}),
                state: LetterState::Failed,
                attempts: 12,
                next_at: self.now(),
                lease_until: None,
                last_error: "421 come back later".into(),
                sent_at: None,
                created_at: self.now(),
            }
        )
    }

    /// An address that is not written to by anybody.
    pub async fn suppression(&self, email: &str, reason: SuppressionReason) -> SuppressionId {
        insert!(
            self,
            suppression::Model {
                id: self.app.id(),
                email_key: email.into(),
                scope: "all".into(),
                reason,
                detail: "5.1.1".into(),
                created_at: self.now(),
            }
        )
    }

    /// A piece of work that was given up.
    pub async fn dead_job(&self, kind: &str) -> JobId {
        insert!(
            self,
            job::Model {
                id: self.app.id(),
                kind: kind.into(),
                payload: serde_json::json!(null),
                unique_key: None,
                state: JobState::Dead,
                run_at: self.now(),
                attempts: 10,
                lease_until: None,
                last_error: "it did not work".into(),
                created_at: self.now(),
                finished_at: Some(self.now()),
            }
        )
    }

    /// A campaign that recruits, with a published brief.
    pub async fn campaign(&self, by: &Someone, name: &str) -> CampaignId {
        let campaign = self.draft_campaign(by, name, CampaignState::Recruiting).await;
        self.brief(by, campaign).await;
        campaign
    }

    /// A campaign in any state, without a brief.
    pub async fn draft_campaign(&self, by: &Someone, name: &str, state: CampaignState) -> CampaignId {
        let label = insert!(
            self,
            brand::Model {
                id: self.app.id::<BrandId>(),
                org_id: by.org(),
                name: format!("{name} label"),
                hashtags: Default::default(),
                created_at: self.now(),
            }
        );
        insert!(
            self,
            campaign::Model {
                id: self.app.id::<CampaignId>(),
                org_id: by.org(),
                brand_id: label,
                name: name.to_owned(),
                name_key: text::search_key(name),
                goal: Some(Goal::Awareness),
                kpis: KpiTargets(vec![entity::json::KpiTarget { kpi: entity::enums::Kpi::Reach, target: 100_000 }]),
                budget_minor: Some(300_000),
                currency: "JPY".into(),
                starts_on: Some(self.day(8)),
                ends_on: Some(self.day(69)),
                target: AudienceTarget::default(),
                formats: NetworkFormats(vec![NetworkFormat { network: Network::Instagram, format: Format::Reel }]),
                recruit_mode: RecruitMode::Invite,
                state,
                paused_from: None,
                created_by: by.user,
                created_at: self.now(),
                updated_at: self.now(),
            }
        )
    }

    /// A published brief in both languages.
    pub async fn brief(&self, by: &Someone, campaign: CampaignId) -> BriefId {
        insert!(
            self,
            brief::Model {
                id: self.app.id::<BriefId>(),
                org_id: by.org(),
                campaign_id: campaign,
                version: 1,
                state: BriefState::Published,
                teaser: Teaser {
                    summary: both("Show our tea at home.", "ご自宅で新茶を紹介してください。"),
                    reward: both("30,000 yen", "30,000円"),
                    formats: both("One reel", "リール1本"),
                    usage_rights: both("Six months on our own channels", "自社チャンネルで6か月"),
                    exclusivity: both("None", "なし"),
                },
                full: FullBrief {
                    objective: both("Secret objective", "秘密の目的"),
                    disclosure: both("#ad", "#PR"),
                    ..FullBrief::default()
                },
                worsens: false,
                starts_on: Some(self.day(8)),
                ends_on: Some(self.day(69)),
                published_at: Some(self.now()),
                created_at: self.now(),
                updated_at: self.now(),
            }
        )
    }

    /// A creator in a campaign.
    pub async fn participation(
        &self,
        by: &Someone,
        campaign: CampaignId,
        creator: CreatorId,
        state: ParticipationState,
    ) -> ParticipationId {
        insert!(
            self,
            participation::Model {
                id: self.app.id::<ParticipationId>(),
                org_id: by.org(),
                campaign_id: campaign,
                creator_id: creator,
                source: ParticipationSource::Invited,
                state,
                reason: String::new(),
                joined_at: (state == ParticipationState::Joined).then(|| self.now()),
                created_at: self.now(),
                updated_at: self.now(),
            }
        )
    }

    /// An invitation whose mail has been sent, and the token of its link.
    pub async fn invitation(&self, by: &Someone, campaign: CampaignId, to: &Someone) -> (InvitationId, String) {
        let participation = self.participation(by, campaign, to.creator(), ParticipationState::Invited).await;
        let id = insert!(
            self,
            invitation::Model {
                id: self.app.id::<InvitationId>(),
                org_id: by.org(),
                campaign_id: campaign,
                creator_id: to.creator(),
                participation_id: participation,
                batch_id: None,
                email: to.email.clone(),
                email_key: to.email.to_ascii_lowercase(),
                email_source: EmailSource::Registered,
                locale: Locale::En,
                subject: "Will you join us?".into(),
                message: "We like your tea videos.".into(),
                state: InvitationState::Sent,
                decline_reason: None,
                decline_note: String::new(),
                bounce_code: String::new(),
                invited_by: by.user,
                sent_at: Some(self.now()),
                viewed_at: None,
                answered_at: None,
                expires_at: self.now() + Duration::days(30),
                created_at: self.now(),
            }
        );
        let (token, unsubscribe) = (Token::new(""), Token::new(""));
        insert!(
            self,
            invitation_token::Model {
                id: self.app.id(),
                invitation_id: id,
                token_hash: token.hash(),
                email: to.email.clone(),
                unsubscribe_hash: unsubscribe.hash(),
                created_at: self.now(),
            }
        );
        (id, token.reveal().to_owned())
    }

    /// A conversation between a brand and a creator who has joined.
    pub async fn thread(&self, by: &Someone, campaign: CampaignId, creator: CreatorId) -> ThreadId {
        insert!(
            self,
            thread::Model {
                id: self.app.id::<ThreadId>(),
                org_id: by.org(),
                creator_id: creator,
                campaign_id: campaign,
                last_message_at: self.now(),
                created_at: self.now(),
            }
        )
    }

    /// A message in it, from the brand's side.
    pub async fn message(&self, by: &Someone, thread: ThreadId, creator: CreatorId, body: &str) -> MessageId {
        thread::Entity::update_many()
            .col_expr(thread::Column::LastMessageAt, Expr::value(self.now()))
            .filter(thread::Column::Id.eq(thread))
            .exec(self.app.db())
            .await
            .expect("a conversation");
        insert!(
            self,
            message::Model {
                id: self.app.id::<MessageId>(),
                thread_id: thread,
                org_id: by.org(),
                creator_id: creator,
                side: Side::Brand,
                author_id: by.user,
                body: body.to_owned(),
                created_at: self.now(),
            }
        )
    }

    /// A price line.
    pub async fn offering(&self, creator: CreatorId, network: Network, format: Format) -> OfferingId {
        insert!(
            self,
            offering::Model {
                id: self.app.id::<OfferingId>(),
                creator_id: creator,
                network,
                format,
                price_minor: 30_000,
                currency: "JPY".into(),
                note: String::new(),
                deleted_at: None,
                created_at: self.now(),
                updated_at: self.now(),
            }
        )
    }

    /// A past collaboration.
    pub async fn portfolio_item(&self, creator: CreatorId, title: &str) -> PortfolioItemId {
        insert!(
            self,
            portfolio_item::Model {
                id: self.app.id::<PortfolioItemId>(),
                creator_id: creator,
                brand_name: "Someone else".into(),
                title: title.to_owned(),
                url: String::new(),
                published_on: None,
                note: String::new(),
                deleted_at: None,
                created_at: self.now(),
            }
        )
    }
}

impl Stage {
    /// A profile that nobody has claimed, as of a list.
    pub async fn unclaimed(&self, name: &str) -> CreatorId {
        let row = creator::Model::bare(self.app.id(), name, text::search_key(name), CreatorSource::Imported, self.now());
        let id = row.id;
        row.into_active_model().reset_all().insert(self.app.db()).await.expect("a profile");
        id
    }

    /// An account of theirs, as of a list.
    pub async fn account(&self, creator: CreatorId, network: Network, handle: &str, followers: Option<i64>) -> AccountId {
        let row = network_account::Model {
            handle: handle.to_owned(),
            handle_key: handle.to_lowercase(),
            followers,
            ..network_account::Model::bare(self.app.id(), creator, network, self.now())
        };
        let id = row.id;
        row.into_active_model().reset_all().insert(self.app.db()).await.expect("an account");
        let tx = self.app.begin().await.expect("a transaction");
        creators::recount_in(&tx, [creator]).await.expect("counted");
        tx.commit().await.expect("commit");
        id
    }

    /// What an account's followers were now.
    pub async fn reading(&self, account: AccountId, followers: Option<i64>) -> AccountSnapshotId {
        insert!(
            self,
            account_snapshot::Model {
                id: self.app.id(),
                account_id: account,
                captured_at: self.now(),
                source: MetricSource::Imported,
                label: "a list".into(),
                followers,
                following: None,
                posts: None,
                data: serde_json::json!({}),
            }
        )
    }

    /// A publication of an account of a creator's, with known likes and comments.
    pub async fn post(&self, creator: CreatorId, caption: &str) -> PostId {
        let id: PostId = self.app.id();
        let account = self.account(creator, Network::Instagram, &format!("p{}", &id.to_string()[28..]), Some(1_000)).await;
        self.post_of(creator, account, caption, Some(10)).await
    }

    /// The same of a given account; `likes` is what nobody has told if there is none.
    pub async fn post_of(&self, creator: CreatorId, account: AccountId, caption: &str, likes: Option<i64>) -> PostId {
        let (id, now) = (self.app.id::<PostId>(), self.now());
        let reach = json!({ "metric": { "value": 424_242 }, "source": "network", "endpoint": "media/insights", "as_of": now });
        let row = post::Model {
            format: "image".into(),
            caption: caption.into(),
            published_at: Some(now),
            views: likes,
            reach: likes,
            likes,
            comments: likes,
            engagement: likes,
            figures: RawJson::of(&json!({ "reach": reach })).expect("figures"),
            ..post::Model::bare(id, (account, creator, Network::Instagram), id.to_string(), now)
        };
        row.into_active_model().reset_all().insert(self.app.db()).await.expect("a post");
        id
    }

    /// Somebody names an account.
    pub async fn mention_of(&self, creator: CreatorId, account: AccountId, text: &str) {
        self.mention_by("somebody", creator, account, text).await;
    }

    /// This handle names an account.
    pub async fn mention_by(&self, author: &str, creator: CreatorId, account: AccountId, text: &str) {
        let (id, now) = (self.app.id::<MentionId>(), self.now());
        let row = mention::Model {
            id,
            account_id: account,
            creator_id: creator,
            external_id: id.to_string(),
            kind: "tag".into(),
            author_handle: author.into(),
            text: text.into(),
            url: String::new(),
            published_at: Some(now),
            readings: json!([]),
            first_seen_at: now,
        };
        row.into_active_model().reset_all().insert(self.app.db()).await.expect("a mention");
    }

    /// Somebody writes under a publication.
    pub async fn comment_under(&self, post: PostId, text: &str) {
        self.comment_by("somebody", post, text, self.now()).await;
    }

    /// This handle writes under a publication.
    pub async fn comment_by(&self, author: &str, post: PostId, text: &str, at: DateTime<Utc>) {
        let (id, now) = (self.app.id::<CommentId>(), self.now());
        let of = post::Entity::find_by_id(post).one(self.app.db()).await.expect("read").expect("a post");
        let row = comment::Model {
            id,
            post_id: post,
            account_id: of.account_id,
            external_id: id.to_string(),
            parent_external_id: None,
            author_handle: author.into(),
            text: text.into(),
            published_at: Some(at),
            likes: None,
            hidden: None,
            first_seen_at: now,
            last_seen_at: now,
        };
        row.into_active_model().reset_all().insert(self.app.db()).await.expect("a comment");
    }

    /// The account of a publication.
    pub async fn account_of_post(&self, post: &str) -> String {
        let id: PostId = post.parse().expect("an id");
        post::Entity::find_by_id(id).one(self.app.db()).await.expect("read").expect("a post").account_id.to_string()
    }

    /// A reading of an account that fails.
    pub async fn failing_reading(&self, creator: CreatorId, account: &str) -> SyncTaskId {
        let account: AccountId = account.parse().expect("an id");
        sync_task::Entity::delete_many().filter(sync_task::Column::AccountId.eq(account)).exec(self.app.db()).await.expect("deleted");
        let (id, now) = (self.app.id::<SyncTaskId>(), self.now());
        let row = sync_task::Model {
            priority: 3,
            failures: 3,
            outcome: "bug".into(),
            detail: "instagram media: bug: A-FAULT-OF-OURS".into(),
            last_run_at: Some(now),
            ..sync_task::Model::bare(id, (account, creator, Network::Instagram), SyncKind::Posts, now)
        };
        row.into_active_model().reset_all().insert(self.app.db()).await.expect("a reading");
        id
    }

    /// A story that is kept, with a file.
    pub async fn story(&self, creator: CreatorId, account: &str) -> StoryArchiveId {
        let account: AccountId = account.parse().expect("an id");
        let post = self.post_of(creator, account, "A story", None).await;
        post::Entity::update_many()
            .col_expr(post::Column::ExpiresAt, Expr::value(self.now()))
            .filter(post::Column::Id.eq(post))
            .exec(self.app.db())
            .await
            .expect("a story");
        let (id, now) = (self.app.id::<StoryArchiveId>(), self.now());
        let file = format!("stories/{id}");
        self.app.files.put(&file, PNG.to_vec()).await.expect("a file");
        let row = story_archive::Model {
            id,
            post_id: post,
            account_id: account,
            creator_id: creator,
            file: Some(file),
            content_type: "image/png".into(),
            bytes: i64::try_from(PNG.len()).expect("small"),
            sha256: String::new(),
            problem: String::new(),
            attempts: 1,
            ending: StoryEnd::Final,
            expires_at: now,
            read_at: None,
            last_read_at: Some(now),
            created_at: now,
        };
        row.into_active_model().reset_all().insert(self.app.db()).await.expect("a story");
        id
    }

    /// What a dead program had taken is free again after some minutes; here at once.
    pub async fn leases_run_out(&self) {
        let past = self.now() - Duration::minutes(1);
        letter::Entity::update_many()
            .col_expr(letter::Column::LeaseUntil, Expr::value(past))
            .filter(letter::Column::State.eq(LetterState::Sending))
            .exec(self.app.db())
            .await
            .expect("letters");
        job::Entity::update_many()
            .col_expr(job::Column::LeaseUntil, Expr::value(past))
            .filter(job::Column::State.eq(JobState::Running))
            .exec(self.app.db())
            .await
            .expect("jobs");
    }
}
