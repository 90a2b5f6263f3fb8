"""The pages of the desk, and its sockets."""

from typing import Any, cast

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import URLPattern, URLResolver, path

from dashboards.consumers import Desk
from dashboards.forms import SignIn
from dashboards.views import (
    board,
    case,
    connections,
    deliveries,
    doing,
    flag,
    me,
    refused,
    reports,
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
    path("flag/", flag.flag, name="flag"),
    path("flag/similar/", flag.similar_cases, name="flag-similar"),
    path("flag/subjects/", flag.subject_options, name="flag-subjects"),
    path("subjects/", subjects.subjects, name="subjects"),
    path("subjects/<int:subject_id>/", subjects.subject, name="subject"),
    path("signals/refused/", refused.listed, name="refused-signals"),
    path("signals/refused/send/", refused.send, name="refused-send"),
    path("signals/refused/<int:refused_id>/", refused.one, name="refused-signal"),
    path("signals/<int:signal_id>/", subjects.signal, name="signal"),
    path("reports/", reports.reports, name="reports"),
    path("reports.csv", reports.reports_csv, name="reports-csv"),
]

websocket_urlpatterns: list[URLPattern] = [
    path("ws/desk/", cast("Any", Desk.as_asgi()), name="live")
]
