warn() { # one line for a commit: post-commit says it where commit-msg would have said the same
  [ "$hook" = commit-msg ] && says "$1" ||
    echo "orchestrator: warning: $why, so the feature list was not synced; run \`orchestrator hooks install\`" >&2
  exit $code
}

if [ ! -x "$python" ]; then
  # Any other that can import us does; an old one, or none of them, has nothing to say of its own.
  why="its Python is gone"
  python=$(command -v python3 || command -v python) || warn "$@"
  "$python" -I -S -c 'import sys
sys.path[:0] = sys.argv[1].split("\n")
import orchestrator.hooks.entry
sys.exit(sys.version_info < (3, 10))' "$paths" 2>/dev/null || warn "$@"
fi
# Isolated (-I), so that nothing in the repository or the environment is imported instead of us; without `site`
# (-S), which takes longer than the rest of a start.
ORCHESTRATOR_HOOK=1 "$python" -I -S -c '
import sys
sys.path[:0] = sys.argv.pop(1).split("\n")
try:
    from orchestrator.hooks.entry import main
except ImportError:
    sys.exit(11)
main()
' "$paths" "$hook" "$@" </dev/null
# A verdict has an exit code of its own; whatever else went wrong in there, the commit goes through.
case $? in
10) exit 1 ;;
11)
  why="it is no longer installed here"
  warn "$@"
  ;;
esac
exit $code
