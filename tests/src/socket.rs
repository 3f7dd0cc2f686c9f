//! A GraphQL socket as a browser opens it: `graphql-transport-ws` over a real connection, with the session's cookie. No more of RFC 6455 than
//! a story needs: whole frames of text.

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::Someone;

/// A socket with one subscription.
pub struct Socket {
    stream: TcpStream,
}

impl Socket {
    /// Opens one as somebody's page does, acting as the creator that they are, and subscribes.
    pub async fn subscribe(who: &Someone, query: &str, variables: Value) -> Self {
        let origin = who.browser.origin();
        let host = origin.strip_prefix("http://").expect("an origin").to_owned();
        let mut stream = TcpStream::connect(&host).await.expect("a connection");
        let ask = format!(
            "GET /graphql/ws HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\nCookie: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n",
            who.browser.cookies()
        );
        stream.write_all(ask.as_bytes()).await.expect("asked");
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.expect("an answer"));
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        assert!(head.starts_with("HTTP/1.1 101"), "{head}");
        let mut socket = Self { stream };
        socket.say(&json!({ "type": "connection_init", "payload": { "actor": who.creator().to_string() } })).await;
        assert_eq!(socket.message().await["type"], "connection_ack");
        socket.say(&json!({ "id": "1", "type": "subscribe", "payload": { "query": query, "variables": variables } })).await;
        socket
    }

    /// The data of the next event. An end, or an error, is none.
    pub async fn next(&mut self) -> Value {
        let message = self.message().await;
        assert_eq!((&message["type"], &message["payload"]["errors"]), (&json!("next"), &Value::Null), "{message}");
        message["payload"]["data"].clone()
    }

    /// Whether the server has heard all that was said, and answers.
    pub async fn is_alive(&mut self) {
        self.say(&json!({ "type": "ping" })).await;
        assert_eq!(self.message().await["type"], "pong");
    }

    async fn say(&mut self, what: &Value) {
        let body = what.to_string();
        let mut frame = vec![0x81];
        match u8::try_from(body.len()) {
            Ok(short @ ..126) => frame.push(0x80 | short),
            _ => {
                frame.push(0x80 | 126);
                frame.extend_from_slice(&u16::try_from(body.len()).expect("a short message").to_be_bytes());
            }
        }
        // Clients have to mask; a mask of zeros leaves the text as it is.
        frame.extend_from_slice(&[0; 4]);
        frame.extend_from_slice(body.as_bytes());
        self.stream.write_all(&frame).await.expect("said");
    }

    async fn message(&mut self) -> Value {
        loop {
            let (first, second) = (self.byte().await, self.byte().await);
            let length = match second & 0x7f {
                126 => usize::from(self.byte().await) << 8 | usize::from(self.byte().await),
                127 => panic!("a message without end"),
                short => usize::from(short),
            };
            let mut body = vec![0; length];
            self.stream.read_exact(&mut body).await.expect("a body");
            match first & 0x0f {
                1 => {
                    let message: Value = serde_json::from_slice(&body).expect("JSON");
                    if message["type"] == "ping" {
                        self.say(&json!({ "type": "pong" })).await;
                        continue;
                    }
                    return message;
                }
                8 => panic!("the server has closed: {}", String::from_utf8_lossy(body.get(2..).unwrap_or_default())),
                _ => {}
            }
        }
    }

    async fn byte(&mut self) -> u8 {
        let byte = tokio::time::timeout(std::time::Duration::from_secs(30), self.stream.read_u8()).await;
        byte.expect("nothing came for half a minute").expect("a byte")
    }
}
