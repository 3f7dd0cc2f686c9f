//! Fetching addresses that other people chose (pictures, federated servers, webhooks): only public ones.
//!
//! The name is resolved once, inside the client's own resolver, which keeps public addresses only; what is connected to is
//! what was checked, so a name that changes its mind in between gains nothing. No redirects, usual ports, limits on time and size.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

use async_trait::async_trait;
use reqwest::{
    Method,
    dns::{Addrs, Name, Resolve, Resolving},
    header::HeaderMap,
};
use url::{Host, Url};

use crate::{
    error::{ErrorKind, Result},
    http::{Http, HttpLimits, Request, Response, Transport},
    network::Network,
    settings::SettingsError,
};

/// Fetches from public addresses only.
#[derive(Clone, Debug)]
pub struct PublicHttp {
    http: Http,
    /// Origins that the operator's settings name: the sandbox's.
    trusted: Vec<String>,
}

impl PublicHttp {
    /// With these limits. `trusted` are bases out of the settings that may also lie on loopback (the sandbox).
    pub fn new(limits: HttpLimits, trusted: impl IntoIterator<Item = Url>) -> Result<Self, SettingsError> {
        let builder = reqwest::Client::builder().dns_resolver(Arc::new(PublicOnly));
        let trusted = trusted.into_iter().map(|url| url.origin().ascii_serialization()).collect();
        Ok(Self { http: Http::from_builder(builder, limits)?, trusted })
    }

    /// Posts `body` to `url` and gives the answer, whatever its status.
    pub async fn post(&self, endpoint: &'static str, url: Url, headers: HeaderMap, body: Vec<u8>) -> Result<Response> {
        let trusted = self.trusted.contains(&url.origin().ascii_serialization());
        let request = Request { headers, body, ..Request::new(Network::Blog, endpoint, Method::POST, url) };
        if !trusted && let Err(why) = acceptable(&request.url) {
            return Err(request.error(ErrorKind::Contract).detail(why));
        }
        self.http.send(request).await
    }

    /// Gets `url`; anything but a 2xx answer is a failure.
    pub async fn get(&self, network: Network, endpoint: &'static str, url: Url) -> Result<Response> {
        let trusted = self.trusted.contains(&url.origin().ascii_serialization());
        let request = Request::new(network, endpoint, Method::GET, url);
        if !trusted && let Err(why) = acceptable(&request.url) {
            return Err(request.error(ErrorKind::Contract).detail(why));
        }
        let answer = self.http.send(request.clone()).await?;
        match answer.status {
            200..300 => Ok(answer),
            404 | 410 => Err(request.error(ErrorKind::NotFound)),
            500.. => Err(request.error(ErrorKind::Transient).detail(format!("status {}", answer.status))),
            status => Err(request.error(ErrorKind::Contract).detail(format!("status {status}"))),
        }
    }
}

/// As a transport, for connectors to servers that people named.
#[async_trait]
impl Transport for PublicHttp {
    async fn send(&self, request: Request) -> Result<Response> {
        let trusted = self.trusted.contains(&request.url.origin().ascii_serialization());
        if !trusted && let Err(why) = acceptable(&request.url) {
            return Err(request.error(ErrorKind::NotFound).detail(why));
        }
        self.http.send(request).await
    }
}

/// What can be told from the address alone. Names are checked when they are resolved.
pub fn acceptable(url: &Url) -> Result<(), &'static str> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err("not a web address");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("an address with a user");
    }
    if !matches!(url.port_or_known_default(), Some(80 | 443)) {
        return Err("not a usual port");
    }
    let public = match url.host() {
        Some(Host::Ipv4(ip)) => is_public(ip.into()),
        Some(Host::Ipv6(ip)) => is_public(ip.into()),
        Some(Host::Domain(name)) => {
            name.contains('.') && !name.ends_with(".localhost") && !name.ends_with(".local") && !name.ends_with(".internal")
        }
        None => false,
    };
    if public { Ok(()) } else { Err("not a public address") }
}

/// Whether an address belongs to the public internet.
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    !(ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_broadcast()
        || ip.is_documentation()
        || ip.is_multicast()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b)) // shared by carriers
        || (a == 192 && b == 0 && c == 0) // protocol assignments
        || (a == 192 && b == 88 && c == 99) // old 6to4 relays
        || (a == 198 && (18..20).contains(&b))) // benchmarks
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let s = ip.segments();
    // Addresses that carry an IPv4 address reach that one: mapped, compatible, NAT64, 6to4.
    let inner = |high: u16, low: u16| is_public_v4(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)));
    if s[..5] == [0; 5] && (s[5] == 0xffff || s[5] == 0) {
        return s[5] == 0xffff && inner(s[6], s[7]);
    }
    if s[..6] == [0x64, 0xff9b, 0, 0, 0, 0] {
        return inner(s[6], s[7]);
    }
    if s[0] == 0x2002 {
        return inner(s[1], s[2]);
    }
    // Global unicast only, without documentation (2001:db8::/32, 3fff::/20) and the special block 2001::/23.
    (s[0] & 0xe000) == 0x2000 && !(s[0] == 0x2001 && (s[1] < 0x200 || s[1] == 0xdb8)) && !(s[0] == 0x3fff && s[1] < 0x1000)
}

/// Resolves by the system and keeps public addresses only.
#[derive(Debug)]
struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|at| is_public(at.ip())).collect();
            if public.is_empty() {
                return Err("no public address".into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_inside_are_refused() {
        for inside in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "198.18.0.1",
            "192.0.2.1",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "2001:db8::1",
            "2001::1",
        ] {
            assert!(!is_public(inside.parse().unwrap()), "{inside}");
        }
        for outside in ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"] {
            assert!(is_public(outside.parse().unwrap()), "{outside}");
        }
    }

    #[test]
    fn other_spellings_of_inside_are_refused() {
        for url in [
            "http://127.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://[::ffff:7f00:1]/",
            "http://localhost/",
            "http://intranet/",
            "http://a.localhost/",
            "http://metadata.google.internal/",
            "file:///etc/passwd",
            "https://example.com:8443/",
            "https://u:p@example.com/",
        ] {
            assert!(acceptable(&Url::parse(url).unwrap()).is_err(), "{url}");
        }
        assert!(acceptable(&Url::parse("https://cdn.example.com/p.jpg?x=1").unwrap()).is_ok());
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_is_not_connected_to() {
        let http = PublicHttp::new(HttpLimits::default(), []).unwrap();
        for url in ["http://127.0.0.1/", "http://localhost/"] {
            let error = http.get(Network::Blog, "page", Url::parse(url).unwrap()).await.unwrap_err();
            assert_eq!(error.kind, ErrorKind::Contract, "{url}");
        }
        // The resolver itself, without the check before it.
        assert!(PublicOnly.resolve("localhost".parse().unwrap()).await.is_err());
    }
}
