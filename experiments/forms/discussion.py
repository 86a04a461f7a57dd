"""What is typed into a discussion."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from experiments.models import Comment
from experiments.models.discussion import MAX_COMMENT

_ROWS = {"rows": 3, "data-mentions": "", "autocomplete": "off"}


class CommentForm(forms.Form):
    """A new comment."""

    text = forms.CharField(
        label=_("Comment"),
        max_length=MAX_COMMENT,
        widget=forms.Textarea(attrs=_ROWS),
        help_text=_("Plain text. Type @ and a user name to tell somebody."),
        error_messages={"required": _("Write something first.")},
    )
    submission = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, initial={"submission": uuid.uuid4()}, **kwargs)


class EditForm(forms.Form):
    """A comment that is changed; ``version`` is that of the words shown."""

    text = forms.CharField(label=_("Comment"), max_length=MAX_COMMENT, widget=forms.Textarea(attrs=_ROWS))
    version = forms.IntegerField(min_value=1, max_value=2_147_483_647, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, comment: Comment) -> None:
        initial = {"text": comment.text, "version": comment.version}
        super().__init__(data, initial=initial, auto_id="id_edit_%s")
