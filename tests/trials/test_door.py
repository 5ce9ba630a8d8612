"""What would fail in every run is refused before the first, with the value and the way out."""

import functools
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest

from groupkit import sweep
from tests.trials.scenarios import drawn, sometimes

quiet = functools.partial(sweep, progress=False)


def plain(seed):
    return {}


@pytest.mark.parametrize(
    ("scenario", "over", "seeds", "error", "text"),
    [
        (plain, {}, 1, TypeError, "write 'async def' in place of 'def'"),
        (3, {}, 1, TypeError, "not 3"),
        (drawn, {"n": []}, 1, ValueError, r"over\['n'\] is empty"),
        (drawn, [], 1, ValueError, "over is an empty list"),
        (drawn, {"n": 5}, 1, TypeError, r"write \[5\] for just this one"),
        (drawn, {"n": "ab"}, 1, TypeError, r"a list of values, not 'ab'"),
        (drawn, [3], 1, TypeError, "3 is none"),
        (drawn, 7, 1, TypeError, "not 7"),
        (drawn, {"n": [1, 1]}, 1, ValueError, "has 1 twice"),
        (drawn, {"seed": [1]}, 1, ValueError, "cannot be called 'seed'"),
        (drawn, {"error": [1]}, 1, ValueError, "cannot be called 'error'"),
        (drawn, {3: [1]}, 1, TypeError, "not 3"),
        (drawn, {"m": [1]}, 1, TypeError, r"drawn\(seed, n=1\) cannot be called with \(seed, m=1\)"),
        (drawn, {}, 0, ValueError, "seeds=0 runs nothing"),
        (drawn, {}, -2, ValueError, "seeds=-2"),
        (drawn, {}, [], ValueError, "seeds is empty"),
        (drawn, {}, [1, 2, 1], ValueError, "the seed 1 is given twice"),
        (drawn, {}, [1.5], TypeError, "not 1.5"),
        (drawn, {}, True, TypeError, "not True"),
        (drawn, {}, "ab", TypeError, "not 'ab'"),
    ],
)
def test_refused_at_the_door(scenario, over, seeds, error, text):
    with pytest.raises(error, match=text):
        quiet(scenario, over, seeds)


def test_a_coroutine_in_place_of_its_function():
    with pytest.raises(TypeError, match="leave out the brackets"):
        quiet(drawn(1), {}, 1)


def test_what_is_no_executor():
    class Client:
        def submit(self, function, *arguments): ...

        def get_executor(self): ...

    with pytest.raises(TypeError, match="executor is a concurrent"):
        quiet(drawn, {}, 1, 4)
    with pytest.raises(TypeError, match=r"not .*: that is the client, give client.get_executor\(\)"):
        quiet(drawn, {}, 1, Client())
    with pytest.raises(TypeError, match=r": write ThreadPoolExecutor\(\)"):
        quiet(drawn, {}, 1, ThreadPoolExecutor)
    with pytest.raises(TypeError, match="progress is True or False"):
        sweep(drawn, {}, 1, progress="no")


@pytest.mark.parametrize(
    ("result", "error", "text"),
    [
        (3.5, TypeError, "returned 3.5: return a dict"),
        (None, TypeError, "returned None"),
        ({"n": 1}, ValueError, "a result called 'n', which is a parameter"),
        ({"seed": 1}, ValueError, "a result called 'seed', which is a column of every sweep"),
        ({3: 1}, TypeError, "a result called 3"),
    ],
)
def test_the_first_run_decides_whether_results_are_results(result, error, text):
    async def scenario(seed, n):
        return result

    with pytest.raises(error, match=text):
        quiet(scenario, {"n": [1]}, 3)


def test_a_later_result_that_is_none_is_an_error_in_its_row():
    async def forgets(seed):
        return {"n": seed} if seed != 1 else None

    frame = quiet(forgets, {}, 3)
    assert (
        frame["error"].tolist()[1]
        == "TypeError: forgets returned None: return a dict of results, such as {'downtime': 0.3}"
    )


def test_callable_objects_and_partials_will_do():
    class Scenario:
        async def __call__(self, seed):
            return {"n": seed}

    assert quiet(Scenario(), {}, 2)["n"].tolist() == [0, 1]
    assert quiet(functools.partial(sometimes, bad=9), {}, 2)["square"].tolist() == [0, 1]


def test_what_hides_its_async_def_is_told_from_what_has_none():
    @functools.wraps(drawn)
    def wrapped(*arguments, **params):
        return drawn(*arguments, **params)

    async def yields(seed):
        yield {}

    with pytest.raises(TypeError, match="; its decorator hides the 'async def'"):
        quiet(wrapped, {}, 1)
    with pytest.raises(TypeError, match="; it yields: return one dict instead"):
        quiet(yields, {}, 1)
    with pytest.raises(TypeError, match=r"; in place of a lambda, functools.partial"):
        quiet(lambda seed: drawn(seed), {}, 1)


def test_points_may_be_the_rows_of_a_frame():
    points = pd.DataFrame({"n": [1, 4], "more": [0.5, 2.0]})

    async def kinds(seed, n, more):
        return {"kinds": (type(n), type(more))}

    frame = quiet(kinds, points, 1)
    assert frame["n"].tolist() == [1, 4] and set(frame["kinds"]) == {(int, float)}
    with pytest.raises(TypeError, match="is none; give the whole DataFrame, or its rows as dicts"):
        quiet(kinds, [row for _, row in points.iterrows()], 1)


def test_a_point_given_twice_is_refused_whichever_way():
    with pytest.raises(ValueError, match=r"over has \{'n': 3\} twice: its runs would be counted twice"):
        quiet(drawn, [{"n": 3}, {"n": 4}, {"n": 3}], 1)
    with pytest.raises(ValueError, match=r"over\['n'\] has 3 twice"):
        quiet(drawn, {"n": [3, 4, 3]}, 1)
    with pytest.raises(ValueError, match=r"over\['n'\] has \(1, 2\) twice"):
        quiet(drawn, {"n": [(1, 2), (1, 2)]}, 1)
    assert len(quiet(drawn, {"n": [1, True]}, 1)) == 2


def test_a_whole_table_returned_by_mistake_makes_no_long_error():
    async def table(seed):
        return pd.DataFrame({"n": range(1000)})

    with pytest.raises(TypeError, match="table returned n 0 0 1 1") as refused:
        quiet(table, {}, 1)
    assert len(str(refused.value)) < 320 and "\n" not in str(refused.value)
