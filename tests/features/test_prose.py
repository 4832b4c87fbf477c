"""Which checks are commands and which are sentences; the lists are after what people write into `verify`."""

from __future__ import annotations

import pytest

from orchestrator.features.dialects.prose import first_word, is_prose
from orchestrator.features.model import feature

COMMANDS = """
npm test
pytest -q
test -f answer.json
true
./init.sh
for f in tests/*.sh; do sh $f; done
cd app && npm run build
make all
make lint check verify
docker compose up -d && curl -f localhost:3000/health
grep -q 'is it the page that works' file
python -c 'print("look at the page")'
cargo test --all -- --nocapture
cargo test it
if [ -f x ]; then make test; else make check; fi
echo all is well
npm run check
Rscript tests/run.R
FOO=bar BAZ=1 pytest tests/test_x.py -k "not slow and it"
(cd web && npm ci && npm test)
npm test # then look at the page by hand
test "$(ls | wc -l)" -gt 3
curl -sf http://localhost:3000/ | grep -q ok
set -e; npm ci; npm run lint
go test ./... && go vet ./...
xcodebuild -scheme App -destination 'platform=iOS Simulator,name=iPhone 15' test
npx tsc --noEmit && npx vitest run
[ -f dist/index.html ] && [ -s dist/app.js ]
case $x in a) true;; esac
! git grep -n TODO
""".strip().splitlines()

SENTENCES = """
true + look at it by hand at 375/768 > fine
Open the page and look at it
npm run build + look at it by hand
manual: look at the page
manual test
Manual testing
Verify login
npm test and look
curl localhost:3000 returns 200
npm test passes
npm run build succeeds without errors
pytest tests/test_x.py → green
pytest: all tests pass
GET /health returns 200
npm run dev, open http://localhost:3000
uv run pytest and manual check
node server.js; check in browser
npm test 然后手动检查
npm test und dann ansehen mit Browser
npm run build y mirar la página
make test, then start it
npm test && open the browser
Start the server and check that the user's page loads
visual inspection
npm start - the home page shows a list
run the tests
ls shows the new file
Check it in the browser
""".strip().splitlines()


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_are_run(command: str) -> None:
    assert not is_prose(command)
    read = feature({"id": "F1", "tests": ["a"], "verify": command})
    assert (read.verify, read.tests) == (command, ("a",))


@pytest.mark.parametrize("sentence", SENTENCES)
def test_sentences_are_tests_in_words_and_never_commands(sentence: str) -> None:
    assert is_prose(sentence)
    for key in ("verify", "verification_command"):
        read = feature({"id": "F1", "tests": ["a"], key: sentence})
        assert (read.verify, read.tests) == (None, ("a", sentence))


@pytest.mark.parametrize(
    ("command", "word"),
    [
        ("npm test", "npm"),
        ("FOO=bar BAZ=1 pytest -q", "pytest"),
        ("! grep -q x y", "grep"),
        ("(cd web && npm ci)", "cd"),
        ("if make; then true; fi", "make"),
        ("true;false", "true"),
        ("./run.sh x", "./run.sh"),
        ('"$TOOL" x', ""),
        ("$(which make) test", ""),
        ("X=$(date) make", ""),
        ("", ""),
    ],
)
def test_the_program_that_starts_first_is_named_where_the_text_tells_it(command: str, word: str) -> None:
    assert first_word(command) == word
