//! Which texts are safe where: names, paths and secrets end up in configuration
//! files, fstab lines and device paths, whose formats cannot quote everything.
//!
//! A rule is `Err(what is allowed)`.

use std::net::Ipv4Addr;

/// What a rule says of a text.
pub type Verdict = Result<(), &'static str>;

fn only(text: &str, extra: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || extra.contains(c))
}

fn when(fine: bool, rule: &'static str) -> Verdict {
    if fine { Ok(()) } else { Err(rule) }
}

/// A host name: RFC 1123 labels.
pub fn host_name(text: &str) -> Verdict {
    let label = |l: &str| !l.is_empty() && l.len() <= 63 && only(l, "-") && !l.starts_with('-') && !l.ends_with('-');
    let numeric = text.rsplit('.').next().is_some_and(|l| l.chars().all(|c| c.is_ascii_digit()));
    when(
        text.len() <= 253 && text.split('.').all(label) && !numeric,
        "a host name has letters, digits and hyphens, at most 63 between dots, starts and ends with a letter or digit, and is not a number",
    )
}

/// Name of the cluster or of a tenant: safe in file names.
pub fn plain_name(text: &str) -> Verdict {
    when(
        text.len() <= 63 && only(text, "._-") && text.starts_with(|c: char| c.is_ascii_alphanumeric()),
        "use letters, digits, `.`, `_` and `-`, starting with a letter or digit, at most 63",
    )
}

/// Name of a volume group or logical volume (lvm(8), VALID NAMES).
pub fn lvm_name(text: &str) -> Verdict {
    let reserved = matches!(text, "." | ".." | "snapshot" | "pvmove")
        || ["_mlog", "_mimage", "_rimage", "_rmeta", "_tdata", "_tmeta", "_cdata", "_cmeta"].iter().any(|r| text.contains(r));
    when(
        !text.is_empty() && text.len() <= 127 && only(text, "+_.-") && !text.starts_with('-') && !reserved,
        "LVM names have letters, digits, `+`, `_`, `.` and `-`, do not start with `-`, and are not reserved words",
    )
}

/// `vg/lv`.
pub fn lvm_pair(text: &str) -> Verdict {
    match text.split_once('/') {
        Some((vg, lv)) => lvm_name(vg).and_then(|()| lvm_name(lv)),
        None => Err("write `vg/lv`"),
    }
}

/// Name of a DRBD resource.
pub fn drbd_name(text: &str) -> Verdict {
    when(
        text.len() <= 60 && only(text, "_-") && text.starts_with(|c: char| c.is_ascii_alphabetic()) && text != "all",
        "a resource name has letters, digits, `_` and `-`, starts with a letter, and is not `all`",
    )
}

/// `/dev/drbdN`: the minor number is read from it.
pub fn drbd_device(text: &str) -> Verdict {
    let minor = text.strip_prefix("/dev/drbd").filter(|n| n.len() <= 3 && n.chars().all(|c| c.is_ascii_digit()));
    when(minor.and_then(|n| n.parse::<u16>().ok()).is_some_and(|n| n <= 255), "write /dev/drbd0 … /dev/drbd255")
}

/// DRBD's notation of a rate: digits and an optional K, M or G.
pub fn drbd_rate(text: &str) -> Verdict {
    let number = text.strip_suffix(['K', 'M', 'G', 'k', 'm', 'g']).unwrap_or(text);
    when(number.parse::<u32>().is_ok_and(|n| n > 0) && only(number, ""), "write a rate in bytes per second like 200M")
}

/// An absolute path that fits into fstab, mfshdd.cfg and mfsexports.cfg as it is.
pub fn path(text: &str) -> Verdict {
    let components = || text.split('/').skip(1);
    when(
        text.starts_with('/')
            && text.len() <= 1000
            && only(text, "/._-+@=")
            && (text == "/" || components().all(|c| !c.is_empty() && c != "." && c != "..")),
        "use an absolute path of letters, digits and `. _ - + @ =`, without `..`, `//` or a final `/`",
    )
}

