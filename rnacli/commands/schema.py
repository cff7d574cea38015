"""``rna schema``: the keys of a file, for editors or for people."""

from typing import Annotated

import typer

from rnacli.terminal.console import print_result


def schema(
    markdown: Annotated[bool, typer.Option("--markdown", help="The reference in words instead.")] = False,
) -> None:
    """Print the JSON Schema of a file, for editors."""
    import json

    from rnacli.experiment.config import experiment_schema
    from rnacli.experiment.reference import reference_markdown

    print_result(reference_markdown() if markdown else json.dumps(experiment_schema(), indent=1))
