"""The ``rna`` command as a process of its own, and ``python -m rnacli``."""

from typing import NoReturn

from rnacli import startup


def command() -> NoReturn:
    startup.run(start)


def start() -> NoReturn:
    # Imported here: until signals are answered, one would show a traceback.
    from rnacli.cli import main

    main()


if __name__ == "__main__":
    command()
