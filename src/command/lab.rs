//! `mfsctl lab`: a virtual cluster of real machines on this computer.

mod progress;
mod twin;

use std::io::{Read, Seek, SeekFrom};
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Subcommand;

use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::lab::{self, Dirs, Lab, LabError};
use crate::report::{self, table};

pub use twin::spec_of;

/// Run a virtual cluster of real machines on this computer
///
/// Every node is a real Linux kernel (User-Mode Linux) in a network of its own; nothing leaves it.
/// Needs root.
///
/// Examples:
///   mfsctl lab up                     boot the reference cluster's eight bare servers
///   mfsctl -i lab provision           make them a cluster
///   mfsctl lab crash node1            cut node1's power
///   mfsctl lab cut node1,node2        cut the line between two nodes
///   mfsctl lab down                   end it and leave nothing behind
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// Name of the lab; several can run at once
    #[arg(long, global = true, env = "MFSCTL_LAB", default_value = "lab", value_name = "NAME")]
    name: String,
    /// Where kernel, image and packages are kept between labs [default: /var/cache/mfsctl]
    #[arg(long, global = true, env = "MFSCTL_LAB_CACHE", value_name = "DIR")]
    cache: Option<PathBuf>,
    /// Where labs keep disks, keys and records [default: /var/lib/mfsctl/lab]
    #[arg(long, global = true, env = "MFSCTL_LAB_STATE", value_name = "DIR")]
    state: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Boot a twin of the inventory (the reference cluster without one); what runs already stays
    Up {
        /// One more empty disk on a node (512 MiB), to try what needs one
        #[arg(long, value_name = "NODE:DEVICE")]
        spare: Vec<String>,
    },
    /// End the lab: machines, network, disks
    Down {
        /// Keep the disks: the next `up` boots the same machines
        #[arg(long)]
        keep_disks: bool,
    },
    /// Show labs and their nodes
    List,
    /// Log in to a node
    Ssh {
        /// Node
        node: String,
        /// User: root, admin (sudo without password) or operator (sudo password: operator)
        #[arg(long, default_value = "root")]
        user: String,
    },
    /// Run a command on a node; its exit code is passed on, 124 past the timeout
    Exec {
        /// Node
        node: String,
        /// User, as with ssh
        #[arg(long, default_value = "root")]
        user: String,
        /// Longest time it may take, seconds
        #[arg(long, default_value_t = 60, value_name = "SECONDS")]
        timeout: u64,
        /// Command and its arguments
        #[arg(required = true, trailing_var_arg = true)]
        command: Vec<String>,
    },
    /// Cut the power of nodes
    Crash {
        /// Nodes
        #[arg(required = true)]
        nodes: Vec<String>,
    },
    /// Power nodes on again, with their disks
    Boot {
        /// Nodes
        #[arg(required = true)]
        nodes: Vec<String>,
    },
    /// Restart nodes the clean way
    Reboot {
        /// Nodes
        #[arg(required = true)]
        nodes: Vec<String>,
    },
    /// Take a node off the network, or cut the line between nodes
    Cut {
        /// NODE: from everything; A,B: only between these
        #[arg(required = true, value_delimiter = ',')]
        nodes: Vec<String>,
        /// Cut the node only from these
        #[arg(long, num_args = 1.., value_delimiter = ',', value_name = "NODE")]
        from: Vec<String>,
    },
    /// Undo cuts: of one node, or all
    Heal {
        /// Node
        node: Option<String>,
    },
    /// Print what a node said on its console since it was powered on
    Console {
        /// Node
        node: String,
        /// Go on as it says more
        #[arg(short, long)]
        follow: bool,
    },
    /// Fill the file system that holds a directory of a node
    Fill {
        /// Node
        node: String,
        /// Directory
        path: String,
        /// Take it back
        #[arg(long)]
        undo: bool,
    },
    /// Move a node's clock
    Clock {
        /// Node
        node: String,
        /// How far, e.g. +90s, -2m, +1h
        #[arg(value_parser = lab::parse_shift, allow_hyphen_values = true)]
        shift: i64,
    },
    /// Build a signed rpm repository of empty stand-in packages, to try the yum and dnf family with
    #[command(hide = true)]
    RpmRepository {
        /// Directory to make
        directory: PathBuf,
    },
    /// Serve packages to a lab (started by `up`)
    #[command(hide = true)]
    Serve {
        /// Directory of the lab, by which this process is known
        #[arg(long)]
        lab: PathBuf,
        /// Directory served
        #[arg(long)]
        root: PathBuf,
        /// Address listened on
        #[arg(long)]
        address: Ipv4Addr,
    },
}

