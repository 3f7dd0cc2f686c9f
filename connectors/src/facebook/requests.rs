//! What Facebook Pages are asked for. Pure.

use crate::insights::Measure;

/// What `/me/accounts` is asked for. `picture` is an edge, `tasks` a field of this list alone.
pub const PAGE_FIELDS: &str = "id,name,tasks,picture{url}";

/// What a Page is asked for.
pub const PROFILE_FIELDS: &str = "id,name,username,about,link,website,fan_count,followers_count,verification_status";

/// The plain fields of a post.
pub const POST_FIELDS: &str = "id,message,created_time,permalink_url,full_picture,status_type,shares,from";

/// Its sums, which are edges.
pub const POST_SUMS: &str = "reactions.limit(0).summary(total_count),comments.limit(0).summary(total_count)";

/// What comments are asked for.
pub const COMMENT_FIELDS: &str = "id,message,created_time,from,like_count,comment_count,parent,is_hidden";

/// What posts of others that tag the Page are asked for.
pub const TAGGED_FIELDS: &str = "id,message,created_time,permalink_url,from";

/// Rows of one answer.
pub const LIMIT: &str = "50";

/// What posts are measured by. Reactions come by their kinds.
pub const POST: &[(Measure, &str)] = &[
    (Measure::Views, "post_media_view"),
    (Measure::Reach, "post_total_media_view_unique"),
    (Measure::Clicks, "post_clicks"),
    (Measure::Reactions, "post_reactions_by_type_total"),
];

/// What Pages are measured by, day by day.
pub const PAGE: &[(Measure, &str)] = &[
    (Measure::Followers, "page_follows"),
    (Measure::Follows, "page_daily_follows_unique"),
    (Measure::Unfollows, "page_daily_unfollows_unique"),
    (Measure::Interactions, "page_post_engagements"),
    (Measure::Views, "page_media_view"),
    (Measure::Reach, "page_total_media_view_unique"),
    (Measure::ProfileTaps, "page_total_actions"),
];

/// How the days of a measure make up a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whole {
    /// By their sum.
    Sum,
    /// By the last of them.
    Last,
    /// Not at all: the same person may come on two days.
    Nothing,
}

/// See [`Whole`].
pub fn whole(measure: Measure) -> Whole {
    match measure {
        Measure::Reach => Whole::Nothing,
        Measure::Followers => Whole::Last,
        _ => Whole::Sum,
    }
}
