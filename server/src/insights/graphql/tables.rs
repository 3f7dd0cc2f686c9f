//! Reference tables in GraphQL, for platform admins.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject, connection::Connection};
use chrono::{DateTime, Utc};
use entity::{enums::ReferenceTableKind, ids::ReferenceTableId, reference_table};

use crate::{
    base::paging::Cursor,
    error::Result,
    graph::{
        context::Ask,
        outcome::{UserError, answer},
        rows::Row,
        scalars::{connection, slice},
    },
    insights::tables::{
        Save, Versions, content,
        queries::{self, Standing},
        restore, rules, save,
    },
    payload,
};

/// A table that figures are read against.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "ReferenceTableKind", name = "ReferenceTableKind")]
pub enum ReferenceTableKindName {
    /// Engagement rates that are usual, per cent of followers, by network and tier; they weigh as much as 200 accounts
    EngagementBenchmarks,
    /// What a thousand impressions, or one reaction, are said to be worth: media value
    MediaRates,
    /// What sponsored posts have cost and how that grows with followers: price estimates
    PostPrices,
    /// Explicit words that posts are looked through for, and innocent words that hold one by accident
    ExplicitWords,
}

/// A row that differs between two contents of a table.
#[derive(SimpleObject)]
pub struct ReferenceTableDifference {
    /// Of what: the cells that name the row, such as `instagram,nano`.
    what: String,
    /// What it said; null: it was not there.
    before: Option<String>,
    /// What it says; null: it is gone.
    after: Option<String>,
}

impl From<content::Difference> for ReferenceTableDifference {
    fn from(one: content::Difference) -> Self {
        Self { what: one.what, before: one.before, after: one.after }
    }
}

/// The version of a table that figures were read against.
#[derive(SimpleObject)]
pub struct ReferenceTableUsed {
    /// Which table.
    kind: ReferenceTableKindName,
    /// The version; 0 = as shipped with the formula.
    version: i32,
}

impl ReferenceTableUsed {
    /// Of the versions that a result names.
    pub(crate) fn all(versions: Versions) -> Vec<Self> {
        versions.into_iter().map(|(kind, version)| Self { kind: kind.into(), version }).collect()
    }
}

/// What would come of saving a content; nothing is written.
#[derive(SimpleObject)]
pub struct ReferenceTableCheck {
    /// What is wrong with it, in the order of lines; `field` ends with the line. Empty = it can be saved.
    problems: Vec<UserError>,
    /// What would differ from the version in force; empty while something is wrong.
    differences: Vec<ReferenceTableDifference>,
}

/// A table that figures are read against, as it stands. Platform admins.
pub struct ReferenceTable(Standing);

/// A table that figures are read against, as it stands. Platform admins.
#[Object]
impl ReferenceTable {
    /// Which.
    async fn kind(&self) -> ReferenceTableKindName {
        self.0.kind.into()
    }
    /// The version in force: 1 and on; 0 = as shipped with the program.
    async fn version(&self) -> i32 {
        self.0.version()
    }
    /// The version in force, with who saved it; null = as shipped.
    async fn current(&self) -> Option<ReferenceTableVersion> {
        self.0.row.clone().map(Row::from).map(ReferenceTableVersion)
    }
    /// The heads of its columns.
    async fn columns(&self) -> &'static [&'static str] {
        content::columns(self.0.kind)
    }
    /// CSV with its heads, as in force.
    async fn content(&self) -> String {
        self.0.content()
    }
    /// CSV with its heads, as shipped with this release.
    async fn shipped_content(&self) -> String {
        content::Content::shipped(self.0.kind).csv()
    }
    /// What is wrong with a content, and what would differ.
    async fn check(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "CSV with its heads, at most 100,000 characters.")] content: String,
    ) -> Result<ReferenceTableCheck> {
        ctx.admin()?;
        let read = rules::read(self.0.kind, &content);
        match crate::web::layout::refused(read)? {
            Ok(after) => {
                let before = rules::read(self.0.kind, &self.0.content())?;
                let differences = content::differences(&before, &after).into_iter().map(Into::into).collect();
                Ok(ReferenceTableCheck { problems: Vec::new(), differences })
            }
            Err(problems) => {
                let problems = problems.into_iter().map(|problem| UserError::of(problem, ctx.locale())).collect();
                Ok(ReferenceTableCheck { problems, differences: Vec::new() })
            }
        }
    }
    /// What differs between two versions; null if there is no such version.
    async fn differences(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The earlier version; 0 = as shipped.")] from: i32,
        #[graphql(desc = "The later one; the one in force if absent.")] to: Option<i32>,
    ) -> Result<Option<Vec<ReferenceTableDifference>>> {
        let (app, by) = (ctx.app()?, ctx.admin()?);
        let read = async |version: i32| queries::content(app.db(), by, self.0.kind, version).await;
        let (before, after) = match (read(from).await, read(to.unwrap_or_else(|| self.0.version())).await) {
            (Ok(before), Ok(after)) => (before, after),
            (Err(crate::error::Error::NotFound), _) | (_, Err(crate::error::Error::NotFound)) => return Ok(None),
            (Err(error), _) | (_, Err(error)) => return Err(error),
        };
        let (before, after) = (rules::read(self.0.kind, &before)?, rules::read(self.0.kind, &after)?);
        Ok(Some(content::differences(&before, &after).into_iter().map(Into::into).collect()))
    }
    /// Its versions, the newest first.
    async fn versions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "How many, 1 to 100; 20 if absent.")] first: Option<i32>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
    ) -> Result<Connection<Cursor, ReferenceTableVersion>> {
        let found = queries::versions(ctx.app()?.db(), ctx.admin()?, self.0.kind, slice(after, before, first, last)?).await?;
        Ok(connection(found, ReferenceTableVersion))
    }
}