impl From<LabError> for Error {
    fn from(error: LabError) -> Self {
        let kind = match error {
            LabError::Spec { .. } | LabError::NoNode { .. } | LabError::NoLab { .. } | LabError::Missing { .. } | LabError::NotRoot => {
                Kind::Input
            }
            LabError::Differs { .. } => Kind::Refused,
            _ => Kind::Failed,
        };
        error.hints().into_iter().fold(Self::new(kind, error.to_string()), Self::hint)
    }
}

/// Runs the subcommand.
///
/// # Errors
/// What the lab ends with.
pub fn run(context: &Context, args: Args) -> Result<()> {
    let usual = Dirs::from_env();
    // Programs are run in other directories than this one.
    let absolute = |dir: PathBuf| std::path::absolute(&dir).map_err(|e| Error::input(format!("{}: {e}", dir.display())));
    let dirs = Dirs { cache: absolute(args.cache.unwrap_or(usual.cache))?, state: absolute(args.state.unwrap_or(usual.state))? };
    let name = &args.name;
    let open = || Lab::open_in(&dirs, name).map_err(Error::from);
    match args.action {
        Action::Up { spare } => up(context, &dirs, name, &spare),
        Action::Down { keep_disks } => down(&dirs, name, keep_disks),
        Action::List => list(context, &dirs),
        Action::Ssh { node, user } => passed_on(open()?.attach(&user, &node, &[], None)?),
        Action::Exec { node, user, timeout, command } => {
            let argv: Vec<&str> = command.iter().map(String::as_str).collect();
            passed_on(open()?.attach(&user, &node, &argv, Some(Duration::from_secs(timeout)))?)
        }
        Action::Crash { nodes } => each(&open()?, &nodes, "power cut", |lab, node| lab.crash(node).map(|ended| ended > 0)),
        Action::Boot { nodes } => each(&open()?, &nodes, "booted", Lab::boot),
        Action::Reboot { nodes } => each(&open()?, &nodes, "rebooted", |lab, node| lab.reboot(node).map(|()| true)),
        Action::Cut { nodes, from } => cut(&open()?, &nodes, &from),
        Action::Heal { node } => open()?.heal(node.as_deref()).map_err(Error::from),
        Action::Console { node, follow } => console(&open()?, &node, follow),
        Action::Fill { node, path, undo } => open()?.fill(&node, &path, undo).map_err(Error::from),
        Action::Clock { node, shift } => open()?.shift_clock(&node, shift).map_err(Error::from),
        Action::RpmRepository { directory } => {
            let built = lab::rpm_repository(&directory)?;
            report::say(&format!("repository: {}, key: {}", built.root.display(), built.key.display()));
            Ok(())
        }
        Action::Serve { address, root, .. } => lab::serve(address, &root).map_err(Error::from),
    }
}

fn up(context: &Context, dirs: &Dirs, name: &str, spare: &[String]) -> Result<()> {
    let begun = Instant::now();
    let (mut spec, inventory) = twin::wanted(&context.global.inventory, name)?;
    twin::add_spares(&mut spec, spare)?;
    let program = std::env::current_exe().map_err(|e| Error::failed(format!("cannot find mfsctl itself: {e}")))?;
    let shown = progress::Shown::new(context.interactive);
    let tell = |event: lab::Event<'_>| shown.tell(&event);
    let done = lab::up(dirs, lab::UpOptions { spec, inventory, program, progress: &tell })?;
    let nodes = done.lab.spec().nodes.len();
    let seconds = begun.elapsed().as_secs_f64();
    report::say(&match done.booted.len() {
        0 => format!("lab {name}: all {nodes} nodes run already ({seconds:.1} s)"),
        booted => format!("lab {name}: {booted} of {nodes} nodes booted, all answer ssh ({seconds:.1} s)"),
    });
    report::say(&format!("inventory: {}", done.lab.inventory().display()));
    Ok(())
}

