# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The play's vault secrets: what Ansible's own tools can read, under which vault id, and when plain text is refused."""

from __future__ import annotations

import builtins
import json
import types
import typing as t

import pytest
from ansible import constants as C
from ansible.errors import AnsibleActionFail
from ansible.parsing import vault as ansible_vault
from ansible.parsing.vault import VaultLib, VaultSecret
from ansible.utils.context_objects import CLIArgs

from ansible_collections.lakeops.databricks.plugins.module_utils._common.failure import Failure, Refused
from ansible_collections.lakeops.databricks.plugins.module_utils._token import vault as _vault
from ansible_collections.lakeops.databricks.plugins.plugin_utils import _ansible_names
from ansible_collections.lakeops.databricks.plugins.plugin_utils._play_vault import PlayVault

TEXT = 'naïve {"token_value": "dapi0123456789"}\n'
DEV, PROD = ("dev", b"red"), ("prod", b"blue")


def ansible(*secrets: tuple[str, bytes]) -> VaultLib:
    return VaultLib([(vault_id, VaultSecret(password)) for vault_id, password in secrets])


def sent(vault: PlayVault, text: str | None = None, may_ask: bool = True) -> _vault.SentVault:
    return _vault.SentVault(vault.document(text, may_ask=may_ask))


Make = t.Callable[[PlayVault, "str | None"], _vault.Vault]
# In the worker the secrets themselves; in a program keys that belong to one file.
WAYS: dict[str, Make] = {"worker": lambda vault, text: vault, "program": sent}
ways = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)


@ways
@pytest.mark.parametrize("length", [0, 1, 15, 16, 17, 3000])
def test_ansible_opens_what_we_seal(way: Make, length: int) -> None:
    text = "ä" * length
    sealed = way(PlayVault([("default", b"a password")]), None).encrypt(text)
    assert sealed.startswith("$ANSIBLE_VAULT;1.1;AES256\n") and sealed.endswith("\n")
    assert max(map(len, sealed.splitlines())) == 80
    assert ansible(("default", b"a password")).decrypt(sealed).decode() == text


@ways
@pytest.mark.parametrize("vault_id", [None, "prod"])
def test_we_open_what_ansible_seals(way: Make, vault_id: str | None) -> None:
    secret = VaultSecret(b"blue")
    sealed = VaultLib([("prod", secret)]).encrypt(TEXT, secret, vault_id).decode()
    assert way(PlayVault([DEV, PROD]), sealed).decrypt(sealed) == TEXT


@ways
@pytest.mark.parametrize(
    ("secrets", "encrypt_id", "header"),
    [
        ([DEV, PROD], None, "$ANSIBLE_VAULT;1.2;AES256;dev"),
        ([DEV, PROD], "prod", "$ANSIBLE_VAULT;1.2;AES256;prod"),
        ([("default", b"x"), PROD], None, "$ANSIBLE_VAULT;1.1;AES256"),
    ],
)
def test_the_vault_id_of_a_new_file(way: Make, secrets: t.Any, encrypt_id: str | None, header: str) -> None:
    assert way(PlayVault(secrets, encrypt_id), None).encrypt(TEXT).splitlines()[0] == header


@ways
@pytest.mark.parametrize("vault_id", [None, "prod", "gone"])
def test_a_file_stays_under_its_vault_id_and_its_secret(way: Make, vault_id: str | None) -> None:
    """Whatever comes first in the play: a run with the original secret alone must open it again."""
    before = ansible(PROD).encrypt("old", VaultSecret(b"blue"), vault_id).decode()
    vault = way(PlayVault([DEV, PROD], "dev"), before)
    assert vault.decrypt(before) == "old"
    after = vault.encrypt(TEXT, before)
    assert after.splitlines()[0] == before.splitlines()[0]
    assert ansible(PROD).decrypt(after).decode() == TEXT


def test_with_vault_id_match_only_the_secret_of_that_id_counts() -> None:
    sealed = ansible(PROD).encrypt("x", VaultSecret(b"blue"), "other").decode()
    assert PlayVault([DEV, PROD]).decrypt(sealed) == "x"
    with pytest.raises(Refused, match="none of the play's vault secrets opens"):
        PlayVault([DEV, PROD], match=True).decrypt(sealed)


@ways
def test_a_wrong_secret_is_refused(way: Make) -> None:
    sealed = PlayVault([DEV]).encrypt(TEXT)
    vault = way(PlayVault([PROD]), sealed)
    with pytest.raises(Refused, match="none of the play's vault secrets opens the file") as refused:
        vault.decrypt(sealed)
    assert refused.value.code == "VAULT" and "was used when the token was stored" in str(refused.value)


@ways
@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[:60],
        lambda text: text.splitlines()[0],
        lambda text: text.replace("AES256", "AES"),
        lambda text: text.replace("1.2", "1.3"),
        lambda text: text + "zz\n",
        lambda text: "$ANSIBLE_VAULT",
    ],
)
def test_a_damaged_file_is_told(way: Make, damage: t.Callable[[str], str]) -> None:
    text = damage(PlayVault([DEV]).encrypt(TEXT))
    with pytest.raises(Refused, match="begins like one of Ansible Vault, and is damaged"):
        way(PlayVault([DEV]), text).decrypt(text)


def test_a_changed_file_is_not_taken_for_the_record() -> None:
    lines = PlayVault([DEV]).encrypt(TEXT).splitlines()
    turned = {"0": "1", "1": "0"}
    at = next(at for at in range(len(lines[-1]) - 1, 0, -1) if lines[-1][at] in turned)
    lines[-1] = lines[-1][:at] + turned[lines[-1][at]] + lines[-1][at + 1 :]
    with pytest.raises(Refused):
        PlayVault([DEV]).decrypt("\n".join(lines))


