"""``python -m rnacli`` is ``rna``."""

from rnacli.cli import main

if __name__ == "__main__":
    main()
