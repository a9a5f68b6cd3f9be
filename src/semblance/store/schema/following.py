"""What following the faces of a submitted video found, under the key of the file that it was found in."""

from typing import Final

import sqlalchemy as sa

from semblance.store.schema.base import StoredText, metadata

followed_file: Final = sa.Table(
    "followed_file",
    metadata,
    sa.Column("file_id", StoredText, sa.ForeignKey("submission_file.id"), primary_key=True),
    sa.Column("job_id", StoredText, nullable=False),
    # pack, size, how far, notes: JSON; NULL until the first face was looked for
    sa.Column("sealed", sa.LargeBinary),
    sa.Column("tracks", sa.LargeBinary),
)

# small pictures of the faces that were followed, for people to look at
track_face: Final = sa.Table(
    "track_face",
    metadata,
    sa.Column("file_id", StoredText, sa.ForeignKey("submission_file.id"), primary_key=True),
    sa.Column("id", StoredText, primary_key=True),
    # which sighting it shows: JSON
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("data", sa.LargeBinary, nullable=False),
)
