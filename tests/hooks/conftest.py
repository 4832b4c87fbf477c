"""What the helpers of these tests assert is told as what tests assert is."""

import pytest

pytest.register_assert_rewrite("support.hook_twins")
