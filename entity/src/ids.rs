//! Ids: a UUIDv7 in a newtype per table, with one text form everywhere: `inv_0193…` in GraphQL, URLs and logs.

use std::{fmt, str::FromStr};

use sea_orm::{DbErr, DeriveValueType, TryFromU64};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// What every id newtype can do, so that generic code (Node, cursors, events) needs no list of tables.
pub trait Id: Copy + Eq + fmt::Display + FromStr<Err = NotAnId> + From<Uuid> + Send + Sync + 'static {
    /// The three letters in front of the underscore.
    const PREFIX: &'static str;
    /// The bare UUID.
    fn uuid(self) -> Uuid;
}

/// The text is no id of this kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAnId;

impl fmt::Display for NotAnId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an id of this kind")
    }
}

impl std::error::Error for NotAnId {}

fn parse(prefix: &str, text: &str) -> Result<Uuid, NotAnId> {
    let hex = text.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('_')).ok_or(NotAnId)?;
    // One text form only: the same row must not be reachable by two spellings.
    if hex.len() != 32 || !hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        return Err(NotAnId);
    }
    Uuid::try_parse(hex).map_err(|_| NotAnId)
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, DeriveValueType)]
        pub struct $name(pub Uuid);

        impl Id for $name {
            const PREFIX: &'static str = $prefix;
            fn uuid(self) -> Uuid { self.0 }
        }
        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self { Self(uuid) }
        }
        impl TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, DbErr> {
                Err(DbErr::ConvertFromU64(stringify!($name)))
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0.simple())
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { fmt::Display::fmt(self, f) }
        }
        impl FromStr for $name {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<Self, NotAnId> { parse($prefix, text).map(Self) }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> { s.collect_str(self) }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )*

    /// Every prefix, for the test that they differ.
    pub const PREFIXES: &[&str] = &[$($prefix),*];
    };
}

ids! {
    /// A person who can sign in.
    UserId = "usr";
    /// A signed-in browser.
    SessionId = "ses";
    /// A personal API token.
    ApiTokenId = "tok";
    /// What a person proves besides the password.
    SecondFactorId = "fac";
    /// A code in place of a lost second factor.
    RecoveryCodeId = "rcc";
    /// An address that is told what happens.
    WebhookId = "whk";
    /// One event told to one address.
    WebhookDeliveryId = "whd";
    /// An event as one of those whom it concerns sees it: the event's own UUID.
    ActivityItemId = "act";
    /// A one-use link in a mail.
    LinkTokenId = "lnk";
    /// A brand or agency: the tenant.
    OrgId = "org";
    /// A person's place in an organisation.
    MembershipId = "mem";
    /// A letter that asks a person to become a member.
    MemberInvitationId = "min";
    /// An agency's right to act for a brand.
    DelegationId = "dlg";
    /// A label inside an organisation under which it campaigns.
    BrandId = "brd";
    /// A creator's profile, registered or not.
    CreatorId = "cre";
    /// A past collaboration in a creator's portfolio.
    PortfolioItemId = "pfl";
    /// A price line.
    OfferingId = "off";
    /// A picture that was uploaded.
    UploadId = "upl";
    /// An account on a social network.
    AccountId = "acc";
    /// The proof and the tokens that tie an account to its creator.
    NetworkLinkId = "nlk";
    /// One walk through a network's consent page.
    OauthAttemptId = "oat";
    /// An account's figures at one instant.
    AccountSnapshotId = "snp";
    /// A yes to one purpose.
    ConsentId = "cns";
    /// What is read of an account again and again.
    SyncTaskId = "syt";
    /// Something that a linked account published.
    PostId = "pst";
    /// A publication's figures at one instant.
    PostMetricsId = "pmx";
    /// An account's figures over a window of time.
    AccountMetricsId = "amx";
    /// Who an account's audience was.
    AudienceSnapshotId = "aud";
    /// What somebody wrote under a publication.
    CommentId = "cmt";
    /// A publication that names a linked account.
    MentionId = "mtn";
    /// A story that is kept beyond its day.
    StoryArchiveId = "sta";
    /// Figures that a creator hands in.
    ManualInsightId = "mni";
    /// What a network told by itself.
    InboundHookId = "inh";
    /// What was made of a creator's readings.
    CreatorInsightsId = "cin";
    /// A creator's score of a day.
    ScoreSnapshotId = "scs";
    /// What comparable creators have.
    PeerGroupId = "prg";
    /// A creator's public score page.
    ScorePageId = "scp";
    /// A version of a table that figures are read against.
    ReferenceTableId = "rft";
    /// A campaign.
    CampaignId = "cmp";
    /// A version of a campaign's brief.
    BriefId = "brf";
    /// A creator's acknowledgement of a brief.
    BriefAckId = "ack";
    /// A creator in a campaign.
    ParticipationId = "par";
    /// An invitation to a campaign.
    InvitationId = "inv";
    /// A link of an invitation's mail.
    InvitationTokenId = "itk";
    /// One bulk action.
    BatchId = "bat";
    /// A conversation between a brand and a creator.
    ThreadId = "thr";
    /// A chat message.
    MessageId = "msg";
    /// How far a person has read a thread.
    ThreadReadId = "trd";
    /// An address that must not be written to.
    SuppressionId = "sup";
    /// A fact that happened.
    EventId = "evt";
    /// Work for later.
    JobId = "job";
    /// A mail to be sent.
    LetterId = "ltr";
    /// A remembered answer.
    IdempotencyKeyId = "idk";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_text_form_there_and_back() {
        let id = InvitationId(Uuid::from_u128(0x0193_0000_0000_7000_8000_0000_0000_0001));
        assert_eq!(id.to_string(), "inv_01930000000070008000000000000001");
        assert_eq!(id.to_string().parse(), Ok(id));
        for bad in [
            "cmp_01930000000070008000000000000001",
            "01930000000070008000000000000001",
            "inv_01930000-0000-7000-8000-000000000001",
            "inv_0193000000007000800000000000000A",
            "inv_",
            "",
        ] {
            assert_eq!(bad.parse::<InvitationId>(), Err(NotAnId), "{bad}");
        }
    }

    #[test]
    fn prefixes_differ() {
        let mut sorted = PREFIXES.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), PREFIXES.len());
    }
}
