//! Changing creators.

use async_graphql::{Context, ID, InputObject, Object};
use entity::enums::CreatorKind;

use super::{
    super::{
        self as creators, Register, pictures,
        rules::{Category, Typed, TypedItem},
    },
    Creator, CreatorKindName, PortfolioItem,
    queries::given,
};
use crate::{
    error::Result,
    graph::{context::Ask, outcome::answer, scalars::Date},
    payload,
};

/// A new profile of the person who calls.
#[derive(InputObject)]
pub struct CreatorRegisterInput {
    /// The name that brands see; at most 80 characters.
    display_name: String,
    /// The country of residence, ISO 3166-1 alpha-2; null = unknown.
    country: Option<String>,
    /// What most of the posts are about; null = not chosen yet.
    main_category: Option<Category>,
}

/// Changes of a profile; what is absent or null stays as it is.
#[derive(InputObject)]
pub struct CreatorEditInput {
    /// The name that brands see; at most 80 characters.
    display_name: Option<String>,
    /// How the name is read, in kana; empty = none. Brands never see it.
    kana: Option<String>,
    /// The introduction in English, at most 2,000 characters; empty = none.
    introduction_en: Option<String>,
    /// The introduction in Japanese, at most 2,000 characters; empty = none.
    introduction_ja: Option<String>,
    /// What most of the posts are about.
    main_category: Option<Category>,
    /// Skills of interest, at most 20, each at most 60 characters; they replace those before.
    skills: Option<Vec<String>>,
    /// What kind of influencer.
    kind: Option<CreatorKindName>,
    /// The country of residence, ISO 3166-1 alpha-2; empty = unknown.
    country: Option<String>,
    /// The prefecture, such as `kyoto`, only with the country JP; empty = none. Brands never see it.
    prefecture: Option<String>,
}

/// Which picture the profile shows.
#[derive(InputObject)]
pub struct CreatorPictureSetInput {
    /// The id that `POST /uploads` gave; the upload must be the caller's own.
    upload_id: ID,
}

/// A past collaboration.
#[derive(InputObject)]
pub struct PortfolioItemAddInput {
    /// Whose post it was; at most 80 characters.
    brand_name: String,
    /// What it was; at most 120 characters.
    title: String,
    /// Where it can be seen; null = nowhere.
    url: Option<String>,
    /// The day it was published, not in the future; null = unknown.
    published_on: Option<Date>,
    /// More words, at most 500 characters.
    note: Option<String>,
}

/// A past collaboration as it shall be: everything is replaced.
#[derive(InputObject)]
pub struct PortfolioItemEditInput {
    /// Its id.
    id: ID,
    /// Whose post it was; at most 80 characters.
    brand_name: String,
    /// What it was; at most 120 characters.
    title: String,
    /// Where it can be seen; null = nowhere.
    url: Option<String>,
    /// The day it was published, not in the future; null = unknown.
    published_on: Option<Date>,
    /// More words, at most 500 characters.
    note: Option<String>,
}

/// Which past collaboration is deleted.
#[derive(InputObject)]
pub struct PortfolioItemDeleteInput {
    /// Its id.
    id: ID,
}

/// Which past collaboration is brought back.
#[derive(InputObject)]
pub struct PortfolioItemRestoreInput {
    /// Its id.
    id: ID,
}

/// Who gets the badge.
#[derive(InputObject)]
pub struct CreatorVetInput {
    /// The creator's id.
    id: ID,
}

/// From whom the badge is taken back.
#[derive(InputObject)]
pub struct CreatorUnvetInput {
    /// The creator's id.
    id: ID,
}

