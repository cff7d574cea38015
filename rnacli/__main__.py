"""The ``rna`` command as a process of its own, and ``python -m rnacli``."""

from typing import NoReturn

from rnacli.terminal.startup import run_command


def command() -> NoReturn:
    run_command(start)


def start() -> NoReturn:
    # Imported here: until signals are answered, one would show a traceback.
    from rnacli.commands.app import main

    main()


if __name__ == "__main__":
    command()
