"""Results and the archive for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from analytics import archive
from analytics.access import experiment_for, run_for
from analytics.api.serializers import ArchiveDetailSerializer, ArchiveEntrySerializer
from analytics.forms import ArchiveFilterForm
from analytics.models import ArchiveEntry
from analytics.results import compute
from analytics.results.snapshot import to_plain
from novarium.kernel.errors import Invalid, NotFound
from novarium.kernel.pagination import ForgeableCursorPagination
from novarium.portal.models import User
from novarium.portal.roles import Action

if TYPE_CHECKING:
    ListView = generics.ListAPIView[ArchiveEntry]
else:
    ListView = generics.ListAPIView

POLLED_AGE = 2  # seconds, as on the page


class NewestFirst(ForgeableCursorPagination):
    """By time of the decision."""

    ordering = ("-decided_at", "-id")
    page_size = 50


class Results(APIView):
    """The results of an experiment's run."""

    actions_by_method: ClassVar = {"GET": Action.READ}

    @extend_schema(
        operation_id="experiment_results",
        parameters=[OpenApiParameter("run", int, description="Number of the run; the newest one by default.")],
        responses={200: OpenApiTypes.OBJECT},
    )
    def get(self, request: Request, key: str) -> Response:
        """Return the report: allocation, sample-ratio check, metrics per variant, guardrails, series."""
        experiment = experiment_for(cast(User, request.user), key)
        run = run_for(experiment, request.query_params.get("run"))
        report = compute(run, max_age=POLLED_AGE) if run else None
        if report is None:
            raise NotFound(_("There are no results yet."))
        return Response(to_plain(report))


class ArchiveList(ListView):
    """The decided experiments, the newest decision first."""

    actions_by_method: ClassVar = {"GET": Action.READ}
    serializer_class = ArchiveEntrySerializer
    pagination_class = NewestFirst
    queryset = ArchiveEntry.objects.none()

    @extend_schema(
        operation_id="archive_list",
        parameters=[
            OpenApiParameter("words", str, description="Found in names, hypotheses, decisions and learning notes."),
            OpenApiParameter("outcome", str, enum=["adopted", "rejected"]),
            OpenApiParameter("feature", str),
            OpenApiParameter("metric", str),
            OpenApiParameter("team", str),
            OpenApiParameter("since", OpenApiTypes.DATE),
            OpenApiParameter("until", OpenApiTypes.DATE),
        ],
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

    @extend_schema(operation_id="archive_entry", responses={200: ArchiveDetailSerializer})
    def get(self, request: Request, entry_id: int) -> Response:
        """Return the entry with its design, frozen results, decision and learning."""
        return Response(ArchiveDetailSerializer(archive.get_entry(entry_id)).data)
