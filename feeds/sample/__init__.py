"""The sample newspaper: five weeks of an invented 관악뉴스, to look at and to demonstrate.

Every event, person and organisation in it is made up. The articles are JSON Lines as `feeds
import` reads them; their pictures and attachments, and the paper's icon, have the address
`/sample/<file>` on the paper's site. It is always autumn in them, on whatever day they are loaded.
"""

from importlib.resources import files
from pathlib import Path

# Wheels are always unpacked by installers, so that the files have real paths.
_HERE = Path(str(files("feeds.sample")))

ARTICLES = _HERE / "articles.jsonl"
FILES = _HERE / "files"
