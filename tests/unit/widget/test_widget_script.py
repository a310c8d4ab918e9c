"""The one file that a script tag loads: joined from modules, or refused with the line at fault."""

from pathlib import Path

import pytest

from connectors.web.widget import WidgetSourceError, join_modules, widget_script


def write(folder: Path, **modules: str) -> Path:
    for name, source in modules.items():
        (folder / name.replace("_", ".")).write_text(source)
    return folder


def test_every_module_is_in_the_script_once_and_after_what_it_imports(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        main_js='import { b } from "./b.js";\nimport { a } from "./a.js";\nb(a);\n',
        b_js='import { a } from "./a.js";\nexport const b = (x) => x + a;\n',
        a_js="export const a = 1;\n",
    )
    script = join_modules(folder, "main.js")
    assert script.count("const a = 1;") == 1
    assert script.index("const $a_js") < script.index("const $b_js") < script.index("const $main_js")
    assert "import" not in script
    assert "export" not in script


def test_a_style_sheet_becomes_its_text(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        main_js='import css from "./look.css";\nuse(css);\n',
        look_css='/* no */ a {\n  content: "x";\n}\n',
    )
    assert r'const $look_css = "a { content: \"x\"; }";' in join_modules(folder, "main.js")


def test_documentation_is_left_out_and_casts_are_not(tmp_path: Path) -> None:
    source = "/** Says\n * why. */\n/** @type {Element} */ (document.body).click();\n/** b */\nconst b = 2;\n"
    script = join_modules(write(tmp_path, main_js=source), "main.js")
    assert "why" not in script
    assert "(document.body).click();" in script
    assert "const b = 2;" in script


def test_modules_that_import_each_other_are_refused_by_name(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        main_js='import { b } from "./b.js";\nexport const a = b;\n',
        b_js='import { a } from "./main.js";\nexport const b = a;\n',
    )
    with pytest.raises(WidgetSourceError, match=r"main\.js imports itself by way of main\.js → b\.js"):
        join_modules(folder, "main.js")


@pytest.mark.parametrize(
    "line", ['import * as a from "./a.js";', "export default 1;", 'export * from "./a.js";']
)
def test_an_import_or_export_that_cannot_be_joined_is_named(tmp_path: Path, line: str) -> None:
    with pytest.raises(WidgetSourceError, match=r"main\.js: .* can't be joined"):
        join_modules(write(tmp_path, main_js=line + "\n"), "main.js")


def test_the_served_script_has_a_hash_to_pin_and_holds_nothing_a_strict_policy_forbids() -> None:
    script = widget_script()
    assert script.integrity.startswith("sha384-")
    assert script.etag == widget_script().etag
    for forbidden in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "eval(",
        "new Function",
        'setAttribute("style"',
    ):
        assert forbidden not in script.text
