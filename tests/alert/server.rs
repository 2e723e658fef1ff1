//! A little mail server and a little webhook, with what real ones do to their clients.
#![allow(dead_code)]

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::ssl::{SslAcceptor, SslMethod};
use openssl::x509::extension::{BasicConstraints, SubjectAlternativeName};
use openssl::x509::{X509, X509NameBuilder};

/// A key and a certificate signed with itself, for these addresses.
pub struct Identity {
    key: PKey<Private>,
    certificate: X509,
}

impl Identity {
    pub fn new(addresses: &[&str]) -> Self {
        let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
        let mut name = X509NameBuilder::new().unwrap();
        name.append_entry_by_text("CN", "mail under test").unwrap();
        let name = name.build();
        let mut builder = X509::builder().unwrap();
        builder.set_version(2).unwrap();
        builder.set_serial_number(&BigNum::from_u32(1).unwrap().to_asn1_integer().unwrap()).unwrap();
        builder.set_subject_name(&name).unwrap();
        builder.set_issuer_name(&name).unwrap();
        builder.set_pubkey(&key).unwrap();
        // Clocks of virtual machines may be a little behind.
        let yesterday = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() - 86_400;
        builder.set_not_before(&Asn1Time::from_unix(i64::try_from(yesterday).unwrap()).unwrap()).unwrap();
        builder.set_not_after(&Asn1Time::days_from_now(30).unwrap()).unwrap();
        builder.append_extension(BasicConstraints::new().critical().ca().build().unwrap()).unwrap();
        let mut names = SubjectAlternativeName::new();
        addresses.iter().for_each(|a| {
            names.ip(a);
        });
        let names = names.build(&builder.x509v3_context(None, None)).unwrap();
        builder.append_extension(names).unwrap();
        builder.sign(&key, MessageDigest::sha256()).unwrap();
        Self { key, certificate: builder.build() }
    }

    /// The certificate as PEM.
    pub fn pem(&self) -> String {
        String::from_utf8(self.certificate.to_pem().unwrap()).unwrap()
    }

    fn acceptor(&self) -> SslAcceptor {
        let mut builder = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls()).unwrap();
        builder.set_private_key(&self.key).unwrap();
        builder.set_certificate(&self.certificate).unwrap();
        builder.build()
    }
}

/// A mail that was taken.
#[derive(Debug, Clone)]
pub struct Mail {
    pub from: String,
    pub to: Vec<String>,
    pub data: String,
    pub login: Option<String>,
    pub tls: bool,
}

impl Mail {
    /// A header's value, unfolded.
    pub fn header(&self, name: &str) -> String {
        let head = self.data.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ");
        let line = head.lines().find_map(|l| l.strip_prefix(&format!("{name}: ")).map(str::to_owned));
        line.unwrap_or_else(|| panic!("no {name} in {}", self.data))
    }

    /// The text, decoded.
    pub fn text(&self) -> String {
        let body = self.data.split_once("\r\n\r\n").unwrap().1;
        if self.header("Content-Transfer-Encoding") == "base64" {
            let packed: String = body.split_whitespace().collect();
            return String::from_utf8(STANDARD.decode(packed).unwrap()).unwrap();
        }
        body.replace("\r\n", "\n")
    }
}

/// How a mail server behaves.
#[derive(Default)]
pub struct Manners {
    /// Its certificate; without `implicit` offered by STARTTLS.
    pub identity: Option<Identity>,
    /// TLS from the first byte.
    pub implicit: bool,
    /// User and password it asks for.
    pub login: Option<(&'static str, &'static str)>,
    /// What it says instead of a greeting, and hangs up.
    pub greeting: Option<&'static str>,
    /// Receivers refused, and how.
    pub refused: Vec<(&'static str, &'static str)>,
    /// So many RCPT are put off with 451 first.
    pub grey: usize,
    /// Says nothing at all.
    pub silent: bool,
    /// Takes this long after the end of a message, and then has it.
    pub slow: Duration,
    /// Gone meanwhile: connections are closed at once.
    pub down: Arc<AtomicBool>,
}

struct Shared {
    manners: Manners,
    acceptor: Option<SslAcceptor>,
    grey: AtomicUsize,
    mails: Mutex<Vec<Mail>>,
    said: Mutex<Vec<String>>,
}

/// A mail server at work.
pub struct MailServer {
    pub port: u16,
    shared: Arc<Shared>,
}

trait Wire: Read + Write {}
impl<T: Read + Write> Wire for T {}

