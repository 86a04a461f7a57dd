"""What people say about an experiment and are told of it, for programs: reviews, comments, watching."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from experiments import access
from experiments.api import examples
from experiments.api.bodies import (
    CommentChangeSerializer,
    NewCommentSerializer,
    VerdictSerializer,
    WithdrawalSerializer,
)
from experiments.api.experiments import caller
from experiments.api.live import Newest
from experiments.api.moves import noted
from experiments.api.serializers import CommentSerializer, ReviewSerializer
from experiments.collaboration import discussion, watching
from experiments.designs import reviewing
from experiments.models import Comment, Experiment, Review
from novarium.kernel.errors import Forbidden, NotFound
from novarium.kernel.strict_bodies import NoteSerializer
from novarium.portal.models import Connection, User
from novarium.portal.openapi import operation
from novarium.portal.roles import Action

if TYPE_CHECKING:
    PlainSerializer = serializers.Serializer[Any]
else:
    PlainSerializer = serializers.Serializer

WATCHED = {"watching": True, "watchers": ["analyst", "lead"]}


class Reviews(ListAPIView):  # type: ignore[type-arg]
    """The reviews of an experiment."""

    actions_by_method: ClassVar = {"GET": Action.READ, "POST": Action.DESIGN}
    serializer_class = ReviewSerializer
    pagination_class = Newest
    queryset = Review.objects.none()

    def get_queryset(self) -> QuerySet[Review]:
        """Return the reviews."""
        experiment = access.get_experiment(caller(self.request), self.kwargs["key"])
        return Review.objects.filter(experiment=experiment).select_related("requested_by", "reviewer")

    @operation(
        "experiments_reviews",
        tag="Experiments",
        summary="List reviews",
        gives=ReviewSerializer(many=True),
        example=examples.REVIEW,
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return the reviews of the design, newest first; an empty verdict waits for a reviewer."""
        return self.list(request, *args, **kwargs)

    @operation(
        "experiments_review_request",
        tag="Experiments",
        summary="Ask for a review",
        takes=NoteSerializer,
        gives=ReviewSerializer,
        status=201,
        sends={"note": "The guardrail is new."},
        example={**examples.REVIEW, "verdict": "", "reviewer": None, "decided_at": None},
    )
    def post(self, request: Request, key: str) -> Response:
        """Ask the team's leads to look at the design as it stands now."""
        experiment = access.get_experiment(caller(request), key, Action.DESIGN)
        review = reviewing.request(experiment, actor=caller(request), note=noted(request))
        return Response(ReviewSerializer(review).data, status=status.HTTP_201_CREATED)


class Withdrawal(APIView):
    """Take a request for a review back."""

    actions_by_method: ClassVar = {"POST": Action.DESIGN}

    @operation(
        "experiments_review_withdraw",
        tag="Experiments",
        summary="Withdraw a request for a review",
        takes=WithdrawalSerializer,
        gives=ReviewSerializer,
        sends={"review": 5, "note": "The guardrail's margin is wrong."},
        example={**examples.REVIEW, "verdict": "withdrawn", "reviewer": None},
    )
    def post(self, request: Request, key: str) -> Response:
        """Take an open request back, as whoever asked or owns the experiment; 409 where it is not open any more."""
        experiment = access.get_experiment(caller(request), key, Action.DESIGN)
        given = WithdrawalSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        review = _review(experiment, given.validated_data["review"])
        withdrawn = reviewing.withdraw(review, actor=caller(request), note=given.validated_data["note"])
        return Response(ReviewSerializer(withdrawn).data)


class Verdict(APIView):
    """Decide a review."""

    actions_by_method: ClassVar = {"POST": Action.APPROVE}

    @operation(
        "experiments_review_decide",
        tag="Experiments",
        summary="Approve a design",
        takes=VerdictSerializer,
        gives=ReviewSerializer,
        sends={"review": 5, "verdict": "approved"},
        example=examples.REVIEW,
    )
    def post(self, request: Request, key: str) -> Response:
        """Approve the design or ask for changes; not for its owner or whoever asked, 409 where it has changed."""
        experiment = access.get_experiment(caller(request), key, Action.APPROVE)
        given = VerdictSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        decided = reviewing.decide(
            _review(experiment, given.validated_data["review"]),
            verdict=given.validated_data["verdict"],
            reviewer=caller(request),
            reason=given.validated_data["reason"],
        )
        return Response(ReviewSerializer(decided).data)


def _review(experiment: Experiment, review_id: int) -> Review:
    review = Review.objects.select_related("experiment").filter(experiment=experiment, pk=review_id).first()
    if review is None:
        raise NotFound(_("There is no such review."))
    return review


