//! An sshd of a test's own, and the client's side of it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use mfsctl::remote::ssh::{NoPrompt, Prompt, SshConnector, SshOptions};
use mfsctl::remote::{Connect, RemoteError, Target, Transport};
use tempfile::TempDir;

/// Password of every test user, with characters that quoting could break.
pub const PASSWORD: &str = "pass 'word\" 1";
/// The same, hashed (`openssl passwd -6 -salt mfsctltest`).
const HASH: &str = "$6$mfsctltest$2tIFsdrBnp.FSmnvXiPNBLQk..4c/FLuMVeGt92oRxAy9eysmQH2Bc0ptDWeCx7YKvteQ8CP29MGHjhMBqgvn/";
/// Passphrase of the encrypted keys.
pub const PASSPHRASE: &str = "open sesame";
/// Users besides root: sudo without password, with password, not allowed, only on a terminal.
const USERS: [&str; 4] = ["free", "asks", "denied", "tty"];
const SUDOERS: &str = "Defaults env_reset, use_pty, !fqdn
Defaults:tty requiretty
root ALL=(ALL:ALL) ALL
free ALL=(ALL:ALL) NOPASSWD: ALL
asks ALL=(ALL:ALL) ALL
tty ALL=(ALL:ALL) NOPASSWD: ALL
";
const PAM: &str = "auth required pam_unix.so nodelay\naccount required pam_unix.so\nsession required pam_permit.so\n";

/// Fails the test if it does not end in time.
pub fn guard(seconds: u64, test: impl FnOnce() + Send + 'static) {
    let (send, receive) = mpsc::channel();
    let worker = thread::spawn(move || {
        test();
        let _ = send.send(());
    });
    match receive.recv_timeout(Duration::from_secs(seconds)) {
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("not done within {seconds} s"),
        _ => worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
    }
}

/// Path of a program the tests cannot do without.
fn need(program: &str, package: &str) -> PathBuf {
    let places = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/sbin";
    let found = places.split(':').map(|d| Path::new(d).join(program)).find(|p| p.exists());
    found.unwrap_or_else(|| panic!("{program} is missing; install it with: apt-get install {package}"))
}

/// Runs a helper program to success.
pub fn tool(argv: &[&str]) -> String {
    let out = Command::new(argv[0]).args(&argv[1..]).stdin(Stdio::null()).output().unwrap_or_else(|e| panic!("{argv:?}: {e}"));
    assert!(out.status.success(), "{argv:?}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

/// Keys made once for all tests: `ed25519`, `ecdsa`, `rsa`, `locked` and `locked_pem` (with passphrase), `other`, and the host's.
pub fn keys() -> &'static Path {
    static KEYS: OnceLock<PathBuf> = OnceLock::new();
    KEYS.get_or_init(|| {
        need("ssh-keygen", "openssh-client");
        // Nothing is dropped at the end of a test process: the next one clears up after it.
        for old in fs::read_dir(std::env::temp_dir()).unwrap().flatten() {
            let name = old.file_name().to_string_lossy().into_owned();
            let pid = name.strip_prefix("mfsctl-sshd-keys-");
            if pid.is_some_and(|pid| !Path::new("/proc").join(pid).exists()) {
                let _ = fs::remove_dir_all(old.path());
            }
        }
        let dir = std::env::temp_dir().join(format!("mfsctl-sshd-keys-{}", std::process::id()));
        fs::create_dir(&dir).unwrap();
        let make = |name: &str, kind: &str, passphrase: &str| {
            let file = dir.join(name).display().to_string();
            tool(&["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", name, "-f", &file]);
        };
        for name in ["ed25519", "other", "host_ed25519", "host2_ed25519"] {
            make(name, "ed25519", "");
        }
        make("host_ecdsa", "ecdsa", "");
        make("ecdsa", "ecdsa", "");
        make("rsa", "rsa", "");
        make("locked", "ed25519", PASSPHRASE);
        let old = dir.join("locked_pem").display().to_string();
        tool(&["ssh-keygen", "-q", "-t", "rsa", "-m", "PEM", "-N", PASSPHRASE, "-C", "locked_pem", "-f", &old]);
        dir
    })
}

pub fn key(name: &str) -> PathBuf {
    keys().join(name)
}

fn public(name: &str) -> String {
    fs::read_to_string(key(&format!("{name}.pub"))).unwrap()
}

/// The public key of a host key, without its comment.
pub fn host_line(host: &str, name: &str) -> String {
    let public = public(name);
    let mut words = public.split(' ');
    format!("{host} {} {}\n", words.next().unwrap(), words.next().unwrap().trim())
}

/// How to start a server.
#[derive(Default)]
pub struct Plan<'a> {
    /// Lines of sshd_config; the first value of a keyword counts.
    pub config: &'a str,
    /// Commands run as root in the server's namespaces before it starts.
    pub before: &'a str,
    /// Host keys; one ed25519 when empty.
    pub host_keys: &'a [&'a str],
    /// Network namespace to run in.
    pub netns: Option<&'a str>,
    pub port: Option<u16>,
}

