#!/bin/sh
# orchestrator hook 1
# Installed by `orchestrator hooks install`; taken away, and what was here before put back, by `uninstall`.
# Shell built-ins decide whether a commit matters: one that does not starts no process.
hook=@HOOK@
python=@PYTHON@
paths=@PATHS@
projects=@PROJECTS@
completed=@COMPLETED@
reopened=@REOPENED@

before=@BEFORE@
input=
case $hook in
post-rewrite) input=$(cat) ;;
esac
if [ -n "$before" ] && [ -x "$before" ]; then
  case $hook in
  post-rewrite) printf '%s\n' "$input" | "$before" "$@" || exit $? ;;
  *) "$before" "$@" || exit $? ;;
  esac
fi
[ -z "$ORCHESTRATOR_HOOK$ORCHESTRATOR_SKIP" ] || exit 0
git_dir=${GIT_DIR:-.git}

says() { # whether a line of the file $1 may say something about a feature
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in
    *"$completed"[\ \	]* | *"$reopened"[\ \	]* | *"This reverts commit "*) return 0 ;;
    esac
  done <"$1"
  return 1
}

case $hook in
commit-msg)
  [ -d "$git_dir/rebase-merge" ] || [ -d "$git_dir/rebase-apply" ] || [ -d "$git_dir/sequencer" ] ||
    [ -f "$git_dir/CHERRY_PICK_HEAD" ] || [ -f "$git_dir/MERGE_HEAD" ] && exit 0
  needed=
  if says "$1"; then needed=1; fi
  # A list that may be newer than its last validation may be staged, and may be broken. Shells compare whole
  # seconds: only a list that is older for sure is passed over.
  while IFS= read -r list; do
    if [ -f "$list" ] && ! [ "$list" -ot "$git_dir/orchestrator/validated" ]; then needed=1; fi
  done <<LISTS
$projects
LISTS
  [ -n "$needed" ] || exit 0
  ;;
post-commit)
  [ -d "$git_dir/rebase-merge" ] || [ -d "$git_dir/rebase-apply" ] && exit 0
  message=$git_dir/COMMIT_EDITMSG
  [ ! -f "$git_dir/MERGE_MSG" ] || message=$git_dir/MERGE_MSG
  if [ -f "$message" ] && [ ! -d "$git_dir/sequencer" ]; then says "$message" || exit 0; fi
  ;;
post-merge) [ "$1" != 1 ] || exit 0 ;;
post-checkout)
  [ "$3" = 1 ] && [ "$1" != "$2" ] || exit 0
  [ -d "$git_dir/rebase-merge" ] || [ -d "$git_dir/rebase-apply" ] || [ -f "$git_dir/BISECT_LOG" ] && exit 0
  ;;
post-rewrite)
  [ "$1" != amend ] || [ ! -d "$git_dir/rebase-merge" ] || exit 0
  ;;
esac

if [ ! -x "$python" ]; then
  python=$(command -v python3 || command -v python) || {
    echo "orchestrator: warning: no Python found, so the feature list was not synced; run \`orchestrator sync\`" >&2
    exit 0
  }
fi
ORCHESTRATOR_HOOK=1
export ORCHESTRATOR_HOOK
# Isolated (-I), so that nothing in the repository or the environment is imported instead of us; without `site`
# (-S), which takes longer than the rest of a start.
"$python" -I -S -c '
import sys
sys.path[:0] = sys.argv.pop(1).split("\n")
try:
    from orchestrator.hook_entry import main
except ImportError:
    sys.stderr.write("orchestrator: warning: it is no longer installed here; run `orchestrator hooks install`\n")
    sys.exit(0)
main()
' "$paths" "$hook" "$@" <<END
$input
END