class WatchSerializer(PlainSerializer):
    """Whether you watch, and who does."""

    watching = serializers.BooleanField()
    watchers = serializers.ListField(child=serializers.CharField(), help_text="User names.")


class Watch(APIView):
    """Watch an experiment, or stop to."""

    # What is changed is the caller's own: everybody who may read may, with a token that may change things.
    actions_by_method: ClassVar = {"GET": Action.READ, "PUT": Action.DISCUSS, "DELETE": Action.DISCUSS}

    @operation(
        "experiments_watch_read",
        tag="Experiments",
        summary="See who watches",
        gives=WatchSerializer,
        example=WATCHED,
    )
    def get(self, request: Request, key: str) -> Response:
        """Return whether you are told of what happens to the experiment, and who is."""
        return Response(_watched(access.get_experiment(caller(request), key), caller(request)))

    @operation("experiments_watch", tag="Experiments", summary="Watch", gives=WatchSerializer, example=WATCHED)
    def put(self, request: Request, key: str) -> Response:
        """Be told from now on of what happens to the experiment."""
        experiment = access.get_experiment(_watcher(request), key)
        watching.watch(experiment, caller(request))
        return Response(_watched(experiment, caller(request)))

    @operation("experiments_unwatch", tag="Experiments", summary="Watch no more", status=204)
    def delete(self, request: Request, key: str) -> Response:
        """Be told no more, whatever you do to the experiment."""
        watching.unwatch(access.get_experiment(_watcher(request), key), caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


def _watched(experiment: Experiment, user: User) -> dict[str, Any]:
    names = [person.get_username() for person in watching.watchers(experiment)]
    return {"watching": watching.is_watching(experiment, user), "watchers": names}


def _watcher(request: Request) -> User:
    """Return the person; what a product's key does must not decide what the one who made it is told."""
    if isinstance(request.auth, Connection):
        raise Forbidden(_("A connection watches nothing. Use a personal token."))
    return caller(request)


class Comments(ListAPIView):  # type: ignore[type-arg]
    """The comments on an experiment."""

    actions_by_method: ClassVar = {"GET": Action.READ, "POST": Action.DISCUSS}
    serializer_class = CommentSerializer
    pagination_class = Newest
    queryset = Comment.objects.none()

    def get_queryset(self) -> QuerySet[Comment]:
        """Return the comments."""
        experiment = access.get_experiment(caller(self.request), self.kwargs["key"])
        return Comment.objects.filter(experiment=experiment).select_related("author")

    @operation(
        "experiments_comments",
        tag="Experiments",
        summary="List comments",
        gives=CommentSerializer(many=True),
        example=examples.COMMENT,
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return the comments, newest first."""
        return self.list(request, *args, **kwargs)

    @operation(
        "experiments_comment",
        tag="Experiments",
        summary="Comment",
        takes=NewCommentSerializer,
        gives=CommentSerializer,
        status=201,
        sends={"text": "Does the green differ enough from the banner, @analyst?"},
        example=examples.COMMENT,
    )
    def post(self, request: Request, key: str) -> Response:
        """Add a comment and tell the watchers and whom it mentions."""
        experiment = access.get_experiment(caller(request), key, Action.DISCUSS)
        given = NewCommentSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        comment = discussion.post(
            experiment,
            author=caller(request),
            text=given.validated_data["text"],
            submission=given.validated_data.get("submission") or uuid.uuid4(),
        )
        return Response(CommentSerializer(comment).data, status=status.HTTP_201_CREATED)


class CommentDetail(APIView):
    """One comment."""

    actions_by_method: ClassVar = {"PATCH": Action.DISCUSS, "DELETE": Action.DISCUSS}

    @operation(
        "experiments_comment_edit",
        tag="Experiments",
        summary="Edit a comment",
        takes=CommentChangeSerializer,
        gives=CommentSerializer,
        sends={"text": "Does the green differ enough from the banner?", "expected_version": 1},
        example={**examples.COMMENT, "version": 2},
    )
    def patch(self, request: Request, key: str, comment: int) -> Response:
        """Change your own comment, within a day; 409 where it was changed since you read it."""
        found = access.get_comment(caller(request), key, comment, Action.DISCUSS)
        given = CommentChangeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        text, version = given.validated_data["text"], given.validated_data["expected_version"]
        discussion.edit(found, actor=caller(request), text=text, version=version)
        return Response(CommentSerializer(access.get_comment(caller(request), key, comment, Action.DISCUSS)).data)

    @operation("experiments_comment_delete", tag="Experiments", summary="Delete a comment", status=204)
    def delete(self, request: Request, key: str, comment: int) -> Response:
        """Delete your own comment within a day, or as a lead anybody's; its words stay in the audit log."""
        found = access.get_comment(caller(request), key, comment, Action.DISCUSS)
        discussion.delete(found, actor=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