impl MailServer {
    pub fn start(manners: Manners) -> Self {
        Self::on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap(), manners)
    }

    /// At work on a listener made elsewhere (in another network namespace).
    pub fn on(listener: TcpListener, manners: Manners) -> Self {
        let port = listener.local_addr().unwrap().port();
        let acceptor = manners.identity.as_ref().map(Identity::acceptor);
        let grey = AtomicUsize::new(manners.grey);
        let shared = Arc::new(Shared { manners, acceptor, grey, mails: Mutex::default(), said: Mutex::default() });
        let at_work = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&at_work);
                thread::spawn(move || shared.serve(stream));
            }
        });
        Self { port, shared }
    }

    pub fn mails(&self) -> Vec<Mail> {
        self.shared.mails.lock().unwrap().clone()
    }

    /// Everything clients said, line by line.
    pub fn said(&self) -> Vec<String> {
        self.shared.said.lock().unwrap().clone()
    }

    /// Waits for so many mails.
    #[track_caller]
    pub fn wait(&self, count: usize, seconds: u64) -> Vec<Mail> {
        let end = Instant::now() + Duration::from_secs(seconds);
        while self.mails().len() < count {
            assert!(Instant::now() < end, "{} mails instead of {count}; it heard: {:?}", self.mails().len(), self.said());
            thread::sleep(Duration::from_millis(20));
        }
        self.mails()
    }
}

impl Shared {
    fn serve(&self, stream: TcpStream) -> Option<()> {
        if self.manners.down.load(Ordering::Relaxed) {
            return None;
        }
        stream.set_read_timeout(Some(Duration::from_secs(120))).ok()?;
        if self.manners.silent {
            thread::sleep(Duration::from_secs(100));
            return None;
        }
        if self.manners.implicit {
            let stream = self.acceptor.as_ref()?.accept(stream).ok()?;
            return self.talk(Box::new(stream), None, true);
        }
        let again = stream.try_clone().ok()?;
        self.talk(Box::new(stream), Some(again), false)
    }

    fn talk(&self, mut wire: Box<dyn Wire>, raw: Option<TcpStream>, mut tls: bool) -> Option<()> {
        let mut raw = raw;
        if let Some(words) = self.manners.greeting {
            return say(&mut wire, words);
        }
        say(&mut wire, "220 mail under test")?;
        let (mut login, mut from, mut to) = (None, String::new(), Vec::new());
        loop {
            let line = hear(&mut wire)?;
            self.said.lock().unwrap().push(line.clone());
            let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            match verb.as_str() {
                "EHLO" => {
                    let mut words = vec!["250-mail"];
                    if self.acceptor.is_some() && !tls {
                        words.push("250-STARTTLS");
                    }
                    if self.manners.login.is_some() {
                        words.push("250-AUTH PLAIN");
                    }
                    words.push("250 SIZE 100000");
                    say(&mut wire, &words.join("\r\n"))?;
                }
                "STARTTLS" => {
                    say(&mut wire, "220 go ahead")?;
                    wire = Box::new(self.acceptor.as_ref()?.accept(raw.take()?).ok()?);
                    tls = true;
                }
                "AUTH" => {
                    let mut packed = line.split(' ').nth(2).unwrap_or_default().to_owned();
                    if packed.is_empty() {
                        say(&mut wire, "334 ")?;
                        packed = hear(&mut wire)?;
                    }
                    let words = String::from_utf8(STANDARD.decode(packed).ok()?).ok()?;
                    let wanted = self.manners.login.map(|(user, password)| format!("\0{user}\0{password}"));
                    if Some(words) == wanted {
                        login = self.manners.login.map(|(user, _)| user.to_owned());
                        say(&mut wire, "235 2.7.0 welcome")?;
                    } else {
                        say(&mut wire, "535 5.7.8 authentication failed")?;
                    }
                }
                "MAIL" if self.manners.login.is_some() && login.is_none() => say(&mut wire, "530 5.7.0 log in first")?,
                "MAIL" => {
                    line.clone_into(&mut from);
                    to.clear();
                    say(&mut wire, "250 2.1.0 fine")?;
                }
                "RCPT" => {
                    let address = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                    let refused = self.manners.refused.iter().find(|(who, _)| *who == address);
                    let grey = self.grey.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1)).is_ok();
                    match refused {
                        Some((_, words)) => say(&mut wire, words)?,
                        None if grey => say(&mut wire, "451 4.7.1 greylisted, come again")?,
                        None => {
                            to.push(address);
                            say(&mut wire, "250 2.1.5 fine")?;
                        }
                    }
                }
                "DATA" => {
                    say(&mut wire, "354 go on")?;
                    let mut data = String::new();
                    loop {
                        let line = hear(&mut wire)?;
                        if line == "." {
                            break;
                        }
                        data.push_str(line.strip_prefix('.').unwrap_or(&line));
                        data.push_str("\r\n");
                    }
                    thread::sleep(self.manners.slow);
                    let mail = Mail { from: from.clone(), to: to.clone(), data, login: login.clone(), tls };
                    self.mails.lock().unwrap().push(mail);
                    say(&mut wire, "250 2.0.0 queued as 4711")?;
                }
                "QUIT" => return say(&mut wire, "221 bye"),
                _ => say(&mut wire, "250 fine")?,
            }
        }
    }
}

