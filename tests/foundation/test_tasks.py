"""What the foundation does by itself at night."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from jiuyi.foundation import jobs, tasks


@pytest.mark.django_db
def test_sessions_that_have_run_out_are_deleted(now):
    for key, hours in (("over", -1), ("running", 1)):
        Session.objects.create(session_key=key, session_data="", expire_date=timezone.now() + timedelta(hours=hours))

    tasks.forget_sessions(now)

    assert [row.session_key for row in Session.objects.all()] == ["running"]
    assert "foundation.forget_sessions" in jobs.task_names()
