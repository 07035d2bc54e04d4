"""How exported pages look: the program's own paper and terracotta, in as much CSS as a page needs."""

from typing import Final

CODE_LIGHT: Final = "tango"
CODE_DARK: Final = "nord-darker"

PAGE: Final = """
:root { --ground: #FBF8F3; --panel: #F3EEE6; --line: #DDD5C8; --text: #26221C; --muted: #6B6255;
  --accent: #A8472A; --link: #8A3B22; }
@media (prefers-color-scheme: dark) { :root { --ground: #1B1917; --panel: #2B2723; --line: #3D3731;
  --text: #EDE7DD; --muted: #A89E90; --accent: #E08A66; --link: #E9A183; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text);
  font: 1.05rem/1.55 system-ui, "Noto Sans", sans-serif; overflow-wrap: anywhere; }
main { max-width: 46rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: 1rem; margin: 0 0 .5rem; }
h3, h4, h5, h6 { font-size: 1.05rem; margin: 1.25rem 0 .5rem; }
section h1 { font-size: 1.25rem; margin: 1.25rem 0 .5rem; }
section { margin: 1.75rem 0 0; }
section.user { background: var(--panel); border-radius: 8px; padding: .9rem 1.1rem; }
p { margin: 0 0 .75rem; }
section > :last-child, details > :last-child { margin-bottom: 0; }
a { color: var(--link); }
.when { color: var(--muted); font-size: .85rem; font-weight: 400; }
pre { background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: .8rem 1rem;
  overflow-x: auto; font: .9rem/1.5 ui-monospace, "Noto Sans Mono", monospace; overflow-wrap: normal; }
section.user pre { background: var(--ground); }
code { font: .92em ui-monospace, "Noto Sans Mono", monospace; }
pre code { font: inherit; }
table { display: block; overflow-x: auto; border-collapse: collapse; margin: 0 0 .75rem;
  overflow-wrap: normal; }
th, td { border: 1px solid var(--line); padding: .3rem .6rem; text-align: start; }
td { min-width: 3em; } td a { overflow-wrap: anywhere; }
blockquote { margin: 0 0 .75rem; padding: 0 0 0 1rem; border-inline-start: 3px solid var(--line); }
details { border: 1px solid var(--line); border-radius: 8px; padding: .5rem .9rem; margin: 0 0 .75rem;
  color: var(--muted); }
summary { cursor: pointer; }
aside { border-top: 1px solid var(--line); margin-top: .9rem; padding-top: .6rem; font-size: .9rem; }
.source q { color: var(--muted); }
article + article { border-top: 1px solid var(--line); margin-top: 3rem; padding-top: 2rem; }
.math.block { display: block; overflow: auto hidden; padding: .2rem 0; margin: 0 0 .75rem; }
@media print { details { border: 0; padding: 0; } section.user { border: 1px solid var(--line); } }
"""

PRINT: Final = """
body { font-family: sans-serif; font-size: 10.5pt; color: #26221C; }
h1 { font-size: 17pt; }
.who { font-size: 11pt; font-weight: bold; color: #A8472A; margin-top: 18px; margin-bottom: 4px; }
h3, h4, h5, h6 { font-size: 11.5pt; }
p { margin-top: 0; margin-bottom: 7px; } li { margin-bottom: 3px; }
pre, code { font-family: monospace; font-size: 9pt; } pre { white-space: pre-wrap; }
a { color: #8A3B22; text-decoration: none; }
.when { color: #6B6255; font-size: 9pt; font-weight: normal; }
.aside { color: #6B6255; font-size: 9.5pt; margin-left: 18px; }
.source { font-size: 9pt; margin-left: 14px; margin-bottom: 4px; }
th, td { padding: 4px; }
"""