/// A version of a reference table; never changed. Platform admins.
pub struct ReferenceTableVersion(Row<reference_table::Model>);

/// A version of a reference table; never changed. Platform admins.
#[Object]
impl ReferenceTableVersion {
    /// Opaque, typed and stable.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// Of which table.
    async fn kind(&self) -> ReferenceTableKindName {
        self.0.kind.into()
    }
    /// 1 and on within the table.
    async fn version(&self) -> i32 {
        self.0.version
    }
    /// CSV with its heads.
    async fn content(&self) -> &str {
        &self.0.content
    }
    /// Why it was changed.
    async fn note(&self) -> &str {
        &self.0.note
    }
    /// The name of who saved it; null if the person is gone.
    async fn author_name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(ctx.rows()?.load_one(self.0.user_id).await?.map(|user| user.name.clone()))
    }
    /// The version that it went back to, 0 = as shipped; null: it was written anew.
    async fn restored_from(&self) -> Option<i32> {
        self.0.restored_from
    }
    /// Since when it is or was in force.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
}

/// A version for `node`.
pub(crate) async fn version_node(ctx: &Context<'_>, id: ReferenceTableId) -> Result<Option<ReferenceTableVersion>> {
    let scope = queries::versions_of_all(ctx.admin()?);
    Ok(Some(ReferenceTableVersion(ctx.rows()?.find::<ReferenceTableVersion, _, _>(reference_table::Column::Id, scope, id).await?)))
}

/// A new version of a table.
#[derive(InputObject)]
pub struct ReferenceTableSaveInput {
    /// Which table.
    kind: ReferenceTableKindName,
    /// The whole of it: CSV with its heads, at most 100,000 characters.
    content: String,
    /// Why it changes, at most 200 characters.
    note: String,
    /// The version that the change began with; if another is in force by now, nothing is saved. Absent: whatever is in force.
    based_on: Option<i32>,
}

/// Which version to go back to.
#[derive(InputObject)]
pub struct ReferenceTableRestoreInput {
    /// Which table.
    kind: ReferenceTableKindName,
    /// The version whose content comes back; 0 = as shipped.
    version: i32,
    /// Why, at most 200 characters.
    note: Option<String>,
}

payload! {
    /// The answer to `referenceTableSave`.
    ReferenceTableSavePayload {
        /// The new version, which is in force.
        version: ReferenceTableVersion,
    }
    /// The answer to `referenceTableRestore`.
    ReferenceTableRestorePayload {
        /// The new version, which is in force and says what the earlier one said.
        version: ReferenceTableVersion,
    }
}

/// Queries of reference tables.
#[derive(Default)]
pub struct TablesQuery;

/// Queries of reference tables.
#[Object]
impl TablesQuery {
    /// The tables that figures are read against, each as it stands. Platform admins.
    async fn reference_tables(&self, ctx: &Context<'_>) -> Result<Vec<ReferenceTable>> {
        Ok(queries::all(ctx.app()?.db(), ctx.admin()?).await?.into_iter().map(ReferenceTable).collect())
    }

    /// One of them. Platform admins.
    async fn reference_table(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] kind: ReferenceTableKindName,
    ) -> Result<Option<ReferenceTable>> {
        Ok(Some(ReferenceTable(queries::one(ctx.app()?.db(), ctx.admin()?, kind.into()).await?)))
    }
}

/// Mutations of reference tables.
#[derive(Default)]
pub struct TablesMutation;

/// Mutations of reference tables.
#[Object]
impl TablesMutation {
    /// Puts a new version of a table in force; all figures are computed anew in the background. Platform admins.
    async fn reference_table_save(&self, ctx: &Context<'_>, input: ReferenceTableSaveInput) -> Result<ReferenceTableSavePayload> {
        let by = ctx.admin()?;
        let typed = Save { content: input.content, note: input.note, based_on: input.based_on };
        let done = save(ctx.app()?, by, input.kind.into(), typed).await;
        answer(ctx, done.map(|row| ReferenceTableSavePayload { version: Some(ReferenceTableVersion(row.into())), ..Default::default() }))
    }

    /// Puts an earlier version of a table in force again, as a new version. Platform admins.
    async fn reference_table_restore(&self, ctx: &Context<'_>, input: ReferenceTableRestoreInput) -> Result<ReferenceTableRestorePayload> {
        let by = ctx.admin()?;
        let done = restore(ctx.app()?, by, input.kind.into(), input.version, &input.note.unwrap_or_default()).await;
        answer(ctx, done.map(|row| ReferenceTableRestorePayload { version: Some(ReferenceTableVersion(row.into())), ..Default::default() }))
    }
}
