"""The paths of the API, below /api/v1/."""

from django.urls import URLPattern, URLResolver, path, re_path

from dashboards.api import (
    bulk,
    cases,
    complaints,
    conflicts,
    connections,
    deliveries,
    docs,
    mapped,
    names,
    playbooks,
    refused,
    reports,
    rules,
    signals,
    sources,
    subjects,
    verbs,
    why,
)
from dashboards.api.nowhere import Nowhere

VERBS = {
    "acknowledge": verbs.AcknowledgeCase,
    "start": verbs.StartCase,
    "wait": verbs.WaitCase,
    "resume": verbs.ResumeCase,
    "resolve": verbs.ResolveCase,
    "close": verbs.CloseCase,
    "dismiss": verbs.DismissCase,
    "reopen": verbs.ReopenCase,
    "assign": verbs.AssignCase,
    "claim": verbs.ClaimCase,
    "release": verbs.ReleaseCase,
    "comment": verbs.CommentCase,
    "severity": verbs.CaseSeverity,
    "sort": complaints.SortCase,
    "split": verbs.SplitCase,
}

urlpatterns: list[URLPattern | URLResolver] = [
    path("schema/", docs.Schema.as_view(), name="api-schema"),
    path("docs/", docs.Docs.as_view(), name="api-docs"),
    path("signals/", signals.Signals.as_view(), name="api-signals"),
    path("signals/<int:signal_id>/", signals.OneSignal.as_view(), name="api-signal"),
    path(
        "mappings/<slug:mapping>/signals/",
        mapped.MappedSignals.as_view(),
        name="api-mapped-signals",
    ),
    path("signals/refused/", refused.RefusedSignals.as_view(), name="api-refused"),
    path("signals/refused/send/", refused.SendRefused.as_view(), name="api-refused-send"),
    path(
        "signals/refused/<int:refused_id>/send/",
        refused.SendOneRefused.as_view(),
        name="api-refused-one",
    ),
    path(
        "signals/<str:source>/<path:external_id>/why/",
        why.SignalWhy.as_view(),
        name="api-signal-why",
    ),
    path("receipts/<uuid:receipt_id>/", signals.OneReceipt.as_view(), name="api-receipt"),
    path("cases/", cases.Cases.as_view(), name="api-cases"),
    path("cases/bulk/", bulk.BulkCases.as_view(), name="api-bulk"),
    path("cases/<str:case>/", cases.OneCase.as_view(), name="api-case"),
    path("cases/<str:case>/timeline/", cases.Timeline.as_view(), name="api-timeline"),
    path("cases/<str:case>/clocks/", cases.Clocks.as_view(), name="api-clocks"),
    *(
        path(f"cases/<str:case>/{name}/", view.as_view(), name=f"api-{name}")
        for name, view in VERBS.items()
    ),
    path("complaints/", complaints.Complaints.as_view(), name="api-complaints"),
    path(
        "complaints/suggest/",
        complaints.SuggestForComplaint.as_view(),
        name="api-complaints-suggest",
    ),
    path("subjects/", subjects.Subjects.as_view(), name="api-subjects"),
    path("reminders/", subjects.Reminders.as_view(), name="api-reminders"),
    path("subjects/<int:subject_id>/", subjects.OneSubject.as_view(), name="api-subject"),
    path("subjects/<int:subject_id>/why/", why.SubjectWhy.as_view(), name="api-subject-why"),
    path("deliveries/", deliveries.Deliveries.as_view(), name="api-deliveries"),
    path("deliveries/<uuid:delivery_id>/", deliveries.OneDelivery.as_view(), name="api-delivery"),
    path(
        "deliveries/<uuid:delivery_id>/resend/",
        deliveries.ResendDelivery.as_view(),
        name="api-resend",
    ),
    path("deliveries/<uuid:delivery_id>/skip/", deliveries.SkipDelivery.as_view(), name="api-skip"),
    path(
        "deliveries/<uuid:delivery_id>/arrived/",
        deliveries.DeliveryArrived.as_view(),
        name="api-arrived",
    ),
    path("conflicts/", conflicts.Conflicts.as_view(), name="api-conflicts"),
    path(
        "conflicts/<int:call_id>/settle/",
        conflicts.SettleConflict.as_view(),
        name="api-conflict-settle",
    ),
    path("platforms/", connections.Platforms.as_view(), name="api-platforms"),
    path("connections/", connections.Connections.as_view(), name="api-connections"),
    path(
        "connections/<int:connection_id>/",
        connections.OneConnection.as_view(),
        name="api-connection",
    ),
    path(
        "connections/<int:connection_id>/test/",
        connections.TestConnection.as_view(),
        name="api-connection-test",
    ),
    path("playbooks/", playbooks.Playbooks.as_view(), name="api-playbooks"),
    path("playbooks/try/", playbooks.TryPlaybook.as_view(), name="api-playbook-try"),
    path("playbooks/<int:playbook_id>/", playbooks.OnePlaybook.as_view(), name="api-playbook"),
    path("rules/", rules.Rules.as_view(), name="api-rules"),
    path("rules/<str:slug>/", rules.OneRule.as_view(), name="api-rule"),
    path("rules/<str:slug>/effects/", rules.RuleEffects.as_view(), name="api-rule-effects"),
    path("thresholds/", rules.Thresholds.as_view(), name="api-thresholds"),
    path("journeys/", rules.Journeys.as_view(), name="api-journeys"),
    path("journeys/<str:kind>/", rules.OneJourney.as_view(), name="api-journey"),
    path("reports/sla/", reports.SlaReport.as_view(), name="api-sla"),
    path("me/", names.Me.as_view(), name="api-me"),
    path("sites/", names.Sites.as_view(), name="api-sites"),
    path("teams/", names.Teams.as_view(), name="api-teams"),
    path("people/", names.People.as_view(), name="api-people"),
    path("sources/", sources.Sources.as_view(), name="api-sources"),
    path("sources/<slug:source>/", sources.OneSource.as_view(), name="api-source"),
    path(
        "sources/<slug:source>/release/", sources.ReleaseSource.as_view(), name="api-source-release"
    ),
    re_path(r"^(?P<rest>.*)$", Nowhere.as_view(), name="api-nowhere"),
]
