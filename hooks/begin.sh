# orchestrator hook 2
# Installed by `orchestrator hooks install`; `uninstall` takes it away and puts back what was here before.
# Shell built-ins decide whether a commit matters: one that does not starts no process.
hook=@HOOK@
python=@PYTHON@
paths=@PATHS@

# The hook that was here before runs first, with its arguments and input. Only commit-msg has a say in what git does;
# another one's exit code is handed on afterwards. A post-commit that was here runs last, however ours ends: it may push
# the commit, or note its id, so it must see the one that carries the flip.
before=@BEFORE@
input=
code=0
started=
if [ "$hook" = post-rewrite ]; then
  while IFS= read -r line || [ -n "$line" ]; do
    input="$input$line
"
  done
fi
if [ -n "$before" ] && [ -x "$before" ]; then
  case $hook in
  commit-msg) "$before" "$@" || exit $? ;;
  post-commit) trap '[ -z "$started" ] || { cd "$started" && unset GIT_DIR; }; "$before" || exit $?' 0 ;;
  post-rewrite) printf %s "$input" | "$before" "$@" || code=$? ;;
  *) "$before" "$@" || code=$? ;;
  esac
fi
[ -z "$ORCHESTRATOR_HOOK$ORCHESTRATOR_SKIP" ] || exit $code
if [ -z "$GIT_DIR" ] && [ ! -e .git ] && [ -f HEAD ] && { [ -f config ] || [ -f commondir ]; }; then
  # A client that is not git (dulwich) starts hooks inside of the git dir, and tells the message to commit-msg alone.
  started=$PWD
  if [ -f gitdir ]; then # of a linked work tree
    read -r top <gitdir
    top=${top%/.git}
  else
    top=${started%/.git}
    [ "$top" != "$started" ] || top=$(git config core.worktree)
  fi
  case $hook$1 in
  commit-msg/*) ;;
  commit-msg*) set -- "$started/$1" ;;
  esac
  cd "$top" 2>/dev/null || exit $code
  GIT_DIR=$started
  export GIT_DIR
fi
git_dir=${GIT_DIR:-.git}
ours=$git_dir/orchestrator

put() { # put NAME [LINE]: a file of our folder, where we may write it; what syncs says why it can't
  # No `:`, whose failed redirection ends some shells.
  { echo "$2" >"$ours/$1"; } 2>/dev/null
}

says() { # whether a line of the message in the file $1 may say something about a feature
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in
    @SAYS@ | *"This reverts commit "* | *'Revert "'* | *'Reapply "'*) return 0 ;;
    *" ------------------------ >8 ------------------------") return 1 ;; # the diff of `git commit -v` follows
    esac
  done <"$1"
  return 1
}

unsettled() { # whether a list may have changed since it was found valid and staged as it is, or settings since then
  # Some shells compare whole seconds: only a file that is older for sure is passed over.
  for file in @WATCHED@; do
    if [ -f "$file" ] && ! [ "$file" -ot "$ours/validated" ]; then return 0; fi
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

find_seen() { # sets `seen`, the newest commit that post-commit looked at, and `past`: "synced" if Python handled
  # `seen`, else the commit before it, if that named no feature
  seen='' past=''
  [ ! -f "$ours/seen" ] || read -r seen past <"$ours/seen"
}
