"""Runs one program under limits and says how it went, in one line of JSON on the original standard output.

Standard input brings one line of JSON with the limits, then the program. The program sees neither that input nor that
output. It runs in a process of its own that the caller starts in an empty folder, with an empty environment, in
Python's isolated mode, and without a network where the system can do that.

Limits of the system (processor time, memory, files, processes) hold whatever the program does. The audit hook stands
for what the system cannot forbid everywhere: it refuses sockets, other programs, and changes to files. Code that is
written to break out of Python can get around it; code that a model writes by mistake does not.
"""

import json
import os
import signal
import sys
import types

REFUSED = {
    "os.chflags", "os.chmod", "os.chown", "os.exec", "os.fork", "os.forkpty", "os.kill", "os.killpg", "os.link",
    "os.mkdir", "os.posix_spawn", "os.remove", "os.removexattr", "os.rename", "os.rmdir", "os.setxattr", "os.spawn",
    "os.startfile", "os.symlink", "os.system", "os.truncate", "os.utime", "pty.spawn", "signal.pthread_kill",
    "subprocess.Popen",
}
REFUSED_FAMILIES = ("ctypes.", "ftplib.", "shutil.", "smtplib.", "socket.", "tempfile.", "urllib.", "winreg.")
WRITING = os.O_WRONLY | os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_TRUNC


def limit(cpu_seconds, wall_seconds, memory_bytes):
    """Sets what the system can limit; returns the names of what it did."""
    in_force = []
    if hasattr(signal, "setitimer"):
        # The caller ends the process at this time; should the caller be gone, this does.
        signal.setitimer(signal.ITIMER_REAL, wall_seconds)
    try:
        import resource
    except ImportError:
        return in_force
    wanted = {
        "cpu": ("RLIMIT_CPU", cpu_seconds, cpu_seconds + 1),
        "memory": ("RLIMIT_AS", memory_bytes, memory_bytes),
        "files": ("RLIMIT_FSIZE", 0, 0),
        "processes": ("RLIMIT_NPROC", 0, 0),
        "core": ("RLIMIT_CORE", 0, 0),
    }
    for name, (constant, soft, hard) in wanted.items():
        try:
            resource.setrlimit(getattr(resource, constant), (soft, hard))
        except (AttributeError, OSError, ValueError):
            continue
        in_force.append(name)
    return in_force


def refuse(event, arguments):
    if event == "open":
        refused = isinstance(arguments[2], int) and arguments[2] & WRITING
    else:
        refused = event in REFUSED or event.startswith(REFUSED_FAMILIES)
    if refused:
        raise PermissionError(f"{event} is not allowed here")


def run(source):
    """How the program went: nothing where it came to its end, the name of the exception where it did not."""
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    try:
        exec(compile(source, "<task>", "exec"), module.__dict__)
    except BaseException as error:
        return type(error).__name__
    return None


def main():
    settings = json.loads(sys.stdin.buffer.readline())
    source = sys.stdin.buffer.read().decode("utf-8")
    answer = os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    in_force = limit(settings["cpuSeconds"], settings["wallSeconds"], settings["memoryBytes"])
    sys.addaudithook(refuse)
    error = run(source)
    os.write(answer, json.dumps({"error": error, "limits": in_force}).encode())
    # Not by the ordinary way out, where threads and exit handlers of the program could still do something.
    os._exit(0)


main()
