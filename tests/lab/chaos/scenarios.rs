//! Every fault, each with its own way of making it.

use super::arena::{Arena, BLUR, Moves, Roles, Scenario, VIP, WITNESSES};
use super::operators::{mfsctl_killed, on_hold, planned_switchover, two_operators, while_resyncing};

pub type Done = Result<(), String>;

pub const ALL: &[Scenario] = &[
    scenario("planned-switchover", "mfsctl failover --yes", Moves::Yes, 120, planned_switchover),
    scenario("master-killed", "mfsmaster of the active node gets SIGKILL: started again there", Moves::No, 120, master_killed),
    scenario(
        "master-killed-twice",
        "it gets SIGKILL again as soon as it serves: the other takes over",
        Moves::Yes,
        150,
        master_killed_twice,
    ),
    scenario("master-hangs", "mfsmaster of the active node gets SIGSTOP: killed, started again there", Moves::No, 150, master_hangs),
    scenario("master-oom", "the kernel's out-of-memory killer takes mfsmaster: started again there", Moves::No, 120, master_oom),
    scenario("active-power-cut", "the active node loses power, and gets it back when the other serves", Moves::Yes, 150, active_power_cut),
    scenario("active-rebooted", "the active node is rebooted the clean way", Moves::Yes, 120, active_rebooted),
    scenario("active-cut-off", "the active node is off the network for 40 s", Moves::Yes, 150, active_cut_off),
    scenario(
        "chunkservers-go-first",
        "the active node loses the chunkservers, a second later everything, for 40 s: chunks were made that no chunkserver heard of",
        Moves::Yes,
        150,
        chunkservers_go_first,
    ),
    scenario("masters-cut", "the masters do not hear each other for 20 s", Moves::No, 120, masters_cut),
    scenario("standby-cut-off", "the standby is off the network for 20 s", Moves::No, 120, standby_cut_off),
    scenario("standby-power-cut", "the standby loses power and gets it back", Moves::No, 150, standby_power_cut),
    scenario("standby-rebooted", "the standby is rebooted the clean way", Moves::No, 120, standby_rebooted),
    scenario("both-power-cut", "both masters lose power at once and get it back", Moves::Either, 180, both_power_cut),
    scenario("keepalived-killed", "keepalived of the active node gets SIGKILL", Moves::Either, 120, keepalived_killed),
    scenario("agent-killed", "the agent of the active node gets SIGKILL", Moves::No, 60, agent_killed),
    scenario("workers-killed", "both workers get SIGKILL, then mfsmaster does", Moves::Either, 120, workers_killed),
    scenario("disk-detached", "the active node's disk is detached from DRBD; later attached again", Moves::Yes, 150, disk_detached),
    scenario("disk-fails", "the active node's disk answers every request with an error", Moves::Yes, 150, disk_fails),
    // It is a chunkserver too. Off the network alone, without a fault of a master, it held up writes for 9.7, 10.0 and 9.9 s.
    Scenario {
        beside: 10.0,
        ..scenario("witness-off", "one witness is off the network while the active node loses power", Moves::Yes, 150, witness_off)
    },
    scenario("witnesses-off", "no witness answers for 20 s", Moves::No, 60, witnesses_off),
    Scenario { doubled: 8.0, ..scenario("vip-doubled", "somebody adds the virtual address on the standby", Moves::No, 60, vip_doubled) },
    scenario("vip-removed", "somebody removes the virtual address from the active node", Moves::Either, 120, vip_removed),
    scenario("volume-full", "the metadata volume is full for 20 s", Moves::Either, 150, volume_full),
    scenario(
        "clock-jumps",
        "the active node's clock is 10 minutes ahead, the standby's behind, then mfsmaster is killed twice",
        Moves::Yes,
        120,
        clock_jumps,
    ),
    scenario(
        "short-cut",
        "the active node is off the network for 6 s: healed inside the window of its self-fence",
        Moves::Either,
        150,
        short_cut,
    ),
    scenario(
        "overlap-healed",
        "the active node is off the network for 9 to 11 s: healed while it, frozen, and its heir may both be Primary",
        Moves::Either,
        150,
        overlap_healed,
    ),
    scenario("volume-shut-down", "the file system of the active node's volume shuts itself down", Moves::Yes, 150, volume_shut_down),
    scenario(
        "stale-standby",
        "the standby loses its disk, then both lose power, and it is back alone, with old data, for 40 s",
        Moves::No,
        180,
        stale_standby,
    ),
    scenario(
        "stale-active",
        "on hold, the active node loses its disk and goes on; both lose power, and it is back alone, with old data, for 40 s",
        Moves::Yes,
        150,
        stale_active,
    ),
    scenario("two-operators", "mfsctl failover twice at once: the second is refused and told of the first", Moves::Yes, 120, two_operators),
    scenario(
        "mfsctl-killed",
        "mfsctl gets SIGKILL at the next of ten points of a switchover, then runs again",
        Moves::Yes,
        150,
        mfsctl_killed,
    ),
    scenario("while-resyncing", "mfsctl failover while the standby resynchronises: refused", Moves::No, 120, while_resyncing),
    scenario("on-hold", "mfsmaster gets SIGKILL on hold: nothing moves; started again by the release", Moves::No, 120, on_hold),
];

