//! Where packages come from: the MooseFS repository and its key, and ELRepo on Enterprise Linux masters.

use std::time::Duration;

use super::file::{self, ManagedFile};
use super::{Action, Outcome, Refusal, StepDef, View, pgp};
use crate::fact::file::FileFact;
use crate::fact::system::Family;
use crate::inventory::layout::storage::{APT_KEY, APT_LIST, ELREPO_KEY, ELREPO_REPO, YUM_KEY, YUM_OFFICIAL, YUM_REPO, moosefs_mirror};
use crate::inventory::model::{Mirror, MooseFsSource, Role, VersionLine};

/// Steps of this file.
pub const STEPS: &[StepDef] = &[StepDef { name: "repository", about: "Package repositories and their signing keys", plan: step }];

const FETCH: &str = include_str!("../../playbooks/files/fetch.sh");
/// Reads package lists anew; arguments: the only list of sources, apt's options.
const LISTS: &str = concat!(include_str!("../../playbooks/files/apt-lists.sh"), "sources=$1\nshift\nfresh_lists \"$@\"\n");
const KEY_PATTERN: &str = "BEGIN PGP PUBLIC KEY BLOCK";
const REFRESH: Duration = Duration::from_secs(300);
/// Package lists must be read again.
const APT_MARK: &str = "apt:update";
const YUM_MARK: &str = "yum:refresh";

/// Key of the official apt repositories.
const OFFICIAL_APT_KEY: &str = "https://repository.moosefs.com/moosefs.key";
/// Key of the official yum repositories.
const OFFICIAL_YUM_KEY: &str = "https://repository.moosefs.com/RPM-GPG-KEY-MooseFS";
/// Key of ELRepo.
const OFFICIAL_ELREPO_KEY: &str = "https://www.elrepo.org/RPM-GPG-KEY-elrepo.org";

fn step(view: &View) -> Outcome {
    let planned = match family(view) {
        Ok(Family::Apt) => apt(view),
        Ok(family @ (Family::Yum | Family::Dnf)) => rpm(view, family),
        Err(refusal) => Err(refusal),
    };
    match planned {
        Ok(actions) => Outcome::from_actions(actions, source(view)),
        Err(refusal) => Outcome::Refused(refusal),
    }
}

/// How packages are managed on this node.
///
/// # Errors
/// When mfsctl does not know the distribution.
pub fn family(view: &View) -> Result<Family, Refusal> {
    let os = &view.facts.system.os;
    os.family().ok_or_else(|| Refusal {
        found: format!(
            "{} runs {}, which mfsctl does not know",
            view.node.name,
            if os.pretty.is_empty() { "an unnamed system" } else { &os.pretty }
        ),
        fix: "use Debian, Ubuntu, or a member of the Enterprise Linux family".to_owned(),
    })
}

fn source(view: &View) -> String {
    match &view.cluster.repositories.moosefs {
        MooseFsSource::Official => "the official MooseFS repository is set up".to_owned(),
        MooseFsSource::Distribution => "packages come from the distribution".to_owned(),
        MooseFsSource::Mirror(mirror) => format!("{} is set up", shown(&mirror.url)),
    }
}

fn apt(view: &View) -> Result<Vec<Action>, Refusal> {
    let os = &view.facts.system.os;
    let mut actions = Vec::new();
    let line = match &view.cluster.repositories.moosefs {
        MooseFsSource::Distribution => {
            actions.extend(remove(view, APT_LIST));
            actions.extend(remove(view, APT_KEY));
            return Ok(actions);
        }
        MooseFsSource::Official => {
            actions.extend(fetch_key(view, APT_KEY, OFFICIAL_APT_KEY));
            format!("deb [signed-by={APT_KEY}] {} {} main\n", official_apt(view)?, os.codename)
        }
        MooseFsSource::Mirror(mirror) => {
            if let Some(key) = given_key(mirror, APT_KEY)? {
                actions.extend(file::ensure(view, key.marks(APT_MARK))?);
            }
            let signed = if mirror.key.is_some() { format!("[signed-by={APT_KEY}] ") } else { String::new() };
            let components = if mirror.suite.ends_with('/') { String::new() } else { format!(" {}", mirror.components.join(" ")) };
            format!("deb {signed}{} {}{components}\n", mirror.url, mirror.suite)
        }
    };
    let list = ManagedFile::new(APT_LIST, format!("# written by mfsctl\n{line}")).marks(APT_MARK);
    actions.extend(file::ensure(view, list)?);
    if !actions.is_empty() || view.pending.contains(APT_MARK) {
        // Only this list: other sources of the host may be out of reach, and are not our business here.
        let options = ["APT::Update::Error-Mode=any", "Acquire::Retries=2", "Acquire::http::Timeout=20"];
        let argv = ["sh", "-s", "--", APT_LIST].into_iter().chain(options.into_iter().flat_map(|o| ["-o", o]));
        let from = moosefs_mirror(view.cluster).map_or("the official MooseFS repository".to_owned(), |m| shown(&m.url));
        actions.push(Action::run(format!("read the package list of {from}"), argv).input(LISTS).within(REFRESH).clears(APT_MARK));
    }
    Ok(actions)
}

