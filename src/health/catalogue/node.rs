//! Findings about any node: reachability, clock, names, ports, files, packages.

super::entries! {
    MASTER_UNREACHABLE: Critical "master-unreachable", "a master cannot be asked",
        "Nothing is known of it: it may be dead, or serve on.",
        "See that it runs and that ssh reaches it.";
    NODE_UNREACHABLE: Warning "node-unreachable", "a node cannot be asked",
        "Nothing is known of it.",
        "See that it runs and that ssh reaches it.";
    NOT_EXAMINED: Warning "not-examined", "a node answered the survey but could not be examined further",
        "Ports, units and names there are not known.",
        "Run `mfsctl doctor` again; if it stays, see what it says.";
    HOSTNAME_DIFFERS: Critical "hostname-differs", "a master's own name is not the one in DRBD's configuration",
        "drbdadm does not find its own section: `'mfs' not defined in your config (for this host)`.",
        "`hostnamectl set-hostname NAME`, or rename the node in the inventory and provision again.";
    CLOCK_SKEW: Warning "clock-skew", "a node's clock is off",
        "Changelogs carry whole seconds: beyond two, logs and copies of two nodes cannot be put in order any more, and change times mislead.",
        "Start a time service there (chrony, systemd-timesyncd) and let it step the clock.";
    VIP_NAME_WRONG: Critical "vip-name-wrong", "a node does not find the virtual address by its name",
        "Its daemons and mounts look for the master there: they find another machine, or none.",
        "`mfsctl provision --limit NODE --only names`.";
    MASTER_HOST_DIFFERS: Warning "master-host-differs", "a daemon is told another master than the virtual address",
        "After a takeover it stays with a machine that does not serve any more.",
        "`mfsctl provision` writes its configuration again.";
    PORT_CLOSED: Warning "port-closed", "a port that should be open refuses",
        "The machine is reached, and nobody listens there (or its firewall says no with a reset).",
        "See whether the daemon runs and which address it binds (`ss -ltn`), then the firewall of that machine.";
    PORT_BLOCKED: Critical "port-blocked", "a port is not reached",
        "No answer in time, or a firewall's no: the connection this role needs cannot be made.",
        "Open the port in the firewalls between these nodes.";
    VRRP_FILTERED: Notice "vrrp-filtered", "a master's firewall seems to drop VRRP",
        "Without each other's adverts both masters are elected.",
        "Let protocol 112 in from the other master (and multicast 224.0.0.18, where that is used).";
    MTU_DIFFERS: Warning "mtu-differs", "the nodes' interfaces differ in MTU",
        "Large packets are lost on the way to the smaller ones: connections open and then hang.",
        "Give all interfaces of the cluster's network the same MTU.";
    MTU_PATH: Critical "mtu-path", "packets of full size do not pass between the masters",
        "Small ones do, so that everything looks connected; replication hangs under load.",
        "Lower the MTU, or let the switch pass that size.";
    NODE_FULL: Critical "node-full", "a system disk is full",
        "Daemons cannot write logs, state or votes; a takeover may fail on it.",
        "Free space there.";
    NODE_LOW: Warning "node-low", "a system disk is nearly full",
        "Daemons cannot write soon; upgrades are refused.",
        "Free space there.";
    SECRET_READABLE: Warning "secret-readable", "a file with a secret is readable for everybody",
        "Every user of that machine knows the cluster's passwords.",
        "`chmod o-rwx` it; `mfsctl doctor --fix` does it. Change the secret when strangers could log in there.";
    PASSWORD_IN_FSTAB: Warning "password-in-fstab", "a password of an export stands in fstab",
        "fstab is readable for everybody.",
        "`mfsctl provision --limit NODE --only clients` puts mounts of the inventory into files of their own; take foreign lines out by hand.";
    NOT_AT_BOOT: Warning "not-at-boot", "a daemon would not start at boot",
        "After the next boot it is missing.",
        "`systemctl enable` it; `mfsctl doctor --fix` does it.";
    UNITS_STALE: Notice "units-stale", "systemd has not read a changed unit file",
        "It works by the old one until then.",
        "`systemctl daemon-reload`; `mfsctl doctor --fix` does it.";
    LEFTOVERS: Notice "leftovers", "a temporary file of an interrupted run is left",
        "It may hold half a configuration with its secrets; nobody reads it.",
        "`mfsctl doctor --fix` removes it.";
    WORK_UNFINISHED: Notice "work-unfinished", "a change was written and its daemon was not told",
        "A run was interrupted: the daemon still works by the old settings.",
        "Run `mfsctl provision` again: it goes on where it stopped.";
    DRIFT: Notice "drift", "a node is not as the inventory says",
        "Somebody changed it by hand, or the inventory changed and nobody provisioned.",
        "`mfsctl provision --dry-run --diff` shows it, `mfsctl provision` makes it so.";
    PROVISION_REFUSES: Warning "provision-refuses", "provision would refuse to go on",
        "Something stands in the way that it must not decide.",
        "See what it found, and its fix.";
}
