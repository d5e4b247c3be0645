/** What the picture in the manual shows. */

const NAME = 'search.py';
const TEXT = `"""Search in sorted lists."""


def binary_search(items: list[int], wanted: int) -> int:
    """Return the index of a number in a sorted list, or -1."""
    low, high = 0, len(items) - 1
    


print(binary_search([1, 3, 5, 7, 9], 7))
`;
const lines = TEXT.split('\n');
const line = lines.findIndex((text) => /^ +$/.test(text));

/** The file, and the place in it where a suggestion is asked for. Line and column count from 1. */
export const README_FILE = {
  name: NAME,
  files: { [NAME]: TEXT },
  line: line + 1,
  column: (lines[line]?.length ?? 0) + 1,
  /** How a right answer goes. */
  right:
    /^while low <= high:\n {8}mid = \(low \+ high\) \/\/ 2\n {8}if items\[mid\] == wanted:\n {12}return mid\n/,
};

/** A tidy window: all of the file, and nothing around it that the picture is not about. */
export const README_SETTINGS: Readonly<Record<string, unknown>> = {
  'editor.fontSize': 18,
  'editor.lineHeight': 1.55,
  'editor.minimap.enabled': false,
  'editor.stickyScroll.enabled': false,
  'editor.scrollBeyondLastLine': false,
  'window.commandCenter': false,
  'workbench.layoutControl.enabled': false,
  'workbench.activityBar.location': 'hidden',
};

/** In pixels: the file fills it. */
export const README_WINDOW = { width: 1100, height: 660 };