/// Base URL of the official apt repository for this distribution and version line.
fn official_apt(view: &View) -> Result<String, Refusal> {
    let os = &view.facts.system.os;
    let line = match view.cluster.moosefs.version {
        VersionLine::V2 => return Err(no_official(view, "2.0")),
        VersionLine::V3 => "3",
        VersionLine::V4 => "4",
    };
    if !matches!(os.id.as_str(), "debian" | "ubuntu") || os.codename.is_empty() {
        return Err(no_official(view, line));
    }
    Ok(format!("http://repository.moosefs.com/moosefs-{line}/apt/{}/{}", os.id, os.codename))
}

fn no_official(view: &View, line: &str) -> Refusal {
    Refusal {
        found: format!("there is no official repository of MooseFS {line} for {}", view.facts.system.os.pretty),
        fix: "choose another moosefs.version, or set repositories.moosefs to distribution or to a mirror".to_owned(),
    }
}

fn rpm(view: &View, family: Family) -> Result<Vec<Action>, Refusal> {
    let mut actions = Vec::new();
    match &view.cluster.repositories.moosefs {
        MooseFsSource::Distribution => actions.extend(remove(view, YUM_REPO)),
        MooseFsSource::Official => {
            let url = official_yum(view)?;
            actions.extend(fetched_and_imported(view, YUM_KEY, OFFICIAL_YUM_KEY));
            let there = view.facts.files.content(YUM_OFFICIAL).is_some_and(|text| text.contains("baseurl"));
            if !there {
                actions.push(fetch(format!("fetch {url} to {YUM_OFFICIAL}"), &url, YUM_OFFICIAL, "^gpgcheck *= *1"));
            }
            actions.extend(remove(view, YUM_REPO));
        }
        MooseFsSource::Mirror(mirror) => {
            actions.extend(given_and_imported(view, mirror, YUM_KEY)?);
            actions.extend(file::ensure(view, repo_file(YUM_REPO, "mfsctl-moosefs", "MooseFS", mirror, YUM_KEY))?);
        }
    }
    if view.node.is(Role::Master) && view.cluster.repositories.elrepo {
        actions.extend(elrepo(view, family)?);
    }
    // Lists of a repository that moved must not be served from the cache; a mirror that cannot be reached is told here.
    let ours = actions.iter().any(|a| matches!(&a.kind, super::ActionKind::Write(w) if w.marks.iter().any(|m| m == YUM_MARK)));
    if ours || view.pending.contains(YUM_MARK) {
        let argv = [tool(family), "-q", "--disablerepo=*", "--enablerepo=mfsctl-*", "makecache"];
        actions.push(Action::run("read the package lists of the mirrors", argv).within(REFRESH).clears(YUM_MARK));
    }
    Ok(actions)
}

/// Name of the package tool.
#[must_use]
pub fn tool(family: Family) -> &'static str {
    match family {
        Family::Apt => "apt-get",
        Family::Yum => "yum",
        Family::Dnf => "dnf",
    }
}

/// URL of the official `.repo` file.
fn official_yum(view: &View) -> Result<String, Refusal> {
    let major = view.facts.system.os.major();
    match (view.cluster.moosefs.version, major) {
        (VersionLine::V2, 6 | 7) => Ok(format!("http://ppa.moosefs.com/MooseFS-2-el{major}.repo")),
        (VersionLine::V3, 6) => Ok("http://ppa.moosefs.com/MooseFS-3-el6.repo".to_owned()),
        (VersionLine::V3, 7..=9) => Ok(format!("https://repository.moosefs.com/MooseFS-3-el{major}.repo")),
        (VersionLine::V4, 7..=9) => Ok(format!("https://repository.moosefs.com/MooseFS-4-el{major}.repo")),
        (VersionLine::V2, _) => Err(no_official(view, "2.0")),
        (VersionLine::V3, _) => Err(no_official(view, "3")),
        (VersionLine::V4, _) => Err(no_official(view, "4")),
    }
}

