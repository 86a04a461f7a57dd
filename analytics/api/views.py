"""Results, decisions, adoptions and the archive for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from analytics import archive, decisions
from analytics.access import experiment_for, run_for
from analytics.api import examples
from analytics.api.serializers import (
    REPORT,
    AdoptionSerializer,
    AdoptSerializer,
    ArchiveDetailSerializer,
    ArchiveEntrySerializer,
    LearningSerializer,
    RejectSerializer,
    RewordSerializer,
)
from analytics.decisions import Reasons
from analytics.forms import ArchiveFilterForm
from analytics.models import Adoption, ArchiveEntry
from analytics.results import compute
from analytics.results.snapshot import to_plain
from novarium.kernel.errors import Invalid, NotFound
from novarium.kernel.pagination import ForgeableCursorPagination
from novarium.portal.access import require
from novarium.portal.models import User
from novarium.portal.openapi import operation
from novarium.portal.roles import Action

if TYPE_CHECKING:
    EntryList = generics.ListAPIView[ArchiveEntry]
    AdoptionBase = generics.ListAPIView[Adoption]
else:
    EntryList = AdoptionBase = generics.ListAPIView

POLLED_AGE = 2  # seconds, as on the page


class NewestFirst(ForgeableCursorPagination):
    """By time of the decision."""

    ordering = ("-decided_at", "-id")


class ByAdoption(ForgeableCursorPagination):
    """By time of the adoption."""

    ordering = ("-adopted_at", "-id")


def _caller(request: Request) -> User:
    return cast(User, request.user)


class Results(APIView):
    """The results of an experiment's run."""

    actions_by_method: ClassVar = {"GET": Action.READ}

    @operation(
        "experiment_results",
        tag="Results",
        summary="Fetch the results",
        gives=REPORT,
        example=examples.RESULTS,
        parameters=(OpenApiParameter("run", int, description="Number of the run; the newest one by default."),),
    )
    def get(self, request: Request, key: str) -> Response:
        """Return the report: allocation, sample-ratio check, metrics per variant with intervals, guardrails, series.

        404 while nobody was exposed. The ETag changes only when the data do, so poll with If-None-Match.
        """
        experiment = experiment_for(_caller(request), key)
        run = run_for(experiment, request.query_params.get("run"))
        report = compute(run, max_age=POLLED_AGE) if run else None
        if report is None:
            raise NotFound(_("There are no results yet."))
        etag = f'W/"{report.run_id}-{report.status}-{report.fingerprint}"'
        return Response(to_plain(report), headers={"ETag": etag})


class Adopt(APIView):
    """Adopt a variant."""

    actions_by_method: ClassVar = {"POST": Action.ADOPT}

    @operation(
        "experiment_adopt",
        tag="Results",
        summary="Adopt a variant",
        takes=AdoptSerializer,
        gives=ArchiveDetailSerializer,
        status=201,
        sends=examples.ADOPT,
        example=examples.ARCHIVED,
    )
    def post(self, request: Request, key: str) -> Response:
        """Make a variant's value what everybody sees, and archive the run.

        400 with ``errors.override`` where something speaks against it and no reason is given; 409 where the run was
        decided, reset or is still running, or another value went live.
        """
        experiment = experiment_for(_caller(request), key, Action.ADOPT)
        given = AdoptSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        written = given.validated_data
        entry = decisions.adopt(
            experiment.key,
            run_number=written["run"],
            variant=written["variant"],
            expected_revision=written["expected_revision"],
            reasons=Reasons(note=written["note"], learning=written["learning"], override=written["override"]),
            actor=_caller(request),
            stop_first=written["stop_first"],
        )
        return Response(ArchiveDetailSerializer(entry).data, status=status.HTTP_201_CREATED)


class Reject(APIView):
    """Adopt nothing."""

    actions_by_method: ClassVar = {"POST": Action.ADOPT}

    @operation(
        "experiment_reject",
        tag="Results",
        summary="Reject an experiment",
        takes=RejectSerializer,
        gives=ArchiveDetailSerializer,
        status=201,
        sends=examples.REJECT,
        example={**examples.ARCHIVED, "outcome": "rejected"},
    )
    def post(self, request: Request, key: str) -> Response:
        """Keep the feature as it is, and archive the run."""
        experiment = experiment_for(_caller(request), key, Action.ADOPT)
        given = RejectSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        written = given.validated_data
        entry = decisions.reject(
            experiment.key,
            run_number=written["run"],
            reasons=Reasons(note=written["note"], learning=written["learning"]),
            actor=_caller(request),
            stop_first=written["stop_first"],
        )
        return Response(ArchiveDetailSerializer(entry).data, status=status.HTTP_201_CREATED)


