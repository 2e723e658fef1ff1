//! A static file server, just enough of HTTP/1.1 for apt and dnf: GET and HEAD, one
//! byte range, If-Modified-Since, connections that stay open. It listens only inside
//! the lab's network namespace and shows only files below one directory.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

/// Connections served at once; further ones wait in the listen queue.
const CONNECTIONS: usize = 128;
/// Longest request line and headers together, bytes.
const HEAD: u64 = 16 << 10;
/// Longest silence of a client.
const PATIENCE: Duration = Duration::from_secs(60);

/// Serves a directory until the process ends.
///
/// # Errors
/// The directory is not there; errors of single connections only end those.
pub fn serve(listener: &TcpListener, root: &Path) -> io::Result<()> {
    let root: Arc<Path> = fs::canonicalize(root)?.into();
    let open = Arc::new(AtomicUsize::new(0));
    loop {
        while open.load(Ordering::Acquire) >= CONNECTIONS {
            std::thread::sleep(Duration::from_millis(20));
        }
        let Ok((stream, _)) = listener.accept() else {
            std::thread::sleep(Duration::from_millis(20));
            continue;
        };
        let (root, open) = (Arc::clone(&root), Arc::clone(&open));
        open.fetch_add(1, Ordering::AcqRel);
        std::thread::spawn(move || {
            let _ = converse(&stream, &root);
            open.fetch_sub(1, Ordering::AcqRel);
        });
    }
}

/// One connection, request after request.
fn converse(stream: &TcpStream, root: &Path) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    loop {
        let Some(head) = read_head(&mut reader)? else { return Ok(()) };
        let request = Request::parse(&head);
        let keep = request.as_ref().is_some_and(|r| r.keep && r.reads());
        answer(stream, root, request.as_ref())?;
        if !keep {
            return Ok(());
        }
    }
}