payload! {
    /// The answer to `creatorRegister`.
    CreatorRegisterPayload {
        /// The new profile. Ask for a token that acts as creator to go on with it.
        creator: Creator,
    }
    /// The answer to `creatorEdit`.
    CreatorEditPayload {
        /// The profile as it is now.
        creator: Creator,
    }
    /// The answer to `creatorPictureSet`.
    CreatorPictureSetPayload {
        /// The profile as it is now.
        creator: Creator,
    }
    /// The answer to `creatorPictureRemove`.
    CreatorPictureRemovePayload {
        /// The profile as it is now.
        creator: Creator,
    }
    /// The answer to `portfolioItemAdd`.
    PortfolioItemAddPayload {
        /// The new item.
        portfolio_item: PortfolioItem,
    }
    /// The answer to `portfolioItemEdit`.
    PortfolioItemEditPayload {
        /// The item as it is now.
        portfolio_item: PortfolioItem,
    }
    /// The answer to `portfolioItemDelete`.
    PortfolioItemDeletePayload {
        /// The deleted item; for a day it can be brought back.
        portfolio_item: PortfolioItem,
    }
    /// The answer to `portfolioItemRestore`.
    PortfolioItemRestorePayload {
        /// The item as it is now.
        portfolio_item: PortfolioItem,
    }
    /// The answer to `creatorVet`.
    CreatorVetPayload {
        /// The creator as they are now.
        creator: Creator,
    }
    /// The answer to `creatorUnvet`.
    CreatorUnvetPayload {
        /// The creator as they are now.
        creator: Creator,
    }
}

fn item(brand_name: String, title: String, url: Option<String>, published_on: Option<Date>, note: Option<String>) -> TypedItem {
    TypedItem {
        brand_name,
        title,
        url: url.unwrap_or_default(),
        published_on: published_on.map(|day| day.to_string()).unwrap_or_default(),
        note: note.unwrap_or_default(),
    }
}

/// Mutations of creators.
#[derive(Default)]
pub struct CreatorsMutation;

/// Mutations of creators.
#[Object]
impl CreatorsMutation {
    /// Makes the profile of the person who calls; everybody may have one.
    async fn creator_register(&self, ctx: &Context<'_>, input: CreatorRegisterInput) -> Result<CreatorRegisterPayload> {
        let new = Register {
            display_name: input.display_name,
            country: input.country.unwrap_or_default(),
            main_category: input.main_category.map(|c| c.to_string()).unwrap_or_default(),
        };
        let done = creators::register(ctx.app()?, ctx.person()?, new).await;
        answer(ctx, done.map(|row| CreatorRegisterPayload { creator: Some(Creator(row.into())), ..Default::default() }))
    }

    /// The creator changes their profile.
    async fn creator_edit(&self, ctx: &Context<'_>, input: CreatorEditInput) -> Result<CreatorEditPayload> {
        let typed = Typed {
            display_name: input.display_name,
            kana: input.kana,
            intro_en: input.introduction_en,
            intro_ja: input.introduction_ja,
            main_category: input.main_category.map(|c| c.to_string()),
            skills: input.skills,
            kind: input.kind.map(|k| CreatorKind::from(k).to_string()),
            country: input.country,
            prefecture: input.prefecture,
        };
        let done = creators::edit(ctx.app()?, ctx.creator()?, typed).await.map_err(renamed);
        answer(ctx, done.map(|row| CreatorEditPayload { creator: Some(Creator(row.into())), ..Default::default() }))
    }

    /// The creator shows an uploaded picture.
    async fn creator_picture_set(&self, ctx: &Context<'_>, input: CreatorPictureSetInput) -> Result<CreatorPictureSetPayload> {
        let by = ctx.creator()?;
        let done = async { pictures::set_picture(ctx.app()?, by, given(&input.upload_id)?).await };
        answer(ctx, done.await.map(|row| CreatorPictureSetPayload { creator: Some(Creator(row.into())), ..Default::default() }))
    }

