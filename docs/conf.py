"""The documentation site: `make docs`."""

import sys
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

sys.path.insert(0, str(Path(__file__).parent))
import reference
import rutile

project = "Rutile"
copyright = "the Rutile authors"  # noqa: A001 - Sphinx's name
version = release = rutile.__version__

extensions = ["myst_parser", "sphinx_copybutton"]
myst_enable_extensions = ["dollarmath", "colon_fence"]
myst_heading_anchors = 3
source_suffix = {".md": "markdown"}
html_theme = "furo"
html_title = "Rutile"
html_static_path: list[str] = []
copybutton_exclude = ".linenos, .gp, .go"
maximum_signature_line_length = 100
# Pictures that `make lessons` has drawn, below the folder of the lesson's name.
PICTURES = Path(__file__).parent / "_pictures"


class Picture(SphinxDirective):
    """`{picture} tensors/digits` with a caption: a lesson's picture, where `make lessons` has drawn it."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        picture = PICTURES / f"{self.arguments[0]}.png"
        self.env.note_dependency(str(picture))  # drawn later, it makes the page out of date
        if not picture.exists():
            return []
        caption = " ".join(self.content)
        image = nodes.image(uri=f"/_pictures/{self.arguments[0]}.png", alt=caption)
        return [nodes.figure("", image, nodes.caption(caption, caption))]


def set_language(app: Sphinx, page: str, template: str, context: dict, tree: object) -> None:
    """Browsers choose fonts, line breaks and voices by a page's language."""
    context["language"] = "ko" if page.startswith("ko/") else "en"


def setup(app: Sphinx) -> None:
    app.add_directive("picture", Picture)
    app.connect("html-page-context", set_language)
    app.connect("builder-inited", lambda app: reference.write(Path(app.srcdir) / "reference"))
