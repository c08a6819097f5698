"""What was typed: in which language to answer, and what is wrong with it in the catalogue's words."""

from __future__ import annotations

import locale
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sim.errors import Fault, UsageError
from sim.language import DEFAULT_LANGUAGE, LANGUAGES, has, say

if TYPE_CHECKING:
    import typer


def language(arguments: Sequence[str], environment: Mapping[str, str]) -> tuple[str, list[str]]:
    """The language to speak, and the arguments without it: ``--lang``, else YIZHAN_LANG, else the locale's.

    Raises
    ------
    UsageError
        The language is not one of ours.

    Examples
    --------
    >>> language(["check", "--lang", "zh", "a.yaml"], {})
    ('zh', ['check', 'a.yaml'])
    """
    rest: list[str] = []
    chosen = environment.get("YIZHAN_LANG") or _of_locale(environment)
    words = iter(arguments)
    for word in words:
        if word == "--lang":
            chosen = next(words, "")
        elif word.startswith("--lang="):
            chosen = word.removeprefix("--lang=")
        else:
            rest.append(word)
    if chosen not in LANGUAGES:
        raise UsageError(Fault("cli.no_language", {"lang": chosen, "known": ", ".join(LANGUAGES)}))
    return chosen, rest


def known_command(arguments: Sequence[str], known: Sequence[str]) -> None:
    """See that the first word is a command, if it is no option; raises UsageError if not."""
    name = arguments[0]
    if not name.startswith("-") and name not in known:
        raise UsageError(Fault("cli.no_command", {"name": name, "known": ", ".join(known)}))


def _of_locale(environment: Mapping[str, str]) -> str:
    spoken = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    if not spoken and sys.platform == "win32":
        spoken = locale.getlocale()[0] or ""
    return "zh" if spoken.lower().startswith(("zh", "chinese")) else DEFAULT_LANGUAGE


def in_language(command: Any, lang: str) -> Any:
    """Put the catalogue's words in place of the keys in a command's help and its parameters'."""
    if command.help and has(command.help):
        command.help = say(command.help, lang)
    for parameter in command.params:
        if getattr(parameter, "help", None) and has(parameter.help):
            parameter.help = say(parameter.help, lang)
    for part in getattr(command, "commands", {}).values():
        in_language(part, lang)
    return command


def usage_fault(error: typer.TyperException) -> Fault:
    """What was typed wrong, in the catalogue's words where it has some for this kind of fault."""
    names = getattr(getattr(error, "param", None), "opts", None) or [getattr(error, "option_name", "")]
    likely = ", ".join(getattr(error, "possibilities", None) or ())
    kind = type(error).__name__
    key = "cli.usage.unknown_option" if kind == "NoSuchOption" and not likely else f"cli.usage.{kind}"
    params = {"what": error.format_message().rstrip("."), "name": names[0], "likely": likely}
    return Fault(key if has(key) else "cli.usage.other", params)