    /// The creator takes the picture that they uploaded off the profile; the network's, if there is one, is shown instead.
    async fn creator_picture_remove(&self, ctx: &Context<'_>) -> Result<CreatorPictureRemovePayload> {
        let done = pictures::remove_picture(ctx.app()?, ctx.creator()?).await;
        answer(ctx, done.map(|row| CreatorPictureRemovePayload { creator: Some(Creator(row.into())), ..Default::default() }))
    }

    /// The creator adds a past collaboration; at most 60.
    async fn portfolio_item_add(&self, ctx: &Context<'_>, input: PortfolioItemAddInput) -> Result<PortfolioItemAddPayload> {
        let typed = item(input.brand_name, input.title, input.url, input.published_on, input.note);
        let done = creators::add_item(ctx.app()?, ctx.creator()?, &typed).await;
        answer(ctx, done.map(|row| PortfolioItemAddPayload { portfolio_item: Some(PortfolioItem(row.into())), ..Default::default() }))
    }

    /// The creator changes a past collaboration.
    async fn portfolio_item_edit(&self, ctx: &Context<'_>, input: PortfolioItemEditInput) -> Result<PortfolioItemEditPayload> {
        let by = ctx.creator()?;
        let typed = item(input.brand_name, input.title, input.url, input.published_on, input.note);
        let done = async { creators::edit_item(ctx.app()?, by, given(&input.id)?, &typed).await };
        answer(
            ctx,
            done.await.map(|row| PortfolioItemEditPayload { portfolio_item: Some(PortfolioItem(row.into())), ..Default::default() }),
        )
    }

    /// The creator deletes a past collaboration.
    async fn portfolio_item_delete(&self, ctx: &Context<'_>, input: PortfolioItemDeleteInput) -> Result<PortfolioItemDeletePayload> {
        let by = ctx.creator()?;
        let done = async { creators::delete_item(ctx.app()?, by, given(&input.id)?).await };
        answer(
            ctx,
            done.await.map(|row| PortfolioItemDeletePayload { portfolio_item: Some(PortfolioItem(row.into())), ..Default::default() }),
        )
    }

    /// The creator brings a past collaboration back, within 24 hours of deleting it.
    async fn portfolio_item_restore(&self, ctx: &Context<'_>, input: PortfolioItemRestoreInput) -> Result<PortfolioItemRestorePayload> {
        let by = ctx.creator()?;
        let done = async { creators::restore_item(ctx.app()?, by, given(&input.id)?).await };
        answer(
            ctx,
            done.await.map(|row| PortfolioItemRestorePayload { portfolio_item: Some(PortfolioItem(row.into())), ..Default::default() }),
        )
    }

    /// An admin gives a creator the verified badge by hand.
    async fn creator_vet(&self, ctx: &Context<'_>, input: CreatorVetInput) -> Result<CreatorVetPayload> {
        let by = ctx.admin()?;
        let done = async { creators::vet(ctx.app()?, by, given(&input.id)?).await };
        answer(ctx, done.await.map(|row| CreatorVetPayload { creator: Some(Creator(row.into())), ..Default::default() }))
    }

    /// An admin takes the badge back that was given by hand; one that rests on a proven account stays.
    async fn creator_unvet(&self, ctx: &Context<'_>, input: CreatorUnvetInput) -> Result<CreatorUnvetPayload> {
        let by = ctx.admin()?;
        let done = async { creators::unvet(ctx.app()?, by, given(&input.id)?).await };
        answer(ctx, done.await.map(|row| CreatorUnvetPayload { creator: Some(Creator(row.into())), ..Default::default() }))
    }
}

/// The rows say `intro_en`, the schema `introductionEn`.
fn renamed(error: crate::error::Error) -> crate::error::Error {
    use crate::error::Error;
    match error {
        Error::User(mut problems) => {
            for problem in &mut problems {
                match problem.field.as_ref() {
                    "intro_en" => problem.field = "introduction_en".into(),
                    "intro_ja" => problem.field = "introduction_ja".into(),
                    _ => {}
                }
            }
            Error::User(problems)
        }
        other => other,
    }
}
