#![allow(clippy::unwrap_used)]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::*;

/// A server on a loopback port; ends with the value.
struct Here {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    server: Option<thread::JoinHandle<io::Result<()>>>,
}

impl Here {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, stop) = (listener.local_addr().unwrap(), Arc::new(AtomicBool::new(false)));
        let flag = Arc::clone(&stop);
        let site = |path: &str| match path {
            "/metrics" => Some(Answer::metrics(format!("mfs_x 1\n{}", "# filler\n".repeat(20_000)))),
            "/healthz" => Some(Answer::text(503, "old\n")),
            _ => None,
        };
        let server = thread::spawn(move || serve(&listener, &site, &|| flag.load(Ordering::Relaxed)));
        Self { address, stop, server: Some(server) }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream
    }

    fn ask(&self, request: &str) -> String {
        let mut stream = self.connect();
        stream.write_all(request.as_bytes()).unwrap();
        read(&mut stream)
    }

    fn get(&self, path: &str) -> String {
        self.ask(&format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n"))
    }
}

impl Drop for Here {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(server) = self.server.take() {
            assert!(server.join().unwrap().is_ok());
        }
    }
}

fn read(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    let _ = stream.read_to_end(&mut text);
    String::from_utf8(text).unwrap()
}

#[test]
fn pages_and_what_is_none() {
    let here = Here::start();
    let page = here.get("/metrics?x=1");
    let (head, body) = page.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n") && head.contains("text/plain; version=0.0.4"), "{head}");
    assert!(head.contains(&format!("Content-Length: {}", body.len())) && body.starts_with("mfs_x 1\n"));
    let head_only = here.ask("HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
    assert!(head_only.ends_with("\r\n\r\n") && head_only.contains("Content-Length: 180008"), "{head_only}");
    assert!(here.get("/healthz").starts_with("HTTP/1.1 503 "));
    for path in ["/", "/metrics/", "/../etc/passwd", "/METRICS"] {
        assert!(here.get(path).starts_with("HTTP/1.1 404 "), "{path}");
    }
    let posted = here.ask("POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc");
    assert!(posted.starts_with("HTTP/1.1 405 ") && posted.contains("Allow: GET, HEAD"), "{posted}");
}

#[test]
fn garbage_and_too_much_are_refused() {
    let here = Here::start();
    for garbage in ["\x16\x03\x01\x02\x00\x01\r\n\r\n", "GET\r\n\r\n", "GET /metrics\r\n\r\n", "GET /metrics HTTP/9.9\r\n\r\n"] {
        let answer = here.ask(garbage);
        assert!(answer.starts_with("HTTP/1.1 400 "), "{garbage:?}: {answer}");
    }
    let many = "X: y\r\n".repeat(HEADERS + 1);
    assert!(here.ask(&format!("GET / HTTP/1.1\r\n{many}\r\n")).starts_with("HTTP/1.1 431 "));
    let long = format!("GET /{} HTTP/1.1\r\n", "a".repeat(REQUEST));
    assert!(here.ask(&long).starts_with("HTTP/1.1 431 "));
    let mut half = here.connect();
    half.write_all(b"GET /metr").unwrap();
    half.shutdown(Shutdown::Write).unwrap();
    assert!(read(&mut half).starts_with("HTTP/1.1 400 "));
    assert!(here.get("/metrics").starts_with("HTTP/1.1 200 "), "it goes on");
}

#[test]
fn slow_clients_hold_nobody_up_and_end_in_time() {
    let here = Here::start();
    let begin = Instant::now();
    // One that says nothing more, one that trickles, one that never reads.
    let mut silent = here.connect();
    silent.write_all(b"GET /metrics HT").unwrap();
    let mut trickle = here.connect();
    let (done, address) = (Arc::new(AtomicBool::new(false)), here.address);
    let flag = Arc::clone(&done);
    let mut drops = trickle.try_clone().unwrap();
    let dripper = thread::spawn(move || {
        while !flag.load(Ordering::Relaxed) && drops.write_all(b"a").is_ok() {
            thread::sleep(Duration::from_millis(100));
        }
    });
    let mut deaf = TcpStream::connect(address).unwrap();
    deaf.write_all(b"GET /metrics HTTP/1.1\r\n\r\n").unwrap();
    assert!(here.get("/metrics").starts_with("HTTP/1.1 200 "));
    assert!(begin.elapsed() < ARRIVAL, "{:?}", begin.elapsed());
    assert!(read(&mut silent).starts_with("HTTP/1.1 408 "));
    let answer = read(&mut trickle);
    assert!(answer.starts_with("HTTP/1.1 408 ") || answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert!(begin.elapsed() < ARRIVAL * 3, "{:?}", begin.elapsed());
    done.store(true, Ordering::Relaxed);
    dripper.join().unwrap();
}

#[test]
fn many_at_once_are_served_and_more_than_that_told_to_come_again() {
    let here = Here::start();
    let address = here.address;
    let scrapes: Vec<_> = (0..CONNECTIONS / 2)
        .map(|_| {
            thread::spawn(move || {
                let mut stream = TcpStream::connect(address).unwrap();
                stream.write_all(b"GET /metrics HTTP/1.1\r\n\r\n").unwrap();
                read(&mut stream)
            })
        })
        .collect();
    assert!(scrapes.into_iter().all(|s| s.join().unwrap().ends_with("# filler\n")));
    let waiting: Vec<TcpStream> = (0..CONNECTIONS).map(|_| here.connect()).collect();
    let begin = Instant::now();
    let refused = loop {
        let answer = here.get("/healthz");
        if answer.contains("too many connections") || begin.elapsed() > Duration::from_secs(3) {
            break answer;
        }
    };
    assert!(refused.starts_with("HTTP/1.1 503 ") && refused.contains("Retry-After"), "{refused}");
    drop(waiting);
    let free = loop {
        let answer = here.get("/metrics");
        if answer.starts_with("HTTP/1.1 200 ") || begin.elapsed() > Duration::from_secs(10) {
            break answer;
        }
    };
    assert!(free.starts_with("HTTP/1.1 200 "), "room again once they left");
}

#[test]
fn an_open_request_comes_to_its_end_when_the_server_is_told_to_stop() {
    let here = Here::start();
    let mut open = here.connect();
    open.write_all(b"GET /metrics HTTP/1.1\r\n").unwrap();
    thread::sleep(TICK * 3);
    here.stop.store(true, Ordering::Relaxed);
    thread::sleep(TICK * 3);
    open.write_all(b"\r\n").unwrap();
    assert!(read(&mut open).starts_with("HTTP/1.1 200 "));
}
