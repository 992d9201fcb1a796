"""The notebook prints what it shows, and the examples of the documentation run."""

import os
import pathlib
import re
import shutil

import nbclient
import nbformat
import polars as pl
from conftest import FIXTURES, ROOT

DOCS = ROOT / "docs"


def snapshots(folder):
    recorded = FIXTURES / "consul-1.21.4"
    shutil.copy(recorded / "small-a.snap", folder / "backup.snap")
    shutil.copy(recorded / "evolve.before.snap", folder / "before.snap")
    shutil.copy(recorded / "evolve.after.snap", folder / "after.snap")
    (folder / "backups").mkdir()
    for path in FIXTURES.glob("consul-*/*.snap"):
        shutil.copy(path, folder / "backups" / f"{path.parent.name}-{path.name}")


def printed(notebook):
    """What each cell printed."""
    return [
        "".join(out.get("text", "") for out in cell.get("outputs", []) if out["output_type"] == "stream")
        for cell in notebook.cells
    ]


def test_the_notebook_prints_what_it_shows(tmp_path):
    snapshots(tmp_path)
    path = DOCS / "notebook.ipynb"
    shown = nbformat.read(path, as_version=4)
    ran = nbformat.read(path, as_version=4)
    client = nbclient.NotebookClient(ran, timeout=120, kernel_name="python3")
    client.execute(cwd=str(tmp_path))
    if os.environ.get("SNAPSCOPE_WRITE_DOCS"):
        for cell in ran.cells:
            cell.get("metadata", {}).pop("execution", None)
            cell.pop("execution_count", None)
            if cell.cell_type == "code":
                cell["execution_count"] = None
                cell["outputs"] = [out for out in cell.outputs if out["output_type"] == "stream"]
        ran.metadata = shown.metadata
        path.write_text(nbformat.writes(ran, indent=1) + "\n")
        return
    assert printed(ran) == printed(shown)


def blocks(text, heading):
    section = text.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"```python\n(.*?)```", section, re.S)


def test_the_examples_of_the_documentation_run(tmp_path, monkeypatch):
    snapshots(tmp_path)
    monkeypatch.chdir(tmp_path)
    names = {}
    for block in blocks((DOCS / "tables.md").read_text(), "Python"):
        exec(block, names)
    answers = names["answers"]
    assert len(answers) == 10
    assert all(isinstance(answer, pl.DataFrame) for answer in answers.values())
    # Most questions have an answer in the recorded snapshots.
    assert sum(answer.height > 0 for answer in answers.values()) >= 7, answers


def test_the_readme_runs(tmp_path, monkeypatch):
    snapshots(tmp_path)
    monkeypatch.chdir(tmp_path)
    names = {}
    for block in re.findall(r"```python\n(.*?)```", (ROOT / "python/README.md").read_text(), re.S):
        if "spark" not in block:
            exec(block, names)
