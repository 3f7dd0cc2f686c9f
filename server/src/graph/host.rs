//! Hibiki behind the edge: who calls, what they may spend, and what of an error may go out.

use std::{sync::Arc, time::Duration};

use actix_web::{HttpRequest, http::header};
use async_graphql::{ErrorExtensionValues, Request, ServerError};
use edge::{Call, Finished, Host, Identity, OperationType, RateLimited, Refusal, Settings, Throttle};
use entity::enums::Locale;

use super::{
    context::{Actor, Cx},
    documents::Documents,
    rows::Loads,
    schema::Schema,
};
use crate::{
    app::App,
    auth::{
        extract,
        limits::{self, Limit, Unused},
        sessions::{self, Device},
    },
    base::lang::{self, Lang},
    error::{Error, Result},
};

/// The product as the edge's host.
#[derive(Clone)]
pub struct Hibiki {
    app: App,
    schema: Schema,
    settings: Arc<Settings>,
    documents: Arc<Documents>,
    unused: Arc<Unused>,
}

/// Who calls.
#[derive(Clone)]
pub struct Caller {
    actor: Actor,
    locale: Locale,
    device: Device,
    /// By what costs are counted.
    client: String,
}

impl Hibiki {
    /// With the settings in force.
    pub fn new(app: App, shutdown: tokio_util::sync::CancellationToken) -> anyhow::Result<Self> {
        let config = &app.config;
        let mut settings = Settings {
            own_origins: vec![config.origin()],
            allowed_origins: config.graphql.origins.clone(),
            request_timeout: Duration::from_secs(config.graphql.timeout_seconds),
            recheck: Duration::from_secs(config.graphql.recheck_seconds.max(1)),
            require_operation_name: config.graphql.require_operation_name,
            require_client_name: config.graphql.require_client_name,
            only_stored_documents: config.graphql.only_documents,
            shutdown,
            ..Settings::default()
        };
        settings.allowed_headers.push("hibiki-actor".into());
        settings.csrf_headers.push("hibiki-actor".into());
        // Aliases are no way to guess passwords (B6).
        settings.limits.sensitive = SENSITIVE.iter().map(|name| (*name).to_owned()).collect();
        let documents = Arc::new(Documents::open(&config.graphql.documents)?);
        Ok(Self { schema: super::schema::build(), settings: Arc::new(settings), documents, unused: Arc::default(), app })
    }

    fn cost_limit(&self) -> Limit {
        let graphql = &self.app.config.graphql;
        let capacity = i64::try_from(graphql.cost_capacity).unwrap_or(i64::MAX / 4000);
        let per_second = i64::try_from(graphql.cost_per_second.max(1)).unwrap_or(1);
        Limit { name: "graphql-cost", capacity, seconds: (capacity / per_second).max(1) }
    }

    fn throttle(&self, left: i64) -> Throttle {
        let graphql = &self.app.config.graphql;
        Throttle {
            maximum_available: graphql.cost_capacity,
            currently_available: left.try_into().unwrap_or(0),
            restore_rate: graphql.cost_per_second,
        }
    }

    async fn identify(&self, request: &HttpRequest, bearer: Option<&str>, asked: Option<&str>) -> Result<Identity<Caller>> {
        let device = extract::device(request, &self.app);
        let (actor, cookie) = match bearer {
            Some(token) => {
                let bearer = sessions::by_token(&self.app, token).await?.ok_or(Error::SignIn)?;
                (Actor::of_token(&self.app, bearer).await?, false)
            }
            None => match extract::visitor(request).await? {
                Some(person) => (Actor::of_session(&self.app, person, asked).await?, true),
                None => (Actor::Nobody, false),
            },
        };
        let accept = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let locale = actor.person().map_or_else(|| lang::preferred(accept), |p| p.locale());
        let client = actor.person().map_or_else(|| limits::place(&device.ip), |p| p.id().to_string());
        Ok(Identity { caller: Caller { actor, locale, device, client: client.clone() }, cookie, client })
    }
}

/// Mutations that a document may hold once.
const SENSITIVE: &[&str] = &[
    "signIn",
    "signUp",
    "signUpConfirm",
    "totpConfirm",
    "passwordResetRequest",
    "passwordReset",
    "passwordChange",
    "emailChange",
    "apiTokenCreate",
    "invitationSignUp",
    "invitationRenew",
];

fn bearer(header: Option<&str>) -> std::result::Result<Option<String>, Refusal> {
    match header {
        None => Ok(None),
        Some(text) => match text.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(Some(token.trim().to_owned())),
            _ => Err(Refusal::unauthenticated("the Authorization header is not `Bearer TOKEN`")),
        },
    }
}

fn refuse(error: Error) -> Refusal {
    match error {
        Error::SignIn | Error::NotFound | Error::Forbidden(_) => {
            Refusal::unauthenticated("the token or session is not valid any more, or its actor is gone")
        }
        fault => {
            tracing::error!(error = %fault, "a caller could not be recognised");
            Refusal::new(edge::Code::InternalServerError, "the caller could not be recognised")
        }
    }
}

impl Host for Hibiki {
    type Caller = Caller;
    type Schema = Schema;

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn settings(&self) -> &Settings {
        &self.settings
    }

