"""All components of one face."""

from semblance.faces.detection.detector import Detection
from semblance.faces.encoding.encoder import Features
from semblance.faces.photo import Photo
from semblance.faces.quality.background import measure_background_uniformity
from semblance.faces.quality.colour import measure_natural_colour
from semblance.faces.quality.detail import measure_compression, measure_sharpness
from semblance.faces.quality.exposure import assess_exposure
from semblance.faces.quality.framing import (
    measure_crops,
    measure_head_size,
    measure_inter_eye_distance,
    measure_single_face,
)
from semblance.faces.quality.pose import HeadPose, estimate_pose, measure_pose
from semblance.faces.quality.region import cut_region
from semblance.faces.quality.unified import NO_RANGES, PackRanges, unify
from semblance.terms.samples import QualityAssessment


def assess_face(
    photo: Photo,
    face: Detection,
    *,
    second_face_share: float = 0.0,
    features: Features | None = None,
    ranges: PackRanges = NO_RANGES,
    pose: HeadPose | None = None,
) -> QualityAssessment:
    """Assess one face; the unified score stands first.

    ``second_face_share``: area of the second largest face over the largest one's. ``pose``: where the pack has its own
    way to tell it; from the landmarks otherwise.
    """
    region = cut_region(photo, face)
    pose = pose or estimate_pose(face.landmarks)
    components = (
        measure_background_uniformity(photo, face),
        *assess_exposure(region),
        measure_sharpness(region),
        measure_compression(photo, face),
        measure_natural_colour(region),
        measure_single_face(second_face_share),
        measure_inter_eye_distance(face, yaw=pose.yaw),
        measure_head_size(photo, face),
        *measure_crops(photo, face),
        *measure_pose(pose),
    )
    return QualityAssessment(
        (unify(components, detection_score=face.score, features=features, ranges=ranges), *components)
    )
