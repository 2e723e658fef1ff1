//! Host keys: strict, and never confused by many threads, ports or key types.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use mfsctl::remote::ssh::{SshConnector, SshOptions};
use mfsctl::remote::{Connect, RemoteError, Target};

use crate::server::{Plan, Server, guard, host_line, key, refused, tool};

#[test]
fn an_unknown_key_is_refused_with_the_fingerprint_ssh_shows() {
    guard(20, || {
        let server = Server::plain();
        fs::remove_dir_all(server.ssh_dir()).unwrap();
        let error = refused(&server.connector(), &server.target());
        assert!(error.hint().unwrap().contains("--accept-new-host-keys"));
        let shown = tool(&["ssh-keygen", "-lf", &key("host_ed25519").display().to_string()]);
        let RemoteError::HostKeyUnknown { fingerprint, address, .. } = error else { panic!("{error}") };
        assert_eq!((Some(fingerprint.as_str()), address), (shown.split(' ').nth(1), format!("127.0.0.1:{}", server.port)));
        assert!(!server.ssh_dir().exists(), "refusing must not write anything");
    });
}

#[test]
fn a_changed_key_is_an_error_of_its_own_even_when_new_ones_are_welcome() {
    guard(20, || {
        let server = Server::plain();
        let name = format!("[127.0.0.1]:{}", server.port);
        let file = server.ssh_dir().join("known_hosts");
        for other in ["host2_ed25519", "host_ecdsa"] {
            fs::write(&file, host_line(&name, other)).unwrap();
            let connector = SshConnector::new(SshOptions { accept_new_host_keys: true, ..server.options() });
            let error = refused(&connector, &server.target());
            assert!(matches!(error, RemoteError::HostKeyChanged { .. }), "{error}");
            assert!(error.to_string().contains("HOST KEY CHANGED") && error.hint().unwrap().contains("ssh-keygen -f"), "{error}");
            assert_eq!(fs::read_to_string(&file).unwrap(), host_line(&name, other));
        }
        fs::write(&file, host_line(&name, "host_ed25519") + "@revoked " + &host_line("*", "host_ed25519")).unwrap();
        assert!(matches!(refused(&server.connector(), &server.target()), RemoteError::HostKeyChanged { .. }));
    });
}

#[test]
fn hashed_plain_and_listed_names_are_known_in_any_of_several_files() {
    guard(20, || {
        let server = Server::plain();
        let connects = || drop(server.connect());
        let file = server.ssh_dir().join("known_hosts");
        tool(&["ssh-keygen", "-q", "-H", "-f", &file.display().to_string()]);
        assert!(fs::read_to_string(&file).unwrap().starts_with("|1|"));
        connects();
        fs::rename(&file, server.ssh_dir().join("known_hosts2")).unwrap();
        fs::write(&file, "rubbish\n@cert-authority * ssh-rsa AAAA\n").unwrap();
        connects();
        fs::remove_file(server.ssh_dir().join("known_hosts2")).unwrap();
        fs::write(&file, host_line("127.0.0.1", "host_ed25519")).unwrap();
        connects();
        // The plain name, when it knows another key, speaks of port 22 and not of this one.
        fs::write(&file, host_line("127.0.0.1", "host2_ed25519")).unwrap();
        assert!(matches!(refused(&server.connector(), &server.target()), RemoteError::HostKeyUnknown { .. }));
        let own = server.home.path().join("own");
        fs::write(&own, host_line(&format!("elsewhere,[127.0.0.1]:{}", server.port), "host_ed25519")).unwrap();
        server.connector().connect(&Target { known_hosts: Some(own), ..server.target() }).unwrap();
    });
}

#[test]
fn a_server_with_several_keys_shows_the_known_one() {
    guard(20, || {
        let server = Server::start(&Plan { host_keys: &["host_ed25519", "host_ecdsa"], ..Plan::default() });
        let name = format!("[127.0.0.1]:{}", server.port);
        for known in ["host_ecdsa", "host_ed25519"] {
            fs::write(server.ssh_dir().join("known_hosts"), host_line(&name, known)).unwrap();
            server.connect();
        }
    });
}

#[test]
fn sixteen_threads_remember_one_new_key_once() {
    guard(30, || {
        let server = Server::plain();
        fs::remove_dir_all(server.ssh_dir()).unwrap();
        let connector = SshConnector::new(SshOptions { accept_new_host_keys: true, ..server.options() });
        std::thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| connector.connect(&server.target()).map(drop).unwrap());
            }
        });
        let file = server.ssh_dir().join("known_hosts");
        assert_eq!(fs::read_to_string(&file).unwrap(), host_line(&format!("[127.0.0.1]:{}", server.port), "host_ed25519"));
        let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&server.ssh_dir()), mode(&file)), (0o700, 0o600));
        // A last line without its end is not glued to.
        fs::write(&file, host_line("elsewhere", "host2_ed25519").trim_end()).unwrap();
        connector.connect(&server.target()).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap().lines().count(), 2);
        server.connect();
    });
}
