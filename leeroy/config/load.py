"""From config.json to settings that can be used, or to all that is wrong with it."""

import glob
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any

from leeroy.config.consistency import SECRET_VARIABLE, inconsistencies
from leeroy.config.fields import IS_FILE
from leeroy.config.parts import fields_in
from leeroy.config.resolved import Config
from leeroy.config.substitute import ReadFile, join, parse_json, repeated_keys, substitute
from leeroy.config.validate import Origins, validate
from leeroy.errors import ConfigError, Fault

#: Finds the files a pattern stands for, beginning at a folder.
FindFiles = Callable[[Path, str], Sequence[Path]]

#: What an included file may have.
INCLUDED = ("builds", "branches", "repositories")


def load_config(path: str | PurePath, environ: Mapping[str, str]) -> Config:
    """The settings in a file; ConfigError with every fault, each with its path."""
    # Absolute, so that what is relative to it stays right wherever it is used.
    source = Path(path).absolute()
    try:
        text = _read_text(source)
    except (OSError, UnicodeDecodeError) as exc:
        fault = Fault(
            path="",
            problem=f"cannot read {path}: {_reason(exc)}",
            hint="name the file with --config or LEEROY_CONFIG",
        )
        raise ConfigError([fault]) from exc
    return parse_config(
        text, environ=environ, read_file=_read_text, source=source, find_files=_find_files
    )


def parse_config(
    text: str,
    *,
    environ: Mapping[str, str],
    read_file: ReadFile,
    source: str | PurePath = "config.json",
    find_files: FindFiles = lambda folder, pattern: (),
) -> Config:
    """The same from the file's text; reading other files is handed in."""
    source = Path(source)
    read = _Reader(environ=environ, read_file=read_file, find_files=find_files)
    data = read.object(text, file=source, prefix="")
    origins = _origins(data, prefix="")
    read.included(data, origins, source.parent)
    read.named_files(data, source.parent)
    _add_secret(data, environ.get(SECRET_VARIABLE, ""))
    config, found = validate(data, origins, source=source)
    known = {fault.path for fault in read.faults}
    faults = [*read.faults, *(fault for fault in found if fault.path not in known)]
    if config is not None:
        faults += [*_without_echoes(inconsistencies(config, origins), faults)]
    if faults or config is None:
        raise ConfigError(faults)
    return config


class _Reader:
    """Reads files and what they refer to, and collects what is wrong."""

    def __init__(
        self, *, environ: Mapping[str, str], read_file: ReadFile, find_files: FindFiles
    ) -> None:
        self.faults: list[Fault] = []
        self._environ = environ
        self._read_file = read_file
        self._find_files = find_files

    def object(self, text: str, *, file: Path, prefix: str) -> dict[str, Any]:
        """The file's object with its references replaced; ConfigError where it is not JSON."""
        raw = parse_json(text, name=prefix.rstrip(":") or file.name)
        self.faults += repeated_keys(raw, prefix)
        data, faults = substitute(
            raw, prefix, environ=self._environ, read_file=self._read_file, folder=file.parent
        )
        self.faults += faults
        return dict(data)

    def included(self, data: dict[str, Any], origins: Origins, folder: Path) -> None:
        """Add what the files under ``include`` have."""
        patterns = data.get("include", [])
        patterns = [patterns] if isinstance(patterns, str) else patterns
        for index, pattern in enumerate(patterns if isinstance(patterns, list) else []):
            if not isinstance(pattern, str) or not pattern:
                continue  # told by its type
            files = self._find_files(folder, pattern)
            if not files and not glob.has_magic(pattern):
                hint = "paths are relative to the file they stand in"
                path = join("include", index)
                self.faults.append(Fault(path=path, problem="there is no such file", hint=hint))
            for file in files:
                self._include(file, data, origins, folder)

    def _include(self, file: Path, data: dict[str, Any], origins: Origins, folder: Path) -> None:
        name = (file.relative_to(folder) if file.is_relative_to(folder) else file).as_posix()
        try:
            more = self.object(self._read_file(file), file=file, prefix=f"{name}:")
        except ConfigError as exc:
            self.faults += exc.faults
            return
        except (OSError, UnicodeDecodeError) as exc:
            self.faults.append(Fault(path=name, problem=f"cannot be read: {_reason(exc)}"))
            return
        for key in more:
            if key not in (*INCLUDED, "$schema"):
                hint = "an included file may have builds, branches and repositories"
                self.faults.append(Fault(path=f"{name}:{key}", problem="unknown key", hint=hint))
        self.faults += _add(data, origins, more, _origins(more, prefix=f"{name}:"), f"{name}:")

    def named_files(self, data: dict[str, Any], folder: Path) -> None:
        """Make the paths of certificates and the like whole, and see that they can be read."""
        for path, holder, key, field in fields_in(data):
            value = holder[key]
            if IS_FILE not in field.metadata or not isinstance(value, str) or not value:
                continue
            try:
                self._read_file(folder / value)
            except (OSError, UnicodeDecodeError) as exc:
                problem = f"cannot be read: {_reason(exc)}"
                self.faults.append(Fault(path=path, problem=problem))
            holder[key] = str(folder / value)


