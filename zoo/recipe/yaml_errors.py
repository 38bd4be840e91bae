"""What is wrong with a YAML text, in words for people who write recipes."""

from __future__ import annotations

import re

from ruamel.yaml.error import MarkedYAMLError

INDENT = "lines of one section begin in the same column, those below a key further to the right"
# By a part of what ruamel.yaml says; `{begin}` is the line where what it read began.
WORDS = {
    r"found character '\\t'": "a tab begins the line; indent with spaces",
    "mapping values are not allowed": "the ':' opens a key where none can be; either the line is indented wrongly "
    f"({INDENT}), or a text with ': ' in it needs quotes",
    "expected <block end>, but found ('<block|'<scalar>|'-|'\\?)": "the line is indented otherwise than the section "
    f"that begins in line {{begin}}; {INDENT}",
    "(mapping keys|sequence entries) are not allowed": f"the line is indented wrongly; {INDENT}",
    "could not find expected ':'": "line {begin} is neither 'key: value' nor an item '- value'",
    "expected ',' or '}'": "the '{{' of line {begin} is not closed; expected ',' or '}}'",
    r"expected ',' or '\]'": "the '[' of line {begin} is not closed; expected ',' or ']'",
    "quoted scalar found unexpected": "the quoted text that begins in line {begin} is not closed",
    "found unknown escape character": "a text in double quotes has an unknown escape; write it in single quotes, "
    "or '\\' twice",
    "cannot start any token": "a text cannot begin with this character; quote it",
    "expected the node content|expected <block end>|expected '<document start>'": "there is a ',', ']' or '}}' "
    "too many",
    "found undefined tag handle|while scanning a tag": "YAML tags (!name) mean nothing here; quote a text that "
    "begins with '!'",
    "while scanning an? (anchor|alias)": "a text cannot begin with '&' or '*'; quote it",
    "directive|incompatible YAML document": "a line that begins with '%' means nothing here; take it out",
    "while scanning a block scalar": "the text after '|' or '>' is indented wrongly",
}


def explain_yaml(error: MarkedYAMLError) -> str:
    """Say what the parser says in plain words, with what was expected."""
    told = " ".join(part for part in (error.context, error.problem) if part)
    mark = error.context_mark or error.problem_mark
    begin = mark.line + 1 if mark else 1
    for pattern, words in WORDS.items():
        if re.search(pattern, told):
            return words.format(begin=begin)
    return told
