"""Who stands out, and who is only small or unlucky."""

from exceptions_app.reports.outliers import Side, outlier

GOOD = {"north": Side(95, 5), "east": Side(188, 12)}


def test_the_one_far_below_the_others_stands_out():
    assert outlier({**GOOD, "south": Side(30, 20), "west": Side(45, 15)}) == "south"


def test_nobody_stands_out_among_equals():
    assert outlier({**GOOD, "south": Side(46, 4)}) is None


def test_a_few_cases_say_nothing():
    assert outlier({**GOOD, "south": Side(2, 5)}) is None


def test_a_team_alone_stands_out_from_nobody():
    assert outlier({"south": Side(10, 40)}) is None
    assert outlier({}) is None


def test_where_everything_is_missed_nobody_stands_out():
    assert outlier({"north": Side(0, 50), "south": Side(0, 50)}) is None
