"""``rna schema``: the keys of a file, for editors or for people."""

from pathlib import Path
from typing import Annotated

import typer

from rnacli.terminal.console import print_result


def schema(
    markdown: Annotated[bool, typer.Option("--markdown", help="The reference in words instead.")] = False,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="The file to write, instead of printing it.")
    ] = None,
) -> None:
    """Print the JSON Schema of a file, for editors."""
    from rnacli.experiment.editor import schema_text
    from rnacli.experiment.reference import reference_markdown
    from rnacli.files import require_folder_of, write_file

    text = reference_markdown() if markdown else schema_text()
    if output is None:
        print_result(text)
        return
    require_folder_of(output)
    write_file(output, f"{text}\n".encode())
    print_result(str(output))