const fn scenario(name: &'static str, about: &'static str, moves: Moves, bound: u64, inject: super::arena::Inject) -> Scenario {
    Scenario { name, about, moves, bound, doubled: BLUR, beside: 0.0, inject }
}

/// The scenario of that name.
pub fn by_name(name: &str) -> Scenario {
    *ALL.iter().find(|s| s.name == name).unwrap_or_else(|| panic!("no scenario {name}"))
}

fn master_killed(a: &Arena, r: &Roles) -> Done {
    forget_restart(a, &r.active)?;
    a.sh(&r.active, "pkill -KILL -x mfsmaster")?;
    a.restarted(&r.active, 90)
}

/// What was started again not long ago is not started again there: each fault begins afresh.
pub fn forget_restart(a: &Arena, node: &str) -> Done {
    a.sh(node, "rm -f /run/mfs-ha/restarted").map(drop)
}

fn master_killed_twice(a: &Arena, r: &Roles) -> Done {
    master_killed(a, r)?;
    a.sh(&r.active, "pkill -KILL -x mfsmaster")?;
    a.serves(&r.standby, 90)
}

fn master_hangs(a: &Arena, r: &Roles) -> Done {
    forget_restart(a, &r.active)?;
    a.sh(&r.active, "pkill -STOP -x mfsmaster")?;
    a.restarted(&r.active, 120)
}

/// mfsmaster asks the kernel to spare it (DISABLE_OOM_KILLER): that is taken back first.
fn master_oom(a: &Arena, r: &Roles) -> Done {
    forget_restart(a, &r.active)?;
    a.sh(&r.active, "for p in $(pgrep -x mfsmaster); do echo 1000 >/proc/$p/oom_score_adj; done; echo f >/proc/sysrq-trigger")?;
    a.restarted(&r.active, 90)
}

fn crash(a: &Arena, node: &str) -> Done {
    a.world.lab().crash(node).map(drop).map_err(|e| e.to_string())?;
    a.timeline.away(node, true);
    Ok(())
}

fn boot(a: &Arena, node: &str) -> Done {
    a.timeline.away(node, false);
    a.world.lab().boot(node).map(drop).map_err(|e| e.to_string())
}

fn active_power_cut(a: &Arena, r: &Roles) -> Done {
    crash(a, &r.active)?;
    let took_over = a.serves(&r.standby, 90);
    boot(a, &r.active)?;
    took_over
}

fn active_rebooted(a: &Arena, r: &Roles) -> Done {
    a.world.lab().reboot(&r.active).map_err(|e| e.to_string())?;
    a.serves(&r.standby, 60)
}

/// Off the network for so long, whatever happens meanwhile.
fn cut_off(a: &Arena, node: &str, seconds: u64, meanwhile: impl FnOnce() -> Done) -> Done {
    a.timeline.away(node, true);
    a.world.lab().cut(node, &[]).map_err(|e| e.to_string())?;
    let begin = std::time::Instant::now();
    let done = meanwhile();
    a.pause(seconds.saturating_sub(begin.elapsed().as_secs()));
    let healed = a.world.lab().heal(Some(node)).map_err(|e| e.to_string());
    a.timeline.away(node, false);
    done.and(healed)
}

