"""Whatever people do, in whatever order, the store says the same as a dict of lists."""

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from journey_app.errors import NothingYet, StaleEdit
from journey_app.store.documents import open_store
from tests.store.conftest import NOON

NAMES = st.sampled_from(["a", "b"])
BODIES = st.dictionaries(st.text(max_size=3), st.none() | st.integers() | st.text(max_size=5), max_size=2)
WHO = {"author": "ana", "now": NOON}


class Desk(RuleBasedStateMachine):
    """Two documents. The model: each version's body, None for a deletion; and what each edit became."""

    @initialize()
    def begin(self):
        self.folder = Path(tempfile.mkdtemp())
        self.store = open_store(self.folder / "state.sqlite")
        self.model = {"a": [], "b": []}
        self.edits = {}

    def newest(self, name):
        return len(self.model[name])

    def is_gone(self, name):
        return not self.model[name] or self.model[name][-1] is None

    @rule(name=NAMES, body=BODIES)
    def edit_the_newest(self, name, body):
        edit_id = f"e{len(self.edits)}"
        based_on = self.newest(name)
        saved = self.store.put("doc", name, body, based_on=based_on, edit_id=edit_id, **WHO)
        self.model[name].append(body)
        self.edits[edit_id] = (name, body, based_on, saved)

    @rule(name=NAMES, body=BODIES, behind=st.integers(1, 3))
    def edit_a_stale_one(self, name, body, behind):
        based_on = self.newest(name) - behind
        if based_on < 0 or (based_on == 0 and self.is_gone(name)):
            return
        with pytest.raises(StaleEdit) as late:
            self.store.put("doc", name, body, based_on=based_on, **WHO)
        assert late.value.theirs == self.model[name][-1] and late.value.mine == body

    @rule(data=st.data())
    def replay(self, data):
        if self.edits:
            edit_id = data.draw(st.sampled_from(sorted(self.edits)))
            name, body, based_on, saved = self.edits[edit_id]
            assert self.store.put("doc", name, body, based_on=based_on, edit_id=edit_id, **WHO) == saved

    @rule(name=NAMES)
    def delete(self, name):
        if self.is_gone(name):
            with pytest.raises(NothingYet):
                self.store.delete("doc", name, based_on=self.newest(name), **WHO)
        else:
            self.store.delete("doc", name, based_on=self.newest(name), **WHO)
            self.model[name].append(None)

    @rule(body=BODIES)
    def fail_in_a_transaction(self, body):
        with pytest.raises(ZeroDivisionError), self.store.transaction():
            for name in ("a", "b"):
                self.store.put("doc", name, body, based_on=self.newest(name), **WHO)
            raise ZeroDivisionError

    @rule(body=BODIES)
    def save_both_in_a_transaction(self, body):
        with self.store.transaction():
            for name in ("a", "b"):
                self.store.put("doc", name, body, based_on=self.newest(name), **WHO)
                self.model[name].append(body)

    @rule()
    def start_again(self):
        self.store.close()
        self.store = open_store(self.folder / "state.sqlite")

    @invariant()
    def says_the_same(self):
        for name, bodies in self.model.items():
            seen = [None if d.deleted else d.body for d in self.store.history("doc", name)]
            assert seen == bodies
            head = self.store.get("doc", name)
            assert (head and head.body) == (None if self.is_gone(name) else bodies[-1])
        there = [name for name in ("a", "b") if not self.is_gone(name)]
        assert [d.doc_id for d in self.store.list("doc")] == there

    def teardown(self):
        if hasattr(self, "store"):
            self.store.close()
            shutil.rmtree(self.folder)


TestDesk = Desk.TestCase
TestDesk.settings = settings(
    max_examples=20, stateful_step_count=20, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
