"""The pages of the desk, and its sockets."""

from typing import Any, cast

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import URLPattern, URLResolver, path

from dashboards.consumers import Desk
from dashboards.forms import SignIn
from dashboards.views import (
    board,
    case,
    complaints,
    connections,
    deliveries,
    doing,
    flag,
    listening,
    me,
    public,
    refused,
    reports,
    rules,
    sources,
    subjects,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", me.home, name="home"),
    path(
        "sign-in/",
        LoginView.as_view(authentication_form=SignIn, redirect_authenticated_user=True),
        name="sign-in",
    ),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
    path("me/theme/", me.theme, name="theme"),
    path("me/keys/", me.keys, name="keys"),
    path("board/", board.board, name="board"),
    path("board/rows/", board.rows, name="board-rows"),
    path("board/filters/", board.filter_menu, name="board-filters"),
    path("board/bulk/", board.bulk, name="bulk"),
    path("cases/<int:case_id>/", case.case, name="case"),
    path("cases/<int:case_id>/preview/", case.preview, name="case-preview"),
    path("cases/<int:case_id>/do/<slug:verb>/", doing.do, name="do"),
    path("clocks/<int:clock_id>/proof/", case.proof, name="clock-proof"),
    path("deliveries/", deliveries.deliveries, name="deliveries"),
    path("deliveries/<uuid:delivery_id>/", deliveries.delivery, name="delivery"),
    path("deliveries/<uuid:delivery_id>/resend/", case.resend, name="resend"),
    path("deliveries/<uuid:delivery_id>/skip/", deliveries.skip, name="skip"),
    path("connections/", connections.connections, name="connections"),
    path("connections/new/<slug:platform>/", connections.connect, name="connect"),
    path("connections/<int:connection_id>/", connections.connection, name="connection"),
    path(
        "connections/<int:connection_id>/settings/", connections.change, name="connection-settings"
    ),
    path("connections/<int:connection_id>/test/", connections.test, name="connection-test"),
    path("connections/<int:connection_id>/switch/", connections.switch, name="connection-switch"),
    path("sources/", sources.sources, name="sources"),
    path("sources/<int:source_id>/", sources.source, name="source"),
    path("sources/<int:source_id>/expect/", sources.expectation, name="source-expect"),
    path("sources/<int:source_id>/release/", sources.release, name="source-release"),
    path("sources/connect/", listening.formats, name="source-formats"),
    path("sources/connect/<slug:slug>/", listening.connect, name="source-connect"),
    path("sources/<int:source_id>/address/", listening.source_address, name="source-address"),
    path("sources/<int:source_id>/settings/", listening.change, name="source-settings"),
    path("sources/<int:source_id>/sample/", listening.sample, name="source-sample"),
    path("sources/<int:source_id>/renew/", listening.renew, name="source-renew"),
    path("flag/", flag.flag, name="flag"),
    path("flag/similar/", flag.similar_cases, name="flag-similar"),
    path("flag/subjects/", flag.subject_options, name="flag-subjects"),
    path("subjects/", subjects.subjects, name="subjects"),
    path("subjects/<int:subject_id>/", subjects.subject, name="subject"),
    path("signals/refused/", refused.listed, name="refused-signals"),
    path("signals/refused/send/", refused.send, name="refused-send"),
    path("signals/refused/<int:refused_id>/", refused.one, name="refused-signal"),
    path("signals/<int:signal_id>/", subjects.signal, name="signal"),
    path("flag/suggested/", complaints.suggested, name="flag-suggested"),
    path("cases/<int:case_id>/sort/", complaints.decide, name="decide"),
    path("complaints/", complaints.complaints, name="complaints"),
    path("complaints/<int:complaint_id>/<slug:how>/", complaints.settle, name="complaint-settle"),
    path("complaints/files/<uuid:file_id>/", complaints.file, name="complaint-file"),
    path("complain/received/<str:key>/", public.received, name="public-received"),
    path("complain/<slug:site>/", public.complain, name="public-complain"),
    path("complain/<slug:site>/colour.css", public.colour, name="public-colour"),
    path("status/<str:token>/", public.status, name="public-status"),
    path("rules/", rules.rules, name="rules"),
    path("rules/threshold/", rules.threshold, name="threshold"),
    path("rules/<str:slug>/", rules.rule, name="rule"),
    path("journeys/", rules.journeys, name="journeys"),
    path("journeys/<slug:kind>/", rules.journey, name="journey"),
    path("reports/", reports.reports, name="reports"),
    path("reports/questions.csv", reports.questions_csv, name="questions-csv"),
    path("reports.csv", reports.reports_csv, name="reports-csv"),
]

websocket_urlpatterns: list[URLPattern] = [
    path("ws/desk/", cast("Any", Desk.as_asgi()), name="live")
]
