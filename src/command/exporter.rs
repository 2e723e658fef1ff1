//! `mfsctl exporter`: the cluster's metrics over HTTP, for Prometheus.

mod gatherer;
mod server;

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use crate::context::Context;
use crate::engine::interrupt::Interrupt;
use crate::error::{Error, Result};
use crate::report;

use gatherer::Gatherer;

/// Serve the cluster's metrics over HTTP, for Prometheus
///
/// Asks all nodes every --interval seconds in the background, over connections that
/// stay open, and answers GET /metrics from the last answer, whose age is a metric
/// too. GET /healthz is 200 while that is fresh, else 503. Changes nothing.
///
/// Nobody is asked for a password here: keep it on the loopback address, or behind
/// something that asks. SIGTERM and Ctrl-C end it in order. Dashboard, alert rules
/// and units are in `monitoring/` (docs/metrics.md).
///
/// Examples:
///   mfsctl exporter
///   mfsctl exporter --listen 127.0.0.1:9426 --interval 30
///   curl -s http://127.0.0.1:9426/metrics | grep mfs_cluster_healthy
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// Address and port to listen on
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:9426")]
    pub listen: SocketAddr,
    /// Seconds from the beginning of one gathering to the next
    #[arg(long, value_name = "S", default_value_t = 60, value_parser = clap::value_parser!(u32).range(5..=3600))]
    pub interval: u32,
}

/// Serves until told to end.
///
/// # Errors
/// A wrong inventory; an address that cannot be listened on.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let cluster = context.cluster()?;
    let listener = TcpListener::bind(args.listen).map_err(|e| {
        Error::failed(format!("{}: {e}", args.listen)).hint("another program may listen there: --listen names another address")
    })?;
    let address = listener.local_addr().unwrap_or(args.listen);
    let interrupt = Interrupt::listen().map_err(|e| Error::failed(format!("signals: {e}")))?;
    let interval = Duration::from_secs(u64::from(args.interval));
    let gatherer = Gatherer::start(cluster, Arc::new(context.connector()), usize::from(context.global.jobs), interval, interrupt.clone());
    report::say(&format!("metrics of {} on http://{address}/metrics, gathered every {} s", gatherer.cluster(), args.interval));
    if !address.ip().is_loopback() {
        report::say("warning: whoever reaches this address reads names, addresses and state of the cluster");
    }
    server::serve(&listener, &|path| gatherer.answer(path), &|| interrupt.requested() || gatherer.ended())
        .map_err(|e| Error::failed(format!("{address}: {e}")))?;
    if interrupt.requested() {
        Ok(())
    } else {
        Err(Error::failed("the gathering ended by itself").hint("this is a fault of mfsctl: please report it"))
    }
}