fn say(wire: &mut Box<dyn Wire>, words: &str) -> Option<()> {
    wire.write_all(format!("{words}\r\n").as_bytes()).and_then(|()| wire.flush()).ok()
}

/// A line, byte by byte: what follows STARTTLS belongs to TLS.
fn hear(wire: &mut Box<dyn Wire>) -> Option<String> {
    let mut line = Vec::new();
    let mut byte = [0];
    loop {
        wire.read_exact(&mut byte).ok()?;
        if byte[0] == b'\n' {
            return Some(String::from_utf8_lossy(&line).trim_end_matches('\r').to_owned());
        }
        line.push(byte[0]);
    }
}

/// What a webhook was sent.
#[derive(Debug, Clone)]
pub struct Post {
    pub head: String,
    pub body: Vec<u8>,
}

impl Post {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&self.body)))
    }
}

/// A webhook at work: answers with these, one after the other; the last one for good.
pub struct Hook {
    pub address: SocketAddr,
    posts: Arc<Mutex<Vec<Post>>>,
}

impl Hook {
    pub fn start(answers: &[&'static str]) -> Self {
        Self::on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap(), answers)
    }

    /// At work on a listener made elsewhere.
    pub fn on(listener: TcpListener, answers: &[&'static str]) -> Self {
        let address = listener.local_addr().unwrap();
        let posts: Arc<Mutex<Vec<Post>>> = Arc::default();
        let (seen, answers) = (Arc::clone(&posts), answers.to_vec());
        thread::spawn(move || {
            for (count, stream) in listener.incoming().flatten().enumerate() {
                let answer = answers.get(count).or(answers.last()).copied().unwrap_or("200 OK\r\n\r\nok");
                let seen = Arc::clone(&seen);
                thread::spawn(move || take_post(stream, answer, &seen));
            }
        });
        Self { address, posts }
    }

    pub fn posts(&self) -> Vec<Post> {
        self.posts.lock().unwrap().clone()
    }

    #[track_caller]
    pub fn wait(&self, count: usize, seconds: u64) -> Vec<Post> {
        let end = Instant::now() + Duration::from_secs(seconds);
        while self.posts().len() < count {
            assert!(Instant::now() < end, "{} posts instead of {count}", self.posts().len());
            thread::sleep(Duration::from_millis(20));
        }
        self.posts()
    }
}

fn take_post(mut stream: TcpStream, answer: &str, posts: &Mutex<Vec<Post>>) -> Option<()> {
    stream.set_read_timeout(Some(Duration::from_secs(20))).ok()?;
    let (mut heard, mut block) = (Vec::new(), [0; 4096]);
    let head = loop {
        let n = stream.read(&mut block).ok().filter(|n| *n > 0)?;
        heard.extend_from_slice(&block[..n]);
        if let Some(at) = heard.windows(4).position(|w| w == b"\r\n\r\n") {
            break at;
        }
    };
    let text = String::from_utf8_lossy(&heard[..head]).into_owned();
    let length = text.lines().find_map(|l| l.to_ascii_lowercase().strip_prefix("content-length:").map(str::trim).map(str::to_owned));
    let length: usize = length?.parse().ok()?;
    while heard.len() < head + 4 + length {
        let n = stream.read(&mut block).ok().filter(|n| *n > 0)?;
        heard.extend_from_slice(&block[..n]);
    }
    posts.lock().unwrap().push(Post { head: text, body: heard[head + 4..].to_vec() });
    stream.write_all(format!("HTTP/1.1 {answer}").as_bytes()).ok()
}