fn down(dirs: &Dirs, name: &str, keep_disks: bool) -> Result<()> {
    let there = lab::down(dirs, name, keep_disks)?;
    report::say(&format!("lab {name}: {}", if there { "ended, nothing is left running" } else { "was not there" }));
    Ok(())
}

fn list(context: &Context, dirs: &Dirs) -> Result<()> {
    let labs = dirs.labs().iter().map(|name| Lab::open_in(dirs, name)).collect::<lab::Result<Vec<_>>>()?;
    if context.json() {
        let value: Vec<_> = labs
            .iter()
            .map(|l| serde_json::json!({ "name": l.spec().name, "directory": l.dir(), "inventory": l.inventory(), "nodes": l.nodes() }))
            .collect();
        let text = serde_json::to_string_pretty(&value).map_err(|e| Error::failed(e.to_string()))?;
        report::data(&text);
        return Ok(());
    }
    if labs.is_empty() {
        report::say(&format!("no labs in {}", dirs.state.display()));
    }
    for lab in &labs {
        let row = |n: &lab::NodeState| {
            let state = match n.pid {
                Some(pid) => (format!("runs (pid {pid})"), table::Tone::Good),
                None => ("off".to_owned(), table::Tone::Bad),
            };
            let line = if n.cut {
                "cut off".to_owned()
            } else if n.cut_from.is_empty() {
                "whole".to_owned()
            } else {
                format!("cut from {}", n.cut_from.join(", "))
            };
            let tone = if line == "whole" { table::Tone::Plain } else { table::Tone::Warn };
            vec![
                table::plain(&n.name),
                table::plain(n.address.to_string()),
                state,
                (line, tone),
                table::plain(format!("{} MiB", n.memory_mb)),
            ]
        };
        let rows: Vec<_> = lab.nodes().iter().map(row).collect();
        report::data(&table::render(
            &format!("lab {}", lab.spec().name),
            &["node", "address", "state", "network", "memory"],
            &rows,
            context.color,
        ));
    }
    Ok(())
}

/// Does something to several nodes at once; all failures are told.
fn each(lab: &Lab, nodes: &[String], done: &str, work: impl Fn(&Lab, &str) -> lab::Result<bool> + Sync) -> Result<()> {
    let work = &work;
    let results: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = nodes.iter().map(|node| scope.spawn(move || work(lab, node))).collect();
        threads.into_iter().map(|t| t.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    });
    let mut failed: Option<Error> = None;
    for (node, result) in nodes.iter().zip(results) {
        match result {
            Ok(true) => report::say(&format!("{node}: {done}")),
            Ok(false) => report::say(&format!("{node}: nothing to do")),
            Err(error) => match &mut failed {
                Some(first) => first.message = format!("{}\n{error}", first.message),
                None => failed = Some(error.into()),
            },
        }
    }
    failed.map_or(Ok(()), Err)
}

fn cut(lab: &Lab, nodes: &[String], from: &[String]) -> Result<()> {
    let from: Vec<&str> = from.iter().map(String::as_str).collect();
    if nodes.len() == 1 || !from.is_empty() {
        return nodes.iter().try_for_each(|node| lab.cut(node, &from)).map_err(Error::from);
    }
    for (index, node) in nodes.iter().enumerate() {
        let others: Vec<&str> = nodes[index + 1..].iter().map(String::as_str).collect();
        if !others.is_empty() {
            lab.cut(node, &others)?;
        }
    }
    Ok(())
}

fn console(lab: &Lab, node: &str, follow: bool) -> Result<()> {
    let path = lab.console(node)?;
    let failed = |e: std::io::Error| Error::failed(format!("{}: {e}", path.display()));
    let mut seen = 0;
    loop {
        let mut file = std::fs::File::open(&path).map_err(failed)?;
        // A new boot begins a new file.
        if file.metadata().map_err(failed)?.len() < seen {
            seen = 0;
        }
        file.seek(SeekFrom::Start(seen)).map_err(failed)?;
        let mut bytes = Vec::new();
        seen += file.read_to_end(&mut bytes).map_err(failed)? as u64;
        if !bytes.is_empty() {
            report::data(&String::from_utf8_lossy(&bytes));
        }
        if !follow {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(300));
    }
}

/// Ends mfsctl with the exit code of the command run on the node.
fn passed_on(code: i32) -> Result<()> {
    if code == 0 { Ok(()) } else { std::process::exit(code) }
}
