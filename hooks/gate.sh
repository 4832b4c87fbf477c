#!/bin/sh
# orchestrator hook 2
# Installed by `orchestrator hooks install`; `uninstall` takes it away and puts back what was here before.
# Shell built-ins decide whether a commit matters: one that does not starts no process.
hook=@HOOK@
python=@PYTHON@
paths=@PATHS@

# The hook that was here before runs first, with its arguments and input. Only commit-msg has a say in what git does;
# another one's exit code is handed on afterwards. Called as .legacy or .old, by a tool that took this place and keeps
# us beside it, we leave it to that tool to run the others.
before=@BEFORE@
case $0 in
*.legacy | *.old) before= ;;
esac
input=
code=0
if [ "$hook" = post-rewrite ]; then
  while IFS= read -r line || [ -n "$line" ]; do
    input="$input$line
"
  done
fi
if [ -n "$before" ] && [ -x "$before" ]; then
  case $hook in
  commit-msg) "$before" "$@" || exit $? ;;
  post-rewrite) printf %s "$input" | "$before" "$@" || code=$? ;;
  *) "$before" "$@" || code=$? ;;
  esac
fi
[ -z "$ORCHESTRATOR_HOOK$ORCHESTRATOR_SKIP" ] || exit $code
git_dir=${GIT_DIR:-.git}
ours=$git_dir/orchestrator

says() { # whether a line of the message in the file $1 may say something about a feature
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in
    @SAYS@ | *"This reverts commit "*) return 0 ;;
    *" ------------------------ >8 ------------------------") return 1 ;; # the diff of `git commit -v` follows
    esac
  done <"$1"
  return 1
}

unsettled() { # whether a list may have changed since it was found valid and staged as it is
  # Shells compare whole seconds: only a list that is older for sure is passed over.
  for list in @LISTS@; do
    if [ -f "$list" ] && ! [ "$list" -ot "$ours/validated" ]; then return 0; fi
  done
  return 1
}

find_head() { # sets `head`; to nothing where refs are no files
  head=
  [ ! -f "$git_dir/HEAD" ] || read -r head <"$git_dir/HEAD"
  case $head in
  "ref: "*)
    ref=${head#ref: } refs=$git_dir head=
    if [ -f "$git_dir/commondir" ]; then
      read -r refs <"$git_dir/commondir"
      case $refs in
      /* | [A-Za-z]:*) ;;
      *) refs=$git_dir/$refs ;;
      esac
    fi
    [ ! -f "$refs/$ref" ] || read -r head <"$refs/$ref"
    ;;
  esac
}

find_seen() { # sets `seen`, the newest commit that post-commit looked at, and `past`: "synced" when Python did,
  # else the one before it where that said nothing either
  seen='' past=''
  [ ! -f "$ours/seen" ] || read -r seen past <"$ours/seen"
}

case $hook in
commit-msg)
  # What is replayed is history: it was judged when it was new.
  [ -d "$git_dir/rebase-merge" ] || [ -d "$git_dir/rebase-apply" ] || [ -d "$git_dir/sequencer" ] ||
    [ -f "$git_dir/CHERRY_PICK_HEAD" ] || [ -f "$git_dir/MERGE_HEAD" ] && exit 0
  says "$1" || unsettled || exit 0
  ;;
post-commit)
  [ -d "$git_dir/rebase-merge" ] || [ -d "$git_dir/rebase-apply" ] && exit $code
  if [ -f "$git_dir/sequencer/todo" ]; then
    # The last of several picks or reverts makes up for all of them.
    steps=0
    while read -r line || [ -n "$line" ]; do
      [ -z "$line" ] || steps=$((steps + 1))
    done <"$git_dir/sequencer/todo"
    [ $steps -le 1 ] || exit $code
  else
    message=$git_dir/COMMIT_EDITMSG
    [ ! -f "$git_dir/MERGE_MSG" ] || message=$git_dir/MERGE_MSG
    if [ -f "$message" ] && ! says "$message"; then
      find_head
      find_seen
      [ "$past" != synced ] || seen=
      [ ! -d "$ours" ] || echo "$head $seen" >"$ours/seen"
      exit $code
    fi
  fi
  ;;
post-merge)
  [ "$1" != 1 ] && [ ! -f "$git_dir/MERGE_AUTOSTASH" ] || exit $code
  ;;
post-checkout)
  [ -d "$git_dir/rebase-merge" ] || [ -d "$git_dir/rebase-apply" ] || [ -f "$git_dir/BISECT_LOG" ] && exit $code
  if [ "$3" != 1 ] || [ "$1" = "$2" ]; then unsettled || exit $code; fi
  ;;
post-rewrite)
  if [ "$1" = amend ]; then
    [ ! -d "$git_dir/rebase-merge" ] || exit $code
    # post-commit has seen the new commit. Nothing is left to do where it synced, or where the old one said nothing.
    find_head
    find_seen
    if [ -n "$head" ] && [ "$head" = "$seen" ]; then
      case $past in
      synced | "${input%% *}") exit $code ;;
      esac
    fi
  fi
  ;;
post-applypatch)
  [ ! -f "$git_dir/rebase-apply/rebasing" ] || exit $code
  if [ -f "$git_dir/rebase-apply/next" ] && [ -f "$git_dir/rebase-apply/last" ]; then
    read -r next <"$git_dir/rebase-apply/next"
    read -r last <"$git_dir/rebase-apply/last"
    [ "$next" -ge "$last" ] || exit $code
  fi
  ;;
esac

if [ ! -x "$python" ]; then
  python=$(command -v python3 || command -v python) || {
    echo "orchestrator: warning: its Python is gone, so the feature list was not synced;" \
      "run \`orchestrator hooks install\`" >&2
    exit $code
  }
fi
ORCHESTRATOR_HOOK=1
export ORCHESTRATOR_HOOK
# Isolated (-I), so that nothing in the repository or the environment is imported instead of us; without `site`
# (-S), which takes longer than the rest of a start. Any Python may answer: an old one has to understand this much.
"$python" -I -S -c '
import sys
paths = sys.argv.pop(1).split("\n")
def absent(why):
    sys.stderr.write("orchestrator: warning: %s, so the feature list was not synced; "
                     "run `orchestrator hooks install`\n" % why)
    sys.exit(0)
if sys.version_info < (3, 10):
    absent("its Python is gone and another one is too old")
sys.path[:0] = paths
try:
    from orchestrator.hook_entry import main
except ImportError:
    absent("it is no longer installed here")
main()
' "$paths" "$hook" "$@" </dev/null
# A verdict has an exit code of its own; whatever else went wrong in there, the commit goes through.
[ $? -ne 10 ] || exit 1
exit $code