/// An absolute path that is not the root directory or one of the system's own.
pub fn mount_path(text: &str) -> Verdict {
    path(text)?;
    let system = [
        "/", "/bin", "/boot", "/dev", "/etc", "/home", "/lib", "/lib64", "/mnt", "/opt", "/proc", "/root", "/run", "/sbin", "/srv", "/sys",
        "/tmp", "/usr", "/var",
    ];
    let inside = ["/dev/", "/proc/", "/sys/", "/etc/", "/boot/", "/usr/"].iter().any(|p| text.starts_with(p));
    when(!system.contains(&text) && !inside, "this directory belongs to the system: use one of its own, e.g. /mnt/mfs")
}

/// A block device.
pub fn device(text: &str) -> Verdict {
    let fine = text
        .strip_prefix("/dev/")
        .is_some_and(|rest| only(rest, "/._-+:@=") && rest.split('/').all(|c| !c.is_empty() && c != "." && c != ".."));
    when(fine, "write a device under /dev, e.g. /dev/sdb or /dev/disk/by-id/…")
}

/// A directory name without slashes.
pub fn directory_name(text: &str) -> Verdict {
    when(
        !text.contains('/') && path(&format!("/{text}")).is_ok() && !text.is_empty(),
        "one directory name of letters, digits and `. _ - + @ =`",
    )
}

/// Name of a network interface (the kernel's IFNAMSIZ: 15 characters).
pub fn interface(text: &str) -> Verdict {
    when(!text.is_empty() && text.len() <= 15 && only(text, "._-@:"), "an interface name has at most 15 letters, digits and `. _ - @ :`")
}

/// A login name.
pub fn login(text: &str) -> Verdict {
    when(
        !text.is_empty() && text.len() <= 64 && only(text, "._-@\\$") && !text.starts_with('-'),
        "a login name has letters, digits and `. _ - @`",
    )
}

/// A host name or an address.
pub fn host(text: &str) -> Verdict {
    let address = text.parse::<std::net::IpAddr>().is_ok();
    when(address || host_name(text).is_ok(), "write a host name or an address")
}

/// `[user@]host[:port]`
pub fn jump(text: &str) -> Verdict {
    let (user, rest) = text.rsplit_once('@').map_or((None, text), |(u, r)| (Some(u), r));
    let (name, port) = rest.rsplit_once(':').map_or((rest, None), |(h, p)| (h, Some(p)));
    let fine = user.is_none_or(|u| login(u).is_ok()) && port.is_none_or(|p| p.parse::<u16>().is_ok_and(|p| p > 0)) && host(name).is_ok();
    when(fine, "write [user@]host[:port]")
}

/// `user:group`, by name or number.
pub fn owner(text: &str) -> Verdict {
    let name = |n: &str| !n.is_empty() && n.len() <= 32 && only(n, "._-") && !n.starts_with('-');
    let fine = text.split_once(':').map_or_else(|| name(text), |(u, g)| name(u) && name(g));
    when(fine, "write user:group or uid:gid")
}

/// Name of a daemon setting.
pub fn setting_key(text: &str) -> Verdict {
    let fine = !text.is_empty() && text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    when(fine, "settings are written in capitals, digits and `_`, e.g. WORKER_THREADS")
}

/// Value of a daemon setting: one line, and `#` would start a comment.
pub fn setting_value(text: &str) -> Verdict {
    when(!text.contains('#') && text.trim() == text && !text.is_empty(), "a value is one line without `#`, and not blank")
}

/// A URL that fits into a package manager's source line.
pub fn url(text: &str) -> Verdict {
    let rest = ["http://", "https://", "file:///", "ftp://"].iter().find_map(|s| text.strip_prefix(s));
    when(rest.is_some_and(|r| !r.is_empty() && only(r, "-._~:/?@!$&()*+,;=%")), "write http://host/path, https://… or file:///…")
}

/// A webhook's address.
pub fn webhook(text: &str) -> Verdict {
    let rest = ["http://", "https://"].iter().find_map(|s| text.strip_prefix(s));
    when(rest.is_some_and(|r| !r.is_empty() && only(r, "-._~:/?@!$&()*+,;=%#")), "a webhook is an http:// or https:// address on one line")
}

