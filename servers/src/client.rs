//! A client of a page, so that tests can look without an asynchronous runtime.

use std::fmt;
use std::io::{self, BufReader, Read, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// A session. Closing it rolls back what is open, as the server does that.
#[derive(Debug)]
pub struct Client {
    stream: BufReader<TcpStream>,
    process: i32,
}

/// Why the server, or the way to it, refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    code: String,
    message: String,
}

impl Refused {
    /// The SQLSTATE, empty when the connection broke.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code, self.message)
    }
}

impl std::error::Error for Refused {}

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Self {
        Self {
            code: String::new(),
            message: error.to_string(),
        }
    }
}

impl Client {
    /// Connects without a password.
    ///
    /// # Errors
    ///
    /// What the server says, or that it is not there.
    pub fn connect(address: SocketAddr, user: &str, database: &str) -> Result<Self, Refused> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        // A test that never ends reports nothing.
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        let mut client = Self {
            stream: BufReader::new(stream),
            process: 0,
        };
        let mut startup = 196_608_u32.to_be_bytes().to_vec();
        for word in ["user", user, "database", database, ""] {
            startup.extend(word.as_bytes());
            startup.push(0);
        }
        client.send(&framed(&startup))?;
        client.answer()?;
        Ok(client)
    }

    /// The process of the session on the server, as `pg_backend_pid()` says.
    #[must_use]
    pub fn process(&self) -> i32 {
        self.process
    }

    /// Runs statements, and returns all rows as `psql -Atq` prints them.
    ///
    /// # Errors
    ///
    /// The first error of the server; a broken connection.
    pub fn query(&mut self, sql: &str) -> Result<String, Refused> {
        self.start(sql)?;
        self.answer()
    }

    /// Sends statements and does not wait for their answer.
    ///
    /// # Errors
    ///
    /// A broken connection.
    pub fn start(&mut self, sql: &str) -> Result<(), Refused> {
        let mut text = sql.as_bytes().to_vec();
        text.push(0);
        let mut message = vec![b'Q'];
        message.extend(framed(&text));
        self.send(&message)
    }

    /// Has the server read one statement, without running it.
    ///
    /// # Errors
    ///
    /// The error of the server, as for a text that holds several statements; a
    /// broken connection.
    pub fn prepare(&mut self, sql: &str) -> Result<(), Refused> {
        // Without a name, and with no type of a parameter.
        let parse = [&[0], sql.as_bytes(), &[0; 3]].concat();
        let sync = [b'S', 0, 0, 0, 4];
        self.send(&[&b"P"[..], &framed(&parse), &sync].concat())?;
        self.answer().map(drop)
    }

    /// The answer to what was sent.
    ///
    /// # Errors
    ///
    /// The first error of the server; a broken connection.
    pub fn answer(&mut self) -> Result<String, Refused> {
        let mut lines: Vec<String> = Vec::new();
        let mut refused = None;
        loop {
            let (kind, body) = self.receive()?;
            match kind {
                b'D' => lines.push(row(&body)),
                b'E' => {
                    let error = error(&body);
                    // After these the server closes the connection.
                    let last = body.starts_with(b"SFATAL") || body.starts_with(b"SPANIC");
                    refused.get_or_insert(error);
                    if last {
                        break;
                    }
                }
                b'K' => self.process = i32::from_be_bytes(number(&body)),
                b'R' if body != [0; 4] => {
                    return Err(io::Error::other("the server asks for a password").into());
                }
                b'G' => {
                    return Err(io::Error::other("`COPY FROM STDIN` is not supported here").into());
                }
                b'Z' => break,
                _ => {}
            }
        }
        refused.map_or_else(|| Ok(lines.join("\n")), Err)
    }

    fn send(&mut self, bytes: &[u8]) -> Result<(), Refused> {
        Ok(self.stream.get_mut().write_all(bytes)?)
    }

    fn receive(&mut self) -> Result<(u8, Vec<u8>), Refused> {
        let mut head = [0; 5];
        self.stream.read_exact(&mut head)?;
        let length = u32::from_be_bytes(number(&head[1..])) as usize;
        let mut body = vec![0; length.saturating_sub(4)];
        self.stream.read_exact(&mut body)?;
        Ok((head[0], body))
    }
}

fn framed(body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).expect("a message is short");
    [&length.to_be_bytes(), body].concat()
}

fn number(bytes: &[u8]) -> [u8; 4] {
    bytes[..4].try_into().expect("four bytes")
}

fn row(body: &[u8]) -> String {
    let mut rest = &body[2..];
    let mut columns = Vec::new();
    while !rest.is_empty() {
        let length = i32::from_be_bytes(number(rest));
        rest = &rest[4..];
        // A negative length is NULL.
        let (value, after) = rest.split_at(usize::try_from(length).unwrap_or(0));
        columns.push(String::from_utf8_lossy(value).into_owned());
        rest = after;
    }
    columns.join("|")
}

fn error(body: &[u8]) -> Refused {
    let field = |kind: u8| {
        body.split(|byte| *byte == 0)
            .find(|field| field.first() == Some(&kind))
            .map(|field| String::from_utf8_lossy(&field[1..]).into_owned())
            .unwrap_or_default()
    };
    Refused {
        code: field(b'C'),
        message: field(b'M'),
    }
}
