"""``python -m rnacli`` is ``rna``."""

from rnacli.cli import command

if __name__ == "__main__":
    command()
