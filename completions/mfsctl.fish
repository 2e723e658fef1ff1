# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_mfsctl_global_optspecs
    string join \n i/inventory= format= color= v/verbose accept-new-host-keys age-identity= jobs= h/help V/version
end

function __fish_mfsctl_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_mfsctl_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_mfsctl_using_subcommand
    set -l cmd (__fish_mfsctl_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c mfsctl -n "__fish_mfsctl_needs_command" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_needs_command" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_needs_command" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_needs_command" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_needs_command" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_needs_command" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_needs_command" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_needs_command" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_needs_command" -f -a "provision" -d 'Turn bare servers into the cluster the inventory describes'
complete -c mfsctl -n "__fish_mfsctl_needs_command" -f -a "status" -d 'Show how the cluster is, and what to do about what is wrong'
complete -c mfsctl -n "__fish_mfsctl_needs_command" -f -a "doctor" -d 'Look for every known fault, and say how each is mended'
complete -c mfsctl -n "__fish_mfsctl_needs_command" -f -a "ok-to-stop" -d 'Say whether nodes may stop now, all of them together, and what would suffer'
complete -c mfsctl -n "__fish_mfsctl_needs_command" -f -a "stop" -d 'Stop the cluster, a role of it or nodes, in the safe order'
complete -c mfsctl -n "__fish_mfsctl_needs_command" -f -a "start" -d 'Start the cluster, a role of it or nodes, in the safe order'
complete -c mfsctl -n "__fish_mfsctl_needs_command" -f -a "restart" -d 'Restart the cluster, a role of it or nodes'
complete -c mfsctl -n "__fish_mfsctl_needs_command" -f -a "failover" -d 'Move the metadata master to the standby'
complete -c mfsctl -n "__fish_mfsctl_needs_command" -f -a "failback" -d 'Move the metadata master back to the preferred node'
complete -c mfsctl -n "__fish_mfsctl_needs_command" -f -a "grow" -d 'Make the metadata volume larger, online, on both masters'
complete -c mfsctl -n "__fish_mfsctl_needs_command" -f -a "node" -d 'Add a node of the inventory to the cluster, or remove one after its data went elsewhere'
complete -c mfsctl -n "__fish_mfsctl_needs_command" -f -a "disk" -d 'Add a data directory to a chunkserver, or remove one after its data went elsewhere'
complete -c mfsctl -n "__fish_mfsctl_needs_command" -f -a "notify" -d 'Find out whether alerts reach the people they are for'
complete -c mfsctl -n "__fish_mfsctl_needs_command" -f -a "ha" -d 'See the takeover\'s layers, or suspend it for a while'
complete -c mfsctl -n "__fish_mfsctl_needs_command" -f -a "restore-meta" -d 'Restore the metadata from the best copy there is'
complete -c mfsctl -n "__fish_mfsctl_needs_command" -f -a "split-brain" -d 'See whether the masters\' data diverged, and heal it'
complete -c mfsctl -n "__fish_mfsctl_needs_command" -f -a "backup-meta" -d 'Back up the metadata, or prove that a backup restores'
complete -c mfsctl -n "__fish_mfsctl_needs_command" -f -a "maintenance" -d 'Let a chunkserver be away for a while without its chunks being copied elsewhere'
complete -c mfsctl -n "__fish_mfsctl_needs_command" -f -a "client" -d 'List, mount and unmount the clients\' mounts'
complete -c mfsctl -n "__fish_mfsctl_needs_command" -f -a "tenant" -d 'List, add and remove tenants: a folder with an export, a password and mounts of its own'
complete -c mfsctl -n "__fish_mfsctl_needs_command" -f -a "upgrade" -d 'Upgrade MooseFS to another release, one node at a time'
complete -c mfsctl -n "__fish_mfsctl_needs_command" -f -a "exporter" -d 'Serve the cluster\'s metrics over HTTP, for Prometheus'
complete -c mfsctl -n "__fish_mfsctl_needs_command" -f -a "logs" -d 'Show the logs of all nodes as one, in the order of time'
complete -c mfsctl -n "__fish_mfsctl_needs_command" -f -a "support-bundle" -d 'Collect what somebody needs who is to help, without secrets, in one file'
complete -c mfsctl -n "__fish_mfsctl_needs_command" -f -a "history" -d 'Show what was done to clusters from here, or to a cluster from anywhere'
complete -c mfsctl -n "__fish_mfsctl_needs_command" -f -a "inventory" -d 'Check, show or write inventories'
complete -c mfsctl -n "__fish_mfsctl_needs_command" -f -a "playbook" -d 'List, show and check the runbooks mfsctl follows'
complete -c mfsctl -n "__fish_mfsctl_needs_command" -f -a "lab" -d 'Run a virtual cluster of real machines on this computer'
complete -c mfsctl -n "__fish_mfsctl_needs_command" -f -a "completions" -d 'Print shell completions'
complete -c mfsctl -n "__fish_mfsctl_needs_command" -f -a "man" -d 'Write manual pages into a directory'
complete -c mfsctl -n "__fish_mfsctl_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand provision" -l limit -d 'Only these hosts: names, globs, roles (chunkservers), !exceptions' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand provision" -l only -d 'Only these stages' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand provision" -l skip -d 'All stages but these' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand provision" -l overwrite -d 'A disk that may be overwritten though it holds something' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand provision" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand provision" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand provision" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand provision" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand provision" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand provision" -l dry-run -d 'Print the plan and stop'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand provision" -l diff -d 'Show how files change (secrets masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand provision" -s y -l yes -d 'Do not ask before acting (never covers --overwrite)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand provision" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand provision" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand provision" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand provision" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand status" -l watch -d 'Show it live on the whole screen, every node asked again after so many seconds [default: 3]' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand status" -l to -d 'Write to this file instead of standard output, replaced at once so that no reader meets half of it' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand status" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand status" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand status" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand status" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand status" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand status" -l exit-zero -d 'Exit with 0 also when the cluster is not healthy'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand status" -l check -d 'One line with performance data, and the exit status of a monitoring plugin'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand status" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand status" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand status" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand doctor" -l explain -d 'Tell what a finding means and how it is mended; needs no cluster' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand doctor" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand doctor" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand doctor" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand doctor" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand doctor" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand doctor" -l list -d 'List every finding there is; needs no cluster'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand doctor" -l fix -d 'Mend what is safe to mend, then look again'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand doctor" -l dry-run -d 'With --fix: print what would be done and stop'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand doctor" -s y -l yes -d 'With --fix: do not ask before acting'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand doctor" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand doctor" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand doctor" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ok-to-stop" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ok-to-stop" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ok-to-stop" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ok-to-stop" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ok-to-stop" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ok-to-stop" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ok-to-stop" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ok-to-stop" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ok-to-stop" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand stop" -l reason -d 'Why, for those who look at the status meanwhile' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand stop" -l unsafe -d 'Go on although it is not safe; the name of what is stopped, as asked for' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand stop" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand stop" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand stop" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand stop" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand stop" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand stop" -l dry-run -d 'Say what would be done and what speaks against it, and stop'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand stop" -s y -l yes -d 'Do not ask before acting'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand stop" -l lazy -d 'Detach mounts that are in use: their programs keep open files until they end'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand stop" -l skip-unreachable -d 'Leave nodes out that cannot be reached (never a master)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand stop" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand stop" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand stop" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand stop" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand start" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand start" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand start" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand start" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand start" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand start" -l dry-run -d 'Print the plan and stop'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand start" -s y -l yes -d 'Do not ask before acting'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand start" -l skip-unreachable -d 'Leave nodes out that cannot be reached'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand start" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand start" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand start" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand start" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand restart" -l unsafe -d 'Go on although it is not safe; the name of what is restarted, as asked for' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand restart" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand restart" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand restart" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand restart" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand restart" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand restart" -l dry-run -d 'Say what would be done and what speaks against it, and stop'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand restart" -s y -l yes -d 'Do not ask before acting'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand restart" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand restart" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand restart" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand restart" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand failover" -l to -d 'The master to move to [default: the one that does not serve]' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand failover" -l dead -d 'With --force: this node is off and stays off; two masters at once destroy data' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand failover" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand failover" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand failover" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand failover" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand failover" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand failover" -l dry-run -d 'Ask the gates, print the plan and stop'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand failover" -s y -l yes -d 'Do not ask before acting'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand failover" -l force -d 'The active node is gone: let the other take over without it'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand failover" -l accept-loss -d 'With --force: go on with data that is not up to date, the loss is accepted'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand failover" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand failover" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand failover" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand failover" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand failback" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand failback" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand failback" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand failback" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand failback" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand failback" -l wait -d 'Wait until a resync under way has ended'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand failback" -l dry-run -d 'Ask the gates, print the plan and stop'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand failback" -s y -l yes -d 'Do not ask before acting'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand failback" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand failback" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand failback" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand failback" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand grow" -l size -d 'Size of the volume afterwards, as 40GiB [default: masters.size, else all there is]' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand grow" -l disk -d 'An empty disk to add to the volume group: on both masters, or NODE:PATH (may be repeated)' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand grow" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand grow" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand grow" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand grow" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand grow" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand grow" -l dry-run -d 'Ask the gates, print the plan and stop'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand grow" -s y -l yes -d 'Do not ask before acting'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand grow" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand grow" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand grow" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand grow" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand node; and not __fish_seen_subcommand_from add remove help" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand node; and not __fish_seen_subcommand_from add remove help" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand node; and not __fish_seen_subcommand_from add remove help" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand node; and not __fish_seen_subcommand_from add remove help" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand node; and not __fish_seen_subcommand_from add remove help" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand node; and not __fish_seen_subcommand_from add remove help" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand node; and not __fish_seen_subcommand_from add remove help" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand node; and not __fish_seen_subcommand_from add remove help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand node; and not __fish_seen_subcommand_from add remove help" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand node; and not __fish_seen_subcommand_from add remove help" -f -a "add" -d 'Provision just this node, and what others must know of it'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand node; and not __fish_seen_subcommand_from add remove help" -f -a "remove" -d 'Take a node out of the cluster: chunkserver, metalogger, client'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand node; and not __fish_seen_subcommand_from add remove help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand node; and __fish_seen_subcommand_from add" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand node; and __fish_seen_subcommand_from add" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand node; and __fish_seen_subcommand_from add" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand node; and __fish_seen_subcommand_from add" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand node; and __fish_seen_subcommand_from add" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand node; and __fish_seen_subcommand_from add" -l dry-run -d 'Print the plan and stop'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand node; and __fish_seen_subcommand_from add" -s y -l yes -d 'Do not ask before acting'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand node; and __fish_seen_subcommand_from add" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand node; and __fish_seen_subcommand_from add" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand node; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand node; and __fish_seen_subcommand_from add" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand node; and __fish_seen_subcommand_from remove" -l accept -d 'A gate that may stay closed, known and accepted: witnesses, metaloggers-left (may be repeated)' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand node; and __fish_seen_subcommand_from remove" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand node; and __fish_seen_subcommand_from remove" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand node; and __fish_seen_subcommand_from remove" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand node; and __fish_seen_subcommand_from remove" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand node; and __fish_seen_subcommand_from remove" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand node; and __fish_seen_subcommand_from remove" -l dry-run -d 'Ask the gates, print the plan and stop'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand node; and __fish_seen_subcommand_from remove" -s y -l yes -d 'Do not ask before acting'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand node; and __fish_seen_subcommand_from remove" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand node; and __fish_seen_subcommand_from remove" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand node; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand node; and __fish_seen_subcommand_from remove" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand node; and __fish_seen_subcommand_from help" -f -a "add" -d 'Provision just this node, and what others must know of it'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand node; and __fish_seen_subcommand_from help" -f -a "remove" -d 'Take a node out of the cluster: chunkserver, metalogger, client'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand node; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand disk; and not __fish_seen_subcommand_from add remove help" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand disk; and not __fish_seen_subcommand_from add remove help" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand disk; and not __fish_seen_subcommand_from add remove help" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand disk; and not __fish_seen_subcommand_from add remove help" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand disk; and not __fish_seen_subcommand_from add remove help" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand disk; and not __fish_seen_subcommand_from add remove help" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand disk; and not __fish_seen_subcommand_from add remove help" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand disk; and not __fish_seen_subcommand_from add remove help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand disk; and not __fish_seen_subcommand_from add remove help" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand disk; and not __fish_seen_subcommand_from add remove help" -f -a "add" -d 'Make a data directory of the inventory ready, and wait until the chunkserver uses it'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand disk; and not __fish_seen_subcommand_from add remove help" -f -a "remove" -d 'Take a data directory out of a chunkserver, once its chunks have their copies elsewhere'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand disk; and not __fish_seen_subcommand_from add remove help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand disk; and __fish_seen_subcommand_from add" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand disk; and __fish_seen_subcommand_from add" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand disk; and __fish_seen_subcommand_from add" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand disk; and __fish_seen_subcommand_from add" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand disk; and __fish_seen_subcommand_from add" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand disk; and __fish_seen_subcommand_from add" -l dry-run -d 'Print the plan and stop'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand disk; and __fish_seen_subcommand_from add" -s y -l yes -d 'Do not ask before acting'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand disk; and __fish_seen_subcommand_from add" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand disk; and __fish_seen_subcommand_from add" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand disk; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand disk; and __fish_seen_subcommand_from add" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand disk; and __fish_seen_subcommand_from remove" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand disk; and __fish_seen_subcommand_from remove" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand disk; and __fish_seen_subcommand_from remove" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand disk; and __fish_seen_subcommand_from remove" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand disk; and __fish_seen_subcommand_from remove" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand disk; and __fish_seen_subcommand_from remove" -l dry-run -d 'Print the plan and stop'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand disk; and __fish_seen_subcommand_from remove" -s y -l yes -d 'Do not ask before acting'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand disk; and __fish_seen_subcommand_from remove" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand disk; and __fish_seen_subcommand_from remove" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand disk; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand disk; and __fish_seen_subcommand_from remove" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand disk; and __fish_seen_subcommand_from help" -f -a "add" -d 'Make a data directory of the inventory ready, and wait until the chunkserver uses it'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand disk; and __fish_seen_subcommand_from help" -f -a "remove" -d 'Take a data directory out of a chunkserver, once its chunks have their copies elsewhere'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand disk; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand notify; and not __fish_seen_subcommand_from test help" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand notify; and not __fish_seen_subcommand_from test help" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand notify; and not __fish_seen_subcommand_from test help" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand notify; and not __fish_seen_subcommand_from test help" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand notify; and not __fish_seen_subcommand_from test help" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand notify; and not __fish_seen_subcommand_from test help" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand notify; and not __fish_seen_subcommand_from test help" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand notify; and not __fish_seen_subcommand_from test help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand notify; and not __fish_seen_subcommand_from test help" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand notify; and not __fish_seen_subcommand_from test help" -f -a "test" -d 'Send a test alert from each master, every way there is'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand notify; and not __fish_seen_subcommand_from test help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand notify; and __fish_seen_subcommand_from test" -l limit -d 'Only from these masters' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand notify; and __fish_seen_subcommand_from test" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand notify; and __fish_seen_subcommand_from test" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand notify; and __fish_seen_subcommand_from test" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand notify; and __fish_seen_subcommand_from test" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand notify; and __fish_seen_subcommand_from test" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand notify; and __fish_seen_subcommand_from test" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand notify; and __fish_seen_subcommand_from test" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand notify; and __fish_seen_subcommand_from test" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand notify; and __fish_seen_subcommand_from test" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand notify; and __fish_seen_subcommand_from help" -f -a "test" -d 'Send a test alert from each master, every way there is'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand notify; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and not __fish_seen_subcommand_from hold release status help" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and not __fish_seen_subcommand_from hold release status help" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and not __fish_seen_subcommand_from hold release status help" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and not __fish_seen_subcommand_from hold release status help" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and not __fish_seen_subcommand_from hold release status help" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and not __fish_seen_subcommand_from hold release status help" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and not __fish_seen_subcommand_from hold release status help" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and not __fish_seen_subcommand_from hold release status help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and not __fish_seen_subcommand_from hold release status help" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and not __fish_seen_subcommand_from hold release status help" -f -a "hold" -d 'Suspend the takeover on both masters for a while'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and not __fish_seen_subcommand_from hold release status help" -f -a "release" -d 'End a hold before its time'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and not __fish_seen_subcommand_from hold release status help" -f -a "status" -d 'Show every layer of the takeover on both masters side by side'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and not __fish_seen_subcommand_from hold release status help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and __fish_seen_subcommand_from hold" -l for -d 'How long: 90s, 30m, 1h; from one minute to one hour' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and __fish_seen_subcommand_from hold" -l reason -d 'Why, shown to everybody who asks for the status' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and __fish_seen_subcommand_from hold" -l limit -d 'Only this master, knowing that the other may still take over' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and __fish_seen_subcommand_from hold" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and __fish_seen_subcommand_from hold" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and __fish_seen_subcommand_from hold" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and __fish_seen_subcommand_from hold" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and __fish_seen_subcommand_from hold" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and __fish_seen_subcommand_from hold" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and __fish_seen_subcommand_from hold" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and __fish_seen_subcommand_from hold" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and __fish_seen_subcommand_from hold" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and __fish_seen_subcommand_from release" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and __fish_seen_subcommand_from release" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and __fish_seen_subcommand_from release" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and __fish_seen_subcommand_from release" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and __fish_seen_subcommand_from release" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and __fish_seen_subcommand_from release" -s y -l yes -d 'Do not ask before something moves, or somebody else\'s hold ends'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and __fish_seen_subcommand_from release" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and __fish_seen_subcommand_from release" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and __fish_seen_subcommand_from release" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and __fish_seen_subcommand_from release" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and __fish_seen_subcommand_from status" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and __fish_seen_subcommand_from status" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and __fish_seen_subcommand_from status" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and __fish_seen_subcommand_from status" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and __fish_seen_subcommand_from status" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and __fish_seen_subcommand_from status" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and __fish_seen_subcommand_from status" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and __fish_seen_subcommand_from help" -f -a "hold" -d 'Suspend the takeover on both masters for a while'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and __fish_seen_subcommand_from help" -f -a "release" -d 'End a hold before its time'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and __fish_seen_subcommand_from help" -f -a "status" -d 'Show every layer of the takeover on both masters side by side'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand restore-meta" -l on -d 'With --rehearse: the node to do it on [default: one with mfsmaster that does not serve]' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand restore-meta" -l from -d 'Take this one: `volume`, a metalogger\'s node, NODE:PATH of a kept copy, or a directory here' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand restore-meta" -l backups -d 'A directory of backups on this machine (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand restore-meta" -l accept-loss -d 'Changes are lost: the version it goes back to, which would have to be typed' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand restore-meta" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand restore-meta" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand restore-meta" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand restore-meta" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand restore-meta" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand restore-meta" -l list -d 'Show what there is to restore from, the best first, and stop'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand restore-meta" -l rehearse -d 'Build it in a scratch directory only, tell what it came to, and clean up'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand restore-meta" -l dry-run -d 'Print what would be done and stop'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand restore-meta" -s y -l yes -d 'Do not ask before acting (never covers the loss of changes)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand restore-meta" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand restore-meta" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand restore-meta" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand restore-meta" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand split-brain; and not __fish_seen_subcommand_from show resolve help" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand split-brain; and not __fish_seen_subcommand_from show resolve help" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand split-brain; and not __fish_seen_subcommand_from show resolve help" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand split-brain; and not __fish_seen_subcommand_from show resolve help" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand split-brain; and not __fish_seen_subcommand_from show resolve help" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand split-brain; and not __fish_seen_subcommand_from show resolve help" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand split-brain; and not __fish_seen_subcommand_from show resolve help" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand split-brain; and not __fish_seen_subcommand_from show resolve help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand split-brain; and not __fish_seen_subcommand_from show resolve help" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand split-brain; and not __fish_seen_subcommand_from show resolve help" -f -a "show" -d 'Show whether it is a split brain, and what each side has that the other lacks'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand split-brain; and not __fish_seen_subcommand_from show resolve help" -f -a "resolve" -d 'Heal a split brain: keep one side, discard the changes of the other'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand split-brain; and not __fish_seen_subcommand_from show resolve help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand split-brain; and __fish_seen_subcommand_from show" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand split-brain; and __fish_seen_subcommand_from show" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand split-brain; and __fish_seen_subcommand_from show" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand split-brain; and __fish_seen_subcommand_from show" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand split-brain; and __fish_seen_subcommand_from show" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand split-brain; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand split-brain; and __fish_seen_subcommand_from show" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand split-brain; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand split-brain; and __fish_seen_subcommand_from show" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand split-brain; and __fish_seen_subcommand_from resolve" -l keep -d 'The master whose data stay' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand split-brain; and __fish_seen_subcommand_from resolve" -l discard -d 'The master whose changes are lost: what would have to be typed' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand split-brain; and __fish_seen_subcommand_from resolve" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand split-brain; and __fish_seen_subcommand_from resolve" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand split-brain; and __fish_seen_subcommand_from resolve" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand split-brain; and __fish_seen_subcommand_from resolve" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand split-brain; and __fish_seen_subcommand_from resolve" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand split-brain; and __fish_seen_subcommand_from resolve" -l dry-run -d 'Print what would be done and stop'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand split-brain; and __fish_seen_subcommand_from resolve" -s y -l yes -d 'Do not ask before acting (never covers the loss of changes)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand split-brain; and __fish_seen_subcommand_from resolve" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand split-brain; and __fish_seen_subcommand_from resolve" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand split-brain; and __fish_seen_subcommand_from resolve" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand split-brain; and __fish_seen_subcommand_from resolve" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand split-brain; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show whether it is a split brain, and what each side has that the other lacks'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand split-brain; and __fish_seen_subcommand_from help" -f -a "resolve" -d 'Heal a split brain: keep one side, discard the changes of the other'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand split-brain; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand backup-meta" -l to -d 'Directory the backups are kept in; made when it is missing' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand backup-meta" -l from -d 'Copy a metalogger\'s files: of this node, or `metalogger` for the one that reaches furthest' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand backup-meta" -l keep -d 'Give up this cluster\'s older backups there but the newest N (the newest sound one always stays)' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand backup-meta" -l verify -d 'Restore this backup in a scratch directory, to prove it' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand backup-meta" -l on -d 'Prove it on this master' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand backup-meta" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand backup-meta" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand backup-meta" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand backup-meta" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand backup-meta" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand backup-meta" -l local -d 'Prove it on this machine, where mfsmaster must be installed'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand backup-meta" -s q -l quiet -d 'Say nothing but what is wrong, for cron'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand backup-meta" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand backup-meta" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand backup-meta" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand backup-meta" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand maintenance; and not __fish_seen_subcommand_from on off show help" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand maintenance; and not __fish_seen_subcommand_from on off show help" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand maintenance; and not __fish_seen_subcommand_from on off show help" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand maintenance; and not __fish_seen_subcommand_from on off show help" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand maintenance; and not __fish_seen_subcommand_from on off show help" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand maintenance; and not __fish_seen_subcommand_from on off show help" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand maintenance; and not __fish_seen_subcommand_from on off show help" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand maintenance; and not __fish_seen_subcommand_from on off show help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand maintenance; and not __fish_seen_subcommand_from on off show help" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand maintenance; and not __fish_seen_subcommand_from on off show help" -f -a "on" -d 'Begin it'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand maintenance; and not __fish_seen_subcommand_from on off show help" -f -a "off" -d 'End it'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand maintenance; and not __fish_seen_subcommand_from on off show help" -f -a "show" -d 'Show which chunkservers are in maintenance, until when, and who began it'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand maintenance; and not __fish_seen_subcommand_from on off show help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand maintenance; and __fish_seen_subcommand_from on" -l for -d 'How long: 90s, 30m, 2h; from one minute to one day' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand maintenance; and __fish_seen_subcommand_from on" -l reason -d 'Why, shown to everybody who asks for the status' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand maintenance; and __fish_seen_subcommand_from on" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand maintenance; and __fish_seen_subcommand_from on" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand maintenance; and __fish_seen_subcommand_from on" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand maintenance; and __fish_seen_subcommand_from on" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand maintenance; and __fish_seen_subcommand_from on" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand maintenance; and __fish_seen_subcommand_from on" -l more-than-one -d 'Though another chunkserver is away or in maintenance: chunks with two copies may be unreadable'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand maintenance; and __fish_seen_subcommand_from on" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand maintenance; and __fish_seen_subcommand_from on" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand maintenance; and __fish_seen_subcommand_from on" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand maintenance; and __fish_seen_subcommand_from on" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand maintenance; and __fish_seen_subcommand_from off" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand maintenance; and __fish_seen_subcommand_from off" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand maintenance; and __fish_seen_subcommand_from off" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand maintenance; and __fish_seen_subcommand_from off" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand maintenance; and __fish_seen_subcommand_from off" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand maintenance; and __fish_seen_subcommand_from off" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand maintenance; and __fish_seen_subcommand_from off" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand maintenance; and __fish_seen_subcommand_from off" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand maintenance; and __fish_seen_subcommand_from off" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand maintenance; and __fish_seen_subcommand_from show" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand maintenance; and __fish_seen_subcommand_from show" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand maintenance; and __fish_seen_subcommand_from show" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand maintenance; and __fish_seen_subcommand_from show" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand maintenance; and __fish_seen_subcommand_from show" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand maintenance; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand maintenance; and __fish_seen_subcommand_from show" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand maintenance; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand maintenance; and __fish_seen_subcommand_from show" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand maintenance; and __fish_seen_subcommand_from help" -f -a "on" -d 'Begin it'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand maintenance; and __fish_seen_subcommand_from help" -f -a "off" -d 'End it'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand maintenance; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show which chunkservers are in maintenance, until when, and who began it'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand maintenance; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand client; and not __fish_seen_subcommand_from list mount umount help" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand client; and not __fish_seen_subcommand_from list mount umount help" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand client; and not __fish_seen_subcommand_from list mount umount help" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand client; and not __fish_seen_subcommand_from list mount umount help" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand client; and not __fish_seen_subcommand_from list mount umount help" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand client; and not __fish_seen_subcommand_from list mount umount help" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand client; and not __fish_seen_subcommand_from list mount umount help" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand client; and not __fish_seen_subcommand_from list mount umount help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand client; and not __fish_seen_subcommand_from list mount umount help" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand client; and not __fish_seen_subcommand_from list mount umount help" -f -a "list" -d 'Show every mount the inventory wants and every session the master sees'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand client; and not __fish_seen_subcommand_from list mount umount help" -f -a "mount" -d 'Mount on clients what the inventory says, where it is not'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand client; and not __fish_seen_subcommand_from list mount umount help" -f -a "umount" -d 'Unmount MooseFS from clients, for now'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand client; and not __fish_seen_subcommand_from list mount umount help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand client; and __fish_seen_subcommand_from list" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand client; and __fish_seen_subcommand_from list" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand client; and __fish_seen_subcommand_from list" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand client; and __fish_seen_subcommand_from list" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand client; and __fish_seen_subcommand_from list" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand client; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand client; and __fish_seen_subcommand_from list" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand client; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand client; and __fish_seen_subcommand_from list" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand client; and __fish_seen_subcommand_from mount" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand client; and __fish_seen_subcommand_from mount" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand client; and __fish_seen_subcommand_from mount" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand client; and __fish_seen_subcommand_from mount" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand client; and __fish_seen_subcommand_from mount" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand client; and __fish_seen_subcommand_from mount" -l dry-run -d 'Print the plan and stop'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand client; and __fish_seen_subcommand_from mount" -s y -l yes -d 'Do not ask before acting'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand client; and __fish_seen_subcommand_from mount" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand client; and __fish_seen_subcommand_from mount" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand client; and __fish_seen_subcommand_from mount" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand client; and __fish_seen_subcommand_from mount" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand client; and __fish_seen_subcommand_from umount" -l path -d 'Only this mount point (may be repeated); all of MooseFS when not given' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand client; and __fish_seen_subcommand_from umount" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand client; and __fish_seen_subcommand_from umount" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand client; and __fish_seen_subcommand_from umount" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand client; and __fish_seen_subcommand_from umount" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand client; and __fish_seen_subcommand_from umount" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand client; and __fish_seen_subcommand_from umount" -l lazy -d 'Detach mounts that are in use'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand client; and __fish_seen_subcommand_from umount" -l dry-run -d 'Print the plan and stop'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand client; and __fish_seen_subcommand_from umount" -s y -l yes -d 'Do not ask before acting'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand client; and __fish_seen_subcommand_from umount" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand client; and __fish_seen_subcommand_from umount" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand client; and __fish_seen_subcommand_from umount" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand client; and __fish_seen_subcommand_from umount" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand client; and __fish_seen_subcommand_from help" -f -a "list" -d 'Show every mount the inventory wants and every session the master sees'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand client; and __fish_seen_subcommand_from help" -f -a "mount" -d 'Mount on clients what the inventory says, where it is not'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand client; and __fish_seen_subcommand_from help" -f -a "umount" -d 'Unmount MooseFS from clients, for now'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand client; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and not __fish_seen_subcommand_from list add remove help" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and not __fish_seen_subcommand_from list add remove help" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and not __fish_seen_subcommand_from list add remove help" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and not __fish_seen_subcommand_from list add remove help" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and not __fish_seen_subcommand_from list add remove help" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and not __fish_seen_subcommand_from list add remove help" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and not __fish_seen_subcommand_from list add remove help" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and not __fish_seen_subcommand_from list add remove help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and not __fish_seen_subcommand_from list add remove help" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and not __fish_seen_subcommand_from list add remove help" -f -a "list" -d 'Show the inventory\'s tenants: directory, settings, export, mounts'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and not __fish_seen_subcommand_from list add remove help" -f -a "add" -d 'Add a tenant to the inventory and make it, or make one that stands there'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and not __fish_seen_subcommand_from list add remove help" -f -a "remove" -d 'Take a tenant away: its mounts, its export, its entry in the inventory'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and not __fish_seen_subcommand_from list add remove help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and __fish_seen_subcommand_from list" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and __fish_seen_subcommand_from list" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and __fish_seen_subcommand_from list" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and __fish_seen_subcommand_from list" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and __fish_seen_subcommand_from list" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and __fish_seen_subcommand_from list" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and __fish_seen_subcommand_from list" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and __fish_seen_subcommand_from add" -l client -d 'A client that mounts it (may be repeated)' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and __fish_seen_subcommand_from add" -l folder -d 'Folder in the file system; default /NAME' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and __fish_seen_subcommand_from add" -l mount -d 'Mount point on the clients; default /mnt/NAME' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and __fish_seen_subcommand_from add" -l network -d 'Who may mount it: an address, a network, from-to, or *; default: its only client, else *' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and __fish_seen_subcommand_from add" -l owner -d 'Owner of the folder, user:group or uid:gid' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and __fish_seen_subcommand_from add" -l mode -d 'Permissions of the folder, octal; default 0770' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and __fish_seen_subcommand_from add" -l goal -d 'Copies of each chunk of new files' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and __fish_seen_subcommand_from add" -l trashtime -d 'How long deleted files stay in the trash: seconds, or 36h, 7d' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and __fish_seen_subcommand_from add" -l quota -d 'Hard limit of its size: 500GiB' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and __fish_seen_subcommand_from add" -l options -d 'Options of its export; default rw,alldirs,maproot=0' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and __fish_seen_subcommand_from add" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and __fish_seen_subcommand_from add" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and __fish_seen_subcommand_from add" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and __fish_seen_subcommand_from add" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and __fish_seen_subcommand_from add" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and __fish_seen_subcommand_from add" -l no-password -d 'No password: whoever is in its network may mount it'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and __fish_seen_subcommand_from add" -l dry-run -d 'Print the entry and the plan, and stop'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and __fish_seen_subcommand_from add" -s y -l yes -d 'Do not ask before acting'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and __fish_seen_subcommand_from add" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and __fish_seen_subcommand_from add" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and __fish_seen_subcommand_from add" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and __fish_seen_subcommand_from remove" -l delete-data -d 'Delete its folder and everything in it; scripts repeat the name' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and __fish_seen_subcommand_from remove" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and __fish_seen_subcommand_from remove" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and __fish_seen_subcommand_from remove" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and __fish_seen_subcommand_from remove" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and __fish_seen_subcommand_from remove" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and __fish_seen_subcommand_from remove" -l dry-run -d 'Print the plan and stop'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and __fish_seen_subcommand_from remove" -s y -l yes -d 'Do not ask before acting (never covers --delete-data)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and __fish_seen_subcommand_from remove" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and __fish_seen_subcommand_from remove" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and __fish_seen_subcommand_from remove" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and __fish_seen_subcommand_from help" -f -a "list" -d 'Show the inventory\'s tenants: directory, settings, export, mounts'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and __fish_seen_subcommand_from help" -f -a "add" -d 'Add a tenant to the inventory and make it, or make one that stands there'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and __fish_seen_subcommand_from help" -f -a "remove" -d 'Take a tenant away: its mounts, its export, its entry in the inventory'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand tenant; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand upgrade" -l to -d 'Version to upgrade to, 3.0.118 or a package\'s whole version [default: the newest that all nodes are offered]' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand upgrade" -l wait -d 'How long a node may take to be back, and the cluster to be healthy again' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand upgrade" -l stop-within -d 'How long a daemon may take to stop before it is made to' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand upgrade" -l for -d 'When a chunkserver\'s maintenance ends by itself, should all this not get to its end' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand upgrade" -l backup-to -d 'Where the metadata is backed up before the masters [default: mfsctl\'s state directory]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand upgrade" -l playbooks -d 'Directory with the site\'s own upgrade.yaml' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand upgrade" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand upgrade" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand upgrade" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand upgrade" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand upgrade" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand upgrade" -l dry-run -d 'Ask the gates, print the plan and stop; reads the repositories\' lists anew'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand upgrade" -s y -l yes -d 'Do not ask before acting'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand upgrade" -l accept-goal-1 -d 'Files of goal 1 may be out of reach while their chunkserver restarts'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand upgrade" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand upgrade" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand upgrade" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand upgrade" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand exporter" -l listen -d 'Address and port to listen on' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand exporter" -l interval -d 'Seconds from the beginning of one gathering to the next' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand exporter" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand exporter" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand exporter" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand exporter" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand exporter" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand exporter" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand exporter" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand exporter" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand exporter" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand logs" -l since -d 'Not before this time' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand logs" -l until -d 'Not after this time' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand logs" -s g -l grep -d 'Only lines whose words fit this regular expression; all in small letters it fits capitals too' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand logs" -s u -l unit -d 'Only these: keepalived, drbd, master, metalogger, chunkserver, client, monitor, ha, alert, or a unit\'s full name' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand logs" -s n -l lines -d 'The last N lines of each node [default: 200; 10000 with --since or --until; 10 with --follow]' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand logs" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand logs" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand logs" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand logs" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand logs" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand logs" -s f -l follow -d 'Go on showing lines as they come, until Ctrl-C'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand logs" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand logs" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand logs" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand logs" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand support-bundle" -l to -d 'The file to write; into a directory, under a name of its own' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand support-bundle" -l since -d 'Logs not before this time (10m, 2h, yesterday, 19:30, RFC 3339)' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand support-bundle" -l lines -d 'The last N log lines of each node' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand support-bundle" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand support-bundle" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand support-bundle" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand support-bundle" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand support-bundle" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand support-bundle" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand support-bundle" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand support-bundle" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand support-bundle" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand history" -s n -l last -d 'How many runs, the last ones' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand history" -l from -d 'Read the journal kept on this master' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand history" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand history" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand history" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand history" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand history" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand history" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand history" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand history" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand history" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and not __fish_seen_subcommand_from check show schema init help" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and not __fish_seen_subcommand_from check show schema init help" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and not __fish_seen_subcommand_from check show schema init help" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and not __fish_seen_subcommand_from check show schema init help" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and not __fish_seen_subcommand_from check show schema init help" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and not __fish_seen_subcommand_from check show schema init help" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and not __fish_seen_subcommand_from check show schema init help" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and not __fish_seen_subcommand_from check show schema init help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and not __fish_seen_subcommand_from check show schema init help" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and not __fish_seen_subcommand_from check show schema init help" -f -a "check" -d 'Check the inventory: every error at once, each with its place and its fix'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and not __fish_seen_subcommand_from check show schema init help" -f -a "show" -d 'Show what the inventory resolves to: defaults, groups and nodes folded, secrets masked'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and not __fish_seen_subcommand_from check show schema init help" -f -a "schema" -d 'Print the JSON Schema of inventories, for editors'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and not __fish_seen_subcommand_from check show schema init help" -f -a "init" -d 'Write a new inventory with fresh random secrets; never overwrites a file'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and not __fish_seen_subcommand_from check show schema init help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and __fish_seen_subcommand_from check" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and __fish_seen_subcommand_from check" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and __fish_seen_subcommand_from check" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and __fish_seen_subcommand_from check" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and __fish_seen_subcommand_from check" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and __fish_seen_subcommand_from check" -l without-secrets -d 'Leave !env, !file, !command and !age secrets unread'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and __fish_seen_subcommand_from check" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and __fish_seen_subcommand_from check" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and __fish_seen_subcommand_from check" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and __fish_seen_subcommand_from show" -l node -d 'Only this node' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and __fish_seen_subcommand_from show" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and __fish_seen_subcommand_from show" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and __fish_seen_subcommand_from show" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and __fish_seen_subcommand_from show" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and __fish_seen_subcommand_from show" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and __fish_seen_subcommand_from show" -l without-secrets -d 'Leave !env, !file, !command and !age secrets unread'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and __fish_seen_subcommand_from show" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and __fish_seen_subcommand_from show" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and __fish_seen_subcommand_from schema" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and __fish_seen_subcommand_from schema" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and __fish_seen_subcommand_from schema" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and __fish_seen_subcommand_from schema" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and __fish_seen_subcommand_from schema" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and __fish_seen_subcommand_from schema" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and __fish_seen_subcommand_from schema" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and __fish_seen_subcommand_from schema" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and __fish_seen_subcommand_from schema" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and __fish_seen_subcommand_from init" -l name -d 'Name of the cluster' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and __fish_seen_subcommand_from init" -l vip -d 'The virtual IP' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and __fish_seen_subcommand_from init" -l disk -d 'Dedicated disk of the masters' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and __fish_seen_subcommand_from init" -l masters -d 'The two masters' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and __fish_seen_subcommand_from init" -l chunkservers -d 'Chunkservers' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and __fish_seen_subcommand_from init" -l clients -d 'Clients' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and __fish_seen_subcommand_from init" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and __fish_seen_subcommand_from init" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and __fish_seen_subcommand_from init" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and __fish_seen_subcommand_from init" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and __fish_seen_subcommand_from init" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and __fish_seen_subcommand_from init" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and __fish_seen_subcommand_from init" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and __fish_seen_subcommand_from init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and __fish_seen_subcommand_from init" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and __fish_seen_subcommand_from help" -f -a "check" -d 'Check the inventory: every error at once, each with its place and its fix'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show what the inventory resolves to: defaults, groups and nodes folded, secrets masked'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and __fish_seen_subcommand_from help" -f -a "schema" -d 'Print the JSON Schema of inventories, for editors'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and __fish_seen_subcommand_from help" -f -a "init" -d 'Write a new inventory with fresh random secrets; never overwrites a file'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand inventory; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand playbook; and not __fish_seen_subcommand_from list show check help" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand playbook; and not __fish_seen_subcommand_from list show check help" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand playbook; and not __fish_seen_subcommand_from list show check help" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand playbook; and not __fish_seen_subcommand_from list show check help" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand playbook; and not __fish_seen_subcommand_from list show check help" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand playbook; and not __fish_seen_subcommand_from list show check help" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand playbook; and not __fish_seen_subcommand_from list show check help" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand playbook; and not __fish_seen_subcommand_from list show check help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand playbook; and not __fish_seen_subcommand_from list show check help" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand playbook; and not __fish_seen_subcommand_from list show check help" -f -a "list" -d 'List all'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand playbook; and not __fish_seen_subcommand_from list show check help" -f -a "show" -d 'Show the stages and steps of one'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand playbook; and not __fish_seen_subcommand_from list show check help" -f -a "check" -d 'Check a file'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand playbook; and not __fish_seen_subcommand_from list show check help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand playbook; and __fish_seen_subcommand_from list" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand playbook; and __fish_seen_subcommand_from list" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand playbook; and __fish_seen_subcommand_from list" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand playbook; and __fish_seen_subcommand_from list" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand playbook; and __fish_seen_subcommand_from list" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand playbook; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand playbook; and __fish_seen_subcommand_from list" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand playbook; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand playbook; and __fish_seen_subcommand_from list" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand playbook; and __fish_seen_subcommand_from show" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand playbook; and __fish_seen_subcommand_from show" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand playbook; and __fish_seen_subcommand_from show" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand playbook; and __fish_seen_subcommand_from show" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand playbook; and __fish_seen_subcommand_from show" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand playbook; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand playbook; and __fish_seen_subcommand_from show" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand playbook; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand playbook; and __fish_seen_subcommand_from show" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand playbook; and __fish_seen_subcommand_from check" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand playbook; and __fish_seen_subcommand_from check" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand playbook; and __fish_seen_subcommand_from check" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand playbook; and __fish_seen_subcommand_from check" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand playbook; and __fish_seen_subcommand_from check" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand playbook; and __fish_seen_subcommand_from check" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand playbook; and __fish_seen_subcommand_from check" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand playbook; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand playbook; and __fish_seen_subcommand_from check" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand playbook; and __fish_seen_subcommand_from help" -f -a "list" -d 'List all'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand playbook; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show the stages and steps of one'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand playbook; and __fish_seen_subcommand_from help" -f -a "check" -d 'Check a file'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand playbook; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and not __fish_seen_subcommand_from up down list ssh exec crash boot reboot cut heal console fill clock rpm-repository serve help" -l name -d 'Name of the lab; several can run at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and not __fish_seen_subcommand_from up down list ssh exec crash boot reboot cut heal console fill clock rpm-repository serve help" -l cache -d 'Where kernel, image and packages are kept between labs [default: /var/cache/mfsctl]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and not __fish_seen_subcommand_from up down list ssh exec crash boot reboot cut heal console fill clock rpm-repository serve help" -l state -d 'Where labs keep disks, keys and records [default: /var/lib/mfsctl/lab]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and not __fish_seen_subcommand_from up down list ssh exec crash boot reboot cut heal console fill clock rpm-repository serve help" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and not __fish_seen_subcommand_from up down list ssh exec crash boot reboot cut heal console fill clock rpm-repository serve help" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and not __fish_seen_subcommand_from up down list ssh exec crash boot reboot cut heal console fill clock rpm-repository serve help" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and not __fish_seen_subcommand_from up down list ssh exec crash boot reboot cut heal console fill clock rpm-repository serve help" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and not __fish_seen_subcommand_from up down list ssh exec crash boot reboot cut heal console fill clock rpm-repository serve help" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and not __fish_seen_subcommand_from up down list ssh exec crash boot reboot cut heal console fill clock rpm-repository serve help" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and not __fish_seen_subcommand_from up down list ssh exec crash boot reboot cut heal console fill clock rpm-repository serve help" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and not __fish_seen_subcommand_from up down list ssh exec crash boot reboot cut heal console fill clock rpm-repository serve help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and not __fish_seen_subcommand_from up down list ssh exec crash boot reboot cut heal console fill clock rpm-repository serve help" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and not __fish_seen_subcommand_from up down list ssh exec crash boot reboot cut heal console fill clock rpm-repository serve help" -f -a "up" -d 'Boot a twin of the inventory (the reference cluster without one); what runs already stays'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and not __fish_seen_subcommand_from up down list ssh exec crash boot reboot cut heal console fill clock rpm-repository serve help" -f -a "down" -d 'End the lab: machines, network, disks'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and not __fish_seen_subcommand_from up down list ssh exec crash boot reboot cut heal console fill clock rpm-repository serve help" -f -a "list" -d 'Show labs and their nodes'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and not __fish_seen_subcommand_from up down list ssh exec crash boot reboot cut heal console fill clock rpm-repository serve help" -f -a "ssh" -d 'Log in to a node'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and not __fish_seen_subcommand_from up down list ssh exec crash boot reboot cut heal console fill clock rpm-repository serve help" -f -a "exec" -d 'Run a command on a node; its exit code is passed on, 124 past the timeout'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and not __fish_seen_subcommand_from up down list ssh exec crash boot reboot cut heal console fill clock rpm-repository serve help" -f -a "crash" -d 'Cut the power of nodes'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and not __fish_seen_subcommand_from up down list ssh exec crash boot reboot cut heal console fill clock rpm-repository serve help" -f -a "boot" -d 'Power nodes on again, with their disks'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and not __fish_seen_subcommand_from up down list ssh exec crash boot reboot cut heal console fill clock rpm-repository serve help" -f -a "reboot" -d 'Restart nodes the clean way'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and not __fish_seen_subcommand_from up down list ssh exec crash boot reboot cut heal console fill clock rpm-repository serve help" -f -a "cut" -d 'Take a node off the network, or cut the line between nodes'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and not __fish_seen_subcommand_from up down list ssh exec crash boot reboot cut heal console fill clock rpm-repository serve help" -f -a "heal" -d 'Undo cuts: of one node, or all'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and not __fish_seen_subcommand_from up down list ssh exec crash boot reboot cut heal console fill clock rpm-repository serve help" -f -a "console" -d 'Print what a node said on its console since it was powered on'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and not __fish_seen_subcommand_from up down list ssh exec crash boot reboot cut heal console fill clock rpm-repository serve help" -f -a "fill" -d 'Fill the file system that holds a directory of a node'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and not __fish_seen_subcommand_from up down list ssh exec crash boot reboot cut heal console fill clock rpm-repository serve help" -f -a "clock" -d 'Move a node\'s clock'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and not __fish_seen_subcommand_from up down list ssh exec crash boot reboot cut heal console fill clock rpm-repository serve help" -f -a "rpm-repository" -d 'Build a signed rpm repository of empty stand-in packages, to try the yum and dnf family with'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and not __fish_seen_subcommand_from up down list ssh exec crash boot reboot cut heal console fill clock rpm-repository serve help" -f -a "serve" -d 'Serve packages to a lab (started by `up`)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and not __fish_seen_subcommand_from up down list ssh exec crash boot reboot cut heal console fill clock rpm-repository serve help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from up" -l spare -d 'One more empty disk on a node (512 MiB), to try what needs one' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from up" -l name -d 'Name of the lab; several can run at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from up" -l cache -d 'Where kernel, image and packages are kept between labs [default: /var/cache/mfsctl]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from up" -l state -d 'Where labs keep disks, keys and records [default: /var/lib/mfsctl/lab]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from up" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from up" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from up" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from up" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from up" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from up" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from up" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from up" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from up" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from down" -l name -d 'Name of the lab; several can run at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from down" -l cache -d 'Where kernel, image and packages are kept between labs [default: /var/cache/mfsctl]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from down" -l state -d 'Where labs keep disks, keys and records [default: /var/lib/mfsctl/lab]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from down" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from down" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from down" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from down" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from down" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from down" -l keep-disks -d 'Keep the disks: the next `up` boots the same machines'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from down" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from down" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from down" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from down" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from list" -l name -d 'Name of the lab; several can run at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from list" -l cache -d 'Where kernel, image and packages are kept between labs [default: /var/cache/mfsctl]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from list" -l state -d 'Where labs keep disks, keys and records [default: /var/lib/mfsctl/lab]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from list" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from list" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from list" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from list" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from list" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from list" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from list" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from ssh" -l user -d 'User: root, admin (sudo without password) or operator (sudo password: operator)' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from ssh" -l name -d 'Name of the lab; several can run at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from ssh" -l cache -d 'Where kernel, image and packages are kept between labs [default: /var/cache/mfsctl]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from ssh" -l state -d 'Where labs keep disks, keys and records [default: /var/lib/mfsctl/lab]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from ssh" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from ssh" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from ssh" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from ssh" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from ssh" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from ssh" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from ssh" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from ssh" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from ssh" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from exec" -l user -d 'User, as with ssh' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from exec" -l timeout -d 'Longest time it may take, seconds' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from exec" -l name -d 'Name of the lab; several can run at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from exec" -l cache -d 'Where kernel, image and packages are kept between labs [default: /var/cache/mfsctl]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from exec" -l state -d 'Where labs keep disks, keys and records [default: /var/lib/mfsctl/lab]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from exec" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from exec" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from exec" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from exec" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from exec" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from exec" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from exec" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from exec" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from exec" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from crash" -l name -d 'Name of the lab; several can run at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from crash" -l cache -d 'Where kernel, image and packages are kept between labs [default: /var/cache/mfsctl]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from crash" -l state -d 'Where labs keep disks, keys and records [default: /var/lib/mfsctl/lab]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from crash" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from crash" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from crash" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from crash" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from crash" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from crash" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from crash" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from crash" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from crash" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from boot" -l name -d 'Name of the lab; several can run at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from boot" -l cache -d 'Where kernel, image and packages are kept between labs [default: /var/cache/mfsctl]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from boot" -l state -d 'Where labs keep disks, keys and records [default: /var/lib/mfsctl/lab]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from boot" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from boot" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from boot" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from boot" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from boot" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from boot" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from boot" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from boot" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from boot" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from reboot" -l name -d 'Name of the lab; several can run at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from reboot" -l cache -d 'Where kernel, image and packages are kept between labs [default: /var/cache/mfsctl]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from reboot" -l state -d 'Where labs keep disks, keys and records [default: /var/lib/mfsctl/lab]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from reboot" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from reboot" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from reboot" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from reboot" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from reboot" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from reboot" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from reboot" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from reboot" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from reboot" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from cut" -l from -d 'Cut the node only from these' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from cut" -l name -d 'Name of the lab; several can run at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from cut" -l cache -d 'Where kernel, image and packages are kept between labs [default: /var/cache/mfsctl]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from cut" -l state -d 'Where labs keep disks, keys and records [default: /var/lib/mfsctl/lab]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from cut" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from cut" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from cut" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from cut" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from cut" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from cut" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from cut" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from cut" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from cut" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from heal" -l name -d 'Name of the lab; several can run at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from heal" -l cache -d 'Where kernel, image and packages are kept between labs [default: /var/cache/mfsctl]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from heal" -l state -d 'Where labs keep disks, keys and records [default: /var/lib/mfsctl/lab]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from heal" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from heal" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from heal" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from heal" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from heal" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from heal" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from heal" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from heal" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from heal" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from console" -l name -d 'Name of the lab; several can run at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from console" -l cache -d 'Where kernel, image and packages are kept between labs [default: /var/cache/mfsctl]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from console" -l state -d 'Where labs keep disks, keys and records [default: /var/lib/mfsctl/lab]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from console" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from console" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from console" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from console" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from console" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from console" -s f -l follow -d 'Go on as it says more'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from console" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from console" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from console" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from console" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from fill" -l name -d 'Name of the lab; several can run at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from fill" -l cache -d 'Where kernel, image and packages are kept between labs [default: /var/cache/mfsctl]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from fill" -l state -d 'Where labs keep disks, keys and records [default: /var/lib/mfsctl/lab]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from fill" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from fill" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from fill" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from fill" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from fill" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from fill" -l undo -d 'Take it back'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from fill" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from fill" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from fill" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from fill" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from clock" -l name -d 'Name of the lab; several can run at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from clock" -l cache -d 'Where kernel, image and packages are kept between labs [default: /var/cache/mfsctl]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from clock" -l state -d 'Where labs keep disks, keys and records [default: /var/lib/mfsctl/lab]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from clock" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from clock" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from clock" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from clock" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from clock" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from clock" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from clock" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from clock" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from clock" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from rpm-repository" -l name -d 'Name of the lab; several can run at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from rpm-repository" -l cache -d 'Where kernel, image and packages are kept between labs [default: /var/cache/mfsctl]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from rpm-repository" -l state -d 'Where labs keep disks, keys and records [default: /var/lib/mfsctl/lab]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from rpm-repository" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from rpm-repository" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from rpm-repository" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from rpm-repository" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from rpm-repository" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from rpm-repository" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from rpm-repository" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from rpm-repository" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from rpm-repository" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from serve" -l lab -d 'Directory of the lab, by which this process is known' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from serve" -l root -d 'Directory served' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from serve" -l address -d 'Address listened on' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from serve" -l name -d 'Name of the lab; several can run at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from serve" -l cache -d 'Where kernel, image and packages are kept between labs [default: /var/cache/mfsctl]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from serve" -l state -d 'Where labs keep disks, keys and records [default: /var/lib/mfsctl/lab]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from serve" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from serve" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from serve" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from serve" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from serve" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from serve" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from serve" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from serve" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from serve" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from help" -f -a "up" -d 'Boot a twin of the inventory (the reference cluster without one); what runs already stays'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from help" -f -a "down" -d 'End the lab: machines, network, disks'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from help" -f -a "list" -d 'Show labs and their nodes'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from help" -f -a "ssh" -d 'Log in to a node'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from help" -f -a "exec" -d 'Run a command on a node; its exit code is passed on, 124 past the timeout'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from help" -f -a "crash" -d 'Cut the power of nodes'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from help" -f -a "boot" -d 'Power nodes on again, with their disks'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from help" -f -a "reboot" -d 'Restart nodes the clean way'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from help" -f -a "cut" -d 'Take a node off the network, or cut the line between nodes'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from help" -f -a "heal" -d 'Undo cuts: of one node, or all'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from help" -f -a "console" -d 'Print what a node said on its console since it was powered on'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from help" -f -a "fill" -d 'Fill the file system that holds a directory of a node'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from help" -f -a "clock" -d 'Move a node\'s clock'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from help" -f -a "rpm-repository" -d 'Build a signed rpm repository of empty stand-in packages, to try the yum and dnf family with'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from help" -f -a "serve" -d 'Serve packages to a lab (started by `up`)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand completions" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand completions" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand completions" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand completions" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand completions" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand completions" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand completions" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand completions" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand man" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand man" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'
prometheus\t'Metrics in Prometheus\' text format; only `status` has them'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand man" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand man" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand man" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand man" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand man" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand man" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and not __fish_seen_subcommand_from provision status doctor ok-to-stop stop start restart failover failback grow node disk notify ha restore-meta split-brain backup-meta maintenance client tenant upgrade exporter logs support-bundle history inventory playbook lab completions man help" -f -a "provision" -d 'Turn bare servers into the cluster the inventory describes'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and not __fish_seen_subcommand_from provision status doctor ok-to-stop stop start restart failover failback grow node disk notify ha restore-meta split-brain backup-meta maintenance client tenant upgrade exporter logs support-bundle history inventory playbook lab completions man help" -f -a "status" -d 'Show how the cluster is, and what to do about what is wrong'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and not __fish_seen_subcommand_from provision status doctor ok-to-stop stop start restart failover failback grow node disk notify ha restore-meta split-brain backup-meta maintenance client tenant upgrade exporter logs support-bundle history inventory playbook lab completions man help" -f -a "doctor" -d 'Look for every known fault, and say how each is mended'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and not __fish_seen_subcommand_from provision status doctor ok-to-stop stop start restart failover failback grow node disk notify ha restore-meta split-brain backup-meta maintenance client tenant upgrade exporter logs support-bundle history inventory playbook lab completions man help" -f -a "ok-to-stop" -d 'Say whether nodes may stop now, all of them together, and what would suffer'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and not __fish_seen_subcommand_from provision status doctor ok-to-stop stop start restart failover failback grow node disk notify ha restore-meta split-brain backup-meta maintenance client tenant upgrade exporter logs support-bundle history inventory playbook lab completions man help" -f -a "stop" -d 'Stop the cluster, a role of it or nodes, in the safe order'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and not __fish_seen_subcommand_from provision status doctor ok-to-stop stop start restart failover failback grow node disk notify ha restore-meta split-brain backup-meta maintenance client tenant upgrade exporter logs support-bundle history inventory playbook lab completions man help" -f -a "start" -d 'Start the cluster, a role of it or nodes, in the safe order'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and not __fish_seen_subcommand_from provision status doctor ok-to-stop stop start restart failover failback grow node disk notify ha restore-meta split-brain backup-meta maintenance client tenant upgrade exporter logs support-bundle history inventory playbook lab completions man help" -f -a "restart" -d 'Restart the cluster, a role of it or nodes'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and not __fish_seen_subcommand_from provision status doctor ok-to-stop stop start restart failover failback grow node disk notify ha restore-meta split-brain backup-meta maintenance client tenant upgrade exporter logs support-bundle history inventory playbook lab completions man help" -f -a "failover" -d 'Move the metadata master to the standby'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and not __fish_seen_subcommand_from provision status doctor ok-to-stop stop start restart failover failback grow node disk notify ha restore-meta split-brain backup-meta maintenance client tenant upgrade exporter logs support-bundle history inventory playbook lab completions man help" -f -a "failback" -d 'Move the metadata master back to the preferred node'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and not __fish_seen_subcommand_from provision status doctor ok-to-stop stop start restart failover failback grow node disk notify ha restore-meta split-brain backup-meta maintenance client tenant upgrade exporter logs support-bundle history inventory playbook lab completions man help" -f -a "grow" -d 'Make the metadata volume larger, online, on both masters'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and not __fish_seen_subcommand_from provision status doctor ok-to-stop stop start restart failover failback grow node disk notify ha restore-meta split-brain backup-meta maintenance client tenant upgrade exporter logs support-bundle history inventory playbook lab completions man help" -f -a "node" -d 'Add a node of the inventory to the cluster, or remove one after its data went elsewhere'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and not __fish_seen_subcommand_from provision status doctor ok-to-stop stop start restart failover failback grow node disk notify ha restore-meta split-brain backup-meta maintenance client tenant upgrade exporter logs support-bundle history inventory playbook lab completions man help" -f -a "disk" -d 'Add a data directory to a chunkserver, or remove one after its data went elsewhere'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and not __fish_seen_subcommand_from provision status doctor ok-to-stop stop start restart failover failback grow node disk notify ha restore-meta split-brain backup-meta maintenance client tenant upgrade exporter logs support-bundle history inventory playbook lab completions man help" -f -a "notify" -d 'Find out whether alerts reach the people they are for'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and not __fish_seen_subcommand_from provision status doctor ok-to-stop stop start restart failover failback grow node disk notify ha restore-meta split-brain backup-meta maintenance client tenant upgrade exporter logs support-bundle history inventory playbook lab completions man help" -f -a "ha" -d 'See the takeover\'s layers, or suspend it for a while'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and not __fish_seen_subcommand_from provision status doctor ok-to-stop stop start restart failover failback grow node disk notify ha restore-meta split-brain backup-meta maintenance client tenant upgrade exporter logs support-bundle history inventory playbook lab completions man help" -f -a "restore-meta" -d 'Restore the metadata from the best copy there is'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and not __fish_seen_subcommand_from provision status doctor ok-to-stop stop start restart failover failback grow node disk notify ha restore-meta split-brain backup-meta maintenance client tenant upgrade exporter logs support-bundle history inventory playbook lab completions man help" -f -a "split-brain" -d 'See whether the masters\' data diverged, and heal it'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and not __fish_seen_subcommand_from provision status doctor ok-to-stop stop start restart failover failback grow node disk notify ha restore-meta split-brain backup-meta maintenance client tenant upgrade exporter logs support-bundle history inventory playbook lab completions man help" -f -a "backup-meta" -d 'Back up the metadata, or prove that a backup restores'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and not __fish_seen_subcommand_from provision status doctor ok-to-stop stop start restart failover failback grow node disk notify ha restore-meta split-brain backup-meta maintenance client tenant upgrade exporter logs support-bundle history inventory playbook lab completions man help" -f -a "maintenance" -d 'Let a chunkserver be away for a while without its chunks being copied elsewhere'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and not __fish_seen_subcommand_from provision status doctor ok-to-stop stop start restart failover failback grow node disk notify ha restore-meta split-brain backup-meta maintenance client tenant upgrade exporter logs support-bundle history inventory playbook lab completions man help" -f -a "client" -d 'List, mount and unmount the clients\' mounts'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and not __fish_seen_subcommand_from provision status doctor ok-to-stop stop start restart failover failback grow node disk notify ha restore-meta split-brain backup-meta maintenance client tenant upgrade exporter logs support-bundle history inventory playbook lab completions man help" -f -a "tenant" -d 'List, add and remove tenants: a folder with an export, a password and mounts of its own'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and not __fish_seen_subcommand_from provision status doctor ok-to-stop stop start restart failover failback grow node disk notify ha restore-meta split-brain backup-meta maintenance client tenant upgrade exporter logs support-bundle history inventory playbook lab completions man help" -f -a "upgrade" -d 'Upgrade MooseFS to another release, one node at a time'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and not __fish_seen_subcommand_from provision status doctor ok-to-stop stop start restart failover failback grow node disk notify ha restore-meta split-brain backup-meta maintenance client tenant upgrade exporter logs support-bundle history inventory playbook lab completions man help" -f -a "exporter" -d 'Serve the cluster\'s metrics over HTTP, for Prometheus'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and not __fish_seen_subcommand_from provision status doctor ok-to-stop stop start restart failover failback grow node disk notify ha restore-meta split-brain backup-meta maintenance client tenant upgrade exporter logs support-bundle history inventory playbook lab completions man help" -f -a "logs" -d 'Show the logs of all nodes as one, in the order of time'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and not __fish_seen_subcommand_from provision status doctor ok-to-stop stop start restart failover failback grow node disk notify ha restore-meta split-brain backup-meta maintenance client tenant upgrade exporter logs support-bundle history inventory playbook lab completions man help" -f -a "support-bundle" -d 'Collect what somebody needs who is to help, without secrets, in one file'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and not __fish_seen_subcommand_from provision status doctor ok-to-stop stop start restart failover failback grow node disk notify ha restore-meta split-brain backup-meta maintenance client tenant upgrade exporter logs support-bundle history inventory playbook lab completions man help" -f -a "history" -d 'Show what was done to clusters from here, or to a cluster from anywhere'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and not __fish_seen_subcommand_from provision status doctor ok-to-stop stop start restart failover failback grow node disk notify ha restore-meta split-brain backup-meta maintenance client tenant upgrade exporter logs support-bundle history inventory playbook lab completions man help" -f -a "inventory" -d 'Check, show or write inventories'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and not __fish_seen_subcommand_from provision status doctor ok-to-stop stop start restart failover failback grow node disk notify ha restore-meta split-brain backup-meta maintenance client tenant upgrade exporter logs support-bundle history inventory playbook lab completions man help" -f -a "playbook" -d 'List, show and check the runbooks mfsctl follows'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and not __fish_seen_subcommand_from provision status doctor ok-to-stop stop start restart failover failback grow node disk notify ha restore-meta split-brain backup-meta maintenance client tenant upgrade exporter logs support-bundle history inventory playbook lab completions man help" -f -a "lab" -d 'Run a virtual cluster of real machines on this computer'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and not __fish_seen_subcommand_from provision status doctor ok-to-stop stop start restart failover failback grow node disk notify ha restore-meta split-brain backup-meta maintenance client tenant upgrade exporter logs support-bundle history inventory playbook lab completions man help" -f -a "completions" -d 'Print shell completions'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and not __fish_seen_subcommand_from provision status doctor ok-to-stop stop start restart failover failback grow node disk notify ha restore-meta split-brain backup-meta maintenance client tenant upgrade exporter logs support-bundle history inventory playbook lab completions man help" -f -a "man" -d 'Write manual pages into a directory'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and not __fish_seen_subcommand_from provision status doctor ok-to-stop stop start restart failover failback grow node disk notify ha restore-meta split-brain backup-meta maintenance client tenant upgrade exporter logs support-bundle history inventory playbook lab completions man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and __fish_seen_subcommand_from node" -f -a "add" -d 'Provision just this node, and what others must know of it'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and __fish_seen_subcommand_from node" -f -a "remove" -d 'Take a node out of the cluster: chunkserver, metalogger, client'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and __fish_seen_subcommand_from disk" -f -a "add" -d 'Make a data directory of the inventory ready, and wait until the chunkserver uses it'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and __fish_seen_subcommand_from disk" -f -a "remove" -d 'Take a data directory out of a chunkserver, once its chunks have their copies elsewhere'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and __fish_seen_subcommand_from notify" -f -a "test" -d 'Send a test alert from each master, every way there is'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and __fish_seen_subcommand_from ha" -f -a "hold" -d 'Suspend the takeover on both masters for a while'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and __fish_seen_subcommand_from ha" -f -a "release" -d 'End a hold before its time'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and __fish_seen_subcommand_from ha" -f -a "status" -d 'Show every layer of the takeover on both masters side by side'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and __fish_seen_subcommand_from split-brain" -f -a "show" -d 'Show whether it is a split brain, and what each side has that the other lacks'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and __fish_seen_subcommand_from split-brain" -f -a "resolve" -d 'Heal a split brain: keep one side, discard the changes of the other'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and __fish_seen_subcommand_from maintenance" -f -a "on" -d 'Begin it'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and __fish_seen_subcommand_from maintenance" -f -a "off" -d 'End it'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and __fish_seen_subcommand_from maintenance" -f -a "show" -d 'Show which chunkservers are in maintenance, until when, and who began it'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and __fish_seen_subcommand_from client" -f -a "list" -d 'Show every mount the inventory wants and every session the master sees'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and __fish_seen_subcommand_from client" -f -a "mount" -d 'Mount on clients what the inventory says, where it is not'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and __fish_seen_subcommand_from client" -f -a "umount" -d 'Unmount MooseFS from clients, for now'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and __fish_seen_subcommand_from tenant" -f -a "list" -d 'Show the inventory\'s tenants: directory, settings, export, mounts'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and __fish_seen_subcommand_from tenant" -f -a "add" -d 'Add a tenant to the inventory and make it, or make one that stands there'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and __fish_seen_subcommand_from tenant" -f -a "remove" -d 'Take a tenant away: its mounts, its export, its entry in the inventory'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and __fish_seen_subcommand_from inventory" -f -a "check" -d 'Check the inventory: every error at once, each with its place and its fix'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and __fish_seen_subcommand_from inventory" -f -a "show" -d 'Show what the inventory resolves to: defaults, groups and nodes folded, secrets masked'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and __fish_seen_subcommand_from inventory" -f -a "schema" -d 'Print the JSON Schema of inventories, for editors'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and __fish_seen_subcommand_from inventory" -f -a "init" -d 'Write a new inventory with fresh random secrets; never overwrites a file'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and __fish_seen_subcommand_from playbook" -f -a "list" -d 'List all'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and __fish_seen_subcommand_from playbook" -f -a "show" -d 'Show the stages and steps of one'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and __fish_seen_subcommand_from playbook" -f -a "check" -d 'Check a file'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and __fish_seen_subcommand_from lab" -f -a "up" -d 'Boot a twin of the inventory (the reference cluster without one); what runs already stays'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and __fish_seen_subcommand_from lab" -f -a "down" -d 'End the lab: machines, network, disks'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and __fish_seen_subcommand_from lab" -f -a "list" -d 'Show labs and their nodes'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and __fish_seen_subcommand_from lab" -f -a "ssh" -d 'Log in to a node'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and __fish_seen_subcommand_from lab" -f -a "exec" -d 'Run a command on a node; its exit code is passed on, 124 past the timeout'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and __fish_seen_subcommand_from lab" -f -a "crash" -d 'Cut the power of nodes'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and __fish_seen_subcommand_from lab" -f -a "boot" -d 'Power nodes on again, with their disks'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and __fish_seen_subcommand_from lab" -f -a "reboot" -d 'Restart nodes the clean way'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and __fish_seen_subcommand_from lab" -f -a "cut" -d 'Take a node off the network, or cut the line between nodes'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and __fish_seen_subcommand_from lab" -f -a "heal" -d 'Undo cuts: of one node, or all'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and __fish_seen_subcommand_from lab" -f -a "console" -d 'Print what a node said on its console since it was powered on'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and __fish_seen_subcommand_from lab" -f -a "fill" -d 'Fill the file system that holds a directory of a node'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and __fish_seen_subcommand_from lab" -f -a "clock" -d 'Move a node\'s clock'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and __fish_seen_subcommand_from lab" -f -a "rpm-repository" -d 'Build a signed rpm repository of empty stand-in packages, to try the yum and dnf family with'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and __fish_seen_subcommand_from lab" -f -a "serve" -d 'Serve packages to a lab (started by `up`)'