def _origins(data: Mapping[str, Any], *, prefix: str) -> Origins:
    """Where each item of the file stands, to say so once items of several files are together."""
    origins: Origins = {}
    for key in ("builds", "branches"):
        items = data.get(key)
        count = len(items) if isinstance(items, list) else 0
        origins[key] = [f"{prefix}{key}[{index}]" for index in range(count)]
    repositories = data.get("repositories")
    names = repositories if isinstance(repositories, dict) else {}
    origins["repositories"] = {name: f"{prefix}repositories.{name}" for name in names}
    return origins


def _add(
    data: dict[str, Any], origins: Origins, more: dict[str, Any], theirs: Origins, prefix: str
) -> Iterator[Fault]:
    """Put an included file's items behind those we have."""
    for key in INCLUDED:
        kind: type[Any] = dict if key == "repositories" else list
        ours, new = data.get(key, kind()), more.get(key, kind())
        if not isinstance(new, kind):
            word = "an object" if kind is dict else "a list"
            yield Fault(path=f"{prefix}{key}", problem=f"must be {word}")
            continue
        if not isinstance(ours, kind):
            continue  # told by its type
        if kind is list:
            data[key] = [*ours, *new]
            origins[key] += theirs[key]
            continue
        data[key] = {**new, **ours}
        for name, path in theirs[key].items():
            first = origins[key].setdefault(name, path)
            if first != path:
                problem = f"is the same repository as {first}"
                yield Fault(path=path, problem=problem, hint="join them")


def _add_secret(data: dict[str, Any], secret: str) -> None:
    """The environment's webhook secret is one more of the top's."""
    ours = data.get("github_webhook_secret", [])
    ours = [ours] if isinstance(ours, str) else ours
    if secret and isinstance(ours, list) and secret not in ours:
        data["github_webhook_secret"] = [*ours, secret]


def _without_echoes(faults: Iterable[Fault], known: Sequence[Fault]) -> Iterator[Fault]:
    """Leave out what only follows from another fault, at its place or around it."""
    for fault in faults:
        if not any(_is_within(fault.path, k.path) or _is_within(k.path, fault.path) for k in known):
            yield fault


def _is_within(path: str, outer: str) -> bool:
    return path == outer or path.startswith((f"{outer}.", f"{outer}["))


def _read_text(path: Path) -> str:
    return path.read_text(encoding="utf-8-sig")


def _find_files(folder: Path, pattern: str) -> list[Path]:
    found = sorted(glob.glob(pattern, root_dir=folder, recursive=True))
    return [folder / name for name in found if (folder / name).is_file()]


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return (error.strerror or "no such file") if isinstance(error, OSError) else "is not UTF-8"
