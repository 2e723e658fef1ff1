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
json\t'JSON for programs'"
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
complete -c mfsctl -n "__fish_mfsctl_needs_command" -f -a "failover" -d 'Move the metadata master to the standby'
complete -c mfsctl -n "__fish_mfsctl_needs_command" -f -a "failback" -d 'Move the metadata master back to the preferred node'
complete -c mfsctl -n "__fish_mfsctl_needs_command" -f -a "notify" -d 'Find out whether alerts reach the people they are for'
complete -c mfsctl -n "__fish_mfsctl_needs_command" -f -a "ha" -d 'See the takeover\'s layers, or suspend it for a while'
complete -c mfsctl -n "__fish_mfsctl_needs_command" -f -a "restore-meta" -d 'Restore the metadata from the best copy there is'
complete -c mfsctl -n "__fish_mfsctl_needs_command" -f -a "split-brain" -d 'See whether the masters\' data diverged, and heal it'
complete -c mfsctl -n "__fish_mfsctl_needs_command" -f -a "backup-meta" -d 'Back up the metadata, or prove that a backup restores'
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
json\t'JSON for programs'"
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
complete -c mfsctl -n "__fish_mfsctl_using_subcommand status" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand status" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand status" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand status" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand status" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand status" -l exit-zero -d 'Exit with 0 also when the cluster is not healthy'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand status" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand status" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand status" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand failover" -l to -d 'The master to move to [default: the one that does not serve]' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand failover" -l dead -d 'With --force: this node is off and stays off; two masters at once destroy data' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand failover" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand failover" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'"
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
json\t'JSON for programs'"
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
complete -c mfsctl -n "__fish_mfsctl_using_subcommand notify; and not __fish_seen_subcommand_from test help" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand notify; and not __fish_seen_subcommand_from test help" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'"
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
json\t'JSON for programs'"
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
json\t'JSON for programs'"
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
json\t'JSON for programs'"
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
json\t'JSON for programs'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and __fish_seen_subcommand_from release" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and __fish_seen_subcommand_from release" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and __fish_seen_subcommand_from release" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and __fish_seen_subcommand_from release" -s y -l yes -d 'Do not ask before something moves'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and __fish_seen_subcommand_from release" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and __fish_seen_subcommand_from release" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and __fish_seen_subcommand_from release" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and __fish_seen_subcommand_from release" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and __fish_seen_subcommand_from status" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand ha; and __fish_seen_subcommand_from status" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'"
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
json\t'JSON for programs'"
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
json\t'JSON for programs'"
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
json\t'JSON for programs'"
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
json\t'JSON for programs'"
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
json\t'JSON for programs'"
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
complete -c mfsctl -n "__fish_mfsctl_using_subcommand history" -s n -l last -d 'How many runs, the last ones' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand history" -l from -d 'Read the journal kept on this master' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand history" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand history" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'"
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
json\t'JSON for programs'"
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
json\t'JSON for programs'"
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
json\t'JSON for programs'"
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
json\t'JSON for programs'"
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
json\t'JSON for programs'"
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
json\t'JSON for programs'"
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
json\t'JSON for programs'"
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
json\t'JSON for programs'"
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
json\t'JSON for programs'"
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
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and not __fish_seen_subcommand_from up down list ssh exec crash boot reboot cut heal console fill clock rpm-repository serve help" -l cache -d 'Where image and packages are kept between labs [default: /var/cache/mfsctl]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and not __fish_seen_subcommand_from up down list ssh exec crash boot reboot cut heal console fill clock rpm-repository serve help" -l state -d 'Where labs keep disks, keys and records [default: /var/lib/mfsctl/lab]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and not __fish_seen_subcommand_from up down list ssh exec crash boot reboot cut heal console fill clock rpm-repository serve help" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and not __fish_seen_subcommand_from up down list ssh exec crash boot reboot cut heal console fill clock rpm-repository serve help" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'"
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
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from up" -l name -d 'Name of the lab; several can run at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from up" -l cache -d 'Where image and packages are kept between labs [default: /var/cache/mfsctl]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from up" -l state -d 'Where labs keep disks, keys and records [default: /var/lib/mfsctl/lab]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from up" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from up" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'"
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
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from down" -l cache -d 'Where image and packages are kept between labs [default: /var/cache/mfsctl]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from down" -l state -d 'Where labs keep disks, keys and records [default: /var/lib/mfsctl/lab]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from down" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from down" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'"
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
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from list" -l cache -d 'Where image and packages are kept between labs [default: /var/cache/mfsctl]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from list" -l state -d 'Where labs keep disks, keys and records [default: /var/lib/mfsctl/lab]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from list" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from list" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'"
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
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from ssh" -l cache -d 'Where image and packages are kept between labs [default: /var/cache/mfsctl]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from ssh" -l state -d 'Where labs keep disks, keys and records [default: /var/lib/mfsctl/lab]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from ssh" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from ssh" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'"
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
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from exec" -l cache -d 'Where image and packages are kept between labs [default: /var/cache/mfsctl]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from exec" -l state -d 'Where labs keep disks, keys and records [default: /var/lib/mfsctl/lab]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from exec" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from exec" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'"
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
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from crash" -l cache -d 'Where image and packages are kept between labs [default: /var/cache/mfsctl]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from crash" -l state -d 'Where labs keep disks, keys and records [default: /var/lib/mfsctl/lab]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from crash" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from crash" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'"
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
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from boot" -l cache -d 'Where image and packages are kept between labs [default: /var/cache/mfsctl]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from boot" -l state -d 'Where labs keep disks, keys and records [default: /var/lib/mfsctl/lab]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from boot" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from boot" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'"
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
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from reboot" -l cache -d 'Where image and packages are kept between labs [default: /var/cache/mfsctl]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from reboot" -l state -d 'Where labs keep disks, keys and records [default: /var/lib/mfsctl/lab]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from reboot" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from reboot" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'"
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
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from cut" -l cache -d 'Where image and packages are kept between labs [default: /var/cache/mfsctl]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from cut" -l state -d 'Where labs keep disks, keys and records [default: /var/lib/mfsctl/lab]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from cut" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from cut" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'"
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
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from heal" -l cache -d 'Where image and packages are kept between labs [default: /var/cache/mfsctl]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from heal" -l state -d 'Where labs keep disks, keys and records [default: /var/lib/mfsctl/lab]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from heal" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from heal" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'"
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
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from console" -l cache -d 'Where image and packages are kept between labs [default: /var/cache/mfsctl]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from console" -l state -d 'Where labs keep disks, keys and records [default: /var/lib/mfsctl/lab]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from console" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from console" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'"
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
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from fill" -l cache -d 'Where image and packages are kept between labs [default: /var/cache/mfsctl]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from fill" -l state -d 'Where labs keep disks, keys and records [default: /var/lib/mfsctl/lab]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from fill" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from fill" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'"
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
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from clock" -l cache -d 'Where image and packages are kept between labs [default: /var/cache/mfsctl]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from clock" -l state -d 'Where labs keep disks, keys and records [default: /var/lib/mfsctl/lab]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from clock" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from clock" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'"
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
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from rpm-repository" -l cache -d 'Where image and packages are kept between labs [default: /var/cache/mfsctl]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from rpm-repository" -l state -d 'Where labs keep disks, keys and records [default: /var/lib/mfsctl/lab]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from rpm-repository" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from rpm-repository" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'"
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
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from serve" -l cache -d 'Where image and packages are kept between labs [default: /var/cache/mfsctl]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from serve" -l state -d 'Where labs keep disks, keys and records [default: /var/lib/mfsctl/lab]' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from serve" -s i -l inventory -d 'Inventory file; `lab` or `lab:NAME` for a running lab\'s' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand lab; and __fish_seen_subcommand_from serve" -l format -d 'How results are printed on standard output' -r -f -a "table\t'Tables for people'
json\t'JSON for programs'"
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
json\t'JSON for programs'"
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
json\t'JSON for programs'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand man" -l color -d 'Colour: auto is on for terminals unless NO_COLOR is set' -r -f -a "auto\t'On terminals, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c mfsctl -n "__fish_mfsctl_using_subcommand man" -l age-identity -d 'File with age identities for `!age` secrets of the inventory (may be repeated)' -r -F
complete -c mfsctl -n "__fish_mfsctl_using_subcommand man" -l jobs -d 'How many hosts are worked on at once' -r
complete -c mfsctl -n "__fish_mfsctl_using_subcommand man" -s v -l verbose -d 'Say more: -v commands and their times, -vv everything (secrets stay masked)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand man" -l accept-new-host-keys -d 'Accept and remember host keys never seen before (a changed key is always refused)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand man" -s V -l version -d 'Print version'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and not __fish_seen_subcommand_from provision status failover failback notify ha restore-meta split-brain backup-meta history inventory playbook lab completions man help" -f -a "provision" -d 'Turn bare servers into the cluster the inventory describes'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and not __fish_seen_subcommand_from provision status failover failback notify ha restore-meta split-brain backup-meta history inventory playbook lab completions man help" -f -a "status" -d 'Show how the cluster is, and what to do about what is wrong'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and not __fish_seen_subcommand_from provision status failover failback notify ha restore-meta split-brain backup-meta history inventory playbook lab completions man help" -f -a "failover" -d 'Move the metadata master to the standby'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and not __fish_seen_subcommand_from provision status failover failback notify ha restore-meta split-brain backup-meta history inventory playbook lab completions man help" -f -a "failback" -d 'Move the metadata master back to the preferred node'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and not __fish_seen_subcommand_from provision status failover failback notify ha restore-meta split-brain backup-meta history inventory playbook lab completions man help" -f -a "notify" -d 'Find out whether alerts reach the people they are for'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and not __fish_seen_subcommand_from provision status failover failback notify ha restore-meta split-brain backup-meta history inventory playbook lab completions man help" -f -a "ha" -d 'See the takeover\'s layers, or suspend it for a while'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and not __fish_seen_subcommand_from provision status failover failback notify ha restore-meta split-brain backup-meta history inventory playbook lab completions man help" -f -a "restore-meta" -d 'Restore the metadata from the best copy there is'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and not __fish_seen_subcommand_from provision status failover failback notify ha restore-meta split-brain backup-meta history inventory playbook lab completions man help" -f -a "split-brain" -d 'See whether the masters\' data diverged, and heal it'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and not __fish_seen_subcommand_from provision status failover failback notify ha restore-meta split-brain backup-meta history inventory playbook lab completions man help" -f -a "backup-meta" -d 'Back up the metadata, or prove that a backup restores'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and not __fish_seen_subcommand_from provision status failover failback notify ha restore-meta split-brain backup-meta history inventory playbook lab completions man help" -f -a "history" -d 'Show what was done to clusters from here, or to a cluster from anywhere'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and not __fish_seen_subcommand_from provision status failover failback notify ha restore-meta split-brain backup-meta history inventory playbook lab completions man help" -f -a "inventory" -d 'Check, show or write inventories'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and not __fish_seen_subcommand_from provision status failover failback notify ha restore-meta split-brain backup-meta history inventory playbook lab completions man help" -f -a "playbook" -d 'List, show and check the runbooks mfsctl follows'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and not __fish_seen_subcommand_from provision status failover failback notify ha restore-meta split-brain backup-meta history inventory playbook lab completions man help" -f -a "lab" -d 'Run a virtual cluster of real machines on this computer'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and not __fish_seen_subcommand_from provision status failover failback notify ha restore-meta split-brain backup-meta history inventory playbook lab completions man help" -f -a "completions" -d 'Print shell completions'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and not __fish_seen_subcommand_from provision status failover failback notify ha restore-meta split-brain backup-meta history inventory playbook lab completions man help" -f -a "man" -d 'Write manual pages into a directory'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and not __fish_seen_subcommand_from provision status failover failback notify ha restore-meta split-brain backup-meta history inventory playbook lab completions man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and __fish_seen_subcommand_from notify" -f -a "test" -d 'Send a test alert from each master, every way there is'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and __fish_seen_subcommand_from ha" -f -a "hold" -d 'Suspend the takeover on both masters for a while'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and __fish_seen_subcommand_from ha" -f -a "release" -d 'End a hold before its time'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and __fish_seen_subcommand_from ha" -f -a "status" -d 'Show every layer of the takeover on both masters side by side'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and __fish_seen_subcommand_from split-brain" -f -a "show" -d 'Show whether it is a split brain, and what each side has that the other lacks'
complete -c mfsctl -n "__fish_mfsctl_using_subcommand help; and __fish_seen_subcommand_from split-brain" -f -a "resolve" -d 'Heal a split brain: keep one side, discard the changes of the other'
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
