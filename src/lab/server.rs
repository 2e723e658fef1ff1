//! The process that serves packages to the nodes; it belongs to one lab and ends with it.

use std::fs::OpenOptions;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::error::{LabError, Result};
use super::process::Mark;
use super::{Lab, http, namespace, process};

/// Port of the package repository on the bridge address.
pub const PORT: u16 = 8080;

/// How the server of the lab in a directory is known.
pub(super) fn mark(dir: &Path) -> Mark {
    Mark { program: "mfsctl".into(), word: format!("--lab={}", dir.display()), leader: None }
}

/// Serves a directory on an address; never returns but on failure. The process is already in the namespace.
///
/// # Errors
/// The address is taken or the directory is not there.
pub fn serve(address: Ipv4Addr, root: &Path) -> Result<()> {
    let listener = TcpListener::bind((address, PORT)).map_err(LabError::act(format!("listen on {address}:{PORT}")))?;
    http::serve(&listener, root).map_err(LabError::io(root))
}

/// Makes sure the lab's server answers; starts it when it does not.
pub(super) fn ensure(lab: &Lab, program: &Path) -> Result<()> {
    let mark = mark(&lab.dir);
    let address = lab.record.spec.gateway;
    if !process::find(&mark).is_empty() && answers(lab, address) {
        return Ok(());
    }
    process::end("package server", &mark)?;
    let path = lab.dir.join("server.log");
    let log = OpenOptions::new().create(true).append(true).open(&path).map_err(LabError::io(&path))?;
    let errors = log.try_clone().map_err(LabError::io(&path))?;
    let mut child = namespace::within(&lab.namespace(), || {
        let mut command = Command::new("setsid");
        command.arg(program).args(["lab", "serve"]).arg(&mark.word).arg("--root").arg(&lab.record.repository);
        command.arg("--address").arg(address.to_string()).current_dir("/");
        command.stdin(Stdio::null()).stdout(log).stderr(errors);
        command.spawn().map_err(LabError::act("start the package server"))
    })?;
    let deadline = Instant::now() + Duration::from_secs(10);
    while !answers(lab, address) {
        let ended = child.try_wait().map_err(LabError::act("package server"))?;
        if ended.is_some() || Instant::now() > deadline {
            let detail = std::fs::read_to_string(&path).unwrap_or_default();
            return Err(LabError::Timeout { what: "package server".into(), seconds: 10, detail });
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    std::thread::spawn(move || child.wait());
    Ok(())
}

fn answers(lab: &Lab, address: Ipv4Addr) -> bool {
    let connect = || {
        TcpStream::connect_timeout(&SocketAddr::from((address, PORT)), Duration::from_secs(2))
            .map(drop)
            .map_err(LabError::act("package server"))
    };
    namespace::within(&lab.namespace(), connect).is_ok()
}