/// A running sshd; ends with all its sessions when dropped.
pub struct Server {
    pub port: u16,
    /// Home directory of the client.
    pub home: TempDir,
    child: Child,
    pub log: Arc<Mutex<String>>,
}

pub fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

impl Server {
    pub fn start(plan: &Plan) -> Self {
        let sshd = need("sshd", "openssh-server");
        for (program, package) in [("sudo", "sudo"), ("ssh-agent", "openssh-client"), ("ip", "iproute2"), ("unshare", "util-linux")] {
            need(program, package);
        }
        let home = TempDir::new().unwrap();
        let dir = home.path();
        fs::set_permissions(dir, fs::Permissions::from_mode(0o755)).unwrap();
        fs::create_dir(dir.join(".ssh")).unwrap();
        write_accounts(dir);
        let authorized: String = ["ed25519", "ecdsa", "rsa", "locked", "locked_pem"].map(public).concat();
        fs::write(dir.join("authorized"), authorized).unwrap();
        let port = plan.port.unwrap_or_else(free_port);
        let host_keys = if plan.host_keys.is_empty() { &["host_ed25519"] } else { plan.host_keys };
        let mut config = format!("{}\nPort {port}\nListenAddress 127.0.0.1\nPidFile none\nStrictModes no\nUseDNS no\n", plan.config);
        config += &format!("PermitRootLogin yes\nUsePAM yes\nLogLevel VERBOSE\nAuthorizedKeysFile {}\n", dir.join("authorized").display());
        for name in host_keys {
            config += &format!("HostKey {}\n", key(name).display());
            let known = host_line(&format!("[127.0.0.1]:{port}"), name);
            let file = dir.join(".ssh/known_hosts");
            let before = fs::read_to_string(&file).unwrap_or_default();
            fs::write(file, before + &known).unwrap();
        }
        fs::write(dir.join("sshd_config"), config).unwrap();
        let script = format!(
            "set -e; mount --make-rprivate /; mount -t proc proc /proc; mount -t tmpfs tmpfs /run; mkdir /run/sshd /run/lock
             cd {dir}; for f in passwd shadow group sudoers; do mount --bind $f /etc/$f; done
             mount --bind pam /etc/pam.d/sshd; mount --bind pam /etc/pam.d/sudo; mount -t tmpfs tmpfs /var/lib/sudo
             {before}
             exec {sshd} -D -e -f {dir}/sshd_config",
            dir = dir.display(),
            before = plan.before,
            sshd = sshd.display()
        );
        let mut command = match plan.netns {
            Some(name) => {
                let mut command = Command::new("nsenter");
                command.arg(format!("--net=/run/netns/{name}")).arg("unshare");
                command
            }
            None => Command::new("unshare"),
        };
        command.args(["--mount", "--pid", "--fork", "--kill-child", "sh", "-c", &script]);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let (lines, keep) = (BufReader::new(child.stderr.take().unwrap()), Arc::clone(&log));
        thread::spawn(move || {
            for line in lines.split(b'\n').map_while(Result::ok) {
                *keep.lock().unwrap() += &format!("{}\n", String::from_utf8_lossy(&line));
            }
        });
        let server = Self { port, home, child, log };
        let patience = Instant::now() + Duration::from_secs(10);
        while !server.log.lock().unwrap().contains("Server listening") {
            assert!(Instant::now() < patience, "sshd does not start: {}", server.log.lock().unwrap());
            thread::sleep(Duration::from_millis(5));
        }
        server
    }

    pub fn plain() -> Self {
        Self::start(&Plan::default())
    }

    pub fn ssh_dir(&self) -> PathBuf {
        self.home.path().join(".ssh")
    }

    /// Options with this server's home and nothing of the machine's.
    pub fn options(&self) -> SshOptions {
        SshOptions {
            home: Some(self.home.path().to_owned()),
            system_dir: self.home.path().join("nothing"),
            agent: None,
            prompts: Arc::new(NoPrompt),
            connect_timeout: Duration::from_secs(8),
            ..SshOptions::default()
        }
    }

    pub fn connector(&self) -> SshConnector {
        SshConnector::new(self.options())
    }

    /// Root with the key that always works.
    pub fn target(&self) -> Target {
        Target {
            name: "node1".into(),
            host: "127.0.0.1".into(),
            port: Some(self.port),
            user: Some("root".into()),
            identities: vec![key("ed25519")],
            ..Target::default()
        }
    }