# -- keys for a program -----------------------------------------------------------------------
def test_no_password_and_no_salt_twice_go_to_a_program() -> None:
    document = PlayVault([("dev", b"correct horse"), PROD]).document(None, may_ask=True)
    assert "correct horse" not in document and b"correct horse".hex() not in document
    salts = [salt for salt, _keys in json.loads(document)["write"]]
    assert len(set(salts)) == len(salts) == _vault.TEXTS
    vault = _vault.SentVault(document)
    texts = [vault.encrypt(TEXT) for _number in range(_vault.TEXTS)]
    assert len({_vault.parsed(text).salt for text in texts}) == _vault.TEXTS
    assert {vault.decrypt(text) for text in texts} == {TEXT}
    with pytest.raises(Failure, match="more often than it has keys for"):
        vault.encrypt(TEXT)


def test_a_file_that_only_the_program_can_read_is_asked_about() -> None:
    play, sealed = PlayVault([DEV]), PlayVault([DEV]).encrypt(TEXT)
    with pytest.raises(Failure) as asked:
        sent(play).decrypt(sealed)
    assert asked.value.as_dict()["code"] == _vault.KEYS_NEEDED
    assert sent(play, asked.value.details["sealed"]).decrypt(sealed) == TEXT
    with pytest.raises(Refused, match=r"do not belong to it.*Leave out async") as refused:
        sent(play, may_ask=False).decrypt(sealed)
    assert "sealed" not in refused.value.details


def test_without_the_library_nothing_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = builtins.__import__

    def without(name: str, *rest: t.Any) -> t.Any:
        if name.startswith("cryptography"):
            raise ImportError(name)
        return plain(name, *rest)

    vault = sent(PlayVault([DEV]))
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(Refused, match=r"cannot encrypt.*Install the package cryptography for it, or leave out"):
        vault.encrypt(TEXT)


# -- what the play has ------------------------------------------------------------------------
@pytest.fixture(autouse=True)
def _a_play_without_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_ansible_names.context, "CLIARGS", CLIArgs({}))
    monkeypatch.setattr(C, "DEFAULT_VAULT_PASSWORD_FILE", None)
    monkeypatch.setattr(C, "DEFAULT_VAULT_IDENTITY_LIST", [])
    monkeypatch.setattr(ansible_vault.VaultSecretsContext, "_current", None)


def loader(*secrets: tuple[str, bytes]) -> t.Any:
    return types.SimpleNamespace(_vault=ansible(*secrets))


def test_this_ansible_core_has_all_that_we_lean_on() -> None:
    assert _ansible_names.missing() == []


def test_the_secrets_of_the_play_are_found_in_either_place(monkeypatch: pytest.MonkeyPatch) -> None:
    found = _ansible_names.vault(loader(DEV, PROD))
    assert found and found.secrets == [DEV, PROD]
    context = ansible_vault.VaultSecretsContext(ansible(PROD).secrets)
    monkeypatch.setattr(ansible_vault.VaultSecretsContext, "_current", context)
    found = _ansible_names.vault(types.SimpleNamespace())
    assert found and found.secrets == [PROD]


@pytest.mark.parametrize("no_secrets", [loader(), types.SimpleNamespace(_vault=None), types.SimpleNamespace()])
def test_a_play_without_vault_secrets_has_no_vault(no_secrets: t.Any) -> None:
    assert _ansible_names.vault(no_secrets) is None


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"vault_ids": ("prod@prompt",)}, "--vault-id"),
        ({"vault_password_files": ("/pass",)}, "--vault-password-file"),
        ({"ask_vault_pass": True}, "--ask-vault-pass"),
    ],
)
@pytest.mark.parametrize("changed", [types.SimpleNamespace(), loader(), types.SimpleNamespace(_vault=object())])
def test_secrets_that_were_given_and_are_not_found_stop_the_task(
    monkeypatch: pytest.MonkeyPatch, options: t.Any, said: str, changed: t.Any
) -> None:
    monkeypatch.setattr(_ansible_names.context, "CLIARGS", CLIArgs(options))
    monkeypatch.delattr(ansible_vault, "VaultSecretsContext")
    with pytest.raises(AnsibleActionFail, match=rf"this play has a vault secret \({said}\).*plain text"):
        _ansible_names.vault(changed)


@pytest.mark.parametrize("name", ["PASSWORD_FILE", "IDENTITY_LIST"])
def test_so_do_those_of_the_configuration(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(C, f"DEFAULT_VAULT_{name}", ["x"])
    with pytest.raises(AnsibleActionFail, match=f"ANSIBLE_VAULT_{name}"):
        _ansible_names.vault(types.SimpleNamespace())


def test_an_encrypt_identity_that_the_play_does_not_have_is_refused() -> None:
    with pytest.raises(Refused, match="vault id stage, and this play has no such secret"):
        PlayVault([DEV], "stage").encrypt(TEXT)


def test_a_program_opens_several_files_and_seals_as_the_first_one_is() -> None:
    play = PlayVault([DEV, PROD])
    first, second = (PlayVault([one]).encrypt(TEXT) for one in (PROD, DEV))
    given = _vault.SentVault(play.document(first, None, second, may_ask=True))
    assert given.decrypt(first) == given.decrypt(second) == TEXT
    replaced = given.encrypt("new", like=second)
    assert replaced.startswith("$ANSIBLE_VAULT;1.2;AES256;prod\n")
    assert ansible(PROD).decrypt(replaced).decode() == "new"
