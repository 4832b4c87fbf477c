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
