//! The shell that asks.

use super::NAME;
use crate::fact::Question;
use crate::fact::mount::BOUNDED;
use crate::inventory::layout::moosefs as layout;
use crate::inventory::model::{Cluster, Node, Role};
use crate::remote::shell;

/// Seconds a mount may take to answer before it counts as hung.
const MOUNT_LIMIT: u32 = 3;

/// Asks for what the node's roles make interesting.
#[must_use]
pub fn ask(cluster: &Cluster, node: &Node) -> Question {
    let mut script = String::from(
        "section() { echo \"== $1\"; }\n\
         section uptime; read -r up rest </proc/uptime; echo \"$up\"\n",
    );
    let daemons = "^[0-9]+ \\((mfsmaster|mfschunkserver|mfsmetalogger|mfscgiserv|mfsgui|mfsmount)\\) ";
    if node.is(Role::Master) {
        let (loggers, servers) =
            (layout::master_port(cluster, "MATOML_LISTEN_PORT", 9419), layout::master_port(cluster, "MATOCS_LISTEN_PORT", 9420));
        let peers = format!("^ *[0-9]+: [0-9A-F]+:({loggers:04X}|{servers:04X}) [0-9A-F]+:[0-9A-F]+ 01 ");
        script += &format!("section kernel; grep -hsE '{daemons}|{peers}' /proc/[0-9]*/stat /proc/net/tcp /proc/net/tcp6\n");
    } else {
        script += &format!("section kernel; grep -hsE '{daemons}' /proc/[0-9]*/stat\n");
    }
    let mut globs = Vec::new();
    let mut headers = Vec::new();
    if node.is(Role::Master) {
        let data = cluster.data_path();
        globs.push(format!("{}/*", shell::quote(&cluster.mount_point)));
        globs.push(format!("{}/*", shell::quote(&data)));
        globs.push(format!("{}/.mfsctl*", shell::quote(&data)));
        headers.extend([format!("{data}/metadata.mfs"), format!("{data}/metadata.mfs.back")]);
        headers.extend(["metadata.mfs", "metadata.mfs.back"].map(|name| format!("{}/{name}", layout::DATA_DIR)));
        globs.push("/usr/share/moosefs-cgi/*.cgi /usr/share/mfscgi/*.cgi".to_owned());
    }
    if node.is(Role::Metalogger) {
        let dir = layout::metalogger_dir(node);
        globs.push(format!("{0}/*_ml*", shell::quote(dir)));
        headers.push(format!("{dir}/metadata_ml.mfs.back"));
        // The newest file is begun with the first change of an hour; a line may be longer than anything that is to be read here.
        // What the master changed before the metalogger came back to it is only in what was downloaded beside the metadata.
        script += &format!(
            "section last; set --; for l in changelog_ml changelog_ml_back; do for f in {0}/$l.0.mfs {0}/$l.1.mfs; do \
             [ -s \"$f\" ] || continue; set -- \"$@\" \"$f\"; break; done; done; [ $# -eq 0 ] || tail -n 1 -- \"$@\" | cut -c1-48\n",
            shell::quote(dir)
        );
    }
    let disks: Vec<&str> = node.disks.iter().map(|d| d.path.as_str()).collect();
    globs.extend(disks.iter().map(|d| shell::quote(d)));
    if !globs.is_empty() {
        script += &format!("section stat; stat -L -c '%F|%a|%U|%s|%Y|%n' -- {} 2>/dev/null\n", globs.join(" "));
    }
    if !headers.is_empty() {
        let files = shell::join(&headers);
        script += &format!("section headers; for f in {files}; do [ -f \"$f\" ] && {{ echo \"$f\"; od -An -v -tx1 -N24 \"$f\"; }}; done\n");
    }
    if !disks.is_empty() {
        script += &disk_part(&disks);
    }
    if node.is(Role::Client) {
        script += &client_part(cluster, node);
    }
    script += ":\n";
    Question { name: NAME.to_owned(), script }
}

fn disk_part(disks: &[&str]) -> String {
    let list = shell::join(disks);
    format!(
        "section space; stat -f -c '%S|%b|%a|%n' -- {list} 2>/dev/null\n\
         section contents; for d in {list}; do\n\
         if [ -e \"$d/.metaid\" ] || [ -e \"$d/.lock\" ]; then echo \"used|$d\"; continue; fi\n\
         n=0; for e in \"$d\"/*; do case ${{e##*/}} in '*'|lost+found|[0-9A-F][0-9A-F]) ;; *) echo \"foreign|$d|${{e##*/}}\"; n=$((n+1)); [ $n -lt 3 ] || break ;; esac; done\n\
         done\n"
    )
}

fn client_part(cluster: &Cluster, node: &Node) -> String {
    let paths: Vec<&str> = node.mounts.iter().map(|m| m.path.as_str()).collect();
    let list = shell::join(&paths);
    let mut script = format!(
        "{BOUNDED}section answers; seen=$(grep '^mfs\\\\043' /proc/mounts)\n\
         set --; for m in {list}; do case $seen in *\" $m fuse\"*) set -- \"$@\" \"$m\" ;; esac; done\n\
         [ $# -eq 0 ] || bounded {MOUNT_LIMIT} stat -f -c '%S|%b|%a|%n' -- \"$@\" || {{\n\
         for m do (bounded {MOUNT_LIMIT} stat -f -c '%S|%b|%a|%n' -- \"$m\" || echo \"no answer|$m\") & done; wait\n\
         }}\n"
    );
    let root = node.mounts.iter().find(|m| m.present && m.folder == "/");
    if let (Some(root), true, false) = (root, layout::makes_tenants(cluster, node), cluster.tenants.is_empty()) {
        let folders: Vec<String> = cluster.tenants.iter().map(|t| format!("{}{}", root.path, t.folder)).collect();
        let mount = shell::quote(&root.path);
        script += &format!(
            "section tenants; echo {mount}; case $seen in *\" \"{mount}\" fuse\"*) bounded {MOUNT_LIMIT} stat -c '%a|%u:%g|%U:%G|%n' -- {}; echo \"status $?\" ;; esac\n",
            shell::join(&folders)
        );
        let settings: Vec<String> =
            cluster.tenants.iter().filter(|t| t.has_settings()).map(|t| format!("{}{}", root.path, t.folder)).collect();
        if !settings.is_empty() {
            let list = shell::join(&settings);
            script += &format!(
                "case $seen in *\" \"{mount}\" fuse\"*)\n\
                 section goals; bounded {MOUNT_LIMIT} mfsgetgoal {list}\n\
                 section trashtimes; bounded {MOUNT_LIMIT} mfsgettrashtime {list}\n\
                 section quotas; bounded {MOUNT_LIMIT} mfsgetquota -n {list}\n;;\nesac\n"
            );
        }
    }
    script
}