fn active_cut_off(a: &Arena, r: &Roles) -> Done {
    cut_off(a, &r.active, 40, || a.serves(&r.standby, 90))
}

/// What the client begins in that second is nowhere but in the changelog, and has to be taken back before the start.
fn chunkservers_go_first(a: &Arena, r: &Roles) -> Done {
    // Sooner after their start chunkservers do not answer for sure.
    for chunkserver in WITNESSES {
        a.until("chunkservers are up for three minutes", 200, || a.sh(chunkserver, "[ $(cut -d. -f1 /proc/uptime) -ge 185 ]").is_ok())?;
    }
    a.world.lab().cut(&r.active, &WITNESSES).map_err(|e| e.to_string())?;
    a.pause(1);
    active_cut_off(a, r)?;
    let back = "journalctl -u moosefs-master --since -3min --no-pager | grep 'a chunk that no chunkserver has: taken back'";
    a.sh(&r.standby, back).map(drop)
}

fn masters_cut(a: &Arena, r: &Roles) -> Done {
    a.world.lab().cut(&r.active, &[&r.standby]).map_err(|e| e.to_string())?;
    a.pause(20);
    a.world.lab().heal(Some(&r.active)).map_err(|e| e.to_string())
}

fn standby_cut_off(a: &Arena, r: &Roles) -> Done {
    cut_off(a, &r.standby, 20, || Ok(()))
}

fn standby_power_cut(a: &Arena, r: &Roles) -> Done {
    crash(a, &r.standby)?;
    a.pause(10);
    boot(a, &r.standby)
}

fn standby_rebooted(a: &Arena, r: &Roles) -> Done {
    a.world.lab().reboot(&r.standby).map_err(|e| e.to_string())
}

fn both_power_cut(a: &Arena, r: &Roles) -> Done {
    crash(a, &r.active)?;
    crash(a, &r.standby)?;
    std::thread::scope(|scope| {
        let other = scope.spawn(|| boot(a, &r.standby));
        let first = boot(a, &r.active);
        first.and(other.join().unwrap_or_else(|_| Err("boot".into())))
    })
}

fn keepalived_killed(a: &Arena, r: &Roles) -> Done {
    a.sh(&r.active, "pkill -KILL -x keepalived")?;
    a.pause(15);
    Ok(())
}

fn agent_killed(a: &Arena, r: &Roles) -> Done {
    a.sh(&r.active, "systemctl kill -s KILL mfs-ha-agent")?;
    a.pause(10);
    Ok(())
}

fn workers_killed(a: &Arena, r: &Roles) -> Done {
    for node in [&r.active, &r.standby] {
        a.sh(node, "systemctl kill -s KILL mfs-ha")?;
    }
    forget_restart(a, &r.active)?;
    a.sh(&r.active, "pkill -KILL -x mfsmaster").map(drop)
}

fn disk_detached(a: &Arena, r: &Roles) -> Done {
    a.sh(&r.active, "drbdadm detach --force mfs")?;
    let moved = a.serves(&r.standby, 90);
    a.pause(3);
    // A disk is replaced by a person.
    a.sh(&r.active, "drbdadm attach mfs").map(drop).and(moved)
}

/// A device-mapper table of errors under DRBD, and the right one back again.
fn disk_fails(a: &Arena, r: &Roles) -> Done {
    let broken = "dm=$(dmsetup ls | cut -f1 | grep -v '^No' | head -n 1) && dmsetup table $dm >/root/table && \
        dmsetup reload $dm --table \"0 $(cut -d' ' -f2 /root/table) error\" && dmsetup suspend --noflush --nolockfs $dm && dmsetup resume $dm";
    a.sh(&r.active, broken)?;
    let moved = a.serves(&r.standby, 90);
    a.pause(3);
    let mended = "dm=$(dmsetup ls | cut -f1 | head -n 1) && dmsetup reload $dm /root/table && dmsetup suspend --noflush --nolockfs $dm && \
        dmsetup resume $dm && drbdadm attach mfs";
    a.sh(&r.active, mended).map(drop).and(moved)
}

