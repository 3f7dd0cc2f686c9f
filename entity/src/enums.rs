//! The states and kinds that rows carry, stored as their snake_case text.

use sea_orm::{DeriveActiveEnum, EnumIter};

macro_rules! text_enums {
    ($($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum, serde::Serialize, serde::Deserialize)]
        #[sea_orm(rs_type = "String", db_type = "Text")]
        pub enum $name {
            $($(#[$vdoc])* #[sea_orm(string_value = $text)] #[serde(rename = $text)] $variant,)*
        }
        impl $name {
            /// Every value, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];
            /// The stored text, also used in URLs, message keys and forms.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(self.as_str()) }
        }
        impl std::str::FromStr for $name {
            type Err = ();
            fn from_str(text: &str) -> Result<Self, ()> {
                match text { $($text => Ok(Self::$variant),)* _ => Err(()) }
            }
        }
    )*};
}

text_enums! {
    /// The languages of the product.
    Locale {
        /// English
        En = "en",
        /// Japanese
        Ja = "ja",
    }
    /// The kinds of second factor.
    FactorKind {
        /// Codes of an authenticator app (RFC 6238)
        Totp = "totp",
        /// A passkey (WebAuthn)
        Passkey = "passkey",
    }
    /// Whether an address is told what happens.
    WebhookState {
        /// It is told
        Active = "active",
        /// A person stopped it; what happens meanwhile is not told later
        Paused = "paused",
        /// It failed for too long, or said that it is gone
        Disabled = "disabled",
    }
    /// What became of an event that an address is told.
    DeliveryState {
        /// To be tried, or tried again
        Pending = "pending",
        /// The receiver said 2xx
        Delivered = "delivered",
        /// Given up
        Failed = "failed",
    }
    /// How often a mail sums up what was not seen.
    Digest {
        Never = "never",
        Daily = "daily",
        Weekly = "weekly",
    }
    /// Whether a person may sign in.
    UserStatus {
        Active = "active",
        Suspended = "suspended",
    }
    /// Why a person was suspended; they are told.
    SuspensionReason {
        /// The code of conduct was broken
        Conduct = "conduct",
        /// Somebody pretends to be another, or figures are made up
        Fraud = "fraud",
        /// The account may be in the hands of somebody else
        Security = "security",
        /// The person asked for it
        Request = "request",
    }
    /// Whose eyes an API token looks through.
    Hat {
        /// Nothing but the person who signed in: enough to register as creator or to found an organisation.
        Person = "person",
        /// The creator that the user is.
        Creator = "creator",
        /// A member of one organisation.
        Member = "member",
        /// A platform admin.
        Admin = "admin",
    }
    /// What a link in a mail is for; a token never serves another purpose.
    LinkPurpose {
        ConfirmSignUp = "confirm_sign_up",
        ResetPassword = "reset_password",
        ChangeEmail = "change_email",
        /// The password was right; the second factor is awaited. Lives in a cookie, not in a mail
        SecondFactor = "second_factor",
        /// A passkey is being added. Lives in the page, not in a mail
        AddPasskey = "add_passkey",
    }
    /// Brand, agency or the platform's operator.
    OrgKind {
        Brand = "brand",
        Agency = "agency",
        Platform = "platform",
    }
    /// What a member may do, least first.
    Role {
        /// Reads, and comments internally.
        Analyst = "analyst",
        /// Runs campaigns.
        Manager = "manager",
        /// Also members, roles, contracts and money.
        Owner = "owner",
    }
    /// A membership ends but its row stays, since history names it.
    MembershipStatus {
        Active = "active",
        Ended = "ended",
    }
    /// The way of a letter that asks a person to become a member.
    MemberInvitationState {
        Sent = "sent",
        Accepted = "accepted",
        Revoked = "revoked",
    }
    /// An agency's right to act for a brand.
    DelegationState {
        /// The brand's owner has offered it.
        Offered = "offered",
        /// The agency has accepted.
        Active = "active",
        /// Either side ended it, or it ran out.
        Ended = "ended",
    }
    /// What kind of influencer a creator is (M9).
    CreatorKind {
        /// On social networks.
        Social = "social",
        /// In legacy media.
        Media = "media",
        /// On an own blog.
        Blogger = "blogger",
        /// An industry expert or analyst.
        Expert = "expert",
    }
    /// How a creator's profile came to be.
    CreatorSource {
        SignedUp = "signed_up",
        Imported = "imported",
        /// A brand looked the account up at its network.
        LookedUp = "looked_up",
        /// Typed in by a brand that invited them.
        Invited = "invited",
    }
    /// A social network or channel.
    Network {
        Instagram = "instagram",
        Youtube = "youtube",
        Facebook = "facebook",
        X = "x",
        Tiktok = "tiktok",
        Twitch = "twitch",
        Pinterest = "pinterest",
        Linkedin = "linkedin",
        Reddit = "reddit",
        Bluesky = "bluesky",
        Mastodon = "mastodon",
        Blog = "blog",
    }
    /// What a network says an account is.
    AccountType {
        Personal = "personal",
        Business = "business",
        Creator = "creator",
        Unknown = "unknown",
    }
    /// How an account was tied to its creator.
    LinkMethod {
        /// The network itself said so.
        Oauth = "oauth",
        /// Typed in, unproven.
        Declared = "declared",
    }
    /// The way of a link to an account.
    LinkState {
        Declared = "declared",
        Verified = "verified",
        NeedsReauth = "needs_reauth",
        Revoked = "revoked",
    }
    /// Where a figure came from.
    MetricSource {
        /// The network's API, asked with the creator's own grant.
        Network = "network",
        /// A list that an operator imported.
        Imported = "imported",
        /// The creator typed it.
        SelfReported = "self_reported",
    }
    /// What a creator, or an organisation about a creator, can say yes to.
    ConsentPurpose {
        /// Figures beyond the public profile are read with the creator's grant, again and again.
        ReadFigures = "read_figures",
        /// Brands see who the audience is and what only the creator's grant shows.
        InsightShare = "insight_share",
        /// Stories are copied and kept beyond their day (K20); it takes both sides.
        StoryArchive = "story_archive",
        /// Brands' look-ups of public accounts go through the creator's grant.
        PublicLookup = "public_lookup",
    }
    /// What insights rest on.
    InsightScope {
        /// What everybody can see at the networks
        Public = "public",
        /// That, and what only the creator's grant shows
        Full = "full",
    }
    /// A table that figures are read against and admins edit.
    ReferenceTableKind {
        /// Engagement rates that are usual, by network and tier.
        EngagementBenchmarks = "engagement_benchmarks",
        /// What a thousand impressions, or one reaction, are said to be worth.
        MediaRates = "media_rates",
        /// What sponsored posts have cost, by network.
        PostPrices = "post_prices",
        /// Explicit words that posts are looked through for.
        ExplicitWords = "explicit_words",
    }
    /// What is read of an account again and again.
    SyncKind {
        /// The profile with its counters.
        Profile = "profile",
        /// The newest publications with their counters.
        Posts = "posts",
        /// Older publications, once.
        Backfill = "backfill",
        /// Figures of single publications.
        PostFigures = "post_figures",
        /// Figures of the account.
        Insights = "insights",
        /// Who the audience is.
        Audience = "audience",
        /// What others write under publications.
        Comments = "comments",
        /// Where others name the account.
        Mentions = "mentions",
        /// The stories that are up.
        Stories = "stories",
        /// Figures of stories, until the last before they end.
        StoryFigures = "story_figures",
        /// Whether the network still takes the grant, where it wants that asked every hour.
        Grant = "grant",
    }
    /// Of whom demographics speak.
    Crowd {
        Followers = "followers",
        /// Those who reacted lately.
        Engaged = "engaged",
        /// Those who watched, followers or not.
        Viewers = "viewers",
    }
    /// By what a crowd is told apart.
    Dimension {
        Age = "age",
        Gender = "gender",
        AgeGender = "age_gender",
        City = "city",
        Country = "country",
    }
    /// How the figures of a story ended.
    StoryEnd {
        /// It is still up.
        Open = "open",
        /// They were read shortly before it ended.
        Final = "final",
        /// They were read, but not shortly before it ended.
        LastSeen = "last_seen",
        /// They were never read.
        Missed = "missed",
    }
    /// The way of figures that a creator hands in.
    ManualInsightState {
        /// A brand has asked for them.
        Asked = "asked",
        HandedIn = "handed_in",
        Declined = "declined",
    }
    /// What a platform admin made of a picture that proves figures.
    ProofReview {
        /// It was looked at, and shows what was handed in.
        Seen = "seen",
        /// It does not show what was handed in.
        Refused = "refused",
    }
    /// A format of content on some network (M10).
    Format {
        Reel = "reel",
        Image = "image",
        Carousel = "carousel",
        Story = "story",
        Live = "live",
        Ugc = "ugc",
        Shopping = "shopping",
        Collab = "collab",
        Takeover = "takeover",
        LongVideo = "long_video",
        ShortVideo = "short_video",
        Video = "video",
        LongPost = "long_post",
        Promotion = "promotion",
        Event = "event",
        Photo = "photo",
        Text = "text",
        ThoughtLeaderAd = "thought_leader_ad",
        Forum = "forum",
        Ama = "ama",
        HashtagChallenge = "hashtag_challenge",
        LiveShopping = "live_shopping",
        Vod = "vod",
        Pin = "pin",
        Article = "article",
        Ebook = "ebook",
    }
    /// What a campaign is for (M11).
    Goal {
        Awareness = "awareness",
        Loyalty = "loyalty",
        Sales = "sales",
    }
    /// What a goal is measured by (M11).
    Kpi {
        Reach = "reach",
        Impressions = "impressions",
        Shares = "shares",
        NewFollowers = "new_followers",
        Ugc = "ugc",
        Comments = "comments",
        MailSubscribers = "mail_subscribers",
        WebTraffic = "web_traffic",
        Purchases = "purchases",
    }
    /// Who may come into a campaign.
    RecruitMode {
        Invite = "invite",
        Open = "open",
        Both = "both",
    }
    /// The life of a campaign.
    CampaignState {
        Draft = "draft",
        Recruiting = "recruiting",
        Active = "active",
        Paused = "paused",
        Measuring = "measuring",
        Completed = "completed",
        Archived = "archived",
        Cancelled = "cancelled",
    }
    /// The life of a version of a brief.
    BriefState {
        Draft = "draft",
        Published = "published",
        Superseded = "superseded",
    }
    /// How a creator came into a campaign.
    ParticipationSource {
        Invited = "invited",
        Applied = "applied",
        Imported = "imported",
    }
    /// The life of a creator in a campaign.
    ParticipationState {
        Shortlisted = "shortlisted",
        Invited = "invited",
        Applied = "applied",
        Selected = "selected",
        NotSelected = "not_selected",
        Joined = "joined",
        Negotiating = "negotiating",
        Contracted = "contracted",
        Working = "working",
        Delivered = "delivered",
        Settled = "settled",
        Declined = "declined",
        Withdrawn = "withdrawn",
        Removed = "removed",
    }
    /// The life of an invitation.
    InvitationState {
        Draft = "draft",
        Queued = "queued",
        Sent = "sent",
        Accepted = "accepted",
        Declined = "declined",
        Expired = "expired",
        Revoked = "revoked",
        Bounced = "bounced",
    }
    /// Where the address of an invitation came from.
    EmailSource {
        /// The creator's own, from sign-up.
        Registered = "registered",
        /// The brand typed it.
        BrandEntered = "brand_entered",
    }
    /// Why a creator said no; all answers are fine.
    DeclineReason {
        NoTime = "no_time",
        NotMyTopic = "not_my_topic",
        RewardTooLow = "reward_too_low",
        Terms = "terms",
        Competitor = "competitor",
        Other = "other",
    }
    /// Who wrote a chat message.
    Side {
        Brand = "brand",
        Creator = "creator",
    }
    /// Why an address must not be written to.
    SuppressionReason {
        Unsubscribed = "unsubscribed",
        Bounced = "bounced",
    }
    /// What a bulk action does.
    BatchKind {
        Invite = "invite",
    }
    /// The life of a job.
    JobState {
        Ready = "ready",
        Running = "running",
        Done = "done",
        /// Given up; an admin may retry it.
        Dead = "dead",
    }
    /// Transactional mail is owed to its reader; bulk mail may be unsubscribed from.
    LetterKind {
        Transactional = "transactional",
        Bulk = "bulk",
    }
    /// The life of a letter.
    LetterState {
        Queued = "queued",
        Sending = "sending",
        Sent = "sent",
        /// Given up after the last try, or refused for good.
        Failed = "failed",
        /// Never sent, since the address asked for no more.
        Suppressed = "suppressed",
        /// Accepted, and then returned.
        Bounced = "bounced",
    }
}
