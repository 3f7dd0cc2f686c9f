//! The networks that this installation has settings for.

use std::{collections::BTreeMap, fmt, sync::Arc};

use chrono::{DateTime, Utc};

use crate::{
    bluesky::Bluesky,
    connector::Connector,
    facebook::Facebook,
    guard::PublicHttp,
    http::{Http, HttpLimits, Transport},
    instagram::Instagram,
    linkedin::Linkedin,
    mastodon::Mastodon,
    network::Network,
    owners::Owners,
    pinterest::Pinterest,
    reddit::Reddit,
    settings::{Settings, SettingsError},
    tiktok::Tiktok,
    twitch::Twitch,
    x::X,
    youtube::Youtube,
};

/// Tells the time to the connectors: for when a token ends and when to try again.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>);

impl Clock {
    /// Any source of time.
    pub fn new(now: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The machine's.
    #[expect(clippy::disallowed_methods, reason = "for callers without a clock of their own")]
    pub fn system() -> Self {
        Self::new(Utc::now)
    }

    /// Now.
    pub fn now(&self) -> DateTime<Utc> {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// One connector a network, for those with settings.
#[derive(Clone, Default)]
pub struct Registry {
    linkable: BTreeMap<Network, Arc<dyn Connector>>,
    /// Of what is public on networks that cannot be linked.
    readers: BTreeMap<Network, Arc<dyn Connector>>,
    owners: Option<Owners>,
}

impl Registry {
    /// The networks that this release has a connector for, with settings or not.
    pub const CONNECTORS: &[Network] = &[
        Network::Instagram,
        Network::Youtube,
        Network::Tiktok,
        Network::X,
        Network::Facebook,
        Network::Twitch,
        Network::Pinterest,
        Network::Linkedin,
        Network::Reddit,
        Network::Mastodon,
    ];

    /// From settings by network id, over HTTP, by the machine's time. A network with an empty client id is left out; Bluesky, of which only
    /// what is public is read, needs none.
    pub fn new(settings: BTreeMap<String, Settings>) -> Result<Self, SettingsError> {
        Self::with(settings, Arc::new(Http::new(HttpLimits::default())?), Clock::system())
    }

    /// The same over another transport and by another clock.
    pub fn with(settings: BTreeMap<String, Settings>, transport: Arc<dyn Transport>, clock: Clock) -> Result<Self, SettingsError> {
        let mut registry = Self { owners: Some(Self::owners_of(&settings, &transport, &clock)?), ..Self::default() };
        for (id, settings) in settings {
            let network: Network = id.parse()?;
            // Pages have no login and no settings; only the sandbox has some of its own.
            if network == Network::Blog && settings.sandbox {
                continue;
            }
            if network == Network::Bluesky {
                registry.readers.insert(network, Self::reader(network, settings, transport.clone(), clock.clone())?);
                continue;
            }
            if settings.client_id.is_empty() {
                continue;
            }
            let (transport, clock) = (transport.clone(), clock.clone());
            registry.insert(match network {
                Network::Instagram => Arc::new(Instagram::new(settings, transport, clock)?),
                Network::Facebook => Arc::new(Facebook::new(settings, transport, clock)?),
                Network::X => Arc::new(X::new(settings, transport, clock)?),
                Network::Tiktok => Arc::new(Tiktok::new(settings, transport, clock)?),
                Network::Twitch => Arc::new(Twitch::new(settings, transport, clock)?),
                Network::Pinterest => Arc::new(Pinterest::new(settings, transport, clock)?),
                Network::Mastodon => {
                    let guarded = guarded(settings.sandbox.then(|| settings.api_base.clone()).flatten())?;
                    Arc::new(Mastodon::new(settings, transport, guarded, clock)?)
                }
                Network::Linkedin => Arc::new(Linkedin::new(settings, transport, clock)?),
                Network::Reddit => Arc::new(Reddit::new(settings, transport, clock)?),
                Network::Youtube => Arc::new(Youtube::new(settings, transport, clock)?),
                other => return Err(SettingsError::NoConnector(other)),
            });
        }
        Ok(registry)
    }

    /// Who reads the words that only owners write: for everybody, whether the operator has turned searches on or not.
    fn owners_of(settings: &BTreeMap<String, Settings>, transport: &Arc<dyn Transport>, clock: &Clock) -> Result<Owners, SettingsError> {
        let mut readers = BTreeMap::new();
        for network in [Network::Bluesky, Network::Mastodon] {
            let own = settings.get(network.id()).cloned().unwrap_or_default();
            // Without an app of ours: what everybody may read is enough.
            let public = Settings { client_id: String::new(), client_secret: crate::Secret::default(), ..own };
            readers.insert(network, Self::reader(network, public, transport.clone(), clock.clone())?);
        }
        let sandbox = settings.get(Network::Blog.id()).filter(|blog| blog.sandbox).and_then(|blog| blog.api_base.clone());
        Ok(Owners::new(readers, guarded(sandbox.clone())?, sandbox))
    }

    /// Who reads the words that only owners write.
    pub fn owners(&self) -> Option<&Owners> {
        self.owners.as_ref()
    }

    /// A reader of what is public on a network, where that takes no login and no settings. Such accounts are declared, and stay
    /// unverified.
    pub fn reader(
        network: Network,
        settings: Settings,
        transport: Arc<dyn Transport>,
        clock: Clock,
    ) -> Result<Arc<dyn Connector>, SettingsError> {
        match network {
            Network::Bluesky => Ok(Arc::new(Bluesky::new(settings, transport, clock)?)),
            Network::Mastodon => {
                let guarded = guarded(settings.sandbox.then(|| settings.api_base.clone()).flatten())?;
                Ok(Arc::new(Mastodon::new(settings, transport, guarded, clock)?))
            }
            other => Err(SettingsError::NoConnector(other)),
        }
    }

    /// Adds a connector, or puts it in another's place.
    pub fn insert(&mut self, connector: Arc<dyn Connector>) {
        self.linkable.insert(connector.network(), connector);
    }

    /// The connector of a network, if it can be linked here.
    pub fn get(&self, network: Network) -> Option<Arc<dyn Connector>> {
        self.linkable.get(&network).cloned()
    }

    /// Whoever reads what is public on a network: its connector, or one that can do nothing else.
    pub fn public(&self, network: Network) -> Option<Arc<dyn Connector>> {
        self.get(network).or_else(|| self.readers.get(&network).cloned())
    }

    /// The networks that can be linked here, in the order of pages.
    pub fn offered(&self) -> Vec<Network> {
        Network::ALL.into_iter().filter(|network| self.linkable.contains_key(network)).collect()
    }

    /// Whether any of them is the sandbox.
    pub fn has_sandbox(&self) -> bool {
        self.linkable.values().chain(self.readers.values()).any(|connector| connector.is_sandbox())
    }
}

/// The way to servers that people named; `trusted` is the sandbox's.
fn guarded(trusted: Option<url::Url>) -> Result<Arc<dyn Transport>, SettingsError> {
    Ok(Arc::new(PublicHttp::new(HttpLimits::default(), trusted)?))
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.linkable.keys().chain(self.readers.keys())).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(entries: &[(&str, Settings)]) -> Result<Registry, SettingsError> {
        Registry::new(entries.iter().map(|(id, settings)| ((*id).to_owned(), settings.clone())).collect())
    }

    #[test]
    fn only_what_has_settings_is_offered() {
        let app = Settings { client_id: "1".into(), client_secret: "s".into(), ..Settings::default() };
        let registry = settings(&[("instagram", app.clone())]).unwrap();
        assert_eq!(registry.offered(), [Network::Instagram]);
        assert!(registry.get(Network::X).is_none() && !registry.has_sandbox());
        assert!(settings(&[("instagram", Settings::default())]).unwrap().offered().is_empty());
        let reads = settings(&[("bluesky", Settings::default())]).unwrap();
        assert!(reads.offered().is_empty() && reads.get(Network::Bluesky).is_none() && reads.public(Network::Bluesky).is_some());
        assert_eq!(settings(&[("myspace", app.clone())]).unwrap_err(), SettingsError::UnknownNetwork("myspace".into()));
        for network in Network::ALL {
            let made = settings(&[(network.id(), app.clone())]);
            assert_eq!(made.is_ok(), Registry::CONNECTORS.contains(&network) || network == Network::Bluesky, "{network}");
        }
        assert_eq!(settings(&[("blog", app.clone())]).unwrap_err(), SettingsError::NoConnector(Network::Blog));
        let loopback = Settings { api_base: Some("http://127.0.0.1:1/facebook".parse().unwrap()), ..app.clone() };
        assert!(settings(&[("instagram", loopback)]).is_err(), "plain http without the sandbox flag");
        let half = Settings { sandbox: true, ..app };
        assert!(settings(&[("instagram", half)]).is_err(), "a sandbox that would call the real network");
    }
}