    pub fn target_as(&self, user: &str) -> Target {
        Target { user: Some(user.into()), ..self.target() }
    }

    pub fn connect(&self) -> Box<dyn Transport> {
        self.connector().connect(&self.target()).unwrap_or_else(|e| panic!("{e}\n{}", self.log.lock().unwrap()))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // `--kill-child` takes the namespace's first process with it, and that takes all others.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn write_accounts(dir: &Path) {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let without_root = |text: String| text.lines().filter(|l| !l.starts_with("root:")).map(|l| format!("{l}\n")).collect::<String>();
    let mut passwd = format!("root:x:0:0:root:{}:/bin/sh\n", dir.display()) + &without_root(read("/etc/passwd"));
    let mut shadow = format!("root:{HASH}:19000:0:99999:7:::\n") + &without_root(read("/etc/shadow"));
    let mut group = read("/etc/group");
    for (uid, user) in (64001..).zip(USERS) {
        passwd += &format!("{user}:x:{uid}:{uid}::/tmp:/bin/sh\n");
        shadow += &format!("{user}:{HASH}:19000:0:99999:7:::\n");
        group += &format!("{user}:x:{uid}:\n");
    }
    for (name, text, mode) in [
        ("passwd", passwd.as_str(), 0o644),
        ("shadow", &shadow, 0o600),
        ("group", &group, 0o644),
        ("sudoers", SUDOERS, 0o440),
        ("pam", PAM, 0o644),
    ] {
        fs::write(dir.join(name), text).unwrap();
        fs::set_permissions(dir.join(name), fs::Permissions::from_mode(mode)).unwrap();
    }
}

/// Answers questions from a list and counts them.
pub struct Scripted {
    answers: Mutex<Vec<String>>,
    pub asked: AtomicUsize,
    pub questions: Mutex<Vec<String>>,
}

impl Scripted {
    pub fn new(answers: &[&str]) -> Arc<Self> {
        let answers = answers.iter().rev().map(|a| (*a).to_owned()).collect();
        Arc::new(Self { answers: Mutex::new(answers), asked: AtomicUsize::new(0), questions: Mutex::default() })
    }
}

impl Prompt for Scripted {
    fn secret(&self, question: &str) -> Option<String> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.questions.lock().unwrap().push(question.to_owned());
        self.answers.lock().unwrap().pop()
    }
}

/// An ssh-agent with some keys; ends when dropped.
pub struct Agent {
    pub socket: PathBuf,
    child: Child,
    _dir: TempDir,
}

impl Agent {
    pub fn with(names: &[&str]) -> Self {
        let dir = TempDir::new().unwrap();
        let socket = dir.path().join("agent");
        let child = Command::new("ssh-agent").arg("-D").arg("-a").arg(&socket).stdout(Stdio::null()).spawn().unwrap();
        while !socket.exists() {
            thread::sleep(Duration::from_millis(5));
        }
        for name in names {
            let added = Command::new("ssh-add").arg("-q").arg(key(name)).env("SSH_AUTH_SOCK", &socket).status().unwrap();
            assert!(added.success());
        }
        Self { socket, child, _dir: dir }
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A network namespace with loopback up; removed when dropped.
pub struct Netns(pub String);

impl Netns {
    pub fn new(purpose: &str) -> Self {
        // A killed test process leaves its namespaces behind.
        for old in fs::read_dir("/run/netns").into_iter().flatten().flatten() {
            let name = old.file_name().to_string_lossy().into_owned();
            let pid = name.strip_prefix("mfst-").and_then(|rest| rest.rsplit('-').next());
            if pid.is_some_and(|pid| !Path::new("/proc").join(pid).exists()) {
                let _ = Command::new("ip").args(["netns", "del", &name]).status();
            }
        }
        let name = format!("mfst-{purpose}-{}", std::process::id());
        tool(&["ip", "netns", "add", &name]);
        tool(&["ip", "-n", &name, "link", "set", "lo", "up"]);
        Self(name)
    }

    pub fn path(&self) -> PathBuf {
        Path::new("/run/netns").join(&self.0)
    }
}

impl Drop for Netns {
    fn drop(&mut self) {
        let _ = Command::new("ip").args(["netns", "del", &self.0]).status();
    }
}

/// The error of a connection that must not come to be.
pub fn refused(connector: &SshConnector, target: &Target) -> RemoteError {
    match connector.connect(target) {
        Ok(_) => panic!("connected to {} though it must not", target.name),
        Err(error) => error,
    }
}

/// Serves an echo on loopback for one connection.
pub fn echo_server() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        let (stream, _): (TcpStream, _) = listener.accept().unwrap();
        let mut back = stream.try_clone().unwrap();
        let _ = std::io::copy(&mut &stream, &mut back);
    });
    port
}
