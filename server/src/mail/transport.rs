//! How a letter leaves: by SMTP, or into a folder of captured mail for the demo and the tests.

use std::path::PathBuf;

use entity::letter;
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{
        Mailbox, MultiPart, SinglePart,
        header::{HeaderName, HeaderValue},
    },
};

use super::bounce;
use crate::config::Config;

/// Sends letters.
pub struct Post {
    way: Way,
    /// For one letter, from connecting to the server's yes; the transport's own limit is for connecting only.
    patience: std::time::Duration,
    from: Address,
    from_name: String,
    bounce_domain: String,
}

enum Way {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    Capture(PathBuf),
}

/// Why a letter did not leave.
#[derive(Debug, thiserror::Error)]
pub enum NotSent {
    /// The server refused this letter for good; the code is its answer.
    #[error("refused: {0}")]
    Refused(String),
    /// Not now: try again later.
    #[error("not now: {0}")]
    Later(String),
}

impl Post {
    /// As the settings say.
    pub fn open(config: &Config) -> anyhow::Result<Self> {
        let from: Address = config.mail.from.parse()?;
        let patience = std::time::Duration::from_secs(config.mail.timeout_seconds);
        let way = match config.mail.transport.as_str() {
            "capture" => {
                let dir = config.data_dir.join("mail");
                std::fs::create_dir_all(&dir)?;
                Way::Capture(dir)
            }
            url => Way::Smtp(AsyncSmtpTransport::<Tokio1Executor>::from_url(url)?.timeout(Some(patience)).build()),
        };
        let bounce_domain = match config.mail.bounce_domain.as_str() {
            "" => from.domain().to_owned(),
            domain => domain.to_owned(),
        };
        Ok(Self { way, patience, from, from_name: config.mail.from_name.clone(), bounce_domain })
    }

    /// The folder of captured mail, if that is where letters go.
    pub fn captured(&self) -> Option<&std::path::Path> {
        match &self.way {
            Way::Capture(dir) => Some(dir),
            Way::Smtp(_) => None,
        }
    }

    /// Hands a letter over. The Message-ID comes from the row: if a crash makes us send it twice, mail programs show it once.
    pub async fn send(&self, letter: &letter::Model) -> Result<(), NotSent> {
        let message = self.message(letter).map_err(|e| NotSent::Refused(format!("{e:#}")))?;
        match &self.way {
            Way::Capture(dir) => {
                // Written beside and renamed, so that a reader never sees half a letter.
                let path = dir.join(format!("{}.eml", letter.id));
                let part = dir.join(format!("{}.part", letter.id));
                tokio::fs::write(&part, message.formatted()).await.map_err(|e| NotSent::Later(e.to_string()))?;
                tokio::fs::rename(&part, &path).await.map_err(|e| NotSent::Later(e.to_string()))
            }
            Way::Smtp(smtp) => match tokio::time::timeout(self.patience, smtp.send(message)).await {
                Ok(Ok(_)) => Ok(()),
                Ok(Err(e)) if e.is_permanent() => Err(NotSent::Refused(e.to_string())),
                Ok(Err(e)) => Err(NotSent::Later(e.to_string())),
                Err(_) => Err(NotSent::Later(format!("the mail server said nothing for {} s", self.patience.as_secs()))),
            },
        }
    }

    fn message(&self, letter: &letter::Model) -> anyhow::Result<Message> {
        let from_name = match letter.from_name.as_str() {
            "" => self.from_name.clone(),
            brand => format!("{brand} ({})", self.from_name),
        };
        let to: Address = letter.to_email.parse()?;
        // The return path carries the letter's id, so that a bounce finds its letter (VERP).
        let envelope_from: Address = format!("{}@{}", bounce::local_part(letter.id), self.bounce_domain).parse()?;
        let mut builder = Message::builder()
            .from(Mailbox::new(Some(from_name), self.from.clone()))
            .to(Mailbox::new(None, to.clone()))
            .subject(letter.subject.clone())
            .date(letter.created_at.into())
            .message_id(Some(format!("<{}@{}>", letter.id, self.bounce_domain)))
            .envelope(lettre::address::Envelope::new(Some(envelope_from), vec![to])?);
        if !letter.reply_to.is_empty() {
            builder = builder.reply_to(letter.reply_to.parse()?);
        }
        // Vacation programs must not answer.
        let mut extra = vec![("Auto-Submitted".to_owned(), "auto-generated".to_owned())];
        if let Some(headers) = letter.headers.as_object() {
            extra.extend(headers.iter().filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))));
        }
        let mut message = builder.multipart(
            MultiPart::alternative().singlepart(SinglePart::plain(letter.text.clone())).singlepart(SinglePart::html(letter.html.clone())),
        )?;
        for (name, value) in extra {
            let name = HeaderName::new_from_ascii(name).map_err(|_| anyhow::anyhow!("a header's name is not ASCII"))?;
            message.headers_mut().insert_raw(HeaderValue::new(name, value));
        }
        Ok(message)
    }
}