fn witness_off(a: &Arena, r: &Roles) -> Done {
    let lab = a.world.lab();
    lab.cut(WITNESSES[0], &[]).map_err(|e| e.to_string())?;
    let done = active_power_cut(a, r);
    lab.heal(Some(WITNESSES[0])).map_err(|e| e.to_string()).and(done)
}

/// Only their votes: the chunkservers go on, so that the client could see any harm done.
fn witnesses_off(a: &Arena, _: &Roles) -> Done {
    for witness in WITNESSES {
        a.sh(witness, "systemctl stop mfs-witness.socket")?;
    }
    a.pause(20);
    WITNESSES.iter().try_for_each(|witness| a.sh(witness, "systemctl start mfs-witness.socket").map(drop))
}

/// The interface that holds the node's own address.
const INTERFACE: &str = "i=$(ip -o -4 addr show | sed -n 's/^[0-9]*: \\([a-z0-9]*\\) *inet 172.16.2.4[12].*/\\1/p' | head -n 1)";

fn vip_doubled(a: &Arena, r: &Roles) -> Done {
    a.sh(&r.standby, &format!("{INTERFACE}; ip addr add {VIP}/24 dev $i && (arping -q -A -c 2 -w 2 -I $i {VIP} || :)"))?;
    a.pause(5);
    Ok(())
}

fn vip_removed(a: &Arena, r: &Roles) -> Done {
    a.sh(
        &r.active,
        &format!("ip addr del $(ip -o -4 addr show | grep -o '{VIP}/[0-9]*') dev $(ip -o -4 addr show | grep '{VIP}/' | cut -d' ' -f2)"),
    )?;
    a.pause(5);
    Ok(())
}

fn volume_full(a: &Arena, r: &Roles) -> Done {
    a.world.lab().fill(&r.active, "/data/drbd", false).map_err(|e| e.to_string())?;
    a.pause(20);
    let holder = a.timeline.serving().unwrap_or_else(|| r.active.clone());
    a.world.lab().fill(&holder, "/data/drbd", true).map_err(|e| e.to_string())
}

fn clock_jumps(a: &Arena, r: &Roles) -> Done {
    let lab = a.world.lab();
    lab.shift_clock(&r.active, 600).and_then(|()| lab.shift_clock(&r.standby, -600)).map_err(|e| e.to_string())?;
    a.pause(5);
    let done = master_killed_twice(a, r);
    lab.shift_clock(&r.active, -600).and_then(|()| lab.shift_clock(&r.standby, 600)).map_err(|e| e.to_string()).and(done)
}

fn short_cut(a: &Arena, r: &Roles) -> Done {
    cut_off(a, &r.active, 6, || Ok(()))
}

fn overlap_healed(a: &Arena, r: &Roles) -> Done {
    cut_off(a, &r.active, 9 + super::arena::epoch() % 3, || Ok(()))
}

/// As after damage or an error of its log: what mfsmaster writes from then on is lost, and it does not notice.
fn volume_shut_down(a: &Arena, r: &Roles) -> Done {
    a.sh(&r.active, "xfs_io -x -c shutdown /data/drbd")?;
    a.serves(&r.standby, 90)
}

fn stale_standby(a: &Arena, r: &Roles) -> Done {
    back_alone(a, &r.standby, &r.active)
}

fn stale_active(a: &Arena, r: &Roles) -> Done {
    for node in [&r.active, &r.standby] {
        a.sh(node, "mfs-ha hold 600 chaos")?;
    }
    back_alone(a, &r.active, &r.standby)
}

/// One loses its disk, then both lose power, and it is back before the other, which alone has the newest data.
fn back_alone(a: &Arena, old: &str, newest: &str) -> Done {
    a.sh(old, "drbdadm detach --force mfs")?;
    a.until("the one with the data has the votes", 30, || a.sh(newest, "test -s /var/lib/mfs-ha/holding").is_ok())?;
    a.pause(5);
    crash(a, newest)?;
    crash(a, old)?;
    boot(a, old)?;
    a.pause(40);
    let serves = a.sh(old, "grep -q ro:Primary /proc/drbd").is_ok();
    boot(a, newest)?;
    if serves { Err(format!("{old} is Primary with old data")) } else { Ok(()) }
}
