//! The list of routes, each with whom it is for. The server is built from it, and the authority test walks it: no route is uncovered.

use actix_web::{FromRequest, Handler, Responder, guard, http::Method, web};

/// Whom a route lets in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Everybody.
    Anyone,
    /// Whoever holds the token in the address.
    Token,
    /// Whoever is signed in.
    Person,
    /// A creator, about their own things.
    Creator,
    /// A member of the organisation in the address.
    Member,
    /// A member who is manager or owner.
    Manager,
    /// An owner.
    Owner,
    /// A platform admin.
    Admin,
}

/// A route as the authority test sees it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// GET or POST.
    pub method: Method,
    /// The pattern: `/b/{org}/campaigns/{id}`.
    pub path: &'static str,
    /// Whom it lets in.
    pub who: Who,
}

/// Takes routes in.
pub struct Routes<'a> {
    config: Option<&'a mut web::ServiceConfig>,
    entries: Vec<Entry>,
}

impl<'a> Routes<'a> {
    /// Into a server.
    pub fn into_server(config: &'a mut web::ServiceConfig) -> Self {
        Self { config: Some(config), entries: Vec::new() }
    }

    /// Only to list them.
    pub fn listed(fill: impl FnOnce(&mut Routes<'static>)) -> Vec<Entry> {
        let mut routes = Routes { config: None, entries: Vec::new() };
        fill(&mut routes);
        routes.entries
    }

    /// A page.
    pub fn get<F, Args>(&mut self, path: &'static str, who: Who, handler: F)
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.add(Method::GET, path, who, handler);
    }

    /// A write.
    pub fn post<F, Args>(&mut self, path: &'static str, who: Who, handler: F)
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.add(Method::POST, path, who, handler);
    }

    fn add<F, Args>(&mut self, method: Method, path: &'static str, who: Who, handler: F)
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        if let Some(config) = &mut self.config {
            let route = match method {
                // HEAD is GET without a body.
                Method::GET => web::route().guard(guard::Any(guard::Get()).or(guard::Head())),
                _ => web::post(),
            };
            config.route(path, route.to(handler));
        }
        self.entries.push(Entry { method, path, who });
    }
}
