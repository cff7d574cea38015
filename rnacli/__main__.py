"""The ``rna`` command as a process of its own, and ``python -m rnacli``."""

import signal
from typing import NoReturn


def command() -> NoReturn:
    # Python would answer Ctrl-C with a traceback, while it imports what answers signals.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from rnacli.terminal.startup import run_command

    run_command(start)


def start() -> NoReturn:
    # Imported here: until signals are answered, one would show a traceback.
    from rnacli.commands.app import main

    main()


if __name__ == "__main__":
    command()
