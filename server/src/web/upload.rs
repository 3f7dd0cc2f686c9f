//! A form that may bring a picture: as multipart, or plainly when no file comes with it.

use std::{future::Future, pin::Pin};

use actix_multipart::Multipart;
use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header::CONTENT_TYPE};
use futures_util::StreamExt;

use super::forms::Form;
use crate::{
    base::pictures::{MOST_BYTES, too_large},
    error::{Code, Error, Problem, Result},
};

/// The most bytes of a field that is typed, and the most such fields.
const MOST_TYPED: (usize, usize) = (64 * 1024, 64);

/// What was sent.
pub struct Sent {
    /// What was typed.
    pub form: Form,
    /// The bytes of the field `file`; none if nothing was chosen.
    pub file: Option<Vec<u8>>,
    /// What is wrong with the file before anybody has looked into it.
    pub problem: Option<Problem>,
}

impl FromRequest for Sent {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !kind.starts_with("multipart/") {
            let form = Form::from_request(request, payload);
            return Box::pin(async move { Ok(Self { form: form.await?, file: None, problem: None }) });
        }
        let form = Multipart::new(request.headers(), payload.take());
        Box::pin(Self::read(form))
    }
}

impl Sent {
    /// Reads a form's parts. Nothing larger than a picture may be is read to its end.
    pub async fn read(mut parts: Multipart) -> Result<Self> {
        let unread = || Error::from(Problem::whole(Code::Invalid, "base.problem.form"));
        let mut sent = Self { form: Form::new(), file: None, problem: None };
        let mut typed = 0;
        while let Some(field) = parts.next().await {
            let mut field = field.map_err(|_| unread())?;
            let name = field.name().unwrap_or_default().to_owned();
            if name == "file" {
                match field.bytes(MOST_BYTES).await {
                    Err(_) => {
                        sent.problem = Some(Problem::new("file", too_large()));
                        // What is left of the body stays unread, fields behind the file too: it stands last in our forms.
                        return Ok(sent);
                    }
                    Ok(bytes) => sent.file = Some(bytes.map_err(|_| unread())?.to_vec()).filter(|bytes| !bytes.is_empty()),
                }
                continue;
            }
            typed += 1;
            if typed > MOST_TYPED.1 {
                return Err(unread());
            }
            let bytes = field.bytes(MOST_TYPED.0).await.map_err(|_| unread())?.map_err(|_| unread())?;
            let text = String::from_utf8(bytes.to_vec()).map_err(|_| unread())?;
            sent.form = sent.form.with(&name, text);
        }
        Ok(sent)
    }
}