/// Reads up to the empty line; `None` at a clean end.
fn read_head(reader: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut head = String::new();
    let mut limited = reader.take(HEAD);
    loop {
        let before = head.len();
        if limited.read_line(&mut head)? == 0 {
            return if head.is_empty() { Ok(None) } else { Err(io::ErrorKind::UnexpectedEof.into()) };
        }
        if head[before..].trim_end().is_empty() {
            return Ok(Some(head));
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Request {
    method: String,
    target: String,
    keep: bool,
    range: Option<String>,
    since: Option<String>,
}

impl Request {
    fn parse(head: &str) -> Option<Self> {
        let mut lines = head.lines();
        let mut words = lines.next()?.split(' ');
        let (method, target, version) = (words.next()?.to_owned(), words.next()?.to_owned(), words.next()?);
        let mut request = Self { method, target, keep: version == "HTTP/1.1", range: None, since: None };
        for (name, value) in lines.filter_map(|l| l.split_once(':')) {
            let value = value.trim().to_owned();
            match name.to_ascii_lowercase().as_str() {
                "connection" => request.keep = request.keep && !value.eq_ignore_ascii_case("close"),
                "range" => request.range = Some(value),
                "if-modified-since" => request.since = Some(value),
                _ => {}
            }
        }
        Some(request)
    }

    fn reads(&self) -> bool {
        self.method == "GET" || self.method == "HEAD"
    }
}

fn answer(mut stream: &TcpStream, root: &Path, request: Option<&Request>) -> io::Result<()> {
    let Some(request) = request else { return plain(stream, "400 Bad Request", false) };
    if !request.reads() {
        return plain(stream, "405 Method Not Allowed", false);
    }
    let found = resolve(root, &request.target).and_then(|p| File::open(p).ok());
    let Some((mut file, meta)) = found.and_then(|f| f.metadata().ok().map(|m| (f, m))).filter(|(_, m)| m.is_file()) else {
        return plain(stream, "404 Not Found", request.keep);
    };
    let modified = http_date(meta.modified().unwrap_or(SystemTime::UNIX_EPOCH));
    if request.range.is_none() && request.since.as_deref() == Some(modified.as_str()) {
        return plain(stream, "304 Not Modified", request.keep);
    }
    let size = meta.len();
    let (status, start, end, extra) = match request.range.as_deref().map(|r| parse_range(r, size)) {
        None | Some(Range::Whole) => ("200 OK", 0, size, String::new()),
        Some(Range::Part(start, end)) => {
            ("206 Partial Content", start, end, format!("Content-Range: bytes {start}-{}/{size}\r\n", end - 1))
        }
        Some(Range::Outside) => {
            let extra = format!("Content-Range: bytes */{size}\r\n");
            return write!(stream, "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0\r\n{extra}{}\r\n", connection(request.keep));
        }
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/octet-stream\r\nContent-Length: {}\r\nLast-Modified: {modified}\r\nAccept-Ranges: bytes\r\n{extra}{}\r\n",
        end - start,
        connection(request.keep)
    );
    stream.write_all(head.as_bytes())?;
    if request.method == "GET" {
        file.seek(SeekFrom::Start(start))?;
        let sent = io::copy(&mut file.take(end - start), &mut stream)?;
        if sent != end - start {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(())
}

fn plain(mut stream: &TcpStream, status: &str, keep: bool) -> io::Result<()> {
    let length = if status.starts_with("304") { "" } else { "Content-Length: 0\r\n" };
    stream.write_all(format!("HTTP/1.1 {status}\r\n{length}{}\r\n", connection(keep)).as_bytes())
}

fn connection(keep: bool) -> &'static str {
    if keep { "Connection: keep-alive\r\n" } else { "Connection: close\r\n" }
}

/// The file a request target means, `None` when it would leave the directory (also by a link).
fn resolve(root: &Path, target: &str) -> Option<PathBuf> {
    let path = target.split(['?', '#']).next()?.strip_prefix('/')?;
    let decoded = percent_decode(path)?;
    let relative = Path::new(&decoded);
    if !relative.components().all(|c| matches!(c, Component::Normal(_) | Component::CurDir)) {
        return None;
    }
    let real = fs::canonicalize(root.join(relative)).ok()?;
    real.starts_with(root).then_some(real)
}

fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |b: u8| char::from(b).to_digit(16);
        let value = digit(rest.next()?)? * 16 + digit(rest.next()?)?;
        bytes.push(u8::try_from(value).ok().filter(|b| *b != 0)?);
    }
    String::from_utf8(bytes).ok()
}

#[derive(Debug, PartialEq, Eq)]
enum Range {
    Whole,
    Part(u64, u64),
    Outside,
}

/// RFC 9110 ranges of one part: `bytes=A-B`, `bytes=A-`, `bytes=-N`; anything else means the whole.
fn parse_range(text: &str, size: u64) -> Range {
    let Some((first, last)) = text.strip_prefix("bytes=").and_then(|r| r.split_once('-')) else { return Range::Whole };
    let number = |t: &str| t.trim().parse::<u64>().ok();
    match (number(first), number(last)) {
        (Some(first), _) if first >= size => Range::Outside,
        (Some(first), Some(last)) if last >= first => Range::Part(first, last.saturating_add(1).min(size)),
        (Some(first), None) if last.trim().is_empty() => Range::Part(first, size),
        (None, Some(0)) if first.is_empty() => Range::Outside,
        (None, Some(tail)) if first.is_empty() && size > 0 => Range::Part(size.saturating_sub(tail), size),
        _ => Range::Whole,
    }
}

/// A time as HTTP writes it, e.g. `Sun, 06 Nov 1994 08:49:37 GMT`.
fn http_date(time: SystemTime) -> String {
    let stamp = jiff::Timestamp::try_from(time).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    stamp.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn targets_stay_inside() {
        let dir = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(dir.path()).unwrap().join("public");
        fs::create_dir_all(root.join("a")).unwrap();
        fs::write(root.join("a/file+1.deb"), "x").unwrap();
        fs::write(dir.path().join("secret"), "x").unwrap();
        std::os::unix::fs::symlink(dir.path().join("secret"), root.join("link")).unwrap();
        assert_eq!(resolve(&root, "/a/file%2b1.deb?x=1").unwrap(), root.join("a/file+1.deb"));
        for bad in [
            "/../secret",
            "/a/../../secret",
            "/%2e%2e/secret",
            "/a/%2e%2e%2f%2e%2e/secret",
            "//etc/passwd",
            "secret",
            "/link",
            "/a%00",
            "/%zz",
            "/%2",
        ] {
            assert_eq!(resolve(&root, bad), None, "{bad}");
        }
    }

    #[test]
    fn ranges() {
        assert_eq!(parse_range("bytes=2-4", 10), Range::Part(2, 5));
        assert_eq!(parse_range("bytes=2-", 10), Range::Part(2, 10));
        assert_eq!(parse_range("bytes=2-99", 10), Range::Part(2, 10));
        assert_eq!(parse_range("bytes=-3", 10), Range::Part(7, 10));
        assert_eq!(parse_range("bytes=-30", 10), Range::Part(0, 10));
        assert_eq!(parse_range("bytes=10-", 10), Range::Outside);
        assert_eq!(parse_range("bytes=0-", 0), Range::Outside);
        assert_eq!(parse_range("bytes=4-2", 10), Range::Whole);
        assert_eq!(parse_range("lines=1-2", 10), Range::Whole);
        assert_eq!(parse_range(&format!("bytes=0-{}", u64::MAX), 10), Range::Part(0, 10));
    }

    #[test]
    fn dates_are_http_dates() {
        assert_eq!(http_date(SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777)), "Sun, 06 Nov 1994 08:49:37 GMT");
    }

    #[test]
    fn a_connection_stays_open_over_several_requests() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("f"), "0123456789").unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let root = dir.path().to_owned();
        std::thread::spawn(move || serve(&listener, &root));
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let asks = "GET /f HTTP/1.1\r\nHost: x\r\n\r\nHEAD /f HTTP/1.1\r\n\r\nGET /none HTTP/1.1\r\n\r\nGET /f HTTP/1.1\r\nRange: bytes=8-\r\nConnection: close\r\n\r\n";
        stream.write_all(asks.as_bytes()).unwrap();
        let mut all = String::new();
        stream.read_to_string(&mut all).unwrap();
        let statuses: Vec<&str> = all.match_indices("HTTP/1.1 ").map(|(i, _)| &all[i + 9..i + 12]).collect();
        assert_eq!(statuses, ["200", "200", "404", "206"], "{all}");
        assert!(all.contains("0123456789HTTP/1.1") && all.ends_with("\r\n\r\n89"), "{all}");
    }

    #[test]
    fn other_methods_are_refused_and_unchanged_files_not_sent() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("f"), "0").unwrap();
        let date = http_date(fs::metadata(dir.path().join("f")).unwrap().modified().unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let root = dir.path().to_owned();
        std::thread::spawn(move || serve(&listener, &root));
        for (ask, status) in [
            (format!("GET /f HTTP/1.1\r\nIf-Modified-Since: {date}\r\nConnection: close\r\n\r\n"), "304"),
            ("DELETE /f HTTP/1.1\r\n\r\n".to_owned(), "405"),
            ("nonsense\r\n\r\n".to_owned(), "400"),
        ] {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
            stream.write_all(ask.as_bytes()).unwrap();
            let mut all = String::new();
            stream.read_to_string(&mut all).unwrap();
            assert_eq!(&all[9..12], status, "{ask}");
        }
    }
}
