"""Runs Rasa's component graph without a scheduler.

Dask plans the graph anew on every run and hands its few nodes, which run one after the other anyway, through queues: an
eighth of a plain turn. The order depends on the targets only, so it is worked out once for each.
"""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import GraphNode
from rasa.engine.runner.dask import DaskGraphRunner

Step = tuple[str, GraphNode, tuple[str, ...]]


class StraightGraphRunner(DaskGraphRunner):
    """Same nodes, same results, in topological order."""

    def run(self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None) -> dict[str, Any]:
        """Runs what the targets need; `inputs` are the values of placeholders."""
        wanted = tuple(targets or self._graph_schema.target_names)
        done: dict[str, Any] = {name: (name, value) for name, value in (inputs or {}).items()}
        for name, node, parents in self._plan(wanted):
            done[name] = node(*(done.get(parent, parent) for parent in parents))
        return {name: done[name][1] for name in wanted}

    def _plan(self, targets: tuple[str, ...]) -> list[Step]:
        plans: dict[tuple[str, ...], list[Step]] = self.__dict__.setdefault("_plans", {})
        if targets not in plans:
            nodes = self._graph_schema.minimal_graph_schema(list(targets)).nodes
            plan: dict[str, Step] = {}

            def visit(name: str) -> None:
                if name in nodes and name not in plan:
                    parents = tuple(nodes[name].needs.values())
                    for parent in parents:
                        visit(parent)
                    plan[name] = (name, self._instantiated_nodes[name], parents)

            for name in nodes:
                visit(name)
            plans[targets] = list(plan.values())
        return plans[targets]