/// DRBD for Enterprise Linux, whose kernels come without it.
fn elrepo(view: &View, family: Family) -> Result<Vec<Action>, Refusal> {
    if let Some(mirror) = &view.cluster.repositories.elrepo_mirror {
        let mut actions = given_and_imported(view, mirror, ELREPO_KEY)?;
        actions.extend(file::ensure(view, repo_file(ELREPO_REPO, "mfsctl-elrepo", "ELRepo", mirror, ELREPO_KEY))?);
        return Ok(actions);
    }
    let mut actions = fetched_and_imported(view, ELREPO_KEY, OFFICIAL_ELREPO_KEY);
    if view.facts.packages.version("elrepo-release").is_none() {
        let major = view.facts.system.os.major();
        let file = format!("elrepo-release-{major}.el{major}.elrepo.noarch.rpm");
        let argv = [tool(family), "-y", "-q", "install", &format!("https://www.elrepo.org/{file}")];
        actions.push(Action::run("install elrepo-release", argv).within(REFRESH));
    }
    Ok(actions)
}

/// Enterprise Linux 8 and later skip repositories that cannot be reached, silently: not this one.
fn repo_file(path: &str, id: &str, name: &str, mirror: &Mirror, key: &str) -> ManagedFile {
    let key = if mirror.key.is_some() { format!("gpgkey=file://{key}\n") } else { String::new() };
    let text = format!(
        "# written by mfsctl\n[{id}]\nname={name} (mirror)\nbaseurl={}\nenabled=1\ngpgcheck=1\nskip_if_unavailable=0\n{key}",
        mirror.url
    );
    ManagedFile::new(path, text).marks(YUM_MARK)
}

/// The mirror's key as a file, when the inventory gives one.
fn given_key(mirror: &Mirror, path: &str) -> Result<Option<ManagedFile>, Refusal> {
    let Some(key) = &mirror.key else { return Ok(None) };
    if pgp::created(key).is_none() {
        return Err(Refusal {
            found: format!("the key given for {} is not an ASCII armoured public key", shown(&mirror.url)),
            fix: "export it with: gpg --armor --export KEYID > key.asc".to_owned(),
        });
    }
    Ok(Some(ManagedFile::new(path, format!("{}\n", key.trim_end()))))
}

fn given_and_imported(view: &View, mirror: &Mirror, path: &str) -> Result<Vec<Action>, Refusal> {
    let Some(key) = given_key(mirror, path)? else { return Ok(Vec::new()) };
    let text = key.content.clone();
    let mark = import_mark(path);
    let mut actions: Vec<Action> = file::ensure(view, key.marks(mark))?.into_iter().collect();
    if !actions.is_empty() || !imported(view, &text, path) {
        actions.push(import(path));
    }
    Ok(actions)
}

fn fetched_and_imported(view: &View, path: &str, url: &str) -> Vec<Action> {
    let mut actions: Vec<Action> = fetch_key(view, path, url).into_iter().collect();
    let text = view.facts.files.content(path).unwrap_or_default();
    if !actions.is_empty() || !imported(view, text, path) {
        actions.push(import(path));
    }
    actions
}

/// Whether rpm knows the key: it names keys by their time of creation.
fn imported(view: &View, key: &str, path: &str) -> bool {
    let Some(created) = pgp::created(key) else { return false };
    let suffix = format!("-{created:x}");
    !view.pending.contains(&import_mark(path)) && view.facts.packages.rpm_keys.iter().any(|k| k.ends_with(&suffix))
}

fn import_mark(path: &str) -> String {
    format!("rpm-import:{}", path.rsplit('/').next().unwrap_or(path))
}

fn import(path: &str) -> Action {
    Action::run(format!("import {path} into rpm"), ["rpm", "--import", path]).clears(import_mark(path))
}

fn fetch_key(view: &View, path: &str, url: &str) -> Option<Action> {
    let there = view.facts.files.content(path).is_some_and(|text| pgp::created(text).is_some());
    (!there).then(|| fetch(format!("fetch the signing key from {url} to {path}"), url, path, KEY_PATTERN))
}

fn fetch(title: String, url: &str, path: &str, pattern: &str) -> Action {
    Action::run(title, ["sh", "-s", "--", url, path, pattern]).input(FETCH).within(REFRESH)
}

/// Takes away what an earlier choice of repository left.
fn remove(view: &View, path: &str) -> Option<Action> {
    matches!(view.facts.files.get(path), Some(FileFact::Regular { .. }))
        .then(|| Action::run(format!("remove {path}"), ["rm", "-f", "--", path]))
}

/// A URL without the login it may carry.
#[must_use]
pub fn shown(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (host, path) = rest.split_once('/').map_or((rest, None), |(host, path)| (host, Some(path)));
    let host = host.rsplit('@').next().unwrap_or(host);
    path.map_or_else(|| format!("{scheme}://{host}"), |path| format!("{scheme}://{host}/{path}"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
#[path = "repository_tests.rs"]
mod tests;