/// A mail address.
pub fn mail(text: &str) -> Verdict {
    let fine = text
        .split_once('@')
        .is_some_and(|(user, host)| !user.is_empty() && !user.starts_with('-') && only(user, "._%+-=") && host_name(host).is_ok());
    when(fine, "write a plain address, user@host")
}

/// An apt suite or component.
pub fn apt_word(text: &str) -> Verdict {
    when(!text.is_empty() && only(text, "._-/+~"), "use letters, digits and `. _ - / + ~`")
}

/// A mount option: fstab parts options with commas and fields with blanks.
pub fn mount_option(text: &str) -> Verdict {
    when(!text.is_empty() && only(text, "._-+=:/@%"), "an option has no blanks, commas, quotes or `#`; write one item for each")
}

/// An option of mfsexports.cfg.
pub fn export_option(text: &str) -> Verdict {
    when(!text.is_empty() && only(text, "._-+=:"), "an option has no blanks, quotes or `#`; write one item for each")
}

/// A network as mfsexports.cfg and mfstopology.cfg write it, as first and last address.
#[must_use]
pub fn network(text: &str) -> Option<(u32, u32)> {
    if text == "*" {
        return Some((0, u32::MAX));
    }
    let address = |t: &str| t.parse::<Ipv4Addr>().ok().map(u32::from);
    if let Some((from, to)) = text.split_once('-') {
        return Some((address(from)?, address(to)?)).filter(|(from, to)| from <= to);
    }
    let Some((net, prefix)) = text.split_once('/') else { return address(text).map(|a| (a, a)) };
    let mask = match prefix.parse::<u32>() {
        Ok(bits) if bits <= 32 && only(prefix, "") => u32::MAX.checked_shl(32 - bits).unwrap_or(0),
        Ok(_) => return None,
        Err(_) => address(prefix).filter(|m| m.leading_ones() + m.trailing_zeros() >= 32)?,
    };
    let net = address(net)?;
    Some((net & mask, net | !mask))
}

fn graphic(text: &str, without: &str) -> bool {
    text.chars().all(|c| c.is_ascii_graphic() && !without.contains(c))
}

/// DRBD's shared-secret: at most 64 characters, inside double quotes.
pub fn drbd_secret(text: &str) -> Verdict {
    when(text.len() <= 64 && graphic(text, "\"\\"), "a DRBD secret has at most 64 printable ASCII characters, no blanks, `\"` or `\\`")
}

/// AUTH_CODE: the rest of a line of a .cfg file, where `#` starts a comment.
pub fn auth_code(text: &str) -> Verdict {
    when(text.len() <= 255 && graphic(text, "#"), "an AUTH_CODE has printable ASCII characters, no blanks and no `#`")
}

/// A password of mfsexports.cfg, which parts options with commas.
pub fn export_password(text: &str) -> Verdict {
    when(
        text.len() <= 255 && graphic(text, ",#"),
        "an export password has printable ASCII characters, no blanks, commas or `#`: mfsexports.cfg cannot carry them",
    )
}

/// A VRRP password: keepalived keeps 8 characters and reads `"`, `!`, `#`, `$`, `@`, `~`, `\` and braces its own way.
pub fn vrrp_password(text: &str) -> Verdict {
    when(text.len() <= 8, "keepalived uses only the first 8 characters: choose at most 8")?;
    when(graphic(text, "\"'!#$@~\\{}"), "a VRRP password has letters, digits and simple signs, no blanks or any of `\" ' ! # $ @ ~ \\ { }`")
}

/// The witnesses' secret: also a shell assignment on the nodes.
pub fn witness_secret(text: &str) -> Verdict {
    when(
        (8..=128).contains(&text.len()) && only(text, ".,_+/=:@%^~-"),
        "a witness secret has 8 to 128 letters, digits and `. , _ + / = : @ % ^ ~ -`",
    )
}

/// Login at a mail server: curl parts it from the password at the first colon.
pub fn smtp_user(text: &str) -> Verdict {
    when(!text.is_empty() && text.len() <= 255 && !text.contains(':'), "a user of a mail server has no colon")
}

/// A bearer token (RFC 6750): one word.
pub fn token(text: &str) -> Verdict {
    when(text.len() <= 4096 && graphic(text, ""), "a token is one word of printable ASCII characters")
}