    async fn authenticate(&self, request: &HttpRequest) -> std::result::Result<Identity<Caller>, Refusal> {
        let header = |name: &str| request.headers().get(name).and_then(|v| v.to_str().ok());
        let token = bearer(header("authorization"))?;
        self.identify(request, token.as_deref(), header("hibiki-actor")).await.map_err(refuse)
    }

    async fn authenticate_socket(&self, upgrade: &HttpRequest, init: &serde_json::Value) -> std::result::Result<Identity<Caller>, Refusal> {
        // Clients send these as the headers that a socket cannot have, in any case; some call the actor just `actor`.
        let given = |names: [&str; 2]| {
            let found = init.as_object()?.iter().find(|(key, _)| names.iter().any(|name| key.eq_ignore_ascii_case(name)))?;
            found.1.as_str()
        };
        let token = bearer(given(["authorization", "authToken"]))?;
        self.identify(upgrade, token.as_deref(), given(["hibiki-actor", "actor"])).await.map_err(refuse)
    }

    async fn still_valid(&self, caller: &Caller) -> bool {
        match caller.actor.recheck(&self.app).await {
            Ok(()) => true,
            Err(Error::Fault(error)) => {
                tracing::warn!(error = format!("{error:#}"), "a session could not be rechecked");
                true
            }
            Err(_) => false,
        }
    }

    async fn admit(&self, caller: &Caller, requested_cost: u64) -> std::result::Result<Throttle, RateLimited> {
        let amount = i64::try_from(requested_cost).unwrap_or(i64::MAX / 4000);
        // What the caller's last operations did not use comes back with the next one, in the same statement.
        let back = self.unused.take(&caller.client);
        match limits::spend(&self.app, self.cost_limit(), &caller.client, amount.saturating_sub(back)).await {
            Ok(left) => Ok(self.throttle(left)),
            Err(Error::Busy(seconds)) => {
                self.unused.keep(&caller.client, back);
                Err(RateLimited { retry_after: Duration::from_secs(seconds) })
            }
            Err(error) => {
                // The limit protects the database; if that is what fails, the operation itself will say so.
                tracing::warn!(%error, "the cost could not be counted");
                Ok(Throttle::default())
            }
        }
    }

    fn settle(&self, caller: &Caller, admitted: Throttle, requested_cost: u64, actual_cost: u64) -> Throttle {
        let back = requested_cost.saturating_sub(actual_cost);
        self.unused.keep(&caller.client, i64::try_from(back).unwrap_or(0));
        let available = (admitted.currently_available + back).min(admitted.maximum_available);
        Throttle { currently_available: available, ..admitted }
    }

    fn may_introspect(&self, caller: &Caller) -> bool {
        self.app.config.graphql.anonymous_introspection || caller.actor.person().is_some()
    }

    fn prepare(&self, request: Request, caller: &Caller, call: &Call) -> Request {
        request.data(Cx {
            app: self.app.clone(),
            actor: caller.actor.clone(),
            locale: caller.locale,
            device: caller.device.clone(),
            mutates: call.kind == OperationType::Mutation,
            rows: Loads::new(self.app.clone(), call.kind != OperationType::Mutation),
        })
    }

    fn mask(&self, error: &mut ServerError, call: &Call) {
        // The edge does not know the caller's language here; messages of top-level errors are for developers, in English.
        let Some(ours) = error.source::<Error>() else { return };
        let locale = Locale::En;
        let (code, text) = match ours {
            Error::User(problems) => {
                let text = problems.iter().map(|p| format!("{}: {}", p.field, p.wrong.text(locale))).collect::<Vec<_>>().join(" ");
                ("BAD_USER_INPUT", text.trim_start_matches(": ").to_owned())
            }
            Error::SignIn => ("UNAUTHENTICATED", locale.t("web.graphql.sign_in").into()),
            Error::Forbidden(key) => ("FORBIDDEN", locale.t(key).into()),
            Error::NotFound => ("NOT_FOUND", locale.t("base.problem.not_found").into()),
            Error::Busy(seconds) => ("RATE_LIMITED", locale.t("web.error.429.text").with("n", seconds).into()),
            Error::Fault(fault) => {
                tracing::error!(target: "hibiki::fault", id = %call.request_id, fault = format!("{fault:#}"), "fault");
                return;
            }
        };
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", code);
        if let Error::Busy(seconds) = ours {
            extensions.set("retryAfter", *seconds);
        }
        error.message = text;
        error.extensions = Some(extensions);
    }

    async fn stored_document(&self, id: &str) -> Option<String> {
        self.documents.get(id)
    }

    async fn keep_document(&self, id: &str, text: &str) {
        self.documents.keep(id, text);
    }

    fn log(&self, finished: &Finished<'_>) {
        let call = finished.call;
        tracing::info!(
            target: "hibiki::graphql",
            id = finished.request_id,
            operation = call.and_then(|c| c.operation.as_deref()).unwrap_or("-"),
            client = call.and_then(|c| c.client_name.as_deref()).unwrap_or("-"),
            version = call.and_then(|c| c.client_version.as_deref()).unwrap_or("-"),
            transport = ?finished.transport,
            cost = finished.actual_cost,
            ms = finished.duration.as_millis() as u64,
            codes = finished.codes.join(","),
        );
    }
}
