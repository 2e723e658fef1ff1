//! Every way to log in, and what is said when none works.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use mfsctl::remote::ssh::{SshConnector, SshOptions};
use mfsctl::remote::{Connect, RemoteError, Request, Target};

use crate::server::{Agent, PASSPHRASE, PASSWORD, Plan, Scripted, Server, guard, key, refused};

fn works(connector: &SshConnector, target: &Target) {
    let mut node = connector.connect(target).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(node.run(&Request::new(["id", "-u"])).unwrap().text(), "0\n");
}

fn tried(error: RemoteError) -> String {
    match error {
        RemoteError::Auth { tried, .. } => tried,
        other => panic!("{other}"),
    }
}

#[test]
fn keys_of_all_usual_kinds_work() {
    guard(20, || {
        let server = Server::plain();
        for name in ["ed25519", "ecdsa", "rsa"] {
            works(&server.connector(), &Target { identities: vec![key(name)], ..server.target() });
        }
        // Found by default, and through the configuration.
        let bare = Target { identities: Vec::new(), ..server.target() };
        let copy = server.ssh_dir().join("id_ed25519");
        fs::copy(key("ed25519"), &copy).unwrap();
        works(&server.connector(), &bare);
        fs::remove_file(&copy).unwrap();
        let config = format!(
            "Host elsewhere\nUser x\nHost node1\nHostName 127.0.0.1\nUser root\nPort {}\nIdentityFile {}\n",
            server.port,
            key("rsa").display()
        );
        fs::write(server.ssh_dir().join("config"), config).unwrap();
        works(&server.connector(), &Target { name: "node1".into(), host: "node1".into(), ..Target::default() });
    });
}

#[test]
fn a_refused_login_says_all_that_was_tried() {
    guard(20, || {
        let server = Server::plain();
        let open = server.home.path().join("open");
        fs::copy(key("ed25519"), &open).unwrap();
        fs::set_permissions(&open, fs::Permissions::from_mode(0o644)).unwrap();
        let identities = vec![key("other"), open, "/no/such/key".into(), key("locked")];
        let target = Target { identities, password: Some("wrong".into()), ..server.target() };
        let agent = Agent::with(&["other"]);
        let options = SshOptions { agent: Some(agent.socket.clone()), ..server.options() };
        let error = refused(&SshConnector::new(options), &target);
        assert!(error.hint().unwrap().contains("authorized_keys"));
        let tried = tried(error);
        for part in ["agent other", "/other", "mode 0644", "/no/such/key (No such file", "locked (encrypted; no terminal", "password"] {
            assert!(tried.contains(part), "{part} not in: {tried}");
        }
        assert!(!tried.contains("wrong"), "{tried}");
        let none = Target { identities: Vec::new(), ..server.target() };
        let only_keys = Server::start(&Plan { config: "PasswordAuthentication no\nKbdInteractiveAuthentication no", ..Plan::default() });
        let message = refused(&only_keys.connector(), &Target { port: Some(only_keys.port), ..none }).to_string();
        assert_eq!(message, "node1: login as root refused (tried nothing: no key, no agent, no password; the server takes publickey)");
    });
}

#[test]
fn a_passphrase_is_asked_once_for_all_threads() {
    guard(30, || {
        let server = Server::plain();
        for name in ["locked", "locked_pem"] {
            let prompts = Scripted::new(&["wrong", PASSPHRASE]);
            let connector = SshConnector::new(SshOptions { prompts: prompts.clone(), ..server.options() });
            let target = Target { identities: vec![key(name)], ..server.target() };
            std::thread::scope(|scope| {
                for _ in 0..6 {
                    scope.spawn(|| works(&connector, &target));
                }
            });
            assert_eq!(prompts.asked.load(Ordering::SeqCst), 2, "{name}");
            assert!(prompts.questions.lock().unwrap()[0].starts_with("passphrase of /"));
        }
    });
}

#[test]
fn a_wrong_passphrase_is_called_so() {
    guard(20, || {
        let server = Server::start(&Plan { config: "AuthenticationMethods publickey", ..Plan::default() });
        let prompts = Scripted::new(&["a", "b", "c", "never asked"]);
        let connector = SshConnector::new(SshOptions { prompts: prompts.clone(), ..server.options() });
        let target = Target { identities: vec![key("locked")], ..server.target() };
        let tried = tried(refused(&connector, &target));
        assert!(tried.contains("locked (wrong passphrase)"), "{tried}");
        assert_eq!(prompts.asked.load(Ordering::SeqCst), 3);
    });
}

#[test]
fn every_identity_of_the_agent_is_tried() {
    guard(20, || {
        let server = Server::plain();
        let agent = Agent::with(&["other", "host2_ed25519", "rsa"]);
        let options = SshOptions { agent: Some(agent.socket.clone()), ..server.options() };
        works(&SshConnector::new(options.clone()), &Target { identities: Vec::new(), ..server.target() });
        // The configured key is the agent's, and goes first: the server would not listen to a second one.
        let strict = Server::start(&Plan { config: "MaxAuthTries 1", ..Plan::default() });
        let options = SshOptions { home: strict.options().home, ..options };
        let by_public_half = strict.home.path().join("id.pub");
        fs::copy(key("rsa.pub"), &by_public_half).unwrap();
        works(&SshConnector::new(options.clone()), &Target { identities: vec![by_public_half], ..strict.target() });
        let error = refused(&SshConnector::new(options), &Target { identities: Vec::new(), ..strict.target() });
        let tried = tried(error);
        assert!(tried.contains("the server hung up"), "too many attempts must be called so: {tried}");
        // An agent that is gone is no reason to give up.
        let options = SshOptions { agent: Some("/no/such/agent".into()), ..server.options() };
        works(&SshConnector::new(options), &server.target());
    });
}

#[test]
fn passwords_work_by_both_methods_given_or_asked() {
    guard(30, || {
        for config in ["KbdInteractiveAuthentication no", "PasswordAuthentication no\nKbdInteractiveAuthentication yes"] {
            let server = Server::start(&Plan { config, ..Plan::default() });
            let given = Target { identities: Vec::new(), password: Some(PASSWORD.into()), ..server.target() };
            works(&server.connector(), &given);
            let prompts = Scripted::new(&[PASSWORD]);
            let connector = SshConnector::new(SshOptions { prompts: Arc::clone(&prompts) as _, ..server.options() });
            let asked = Target { identities: Vec::new(), ..server.target() };
            works(&connector, &asked);
            works(&connector, &asked);
            assert_eq!(*prompts.questions.lock().unwrap(), ["login password of root"], "{config}");
        }
    });
}