class AdoptionList(AdoptionBase):
    """What was adopted."""

    actions_by_method: ClassVar = {"GET": Action.READ}
    serializer_class = AdoptionSerializer
    pagination_class = ByAdoption
    queryset = Adoption.objects.none()

    def get_queryset(self) -> QuerySet[Adoption]:
        """Return the adoptions of the feature, or all."""
        feature = self.request.query_params.get("feature", "").replace("\0", "")
        found = Adoption.objects.select_related("decision__run__experiment", "decision__decided_by")
        return found.filter(feature=feature) if feature else found

    @operation(
        "adoptions_list",
        tag="Results",
        summary="List adoptions",
        gives=AdoptionSerializer(many=True),
        example=examples.ADOPTION,
        parameters=(OpenApiParameter("feature", str, description="Key of a feature."),),
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return a page of adoptions, the newest first; roll one back with the feature's rollback."""
        return super().get(request, *args, **kwargs)


class ArchiveList(EntryList):
    """The decided experiments, the newest decision first."""

    actions_by_method: ClassVar = {"GET": Action.READ}
    serializer_class = ArchiveEntrySerializer
    pagination_class = NewestFirst
    queryset = ArchiveEntry.objects.none()

    @operation(
        "archive_list",
        tag="Archive",
        summary="Search the archive",
        gives=ArchiveEntrySerializer(many=True),
        example=examples.ENTRY,
        parameters=(
            OpenApiParameter("words", str, description="Found in names, hypotheses, decisions and learning notes."),
            OpenApiParameter("outcome", str, enum=["adopted", "rejected"]),
            OpenApiParameter("feature", str, description="Key of a feature."),
            OpenApiParameter("metric", str, description="Key of the OEC."),
            OpenApiParameter("team", str, description="Key of a team."),
            OpenApiParameter("since", OpenApiTypes.DATE, description="First day of the decision."),
            OpenApiParameter("until", OpenApiTypes.DATE, description="Last day of the decision."),
        ),
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return a page of entries that fit the filter."""
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[ArchiveEntry]:
        """Return the entries that fit the query's filter."""
        form = ArchiveFilterForm(self.request.query_params)
        if not form.is_valid():
            problems = {name: [str(error) for error in errors] for name, errors in form.errors.items()}
            raise Invalid(_("The filter is not right."), fields=problems)
        return archive.find(form.wanted())


class ArchiveDetail(APIView):
    """A decided experiment."""

    actions_by_method: ClassVar = {"GET": Action.READ}

    @operation(
        "archive_entry",
        tag="Archive",
        summary="Fetch an entry",
        gives=ArchiveDetailSerializer,
        example=examples.ARCHIVED,
    )
    def get(self, request: Request, entry_id: int) -> Response:
        """Return the entry with its design, frozen results, decision and learning."""
        return Response(ArchiveDetailSerializer(archive.get_entry(entry_id)).data)


class Learning(APIView):
    """What was learned."""

    actions_by_method: ClassVar = {"POST": Action.DESIGN}

    @operation(
        "archive_reword",
        tag="Archive",
        summary="Reword what was learned",
        takes=RewordSerializer,
        gives=LearningSerializer,
        status=201,
        sends={"text": "Colour alone moves few people.", "expected_number": 1},
        example={
            "number": 2,
            "text": "Colour alone moves few people.",
            "created_at": "2026-12-12T09:00:00+09:00",
        },
    )
    def post(self, request: Request, entry_id: int) -> Response:
        """Add a wording of the learning note; earlier ones stay, and 409 where somebody else added one."""
        entry = archive.get_entry(entry_id)
        require(_caller(request), Action.DESIGN, entry.team_id)
        given = RewordSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        note = archive.reword(
            entry,
            text=given.validated_data["text"],
            expected=given.validated_data["expected_number"],
            actor=_caller(request),
        )
        return Response(LearningSerializer(note).data, status=status.HTTP_201_CREATED)
