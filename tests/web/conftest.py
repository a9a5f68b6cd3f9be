"""The served node that these tests talk to."""

from tests.site_fixtures import changed_copy, client, dora, emil, no_face, site, twenty_faces, two_faces  # noqa: F401 - fixtures are found by their names here
from tests.web.browsing import browser  # noqa: F401 - as above
from tests.web.every_page import every_page  # noqa: F401 - as above
