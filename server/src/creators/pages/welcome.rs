//! The first page after signing up as a creator: makes the profile.

use actix_web::{HttpResponse, web};
use askama::Template;

use super::super::Register;
use crate::{
    app::App,
    auth::actors::{self, Acting, Person},
    error::Result,
    web::{
        forms::{Choice, Form},
        layout::{Page, refused},
        notice::Say,
        urls,
    },
};

#[derive(Template)]
#[template(path = "creators/welcome.html")]
struct WelcomePage {
    page: Page,
    form: Form,
    categories: Vec<Choice>,
    countries: Vec<Choice>,
}

fn shown(page: &Page, form: Form) -> WelcomePage {
    WelcomePage { categories: super::categories(page), countries: super::countries(page), form, page: page.clone() }
}

pub(super) async fn page(app: web::Data<App>, page: Page, by: Person) -> Result<HttpResponse> {
    let choices = actors::choices(app.db(), &by, page.now).await?;
    if choices.iter().any(|c| matches!(c, Acting::Creator(..))) {
        return Ok(page.go(urls::CREATOR));
    }
    let country = if page.lang == entity::enums::Locale::Ja { "JP" } else { "" };
    page.show(&shown(&page, Form::new().with("display_name", &*by.user().name).with("country", country)))
}

pub(super) async fn register(app: web::Data<App>, page: Page, by: Person, form: Form) -> Result<HttpResponse> {
    let input =
        Register { display_name: form.take("display_name"), country: form.take("country"), main_category: form.take("main_category") };
    match refused(super::super::register(&app, &by, input).await)? {
        Ok(_) => Ok(page.see(urls::CREATOR, Say::done("creators.notice.registered"))),
        Err(problems) => page.again(&shown(&page, form.refused(&problems, page.lang))),
    }
}
