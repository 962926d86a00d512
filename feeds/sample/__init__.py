"""The sample newspaper: an invented week-by-week 관악뉴스, for a first look and for demonstrations.

Every event, person and organisation in it is made up. The articles are JSON Lines as `feeds
import` reads them; their pictures have the address `/sample/<file>` on the paper's site.
"""

from importlib.resources import files
from pathlib import Path

# Wheels are always unpacked by installers, so that the files have real paths.
_HERE = Path(str(files("feeds.sample")))

ARTICLES = _HERE / "articles.jsonl"
IMAGES = _HERE / "images"
