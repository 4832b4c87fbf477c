"""How results are written."""

import json


def as_json(pairs):
    """The pairs as a JSON object, in the order given."""
    return json.dumps(dict(pairs), ensure_ascii=False)