/// A header of a request: `Name: value`.
pub fn header(text: &str) -> Verdict {
    let fine = text.split_once(':').is_some_and(|(name, value)| {
        !name.is_empty() && only(name, "!#$%&'*+-.^_`|~") && !value.trim().is_empty() && !value.chars().any(char::is_control)
    });
    when(fine && text.len() <= 4096, "write `Name: value` on one line")
}

/// Certificates as PEM.
pub fn certificates(text: &str) -> Verdict {
    let whole = text.matches("-----BEGIN CERTIFICATE-----").count();
    let fine = whole > 0 && whole == text.matches("-----END CERTIFICATE-----").count() && !text.contains("PRIVATE KEY");
    when(fine && text.is_ascii(), "write PEM: `-----BEGIN CERTIFICATE-----` … `-----END CERTIFICATE-----`, no private key")
}

/// Any other password: one line.
pub fn password(text: &str) -> Verdict {
    when(text.len() <= 1024 && !text.chars().any(char::is_control), "a password is one line")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for good in ["node1", "a", "n-1.example.com", "3com"] {
            assert!(host_name(good).is_ok(), "{good}");
        }
        for bad in ["", "-a", "a-", "a b", "a_b", "a..b", "10.0.0.1", "7", "é", &"a".repeat(64), "a;b", "a/b"] {
            assert!(host_name(bad).is_err(), "{bad}");
        }
        assert!(lvm_name("vgdrbr").is_ok() && lvm_name("-x").is_err() && lvm_name("a b").is_err() && lvm_name("snapshot").is_err());
        assert!(drbd_name("mfs").is_ok() && drbd_name("all").is_err() && drbd_name("1x").is_err());
        assert!(drbd_device("/dev/drbd0").is_ok() && drbd_device("/dev/drbd").is_err() && drbd_device("/dev/drbd256").is_err());
        assert!(jump("root@gw.example:2222").is_ok() && jump("gw").is_ok() && jump("gw;x").is_err() && jump("gw:0").is_err());
        assert!(mail("ops@example.com").is_ok() && mail("ops").is_err() && mail("-x@example.com").is_err());
    }

    #[test]
    fn paths() {
        for good in ["/data/drbd", "/mnt/mfs1", "/"] {
            assert!(path(good).is_ok(), "{good}");
        }
        for bad in ["", "data", "/a/../b", "/a//b", "/a/", "/a b", "/a#b", "/a,b", "/a\\040b", "/./a", "/a'b", "/a$b"] {
            assert!(path(bad).is_err(), "{bad}");
        }
        assert!(mount_path("/mnt").is_err() && mount_path("/etc/x").is_err() && mount_path("/mnt/mfs").is_ok());
        assert!(device("/dev/ubdb").is_ok() && device("/dev/../etc").is_err() && device("sdb").is_err());
    }

    #[test]
    fn networks() {
        let ip = |t: &str| t.parse::<Ipv4Addr>().map(u32::from).unwrap_or_default();
        assert_eq!(network("*"), Some((0, u32::MAX)));
        assert_eq!(network("10.0.0.7/24"), Some((ip("10.0.0.0"), ip("10.0.0.255"))));
        assert_eq!(network("10.0.0.0/255.255.255.0"), Some((ip("10.0.0.0"), ip("10.0.0.255"))));
        assert_eq!(network("10.0.0.1-10.0.0.9"), Some((ip("10.0.0.1"), ip("10.0.0.9"))));
        assert_eq!(network("0.0.0.0/0"), Some((0, u32::MAX)));
        for bad in ["", "10.0.0", "10.0.0.1/33", "10.0.0.9-10.0.0.1", "host", "10.0.0.0/255.0.255.0", "10.0.0.0/+8"] {
            assert_eq!(network(bad), None, "{bad}");
        }
    }

    #[test]
    fn secrets() {
        assert!(vrrp_password("12345678").is_ok() && vrrp_password("123456789").is_err());
        assert!(export_password("a,b").is_err() && export_password("a b").is_err() && export_password("a#b").is_err());
        assert!(auth_code("a#b").is_err() && auth_code("a,b").is_ok());
    }
}
